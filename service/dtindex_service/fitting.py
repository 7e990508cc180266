"""Freezing, as a child process does it: from a methodology and cells to an edition. Needs nothing of the web."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dtindex import Findings, UsageError, finding
from dtindex_service.words import both

if TYPE_CHECKING:
    from dtindex import Edition, Methodology, Scores

__all__ = ["about_of", "frozen"]

_EQUAL = "equal"


def frozen(
    name: str, methodology: Mapping[str, str], cells: str | None, assume: str | None
) -> tuple[Edition, Scores, Findings]:
    """An edition, the scores of its own table, and what was found on the way.

    Raises
    ------
    DtindexError
        As reading, fitting and freezing do; DT052 for an assumption that the methodology does not have (no file is
        read for one).
    """
    from dtindex import CompositeIndex, load_cells, read_table

    known = _read(methodology)
    if assume is not None and assume != _EQUAL and assume not in known.assumptions:
        there = ", ".join([_EQUAL, *known.assumptions])
        raise UsageError([finding("DT052", f"the methodology has no assumption of that name; there are {there}")])
    index = CompositeIndex(known, assume=assume)
    table = None if cells is None else read_table(load_cells(cells), known)
    index.fit(table)
    edition = index.freeze(name)
    scores = index.score()
    found = dict.fromkeys([*index.methodology_.findings, *index.reference_.findings, *scores.findings])
    return edition, scores, Findings(found)


def _read(spelling: Mapping[str, str]) -> Methodology:
    from dtindex import load_methodology, parse_methodology

    if "shipped" in spelling:
        return load_methodology(spelling["shipped"])
    methodology, findings = parse_methodology(spelling["text"], "methodology")
    findings.raise_errors()
    assert methodology is not None
    return methodology


def about_of(edition: Edition, scores: Scores | None = None) -> dict[str, Any]:
    """Figures of an edition that lists show; ``scores`` are those of its own table, where they are known already."""
    table = edition.table
    if scores is None and table is not None:
        scores = edition.score()
    return {
        "title": both(edition.methodology.title),
        "rows": None if table is None else len(table),
        "units": None if scores is None else len(set(scores.units[scores.classified].tolist())),
        "periods": [] if scores is None else scores.periods_in_order,
        "roots": list(edition.methodology.tree.roots),
        "items": len(edition.fitted.plan.items),
        "table_hash": edition.table_hash,
        "assumptions": list(edition.fitted.assumptions),
        "synthetic": None if scores is None else scores.synthetic,
    }
