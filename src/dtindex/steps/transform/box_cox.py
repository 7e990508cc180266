"""The power transformation of Box and Cox."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import BoxCox
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.log import log
from dtindex.steps.types import FloatArray, NoVariation, State

__all__ = [
    "BoxCoxTransformation",
    "bent",
    "bent_slope",
    "box_cox",
    "box_cox_lambda",
    "likeliest",
    "slope_of_likelihood",
]

NO_POWER = 1e-8
"""A lambda nearer to zero than this is a logarithm."""
LAMBDA_DECIMALS = 9
"""More of it may differ from processor to processor."""
_NEAR = 1e-3


def box_cox(values: FloatArray, power: float, plus: float = 0.0) -> FloatArray:
    """``((x + plus)^power - 1) / power`` of ``values`` of any shape, ``ln(x + plus)`` where ``|power| < 1e-8``.

    NaN stays, and becomes of what is not positive after the shift. Rising for every power, negative ones included.
    """
    return bent(log(values, plus), power)


def bent(logarithm: FloatArray, power: float) -> FloatArray:
    """``(e^(p l) - 1) / p`` of logarithms of any shape, ``l`` where ``|p| < 1e-8``."""
    # expm1 keeps the digits that x^power - 1 loses for a small power.
    return logarithm if abs(power) < NO_POWER else np.expm1(power * logarithm) / power


def bent_slope(logarithm: FloatArray, power: float) -> FloatArray:
    """The derivative of :func:`bent` by the power: ``(p l e^(p l) - (e^(p l) - 1)) / p^2``, ``l^2 / 2`` at 0."""
    grown = power * logarithm
    if abs(power) < _NEAR:  # three terms of the series, since the difference would lose its digits
        return logarithm**2 * (1 / 2 + grown * (1 / 3 + grown * (1 / 8)))
    return (grown * np.exp(grown) - np.expm1(grown)) / power**2


def likeliest(slope: Callable[[float], float], near: float) -> float:
    """Where the likelihood is flat, close to ``near``; ``near`` itself where no root of its slope is there.

    A search for a maximum knows it to half of its digits only, and not the same ones on every processor; a root of the
    slope is known to nearly all of them.
    """
    from scipy.optimize import brentq

    low, high = near - _NEAR, near + _NEAR
    ends = slope(low), slope(high)
    if not all(map(math.isfinite, ends)) or ends[0] * ends[1] >= 0:
        return near
    try:
        return float(brentq(slope, low, high, xtol=1e-13))
    except ValueError:  # the powers of such values leave what a floating number holds
        return near


def slope_of_likelihood(bent_values: FloatArray, bent_slopes: FloatArray, jacobian: float) -> float:
    """``jacobian - n cov(y, dy/dp) / var(y)``: the derivative of ``(p - 1) jacobian - n/2 ln var(y(p))``."""
    centred = bent_values - bent_values.mean()
    return float(jacobian - len(centred) * (centred @ bent_slopes) / (centred @ centred))


def box_cox_lambda(observed: FloatArray) -> float:
    """The power that makes the positive ones of ``observed`` ``(n,)`` most like a normal sample: maximum likelihood, to
    nine decimals.

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
        near = float(boxcox_normmax(positive, method="mle"))
        logarithm = np.log(positive)
        jacobian = float(logarithm.sum())
        power = likeliest(lambda p: slope_of_likelihood(bent(logarithm, p), bent_slope(logarithm, p), jacobian), near)
    return round(power, LAMBDA_DECIMALS)


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
