"""What an edition says of one unit: put together from its scores and their explanation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtindex import UsageError
from dtindex_service.problems import not_found
from dtindex_service.words import both

if TYPE_CHECKING:
    from dtindex import Edition, Explanation, Scores

__all__ = ["explained", "profile_of", "units_of"]


def units_of(scores: Scores, after: str, limit: int) -> list[dict[str, Any]]:
    """Units that are scored, in the order of their keys, from after one on."""
    rows = np.flatnonzero(scores.classified)
    found: dict[str, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(str(scores.units[row]), []).append(row)
    names = {language: scores.names(language) for language in ("en", "zh")}
    known = scores.periods_in_order
    listed = []
    for unit in sorted(one for one in found if one > after)[:limit]:
        own = found[unit]
        there = set() if scores.periods is None else {str(scores.periods[row]) for row in own}
        listed.append(
            {
                "unit": unit,
                "names": {language: str(names[language][own[0]]) for language in names},
                "periods": [period for period in known if period in there],
            }
        )
    return listed


def explained(
    scores: Scores,
    unit: str,
    *,
    against: str | None = None,
    period: str | None = None,
    against_period: str | None = None,
    node: str | None = None,
) -> Explanation:
    """What the unit's score is made of, or what sets it apart.

    Raises
    ------
    Refusal
        404 where the edition has no such unit.
    UsageError
        DT396 where the other side, the period or the node is none.
    """
    from dtindex import explain

    try:
        return explain(scores, unit, against=against, period=period, against_period=against_period, node=node)
    except UsageError as error:
        if any(one.code == "DT396" and one.place.unit == unit and unit != against for one in error.findings):
            raise not_found() from error
        raise


def profile_of(edition: Edition, scores: Scores, unit: str, period: str | None, node: str | None) -> dict[str, Any]:
    """The profile, as JSON-ready values; errors as :func:`explained`."""
    told = explained(scores, unit, period=period, node=node).to_dict()
    own = told["unit"]
    row = _row(scores, own["unit"], own["period"])
    return {
        "edition": {"name": edition.name, "hash": edition.hash},
        "unit": own["unit"],
        "names": own["names"],
        "period": own["period"],
        "periods": _periods(scores, own["unit"]),
        "groups": _groups(edition, scores, row),
        "node": told["node"],
        "score": own["score"],
        "rank": own["rank"],
        "ranked": told["peers"],
        "tiers": {name: str(tiers[row]) or None for name, tiers in scores.tier_values.items()},
        "classes": {scheme: str(classes[row]) or None for scheme, classes in scores.class_values.items()},
        "items": list(_items(scores, told["items"], row)),
        "measured": {
            item: _number(values[row]) for item, values in scores.measured_columns.items() if item not in scores.items
        },
        "strengths": told["strengths"],
        "weaknesses": told["weaknesses"],
        "findings": told["findings"],
    }


def _row(scores: Scores, unit: str, period: str | None) -> int:
    rows = scores.classified & (scores.units == unit)
    if period is not None and scores.periods is not None:
        rows &= scores.periods == period
    return int(np.flatnonzero(rows)[0])


def _periods(scores: Scores, unit: str) -> list[str]:
    if scores.periods is None:
        return []
    there = set(scores.periods[scores.classified & (scores.units == unit)].tolist())
    return [period for period in scores.periods_in_order if period in there]


def _groups(edition: Edition, scores: Scores, row: int) -> dict[str, str]:
    groups = edition.methodology.units.groups
    return {name: str(scores.table.texts[name][row]) for name in groups if name in scores.table.texts}


def _items(scores: Scores, lines: list[dict[str, Any]], row: int) -> Iterator[dict[str, Any]]:
    tree = scores.methodology.tree
    for line in lines:
        item, facts = line["item"], line["unit"]
        spec = tree.items[item]
        scored = item in scores.items
        column = scores.items.index(item) if scored else -1
        rank = int(scores.rank(item)[row]) if scored else 0
        yield {
            "item": item,
            "label": line["label"],
            "kind": "node" if tree.is_node(item) else "indicator",
            "parent": spec.parent,
            "depth": line["depth"],
            "score": facts["score"],
            "rank": rank or None,
            "percentile": _number(scores.percentiles.iat[row, column]) if scored else None,
            "coverage": _number(scores.coverage_values[row, column]) if scored else None,
            "status": str(scores.status.iat[row, column]) if scored else "",
            "weight": line["weight"],
            "value": facts["value"],
            "unit": None if spec.unit is None else both(spec.unit),
            "cells": facts["cells"],
            "source": line["source"],
            "source_text": line["source_text"],
            "contribution": line.get("contribution"),
            "full": line.get("full"),
        }


def _number(value: Any) -> float | None:
    """A number as files hold it."""
    number = float(value)
    return float(f"{number:.12g}") + 0.0 if np.isfinite(number) else None
