"""Careless respondents, by declared rules: too fast, straight-lining, twice, tests, unfinished, inattentive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, finding
from dtindex.spec.questions import MatrixQuestion, Question
from dtindex.spec.survey import Attention, CarelessRule, Duplicates, Incomplete, StraightLining, TestRows, TooFast
from dtindex.status import Status
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import texts_of, to_ascii, to_float
from dtindex.tables.raw import Cells
from dtindex.tables.survey.skip import has_answer
from dtindex.tables.survey.vocabulary import encoded
from dtindex.tables.words import words_of

__all__ = ["Respondents", "careless", "left_out", "longstring", "seconds"]

_TIME = re.compile(
    r"(?:(\d+)\s*(?:小时|时|h)\s*)?(?:(\d+)\s*(?:分钟|分|min|m)\s*)?(?:(\d+(?:\.\d+)?)\s*(?:秒|sec|s)?)?"
)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})")
_NAMED = 10
_PRIME = np.uint64(1_099_511_628_211)  # of the FNV hash


@dataclass
class Respondents:
    """What the rules look at: who, their answers, and columns beside the answers by folded name."""

    units: Sequence[str]
    questions: Mapping[str, Question]
    answers: Mapping[AnswerKey, Answers]
    columns: Mapping[str, Cells]
    duration: Cells | None = None
    previews: NDArray[np.bool_] | None = None
    """Rows that the export itself marks as tests ``(rows,)``."""
    file: str | None = None
    findings: list[Finding] = field(default_factory=list)


def careless(rules: Sequence[CarelessRule], of: Respondents) -> dict[str, NDArray[np.bool_]]:
    """By rule, whom it names ``(rows,)``; DT235 tells who, DT240 of a rule that the export gives nothing to go by."""
    found: dict[str, NDArray[np.bool_]] = {}
    for rule in rules:
        named = _named(rule, of)
        if isinstance(named, str):
            of.findings.append(finding("DT240", f"the rule `{rule.id}` was not applied: {named}", Place(file=of.file)))
            continue
        found[rule.id] = named
        rows = np.flatnonzero(named)
        if rows.size:
            who = ", ".join(of.units[row] for row in rows[:_NAMED].tolist())
            more = f" and {rows.size - _NAMED:,} more" if rows.size > _NAMED else ""
            done = "left out" if rule.action == "exclude" else "reported, and kept"
            message = (
                f"`{rule.id}` ({_words(rule)}): {rows.size:,} of {len(of.units):,} respondents {done}: {who}{more}"
            )
            of.findings.append(finding("DT235", message, Place(file=of.file)))
    return found


def left_out(rules: Sequence[CarelessRule], named: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_] | None:
    """Whom rules with `action: exclude` name ``(rows,)``; None where there is no such rule."""
    found = [named[rule.id] for rule in rules if rule.action == "exclude" and rule.id in named]
    return np.logical_or.reduce(found) if found else None


def _words(rule: CarelessRule) -> str:
    if isinstance(rule, TooFast):
        return f"done in less than {rule.below:g} s"
    if isinstance(rule, StraightLining):
        return "the same answer to all" if rule.run is None else f"the same answer {rule.run} times in a row"
    if isinstance(rule, Duplicates):
        return "the same " + (" and ".join(rule.by) if rule.by else "answers") + " as another"
    if isinstance(rule, TestRows):
        return f"a test, by {rule.column}"
    if isinstance(rule, Incomplete):
        return f"less than {100 * rule.at_least:g} % answered"
    return f"another answer to {rule.question} than it asks for"


def _named(rule: CarelessRule, of: Respondents) -> NDArray[np.bool_] | str:
    """Whom a rule names, or why it cannot be applied."""
    if isinstance(rule, TooFast):
        if of.duration is None:
            return "there is no column of the time taken; name it under `survey: {duration: ...}`"
        return _too_fast(rule, of, of.duration)
    if isinstance(rule, StraightLining):
        items = [answers for name in rule.of for answers in _items(of.questions[name], of.answers)]
        needed = rule.run or sum(_count(of.questions[name]) for name in rule.of)
        if len(items) < needed:
            return f"{len(items)} of the answers that it looks at are in the export, and {needed} are needed"
        return longstring(items) >= needed
    if isinstance(rule, Duplicates):
        return _duplicates(rule, of)
    if isinstance(rule, TestRows):
        return _tests(rule, of)
    if isinstance(rule, Incomplete):
        if not of.answers:
            return "no question was found in the export"
        return _share_answered(of.answers) < rule.at_least - 1e-12
    assert isinstance(rule, Attention)
    key = (rule.question, "")
    if key not in of.answers:
        return f"the question {rule.question} is not in the export"
    right = has_answer(of.questions[rule.question], of.answers[key], rule.answers)
    return of.answers[key].given & ~right


# --- too fast ---


def _too_fast(rule: TooFast, of: Respondents, duration: Cells) -> NDArray[np.bool_] | str:
    """Whose time is less than the bound; DT240 of those whose time cannot be read, which is no long one."""
    taken, texts = seconds(duration), texts_of(duration)
    unread = [row for row in np.flatnonzero(np.isnan(taken)).tolist() if texts[row].strip()]
    if unread:
        first = f"the first is {shown(texts[unread[0]])} of {of.units[unread[0]]}; write seconds"
        if len(unread) == sum(1 for text in texts if text.strip()):
            return f"no time taken can be read, {first}"
        message = f"the rule `{rule.id}` was not applied to {len(unread):,} respondents, whose time cannot be read"
        of.findings.append(finding("DT240", f"{message}: {first}", Place(file=of.file)))
    with np.errstate(invalid="ignore"):
        fast: NDArray[np.bool_] = taken < rule.below
    return fast


def seconds(cells: Cells) -> NDArray[np.float64]:
    """Seconds ``(rows,)`` of ``123``, ``123秒``, ``2分3秒``, ``1小时2分``, ``0:02:03``; NaN for anything else."""
    column = encoded(cells)
    values = np.array([_seconds(word.strip()) for word in column.words], dtype=np.float64)
    found: NDArray[np.float64] = values[column.codes]
    return found


def _seconds(word: str) -> float:
    number = to_float(to_ascii(word), "number")
    if number is not None:
        return number
    clock = _CLOCK.fullmatch(word)
    time = clock or (_TIME.fullmatch(word) if word else None)
    if time is None or not any(time.groups()):
        return np.nan
    hours, minutes, rest = (float(part or 0) for part in time.groups())
    return 3600 * hours + 60 * minutes + rest


# --- straight-lining ---


def _count(question: Question) -> int:
    return len(question.rows) if isinstance(question, MatrixQuestion) else 1


def _items(question: Question, answers: Mapping[AnswerKey, Answers]) -> list[Answers]:
    rows = [row.id for row in question.rows] if isinstance(question, MatrixQuestion) else [""]
    return [answers[question.id, row] for row in rows if (question.id, row) in answers]


def longstring(items: Sequence[Answers]) -> NDArray[np.int64]:
    """The longest run of one and the same answer ``(rows,)``; an item without an answer neither counts nor breaks it.

    Johnson, J. A. (2005), Journal of Research in Personality 39, 103-129.
    """
    rows = len(items[0])
    last = np.full(rows, np.nan)
    run = np.zeros(rows, dtype=np.int64)
    longest = np.zeros(rows, dtype=np.int64)
    for answers in items:
        values, given = answers.values.astype(np.float64), answers.given
        run = np.where(given, np.where(values == last, run + 1, 1), run)
        last = np.where(given, values, last)
        longest = np.maximum(longest, run)
    return longest


# --- duplicates ---


def _duplicates(rule: Duplicates, of: Respondents) -> NDArray[np.bool_] | str:
    """Of those who are alike, all but the one with the first key; whom nothing is known of is like nobody."""
    if rule.by:
        lacking = [name for name in rule.by if fold(name) not in of.columns]
        if lacking:
            return f"there is no column {', '.join(map(shown, lacking))}"
        columns = [encoded(of.columns[fold(name)]) for name in rule.by]
        parts = [column.codes for column in columns]
        known = np.ones(len(of.units), dtype=bool)
        for column in columns:
            known &= np.array([bool(word) for word in column.words])[column.codes]
    else:
        if not of.answers:
            return "no question was found in the export"
        parts = [values for answers in of.answers.values() for values in answers.columns()]
        known = _share_answered(of.answers) > 0
    return _repeated(parts, known, of.units)


def _repeated(
    parts: Sequence[NDArray[np.generic]], known: NDArray[np.bool_], units: Sequence[str]
) -> NDArray[np.bool_]:
    """Rows alike in all parts, but for the first of them by key; told by a hash, and then by the parts themselves."""
    digest = np.zeros(len(units), dtype=np.uint64)
    with np.errstate(over="ignore", invalid="ignore"):
        for part in parts:
            digest *= _PRIME
            digest += _bits(part)
        digest ^= digest >> np.uint64(29)
    order = np.argsort(digest, kind="stable")
    same = np.zeros(len(units), dtype=bool)
    same[1:] = digest[order[1:]] == digest[order[:-1]]
    groups: dict[tuple[object, ...], list[int]] = {}
    for at in np.flatnonzero(same | np.append(same[1:], False)).tolist():
        row = int(order[at])
        if known[row]:
            alike = tuple(None if part[row] != part[row] else part[row] for part in parts)
            groups.setdefault(alike, []).append(row)
    repeated = np.zeros(len(units), dtype=bool)
    for rows in groups.values():
        first = min(rows, key=lambda row: (units[row], row))
        repeated[[row for row in rows if row != first]] = True
    return repeated


def _bits(part: NDArray[np.generic]) -> NDArray[np.uint64]:
    """A number for each value: equal values have equal ones, NaN among themselves too."""
    if part.dtype.kind == "f":
        whole = np.where(np.isnan(part), -1e300, part).astype(np.float64) + 0.0  # one zero
        floats: NDArray[np.uint64] = whole.view(np.uint64)
        return floats ^ (floats >> np.uint64(32))  # small numbers differ in their upper bits only
    numbers: NDArray[np.uint64] = part.astype(np.int64).view(np.uint64)
    return numbers


# --- tests, completeness ---


def _tests(rule: TestRows, of: Respondents) -> NDArray[np.bool_] | str:
    previews = np.zeros(len(of.units), dtype=bool) if of.previews is None else of.previews
    if fold(rule.column) not in of.columns:
        return f"there is no column {shown(rule.column)}" if of.previews is None else previews
    return containing(texts_of(of.columns[fold(rule.column)]), rule.contains) | previews


def containing(texts: Sequence[str], words: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts hold one of the words ``(rows,)``, in any case; looked for in all texts at once."""
    column = words_of(texts)
    joined = "\n".join(word.replace("\n", " ") for word in column.words).casefold()
    ends = np.array([match.start() for match in re.finditer("\n", joined)], dtype=np.int64)
    found = np.zeros(len(column.words), dtype=bool)
    pattern = re.compile("|".join(re.escape(word.casefold()) for word in words))
    hits = [match.start() for match in pattern.finditer(joined)]
    found[np.searchsorted(ends, np.array(hits, dtype=np.int64))] = True
    rows: NDArray[np.bool_] = found[column.codes]
    return rows


def _share_answered(answers: Mapping[AnswerKey, Answers]) -> NDArray[np.float64]:
    """Answers over questions that were asked ``(rows,)``; 1 where nothing was asked."""
    rows = len(next(iter(answers.values())))
    asked, given = np.zeros(rows), np.zeros(rows)
    for one in answers.values():
        asked += one.status & np.uint16(Status.NOT_APPLICABLE) == 0
        given += one.given
    return np.divide(given, asked, out=np.ones(rows), where=asked > 0)
