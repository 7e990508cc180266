"""EU Digital Economy and Society Index 2022, 2017 to 2022: all 168 country-years at all 15 levels, to 1e-9.

Fixed goalposts without clipping: a value below its minimum pulls the index down.
Source: European Commission, DESI 2022 workbook; the online table is an independent publication of the same scores.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def scores(methodology, frame, score):
    rows = frame("desi2022/indicators_completed.csv")
    rows["ranked"] = np.where(rows["country"] == "EU", "no", "yes")
    return score(methodology("desi.yaml"), rows)


def _figures(frame, name, scores):
    table = frame(name).set_index(["country", "year"]).apply(pd.to_numeric)
    return table.reindex(pd.MultiIndex.from_arrays([scores.units, scores.periods]))


def test_every_score_of_the_workbook(scores, frame):
    published = _figures(frame, "desi2022/scores_published.csv", scores)
    assert published.shape == (168, 15)
    for code in published:
        own = scores.column("DESI" if code == "DESI" else f"d{code}")
        assert np.abs(own - published[code].to_numpy()).max() <= 1e-9, code


def test_every_normalised_indicator(scores, frame):
    published = _figures(frame, "desi2022/indicators_normalised.csv", scores)
    assert published.shape == (168, 33)
    for code in published:
        assert np.abs(scores.column(f"i{code}") - 100 * published[code].to_numpy()).max() <= 1e-9, code
    assert min(scores.column(f"i{code}").min() for code in published) < -7  # nothing was clipped


def test_the_online_table(scores, frame):
    online = _figures(frame, "desi2022/scores_online_published.csv", scores)
    for code in online:
        own = scores.column("DESI" if code == "DESI" else f"d{code}")
        assert np.nanmax(np.abs(own - 100 * online[code].to_numpy())) <= 5.1e-5, code


def test_effective_weights_are_products_down_the_tree(scores, frame):
    indicators = frame("desi2022/methodology_indicators.csv")
    weights = frame("desi2022/methodology_weights.csv").set_index("code")["weight"].astype(float)
    own = indicators["weight"].astype(float)
    within = own / own.groupby(indicators["subdimension"]).transform("sum")
    expected = within * indicators["subdimension"].map(weights) * indicators["dimension"].map(weights)
    assert scores.effective == pytest.approx(dict(zip("i" + indicators["code"], expected, strict=True)), abs=1e-12)
    assert sum(scores.effective.values()) == pytest.approx(1, abs=1e-12)
