"""Weights of a node's children."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Weights
from dtindex.steps.weight.base import Weighting
from dtindex.steps.weight.equal import Equal
from dtindex.steps.weight.given import Given

__all__ = ["METHODS", "Weighting", "weighting"]

METHODS: dict[str, type[Weighting[Any]]] = {cls.method: cls for cls in (Given, Equal)}


def weighting(spec: Weights) -> Weighting[Any]:
    """The weighting that a methodology names."""
    return METHODS[spec.method](spec)
