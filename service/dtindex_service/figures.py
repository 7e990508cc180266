"""Figures of an edition: which there are, and how each is made. Drawn in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex import Edition, Sensitivity, Simulation

__all__ = ["FIGURES", "MOST_RUNS", "TITLES", "FigureName", "drawn", "simulated"]

FigureName = Literal["rank_intervals", "rank_heatmap", "tier_probabilities", "sobol_bars"]
FIGURES: tuple[FigureName, ...] = ("rank_intervals", "rank_heatmap", "tier_probabilities", "sobol_bars")
TITLES: dict[str, dict[str, str]] = {
    "rank_intervals": {"en": "How sure each rank is", "zh": "排名区间"},
    "rank_heatmap": {"en": "Probability of each rank", "zh": "排名概率"},
    "tier_probabilities": {"en": "Probability of each tier", "zh": "梯队概率"},
    "sobol_bars": {"en": "Which choice moves the ranks", "zh": "影响排名的因素"},
}
MOST_RUNS = 20_000


def simulated(edition: Edition, name: str, asked: dict[str, Any]) -> Simulation | Sensitivity:
    """The analysis that a figure shows; one serves several figures."""
    from dtindex import sensitivity, simulate

    wanted = {key: asked[key] for key in ("node", "period", "runs", "seed")}
    if name == "sobol_bars":
        return sensitivity(edition, **wanted, workers=1)
    return simulate(edition, **wanted, workers=1)


def drawn(found: Any, name: str, form: str, asked: dict[str, Any]) -> bytes:
    """A figure as the contents of an SVG or PNG file.

    Raises
    ------
    UsageError
        DT902 where the edition has nothing to show in it; DT385, DT904 where a font or matplotlib is not installed.
    """
    from dtindex import figures

    return figures.rendered(_figure(found, name, asked), form)


def _figure(found: Any, name: str, asked: dict[str, Any]) -> Figure:
    from dtindex import figures

    language, top = asked["language"], asked["top"]
    if name == "sobol_bars":
        return figures.sobol_bars(found, language=language)
    if name == "tier_probabilities":
        return figures.tier_probabilities(found, language=language, top=top)
    draw = figures.rank_heatmap if name == "rank_heatmap" else figures.rank_intervals
    return draw(found, language=language, top=top)
