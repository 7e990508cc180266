"""Answers of any kind: a better one never scores lower, and a respondent scores alone as among others, to the bit.

Kinds: single, multiple, scale, number, ranking, option.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex import fitted as fitting
from dtindex.status import Status
from dtindex.tables.answers import Answers
from dtindex.tables.table import Table

POINT = st.integers(-9, 9).map(float) | st.sampled_from([0.1, 0.7, 0.9, 1.875, 1 / 3]) | st.floats(-1e3, 1e3)
LISTS = st.lists(POINT, min_size=2, max_size=6)


def options(points):
    return [{"id": f"o{at}", "points": point} for at, point in enumerate(points)]


def table_of(answers):
    rows = len(next(iter(answers.values())))
    return replace(Table.from_arrays([f"f{row}" for row in range(rows)], [], np.empty((rows, 0))), answers=answers)


def normal(kind, values):
    return Answers(kind, np.array(values), np.zeros(len(values), dtype=np.uint16))


@st.composite
def ordered(draw):
    """A question, what is taken of it, and answers to it from the worst to the best."""
    kind = draw(st.sampled_from(["single", "multiple", "scale", "number", "ranking", "option"]))
    if kind == "single":
        points = draw(LISTS.filter(lambda found: len(set(found)) > 1))
        order = sorted(range(len(points)), key=lambda at: points[at])
        return {"type": kind, "options": options(points)}, "Q", normal("choice", np.array(order, dtype=np.int16))
    if kind == "multiple":
        points = draw(st.lists(st.floats(0.01, 99), min_size=1, max_size=6))
        at_most = draw(st.none() | st.floats(0.1, 99))
        more = np.tri(len(points) + 1, len(points), k=-1, dtype=bool)  # one more option at a time
        bound = {} if at_most is None else {"at_most": at_most}
        return {"type": kind, "options": options(points), **bound}, "Q", normal("ticks", more)
    if kind == "scale":
        first, count, reverse = draw(st.integers(-5, 5)), draw(st.integers(2, 11)), draw(st.booleans())
        values = np.arange(first, first + count, dtype=float)[:: -1 if reverse else 1]
        question = {"type": kind, "first": first, "points": count, "reverse": reverse}
        return question, "Q", normal("number", values)
    if kind == "number":
        edges = sorted(draw(st.sets(st.floats(-99, 99), min_size=1, max_size=5)))
        points = sorted(draw(st.sets(POINT, min_size=len(edges) + 1, max_size=len(edges) + 1)))
        values = sorted([*edges, *draw(st.lists(st.floats(-200, 200), max_size=9))])
        bands = {"edges": edges, "closed": draw(st.sampled_from(["left", "right"])), "points": points}
        return {"type": kind, "bands": bands}, "Q", normal("number", values)
    count = draw(st.integers(2, 6))
    if kind == "ranking":
        falling = sorted(draw(st.sets(st.floats(0.1, 99), min_size=2, max_size=count)), reverse=True)
        own = np.zeros((count, count), dtype=np.int16)
        own[:, 0] = np.arange(count, 0, -1)
        own[:, 1] = 1 + (own[:, 0] == 1)
        question = {"type": kind, "points": falling, "options": [{"id": f"o{at}"} for at in range(count)]}
        return question, {"question": "Q", "option": "o0"}, normal("places", own)
    positions = np.array([1, 0], dtype=np.int16)
    return {"type": "single", "options": options([0] * count)}, {"question": "Q", "option": "o0"}, normal(
        "choice", positions
    )  # fmt: skip


@given(ordered())
@settings(max_examples=200)
def test_a_better_answer_never_scores_lower(methodology, drawn):
    """Nor leaves the scale, although nothing is clipped: the ideal stands at the most that an answer can bring."""
    question, taken, answers = drawn
    index = methodology(
        nodes=[{"id": "index"}],
        indicators=[{"id": "a", "parent": "index", "from": taken}],
        questions=[{"id": "Q", **question}],
    )
    table = table_of({("Q", ""): answers})
    scores = fitting.score(fitting.fit(index, table), table)
    assert (np.diff(scores.keys("index")) >= 0).all()
    assert scores.keys("index").min() >= 0
    assert scores.keys("index").max() <= 10**12
    assert scores.keys("index")[-1] > scores.keys("index")[0] or len(scores) == 1 or question["type"] == "number"


# --- one and many ---

EVERY = [
    {"id": "S", "type": "single", "options": [*options([0, 0.7, 1.875]), {"id": "dk", "status": "missing"}]},
    {"id": "M", "type": "multiple", "options": options([0.1, 0.2, 0.3, 0.7, -0.4, 1.875])},
    {"id": "C", "type": "multiple", "at_most": 1.2, "options": options([0.1, 0.7, 0.9])},
    {"id": "L", "type": "scale", "points": 7, "reverse": True},
    {
        "id": "N",
        "type": "number",
        "range": [0, 100],
        "bands": {"edges": [10, 20, 40], "closed": "right", "points": [0, 0.1, 0.7, 1]},
    },
    {"id": "P", "type": "number", "range": [-3, 7]},
    {"id": "R", "type": "ranking", "points": [3, 1], "options": [{"id": "x"}, {"id": "y"}, {"id": "z"}]},
    {"id": "X", "type": "matrix", "points": 5, "rows": [{"id": "r1"}, {"id": "r2", "reverse": True}]},
]
TAKEN = [
    "S", "M", "C", "L", "N", "P", {"question": "R", "option": "y"}, {"question": "X", "row": "r1"},
    {"question": "X", "row": "r2"}, {"question": "S", "option": "o1"}, {"question": "M", "option": "o4"},
]  # fmt: skip


@pytest.fixture(scope="module")
def surveyed(methodology):
    """An index that takes of every kind of question, with classes by a count and by a quantile."""
    return methodology(
        nodes=[{"id": "index", "coverage": {"at_least": 0.3}}],
        indicators=[{"id": f"a{at}", "parent": "index", "weight": at + 1, "from": one} for at, one in enumerate(TAKEN)],
        questions=EVERY,
        classes=[
            {"id": "top", "when": {"id": "index", "quantile": 0.8}},
            {"id": "some", "when": {"count": {"of": [f"a{at}" for at in range(9)], "at_least": 50}, "at_least": 5}},
            {"id": "rest"},
        ],
    )


def drawn_answers(rows, seed):
    """Answers of every kind, a tenth of them missing and some that do not apply."""
    rng = np.random.default_rng(seed)
    status = lambda: rng.choice(  # noqa: E731
        np.array([0, Status.MISSING, Status.NOT_APPLICABLE], dtype=np.uint16), rows, p=[0.85, 0.1, 0.05]
    )
    kinds = {
        ("S", ""): ("choice", rng.integers(0, 3, rows).astype(np.int16)),
        ("M", ""): ("ticks", rng.random((rows, 6)) < 0.5),
        ("C", ""): ("ticks", rng.random((rows, 3)) < 0.5),
        ("L", ""): ("number", rng.integers(1, 8, rows).astype(float)),
        ("N", ""): ("number", rng.choice([0, 5, 10, 10.5, 20, 33, 40, 41.0], rows)),
        ("P", ""): ("number", np.round(rng.uniform(-3, 7, rows), 3)),
        ("R", ""): ("places", np.array([rng.permutation(3) + 1 for _ in range(rows)], dtype=np.int16)),
        ("X", "r1"): ("number", rng.integers(1, 6, rows).astype(float)),
        ("X", "r2"): ("number", rng.integers(1, 6, rows).astype(float)),
    }
    found = {key: Answers(kind, values, np.zeros(rows, np.uint16)) for key, (kind, values) in kinds.items()}
    for flag in (Status.MISSING, Status.NOT_APPLICABLE):
        found = {key: one.where(status() == flag, int(flag)) for key, one in found.items()}
    return found


def taken_rows(answers, rows):
    return {key: Answers(one.kind, one.values[rows], one.status[rows]) for key, one in answers.items()}


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 200])
def test_a_part_of_the_respondents_scores_as_in_the_whole(surveyed, same, rows):
    """Up to 64 rows ticks are added up in another way: no bit may show it."""
    answers = drawn_answers(300, 1)
    fitted = fitting.fit(surveyed, table_of(answers))
    whole = fitting.score(fitted, table_of(answers))
    chosen = np.random.default_rng(rows).choice(300, rows, replace=False)
    part = fitting.score(fitted, table_of(taken_rows(answers, chosen)))
    assert part.values.tobytes() == whole.values[chosen].tobytes()
    assert part.flags.tolist() == whole.flags[chosen].tolist()
    assert part.class_values["class"].tolist() == whole.class_values["class"][chosen].tolist()
    assert same(fitting.score(fitted, table_of(answers), threads=2, block_rows=7), whole)


def as_values(answers, row):
    """The answers of one row as a program would hand them over; those that do not apply are left out (missing)."""
    values = {}
    for (question, part), one in answers.items():
        if not one.given[row]:
            continue
        own = one.values[row]
        if one.kind == "choice":
            value = f"o{own}"
        elif one.kind == "ticks":
            value = [f"o{at}" for at in np.flatnonzero(own)]
        elif one.kind == "places":
            value = ["xyz"[at] for at in np.argsort(own)]
        else:
            value = float(own)
        if part:
            values.setdefault(question, {})[part] = value
        else:
            values[question] = value
    return values


def test_one_respondent_scores_as_a_row_of_the_table(surveyed):
    """To the bit, with status, coverage, rank and percentile among the reference, and class."""
    answers = {
        key: one.where((one.status & Status.NOT_APPLICABLE) != 0, int(Status.MISSING))
        for key, one in drawn_answers(200, 3).items()
    }
    table = table_of(answers)
    index = dti.CompositeIndex(surveyed).fit(table)
    edition = index.freeze("x", include_table=False)
    scores = index.score(ranked_against="reference")
    classes = set()
    for row in range(len(scores)):
        found = edition.score_unit(as_values(answers, row))
        for column, item in enumerate(scores.items):
            value = scores.values[row, column]
            assert found.scores[item] == (None if np.isnan(value) else value)
            assert (found.ranks[item] or 0) == scores.rank(item)[row]
            assert found.coverage[item] == scores.coverage_values[row, column]
            assert found.status[item] == scores.status[item].iloc[row]
        assert found.classes["class"] == scores.class_values["class"][row]
        classes.add(found.classes["class"])
    assert classes == {"top", "some", "rest", "unknown"}
