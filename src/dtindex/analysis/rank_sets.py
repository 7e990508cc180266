"""Which ranks of estimates can be told apart: confidence sets for ranks, and groups of what is level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dtindex.analysis.estimate import Estimates, estimate
from dtindex.analysis.plain import records
from dtindex.analysis.simulate import simulate
from dtindex.analysis.uncertainty.given_errors import GivenErrors
from dtindex.engine.keys import open_width, score_keys
from dtindex.engine.rank_sets import RankSets as Sets
from dtindex.engine.rank_sets import confidence_sets, maximal_cliques, rank_law
from dtindex.engine.ranks import rank_keys
from dtindex.findings import Finding, Findings, InputError, UsageError, finding
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["RankSets", "rank_sets"]

_RUNS = 1 << 14
_MOST_GROUPS = 702
"""Of letters a to zz."""
_LAW = 400
"""Units up to which the law of ranks is worked out for a record."""
_NAMED = 10


@dataclass(frozen=True, eq=False, repr=False)
class RankSets:
    """Confidence sets for ranks; frames are made when they are asked for. Rank 1 is the highest estimate."""

    what: str
    """What is ranked: a node, an item, or `estimates`."""
    units: TextArray
    """Keys of units or groups ``(n,)``."""
    names: TextArray
    estimates: FloatArray
    errors: FloatArray
    """Standard errors ``(n,)``."""
    correlation: FloatArray | None
    """Correlations of the estimates ``(n, n)``; None where they are independent."""
    confidence: float
    draws: int
    seed: int
    source: str
    """Where standard errors come from."""
    findings: Findings
    period: str | None = None
    scores: Scores | None = None
    _own: Sets = field(repr=False, kw_only=True)
    _together: Sets = field(repr=False, kw_only=True)

    def __repr__(self) -> str:
        return f"<RankSets of {self.what}: {len(self.units)} estimates, {self.confidence:g}>"

    @property
    def ranks(self) -> NDArray[np.int64]:
        """Ranks ``(n,)`` of the estimates; ties share the better one."""
        return rank_keys(score_keys(self.estimates, open_width(self.estimates)))

    @cached_property
    def sets(self) -> pd.DataFrame:
        """By unit: name, rank, estimate, se, low, high, all_low, all_high, group.

        ``low`` to ``high`` covers the true rank of this unit with the confidence; ``all_low`` to ``all_high`` the ranks
        of all units at once. ``group`` are letters: units without a letter in common are significantly different, by
        the simultaneous sets.
        """
        import pandas as pd

        columns = {
            "name": self.names,
            "rank": self.ranks,
            "estimate": self.estimates,
            "se": self.errors,
            "low": self._own.lower,
            "high": self._own.upper,
            "all_low": self._together.lower,
            "all_high": self._together.upper,
            "group": self.letters,
        }
        return pd.DataFrame(columns, index=self._index)

    @cached_property
    def groups(self) -> list[list[int]] | None:
        """Positions of units that cannot be told apart: all maximal groups, by their best members; None where there are
        more than 702.
        """
        above = self._together.above
        found = maximal_cliques(~(above | above.T), _MOST_GROUPS)
        if found is None:
            return None
        place = np.argsort(np.argsort(-self.estimates, kind="stable"), kind="stable")
        return sorted(found, key=lambda group: sorted(int(place[unit]) for unit in group))

    @cached_property
    def letters(self) -> list[str]:
        """Letters of each unit's groups, a for the best; blanks where there are too many groups."""
        found: list[list[str]] = [[] for _ in self.units]
        for number, group in enumerate(self.groups or []):
            for unit in group:
                found[unit].append(_letter(number))
        return [" ".join(own) if any(len(one) > 1 for one in own) else "".join(own) for own in found]

    def best(self, k: int) -> pd.Series[bool]:
        """The tau-best set: units that cannot be excluded from the first ``k``, all of them at once with the
        confidence.
        """
        import pandas as pd

        if not 1 <= k <= len(self.units) or k != int(k):
            raise UsageError([finding("DT902", f"k = {k}: expected 1 to {len(self.units)}, the number of units")])
        return pd.Series(self._together.lower <= k, index=self._index, name=f"best {int(k)}")

    @cached_property
    def above(self) -> pd.DataFrame:
        """Whether the row's unit is significantly above the column's, by the simultaneous sets."""
        import pandas as pd

        return pd.DataFrame(self._together.above, index=self._index, columns=self.units)

    @cached_property
    def rank_probabilities(self) -> pd.DataFrame:
        """``P(rank = k)`` if the true values were normal around the estimates, exact for independent ones.

        This is the law of ranks of values drawn anew, for a reader who asks for one; it is no confidence statement.
        """
        import pandas as pd

        law = rank_law(self.estimates, self.errors)
        return pd.DataFrame(law, index=self._index, columns=pd.Index(np.arange(1, len(law) + 1), name="rank"))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything by name, as `dtindex rank-sets -o` writes it."""
        return {"rank_sets": self.sets, "above": self.above, "rank_law": self.rank_probabilities}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits; the law of ranks is left out beyond 400 units."""
        methodology = None if self.scores is None else self.scores.methodology
        groups = self.groups
        return {
            "methodology": None
            if methodology is None
            else {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": [] if self.scores is None else list(self.scores.assumptions),
            "synthetic": None if self.scores is None else self.scores.synthetic,
            "what": self.what,
            "period": self.period,
            "confidence": self.confidence,
            "draws": self.draws,
            "seed": self.seed,
            "standard_errors": self.source,
            "independent": self.correlation is None,
            "sets": records(self.sets.reset_index()),
            "groups": None if groups is None else [[str(self.units[unit]) for unit in group] for group in groups],
            "rank_probabilities": records(self.rank_probabilities.rename(columns=str).reset_index())
            if len(self.units) <= _LAW
            else None,
            "findings": [one.to_dict() for one in self.findings],
        }

    @cached_property
    def _index(self) -> pd.Index[Any]:
        import pandas as pd

        return pd.Index(self.units, name="unit")


def rank_sets(
    source: CompositeIndex | Edition | Scores | Estimates | pd.DataFrame,
    table: Table | pd.DataFrame | str | None = None,
    *,
    by: str | Sequence[str] | None = None,
    of: str | None = None,
    errors: GivenErrors | None = None,
    covariance: ArrayLike | None = None,
    node: str | None = None,
    period: str | None = None,
    method: Literal["differences", "bootstrap"] = "differences",
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
    workers: int | None = None,
    **design: Any,
) -> RankSets:
    """Confidence sets for the ranks of what is estimated with an error: groups of a sample, or units with errors of
    measurement.

    Two estimates are told apart where their difference is large for its standard error, against the largest difference
    of many that chance makes (`dtindex.engine.rank_sets`); a unit's set of ranks runs from one more than those
    significantly above it to ``n`` less those significantly below.

    Parameters
    ----------
    source
        With ``by``: a fitted index, an edition or scores, whose groups are estimated as ``estimate`` does. Without it:
        a fitted index or an edition with standard errors of its figures, ``errors`` or the ``error`` factors of the
        methodology's ``uncertainty:``. Else estimates that were made before, or a frame with the columns ``estimate``
        and ``se``, a row a unit.
    table
        What is scored; by default the table that was fitted.
    by, of
        Groups, and what is estimated in them; the first root unless said. Of estimates, ``of`` chooses the item.
    errors
        Standard errors of figures, units by items, as ``simulate`` takes them.
    covariance
        Of the estimates of a frame ``(n, n)``, in place of its ``se``.
    node, period
        Whose scores; the first root and the latest period unless said.
    method
        ``differences``. Quantiles of ranks drawn anew (``bootstrap``) are refused (DT326): near ties they do not cover.
    confidence, draws, seed
        Of the sets; of the normal vectors that critical values are taken from.
    workers
        Threads; no result depends on it.
    design
        What else ``estimate`` takes: weight, design, replicates, calibrate, suppress_below.

    Raises
    ------
    UsageError
        DT326; DT024, DT902.
    InputError
        DT329: fewer than two estimates, or none with an error; and as estimating or scoring does.

    Notes
    -----
    Estimates of groups are as correlated as the sample's design makes them. Scores with errors of measurement take
    their standard errors from 16,384 scrambled Sobol' runs of the errors alone, and are independent. Estimates without
    a standard error are left out (DT327). Ranks are of the estimates as they are, before any rounding.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), doi:10.1093/restud/rdad006; Piepho (2004), letters for comparisons,
    doi:10.1198/1061860043515.

    Examples
    --------
    >>> import pandas as pd
    >>> import dtindex as dti
    >>> frame = pd.DataFrame({"estimate": [50.0, 49.0, 40.0], "se": 1.0}, index=["a", "b", "c"])
    >>> dti.rank_sets(frame).sets[["low", "high", "group"]].values.tolist()
    [[1, 2, 'a'], [1, 2, 'a'], [3, 3, 'b']]
    """
    _check(method, confidence, draws, seed, workers)
    if by is not None or isinstance(source, Estimates):
        if isinstance(source, Estimates):
            made = source
        else:
            if _is_frame(source):
                raise UsageError([finding("DT902", "a frame of estimates has no groups: leave `by` out")])
            made = estimate(source, table, of=of, by=by, period=period, seed=seed, **design)  # type: ignore[arg-type]
        found = _of_estimates(made, of)
    elif _is_frame(source):
        found = _of_frame(source, covariance)
    elif isinstance(source, Scores):
        raise UsageError([finding("DT902", "scores have no standard errors: give `by`, or the index with `errors`")])
    else:
        found = _of_figures(source, table, errors, node, period, seed, workers)  # type: ignore[arg-type]
    return _judged(found, confidence, draws, seed, workers)


@dataclass(frozen=True, eq=False)
class _Measured:
    what: str
    units: TextArray
    names: TextArray
    estimates: FloatArray
    errors: FloatArray
    correlation: FloatArray | None
    source: str
    period: str | None
    scores: Scores | None
    findings: tuple[Finding, ...]


def _check(method: str, confidence: float, draws: int, seed: int, workers: int | None) -> None:
    if method == "bootstrap":
        reason = "quantiles of ranks drawn anew cover too rarely where estimates are near each other"
        raise UsageError([finding("DT326", f"{reason}; take `differences`")])
    told = ""
    if method != "differences":
        told = f"method={method!r}: expected differences"
    elif not 0 < confidence < 1:
        told = f"confidence={confidence!r}: expected a share between 0 and 1, such as 0.95"
    elif draws < 100 or seed < 0 or (workers is not None and workers < 1):
        told = f"draws={draws!r}, seed={seed!r}, workers={workers!r}: expected 100 or more, 0 or more, 1 or more"
    if told:
        raise UsageError([finding("DT902", told)])


def _is_frame(source: object) -> bool:
    import pandas as pd

    return isinstance(source, pd.DataFrame)


def _of_estimates(made: Estimates, of: str | None) -> _Measured:
    frame = made.frame
    wanted = of or (made.scores.root if made.scores.root in set(frame["item"]) else str(frame["item"].iloc[0]))
    own = frame[frame["item"] == wanted]
    if len(own) and len(set(zip(own["category"], own["kind"], strict=True))) != 1:
        raise UsageError([finding("DT902", f"{wanted!r} has several figures a group: name one with a single figure")])
    if not len(own):
        raise UsageError([finding("DT024", f"nothing called {wanted!r} is estimated")])
    labels = [" / ".join(map(str, row)) for row in own[list(made.by)].itertuples(index=False)] if made.by else [wanted]
    numbers = [_numbers(own[name]) for name in ("estimate", "se")]
    kind = str(own["kind"].iloc[0])
    correlation = None if kind == "quantile" else made.correlations(wanted)
    notes = list(made.findings)
    if kind == "quantile":
        notes.append(finding("DT330", "quantiles of groups are judged as if they were independent"))
    method = str(own["method"].iloc[0])
    texts = np.array(labels, dtype=object)
    return _Measured(
        wanted,
        texts,
        texts,
        numbers[0],
        numbers[1],
        correlation,
        f"sampling: {method}",
        made.period,
        made.scores,
        tuple(notes),
    )


def _numbers(column: Any) -> FloatArray:
    """A column of estimates; NaN where it is missing."""
    numbers: FloatArray = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _of_frame(source: Any, covariance: ArrayLike | None) -> _Measured:
    frame: pd.DataFrame = source
    lacking = [name for name in ("estimate", *(() if covariance is not None else ("se",))) if name not in frame]
    if lacking:
        raise UsageError([finding("DT902", f"the frame lacks the column {lacking[0]!r}: expected `estimate` and `se`")])
    estimates = frame["estimate"].to_numpy(dtype=float)
    correlation, notes = None, []
    if covariance is None:
        errors = frame["se"].to_numpy(dtype=float)
        notes.append(finding("DT330", "no covariances are given: estimates are judged as independent"))
    else:
        matrix = np.asarray(covariance, dtype=np.float64)
        if matrix.shape != (len(frame), len(frame)) or not np.allclose(matrix, matrix.T, equal_nan=True):
            raise UsageError([finding("DT902", f"covariance: expected a symmetric matrix of {len(frame)} rows")])
        errors = np.sqrt(np.diag(matrix))
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = np.nan_to_num(matrix / errors[:, None] / errors[None, :])
        np.fill_diagonal(correlation, 1.0)
    if (errors < 0).any() or np.isinf(errors).any() or np.isinf(estimates).any():
        raise UsageError([finding("DT902", "estimates and standard errors are finite, and errors 0 or more")])
    units = frame.index.to_numpy(dtype=object)
    names = frame["name"].to_numpy(dtype=object) if "name" in frame else units
    return _Measured("estimates", units, names, estimates, errors, correlation, "given", None, None, tuple(notes))


def _of_figures(
    index: CompositeIndex | Edition,
    table: Table | pd.DataFrame | str | None,
    errors: GivenErrors | None,
    node: str | None,
    period: str | None,
    seed: int,
    workers: int | None,
) -> _Measured:
    methodology = index.methodology if not hasattr(index, "methodology_") else index.methodology_
    declared = (
        () if isinstance(methodology, str) or methodology.uncertainty is None else methodology.uncertainty.factors
    )
    factors = [one for one in declared if one.kind == "error"]
    if errors is None and not factors:
        message = "no standard errors: group the sample with `by`, give `errors`, or declare errors in `uncertainty:`"
        raise InputError([finding("DT329", message)])
    made = simulate(
        index,
        table,
        factors if errors is None else [],
        node=node,
        period=period,
        runs=_RUNS,
        seed=seed,
        errors=errors,
        workers=workers,
    )
    spread = made.score_intervals["sd"].to_numpy(dtype=float)
    told = "errors of figures that are given" if errors is not None else "error factors of the methodology"
    return _Measured(
        made.node,
        made.units,
        made.names,
        made.reference_scores,
        spread,
        None,
        told,
        made.period,
        made.scores,
        tuple(made.findings),
    )


def _judged(found: _Measured, confidence: float, draws: int, seed: int, workers: int | None) -> RankSets:
    kept = ~(np.isnan(found.estimates) | np.isnan(found.errors))
    notes = list(found.findings)
    if not kept.all():
        left = [str(unit) for unit in found.units[~kept]]
        more = f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else ""
        notes.append(finding("DT327", f"left out: {', '.join(left[:_NAMED])}{more}"))
    estimates, errors = found.estimates[kept], found.errors[kept]
    if len(estimates) < 2 or not (errors > 0).any():
        message = f"{len(estimates):,} estimates with a standard error, {int((errors > 0).sum()):,} of them above 0"
        raise InputError([finding("DT329", message)])
    correlation = None if found.correlation is None else np.nan_to_num(found.correlation[np.ix_(kept, kept)])
    if correlation is not None:
        np.fill_diagonal(correlation, 1.0)
        if not np.count_nonzero(correlation - np.eye(len(correlation))):
            correlation = None
    between = np.eye(len(errors)) if correlation is None else correlation
    covariance = between * errors[:, None] * errors[None, :]
    own, together = confidence_sets(
        estimates, covariance, confidence=confidence, draws=draws, seed=seed, workers=workers
    )
    result = RankSets(
        what=found.what,
        units=found.units[kept],
        names=found.names[kept],
        estimates=estimates,
        errors=errors,
        correlation=correlation,
        confidence=confidence,
        draws=draws,
        seed=seed,
        source=found.source,
        findings=Findings(dict.fromkeys(notes)),
        period=found.period,
        scores=found.scores,
        _own=own,
        _together=together,
    )
    if result.groups is None:
        extra = finding("DT328", f"more than {_MOST_GROUPS} groups of units that cannot be told apart")
        object.__setattr__(result, "findings", Findings([*result.findings, extra]))
    return result


def _letter(number: int) -> str:
    """a to z, then aa to zz."""
    high, low = divmod(number, 26)
    return chr(97 + low) if not high else chr(96 + high) + chr(97 + low)
