"""What is estimated: scores, measured values, memberships of classes and answers, each as a column of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.status import LEAVES_NO_VALUE
from dtindex.steps.classify import UNKNOWN
from dtindex.steps.types import FloatArray

__all__ = ["KINDS", "Asked", "Kind", "Outcome", "asked", "outcomes"]

Kind: TypeAlias = Literal["mean", "share", "total", "ratio", "quantile"]
KINDS: tuple[Kind, ...] = ("mean", "share", "total", "ratio", "quantile")
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for: of what, and where its values come from."""

    item: str
    kind: Kind
    source: Literal["score", "measured", "scheme", "question", "ratio"]
    categories: tuple[str, ...] = ()
    """Classes, options or values whose shares are asked for; '' where there is one figure."""
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """A column of which one figure a domain is estimated."""

    item: str
    category: str
    kind: Kind
    values: FloatArray
    """``(respondents,)``, NaN where there is none."""
    under: FloatArray | None = None
    """What a ratio divides by."""
    quantile: float = 0.5


def asked(
    scores: Scores, of: str | Sequence[str] | None, kind: str | None, quantiles: Sequence[float]
) -> tuple[Asked, ...]:
    """What `of` and `kind` name.

    Raises
    ------
    UsageError
        DT024 for an unknown name; DT902 for what has no such figure.
    """
    if kind is not None and kind not in KINDS:
        raise _usage(f"kind={kind!r}: expected {', '.join(KINDS)}")
    if any(not 0 < share < 1 for share in quantiles) or not quantiles:
        raise _usage(f"quantiles={tuple(quantiles)}: expected shares between 0 and 1")
    names = [of] if isinstance(of, str) else list(of) if of is not None else _usual(scores, kind)
    found = [one for name in names for one in _named(scores, name, kind, tuple(quantiles))]
    return tuple(dict.fromkeys(found))


def _usual(scores: Scores, kind: str | None) -> list[str]:
    """All nodes; of shares all classes."""
    if kind == "share":
        if not scores.class_values:
            raise _usage("the methodology has no classes: name questions or indicators of zeros and ones with `of`")
        return list(scores.class_values)
    if kind == "ratio":
        raise _usage('a ratio is of two items: `of="a/b"`')
    return [node.id for node in scores.methodology.nodes]


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message)])


# --- names ---


def _named(scores: Scores, name: str, kind: str | None, quantiles: tuple[float, ...]) -> Iterator[Asked]:
    if "/" in name and name not in scores.class_values:
        if kind not in (None, "ratio"):
            raise _usage(f"{name!r} is a ratio, and kind={kind!r} was asked for")
        for part in name.split("/", 1):
            _source(scores, part, raw=True)
        yield Asked(name, "ratio", "ratio")
        return
    if kind == "ratio":
        raise _usage(f"a ratio is of two items, `a/b`; found {name!r}")
    if name in scores.class_values and (kind in (None, "share", "total")):
        yield Asked(name, "share" if kind is None else _kind(kind), "scheme", _classes(scores, name))
        return
    questions = {question.id: question for question in scores.methodology.questions}
    known = name in scores.methodology.tree.items
    question, row = _question(questions, name)
    if question is not None and not (known and kind != "share"):
        yield from _of_question(question, row, kind, quantiles)
        return
    chosen = _kind(kind or "mean")
    source = _source(scores, name, raw=chosen in ("total", "share"))
    yield Asked(name, chosen, source, ("",), quantiles if chosen == "quantile" else ())


def _kind(word: str) -> Kind:
    return next(kind for kind in KINDS if kind == word)


def _source(scores: Scores, name: str, *, raw: bool) -> Literal["score", "measured"]:
    """Scores of what is scored; measured values of what is only measured, and where raw figures are asked for."""
    measured = name in scores.methodology.tree.indicators and name in scores.measured_columns
    if name in scores.items and not (raw and measured):
        return "score"
    if measured:
        return "measured"
    questions = [question.id for question in scores.methodology.questions]
    known = [*scores.items, *scores.methodology.tree.indicators, *questions, *scores.class_values]
    guess = nearest(name, known)
    hint = f"nearest is {guess!r}" if guess else "expected a node, an indicator, a question or a classification"
    raise UsageError([finding("DT024", f"nothing is known by the name {name!r}; {hint}")])


def _classes(scores: Scores, scheme: str) -> tuple[str, ...]:
    ids = [rule.id for rule in scores.methodology.classes if rule.scheme == scheme]
    return (*ids, UNKNOWN) if (scores.class_values[scheme] == UNKNOWN).any() else tuple(ids)


def _question(questions: dict[str, Question], name: str) -> tuple[Question | None, str | None]:
    """A question, or ``Q4[row]`` of a matrix."""
    if name in questions:
        return questions[name], None
    head, _, rest = name.partition("[")
    if rest.endswith("]") and head in questions:
        question = questions[head]
        if isinstance(question, MatrixQuestion) and rest[:-1] in [row.id for row in question.rows]:
            return question, rest[:-1]
    return None, None


def _of_question(
    question: Question, row: str | None, kind: str | None, quantiles: tuple[float, ...]
) -> Iterator[Asked]:
    if isinstance(question, MatrixQuestion):
        for one in question.rows:
            if row is None or one.id == row:
                yield from _of_one(f"{question.id}[{one.id}]", question.row(one.id), kind, quantiles)
        return
    yield from _of_one(question.id, question, kind, quantiles)


def _of_one(name: str, question: Question, kind: str | None, quantiles: tuple[float, ...]) -> Iterator[Asked]:
    categories = _categories(question)
    numeric = isinstance(question, ScaleQuestion | NumberQuestion)
    chosen = _kind(kind or ("share" if categories else "mean"))
    if numeric and chosen in ("mean", "quantile"):
        yield Asked(name, chosen, "question", ("",), quantiles if chosen == "quantile" else ())
    elif categories and chosen in ("share", "total"):
        yield Asked(name, chosen, "question", categories)
    else:
        raise _usage(f"{name!r} is a question of type {question.type}, which has no {chosen}")


def _categories(question: Question) -> tuple[str, ...]:
    """Options by their ids, values of a scale from the first on; options that are no answers are left out."""
    if isinstance(question, SingleQuestion | MultipleQuestion | RankingQuestion):
        return tuple(option.id for option in question.options if option.status is None)
    if isinstance(question, ScaleQuestion):
        return tuple(str(question.first + step) for step in range(question.points))
    return ()


# --- columns ---


def outcomes(scores: Scores, rows: Codes, wanted: Sequence[Asked]) -> list[Outcome]:
    """The columns of what is asked for, of some ``rows`` of the table."""
    return [one for each in wanted for one in _columns(scores, rows, each)]


def _columns(scores: Scores, rows: Codes, wanted: Asked) -> Iterator[Outcome]:
    item, kind = wanted.item, wanted.kind
    if wanted.source == "ratio":
        over, under = (_values(scores, part, raw=True)[rows] for part in item.split("/", 1))
        yield Outcome(item, "", kind, over, under)
    elif wanted.source == "scheme":
        classes = scores.class_values[item][rows]
        known = classes != ""
        for category in wanted.categories:
            yield Outcome(item, category, kind, np.where(known, (classes == category).astype(np.float64), np.nan))
    elif wanted.source == "question":
        yield from _answers(scores, rows, wanted)
    else:
        values = _values(scores, item, raw=wanted.source == "measured")[rows]
        if kind == "share" and not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
            raise _usage(f"{item!r} has values beside 0 and 1, so it has no share")
        if kind == "quantile":
            yield from (Outcome(item, f"{share:g}", kind, values, None, share) for share in wanted.quantiles)
        else:
            yield Outcome(item, "", kind, values)


def _values(scores: Scores, item: str, *, raw: bool) -> FloatArray:
    return scores.measured_columns[item] if _source(scores, item, raw=raw) == "measured" else scores.column(item)


def _answers(scores: Scores, rows: Codes, wanted: Asked) -> Iterator[Outcome]:
    name, _, rest = wanted.item.partition("[")
    key = (name, rest.removesuffix("]"))
    answers = scores.table.answers.get(key)
    questions = {question.id: question for question in scores.methodology.questions}
    question = questions[name]
    one = question.row(key[1]) if isinstance(question, MatrixQuestion) else question
    if answers is None:
        nothing = np.full(len(rows), np.nan)
        yield from (Outcome(wanted.item, category, wanted.kind, nothing) for category in wanted.categories)
        return
    values = answers.values[rows]
    given = (answers.status[rows] & np.uint16(LEAVES_NO_VALUE)) == 0
    if wanted.kind in ("mean", "quantile"):
        numbers = np.where(given, values.astype(np.float64), np.nan)
        shares = wanted.quantiles or (0.5,)
        named = [f"{share:g}" for share in shares] if wanted.kind == "quantile" else [""]
        yield from (
            Outcome(wanted.item, category, wanted.kind, numbers, None, share)
            for category, share in zip(named, shares, strict=False)
        )
        return
    for category in wanted.categories:
        chosen = _chosen(one, values, category).astype(np.float64)
        yield Outcome(wanted.item, category, wanted.kind, np.where(given, chosen, np.nan))


def _chosen(question: Question, values: NDArray[np.generic], category: str) -> NDArray[np.bool_]:
    """Who chose an option ``(respondents,)``; of a ranking, who put it first."""
    if isinstance(question, ScaleQuestion):
        return np.asarray(values == float(category))
    assert isinstance(question, SingleQuestion | MultipleQuestion | RankingQuestion)
    position = [option.id for option in question.options].index(category)
    if isinstance(question, SingleQuestion):
        return np.asarray(values == position)
    column = values[:, position]
    return np.asarray(column == 1) if isinstance(question, RankingQuestion) else np.asarray(column, dtype=bool)
