"""An index as one file that people open: what enters it, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.analysis.rank_bounds import RankBounds
from dtindex.analysis.simulate import Simulation
from dtindex.atomic import write_bytes
from dtindex.edition import Edition
from dtindex.findings import Finding, Findings, UsageError, finding
from dtindex.reports.explorer.geography import geography_of
from dtindex.reports.explorer.page import page_of, policy
from dtindex.reports.explorer.payload import MOST_UNITS, Part, parts_of, payload_of
from dtindex.reports.explorer.survey import survey_of
from dtindex.reports.simulated import scores_of, simulated
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.uncertainty.running import Progress
    from dtindex.index import CompositeIndex
    from dtindex.spec.uncertainty import Factor
    from dtindex.tables.table import Table

__all__ = ["Explorer", "explorer"]

"""Ranked units up to which a page has a simulation unasked: of more it takes longer than the rest of the page."""
"""Why an index may have no simulation, which leaves the rest of its page as it is."""


@dataclass(frozen=True, eq=False)
class Explorer:
    """A page, what it was made of, and all that was found on the way."""

    html: str
    scores: Scores
    simulation: Simulation | None
    findings: Findings
    part: int = 1
    parts: int = 1

    def __repr__(self) -> str:
        what = self.scores.methodology.id
        return f"<Explorer of {what}: {len(self.html):,} characters, part {self.part} of {self.parts}>"

    @staticmethod
    def policy() -> str:
        """The `Content-Security-Policy` of every page: its own scripts by their hashes, and nothing from anywhere."""
        return policy()

    def save(self, path: Path | str) -> Path:
        """Write the page as UTF-8, whole or not at all; DT410 where it cannot be written."""
        return write_bytes(path, self.html.encode("utf-8"))


def explorer(
    index: CompositeIndex | Edition | Scores,
    *,
    table: Table | pd.DataFrame | str | None = None,
    language: Language = "zh",
    runs: int | None = None,
    seed: int = 1,
    factors: Sequence[Factor] | None = None,
    simulation: Simulation | None = None,
    bounds: RankBounds | None = None,
    findings: Findings | None = None,
    map_file: Path | str | None = None,
    map_approval_no: str | None = None,
    part: int = 1,
    part_address: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Explorer:
    """The explorer of an index: one HTML document that holds everything it shows, and asks no server for anything.

    The page scores again under weights that a reader tries, with the arithmetic of the library: weights as published
    give the published scores, bit for bit, and ranks are taken on the same integer keys. It speaks both languages,
    whichever it begins with. The same arguments give the same bytes; no clock enters.

    Parameters
    ----------
    index
        A fitted index, an edition, or scores.
    table
        What is scored; by default the table that was fitted. Scores have their own.
    language
        In which the page begins: ``zh`` or ``en``.
    runs, seed, factors
        Of the simulation, as :func:`dtindex.simulate` takes them. 0 runs: none. Unless said 10,000 where at most 300
        units are ranked, and none of more (DT523 says so), nor of scores, which cannot be drawn anew.
    simulation
        One that was made before, of the same index.
    bounds
        What :func:`dtindex.rank_bounds` found of it: the ranks that can be attained, which then stand behind those that
        were drawn.
    findings
        What was found on the way; those of the scores unless given.
    map_file, map_approval_no
        A GeoJSON file of one's own with areas named or coded as the units, and its approval number (审图号); DT520
        warns where there is none. All province-level units are tiles besides, and of those no border is drawn.
    part, part_address
        A page holds 5,000 rows. Of more, the first part holds those that rank best, the second the next, and so on;
        the address of another part, with ``{part}`` in it, links them. DT522 says that there are more.
    workers, progress
        Of the simulation.

    Returns
    -------
    Explorer
        ``html``, ``scores``, ``simulation`` and ``findings``: those given, and those of making the page.

    Raises
    ------
    UsageError
        DT521 where the map is none; DT902 where the language is neither, there is no such part, a table is given with
        scores, or scores are to be simulated.

    Examples
    --------
    >>> import dtindex as dti
    >>> index = dti.CompositeIndex(dti.load_methodology("caict-computing-power-1.0")).fit()
    >>> dti.explorer(index, runs=0).html[:15]
    '<!doctype html>'
    """
    if language not in ("zh", "en"):
        raise _usage(f"language {language!r}: expected 'zh' or 'en'")
    scores = scores_of(index, table)
    found: list[Finding] = []
    if simulation is None:
        simulation, found = simulated(index, table, scores, factors, runs, seed, workers, progress)
    geography, of_map = (None, Findings()) if map_file is None else geography_of(map_file, map_approval_no)
    survey, of_survey = survey_of(scores, seed=seed)
    parts = parts_of(scores)
    if not 1 <= part <= parts:
        raise _usage(f"part={part}: there are {parts}")
    given = scores.findings if findings is None else findings
    every = Findings([*given, *found, *of_map, *of_survey, *_more(scores, part, parts, part_address)])
    payload = payload_of(
        scores,
        language=language,
        findings=every,
        edition=(index.name, index.hash) if isinstance(index, Edition) else None,
        simulation=simulation,
        bounds=bounds,
        survey=survey,
        geography=geography,
        part=Part(part, parts, part_address),
    )
    return Explorer(page_of(payload), scores, simulation, every, part, parts)


def _more(scores: Scores, part: int, parts: int, address: str | None) -> list[Finding]:
    if parts == 1:
        return []
    where = "the service shows all" if address is None else "the others are linked"
    return [finding("DT522", f"part {part} of {parts}: {MOST_UNITS:,} rows of {len(scores):,} by rank; {where}")]


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message)])
