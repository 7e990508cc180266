"""Weights of a node's children, or of its leaves."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Weights
from dtindex.steps.weight.base import Siblings, Weighed, Weighting
from dtindex.steps.weight.mix import PARTS, Mixed

__all__ = ["METHODS", "Siblings", "Weighed", "Weighting", "weighting"]

METHODS: dict[str, type[Weighting[Any]]] = {**PARTS, Mixed.method: Mixed}


def weighting(spec: Weights) -> Weighting[Any]:
    """The weighting that a methodology names."""
    return METHODS[spec.method](spec)
