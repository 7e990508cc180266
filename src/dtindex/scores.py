"""Scores: what an index says of a table, with ranks, tiers, coverage, statuses and comparisons, ready to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, Keys, round_half_up, score_keys
from dtindex.engine.ranks import rank_against
from dtindex.findings import Findings, UsageError, finding, nearest
from dtindex.spec.base import Language
from dtindex.spec.methods import ThresholdTiers
from dtindex.spec.model import Methodology
from dtindex.status import StatusArray, status_text
from dtindex.steps.across import Imputed
from dtindex.steps.classify import Figures, classify, low_ends, schemes
from dtindex.steps.compared import Comparison, comparison_table
from dtindex.steps.contribute import Contributions, contributions, tops_of
from dtindex.steps.decompose import Walked, methods_of, parts_of
from dtindex.steps.derive import period_order
from dtindex.steps.plan import Parameters, Plan
from dtindex.steps.rank import rank_by_period
from dtindex.steps.screen import Screened
from dtindex.steps.tier import tier_by_thresholds
from dtindex.steps.tier_learned import resolved
from dtindex.steps.treated import Treated
from dtindex.steps.types import FloatArray, TextArray
from dtindex.tables.read import codelist_of
from dtindex.tables.survey import SYNTHETIC
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Scores"]

_NAMED = 10
_READABLE = 5000


@dataclass(frozen=True, eq=False)
class Scores:
    """Rows are the table's, in its order; columns are nodes in file order, then scored indicators.

    The frames (`scores`, `ranks`, `tiers`, `coverage`, `status`, `measured`) are made when they are asked for, indexed
    by
    unit, or by unit and period.
    """

    methodology: Methodology
    table: Table
    items: tuple[str, ...]
    values: FloatArray
    """Scores ``(rows, items)``; NaN where there is none."""
    flags: StatusArray
    """Status flags ``(rows, items)``."""
    node_coverage: FloatArray
    """Coverage of nodes ``(rows, nodes)``, 0 to 1, by each node's own rule."""
    widths: Mapping[str, float]
    """Width of each item's scale, which the integer keys are relative to."""
    ranked: NDArray[np.bool_]
    """Rows that may be ranked."""
    measured_columns: Mapping[str, FloatArray]
    plan: Plan = field(repr=False)
    """The steps that made the scores."""
    parameters: Parameters = field(repr=False)
    """What they learned."""
    comparisons: tuple[Comparison, ...] = ()
    reference: Mapping[str, Mapping[str, Keys]] | None = None
    """Sorted reference keys by item and period, where ranks are taken against a reference."""
    fitted_reference: Mapping[str, Mapping[str, Keys]] = field(default_factory=dict)
    """The same of the units that the index was fitted on, which classes by quantiles are held against."""
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Weights of each node's members, as they entered the score."""
    effective: Mapping[str, float] = field(default_factory=dict)
    """Effective weight of each leaf in the first root."""
    assumptions: tuple[str, ...] = ()
    """Names of assumptions that the scores rest on."""
    findings: Findings = field(default_factory=Findings)
    screened: Screened | None = None
    """Rows that `screening:` leaves out, and why; None where nothing screens."""
    imputations: tuple[Imputed, ...] = ()
    """Cells that were filled in, by indicator."""
    treatments: tuple[Treated, ...] = ()
    """Cells that were treated, by indicator."""

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"<Scores of {self.methodology.id}: {len(self)} rows, {len(self.items)} items, {self.findings!r}>"

    @property
    def units(self) -> TextArray:
        """Keys of the units, ``(rows,)``."""
        return self.table.units

    @property
    def periods(self) -> TextArray | None:
        """Periods, ``(rows,)``, or None."""
        return self.table.periods

    @property
    def periods_in_order(self) -> list[str]:
        """Each period once, the earliest first; none of a table without periods."""
        return [] if self.periods is None else period_order(self.periods)

    @property
    def root(self) -> str:
        """The first root: the index."""
        return self.methodology.tree.roots[0]

    def column(self, item: str) -> FloatArray:
        """Scores of one item ``(rows,)``."""
        scores: FloatArray = self.values[:, self.items.index(item)]
        return scores

    def keys(self, item: str) -> Keys:
        """Integer keys of one item ``(rows,)`` by which its scores are compared, rounded as the methodology ranks."""
        known = self._keys.get(item)
        if known is None:
            known = self._keys[item] = score_keys(self.column(item), self.widths[item], self.rank_decimals(item))
        return known

    def rank(self, item: str) -> NDArray[np.int64]:
        """Ranks of one item ``(rows,)``; 1 is the highest score, ties share the better rank, 0 is not ranked."""
        known = self._ranks.get(item)
        if known is None:
            keys = self.keys(item)
            known = (
                rank_by_period(keys, self.ranked, self.periods) if self.reference is None else self._against(item, keys)
            )
            self._ranks[item] = known
        return known

    @cached_property
    def _keys(self) -> dict[str, Keys]:
        return {}

    @cached_property
    def _ranks(self) -> dict[str, NDArray[np.int64]]:
        return {}

    def rank_decimals(self, item: str) -> int | None:
        """Decimals that the item's score is rounded to before it is ranked, or None."""
        tree = self.methodology.tree
        return (tree.nodes[item].rank if tree.is_node(item) else self.methodology.rank).decimals

    @cached_property
    def rank_values(self) -> NDArray[np.int64]:
        """Ranks ``(rows, items)``, as :meth:`rank` gives them."""
        return np.column_stack([self.rank(item) for item in self.items])

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores as floats."""
        return self._frame(self.values)

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Ranks as nullable integers; missing where a unit is not ranked."""
        frame = self._frame(self.rank_values).astype("Int64")
        return frame.mask(frame == 0)

    def ranks_within(self, group: str) -> pd.DataFrame:
        """Ranks among the units of the same group (and period): ``group`` is a text column of the table.

        Ties share the better rank; missing where a unit is not ranked or has no group.

        Raises
        ------
        UsageError
            DT024 where the table has no such column.
        """
        if group not in self.table.texts:
            near = nearest(group, self.table.texts)
            hint = f"; nearest is {near!r}" if near else ""
            raise UsageError([finding("DT024", f"the table has no text column {group!r}{hint}")])
        groups = self.table.texts[group]
        among = groups
        if self.periods is not None:
            pairs = [f"{period}\x1f{name}" for period, name in zip(self.periods, groups, strict=True)]
            among = np.array(pairs, dtype=object)
        ranked = self.ranked & (groups != "")
        ranks = np.column_stack([rank_by_period(self.keys(item), ranked, among) for item in self.items])
        frame = self._frame(ranks).astype("Int64")
        return frame.mask(frame == 0)

    @cached_property
    def percentiles(self) -> pd.DataFrame:
        """Share of the ranked units (of the reference, where ranks are against it) that score lower, ties counted half,
        in per cent.
        """
        return self._frame(np.column_stack([self._percentile(item, self.keys(item)) for item in self.items]))

    @cached_property
    def coverage_values(self) -> FloatArray:
        """Coverage ``(rows, items)``: of nodes as they measure it, of indicators 1 where there is a score, else 0."""
        known = ~np.isnan(self.values[:, self.node_coverage.shape[1] :])
        return np.asfortranarray(np.column_stack([self.node_coverage, known]))

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Coverage of nodes, 0 to 1; of indicators, whether they have a value."""
        return self._frame(self.coverage_values)

    @cached_property
    def status(self) -> pd.DataFrame:
        """Status words, joined by ``+`` where several hold."""
        words = {int(flags): status_text(int(flags)) for flags in np.unique(self.flags)}
        return self._frame(
            np.vectorize(words.__getitem__, otypes=[object])(self.flags) if self.flags.size else self.flags
        )

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """Points of the index's score that come from each item, as :meth:`contributions_to` its first root."""
        return self.contributions_to(self.root)

    def contributions_to(self, node: str) -> pd.DataFrame:
        """Points of a node's score that come from each item below it; the members of a node sum to what it brings.

        An item brings its share of the full marks, less what it loses of them: exact for a linear mean, where that is
        ``w x``, by logarithmic means (LMDI) for a geometric one, else by Shapley values; `contribution_methods` names
        it for each node. NaN for items that are not below ``node``, for all of a unit without a score, and below a node
        whose score the table gave; 0 for what is missing. What `round:` adds to a node is in the node's own points
        only.

        Raises
        ------
        UsageError
            DT396 where the index has no such node.
        """
        points = self.told(node).points
        gaps = np.full(len(self), np.nan)
        return self._frame(np.column_stack([points.get(item, gaps) for item in self.items]))

    @property
    def contribution_methods(self) -> dict[str, str]:
        """By node that has members, how its scores and differences are told apart: bennet, lmdi or shapley."""
        return methods_of(self.plan)

    def told(self, node: str, rows: slice | NDArray[np.intp] | None = None) -> Contributions:
        """What :meth:`contributions_to` tells, as arrays, of all rows or of some."""
        if node not in self.methodology.tree.children:
            near = nearest(node, self.methodology.tree.children)
            raise UsageError([finding("DT396", f"no node {node!r}" + (f"; nearest is {near!r}" if near else ""))])
        return contributions(self.walked(rows), self._tops, node)

    def walked(self, rows: slice | NDArray[np.intp] | None = None) -> Walked:
        """The scores of some rows as the decompositions take them."""
        chosen = slice(None) if rows is None else rows
        parts = parts_of(self.items, self.values[chosen], self.flags[chosen])
        return Walked(self.plan, self.parameters.weights, self.parameters.nodes, parts)

    @cached_property
    def _tops(self) -> dict[str, float]:
        return tops_of(self.plan, self.items, self.values[self.ranked])

    @cached_property
    def tier_values(self) -> dict[str, TextArray]:
        """Tier ids ``(rows,)`` by node; '' where a unit is not ranked."""
        tiers: dict[str, TextArray] = {}
        for rule in self.tier_rules:
            keys = np.where(self.ranked, self.keys(rule.node), MISSING)
            tiers[rule.node] = tier_by_thresholds(keys, rule, self.widths[rule.node])
        return tiers

    @cached_property
    def tier_rules(self) -> tuple[ThresholdTiers, ...]:
        """The rules of tiers as thresholds, those that were learned from the reference with what was learned."""
        return resolved(self.methodology.tiers, self.parameters.tiers)

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """Tier ids, one column for each node that has tiers; None where a unit is not ranked."""
        frame = self._frame(np.empty((len(self), 0)), [])
        for node, tiers in self.tier_values.items():
            frame[node] = [tier or None for tier in tiers]
        return frame

    @cached_property
    def class_values(self) -> dict[str, TextArray]:
        """Class ids ``(rows,)`` by scheme; ``unknown`` where too little is known, '' for rows that are no units."""
        rules = schemes(self.methodology.classes)
        if not rules:
            return {}
        classified = self.classified
        figures = Figures(
            rows=len(self),
            keys=self.keys,
            widths=self.widths,
            measured=self.measured_columns,
            reference=lambda item: self._held_against(self.fitted_reference[item]),
            tagged=self.methodology.tree.tagged,
            lows=low_ends(self.methodology.tree, self.items),
        )
        return {scheme: np.where(classified, classify(own, figures), "") for scheme, own in rules.items()}

    @property
    def synthetic(self) -> str | None:
        """What the table says of itself where its rows were made up; None where it does not."""
        column = self.table.texts.get(SYNTHETIC)
        return None if column is None else next((str(text) for text in column if text), None)

    @property
    def classified(self) -> NDArray[np.bool_]:
        """Rows ``(rows,)`` that are put into classes: units that take part, ranked or not."""
        units = np.ones(len(self), dtype=bool) if self.table.totals is None else ~self.table.totals
        return units if self.screened is None else units & ~self.screened.out

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Class ids, one column a scheme; None for rows that are no units or belong to no class."""
        frame = self._frame(np.empty((len(self), 0)), [])
        for scheme, classes in self.class_values.items():
            frame[scheme] = [one or None for one in classes]
        return frame

    @cached_property
    def measured(self) -> pd.DataFrame:
        """Raw values of every indicator, derived ones included, in their own units of measure."""
        columns = list(self.measured_columns)
        matrix = np.column_stack(list(self.measured_columns.values())) if columns else np.empty((len(self), 0))
        return self._frame(matrix, columns)

    @cached_property
    def imputed(self) -> pd.DataFrame:
        """Every cell that was filled in: unit, period, indicator, method, value, score, source.

        ``value`` is raw, missing where a row method gave a score and no value; ``source`` names the periods that the
        value comes from. Indicators come in file order, rows in that of the table's files.
        """
        import pandas as pd

        columns = ["unit", "period", "indicator", "method", "value", "score", "source"]
        position = np.argsort(self.sorted_rows(), kind="stable")
        cells = [
            (*self._keys_of(row), one.item, one.method, value, self.column(one.item)[row], self._periods_of(source))
            for one in self.imputations
            for row, value, source in sorted(
                zip(one.rows.tolist(), one.values.tolist(), one.sources.tolist(), strict=True),
                key=lambda cell: int(position[cell[0]]),
            )
        ]
        return pd.DataFrame(cells, columns=columns)

    @cached_property
    def treated(self) -> pd.DataFrame:
        """Every cell that was treated: unit, period, indicator, before, after, method.

        Indicators come in file order, rows in that of the table's files. ``after`` is in raw units, unless the method
        names a transformation that the treatment fell back on.
        """
        import pandas as pd

        position = np.argsort(self.sorted_rows(), kind="stable")
        cells = [
            (*self._keys_of(row), one.item, before, after, method)
            for one in self.treatments
            for row, before, after, method in sorted(
                zip(one.rows.tolist(), one.before.tolist(), one.after.tolist(), one.methods.tolist(), strict=True),
                key=lambda cell: int(position[cell[0]]),
            )
        ]
        return pd.DataFrame(cells, columns=["unit", "period", "indicator", "before", "after", "method"])

    @cached_property
    def screening(self) -> pd.DataFrame:
        """Who is left out: unit, period, rule (``units``, a node, ``drop``), bound, share, needed."""
        import pandas as pd

        failures = () if self.screened is None else self.screened.failures
        position = np.argsort(self.sorted_rows(), kind="stable")
        rows = [
            (int(position[row]), *self._keys_of(row), one.rule, one.kind, share, one.needed)
            for one in failures
            for row, share in zip(one.rows.tolist(), one.shares.tolist(), strict=True)
        ]
        columns = ["unit", "period", "rule", "bound", "share", "needed"]
        return pd.DataFrame([row[1:] for row in sorted(rows, key=lambda row: row[0])], columns=columns)

    def comparison_table(self) -> pd.DataFrame:
        """Figures compared, largest error, tolerance and mismatches, one row for each item and kind."""
        return comparison_table(self.comparisons)

    def to_long(self) -> pd.DataFrame:
        """One row for each unit (and period) and item: unit, name, period, node, score, rank, coverage, status.

        Units come in the order of their codelist, else by key; periods within units; items in file order.
        """
        import pandas as pd

        order = self.sorted_rows()
        count = len(self.items)
        names = self.names()
        ranks = self.rank_values[order].ravel()
        flags, codes = np.unique(self.flags[order].ravel(), return_inverse=True)
        words = np.array([status_text(int(one)) for one in flags], dtype=object)
        frame = pd.DataFrame(
            {
                "unit": np.repeat(self.units[order], count),
                "name": np.repeat(names[order], count),
                "period": np.repeat(self.periods[order], count) if self.periods is not None else "",
                "node": np.tile(np.array(self.items, dtype=object), len(order)),
                "score": self.values[order].ravel(),
                "rank": pd.array(np.where(ranks == 0, -1, ranks), dtype="Int64"),
                "coverage": self.coverage_values[order].ravel(),
                "status": words[codes],
            }
        )
        frame["rank"] = frame["rank"].mask(frame["rank"] < 0)
        return frame

    def names(self, language: Language = "en") -> TextArray:
        """Names of the units for readers ``(rows,)``: the codelist's in ``language``, else the `name` column, else the
        key.
        """
        column = self.methodology.units.name
        own = self.table.texts.get(column) if column is not None else None
        codelist = codelist_of(self.methodology)
        if codelist is not None and (language == "en" or own is None):
            known = {key: codelist.label(key, language) for key in dict.fromkeys(self.units)}
            return np.array([known[key] for key in self.units], dtype=object)
        if own is None:
            return self.units
        return np.array([name or key for name, key in zip(own, self.units, strict=True)], dtype=object)

    def who(self, row: int) -> str:
        """The unit of a row, with its period where there is one."""
        return str(self.units[row]) if self.periods is None else f"{self.units[row]} {self.periods[row]}"

    def sorted_rows(self) -> NDArray[np.intp]:
        """Row positions in the order of files: by codelist, or by key; then by period; who is left out comes last."""
        units = self.units.astype(str)
        order = np.zeros(len(self), dtype=np.int64) if self.table.order is None else self.table.order
        out = ~self.classified  # who is left out may bear the key of one who stays
        if self.periods is None:
            return np.lexsort((out, units, order))
        positions = {period: index for index, period in enumerate(period_order(self.periods))}
        return np.lexsort((out, np.array([positions[period] for period in self.periods]), units, order))

    def printed_decimals(self, item: str, least: int = 2, most: int = 6) -> int:
        """The fewest decimals, at least ``least``, that print different ranks differently; ``most`` where none does.

        In a table of more than 5,000 ranked rows nobody compares neighbours, and ``least`` is the answer.
        """
        decimals = self.rank_decimals(item)
        start = least if decimals is None else decimals
        keys = self.keys(item)[self.ranked]
        if keys.size > _READABLE:
            return start
        different = np.unique(keys[keys != MISSING])
        width = self.widths[item]
        for printed in range(start, most + 1):
            if np.unique(round_half_up(different * (width / 1e12), printed, width)).size == different.size:
                return printed
        return most

    def _keys_of(self, row: int) -> tuple[str, str]:
        """Unit and period of a row; '' without periods."""
        return str(self.units[row]), "" if self.periods is None else str(self.periods[row])

    def _periods_of(self, rows: list[int]) -> str:
        """The periods of the rows that a value comes from, joined by ``+``."""
        return "+".join(self._keys_of(row)[1] for row in rows if row >= 0)

    def _against(self, item: str, keys: Keys) -> NDArray[np.int64]:
        ranks = np.zeros(keys.shape, dtype=np.int64)
        for rows, reference in self._references(item):
            ranks[rows] = rank_against(keys[rows], reference)
        return np.where(self.ranked, ranks, 0)

    def _percentile(self, item: str, keys: Keys) -> FloatArray:
        shares = np.full(keys.shape, np.nan)
        ranks = self.rank(item)
        for rows, reference in self._references(item):
            known = rows & self.ranked & (keys != MISSING)
            if not reference.size or not known.any():
                continue
            own = keys[known]
            upto = reference.size + 1 - ranks[known]  # so many are not above it
            tied = np.flatnonzero((upto > 0) & (reference[upto - 1] == own))
            below = upto.copy()
            below[tied] = np.searchsorted(reference, own[tied], side="left")
            shares[known] = 100.0 * (below + (upto - below) / 2) / reference.size
        return shares

    def _references(self, item: str) -> list[tuple[NDArray[np.bool_], Keys]]:
        """Rows and the sorted keys they are compared with, by period; the latest where theirs is lacking."""
        if self.reference is not None:
            return self._held_against(self.reference[item])
        found = []
        for _, rows in self._by_period():
            keys = self.keys(item)[rows & self.ranked]
            found.append((rows, np.sort(keys[keys != MISSING])))
        return found

    def _by_period(self) -> list[tuple[str, NDArray[np.bool_]]]:
        if self.periods is None:
            return [("", np.ones(len(self), dtype=bool))]
        return [(period, self.periods == period) for period in sorted(set(self.periods))]

    def _held_against(self, known: Mapping[str, Keys]) -> list[tuple[NDArray[np.bool_], Keys]]:
        """Rows and the reference keys of their period; of the latest one where theirs is lacking."""
        latest = period_order(np.array(list(known), dtype=object))[-1]
        return [(rows, known.get(period, known[latest])) for period, rows in self._by_period()]

    def _frame(self, matrix: NDArray[Any], columns: list[str] | None = None) -> pd.DataFrame:
        import pandas as pd

        if self.periods is None:
            index: pd.Index = pd.Index(self.units, name="unit")
        else:
            index = pd.MultiIndex.from_arrays([self.units, self.periods], names=["unit", "period"])
        names = pd.Index(list(self.items) if columns is None else columns, dtype=object)
        # A copy: what a reader does to a frame does nothing to the scores, nor to the index that they came from.
        return pd.DataFrame(matrix, index=index, columns=names, copy=True)
