"""Rules that put units into classes, as data."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Provenance, Text

__all__ = ["SCHEME", "ClassRule", "Condition", "Counted"]

SCHEME = "class"
"""The classification that rules belong to unless they name another."""


class Counted(Block):
    """What is counted: items of a tag, or items listed, whose score is at least ``at_least``."""

    tag: str | None = None
    of: tuple[Id, ...] | None = None
    at_least: Number

    @model_validator(mode="after")
    def _says_of_what(self) -> Counted:
        if (self.tag is None) == (self.of is None):
            raise ValueError("expected one of `tag` and `of`")
        return self


class Condition(Block):
    """A condition of a class rule: a bound on an item or on a count, or a combination.

    The bound on an item is on its score; of an indicator that is measured and not scored, on its value. ``quantile``
    asks for a score that at least this share of the reference units do not exceed; ``of_best`` for at least this share
    of the best reference score, measured from the low end of the scale.
    """

    all: Annotated[tuple[Condition, ...] | None, Field(min_length=1)] = None
    any: Annotated[tuple[Condition, ...] | None, Field(min_length=1)] = None
    not_: Annotated[Condition | None, Field(alias="not")] = None
    id: Id | None = None
    count: Counted | None = None
    quantile: Annotated[float | None, Field(ge=0, le=1)] = None
    of_best: Annotated[float | None, Field(ge=0, le=1)] = None
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
        relative = [kind for kind in ("quantile", "of_best") if getattr(self, kind) is not None]
        if (self.id or self.count) and not bounds and not relative:
            raise ValueError("expected a bound: `above`, `at_least`, `below`, `at_most`, `quantile` or `of_best`")
        if not (self.id or self.count) and (bounds or relative):
            raise ValueError("a bound needs `id` or `count` beside it")
        if self.count and relative:
            raise ValueError(f"`{relative[0]}` is for a score; a count has `at_least`, `at_most`, `above` or `below`")
        return self


class ClassRule(Block):
    """A class and the condition that puts a unit there; the first rule that holds counts, the last may have none.

    Rules of one ``scheme`` are one classification; a methodology may have several.
    """

    id: Id
    label: Text | None = None
    scheme: Id = SCHEME
    when: Condition | None = None
    provenance: Provenance | None = None
