"""Entropy weights."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.steps.weight.entropy import entropy

NAMES = [f"i{k}" for k in range(1, 9)]
BLOCKS = """\
scale: {scale}
defaults: {{normalise: {normalise}}}
nodes: [{{id: index, weights: {{method: entropy}}}}]
indicators: [{indicators}]
"""


def blocks(normalise="{method: min-max}", scale="[0, 100]", names=NAMES):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return BLOCKS.format(scale=scale, normalise=normalise, indicators=indicators)


def test_of_shares_by_hand():
    """Of 3/4 and 1/4: -(0.75 ln 0.75 + 0.25 ln 0.25) / ln 2 = 0.8112781244591328; of equal shares 1, of one alone 0."""
    assert entropy(np.array([3.0, 1.0])) == pytest.approx(0.8112781244591328, abs=1e-15)
    assert entropy(np.array([2.0, 2.0, 2.0])) == pytest.approx(1, abs=1e-15)
    assert entropy(np.array([5.0, 0.0, 0.0])) == 0


def test_tai_on_min_max(score, tai):
    """OECD/JRC Handbook (2008), annex, recomputed in METHODS.md, section 3.4."""
    scores = score(blocks(), tai["columns"])
    expected = [0.256534, 0.223167, 0.127294, 0.059067, 0.049890, 0.066240, 0.102679, 0.115130]
    assert [scores.effective[name] for name in NAMES] == pytest.approx(expected, abs=5.1e-7)


def test_tai_on_raw_shares(score, tai):
    """pymcdm 1.4.0, entropy_weights of the raw table."""
    scores = score(blocks("{method: none}", "open"), tai["columns"])
    expected = [0.400072, 0.317315, 0.189015, 0.040551, 0.000367, 0.001073, 0.009260, 0.042348]
    assert [scores.effective[name] for name in NAMES] == pytest.approx(expected, abs=5.1e-7)


def test_the_number_of_units_is_each_column_s_own(score):
    """b is known of three units and shared out as a is: (6, 3, 1) over ln 3."""
    columns = {"a": [6, 3, 1, None], "b": [None, 1, 6, 3], "c": [5, 1, 1, 1]}
    scores = score(blocks("{method: none}", "open", "abc"), columns)
    assert scores.effective["a"] == scores.effective["b"]
    falls = [1 - entropy(np.array(x, float)) for x in ([6, 3, 1], [6, 3, 1], [5, 1, 1, 1])]
    assert list(scores.effective.values()) == pytest.approx([fall / sum(falls) for fall in falls])


def test_a_scale_that_begins_above_zero_evens_out(score, tai):
    low, high = (score(blocks(scale=scale), tai["columns"]) for scale in ("[0, 99]", "[1, 100]"))
    assert np.ptp(list(high.effective.values())) < np.ptp(list(low.effective.values()))


def test_a_negative_score_is_refused(codes_of):
    assert codes_of(blocks("{method: z-score}", "open", "ab"), {"a": [1, 2, 4], "b": [5, 3, 3]}) == ["DT304", "DT304"]


def test_what_does_not_vary_has_no_weight(score):
    scores = score(blocks("{method: none}", "open", "abc"), {"a": [1, 2], "b": [7, 7], "c": [3, 1]})
    assert scores.effective["b"] == 0
    assert [(one.code, one.place.name) for one in scores.findings.warnings][:1] == [("DT341", "b")]


def test_where_nothing_varies_weights_are_equal(score):
    scores = score(blocks("{method: none}", "open", "ab"), {"a": [1, 1], "b": [7, 7]})
    assert scores.effective == {"a": 0.5, "b": 0.5}
    assert [one.place.name for one in scores.findings if one.code == "DT341"] == ["a", "b", "index"]
