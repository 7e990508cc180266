"""One indicator's way from raw value to score: impute, treat, transform, normalise, clip, power, times, round."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np

from dtindex.engine.keys import round_half_up
from dtindex.spec.methods import Scale
from dtindex.spec.tree import IndicatorSettings
from dtindex.status import LEAVES_NO_VALUE, Status, StatusArray
from dtindex.steps.impute import imputer
from dtindex.steps.normalise import normaliser
from dtindex.steps.transform import transformation
from dtindex.steps.treat import treatment
from dtindex.steps.types import FloatArray, NoVariation, Problem, Sample, State, Unfit

__all__ = ["NOTHING", "IndicatorChain", "Learned", "clip_to", "unpack"]

Learned: TypeAlias = dict[str, dict[str, State]]

_MISSING = np.uint16(Status.MISSING)
_NO_VALUE = np.uint16(LEAVES_NO_VALUE)
_IMPUTED = np.uint16(Status.IMPUTED)
_ALL_PERIODS = ""
_UNFITTED: State = {"normalise//unfitted": np.ones(1)}
NOTHING: dict[str, State] = {"impute": {}, "treat": {}, "transform": {}, "normalise": {}}


def clip_to(scores: FloatArray, scale: Scale, ends: str) -> FloatArray:
    """``scores`` ``(rows,)`` cut off at the ends of the scale that ``ends`` names: none, both, worst (low), best
    (high).
    """
    if scale == "open" or ends == "none":
        return scores
    low, high = scale
    if ends != "best":
        scores = np.maximum(scores, low)
    return scores if ends == "worst" else np.minimum(scores, high)


def _leaves(scores: FloatArray, scale: tuple[float, float]) -> bool:
    """Whether a score lies beyond the scale: two passes without a copy spare the common case all others."""
    return bool(scores.size) and bool(np.fmin.reduce(scores) < scale[0] or np.fmax.reduce(scores) > scale[1])


class IndicatorChain:
    """The steps of one indicator, built once from its settings; it keeps no data.

    Parameters are filed as ``{step}/{period}/{array}`` with an empty period where one fit serves all.
    """

    def __init__(self, settings: IndicatorSettings, base_period: str | None = None) -> None:
        self.settings = settings
        self.base_period = base_period
        self.imputer = imputer(settings.impute)
        self.treatment = treatment(settings.treat)
        self.transformation = transformation(settings.transform)
        self.normaliser = normaliser(settings.normalise, settings.direction, settings.scale)

    @property
    def groups(self) -> tuple[str, ...]:
        """Text columns that the chain needs."""
        return () if self.imputer.group is None else (self.imputer.group,)

    @property
    def needs_keys(self) -> bool:
        """Whether the chain asks for the keys of units."""
        return self.normaliser.needs_keys or self.imputer.needs_keys

    @property
    def refers_to_base(self) -> bool:
        """Whether parameters come from the base period only."""
        return self.settings.fit == "base" or self.normaliser.method == "base-index"

    @property
    def fits_each_period(self) -> bool:
        """Whether each period has parameters of its own, so that a score must know its period."""
        return self.settings.fit == "each_period" and not self.refers_to_base

    def fit(self, sample: Sample) -> tuple[State, list[Problem]]:
        """Parameters learned from the reference rows, and what stands in the way."""
        item = self.settings.id
        if np.isnan(sample.values).all() and self.settings.spec.constant is None:
            empty = [Problem("DT302", item, "no unit has a value")]
            learns = self.normaliser.learns or self.transformation.learns
            return (_UNFITTED if learns else self._fit(sample, _ALL_PERIODS)[0]), empty
        if self.refers_to_base:
            rows = np.zeros(0, dtype=bool) if sample.periods is None else sample.periods == self.base_period
            if not rows.any():
                return _UNFITTED, [Problem("DT313", item, f"no row of base period {self.base_period!r}")]
            return self._fit(sample.take(rows), _ALL_PERIODS)
        if self.fits_each_period and sample.periods is not None:
            state: State = {}
            problems: list[Problem] = []
            for period in sorted(set(sample.periods)):
                rows = sample.periods == period
                if np.isnan(sample.values[rows]).all():
                    continue  # not measured yet, or no longer
                learned, found = self._fit(sample.take(rows), period)
                state |= learned
                problems += found
            return state, problems
        return self._fit(sample, _ALL_PERIODS)

    def score(self, sample: Sample, learned: Learned) -> tuple[FloatArray, StatusArray, list[Problem]]:
        """Scores and flags ``(rows,)``, and the rows that the formulas cannot take; ``learned`` comes from
        :func:`unpack`.
        """
        if self.fits_each_period and (sample.periods is not None or _ALL_PERIODS not in learned):
            return self._score_periods(sample, learned)
        return self._score(sample, learned.get(_ALL_PERIODS, NOTHING))

    def _fit(self, sample: Sample, period: str) -> tuple[State, list[Problem]]:
        item = self.settings.id
        sample = sample.with_values(sample.values + 0.0)  # one zero: which of two a minimum takes depends on the order
        learned: dict[str, State] = {"impute": self.imputer.fit(sample)}
        sample, _ = self._imputed(sample, learned["impute"])
        problems: list[Problem] = []
        try:
            self._learn(sample, learned)
        except NoVariation as reason:
            if self.settings.spec.constant is None:
                where = f" in period {period}" if period else ""
                message = f"{self.normaliser.method}: {reason}{where}; set goalposts, or `constant: VALUE`"
                problems.append(Problem("DT301", item, message))
                learned["normalise"] = _no_normaliser()
            else:
                learned["normalise"] = {"constant": np.array([self.settings.spec.constant])}
        except Unfit as reason:
            problems.append(Problem(reason.code, item, str(reason)))
            learned["normalise"] = _no_normaliser()
        state = {f"{step}/{period}/{name}": array for step, found in learned.items() for name, array in found.items()}
        return state, problems

    def _learn(self, sample: Sample, learned: dict[str, State]) -> None:
        """Parameters of treatment, transformation and normaliser, each put into ``learned`` as soon as it is known."""
        treated = learned["treat"] = self.treatment.fit(sample.values[~np.isnan(sample.values)])
        raw = self.treatment.treat(sample.values, treated)
        values = self.treatment.carry(raw, treated)
        bent = learned["transform"] = self.transformation.fit(values[~np.isnan(values)])
        values = self.transformation.transform(values, bent)
        if self.normaliser.learns and np.isnan(values).all():
            raise NoVariation("no value to fit on")

        def carried(figures: FloatArray) -> FloatArray:
            return self.transformation.transform(self.treatment.carry(figures, treated), bent)

        learned["normalise"] = self.normaliser.fit(replace(sample, raw=raw, values=values, carried=carried))

    def _score_periods(self, sample: Sample, learned: Learned) -> tuple[FloatArray, StatusArray, list[Problem]]:
        scores = np.full(sample.values.shape, np.nan)
        flags = sample.flags.copy()
        problems: list[Problem] = []
        periods = np.full(scores.shape, _ALL_PERIODS, dtype=object) if sample.periods is None else sample.periods
        for period in sorted(set(periods)):
            within = periods == period
            rows = np.flatnonzero(within)
            part = learned.get(period, NOTHING if self._fits_nothing else None)
            if part is None:
                lost = rows[~np.isnan(sample.values[rows])]
                if lost.size:
                    message = (
                        f"nothing was fitted for period {period}" if period else "no period, and each has its own fit"
                    )
                    problems.append(Problem("DT312", self.settings.id, message, tuple(int(row) for row in lost)))
                    flags[lost] |= _MISSING
                continue
            scores[rows], flags[rows], found = self._score(sample.take(within), part)
            problems += [replace(problem, rows=tuple(int(rows[row]) for row in problem.rows)) for problem in found]
        return scores, flags, problems

    @property
    def _fits_nothing(self) -> bool:
        stateless = self.normaliser.stateless and not self.transformation.learns
        return stateless and (self.imputer.method, self.treatment.method) == ("none", "none")

    def _score(self, sample: Sample, state: dict[str, State]) -> tuple[FloatArray, StatusArray, list[Problem]]:
        learned = state["normalise"]
        if "unfitted" in learned:
            return np.full(sample.values.shape, np.nan), sample.flags, []
        sample, _ = self._imputed(sample, state["impute"])
        sample, problems = self._treated(sample, state["treat"])
        sample, found = self._transformed(sample, state["transform"])
        problems += found
        if "constant" in learned:
            scores = np.where(np.isnan(sample.values), np.nan, learned["constant"][0])
        else:
            problems += self._invalid(sample)
            scores = self.normaliser.normalise(sample, learned)
            code, message = self.normaliser.domain
            problems += self._lost(code, sample.values, scores, message)
        return self._finished(scores, sample.flags, problems)

    def _imputed(self, sample: Sample, state: State) -> tuple[Sample, bool]:
        if self.imputer.method == "none":
            return sample, False
        # Only what is missing is filled: not applicable and withheld are answers.
        gaps = np.isnan(sample.values) & (sample.flags & _NO_VALUE == _MISSING)
        if not gaps.any():
            return sample, False
        proposed = self.imputer.propose(sample, state)
        filled = gaps & ~np.isnan(proposed)
        values = np.where(filled, proposed, sample.values)
        flags = np.where(filled, sample.flags & ~_MISSING | _IMPUTED, sample.flags)
        return sample.with_values(values, flags.astype(np.uint16)), True

    def _treated(self, sample: Sample, state: State) -> tuple[Sample, list[Problem]]:
        if self.treatment.method == "none" or not state:  # a constant, whose score the file says, has no state
            return sample, []
        raw = self.treatment.treat(sample.values, state)
        values = self.treatment.carry(raw, state)
        problems = self._lost("DT304", raw, values, self.treatment.domain)
        moved = (values != sample.values) & ~np.isnan(values)
        flags = sample.flags | np.where(moved, np.uint16(Status.TREATED), np.uint16(0))
        return sample.with_values(values, flags), problems

    def before_and_after(self, sample: Sample, state: dict[str, State]) -> tuple[FloatArray, FloatArray]:
        """Values ``(rows,)`` as the treatment finds them, and as it leaves them."""
        found, _ = self._imputed(sample, state["impute"])
        return found.values, self._treated(found, state["treat"])[0].values

    def _transformed(self, sample: Sample, state: State) -> tuple[Sample, list[Problem]]:
        unfitted = self.transformation.learns and not state
        if self.transformation.method == "none" or unfitted:
            return sample, []
        values = self.transformation.transform(sample.values, state)
        problems = self._lost("DT304", sample.values, values, self.transformation.domain)
        return replace(sample, raw=sample.values, values=values), problems

    def _finished(
        self, scores: FloatArray, flags: StatusArray, problems: list[Problem]
    ) -> tuple[FloatArray, StatusArray, list[Problem]]:
        settings, clip = self.settings, self.normaliser.clip
        if clip != "none" and settings.scale != "open" and _leaves(scores, settings.scale):
            clipped = clip_to(scores, settings.scale, clip)
            moved = clipped != scores
            moved &= ~np.isnan(scores)
            if moved.any():
                flags = flags | np.where(moved, np.uint16(Status.CLIPPED), np.uint16(0))
            scores = clipped
        if settings.spec.power != 1:
            raised = _power(scores, settings.spec.power, settings.scale)
            problems += self._lost("DT304", scores, raised, "power of a score below the scale")
            scores = raised
        if settings.spec.times != 1:
            scores = scores * settings.spec.times
        if settings.round is not None:
            scores = round_half_up(scores, settings.round, _width(settings.scale))
        return scores, flags, problems

    def _invalid(self, sample: Sample) -> list[Problem]:
        refused = self.normaliser.refuses(sample.values)
        if refused is None:
            return []
        refused &= sample.flags & _IMPUTED == 0  # the mean of answers is none of them
        if not refused.any():
            return []
        rows = tuple(int(row) for row in np.flatnonzero(refused))
        return [
            Problem("DT224", self.settings.id, f"not one of the answers that {self.normaliser.method} allows", rows)
        ]

    def _lost(self, code: str, before: FloatArray, after: FloatArray, message: str) -> list[Problem]:
        """A problem for the rows that had a number before a step and have none after it."""
        gaps = np.isnan(after)
        if not gaps.any():
            return []
        lost = gaps & ~np.isnan(before)
        if not lost.any():
            return []
        return [Problem(code, self.settings.id, message, tuple(int(row) for row in np.flatnonzero(lost)))]


def _no_normaliser() -> State:
    """What is learned where nothing can be: the indicator has no score, which a node's own value may make good."""
    return {"unfitted": np.ones(1)}


def unpack(state: State) -> Learned:
    """Filed parameters by period and step, as :meth:`IndicatorChain.score` takes them."""
    learned: Learned = {}
    for key, array in state.items():
        step, rest = key.split("/", 1)
        period, name = rest.rsplit("/", 1)
        learned.setdefault(period, {step: {} for step in NOTHING})[step][name] = array
    return learned


def _power(scores: FloatArray, exponent: float, scale: Scale) -> FloatArray:
    """``low + (high - low) * share^p`` with ``share = (s - low) / (high - low)``, or ``s^p`` on an open scale; NaN
    below 0.
    """
    low, high = (0.0, 1.0) if scale == "open" else scale
    share = (scores - low) / (high - low)
    raised: FloatArray = np.power(share, exponent, out=np.full(scores.shape, np.nan), where=share >= 0)
    return low + (high - low) * raised


def _width(scale: Scale) -> float:
    return 1.0 if scale == "open" else abs(scale[1] - scale[0])
