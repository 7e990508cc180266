"""The power transformation of Box and Cox."""

from __future__ import annotations

import warnings

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import BoxCox
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.log import log
from dtindex.steps.types import FloatArray, NoVariation, State

__all__ = ["BoxCoxTransformation", "box_cox", "box_cox_lambda"]

NO_POWER = 1e-8
"""A lambda nearer to zero than this is a logarithm."""
LAMBDA_DECIMALS = 6
"""A search for a maximum knows no more of it on every processor."""


def box_cox(values: FloatArray, power: float, plus: float = 0.0) -> FloatArray:
    """``((x + plus)^power - 1) / power`` of ``values`` of any shape, ``ln(x + plus)`` where ``|power| < 1e-8``.

    NaN stays, and becomes of what is not positive after the shift. Rising for every power, negative ones included.
    """
    logarithm = log(values, plus)
    # expm1 keeps the digits that x^power - 1 loses for a small power.
    return logarithm if abs(power) < NO_POWER else np.expm1(power * logarithm) / power


def box_cox_lambda(observed: FloatArray) -> float:
    """The power that makes the positive ones of ``observed`` ``(n,)`` most like a normal sample: maximum likelihood, to
    six decimals.

    Raises
    ------
    NoVariation
        The positive values are constant, or there is none.
    """
    from scipy.stats import boxcox_normmax

    positive = np.sort(observed[observed > 0])  # in one order, since the likelihood is a sum
    if constant(positive):
        raise NoVariation("a lambda cannot be fitted to fewer than two positive values")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return round(float(boxcox_normmax(positive, method="mle")), LAMBDA_DECIMALS)


class BoxCoxTransformation(Transformation[BoxCox]):
    """:func:`box_cox` with the power of the file, or with the likeliest one, frozen."""

    method = "box-cox"
    reference = "Box & Cox (1964), doi:10.1111/j.2517-6161.1964.tb00553.x; scipy.stats.boxcox_normmax"
    learns = True
    domain = "box-cox of a value that is not positive"

    def fit(self, observed: FloatArray) -> State:
        given = self.spec.lambda_
        return {"lambda": np.array([box_cox_lambda(observed + self.spec.plus) if given is None else given])}

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        return box_cox(values, float(state["lambda"][0]), self.spec.plus)
