"""Figures of scores, uncertainty, sensitivity, validity and comparisons.

Each function takes a result and returns a ``matplotlib.figure.Figure`` of its own: no pyplot, and no setting of the
user's matplotlib is read or changed. :func:`save` writes it, the same figure as the same bytes. matplotlib is imported
when the first figure is drawn, and DT904 says so where it is not installed.
"""

from __future__ import annotations

from dtindex.reports.figures.contributions import contributions
from dtindex.reports.figures.correlation import correlation
from dtindex.reports.figures.dominance import dominance
from dtindex.reports.figures.framework_tree import framework_tree
from dtindex.reports.figures.group_comparison import group_comparison
from dtindex.reports.figures.heat_table import heat_table
from dtindex.reports.figures.page import rendered, save
from dtindex.reports.figures.quadrant import quadrant
from dtindex.reports.figures.radar import radar
from dtindex.reports.figures.rank_bounds import rank_bounds
from dtindex.reports.figures.rank_heatmap import rank_heatmap
from dtindex.reports.figures.rank_intervals import rank_intervals
from dtindex.reports.figures.ranking_bars import ranking_bars
from dtindex.reports.figures.sobol_bars import sobol_bars
from dtindex.reports.figures.stability import stability
from dtindex.reports.figures.tier_probabilities import tier_probabilities
from dtindex.reports.figures.tiers import tiers
from dtindex.reports.figures.tile_grid import tile_grid

__all__ = [
    "contributions",
    "correlation",
    "dominance",
    "framework_tree",
    "group_comparison",
    "heat_table",
    "quadrant",
    "radar",
    "rank_bounds",
    "rank_heatmap",
    "rank_intervals",
    "ranking_bars",
    "rendered",
    "save",
    "sobol_bars",
    "stability",
    "tier_probabilities",
    "tiers",
    "tile_grid",
]
