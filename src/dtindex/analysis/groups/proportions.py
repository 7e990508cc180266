"""Shares of two groups: intervals that stay between 0 and 1, their difference, test and odds ratio."""

from __future__ import annotations

import math

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, figure, half_width
from dtindex.analysis.groups.means import Moments, mean_interval, welch

__all__ = ["odds_ratio", "share", "two_proportions"]


def share(group: Moments, confidence: float) -> Figure:
    """A share with Wilson's score interval at the group's effective size; with clusters, ``share +- t se``.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    doi:10.1080/01621459.1927.10502953
    """
    from statsmodels.stats.proportion import proportion_confint

    if group.totals is not None:
        return mean_interval(group, confidence)
    size = group.effective
    low, high = proportion_confint(_share(group) * size, size, alpha=1 - confidence, method="wilson")
    error = None if math.isnan(group.error) else group.error
    return figure(group.mean, low=float(low), high=float(high), error=error, n=group.n, method="Wilson")


def two_proportions(first: Moments, second: Moments, confidence: float) -> Figure:
    """``share_1 - share_2`` with Newcombe's hybrid score interval, and the pooled z test without continuity correction.

    Both at the groups' effective sizes ``(sum w)^2 / sum w^2``, which are their numbers where weights are equal. With
    clusters it is :func:`~dtindex.analysis.groups.means.welch`.

    Raises
    ------
    NotComputable
        Where both shares are 0, or both 1.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions, method 10.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    if first.totals is not None:
        return welch(first, second, confidence)
    shares = [_share(first), _share(second)]
    sizes = [first.effective, second.effective]
    counts = [one * size for one, size in zip(shares, sizes, strict=True)]
    if not 0 < sum(counts) < sum(sizes) or shares in ([0.0, 0.0], [1.0, 1.0]):
        raise NotComputable("all answers are the same")
    low, high = confint_proportions_2indep(
        counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff", alpha=1 - confidence
    )
    p_value = float(proportions_ztest(counts, sizes)[1])
    return figure(
        shares[0] - shares[1],
        low=float(low),
        high=float(high),
        p=p_value,
        n=first.n + second.n,
        method="Newcombe; pooled z",
    )


def odds_ratio(first: Moments, second: Moments, confidence: float) -> Figure:
    """``(p_1 / (1 - p_1)) / (p_2 / (1 - p_2))`` with a normal interval of the difference of logits.

    ``se^2`` is the sum of ``(se / (p (1 - p)))^2``: Woolf's, but for n - 1 in place of n, where weights are equal.

    Raises
    ------
    NotComputable
        Where a share is 0 or 1, a group has one member, or there are clusters.
    """
    if first.totals is not None:
        raise NotComputable("no odds ratio with clusters")
    shares = [_share(first), _share(second)]
    if min(first.n, second.n) < 2 or not all(0 < one < 1 for one in shares):
        raise NotComputable("no odds ratio: a share is 0 or 1")
    value = shares[0] / (1 - shares[0]) / (shares[1] / (1 - shares[1]))
    errors = (first.error / (shares[0] * (1 - shares[0])), second.error / (shares[1] * (1 - shares[1])))
    error = math.hypot(*errors)
    factor = math.exp(half_width(None, confidence) * error)
    return figure(
        value, low=value / factor, high=value * factor, error=value * error, n=first.n + second.n, method="logit"
    )


def _share(group: Moments) -> float:
    """The share, without the last bit that a weighted mean of ones may be above 1."""
    return min(max(group.mean, 0.0), 1.0)
