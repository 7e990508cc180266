"""Imputation: a value for what is missing, learned from the reference table."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Impute
from dtindex.steps.impute.base import Imputer
from dtindex.steps.impute.chained import Chained
from dtindex.steps.impute.group import GroupMean, GroupMedian
from dtindex.steps.impute.none import NoImputation
from dtindex.steps.impute.panel import OverTime
from dtindex.steps.impute.row import RowMean, RowMedian
from dtindex.steps.impute.table import ExpectedByNormal, NearestNeighbours

__all__ = ["METHODS", "Imputer", "imputer"]

METHODS: dict[str, type[Imputer[Any]]] = {
    cls.method: cls
    for cls in (
        NoImputation,
        GroupMean,
        GroupMedian,
        RowMean,
        RowMedian,
        NearestNeighbours,
        ExpectedByNormal,
        Chained,
        OverTime,
    )
}


def imputer(spec: Impute) -> Imputer[Any]:
    """The imputer that a methodology names."""
    return METHODS[spec.method](spec)
