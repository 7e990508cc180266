"""Analyses of an edition: how each is asked for, and which tables it has. Worked out in a child process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from dtindex import Edition
    from dtindex_service.work.bench import Bench

__all__ = ["ANALYSES", "document", "frame_of", "result_of"]

ANALYSES: Mapping[str, tuple[str, ...]] = {
    "estimates": ("estimates",),
    "classes": ("units", "shares", "crosstab", "bounds", "profiles", "profile_numbers", "calibration"),
    "validity": ("correlations", "flags", "reliability", "items", "sampling", "eigenvalues", "importance"),
    "compare": ("units", "items", "summary"),
    "rank-bounds": ("bounds", "dominance", "witnesses", "stability", "pairwise", "tiers"),
    "rank-sets": ("sets", "above", "rank_law"),
}
"""Tables of each, by the name that addresses have."""


def result_of(bench: Bench, kind: str, edition: str, other: str | None, asked: dict[str, Any]) -> Any:
    """Ask the library.

    Raises
    ------
    DtindexError
        As the library does.
    """
    from dtindex import classify, diff, estimate, rank_bounds, rank_sets, validity

    if kind == "rank-bounds":
        return rank_bounds(bench.edition(edition), **asked, workers=1)
    if kind == "rank-sets":
        groups = asked["by"]
        settings = {name: value for name, value in asked.items() if name not in ("by", "node" if groups else "of")}
        return rank_sets(bench.edition(edition), by=groups, **settings, workers=1)
    scores = bench.scores(edition)
    if kind == "compare":
        assert other is not None
        periods = asked["periods"]
        pair = None if periods is None else (periods[0], periods[1])
        return diff(scores, bench.scores(other), node=asked["node"], periods=pair)
    if kind == "estimates":
        return estimate(scores, **asked)
    if kind == "classes":
        settings = dict(asked)
        scheme = settings.pop("scheme") or _first_scheme(scores.class_values)
        return classify(scores, scheme, **settings)
    return validity(scores, **asked)


def _first_scheme(known: Mapping[str, Any]) -> str:
    """The scheme of that name is the one that is meant, where there is one."""
    return "class" if "class" in known else next(iter(known), "class")


def document(edition: Edition, kind: str, found: Any) -> bytes:
    """Everything of a result as JSON."""
    from dtindex import json_text

    head = {"edition": {"name": edition.name, "hash": edition.hash}} if kind != "compare" else {}
    return json_text(head | found.to_dict()).encode("utf-8", "replace")


def frame_of(kind: str, found: Any, table: str) -> pd.DataFrame:
    """One table of a result, its columns as the command line writes them.

    Raises
    ------
    UsageError
        DT024 where the result has no such table.
    """
    if kind in ("rank-bounds", "rank-sets"):
        return _of_ranks(found, table)
    if kind == "estimates":
        frame: pd.DataFrame = found.frame
    elif kind == "compare":
        frame = {"units": found.units.reset_index(), "items": found.items, "summary": found.summary}[table]
    elif kind == "classes" and table == "units":
        frame = found.wide
    else:
        frame = found.tables[table]
    return frame


def _of_ranks(found: Any, table: str) -> pd.DataFrame:
    """A table of bounds or sets, the units in its first column."""
    from dtindex import UsageError, finding

    own: pd.DataFrame | None = found.rank_probabilities if table == "rank_law" else getattr(found, table)
    if own is None:
        raise UsageError([finding("DT024", f"there is no {table!r} of this edition with these weights")])
    named = own.rename(columns=str)
    return named if table in ("witnesses", "stability") else named.reset_index()
