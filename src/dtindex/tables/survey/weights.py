"""Sampling weights, and the columns of the survey's design."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, Severity, finding, nearest
from dtindex.spec.model import Methodology
from dtindex.spec.survey import Survey
from dtindex.tables.convert import Reading, convert
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.by_name import ByName
from dtindex.tables.table import FloatArray

__all__ = ["lacking_design", "sampling_weights"]

_NAMED = 12


def sampling_weights(
    raw: RawTable, survey: Survey, by_name: ByName, units: Sequence[str], findings: list[Finding]
) -> FloatArray | None:
    """Sampling weights: DT210 where one is negative or lacking (error), zero, or far above the median (warning)."""
    name = survey.weight
    if name is None:
        return None
    index = by_name(name)
    if index is None:
        message = f"no column {shown(name)} of sampling weights: estimates would take every respondent for one"
        findings.append(finding("DT210", message, Place(file=raw.file, sheet=raw.sheet, name=name), Severity.WARNING))
        return None
    numbers = convert(raw.columns[index], Reading(declares=False))
    for problem in numbers.problems:
        place = raw.place(problem.row, index, None if problem.row is None else units[problem.row])
        findings.append(finding(problem.code, problem.message, place, problem.severity))
    weights = numbers.values
    if np.isnan(weights).all() and not numbers.problems:
        message = (
            f"the column {shown(name)} of sampling weights is empty: estimates would take every respondent for one"
        )
        findings.append(finding("DT210", message, raw.place(None, index), Severity.WARNING))
        return None
    positive = weights[weights > 0]
    limit = survey.weight_at_most * float(np.median(positive)) if positive.size else np.inf
    odd = {problem.row for problem in numbers.problems}
    lacking = np.isnan(weights) & ~np.isin(np.arange(len(weights)), [row for row in odd if row is not None])

    def told(which: NDArray[np.bool_], what: str, severity: Severity) -> None:
        rows = np.flatnonzero(which)
        if rows.size:
            place = raw.place(int(rows[0]), index, units[int(rows[0])])
            findings.append(finding("DT210", f"{what}: {_named(units, rows)}", place, severity))

    with np.errstate(invalid="ignore"):
        told(lacking, "no weight: fill it in", Severity.ERROR)
        told(weights < 0, "a negative weight: correct it", Severity.ERROR)
        told(weights == 0, "a weight of 0, which takes the respondent out of every estimate", Severity.WARNING)
        far = f"a weight above {limit:.6g}, {survey.weight_at_most:g} times the median: check it, or trim it"
        told(weights > limit, far, Severity.WARNING)
    return weights


def _named(units: Sequence[str], rows: NDArray[np.intp]) -> str:
    who = ", ".join(units[row] for row in rows[:_NAMED].tolist())
    return who + (f" and {rows.size - _NAMED:,} more" if rows.size > _NAMED else "")


def lacking_design(raw: RawTable, methodology: Methodology, columns: Container[str]) -> list[Finding]:
    """DT350 for columns of the design or the calibration that are not among ``columns``, by folded name."""
    survey = methodology.survey or Survey()
    found: list[Finding] = []
    items = methodology.tree.items.values()
    derived = {*methodology.units.groups, *(item.id for item in items)}
    for name in dict.fromkeys(survey.columns_beside):
        if ":" in name or name in derived or fold(name) in columns:
            continue
        guess = nearest(name, raw.header)
        hint = f"rename {shown(guess)}, which is the nearest" if guess else "add it"
        message = f"no column {shown(name)} of the survey's design: {hint}; scores can do without, estimates cannot"
        found.append(finding("DT350", message, Place(file=raw.file, sheet=raw.sheet, name=name), Severity.WARNING))
    return found
