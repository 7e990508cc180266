"""A fitted variant as an expression that is worked out for many runs at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.composite import (
    Affine,
    Branch,
    Called,
    Closeness,
    Condition,
    Drawn,
    Draws,
    Expression,
    Fixed,
    Form,
    Mean,
    Observed,
    Perturbed,
    Shares,
    StoodIn,
    Switch,
    Weighting,
    collapsed,
    evaluate,
)
from dtindex.engine.keys import PROPORTION, open_width
from dtindex.engine.orders import LinearScores, first_alike
from dtindex.findings import Place, UsageError, finding
from dtindex.spec.methods import (
    Arithmetic,
    Cases,
    Geometric,
    Harmonic,
    Interval,
    Power,
    Scale,
    SumAggregate,
    Topsis,
    When,
)
from dtindex.status import Status
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.node import NodeStep
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    from dtindex.analysis.uncertainty.variants import Design
    from dtindex.steps.indicator import IndicatorChain, Learned
    from dtindex.steps.types import Sample

__all__ = ["Noisy", "Program", "compiled"]

_NOT_APPLICABLE = np.uint16(Status.NOT_APPLICABLE)
_WITHHELD = np.uint16(Status.WITHHELD)
_HALF_KEY = 0.5e-12


@dataclass(frozen=True, eq=False)
class Noisy:
    """An indicator whose figures have an error: it goes its whole way in each run, with what was learned without it.

    ``coded`` are scores that codes gave, which have no error; ``filled`` scores of cells without a figure.
    """

    chain: IndicatorChain
    learned: Learned
    sample: Sample
    scores: FloatArray

    def drawn(self, errors: FloatArray) -> FloatArray:
        """Scores ``(runs, n)`` with errors ``(runs, n)`` in the unit of the figures."""
        runs, count = errors.shape
        own = self.sample
        sample = replace(
            own,
            values=(own.values + errors).ravel(),
            flags=np.tile(own.flags, runs),
            units=None if own.units is None else np.tile(own.units, runs),
            periods=None if own.periods is None else np.tile(own.periods, runs),
            groups={
                name: replace(grouping, codes=np.tile(grouping.codes, runs)) for name, grouping in own.groups.items()
            },
        )
        values, _, _ = self.chain.score(sample, self.learned)
        values = values.reshape(runs, count)
        # What has no figure of its own keeps the score that it has: imputed, by a code, or none.
        return np.where(np.isnan(own.values), self.scores, values)


@dataclass(frozen=True, eq=False)
class Program:
    """Scores of one variant for the units that are ranked, as a function of what is drawn.

    ``items`` are expressions of the node and of what classes look at. ``linear`` stands beside that of the node where
    it is a weighted mean of fixed scores, with the weighting that makes it.
    """

    node: str
    items: Mapping[str, Expression]
    widths: Mapping[str, float]
    decimals: Mapping[str, int | None]
    noisy: Mapping[str, Noisy]
    nominal: FloatArray
    """Scores ``(n,)`` of the node where nothing is drawn."""
    linear: tuple[LinearScores, Weighting] | None = None
    alike: NDArray[np.intp] | None = None
    """For each unit the first that is equal to it in all that the node's score is made of; None where no two are."""
    _check: Draws | None = field(default=None, repr=False)

    @property
    def undisturbed(self) -> Draws:
        """What is drawn where nothing is: the variant's own weights, and no errors."""
        assert self._check is not None
        return self._check

    @property
    def varies(self) -> bool:
        """Whether anything that is drawn bears on the node's score."""
        return not isinstance(self.items[self.node], Fixed)

    def draws(self, runs: int, weights: Mapping[str, FloatArray], errors: Mapping[str, FloatArray]) -> Draws:
        """What expressions take, from what was drawn: errors of indicators become scores."""
        scores = {item: self.noisy[item].drawn(own) if item in self.noisy else own for item, own in errors.items()}
        return Draws(runs, weights, scores)

    def scores(self, draws: Draws, item: str | None = None) -> FloatArray:
        """Scores ``(runs, n)`` of the node, or of another item that was compiled.

        None of what an error takes out of proportion to its scale, as scoring does (DT306): it would have no key.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            found = evaluate(self.items[item or self.node], draws)
            if draws.scores:
                found = np.where(np.abs(found) <= PROPORTION * self.widths[item or self.node], found, np.nan)
        if self.alike is not None and item in (None, self.node):
            # A product of matrices may round equal columns differently, which must not part equal units.
            found = found[..., self.alike]
        return found if found.ndim == 2 else np.broadcast_to(found, (draws.runs, len(found)))

    def deviation(self) -> float:
        """How far the expression is from the variant's own scores where nothing is drawn, in widths of the scale."""
        found = self.scores(self.undisturbed)[0]
        apart = np.isnan(found) != np.isnan(self.nominal)
        if apart.any():
            return float("inf")
        known = ~np.isnan(found)
        return float(np.abs(found[known] - self.nominal[known]).max(initial=0.0)) / self.widths[self.node]


def compiled(
    design: Design,
    node: str,
    rows: NDArray[np.intp],
    drawn: Mapping[str, tuple[str, ...]],
    noisy: Collection[str] = (),
    items: Collection[str] = (),
) -> Program:
    """The program of a variant for ``rows`` (positions among the rows that are scored).

    ``drawn`` gives by node whose weights are drawn the members that they are drawn for, ``noisy`` items whose figures
    have errors, ``items`` what else is asked for.
    """
    compiler = _Compiler(design, rows, drawn, noisy)
    expressions = {item: collapsed(compiler.expression(item)) for item in dict.fromkeys((node, *items))}
    widths = {item: float(design.widths[item]) for item in expressions}
    decimals = {item: design.rank_decimals(item) for item in expressions}
    nominal = design.parts[node].values[rows]
    root = expressions[node]
    linear = None
    if decimals[node] is None and isinstance(root, Mean) and _is_linear(root):
        values = np.stack(
            [root.back(to_scale(_fixed(one))) for one, to_scale in zip(root.members, root.maps, strict=True)]
        )
        linear = LinearScores(values, widths[node]), root.weighting
    check = Draws(
        1,
        {name: compiler.nominal_weights(name, members) for name, members in drawn.items()},
        {item: compiler.undisturbed(item) for item in noisy},
    )
    alike = _alike(root, nominal)
    return Program(node, expressions, widths, decimals, compiler.noisy_leaves, nominal, linear, alike, check)


def _alike(expression: Expression, nominal: FloatArray) -> NDArray[np.intp] | None:
    columns: list[FloatArray] = []
    if len(np.unique(nominal)) == len(nominal) or not _fixed_columns(expression, columns):
        return None
    return first_alike(np.stack(columns))


def _fixed_columns(expression: Expression, columns: list[FloatArray]) -> bool:
    """Put into ``columns`` all that tells units apart; whether that is all, and nothing is drawn for each of them."""
    below: list[Expression]
    if isinstance(expression, Fixed):
        # NaN is not equal to itself.
        columns += [np.nan_to_num(expression.values), np.isnan(expression.values).astype(np.float64)]
        return True
    if isinstance(expression, Drawn | Perturbed):
        return False
    if isinstance(expression, StoodIn):
        columns += [np.nan_to_num(expression.low), np.isnan(expression.low).astype(np.float64)]
        return _fixed_columns(expression.of, columns)
    if isinstance(expression, Observed):
        columns.append(expression.here.astype(np.float64))
        below = [one for one in (expression.given, expression.computed) if one is not None]
    else:
        if expression.absent is not None:
            columns.append(expression.absent.astype(np.float64))
        if isinstance(expression, Switch):
            below = [one.member for one in expression.branches]
            below += [one.when.of for one in expression.branches if one.when is not None]
        else:
            below = list(expression.members)
    return all(_fixed_columns(one, columns) for one in below)


def _is_linear(mean: Mean) -> bool:
    return (
        mean.form.name == "arithmetic"
        and mean.absent is None
        and mean.decimals is None
        and all(isinstance(member, Fixed) and not np.isnan(member.values).any() for member in mean.members)
    )


def _fixed(expression: Expression) -> FloatArray:
    assert isinstance(expression, Fixed)
    return expression.values


class _Compiler:
    """Builds expressions bottom-up, each item once."""

    def __init__(
        self,
        design: Design,
        rows: NDArray[np.intp],
        drawn: Mapping[str, tuple[str, ...]],
        noisy: Collection[str],
    ) -> None:
        self.design = design
        self.rows = rows
        self.drawn = drawn
        self.noisy = frozenset(noisy)
        self.tree = design.plan.tree
        self.noisy_leaves: dict[str, Noisy] = {}
        self._known: dict[str, Expression] = {}

    def expression(self, item: str) -> Expression:
        """The expression of an item."""
        if item not in self._known:
            self._known[item] = self._node(item) if self.tree.is_node(item) else self._leaf(item)
        return self._known[item]

    def nominal_weights(self, node: str, members: tuple[str, ...]) -> FloatArray:
        """The variant's own weights ``(1, members)`` as shares of those that they are drawn for."""
        own = dict(
            zip(self.design.plan.members.get(node, ()), self.design.parameters.weights.get(node, ()), strict=True)
        )
        total = sum(own.values())
        return np.array([[own.get(member, 0.0) / total if total else 1.0 / len(members) for member in members]])

    def undisturbed(self, item: str) -> FloatArray:
        """What stands for the draws of an item with errors where there is none: its scores, or an error of 0."""
        if item in self.noisy_leaves:
            return self._nominal(item)[None, :]
        return np.zeros((1, len(self.rows)))

    def _nominal(self, item: str) -> FloatArray:
        values: FloatArray = self.design.parts[item].values[self.rows]
        return values

    def _leaf(self, item: str) -> Expression:
        chain = self.design.plan.chains.get(item)
        if item not in self.noisy or chain is None:
            return Fixed(self._nominal(item))
        sample = self.design.rows.sample(item).take(self.rows)  # in the order of rows, which need not ascend
        coded = self.design.rows.coded.get(item)
        if coded is not None:  # a code's score is no figure, and has no error
            sample = sample.with_values(np.where(np.isnan(coded[self.rows]), sample.values, np.nan))
        learned = self.design.parameters.indicators[item]
        self.noisy_leaves[item] = Noisy(chain, learned, sample, self._nominal(item))
        return Drawn(item)

    def _node(self, node: str) -> Expression:
        computed = self._computed(node)
        observed = self.design.rows.observed.get(node)
        if observed is None:
            if computed is None:
                return Fixed(self._nominal(node))
            return Perturbed(computed, node) if node in self.noisy else computed
        values, flags = observed[0][self.rows], observed[1][self.rows]
        here = ~np.isnan(values)
        given: Expression = Fixed(values)
        if node in self.noisy:
            given = Perturbed(given, node)
        # A cell that says why it has no value is an answer, and is not computed.
        answered = ~here & (flags & (_WITHHELD | _NOT_APPLICABLE) != 0)
        if here.all() or computed is None:
            return Observed(here, given, None) if node in self.noisy else Fixed(self._nominal(node))
        if isinstance(computed, Fixed) and node not in self.noisy:
            return Fixed(self._nominal(node))
        return Observed(here | answered, given, computed)

    def _computed(self, node: str) -> Expression | None:
        """The aggregate, as a constant where nothing below it is drawn; None where there is none."""
        step = self.design.plan.steps.get(node)
        if step is None or not self.design.plan.members[node]:
            return None
        members = [self.expression(member) for member in step.members]
        aggregate = step.settings.aggregate
        conditions = []
        if isinstance(aggregate, Cases):
            conditions = [self.expression(case.when.id) for case in aggregate.cases if case.when is not None]
        if (node not in self.drawn or step.aggregator.weightless) and all(
            isinstance(one, Fixed) for one in (*members, *conditions)
        ):
            part = self.design.parts[node]
            return Fixed((part.values if part.computed is None else part.computed)[self.rows])
        members = [self._stood_in(step, name, one) for name, one in zip(step.members, members, strict=True)]
        return self._put_together(step, members)

    def _stood_in(self, step: NodeStep, name: str, member: Expression) -> Expression:
        """The member with the low end of its scale where it is missing and counts so."""
        if step.settings.coverage.missing != "zero":
            return member
        part = self.design.parts[name]
        own = self.design.plan.scales[name]
        asked = part.flags[self.rows] & _NOT_APPLICABLE == 0
        low = np.where(asked, 0.0 if own == "open" else own[0], np.nan)
        if isinstance(member, Fixed):
            return Fixed(np.where(np.isnan(member.values), low, member.values))
        # Who has none may be others in each run: of a choice, or of a mean that met a negative value.
        return StoodIn(member, low)

    def _put_together(self, step: NodeStep, members: list[Expression]) -> Expression:
        settings = step.settings
        node, aggregate = settings.id, settings.aggregate
        scale = None if settings.scale == "open" else settings.scale
        absent = self._absent(node)
        width = 1.0 if scale is None else abs(scale[1] - scale[0])
        maps = [self._to_scale(step, member) for member in step.members]
        if isinstance(aggregate, Cases):
            return self._switch(aggregate, dict(zip(step.members, members, strict=True)), step, absent, width)
        weighting = self._weighting(node)
        if isinstance(aggregate, Topsis):
            state = self.design.parameters.nodes[node]
            if not state:  # nothing varies among the reference units
                return Fixed(np.full(len(self.rows), np.nan))
            back = Affine() if scale is None else Affine(scale[0], scale[1] - scale[0])
            # Members are put on the node's scale first, and ideals are of those.
            on_scale = [_mapped(member, to_scale) for member, to_scale in zip(members, maps, strict=True)]
            best, worst, length = (np.asarray(state[name], dtype=np.float64) for name in ("best", "worst", "length"))
            return Closeness(tuple(on_scale), weighting, best, worst, length, back, absent, settings.round, width)
        if not isinstance(aggregate, Arithmetic | SumAggregate | Geometric | Harmonic | Power):
            on_scale = [_mapped(member, to_scale) for member, to_scale in zip(members, maps, strict=True)]
            return Called(tuple(on_scale), weighting, self._function(step, scale), absent, settings.round, width)
        form, back, low = Form(), Affine(), None
        if isinstance(aggregate, SumAggregate):
            back = Affine(0.0, float(sum(self.design.parameters.weights[node])))
        elif not isinstance(aggregate, Arithmetic):
            form = _form(aggregate)
            if aggregate.within is not None and scale is not None:
                inward = _between(scale, aggregate.within)
                maps = [inward.after(one) for one in maps]
                back, low = _between(aggregate.within, scale), min(scale)
        return Mean(tuple(members), weighting, form, tuple(maps), back, absent, settings.round, width, low)

    def _function(
        self, step: NodeStep, scale: Interval | None
    ) -> Callable[[list[FloatArray], list[float]], FloatArray]:
        """The aggregation itself, of members on the node's scale.

        Raises
        ------
        UsageError
            DT386 where it ranks a set in which others take part than those whose ranks are drawn.
        """
        node = step.settings.id
        state = self.design.parameters.nodes[node]
        if step.aggregator.set_relative:
            values = self.design.parts[node].values
            if not np.array_equal(np.flatnonzero(~np.isnan(values)), np.sort(self.rows)):
                message = (
                    f"{node} ranks all units with a score as a set ({step.aggregator.method}), and not all of them"
                )
                message += " are ranked in the period that is drawn"
                raise UsageError([finding("DT386", message, Place(name=node))])

        def put_together(columns: list[FloatArray], weights: list[float]) -> FloatArray:
            complete = [not np.isnan(column).any() for column in columns]
            return step.aggregator.combine(Inputs(step.members, columns, weights, complete, _unasked), state, scale)

        return put_together

    def _absent(self, node: str) -> NDArray[np.bool_] | None:
        """Units that have no score of the node in this variant; which they are is not asked again in each run."""
        part = self.design.parts[node]
        values = part.values if part.computed is None else part.computed
        absent = np.isnan(values[self.rows])
        step = self.design.plan.steps[node]
        if step.aggregator.chooses and absent.any():  # the one that a run takes may be known where another is not
            flags = [self.design.parts[member].flags[self.rows] for member in step.members]
            answered = np.any([(own & _WITHHELD) != 0 for own in flags], axis=0)
            absent = absent & (answered | np.all([(own & _NOT_APPLICABLE) != 0 for own in flags], axis=0))
        return absent if absent.any() else None

    def _weighting(self, node: str) -> Shares:
        own = np.array(self.design.parameters.weights[node], dtype=np.float64)
        if node not in self.drawn:
            total = own.sum()
            return Shares(own / total if total > 0 else own)
        drawn = self.drawn[node]
        columns = tuple(drawn.index(member) for member in self.design.plan.members[node])
        return Shares(name=node, columns=columns, partial=columns != tuple(range(len(drawn))))

    def _to_scale(self, step: NodeStep, member: str) -> Affine:
        own, whole = self.design.plan.scales[member], step.settings.scale
        if own == whole or own == "open" or whole == "open" or not step.aggregator.keeps_scale:
            return Affine()
        return _between(own, whole)

    def _switch(
        self,
        aggregate: Cases,
        members: Mapping[str, Expression],
        step: NodeStep,
        absent: NDArray[np.bool_] | None,
        width: float,
    ) -> Switch:
        branches = [
            Branch(
                members[case.take],
                self._to_scale(step, case.take),
                None if case.when is None else self._condition(case.when),
            )
            for case in aggregate.cases
        ]
        return Switch(tuple(branches), absent, step.settings.round, width)

    def _condition(self, when: When) -> Condition:
        scale = self.design.plan.scales[when.id]
        bounds: list[tuple[Literal["above", "at_least", "below", "at_most"], float]] = []
        kinds: tuple[tuple[Literal["above", "at_least", "below", "at_most"], float], ...] = (
            ("above", 1.0),
            ("at_least", -1.0),
            ("below", -1.0),
            ("at_most", 1.0),
        )
        for kind, side in kinds:
            bound = getattr(when, kind)
            if bound is not None:
                width = open_width(np.array([bound])) if scale == "open" else scale[1] - scale[0]
                bounds.append((kind, bound + side * width * _HALF_KEY))
        return Condition(self.expression(when.id), tuple(bounds))


def _between(own: tuple[float, float], whole: tuple[float, float]) -> Affine:
    """The linear map that takes the ends of one interval to those of another."""
    slope = (whole[1] - whole[0]) / (own[1] - own[0])
    return Affine(whole[0] - slope * own[0], slope)


def _mapped(member: Expression, to_scale: Affine) -> Expression:
    if to_scale.is_identity:
        return member
    if isinstance(member, Fixed):
        return Fixed(to_scale(member.values))
    return Mean((member,), Shares(np.ones(1)), Form(), (to_scale,), Affine())


def _unasked(item: str) -> tuple[FloatArray, Scale]:
    raise KeyError(item)  # conditions have expressions of their own


def _form(aggregate: Geometric | Harmonic | Power) -> Form:
    if isinstance(aggregate, Geometric):
        return Form("geometric")
    if isinstance(aggregate, Harmonic):
        return Form("harmonic")
    return Form("geometric") if aggregate.p == 0 else Form("power", float(aggregate.p))
