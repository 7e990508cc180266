"""Weights of a node's children, or of its leaves."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import RegisteredWeights, Weights
from dtindex.steps.registered import registered
from dtindex.steps.weight.base import Siblings, Weighed, Weighting
from dtindex.steps.weight.best_worst import BestWorst
from dtindex.steps.weight.delphi import Delphi
from dtindex.steps.weight.factor_scores import FactorScores
from dtindex.steps.weight.importance import ImportanceMatching
from dtindex.steps.weight.mix import PARTS, Mixed
from dtindex.steps.weight.ordinal import Ordinal
from dtindex.steps.weight.regression import Regression

__all__ = ["METHODS", "Siblings", "Weighed", "Weighting", "weighting"]

METHODS: dict[str, type[Weighting[Any]]] = {
    **PARTS,
    **{cls.method: cls for cls in (BestWorst, Ordinal, Delphi, FactorScores, ImportanceMatching, Regression, Mixed)},
}


def weighting(spec: Weights) -> Weighting[Any]:
    """The weighting that a methodology names."""
    if isinstance(spec, RegisteredWeights):
        found: Weighting[Any] = registered("weights", spec.name).made(spec.settings)
        return found
    return METHODS[spec.method](spec)
