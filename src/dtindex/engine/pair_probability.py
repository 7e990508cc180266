"""How likely one unit beats another where no finite recursion says it: by characteristic functions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["above_box", "above_dirichlet", "beats_by"]

FloatArray = NDArray[np.float64]

_TINY = 1e-14
_BLOCK = 1 << 21
_START, _AGREED = -12.0, 1e-11
_LEFT = 39.0  # exp(-39) is the last bit of 1


def above_dirichlet(differences: ArrayLike, alphas: ArrayLike) -> FloatArray:
    """``P(sum_j w_j d_j > 0)`` for ``w ~ Dirichlet(alphas)`` with any positive ``alphas``.

    A Dirichlet row is a row of independent gamma variables by its sum, which has no bearing on the sign. By Gil-Pelaez,
    as Imhof (1961) writes it for gamma variables::

        P = 1/2 + 1/pi int_0^inf sin(sum_j a_j atan(d_j t)) prod_j (1 + d_j^2 t^2)^(-a_j / 2) dt / t

    With ``t = exp(u)`` the integrand falls exponentially at both ends and is analytic around the real line, so that the
    trapezoidal rule converges exponentially; the step is halved until two answers agree to 1e-11. Below ``u = -12``
    the terms are a geometric series.

    Parameters
    ----------
    differences
        ``(n, m)``, finite; only signs and ratios of a row matter.
    alphas
        ``(m,)``, each more than 0.

    Returns
    -------
    ``(n,)`` in 0..1. Ties count half: a row of zeros gives .5.

    Raises
    ------
    ValueError
        Alphas that are not positive, or not one for each difference.

    References
    ----------
    Gil-Pelaez (1951), doi:10.1093/biomet/38.3-4.481; Imhof (1961), doi:10.1093/biomet/48.3-4.419; Trefethen &
    Weideman (2014), The exponentially convergent trapezoidal rule, doi:10.1137/130932132.

    Examples
    --------
    >>> float(above_dirichlet([[3.0, -1.0]], [1.0, 1.0])[0].round(10))
    0.75
    """
    rows = np.atleast_2d(np.asarray(differences, dtype=np.float64))
    own = np.asarray(alphas, dtype=np.float64)
    if own.shape != rows.shape[1:] or not (np.isfinite(own).all() and (own > 0).all()):
        raise ValueError(f"{rows.shape[1]} alphas above 0 are needed: {own.tolist()}")
    found, open_rows, scaled = _decided(rows)
    step, last = 0.2, None
    while open_rows.size:
        answers = _dirichlet_sums(scaled[open_rows], own, step)
        settled = np.zeros(open_rows.size, dtype=bool)
        if last is not None:
            settled = np.abs(answers - last) <= _AGREED
            found[open_rows[settled]] = answers[settled]
        if step < 1e-3:
            found[open_rows] = answers
            break
        open_rows, last = open_rows[~settled], answers[~settled]
        step /= 2.0
    return np.clip(found, 0.0, 1.0)


def _decided(rows: FloatArray) -> tuple[FloatArray, NDArray[np.intp], FloatArray]:
    """0, 1 or .5 where the signs say it; which rows are left; and all rows with a largest difference of 1."""
    most = np.abs(rows).max(axis=1)
    scaled = rows / np.where(most > 0, most, 1.0)[:, None]
    positive, negative = (rows > 0).any(axis=1), (rows < 0).any(axis=1)
    found = np.where(positive & ~negative, 1.0, np.where(negative & ~positive, 0.0, 0.5))
    found[np.isnan(most)] = np.nan
    return found, np.flatnonzero(positive & negative), scaled


def _dirichlet_sums(rows: FloatArray, alphas: FloatArray, step: float) -> FloatArray:
    """The trapezoidal rule with a step, for rows whose largest difference is 1."""
    # log of prod (1 + d^2 t^2)^(a/2) is at least log(1 + t^2) / 2 times the alpha of the largest difference
    strongest = np.max(np.where(np.abs(rows) > 1 - 1e-12, alphas, 0.0), axis=1)
    end = float(min(_LEFT / float(strongest.min()), 700.0))
    count = math.ceil((end - _START) / step) + 1
    points = _START + step * np.arange(count)
    found = np.empty(len(rows))
    size = max(1, _BLOCK // (rows.shape[1] * min(count, 256)))
    for start in range(0, len(rows), size):
        own = rows[start : start + size]
        total = np.zeros(len(own))
        first = np.zeros(len(own))
        for at in range(0, count, 256):
            t = np.exp(points[at : at + 256])
            products = own[:, :, None] * t
            angle = np.einsum("nmt,m->nt", np.arctan(products), alphas)
            with np.errstate(over="ignore"):
                decay = np.einsum("nmt,m->nt", np.log1p(products * products), 0.5 * alphas)
            values = np.sin(angle) * np.exp(-decay)
            if at == 0:
                first = angle[:, 0].copy()
            total += values.sum(axis=1)
            if float(decay[:, -1].min()) > _LEFT:
                break
        total += first / math.expm1(step)
        found[start : start + size] = 0.5 + step * total / math.pi
    return found


def above_box(differences: ArrayLike, half_widths: ArrayLike, middles: ArrayLike) -> FloatArray:
    """``P(sum_j x_j d_j > 0)`` for independent ``x_j`` uniform on ``middles_j +- half_widths_j``.

    The sign is that of ``sum_j w_j d_j`` with ``w = x / sum x``. By Gil-Pelaez::

        P = 1/2 + 1/pi int_0^inf sin(mu t) prod_j sinc(d_j h_j t) dt / t,    sinc y = sin y / y

    with ``mu = sum_j middles_j d_j``. Where few differences matter the integrand falls slowly, and the volume that a
    plane cuts off a box is taken instead: ``sum_s (prod s) (mu + s.c)_+^m / (2^m m! prod c)`` over all signs ``s``,
    ``c_j = |d_j| h_j``, whose terms cancel where many matter.

    Parameters
    ----------
    differences
        ``(n, m)``, finite.
    half_widths, middles
        ``(m,)``, 0 or more.

    Returns
    -------
    ``(n,)`` in 0..1, to 1e-9; a row of zeros gives .5. A sum that cannot vary is above 0 or not.

    References
    ----------
    Gil-Pelaez (1951), doi:10.1093/biomet/38.3-4.481; Barrow & Smith (1979), Spline notation applied to a volume
    problem, American Mathematical Monthly 86.

    Examples
    --------
    >>> float(above_box([[1.0, -1.0]], [0.5, 0.5], [0.5, 0.5])[0].round(10))
    0.5
    """
    rows = np.atleast_2d(np.asarray(differences, dtype=np.float64))
    means = rows @ np.asarray(middles, dtype=np.float64)
    spans = np.abs(rows) * np.asarray(half_widths, dtype=np.float64)
    reach = spans.sum(axis=1)
    scale = np.abs(rows) @ np.asarray(middles, dtype=np.float64)
    found = np.where(means > 0, 1.0, np.where(means < 0, 0.0, 0.5))
    found[np.abs(means) <= _TINY * scale] = 0.5
    open_rows = np.flatnonzero((np.abs(means) < reach) & (reach > _TINY * scale))
    if not open_rows.size:
        return found
    means, spans = means[open_rows] / reach[open_rows], spans[open_rows] / reach[open_rows, None]
    answers = np.empty(open_rows.size)
    for at, (mean, span) in enumerate(zip(means.tolist(), spans, strict=True)):
        answers[at] = _one_box(mean, span[span > 1e-13])
    found[open_rows] = np.clip(answers, 0.0, 1.0)
    return found


def _one_box(mean: float, spans: FloatArray) -> float:
    count = spans.size
    product = float(np.prod(spans))
    cancels = 1.0 / (math.factorial(count) * product * 2.0**count) if product > 0 else math.inf
    if count <= 12 and cancels * 2.0**count * float(np.finfo(np.longdouble).eps) < 1e-10:
        return _cut_off(mean, spans)
    return _by_sinc(mean, spans)


def _cut_off(mean: float, spans: FloatArray) -> float:
    """The closed form, in extended precision."""
    count = spans.size
    sums = np.array([mean], dtype=np.longdouble)
    signs = np.array([1.0], dtype=np.longdouble)
    for span in spans.astype(np.longdouble):
        sums = np.concatenate([sums + span, sums - span])
        signs = np.concatenate([signs, -signs])
    terms = signs * np.maximum(sums, 0) ** count
    volume = terms.sum() / np.prod(spans.astype(np.longdouble)) / math.factorial(count) / 2**count
    return float(volume)


def _by_sinc(mean: float, spans: FloatArray) -> float:
    """The integral up to where ``prod 1 / (c_j t)`` leaves less than 1e-11, by Gauss and Legendre on short pieces."""
    ordered = np.sort(spans)[::-1]
    end = math.inf
    for count in range(2, ordered.size + 1):  # the first so many give a bound of their own
        logs = float(np.log(ordered[:count]).sum())
        end = min(end, math.exp((math.log(1e11 / count) - logs) / count))
    end = min(end, 1e6)
    pieces = math.ceil(end / 2.0)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    total = 0.0
    for start in range(0, pieces, 4096):
        left = 2.0 * np.arange(start, min(start + 4096, pieces))
        t = (left[:, None] + 1.0 + nodes).ravel()
        values = np.sin(mean * t) / t
        for span in ordered:
            values *= np.sinc(span * t / math.pi)
        total += float(values @ np.tile(weights, len(left)))
    return 0.5 + total / math.pi


def beats_by(differences_above: FloatArray, units: int) -> FloatArray:
    """``P[a, b]`` ``(n, n)`` from the chance ``P(a beats b)`` of each pair ``a < b``, as `numpy.triu_indices` lists
    them; .5 on the diagonal.
    """
    found = np.full((units, units), 0.5)
    rows, columns = np.triu_indices(units, 1)
    found[rows, columns] = differences_above
    found[columns, rows] = 1.0 - differences_above
    return found
