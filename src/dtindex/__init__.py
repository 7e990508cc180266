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
    from dtindex.analysis.diff import Difference, diff
    from dtindex.analysis.estimate import Estimates, estimate
    from dtindex.analysis.explain import Explanation, explain
    from dtindex.analysis.leave_out import LeaveOneOut, leave_one_out
    from dtindex.analysis.scenarios import Scenarios, scenarios
    from dtindex.analysis.sensitivity import Sensitivity, sensitivity
    from dtindex.analysis.simulate import Simulation, simulate
    from dtindex.analysis.validity import Validity, validity
    from dtindex.edition import Edition, load_edition
    from dtindex.findings import (
        CATALOGUE,
        DtindexError,
        Finding,
        Findings,
        InputError,
        LimitError,
        Place,
        Severity,
        UsageError,
        finding,
    )
    from dtindex.index import CompositeIndex
    from dtindex.output import frame_csv
    from dtindex.scores import Scores
    from dtindex.spec import Methodology, load_methodology, shipped_methodologies
    from dtindex.spec.uncertainty import Factor, Scenario
    from dtindex.status import Status
    from dtindex.synthetic import SyntheticSample, sample
    from dtindex.tables import Table, read_table

__all__ = [
    "CATALOGUE",
    "Classification",
    "CompositeIndex",
    "Difference",
    "DtindexError",
    "Edition",
    "Estimates",
    "Explanation",
    "Factor",
    "Finding",
    "Findings",
    "GroupComparison",
    "InputError",
    "LeaveOneOut",
    "LimitError",
    "Methodology",
    "Place",
    "Scenario",
    "Scenarios",
    "Scores",
    "Sensitivity",
    "Severity",
    "Simulation",
    "Status",
    "SyntheticSample",
    "Table",
    "UsageError",
    "Validity",
    "__version__",
    "classify",
    "compare",
    "diff",
    "estimate",
    "explain",
    "finding",
    "frame_csv",
    "leave_one_out",
    "load_edition",
    "load_methodology",
    "read_table",
    "sample",
    "scenarios",
    "sensitivity",
    "shipped_methodologies",
    "simulate",
    "validity",
]

_HOME = {
    "CATALOGUE": "dtindex.findings",
    "Classification": "dtindex.analysis.classify",
    "CompositeIndex": "dtindex.index",
    "Difference": "dtindex.analysis.diff",
    "DtindexError": "dtindex.findings",
    "Edition": "dtindex.edition",
    "Estimates": "dtindex.analysis.estimate",
    "Explanation": "dtindex.analysis.explain",
    "Factor": "dtindex.spec.uncertainty",
    "Finding": "dtindex.findings",
    "Findings": "dtindex.findings",
    "GroupComparison": "dtindex.analysis.compare",
    "InputError": "dtindex.findings",
    "LeaveOneOut": "dtindex.analysis.leave_out",
    "LimitError": "dtindex.findings",
    "Methodology": "dtindex.spec",
    "Place": "dtindex.findings",
    "Scenario": "dtindex.spec.uncertainty",
    "Scenarios": "dtindex.analysis.scenarios",
    "Scores": "dtindex.scores",
    "Sensitivity": "dtindex.analysis.sensitivity",
    "Severity": "dtindex.findings",
    "Simulation": "dtindex.analysis.simulate",
    "Status": "dtindex.status",
    "SyntheticSample": "dtindex.synthetic",
    "Table": "dtindex.tables",
    "UsageError": "dtindex.findings",
    "Validity": "dtindex.analysis.validity",
    "classify": "dtindex.analysis.classify",
    "compare": "dtindex.analysis.compare",
    "diff": "dtindex.analysis.diff",
    "estimate": "dtindex.analysis.estimate",
    "explain": "dtindex.analysis.explain",
    "finding": "dtindex.findings",
    "frame_csv": "dtindex.output",
    "leave_one_out": "dtindex.analysis.leave_out",
    "load_edition": "dtindex.edition",
    "load_methodology": "dtindex.spec",
    "read_table": "dtindex.tables",
    "sample": "dtindex.synthetic",
    "scenarios": "dtindex.analysis.scenarios",
    "sensitivity": "dtindex.analysis.sensitivity",
    "shipped_methodologies": "dtindex.spec",
    "simulate": "dtindex.analysis.simulate",
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
