"""Which kinds of careless respondents there are: those that the methodology has rules for, or the usual ones."""

from __future__ import annotations

from dtindex.spec.model import Methodology
from dtindex.spec.questions import MatrixQuestion, ScaleQuestion
from dtindex.spec.survey import CarelessRule, Duplicates, StraightLining, TestRows, TooFast

__all__ = ["careless_rules", "shortest"]

_TOO_FAST = 60.0
_ITEMS = 4


def careless_rules(methodology: Methodology) -> tuple[CarelessRule, ...]:
    """The rules by which careless respondents are made, so that the rules find them again."""
    declared = methodology.survey.careless if methodology.survey is not None else ()
    return declared or _usual(methodology)


def shortest(rules: tuple[CarelessRule, ...]) -> float:
    """Seconds that every honest respondent takes at least."""
    return max((rule.below for rule in rules if isinstance(rule, TooFast)), default=_TOO_FAST)


def _usual(methodology: Methodology) -> tuple[CarelessRule, ...]:
    found: list[CarelessRule] = [
        TooFast(id="too_fast", method="too-fast", below=_TOO_FAST),
        Duplicates(id="duplicates", method="duplicates"),
        TestRows(id="tests", method="test-rows", column=methodology.units.key),
    ]
    scales = [question for question in methodology.questions if isinstance(question, MatrixQuestion | ScaleQuestion)]
    items = sum(len(scale.rows) if isinstance(scale, MatrixQuestion) else 1 for scale in scales)
    if items >= _ITEMS:
        of = tuple(scale.id for scale in scales)
        found.append(StraightLining(id="straight_lining", method="straight-lining", of=of))
    return tuple(found)
