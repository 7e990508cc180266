"""Closeness to what is best among the reference: `grey-relational`, `vikor`, `wroclaw`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.spec.methods import GreyRelational, Vikor, Wroclaw
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.ideals import GreyGrade, TaxonomicMeasure, VikorCloseness
from dtindex.steps.types import Frozen

# METHODS.md, section 4: five alternatives, four criteria, the first one a cost; equal weights, min-max.
DECISION = np.array([[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]], float)


def blocks(aggregate, coverage=1, scale="[0, 1]"):
    rest = ", ".join(f"{{id: {name}, parent: index}}" for name in "bcd")
    return f"""\
        scale: {scale}
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, aggregate: {{method: {aggregate}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{{id: a, parent: index, direction: lower}}, {rest}]
        """


def columns(decision=DECISION):
    return {name: decision[:, at].tolist() for at, name in enumerate("abcd")}


def test_grey_relations(score):
    expected = [0.583333, 0.523810, 0.733333, 0.583333, 0.583333]
    assert score(blocks("grey-relational"), columns()).column("index") == pytest.approx(expected, abs=5e-7)


def test_vikor(score):
    """R is the same for all (0.25): its 0/0 is 0, where pymcdm 1.4.0 gives NaN. S = .5 .667 .333 .521 .5625."""
    s = np.array([0.5, 2 / 3, 1 / 3, 0.5208333, 0.5625])
    expected = 1 - 0.5 * (s - s.min()) / (s.max() - s.min())
    assert score(blocks("vikor"), columns()).column("index") == pytest.approx(expected, abs=1e-6)


def test_vikor_with_two_regrets(score):
    """By hand: (1, 0), (0, 1), (.6, .6) with weights 3 and 1: S = .25 .75 .4, R = .25 .75 .3."""
    text = """\
        scale: [0, 1]
        defaults: {normalise: {method: none}}
        nodes: [{id: index, aggregate: {method: vikor, v: 0.6}}]
        indicators: [{id: a, parent: index, weight: 3}, {id: b, parent: index, weight: 1}]
        """
    found = score(text, {"a": [1, 0, 0.6], "b": [0, 1, 0.6]}).column("index")
    q = [0, 1, 0.6 * 0.15 / 0.5 + 0.4 * 0.05 / 0.5]
    assert found == pytest.approx([1 - one for one in q])


@pytest.mark.parametrize("ddof", [0, 1])
def test_wroclaw(score, ddof):
    """Hellwig: one less the distance from the best over its mean and two deviations."""
    z = (DECISION - DECISION.min(axis=0)) / (DECISION.max(axis=0) - DECISION.min(axis=0))
    z[:, 0] = 1 - z[:, 0]
    d = np.sqrt(((z.max(axis=0) - z) ** 2).mean(axis=1))
    expected = 1 - d / (d.mean() + 2 * d.std(ddof=ddof))
    assert score(blocks(f"wroclaw, ddof: {ddof}"), columns()).column("index") == pytest.approx(expected)


METHODS = ["grey-relational", "vikor", "wroclaw", "promethee"]


@pytest.mark.parametrize("method", METHODS)
class TestFrozen:
    @pytest.fixture
    def index(self, fitted, method):
        return fitted(blocks(method), columns())

    def test_it_is_against_the_reference(self, index):
        assert index.fitted_.plan.frozen["index"] == Frozen.AGAINST_REFERENCE

    def test_an_edition_scores_a_subset_as_it_did(self, index, table, tmp_path):
        edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
        assert edition.verify().holds
        some = edition.score(table(columns(DECISION[[2, 4]]))).column("index")
        assert some.tolist() == index.score().column("index")[[2, 4]].tolist()

    def test_beyond_the_ideals_it_stays_on_the_scale(self, index, table):
        extremes = np.array([[0, 99, 99, 99], [999, 0, 0, 0]], float)
        found = index.score(table(columns(extremes))).column("index")
        whole = index.score().column("index")
        assert 0 <= found[1] <= whole.min()
        assert whole.max() <= found[0] <= 1

    def test_the_order_of_rows_changes_no_bit(self, fitted, index, method):
        order = [3, 0, 4, 2, 1]
        shuffled = fitted(blocks(method), columns(DECISION[order])).score().column("index")
        assert shuffled.tolist() == index.score().column("index")[order].tolist()

    def test_what_is_missing_is_left_out(self, score, method):
        cells = columns()
        cells["d"] = [None, *cells["d"][1:]]
        found = score(blocks(method, coverage=0.5), cells)
        assert not np.isnan(found.column("index")).any()
        assert np.isnan(score(blocks(method), cells).column("index")[0])

    def test_nothing_varies(self, codes_of, method):
        text = blocks(method).replace("method: min-max", "method: none")
        assert codes_of(text, {name: [0.5, 0.5] for name in "abcd"}) == ["DT301"]

    def test_on_another_scale(self, score, method):
        one = score(blocks(method), columns()).column("index")
        ten = score(blocks(method, scale="[10, 20]"), columns()).column("index")
        assert ten == pytest.approx(10 + 10 * one)


UNIT = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@pytest.mark.parametrize(
    "method",
    [
        GreyGrade(GreyRelational(method="grey-relational")),
        VikorCloseness(Vikor(method="vikor")),
        TaxonomicMeasure(Wroclaw(method="wroclaw")),
    ],
)
@given(units=st.lists(UNIT, min_size=3, max_size=6), position=st.integers(0, 2), more=st.floats(0, 1))
def test_better_never_scores_worse(method, units, position, more):
    x = np.array([*units, [0, 0, 0], [1, 1, 1]])
    weights, complete = [0.5, 0.3, 0.2], [True] * 3

    def inputs(values):
        return Inputs("abc", list(values.T), weights, complete, lambda item: (values[:, 0], (0, 1)))

    state = method.fit(inputs(x))
    better = x.copy()
    better[0, position] += more
    before, after = (method.combine(inputs(values), state, (0, 1))[0] for values in (x, better))
    assert after >= before - 1e-12
    assert 0 <= before <= 1
