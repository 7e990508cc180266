"""A variant's ranking beside the nominal one: the same units on both sides, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.correlation import kendall, spearman
from dtindex.analysis.plain import plain
from dtindex.analysis.uncertainty.variants import Workshop
from dtindex.edition import Edition
from dtindex.engine.keys import Keys
from dtindex.findings import Findings, UsageError, finding, nearest
from dtindex.index import CompositeIndex
from dtindex.scores import Scores
from dtindex.spec.methods import Scale
from dtindex.spec.words import quoted
from dtindex.steps.rank import rank_by_period
from dtindex.steps.types import FloatArray, TextArray
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NOMINAL",
    "Beside",
    "Ranking",
    "SideBySide",
    "as_json",
    "beside",
    "checked_node",
    "ranking_of",
    "workshop_of",
]

NOMINAL = "nominal"
"""The column of the index as it is."""
Ranks = NDArray[np.int64]
_PLACES: dict[str, Any] = {
    "tau": "float64",
    "rho": "float64",
    "mean_shift": "float64",
    "largest_shift": "Int64",
    "moved_most": object,
    "units": "Int64",
    "lost": "Int64",
    "gained": "Int64",
    "tiers": "Int64",
    "classes": "Int64",
    "reason": object,
}


@dataclass(frozen=True, eq=False)
class Ranking:
    """What one variant says of a node, row by row of the nominal table ``(rows,)``.

    ``tiers`` are ids, None without tiers; ``classes`` ids by scheme, of the rows that are ``classified``. ``keys`` are
    compared where ``ranked``.
    """

    scores: FloatArray
    keys: Keys
    ranked: NDArray[np.bool_]
    classified: NDArray[np.bool_]
    scale: Scale
    tiers: TextArray | None
    classes: Mapping[str, TextArray]

    def ranks(self, rows: NDArray[np.bool_], periods: TextArray | None) -> Ranks:
        """Ranks ``(rows,)`` among some of the rows, within each period; 0 for none."""
        return rank_by_period(self.keys, self.ranked & rows, periods)


@dataclass(frozen=True, eq=False)
class Beside:
    """One variant beside the nominal ranking, over the ``units`` that are ranked in both.

    ``nominal`` and ``ranks`` ``(rows,)`` are both taken among these units, 0 for others: where a unit is ranked on one
    side only, ranks out of fewer are not held against ranks out of more. ``tau`` (Kendall's tau-b) and ``rho``
    (Spearman) are NaN for fewer than three units or without variation; of a panel they are means over its periods,
    weighted by their units.
    """

    nominal: Ranks
    ranks: Ranks
    tau: float
    rho: float
    lost: int
    """Units that are ranked nominally, and not here."""
    gained: int
    """Units that are ranked here, and not nominally."""
    tiers: int | None
    """Units whose tier is another; None where there is none to compare."""
    classes: int | None
    """Units whose class is another, in one scheme at least; None where there is none to compare."""

    @property
    def shifts(self) -> Ranks:
        """Ranks gained ``(rows,)``: above zero where the variant ranks a unit better; 0 where one ranks it not."""
        return self.nominal - self.ranks

    @property
    def units(self) -> int:
        """How many are ranked in both."""
        return int((self.ranks > 0).sum())

    @property
    def mean_shift(self) -> float:
        """Mean absolute shift in rank; NaN without units."""
        return float(np.abs(self.shifts).sum() / self.units) if self.units else float("nan")

    @property
    def largest_shift(self) -> int:
        """The largest absolute shift in rank."""
        return int(np.abs(self.shifts).max(initial=0))

    @property
    def moved_most(self) -> int | None:
        """The row that moved furthest; of several the one that ranks best nominally; None where nobody moved."""
        if not self.largest_shift:
            return None
        furthest = np.flatnonzero(np.abs(self.shifts) == self.largest_shift)
        return int(furthest[np.argmin(self.nominal[furthest])])


def ranking_of(scores: Scores, node: str) -> Ranking:
    """A node's ranking out of scores."""
    return Ranking(
        scores.column(node),
        scores.keys(node),
        scores.ranked,
        scores.classified,
        scores.methodology.tree.scale(node),
        scores.tier_values.get(node),
        scores.class_values,
    )


def beside(nominal: Ranking, variant: Ranking, periods: TextArray | None) -> Beside:
    """Compare a variant's ranking to the nominal one, over the units that both rank."""
    every = np.ones(nominal.ranked.shape, dtype=bool)
    here, there = nominal.ranks(every, periods) > 0, variant.ranks(every, periods) > 0
    both = here & there
    before, after = nominal.ranks(both, periods), variant.ranks(both, periods)
    tau, rho = _agreement(before, after, both, periods)
    return Beside(
        before,
        after,
        tau,
        rho,
        lost=int((here & ~there).sum()),
        gained=int((there & ~here).sum()),
        tiers=_other_tiers(nominal, variant, both),
        classes=_other_classes(nominal, variant),
    )


def _agreement(before: Ranks, after: Ranks, both: NDArray[np.bool_], periods: TextArray | None) -> tuple[float, float]:
    """Tau-b and rho; means over the periods that have them."""
    within = [both] if periods is None else [both & (periods == period) for period in sorted(set(periods[both]))]
    found, units = [], []
    for rows in within:
        pairs = np.column_stack([before[rows], after[rows]]).astype(np.float64)
        found.append((float(kendall(pairs).values[0, 1]), float(spearman(pairs).values[0, 1])))
        units.append(int(rows.sum()))
    known = [(pair, count) for pair, count in zip(found, units, strict=True) if not np.isnan(pair).any()]
    total = sum(count for _, count in known)
    if not total:
        return float("nan"), float("nan")
    return (
        sum(pair[0] * count for pair, count in known) / total,
        sum(pair[1] * count for pair, count in known) / total,
    )


def _other_tiers(nominal: Ranking, variant: Ranking, both: NDArray[np.bool_]) -> int | None:
    """Thresholds hold on the scale that they were written for."""
    if nominal.tiers is None or variant.tiers is None or nominal.scale != variant.scale:
        return None
    return int((nominal.tiers[both] != variant.tiers[both]).sum())


def _other_classes(nominal: Ranking, variant: Ranking) -> int | None:
    """Units are in classes whether they are ranked or not; who takes part on one side only is not compared."""
    shared = [scheme for scheme in nominal.classes if scheme in variant.classes]
    if not shared:
        return None
    other = np.zeros(nominal.ranked.shape, dtype=bool)
    for scheme in shared:
        own, theirs = nominal.classes[scheme], variant.classes[scheme]
        other |= own != theirs
    return int((other & nominal.classified & variant.classified).sum())


def workshop_of(
    index: CompositeIndex | Edition | Workshop, table: Table | pd.DataFrame | str | None = None
) -> Workshop:
    """The workshop that is given, or one over the index and the table."""
    if isinstance(index, Workshop):
        if table is not None and table is not index.table:
            raise ValueError("a workshop has its own table")
        return index
    return Workshop(index, table)


def checked_node(workshop: Workshop, node: str | None) -> str:
    """The node whose ranking is looked at: the first root unless one is named.

    Raises
    ------
    UsageError
        DT024 where there is no such node.
    """
    tree = workshop.methodology.tree
    if node is None:
        return tree.roots[0]
    if not tree.is_node(node):
        near = nearest(node, tree.nodes)
        hint = f"; nearest is {quoted(near)}" if near else ""
        raise UsageError([finding("DT024", f"no node {quoted(node)}{hint}")])
    return node


@dataclass(frozen=True, eq=False, repr=False)
class SideBySide:
    """Variants of one index beside it, in frames whose rows are the rows of the table.

    ``variants`` are those that were computed, by name and in order; ``refused`` the reasons of the others.
    """

    scores_of_index: Scores
    """The index as it is."""
    node: str
    """Whose ranking is looked at."""
    nominal: Ranking
    rankings: Mapping[str, Ranking]
    variants: Mapping[str, Beside]
    refused: Mapping[str, str]
    labels: Mapping[str, Any]
    """Of all variants, computed or not, in order: what stands first in the summary."""
    findings: Findings

    @property
    def units(self) -> TextArray:
        """Keys of the units ``(rows,)``."""
        return self.scores_of_index.units

    @property
    def periods(self) -> TextArray | None:
        """Periods ``(rows,)``, or None."""
        return self.scores_of_index.periods

    @property
    def scores(self) -> pd.DataFrame:
        """Scores of the node, a column for the index as it is (``nominal``) and one for each variant."""
        found = {self.nominal_name: self.nominal.scores}
        return self._frame(found | {name: one.scores for name, one in self.rankings.items()})

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks, laid out as `scores`; each variant's among the units that both rank, missing for others."""
        every = np.ones(len(self.units), dtype=bool)
        found = {self.nominal_name: self.nominal.ranks(every, self.periods)}
        frame = self._frame(found | {name: one.ranks for name, one in self.variants.items()}).astype("Int64")
        return frame.mask(frame == 0)

    @property
    def shifts(self) -> pd.DataFrame:
        """Ranks that each unit gains by each variant (above zero: it ranks better), missing where one ranks it not."""
        import pandas as pd

        columns = {}
        for name, one in self.variants.items():
            column = pd.array(one.shifts, dtype="Int64")
            column[one.ranks == 0] = pd.NA
            columns[name] = column
        return self._frame(columns)

    @property
    def nominal_name(self) -> str:
        """``nominal``, in brackets where a variant has this name."""
        return NOMINAL if NOMINAL not in self.labels else f"({NOMINAL})"

    def places(self) -> pd.DataFrame:
        """A row for each variant: agreement with the index, shifts, who moved most, changes of tier and class."""
        import pandas as pd

        rows = {}
        for name in self.labels:
            one = self.variants.get(name)
            if one is None:
                rows[name] = [np.nan, np.nan, np.nan, pd.NA, "", pd.NA, pd.NA, pd.NA, pd.NA, pd.NA, self.refused[name]]
                continue
            who = "" if one.moved_most is None else self.scores_of_index.who(one.moved_most)
            shifts = [one.mean_shift, one.largest_shift, who]
            counts = [pd.NA if count is None else count for count in (one.tiers, one.classes)]
            rows[name] = [one.tau, one.rho, *shifts, one.units, one.lost, one.gained, *counts, ""]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_PLACES))
        return frame.astype(_PLACES)

    def _frame(self, columns: Mapping[str, Any], dtype: Any = None) -> pd.DataFrame:
        import pandas as pd

        if self.periods is None:
            index: pd.Index = pd.Index(self.units, name="unit")
        else:
            index = pd.MultiIndex.from_arrays([self.units, self.periods], names=["unit", "period"])
        return pd.DataFrame(dict(columns), index=index, dtype=dtype)

    def told(self) -> dict[str, Any]:
        """What both kinds of comparison say of themselves, as JSON-ready values."""
        import pandas as pd

        methodology = self.scores_of_index.methodology
        names = self.scores_of_index.names().tolist()
        rows: list[dict[str, Any]] = [
            {"unit": str(unit), "name": str(name)}
            | ({} if self.periods is None else {"period": str(self.periods[row])})
            for row, (unit, name) in enumerate(zip(self.units, names, strict=True))
        ]
        scores, ranks = self.scores, self.ranks
        for column in scores.columns:
            for row, score, rank in zip(rows, scores[column].tolist(), ranks[column].tolist(), strict=True):
                row.setdefault("scores", {})[column] = plain(score)
                row.setdefault("ranks", {})[column] = None if pd.isna(rank) else int(rank)
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores_of_index.assumptions),
            "synthetic": self.scores_of_index.synthetic,
            "node": self.node,
            "units": rows,
            "findings": [one.to_dict() for one in self.findings],
        }


def as_json(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame, its index among them: 12 significant digits, None for what there is not."""
    import pandas as pd

    rows = frame.reset_index().to_dict(orient="records")
    return [{str(name): None if pd.isna(value) else plain(value) for name, value in row.items()} for row in rows]
