"""The geometric mean. Oracles: scipy.stats.gmean, METHODS section 4; HDI and INFORM in tests/conformance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import gmean


def blocks(aggregate: str = "", scale: str = "[0, 1]", weights: tuple[float, ...] = (1, 1, 1)) -> str:
    indicators = "".join(f"  - {{id: x{k}, parent: index, weight: {weight}}}\n" for k, weight in enumerate(weights))
    return (
        f"scale: {scale}\ndefaults: {{normalise: {{method: none}}}}\n"
        f"nodes: [{{id: index, aggregate: {{method: geometric{aggregate}}}}}]\nindicators:\n{indicators}"
    )


def columns(*rows: tuple[float | None, ...]) -> dict[str, list[float | None]]:
    return {f"x{k}": list(cells) for k, cells in enumerate(zip(*rows, strict=True))}


def test_published_value(score):
    """x = (.2, .5, .8): 0.4308869."""
    assert score(blocks(), columns((0.2, 0.5, 0.8))).column("index") == pytest.approx([0.4308869], abs=5e-8)


def test_scipy_gmean(score):
    rows = [(0.1, 0.9, 0.4), (0.5, 0.5, 0.5), (1, 0.01, 0.3)]
    found = score(blocks(weights=(1, 2, 5)), columns(*rows)).column("index")
    assert found == pytest.approx([gmean(row, weights=(1, 2, 5)) for row in rows], rel=1e-13)


def test_missing_is_left_out(score):
    found = score(blocks(weights=(2, 1, 1)), columns((0.25, None, 1.0))).column("index")
    assert found == pytest.approx([0.25 ** (2 / 3)], rel=1e-13)


def test_a_zero_makes_it_zero_and_says_so(score):
    scores = score(blocks(), columns((0, 0.5, 0.8), (0.5, 0.5, 0.5)))
    assert scores.column("index") == pytest.approx([0, 0.5])
    assert [one.code for one in scores.findings if one.code == "DT305"] == ["DT305"]
    assert "DT305" not in score(blocks(", zeros: allow"), columns((0, 0.5, 0.8))).findings.codes


def test_a_negative_score_has_no_mean(codes_of):
    assert codes_of(blocks(), columns((-0.1, 0.5, 0.8))) == ["DT304"]


def test_a_negative_or_zero_score_without_weight_matters_to_nobody(score):
    scores = score(blocks(weights=(0, 1, 1)), columns((-0.1, 0.5, 0.8), (0, 0.5, 0.8)))
    assert scores.column("index") == pytest.approx([math.sqrt(0.4)] * 2)
    assert "DT305" not in scores.findings.codes


def test_within_a_positive_interval(score):
    """On 0-100 within [1, 100]: 0 becomes 1, 50 becomes 50.5, 100 stays; the mean is mapped back."""
    found = score(blocks(", within: [1, 100]", "[0, 100]", (1, 1)), columns((0, 50), (100, 100), (0, 0))).column(
        "index"
    )
    assert found == pytest.approx([(math.sqrt(50.5) - 1) / 99 * 100, 100, 0], abs=1e-11)


def test_reversed_is_inform_s_formula(score):
    """10 - (exp(mean ln((10 - x) / 10 * 9 + 1)) - 1) / 9 * 10: one high risk weighs more than one low."""
    rows = [(9.7, 7.2, 0.0), (3.0, 3.0, 3.0), (10.0, 0.0, 0.0)]

    def formula(row):
        return 10 - (math.exp(np.mean([math.log((10 - x) / 10 * 9 + 1) for x in row])) - 1) / 9 * 10

    found = score(blocks(", within: [10, 1]", "[0, 10]"), columns(*rows)).column("index")
    assert found == pytest.approx([formula(row) for row in rows], abs=1e-12)
    assert found[0] > np.mean(rows[0])


def test_it_never_exceeds_the_arithmetic_mean(score):
    rng = np.random.default_rng(5)
    rows = [tuple(row) for row in rng.uniform(0.01, 1, (200, 3))]
    found = score(blocks(), columns(*rows)).column("index")
    assert (found <= np.mean(rows, axis=1) + 1e-15).all()
