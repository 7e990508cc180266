"""Questions, rules on careless respondents and classes, as `show` prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dtindex.cli.console import Console
from dtindex.cli.words import say
from dtindex.spec.base import Language, Provenance, ProvenanceNote, text
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
    from dtindex.spec.methods import CodeRule
    from dtindex.spec.model import Methodology
    from dtindex.spec.questions import Option, Question

__all__ = ["print_questionnaire"]

_WORDS_ZH = {
    "skip": "不问",
    "at most": "分值至多",
    "points by place": "各名次分值",
    "reversed": "反向",
    "alone": "单独选",
    "missing": "缺失",
    "not-applicable": "不适用",
    "withheld": "保密",
    "report": "仅报告",
    "exclude": "剔除",
}
_BOUNDS = {"above": ">", "at_least": "≥", "below": "<", "at_most": "≤"}


def print_questionnaire(console: Console, methodology: Methodology) -> None:
    """What is asked, whose answers are set aside, and what makes a class."""
    language = console.language
    if methodology.questions:
        console.say()
        console.say(f"{say('questions', language)} ({len(methodology.questions)})", "bold")
    for question in methodology.questions:
        label = text(question.label, language, question.id)
        console.say(f"  {question.id}  {question.type}: {label}{_skipped(question, language)}")
        for line in _answers(question, language):
            console.say(f"      {line}", "dim")
    rules = methodology.survey.careless if methodology.survey is not None else ()
    if rules:
        console.say()
        console.say(say("careless", language), "bold")
    for rule in rules:
        settings = rule.model_dump(exclude={"id", "label", "method", "action", "provenance"}, exclude_none=True)
        told = "".join(f", {name} {_setting(value)}" for name, value in settings.items() if value != ())
        mark = f" ({say('assumed', language)})" if is_assumed(rule.provenance) else ""
        label = f"{text(rule.label, language)}; " if rule.label is not None else ""
        console.say(f"  {rule.id}{mark}: {label}{rule.method}, {_word(rule.action, language)}{told}")
    _print_checks(console, [(rule.id, rule.provenance) for rule in rules])
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
    labelled = [(text(rule.label, language, rule.id), rule.provenance) for rule in methodology.classes]
    _print_checks(console, labelled)


def _print_checks(console: Console, rules: Sequence[tuple[str, Provenance | None]]) -> None:
    """Origins with what is known of them, once for all rules of which the same is said."""
    language = console.language
    said: dict[tuple[str, str], list[str]] = {}
    for name, provenance in rules:
        if isinstance(provenance, ProvenanceNote):
            said.setdefault((str(provenance.origin), text(provenance.check, language)), []).append(name)
    for (origin, check), names in said.items():
        told = f": {check}" if check else ""
        console.paragraph(f"  {say(origin, language)} ({'; '.join(names)}){told}")


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


def _word(word: str, language: Language) -> str:
    return _WORDS_ZH.get(word, word) if language == "zh" else word


def _setting(value: object) -> str:
    """A setting of a rule as a line has it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _skipped(question: Question, language: Language) -> str:
    rule = question.skip_when
    if rule is None:
        return ""
    return f" [{_word('skip', language)}: {rule.question} = {', '.join(map(str, rule.answers))}]"


def _answers(question: Question, language: Language) -> list[str]:
    """The answers that there are, with their points."""
    if isinstance(question, SingleQuestion | MultipleQuestion):
        most = getattr(question, "at_most", None)
        limit = [f"{_word('at most', language)} {most:g}"] if most is not None else []
        return [*(_option(option, language) for option in question.options), *limit]
    if isinstance(question, RankingQuestion):
        points = ", ".join(f"{points:g}" for points in question.points)
        places = f" ({_word('points by place', language)} {points})" if points else ""
        return [", ".join(text(option.label, language, option.id) for option in question.options) + places]
    if isinstance(question, ScaleQuestion):
        turned = f", {_word('reversed', language)}" if question.reverse else ""
        return [f"{_steps(question, question.points, language)}{turned}", *_codes(question.codes, language)]
    if isinstance(question, MatrixQuestion):
        turned = f" ({_word('reversed', language)})"
        rows = [f"{row.id} {text(row.label, language, row.id)}{turned if row.reverse else ''}" for row in question.rows]
        options = [_option(option, language) for option in question.options]
        steps = [] if question.points is None else [_steps(question, question.points, language)]
        return [*rows, *(f"- {one}" for one in (*options, *steps, *_codes(question.codes, language)))]
    return _amounts(question, language) if isinstance(question, NumberQuestion) else []


def _amounts(question: NumberQuestion, language: Language) -> list[str]:
    lines = []
    if question.range is not None:
        lines = [f"{question.range[0]:g} … {question.range[1]:g}"]
    if question.bands is not None:
        edges = ", ".join(f"{edge:g}" for edge in question.bands.edges)
        points = ", ".join(f"{points:g}" for points in question.bands.points)
        if language == "zh":
            side = "左" if question.bands.closed == "left" else "右"
            lines.append(f"分段点 {edges}（含{side}端点的区间）：分值 {points}")
        else:
            lines.append(f"bands at {edges}, {question.bands.closed} edge in: points {points}")
    return [*lines, *_codes(question.codes, language)]


def _steps(question: ScaleQuestion | MatrixQuestion, points: int, language: Language) -> str:
    last = question.first + points - 1
    labels = "; ".join(text(label, language) for label in question.labels)
    return f"{question.first} … {last}" + (f": {labels}" if labels else "")


def _codes(codes: Mapping[str, CodeRule], language: Language) -> list[str]:
    """What else may stand in a cell."""
    told = [
        f"{code} = {_word(rule.status, language) if rule.status is not None else f'{rule.value:g}'}"
        for code, rule in codes.items()
        if rule.status is not None or rule.value is not None
    ]
    return [", ".join(told)] if told else []


def _option(option: Option, language: Language) -> str:
    points = "" if option.points is None else f": {option.points:g}"
    status = "" if option.status is None else f": {_word(option.status, language)}"
    alone = f" ({_word('alone', language)})" if option.alone else ""
    label = text(option.label, language)
    return f"{option.id}{' ' if label else ''}{label}{points}{status}{alone}"
