"""The power transformation of Yeo and Johnson, for values of any sign."""

from __future__ import annotations

import warnings

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import YeoJohnson
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.box_cox import LAMBDA_DECIMALS, bent, bent_slope, likeliest, slope_of_likelihood
from dtindex.steps.types import FloatArray, NoVariation, State

__all__ = ["YeoJohnsonTransformation", "yeo_johnson", "yeo_johnson_lambda"]


def yeo_johnson(values: FloatArray, power: float) -> FloatArray:
    """``((1 + x)^power - 1) / power`` from zero upwards, ``-((1 - x)^(2 - power) - 1) / (2 - power)`` below.

    ``values`` may have any shape; where an exponent is nearer to zero than 1e-8 its half is a logarithm. NaN stays.
    Zero
    stays zero.
    """
    sizes = np.log1p(np.abs(values))
    above, below = bent(sizes, power), bent(sizes, 2.0 - power)
    return np.where(values < 0, -below, above)


def _slope(values: FloatArray, power: float) -> FloatArray:
    """The derivative of :func:`yeo_johnson` by the power; below zero both signs turn round."""
    sizes = np.log1p(np.abs(values))
    return np.where(values < 0, bent_slope(sizes, 2.0 - power), bent_slope(sizes, power))


def yeo_johnson_lambda(observed: FloatArray) -> float:
    """The power that makes ``observed`` ``(n,)`` most like a normal sample: maximum likelihood, to nine decimals.

    Raises
    ------
    NoVariation
        The values are constant, or there is none.
    """
    from scipy.stats import yeojohnson_normmax

    if constant(observed):
        raise NoVariation("a lambda cannot be fitted to a constant")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        ordered = np.sort(observed)
        near = float(yeojohnson_normmax(ordered))
        jacobian = float((np.sign(ordered) * np.log1p(np.abs(ordered))).sum())
        power = likeliest(lambda p: slope_of_likelihood(yeo_johnson(ordered, p), _slope(ordered, p), jacobian), near)
    return round(power, LAMBDA_DECIMALS)


class YeoJohnsonTransformation(Transformation[YeoJohnson]):
    """:func:`yeo_johnson` with the power of the file, or with the likeliest one, frozen."""

    method = "yeo-johnson"
    reference = "Yeo & Johnson (2000), doi:10.1093/biomet/87.4.954; scipy.stats.yeojohnson_normmax"
    learns = True

    def fit(self, observed: FloatArray) -> State:
        given = self.spec.lambda_
        return {"lambda": np.array([yeo_johnson_lambda(observed) if given is None else given])}

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        return yeo_johnson(values, float(state["lambda"][0]))
