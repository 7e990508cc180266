"""Inverse standard deviation weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.engine.sums import deviation
from dtindex.spec.methods import InverseSdWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings

__all__ = ["InverseSd"]


class InverseSd(Learning[InverseSdWeights]):
    """``w ~ 1 / s``: each child moves the node as much as another, whatever its spread.

    Standard deviations are of shares of each child's scale, over the units that it knows.
    """

    method = "inverse-sd"
    reference = "OECD/JRC Handbook (2008), step 6, doi:10.1787/9789264043466-en"

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        return 1.0 / np.array([deviation(siblings.known(position)) for position in varying]), []
