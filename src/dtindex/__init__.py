"""dtindex: from a methodology and a table to scores, ranks and classes that can be defended in public.

The public names load on first use, so that ``import dtindex`` costs nothing that is not asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dtindex._version import __version__

if TYPE_CHECKING:
    from dtindex.analysis.classify import Classification, classify
    from dtindex.analysis.compare import GroupComparison, compare
    from dtindex.analysis.estimate import Estimates, estimate
    from dtindex.analysis.validity import Validity, validity
    from dtindex.edition import Edition, load_edition
    from dtindex.findings import DtindexError, Finding, Findings, InputError, LimitError, Severity, UsageError
    from dtindex.index import CompositeIndex
    from dtindex.scores import Scores
    from dtindex.spec import Methodology, load_methodology, shipped_methodologies
    from dtindex.status import Status
    from dtindex.synthetic import SyntheticSample, sample
    from dtindex.tables import Table, read_table

__all__ = [
    "Classification",
    "CompositeIndex",
    "DtindexError",
    "Edition",
    "Estimates",
    "Finding",
    "Findings",
    "GroupComparison",
    "InputError",
    "LimitError",
    "Methodology",
    "Scores",
    "Severity",
    "Status",
    "SyntheticSample",
    "Table",
    "UsageError",
    "Validity",
    "__version__",
    "classify",
    "compare",
    "estimate",
    "load_edition",
    "load_methodology",
    "read_table",
    "sample",
    "shipped_methodologies",
    "validity",
]

_HOME = {
    "Classification": "dtindex.analysis.classify",
    "CompositeIndex": "dtindex.index",
    "DtindexError": "dtindex.findings",
    "Edition": "dtindex.edition",
    "Estimates": "dtindex.analysis.estimate",
    "Finding": "dtindex.findings",
    "Findings": "dtindex.findings",
    "GroupComparison": "dtindex.analysis.compare",
    "InputError": "dtindex.findings",
    "LimitError": "dtindex.findings",
    "Methodology": "dtindex.spec",
    "Scores": "dtindex.scores",
    "Severity": "dtindex.findings",
    "Status": "dtindex.status",
    "SyntheticSample": "dtindex.synthetic",
    "Table": "dtindex.tables",
    "UsageError": "dtindex.findings",
    "Validity": "dtindex.analysis.validity",
    "classify": "dtindex.analysis.classify",
    "compare": "dtindex.analysis.compare",
    "estimate": "dtindex.analysis.estimate",
    "load_edition": "dtindex.edition",
    "load_methodology": "dtindex.spec",
    "read_table": "dtindex.tables",
    "sample": "dtindex.synthetic",
    "shipped_methodologies": "dtindex.spec",
    "validity": "dtindex.analysis.validity",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
