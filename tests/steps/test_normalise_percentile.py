"""Percentile ranks. Oracles: (rankdata - 1) / (n - 1), which is COINr's n_prank (tests/conformance)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

BLOCKS = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: percentile}}]"
LOWER = BLOCKS.replace("parent: index,", "parent: index, direction: lower,")


def test_scipy_rankdata(score, tai):
    cells = np.array(tai["columns"]["i5"])
    assert score(BLOCKS, {"a": cells}).column("a") == pytest.approx(100 * (rankdata(cells) - 1) / 22, abs=1e-12)
    assert score(LOWER, {"a": cells}).column("a") == pytest.approx(100 * (rankdata(-cells) - 1) / 22, abs=1e-12)


@pytest.mark.parametrize(("blocks", "expected"), [(BLOCKS, [0, 0, 12.5, 25, 100]), (LOWER, [100, 100, 87.5, 75, 0])])
def test_new_values_stay_inside_the_scale(fitted, table, blocks, expected):
    index = fitted(blocks, {"a": [10, 20, 30, 40, 50]})
    assert index.score(table({"a": [-5, 10, 15, 20, 60]})).column("a").tolist() == expected


def test_a_constant_column_is_in_the_middle(score):
    assert score(BLOCKS, {"a": [7, 7, 7]}).column("a").tolist() == [50, 50, 50]


def test_a_single_value_has_no_percentile(codes_of):
    assert codes_of(BLOCKS, {"a": [7, None]}) == ["DT301"]
