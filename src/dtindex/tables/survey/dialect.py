"""Dialects of questionnaire exports: which one a file speaks, and what its headings and blanks mean.

The dialects are known from public descriptions: 问卷星 (six columns before the answers; option texts or codes; ``┋``
between ticked options, ``→`` between ranked ones; -2 blank, -3 skipped), Qualtrics (three rows of headings: name,
wording, import id), LimeSurvey (``Q1[SQ001]``, an empty submission date for partial answers) and SPSS (labels of
variables and values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dtindex.spec.survey import Dialect as DialectName
from dtindex.status import Status
from dtindex.tables.names import fold
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import RawTable

__all__ = ["DIALECTS", "Dialect", "Export", "recognise"]


@dataclass(frozen=True)
class Dialect:
    """What a dialect has beside the answers; names are folded."""

    name: DialectName
    title: str
    meta: frozenset[str] = frozenset()
    """Headings of columns that are no answers."""
    keys: tuple[str, ...] = ()
    """Headings of the respondent's number, the best first."""
    durations: tuple[str, ...] = ()
    """Headings of the time taken."""
    blanks: Mapping[str, Status] = field(default_factory=dict)
    """What stands in a cell without an answer, beside nothing."""
    previews: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Heading, and what it holds of answers that those who set up the questionnaire gave."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What stands in a cell for an option that the platform adds, to the option's usual id."""
    typed: frozenset[str] = frozenset()
    """Codes of options whose column of ticks holds what was typed."""


def _folded(*names: str) -> tuple[str, ...]:
    return tuple(map(fold, names))


_WJX = Dialect(
    "wjx",
    "问卷星",
    frozenset(_folded("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "总分", "得分")),
    _folded("序号"),
    _folded("所用时间"),
    {"-2": Status.MISSING, "-3": Status.NOT_APPLICABLE, "(空)": Status.MISSING, "(跳过)": Status.NOT_APPLICABLE},
)
_QUALTRICS = Dialect(
    "qualtrics",
    "Qualtrics",
    frozenset(
        _folded(
            *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished"),
            *("RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail"),
            *("ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage"),
        )
    ),
    _folded("ResponseId"),
    _folded("Duration (in seconds)"),
    {"-99": Status.MISSING},
    {"status": frozenset(_folded("Survey Preview", "Survey Test", "1", "2"))},
)
_LIMESURVEY = Dialect(
    "limesurvey",
    "LimeSurvey",
    frozenset(
        _folded(
            *("id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr"),
            *("refurl", "interviewtime"),
        )
    ),
    _folded("id"),
    _folded("interviewtime"),
    {"n/a": Status.NOT_APPLICABLE},
    aliases={"-oth-": "other"},
    typed=frozenset({"other"}),
)
_SPSS = Dialect("spss", "SPSS", keys=_folded("respondent", "id", "caseid", "respid"), durations=_folded("duration"))
_PLAIN = Dialect("plain", "plain", keys=_folded("respondent", "id"), durations=_folded("duration"))
DIALECTS: dict[DialectName, Dialect] = {
    dialect.name: dialect for dialect in (_WJX, _QUALTRICS, _LIMESURVEY, _SPSS, _PLAIN)
}
_ENOUGH = 3
_HALF = 0.5


@dataclass(frozen=True)
class Export:
    """An export in a dialect: only answers below its headings, and the wording of each column, "" where unknown."""

    raw: RawTable
    dialect: Dialect
    wordings: tuple[str, ...]
    looks_like: DialectName = "plain"
    """What it would be taken for if nothing were declared."""


def recognise(raw: RawTable, declared: DialectName | None = None) -> Export:
    """The dialect of a file, the one ``declared`` where there is one; rows of headings are taken off.

    问卷星 and LimeSurvey are told by their first columns, Qualtrics by the row of import ids, SPSS by the format.
    """
    imports = _import_rows(raw)
    looks_like = _name(raw, imports)
    name = declared or looks_like
    if name == "qualtrics" and imports:
        wordings = tuple(texts_of(column)[0] if imports > 1 else "" for column in raw.columns)
        # The wordings stay with the table, so that it is understood the same when it is looked at again.
        return Export(replace(raw.below(imports), labels=wordings), DIALECTS[name], wordings, looks_like)
    if name == "limesurvey" and not raw.labels:
        names, wordings = zip(*(_limesurvey(head) for head in raw.header), strict=True)
        coded = replace(raw, header=_unique(names, raw.header), labels=wordings)
        return Export(coded, DIALECTS[name], wordings, looks_like)
    return Export(raw, DIALECTS[name], raw.labels or ("",) * len(raw.header), looks_like)


def _name(raw: RawTable, imports: int) -> DialectName:
    header = {fold(name) for name in raw.header}
    if raw.description.get("format", "").startswith("SPSS"):
        return "spss"
    if len(header & _WJX.meta) >= _ENOUGH:
        return "wjx"
    if imports or len(header & _QUALTRICS.meta) > _ENOUGH:
        return "qualtrics"
    bare = {fold(name.split(".", 1)[0]) for name in raw.header}
    return "limesurvey" if {"submitdate", "lastpage"} <= bare else "plain"


def _import_rows(raw: RawTable) -> int:
    """How many of the first rows are headings of Qualtrics: 2 with the wording, 1 with the import ids only, else 0."""
    for row in (0, 1):
        if len(raw) > row:
            cells = [column[row] for column in raw.columns if not isinstance(column, np.ndarray)]
            found = sum(1 for cell in cells if cell.startswith("{") and "ImportId" in cell)
            if found and found >= _HALF * len(cells):
                return row + 1
    return 0


def _limesurvey(head: str) -> tuple[str, str]:
    """Code and wording of a heading such as ``Q1[SQ001]. What is ...`` or ``Q1``."""
    code, dot, wording = head.partition(". ")
    return (code.strip(), wording.strip()) if dot and " " not in code.strip() else (head, "")


def _unique(names: Sequence[str], header: Sequence[str]) -> tuple[str, ...]:
    """The codes, unless two columns would be called alike."""
    return tuple(names) if len(set(names)) == len(names) else tuple(header)
