"""The best-worst method: `best-worst`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.weight.best_worst import best_worst, input_ratio


def blocks(order="[c, a, b]", best="c", worst="b", to="[1, 2, 8]", of="[8, 4, 1]"):
    return f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - id: index
            weights:
              method: best-worst
              order: {order}
              best: {best}
              worst: {worst}
              best_to_others: {to}
              others_to_worst: {of}
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """


COLUMNS = {"a": [10], "b": [20], "c": [30]}
# METHODS.md, section 3.10: best to others, others to worst, weights, xi.
CASES = [
    ((1, 2, 8), (8, 4, 1), (0.615385, 0.307692, 0.076923), 0.0),
    ((8, 2, 1), (1, 5, 8), (0.0714286, 0.3214286, 0.6071429), 0.0357143),
    ((2, 1, 4, 3, 8), (4, 8, 2, 3, 1), (0.229508, 0.448087, 0.114754, 0.153005, 0.054645), 0.010929),
]


@pytest.mark.parametrize(("to", "of", "weights", "xi"), CASES)
def test_weights_and_xi(to, of, weights, xi):
    found, gap = best_worst(to.index(1), of.index(1), np.array(to, float), np.array(of, float))
    assert found == pytest.approx(weights, abs=1e-6)
    assert gap == pytest.approx(xi, abs=1e-6)


def test_in_an_index_whatever_the_order_of_the_file(score):
    scores = score(blocks(), COLUMNS)
    assert scores.effective == pytest.approx({"c": 0.615385, "a": 0.307692, "b": 0.076923}, abs=1e-6)
    (told,) = [one for one in scores.findings if one.code == "DT343"]
    assert "input-based consistency ratio 0.000" in told.message


def test_contradictions_are_told(score):
    """2 * 2 against 8: (8 - 4) / (64 - 8) = .071; 5 * 5: 17 / 56 = .304."""
    assert input_ratio(0, 2, np.array([1.0, 2, 8]), np.array([8.0, 2, 1])) == pytest.approx(4 / 56)
    scores = score(blocks(to="[1, 5, 8]", of="[8, 5, 1]"), COLUMNS)
    (told,) = [one for one in scores.findings if one.code == "DT340"]
    assert "ratio 0.304; a: the best is 5 of it" in told.message


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "[c, a]"}, {"best": "d"}, {"worst": "c"}, {"to": "[1, 2]"}, {"to": "[2, 1, 8]"}, {"of": "[8, 4, 2]"},
        {"to": "[1, 0.5, 8]"},
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(codes_of, wrong):
    assert codes_of(blocks(**wrong), COLUMNS)


@given(st.lists(st.floats(1, 9), min_size=1, max_size=6))
def test_consistent_judgements_give_their_own_weights(ratios):
    """a_jW = a_BW / a_Bj: xi is 0 and w ~ 1 / a_Bj."""
    to = np.array([1.0, *ratios])
    worst = int(to.argmax())
    found, xi = best_worst(0, worst, to, to[worst] / to)
    assert xi == pytest.approx(0, abs=1e-9)
    assert found == pytest.approx((1 / to) / (1 / to).sum(), abs=1e-6)
