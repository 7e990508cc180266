"""How far scores and ranks move when what is uncertain about an index is drawn anew, run by run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.parts import shared_out
from dtindex.analysis.plain import plain, records
from dtindex.analysis.uncertainty.block import Task, ranked_of, run_block
from dtindex.analysis.uncertainty.factors import described
from dtindex.analysis.uncertainty.inputs import Cut, Errors
from dtindex.analysis.uncertainty.part import merge_part, pack_part
from dtindex.analysis.uncertainty.running import Progress, Run, empty_tally, run
from dtindex.analysis.uncertainty.settings import check_settings
from dtindex.analysis.uncertainty.study import Study
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.engine.orders import Workspace
from dtindex.engine.points import BLOCK_RUNS, Method, blocks_of
from dtindex.findings import Finding, Findings, InputError, Severity, UsageError, finding
from dtindex.spec.uncertainty import Factor
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.scores import Scores
    from dtindex.tables.table import Table

__all__ = ["Simulation", "SimulationParts", "simulate", "simulation_parts"]

_ENOUGH_BLOCKS = 8
_NAMED = 5
_MOST_PROBABILITIES = 1 << 17
"""Probabilities of single ranks that a record holds: a table of more is no record."""
_NORMAL_95 = 1.959963984540054
_UNIT_BLOCKS = 1_200
"""Blocks of a part, times units: about half a second's work."""


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """What was observed in the runs; frames are made when they are asked for.

    Ranges of ranks are those that were observed. What could be attained by other weights is another question, which
    no number of runs answers.
    """

    scores: Scores
    """The index as it stands."""
    node: str
    units: TextArray
    """Keys of the units that are ranked, ``(n,)``, in the order of files."""
    names: TextArray
    reference_ranks: NDArray[np.int64]
    reference_scores: FloatArray
    period: str | None
    asked: int
    """Runs that were asked for."""
    done: int
    """Runs that were made; fewer where the run was stopped."""
    seed: int
    method: Method
    factors: tuple[Factor, ...]
    default_factors: bool
    """Whether the methodology says nothing of uncertainty, so that the default was taken."""
    confidence: float
    findings: Findings
    failed: Mapping[str, int] = field(default_factory=dict)
    """Runs that failed, by reason."""
    _tally: Tally = field(repr=False, kw_only=True)
    _task: Task = field(repr=False, kw_only=True)
    _weights: Sequence[tuple[str, str]] = field(repr=False, kw_only=True)
    _tier_labels: tuple[str, ...] = field(repr=False, kw_only=True)

    def __repr__(self) -> str:
        return f"<Simulation of {self.scores.methodology.id}, {self.node}: {len(self.units)} units, {self.runs} runs>"

    @property
    def runs(self) -> int:
        """Runs that were scored and count."""
        return self._tally.runs

    @property
    def rank_resolution(self) -> int:
        """Ranks that are counted together: 1 up to 4,096 units."""
        return self._tally.ranks.width

    @cached_property
    def rank_intervals(self) -> pd.DataFrame:
        """By unit: name, rank, mean, sd, low, median, high, and the least and most observed."""
        return self.intervals(self.confidence)

    def intervals(self, confidence: float) -> pd.DataFrame:
        """As :attr:`rank_intervals`, for another probability; ``low`` and ``high`` leave half of the rest on each side.

        Quantiles are the least rank that is not exceeded in at least that share of the runs.
        """
        import pandas as pd

        if not 0 < confidence < 1:
            raise UsageError([finding("DT902", f"confidence {confidence}: expected more than 0 and less than 1")])
        ranks = self._tally.ranks
        tail = (1 - confidence) / 2
        low, median, high = (ranks.quantile(share) for share in (tail, 0.5, 1 - tail))
        columns: dict[str, Any] = {
            "name": self.names,
            "rank": self.reference_ranks,
            "mean": ranks.mean(),
            "sd": ranks.deviation(),
            "low": low,
            "median": median,
            "high": high,
        }
        columns["least"], columns["most"] = ranks.extremes()
        if not self.runs:
            columns |= dict.fromkeys(("low", "median", "high", "least", "most"), np.nan)
        return pd.DataFrame(columns, index=self._index)

    @cached_property
    def score_intervals(self) -> pd.DataFrame:
        """By unit: name, score, mean (of all runs), and sd, low, median, high (of the runs whose scores are kept)."""
        import pandas as pd

        sample, tail = self._tally.sample, (1 - self.confidence) / 2
        low, median, high = (
            np.quantile(sample, [tail, 0.5, 1 - tail], axis=0) if len(sample) else np.full((3, len(self.units)), np.nan)
        )
        columns = {
            "name": self.names,
            "score": self.reference_scores,
            "mean": self._tally.total / (self.runs or np.nan),
            "sd": sample.std(axis=0) if len(sample) else np.nan,
            "low": low,
            "median": median,
            "high": high,
        }
        return pd.DataFrame(columns, index=self._index)

    @property
    def sampled(self) -> int:
        """Runs whose scores are kept."""
        return len(self._tally.sample)

    @cached_property
    def rank_probabilities(self) -> pd.DataFrame:
        """Share of the runs in which a unit had each rank: ``b_i^r``. Columns are ranks, or the last of each class.

        Lahdelma & Salminen (2001), rank acceptability indices.
        """
        import pandas as pd

        ranks = self._tally.ranks
        last = np.minimum((np.arange(len(ranks.table)) + 1) * ranks.width, ranks.units)
        table = ranks.table.T / (self.runs or np.nan)
        return pd.DataFrame(table, index=self._index, columns=pd.Index(last, name="rank"))

    def top(self, k: int) -> pd.Series[float]:
        """Share of the runs in which a unit was among the first ``k``: P(rank <= k).

        Where ranks are counted in classes of several, the class that ``k`` lies in counts in proportion.
        """
        import pandas as pd

        if not 1 <= k <= len(self.units) or k != int(k):
            raise UsageError([finding("DT902", f"k = {k}: expected 1 to {len(self.units)}, the number of units")])
        ranks = self._tally.ranks
        whole, rest = divmod(int(k), ranks.width)
        counts = ranks.table[:whole].sum(axis=0).astype(np.float64)
        if rest:
            held = min(ranks.width, ranks.units - whole * ranks.width)
            counts += ranks.table[whole] * (rest / held)
        return pd.Series(counts / (self.runs or np.nan), index=self._index, name=f"top {int(k)}")

    @cached_property
    def tier_probabilities(self) -> pd.DataFrame:
        """Share of the runs in each tier of the node; without columns where it has no tiers."""
        import pandas as pd

        shares = self._tally.tiers.T / (self.runs or np.nan)
        frame = pd.DataFrame(shares, index=self._index, columns=list(self._tier_labels))
        return frame.drop(columns=[""], errors="ignore")

    @cached_property
    def class_probabilities(self) -> dict[str, pd.DataFrame]:
        """By scheme, share in each class of the runs that are classified by it."""
        import pandas as pd

        if self._task.classes is None:
            return {}
        found = {}
        for scheme, labels in self._task.classes.labels.items():
            counts = self._tally.classes[scheme]
            classified = counts.sum(axis=0)[:, None]  # a variant without what a scheme asks for is not classified by it
            shares = np.divide(counts.T, classified, out=np.full(counts.T.shape, np.nan), where=classified > 0)
            frame = pd.DataFrame(shares, index=self._index, columns=list(labels))
            spare = [label for label in ("", "unknown") if label in frame and not frame[label].any()]
            found[scheme] = frame.drop(columns=spare)
        return found

    @cached_property
    def pairwise_winning(self) -> pd.DataFrame:
        """Share of the runs whose scores are kept in which the row's unit is before the column's; ties count half."""
        import pandas as pd

        count = len(self.units)
        short = np.int16 if count < 1 << 15 else np.int32  # twice as many at a time
        ranks = np.ascontiguousarray(self._sample_ranks.T, dtype=short)
        wins = np.full((count, count), 0.5)
        for unit in range(count - 1):
            own, others = ranks[unit], ranks[unit + 1 :]
            before, not_after = ((own < others).view(np.int8), (own <= others).view(np.int8))
            points = before.sum(axis=1, dtype=np.int32) + not_after.sum(axis=1, dtype=np.int32)
            share = points / (2 * ranks.shape[1] or np.nan)
            wins[unit, unit + 1 :], wins[unit + 1 :, unit] = share, 1.0 - share
        return pd.DataFrame(wins, index=self._index, columns=self.units)

    @cached_property
    def central_weights(self) -> pd.DataFrame:
        """Mean of the drawn weights in the runs in which a unit was first: ``w_i^c = E[w | rank_i = 1]``.

        Columns are members of the nodes whose weights are drawn, as shares of their node; missing for who never was.
        A member of several nodes, some of which look at leaves, stands as ``node.member``.
        """
        import pandas as pd

        counts = self._tally.first[:, None]
        means = np.divide(
            self._tally.central,
            counts,
            out=np.full(self._tally.central.shape, np.nan),
            where=np.broadcast_to(counts > 0, self._tally.central.shape),
        )
        names = [member for _, member in self._weights]
        columns = [f"{node}.{name}" if names.count(name) > 1 else name for node, name in self._weights]
        return pd.DataFrame(means, index=self._index, columns=columns)

    @cached_property
    def shift(self) -> pd.Series[float]:
        """Mean of how many ranks a unit is away from its rank: ``E |rank - rank_ref|``."""
        import pandas as pd

        return pd.Series(self._tally.ranks.shift(self.reference_ranks), index=self._index, name="shift")

    @property
    def mean_shift(self) -> float:
        """The mean of :attr:`shift` over units: the average shift in rank of Saisana, Saltelli & Tarantola (2005)."""
        return float(self.shift.mean())

    @cached_property
    def convergence(self) -> pd.DataFrame:
        """How far the figures can be relied on: statistic, value.

        ``rank probability, half width`` is ``1.96 sqrt(p (1 - p) / R)`` at p = 0.5, which for single ranks holds for
        scrambled points as for independent ones. The standard error of mean ranks is that of the means of blocks, which
        are independent scrambles, where there are eight of them, and ``sd / sqrt(R)``, an upper bound, where not.
        """
        import pandas as pd

        errors, how = self._standard_errors()
        runs = self.runs or np.nan
        rows: list[tuple[str, float | str]] = [
            ("runs", self.runs),
            ("runs failed", sum(self.failed.values())),
            ("rank probability, half width of the 95 % interval", _NORMAL_95 * 0.5 / np.sqrt(runs)),
            ("mean rank, largest standard error", float(errors.max(initial=0.0))),
            ("mean shift, standard error at most", float(errors.mean()) if len(errors) else float("nan")),
            ("standard errors", how),
            ("runs whose scores are kept", self.sampled),
        ]
        if self._task.classes is not None:
            rows.append(("runs that are classified", self._tally.classified))
        return pd.DataFrame(rows, columns=["statistic", "value"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything by name as frames indexed by unit, as `dtindex simulate -o` writes it; what is empty is left out.

        Classes of all schemes stand in one: unit, scheme, class, probability.
        """
        found = {
            "rank_intervals": self.rank_intervals,
            "score_intervals": self.score_intervals,
            "rank_probabilities": self.rank_probabilities,
            "pairwise_winning": self.pairwise_winning,
            "tier_probabilities": self.tier_probabilities,
            "central_weights": self.central_weights,
        }
        if self.class_probabilities:
            import pandas as pd

            long = [
                frame.reset_index().melt("unit", var_name="class", value_name="probability").assign(scheme=scheme)
                for scheme, frame in self.class_probabilities.items()
            ]
            found["class_probabilities"] = pd.concat(long)[["unit", "scheme", "class", "probability"]].set_index("unit")
        return {name: frame for name, frame in found.items() if frame.shape[1]}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what is not there.

        The pairs are left out, and probabilities of single ranks where units are so many that these would be most of it
        (None; beyond 362 units).
        """
        methodology = self.scores.methodology
        few = self._tally.ranks.table.size <= _MOST_PROBABILITIES
        frames = {
            "rank_intervals": self.rank_intervals,
            "score_intervals": self.score_intervals,
            "tier_probabilities": self.tier_probabilities,
            "central_weights": self.central_weights,
        }
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "node": self.node,
            "period": self.period,
            "runs": {"asked": self.asked, "made": self.done, "scored": self.runs, "failed": dict(self.failed)},
            "seed": self.seed,
            "method": self.method,
            "confidence": self.confidence,
            "ranges": "observed",
            "rank_resolution": self.rank_resolution,
            "factors": [{"id": factor.id, "what": described(factor)} for factor in self.factors],
            "default_factors": self.default_factors,
            "mean_shift": plain(self.mean_shift),
            "convergence": records(self.convergence),
            **{name: records(frame.reset_index()) for name, frame in frames.items()},
            "rank_probabilities": records(self.rank_probabilities.rename(columns=str).reset_index()) if few else None,
            "class_probabilities": {
                scheme: records(frame.reset_index()) for scheme, frame in self.class_probabilities.items()
            },
            "findings": [one.to_dict() for one in self.findings],
        }

    @cached_property
    def _index(self) -> pd.Index[Any]:
        import pandas as pd

        return pd.Index(self.units, name="unit")

    @cached_property
    def _sample_ranks(self) -> NDArray[np.int32]:
        """Ranks ``(sampled, n)`` of the runs whose scores are kept."""
        program = next(iter(self._task.programs.values()))
        sample = self._tally.sample
        found = np.empty(sample.shape, dtype=np.int32)
        room, step = Workspace(len(self.units)), 1024
        for at in range(0, len(sample), step):
            found[at : at + step] = ranked_of(program, sample[at : at + step], room)[0].rank_matrix()
        return found

    def _standard_errors(self) -> tuple[FloatArray, str]:
        tally = self._tally
        if tally.blocks >= _ENOUGH_BLOCKS:
            mean = tally.block_means / tally.blocks
            spread = np.maximum(tally.block_squares / tally.blocks - mean * mean, 0.0)
            return np.sqrt(spread / (tally.blocks - 1)), f"between {tally.blocks} independent blocks"
        return tally.ranks.deviation() / np.sqrt(self.runs or np.nan), "as of independent runs"


def simulate(
    index: CompositeIndex | Edition,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    runs: int = 10_000,
    seed: int = 0,
    method: Method = "sobol",
    confidence: float = 0.95,
    errors: pd.DataFrame | Mapping[str, Mapping[str, float]] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    checkpoint: Path | str | None = None,
) -> Simulation:
    """Draw what is uncertain about an index, run by run, and see how scores and ranks move.

    In each run every factor is drawn by its law, all independently: weights, errors of figures, and which of several
    alternatives of a step is taken, or what is left out. What is costly is worked out once for each combination of
    alternatives. Units that the index ranks are ranked in every run; ties share the better rank on the integer key,
    after the rounding that the methodology ranks by. The result depends on the seed, the number of runs and the method
    alone.

    Parameters
    ----------
    index
        A fitted index or an edition.
    table
        What is scored; by default the table that was fitted.
    factors
        What is uncertain; by default the methodology's ``uncertainty:``, else the weights of every node, uniform within
        25 % of what they are (DT380 says so).
    node
        Whose scores and ranks; the first root unless said.
    period
        Period of a panel; its latest one unless said.
    runs, seed
        How many runs, and where random numbers start.
    method
        ``sobol``: scrambled Sobol' points, an independent scramble for each block of 32,768 runs; ``random``:
        independent points.
    confidence
        Of intervals.
    errors
        Standard errors of figures, units by items, which join as a factor of their own: of measurement, or of sampling
        where the figures are estimates. In the unit of the item's column; of a node, points of its score. Units are
        named as in the table, or in any way that the codelist knows.
    workers
        Threads over blocks; every processor unless said. Under ``joblib.parallel_config(backend=...)`` the work goes
        where that says, a Dask cluster included.
    progress
        Called with the runs that are done and the runs that were asked for.
    checkpoint
        A file that keeps finished blocks; an equal call goes on from there.

    Returns
    -------
    Simulation
        On an interruption (Ctrl-C), of the blocks that are finished, with DT387.

    Raises
    ------
    UsageError
        DT024: no such node, period or item; DT420: not fitted; DT902: settings that cannot be.
    InputError
        DT381: no run can be scored; DT382: nothing varies; DT386: a factor does not fit the index; DT388: the
        checkpoint is of another run; DT389: nobody is ranked.

    References
    ----------
    Saisana, Saltelli & Tarantola (2005), doi:10.1111/j.1467-985X.2005.00350.x; Lahdelma & Salminen (2001),
    doi:10.1287/opre.49.3.444.11220.

    Examples
    --------
    >>> import dtindex as dti
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> u = dti.simulate(index, runs=2000, seed=1)
    >>> u.rank_intervals.loc["江苏", ["rank", "low", "high"]].tolist()
    [3, 3, 3]
    """
    check_settings({"runs": (runs, 1), "seed": (seed, 0)}, method, confidence, workers)
    asked = simulation_parts(
        index,
        table,
        factors,
        node=node,
        period=period,
        runs=runs,
        seed=seed,
        method=method,
        confidence=confidence,
        errors=errors,
    )
    found = run(
        asked.task,
        asked.runs,
        workers=workers,
        progress=progress,
        checkpoint=checkpoint,
        identity=_identity(asked) if checkpoint is not None else None,
    )
    return asked.told(found)


def simulation_parts(
    index: CompositeIndex | Edition,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    runs: int = 10_000,
    seed: int = 0,
    method: Method = "sobol",
    confidence: float = 0.95,
    errors: pd.DataFrame | Mapping[str, Mapping[str, float]] | None = None,
) -> SimulationParts:
    """A simulation in parts, each of some blocks of 32,768 runs: for whoever has them worked out elsewhere.

    ``parts.join([parts.work(part) for part in range(len(parts.sizes))])`` is ``simulate(...)`` to the bit, wherever
    and in whatever order the parts were worked out. Arguments and errors are those of :func:`dtindex.simulate`.

    Examples
    --------
    >>> import dtindex as dti
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> parts = dti.simulation_parts(index, runs=2000, seed=1)
    >>> joined = parts.join([parts.work(part) for part in range(len(parts.sizes))])
    >>> joined.to_dict() == dti.simulate(index, runs=2000, seed=1).to_dict()
    True
    """
    check_settings({"runs": (runs, 1), "seed": (seed, 0)}, method, confidence, None)
    study = Study(index, table, factors, node, period, errors)
    return SimulationParts(study, study.task(int(runs), int(seed), method), int(runs), confidence)


@dataclass(frozen=True, eq=False)
class SimulationParts:
    """A simulation that was asked for; see :func:`simulation_parts`."""

    study: Study
    task: Task
    runs: int
    confidence: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """Runs of each part."""
        sizes = blocks_of(self.runs)
        return tuple(sum(sizes[block] for block in blocks) for blocks in self._parts)

    def work(self, part: int) -> bytes:
        """The tallies of the part's blocks, as bytes."""
        sizes, blocks = blocks_of(self.runs), self._parts[part]
        tallies = [run_block(self.task, block, sizes[block]) for block in blocks]
        return pack_part(blocks.start, tallies, [sizes[block] == BLOCK_RUNS for block in blocks])

    def join(self, made: Iterable[bytes]) -> Simulation:
        """The simulation, from what all parts gave, in their order.

        Raises
        ------
        InputError
            DT388 where parts are missing, or of another simulation.
        """
        tally, blocks = empty_tally(self.task), 0
        for content in made:
            blocks += merge_part(tally, blocks, content)
        if blocks != len(blocks_of(self.runs)):
            raise InputError([finding("DT388", f"parts of {blocks:,} blocks of {len(blocks_of(self.runs)):,}")])
        return self.told(Run(tally, self.runs, False))

    @property
    def _parts(self) -> list[range]:
        return shared_out(blocks_of(self.runs), max(_UNIT_BLOCKS // self.task.units, 1))

    def told(self, found: Run) -> Simulation:
        """What the runs gave."""
        study, task = self.study, self.task
        failed, notes = _failed(study, found.tally)
        if failed and not found.tally.runs and not found.interrupted:
            raise InputError([finding("DT381", one.message, severity=Severity.ERROR) for one in notes])
        if found.interrupted:
            told = f"stopped after {found.done:,} of {self.runs:,} runs; what follows is of those"
            notes.append(finding("DT387", told))
        if _unmoved(study, found.tally):
            reason = f"in {found.tally.runs:,} runs no score of {study.node} moved: nothing that is drawn reaches it"
            notes.append(finding("DT390", reason))
        if found.tally.ranks.width > 1:
            width = found.tally.ranks.width
            notes.append(finding("DT384", f"{len(study.units):,} units: ranks are counted in classes of {width}"))
        return Simulation(
            scores=study.scores,
            node=study.node,
            units=study.units,
            names=study.names,
            reference_ranks=study.reference_ranks,
            reference_scores=study.reference_scores,
            period=study.period,
            asked=self.runs,
            done=found.done,
            seed=task.seed,
            method=task.method,
            factors=study.factors,
            default_factors=study.default,
            confidence=self.confidence,
            findings=Findings([*study.notes, *notes]),
            failed=failed,
            _tally=found.tally,
            _task=task,
            _weights=study.members,
            _tier_labels=task.tiers.labels if task.tiers is not None else (),
        )


def _unmoved(study: Study, tally: Tally) -> bool:
    """Whether all runs gave the same scores, and no threshold moved either."""
    sample = tally.sample
    if len(sample) < 2 or any(isinstance(one, Cut) and one.node == study.node for one in study.resolved.inputs.inputs):
        return False
    return bool((np.ptp(sample, axis=0) <= 1e-12 * study.scores.widths[study.node]).all())


def _failed(study: Study, tally: Tally) -> tuple[dict[str, int], list[Finding]]:
    """Runs that failed by reason, and a finding on each reason."""
    found: dict[str, int] = {}
    for design, runs in sorted(tally.failed.items()):
        if design < 0:
            units = sorted(tally.unscored, key=lambda unit: -tally.unscored[unit])
            named = ", ".join(f"{study.units[unit]} in {tally.unscored[unit]:,}" for unit in units[:_NAMED])
            reason = f"no score for {named}" + (f" and {len(units) - _NAMED} more" if len(units) > _NAMED else "")
        else:
            reason = f"{study.resolved.name(design)}: {study.failures[design]}"
        found[reason] = found.get(reason, 0) + runs
    made = tally.runs + sum(found.values())
    return found, [finding("DT381", f"{runs:,} of {made:,} runs left out: {reason}") for reason, runs in found.items()]


def _identity(asked: SimulationParts) -> dict[str, object]:
    """What a checkpoint is of."""
    from dtindex._version import __version__
    from dtindex.archive import table_hash
    from dtindex.spec.identity import sha256

    study, task = asked.study, asked.task
    parameters = repr([(one.name, type(one).__name__) for one in study.resolved.inputs.inputs])
    # Errors that a caller gives are no part of a factor; variants also hang on what the index was fitted on.
    errors = [one.spread.tobytes() for one in study.resolved.inputs.inputs if isinstance(one, Errors)]
    variants = [program.nominal.tobytes() for program in task.programs.values()]
    scores = sha256(np.ascontiguousarray(study.scores.values).tobytes())
    return {
        "version": __version__,
        "methodology": study.scores.methodology.hash,
        "table": table_hash(study.scores.table),
        "scores": scores,
        "factors": [factor.model_dump(mode="json", exclude_defaults=True) for factor in study.factors],
        "inputs": parameters,
        "errors": sha256(b"".join(errors)),
        "variants": sha256(b"".join(variants)),
        "node": study.node,
        "period": study.period,
        "runs": asked.runs,
        "seed": task.seed,
        "method": task.method,
    }
