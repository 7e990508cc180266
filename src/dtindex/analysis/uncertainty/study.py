"""What simulation and sensitivity have in common: an index, a table, what is uncertain, and every variant of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.bounds import items_of
from dtindex.analysis.uncertainty.block import Classes, Task, Tiers
from dtindex.analysis.uncertainty.factors import described, factors_of, resolve
from dtindex.analysis.uncertainty.given_errors import GivenErrors, standard_errors
from dtindex.analysis.uncertainty.inputs import Errors, Weights
from dtindex.analysis.uncertainty.program import Program, compiled
from dtindex.analysis.uncertainty.tally import sampled_runs
from dtindex.analysis.uncertainty.variants import Design, Failure, Workshop
from dtindex.engine.points import Method, block_points, blocks_of
from dtindex.findings import Finding, InputError, Place, Severity, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.classes import Condition
from dtindex.spec.uncertainty import Factor
from dtindex.steps.classify import UNKNOWN, low_ends, schemes
from dtindex.steps.derive import period_order
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["Study"]

_TOLERANCE = 1e-9
_NAMED = 10
_ALL_DESIGNS = 512
_CLASSIFIED_UNITS = 1 << 20


class Study:
    """An index under uncertainty: whom it ranks, what is drawn, and a program for each combination of alternatives.

    Who is ranked is settled once, by the index as it stands: in every run the same units are ranked against each
    other. A run in which one of them has no score is no run.

    Raises
    ------
    UsageError
        DT024: no such node, period or item; DT420: the index is not fitted.
    InputError
        DT061, DT382, DT386, DT389; and as scoring does.
    """

    def __init__(
        self,
        index: CompositeIndex | Edition,
        table: Table | pd.DataFrame | str | None,
        factors: Sequence[Factor] | None,
        node: str | None,
        period: str | None,
        errors: GivenErrors | None,
    ) -> None:
        self.workshop = Workshop(index, table)
        self.scores: Scores = self.workshop.nominal
        tree = self.scores.methodology.tree
        self.node = self.scores.root if node is None else _one_of(node, list(tree.nodes), "node")
        self.period = _period(self.scores, period)
        self.rows = self._ranked_rows()
        known, self.default = factors_of(self.scores.methodology, factors, errors is not None)
        nominal = self.workshop.design()
        if isinstance(nominal, Failure):
            raise InputError(nominal.findings)
        self.nominal = nominal
        self._positions = np.cumsum(nominal.units) - 1
        given = None if errors is None else standard_errors(errors, self.scores, self.units)
        self.resolved = resolve(known, nominal, self.figures, given)
        self.failures: dict[int, str] = {}
        self.notes: list[Finding] = self._first_notes()

    @property
    def units(self) -> TextArray:
        """Keys of the units that are ranked ``(n,)``."""
        units: TextArray = self.scores.units[self.rows]
        return units

    @property
    def names(self) -> TextArray:
        """Their names."""
        names: TextArray = self.scores.names()[self.rows]
        return names

    @cached_property
    def reference_ranks(self) -> NDArray[np.int64]:
        """Ranks ``(n,)`` of the index as it stands."""
        ranks: NDArray[np.int64] = self.scores.rank(self.node)[self.rows]
        return ranks

    @cached_property
    def reference_scores(self) -> FloatArray:
        """Its scores ``(n,)``."""
        scores: FloatArray = self.scores.column(self.node)[self.rows]
        return scores

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What is uncertain."""
        return self.resolved.factors

    @property
    def weighted(self) -> tuple[Weights, ...]:
        """Nodes whose weights are drawn."""
        return tuple(one for one in self.resolved.inputs.inputs if isinstance(one, Weights))

    @property
    def members(self) -> list[tuple[str, str]]:
        """Node and member of each weight that is drawn, in order."""
        return [(one.node, member) for one in self.weighted for member in one.members]

    def figures(self, item: str) -> FloatArray:
        """Figures ``(n,)`` of an item as they were measured: raw ones, or a node's score in the table, or its own."""
        tree, rows = self.nominal.plan.tree, self._positions[self.rows]
        if not tree.is_node(item):
            if item in self.nominal.plan.chains:
                figures: FloatArray = self.nominal.rows.sample(item).values[rows]
                return figures
            return np.full(len(rows), np.nan)
        observed = self.nominal.rows.observed.get(item)
        own: FloatArray = self.nominal.parts[item].values[rows]
        return own if observed is None else np.where(np.isnan(observed[0][rows]), own, observed[0][rows])

    def programs(self, designs: Iterable[int]) -> dict[int, Program]:
        """The programs of combinations of alternatives; those that cannot be computed join the failures."""
        drawn = {one.node: one.members for one in self.weighted}
        noisy = {item for one in self.resolved.inputs.inputs if isinstance(one, Errors) for item in one.items}
        found = {}
        for number in designs:
            design = self.nominal if self._is_nominal(number) else self.workshop.design(self.resolved.change(number))
            if isinstance(design, Failure):
                self.failures[number] = design.reason
                continue
            program = self._compiled(design, drawn, noisy)
            if isinstance(program, str):
                self.failures[number] = program
            else:
                found[number] = program
        return found

    def _compiled(self, design: Design, drawn: Mapping[str, tuple[str, ...]], noisy: set[str]) -> Program | str:
        if self.node not in design.parts:
            return f"{self.node} is not there"
        own = np.cumsum(design.units) - 1
        if not design.units[self.rows].all():
            lost = self.units[~design.units[self.rows]]
            return f"{_listed(lost)} screened out"
        others = [node for node, members in drawn.items() if not _members_among(design, node, members)]
        if others:
            return f"{_listed(others)} has other members here than those whose weights are drawn"
        program = compiled(
            design,
            self.node,
            own[self.rows],
            {node: members for node, members in drawn.items() if node in design.plan.members},
            sorted(noisy & set(design.items)),
            [item for item in self._class_items if item in design.items],
        )
        unscored = np.isnan(program.nominal)
        if unscored.any():
            return f"{_listed(self.units[unscored])} without a score"
        if not program.deviation() <= _TOLERANCE:
            return f"worked out in another way its scores differ by {program.deviation():.1g} of the scale"
        return program

    def _is_nominal(self, number: int) -> bool:
        return not self.resolved.change(number)

    def designs(self, runs: int, seed: int, method: Method) -> list[int]:
        """Combinations of alternatives that may be drawn; of very many, those that are."""
        count = self.resolved.inputs.designs
        if count <= _ALL_DESIGNS:
            return list(range(count))
        inputs = self.resolved.inputs
        seen = np.zeros(0, dtype=np.intp)
        for block, size in enumerate(blocks_of(runs)):
            for points in block_points(inputs.dimensions, size, seed, block, method):
                seen = np.union1d(seen, inputs.chosen(points))
        return [int(number) for number in seen]

    def task(self, runs: int, seed: int, method: Method) -> Task:
        """What every block of a simulation works on.

        Raises
        ------
        InputError
            DT381 where no variant can be computed; DT382 where all that is drawn is elsewhere in the tree.
        """
        programs = self.programs(self.designs(runs, seed, method))
        if not programs:
            raise self.without_runs()
        self._refuse_certainty(programs)
        blocks = len(blocks_of(runs))
        units = len(self.rows)
        return Task(
            inputs=self.resolved.inputs,
            programs=programs,
            units=units,
            members=tuple(one.node for one in self.weighted),
            widths=len(self.members),
            seed=seed,
            method=method,
            sampled=sampled_runs(units, blocks),
            tiers=self._tiers,
            classes=self._classes,
            classified=-(-max(_CLASSIFIED_UNITS // units, 1) // blocks),
        )

    def _refuse_certainty(self, programs: Mapping[int, Program]) -> None:
        """DT382 where every run would be the same: ranks that nothing bears on are not certain for that."""
        moved = self._tiers is not None and self.node in self.resolved.tiers
        scores = {program.nominal.tobytes() for program in programs.values()}
        if moved or len(scores) > 1 or self.failures or any(program.varies for program in programs.values()):
            return
        told = "; ".join(described(factor) for factor in self.factors)
        raise InputError([finding("DT382", f"nothing of this bears on {self.node}: {told or 'errors'}")])

    def without_runs(self) -> InputError:
        """DT381 where no combination of alternatives can be computed: why, as errors."""
        reasons = dict.fromkeys(self.failures.values())
        return InputError([finding("DT381", reason, severity=Severity.ERROR) for reason in reasons])

    @cached_property
    def _tiers(self) -> Tiers | None:
        rule = next((one for one in self.scores.tier_rules if one.node == self.node), None)
        if rule is None:
            return None
        labels = [level.id for level in rule.levels]
        bounds = [level.at_least for level in rule.levels if level.at_least is not None]
        return Tiers(tuple(labels if len(labels) > len(bounds) else [*labels, ""]), tuple(bounds))

    @cached_property
    def _class_items(self) -> tuple[str, ...]:
        """Scored items that classes look at."""
        return self._scored_items([rule.when for rule in self.scores.methodology.classes if rule.when is not None])

    def _scored_items(self, conditions: Sequence[Condition]) -> tuple[str, ...]:
        tagged = self.scores.methodology.tree.tagged
        asked = dict.fromkeys(item for one in conditions for item in items_of(one, tagged))
        return tuple(item for item in asked if item in self.scores.items)

    @cached_property
    def _classes(self) -> Classes | None:
        rules = self.scores.methodology.classes
        if not rules:
            return None
        tree = self.scores.methodology.tree
        conditions = [rule.when for rule in rules if rule.when is not None]
        asked = dict.fromkeys(item for one in conditions for item in items_of(one, tree.tagged))
        labels = {
            scheme: tuple(dict.fromkeys([*(rule.id for rule in own), UNKNOWN, ""]))
            for scheme, own in schemes(rules).items()
        }
        reference = {item: self._frozen(item) for item in self._class_items} if not self.workshop.same else {}
        return Classes(
            rules=rules,
            labels=labels,
            items=self._class_items,
            asked={
                scheme: frozenset(self._scored_items([rule.when for rule in own if rule.when is not None]))
                for scheme, own in schemes(rules).items()
            },
            measured={item: self.scores.measured_columns[item][self.rows] for item in asked if not tree.is_node(item)},
            tagged=dict(tree.tagged),
            lows=low_ends(tree, self.scores.items),
            own_reference=self.workshop.same,
            reference=reference,
        )

    def _frozen(self, item: str) -> NDArray[np.int64]:
        known = self.scores.fitted_reference[item]
        if self.period is not None and self.period in known:
            return known[self.period]
        return known[period_order(np.array(list(known), dtype=object))[-1]]

    def _ranked_rows(self) -> NDArray[np.intp]:
        """Rows that are ranked in the period, in the order of the files.

        Raises
        ------
        InputError
            DT389 where nobody is.
        """
        rows = self.scores.sorted_rows()
        rows = rows[self._within(rows) & (self.scores.rank(self.node)[rows] > 0)]
        if not len(rows):
            raise InputError([finding("DT389", f"no unit is ranked by {self.node}")])
        return rows

    def _within(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        if self.period is None or self.scores.periods is None:
            return np.ones(len(rows), dtype=bool)
        within: NDArray[np.bool_] = self.scores.periods[rows] == self.period
        return within

    def _first_notes(self) -> list[Finding]:
        notes = []
        if self.default:
            told = "; ".join(described(factor) for factor in self.factors)
            notes.append(finding("DT380", f"the methodology does not say what is uncertain; taken: {told}"))
        every = self.scores.sorted_rows()
        left = every[self._within(every) & self.scores.classified[every] & (self.scores.rank(self.node)[every] == 0)]
        if len(left):
            message = f"not ranked, and in no run: {_listed(self.scores.units[left])}"
            notes.append(finding("DT383", message, Place(name=self.node)))
        if len(self.rows) == 1:
            notes.append(
                finding("DT384", f"{self.units[0]} is the only unit that is ranked: its rank is 1 in every run")
            )
        return notes


def _members_among(design: Design, node: str, members: Sequence[str]) -> bool:
    """Whether a variant's node has only members of these: over leaves or children, they are not the same."""
    return set(members).issuperset(design.plan.members.get(node, ()))


def _one_of(name: str, known: Sequence[str], what: str) -> str:
    if name in known:
        return name
    near = nearest(name, known)
    raise UsageError([finding("DT024", f"no {what} {name!r}" + (f"; nearest is {near!r}" if near else ""))])


def _period(scores: Scores, period: str | None) -> str | None:
    if scores.periods is None:
        if period is not None:
            raise UsageError([finding("DT024", f"the table has no periods, and so none called {period!r}")])
        return None
    known = [str(one) for one in period_order(scores.periods)]
    return known[-1] if period is None else _one_of(str(period), known, "period")


def _listed(units: Iterable[object]) -> str:
    names = [str(unit) for unit in units]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
