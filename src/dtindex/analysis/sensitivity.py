"""Which of the uncertain choices moves scores and ranks: variance-based sensitivity analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dtindex.analysis.parts import packed, unpacked
from dtindex.analysis.plain import records
from dtindex.analysis.uncertainty.factors import described
from dtindex.analysis.uncertainty.freezing import Frozen, Question, drawn_designs, evaluated, freeze
from dtindex.analysis.uncertainty.inputs import Alternatives, Realised
from dtindex.analysis.uncertainty.running import Crew, Progress
from dtindex.analysis.uncertainty.settings import check_settings
from dtindex.analysis.uncertainty.study import Study
from dtindex.engine.anova import Anova, factorial
from dtindex.engine.one_thread import one_blas_thread
from dtindex.engine.pick_freeze import over_scrambles
from dtindex.engine.points import Method
from dtindex.findings import Finding, Findings, InputError, UsageError, finding
from dtindex.spec.uncertainty import Factor
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.scores import Scores
    from dtindex.tables.table import Table

__all__ = ["Sensitivity", "SensitivityParts", "sensitivity", "sensitivity_parts"]

_ALL_SUBSETS = 6
_ORDERS = 32
_MOST_DESIGNS = 1 << 16
_MOST_FACTORS = 12
_LEAST_POINTS = 16
_LEAST_SCRAMBLES = 2
MEAN_SHIFT, ALL_SCORES, ALL_RANKS, SCORE, RANK = "mean shift in rank", "all scores", "all ranks", "score", "rank"


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """Shares of the variance of scores and ranks by factor."""

    scores: Scores
    """The index as it stands."""
    node: str
    units: TextArray
    period: str | None
    factors: tuple[str, ...]
    """Names of the factors, in order; the weights of a `noise` factor are one each."""
    described: tuple[Factor, ...]
    """The factors as they were given."""
    method: Literal["pick-freeze", "factorial"]
    runs: int
    """Base points of pick and freeze, all scrambles together; combinations of a factorial."""
    scrambles: int
    asked: int
    """Scrambles that were asked for; more than were made where it was stopped."""
    evaluations: int
    failed: int
    """Evaluations that failed."""
    seed: int
    confidence: float
    indices: pd.DataFrame
    """A row an output and factor: of, unit, factor, first, total, shapley with low and high.

    ``of`` is `mean shift in rank`, `all scores` and `all ranks` (together, each unit with its variance), `score` and
    `rank` of a unit. Missing where it was not computed, or where the output does not vary. A factorial is exact: its
    low and high are the value.
    """
    interactions: pd.DataFrame
    """Of a factorial: of, unit, factor, other, second: what two factors do together beyond each by itself."""
    findings: Findings = field(default_factory=Findings)

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.scores.methodology.id}, {self.node}: {len(self.factors)} factors, {self.method}>"

    def of(self, output: str, unit: str = "") -> pd.DataFrame:
        """The rows of one output, indexed by factor.

        Raises
        ------
        UsageError
            DT024: no such output or unit.
        """
        rows = self.indices[(self.indices["of"] == output) & (self.indices["unit"] == unit)]
        if rows.empty:
            raise UsageError([finding("DT024", f"no output {output!r}" + (f" of a unit {unit!r}" if unit else ""))])
        return rows.set_index("factor").drop(columns=["of", "unit"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`sensitivity` and, of a factorial, `interactions`, as `dtindex sensitivity -o` writes them."""
        found = {"sensitivity": self.indices.set_index("of")}
        return found | ({"interactions": self.interactions.set_index("of")} if len(self.interactions) else {})

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what is not there."""
        methodology = self.scores.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "node": self.node,
            "period": self.period,
            "method": self.method,
            "runs": self.runs,
            "scrambles": self.scrambles,
            "scrambles_asked": self.asked,
            "evaluations": self.evaluations,
            "failed": self.failed,
            "seed": self.seed,
            "confidence": self.confidence,
            "factors": [{"id": factor.id, "what": described(factor)} for factor in self.described],
            "indices": records(self.indices),
            "interactions": records(self.interactions),
            "findings": [one.to_dict() for one in self.findings],
        }


def sensitivity(
    index: CompositeIndex | Edition,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    runs: int = 1024,
    scrambles: int = 16,
    seed: int = 0,
    method: Method = "sobol",
    confidence: float = 0.95,
    groups: Mapping[str, Sequence[str]] | None = None,
    shapley: bool | None = None,
    errors: pd.DataFrame | Mapping[str, Mapping[str, float]] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Put the variance of scores and ranks down to the factors that are uncertain.

    First order ``S_i = Var(E[y | x_i]) / V`` is what would be gone on average if the factor were known; total order
    ``ST_i = E[Var(y | x_-i)] / V`` what would be left if all others were; Shapley effects share interactions out
    equally, sum to 1, and lie between the two. Outputs are each unit's score and rank, the mean shift in rank
    ``(1/N) sum |rank - rank_ref|``, and all scores or ranks together, ``sum_l V_il / sum_l V_l``.

    Where every factor is one of several alternatives, all combinations are scored and told apart exactly (analysis of
    variance of the full factorial). Else indices are estimated by pick and freeze: first order by Janon and Monod,
    total order by Jansen, over independent scrambles of a Sobol' sequence, with Student's interval over the scrambles.

    Parameters
    ----------
    index, table, factors, node, period, seed, method, errors, workers, progress
        As for :func:`dtindex.simulate`. Progress is counted in scrambles.
    runs
        Base points, all scrambles together, rounded up so that each has a power of two (16 at least); each takes as
        many evaluations as there are factors, and two.
    scrambles
        Independent scrambles, two at least: more make the interval narrower in spread, fewer make each one surer.
    confidence
        Of intervals.
    groups
        Factors that are asked about together, by a name of their own.
    shapley
        Whether Shapley effects are computed; up to 6 factors unless said. Up to 12 a factorial has them anyway; pick
        and freeze takes all subsets of up to 6, and random orders of more.

    Returns
    -------
    Sensitivity
        On an interruption (Ctrl-C), of the scrambles that are finished, where they are two or more, with DT387.

    Raises
    ------
    UsageError, InputError
        As :func:`dtindex.simulate`.

    References
    ----------
    Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018; Janon et al. (2014), doi:10.1051/ps/2013040; Jansen (1999),
    doi:10.1016/S0010-4655(98)00154-4; Gamboa et al. (2014), doi:10.1214/14-EJS895; Owen (2014), doi:10.1137/130936233.

    Examples
    --------
    >>> import dtindex as dti
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> s = dti.sensitivity(index, runs=512, seed=1)
    >>> s.factors
    ('reading', 'weights')
    >>> bool(s.of("all ranks").loc["weights", "total"] > 0.8)
    True
    """
    _check(runs, scrambles, seed, method, confidence, workers)
    asked = sensitivity_parts(
        index,
        table,
        factors,
        node=node,
        period=period,
        runs=runs,
        scrambles=scrambles,
        seed=seed,
        method=method,
        confidence=confidence,
        groups=groups,
        shapley=shapley,
        errors=errors,
    )
    return asked.told(() if asked.question is None else _frozen(asked.question, asked.scrambles, workers, progress))


def sensitivity_parts(
    index: CompositeIndex | Edition,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    runs: int = 1024,
    scrambles: int = 16,
    seed: int = 0,
    method: Method = "sobol",
    confidence: float = 0.95,
    groups: Mapping[str, Sequence[str]] | None = None,
    shapley: bool | None = None,
    errors: pd.DataFrame | Mapping[str, Mapping[str, float]] | None = None,
) -> SensitivityParts:
    """A sensitivity analysis in parts, one a scramble: for whoever has them worked out elsewhere.

    ``parts.join([parts.work(part) for part in range(len(parts.sizes))])`` is ``sensitivity(...)`` to the bit. A
    factorial has no parts. Arguments and errors are those of :func:`dtindex.sensitivity`.

    Examples
    --------
    >>> import dtindex as dti
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> parts = dti.sensitivity_parts(index, runs=64, scrambles=2, seed=1)
    >>> joined = parts.join([parts.work(1), parts.work(0)][::-1])
    >>> joined.to_dict() == dti.sensitivity(index, runs=64, scrambles=2, seed=1).to_dict()
    True
    """
    _check(runs, scrambles, seed, method, confidence, None)
    runs, scrambles, seed = int(runs), int(scrambles), int(seed)
    study = Study(index, table, factors, node, period, errors)
    named = _groups(study, groups)
    inputs = study.resolved.inputs
    if all(isinstance(one, Alternatives) for one in inputs.inputs) and inputs.designs <= _MOST_DESIGNS:
        return SensitivityParts(study, groups, named, None, 0, seed, confidence)
    points = max(_LEAST_POINTS, 1 << (max(-(-runs // scrambles), 1) - 1).bit_length())
    orders = _orders(shapley, len(named))
    programs = study.programs(drawn_designs(inputs, named, points, scrambles, seed, method, orders))
    if not programs:
        raise study.without_runs()
    question = Question(inputs, programs, named, study.reference_ranks, points, seed, method, orders)
    return SensitivityParts(study, groups, named, question, scrambles, seed, confidence)


@dataclass(frozen=True, eq=False)
class SensitivityParts:
    """A sensitivity analysis that was asked for; see :func:`sensitivity_parts`."""

    study: Study
    groups: Mapping[str, Sequence[str]] | None
    named: Mapping[str, tuple[list[int], list[str]]]
    question: Question | None
    """None for a factorial."""
    scrambles: int
    seed: int
    confidence: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """Base points of each scramble; none of a factorial."""
        return () if self.question is None else (self.question.points,) * self.scrambles

    def work(self, part: int) -> bytes:
        """What a scramble gives, as bytes."""
        assert self.question is not None
        with one_blas_thread():
            found = freeze(self.question, part)
        head = {"scramble": part, "lost": found.lost, "made": found.made, "failed": found.failed}
        return packed(head, {"first": found.first, "total": found.total, "shapley": found.shapley})

    def join(self, made: Iterable[bytes]) -> Sensitivity:
        """The analysis, from what all scrambles gave, in their order.

        Raises
        ------
        InputError
            DT388 where scrambles are missing, or out of order.
        """
        found: list[Frozen] = []
        for content in made:
            head, arrays = unpacked(content)
            if head["scramble"] != len(found):
                raise InputError([finding("DT388", "the parts are not in their order")])
            own = (arrays["first"], arrays["total"], arrays["shapley"])
            found.append(Frozen(*own, head["lost"], head["made"], head["failed"]))
        if len(found) != self.scrambles:
            raise InputError([finding("DT388", f"parts of {len(found)} scrambles of {self.scrambles}")])
        return self.told(found)

    def told(self, found: Sequence[Frozen]) -> Sensitivity:
        """What the scrambles gave; of a factorial the whole of it."""
        study = self.study
        if self.question is None:
            return _factorial(study, self.groups, self.seed, self.confidence)
        points = self.question.points
        failed, lost = sum(one.failed for one in found), sum(one.lost for one in found)
        notes = _lost(study, failed, lost, points * len(found))
        if len(found) < self.scrambles:
            told = f"stopped after {len(found)} of {self.scrambles} scrambles; what follows is of those"
            notes.append(finding("DT387", told))
        frame = _frame(study, tuple(self.named), found, self.confidence)
        return Sensitivity(
            scores=study.scores,
            node=study.node,
            units=study.units,
            period=study.period,
            factors=tuple(self.named),
            described=study.factors,
            method="pick-freeze",
            runs=points * len(found),
            scrambles=len(found),
            asked=self.scrambles,
            evaluations=sum(one.made for one in found),
            failed=failed,
            seed=self.seed,
            confidence=self.confidence,
            indices=frame,
            interactions=_interactions(study, (), None),
            findings=Findings([*study.notes, *notes, *_constant(frame)]),
        )


def _check(runs: int, scrambles: int, seed: int, method: str, confidence: float, workers: int | None) -> None:
    least = {"runs": (runs, 1), "scrambles": (scrambles, _LEAST_SCRAMBLES), "seed": (seed, 0)}
    check_settings(least, method, confidence, workers)


def _frozen(question: Question, scrambles: int, workers: int | None, progress: Progress | None) -> list[Frozen]:
    """The scrambles, in order; of an interruption those that are finished, where an interval can be told from them."""
    found: list[Frozen] = []
    crew = Crew(workers)
    try:
        with one_blas_thread():
            for at in range(0, scrambles, crew.size):
                some = range(at, min(at + crew.size, scrambles))
                found += crew.each(freeze, [(question, scramble) for scramble in some])
                if progress is not None:
                    progress(len(found), scrambles)
    except KeyboardInterrupt:
        if len(found) < _LEAST_SCRAMBLES:
            raise
    return found


def _orders(shapley: bool | None, factors: int) -> int:
    if shapley is False or (shapley is None and factors > _ALL_SUBSETS):
        return 0
    return -1 if factors <= _ALL_SUBSETS else _ORDERS


def _groups(study: Study, groups: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[list[int], list[str]]]:
    known = {factor.id for factor in study.factors} | {one.factor for one in study.resolved.inputs.inputs}
    named = [name for names in (groups or {}).values() for name in names]
    wrong = [f"no factor {name!r}" for name in named if name not in known]
    wrong += [f"{name!r} is in two groups" for name in sorted({name for name in named if named.count(name) > 1})]
    wrong += [f"{name!r} is a factor that is not in the group" for name in groups or {} if name in known - {*named}]
    if wrong:
        raise UsageError([finding("DT024", f"groups: {one}; there are {', '.join(sorted(known))}") for one in wrong])
    return study.resolved.inputs.groups(groups)


def _outputs(study: Study) -> list[tuple[str, str]]:
    units = [str(unit) for unit in study.units]
    single = [(SCORE, unit) for unit in units] + [(RANK, unit) for unit in units]
    return [(MEAN_SHIFT, ""), (ALL_SCORES, ""), (ALL_RANKS, ""), *single]


def _frame(study: Study, factors: tuple[str, ...], found: Sequence[Frozen], confidence: float) -> pd.DataFrame:
    columns: dict[str, FloatArray] = {}
    for name in ("first", "total", "shapley"):
        mean, low, high, _ = over_scrambles(np.stack([getattr(one, name) for one in found]), confidence)
        columns |= {name: mean, f"{name}_low": low, f"{name}_high": high}
    return _long(study, factors, columns)


def _long(study: Study, factors: tuple[str, ...], columns: Mapping[str, FloatArray]) -> pd.DataFrame:
    """Arrays ``(factors, outputs)`` as rows, outputs first."""
    import pandas as pd

    outputs = _outputs(study)
    keys = {
        "of": [of for of, _ in outputs for _ in factors],
        "unit": [unit for _, unit in outputs for _ in factors],
        "factor": [factor for _ in outputs for factor in factors],
    }
    return pd.DataFrame({**keys, **{name: values.T.ravel() for name, values in columns.items()}})


def _lost(study: Study, failed: int, lost: int, points: int) -> list[Finding]:
    if not failed:
        return []
    reasons = [f"{study.resolved.name(design)}: {reason}" for design, reason in study.failures.items()]
    told = "; ".join(dict.fromkeys(reasons)) or "a ranked unit had no score"
    message = f"{failed:,} evaluations failed ({told}); {lost:,} of {points:,} base points take no part"
    return [finding("DT381", message)]


def _constant(frame: pd.DataFrame) -> list[Finding]:
    """DT390 where an output does not vary."""
    constant = frame[frame["total"].isna()]
    found = []
    for of in (MEAN_SHIFT, ALL_SCORES, ALL_RANKS, SCORE, RANK):
        units = list(dict.fromkeys(constant.loc[constant["of"] == of, "unit"]))
        if units:
            more = f" and {len(units) - 10} more" if len(units) > 10 else ""
            who = f" of {', '.join(units[:10])}{more}" if units[0] else ""
            found.append(finding("DT390", f"{of}{who}: does not vary"))
    return found


# --- the full factorial ---


def _factorial(study: Study, groups: Mapping[str, Sequence[str]] | None, seed: int, confidence: float) -> Sensitivity:
    inputs = study.resolved.inputs
    alternatives = inputs.alternatives
    programs = study.programs(range(inputs.designs))
    shape = tuple(len(one.labels) for one in alternatives)
    designs = np.arange(inputs.designs)
    values = evaluated(Realised(designs, {}, {}, {}), inputs, programs, study.reference_ranks)
    table = values.reshape(*shape, -1)
    table, dropped = _complete(table, [one.labels for one in alternatives], [one.name for one in alternatives])
    if not table.size:
        raise study.without_runs()
    owner = {factor: name for name, factors in (groups or {}).items() for factor in factors}
    names = [owner.get(one.factor, one.factor) for one in alternatives]
    table, factors = _joined(table, names)
    if len(factors) > _MOST_FACTORS:
        raise UsageError([finding("DT902", f"{len(factors)} factors: a factorial tells up to {_MOST_FACTORS} apart")])
    anova = factorial(table)
    units = len(study.rows)
    parts = [anova, anova.aggregated(slice(1, 1 + units)), anova.aggregated(slice(1 + units, None))]
    columns: dict[str, FloatArray] = {}
    for name in ("first", "total", "shapley"):
        mine = _ordered([getattr(part, name) for part in parts])
        columns |= {name: mine, f"{name}_low": mine, f"{name}_high": mine}
    frame = _long(study, factors, columns)
    failed = int(np.isnan(values[:, 0]).sum())
    notes = [finding("DT381", one) for one in dropped]
    notes += [finding("DT381", f"{study.resolved.name(at)}: {why}") for at, why in study.failures.items()]
    return Sensitivity(
        scores=study.scores,
        node=study.node,
        units=study.units,
        period=study.period,
        factors=factors,
        described=study.factors,
        method="factorial",
        runs=int(np.prod(table.shape[:-1])),
        scrambles=0,
        asked=0,
        evaluations=inputs.designs,
        failed=failed,
        seed=seed,
        confidence=confidence,
        indices=frame,
        interactions=_interactions(study, factors, parts),
        findings=Findings([*study.notes, *dict.fromkeys(notes), *_constant(frame)]),
    )


def _ordered(parts: Sequence[FloatArray]) -> FloatArray:
    """Mean shift, all scores, all ranks, then units, of single and aggregated outputs."""
    single, scores, ranks = parts
    return np.concatenate([single[..., :1], scores, ranks, single[..., 1:]], axis=-1)


def _complete(table: FloatArray, labels: Sequence[Sequence[str]], names: Sequence[str]) -> tuple[FloatArray, list[str]]:
    """The table without the alternatives in which combinations fail, the worst first, until none is left that does."""
    kept = [list(own) for own in labels]
    dropped = []
    while table.size and np.isnan(table[..., 0]).any():
        gaps = np.isnan(table[..., 0])
        shares = [(gaps.mean(axis=tuple(a for a in range(gaps.ndim) if a != axis)), axis) for axis in range(gaps.ndim)]
        share, level, axis = max((float(own[level]), -level, axis) for own, axis in shares for level in range(len(own)))
        dropped.append(f"{names[axis]}: {kept[axis].pop(-level)} left out, {100 * share:.0f} % of its runs failed")
        table = np.delete(table, -level, axis=axis)
    return table, dropped


def _joined(table: FloatArray, names: Sequence[str]) -> tuple[FloatArray, tuple[str, ...]]:
    """The table with factors of one name as one axis."""
    factors = tuple(dict.fromkeys(names))
    order = [axis for factor in factors for axis, name in enumerate(names) if name == factor]
    sizes = [
        int(np.prod([table.shape[axis] for axis, name in enumerate(names) if name == factor])) for factor in factors
    ]
    turned = np.ascontiguousarray(table.transpose(*order, table.ndim - 1))
    return turned.reshape(*sizes, table.shape[-1]), factors


def _interactions(study: Study, factors: tuple[str, ...], parts: Sequence[Anova] | None) -> pd.DataFrame:
    import pandas as pd

    columns = ["of", "unit", "factor", "other", "second"]
    if parts is None or len(factors) < 2:
        return pd.DataFrame(columns=columns)
    second = _ordered([part.second for part in parts])
    pairs = [(one, other) for one in range(len(factors)) for other in range(one + 1, len(factors))]
    rows = [
        (of, unit, factors[one], factors[other], second[one, other, at])
        for at, (of, unit) in enumerate(_outputs(study))
        for one, other in pairs
    ]
    return pd.DataFrame(rows, columns=columns)
