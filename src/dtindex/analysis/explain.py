"""Why a unit's score is what it is: by itself, against another unit, the mean of its peers or the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.explanation.cells import Cells
from dtindex.analysis.explanation.lines import Facts, Line, lines_alone, lines_between, source_text, table_of
from dtindex.analysis.explanation.mean_unit import mean_unit
from dtindex.analysis.explanation.rows import node_of, peers_of, period_of, row_of
from dtindex.analysis.plain import plain
from dtindex.findings import Finding, Findings, Place, Severity, UsageError, finding
from dtindex.scores import Scores
from dtindex.spec.base import Language
from dtindex.status import flag_names
from dtindex.steps.decompose import Walked, differences, method_of
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex

__all__ = ["Explanation", "Side", "explain"]

_FIVE = 5
Kind = Literal["alone", "unit", "mean", "best"]


@dataclass(frozen=True, slots=True)
class Side:
    """A unit in a period, or the mean of its peers: its score of the node, and its rank among the ranked ones."""

    unit: str
    """Key of the unit; ``mean`` for the mean."""
    names: Mapping[Language, str]
    period: str | None
    score: float
    rank: int | None


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What a score, or the difference of two, is made of, down to the cells of the table."""

    scores: Scores
    node: str
    kind: Kind
    own: Side
    other: Side | None
    lines: tuple[Line, ...]
    """Top-down; what is below a node that is looked at as it stands is left out."""
    peers: int
    """Ranked units of the period that have a score."""
    methods: Mapping[str, str]
    """By node: how its score, or difference, was told apart."""
    findings: Findings = field(default_factory=Findings)

    def __repr__(self) -> str:
        against = "" if self.other is None else f" against {self.other.unit}"
        return f"<Explanation of {self.own.unit}{against}: {self.total:.6g} points of {self.node}>"

    @property
    def total(self) -> float:
        """The score; or how far it is from the other one, which is above it where this is negative."""
        return self.own.score if self.other is None else self.own.score - self.other.score

    @property
    def residual(self) -> float:
        """What the parts miss of the total: nothing, but for the last bits; NaN where there is no score."""
        return abs(math.fsum(line.alone for line in self.lines if not math.isnan(line.alone)) - self.total)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an item, in the order of the tree; see :meth:`in_language`."""
        return self.in_language("en")

    def in_language(self, language: Language) -> pd.DataFrame:
        """The table with labels, statuses and sources in a language.

        Columns: item, label, depth, score, value, status, cell, unit, source, weight (effective, under the node); of a
        unit by itself full (points that the item could bring), contribution and rounding; of two sides the other's
        score, value, status and cell (``_against``), and the part, which is the sum of data, weights and rounding, each
        of all that stands at the item and below it. Last alone: what stands at the item itself, which sums to the total
        over all rows.
        """
        return table_of(self.scores, self.lines, language)

    @cached_property
    def strengths(self) -> tuple[Line, ...]:
        """The five ends that bring the most points, or the largest positive parts."""
        return self._largest(lambda line: line.counts)

    @cached_property
    def weaknesses(self) -> tuple[Line, ...]:
        """The five ends that lose the most of their full marks, or the largest negative parts."""
        return self._largest(lambda line: line.full - line.contribution if self.other is None else -line.part)

    def _largest(self, figure: Any) -> tuple[Line, ...]:
        found = [(float(figure(line)), line) for line in self.lines if line.end]
        known = [one for one in found if one[0] > 0]
        return tuple(line for _, line in sorted(known, key=lambda one: -one[0])[:_FIVE])

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what is no number."""
        methodology = self.scores.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "node": self.node,
            "kind": self.kind,
            "unit": _side_dict(self.own),
            "against": None if self.other is None else _side_dict(self.other),
            "peers": self.peers,
            "total": plain(self.total),
            "residual": plain(self.residual),
            "methods": dict(self.methods),
            "strengths": [line.item for line in self.strengths],
            "weaknesses": [line.item for line in self.weaknesses],
            "items": [_line_dict(self.scores, line) for line in self.lines],
            "findings": [one.to_dict() for one in self.findings],
        }


def explain(
    index: CompositeIndex | Edition | Scores,
    unit: str,
    *,
    against: str | None = None,
    period: str | None = None,
    against_period: str | None = None,
    node: str | None = None,
) -> Explanation:
    """Tell what a unit's score is made of; or what sets it apart from another.

    By itself: points that each item brings, ``full - lost`` (see :attr:`Scores.contributions`). Against another side:
    the unit's score less the other's, told apart at each node by its aggregation: an arithmetic mean by Bennet's parts
    ``mean(w) dx`` and ``mean(x) dw``, a geometric one by logarithmic means, others by Shapley values; and down the tree
    in the proportions of each node's own difference. Weights differ where something is missing on one side, whose
    weight the rest then takes: that part is told by itself. Parts sum to the total to 1e-9.

    Parameters
    ----------
    index
        Scores; or a fitted index or an edition, of which the units that it was fitted on are taken.
    unit
        Key of the unit, or any spelling of it that the codelist knows.
    against
        Another unit; ``"mean"``, who has the mean score of the ranked units in every indicator; ``"best"``, who is
        ranked first (second, where it is the unit itself). None for the unit by itself.
    period, against_period
        Of a panel: the latest, unless said; of the other side the same. With ``against_period`` alone a unit is held
        against itself in another period.
    node
        The node that is explained; the index, unless said.

    Raises
    ------
    UsageError
        DT396: no such unit, period or node; nobody to hold it against.

    References
    ----------
    Bennet (1920), doi:10.2307/2340960; Ang & Liu (2001), doi:10.1016/S0360-5442(01)00022-6; Shorrocks (2013),
    doi:10.1007/s10888-011-9214-z.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("caict-computing-power-1.0")
    >>> r = dti.CompositeIndex(m).fit(m.data()).score()
    >>> x = dti.explain(r, "广东", against="北京")
    >>> x.table[["item", "part"]].round(2)
                  item   part
    0            index   7.60
    1  computing_scale -15.98
    2      environment   1.14
    3      application  22.44
    """
    scores = index if isinstance(index, Scores) else index.score()
    wanted = node_of(scores, node)
    when = period_of(scores, period)
    row = row_of(scores, unit, when)
    if against is None and against_period is not None:
        against = str(scores.units[row])
    peers = peers_of(scores, wanted, when)
    own = _side(scores, wanted, row)
    weights = _weights(scores, wanted)
    cells = Cells(scores)
    state = scores.walked(np.array([row]))
    facts = _facts(scores, row, cells)
    if against is None:
        found = scores.told(wanted, np.array([row]))
        lines = lines_alone(state, wanted, found, facts, weights)
        methods = _methods(lines, state, state)
        return Explanation(
            scores, wanted, "alone", own, None, tuple(lines), len(peers), methods, _unscored(scores, wanted, own)
        )
    then = when if against_period is None else period_of(scores, against_period)
    kind, other_row = _other(scores, wanted, against, then, row)
    rivals = peers_of(scores, wanted, then)
    if other_row is None:
        other_state = mean_unit(scores, rivals)
        other_facts = _mean_facts(scores, other_state, rivals)
        value = float(other_state.parts[wanted].values[0])
        other = Side("mean", {"en": "mean of the ranked", "zh": "平均水平"}, then, value, None)
    else:
        other_state, other_facts = scores.walked(np.array([other_row])), _facts(scores, other_row, cells)
        other = _side(scores, wanted, other_row)
    told = differences(other_state, state, wanted)
    lines = lines_between(other_state, state, wanted, told, (other_facts, facts), weights)
    methods = _methods(lines, other_state, state)
    findings = _unscored(scores, wanted, own, other)
    return Explanation(scores, wanted, kind, own, other, tuple(lines), len(peers), methods, findings)


def _other(scores: Scores, node: str, against: str, period: str | None, row: int) -> tuple[Kind, int | None]:
    """Whom the unit is held against, and its row; None for the mean."""
    peers = peers_of(scores, node, period)
    if against in ("mean", "best") and not peers.size:
        raise UsageError([finding("DT396", f"nobody is ranked in {node}: there is no {against}", Place(name=node))])
    if against == "mean":
        return "mean", None
    if against != "best":
        return "unit", row_of(scores, against, period)
    ranks = scores.rank(node)[peers]
    order = peers[np.argsort(ranks, kind="stable")]
    others = order[order != row]
    if not others.size:
        raise UsageError([finding("DT396", f"nobody else is ranked in {node}", Place(name=node))])
    return "best", int(others[0])


def _side(scores: Scores, node: str, row: int) -> Side:
    rank = int(scores.rank(node)[row])
    names: dict[Language, str] = {"en": str(scores.names("en")[row]), "zh": str(scores.names("zh")[row])}
    period = None if scores.periods is None else str(scores.periods[row])
    return Side(str(scores.units[row]), names, period, float(scores.column(node)[row]), rank or None)


def _weights(scores: Scores, node: str) -> dict[str, float]:
    """Effective weight of every item under a node: of a node the sum of those below it."""
    tree = scores.methodology.tree
    known = scores.plan.effective_weights(scores.parameters.weights, node)
    found: dict[str, float] = {}
    for item in tree.walk(node)[::-1]:
        below = [found[child] for child in tree.children.get(item, ()) if child in found]
        if item in known:
            found[item] = known[item]
        elif below:
            found[item] = math.fsum(below)
    return found


def _facts(scores: Scores, row: int, cells: Cells) -> dict[str, Facts]:
    found = {}
    for column, item in enumerate(scores.items):
        found[item] = Facts(
            float(scores.values[row, column]),
            _raw(scores, item, row),
            int(scores.flags[row, column]),
            cells.of(item, row),
        )
    return found


def _raw(scores: Scores, item: str, row: int) -> float:
    """The value in the table, or derived from it; NaN of a node that the table gives none for."""
    if item in scores.measured_columns:
        return float(scores.measured_columns[item][row])
    return float(scores.table.column(item)[row]) if item in scores.table.names else float("nan")


def _mean_facts(scores: Scores, state: Walked, peers: NDArray[np.intp]) -> dict[str, Facts]:
    found = {}
    for item in scores.items:
        column = scores.measured_columns[item][peers] if item in scores.measured_columns else np.zeros(0)
        found[item] = Facts(float(state.parts[item].values[0]), _mean(column))
    return found


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _methods(lines: list[Line], first: Walked, second: Walked) -> dict[str, str]:
    """How each node on the way was told apart, those that an aggregation looks past left out.

    A geometric mean of zero has no logarithm, and takes Shapley values.
    """
    found = {}
    plan = second.plan
    passed = {
        below
        for line in lines
        if plan.members.get(line.item, ()) != plan.tree.children.get(line.item, ())
        for below in plan.tree.walk(line.item)[1:]
    }
    for line in lines:
        method = None if line.end or line.item in passed else method_of(plan, line.item)
        if method is not None:
            zero = any(float(state.parts[line.item].values[0]) == 0 for state in (first, second))
            spec = plan.tree.nodes[line.item].aggregate
            within = getattr(spec, "within", None) is not None
            found[line.item] = "shapley" if method == "lmdi" and zero and not within else method
    return found


def _unscored(scores: Scores, node: str, *sides: Side) -> Findings:
    """DT396 for a side that has no score: its statuses are told, and no parts."""
    found: list[Finding] = []
    for side in sides:
        if math.isnan(side.score):
            place = Place(unit=side.unit, period=side.period, name=node)
            message = f"{side.unit} has no score of {node}: its values and statuses are listed, and no parts"
            found.append(finding("DT396", message, place, Severity.WARNING))
    return Findings(found)


def _side_dict(side: Side) -> dict[str, Any]:
    return {
        "unit": side.unit,
        "names": dict(side.names),
        "period": side.period,
        "score": plain(side.score),
        "rank": side.rank,
    }


def _line_dict(scores: Scores, line: Line) -> dict[str, Any]:
    spec = scores.methodology.tree.items[line.item]
    source = next((one for one in scores.methodology.sources if one.id == spec.source), None)
    found: dict[str, Any] = {
        "item": line.item,
        "label": {"en": spec.name("en"), "zh": spec.name("zh")},
        "depth": line.depth,
        "weight": plain(line.weight),
        "source": spec.source,
        "source_text": source_text(source, "en"),
        "unit": _facts_dict(line.own),
    }
    names: tuple[str, ...] = ("full", "contribution", "rounding", "alone")
    if line.other is not None:
        found["against"] = _facts_dict(line.other)
        names = ("data", "weights", "rounding", "part", "alone")
    return found | {name: plain(getattr(line, name)) for name in names}


def _facts_dict(facts: Facts) -> dict[str, Any]:
    return {
        "score": plain(facts.score),
        "value": plain(facts.value),
        "status": None if facts.flags is None else list(flag_names(facts.flags)),
        "cells": [
            place.to_dict() | ({} if place.file is None else {"file": PurePath(place.file).name})
            for place in facts.cells
        ],
    }
