"""Transformation of raw values before normalisation, with parameters learned from the reference table."""

from __future__ import annotations

from typing import Any

from dtindex.spec.methods import Transform
from dtindex.steps.transform.asinh import InverseHyperbolicSine
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.box_cox import BoxCoxTransformation
from dtindex.steps.transform.gii_log import GlobalInnovationLog
from dtindex.steps.transform.log import Log, log
from dtindex.steps.transform.log_shift import LogAfterShift
from dtindex.steps.transform.none import NoTransformation
from dtindex.steps.transform.yeo_johnson import YeoJohnsonTransformation

__all__ = ["METHODS", "Transformation", "log", "transformation"]

METHODS: dict[str, type[Transformation[Any]]] = {
    cls.method: cls
    for cls in (
        Log,
        InverseHyperbolicSine,
        LogAfterShift,
        GlobalInnovationLog,
        BoxCoxTransformation,
        YeoJohnsonTransformation,
    )
}


def transformation(spec: Transform | None) -> Transformation[Any]:
    """The transformation that a methodology names."""
    return NoTransformation(None) if spec is None else METHODS[spec.method](spec)
