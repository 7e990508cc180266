"""All that is said of one outcome in two groups, and which of it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.bootstrap import bootstrap_means
from dtindex.analysis.groups.effects import hedges_g
from dtindex.analysis.groups.figure import Figure, attempt
from dtindex.analysis.groups.means import Moments, mean_interval, moments, per_cent, ratio, welch
from dtindex.analysis.groups.permutation import permutation_tests
from dtindex.analysis.groups.proportions import odds_ratio, share, two_proportions
from dtindex.analysis.groups.ranks import cliffs_delta, mann_whitney, superiority
from dtindex.analysis.groups.regression import Control, regression
from dtindex.steps.types import FloatArray

__all__ = ["FORMS", "SMALL", "Form", "OutcomeComparison", "Settings", "Test", "compare_outcomes"]

SMALL = 10
"""With fewer members in a group, what is told is a test that needs no large numbers."""
Form = Literal["per cent", "times", "shares", "difference"]
FORMS: tuple[Form, ...] = get_args(Form)
Test = Literal["difference", "two_proportions", "permutation"]

_PLAIN = ("missing", "welch_t", "mann_whitney_u", "permutation", "hedges_g", "cliffs_delta", "superiority")
_ROW_BY_ROW = ("bootstrap_difference", "bootstrap_ratio", "sd")
_IN_FORM: Mapping[Form, str] = {
    "per cent": "per_cent",
    "times": "ratio",
    "shares": "two_proportions",
    "difference": "difference",
}


@dataclass(frozen=True)
class Settings:
    """How groups are compared."""

    confidence: float
    permutations: int
    resamples: int
    seed: int


@dataclass(frozen=True, eq=False)
class Rows:
    """What the rows that take part bring besides the outcomes; each ``(rows,)``, or None."""

    weights: FloatArray | None = None
    clusters: NDArray[np.int64] | None = None
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True)
class OutcomeComparison:
    """One outcome in two groups; every figure stands, or says why not."""

    outcome: str
    group: str
    against: str
    binary: bool
    """Whether the outcome is 0 or 1, so that its mean is a share."""
    members: tuple[int, int]
    """Members with a value."""
    missing: tuple[int, int]
    """Members without."""
    levels: tuple[Figure, Figure]
    """Means, or shares."""
    spreads: tuple[Figure, Figure]
    figures: Mapping[str, Figure]
    """By statistic."""
    weighted: bool
    clustered: bool
    form: Form
    """How it is told: what is asked for, or `difference` where there is no ratio."""
    test: Test | None
    """Whose p-value is told; None where there is none."""
    shared: tuple[str, ...] = field(default=())
    """What it has in common with the inputs of the groups."""

    @property
    def small(self) -> bool:
        """Whether a group is so small that a permutation test is told."""
        return min(self.members) < SMALL

    @property
    def told(self) -> Figure:
        """The figure in the form in which it is told."""
        return self.figures[_IN_FORM[self.form]]

    @property
    def p(self) -> float | None:
        """The p-value that is told."""
        return None if self.test is None else self.figures[self.test].p

    @property
    def reason(self) -> str:
        """Why nothing can be told; '' where something is."""
        return self.told.reason if self.told.value is None else ""

    def uses_weights(self, statistic: str) -> bool:
        """Whether sampling weights enter a statistic."""
        return self.weighted and statistic not in _PLAIN

    def uses_clusters(self, statistic: str) -> bool:
        """Whether clusters enter the errors of a statistic."""
        return self.clustered and statistic not in (*_PLAIN, *_ROW_BY_ROW)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Both groups: values ``(n, outcomes)`` of outcomes known in the same rows, weights and clusters ``(n,)``."""

    values: tuple[FloatArray, FloatArray]
    weights: tuple[FloatArray | None, FloatArray | None]
    clusters: tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]
    count: int
    """Clusters in both groups."""

    def moments(self, side: int, column: int) -> Moments:
        """Moments of one outcome in one group, by all that is known of the rows."""
        return moments(self.values[side][:, column], self.weights[side], self.clusters[side], self.count)

    def plain(self, column: int) -> tuple[FloatArray, FloatArray]:
        """One outcome in both groups."""
        return self.values[0][:, column], self.values[1][:, column]


def compare_outcomes(
    names: tuple[str, str],
    outcomes: Mapping[str, FloatArray],
    members: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    forms: Mapping[str, Form],
    binary: frozenset[str],
    settings: Settings,
    rows: Rows,
) -> list[OutcomeComparison]:
    """Every outcome ``(rows,)`` in both groups of ``members`` ``(rows,)``; rows without a value are left out of it.

    Outcomes that are known in the same rows share their permutations and resamples, which changes nothing but the time.
    """
    patterns: dict[bytes, list[str]] = {}
    for outcome, values in outcomes.items():
        patterns.setdefault(np.isnan(values).tobytes(), []).append(outcome)
    found: dict[str, OutcomeComparison] = {}
    for alike in patterns.values():
        known = ~np.isnan(outcomes[alike[0]])
        inside = (members[0] & known, members[1] & known)
        sides = _sides(np.column_stack([outcomes[outcome] for outcome in alike]), inside, rows)
        drawn = _drawn(sides, settings)
        for column, outcome in enumerate(alike):
            is_binary = outcome in binary
            figures = _figures(sides, column, is_binary, settings.confidence) | drawn[column]
            figures |= _regressions(outcomes[outcome], inside, rows, settings.confidence)
            counts = (int(inside[0].sum()), int(inside[1].sum()))
            level = partial(_level, sides, column, share if is_binary else mean_interval, settings.confidence)
            found[outcome] = OutcomeComparison(
                outcome=outcome,
                group=names[0],
                against=names[1],
                binary=is_binary,
                members=counts,
                missing=(int(members[0].sum()) - counts[0], int(members[1].sum()) - counts[1]),
                levels=_both(level),
                spreads=_both(partial(_spread, sides, column)),
                figures=figures,
                weighted=rows.weights is not None,
                clustered=rows.clusters is not None,
                form=_form(forms[outcome], figures),
                test=_test(figures, is_binary, min(counts) < SMALL),
            )
    return [found[outcome] for outcome in outcomes]


def _sides(matrix: FloatArray, inside: tuple[NDArray[np.bool_], NDArray[np.bool_]], rows: Rows) -> _Sides:
    first, second = inside
    weights, clusters = rows.weights, rows.clusters
    own: tuple[NDArray[np.int64] | None, NDArray[np.int64] | None] = (None, None)
    count = 0
    if clusters is not None:
        together, codes = np.unique(clusters[first | second], return_inverse=True)
        places = np.zeros(len(clusters), dtype=np.int64)
        places[first | second] = codes
        own, count = (places[first], places[second]), len(together)
    return _Sides(
        (matrix[first], matrix[second]),
        (None, None) if weights is None else (weights[first], weights[second]),
        own,
        count,
    )


def _figures(sides: _Sides, column: int, binary: bool, confidence: float) -> dict[str, Figure]:
    first, second = sides.plain(column)

    def of_moments(compute: Callable[[Moments, Moments, float], Figure]) -> Figure:
        return attempt(lambda: compute(sides.moments(0, column), sides.moments(1, column), confidence))

    found = {"difference": of_moments(welch), "ratio": of_moments(ratio)}
    found["per_cent"] = per_cent(found["ratio"])
    if binary:
        found |= {"two_proportions": of_moments(two_proportions), "odds_ratio": of_moments(odds_ratio)}
    found["welch_t"] = attempt(lambda: _statistic(welch(moments(first), moments(second), confidence)))
    found["mann_whitney_u"] = attempt(lambda: mann_whitney(first, second))
    found["hedges_g"] = attempt(lambda: hedges_g(first, second, confidence))
    found["superiority"] = attempt(lambda: superiority(first, second, confidence))
    found["cliffs_delta"] = cliffs_delta(found["superiority"])
    return found


def _drawn(sides: _Sides, settings: Settings) -> list[dict[str, Figure]]:
    """By outcome, what rests on random splits and resamples."""
    tests = permutation_tests(*sides.values, permutations=settings.permutations, seed=settings.seed)
    resampled = bootstrap_means(
        *sides.values,
        *sides.weights,
        resamples=settings.resamples,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    return [
        {"permutation": test, "bootstrap_difference": one.difference, "bootstrap_ratio": one.ratio}
        for test, one in zip(tests, resampled, strict=True)
    ]


def _regressions(
    values: FloatArray, inside: tuple[NDArray[np.bool_], NDArray[np.bool_]], rows: Rows, confidence: float
) -> dict[str, Figure]:
    """On the group alone; and on group and controls, where there are any."""
    both = inside[0] | inside[1]
    controls = tuple(Control(one.name, one.columns[both]) for one in rows.controls)

    def of(held: tuple[Control, ...]) -> Figure:
        return regression(
            values[both],
            inside[0][both],
            held,
            None if rows.weights is None else rows.weights[both],
            None if rows.clusters is None else rows.clusters[both],
            confidence=confidence,
        )

    found = {"regression": attempt(lambda: of(()))}
    return found | {"adjusted": attempt(lambda: of(controls))} if controls else found


def _statistic(found: Figure) -> Figure:
    """Welch's t itself, in place of the difference."""
    if found.value is None or found.error is None:
        raise NotComputable(found.reason)
    return Figure(found.value / found.error, freedom=found.freedom, p=found.p, n=found.n, method="Welch")


def _both(compute: Callable[[int], Figure]) -> tuple[Figure, Figure]:
    return attempt(lambda: compute(0)), attempt(lambda: compute(1))


def _level(
    sides: _Sides, column: int, told: Callable[[Moments, float], Figure], confidence: float, side: int
) -> Figure:
    return told(sides.moments(side, column), confidence)


def _spread(sides: _Sides, column: int, side: int) -> Figure:
    group = sides.moments(side, column)
    if group.n < 2:
        raise NotComputable("one member has no spread")
    return Figure(group.sd, n=group.n)


def _form(wanted: Form, figures: Mapping[str, Figure]) -> Form:
    """What is asked for; the difference where there is no ratio, or no variation between shares."""
    return wanted if figures[_IN_FORM[wanted]].value is not None else "difference"


def _test(figures: Mapping[str, Figure], binary: bool, small: bool) -> Test | None:
    """The test that is told: the first of these that there is."""
    order: list[Test] = ["permutation"] if small else []
    order += ["two_proportions"] if binary else []
    order += ["difference", "permutation"]
    return next((one for one in order if figures[one].p is not None), None)
