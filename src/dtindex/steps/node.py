"""One node: its children's scores, weights and gaps become its score, status and coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import round_half_up
from dtindex.spec.methods import Scale
from dtindex.spec.tree import NodeSettings
from dtindex.status import LEAVES_NO_VALUE, PROPAGATES, Status, StatusArray
from dtindex.steps.aggregate import Aggregator, aggregator
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.coverage import Amount, Extent, enough, extent_of, measured
from dtindex.steps.types import FloatArray, NoVariation, Problem, State, Unfit

__all__ = ["NodeStep", "Part", "leaf_part"]

Truth = NDArray[np.bool_] | bool
_PROPAGATES = np.uint16(PROPAGATES)
_NO_VALUE = np.uint16(LEAVES_NO_VALUE)
_MISSING = np.uint16(Status.MISSING)
_NOT_APPLICABLE = np.uint16(Status.NOT_APPLICABLE)
_WITHHELD = np.uint16(Status.WITHHELD)
_PARTIAL = np.uint16(Status.PARTIAL)
_OBSERVED = np.uint16(Status.OBSERVED)
_LAST_BITS = 1e-12


@dataclass(slots=True)
class Part:
    """An item's scores for a block of rows: ``values`` and ``flags`` ``(rows,)``, and what is known below it."""

    values: FloatArray
    flags: StatusArray
    extent: Extent
    coverage: Amount
    complete: bool
    """No value is NaN."""
    computed: FloatArray | None = None
    """A node's aggregate where its value was taken from the table."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def present(self) -> Truth:
        """Rows that have a value."""
        return True if self.complete else ~np.isnan(self.values)

    @property
    def applicable(self) -> Truth:
        """Rows that could have one."""
        return True if self.complete else (self.flags & _NOT_APPLICABLE) == 0


def leaf_part(
    values: FloatArray, flags: StatusArray, problems: list[Problem], gaps: NDArray[np.bool_] | None = None
) -> Part:
    """The part of an indicator from its scores; ``gaps`` are where they are NaN, if that is known already."""
    if gaps is None:
        gaps = np.isnan(values)
    if not gaps.any():
        return Part(values, flags, Extent(), 1.0, True, problems=problems)
    known = (~gaps).astype(np.float64)
    applicable = ((flags & _NOT_APPLICABLE) == 0).astype(np.float64)
    return Part(values, flags, Extent(known, known, applicable), known, False, problems=problems)


class NodeStep:
    """The arithmetic of one node; built once from its settings and its members, keeps no data."""

    def __init__(self, settings: NodeSettings, members: Sequence[str], scales: Mapping[str, Scale]) -> None:
        self.settings = settings
        self.members = tuple(members)
        self.scales = scales
        self.aggregator: Aggregator[object] = aggregator(settings.aggregate)

    def inputs(
        self, parts: Mapping[str, Part], weights: Sequence[float], periods: NDArray[np.object_] | None = None
    ) -> Inputs:
        """The members' columns on the node's scale."""
        columns = [self._on_scale(member, parts[member].values) for member in self.members]
        complete = [parts[member].complete for member in self.members]
        if self.settings.coverage.missing == "zero":
            for index, member in enumerate(self.members):
                if not complete[index]:
                    gap = np.isnan(columns[index]) & (parts[member].flags & _NOT_APPLICABLE == 0)
                    columns[index] = np.where(gap, self._low_end(member), columns[index])
        return Inputs(
            self.members, columns, weights, complete, lambda item: (parts[item].values, self.scales[item]), periods
        )

    def fit(self, parts: Mapping[str, Part], weights: Sequence[float]) -> tuple[State, list[Problem]]:
        """What the aggregation learns from the reference rows."""
        try:
            return self.aggregator.fit(self.inputs(parts, weights)), []
        except NoVariation as reason:
            return {}, [Problem("DT301", self.settings.id, f"{self.aggregator.method}: {reason}")]
        except Unfit as reason:
            return {}, [Problem(reason.code, self.settings.id, f"{self.aggregator.method}: {reason}")]

    def score(
        self,
        parts: Mapping[str, Part],
        weights: Sequence[float],
        state: State,
        periods: NDArray[np.object_] | None = None,
    ) -> Part:
        """The node's part from its members'; see DESIGN's coverage rules.

        A member that is withheld makes the node missing; one that is not applicable is not asked for; what else is
        missing
        is renormalised away, or counted as the low end of the scale, as long as coverage is enough.
        """
        members = [parts[member] for member in self.members]
        inputs = self.inputs(parts, weights, periods)
        scale = None if self.settings.scale == "open" else self.settings.scale
        values = self.aggregator.combine(inputs, state, scale)
        problems = self._zeros(inputs, scale)
        counted = weights
        if self.settings.round is not None:
            width = 1.0 if scale is None else abs(scale[1] - scale[0])
            values = round_half_up(values, self.settings.round, width)
        if all(member.complete for member in members):
            return self._complete(members, counted, values, problems)
        return self._with_gaps(members, counted, values, problems, inputs)

    def observe(self, part: Part | None, values: FloatArray, flags: StatusArray, leaves: int) -> Part:
        """The node's part where the table has its value: that is its score, and the aggregate stands beside it.

        ``part`` is None for a node without members.
        """
        if part is None:
            taken = leaf_part(values, np.where(np.isnan(values), flags, flags | _OBSERVED).astype(np.uint16), [])
            taken.computed = np.full(values.shape, np.nan)
            return taken
        here = ~np.isnan(values)
        # A cell that says why it has no value is an answer; only an empty one leaves the word to the aggregate.
        answered = ~here & (flags & (_WITHHELD | _NOT_APPLICABLE) != 0)
        withheld = flags & _WITHHELD != 0
        scores = np.where(here, values, np.where(answered, np.nan, part.values))
        own = (flags & ~_NO_VALUE | _OBSERVED).astype(np.uint16)
        reason = np.where(withheld, _MISSING | _WITHHELD, _NOT_APPLICABLE)
        status = np.where(here, own, np.where(answered, reason, part.flags)).astype(np.uint16)
        extent = Extent(
            *(
                np.where(here, full, some)
                for full, some in zip((1.0, float(leaves), float(leaves)), _amounts(part.extent), strict=True)
            )
        )
        coverage = np.where(here, 1.0, part.coverage)
        complete = not np.isnan(scores).any()
        # What the aggregate met does not matter where it is not the score.
        problems = [replace(one, rows=tuple(row for row in one.rows if not here[row])) for one in part.problems]
        problems = [one for one in problems if one.rows]
        return Part(scores, status, extent, coverage, complete, computed=part.values, problems=problems)

    def _on_scale(self, member: str, values: FloatArray) -> FloatArray:
        own, whole = self.scales[member], self.settings.scale
        if own == whole or own == "open" or whole == "open" or not self.aggregator.keeps_scale:
            return values
        return whole[0] + (whole[1] - whole[0]) * ((values - own[0]) / (own[1] - own[0]))

    def _low_end(self, member: str) -> float:
        """The low end of a member's scale, on the node's scale; 0 of an open one."""
        own = self.scales[member]
        return 0.0 if own == "open" else float(self._on_scale(member, np.array([own[0]]))[0])

    def _complete(
        self, members: Sequence[Part], weights: Sequence[float], values: FloatArray, problems: list[Problem]
    ) -> Part:
        truths: list[Truth] = [True] * len(members)
        extent = extent_of([member.extent for member in members], weights, truths, truths)
        coverage = measured(self.settings.coverage, extent, weights, truths, truths)
        flags = _inherited(members)
        # Every member has a value, and yet too little may be known of the leaves below them.
        covered = enough(self.settings.coverage, coverage)
        lost = np.isnan(values)
        if self.aggregator.chooses:
            covered = covered | ~lost
        gaps = lost | ~covered
        if not gaps.any():
            if not isinstance(extent.share, float):
                flags = flags | _partial(extent, values)
            return Part(values, flags, extent, coverage, True, problems=problems)
        problems = problems + self._without_value(lost & covered, members)
        values = np.where(gaps, np.nan, values)
        flags = np.where(gaps, _MISSING, flags | _partial(extent, values)).astype(np.uint16)
        return Part(values, flags, extent, coverage, False, problems=problems)

    def _with_gaps(
        self,
        members: Sequence[Part],
        weights: Sequence[float],
        values: FloatArray,
        problems: list[Problem],
        inputs: Inputs,
    ) -> Part:
        present = [member.present for member in members]
        applicable = [member.applicable for member in members]
        extent = extent_of([member.extent for member in members], weights, present, applicable)
        coverage = measured(self.settings.coverage, extent, weights, present, applicable)
        rows = values.shape
        withheld = np.zeros(rows, dtype=bool)
        asked = np.zeros(rows, dtype=bool)
        for member, asks in zip(members, applicable, strict=True):
            withheld |= (member.flags & _WITHHELD) != 0
            asked |= asks
        covered = np.broadcast_to(enough(self.settings.coverage, coverage), rows)
        if self.aggregator.chooses:
            covered = covered | ~np.isnan(values)
        known = covered & ~withheld & asked
        unexplained = known & np.isnan(values) & _some_input(inputs)
        problems = problems + self._without_value(unexplained, members)
        scored = known & ~np.isnan(values)
        empty = np.where(asked, _MISSING, _NOT_APPLICABLE)
        flags = np.where(scored, _inherited(members) | _partial(extent, values), empty).astype(np.uint16)
        scores = np.where(scored, values, np.nan)
        return Part(scores, flags, extent, coverage, bool(scored.all()), problems=problems)

    def _zeros(self, inputs: Inputs, scale: tuple[float, float] | None) -> list[Problem]:
        met = self.aggregator.zeros(inputs, scale)
        if met is None or not met.any():
            return []
        message = f"a zero below makes the {self.aggregator.method} mean zero; declare `within:`, or `zeros: allow`"
        return [Problem("DT305", self.settings.id, message, _rows(met))]

    def _without_value(self, gaps: NDArray[np.bool_], members: Sequence[Part]) -> list[Problem]:
        if not gaps.any() or self.aggregator.method == "cases":
            return []
        return [Problem("DT304", self.settings.id, self.aggregator.without_value(), _rows(gaps))]


def _inherited(members: Sequence[Part]) -> StatusArray:
    flags = np.zeros(members[0].values.shape, dtype=np.uint16)
    for member in members:
        own = member.flags & _PROPAGATES
        flags |= own if member.complete else np.where(np.isnan(member.values), np.uint16(0), own)
    return flags


def _partial(extent: Extent, values: FloatArray) -> StatusArray:
    """The flag of rows of which not every leaf is known, but for the last bits of a division."""
    share = np.broadcast_to(np.asarray(extent.share), values.shape)
    return np.where(share < 1 - _LAST_BITS, _PARTIAL, np.uint16(0))


def _some_input(inputs: Inputs) -> NDArray[np.bool_]:
    """Rows in which a child with a weight is known, so that a mean without value means a formula out of its domain."""
    found = np.zeros(inputs.columns[0].shape, dtype=bool)
    for column, weight in zip(inputs.columns, inputs.weights, strict=True):
        if weight > 0:
            found |= ~np.isnan(column)
    return found


def _amounts(extent: Extent) -> tuple[Amount, Amount, Amount]:
    return extent.share, extent.used, extent.total


def _rows(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(mask))
