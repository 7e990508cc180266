"""Rules on the words of answers: no word of an export may stand for two of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from dtindex.findings import Severity
from dtindex.spec.base import Text, text
from dtindex.spec.document import Path, Problem
from dtindex.spec.questions import MatrixQuestion, NumberQuestion, Option, ScaleQuestion
from dtindex.spec.survey import TestRows
from dtindex.spec.where import Where

__all__ = ["word_problems"]

_FILLED_IN = re.compile("〖[^〖〗]*〗")


def word_problems(where: Where) -> Iterator[Problem]:
    """DT028 on labels and codes that are those of another answer too, and on words that every cell holds."""
    for position, question in enumerate(where.methodology.questions):
        path: Path = ("questions", position)
        options: Sequence[Option] = getattr(question, "options", ())
        if options:
            yield from _options(where, options, path)
        if isinstance(question, MatrixQuestion):
            rows = question.rows
            yield from _alike(where, [(row.id, row.label, (*path, "rows", at)) for at, row in enumerate(rows)])
            codes = [(row.id, None if row.code is None else str(row.code)) for row in rows]
            yield from _same_codes(where, codes, path)
        if isinstance(question, ScaleQuestion | MatrixQuestion):
            labels = [(str(question.first + at), label) for at, label in enumerate(question.labels)]
            yield from _alike(where, [(name, label, (*path, "labels", at)) for at, (name, label) in enumerate(labels)])
        if isinstance(question, NumberQuestion) and question.bands is not None:
            of_bands = [
                (f"band {at + 1}", label, (*path, "bands", "labels", at))
                for at, label in enumerate(question.bands.labels)
            ]
            yield from _alike(where, of_bands)
    yield from _empty(where)


def _options(where: Where, options: Sequence[Option], path: Path) -> Iterator[Problem]:
    yield from _alike(where, [(one.id, one.label, (*path, "options", at)) for at, one in enumerate(options)])
    ids = {_bare(option.id): option.id for option in options}
    codes = {_bare(str(at if one.code is None else one.code)): one.id for at, one in enumerate(options, 1)}
    for at, option in enumerate(options):
        for word in sorted(_words(option.label)):
            own = (*path, "options", at)
            if ids.get(word, option.id) != option.id:
                message = f'the label of "{option.id}" is the id of "{ids[word]}", and an export cannot tell them apart'
                yield _at_label(where, message, own)
            elif codes.get(word, option.id) != option.id:
                message = (
                    f'a cell {word} is read as "{option.id}", whose label it is, and in an export of codes it stands '
                    f'for "{codes[word]}": set `code:` to what the export holds, or write the label out'
                )
                yield _at_label(where, message, own, Severity.WARNING)


def _alike(where: Where, labelled: Sequence[tuple[str, Text | None, Path]]) -> Iterator[Problem]:
    """Labels that read as that of an answer before them."""
    before: dict[str, str] = {}
    for name, label, path in labelled:
        for word in sorted(_words(label)):
            if before.setdefault(word, name) != name:
                message = f'"{name}" has the label of "{before[word]}", and an export of texts cannot tell them apart'
                yield _at_label(where, message, path)


def _same_codes(where: Where, codes: Sequence[tuple[str, str | None]], path: Path) -> Iterator[Problem]:
    before: dict[str, str] = {}
    for at, (name, code) in enumerate(codes):
        if code is not None and before.setdefault(code, name) != name:
            message = f'the code {code!r} stands for "{before[code]}" and "{name}"'
            yield where.problem("DT028", message, *path, "rows", at, "code")


def _empty(where: Where) -> Iterator[Problem]:
    """Words of tests that stand in every cell, or over the end of one."""
    survey = where.methodology.survey
    for position, rule in enumerate(survey.careless if survey else ()):
        for at, word in enumerate(rule.contains if isinstance(rule, TestRows) else ()):
            if not word.strip() or "\n" in word:
                message = f"{word!r} is no word that tells a test from an answer"
                yield where.problem("DT028", message, "survey", "careless", position, "contains", at)


def _at_label(where: Where, message: str, path: Path, severity: Severity | None = None) -> Problem:
    """A remark on a label: where it stands, or what has it."""
    inside = (*path, "label")
    return where.problem("DT028", message, *(inside if inside in where.document.values else path), severity=severity)


def _words(label: Text | None) -> set[str]:
    return {_bare(found) for found in (text(label, "en"), text(label, "zh")) if found} - {""}


def _bare(word: str) -> str:
    """A word as cells are looked up: any width and case, no blanks, without what is typed beside it."""
    return "".join(unicodedata.normalize("NFKC", _FILLED_IN.sub("", word)).split()).casefold()
