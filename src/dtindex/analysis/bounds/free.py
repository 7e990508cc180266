"""Which weights are free, and the index as a function of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex import fitted as fitting
from dtindex.analysis.bounds.linear import Linear, linear_form
from dtindex.analysis.bounds.ranges import score_range
from dtindex.analysis.bounds.sets import admissible
from dtindex.analysis.uncertainty.block import ranked_of
from dtindex.analysis.uncertainty.factors import described
from dtindex.analysis.uncertainty.program import Program
from dtindex.analysis.uncertainty.study import Study
from dtindex.edition import Edition
from dtindex.engine.composite import Draws, Mean, Observed
from dtindex.engine.keys import score_keys
from dtindex.engine.orders import Workspace
from dtindex.engine.simplex import Law
from dtindex.findings import Finding, InputError, Place, finding
from dtindex.index import CompositeIndex
from dtindex.spec import load_methodology
from dtindex.spec.assume import with_any_weights
from dtindex.spec.methods import EqualWeights, ThresholdTiers
from dtindex.spec.model import Methodology
from dtindex.spec.rules_weights import uses_given_weights
from dtindex.spec.uncertainty import WEIGHT_KINDS, Factor, WeightRatio
from dtindex.steps.tier import tier_by_thresholds
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.tables.table import Table

__all__ = ["Freedom", "freedom_of"]

_ROWS = 1 << 20


@dataclass(frozen=True, eq=False)
class Freedom:
    """An index some of whose weights are free."""

    index: CompositeIndex | Edition
    table: Table | pd.DataFrame | str | None
    study: Study
    program: Program
    factors: tuple[Factor, ...]
    linear: Linear
    known: bool
    laws: Mapping[str, Law]
    members: Mapping[str, tuple[str, ...]]
    """By node whose weights are free, its members."""
    nominal: dict[str, FloatArray]
    """By branch of the tree and node, the index's own weights."""
    ends: tuple[FloatArray, FloatArray]
    """Lowest and highest score ``(n,)``."""
    step: float | None
    """What sums are rounded to before they are compared, where these are the scores."""
    slack: float
    """The most that sums of other forms may differ by and be rounded to one score; 0 without rounding."""
    notes: list[Finding] = field(default_factory=list)

    @property
    def free(self) -> tuple[str, ...]:
        """Nodes whose weights are free here, of which more than one set is admissible."""
        return tuple(
            one.name for one in self.linear.tree.branches if one.name in self.members and not one.weights.point
        )

    def ranks_of(self, weights: Sequence[Mapping[str, FloatArray]]) -> NDArray[np.int64]:
        """Ranks ``(rows, n)`` with each of some weights by node, as the index scores and ranks; 0 with weights that
        leave somebody without a score.
        """
        units = len(self.study.units)
        room = Workspace(units)
        found = np.empty((len(weights), units), dtype=np.int64)
        step = max(1, min(len(weights), _ROWS // units))
        for start in range(0, len(weights), step):
            some = weights[start : start + step]
            drawn = {node: np.stack([one.get(node, self.nominal[node]) for one in some]) for node in self.members}
            scores = self.program.scores(Draws(len(some), drawn))
            lost = np.asarray(np.isnan(scores).any(axis=1))
            scores = np.ascontiguousarray(np.where(lost[:, None], 0.0, scores))
            found[start : start + step] = ranked_of(self.program, scores, room)[0].rank_matrix()
            found[start : start + step][lost] = 0
        return found

    def lines(self, node: str, member: int) -> tuple[FloatArray, FloatArray]:
        """Sums ``(n,)`` without one weight of a node, the others in proportion, and with it alone; NaN with gaps."""
        own = self.nominal[node]
        alone = np.zeros(len(own))
        alone[member] = 1.0
        others = own.copy()
        others[member] = 0.0
        if others.sum() <= 0.0:  # nothing beside it: the others alike
            others = np.where(np.arange(len(own)) == member, 0.0, 1.0)
        tree, values = self.linear.tree, self.linear.low
        sums = [
            np.where(self.linear.gaps, np.nan, values @ tree.effective({**self.nominal, node: weights}))
            for weights in (others / others.sum(), alone)
        ]
        return sums[0], sums[1]

    @property
    def tiers(self) -> list[list[str]] | None:
        """The tiers that each unit can be in, the best first; None where the node has no thresholds of its own."""
        scores = self.study.scores
        # What was learned from scores is no rule where these rest on weights that stand for any.
        declared = [one for one in scores.methodology.tiers if isinstance(one, ThresholdTiers)]
        rules = scores.tier_rules if self.known else declared
        rule = next((one for one in rules if one.node == self.study.node), None)
        if rule is None or np.isnan(self.ends[0]).any():
            return None
        width, decimals = self.program.widths[self.study.node], self.program.decimals[self.study.node]
        order = [level.id for level in rule.levels]
        low, high = (tier_by_thresholds(score_keys(end, width, decimals), rule, width) for end in self.ends)
        places = {"": len(order)} | {name: at for at, name in enumerate(order)}
        return [order[places[best] : places[worst] + 1] for best, worst in zip(high, low, strict=True)]


def freedom_of(
    index: CompositeIndex | Edition | Methodology | str,
    table: Table | pd.DataFrame | str | None,
    factors: Sequence[Factor] | None,
    node: str | None,
    period: str | None,
    within: float | None,
) -> Freedom:
    """The index as a function of its free weights.

    Raises
    ------
    InputError
        DT322 where the node is no mean whose weights are free.
    """
    subject, lacking = _subject(index, table)
    methodology = subject.methodology if isinstance(subject, Edition) else subject.methodology_
    root = node or methodology.tree.roots[0]
    computed = _weighed(subject.fitted) if isinstance(subject, Edition) else _computed(subject)
    wanted, notes = _factors(methodology, factors, root, within, lacking, computed)
    scored = table if isinstance(subject, Edition) else None
    study = Study(subject, scored, wanted, node, period, None)
    programs = study.programs([0])
    if not programs:
        raise study.without_runs()
    program = programs[0]
    sets = {one.node: admissible(one.law) for one in study.weighted}
    nominal = program.undisturbed
    expression = program.items[study.node]
    linear = linear_form(expression, sets, nominal)
    if linear is None or all(one.weights.point for one in linear.tree.branches):
        message = f"{study.node}: its score is no mean of which one of these weights is free at the top"
        raise InputError([finding("DT322", message, Place(name=study.node))])
    own = {name: weights[0] for name, weights in nominal.weights.items()}
    own |= {
        one.name: one.weights.largest_at(np.zeros(one.weights.items))
        for one in linear.tree.branches
        if one.name not in own
    }
    if linear.held:
        message = f"the weights of {', '.join(linear.held)} are held: another form of mean lies above them"
        notes.append(finding("DT320", message))
    ends = score_range(expression, sets, nominal)
    step, slack = _rounding(program, linear, ends)
    return Freedom(
        index=subject,
        table=scored,
        study=study,
        program=program,
        factors=study.factors,
        linear=linear,
        known=not lacking,
        laws={one.node: one.law for one in study.weighted},
        members={one.node: one.members for one in study.weighted},
        nominal=own,
        ends=ends,
        step=step,
        slack=slack,
        notes=[*notes, *(one for one in study.notes if one.code != "DT380")],
    )


def _subject(
    index: CompositeIndex | Edition | Methodology | str, table: Table | pd.DataFrame | str | None
) -> tuple[CompositeIndex | Edition, dict[str, tuple[str, ...]]]:
    """A fitted index, and by node the members whose unpublished weights may be any."""
    if isinstance(index, Edition):
        return index, {}
    if isinstance(index, CompositeIndex):
        if hasattr(index, "fitted_") and table is None:
            return index, {}
        methodology: Methodology | str = index.methodology
        assume = index.assume
        if hasattr(index, "fitted_"):
            return CompositeIndex(index.methodology, index.assume, index.threads).fit(table), {}
    else:
        methodology, assume = index, None
    if isinstance(methodology, str):
        methodology = load_methodology(methodology)
    if assume is not None:
        return CompositeIndex(methodology, assume=assume).fit(table), {}
    copy, lacking = with_any_weights(methodology)
    fitted = CompositeIndex(copy).fit(table)
    computed = _computed(fitted)
    return fitted, {node: members for node, members in lacking.items() if node in computed}


def _weighed(fitted: fitting.Fitted) -> set[str]:
    """Nodes with two weights or more."""
    return {node for node, weights in fitted.parameters.weights.items() if len(weights) > 1 and sum(weights) > 0}


def _computed(index: CompositeIndex) -> set[str]:
    """Nodes that some unit's score is computed of: none of those below a column that is filled in for all."""
    tree = index.methodology_.tree
    given = fitting.observed_of(index.methodology_, index.reference_)
    waiting: list[str] = list(tree.roots)
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        known = node in given and not np.isnan(given[node][0]).any()
        if not known:
            found.add(node)
            waiting += [child for child in tree.children[node] if tree.is_node(child)]
    return found & _weighed(index.fitted_)


def _factors(
    methodology: Methodology,
    factors: Sequence[Factor] | None,
    node: str,
    within: float | None,
    lacking: Mapping[str, tuple[str, ...]],
    computed: Collection[str],
) -> tuple[tuple[Factor, ...], list[Finding]]:
    """Which weights are free, and what is to be said of it; ``computed`` are nodes that have weights."""
    notes: list[Finding] = []
    unknown = _unknown(methodology, lacking)
    if within is not None:
        known = tuple(
            Factor(id=f"within-{one}", node=one, box=within)
            for one in methodology.tree.weighing
            if one in computed and one not in {factor.node for factor in unknown}
        )
        return (*unknown, *known), notes
    given = factors
    if given is None and not unknown and methodology.uncertainty is not None:
        given = methodology.uncertainty.factors
    weights = tuple(one for one in given or () if one.kind in WEIGHT_KINDS)
    others = [one for one in given or () if one.kind not in WEIGHT_KINDS]
    if others:
        told = "; ".join(described(one) for one in others)
        notes.append(finding("DT323", f"not a matter of weights, and left out: {told}"))
    taken = {factor.node for factor in weights}
    weights = (*(one for one in unknown if one.node not in taken), *weights)
    if not weights:
        free = node if node in methodology.tree.weighing else next(iter(methodology.tree.weighing), node)
        weights = (Factor(id="any-weights", node=free, simplex=True),)
        notes.append(finding("DT319", f"free are all weights of {free}: nothing says how far they may move"))
    return weights, notes


def _unknown(methodology: Methodology, lacking: Mapping[str, tuple[str, ...]]) -> tuple[Factor, ...]:
    """Unpublished weights as factors: any that sum to 1; where some are published, these keep their proportion.

    Weights above that are learned from scores would be learned from what stands for the unpublished ones: they are any
    too.
    """
    tree = methodology.tree
    found: list[Factor] = []
    for node, members in lacking.items():
        children = tree.children[node]
        published = [one for one in children if one not in members and float(tree.items[one].weight or 0) > 0]
        if len(published) < 2:
            found.append(Factor(id=f"any-{node}", node=node, simplex=True))
            continue
        first = published[0]
        base = float(tree.items[first].weight)  # type: ignore[arg-type]
        ratios = tuple(
            WeightRatio(of=one, to=first, at_least=own, at_most=own)
            for one in published[1:]
            for own in (float(tree.items[one].weight) / base,)  # type: ignore[arg-type]
        )
        found.append(Factor(id=f"any-{node}", node=node, ratios=ratios))
    above = {parent for node in lacking for parent in _above(methodology, node)}
    for node in tree.weighing:
        learned = not uses_given_weights(tree.nodes[node].weights) and not isinstance(
            tree.nodes[node].weights, EqualWeights
        )
        if node in above and learned and node not in lacking:
            found.append(Factor(id=f"any-{node}", node=node, simplex=True))
    return tuple(found)


def _above(methodology: Methodology, node: str) -> list[str]:
    found = []
    parent = methodology.tree.items[node].parent
    while parent is not None:
        found.append(parent)
        parent = methodology.tree.items[parent].parent
    return found


def _rounding(program: Program, linear: Linear, ends: tuple[FloatArray, FloatArray]) -> tuple[float | None, float]:
    """The step of rounding in points, or the slack that it is in sums of another form."""
    expression = program.items[program.node]
    mean = expression.computed if isinstance(expression, Observed) else expression
    assert isinstance(mean, Mean)
    decimals = [one for one in (mean.decimals, program.decimals[program.node]) if one is not None]
    if not decimals:
        return None, 0.0
    step = 10.0 ** -min(decimals)
    if linear.points:
        return step, 0.0
    # A convex or a concave function rises most over a step at one of the ends of what scores can be.
    low, high = float(np.nanmin(ends[0])), float(np.nanmax(ends[1]))
    inward = [(one - mean.back.offset) / mean.back.slope for one in (low, low + step, high - step, high)]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = mean.form.forward(np.array(inward))
    rises = np.abs([values[1] - values[0], values[3] - values[2]])
    return None, float(np.nanmax(rises)) if np.isfinite(rises).any() else 0.0
