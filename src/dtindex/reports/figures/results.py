"""What a figure takes: results by their frames, so that saved frames can be drawn as well as a fresh result."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol
from unicodedata import east_asian_width

import numpy as np

from dtindex.findings import UsageError, finding
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dtindex.scores import Scores
    from dtindex.spec.uncertainty import Factor

__all__ = [
    "SensitivityFrames",
    "Shown",
    "SimulationFrames",
    "factor_names",
    "node_name",
    "one_line",
    "refuse",
    "shown_units",
    "subtitle",
    "tier_names",
    "unit_names",
]

MOST = 100
"""So many units are legible on a page."""
FIRST = 60
"""So many are shown of more than that, unless a number is asked for."""
_WIDEST = 36
"""Of a name; Latin letters count 1, Chinese characters 2."""


class SimulationFrames(Protocol):
    """A simulation, as far as figures know it."""

    @property
    def node(self) -> str: ...
    @property
    def period(self) -> str | None: ...
    @property
    def runs(self) -> int: ...
    @property
    def asked(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def default_factors(self) -> bool: ...
    @property
    def confidence(self) -> float: ...
    @property
    def rank_intervals(self) -> pd.DataFrame: ...
    @property
    def rank_probabilities(self) -> pd.DataFrame: ...
    @property
    def tier_probabilities(self) -> pd.DataFrame: ...
    def intervals(self, confidence: float, /) -> pd.DataFrame: ...


class SensitivityFrames(Protocol):
    """A sensitivity analysis, as far as figures know it."""

    @property
    def node(self) -> str: ...
    @property
    def period(self) -> str | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def indices(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Shown:
    """The units of a figure, from the best rank down."""

    rows: pd.Index
    """Keys of the units, to take rows of the frames by."""
    names: tuple[str, ...]
    ranks: tuple[int, ...]
    notes: tuple[str, ...]
    """What the figure leaves out, and what else a reader has to be told."""


def shown_units(simulation: SimulationFrames, top: int | None, language: Language) -> Shown:
    """Ranked units by rank, ties in the order of the frame; all up to 100 of them, of more the first 60, or ``top``.

    Raises
    ------
    UsageError
        DT902 where ``top`` is not 1 or more, or no unit is ranked.
    """
    if top is not None and (isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1):
        raise refuse(f"top={top!r}: expected a number of units, 1 or more")
    frame = simulation.rank_intervals
    ranked = frame[frame["rank"].notna()].sort_values("rank", kind="stable")
    count = len(ranked)
    if not count:
        raise refuse("no unit is ranked, so there is nothing to draw")
    wanted = (FIRST if count > MOST else count) if top is None else min(int(top), count)
    notes = []
    if wanted < count:
        notes.append(say("shown", language, shown=wanted, count=count))
    if count < len(frame):
        notes.append(say("unranked", language, count=len(frame) - count))
    if simulation.default_factors:
        notes.append(say("default factors", language))
    rows, names = ranked.iloc[:wanted], unit_names(simulation, language)
    return Shown(
        rows.index,
        tuple(
            one_line(names.get(key, name)) or one_line(key) for name, key in zip(rows["name"], rows.index, strict=True)
        ),
        tuple(int(rank) for rank in rows["rank"]),
        tuple(notes),
    )


def subtitle(simulation: SimulationFrames, language: Language) -> str:
    """Period and number of runs; where runs failed, of how many."""
    word = "runs" if simulation.runs == simulation.asked else "runs of"
    told = say(word, language, runs=simulation.runs, asked=simulation.asked, seed=simulation.seed)
    return told if simulation.period is None else f"{simulation.period}{say('joined', language)}{told}"


def refuse(message: str) -> UsageError:
    """DT902, to be raised."""
    return UsageError([finding("DT902", message)])


def one_line(name: object) -> str:
    """A name on one line, cut where a page has no room for it; nothing where there is none."""
    said = " ".join(str("" if name is None or name != name else name).split())
    ends = list(accumulate(2 if east_asian_width(one) in "WF" else 1 for one in said))
    return said if not ends or ends[-1] <= _WIDEST else said[: bisect_left(ends, _WIDEST)] + "…"


# --- what things are called: a result that knows its scores knows the labels of the methodology ---


def node_name(result: SimulationFrames | SensitivityFrames, language: Language) -> str:
    """The node's label, or its id."""
    scores = _scores(result)
    return result.node if scores is None else scores.methodology.tree.nodes[result.node].spec.name(language)


def tier_names(result: SimulationFrames, language: Language) -> dict[str, str]:
    """Labels of the node's tiers, by id."""
    scores = _scores(result)
    blocks = () if scores is None else scores.methodology.tiers
    return {
        level.id: text(level.label, language, level.id)
        for block in blocks
        if block.node == result.node
        for level in block.levels
    }


def factor_names(result: SensitivityFrames, language: Language) -> dict[str, str]:
    """Labels of the factors that were varied, by id."""
    factors: Sequence[Factor] = getattr(result, "described", ())
    return {factor.id: text(factor.label, language, factor.id) for factor in factors}


def unit_names(result: SimulationFrames | SensitivityFrames, language: Language) -> dict[str, str]:
    """Names of the units in the language, by key."""
    scores = _scores(result)
    return {} if scores is None else dict(zip(scores.units.tolist(), scores.names(language).tolist(), strict=True))


def _scores(result: object) -> Scores | None:
    scores = getattr(result, "scores", None)
    if scores is None:
        return None
    from dtindex.scores import Scores

    return scores if isinstance(scores, Scores) else None
