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
    from dtindex.analysis.completed import Completed, completed
    from dtindex.analysis.diff import Difference, diff
    from dtindex.analysis.estimate import EstimateParts, Estimates, estimate, estimate_parts
    from dtindex.analysis.explain import Explanation, explain
    from dtindex.analysis.leave_out import LeaveOneOut, leave_one_out
    from dtindex.analysis.parts import Parts
    from dtindex.analysis.pooling import Pooled, pool
    from dtindex.analysis.rank_bounds import RankBounds, RankBoundsParts, rank_bounds, rank_bounds_parts
    from dtindex.analysis.rank_sets import RankSets, rank_sets
    from dtindex.analysis.scenarios import Scenarios, scenarios
    from dtindex.analysis.sensitivity import Sensitivity, SensitivityParts, sensitivity, sensitivity_parts
    from dtindex.analysis.simulate import Simulation, SimulationParts, simulate, simulation_parts
    from dtindex.analysis.tiers import TierStability, tier_stability
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
    from dtindex.output import Run, frame_csv, json_text, long_csv, run_record, twelve_each, wide_csv
    from dtindex.reports import figures
    from dtindex.reports.explorer import Explorer, explorer
    from dtindex.reports.report import report
    from dtindex.reports.workbook import Workbook, workbook
    from dtindex.scores import Scores
    from dtindex.spec import Methodology, json_schema, load_methodology, parse_methodology, shipped_methodologies
    from dtindex.spec.uncertainty import Factor, Scenario
    from dtindex.spec.uncertainty_file import parse_factors
    from dtindex.status import Status, status_text
    from dtindex.synthetic import SyntheticSample, sample
    from dtindex.tables import Table, read_table
    from dtindex.tables.inspection import Inspection, inspect_table
    from dtindex.tables.limits import Limits
    from dtindex.tables.raw import RawTable
    from dtindex.tables.stored import load_cells, stored_notes
    from dtindex.tables.template import write_template
    from dtindex.unit import UnitScore

__all__ = [
    "CATALOGUE",
    "Classification",
    "Completed",
    "CompositeIndex",
    "Difference",
    "DtindexError",
    "Edition",
    "EstimateParts",
    "Estimates",
    "Explanation",
    "Explorer",
    "Factor",
    "Finding",
    "Findings",
    "GroupComparison",
    "InputError",
    "Inspection",
    "LeaveOneOut",
    "LimitError",
    "Limits",
    "Methodology",
    "Parts",
    "Place",
    "Pooled",
    "RankBounds",
    "RankBoundsParts",
    "RankSets",
    "RawTable",
    "Run",
    "Scenario",
    "Scenarios",
    "Scores",
    "Sensitivity",
    "SensitivityParts",
    "Severity",
    "Simulation",
    "SimulationParts",
    "Status",
    "SyntheticSample",
    "Table",
    "TierStability",
    "UnitScore",
    "UsageError",
    "Validity",
    "Workbook",
    "__version__",
    "classify",
    "compare",
    "completed",
    "diff",
    "estimate",
    "estimate_parts",
    "explain",
    "explorer",
    "figures",
    "finding",
    "frame_csv",
    "inspect_table",
    "json_schema",
    "json_text",
    "leave_one_out",
    "load_cells",
    "load_edition",
    "load_methodology",
    "long_csv",
    "parse_factors",
    "parse_methodology",
    "pool",
    "rank_bounds",
    "rank_bounds_parts",
    "rank_sets",
    "read_table",
    "report",
    "run_record",
    "sample",
    "scenarios",
    "sensitivity",
    "sensitivity_parts",
    "shipped_methodologies",
    "simulate",
    "simulation_parts",
    "status_text",
    "stored_notes",
    "tier_stability",
    "twelve_each",
    "validity",
    "wide_csv",
    "workbook",
    "write_template",
]

_HOME = {
    "CATALOGUE": "dtindex.findings",
    "Classification": "dtindex.analysis.classify",
    "Completed": "dtindex.analysis.completed",
    "CompositeIndex": "dtindex.index",
    "Difference": "dtindex.analysis.diff",
    "DtindexError": "dtindex.findings",
    "Edition": "dtindex.edition",
    "EstimateParts": "dtindex.analysis.estimate",
    "Estimates": "dtindex.analysis.estimate",
    "Explanation": "dtindex.analysis.explain",
    "Explorer": "dtindex.reports.explorer",
    "Factor": "dtindex.spec.uncertainty",
    "Finding": "dtindex.findings",
    "Findings": "dtindex.findings",
    "GroupComparison": "dtindex.analysis.compare",
    "InputError": "dtindex.findings",
    "Inspection": "dtindex.tables.inspection",
    "LeaveOneOut": "dtindex.analysis.leave_out",
    "LimitError": "dtindex.findings",
    "Limits": "dtindex.tables.limits",
    "Methodology": "dtindex.spec",
    "Parts": "dtindex.analysis.parts",
    "Place": "dtindex.findings",
    "Pooled": "dtindex.analysis.pooling",
    "RankBounds": "dtindex.analysis.rank_bounds",
    "RankBoundsParts": "dtindex.analysis.rank_bounds",
    "RankSets": "dtindex.analysis.rank_sets",
    "RawTable": "dtindex.tables.raw",
    "Run": "dtindex.output",
    "Scenario": "dtindex.spec.uncertainty",
    "Scenarios": "dtindex.analysis.scenarios",
    "Scores": "dtindex.scores",
    "Sensitivity": "dtindex.analysis.sensitivity",
    "SensitivityParts": "dtindex.analysis.sensitivity",
    "Severity": "dtindex.findings",
    "Simulation": "dtindex.analysis.simulate",
    "SimulationParts": "dtindex.analysis.simulate",
    "Status": "dtindex.status",
    "SyntheticSample": "dtindex.synthetic",
    "Table": "dtindex.tables",
    "TierStability": "dtindex.analysis.tiers",
    "UnitScore": "dtindex.unit",
    "UsageError": "dtindex.findings",
    "Validity": "dtindex.analysis.validity",
    "Workbook": "dtindex.reports.workbook",
    "classify": "dtindex.analysis.classify",
    "compare": "dtindex.analysis.compare",
    "completed": "dtindex.analysis.completed",
    "diff": "dtindex.analysis.diff",
    "estimate": "dtindex.analysis.estimate",
    "estimate_parts": "dtindex.analysis.estimate",
    "explain": "dtindex.analysis.explain",
    "explorer": "dtindex.reports.explorer",
    "figures": "dtindex.reports",
    "finding": "dtindex.findings",
    "frame_csv": "dtindex.output",
    "inspect_table": "dtindex.tables.inspection",
    "json_schema": "dtindex.spec",
    "json_text": "dtindex.output",
    "leave_one_out": "dtindex.analysis.leave_out",
    "load_cells": "dtindex.tables.stored",
    "load_edition": "dtindex.edition",
    "load_methodology": "dtindex.spec",
    "long_csv": "dtindex.output",
    "parse_factors": "dtindex.spec.uncertainty_file",
    "parse_methodology": "dtindex.spec",
    "pool": "dtindex.analysis.pooling",
    "rank_bounds": "dtindex.analysis.rank_bounds",
    "rank_bounds_parts": "dtindex.analysis.rank_bounds",
    "rank_sets": "dtindex.analysis.rank_sets",
    "read_table": "dtindex.tables",
    "report": "dtindex.reports.report",
    "run_record": "dtindex.output",
    "sample": "dtindex.synthetic",
    "scenarios": "dtindex.analysis.scenarios",
    "sensitivity": "dtindex.analysis.sensitivity",
    "sensitivity_parts": "dtindex.analysis.sensitivity",
    "shipped_methodologies": "dtindex.spec",
    "simulate": "dtindex.analysis.simulate",
    "simulation_parts": "dtindex.analysis.simulate",
    "status_text": "dtindex.status",
    "stored_notes": "dtindex.tables.stored",
    "tier_stability": "dtindex.analysis.tiers",
    "twelve_each": "dtindex.output",
    "validity": "dtindex.analysis.validity",
    "wide_csv": "dtindex.output",
    "workbook": "dtindex.reports.workbook",
    "write_template": "dtindex.tables.template",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
