"""Between which bounds a share lies, when so many of so many were counted."""

from __future__ import annotations

from math import sqrt

import numpy as np

from dtindex.steps.types import FloatArray

__all__ = ["clopper_pearson", "effective_count", "wilson"]


def wilson(successes: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share ``p = successes / trials``: the values that a score test does not reject.

    ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``. Numbers need not be whole: with sampling
    weights they are the share and Kish's effective number. ``trials`` is above 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> [round(end, 4) for end in wilson(8, 400)]
    [0.0102, 0.039]
    """
    from scipy.special import ndtri

    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    share = successes / trials
    middle = share + z2 / (2 * trials)
    half = sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2)))
    whole = 1 + z2 / trials
    low = 0.0 if successes <= 0 else (middle - half) / whole
    high = 1.0 if successes >= trials else (middle + half) / whole
    return max(low, 0.0), min(high, 1.0)


def clopper_pearson(successes: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval: at neither end is what was counted less likely than ``(1 - confidence) / 2``.

    Quantiles of beta distributions; exact, and so wider than it would have to be. ``trials`` is above 0.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> [round(end, 4) for end in clopper_pearson(8, 400)]
    [0.0087, 0.039]
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = 0.0 if successes <= 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes >= trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return low, high


def effective_count(weights: FloatArray) -> float:
    """Kish's ``(sum w)^2 / sum w^2``: how many units of equal weight tell as much; 0 where no weight is above 0.

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 11.7.
    """
    squares = float(np.sum(weights**2))
    return 0.0 if squares == 0 else float(np.sum(weights)) ** 2 / squares
