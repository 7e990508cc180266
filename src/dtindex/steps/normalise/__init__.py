"""Normalisation: raw values to a common scale, higher always better."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Normalise, Scale, Transform
from dtindex.spec.tree import Direction
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.base_index import BaseIndexNormaliser
from dtindex.steps.normalise.goalposts import GoalpostsNormaliser
from dtindex.steps.normalise.likert import LikertNormaliser
from dtindex.steps.normalise.min_max import MinMaxNormaliser
from dtindex.steps.normalise.none import NoNormalisation
from dtindex.steps.normalise.percentile import PercentileNormaliser
from dtindex.steps.normalise.rank import RankNormaliser
from dtindex.steps.normalise.z_score import ZScoreNormaliser

__all__ = ["METHODS", "Normaliser", "normaliser"]

METHODS: dict[str, type[Normaliser[Any]]] = {
    cls.method: cls
    for cls in (
        NoNormalisation,
        GoalpostsNormaliser,
        MinMaxNormaliser,
        ZScoreNormaliser,
        RankNormaliser,
        PercentileNormaliser,
        LikertNormaliser,
        BaseIndexNormaliser,
    )
}


def normaliser(
    spec: Normalise, direction: Direction, scale: Scale, transform: Transform | None = None
) -> Normaliser[Any]:
    """The normaliser that a methodology names."""
    return METHODS[spec.method](spec, direction, scale, transform)
