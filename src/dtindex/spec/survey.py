"""How an export of a questionnaire is read, and who answered carelessly, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dtindex.spec.base import Block, Id, Number, Provenance, Text
from dtindex.spec.design import Calibrate, Design
from dtindex.spec.methods import Share

__all__ = [
    "Attention",
    "CarelessRule",
    "Dialect",
    "Duplicates",
    "Incomplete",
    "Personal",
    "StraightLining",
    "Survey",
    "TestRows",
    "TooFast",
]

Dialect = Literal["plain", "wjx", "qualtrics", "spss", "limesurvey"]
Personal = Literal["drop", "hash", "keep"]


class _CarelessBlock(Block):
    id: Id
    label: Text | None = None
    action: Literal["report", "exclude"] = "report"
    provenance: Provenance | None = None


class TooFast(_CarelessBlock):
    """Done in less than ``below`` seconds."""

    method: Literal["too-fast"]
    below: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class StraightLining(_CarelessBlock):
    """The same answer, unreversed, to at least ``run`` of the questions or matrices one after another: the longstring.

    Without ``run``, to all of them.
    """

    method: Literal["straight-lining"]
    of: Annotated[tuple[Id, ...], Field(min_length=1)]
    run: Annotated[int | None, Field(ge=2)] = None


class Duplicates(_CarelessBlock):
    """The same as an earlier respondent: in all of the columns ``by``, or without them in every answer."""

    method: Literal["duplicates"]
    by: tuple[str, ...] = ()


class TestRows(_CarelessBlock):
    """A column holds one of these words: what those who set up a questionnaire leave in it."""

    __test__ = False

    method: Literal["test-rows"]
    column: str
    contains: Annotated[tuple[str, ...], Field(min_length=1)] = ("测试", "test")


class Incomplete(_CarelessBlock):
    """Less than ``at_least`` of the questions that were asked have an answer."""

    method: Literal["incomplete"]
    at_least: Share


class Attention(_CarelessBlock):
    """A question that says which answer to give has another one."""

    method: Literal["attention"]
    question: Id
    answers: Annotated[tuple[str | int, ...], Field(min_length=1)]


CarelessRule = Annotated[
    TooFast | StraightLining | Duplicates | TestRows | Incomplete | Attention, Field(discriminator="method")
]


class Survey(Block):
    """The export: its dialect (recognised unless said), columns beside the answers, and careless respondents.

    ``weight`` is the column of sampling weights, ``duration`` of the seconds taken. ``personal`` says what becomes of
    columns that identify a person, which are dropped unless said: `drop`, `hash`, `keep`. ``design`` and ``calibrate``
    say how the respondents were drawn and what they are brought into line with, ``suppress_below`` how many of them
    a printed figure needs.
    """

    dialect: Dialect | None = None
    weight: str | None = None
    duration: str | None = None
    personal: dict[str, Personal] = {}
    careless: tuple[CarelessRule, ...] = ()
    weight_at_most: Annotated[Number, Field(gt=0)] = 100.0
    """Times the median weight beyond which a weight is remarked on."""
    design: Design | None = None
    calibrate: Calibrate | None = None
    suppress_below: Annotated[int, Field(ge=0)] = 5
    """Estimates of fewer respondents are suppressed; 0 prints all."""

    @property
    def columns_beside(self) -> tuple[str, ...]:
        """Columns of the design and the calibration."""
        calibrate = self.calibrate
        margins = () if calibrate is None else tuple(calibrate.margins)
        crossed = tuple(part for margin in margins if ":" in margin for part in margin.split(":"))
        numbers = tuple(getattr(calibrate, "numbers", {}))
        return (*(() if self.design is None else self.design.columns), *margins, *crossed, *numbers)
