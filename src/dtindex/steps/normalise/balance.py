"""The balance of opinions: worse, the same, better."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Balance
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["BalanceNormaliser", "balance"]

_NOISE = 1e-12


def balance(values: FloatArray, at: float = 0.0, within: float = 0.0) -> FloatArray:
    """-1, 0 or 1 of ``values`` of any shape: below ``at - within``, between, above ``at + within``; NaN stays.

    A difference in the twelfth digit is none: a growth of 5 % rarely comes out as exactly 5.
    """
    difference = values - at
    noise = _NOISE * np.maximum(np.abs(values), max(abs(at), 1.0))
    return np.where(np.abs(difference) <= within + noise, 0.0 * difference, np.sign(difference))


class BalanceNormaliser(Normaliser[Balance]):
    """:func:`balance` on the scale: its low end, its middle, its high end; turned around where lower is better.

    Of a growth in per cent (`derive: growth`) with `at: 100 p` it is ``sign(x_t / x_(t-1) - (1 + p))``; the period
    before is looked up by `derive`, so that a row's score depends on no other row.
    """

    method = "balance"
    reference = "OECD/JRC Handbook (2008), step 5: balance of opinions, methods for cyclical indicators"
    stateless = True

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        worst, best = (-1.0, 1.0) if self.direction == "higher" else (1.0, -1.0)
        return linear(balance(sample.values, self.spec.at, self.spec.within), worst, best, self.bounds)
