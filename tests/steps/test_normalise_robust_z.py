"""Robust standardisation. Oracles: scipy.stats.median_abs_deviation and iqr."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import iqr, median_abs_deviation


def one(settings: str = "", direction: str = "higher") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: robust-z{settings}}}}}]"
    )


@pytest.mark.parametrize(("direction", "sign"), [("higher", 1), ("lower", -1)])
def test_scipy(score, tai, direction, sign):
    cells = np.array(tai["columns"]["i1"])
    scores = score(one(direction=direction), {"a": cells})
    expected = sign * (cells - np.median(cells)) / (1.4826 * median_abs_deviation(cells))
    assert scores.column("a") == pytest.approx(expected, abs=1e-12)
    assert scores.methodology.tree.scale("index") == "open"


def test_mean_and_deviation_of_the_scores(score):
    """Median 3, median |x - 3| = 1."""
    assert score(one(", mean: 50, sd: 14.826"), {"a": [1, 2, 3, 4, 100]}).column("a")[:4] == pytest.approx(
        [30, 40, 50, 60]
    )


TIES = [5, 5, 5, 5, 5, 5, 6, 7, 8, 9]
"""More than half are equal: the deviation from the median is 0. Quartiles 5 and 6.75."""
MOST = [5, 5, 5, 5, 5, 5, 5, 5, 5, 9]


@pytest.mark.parametrize(
    ("cells", "settings", "spread"),
    [
        (TIES, "", iqr(TIES) / 1.349),
        (TIES, ", fallbacks: [sd]", np.std(TIES, ddof=1)),
        (MOST, "", np.std(MOST, ddof=1)),
    ],
)
def test_fallbacks_where_more_than_half_are_equal(score, cells, settings, spread):
    assert score(one(settings), {"a": cells}).column("a") == pytest.approx((np.array(cells) - 5) / spread, abs=1e-12)


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        ([3, 3, 3], ""),
        ([3, None, None], ""),
        (TIES, ", fallbacks: []"),
        (MOST, ", fallbacks: [iqr]"),
        ([0.3, 0.1 + 0.2, 0.3], ""),
    ],
)
def test_without_spread_there_is_no_score(codes_of, cells, settings):
    assert codes_of(one(settings), {"a": cells}) == ["DT301"]
