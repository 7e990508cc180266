"""Variants of an index over one table: each distinct step is worked out once, whatever it is combined with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex import fitted as fitting
from dtindex.analysis.uncertainty.change import Change, GivenNumbers, changed, varied
from dtindex.edition import Edition
from dtindex.engine.keys import Keys, score_keys
from dtindex.findings import Findings, InputError, Place, UsageError, finding
from dtindex.index import CompositeIndex
from dtindex.results import ReferenceKeys, Results, out_of_proportion
from dtindex.scores import Scores
from dtindex.spec.assume import unpublished
from dtindex.spec.methods import ImputePanel, MixedWeights
from dtindex.spec.model import Methodology
from dtindex.spec.tree import IndicatorSettings
from dtindex.status import Status
from dtindex.steps.across import over_time, screened, set_aside
from dtindex.steps.derive import Column
from dtindex.steps.indicator import IndicatorChain, Learned
from dtindex.steps.node import Part, leaf_part
from dtindex.steps.plan import Parameters, Plan, Rows, magnitudes_reported, unavailable
from dtindex.steps.rank import rank_by_period
from dtindex.steps.screen import Screened
from dtindex.steps.types import FloatArray, Problem, TextArray
from dtindex.steps.weight import METHODS, weighting
from dtindex.steps.weight.base import Learning
from dtindex.tables import read_table
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UNCHANGED", "Change", "Design", "Failure", "GivenNumbers", "Workshop", "varied"]

Mask: TypeAlias = NDArray[np.bool_]
_MISSING = np.uint16(Status.MISSING)
UNCHANGED = Change()
"""The index as it is."""


@dataclass(frozen=True)
class Failure:
    """A variant without scores, and why: the errors that fitting or scoring it would stop at."""

    change: Change
    findings: Findings

    @property
    def reason(self) -> str:
        """The reasons in one line."""
        told = [(str(one.place), one.message) for one in self.findings.errors]
        return "; ".join(f"{place}: {message}" if place else message for place, message in told)


@dataclass(frozen=True, eq=False)
class Design:
    """One variant, fitted and scored: what :meth:`CompositeIndex.fit` and ``score`` give of :func:`varied`, to the bit.

    Arrays are shared with the workshop, and must not be written to.
    """

    change: Change
    methodology: Methodology
    plan: Plan
    parameters: Parameters
    """What this variant learns from the reference rows: indicators, weights over members, states of nodes."""
    parts: Mapping[str, Part]
    """By item, of the rows that are scored: those of ``units``, in their order."""
    rows: Rows
    """Raw columns of the rows that are scored, as :meth:`Plan.climb` takes them."""
    units: Mask
    """Rows ``(rows,)`` of the table that are scored: no totals, and nobody who is screened out."""
    ranked: Mask
    """Rows ``(rows,)`` of the table that may be ranked."""
    widths: Mapping[str, float]
    """Width of each item's scale; of an open one a power of ten that the reference scores choose."""
    findings: Findings
    """Warnings and notes of fitting and scoring."""
    results: Results = field(repr=False)
    _table: Table = field(repr=False)
    _screened: Screened = field(repr=False)
    _reference: Mapping[str, Mapping[str, Keys]] = field(repr=False)
    _workshop: Workshop = field(repr=False)

    @property
    def items(self) -> tuple[str, ...]:
        """Ids that have scores: nodes in file order, then scored indicators."""
        return self.plan.items

    @property
    def root(self) -> str:
        """The first root: the index."""
        return self.methodology.tree.roots[0]

    @property
    def values(self) -> FloatArray:
        """Scores ``(rows, items)``, laid out as :attr:`Scores.values`: a row for each of the table, NaN for none."""
        return self.results.values

    @property
    def periods(self) -> TextArray | None:
        """Periods, ``(rows,)``, or None."""
        return self._table.periods

    def scores(self, item: str) -> FloatArray:
        """Scores of one item ``(rows,)``, a row for each of the table; NaN for none."""
        return self.results.column(item)

    def keys(self, item: str) -> Keys:
        """Integer keys of one item ``(rows,)`` by which its scores are compared, rounded as the methodology ranks."""
        return score_keys(self.scores(item), self.widths[item], self.rank_decimals(item))

    def rank(self, item: str) -> NDArray[np.int64]:
        """Ranks of one item ``(rows,)`` within its period; 1 is the best score, ties share the better, 0 for none."""
        return rank_by_period(self.keys(item), self.ranked, self.periods)

    def rank_decimals(self, item: str) -> int | None:
        """Decimals that the item's score is rounded to before it is ranked, or None."""
        tree = self.methodology.tree
        return (tree.nodes[item].rank if tree.is_node(item) else self.methodology.rank).decimals

    def effective_weights(self, root: str | None = None) -> dict[str, float]:
        """Each leaf's share of the root's score under linear aggregation; the first root unless one is named."""
        return self.plan.effective_weights(self.parameters.weights, root or self.root)

    @cached_property
    def result(self) -> Scores:
        """The variant's scores with everything that is read off them: tiers, classes, percentiles, coverage.

        Without comparisons and without lists of imputed and treated cells; ranks are among the table's units.
        """
        return self._workshop.scores_of(self)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One indicator under one setting: what it learned, and its part of the reference rows and of the scored ones.

    ``found`` is what fitting met. ``reference`` is None where the edition has no reference rows.
    """

    learned: Learned
    found: tuple[Problem, ...]
    reference: Part | None
    part: Part


class _Side:
    """A table as the steps take it: the reference, or what is scored. Columns of its rows are cut out once."""

    def __init__(self, plan: Plan, table: Table) -> None:
        self.table = table
        self.measured, self.problems = fitting.measured_of(plan, table)
        self._observed = {-1: fitting.observed_of(plan.methodology, table)}
        self._screened: dict[tuple[str, ...], tuple[Screened, int]] = {}
        self._masks: list[Mask] = []
        self._columns: dict[tuple[Any, ...], Rows] = {}

    def units(self, methodology: Methodology, change: Change) -> tuple[Screened, Mask, int]:
        """Who is screened out, the rows that take part, and a number for these: the same rows have the same number.

        Raw cells decide, and the tree: of a change only what it leaves out can matter.
        """
        key = change.exclude if methodology.screening is not None else ()
        known = self._screened.get(key)
        if known is None:
            out = screened(methodology, self.table, self.measured)
            mask = fitting.units_of(self.table) & ~out.out
            number = next((at for at, one in enumerate(self._masks) if np.array_equal(one, mask)), len(self._masks))
            if number == len(self._masks):
                self._masks.append(mask)
            known = self._screened[key] = (out, number)
        return known[0], self._masks[known[1]], known[1]

    def column(self, item: str, chain: IndicatorChain, methodology: Methodology, mask: int) -> Rows:
        """The rows that take part, with one indicator's column alone."""
        panel = chain.imputer.spec.model_dump_json() if isinstance(chain.imputer.spec, ImputePanel) else None
        key = (item, mask, chain.groups, chain.needs_keys, panel)
        known = self._columns.get(key)
        if known is None:
            chains, units = {item: chain}, self._masks[mask]
            filled: dict[str, Column] = {}
            if panel is not None:
                aside = set_aside(methodology, self.table)
                filled, _ = over_time(chains, self.table, self.measured, units, aside)
            whole = Rows(
                len(self.table),
                fitting.samples_of(chains, self.table, self.measured, filled),
                {item: self.table.coded[item]} if item in self.table.coded else {},
                {},
                {item: self.measured.taken[item]} if item in self.measured.taken and item not in filled else {},
            )
            known = self._columns[key] = whole.take(units)
        return known

    def rows(self, columns: Sequence[Rows], mask: int) -> Rows:
        """The rows that take part, with these columns and the nodes' values from the table."""
        units = self._masks[mask]
        if mask not in self._observed:
            whole = Rows(len(self.table), {}, {}, self._observed[-1])
            self._observed[mask] = dict(whole.take(units).observed)
        return Rows(
            int(units.sum()),
            {item: sample for one in columns for item, sample in one.samples.items()},
            {item: scores for one in columns for item, scores in one.coded.items()},
            self._observed[mask],
            {item: answers for one in columns for item, answers in one.taken.items()},
        )


class Workshop:
    """Fits and scores variants of one index over one table.

    A column's way from raw value to score is worked out once for each distinct setting of its indicator (impute, treat,
    transform, normalise, and who is screened out), whatever it is combined with; nodes are worked out for each variant,
    with weights and states learned anew from the reference rows. What is kept is one part of the reference rows and one
    of the scored ones for each such setting, and the raw columns: about ``rows * (settings + indicators) * 20`` bytes.
    Designs are the caller's to keep.

    An edition without its table has nothing to fit on: changes of indicators, of what a learned weight looks at, and
    learned weights are failures; other weights, aggregations and exclusions are computed with what is frozen.

    Parameters
    ----------
    index
        A fitted index or an edition.
    table
        What is scored; by default the reference table.

    Raises
    ------
    UsageError
        DT420: the index is not fitted.
    InputError
        DT061: no table, and the edition was frozen without its own; findings of reading the table, and DT314.
    """

    def __init__(self, index: CompositeIndex | Edition, table: Table | pd.DataFrame | str | None = None) -> None:
        self.fitted, reference = _of(index)
        self.methodology = self.fitted.methodology
        if table is None:
            if reference is None:
                raise InputError([finding("DT061", "the edition was frozen without its table; give one to score")])
            table = reference
        self.table = table if isinstance(table, Table) else read_table(table, self.methodology)
        plan = self.fitted.plan
        self._scored = _Side(plan, self.table)
        same = reference is self.table
        self._reference = None if reference is None else self._scored if same else _Side(plan, reference)
        self._leaves: dict[tuple[str, int, int], list[tuple[tuple[Any, ...], _Leaf]]] = {}
        for side in (self._reference, self._scored):
            if side is not None:
                Findings(fitting.located(one, side.table) for one in fitting.merged(side.problems)).raise_errors()

    @property
    def reference(self) -> Table | None:
        """The table that is fitted; None of an edition without it."""
        return None if self._reference is None else self._reference.table

    @property
    def same(self) -> bool:
        """Whether the table that is scored is the one that is fitted."""
        return self._reference is self._scored

    @property
    def distinct_leaves(self) -> int:
        """How many ways of an indicator have been worked out so far."""
        return sum(len(known) for known in self._leaves.values())

    @cached_property
    def nominal(self) -> Scores:
        """The index's own scores of the table."""
        return fitting.score(self.fitted, self.table)

    def design(self, change: Change = UNCHANGED) -> Design | Failure:
        """The variant, fitted on the reference and scored on the table; a failure where that is not possible."""
        try:
            methodology, findings = changed(self.methodology, change)
            with magnitudes_reported():
                return self._fitted(change, methodology, findings)
        except InputError as reason:
            return Failure(change, reason.findings)

    def _fitted(self, change: Change, methodology: Methodology, findings: Findings) -> Design:
        lacking = unavailable(methodology)
        known = Findings(fitting.located(one, self.table) for one in lacking) + unpublished(methodology)
        known.raise_errors()
        plan = Plan(methodology, fitting.open_nodes(methodology.tree))
        left_out, units, number = self._scored.units(methodology, change)
        side, mask = self._reference, -1
        found: list[Problem] = []
        if side is not None:
            _, reference, mask = side.units(methodology, change)
            known += fitting.nobody_left(methodology, side.table, reference)
            known.raise_errors()
        leaves = {item: self._leaf(plan, item, mask, number) for item in plan.chains}
        rows = self._scored.rows([self._column(plan, item, self._scored, number) for item in plan.chains], number)
        learned = Parameters({item: leaf.learned for item, leaf in leaves.items()})
        if side is None:
            self._frozen(plan, learned)
            results, parts = self._climbed(plan, leaves, rows, learned, units)
            widths = {item: self._width(plan, item, results) for item in plan.items}
            reference_keys = self.fitted.reference
        else:
            own = rows if self.same else side.rows([self._column(plan, item, side, mask) for item in plan.chains], mask)
            parts, found = plan.fit_nodes({item: _part(leaf.reference) for item, leaf in leaves.items()}, own, learned)
            found = [one for leaf in leaves.values() for one in leaf.found] + found
            results, said = _learned(plan, parts, found, own, reference, side)
            widths = {item: fitting.width_of(plan, item, results.column(item)) for item in plan.items}
            said += [*results.problems, *out_of_proportion(results, widths)]
            known += [fitting.located(one, side.table) for one in fitting.merged([*side.problems, *said])]
            known.raise_errors()
            ranked = fitting.ranked_rows(methodology, side.table) & reference
            decimals = replace(self.fitted, methodology=methodology).rank_decimals
            reference_keys = ReferenceKeys(results, widths, decimals, reference, ranked, side.table.periods)
        if not self.same or found:  # else fitting has scored the table already, and said what there is to say
            if side is not None:
                results, parts = self._climbed(plan, leaves, rows, learned, units)
            problems = [*self._scored.problems, *results.problems, *out_of_proportion(results, widths)]
            known += [fitting.located(one, self.table) for one in fitting.merged(problems)]
            known.raise_errors()
        return Design(
            change=change,
            methodology=methodology,
            plan=plan,
            parameters=learned,
            parts=parts,
            rows=rows,
            units=units,
            ranked=fitting.ranked_rows(methodology, self.table) & units,
            widths=widths,
            findings=Findings(dict.fromkeys(findings + known)),
            results=results,
            _table=self.table,
            _screened=left_out,
            _reference=reference_keys,
            _workshop=self,
        )

    def _climbed(
        self, plan: Plan, leaves: Mapping[str, _Leaf], rows: Rows, learned: Parameters, units: Mask
    ) -> tuple[Results, dict[str, Part]]:
        """Scores of the table with what was learned."""
        parts = plan.climb({item: leaf.part for item, leaf in leaves.items()}, rows, learned)
        return _put(plan, parts, rows, units), parts

    def _column(self, plan: Plan, item: str, side: _Side, mask: int) -> Rows:
        return side.column(item, plan.chains[item], plan.methodology, mask)

    def _leaf(self, plan: Plan, item: str, mask: int, number: int) -> _Leaf:
        """The indicator's way, from memory where the same setting was worked out before."""
        known = self._leaves.setdefault((item, mask, number), [])
        setting = _setting(plan.chains[item].settings)
        for own, leaf in known:
            if own == setting:
                return leaf
        leaf = self._worked_out(plan, item, setting, mask, number)
        known.append((setting, leaf))
        return leaf

    def _worked_out(self, plan: Plan, item: str, setting: tuple[Any, ...], mask: int, number: int) -> _Leaf:
        rows = self._column(plan, item, self._scored, number)
        side = self._reference
        if side is None:
            base = self.fitted.plan.chains.get(item)
            if base is None or _setting(base.settings) != setting:
                message = f"{item} is fitted in another way, and the edition was frozen without its table"
                raise InputError([finding("DT391", message, Place(name=item))])
            learned = self.fitted.parameters.indicators[item]
            return _Leaf(learned, (), None, _sealed(plan.leaf(item, rows, Parameters({item: learned}))))
        learned, reference, found = plan.fit_leaf(item, self._column(plan, item, side, mask))
        if any(one.code != "DT302" for one in found):
            # Without parameters there is no score: an error, unless nobody needs it below a node of the table's values.
            part = leaf_part(np.full(rows.count, np.nan), np.full(rows.count, _MISSING), [])
        elif self.same and not found:
            part = reference
        else:
            part = plan.leaf(item, rows, Parameters({item: learned}))
        return _Leaf(learned, tuple(found), _sealed(reference), _sealed(part))

    def _frozen(self, plan: Plan, learned: Parameters) -> None:
        """Weights and states of an edition without its table: those that are learned as they were, others as given."""
        base, tree = self.fitted, plan.tree
        others = base.plan.row_stage.others
        touched = {item for item, own in plan.row_stage.others.items() if others.get(item) != own}
        for node in plan.order:
            members = plan.members.get(node, ())
            own = base.plan.members.get(node)
            if (
                own != members
                or not touched.isdisjoint(members)
                or _node_setting(plan, node) != _node_setting(base.plan, node)
            ):
                touched.add(node)
            if not members or node not in plan.steps:
                continue
            weights_learned = tree.weighed_by(node) is None and _learns(tree.nodes[node].weights)
            if (weights_learned or plan.steps[node].aggregator.learns) and node in touched:
                message = (
                    f"{node} learns from scores that are not the same, and the edition was frozen without its table"
                )
                raise InputError([finding("DT391", message, Place(name=node))])
            learned.nodes[node] = base.parameters.nodes.get(node, {}) if node not in touched else {}
            if weights_learned:
                learned.weights[node] = list(base.parameters.weights[node])
            else:
                learned.weights[node] = plan.weigh(node, {}, learned).weights.tolist()

    def _width(self, plan: Plan, item: str, results: Results) -> float:
        """Without reference scores an open scale keeps the width that it was frozen with."""
        if plan.scales[item] == "open" and self.fitted.plan.scales.get(item) == "open":
            return self.fitted.widths[item]
        return fitting.width_of(plan, item, results.column(item))

    def scores_of(self, design: Design) -> Scores:
        """A design's scores as :meth:`CompositeIndex.score` would return them; see :attr:`Design.result`."""
        return replace(
            self.nominal,
            methodology=design.methodology,
            items=design.items,
            values=design.results.values,
            flags=design.results.flags,
            node_coverage=design.results.coverage,
            widths=dict(design.widths),
            ranked=design.ranked,
            plan=design.plan,
            parameters=design.parameters,
            comparisons=(),
            reference=None,
            fitted_reference=design._reference,
            weights={node: tuple(weights) for node, weights in design.parameters.weights.items()},
            effective=design.effective_weights(),
            findings=design.findings,
            screened=design._screened,
            imputations=(),
            treatments=(),
        )


def _of(index: CompositeIndex | Edition) -> tuple[fitting.Fitted, Table | None]:
    """What was fitted, and the table that it was fitted on."""
    if isinstance(index, Edition):
        return index.fitted, index.table
    if not hasattr(index, "fitted_"):
        raise UsageError([finding("DT420", "this index is not fitted; call `fit` with a table first")])
    return index.fitted_, index.reference_


def _setting(settings: IndicatorSettings) -> tuple[Any, ...]:
    """What of an indicator's settings a change can reach."""
    steps = (settings.impute, settings.treat, settings.transform, settings.normalise)
    return (*steps, settings.direction, settings.scale)


def _node_setting(plan: Plan, node: str) -> tuple[Any, ...]:
    """What of a node's settings bears on its score and on what looks at it."""
    settings = plan.tree.nodes[node]
    weights = plan.tree.given_weights(node) if node in plan.members else {}
    return (settings.weights, settings.aggregate, settings.coverage, settings.round, settings.scale, weights)


def _learns(weights: Any) -> bool:
    """Whether weights look at scores."""
    if isinstance(weights, MixedWeights):
        return any(issubclass(METHODS[part.method], Learning) for part in weights.of)
    return isinstance(weighting(weights), Learning)


def _part(part: Part | None) -> Part:
    assert part is not None
    return part


def _sealed(part: Part) -> Part:
    """The part, which nobody can write to."""
    part.values.flags.writeable = False
    part.flags.flags.writeable = False
    return part


def _put(plan: Plan, parts: Mapping[str, Part], rows: Rows, units: Mask) -> Results:
    observed = [node for node in rows.observed if node in plan.tree.children]
    results = Results(plan, units, observed)
    results.problems += results.put(slice(0, rows.count), parts)
    return results.sealed()


def _learned(
    plan: Plan, parts: Mapping[str, Part], found: Sequence[Problem], rows: Rows, units: Mask, side: _Side
) -> tuple[Results, list[Problem]]:
    """Scores of the reference rows, and what of the problems that fitting met matters, at rows of the table."""
    results = _put(plan, parts, rows, units)
    placed = [one.at(results.rows(one.rows)) if -1 not in one.rows else one for one in found]
    return results, fitting.that_matter(placed, results, plan.tree, side.table)
