"""Rules on the plan of a synthetic sample: what it names exists, and its shares are shares."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from dtindex.findings import nearest
from dtindex.spec.document import Path, Problem
from dtindex.spec.model import Indicator, Node
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
        yield from _beyond(where, outcome, item, None if name is None else questions[name], (*path, "range"))
    takers = [one for one in where.methodology.indicators if one.answer is not None and one.answer.question == name]
    scored = [one.id for one in takers if one.parent is not None]
    if scored:
        message = f'"{name}" is scored ({", ".join(scored)}): an outcome by class would move the classes'
        yield where.problem("DT028", message, *path)


def _beyond(
    where: Where, outcome: Outcome, item: Indicator | Node, question: Question | None, path: Path
) -> Iterator[Problem]:
    """DT028 where an outcome has values that its own methodology would refuse to read."""
    asked = question.range if isinstance(question, NumberQuestion) else None
    declared = where.tree.indicators[item.id].range if question is None else asked
    if declared is None or outcome.range is None:
        return
    if outcome.range[0] < declared[0] or outcome.range[1] > declared[1]:
        message = f'"{item.id}" is declared from {declared[0]:g} to {declared[1]:g}, and the outcome goes beyond'
        yield where.problem("DT028", message, *path)


def _strata(where: Where, plan: SamplePlan, questions: Mapping[str, Question]) -> Iterator[Problem]:
    for name, shares in plan.strata.items():
        yield from _shares(where, questions[name], shares, ("sample", "strata", name))
    if plan.weights is not None:
        by, path = plan.weights.by, ("sample", "weights")
        if by not in plan.strata:
            message = f'the population of "{by}" needs its shares in the sample, under `strata:`'
            yield where.problem("DT028", message, *path, "by")
        yield from _shares(where, questions[by], plan.weights.population, (*path, "population"))


def _shares(where: Where, question: Question, shares: Mapping[str, float], path: Path) -> Iterator[Problem]:
    if not isinstance(question, SingleQuestion):
        yield where.problem("DT028", f'"{question.id}" is no question of one choice', *path)
        return
    total = math.fsum(shares.values())
    if abs(total - 1) > _SLACK:
        yield where.problem("DT028", f'the shares of "{question.id}" sum to {total:.10g}, expected 1', *path)
    known = [option.id for option in question.options]
    for option in shares:
        if option not in known:
            message = f'unknown option "{option}" of question "{question.id}"{_nearest(option, known)}'
            yield where.problem("DT024", message, *path, option, key=True)


def _targets(where: Where, plan: SamplePlan, questions: Mapping[str, Question]) -> Iterator[Problem]:
    classes = {rule.id for rule in where.methodology.classes}
    for position, target in enumerate(plan.shares):
        yield from _option(where, questions, target.question, target.row, target.option, "shares", position)
    for position, of_class in enumerate(plan.classes):
        yield from _class(where, classes, of_class.class_, "classes", position, "class")
    for position, outcome in enumerate(plan.outcomes):
        key, named = ("shares", outcome.shares) if isinstance(outcome, ShareOutcome) else ("ratios", outcome.ratios)
        for name in named:
            yield from _class(where, classes, name, "outcomes", position, key, name, key=True)
        if outcome.range is not None and outcome.range[0] >= outcome.range[1]:
            message = f"`range` runs from its low to its high end, found [{outcome.range[0]:g}, {outcome.range[1]:g}]"
            yield where.problem("DT028", message, "sample", "outcomes", position, "range")
            continue
        if isinstance(outcome, ShareOutcome) and outcome.question is not None and outcome.option is not None:
            yield from _option(where, questions, outcome.question, None, outcome.option, "outcomes", position)
        if isinstance(outcome, ShareOutcome) and outcome.range is not None and outcome.above is not None:
            low, high = outcome.range
            if not low < outcome.above < high:
                message = f"`above: {outcome.above:g}` does not part the range from {low:g} to {high:g}"
                yield where.problem("DT028", message, "sample", "outcomes", position, "above")


def _class(where: Where, classes: set[str], name: str, *path: str | int, key: bool = False) -> Iterator[Problem]:
    if name not in classes:
        message = f'unknown class "{name}"{_nearest(name, sorted(classes))}'
        yield where.problem("DT024", message, "sample", *path, key=key)


def _option(
    where: Where, questions: Mapping[str, Question], name: str, row: str | None, option: str, *path: str | int
) -> Iterator[Problem]:
    question, place = questions[name], ("sample", *path)
    if isinstance(question, MatrixQuestion):
        rows = [item.id for item in question.rows]
        if row is None:
            message = f'"{name}" is a matrix: name one of its rows, `row: ...` ({", ".join(rows)})'
            yield where.problem("DT028", message, *place, "question")
            return
        if row not in rows:
            message = f'unknown row "{row}" of question "{name}"{_nearest(row, rows)}'
            yield where.problem("DT024", message, *place, "row")
            return
    elif row is not None:
        message = f'`row` is for a matrix, and "{name}" is of type {question.type}'
        yield where.problem("DT028", message, *place, "row")
    options = question.options if isinstance(question, SingleQuestion | MultipleQuestion | MatrixQuestion) else ()
    known = [one.id for one in options]
    if not known:
        message = f'`option` is for a choice, and "{name}" has none to choose from'
        yield where.problem("DT028", message, *place, "option")
    elif option not in known:
        message = f'unknown option "{option}" of question "{name}"{_nearest(option, known)}'
        yield where.problem("DT024", message, *place, "option")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f'; nearest is "{near}"' if near else ""
