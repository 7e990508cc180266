"""Figures of uncertainty and sensitivity analyses.

Each function takes a result, or anything with the same frames, and returns a ``matplotlib.figure.Figure`` of its own:
no pyplot, and no setting of the user's matplotlib is read or changed. :func:`save` writes it, the same figure as the
same bytes. matplotlib is imported when the first figure is drawn, and DT904 says so where it is not installed.
"""

from __future__ import annotations

from dtindex.reports.figures.page import rendered, save
from dtindex.reports.figures.rank_heatmap import rank_heatmap
from dtindex.reports.figures.rank_intervals import rank_intervals
from dtindex.reports.figures.sobol_bars import sobol_bars
from dtindex.reports.figures.tier_probabilities import tier_probabilities

__all__ = ["rank_heatmap", "rank_intervals", "rendered", "save", "sobol_bars", "tier_probabilities"]
