"""What a package with methods of its own builds on: base classes, what they are given, and how they say what is wrong.

Register a class by an entry point (group ``dtindex.normalise``, ``dtindex.weights`` or ``dtindex.aggregate``) and try
it with :func:`dtindex.testing.check_method`; docs/extend.md shows a whole package.
"""

from __future__ import annotations

from dtindex.spec.methods import Interval
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.aggregate.rowwise import RowWise, on_scale, shared
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Frozen, NoVariation, Problem, Sample, State, Unfit
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares

__all__ = [
    "Aggregator",
    "FloatArray",
    "Frozen",
    "Inputs",
    "Interval",
    "NoVariation",
    "Normaliser",
    "Problem",
    "RowWise",
    "Sample",
    "Siblings",
    "State",
    "Unfit",
    "Weighed",
    "Weighting",
    "on_scale",
    "shared",
    "shares",
]
