"""Figures of a population from a sample: means, shares, totals, ratios and quantiles, with what they are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from dtindex.analysis.parts import packed, shared_out, unpacked
from dtindex.analysis.survey.calibration import Calibration, calibration_of
from dtindex.analysis.survey.covariance import correlations
from dtindex.analysis.survey.defaults import fitted_on_sample, not_smooth, rests_on
from dtindex.analysis.survey.design import SampleDesign, design_of
from dtindex.analysis.survey.domains import Levels, domains_of, levels_of
from dtindex.analysis.survey.outcomes import Asked, Kind, Outcome, asked, outcomes
from dtindex.analysis.survey.refit import refitted
from dtindex.analysis.survey.replication import Block, replicated, replication_of, with_variances
from dtindex.analysis.survey.rows import Row, Rules, rows_of
from dtindex.analysis.survey.taylor import Figures, Linearisation
from dtindex.engine.replicates import Replication, Rescaled
from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.design import Bootstrap, Brr, Calibrate, Design, Jk1, Jkn, Replicates
from dtindex.spec.survey import Survey
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["EstimateParts", "Estimates", "estimate", "estimate_parts"]

Benchmark = float | tuple[float, float]
"""A figure from elsewhere, or one with its standard error."""

_RUNS = 1000
_REFITS = 200
_BLOCKS = 8
"""Blocks of a part, where a block is but a matrix product."""
_DESIGN: TypeAdapter[Design] = TypeAdapter(Design)
_CALIBRATE: TypeAdapter[Calibrate] = TypeAdapter(Calibrate)
_REPLICATES: TypeAdapter[Replicates] = TypeAdapter(Replicates)


@dataclass(frozen=True, eq=False, repr=False)
class Estimates:
    """Estimates as a data frame, a row for each item, category and group; never a NaN in it.

    What cannot be computed is missing (``<NA>``), and ``note`` says why.
    """

    scores: Scores
    frame: pd.DataFrame
    """item, kind, category, the group columns, n, weighted, estimate, se, low, high, deff, df, method, note; with a
    benchmark also benchmark, difference, difference_low, difference_high, t, p."""
    by: tuple[str, ...]
    sample: Mapping[str, Any]
    """The design in figures: respondents, weights, strata, PSUs, degrees of freedom, what unequal weights cost (Kish),
    calibration, who is left out."""
    findings: Findings = field(default_factory=Findings)
    period: str | None = None
    confidence: float = 0.95
    suppress_below: int = 5
    seed: int = 0
    _linear: Linearisation | None = field(default=None, repr=False, kw_only=True)
    _outcomes: tuple[Outcome, ...] = field(default=(), repr=False, kw_only=True)

    def correlations(self, item: str) -> FloatArray:
        """Correlations ``(groups, groups)`` of the estimates of an item in the groups, in the order of the rows.

        By linearisation, whatever method the variances have: ``Cov(a, b) = (V(a + b) - V(a) - V(b)) / 2``.

        Raises
        ------
        UsageError
            DT024 where nothing of that name, or several categories or quantiles of it, are estimated.
        """
        own = [one for one in self._outcomes if one.item == item and one.kind != "quantile"]
        if len(own) != 1 or self._linear is None:
            raise UsageError([finding("DT024", f"{item!r}: expected an item of which one figure a group is estimated")])
        return correlations(self._linear, own[0])

    def __repr__(self) -> str:
        return f"<Estimates of {self.scores.methodology.id}: {len(self.frame)} figures, {self.findings!r}>"

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The one table, `estimates`, as `dtindex estimate -o` writes it."""
        return {"estimates": self.frame.set_index(self.frame.columns[0])}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what could not be computed."""
        methodology = self.scores.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "period": self.period,
            "by": list(self.by),
            "confidence": self.confidence,
            "suppress_below": self.suppress_below,
            "seed": self.seed,
            "sample": dict(self.sample),
            "estimates": [
                dict(zip(self.frame.columns, map(_plain, row), strict=True))
                for row in self.frame.astype(object).itertuples(index=False, name=None)
            ],
            "findings": [one.to_dict() for one in self.findings],
        }


def estimate(
    index: CompositeIndex | Edition | Scores,
    table: Table | pd.DataFrame | str | None = None,
    *,
    of: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    kind: Kind | None = None,
    quantiles: Sequence[float] = (0.25, 0.5, 0.75),
    weight: str | None = None,
    design: Design | Mapping[str, Any] | None = None,
    replicates: str | int | Mapping[str, Any] | Replicates | None = None,
    calibrate: Calibrate | Mapping[str, Any] | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    suppress_below: int | None = None,
    benchmark: Benchmark | Mapping[str, Benchmark] | None = None,
    period: str | None = None,
) -> Estimates:
    """Estimate figures of the population that a sample was drawn from, whole or by groups.

    ``V = sum_h (1 - f_h) n_h / (n_h - 1) sum_c (z_hc - mean_h)^2`` with the linearised values ``z`` added up by PSU;
    every respondent stays in the design, those outside a group as zeros. Careless respondents who are left out take no
    part; respondents without a score stay with zero.

    Parameters
    ----------
    index
        A fitted index, an edition, or scores.
    table
        What to score; without it, the table that was fitted. Not with scores.
    of
        Nodes, indicators, classifications, questions (``Q4[row]`` of a matrix), ratios ``a/b``; all nodes by default.
    by
        Group columns, single questions or classifications; several are crossed.
    kind
        ``mean``, ``share`` (classes, options, zeros and ones), ``total``, ``ratio``, ``quantile``; by default the mean
        of what has scores or numbers and the shares of what has classes or options. Totals and ratios are of measured
        values where there are any.
    quantiles
        Shares of the quantiles; the quantile is ``inf {q: F(q) >= p}``.
    weight, design, calibrate
        Instead of those of `survey:`. ``design`` and ``calibrate`` take blocks as the file spells them.
    replicates
        ``taylor``, ``jk1``, ``jkn``, ``brr``, ``bootstrap``, a number of bootstrap replicates, or a block. By default
        what `survey: {design: {replicates: ...}}` says; else the bootstrap where the normalisation or anything else was
        fitted on the sample (each replicate is then fitted anew), and where the aggregation is not smooth; else Taylor.
    seed
        Where the random numbers of the bootstrap start.
    confidence
        Of the intervals: t with the design's degrees of freedom, on the logit scale for shares.
    suppress_below
        Figures of fewer respondents are suppressed; 0 prints all.
    benchmark
        A figure from elsewhere, or one by item or category; with its standard error as a pair.
    period
        Period of a panel; its latest one unless said.

    Raises
    ------
    InputError
        DT350 (column missing), DT351 (weights), DT352 (design), DT353 (single PSU), DT356 (calibration), DT359
        (replicates), all of a kind at once; and as scoring does.
    UsageError
        DT024 for unknown names, DT902 for settings that do not exist.

    References
    ----------
    Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling; Lumley (2010), Complex Surveys,
    doi:10.1002/9780470580066; Deville & Särndal (1992), doi:10.1080/01621459.1992.10475217; Rao, Wu & Yue (1992),
    Survey Methodology 18, 209-217; Woodruff (1952), doi:10.1080/01621459.1952.10483443

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("accenture-reinvention-2023")
    >>> made = dti.sample(m, 500, seed=1)
    >>> scores = dti.CompositeIndex(m, assume="instrument-v1").fit(dti.read_table(made.table, m)).score()
    >>> e = dti.estimate(scores, of="index", by="size")
    >>> e.frame[["size", "n"]].dropna().shape[1], set(e.frame["method"])
    (2, {'Taylor'})
    """
    parts = estimate_parts(
        index,
        table,
        of=of,
        by=by,
        kind=kind,
        quantiles=quantiles,
        weight=weight,
        design=design,
        replicates=replicates,
        calibrate=calibrate,
        seed=seed,
        confidence=confidence,
        suppress_below=suppress_below,
        benchmark=benchmark,
        period=period,
    )
    return parts.told({})


def estimate_parts(
    index: CompositeIndex | Edition | Scores,
    table: Table | pd.DataFrame | str | None = None,
    *,
    of: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    kind: Kind | None = None,
    quantiles: Sequence[float] = (0.25, 0.5, 0.75),
    weight: str | None = None,
    design: Design | Mapping[str, Any] | None = None,
    replicates: str | int | Mapping[str, Any] | Replicates | None = None,
    calibrate: Calibrate | Mapping[str, Any] | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    suppress_below: int | None = None,
    benchmark: Benchmark | Mapping[str, Benchmark] | None = None,
    period: str | None = None,
) -> EstimateParts:
    """Estimates in parts, each of some blocks of 32 replicates: for whoever has them worked out elsewhere.

    ``parts.join([parts.work(part) for part in range(len(parts.sizes))])`` is ``estimate(...)`` to the bit. Figures
    whose variances are linearised have no parts. Arguments and errors are those of :func:`dtindex.estimate`.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("accenture-reinvention-2023")
    >>> made = dti.read_table(dti.sample(m, 200, seed=1).table, m)
    >>> scores = dti.CompositeIndex(m, assume="instrument-v1").fit(made).score()
    >>> asked = {"of": "index", "by": "size", "replicates": 64}
    >>> parts = dti.estimate_parts(scores, **asked)
    >>> joined = parts.join([parts.work(part) for part in range(len(parts.sizes))])
    >>> joined.to_dict() == dti.estimate(scores, **asked).to_dict()
    True
    """
    scores = _scores(index, table)
    _check(confidence, suppress_below, seed)
    survey = scores.methodology.survey or Survey()
    drawn = _design(design, survey)
    replication = _replicates(replicates, drawn)
    groups = (by,) if isinstance(by, str) else tuple(by or ())
    wanted = asked(scores, of, kind, quantiles)
    shown = _period(scores, period)
    sample = design_of(scores, _rows(scores, shown), drawn, weight)
    calibration = _calibration(scores, sample, _block(_CALIBRATE, calibrate, "calibrate") or survey.calibrate)
    levels = levels_of(scores, sample.rows, groups)
    domains, lacking = domains_of(scores, sample.rows, levels)
    linear = Linearisation(sample, domains, calibration, confidence)
    least = survey.suppress_below if suppress_below is None else suppress_below
    return EstimateParts(
        _Work(scores, linear, wanted, levels, replication, seed),
        Rules(confidence, least, _benchmarks(benchmark, wanted), linear.weights),
        groups,
        shown,
        benchmark is not None,
        (*sample.findings, *(() if calibration is None else calibration.findings), *lacking),
        calibration,
    )


@dataclass(frozen=True, eq=False)
class EstimateParts:
    """Estimates that were asked for; see :func:`estimate_parts`."""

    _work: _Work
    _rules: Rules
    _groups: tuple[str, ...]
    _period: str | None
    _compared: bool
    _findings: tuple[Finding, ...]
    _calibration: Calibration | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Replicates of each part."""
        return tuple(
            sum(span.stop - span.start for span in (self._work.anew[plan].replication.span(at) for plan, at in part))
            for part in self._parts
        )

    def work(self, part: int) -> bytes:
        """Estimates of the part's replicates, as bytes."""
        found = {f"{plan}:{at}": self._work.anew[plan].block(at) for plan, at in self._parts[part]}
        return packed({}, found)

    def join(self, made: Iterable[bytes]) -> Estimates:
        """The estimates, from what all parts gave.

        Raises
        ------
        InputError
            DT388 where parts are missing, or of something else.
        """
        known = {name: rows for content in made for name, rows in unpacked(content)[1].items()}
        wanted = {f"{plan}:{at}" for part in self._parts for plan, at in part}
        if known.keys() != wanted:
            raise InputError([finding("DT388", f"{len(known):,} blocks of replicates where {len(wanted):,} belong")])
        return self.told(known)

    @property
    def _parts(self) -> list[list[tuple[int, int]]]:
        """By part, the number of the plan and of its block."""
        found = []
        for plan, anew in self._work.anew.items():
            blocks = [(plan, at) for at in range(anew.replication.blocks)]
            found += [[blocks[at] for at in own] for own in shared_out([1] * len(blocks), anew.together)]
        return found

    def told(self, known: Mapping[str, FloatArray]) -> Estimates:
        """The estimates; ``known`` are blocks of replicates that were made before."""
        work, linear = self._work, self._work.linear
        figures = work.figures(known)
        rows = [row for one, method in figures for row in rows_of(one, linear.domains, self._rules, method)]
        least = self._rules.least
        return Estimates(
            scores=work.scores,
            frame=_frame(rows, self._groups, self._compared),
            by=self._groups,
            sample=_summary(linear.sample, self._calibration),
            findings=Findings(dict.fromkeys([*self._findings, *work.findings, *_remarks(rows, least)])),
            period=self._period,
            confidence=self._rules.confidence,
            suppress_below=least,
            seed=work.seed,
            _linear=linear,
            _outcomes=tuple(one.outcome for one, _ in figures),
        )


@dataclass(frozen=True, eq=False)
class _Anew:
    """Figures whose variances are those of replicates."""

    points: Sequence[Figures]
    replication: Replication
    block: Block
    method: str
    together: int
    """Blocks of a part."""


class _Work:
    """Each figure by the method that it needs."""

    def __init__(
        self,
        scores: Scores,
        linear: Linearisation,
        wanted: Sequence[Asked],
        levels: dict[str, Levels],
        replicates: Replicates | str | None,
        seed: int,
    ) -> None:
        self.scores = scores
        self.linear = linear
        self.wanted = wanted
        self.levels = levels
        self.replicates = replicates
        self.seed = seed
        self.findings: list[Finding] = []

    @cached_property
    def plans(self) -> list[tuple[tuple[str, str], list[Asked]]]:
        """What is done and why, and the figures it is done for."""
        plans = [self._plan(one) for one in self.wanted]
        return [
            (plan, [one for one, its in zip(self.wanted, plans, strict=True) if its == plan])
            for plan in dict.fromkeys(plans)
        ]

    @cached_property
    def anew(self) -> dict[int, _Anew]:
        """By number of the plan, those with replicates."""
        return {at: self._anew(plan[0], own) for at, (plan, own) in enumerate(self.plans) if plan[0] != "taylor"}

    def figures(self, known: Mapping[str, FloatArray]) -> list[tuple[Figures, str]]:
        """Figures in the order that they were asked for, with the method of each."""
        found: dict[Asked, tuple[list[Figures], str]] = {}
        for number, (plan, own) in enumerate(self.plans):
            figures, method = self._by_replicates(number, known) if number in self.anew else self._by_taylor(own)
            for one in own:
                count = len(outcomes(self.scores, self.linear.sample.rows[:0], [one]))
                found[one] = (figures[:count], f"{method}{plan[1]}")
                figures = figures[count:]
        return [(figure, found[one][1]) for one in self.wanted for figure in found[one][0]]

    def _plan(self, wanted: Asked) -> tuple[str, str]:
        """Which method, and why."""
        if self.replicates is not None:
            return ("taylor" if self.replicates == "taylor" else "replicates"), ""
        rests = rests_on(self.scores, wanted) if self._fitted_here else ""
        rests = rests or self._rests_groups
        if rests and self.scores.periods is None:
            self._said(wanted, f"{rests} on the sample, so each replicate is fitted anew")
            return "refit", f": {rests} on the sample" if "sample" not in rests else f": {rests}"
        jumps = not_smooth(self.scores, wanted)
        if jumps:
            self._said(wanted, f"{jumps}, so its variance is bootstrapped")
            return "bootstrap", f": {jumps}"
        return "taylor", ""

    @property
    def _rests_groups(self) -> str:
        """Of groups that are classes."""
        schemes = [one for one in self.levels if one in self.scores.class_values and one not in self.scores.table.texts]
        if not schemes or not self._fitted_here:
            return ""
        return next((why for one in schemes if (why := rests_on(self.scores, Asked(one, "share", "scheme")))), "")

    @property
    def _fitted_here(self) -> bool:
        if not hasattr(self, "_known"):
            self._known = fitted_on_sample(self.scores)
        return self._known

    def _said(self, wanted: Asked, why: str) -> None:
        self.findings.append(finding("DT357", why, Place(name=wanted.item)))

    def _by_taylor(self, wanted: Sequence[Asked]) -> tuple[list[Figures], str]:
        own = outcomes(self.scores, self.linear.sample.rows, wanted)
        return [self.linear.figures(one, variances=True) for one in own], "Taylor"

    def _by_replicates(self, number: int, known: Mapping[str, FloatArray]) -> tuple[list[Figures], str]:
        one = self.anew[number]
        if not one.points:
            return [], one.method
        found = np.full((one.replication.count, len(one.points) * len(self.linear.domains)), np.nan)
        for at in range(one.replication.blocks):
            name = f"{number}:{at}"
            found[one.replication.span(at)] = known[name] if name in known else one.block(at)
        return with_variances(one.points, found, one.replication, self.linear), one.method

    def _anew(self, plan: str, wanted: Sequence[Asked]) -> _Anew:
        own = outcomes(self.scores, self.linear.sample.rows, wanted)
        points = [self.linear.figures(one, variances=False) for one in own]
        if plan == "refit":
            rescaled = self._bootstrap(_REFITS)
            block = refitted(points, self.linear, rescaled, self.scores, wanted, self.levels)
            method = f"Rao-Wu bootstrap, {rescaled.count} replicates, each fitted anew"
            return _Anew(points, rescaled, block, method, 1)
        drawn = Bootstrap(method="bootstrap") if plan == "bootstrap" else self.replicates
        assert drawn is not None
        assert not isinstance(drawn, str)
        runs = (drawn.runs if isinstance(drawn, Bootstrap) else None) or _RUNS
        replication = replication_of(self.linear.sample.clusters, drawn, runs, self.seed)
        block = replicated(points, self.linear, replication)
        return _Anew(points, replication, block, _named(drawn, replication.count), _BLOCKS)

    def _bootstrap(self, runs: int) -> Rescaled:
        return Rescaled(self.linear.sample.clusters.stages[0], runs, self.seed)


def _named(block: Replicates, count: int) -> str:
    if isinstance(block, Bootstrap):
        return f"Rao-Wu bootstrap, {count} replicates"
    if isinstance(block, Brr):
        return f"BRR, {count} replicates" + (f", Fay {block.fay:g}" if block.fay else "")
    return f"{block.method.upper().replace('JKN', 'JKn')}, {count} replicates"


# --- arguments ---


def _scores(index: CompositeIndex | Edition | Scores, table: Table | pd.DataFrame | str | None) -> Scores:
    if not isinstance(index, Scores):
        return index.score(table)
    if table is not None:
        raise _usage("scores were given, and a table besides; the scores have their own")
    return index


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message)])


def _check(confidence: float, suppress_below: int | None, seed: int) -> None:
    if not 0 < confidence < 1:
        raise _usage(f"confidence={confidence}: expected a share between 0 and 1, such as 0.95")
    if suppress_below is not None and suppress_below < 0:
        raise _usage(f"suppress_below={suppress_below}: expected 0 or more")
    if seed < 0:
        raise _usage(f"seed={seed}: expected 0 or more")


def _block(adapter: TypeAdapter[Any], given: Any, name: str) -> Any:
    """A block from what a file would hold; DT902 where it holds something else."""
    if given is None or not isinstance(given, Mapping):
        return given
    import json

    try:
        return adapter.validate_json(json.dumps(given))
    except (ValidationError, TypeError) as error:
        raise _usage(f"{name}={given!r}: {_first(error)}") from error


def _first(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    one = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in one["loc"])
    return f"{where}: {one['msg']}" if where else str(one["msg"])


def _design(given: Design | Mapping[str, Any] | None, survey: Survey) -> Design:
    found = _block(_DESIGN, given, "design")
    return found if isinstance(found, Design) else survey.design or Design()


def _replicates(given: str | int | Mapping[str, Any] | Replicates | None, design: Design) -> Replicates | str | None:
    if given is None:
        return design.replicates
    if isinstance(given, int):
        return _replicates({"method": "bootstrap", "runs": given}, design)
    if isinstance(given, str):
        words = ("taylor", "jk1", "jkn", "brr", "bootstrap")
        if given not in words:
            guess = nearest(given, words)
            raise _usage(
                f"replicates={given!r}: expected {', '.join(words)}" + (f"; nearest is {guess!r}" if guess else "")
            )
        return "taylor" if given == "taylor" else _replicates({"method": given}, design)
    found: Jk1 | Jkn | Brr | Bootstrap = _block(_REPLICATES, given, "replicates")
    return found


def _benchmarks(
    given: Benchmark | Mapping[str, Benchmark] | None, wanted: Sequence[Asked]
) -> dict[str, tuple[float, float]]:
    """Figures to compare with, and their standard errors, by item or category; '' stands for every row."""
    if given is None:
        return {}
    listed = given if isinstance(given, Mapping) else {"": given}
    known = {"", *(one.item for one in wanted), *(category for one in wanted for category in one.categories)}
    unknown = [name for name in listed if name not in known]
    if unknown:
        guess = nearest(unknown[0], known)
        hint = f"; nearest is {guess!r}" if guess else ""
        raise UsageError([finding("DT024", f"a benchmark for {unknown[0]!r}, of which nothing is estimated{hint}")])
    return {name: _pair(value) for name, value in listed.items()}


def _pair(value: Benchmark) -> tuple[float, float]:
    figure, error = value if isinstance(value, tuple | list) else (value, 0.0)
    if not np.isfinite(figure) or not np.isfinite(error) or error < 0:
        raise _usage(f"benchmark {value!r}: expected a figure, or a figure and its standard error")
    return float(figure), float(error)


# --- rows ---


def _period(scores: Scores, wanted: str | None) -> str | None:
    """The period to look at; None without periods."""
    if scores.periods is None:
        if wanted is not None:
            raise _usage(f"period {wanted!r}: the table has no periods")
        return None
    from dtindex.steps.derive import period_order

    known = period_order(scores.periods)
    if wanted is not None and wanted not in known:
        raise _usage(f"period {wanted!r}: not in the table; there are {', '.join(known[-10:])}")
    return wanted or known[-1]


def _rows(scores: Scores, period: str | None) -> NDArray[np.intp]:
    """Rows that take part, in an order that does not depend on the table's."""
    takes_part = np.ones(len(scores), dtype=bool) if scores.table.totals is None else ~scores.table.totals
    for failure in () if scores.screened is None else scores.screened.failures:
        if failure.kind in ("careless", "drop"):
            takes_part[failure.rows] = False
    if period is not None:
        assert scores.periods is not None
        takes_part &= scores.periods == period
    order = scores.sorted_rows()
    rows: NDArray[np.intp] = order[takes_part[order]]
    if not rows.size:
        raise _usage("no respondent takes part: all of them are left out")
    return rows


def _calibration(scores: Scores, sample: SampleDesign, calibrate: Calibrate | None) -> Calibration | None:
    return None if calibrate is None else calibration_of(scores, sample.rows, sample.weights, calibrate)


# --- answers ---


def _summary(sample: SampleDesign, calibration: Calibration | None) -> dict[str, Any]:
    clusters = sample.clusters
    psus, strata = len(clusters.strata), len(clusters.stages[0].fractions)
    weights = sample.weights if calibration is None else calibration.weights
    positive = sample.weights > 0
    found: dict[str, Any] = {
        "respondents": len(sample.rows),
        "left_out": sample.left_out,
        "weighted": sample.weighted,
        "population": _twelve(float(weights.sum())),
        "strata": strata,
        "psus": psus,
        "stages": len(clusters.stages),
        "degrees_of_freedom": psus - strata,
        "finite_population": sample.finite,
        "lonely": clusters.lonely,
        "kish": _twelve(sample.kish),
        "calibrated": calibration is not None,
    }
    if calibration is not None:
        factors = weights[positive] / sample.weights[positive]
        found["calibration_factors"] = [_twelve(float(factors.min())), _twelve(float(factors.max()))]
    return found


def _frame(rows: Sequence[Row], groups: Sequence[str], compared: bool) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {
        "item": [row.item for row in rows],
        "kind": [row.kind for row in rows],
        "category": [row.category for row in rows],
    }
    columns |= {group: [row.groups[position] for row in rows] for position, group in enumerate(groups)}
    columns["n"] = pd.array([row.n for row in rows], dtype="Int64")
    names = ["weighted", "estimate", "se", "low", "high", "deff", "df"]
    names += ["benchmark", "difference", "difference_low", "difference_high", "t", "p"] if compared else []
    for name in names:
        values = [row.numbers.get(name) for row in rows]
        columns[name] = pd.array(
            [pd.NA if value is None or not np.isfinite(value) else value for value in values],
            dtype="Int64" if name == "df" else "Float64",
        )
    columns |= {"method": [row.method for row in rows], "note": [row.note for row in rows]}
    return pd.DataFrame(columns)


def _remarks(rows: Sequence[Row], least: int) -> list[Finding]:
    """A note for each reason and item, with the number of figures; one for all that is suppressed."""
    found: list[Finding] = []
    suppressed = sum(row.suppressed for row in rows)
    if suppressed:
        message = f"{suppressed:,} of {len(rows):,} figures rest on fewer than {least} respondents and are suppressed"
        found.append(finding("DT355", message))
    counts = Counter((row.item, row.reason) for row in rows if row.reason and not row.suppressed)
    for (item, reason), count in counts.items():
        figures = f"{count:,} figure{'s' if count > 1 else ''}"
        found.append(finding("DT354", f"{figures}: {reason}", Place(name=item)))
    return found


def _twelve(value: float) -> float:
    return float(f"{value:.12g}") + 0.0


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ == "NAType":
        return None
    return int(value) if isinstance(value, int | np.integer) else _twelve(float(value))
