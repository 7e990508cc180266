"""Scoring one unit in well under a millisecond: the same arithmetic on arrays of length one, without a table."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtindex.engine.keys import MISSING, PROPORTION, round_half_up
from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding
from dtindex.fitted import Fitted
from dtindex.spec.methods import ThresholdTiers
from dtindex.status import Status, status_text
from dtindex.steps.answers import Points, points_of
from dtindex.steps.classify import Figures, classify, low_ends, schemes
from dtindex.steps.coverage import Extent
from dtindex.steps.derive import Column, Panel, derive, period_order
from dtindex.steps.node import Part
from dtindex.steps.normalise.linear import linear
from dtindex.steps.plan import Rows
from dtindex.steps.tier import tier_by_thresholds
from dtindex.steps.types import FloatArray, Grouping, Problem, Sample
from dtindex.tables.answers import Answers
from dtindex.tables.check import Item, items_of
from dtindex.tables.given import GivenUnits, read_values
from dtindex.tables.survey.one import AnswerValue

__all__ = ["UnitScore", "UnitScorer"]

_WHOLE = Extent()
_NOTHING = Extent(0.0, 0.0, 1.0)
_NORMAL = np.zeros(1, dtype=np.uint16)
_MISSING = np.full(1, Status.MISSING, dtype=np.uint16)
_NAN = np.full(1, np.nan)
_ONE = np.array([""], dtype=object)
_FIRST = np.zeros(1, dtype=np.intp)
_EVERYONE = np.ones(1, dtype=bool)
for _shared in (_NORMAL, _MISSING, _NAN):
    _shared.flags.writeable = False


@dataclass(frozen=True, slots=True)
class UnitScore:
    """Scores of one unit by item; a score is None where there is none, and its status says why."""

    scores: dict[str, float | None]
    ranks: dict[str, int | None]
    """The rank that the unit would take among the reference units."""
    percentiles: dict[str, float | None]
    """Share of the reference units that score lower, ties counted half, in per cent."""
    coverage: dict[str, float]
    status: dict[str, str]
    classes: dict[str, str | None]
    """By scheme: the class, ``unknown`` where too little is known, None where no rule holds."""
    tiers: dict[str, str | None] = field(default_factory=dict)
    """By node that has tiers: the tier, None where there is no score."""
    findings: Findings = Findings()
    """Warnings: what could not be derived, a zero under a geometric mean, a period that nothing was fitted for."""


class UnitScorer:
    """Scores single units with a fitted index; built once, used often."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        methodology = fitted.methodology
        self.given = GivenUnits(methodology)
        self.readable = {item.id: item for item in self.given.items}
        self.special = {item.id for item in self.given.items if _is_special(item)}
        self.derived = tuple(indicator for indicator in methodology.indicators if indicator.derive is not None)
        self.respondent = self.given.respondent
        self.open_answers = self.given.open_answers
        questions = methodology.tree.questions
        self.points = {
            item.id: ((item.answer.question, item.answer.row or ""), points_of(item.answer, questions))
            for item in methodology.indicators
            if item.answer is not None
        }
        self.known: dict[tuple[str, Answers], Column] = {}
        self.schemes = schemes(methodology.classes)
        self.tiers = fitted.tier_rules
        self.lows = low_ends(methodology.tree, fitted.plan.items) if self.schemes else {}
        self.nodes = tuple(node.id for node in methodology.nodes if node.column is not None)
        items = fitted.plan.items
        self.widths = np.array([fitted.widths[item] for item in items])
        decimals = [fitted.rank_decimals(item) for item in items]
        self.rounded = [(column, places) for column, places in enumerate(decimals) if places is not None]
        self.linear = _LinearLeaves(fitted)
        self.each_period = [item for item, chain in fitted.plan.chains.items() if chain.fits_each_period]
        self.latest = {item: period_order(np.array([*by], dtype=object))[-1] for item, by in fitted.reference.items()}
        # Searching a list is ten times faster than searching an array for a single key.
        self.references: dict[str, dict[str, list[int]]] = {
            item: {period: keys.tolist() for period, keys in by.items()} for item, by in fitted.reference.items()
        }

    def __call__(
        self,
        values: Mapping[str, AnswerValue],
        unit: str = "",
        period: str | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> UnitScore:
        """Score one unit; see :meth:`Edition.score_unit`.

        Raises
        ------
        UsageError
            DT214 for an id that the methodology does not read; DT215 where a period is needed and none is named.
        InputError
            DT222 for an infinite value; DT224, DT304, DT306 for one that a formula cannot take; DT220, DT223 to DT225,
            DT230 for answers that a question does not have.
        """
        if period is None and self.each_period:
            message = f"parameters were fitted for each period; name the period, for {self.each_period[0]}"
            raise UsageError([finding("DT215", message, Place(name=self.each_period[0]))])
        coded: dict[str, FloatArray] = {}
        columns, problems, remarks = self._columns(values, coded)
        rows = self._rows(columns, coded, unit, period, groups or {})
        plan, learned = self.fitted.plan, self.fitted.parameters
        with np.errstate(over="ignore", invalid="ignore"):
            leaves = self.linear.parts(columns)
            leaves |= {item: plan.leaf(item, rows, learned) for item in plan.chains if item not in leaves}
            parts = plan.climb(leaves, rows, learned)
        problems += [problem for part in parts.values() for problem in part.problems]
        found = [finding(problem.code, problem.message, Place(name=problem.item)) for problem in problems]
        findings = Findings([*remarks, *found])
        findings.raise_errors()
        return self._result(parts, columns, period, findings)

    def _columns(
        self, values: Mapping[str, AnswerValue], coded: dict[str, FloatArray]
    ) -> tuple[dict[str, Column], list[Problem], list[Finding]]:
        columns: dict[str, Column] = {}
        answers: dict[str, AnswerValue] = {}
        remarks: list[Finding] = []
        for item, value in values.items():
            if item not in self.readable:
                if item in self.respondent.questions:
                    answers[item] = value
                    continue
                error = self.given.unknown(item)
                if error is not None:
                    raise error
                continue
            if value is None or value != value:
                columns[item] = Column(_NAN, _MISSING)
            elif item in self.special or isinstance(value, (str, Status)):
                columns[item] = self._read(item, value, coded, remarks)
            else:
                columns[item] = Column(np.array([_finite(value, item)]), _NORMAL)
        missing = Column(_NAN, _MISSING)
        for item in self.readable.keys() - columns.keys():
            columns[item] = missing
        given, said = self.respondent(answers) if self.points else ({}, [])
        remarks += said
        for item, (key, points) in self.points.items():
            columns[item] = self._answered(item, points, given[key])
        if not self.derived:
            return columns, [], remarks
        # One unit knows neither the others nor its past: shares of all units and growth are missing, and said so.
        derived, problems = derive(self.derived, columns, Panel(_ONE, alone=True))
        return derived, problems, remarks

    def _read(self, item: str, value: AnswerValue, coded: dict[str, FloatArray], remarks: list[Finding]) -> Column:
        """A value as the cell of a table is read: with the codes, the range and the status that are declared."""
        numbers = read_values(self.readable[item], [value])
        found = [finding(one.code, one.message, Place(name=item), one.severity) for one in numbers.problems]
        Findings(found).raise_errors()
        remarks += found
        if numbers.coded is not None:
            coded[item] = numbers.coded
        return Column(numbers.values, numbers.status)

    def _answered(self, item: str, points: Points[Any], answers: Answers) -> Column:
        """The column of an answer; of one that is given again and again, worked out once."""
        if answers not in self.respondent.shared:
            return points.column(answers)
        known = self.known.get((item, answers))
        if known is None:
            known = self.known[item, answers] = points.column(answers)
        return known

    def _rows(
        self,
        columns: Mapping[str, Column],
        coded: Mapping[str, FloatArray],
        unit: str,
        period: str | None,
        groups: Mapping[str, str],
    ) -> Rows:
        units = np.array([unit], dtype=object)
        periods = None if period is None else np.array([period], dtype=object)
        samples = {}
        for item, chain in self.fitted.plan.chains.items():
            if item in self.linear.positions:
                continue
            column = columns[item]
            grouping = {name: Grouping((groups.get(name, ""),), _FIRST) for name in chain.groups}
            keys = units if chain.needs_keys else None
            samples[item] = Sample(column.values, column.flags, None, keys, periods, grouping)
        observed = {node: (columns[node].values, columns[node].flags) for node in self.nodes}
        return Rows(1, samples, coded, observed)

    def _result(
        self, parts: Mapping[str, Part], columns: Mapping[str, Column], period: str | None, findings: Findings
    ) -> UnitScore:
        items = self.fitted.plan.items
        values = np.concatenate([parts[item].values for item in items])
        self._refuse_overflow(values)
        keys = np.rint(self._as_ranked(values) / self.widths * 1e12).tolist()
        scores: dict[str, float | None] = {}
        ranks: dict[str, int | None] = {}
        percentiles: dict[str, float | None] = {}
        for item, value, key in zip(items, values.tolist(), keys, strict=True):
            if value != value:
                scores[item] = ranks[item] = percentiles[item] = None
                continue
            reference = self._reference(item, period)
            below, upto = bisect_left(reference, key), bisect_right(reference, key)
            scores[item] = value
            ranks[item] = len(reference) - upto + 1
            percentiles[item] = 100.0 * (below + (upto - below) / 2) / len(reference) if reference else None
        coverage = {item: float(np.asarray(parts[item].coverage).flat[0]) for item in items}
        status = {item: status_text(int(parts[item].flags[0])) for item in items}
        known = dict(zip(items, keys, strict=True))
        classes = self._classes(known, columns, period) if self.schemes else {}
        tiers = {rule.node: self._tier(rule, known[rule.node]) for rule in self.tiers}
        return UnitScore(scores, ranks, percentiles, coverage, status, classes, tiers, findings)

    def _tier(self, rule: ThresholdTiers, key: float) -> str | None:
        if key != key:
            return None
        return str(tier_by_thresholds(np.array([int(key)]), rule, self.fitted.widths[rule.node])[0])

    def _classes(
        self, keys: Mapping[str, float], columns: Mapping[str, Column], period: str | None
    ) -> dict[str, str | None]:
        figures = Figures(
            rows=1,
            keys=lambda item: np.array([MISSING if keys[item] != keys[item] else int(keys[item])], dtype=np.int64),
            widths=self.fitted.widths,
            measured={item: column.values for item, column in columns.items()},
            reference=lambda item: [(_EVERYONE, np.array(self._reference(item, period), dtype=np.int64))],
            tagged=self.fitted.methodology.tree.tagged,
            lows=self.lows,
        )
        return {scheme: str(classify(rules, figures)[0]) or None for scheme, rules in self.schemes.items()}

    def _refuse_overflow(self, values: FloatArray) -> None:
        beyond = np.flatnonzero(np.abs(values) > self.widths * PROPORTION)
        if beyond.size:
            at = beyond[0]
            item = self.fitted.plan.items[at]
            message = f"score {values[at]:g} on a scale of width {self.widths[at]:g}"
            raise InputError([finding("DT306", message, Place(name=item))])

    def _as_ranked(self, values: FloatArray) -> FloatArray:
        """Values rounded where the methodology ranks rounded ones."""
        rounded = values.copy()
        for column, decimals in self.rounded:
            rounded[column] = round_half_up(values[column : column + 1], decimals, self.widths[column])[0]
        return rounded

    def _reference(self, item: str, period: str | None) -> list[int]:
        known = self.references[item]
        return known[period] if period in known else known[self.latest[item]]


def _is_special(item: Item) -> bool:
    """Whether a number may mean something else than itself, or be refused."""
    reading = item.reading
    return bool(reading.codes or reading.range or reading.status) or reading.type == "percent"


def _finite(value: AnswerValue, item: str) -> float:
    if not isinstance(value, (int, float, np.integer, np.floating)):
        raise UsageError([finding("DT902", f"found {value!r} for {item}, expected a number", Place(name=item))])
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        number = math.inf
    if math.isinf(number):
        raise InputError([finding("DT222", "infinity is not a value", Place(name=item))])
    return number


class _LinearLeaves:
    """Indicators that are only normalised between goalposts and clipped, all at once: most of the time of a single
    unit.

    The formula is `linear` and the result the same to the bit as one indicator at a time.
    """

    def __init__(self, fitted: Fitted) -> None:
        by_code = {
            item.id
            for item in items_of(fitted.methodology)
            if any(rule.score is not None for rule in item.reading.codes.values())
        }
        chosen = [
            item for item, chain in fitted.plan.chains.items() if item not in by_code and self._is_plain(fitted, item)
        ]
        self.positions = {item: position for position, item in enumerate(chosen)}
        chains = [fitted.plan.chains[item] for item in chosen]
        posts = [fitted.parameters.indicators[item][""]["normalise"]["goalposts"] for item in chosen]
        self.worst = np.array([post[0] for post in posts])
        self.best = np.array([post[1] for post in posts])
        self.low = np.array([chain.normaliser.bounds[0] for chain in chains])
        self.high = np.array([chain.normaliser.bounds[1] for chain in chains])
        bounded = [chain.settings.scale != "open" for chain in chains]
        clips = [chain.normaliser.clip if inside else "none" for chain, inside in zip(chains, bounded, strict=True)]
        self.floor = np.where([clip in ("both", "worst") for clip in clips], self.low, -np.inf)
        self.ceiling = np.where([clip in ("both", "best") for clip in clips], self.high, np.inf)

    @staticmethod
    def _is_plain(fitted: Fitted, item: str) -> bool:
        chain = fitted.plan.chains[item]
        settings = chain.settings
        learned = fitted.parameters.indicators[item].get("", {}).get("normalise", {})
        plain = (chain.imputer.method, chain.treatment.method) == ("none", "none") and settings.transform is None
        unscaled = settings.spec.power == 1 and settings.spec.times == 1 and settings.round is None
        return plain and unscaled and settings.fit == "pooled" and "goalposts" in learned

    def parts(self, columns: Mapping[str, Column]) -> dict[str, Part]:
        """Parts of these indicators for one unit."""
        if not self.positions:
            return {}
        values = np.concatenate([columns[item].values for item in self.positions])
        flags = np.concatenate([columns[item].flags for item in self.positions])
        scores = linear(values, self.worst, self.best, (self.low, self.high))
        clipped = np.minimum(np.maximum(scores, self.floor), self.ceiling)
        missing = np.isnan(clipped)
        flags |= np.where((clipped != scores) & ~missing, np.uint16(Status.CLIPPED), np.uint16(0))
        found = {}
        for (item, position), gap in zip(self.positions.items(), missing.tolist(), strict=True):
            own = slice(position, position + 1)
            extent, coverage = (_NOTHING, 0.0) if gap else (_WHOLE, 1.0)
            found[item] = Part(clipped[own], flags[own], extent, coverage, not gap)
        return found
