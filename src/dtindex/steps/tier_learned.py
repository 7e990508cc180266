"""Tiers whose bounds are learned from the ranked units of the reference, and then stand as thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from dtindex.engine.breaks import goodness, natural_breaks
from dtindex.spec.methods import (
    LearnedTiers,
    Level,
    NamedLevel,
    QuantileLevel,
    QuantileTiers,
    ThresholdTiers,
    Tiers,
)
from dtindex.steps.types import FloatArray, Problem

__all__ = ["learned_bounds", "learned_tiers", "resolved"]


def resolved(rules: Sequence[Tiers], bounds: Mapping[str, Sequence[float]]) -> tuple[ThresholdTiers, ...]:
    """Every rule as one of thresholds; ``bounds`` are those learned by node, best tier first."""
    found = []
    for rule in rules:
        if isinstance(rule, ThresholdTiers):
            found.append(rule)
        elif rule.node in bounds:
            limits: list[float | None] = [*bounds[rule.node]]
            limits += [None] * (len(rule.levels) - len(limits))
            named: Sequence[NamedLevel | QuantileLevel] = rule.levels
            levels = tuple(
                Level(id=level.id, label=level.label, at_least=limit)
                for level, limit in zip(named, limits, strict=True)
            )
            found.append(
                ThresholdTiers(
                    method="thresholds", node=rule.node, label=rule.label, provenance=rule.provenance, levels=levels
                )
            )
    return tuple(found)


def learned_tiers(rule: QuantileTiers | LearnedTiers, scores: FloatArray) -> tuple[list[float], list[Problem]]:
    """Bounds of a rule from the scores of ranked reference units ``(n,)``, and what is to be said of them."""
    if not scores.size:
        return [], [Problem("DT339", rule.node, f"tiers by `{rule.method}`: no unit of the reference is ranked")]
    try:
        bounds = learned_bounds(rule, scores)
    except ValueError as reason:
        return [], [Problem("DT339", rule.node, f"tiers by `{rule.method}`: {reason}")]
    classes = np.searchsorted(np.array(bounds[::-1]), scores, side="right")
    within = sum(
        float(((own - own.mean()) ** 2).sum()) for at in set(classes.tolist()) for own in [scores[classes == at]]
    )
    named: Sequence[NamedLevel | QuantileLevel] = rule.levels
    told = ", ".join(f"{level.id} from {bound:.6g}" for level, bound in zip(named, bounds, strict=False))
    message = f"tiers by `{rule.method}`: {told}; goodness of variance fit {goodness(scores, within):.4f}"
    return bounds, [Problem("DT338", rule.node, message)]


def learned_bounds(rule: QuantileTiers | LearnedTiers, scores: FloatArray) -> list[float]:
    """Lower bounds of all tiers but the last, best first.

    ``quantiles``: the score of the unit at which the shares of the tiers so far are full, ties in the better tier.
    ``jenks`` and ``k-means``: the middle between neighbouring classes of least squares, one optimum under two names.
    ``mixture``: where of two neighbouring normal components the better becomes the more probable.

    Raises
    ------
    ValueError
        There are fewer different scores than tiers.
    """
    if isinstance(rule, QuantileTiers):
        return _quantiles(rule, scores)
    count = len(rule.levels)
    lowest, _ = natural_breaks(scores, count)
    if rule.method == "mixture" and count > 1:
        return _between_components(np.sort(scores), lowest)
    middles = [float((scores[scores < low].max() + low) / 2) for low in lowest[1:].tolist()]
    return middles[::-1]


def _quantiles(rule: QuantileTiers, scores: FloatArray) -> list[float]:
    best = np.sort(scores)[::-1]
    shares = [level.share for level in rule.levels]
    total, bounds = 0.0, []
    for share in shares[:-1]:
        assert share is not None, "refused at loading"
        total += share
        full = max(1, int(np.floor(total * len(best) + 0.5 + 1e-9)))
        bounds.append(float(best[min(full, len(best)) - 1]))
    if any(after >= before for before, after in pairwise(bounds)):
        raise ValueError("two tiers begin at one score; there are too few units, or too many of one score")
    return bounds


def _between_components(values: FloatArray, lowest: FloatArray) -> list[float]:
    """Bounds of a mixture of normal components that begins with the classes of least squares."""
    from scipy.optimize import brentq
    from scipy.stats import norm
    from sklearn.mixture import GaussianMixture

    of = np.searchsorted(lowest, values, side="right") - 1
    means = np.array([values[of == at].mean() for at in range(len(lowest))])
    mixture = GaussianMixture(
        len(lowest), means_init=means[:, None], random_state=0, reg_covar=1e-6 * float(values.var()), max_iter=500
    ).fit(values[:, None])
    order = np.argsort(mixture.means_[:, 0])
    centre, spread = mixture.means_[order, 0], np.sqrt(mixture.covariances_[order, 0, 0])
    weight = mixture.weights_[order]

    def lead(x: float, at: int) -> float:
        low, high = (np.log(weight[k]) + norm.logpdf(x, centre[k], spread[k]) for k in (at, at + 1))
        return float(high - low)

    bounds = []
    for at in range(len(lowest) - 1):
        ends = lead(centre[at], at), lead(centre[at + 1], at)
        if ends[0] < 0 < ends[1]:
            bounds.append(float(brentq(lead, centre[at], centre[at + 1], args=(at,))))
        else:  # one component covers the other: the middle between their means
            bounds.append(float((centre[at] + centre[at + 1]) / 2))
    if any(after <= before for before, after in pairwise(bounds)):
        raise ValueError("components of the mixture do not part the scores into so many tiers")
    return bounds[::-1]
