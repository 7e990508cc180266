"""From the raw value of an indicator to its score: none, goalposts, min-max, z-score, target, rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.reports.workbook.formulas import Floats, Live, number, rounded
from dtindex.scores import Scores
from dtindex.spec.methods import Goalposts, MinMax, NormaliseNone, RankNormalise, Target, ZScore
from dtindex.spec.tree import IndicatorSettings
from dtindex.steps.normalise.rank import rank_from_worst

__all__ = ["Parameter", "parameters_of", "scored"]

_LINEAR = (Goalposts, MinMax, Target)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a formula refers to: its value, and how a spreadsheet finds it in the treated values, if it can."""

    name: str
    value: float
    formula: str | None = None


def parameters_of(scores: Scores, item: str, treated: Floats, cells: str) -> list[Parameter]:
    """What the normalisation of an indicator learned or was told; ``cells`` are all treated values of the sheet."""
    settings = scores.methodology.tree.indicators[item]
    learned = _learned(scores, item)
    if settings.transform is not None or settings.fit != "pooled":
        return []
    known = treated[~np.isnan(treated)]

    def live(function: str, value: float, found: float) -> str | None:
        """The formula where the sheet holds the rows that the parameter was learned from."""
        return f"={function}({cells})" if np.isclose(value, found, rtol=1e-12, atol=0) else None

    if isinstance(settings.normalise, _LINEAR) and "goalposts" in learned:
        worst, best = (float(one) for one in learned["goalposts"])
        if isinstance(settings.normalise, MinMax) and known.size:
            low, high = ("MIN", "MAX") if settings.direction == "higher" else ("MAX", "MIN")
            ends = (known.min(), known.max()) if settings.direction == "higher" else (known.max(), known.min())
            return [
                Parameter("worst", worst, live(low, worst, float(ends[0]))),
                Parameter("best", best, live(high, best, float(ends[1]))),
            ]
        return [Parameter("worst", worst), Parameter("best", best)]
    if isinstance(settings.normalise, ZScore) and "average" in learned:
        average, spread = float(learned["average"][0]), float(learned["spread"][0])
        deviation = "STDEV" if settings.normalise.ddof == 1 else "STDEVP"
        found = known.std(ddof=settings.normalise.ddof) if known.size > 1 else np.nan
        return [
            Parameter("average", average, live("AVERAGE", average, float(known.mean())) if known.size else None),
            Parameter("deviation", spread, live(deviation, spread, float(found))),
        ]
    return []


def scored(
    scores: Scores, item: str, treated: Floats, cell: str, cells: str, parameters: dict[str, tuple[str, float]]
) -> Live | None:
    """The score of an indicator; ``cell`` has ``{row}`` for the row, ``parameters`` are cells and values by name."""
    settings = scores.methodology.tree.indicators[item]
    if settings.transform is not None or settings.fit != "pooled" or "constant" in _learned(scores, item):
        return None
    found = _normalised(scores, settings, treated, cell, cells, parameters)
    return None if found is None else _finished(settings, *found, cell)


def _learned(scores: Scores, item: str) -> dict[str, Floats]:
    return dict(scores.parameters.indicators.get(item, {}).get("", {}).get("normalise", {}))


def _normalised(
    scores: Scores,
    settings: IndicatorSettings,
    treated: Floats,
    cell: str,
    cells: str,
    parameters: dict[str, tuple[str, float]],
) -> tuple[str, Floats] | None:
    spec, scale = settings.normalise, settings.scale
    if isinstance(spec, NormaliseNone):
        if settings.direction == "higher" or scale == "open":
            return cell, treated
        ends = scale[0] + scale[1]
        return f"{number(ends)}-{cell}", ends - treated
    if isinstance(spec, _LINEAR) and "worst" in parameters and scale != "open":
        (worst_at, worst), (best_at, best) = parameters["worst"], parameters["best"]
        low, high = scale
        share = f"({cell}-{worst_at})/({best_at}-{worst_at})"
        return f"{number(low)}+{number(high - low)}*{share}", low + (high - low) * ((treated - worst) / (best - worst))
    if isinstance(spec, ZScore) and "average" in parameters:
        (average_at, average), (spread_at, spread) = parameters["average"], parameters["deviation"]
        apart = f"({cell}-{average_at})" if settings.direction == "higher" else f"({average_at}-{cell})"
        sign = 1.0 if settings.direction == "higher" else -1.0
        gives = spec.mean + spec.sd * (sign * (treated - average) / spread)
        return f"{number(spec.mean)}+{number(spec.sd)}*{apart}/{spread_at}", gives
    if isinstance(spec, RankNormalise):
        return _ranked(settings, spec, treated, cell, cells)
    return None


def _ranked(
    settings: IndicatorSettings, spec: RankNormalise, treated: Floats, cell: str, cells: str
) -> tuple[str, Floats] | None:
    """Ranks among the values of the sheet, which are those of the reference where the figures agree."""
    known = np.sort(treated[~np.isnan(treated)])
    gives = rank_from_worst(treated, known, settings.direction, spec.ties)
    worse = "<" if settings.direction == "higher" else ">"
    below = f"SUMPRODUCT(ISNUMBER({cells})*({cells}{worse}{cell}))"
    same = f"SUMPRODUCT(ISNUMBER({cells})*({cells}={cell}))"
    formula = {
        "average": f"{below}+({same}+1)/2",
        "minimum": f"{below}+1",
        "maximum": f"{below}+{same}",
    }[spec.ties]
    return formula, gives


def _finished(settings: IndicatorSettings, formula: str, gives: Floats, cell: str) -> Live | None:
    clip = getattr(settings.normalise, "clip", "none")
    if clip != "none" and settings.scale != "open":
        low, high = settings.scale
        if clip != "best":
            formula, gives = f"MAX({number(low)},{formula})", np.maximum(gives, low)
        if clip != "worst":
            formula, gives = f"MIN({number(high)},{formula})", np.minimum(gives, high)
    if settings.spec.power != 1:
        return None
    if settings.spec.times != 1:
        formula, gives = f"({formula})*{number(settings.spec.times)}", gives * settings.spec.times
    if settings.round is not None:
        formula, gives = f"ROUND({formula},{settings.round})", rounded(gives, settings.round)
    whole = f'=IF(ISNUMBER({cell}),{formula},"")'
    return Live(lambda row: whole.replace("{row}", str(row)), gives)
