"""Rules on the plan of a synthetic sample: what it names exists, and its shares are shares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from dtindex.findings import nearest
from dtindex.spec.document import Problem
from dtindex.spec.model import Indicator
from dtindex.spec.questions import MatrixQuestion, MultipleQuestion, NumberQuestion, Question, SingleQuestion
from dtindex.spec.sample_plan import Outcome, SamplePlan, ShareOutcome
from dtindex.spec.where import Where

__all__ = ["sample_problems"]

_SLACK = 1e-6


def sample_problems(where: Where) -> Iterator[Problem]:
    """DT024 and DT028 on `sample:`."""
    plan = where.methodology.sample
    if plan is not None:
        questions = {question.id: question for question in where.methodology.questions}
        yield from _strata(where, plan, questions)
        yield from _targets(where, plan, questions)
        yield from _sums(where, plan, questions)
        for position, mean in enumerate(plan.means):
            item = where.tree.items[mean.item]
            if isinstance(item, Indicator) and item.parent is None:
                message = f'"{mean.item}" is measured and not scored, so that it has no mean score'
                yield where.problem("DT028", message, "sample", "means", position, "item")
        for position, outcome in enumerate(plan.outcomes):
            yield from _filled(where, outcome, questions, position)


def _sums(where: Where, plan: SamplePlan, questions: Mapping[str, Question]) -> Iterator[Problem]:
    """DT028 where the shares that are given of one choice are more than all, or all and less than 1."""
    given: dict[tuple[str, str | None], dict[str, float]] = {}
    for position, target in enumerate(plan.shares):
        shares = given.setdefault((target.question, target.row), {})
        shares[target.option] = target.share
        path = ("sample", "shares", position)
        if target.question in plan.strata:
            message = f'"{target.question}" has shares under `strata:` already'
            yield where.problem("DT028", message, *path, "question")
        question = questions[target.question]
        options = getattr(question, "options", ())
        total = math.fsum(shares.values())
        if isinstance(question, MultipleQuestion):
            continue
        if total > 1 + _SLACK or (len(shares) == len(options) and total < 1 - _SLACK):
            message = f'the shares of "{target.question}" sum to {total:.10g}, and each respondent gives one answer'
            yield where.problem("DT028", message, *path, "share")


def _filled(where: Where, outcome: Outcome, questions: Mapping[str, Question], position: int) -> Iterator[Problem]:
    """DT028 where an outcome cannot be filled in, or would move the scores by whose classes it is filled in."""
    path = ("sample", "outcomes", position)
    if isinstance(outcome, ShareOutcome) and outcome.question is not None:
        name: str | None = outcome.question
        if not isinstance(questions[outcome.question], SingleQuestion | MultipleQuestion):
            yield where.problem("DT028", f'"{name}" is no choice', *path, "question")
            return
    else:
        item = where.tree.items[str(outcome.item)]
        fits = isinstance(item, Indicator) and item.parent is None and item.derive is None
        answer = item.answer if isinstance(item, Indicator) else None
        if not fits or (answer is not None and not isinstance(questions[answer.question], NumberQuestion)):
            message = f'"{outcome.item}" is no measured indicator with a column or a number of its own'
            yield where.problem("DT028", message, *path, "item")
            return
        name = answer.question if answer is not None else None
    takers = [one for one in where.methodology.indicators if one.answer is not None and one.answer.question == name]
    scored = [one.id for one in takers if one.parent is not None]
    if scored:
        message = f'"{name}" is scored ({", ".join(scored)}): an outcome by class would move the classes'
        yield where.problem("DT028", message, *path)


def _strata(where: Where, plan: SamplePlan, questions: Mapping[str, Question]) -> Iterator[Problem]:
    groups = {name: (("strata", name), shares) for name, shares in plan.strata.items()}
    if plan.weights is not None:
        groups["the population"] = (("weights", "population"), plan.weights.population)
        if plan.weights.by not in plan.strata:
            message = f'the population of "{plan.weights.by}" needs its shares in the sample, under `strata:`'
            yield where.problem("DT028", message, "sample", "weights", "by")
    for name, (path, shares) in groups.items():
        question = questions.get(plan.weights.by if plan.weights and name == "the population" else name)
        if not isinstance(question, SingleQuestion):
            yield where.problem("DT028", f'"{name}" is no question of one choice', "sample", *path)
            continue
        total = math.fsum(shares.values())
        if abs(total - 1) > _SLACK:
            yield where.problem("DT028", f'the shares of "{name}" sum to {total:.10g}, expected 1', "sample", *path)
        known = [option.id for option in question.options]
        for option in shares:
            if option not in known:
                near = nearest(option, known)
                hint = f'; nearest is "{near}"' if near else ""
                yield where.problem("DT024", f'unknown option "{option}" of "{question.id}"{hint}', "sample", *path)


def _targets(where: Where, plan: SamplePlan, questions: Mapping[str, Question]) -> Iterator[Problem]:
    classes = {rule.id for rule in where.methodology.classes}
    for position, target in enumerate(plan.shares):
        yield from _option(where, questions, target.question, target.row, target.option, "shares", position)
    for position, of_class in enumerate(plan.classes):
        yield from _class(where, classes, of_class.class_, "classes", position, "class")
    for position, outcome in enumerate(plan.outcomes):
        named = outcome.shares if isinstance(outcome, ShareOutcome) else outcome.ratios
        for name in named:
            yield from _class(where, classes, name, "outcomes", position)
        if isinstance(outcome, ShareOutcome) and outcome.question is not None and outcome.option is not None:
            yield from _option(where, questions, outcome.question, None, outcome.option, "outcomes", position)
        if isinstance(outcome, ShareOutcome) and outcome.range is not None and outcome.above is not None:
            low, high = outcome.range
            if not low < outcome.above < high:
                message = f"`above: {outcome.above:g}` does not part the range from {low:g} to {high:g}"
                yield where.problem("DT028", message, "sample", "outcomes", position, "above")


def _class(where: Where, classes: set[str], name: str, *path: str | int) -> Iterator[Problem]:
    if name not in classes:
        near = nearest(name, classes)
        hint = f'; nearest is "{near}"' if near else ""
        yield where.problem("DT024", f'unknown class "{name}"{hint}', "sample", *path)


def _option(
    where: Where, questions: Mapping[str, Question], name: str, row: str | None, option: str, *path: str | int
) -> Iterator[Problem]:
    question = questions[name]
    if isinstance(question, MatrixQuestion):
        if row not in {item.id for item in question.rows}:
            yield where.problem("DT024", f'no row "{row}" in the matrix "{name}"', "sample", *path)
            return
        options = [item.id for item in question.options]
    else:
        options = [item.id for item in getattr(question, "options", ())]
    if option not in options:
        near = nearest(option, options)
        hint = f'; nearest is "{near}"' if near else ""
        yield where.problem("DT024", f'unknown option "{option}" of question "{name}"{hint}', "sample", *path)
