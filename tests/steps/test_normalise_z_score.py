"""Standardisation. Oracles: OECD/JRC Handbook TAI-23, scipy.stats.zscore."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import zscore


def one(settings: str = "") -> str:
    return f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, normalise: {{method: z-score{settings}}}}}]"


def test_tai_23_of_the_oecd_jrc_handbook(score, tai):
    """Norway and Japan change places against min-max: the smallest case in which normalisation matters."""
    blocks = "defaults: {normalise: {method: z-score}}\nnodes: [{id: index}]\nindicators:\n"
    blocks += "".join(f"  - {{id: {code}, parent: index}}\n" for code in tai["columns"])
    scores = score(blocks, tai["columns"], units=tai["units"]).scores["index"]
    best = scores.sort_values(ascending=False)
    assert best.index[:5].tolist() == ["Finland", "Sweden", "United_States", "Japan", "Norway"]
    assert best.to_numpy()[:5] == pytest.approx([1.0835, 0.9636, 0.9164, 0.5602, 0.5025], abs=5e-5)


@pytest.mark.parametrize("ddof", [0, 1])
def test_scipy(score, tai, ddof):
    cells = tai["columns"]["i1"]
    assert score(one(f", ddof: {ddof}"), {"a": cells}).column("a") == pytest.approx(zscore(cells, ddof=ddof), abs=1e-12)


def test_mean_and_deviation_that_are_asked_for(score):
    """(1, 2, 3) has mean 2 and deviation 1."""
    assert score(one(", mean: 100, sd: 10"), {"a": [1, 2, 3]}).column("a").tolist() == [90, 100, 110]


def test_lower_is_better_is_the_mirror(score, tai):
    cells = tai["columns"]["i4"]
    lower = one().replace("parent: index,", "parent: index, direction: lower,")
    assert (score(lower, {"a": cells}).column("a") == -score(one(), {"a": cells}).column("a")).all()


def test_a_unit_and_an_offset_make_no_difference(score):
    """Affine invariance: z(a + b x) = z(x) for b > 0."""
    cells = np.array([1.0, 4.0, 9.0, 16.0])
    kelvin = score(one(), {"a": 273.15 + 1.8 * cells}).column("a")
    assert kelvin == pytest.approx(score(one(), {"a": cells}).column("a"), abs=1e-12)


@pytest.mark.parametrize("magnitude", [1e-200, 1e200])
def test_magnitudes_whose_squares_no_number_holds(score, magnitude):
    assert score(one(), {"a": np.array([1.0, 2.0, 3.0]) * magnitude}).column("a") == pytest.approx(
        [-1, 0, 1], abs=1e-12
    )


@pytest.mark.parametrize("cells", [[5, 5, 5], [5, None, None], [0.3, 0.1 + 0.2, 0.3]])
def test_no_spread_no_score(codes_of, cells):
    assert codes_of(one(), {"a": cells}) == ["DT301"]


def test_the_scale_is_open(score):
    scores = score(one(), {"a": [1, 2, 3, None]})
    assert scores.methodology.tree.scale("index") == "open"
    assert scores.widths == {"index": 1.0, "a": 1.0}
