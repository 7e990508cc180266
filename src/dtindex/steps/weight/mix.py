"""Mixed weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dtindex.spec.methods import MixedWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.ahp import Ahp
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, limited, shares
from dtindex.steps.weight.budget import Budget
from dtindex.steps.weight.critic import Critic
from dtindex.steps.weight.entropy import Entropy
from dtindex.steps.weight.equal import Equal
from dtindex.steps.weight.given import Given
from dtindex.steps.weight.inverse_sd import InverseSd
from dtindex.steps.weight.oecd_pca import OecdPca
from dtindex.steps.weight.pca import Pca

__all__ = ["PARTS", "Mixed", "game", "product"]

PARTS: dict[str, type[Weighting[Any]]] = {
    cls.method: cls for cls in (Given, Equal, Entropy, Critic, InverseSd, Pca, OecdPca, Ahp, Budget)
}


def game(parts: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Weights ``(n,)`` and coefficients ``(k,)`` of their parts: ``sum_l (w_k . w_l) a_l = w_k . w_k``, then shares.

    What comes nearest to all parts at once, by the first-order conditions of ``min |sum a w - w_k|``; coefficients are
    taken without their sign.
    """
    matrix = np.array([[float(one @ other) for other in parts] for one in parts])
    solved = np.linalg.lstsq(matrix, np.diag(matrix), rcond=None)[0]
    coefficients = shares(np.abs(solved))
    total = np.zeros(len(parts[0]))
    for coefficient, part in zip(coefficients, parts, strict=True):
        total = total + coefficient * part
    return total, coefficients


def product(parts: Sequence[FloatArray], exponents: Sequence[float]) -> FloatArray:
    """``w ~ prod_k w_k^e_k`` ``(n,)``; a weight of nothing in one part is nothing in all."""
    total = np.zeros(len(parts[0]))
    with np.errstate(divide="ignore"):
        for part, exponent in zip(parts, exponents, strict=True):
            total = total + (exponent * np.log(part) if exponent > 0 else 0.0)
    found: FloatArray = np.exp(total - total.max()) if np.isfinite(total).any() else np.zeros(len(total))
    return found


class Mixed(Weighting[MixedWeights]):
    """``w = sum_k share_k w_k``, each part summing to 1; then caps, and what they cut off goes to the others pro rata.

    With ``ahp`` and ``entropy`` this is the additive combination of subjective and objective weights. ``combine:
    multiplicative`` is ``w ~ prod w_k^(K share_k)``, ``relative-entropy`` ``w ~ prod w_k^share_k``, what is nearest to
    all parts in relative entropy, and ``game`` solves ``sum_l (w_k . w_l) a_l = w_k . w_k`` for the shares, which are
    told (DT343) and stand in place of those in the file.
    """

    method = "mix"
    reference = "Ma, Fan & Huang (1999), doi:10.1016/S0377-2217(98)00141-6 (subjective and objective weights together)"

    def fit(self, siblings: Siblings) -> Weighed:
        problems: list[Problem] = []
        parts: list[FloatArray] = []
        for part in self.spec.of:
            found = PARTS[part.method](part).fit(siblings)
            parts.append(shares(found.weights))
            problems += found.problems
        given = [part.share for part in self.spec.of]
        if self.spec.combine == "game":
            mixed, coefficients = game(parts)
            told = ", ".join(
                f"{part.method} {share:.4f}" for part, share in zip(self.spec.of, coefficients.tolist(), strict=True)
            )
            problems.append(Problem("DT343", siblings.node, f"weights by `mix` as a game: shares {told}"))
        elif self.spec.combine == "additive":
            mixed = np.zeros(len(siblings.ids))
            for share, own in zip(given, parts, strict=True):
                mixed = mixed + share * own
        else:
            times = len(parts) if self.spec.combine == "multiplicative" else 1
            mixed = product(parts, [times * share for share in given])
        return limited(shares(mixed), siblings, self.spec.at_most, problems)
