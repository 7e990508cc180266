"""Questions of a questionnaire, and rules that put units into classes, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Provenance, Text

__all__ = ["Bands", "ClassRule", "Condition", "Option", "Question", "SkipRule"]


class Option(Block):
    """An answer that can be chosen; ``alone`` answers exclude every other one."""

    id: Id
    label: Text | None = None
    points: Number | None = None
    alone: bool = False
    status: Literal["missing", "not-applicable"] | None = None


class SkipRule(Block):
    """The question is not asked (not applicable) where another question has one of these answers."""

    question: Id
    answers: Annotated[tuple[str | int, ...], Field(min_length=1)]


class _QuestionBlock(Block):
    id: Id
    label: Text | None = None
    column: str | None = None
    skip_when: SkipRule | None = None
    source: Id | None = None


class SingleQuestion(_QuestionBlock):
    """One of several options."""

    type: Literal["single"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]


class MultipleQuestion(_QuestionBlock):
    """Any of several options; points add up, at most to ``at_most``."""

    type: Literal["multiple"]
    options: Annotated[tuple[Option, ...], Field(min_length=1)]
    at_most: Number | None = None


class ScaleQuestion(_QuestionBlock):
    """An answer from ``first`` to ``first + points - 1``; ``reverse`` where a lower answer is better."""

    type: Literal["scale"]
    points: Annotated[int, Field(ge=2, le=101)]
    first: int = 1
    reverse: bool = False


class Bands(Block):
    """Points by interval; ``closed`` says which edge belongs to a band."""

    edges: Annotated[tuple[Number, ...], Field(min_length=1)]
    closed: Literal["left", "right"]
    points: Annotated[tuple[Number, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _fits(self) -> Bands:
        if any(right <= left for left, right in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("`edges` must increase")
        if len(self.points) != len(self.edges) + 1:
            raise ValueError(
                f"{len(self.edges)} edges make {len(self.edges) + 1} bands, found {len(self.points)} points"
            )
        return self


class NumberQuestion(_QuestionBlock):
    """A number, scored by bands or as it is."""

    type: Literal["number"]
    bands: Bands | None = None
    range: tuple[Number, Number] | None = None


Question = Annotated[SingleQuestion | MultipleQuestion | ScaleQuestion | NumberQuestion, Field(discriminator="type")]


class Counted(Block):
    """What is counted: items of a tag, or items listed, whose score is at least ``at_least``."""

    tag: str | None = None
    of: tuple[Id, ...] | None = None
    at_least: Number


class Condition(Block):
    """A condition of a class rule: a bound on an item or on a count, or a combination."""

    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    not_: Annotated[Condition | None, Field(alias="not")] = None
    id: Id | None = None
    count: Counted | None = None
    quantile: Annotated[float, Field(ge=0, le=1)] | None = None
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Condition:
        kinds = [kind for kind in (self.all, self.any, self.not_, self.id, self.count) if kind is not None]
        if len(kinds) != 1:
            raise ValueError("expected exactly one of `all`, `any`, `not`, `id`, `count`")
        bounds = [bound for bound in (self.above, self.at_least, self.below, self.at_most) if bound is not None]
        if (self.id or self.count) and not bounds and self.quantile is None:
            raise ValueError("expected a bound: `above`, `at_least`, `below`, `at_most`, or `quantile`")
        if not (self.id or self.count) and (bounds or self.quantile is not None):
            raise ValueError("a bound needs `id` or `count` beside it")
        return self


class ClassRule(Block):
    """A class and the condition that puts a unit there; the first rule that holds counts, the last may have none."""

    id: Id
    label: Text | None = None
    when: Condition | None = None
    provenance: Provenance | None = None
