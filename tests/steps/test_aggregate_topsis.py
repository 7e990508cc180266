"""TOPSIS: closeness to the ideal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.steps.aggregate.topsis import closeness
from dtindex.steps.types import Frozen

# METHODS.md, section 4: five alternatives, four criteria, the first one a cost; equal to pymcdm 1.4.0.
DECISION = np.array([[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]], float)
CLOSENESS = [0.534277, 0.308368, 0.691632, 0.534737, 0.401046]


def blocks(aggregate="", index="", names="abcd"):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        scale: [0, 1]
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: topsis{aggregate}}}{index}}}]
        indicators: [{indicators}]
        """


def columns_of(decision, names="abcd"):
    return {name: decision[:, position].tolist() for position, name in enumerate(names)}


def test_vector_normalisation(score):
    """A cost is a column below zero: its length is the same, and its highest value the best."""
    costs = DECISION * [-1, 1, 1, 1]
    text = blocks(", normalise: vector").replace("parent: index", "parent: index, scale: open")
    scores = score(text, columns_of(costs))
    assert scores.column("index") == pytest.approx(CLOSENESS, abs=5.1e-7)
    assert scores.methodology.tree.scale("index") == (0, 1)
    assert scores.rank("index").tolist() == [3, 5, 1, 2, 4]


def test_the_formula_by_hand():
    """(1, 0) and (0, 1) weighing 3 and 4: the distances of (1, 0) are 4 and 3, so 3/7; of the middle one half."""
    columns = [np.array([1.0, 0.0, 0.5]), np.array([0.0, 1.0, 0.5])]
    assert closeness(columns, [3, 4], [1, 1], [0, 0]) == pytest.approx([3 / 7, 4 / 7, 0.5])


def test_one_member_is_its_share_of_the_range(score):
    scores = score(blocks(names="a"), {"a": [0.2, 0.5, 0.6]})
    assert scores.column("index") == pytest.approx([0, 0.75, 1])


def test_the_result_is_on_the_node_s_scale(score):
    scores = score(blocks(index=", scale: [10, 20]", names="a"), {"a": [0.2, 0.5, 0.6]})
    assert scores.column("index") == pytest.approx([10, 17.5, 20])


def test_what_is_missing_is_left_out_of_both_distances(score):
    """Of b only a remains, whose closeness is 0.5; below the coverage there is none."""
    cells = {"a": [0, 1, 0.5, None], "b": [0, 1, None, 0.3]}
    found = score(blocks(index=", coverage: {at_least: 0.5}", names="ab"), cells)
    assert found.column("index") == pytest.approx([0, 1, 0.5, 0.3])
    assert found.status["index"].tolist()[2:] == ["partial", "partial"]
    strict = score(blocks(names="ab"), cells)
    assert np.isnan(strict.column("index")[2:]).all()


def test_a_member_that_does_not_vary_adds_nothing(score):
    with_it = score(blocks(names="abc"), {"a": [0, 1, 0.4], "b": [1, 0, 0.9], "c": [0.3, 0.3, 0.3]})
    without = score(blocks(names="ab"), {"a": [0, 1, 0.4], "b": [1, 0, 0.9]})
    assert with_it.column("index").tolist() == without.column("index").tolist()


def test_where_nothing_varies(codes_of):
    assert codes_of(blocks(names="ab"), {"a": [1, 1], "b": [0.5, 0.5]}) == ["DT301"]


def test_a_row_that_knows_only_what_does_not_vary(codes_of):
    text = blocks(index=", coverage: {at_least: 0}", names="ab")
    assert codes_of(text, {"a": [1, 1, 1], "b": [0.5, 0.1, None]}) == ["DT304"]


def test_a_weight_of_zero_counts_for_nothing(score):
    text = blocks(names="ab").replace("id: a,", "id: a, weight: 1,").replace("id: b,", "id: b, weight: 0,")
    assert score(text, {"a": [0, 1, 0.5], "b": [1, 0.2, 0]}).column("index") == pytest.approx([0, 1, 0.5])


class TestFrozen:
    @pytest.fixture
    def index(self, fitted):
        return fitted(blocks(", normalise: vector", names="ab"), {"a": [0.2, 0.8, 0.4], "b": [0.9, 0.1, 0.5]})

    def test_it_is_against_the_reference(self, index):
        assert index.fitted_.plan.frozen == {"index": Frozen.AGAINST_REFERENCE}

    def test_a_subset_scores_as_it_did(self, index, table):
        whole = index.score().column("index")
        some = index.score(table({"a": [0.4], "b": [0.5]})).column("index")
        assert some.tolist() == whole[2:].tolist()

    def test_beyond_the_ideal_is_the_ideal(self, index, table):
        found = index.score(table({"a": [0.8, 1, 0.2, 0], "b": [0.9, 1, 0.1, 0]})).column("index")
        assert found.tolist() == [1, 1, 0, 0]

    def test_an_edition_keeps_the_ideals(self, index, tmp_path):
        edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
        assert edition.verify().holds
        state, loaded = (one.parameters.nodes["index"] for one in (index.fitted_, edition.fitted))
        assert {name: array.tolist() for name, array in state.items()} == {
            name: array.tolist() for name, array in loaded.items()
        }
        assert edition.score_unit({"a": 0.4, "b": 0.5}).scores["index"] == index.score().column("index")[2]


CELL = st.one_of(st.floats(-0.5, 1.5), st.none())


@given(cells=st.lists(CELL, min_size=3, max_size=3), position=st.integers(0, 2), more=st.floats(0, 1))
def test_better_never_scores_worse(cells, position, more):
    """Against ideals 0 and 1, values beyond them included."""
    if cells[position] is None:
        return
    values = np.array([np.nan if cell is None else cell for cell in cells])
    better = values.copy()
    better[position] += more
    columns = [np.array(pair) for pair in zip(values, better, strict=True)]
    found = closeness(columns, [0.5, 0.3, 0.2], [1, 1, 1], [0, 0, 0])
    assert found[1] >= found[0] - 1e-12
    assert 0 <= found.min() <= found.max() <= 1
