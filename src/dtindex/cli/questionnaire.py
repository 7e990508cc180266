"""Questions, rules on careless respondents and classes, as `show` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dtindex.cli.console import Console
from dtindex.cli.words import say
from dtindex.spec.base import Language, text
from dtindex.spec.classes import SCHEME, Condition
from dtindex.spec.provenance import is_assumed
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)

if TYPE_CHECKING:
    from dtindex.spec.model import Methodology
    from dtindex.spec.questions import Option, Question

__all__ = ["print_questionnaire"]

_BOUNDS = {"above": ">", "at_least": "≥", "below": "<", "at_most": "≤"}


def print_questionnaire(console: Console, methodology: Methodology) -> None:
    """What is asked, whose answers are set aside, and what makes a class."""
    language = console.language
    if methodology.questions:
        console.say()
        console.say(f"{say('questions', language)} ({len(methodology.questions)})", "bold")
    for question in methodology.questions:
        console.say(
            f"  {question.id}  {question.type}: {text(question.label, language, question.id)}{_skipped(question)}"
        )
        for line in _answers(question, language):
            console.say(f"      {line}", "dim")
    rules = methodology.survey.careless if methodology.survey is not None else ()
    if rules:
        console.say()
        console.say(say("careless", language), "bold")
    for rule in rules:
        settings = rule.model_dump(exclude={"id", "label", "method", "action", "provenance"}, exclude_none=True)
        told = ", ".join(f"{name} {value}" for name, value in settings.items() if value != ())
        mark = f" ({say('assumed', language)})" if is_assumed(rule.provenance) else ""
        console.say(f"  {rule.id}{mark}: {rule.method}, {rule.action}{', ' if told else ''}{told}")
    _print_classes(console, methodology)


def _print_classes(console: Console, methodology: Methodology) -> None:
    language = console.language
    if methodology.classes:
        console.say()
        console.say(say("classes", language), "bold")
    for rule in methodology.classes:
        scheme = "" if rule.scheme == SCHEME else f"{rule.scheme}: "
        mark = f" ({say('assumed', language)})" if is_assumed(rule.provenance) else ""
        when = say("rest", language) if rule.when is None else _condition(rule.when, language)
        console.say(f"  {scheme}{text(rule.label, language, rule.id)}{mark}: {when}")


def _condition(condition: Condition, language: Language) -> str:
    """A condition in a line."""
    for word, inner in (("all", condition.all), ("any", condition.any)):
        if inner is not None:
            joined = f" {say(word, language)} ".join(_condition(one, language) for one in inner)
            return joined if len(inner) == 1 else f"({joined})"
    if condition.not_ is not None:
        return f"{say('not', language)} {_condition(condition.not_, language)}"
    bounds = [f"{sign} {bound:g}" for name, sign in _BOUNDS.items() if (bound := getattr(condition, name)) is not None]
    if condition.count is not None:
        what = condition.count.tag or ", ".join(condition.count.of or ())
        return f"#{{{what} ≥ {condition.count.at_least:g}}} {' '.join(bounds)}"
    if condition.quantile is not None:
        return f"{condition.id} ≥ Q{condition.quantile:g}"
    if condition.of_best is not None:
        return f"{condition.id} ≥ {100 * condition.of_best:g} % {say('of the best', language)}"
    return f"{condition.id} {' '.join(bounds)}"


def _skipped(question: Question) -> str:
    rule = question.skip_when
    return "" if rule is None else f" [skip: {rule.question} = {', '.join(map(str, rule.answers))}]"


def _answers(question: Question, language: Language) -> list[str]:
    """The answers that there are, with their points."""
    if isinstance(question, SingleQuestion | MultipleQuestion):
        return [_option(option, language) for option in question.options]
    if isinstance(question, RankingQuestion):
        places = f" (points {', '.join(f'{points:g}' for points in question.points)})" if question.points else ""
        return [", ".join(text(option.label, language, option.id) for option in question.options) + places]
    if isinstance(question, ScaleQuestion):
        turned = ", reversed" if question.reverse else ""
        return [f"{question.first} … {question.first + question.points - 1}{turned}"]
    if isinstance(question, MatrixQuestion):
        last = question.first + (question.points or 0) - 1
        answers = (
            ", ".join(text(option.label, language, option.id) for option in question.options)
            if question.options
            else f"{question.first} … {last}"
        )
        rows = [f"{text(row.label, language, row.id)}{' (reversed)' if row.reverse else ''}" for row in question.rows]
        return [*rows, answers]
    if isinstance(question, NumberQuestion) and question.bands is not None:
        edges = ", ".join(f"{edge:g}" for edge in question.bands.edges)
        points = ", ".join(f"{points:g}" for points in question.bands.points)
        return [f"bands at {edges}, {question.bands.closed} edge in: points {points}"]
    return []


def _option(option: Option, language: Language) -> str:
    points = "" if option.points is None else f": {option.points:g}"
    status = "" if option.status is None else f": {option.status}"
    return f"{option.id} {text(option.label, language, option.id)}{points}{status}"
