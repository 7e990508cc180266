"""Orders of a whole table by majorities: `copeland` and `kemeny`."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.engine.keys import MISSING
from dtindex.engine.majority import copeland, margins
from dtindex.steps.aggregate.linear_order import best_order
from dtindex.steps.types import Frozen


def blocks(method, names="abc", coverage=0, units=""):
    indicators = ", ".join(f"{{id: {name}, parent: index, weight: {at + 1}}}" for at, name in enumerate(names))
    return f"""{units}\
        scale: [0, 100]
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: {method}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{indicators}]
        """


ROWS = {"a": [90, 10, 50, 50], "b": [20, 80, 50, 50], "c": [70, 60, 50, 50]}


def test_copeland_by_hand(score):
    """Weights 1, 2, 3 of 6. u0 beats u1 (a, c: 4), loses to none; u1 loses to u0, beats u2 and u3; these are equal."""
    found = score(blocks("copeland"), ROWS)
    # u0 against u2: a and c, 4 of 6. u1 against u2: b and c, 5 of 6.
    wins = np.array([3, 1, -2, -2])
    assert found.column("index") == pytest.approx(100 * (wins + 3) / 6)
    assert found.rank("index").tolist() == [1, 2, 3, 3]


def test_kemeny_by_hand(score):
    """The same majorities have no cycle, so that the order is theirs; the two that are equal share their places."""
    found = score(blocks("kemeny"), ROWS)
    assert found.column("index") == pytest.approx(100 * (4 - np.array([1, 2, 3.5, 3.5])) / 3)


def test_a_cycle_of_condorcet(score):
    """a > b > c, b > c > a, c > a > b with weights 4, 3, 2: c > a is the weakest majority, and gives way."""
    text = (
        blocks("kemeny")
        .replace("weight: 1", "weight: 4")
        .replace("weight: 3", "weight: 1")
        .replace("weight: 2", "weight: 3")
    )
    found = score(text.replace("weight: 1}", "weight: 2}"), {"a": [3, 2, 1], "b": [1, 3, 2], "c": [2, 1, 3]})
    assert found.rank("index").tolist() == [1, 2, 3]
    assert score(text, {"a": [3, 2, 1], "b": [1, 3, 2], "c": [2, 1, 3]}).column("index").tolist() != [50, 50, 50]


@pytest.mark.parametrize("method", ["copeland", "kemeny"])
class TestSets:
    def test_it_cannot_be_frozen(self, fitted, method):
        index = fitted(blocks(method), ROWS)
        assert index.fitted_.plan.frozen == {"index": Frozen.NO}
        with pytest.raises(dti.DtindexError, match="DT405") as raised:
            index.freeze("one")
        assert raised.value.findings[0].place.name == "index"

    def test_another_table_is_a_set_of_its_own(self, fitted, table, method):
        index = fitted(blocks(method), ROWS)
        some = {name: cells[1:] for name, cells in ROWS.items()}
        assert index.score(table(some)).rank("index").tolist() == [1, 2, 2]

    def test_periods_are_sets_of_their_own(self, method):
        lines = "schema_version: 1\nid: t\ntitle: t\nunits: {kind: u, key: u, period: t}\n" + "\n".join(
            line[8:] for line in blocks(method).splitlines()
        )
        methodology, findings = dti.parse_methodology(lines, "t.yaml")
        assert methodology is not None, findings
        frame = pd.DataFrame(
            {
                "u": ["p", "q", "r", "p", "q", "r"],
                "t": ["2021"] * 3 + ["2022"] * 3,
                "a": [1.0, 2, 3, 30, 20, 10],
                "b": [1.0, 2, 3, 30, 20, 10],
                "c": [1.0, 2, 3, 30, 20, 10],
            }
        )
        scores = dti.CompositeIndex(methodology, threads=2).fit(dti.read_table(frame, methodology)).score()
        assert scores.column("index").tolist() == [0, 50, 100, 100, 50, 0]

    def test_a_unit_alone_is_in_the_middle(self, score, method):
        assert score(blocks(method), {"a": [1], "b": [2], "c": [3]}).column("index").tolist() == [50]

    def test_nobody_says_what_points_a_place_is_made_of(self, score, method):
        scores = score(blocks(method), ROWS)
        assert scores.contributions["index"].tolist() == scores.column("index").tolist()
        assert scores.contributions[["a", "b", "c"]].isna().all().all()
        assert scores.contribution_methods == {}

    def test_who_has_no_score_takes_no_part(self, score, method):
        cells = {name: [*column, None] for name, column in ROWS.items()}
        found = score(blocks(method), cells).column("index")
        assert np.isnan(found[4])
        assert found[:4].tolist() == score(blocks(method), ROWS).column("index").tolist()

    def test_ranks_are_simulated(self, fitted, method):
        found = dti.simulate(fitted(blocks(method), ROWS), runs=64, seed=1)
        assert found.rank_intervals["rank"].tolist() == [1, 2, 3, 3]

    def test_better_never_ranks_lower(self, score, method):
        rng = np.random.default_rng(4)
        for _ in range(25):
            x = rng.integers(0, 6, size=(5, 3)).astype(float)
            better = x.copy()
            better[0, rng.integers(3)] += rng.integers(1, 5)
            cells = [{name: values[:, at].tolist() for at, name in enumerate("abc")} for values in (x, better)]
            before, after = (score(blocks(method), one).column("index")[0] for one in cells)
            if method == "copeland":
                assert after >= before


def test_too_many_for_an_exact_order(codes_of):
    rng = np.random.default_rng(1)
    with pytest.raises(dti.LimitError, match="DT346"):
        codes_of(blocks("kemeny"), {name: rng.uniform(0, 100, 151).tolist() for name in "abc"})


KEYS = st.lists(st.lists(st.integers(0, 3) | st.just(MISSING), min_size=3, max_size=3), min_size=2, max_size=6)


@given(rows=KEYS, seed=st.integers(0, 1000))
def test_copeland_pair_by_pair_and_whatever_the_order(rows, seed):
    """Written out; with gaps no order of rows matters, which it does in COINr."""
    x, weights = np.array(rows, dtype=np.int64), [1.0, 2.0, 4.0]

    def beats(i, j):
        known = [at for at in range(3) if MISSING not in (x[i, at], x[j, at])]
        return sum(weights[at] * float(np.sign(x[i, at] - x[j, at])) for at in known)

    n = len(x)
    expected = [sum(int(np.sign(beats(i, j))) for j in range(n)) for i in range(n)]
    assert copeland(list(x.T), weights, MISSING).tolist() == expected
    order = np.random.default_rng(seed).permutation(n)
    assert copeland(list(x[order].T), weights, MISSING).tolist() == [expected[at] for at in order]


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(st.integers(0, 4), min_size=5, max_size=5), min_size=2, max_size=6))
def test_kemeny_is_the_best_of_all_orders(rows):
    matrix = margins(list(np.array(rows, dtype=np.int64).T), [1.0, 2.0, 1.0, 3.0, 1.0], MISSING, slice(None))
    n = len(rows)
    order, agreed = best_order(matrix)
    assert sorted(order.tolist()) == list(range(n))
    best = max(sum(matrix[p[i], p[j]] for i in range(n) for j in range(i + 1, n)) for p in permutations(range(n)))
    assert agreed == pytest.approx(best, abs=1e-9)


def test_kemeny_of_60_is_no_worse_than_what_a_search_finds():
    rng = np.random.default_rng(2)
    keys = [rng.permutation(60).astype(np.int64) for _ in range(7)]
    matrix = margins(keys, [1.0] * 7, MISSING, slice(None))
    order, agreed = best_order(matrix)
    place = order.copy()
    for _ in range(2000):  # swaps and moves of one unit
        i, j = rng.integers(60, size=2)
        moved = np.insert(np.delete(place, i), j, place[i])
        if np.triu(matrix[np.ix_(moved, moved)], 1).sum() >= np.triu(matrix[np.ix_(place, place)], 1).sum():
            place = moved
    assert agreed == pytest.approx(np.triu(matrix[np.ix_(order, order)], 1).sum())
    assert agreed >= np.triu(matrix[np.ix_(place, place)], 1).sum() - 1e-9


def test_orders_of_rows_and_units_of_measure_change_nothing(score):
    rng = np.random.default_rng(6)
    x = rng.integers(0, 5, size=(12, 3)).astype(float)
    order = rng.permutation(12)
    for method in ("copeland", "kemeny"):
        one = score(blocks(method), {name: x[:, at].tolist() for at, name in enumerate("abc")}).column("index")
        two = score(blocks(method), {name: x[order, at].tolist() for at, name in enumerate("abc")}).column("index")
        assert two.tolist() == one[order].tolist()
