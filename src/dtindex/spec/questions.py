"""Questions of a questionnaire, as data: what is asked, which answers there are, and the points that they bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Text
from dtindex.spec.methods.rules import CodeRule

__all__ = [
    "Answer",
    "Bands",
    "MatrixQuestion",
    "MatrixRow",
    "MultipleQuestion",
    "NumberQuestion",
    "Option",
    "Question",
    "RankingQuestion",
    "ScaleQuestion",
    "SingleQuestion",
    "SkipRule",
    "TextQuestion",
    "best_and_worst",
]


class Option(Block):
    """An answer that can be chosen; ``alone`` answers exclude every other one.

    ``code`` is what an export of codes holds for it; its position from 1 unless said. ``status`` is for answers that
    are none, such as "don't know": no points, and the value is missing or does not apply.
    """

    id: Id
    label: Text | None = None
    code: int | str | None = None
    points: Number | None = None
    alone: bool = False
    status: Literal["missing", "not-applicable"] | None = None

    @model_validator(mode="after")
    def _is_an_answer_or_none(self) -> Option:
        if self.status is not None and self.points is not None:
            raise ValueError(f"`status: {self.status}` leaves no value, so it has no `points`")
        return self


class SkipRule(Block):
    """The question is not asked (not applicable) where another question has one of these answers."""

    question: Id
    answers: Annotated[tuple[str | int, ...], Field(min_length=1)]


class _QuestionBlock(Block):
    id: Id
    label: Text | None = None
    column: str | None = None
    """Heading of its column (of several columns: what they begin with) in the export; found by `id` or `label` else."""
    skip_when: SkipRule | None = None
    source: Id | None = None
    note: Text | None = None


def _check_codes(codes: Mapping[str, CodeRule]) -> None:
    for code, rule in codes.items():
        if rule.score is not None:
            raise ValueError(f"the code {code!r} stands for an answer: give it `value` or `status`, not `score`")


def _check_distinct(options: Iterable[Option]) -> None:
    seen: set[str] = set()
    for position, option in enumerate(options, 1):
        code = str(position if option.code is None else option.code)
        if code in seen:
            raise ValueError(f"the code {code!r} stands for two options; codes are positions from 1 unless said")
        seen.add(code)


class SingleQuestion(_QuestionBlock):
    """One of several options."""

    type: Literal["single"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _codes_differ(self) -> SingleQuestion:
        _check_distinct(self.options)
        return self


class MultipleQuestion(_QuestionBlock):
    """Any of several options; points add up, at most to ``at_most``."""

    type: Literal["multiple"]
    options: Annotated[tuple[Option, ...], Field(min_length=1)]
    at_most: Number | None = None

    @model_validator(mode="after")
    def _codes_differ(self) -> MultipleQuestion:
        _check_distinct(self.options)
        return self


class ScaleQuestion(_QuestionBlock):
    """An answer from ``first`` to ``first + points - 1``; ``reverse`` where a lower answer is better.

    ``labels`` are the words of an export of texts, from the first value on.
    """

    type: Literal["scale"]
    points: Annotated[int, Field(ge=2, le=101)]
    first: int = 1
    reverse: bool = False
    labels: tuple[Text, ...] = ()
    codes: dict[str, CodeRule] = {}

    @model_validator(mode="after")
    def _fits(self) -> ScaleQuestion:
        if self.labels and len(self.labels) != self.points:
            raise ValueError(f"{len(self.labels)} labels for a scale of {self.points} points")
        _check_codes(self.codes)
        return self


class MatrixRow(Block):
    """A row of a matrix; ``reverse`` where a lower answer is better."""

    id: Id
    label: Text | None = None
    code: int | str | None = None
    reverse: bool = False


class MatrixQuestion(_QuestionBlock):
    """Several rows with one set of answers: ``options``, or a scale from ``first`` of so many ``points``."""

    type: Literal["matrix"]
    rows: Annotated[tuple[MatrixRow, ...], Field(min_length=1)]
    options: tuple[Option, ...] = ()
    points: Annotated[int | None, Field(ge=2, le=101)] = None
    first: int = 1
    labels: tuple[Text, ...] = ()
    codes: dict[str, CodeRule] = {}

    @model_validator(mode="after")
    def _has_answers(self) -> MatrixQuestion:
        if bool(self.options) == (self.points is not None):
            raise ValueError("expected one of `options` (a choice in each row) and `points` (a scale in each row)")
        if self.points is not None and self.labels and len(self.labels) != self.points:
            raise ValueError(f"{len(self.labels)} labels for a scale of {self.points} points")
        if self.options and any(row.reverse for row in self.rows):
            raise ValueError("`reverse` is for a scale; the options of a choice say their points")
        _check_codes(self.codes)
        _check_distinct(self.options)
        return self

    def row(self, row: str) -> SingleQuestion | ScaleQuestion:
        """The question that a row is."""
        found = next(item for item in self.rows if item.id == row)
        if self.points is None:
            return SingleQuestion(id=row, type="single", label=found.label, options=self.options)
        return ScaleQuestion(
            id=row, type="scale", label=found.label, points=self.points, first=self.first,
            reverse=found.reverse, labels=self.labels, codes=self.codes,
        )  # fmt: skip


class Bands(Block):
    """Points by interval; ``closed`` says which edge belongs to a band.

    ``labels`` are the words of an export in which the band was chosen, from the lowest on.
    """

    edges: Annotated[tuple[Number, ...], Field(min_length=1)]
    closed: Literal["left", "right"]
    points: Annotated[tuple[Number, ...], Field(min_length=2)]
    labels: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Bands:
        if any(right <= left for left, right in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("`edges` must increase")
        if len(self.points) != len(self.edges) + 1:
            raise ValueError(
                f"{len(self.edges)} edges make {len(self.edges) + 1} bands, found {len(self.points)} points"
            )
        if self.labels and len(self.labels) != len(self.points):
            raise ValueError(f"{len(self.labels)} labels for {len(self.points)} bands")
        return self


class NumberQuestion(_QuestionBlock):
    """A number, scored by bands or as it is."""

    type: Literal["number"]
    bands: Bands | None = None
    range: tuple[Number, Number] | None = None
    format: Literal["number", "percent", "thousands"] = "number"
    codes: dict[str, CodeRule] = {}

    @model_validator(mode="after")
    def _codes_stand_for_answers(self) -> NumberQuestion:
        _check_codes(self.codes)
        return self


class RankingQuestion(_QuestionBlock):
    """Options put into an order; the first place brings ``points[0]``, and so on, later places nothing."""

    type: Literal["ranking"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    points: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> RankingQuestion:
        if any(option.points is not None or option.status is not None for option in self.options):
            raise ValueError("a place brings points, not an option: give `points:` of the question, from the first on")
        _check_distinct(self.options)
        return self


class TextQuestion(_QuestionBlock):
    """An open answer: a name, a group, a remark. It brings no points."""

    type: Literal["text"]


Question = Annotated[
    SingleQuestion
    | MultipleQuestion
    | ScaleQuestion
    | MatrixQuestion
    | NumberQuestion
    | RankingQuestion
    | TextQuestion,
    Field(discriminator="type"),
]


class Answer(Block):
    """What an indicator takes of a question: a row of a matrix, an option of a choice, or an option's place.

    With ``option`` the value is 1 where it was chosen and 0 where another was; of a ranking, the points of its place.
    """

    question: Id
    row: Id | None = None
    option: Id | None = None


def best_and_worst(question: Question, option: str | None = None) -> tuple[float, float] | None:
    """The fewest and the most points that an answer can bring, which is where the ideal stands; None where open.

    ``question`` is a matrix's row by :meth:`MatrixQuestion.row`, never the matrix.
    """
    if isinstance(question, RankingQuestion):
        if not question.points:
            return None
        places = [0.0, *question.points[: len(question.options)]]  # 0: left out of the order
        return min(places), max(places)
    if option is not None:
        return 0.0, 1.0
    if isinstance(question, SingleQuestion):
        points = [option.points for option in question.options if option.points is not None]
        return (min(points), max(points)) if points else None
    if isinstance(question, MultipleQuestion):
        return _of_multiple(question)
    if isinstance(question, ScaleQuestion):
        return float(question.first), float(question.first + question.points - 1)
    if isinstance(question, NumberQuestion):
        return question.range if question.bands is None else (min(question.bands.points), max(question.bands.points))
    return None


def _of_multiple(question: MultipleQuestion) -> tuple[float, float] | None:
    """Sums of what can be ticked together, or an answer that stands alone; nothing ticked is one where none does."""
    together = [option.points for option in question.options if option.points is not None and not option.alone]
    alone = [option.points for option in question.options if option.points is not None and option.alone]
    if not together and not alone:
        return None
    sums = []
    if together:
        gains, losses = (
            sum(points for points in together if points > 0),
            sum(points for points in together if points < 0),
        )
        sums = [losses or min(together), gains or max(together)]
    if not any(option.alone for option in question.options):
        sums.append(0.0)
    if question.at_most is not None:
        sums = [min(points, question.at_most) for points in sums]
    return min([*sums, *alone]), max([*sums, *alone])
