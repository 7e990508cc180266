"""From the scores of a node's members to its own: arithmetic, geometric, harmonic and power means, with coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.reports.workbook.formulas import Floats, Live, number, rounded
from dtindex.scores import Scores
from dtindex.spec.methods import Arithmetic, Geometric, Harmonic, Power
from dtindex.spec.tree import NodeSettings

__all__ = ["Members", "aggregated", "coverage"]

_TOLERANCE = 1e-12
_LONGEST = 8_000
"""Characters of a formula: Excel takes 8,192."""


@dataclass(frozen=True, eq=False)
class Members:
    """A node's members: cells of their scores, coverages and weights, with ``{row}`` for the row; and the figures."""

    scores: Sequence[str]
    """One cell each, side by side."""
    covers: Sequence[str]
    weights: Sequence[str]
    """Absolute cells."""
    values: Floats
    """``(rows, members)``"""
    known: Floats
    """Coverage of each ``(rows, members)``."""
    shares: Floats
    """Weights ``(members,)``."""
    leaves: Sequence[int]

    @property
    def row(self) -> str:
        return f"{self.scores[0]}:{self.scores[-1].rpartition('!')[2]}"

    @property
    def cover_row(self) -> str:
        return f"{self.covers[0]}:{self.covers[-1].rpartition('!')[2]}"

    @property
    def weight_row(self) -> str:
        return f"{self.weights[0]}:{self.weights[-1].rpartition('!')[2]}"


def coverage(settings: NodeSettings, members: Members) -> Live:
    """How much of a node is known, by its own rule."""
    here = ~np.isnan(members.values)
    rule = settings.coverage
    total = float(members.shares.sum())
    if rule.of == "leaves" and rule.by == "weight":
        formula = (
            f"SUMPRODUCT({members.weight_row},{members.cover_row},--ISNUMBER({members.row}))/SUM({members.weight_row})"
        )
        gives = (members.known * here) @ members.shares / total if total else np.zeros(len(here))
    elif rule.of == "leaves":
        count = np.array(members.leaves, dtype=np.float64)
        parts = [
            f"{leaves}*{cover}*ISNUMBER({score})"
            for leaves, cover, score in zip(members.leaves, members.covers, members.scores, strict=True)
        ]
        formula, gives = f"({'+'.join(parts)})/{sum(members.leaves)}", (members.known * here) @ count / count.sum()
    elif rule.by == "weight":
        formula = f"SUMPRODUCT({members.weight_row},--ISNUMBER({members.row}))/SUM({members.weight_row})"
        gives = here @ members.shares / total if total else np.zeros(len(here))
    else:
        formula, gives = f"COUNT({members.row})/{len(members.scores)}", here.mean(axis=1)
    return Live(lambda row: "=" + formula.replace("{row}", str(row)), np.asarray(gives, dtype=np.float64))


def aggregated(scores: Scores, node: str, members: Members, cover: str, covered: Floats) -> Live | None:
    """The score of a node; ``cover`` is the cell of its coverage."""
    tree = scores.methodology.tree
    settings = tree.nodes[node]
    found = _mean(scores, node, settings, members)
    if found is None:
        return None
    formula, gives = found
    if settings.round is not None:
        formula, gives = f"ROUND({formula},{settings.round})", rounded(gives, settings.round)
    least = settings.coverage.at_least
    known = (covered >= least - _TOLERANCE) & (~np.isnan(members.values)).any(axis=1)
    test = f"AND(COUNT({members.row})>0,{cover}>={number(least)}-1E-12)"
    whole = f'=IF({test},{formula},"")'
    if len(whole) > _LONGEST:
        return None
    return Live(lambda row: whole.replace("{row}", str(row)), np.where(known, gives, np.nan))


def _mean(scores: Scores, node: str, settings: NodeSettings, members: Members) -> tuple[str, Floats] | None:
    spec = settings.aggregate
    scales = {scores.methodology.tree.scale(member) for member in scores.plan.members[node]}
    own = settings.scale
    if own != "open" and scales - {own, "open"}:
        return None  # members on another scale
    here = ~np.isnan(members.values)
    zero = settings.coverage.missing == "zero"
    if zero and (own == "open" or own[0] != 0 or not isinstance(spec, Arithmetic)):
        return None
    if isinstance(spec, Arithmetic):
        return _arithmetic(members, here, zero=zero)
    if isinstance(spec, Geometric | Harmonic | Power) and getattr(spec, "over", "children") == "children":
        return _quasi(settings, members, here)
    return None


def _arithmetic(members: Members, here: NDArray[np.bool_], *, zero: bool) -> tuple[str, Floats]:
    over = f"SUMPRODUCT({members.weight_row},{members.row})"
    filled = np.where(here, members.values, 0.0)
    if zero:
        total = members.shares.sum()
        return f"{over}/SUM({members.weight_row})", filled @ members.shares / total
    under = f"SUMPRODUCT({members.weight_row},--ISNUMBER({members.row}))"
    with np.errstate(divide="ignore", invalid="ignore"):
        return f"{over}/{under}", (filled @ members.shares) / (here @ members.shares)


def _quasi(settings: NodeSettings, members: Members, here: NDArray[np.bool_]) -> tuple[str, Floats] | None:
    """``f^-1(sum w f(x) / sum w)``, term by term: an empty cell is no number that a function takes."""
    spec, scale = settings.aggregate, settings.scale
    p = {"geometric": 0.0, "harmonic": -1.0}.get(spec.method, getattr(spec, "p", 0.0))
    within = getattr(spec, "within", None)
    inside = members.values
    cells = list(members.scores)
    ends = None if scale == "open" else scale
    if within is not None and ends is None:
        return None
    if within is not None and ends is not None:
        (low, high), (a, b) = ends, within
        slope = (b - a) / (high - low)
        inside = a + slope * (members.values - low)
        cells = [f"({number(a)}+{number(slope)}*({cell}-{number(low)}))" for cell in cells]
    f = "LN({})" if p == 0 else "({})^" + number(p)
    terms = [
        f"IF(ISNUMBER({score}),{weight}*{f.format(cell)},0)"
        for score, weight, cell in zip(members.scores, members.weights, cells, strict=True)
    ]
    under = f"SUMPRODUCT({members.weight_row},--ISNUMBER({members.row}))"
    mean = f"({'+'.join(terms)})/{under}"
    back = f"EXP({mean})" if p == 0 else f"({mean})^(1/{number(p)})"
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(here, np.log(inside) if p == 0 else inside**p, 0.0)
        gives = (known @ members.shares) / (here @ members.shares)
        gives = np.exp(gives) if p == 0 else gives ** (1.0 / p)
    zeros = (here & (inside == 0)).any(axis=1)
    if p <= 0:  # one zero makes it zero, and has no logarithm
        back = f"IF(COUNTIF({members.row},0)>0,0,{back})" if within is None else back
        gives = np.where(zeros, 0.0 if within is None else np.nan, gives)
    if within is not None and ends is not None:
        (low, high), (a, b) = ends, within
        slope = (high - low) / (b - a)
        back, gives = f"{number(low)}+{number(slope)}*({back}-{number(a)})", low + slope * (gives - a)
    return back, gives
