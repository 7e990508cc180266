"""An index as one file that people open: what enters it, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.atomic import write_bytes
from dtindex.findings import Finding, Findings, Place, UsageError, finding
from dtindex.reports.explorer.geography import geography_of
from dtindex.reports.explorer.page import page_of
from dtindex.reports.explorer.payload import MOST_UNITS, payload_of
from dtindex.reports.explorer.survey import survey_of
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from dtindex.analysis.simulate import Simulation

__all__ = ["Explorer", "explorer", "report"]

ENDINGS = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Explorer:
    """A page, and all that was found on the way to it."""

    html: str
    findings: Findings

    def save(self, path: Path | str) -> Path:
        """Write the page as UTF-8, whole or not at all; DT410 where it cannot be written."""
        return write_bytes(path, self.html.encode("utf-8"))


def explorer(
    scores: Scores,
    *,
    language: Language = "zh",
    simulation: Simulation | None = None,
    findings: Findings | None = None,
    edition: tuple[str, str] | None = None,
    map_file: Path | str | None = None,
    map_approval_no: str | None = None,
    seed: int = 0,
) -> Explorer:
    """The explorer of an index: one HTML document that holds everything it shows, and asks no server for anything.

    The page scores again under weights that a reader tries, with the arithmetic of the library: weights as published
    give the published scores, bit for bit, and ranks are taken on the same integer keys. It speaks both languages
    whichever it begins with. The same arguments give the same bytes; no clock enters.

    Parameters
    ----------
    scores
        What :meth:`dtindex.CompositeIndex.score` or :meth:`dtindex.Edition.score` returned. Of more than 5,000 rows the
        page holds those that rank best (DT522 says so), and the service shows all by pages.
    language
        In which it begins: ``zh`` or ``en``.
    simulation
        What :func:`dtindex.simulate` returned for the same index: rank intervals, probabilities of ranks and tiers.
    findings
        What was found on the way to the scores; those of the scores unless given.
    edition
        Name and hash of the edition that scored.
    map_file, map_approval_no
        A GeoJSON file of one's own with areas named or coded as the units, and its approval number (审图号): DT520
        warns where there is none. Without it all province-level units are tiles, and no border is drawn.
    seed
        Where random numbers of the comparison of classes start.

    Returns
    -------
    Explorer
        ``html`` and ``findings``: those given, and those of making the page.

    Raises
    ------
    UsageError
        DT521 where the map is none; DT902 where the language is neither.
    """
    if language not in ("zh", "en"):
        raise UsageError([finding("DT902", f"language {language!r}: expected 'zh' or 'en'")])
    given = scores.findings if findings is None else findings
    geography, of_map = (None, Findings()) if map_file is None else geography_of(map_file, map_approval_no)
    survey, of_survey = survey_of(scores, seed=seed)
    found = Findings([*given, *of_map, *of_survey, *_left_out(scores)])
    payload = payload_of(
        scores,
        language=language,
        findings=found,
        edition=edition,
        simulation=simulation,
        survey=survey,
        geography=geography,
    )
    return Explorer(page_of(payload), found)


def report(
    scores: Scores,
    path: Path | str,
    *,
    language: Language = "zh",
    simulation: Simulation | None = None,
    findings: Findings | None = None,
    edition: tuple[str, str] | None = None,
    map_file: Path | str | None = None,
    map_approval_no: str | None = None,
    seed: int = 0,
) -> Path:
    """Write an index as a file that people read: ``.html``, the explorer (:func:`explorer`, with its arguments).

    The file stands there whole or not at all; one that stood there before stays until the new one is complete.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    UsageError
        DT524 where the ending is no kind of report; DT410 where the file cannot be written; DT521, DT902 as
        :func:`explorer`.
    """
    target = Path(path)
    if target.suffix.casefold() not in ENDINGS:
        message = f"{target.name}: a report is a file that ends in .html"
        raise UsageError([finding("DT524", message, Place(file=str(target)))])
    page = explorer(
        scores,
        language=language,
        simulation=simulation,
        findings=findings,
        edition=edition,
        map_file=map_file,
        map_approval_no=map_approval_no,
        seed=seed,
    )
    return page.save(target)


def _left_out(scores: Scores) -> list[Finding]:
    more = len(scores) - MOST_UNITS
    if more <= 0:
        return []
    message = (
        f"the page holds the {MOST_UNITS:,} rows that rank best of {len(scores):,}; the service shows all by pages"
    )
    return [finding("DT522", message)]
