"""Sets of weights that a node may have: what is largest over them, and how they enter a linear programme."""

from __future__ import annotations

from dtindex.engine.admissible.base import Admissible, Flow
from dtindex.engine.admissible.between import Between
from dtindex.engine.admissible.hull import Hull
from dtindex.engine.admissible.proportions import Proportions
from dtindex.engine.admissible.ratios import Ratio, TooManyVertices, vertices_of_ratios

__all__ = ["Admissible", "Between", "Flow", "Hull", "Proportions", "Ratio", "TooManyVertices", "vertices_of_ratios"]
