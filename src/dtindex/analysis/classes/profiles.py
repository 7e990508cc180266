"""Are the classes there without the rule: profiles of a Gaussian mixture, and what they have to do with the classes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable, listed
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

__all__ = ["Candidate", "Profiles", "Shape", "entropy_r2", "fitted_mixture", "parameters", "profiles", "stability"]

Shape = Literal["full", "tied", "diag"]
"""Covariances: any (mclust's VVV), one for all profiles (EEE), none between dimensions (VVI)."""
_REGULAR = 1e-6
_SHORT = 25
_LONG = 2000
_TOLERANCE = 1e-6
_ROUGH = 1e-4


@dataclass(frozen=True)
class Candidate:
    """A mixture of so many profiles: ``bic = -2 logL + p ln n``, the lower the better; or why there is none."""

    profiles: int
    bic: float = float("nan")
    log_likelihood: float = float("nan")
    parameters: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Profiles:
    """The mixture with the lowest BIC, profiles in falling order of their mean score.

    Attributes
    ----------
    shares
        Mixing proportions ``(profiles,)``.
    means
        ``(profiles, dimensions)``.
    assigned
        The likeliest profile of each row ``(rows,)``, from 0; rows are the complete ones.
    entropy
        ``1 - sum -p ln p / (n ln G)``: 1 where every row is surely of one profile; NaN of a single one.
    jaccard, agreement
        Stability over bootstrap samples, of each profile ``(profiles,)`` and of the whole (adjusted Rand).
    """

    candidates: tuple[Candidate, ...]
    shares: FloatArray
    means: FloatArray
    assigned: NDArray[np.intp]
    entropy: float
    jaccard: FloatArray
    agreement: float
    resamples: int
    dimensions: tuple[str, ...] = field(default=())


def profiles(
    values: FloatArray,
    dimensions: Sequence[str],
    *,
    shape: Shape = "full",
    most: int = 6,
    starts: int = 10,
    resamples: int = 50,
    seed: int = 0,
) -> Profiles:
    """Profiles of complete ``values`` ``(rows, dimensions)``, their number by BIC among 1 to ``most``.

    Each number of profiles starts ``starts`` times (half from k-means, half from k-means++ seeds, 25 steps of EM), and
    the best start is carried on until the mean log-likelihood moves by less than 1e-6 in a step. A millionth of the
    mean variance is added to every variance (``reg_covar``), so that no profile shrinks to a point. Numbers with as
    many parameters as rows are not tried.

    Raises
    ------
    NotComputable
        Where there are no more rows than dimensions, or a dimension is constant.

    References
    ----------
    Fraley, C. & Raftery, A. E. (2002). Model-based clustering. doi:10.1198/016214502760047131. Celeux, G. &
    Soromenho, G. (1996). An entropy criterion. doi:10.1007/BF01246098. Hennig, C. (2007). Cluster-wise assessment of
    cluster stability. doi:10.1016/j.csda.2006.11.025
    """
    rows, count = values.shape
    if rows <= count:
        raise NotComputable(f"{rows} complete rows for {count} dimensions; there must be more rows")
    flat = [name for name, column in zip(dimensions, values.T, strict=True) if constant(column)]
    if flat:
        raise NotComputable(f"no variation in {listed(flat)}")
    from threadpoolctl import threadpool_limits

    # One thread: matrices of a few dimensions are faster so, and the last bits do not depend on the machine's cores.
    with threadpool_limits(limits=1):
        return _profiles(values, tuple(dimensions), shape, most, starts, resamples, seed)


def _profiles(
    values: FloatArray, dimensions: tuple[str, ...], shape: Shape, most: int, starts: int, resamples: int, seed: int
) -> Profiles:
    rows, count = values.shape
    tried: list[Candidate] = []
    best: GaussianMixture | None = None
    lowest = np.inf
    for number in range(1, most + 1):
        needed = parameters(number, count, shape)
        if needed >= rows:
            tried.append(Candidate(number, reason=f"{needed} parameters for {rows} rows", parameters=needed))
            continue
        mixture = fitted_mixture(values, number, shape, starts, (seed, 1, number))
        likelihood = float(mixture.score_samples(values).sum())
        bic = float(-2 * likelihood + needed * np.log(rows))
        tried.append(Candidate(number, bic, likelihood, needed))
        if bic < lowest:
            best, lowest = mixture, bic
    if best is None:
        raise NotComputable(f"{rows} complete rows are too few for one profile of {count} dimensions")
    order = np.argsort(-best.means_.mean(axis=1), kind="stable")
    posterior = best.predict_proba(values)[:, order]
    assigned = posterior.argmax(axis=1)
    jaccard, agreement = stability(values, assigned, len(order), shape, resamples, seed)
    return Profiles(
        tuple(tried),
        best.weights_[order],
        best.means_[order],
        assigned,
        entropy_r2(posterior),
        jaccard,
        agreement,
        resamples,
        dimensions=dimensions,
    )


def parameters(number: int, dimensions: int, shape: Shape) -> int:
    """Free parameters: ``G - 1`` proportions, ``G d`` means, and the covariances of the shape."""
    each = dimensions if shape == "diag" else dimensions * (dimensions + 1) // 2
    return number - 1 + number * dimensions + each * (1 if shape == "tied" else number)


def fitted_mixture(
    values: FloatArray, number: int, shape: Shape, starts: int, stream: tuple[int, ...], tolerance: float = _TOLERANCE
) -> GaussianMixture:
    """The best of several starts, carried on to convergence; ``stream`` is a seed and what it is for."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    state = int(np.random.SeedSequence(stream[0], spawn_key=stream[1:]).generate_state(1)[0])
    settings: dict[str, Any] = {
        "n_components": number,
        "covariance_type": shape,
        "reg_covar": _REGULAR * float(values.var(axis=0).mean()),
        "random_state": state,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        tried = [
            GaussianMixture(**settings, n_init=count, init_params=kind, max_iter=_SHORT, tol=1e-3).fit(values)
            for kind, count in (("kmeans", (starts + 1) // 2), ("k-means++", starts // 2))
            if count
        ]
        start = max(tried, key=lambda one: float(one.lower_bound_))
        found = GaussianMixture(
            **settings,
            weights_init=start.weights_ / start.weights_.sum(),
            means_init=start.means_,
            precisions_init=start.precisions_,
            max_iter=_LONG,
            tol=tolerance,
        )
        return found.fit(values)


def entropy_r2(posterior: FloatArray) -> float:
    """``1 - sum -p ln p / (n ln G)`` of posterior probabilities ``(rows, profiles)``; NaN of one profile."""
    rows, number = posterior.shape
    if number < 2:
        return float("nan")
    known = posterior[posterior > 0]
    return float(1 + (known * np.log(known)).sum() / (rows * np.log(number)))


def stability(
    values: FloatArray, assigned: NDArray[np.intp], number: int, shape: Shape, resamples: int, seed: int
) -> tuple[FloatArray, float]:
    """Mean Jaccard similarity of each profile ``(profiles,)`` and mean adjusted Rand index over bootstrap samples.

    A sample of rows is drawn with replacement and the mixture of so many profiles fitted to it anew. Of the rows that
    were drawn, each profile is compared with the most similar one of the sample: ``|A and B| / |A or B|``. Above 0.75 a
    profile is stable, below 0.5 it dissolves (Hennig 2007). NaN without a resample in which the profile occurs.
    """
    from sklearn.metrics import adjusted_rand_score

    similar = np.full((resamples, number), np.nan)
    agreement = np.full(resamples, np.nan)
    for run in range(resamples):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, run)))
        drawn = rng.integers(0, len(values), len(values))
        rows = np.unique(drawn)
        if all(np.ptp(column) > 0 for column in values[rows].T):
            again = fitted_mixture(values[drawn], number, shape, 2, (seed, 3, run), _ROUGH).predict(values[rows])
            agreement[run] = adjusted_rand_score(assigned[rows], again)
            similar[run] = _jaccard(assigned[rows], again, number)
    return _means(similar), float(_means(agreement[:, None])[0])


def _jaccard(first: NDArray[np.intp], second: NDArray[np.intp], number: int) -> FloatArray:
    """Of each class of ``first`` ``(rows,)`` the greatest Jaccard similarity with one of ``second``; NaN if empty."""
    both = np.zeros((number, number))
    np.add.at(both, (first, second), 1)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    with np.errstate(invalid="ignore"):
        found = np.where(either > 0, both / np.maximum(either, 1), 0.0).max(axis=1)
    return np.where(both.sum(axis=1) > 0, found, np.nan)


def _means(values: FloatArray) -> FloatArray:
    """Means of columns over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    counts = known.sum(axis=0)
    sums = np.where(known, values, 0.0).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
