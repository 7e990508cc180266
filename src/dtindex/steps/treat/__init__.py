"""Treatment of outliers, with limits learned from the reference table."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Treat
from dtindex.steps.treat.base import Treatment
from dtindex.steps.treat.mad import MedianDeviations
from dtindex.steps.treat.none import NoTreatment
from dtindex.steps.treat.percentile import PercentileClipping
from dtindex.steps.treat.skew_kurtosis import SkewKurtosisRule
from dtindex.steps.treat.tukey import TukeyFences
from dtindex.steps.treat.winsorise import Winsorisation

__all__ = ["METHODS", "Treatment", "treatment"]

METHODS: dict[str, type[Treatment[Any]]] = {
    cls.method: cls
    for cls in (NoTreatment, Winsorisation, SkewKurtosisRule, PercentileClipping, TukeyFences, MedianDeviations)
}


def treatment(spec: Treat) -> Treatment[Any]:
    """The treatment that a methodology names."""
    return METHODS[spec.method](spec)
