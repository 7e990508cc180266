"""What a methodology takes the columns of an export for, and what those that serve nothing are nearest to."""

from __future__ import annotations

from collections.abc import Sequence

from dtindex.findings import nearest
from dtindex.spec.base import Text, text
from dtindex.spec.model import Methodology
from dtindex.spec.questions import MatrixQuestion, MatrixRow, MultipleQuestion, Option, Question, RankingQuestion
from dtindex.tables.names import fold
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.dialect import Export
from dtindex.tables.survey.headings import Heading, parse_heading, wording
from dtindex.tables.survey.match import Matching
from dtindex.tables.survey.reading import matched_columns

__all__ = ["PART_OF", "serves"]

PART_OF = {"matrix": "row", "multiple": "option", "ranking": "option"}
"""What the parts of a kind of question are."""


def serves(raw: RawTable, methodology: Methodology) -> tuple[dict[str, str], dict[str, str]]:
    """By column of an export, which question, row or option it answers, and what else the questionnaire takes it for;
    of a column that serves nothing, the question or part without a column to which it is nearest.
    """
    export, matching = matched_columns(raw, methodology)
    uses: dict[str, str] = {}
    for name, matched in matching.matched.items():
        kind = matched.question.type
        if matched.whole is not None:
            uses[matched.whole.name] = f"{name} ({kind})"
        for part, heading in matched.parts.items():
            told = f"place {part[1:]}" if part.startswith("#") else f"{PART_OF[kind]} {part}"
            uses[heading.name] = f"{name} ({kind}, {told})"
    beside = _beside(export, methodology)
    headings = [
        parse_heading(index, name, told, export.dialect.name)
        for index, (name, told) in enumerate(zip(export.raw.header, export.wordings, strict=True))
        if name not in uses and name not in beside and fold(name) not in export.dialect.meta
    ]
    return uses | beside, _near(headings, matching)


def _beside(export: Export, methodology: Methodology) -> dict[str, str]:
    survey = methodology.survey
    roles = {"sampling weight": survey.weight, "time taken": survey.duration} if survey is not None else {}
    wanted = {fold(name): role for role, name in roles.items() if name}
    wanted |= {fold(name): "design of the sample" for name in survey.columns_beside} if survey is not None else {}
    wanted |= {name: "time taken" for name in export.dialect.durations if "time taken" not in wanted.values()}
    return {name: wanted[fold(name)] for name in export.raw.header if fold(name) in wanted}


def _near(headings: Sequence[Heading], matching: Matching) -> dict[str, str]:
    """By heading, the nearest of what has no column."""
    lacking: dict[str, str] = {}
    for question in matching.missing:
        told = text(question.label)
        name = f"{question.id} ({told})" if told else question.id
        for word in (question.id, question.column, *_both(question.label)):
            lacking |= {wording(word): name} if word else {}
    partly = [*matching.missing, *(one.question for one in matching.matched.values() if one.whole is None)]
    for question in partly:
        matched = matching.matched.get(question.id)
        for part in _parts(question):
            if matched is None or part.id not in matched.parts:
                found = f"{question.id} ({question.type}, {PART_OF[question.type]} {part.id})"
                lacking |= {wording(word): found for word in (part.id, *_both(part.label)) if word}
    near: dict[str, str] = {}
    for heading in headings:
        said = (heading.part, heading.wording, heading.stem, heading.name, heading.code)
        found_near = (nearest(wording(word), [one for one in lacking if one]) for word in said if word)
        best = next((one for one in found_near if one), None)
        near |= {heading.name: lacking[best]} if best else {}
    return near


def _parts(question: Question) -> Sequence[Option | MatrixRow]:
    if isinstance(question, MatrixQuestion):
        return question.rows
    return question.options if isinstance(question, MultipleQuestion | RankingQuestion) else ()


def _both(label: Text | None) -> tuple[str, str]:
    return text(label, "en"), text(label, "zh")
