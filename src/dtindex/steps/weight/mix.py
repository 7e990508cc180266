"""Mixed weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtindex.spec.methods import MixedWeights
from dtindex.steps.types import Problem
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

__all__ = ["PARTS", "Mixed"]

PARTS: dict[str, type[Weighting[Any]]] = {
    cls.method: cls for cls in (Given, Equal, Entropy, Critic, InverseSd, Pca, OecdPca, Ahp, Budget)
}


class Mixed(Weighting[MixedWeights]):
    """``w = sum_k share_k w_k``, each part summing to 1; then caps, and what they cut off goes to the others pro rata.

    With ``ahp`` and ``entropy`` this is the additive combination of subjective and objective weights.
    """

    method = "mix"
    reference = "Ma, Fan & Huang (1999), doi:10.1016/S0377-2217(98)00141-6 (subjective and objective weights together)"

    def fit(self, siblings: Siblings) -> Weighed:
        mixed = np.zeros(len(siblings.ids))
        problems: list[Problem] = []
        for part in self.spec.of:
            found = PARTS[part.method](part).fit(siblings)
            mixed = mixed + part.share * shares(found.weights)
            problems += found.problems
        return limited(shares(mixed), siblings, self.spec.at_most, problems)
