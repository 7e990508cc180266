"""A table without what identifies a person, to be kept: what :mod:`~dtindex.tables.survey.rest` drops from results is
not stored in the first place.

Headings stay, since they tell of which platform an export is; cells go. Rules on careless respondents look at some of
these columns: they keep what the rule needs, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dtindex.findings import Finding, Place, finding
from dtindex.spec.model import Methodology
from dtindex.spec.questions import TextQuestion
from dtindex.spec.survey import Duplicates, Personal, Survey, TestRows
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.by_name import ByName
from dtindex.tables.survey.careless import containing
from dtindex.tables.survey.dialect import Export, recognise
from dtindex.tables.survey.match import Matched
from dtindex.tables.survey.personal import hashed, is_personal, personal_columns
from dtindex.tables.survey.reading import is_survey, matched_columns
from dtindex.tables.survey.wanted import reserved
from dtindex.tables.words import words_of

__all__ = ["without_persons"]

_NAMED = 12
_BY_CONTENT = "what stands in it"


def without_persons(raw: RawTable, methodology: Methodology | None, hash_key: bytes) -> tuple[RawTable, list[Finding]]:
    """The table without the cells that identify a person, and DT236 where there are any.

    An export of a questionnaire loses what its methodology would drop from results: what `personal:` names, and what
    headings, wordings and contents tell. Any other table loses only columns that hold telephone numbers, addresses,
    e-mail or the numbers of identity cards, unless the methodology reads them: a heading alone ("mobile", "name") may
    be that of a figure or of a region.

    Parameters
    ----------
    raw
        The file as it was read.
    methodology
        What it is to be scored by, where that is known.
    hash_key
        Secret key of the pseudonyms that take the place of columns under `personal: {COLUMN: hash}`.
    """
    if methodology is not None and is_survey(methodology):
        export, matching = matched_columns(raw, methodology)
        becomes = _by_methodology(export, methodology, matching.matched)
        kept = _looked_at(methodology, ByName(export.raw))
        said = []  # the check against the methodology says it
    else:
        export = recognise(raw)
        mentioned = frozenset() if methodology is None else frozenset(map(tidy_name, reserved(methodology)))
        becomes = _by_looks(export, mentioned)
        kept = {}
        said = _said(raw, export, becomes)
    return _stripped(raw, export, becomes, kept, hash_key), said


def _by_methodology(
    export: Export, methodology: Methodology, matched: Mapping[str, Matched]
) -> dict[int, tuple[Personal, str]]:
    raw, survey = export.raw, methodology.survey or Survey()
    by_name, own = ByName(raw), {tidy_name(name) for name in reserved(methodology)}
    key = _key(export, methodology, by_name, matched)
    ruled = {fold(name): action for name, action in survey.personal.items()}
    open_answers = {
        one.whole.index: one.whole.name
        for one in matched.values()
        if one.whole is not None and isinstance(one.question, TextQuestion) and one.whole.index != key
    }
    answers = {heading.index for one in matched.values() for heading in one.headings} - set(open_answers)
    candidates = {
        index: name
        for index, name in enumerate(raw.header)
        if index not in answers and index != key and (tidy_name(name) not in own or fold(name) in ruled)
    }
    columns = {index: raw.columns[index] for index in candidates}
    found = personal_columns(candidates | open_answers, columns, export.wordings, survey.personal)
    if key is not None and {ruled.get(fold(raw.header[key])), ruled.get(fold(methodology.units.key))} & {
        "drop",
        "hash",
    }:
        found[key] = ("hash", "the methodology")
    return found


def _key(export: Export, methodology: Methodology, by_name: ByName, matched: Mapping[str, Matched]) -> int | None:
    key = methodology.units.key
    index = by_name(key)
    if index is None and key in matched and (whole := matched[key].whole) is not None:
        index = whole.index
    if index is None:
        index = next((by_name.folded[name] for name in export.dialect.keys if name in by_name), None)
    return index


def _by_looks(export: Export, mentioned: frozenset[str]) -> dict[int, tuple[Personal, str]]:
    """Without a questionnaire: by headings and contents in an export of a platform, by contents alone elsewhere."""
    is_platform = export.dialect.name != "plain"
    found: dict[int, tuple[Personal, str]] = {}
    for index, name in enumerate(export.raw.header):
        heading, wording = (name, export.wordings[index]) if is_platform else ("", "")
        reason = is_personal(heading, export.raw.columns[index], wording)
        if reason is not None and tidy_name(name) not in mentioned:
            found[index] = ("drop", reason)
    return found


def _looked_at(methodology: Methodology, by_name: ByName) -> dict[int, TestRows | Duplicates]:
    """Columns that a rule on careless respondents looks at."""
    found: dict[int, TestRows | Duplicates] = {}
    for rule in methodology.survey.careless if methodology.survey is not None else ():
        if isinstance(rule, (TestRows, Duplicates)):
            names = (rule.column,) if isinstance(rule, TestRows) else rule.by
            found |= {index: rule for name in names if (index := by_name(name)) is not None}
    return found


def _said(raw: RawTable, export: Export, becomes: Mapping[int, tuple[Personal, str]]) -> list[Finding]:
    if not becomes:
        return []
    names = [f"{shown(export.raw.header[index])} (by {reason})" for index, (_, reason) in becomes.items()]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    message = f"columns that identify a person were emptied before anything was kept: {', '.join(names[:_NAMED])}{more}"
    remedy = "name the methodology with the upload to keep one that it reads"
    return [finding("DT236", f"{message}; {remedy}", Place(file=raw.file, sheet=raw.sheet))]


def _stripped(
    raw: RawTable,
    export: Export,
    becomes: Mapping[int, tuple[Personal, str]],
    looked_at: Mapping[int, TestRows | Duplicates],
    hash_key: bytes,
) -> RawTable:
    """The table as read, rows of headings included, with other cells in these columns."""
    gone = {index: (action, reason) for index, (action, reason) in becomes.items() if action != "keep"}
    if not gone:
        return raw
    headings = len(raw) - len(export.raw)
    columns = list(raw.columns)
    for index, (action, _) in gone.items():
        columns[index] = _below(
            raw.columns[index], headings, _new(export.raw.columns[index], action, looked_at.get(index), hash_key)
        )
    # Without a telling heading an empty column would look like one of the table.
    dropped = {index for index, (action, reason) in gone.items() if action == "drop" and reason == _BY_CONTENT}
    dropped -= set(looked_at)
    stripped = replace(
        raw,
        columns=tuple(columns),
        dates=frozenset(cell for cell in raw.dates if cell[1] not in gone),
        lossy=frozenset(cell for cell in raw.lossy if cell[1] not in gone),
        value_labels={index: labels for index, labels in raw.value_labels.items() if index not in gone},
        user_missing={index: ranges for index, ranges in raw.user_missing.items() if index not in gone},
        user_missing_texts={index: texts for index, texts in raw.user_missing_texts.items() if index not in gone},
        # DT120 shows cells, which may be of these columns.
        findings=tuple(
            replace(one, message=one.message.partition("; check: ")[0]) if one.code == "DT120" else one
            for one in raw.findings
        ),
    )
    return (
        stripped.keeping([index for index in range(len(raw.header)) if index not in dropped]) if dropped else stripped
    )


def _new(cells: Cells, action: Personal, rule: TestRows | Duplicates | None, hash_key: bytes) -> Sequence[str]:
    """What stands in place of the cells: pseudonyms, the mark of a test, or nothing."""
    if action == "hash" or isinstance(rule, Duplicates):
        return hashed(cells, hash_key)
    if isinstance(rule, TestRows):
        texts = texts_of(cells)
        marks = [""] * len(cells)
        for word in rule.contains:
            for row in np.flatnonzero(containing(texts, [word])).tolist():
                marks[row] = marks[row] or word
        return words_of(marks)
    return words_of([""] * len(cells))


def _below(cells: Cells, headings: int, new: Sequence[str]) -> Sequence[str]:
    """New cells below the rows of headings."""
    return words_of([*texts_of(cells)[:headings], *new]) if headings else new
