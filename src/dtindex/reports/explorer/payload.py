"""What a page knows: the index, its units and every figure of them, in both languages, as one document of JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex._version import __version__
from dtindex.output import class_counts, comparison_dict, twelve
from dtindex.reports.explorer.model import model_of
from dtindex.reports.explorer.packed import packed
from dtindex.reports.tiles import TILES
from dtindex.scores import Scores
from dtindex.spec.base import Language, Text, text
from dtindex.spec.classes import ClassRule
from dtindex.spec.provenance import provenances
from dtindex.status import status_text
from dtindex.tables.read import codelist_of

if TYPE_CHECKING:
    from dtindex.analysis.rank_bounds import RankBounds
    from dtindex.analysis.simulate import Simulation
    from dtindex.findings import Findings

__all__ = ["MOST_UNITS", "Part", "parts_of", "payload_of", "shown_rows"]

MOST_UNITS = 5000
"""Rows that one page holds."""
_MOST_CELLS = 2000
"""Imputed and treated cells that a page lists."""
_CODELIST = "cn-province"
Both = dict[str, str]


def both(said: Callable[[Language], str]) -> Both:
    """A text in both languages."""
    return {"en": said("en"), "zh": said("zh")}


@dataclass(frozen=True, slots=True)
class Part:
    """Which of several pages this is, and where the others are: an address with ``{part}``, or None."""

    at: int = 1
    all: int = 1
    address: str | None = None


def parts_of(scores: Scores) -> int:
    """How many pages a table takes."""
    return max(1, -(-len(scores) // MOST_UNITS))


def shown_rows(scores: Scores, part: int = 1, most: int = MOST_UNITS) -> NDArray[np.intp]:
    """Positions of the rows of a page, in the order of files; of several, the first has those that rank best."""
    order = scores.sorted_rows()
    if len(order) <= most:
        return order
    ranks = scores.rank(scores.root)[order]
    best = np.lexsort((np.arange(len(order)), np.where(ranks == 0, np.iinfo(np.int64).max, ranks)))
    return order[np.sort(best[(part - 1) * most : part * most])]


_WHOLE = Part()


def payload_of(
    scores: Scores,
    *,
    language: Language = "zh",
    findings: Findings | None = None,
    edition: tuple[str, str] | None = None,
    simulation: Simulation | None = None,
    bounds: RankBounds | None = None,
    survey: dict[str, Any] | None = None,
    geography: dict[str, Any] | None = None,
    part: Part = _WHOLE,
) -> dict[str, Any]:
    """Everything that a page shows.

    Parameters
    ----------
    scores
        The index as it stands; 5,000 of its rows are taken at most (:func:`shown_rows`).
    findings
        What was found on the way; those of the scores unless given.
    edition
        Name and hash of the edition that scored.
    simulation, bounds, survey, geography
        What was asked beside; None leaves the view out.
    part
        Which rows, where one page does not hold all.
    """
    rows = shown_rows(scores, part.at)
    methodology = scores.methodology
    return {
        "schema": 1,
        "generator": f"dtindex {__version__}",
        "language": language,
        "index": _index(scores, edition),
        "items": [_item(scores, item) for item in scores.items],
        "sources": [_source(source) for source in methodology.sources],
        "units": _units(scores, rows),
        "periods": scores.periods_in_order,
        "ranks": {item: scores.rank(item)[rows].tolist() for item in scores.items},
        "coverage": {node.id: packed(scores.node_coverage[rows, at]) for at, node in enumerate(methodology.nodes)},
        "status_words": _status_words(scores, rows),
        "measured": {item: packed(values[rows]) for item, values in scores.measured_columns.items()},
        "published": {one.item: packed(one.given[rows]) for one in scores.comparisons if one.kind == "published"},
        "contributions": _contributions(scores, rows),
        "tiers": _tiers(scores, rows),
        "classes": _classes(scores, rows),
        "comparisons": [comparison_dict(one) for one in scores.comparisons],
        "findings": [one.to_dict() for one in (scores.findings if findings is None else findings)],
        "quality": _quality(scores),
        "simulation": None if simulation is None else _simulation(simulation),
        "rank_bounds": None if bounds is None else _bounds(bounds),
        "survey": survey,
        "tiles": _tiles(scores),
        "map": geography,
        "left_out": len(scores) - len(rows),
        "part": {"at": part.at, "all": part.all, "address": part.address},
        "model": model_of(scores, rows),
        "scores": None if scores.reference is None else _scores(scores, rows),
    }


def _scores(scores: Scores, rows: NDArray[np.intp]) -> dict[str, dict[str, str]]:
    """Scores where the page has no model that holds them."""
    return {item: packed(scores.values[rows, at]) for at, item in enumerate(scores.items)}


def _index(scores: Scores, edition: tuple[str, str] | None) -> dict[str, Any]:
    methodology = scores.methodology
    units = methodology.units
    orientation = methodology.tree.nodes[scores.root].spec.orientation
    return {
        "id": methodology.id,
        "root": scores.root,
        "roots": list(methodology.tree.roots),
        "title": both(lambda language: text(methodology.title, language, methodology.id)),
        "hash": methodology.hash,
        "scores_hash": methodology.scores_hash,
        "edition": None if edition is None else {"name": edition[0], "hash": edition[1]},
        "assumptions": list(scores.assumptions),
        "synthetic": scores.synthetic,
        "units_kind": units.kind,
        "orientation": orientation or "better",
        "ranked": int(scores.ranked.sum()),
    }


def _item(scores: Scores, item: str) -> dict[str, Any]:
    tree = scores.methodology.tree
    spec = tree.items[item]
    node = tree.is_node(item)
    scale = scores.plan.scales[item]
    found: dict[str, Any] = {
        "id": item,
        "kind": "node" if node else "indicator",
        "parent": spec.parent,
        "label": both(spec.name),
        "note": None if spec.note is None else both(lambda language: text(spec.note, language)),
        "scale": None if scale == "open" else [float(scale[0]), float(scale[1])],
        "decimals": scores.printed_decimals(item),
        "unit": None if spec.unit is None else both(lambda language: text(spec.unit, language)),
        "source": spec.source,
        "column": spec.column,
        "published": spec.published,
        "tags": list(spec.tags),
        "effective": twelve(scores.effective[item]) if item in scores.effective else None,
        "provenance": _provenance(scores, item),
    }
    if node:
        settings = tree.nodes[item]
        return found | {"aggregate": settings.aggregate.method, "weights": settings.weights.method}
    chosen = tree.indicators[item]
    return found | {
        "column": chosen.column,
        "direction": chosen.direction,
        "normalise": {
            name: value
            for name, value in chosen.normalise.model_dump(mode="json", exclude_none=True).items()
            if isinstance(value, (str, int, float))
        },
        "impute": chosen.impute.method,
        "treat": chosen.treat.method,
    }


def _provenance(scores: Scores, item: str) -> list[dict[str, Any]]:
    pairs = zip(provenances(scores.methodology, "en"), provenances(scores.methodology, "zh"), strict=True)
    return [
        {"parameter": en.parameter, "origin": str(en.origin), "check": {"en": en.check, "zh": zh.check}}
        for en, zh in pairs
        if en.item == item
    ]


def _source(source: Any) -> dict[str, Any]:
    texts = {name: _said(getattr(source, name)) for name in ("title", "publisher", "note")}
    plain = {name: getattr(source, name) for name in ("year", "pages", "url", "licence") if getattr(source, name)}
    return {"id": source.id, **{name: said for name, said in texts.items() if said is not None}, **plain}


def _said(value: Text | None) -> Both | None:
    return None if value is None else both(lambda language: text(value, language))


def _units(scores: Scores, rows: NDArray[np.intp]) -> dict[str, Any]:
    codelist = codelist_of(scores.methodology)
    keys = [str(key) for key in scores.units[rows]]
    groups: dict[str, list[Both]] = {}
    for name in scores.methodology.units.groups:
        if name in scores.table.texts:
            column = scores.table.texts[name]
            labels = {} if codelist is None else codelist.group_labels
            groups[name] = [{"zh": str(one), "en": labels.get((name, str(one)), str(one))} for one in column[rows]]
    codes = None
    if codelist is not None:
        known = {unit.name: unit.code for unit in codelist.units}
        codes = [known.get(key, "") for key in keys]
    return {
        "keys": keys,
        "names": {
            "en": [str(name) for name in scores.names("en")[rows]],
            "zh": [str(name) for name in scores.names("zh")[rows]],
        },
        "periods": None if scores.periods is None else [str(one) for one in scores.periods[rows]],
        "codes": codes,
        "groups": groups,
    }


def _status_words(scores: Scores, rows: NDArray[np.intp]) -> dict[str, Both]:
    flags = np.unique(scores.flags[rows]) if len(rows) else np.empty(0, dtype=np.uint16)
    return {str(int(one)): {"en": status_text(int(one)), "zh": status_text(int(one), "zh")} for one in flags}


def _contributions(scores: Scores, rows: NDArray[np.intp]) -> dict[str, Any] | None:
    """Points of each item in the first root's score; None where a node there has no decomposition."""
    if not scores.methodology.tree.children[scores.root]:
        return None
    points = scores.told(scores.root, rows).points
    return {"node": scores.root, "points": {item: packed(np.asarray(points[item])) for item in points}}


def _tiers(scores: Scores, rows: NDArray[np.intp]) -> list[dict[str, Any]]:
    found = []
    methods = {rule.node: rule.method for rule in scores.methodology.tiers}
    for rule in scores.tier_rules:
        if rule.node in scores.tier_values:
            stated = [one for one in _provenance(scores, rule.node) if one["parameter"] == "tiers"]
            found.append(
                {
                    "node": rule.node,
                    "method": methods[rule.node],
                    "origin": stated[0]["origin"] if stated else None,
                    "check": stated[0]["check"] if stated else None,
                    "levels": [
                        {"id": level.id, "label": _label(level.label, level.id), "at_least": level.at_least}
                        for level in rule.levels
                    ],
                    "of": scores.tier_values[rule.node][rows].tolist(),
                }
            )
    return found


def _classes(scores: Scores, rows: NDArray[np.intp]) -> list[dict[str, Any]]:
    counts = class_counts(scores)
    found = []
    for scheme, of in scores.class_values.items():
        rules = [rule for rule in scores.methodology.classes if rule.scheme == scheme]
        found.append(
            {
                "scheme": scheme,
                "rules": [_class(rule) for rule in rules],
                "counts": counts[scheme],
                "of": of[rows].tolist(),
            }
        )
    return found


def _class(rule: ClassRule) -> dict[str, Any]:
    origin = getattr(rule.provenance, "origin", rule.provenance)
    return {
        "id": rule.id,
        "label": _label(rule.label, rule.id),
        "origin": None if origin is None else str(origin),
    }


def _label(label: Text | None, default: str) -> Both:
    return both(lambda language: text(label, language, default))


def _quality(scores: Scores) -> dict[str, Any]:
    imputed, treated, out = scores.imputed, scores.treated, scores.screening
    return {
        "imputed": {"count": len(imputed), "cells": _records(imputed.iloc[:_MOST_CELLS])},
        "treated": {"count": len(treated), "cells": _records(treated.iloc[:_MOST_CELLS])},
        "screened": {"count": len(out), "cells": _records(out.iloc[:_MOST_CELLS])},
    }


def _records(frame: Any) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """A cell as JSON holds it: numbers in 12 digits, None for what is none."""
    if value is None or value != value:
        return None
    if isinstance(value, (float, np.floating)):
        return twelve(float(value))
    return int(value) if isinstance(value, np.integer) else value


def _simulation(found: Simulation) -> dict[str, Any]:
    intervals = found.rank_intervals
    said: dict[str, Any] = {
        "node": found.node,
        "period": found.period,
        "runs": found.runs,
        "asked": found.asked,
        "seed": found.seed,
        "confidence": found.confidence,
        "default_factors": found.default_factors,
        "factors": [{"id": one.id, "label": _label(one.label, one.id)} for one in getattr(found, "factors", ())],
        "units": [str(unit) for unit in intervals.index],
        "intervals": {
            str(name): [_plain(value) for value in intervals[name].tolist()]
            for name in intervals.columns
            if name != "name"
        },
    }
    if len(intervals) <= 300:
        chances = found.rank_probabilities
        said["rank_probabilities"] = _sparse(chances.to_numpy(dtype=np.float64))
    tiers = found.tier_probabilities
    if tiers.shape[1]:
        columns = [name for name in tiers.columns if name != "name"]
        said["tier_probabilities"] = {str(name): [_plain(value) for value in tiers[name].tolist()] for name in columns}
    return said


def _bounds(found: RankBounds) -> dict[str, Any]:
    frame = found.bounds
    ends = {end: [int(rank) for rank in frame[end]] for end in ("best", "worst")}
    return {"node": found.node, "period": found.period, "units": [str(unit) for unit in frame.index], **ends}


def _sparse(chances: NDArray[np.float64]) -> list[list[Sequence[float]]]:
    """Of each unit ``[rank, probability]`` for the ranks that it had in a run."""
    return [
        [[at + 1, float(f"{chance:.4g}")] for at, chance in enumerate(row.tolist()) if chance > 0] for row in chances
    ]


def _tiles(scores: Scores) -> list[dict[str, Any]] | None:
    codelist = codelist_of(scores.methodology)
    if scores.methodology.units.codelist != _CODELIST or codelist is None:
        return None
    by_code = {unit.code: unit for unit in codelist.units}
    return [
        {
            "code": tile.code,
            "key": by_code[tile.code].name,
            "short": tile.short,
            "name": {"zh": by_code[tile.code].name, "en": by_code[tile.code].en},
            "x": tile.column,
            "y": tile.row,
        }
        for tile in TILES
    ]
