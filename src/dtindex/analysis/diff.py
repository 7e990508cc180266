"""What came between two editions, or two years: new data, other weights, or another method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import factorial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.explanation.exchange import Exchange, same_method
from dtindex.analysis.explanation.matching import Matched, compared_periods, match
from dtindex.analysis.explanation.rows import node_of
from dtindex.analysis.plain import plain, records
from dtindex.findings import Finding, Findings, Place, UsageError, finding
from dtindex.scores import Scores
from dtindex.spec.base import Language
from dtindex.steps.decompose import Walked, differences, method_of
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Difference", "diff"]

Cause = Literal["data", "weights", "method"]
CAUSES: tuple[Cause, ...] = ("data", "weights", "method")
_EXACT = 1e-9
_NAMED = 10


@dataclass(frozen=True, eq=False, repr=False)
class Difference:
    """Each unit's change between two sets of scores, told apart by what made it."""

    matched: Matched
    node: str
    keys: tuple[TextArray, TextArray | None]
    """Unit and, where pairs of unit and period are matched, period of each row."""
    scores: tuple[FloatArray, FloatArray]
    """Before and after ``(units,)``."""
    parts: Mapping[Cause, FloatArray]
    """By cause ``(units,)``; NaN for units whose change is told together."""
    together: FloatArray
    """``(units,)``: the whole change of units for whom it cannot be told apart; 0 for the others."""
    item_parts: Mapping[Cause, Mapping[str, FloatArray]]
    """By cause and item ``(units,)``: what stands at the item itself; all items sum to the unit's part."""
    changed: tuple[Cause, ...]
    """What is not the same before and after."""
    only: tuple[tuple[str, ...], tuple[str, ...]]
    """Units that are in the first, or in the second, alone."""
    periods: tuple[str, str] | None = None
    findings: Findings = field(default_factory=Findings)

    def __repr__(self) -> str:
        before, after = self.before.methodology.id, self.after.methodology.id
        what = ", ".join(self.changed) or "nothing"
        return f"<Difference of {after} from {before}: {len(self.matched)} units, {self.node}; {what} changed>"

    @property
    def before(self) -> Scores:
        """The first of the two."""
        return self.matched.scores[0]

    @property
    def after(self) -> Scores:
        """The second."""
        return self.matched.scores[1]

    @property
    def change(self) -> FloatArray:
        """After less before ``(units,)``."""
        return self.scores[1] - self.scores[0]

    @property
    def residual(self) -> float:
        """The most that parts miss of a unit's change: nothing, but for the last bits."""
        told = np.nansum([*self.parts.values(), self.together], axis=0)
        missed = np.abs(told - self.change)
        known = missed[~np.isnan(self.change)]
        return float(known.max()) if known.size else 0.0

    @cached_property
    def units(self) -> pd.DataFrame:
        """A row a unit: name, before, after, change, rank_before, rank_after, data, weights, method, together."""
        return self.in_language("en")

    def in_language(self, language: Language) -> pd.DataFrame:
        """:attr:`units` with names in a language."""
        import pandas as pd

        ranks = [
            scores.rank(self.node)[rows].astype(float)
            for scores, rows in zip(self.matched.scores, self.matched.rows, strict=True)
        ]
        columns: dict[str, object] = {"name": self.after.names(language)[self.matched.rows[1]]}
        columns |= {"before": self.scores[0], "after": self.scores[1], "change": self.change}
        columns |= {
            name: pd.array(np.where(rank == 0, np.nan, rank), dtype="Int64")
            for name, rank in zip(("rank_before", "rank_after"), ranks, strict=True)
        }
        columns |= {cause: self.parts[cause] + 0.0 for cause in CAUSES}  # no zero is negative
        columns["together"] = self.together
        return pd.DataFrame(columns, index=self._index())

    @cached_property
    def items(self) -> pd.DataFrame:
        """A row a unit and item, top-down: unit, (period), item, before, after, data, weights, method.

        What stands at an item itself: of an indicator what its values did, and its goalposts; at any item what the
        weight of it among its siblings did; at a node what its aggregation, its coverage or its rounding did. Of a unit
        the items sum to its parts; those whose change is told together have none.
        """
        import pandas as pd

        count, names = len(self.matched), list(self.item_parts["data"])
        units, periods = self.keys
        columns: dict[str, object] = {"unit": np.repeat(units, len(names))}
        if periods is not None:
            columns["period"] = np.repeat(periods, len(names))
        columns["item"] = np.tile(np.array(names, dtype=object), count)
        for side, name in enumerate(("before", "after")):
            scores, rows = self.matched.scores[side], self.matched.rows[side]
            gaps = np.full(count, np.nan)
            own = [scores.column(item)[rows] if item in scores.items else gaps for item in names]
            columns[name] = np.column_stack(own).ravel()
        for cause in CAUSES:
            parts = self.item_parts[cause]
            columns[cause] = np.column_stack([parts[item] for item in names]).ravel() + 0.0
        return pd.DataFrame(columns)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row a cause: mean, mean_absolute and share of all absolute parts, over units whose change is told apart."""
        import pandas as pd

        absolute = {cause: _mean(np.abs(self.parts[cause])) for cause in CAUSES}
        whole = sum(absolute.values())
        rows = [
            (cause, _mean(self.parts[cause]), absolute[cause], absolute[cause] / whole if whole else 0.0)
            for cause in CAUSES
        ]
        return pd.DataFrame(rows, columns=["cause", "mean", "mean_absolute", "share"])

    @property
    def methods(self) -> dict[str, str]:
        """By node: how its changes are told apart."""
        tree = self.after.methodology.tree
        found = {node: method_of(self.after.plan, node) for node in tree.walk(self.node) if tree.is_node(node)}
        return {node: method for node, method in found.items() if method is not None}

    def _index(self) -> pd.Index:
        import pandas as pd

        units, periods = self.keys
        if periods is None:
            return pd.Index(units, name="unit")
        return pd.MultiIndex.from_arrays([units, periods], names=["unit", "period"])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the items as JSON-ready values: 12 significant digits, None for what is no number."""
        return {
            "before": _edition(self.before),
            "after": _edition(self.after),
            "node": self.node,
            "periods": None if self.periods is None else list(self.periods),
            "changed": list(self.changed),
            "residual": plain(self.residual),
            "methods": self.methods,
            "only_before": list(self.only[0]),
            "only_after": list(self.only[1]),
            "summary": records(self.summary),
            "units": records(_plain_ranks(self.units.reset_index())),
            "findings": [one.to_dict() for one in self.findings],
        }


def diff(
    before: Scores, after: Scores, *, node: str | None = None, periods: tuple[str, str] | None = None
) -> Difference:
    """Tell apart what data, weights and method did to each unit's score.

    Every unit of both is scored with the data of one, the weights of one and the method of one (normalisation and its
    goalposts, treatment, aggregation: all but weights). Each of the three has the mean of what it changes over all
    orders in which they can come, its Shapley value: ``sum |S|! (k - |S| - 1)! / k! (f(S and it) - f(S))`` over the k
    that changed. They sum to the change to 1e-9. Of one node's weights and scores this is Bennet's ``mean(w) dx`` and
    ``mean(x) dw``. Each of these steps is told apart down the tree as :func:`explain` tells two units apart.

    What only one side has stays with it and counts as method: an indicator that the other table lacks, the weights of a
    node whose members are others. A unit for whom some mixture has no score has its change told together.

    Parameters
    ----------
    before, after
        Scores of two editions; or twice the same, of a panel.
    node
        The node that is compared, which both have; the index, unless said.
    periods
        Which period of ``before`` is held against which of ``after``. Without it units are matched, or where tables
        have several periods, pairs of unit and period.

    Raises
    ------
    UsageError
        DT396: no such node or period, no unit in both; DT902 where one table has periods and the other has none.

    References
    ----------
    Shorrocks (2013), doi:10.1007/s10888-011-9214-z; Bennet (1920), doi:10.2307/2340960.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("nbs-new-drivers-2022")
    >>> r = dti.CompositeIndex(m).fit(m.data()).score()
    >>> dti.diff(r, r, periods=("2023", "2024")).units[["change", "data", "weights", "method"]].round(2)
          change   data  weights  method
    unit
    中国     16.53  16.53      0.0     0.0
    """
    wanted = node_of(after, node or before.root)
    node_of(before, wanted)
    matched, period_keys, only = match(before, after, periods)
    if not len(matched):
        raise UsageError([finding("DT396", "no unit is in both: their keys, or periods, have nothing in common")])
    exchange = Exchange(matched)
    changed = _changed(exchange)
    scores = (before.column(wanted)[matched.rows[0]], after.column(wanted)[matched.rows[1]])
    states = {mix: exchange.state(*_mixture(mix, changed)) for mix in product((0, 1), repeat=len(changed))}
    untold = _untold(states, scores, wanted)
    whole = scores[1] - scores[0]
    parts: dict[Cause, FloatArray] = {cause: np.where(untold, np.nan, whole * 0.0) for cause in CAUSES}
    items = _items(exchange, wanted)
    item_parts = {cause: {item: parts[cause].copy() for item in items} for cause in CAUSES}
    for position, cause in enumerate(changed):
        for mix, weight in _edges(position, len(changed)):
            after_it = (*mix[:position], 1, *mix[position + 1 :])
            found = differences(states[mix], states[after_it], wanted)
            total = found.part[wanted]
            parts[cause] += np.where(untold, np.nan, weight * total)
            for item in found.items:
                own = found.data[item] + found.weights[item] + found.own[item]
                item_parts[cause][item] += np.where(untold, np.nan, weight * own)
    if not np.isnan(whole).any() and not any(np.any(own) for own in item_parts["data"].values()):
        changed = tuple(cause for cause in changed if cause != "data")
    together = np.where(untold, whole, np.where(np.isnan(whole), np.nan, 0.0))
    findings = Findings(_notes(exchange, matched, wanted, only, untold))
    units = (matched.units, period_keys)
    return Difference(
        matched,
        wanted,
        units,
        scores,
        parts,
        together,
        item_parts,
        changed,
        only,
        compared_periods(matched, periods),
        findings,
    )


def _changed(exchange: Exchange) -> tuple[Cause, ...]:
    """What is told apart: data always, weights and method where they are not the same."""
    found: list[Cause] = ["data"]
    if exchange.weights_differ:
        found.append("weights")
    if not same_method(exchange.matched):
        found.append("method")
    return tuple(found)


def _mixture(mix: Sequence[int], changed: Sequence[Cause]) -> tuple[int, int, int]:
    """Sides of data, weights and method; what did not change is the first's, or goes with what did."""
    sides: dict[Cause, int] = dict(zip(changed, mix, strict=True))
    method = sides.get("method", 0)
    return sides["data"], sides.get("weights", method), method


def _edges(position: int, count: int) -> list[tuple[tuple[int, ...], float]]:
    """Mixtures in which a cause has not come yet, with the weight of its coming then."""
    found = []
    for mix in product((0, 1), repeat=count):
        if not mix[position]:
            size = sum(mix)
            found.append((mix, factorial(size) * factorial(count - size - 1) / factorial(count)))
    return found


def _untold(
    states: Mapping[tuple[int, ...], Walked], scores: tuple[FloatArray, FloatArray], node: str
) -> NDArray[np.bool_]:
    """Units with both scores of whom a mixture has none, or whose scores mixtures do not bring back."""
    known = ~np.isnan(scores[0]) & ~np.isnan(scores[1])
    mixed = [state.parts[node].values for state in states.values()]
    lacking = np.any([np.isnan(values) for values in mixed], axis=0)
    scale = np.maximum(np.abs(scores[0]), np.abs(scores[1]))
    for ours, theirs in ((mixed[0], scores[0]), (mixed[-1], scores[1])):
        lacking |= np.abs(ours - theirs) > _EXACT / 10 * np.maximum(scale, 1.0)
    untold: NDArray[np.bool_] = known & lacking
    return untold


def _items(exchange: Exchange, node: str) -> list[str]:
    """Items below the node, top-down: the second side's tree, then what only the first has."""
    found = [item for plan in exchange.plans[::-1] for item in plan.tree.walk(node) if item in plan.items]
    return list(dict.fromkeys(found))


def _notes(
    exchange: Exchange,
    matched: Matched,
    node: str,
    only: tuple[tuple[str, ...], tuple[str, ...]],
    untold: NDArray[np.bool_],
) -> list[Finding]:
    notes = []
    for names, where in zip(only, ("before", "after"), strict=True):
        if names:
            notes.append(finding("DT394", f"in {where} only, and not compared: {_some(names)}"))
    trees = [dict.fromkeys(plan.tree.walk(node)) for plan in exchange.plans]
    for own, other, where in ((trees[0], trees[1], "before"), (trees[1], trees[0], "after")):
        alone = [item for item in own if item not in other]
        if alone:
            notes.append(finding("DT394", f"items of {where} only, which count as method: {_some(alone)}"))
    if exchange.own_data:
        message = "the other side's data of these have no meaning here, and count as method"
        notes.append(finding("DT395", f"{message}: {_some(exchange.own_data)}"))
    below = [one for one in exchange.own_weights if one in trees[0] and one in trees[1]]
    if below:
        message = "weights of nodes whose members are others are told together with the method"
        notes.append(finding("DT395", f"{message}: {_some(below)}", Place(name=below[0])))
    if untold.any():
        who = [str(unit) for unit in matched.units[untold]]
        message = "some mixture of data, weights and method has no score; the change is told together"
        notes.append(finding("DT395", f"{message}: {_some(who)}", Place(unit=who[0])))
    return notes


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0


def _edition(scores: Scores) -> dict[str, Any]:
    methodology = scores.methodology
    return {
        "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
        "assumptions": list(scores.assumptions),
        "synthetic": scores.synthetic,
    }


def _plain_ranks(frame: pd.DataFrame) -> pd.DataFrame:
    """Ranks as whole numbers or None, which JSON holds."""
    frame = frame.astype({"rank_before": object, "rank_after": object})
    return frame.where(frame.notna(), None)
