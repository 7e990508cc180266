"""Ranks as scores. Oracles: scipy.stats.rankdata; COINr n_rank, n_borda in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata


def one(direction: str) -> str:
    return (
        "nodes: [{id: index}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: rank}}}}]"
    )


def test_scipy_rankdata_average(score, tai):
    cells = np.array(tai["columns"]["i5"])  # telephones: ties at 2.94, 2.97, 3.00, 3.02
    assert (score(one("higher"), {"a": cells}).column("a") == rankdata(cells)).all()
    assert (score(one("lower"), {"a": cells}).column("a") == rankdata(-cells)).all()


def test_missing_takes_no_part(score):
    found = score(one("higher"), {"a": [5, None, 3]}).column("a")
    assert found[[0, 2]].tolist() == [2, 1]
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("direction", "expected"), [("higher", [0.5, 1, 1.5, 2, 3.5, 4.5]), ("lower", [4.5, 4, 3.5, 3, 1.5, 0.5])]
)
def test_a_new_value_stands_between_those_of_the_reference(fitted, table, direction, expected):
    index = fitted(one(direction), {"a": [10, 20, 30, 40]})
    assert index.score(table({"a": [0, 10, 15, 20, 35, 99]})).column("a").tolist() == expected


def test_a_constant_column_ties(score):
    assert score(one("higher"), {"a": [7, 7, 7]}).column("a").tolist() == [2, 2, 2]
