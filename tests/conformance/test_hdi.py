"""UNDP Human Development Index: 0 of 5,571 and 6,171 published figures differ in the third decimal, nor one rank.

Source: HDR 2021/22 and 2023/24, composite indices complete time series; technical note 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

SERIES = {"hdi/hdr2021_22.csv": ("2021", 191), "hdi/hdr2023_24.csv": ("2022", 193)}


@pytest.fixture(scope="module", params=SERIES)
def series(request, methodology, frame, score):
    rows = frame(request.param).drop(columns="country")  # names with control characters, as UNDP's file has them
    rows["ranked"] = np.where(rows["iso3"].str.startswith("ZZ"), "no", "yes")
    return rows, score(methodology("hdi.yaml"), rows), *SERIES[request.param]


def test_every_published_figure_at_three_decimals(series):
    rows, scores, _, _ = series
    published = pd.to_numeric(rows["hdi"]).to_numpy()
    known = ~np.isnan(published)
    assert known.sum() in (5571, 6171)
    # Half a key is 5e-13 of the scale; adding it is what "half up on the key" means.
    printed = np.floor(scores.column("hdi") * 1000 + 0.5 + 5e-10) / 1000
    assert (np.abs(printed - published)[known] > 1e-9).sum() == 0
    (comparison,) = scores.comparisons
    assert (comparison.compared, comparison.mismatches) == (known.sum(), 0)


def test_no_component_no_index(series):
    rows, scores, _, _ = series
    gaps = (rows[["le", "eys", "mys", "gnipc"]] == "").any(axis=1).to_numpy()
    assert np.isnan(scores.column("hdi")[gaps]).all()
    assert not np.isnan(scores.column("hdi")[~gaps]).any()


def test_every_published_rank(series):
    rows, scores, year, countries = series
    published = pd.to_numeric(rows["hdi_rank"]).to_numpy()
    latest = (rows["year"] == year).to_numpy() & ~np.isnan(published)
    assert latest.sum() == countries
    assert (scores.rank("hdi")[latest] == published[latest]).all()


def test_ranking_unrounded_scores_does_not_give_the_published_ranks(methodology, frame, score):
    """27 ranks differ where UNDP's rounding is left out: rounding before ranking is part of the method."""
    rows = frame("hdi/hdr2021_22.csv")
    rows["ranked"] = np.where(rows["iso3"].str.startswith("ZZ"), "no", "yes")
    scores = score(methodology("hdi.yaml", ("rank: {decimals: 3}\n", "")), rows)
    published = pd.to_numeric(rows["hdi_rank"]).to_numpy()
    latest = (rows["year"] == "2021").to_numpy() & ~np.isnan(published)
    assert 20 <= (scores.rank("hdi")[latest] != published[latest]).sum() <= 35


def test_aggregates_of_countries_are_scored_and_not_ranked(series):
    rows, scores, _, _ = series
    aggregates = rows["iso3"].str.startswith("ZZ").to_numpy()
    assert (scores.rank("hdi")[aggregates] == 0).all()


@pytest.mark.parametrize(("file", "mismatches"), [("hdi/hdr2021_22.csv", 266), ("hdi/hdr2023_24.csv", 307)])
def test_clipping_matters(methodology, frame, score, file, mismatches):
    """Where components may exceed 1, this many figures differ, by up to 0.048 in the later series."""
    rows = frame(file).drop(columns="country").assign(ranked="yes")
    (comparison,) = score(methodology("hdi.yaml", ("clip: both", "clip: worst")), rows).comparisons
    assert comparison.mismatches == mismatches
    if mismatches == 307:
        assert comparison.largest_error == pytest.approx(0.048, abs=1e-3)
