"""Normalisation: raw values to a common scale, higher always better."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Normalise, RegisteredNormalise, Scale
from dtindex.spec.tree import Direction
from dtindex.steps.normalise.balance import BalanceNormaliser
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.base_index import BaseIndexNormaliser
from dtindex.steps.normalise.categories import CategoriesNormaliser
from dtindex.steps.normalise.fraction_of_maximum import FractionOfMaximumNormaliser
from dtindex.steps.normalise.fraction_of_sum import FractionOfSumNormaliser
from dtindex.steps.normalise.goalposts import GoalpostsNormaliser
from dtindex.steps.normalise.likert import LikertNormaliser
from dtindex.steps.normalise.logistic import LogisticNormaliser
from dtindex.steps.normalise.maturity import MaturityNormaliser
from dtindex.steps.normalise.min_max import MinMaxNormaliser
from dtindex.steps.normalise.none import NoNormalisation
from dtindex.steps.normalise.normal_scores import NormalScoresNormaliser
from dtindex.steps.normalise.percentile import PercentileNormaliser
from dtindex.steps.normalise.rank import RankNormaliser
from dtindex.steps.normalise.reference import ReferenceNormaliser
from dtindex.steps.normalise.robust_z import RobustZNormaliser
from dtindex.steps.normalise.target import TargetNormaliser
from dtindex.steps.normalise.top_box import TopBoxNormaliser
from dtindex.steps.normalise.z_score import ZScoreNormaliser
from dtindex.steps.registered import registered

__all__ = ["METHODS", "Normaliser", "normaliser"]

METHODS: dict[str, type[Normaliser[Any]]] = {
    cls.method: cls
    for cls in (
        NoNormalisation,
        GoalpostsNormaliser,
        MinMaxNormaliser,
        ZScoreNormaliser,
        RobustZNormaliser,
        RankNormaliser,
        PercentileNormaliser,
        NormalScoresNormaliser,
        TargetNormaliser,
        ReferenceNormaliser,
        FractionOfMaximumNormaliser,
        FractionOfSumNormaliser,
        BalanceNormaliser,
        CategoriesNormaliser,
        MaturityNormaliser,
        TopBoxNormaliser,
        LikertNormaliser,
        LogisticNormaliser,
        BaseIndexNormaliser,
    )
}


def normaliser(spec: Normalise, direction: Direction, scale: Scale) -> Normaliser[Any]:
    """The normaliser that a methodology names."""
    if isinstance(spec, RegisteredNormalise):
        found: Normaliser[Any] = registered("normalise", spec.name).made(spec.settings, direction, scale)
        return found
    return METHODS[spec.method](spec, direction, scale)
