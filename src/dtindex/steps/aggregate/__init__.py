"""Aggregation of children's scores into a node's."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Aggregate, RegisteredAggregate
from dtindex.steps.aggregate.arithmetic import ArithmeticMean
from dtindex.steps.aggregate.base import Aggregator
from dtindex.steps.aggregate.benefit_of_doubt import BestOfDoubt
from dtindex.steps.aggregate.cases import CaseAggregator
from dtindex.steps.aggregate.choquet import ChoquetIntegral
from dtindex.steps.aggregate.coupling import CouplingDegree
from dtindex.steps.aggregate.geometric import GeometricMean
from dtindex.steps.aggregate.harmonic import HarmonicMean
from dtindex.steps.aggregate.ideals import GreyGrade, TaxonomicMeasure, VikorCloseness
from dtindex.steps.aggregate.majorities import CopelandScore, KemenyOrder
from dtindex.steps.aggregate.owa import OrderedMean
from dtindex.steps.aggregate.penalised import AdjustedMazziottaPareto, MazziottaPareto, MeanMinFunction
from dtindex.steps.aggregate.power import PowerMean
from dtindex.steps.aggregate.promethee import NetFlow
from dtindex.steps.aggregate.sum import WeightedSum
from dtindex.steps.aggregate.topsis import ClosenessToIdeal
from dtindex.steps.registered import registered

__all__ = ["METHODS", "Aggregator", "aggregator"]

METHODS: dict[str, type[Aggregator[Any]]] = {
    cls.method: cls
    for cls in (
        ArithmeticMean,
        GeometricMean,
        HarmonicMean,
        PowerMean,
        WeightedSum,
        CaseAggregator,
        ClosenessToIdeal,
        OrderedMean,
        ChoquetIntegral,
        MazziottaPareto,
        AdjustedMazziottaPareto,
        MeanMinFunction,
        GreyGrade,
        VikorCloseness,
        CouplingDegree,
        TaxonomicMeasure,
        NetFlow,
        CopelandScore,
        KemenyOrder,
        BestOfDoubt,
    )
}


def aggregator(spec: Aggregate) -> Aggregator[Any]:
    """The aggregation that a methodology names."""
    if isinstance(spec, RegisteredAggregate):
        found: Aggregator[Any] = registered("aggregate", spec.name).made(spec.settings)
        return found
    return METHODS[spec.method](spec)
