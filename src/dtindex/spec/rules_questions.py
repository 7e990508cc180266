"""Rules on questions: answers that exist, points that are there to be scored, indicators that take what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dtindex.findings import nearest
from dtindex.spec.document import Path, Problem
from dtindex.spec.model import Indicator
from dtindex.spec.questions import (
    Answer,
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Option,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
    TextQuestion,
)
from dtindex.spec.survey import Attention, StraightLining
from dtindex.spec.where import Where

__all__ = ["question_problems"]


def question_problems(where: Where) -> Iterator[Problem]:
    """DT024, DT028 and DT029 on questions, on the indicators that take them, and on careless respondents."""
    questions = {question.id: question for question in where.methodology.questions}
    for position, question in enumerate(where.methodology.questions):
        yield from _skipped(where, position, question, questions)
        yield from _inside(where, position, question)
    for indicator in where.methodology.indicators:
        answer = indicator.answer
        if answer is not None:
            yield from _taken(where, indicator, answer, questions[answer.question])
    yield from _careless(where, questions)


# --- a question by itself ---


def _inside(where: Where, position: int, question: Question) -> Iterator[Problem]:
    path = ("questions", position)
    if isinstance(question, NumberQuestion) and question.range is not None and question.range[0] >= question.range[1]:
        low, high = question.range
        message = f"`range` runs from its low to its high end, found [{low:g}, {high:g}]"
        yield where.problem("DT028", message, *path, "range")
    if isinstance(question, MultipleQuestion) and question.at_most is not None:
        for index, option in enumerate(question.options):
            if option.alone and option.points is not None and option.points > question.at_most:
                message = f'`at_most: {question.at_most:g}` cuts off points of "{option.id}", which stands alone'
                yield where.problem("DT028", message, *path, "options", index, "points")
    if isinstance(question, ScaleQuestion | MatrixQuestion) and question.points is not None:
        last = question.first + question.points - 1
        for code, rule in question.codes.items():
            if rule.value is not None and not question.first <= rule.value <= last:
                message = f"{code!r} stands for {rule.value:g}, not on the scale from {question.first} to {last}"
                yield where.problem("DT028", message, *path, "codes", code)
    if isinstance(question, MatrixQuestion) and question.options:
        for name in ("codes", "labels"):
            if getattr(question, name):
                message = f"`{name}` is for a scale and has no effect: its options say what stands for them"
                yield where.problem("DT029", message, *path, name, key=True)


# --- answers that are named ---


def _skipped(where: Where, position: int, question: Question, questions: dict[str, Question]) -> Iterator[Problem]:
    if question.skip_when is not None:
        path = ("questions", position, "skip_when", "answers")
        yield from _named(where, questions[question.skip_when.question], question.skip_when.answers, path)


def _named(where: Where, question: Question, answers: Iterable[str | int], path: Path) -> Iterator[Problem]:
    """DT024 for answers that the question does not have."""
    known = _answers(question)
    for index, answer in enumerate(answers):
        if known is None:
            message = f'the question "{question.id}" is {_article(question)}, whose answers cannot be listed'
            yield where.problem("DT028", message, *path, index)
        elif answer not in known:
            near = nearest(str(answer), [str(word) for word in known])
            hint = f'; nearest is "{near}"' if near else ""
            yield where.problem("DT024", f'unknown answer "{answer}" of question "{question.id}"{hint}', *path, index)


def _answers(question: Question) -> set[str | int] | None:
    if isinstance(question, SingleQuestion | MultipleQuestion):
        return {option.id for option in question.options}
    if isinstance(question, ScaleQuestion):
        return set(range(question.first, question.first + question.points))
    return None


def _article(question: Question) -> str:
    return f"of type {question.type}"


# --- what indicators take ---


def _taken(where: Where, indicator: Indicator, answer: Answer, question: Question) -> Iterator[Problem]:
    if isinstance(question, MatrixQuestion):
        if answer.row is None:
            rows = ", ".join(row.id for row in question.rows)
            message = (
                f'"{question.id}" is a matrix: take one of its rows, `{{question: {question.id}, row: ...}}` ({rows})'
            )
            yield where.of_item("DT028", message, indicator.id, "from")
            return
        if answer.row not in {row.id for row in question.rows}:
            yield _unknown(where, indicator, "row", answer.row, question, [row.id for row in question.rows])
            return
        yield from _of_one(where, indicator, answer, question.row(answer.row), question)
        return
    if answer.row is not None:
        message = f'`row` is for a matrix, and "{question.id}" is {_article(question)}'
        yield where.of_item("DT028", message, indicator.id, "from", "row")
    yield from _of_one(where, indicator, answer, question, question)


def _of_one(
    where: Where, indicator: Indicator, answer: Answer, question: Question, told: Question
) -> Iterator[Problem]:
    """``question`` is the matrix's row, ``told`` the matrix."""
    if isinstance(question, TextQuestion):
        message = f'"{question.id}" is an open answer, which has no value'
        yield where.of_item("DT028", message, indicator.id, "from")
        return
    if answer.option is not None:
        options = _options(question)
        if not options:
            kind = "a matrix of scales" if isinstance(told, MatrixQuestion) else _article(question)
            message = f'`option` is for a choice or a ranking, and "{told.id}" is {kind}'
            yield where.of_item("DT028", message, indicator.id, "from", "option")
        elif answer.option not in [option.id for option in options]:
            yield _unknown(where, indicator, "option", answer.option, told, [option.id for option in options])
        elif next(option for option in options if option.id == answer.option).status is not None:
            message = (
                f'"{answer.option}" of "{told.id}" is no answer (`status`): nobody would count as having chosen it'
            )
            yield where.of_item("DT028", message, indicator.id, "from", "option")
        elif isinstance(question, RankingQuestion) and not question.points:
            yield _pointless(where, indicator, f'the ranking "{told.id}" has no `points:` for its places')
        return
    if isinstance(question, RankingQuestion):
        message = (
            f'"{question.id}" is a ranking: take the place of an option, `{{question: {question.id}, option: ...}}`'
        )
        yield where.of_item("DT028", message, indicator.id, "from")
    elif isinstance(question, SingleQuestion | MultipleQuestion):
        lacking = [option.id for option in question.options if option.points is None and option.status is None]
        if lacking:
            names = ", ".join(f'"{name}"' for name in lacking)
            yield _pointless(where, indicator, f'options of "{told.id}" without `points` or `status`: {names}')


def _options(question: Question) -> tuple[Option, ...]:
    return question.options if isinstance(question, SingleQuestion | MultipleQuestion | RankingQuestion) else ()


def _unknown(where: Where, indicator: Indicator, kind: str, word: str, question: Question, known: list[str]) -> Problem:
    near = nearest(word, known)
    hint = f'; nearest is "{near}"' if near else f"; there are {', '.join(known)}"
    message = f'unknown {kind} "{word}" of question "{question.id}"{hint}'
    return where.of_item("DT024", message, indicator.id, "from", kind)


def _pointless(where: Where, indicator: Indicator, what: str) -> Problem:
    return where.of_item("DT028", f"{what}, and {indicator.id} takes its points", indicator.id, "from")


# --- careless respondents ---


def _careless(where: Where, questions: dict[str, Question]) -> Iterator[Problem]:
    survey = where.methodology.survey
    for position, rule in enumerate(survey.careless if survey else ()):
        path = ("survey", "careless", position)
        if isinstance(rule, StraightLining):
            for index, name in enumerate(rule.of):
                question = questions.get(name)
                if question is not None and not isinstance(question, ScaleQuestion | SingleQuestion | MatrixQuestion):
                    message = (
                        f'"{name}" is {_article(question)}; straight-lining is told on scales, choices and matrices'
                    )
                    yield where.problem("DT028", message, *path, "of", index)
            items = sum(_items(questions[name]) for name in rule.of if name in questions)
            if (rule.run is not None and rule.run > items) or items < 2:
                needed = max(rule.run or 2, 2)
                message = f"a run of {needed} cannot be found among {items} answers"
                yield where.problem("DT028", message, *path, "of")
        elif isinstance(rule, Attention) and rule.question in questions:
            yield from _named(where, questions[rule.question], rule.answers, (*path, "answers"))


def _items(question: Question) -> int:
    return len(question.rows) if isinstance(question, MatrixQuestion) else 1
