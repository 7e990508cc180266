"""Inverse standard deviation weights."""

from __future__ import annotations

import pytest


def blocks(names):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, weights: {{method: inverse-sd}}}}]
        indicators: [{indicators}]
        """


def test_tai(score, tai):
    """METHODS.md, section 3.6, prints s / sum s of the min-max values; the reciprocals are these weights."""
    printed = [0.108801, 0.155715, 0.137676, 0.113909, 0.111572, 0.105161, 0.144407, 0.122758]
    scores = score(blocks(tai["columns"]), tai["columns"])
    inverse = [1 / share for share in printed]
    assert list(scores.effective.values()) == pytest.approx([one / sum(inverse) for one in inverse], abs=1e-6)


def test_one_half_of_the_spread_twice_the_weight(score):
    """Deviations of 0, 50, 100 and 0, 100, 0 ... : 50 and 100 / sqrt(3)."""
    scores = score(blocks("ab"), {"a": [0, 5, 10], "b": [0, 1, 0]})
    ratio = scores.effective["a"] / scores.effective["b"]
    assert ratio == pytest.approx((100 / 3**0.5) / 50)


def test_what_does_not_vary_has_no_weight(score):
    text = blocks("ab").replace("{id: b, parent: index}", "{id: b, parent: index, constant: 40}")
    scores = score(text, {"a": [0, 5, 10], "b": [3, 3, 3]})
    assert scores.effective == {"a": 1, "b": 0}
    assert "DT341" in scores.findings.codes


def test_a_single_child_has_all(score):
    assert score(blocks("a"), {"a": [0, 5, 10]}).effective == {"a": 1}
