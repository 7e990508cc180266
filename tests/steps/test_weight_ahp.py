"""Analytic hierarchy process."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.judgements import matrix_of
from dtindex.steps.weight.ahp import consistency, eigenvector, geometric, joined

THREE = [[1, 3, 5], ["1/3", 1, 2], ["1/5", "1/2", 1]]
# Saaty (1990), doi:10.1016/0377-2217(90)90057-I: choosing a house, 8 criteria, rows above the diagonal.
HOUSE = [
    [5, 3, 7, 6, 6, "1/3", "1/4"],
    ["1/3", 5, 3, 3, "1/5", "1/7"],
    [6, 3, 4, 6, "1/5"],
    ["1/3", "1/4", "1/7", "1/8"],
    ["1/2", "1/5", "1/6"],
    ["1/5", "1/6"],
    ["1/2"],
]
# Saaty (1980): choosing a school, 6 criteria.
SCHOOL = [
    [1, 4, 3, 1, 3, 4],
    ["1/4", 1, 7, 3, "1/5", 1],
    ["1/3", "1/7", 1, "1/5", "1/5", "1/6"],
    [1, "1/3", 5, 1, 1, "1/3"],
    ["1/3", 5, 5, 1, 1, 3],
    ["1/4", 1, 6, 3, "1/3", 1],
]
COLUMNS = {"a": [10], "b": [20], "c": [30]}


def matrix(rows, size):
    return np.array([[math.nan if cell is None else cell for cell in row] for row in matrix_of(size, rows)])


def blocks(ahp, names="abc"):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, weights: {{method: ahp, order: [{", ".join(names)}], {ahp}}}}}]
        indicators: [{indicators}]
        """


def weights(score, ahp, names="abc"):
    return list(score(blocks(ahp, names), {name: [1] for name in names}).effective.values())


class TestOracles:
    def test_three_by_three_is_its_closed_form(self):
        """q = (a13 / (a12 a23))^(1/3), lambda = 1 + q + 1/q; the eigenvector is the geometric mean."""
        own = matrix(THREE, 3)
        found, largest = eigenvector(own)
        q = (5 / (3 * 2)) ** (1 / 3)
        assert largest == pytest.approx(1 + q + 1 / q, abs=1e-13)
        assert largest == pytest.approx(3.0036945981, abs=5e-11)
        assert found == pytest.approx([0.648329, 0.229651, 0.122020], abs=5.1e-7)
        assert geometric(own) == pytest.approx(found, abs=1e-14)
        assert consistency(own, found).ratio == pytest.approx(0.0031850, abs=5.1e-8)

    def test_house(self):
        own = matrix(HOUSE, 8)
        found, largest = eigenvector(own)
        assert found == pytest.approx([0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], abs=5.1e-4)
        assert largest == pytest.approx(9.668887, abs=5.1e-7)
        told = consistency(own, found)
        assert (told.index, told.ratio) == pytest.approx((0.23841, 0.169), abs=5.1e-4)

    def test_school(self):
        own = matrix(SCHOOL, 6)
        found, largest = eigenvector(own)
        assert found == pytest.approx([0.32077, 0.13950, 0.03477, 0.12849, 0.23739, 0.13908], abs=5.1e-6)
        assert largest == pytest.approx(7.41987, abs=5.1e-6)
        assert consistency(own, found).ratio == pytest.approx(0.2290, abs=5.1e-5)
        by_rows = geometric(own)
        assert by_rows == pytest.approx([0.31599, 0.13915, 0.03605, 0.12514, 0.23601, 0.14767], abs=5.1e-6)
        assert by_rows == pytest.approx(np.exp(np.log(own).mean(axis=1)) / np.exp(np.log(own).mean(axis=1)).sum())

    def test_geometric_consistency_index(self):
        """2 / ((n - 1) (n - 2)) sum ln^2 (a_ij w_j / w_i) over the judgements above the diagonal."""
        own = matrix(SCHOOL, 6)
        found = geometric(own)
        errors = np.log(own * found / found[:, None])[np.triu_indices(6, 1)]
        assert consistency(own, found).geometric == pytest.approx(2 / (5 * 4) * (errors**2).sum())

    def test_other_table_of_random_indices(self):
        """Alonso & Lamata (2006): 1.4056 for 8 items instead of Saaty's 1.41."""
        own = matrix(HOUSE, 8)
        found, largest = eigenvector(own)
        assert consistency(own, found, "alonso-lamata").ratio == pytest.approx((largest - 8) / 7 / 1.4056)


@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=7))
def test_consistent_judgements_give_back_what_made_them(true):
    own = np.array(true) / sum(true)
    ratios = own[:, None] / own[None, :]
    for found in (eigenvector(ratios)[0], geometric(ratios)):
        assert found == pytest.approx(own, abs=1e-12)
    assert consistency(ratios, own).index == pytest.approx(0, abs=1e-12)
    assert not consistency(ratios, own).worst


class TestGaps:
    def test_a_chain_of_judgements_is_enough(self):
        """a : b = 2, b : c = 3, nothing on a : c: 6 : 3 : 1."""
        assert geometric(matrix([[2, None], [3]], 3)) == pytest.approx([0.6, 0.3, 0.1])

    def test_logarithmic_least_squares(self):
        """Against the least squares of numpy on the pairs that were judged."""
        own = matrix([[2, None, 5], [3, None], ["1/2"]], 4)
        pairs = [(i, j) for i in range(4) for j in range(i + 1, 4) if not np.isnan(own[i, j])]
        design = np.array([[(k == i) - (k == j) for k in range(4)] for i, j in pairs], dtype=float)
        solution = np.linalg.lstsq(design, np.log([own[pair] for pair in pairs]), rcond=None)[0]
        assert geometric(own) == pytest.approx(np.exp(solution) / np.exp(solution).sum())

    def test_in_a_file(self, score):
        assert weights(score, "judgements: [[2, null], [3]]") == pytest.approx([0.6, 0.3, 0.1])
        full = "judgements: [[1, 2, null], ['1/2', 1, 3], [null, '1/3', 1]]"
        assert weights(score, full) == pytest.approx([0.6, 0.3, 0.1])


class TestGroups:
    LI, WU = "{name: Li, judgements: [[2, 4], [2]]}", "{name: Wu, judgements: [[8, 4], ['1/2']]}"

    def test_joined_judgements_stay_reciprocal(self):
        own = [matrix([[2, 4], [2]], 3), matrix([[8, 4], ["1/2"]], 3)]
        found = joined(own, np.ones(2))
        assert found == pytest.approx(np.array([[1, 4, 4], [1 / 4, 1, 1], [1 / 4, 1, 1]]))
        assert joined(own, np.array([3.0, 1.0]))[0, 1] == pytest.approx(2 ** (3 / 4) * 8 ** (1 / 4))

    def test_of_judgements(self, score):
        """Means of 2 and 8, 4 and 4, 2 and 1/2: 4 : 1 : 1."""
        assert weights(score, f"experts: [{self.LI}, {self.WU}]") == pytest.approx([4 / 6, 1 / 6, 1 / 6])

    def test_of_weights(self, score):
        """Li 4 : 2 : 1 and Wu 8 : 1 : 2, whose geometric means are sqrt 32 : sqrt 2 : sqrt 2 = 4 : 1 : 1."""
        assert weights(score, f"experts: [{self.LI}, {self.WU}], group: aip") == pytest.approx([4 / 6, 1 / 6, 1 / 6])

    def test_of_weights_with_voices(self, score):
        ahp = f"experts: [{self.LI.replace('}', ', weight: 2}')}, {self.WU}], group: aip, solve: geometric-mean"
        own = np.array([4, 2, 1]) ** (2 / 3) * np.array([8, 1, 2]) ** (1 / 3)
        assert weights(score, ahp) == pytest.approx(own / own.sum())

    def test_gaps_that_others_fill(self, score):
        """Neither connects all three alone; together they do."""
        experts = "experts: [{name: Li, judgements: [[2, null], [null]]}, {name: Wu, judgements: [[null, null], [3]]}]"
        assert weights(score, experts) == pytest.approx([0.6, 0.3, 0.1])


class TestFindings:
    def test_contradictions_are_named(self, score):
        names = "abcdefgh"
        scores = score(blocks(f"judgements: {HOUSE}".replace("'", '"'), names), {name: [1] for name in names})
        (told,) = [one for one in scores.findings if one.code == "DT340"]
        assert told.severity == "warning"
        assert "consistency ratio 0.169 (random index of Saaty), λ 9.6689" in told.message
        assert "c to g 6, where the weights say 1.13" in told.message
        assert told.message.count(" to ") == 3

    def test_consistent_ones_are_noted(self, score):
        scores = score(blocks("judgements: [[3, 5], [2]], random_index: alonso-lamata"), COLUMNS)
        (told,) = [one for one in scores.findings if one.code == "DT343"]
        assert told.message.startswith("consistency ratio 0.004 (random index of Alonso & Lamata)")
        assert "DT340" not in scores.findings.codes

    def test_each_expert_s_own(self, score):
        bad = "{name: Wu, judgements: [[9, '1/9'], [9]]}"
        scores = score(blocks(f"experts: [{{name: Li, judgements: [[2, 4], [2]]}}, {bad}]"), COLUMNS)
        told = [one.message for one in scores.findings if one.code == "DT340"]
        assert [message.split(":")[0] for message in told] == ["Wu", "all experts"]

    def test_more_items_than_any_table_has(self, score):
        names = [f"x{k}" for k in range(11)]
        rows = [[1] * (10 - k) for k in range(10)]
        scores = score(blocks(f"judgements: {rows}", names), {name: [1] for name in names})
        assert scores.effective == pytest.approx(dict.fromkeys(names, 1 / 11))
        (told,) = [one for one in scores.findings if one.code == "DT343"]
        assert told.message == "geometric consistency index 0.000"


def test_over_leaves(score):
    """Judgements of the leaves of a node that looks past its children."""
    text = """\
        defaults: {normalise: {method: none}}
        nodes:
          - id: index
            aggregate: {method: arithmetic, over: leaves}
            weights: {method: ahp, order: [b, a], judgements: [[4]]}
          - {id: p, parent: index}
          - {id: q, parent: index}
        indicators: [{id: a, parent: p}, {id: b, parent: q}]
        """
    assert score(text, {"a": [0], "b": [100]}).column("index") == pytest.approx([80])
