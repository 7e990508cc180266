"""UN E-Government Development Index 2010 to 2022: within 1e-4, the rounding of its published components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

FILE = "egdi/egdi.csv"


@pytest.fixture(scope="module")
def rows(frame):
    return frame(FILE)


def test_equal_weights_from_2012(methodology, rows, score):
    scores = score(methodology("egdi.yaml"), rows[rows["year"] != "2010"].reset_index(drop=True))
    given = pd.to_numeric(rows.loc[rows["year"] != "2010", "e_gov_index"]).to_numpy()
    known = given > 0  # three countries of 2012 are published as 0 for no data
    difference = np.abs(scores.column("egdi") - given)[known]
    assert known.sum() - np.isnan(difference).sum() == 193 * 5 - 3
    assert np.nanmax(difference) <= 1e-4


def test_weights_of_2010(methodology, rows, score):
    """0.34, 0.33, 0.33 in 2010: an index whose weights change between years is two methodologies."""
    weights = [
        (f"{{id: {item}, parent: egdi,", f"{{id: {item}, parent: egdi, weight: {weight},")
        for item, weight in (("osi", 0.34), ("tii", 0.33), ("hci", 0.33))
    ]
    first = rows[rows["year"] == "2010"].reset_index(drop=True)
    scores = score(methodology("egdi.yaml", *weights), first)
    (comparison,) = scores.comparisons
    assert comparison.compared == 193 - 10 + 0
    assert comparison.largest_error <= 1e-4


def test_ranks_of_2016(methodology, rows, score):
    """Ranks of the published index itself are the published ranks."""
    year = rows[rows["year"] == "2016"].reset_index(drop=True)
    nodes = ("{id: egdi, published: e_gov_index, tolerance: 1.0e-4}", "{id: egdi, column: e_gov_index}")
    scores = score(methodology("egdi.yaml", nodes), year)
    assert (scores.rank("egdi") == pd.to_numeric(year["e_gov_rank"]).to_numpy()).all()
