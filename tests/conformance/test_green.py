"""Green computing-power carrying capacity of 31 Chinese provinces, 2016-2024: 279 rows, 34 indicators, to 1e-12.

Entropy and CRITIC weights mixed half and half with a cap of 0.04 on one indicator, TOPSIS over the leaves, and seven
dimensions that add up their part with the same leaf weights: one file.
Source: a student competition's published workbook; see the README of its data.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dtindex as dti

FOLDER = "cn_green_compute"
MIXTURE = "of: [{share: 0.5, method: entropy}, {share: 0.5, method: critic}]"


@pytest.fixture(scope="module")
def raw(frame):
    return frame(f"{FOLDER}/indicators_raw.csv")


@pytest.fixture(scope="module")
def index(methodology, raw):
    definition = methodology("green.yaml")
    return dti.CompositeIndex(definition).fit(dti.read_table(raw, definition))


@pytest.fixture(scope="module")
def scores(index):
    return index.score()


def figures(frame, name, scores):
    table = frame(f"{FOLDER}/{name}.csv").set_index(["province", "year"]).apply(pd.to_numeric)
    return table.reindex(pd.MultiIndex.from_arrays([scores.units, scores.periods]))


@pytest.fixture(scope="module")
def published_weights(frame):
    return frame(f"{FOLDER}/weights_published.csv").set_index("code")


def largest_error(own, published):
    return float(np.abs(np.asarray(own) - np.asarray(published, dtype=float)).max())


def test_the_file_is_short():
    assert len((Path(__file__).parent / "green.yaml").read_text(encoding="utf-8").splitlines()) <= 75


def test_normalisation(scores, frame):
    published = figures(frame, "indicators_normalised_published", scores)
    assert published.shape == (279, 34)
    assert max(largest_error(scores.column(code), published[code]) for code in published) <= 1e-12


def test_mixed_and_capped_weights(scores, published_weights):
    assert set(scores.effective) == set(published_weights.index)
    own = [scores.effective[code] for code in published_weights.index]
    assert largest_error(own, published_weights["w_combined"]) <= 1e-12
    assert scores.effective["X34"] == pytest.approx(0.04, abs=1e-15)


@pytest.mark.parametrize(
    ("weights", "column"),
    [
        ("{method: entropy}", "w_entropy"),
        ("{method: critic}", "w_critic"),
        ("{method: mix, of: [{share: 1, method: entropy}, {share: 0, method: equal}]}", "w_entropy"),
    ],
)
def test_each_part_of_the_mixture(methodology, score, raw, published_weights, weights, column):
    whole = f"{{method: mix, {MIXTURE}, at_most: {{X34: 0.04}}}}"
    own = score(methodology("green.yaml", (whole, weights)), raw).effective
    assert largest_error([own[code] for code in published_weights.index], published_weights[column]) <= 1e-12


def test_the_mixture_before_the_cap(methodology, score, raw, published_weights):
    own = score(methodology("green.yaml", (", at_most: {X34: 0.04}", "")), raw).effective
    published = published_weights["w_combined_before_cap"]
    printed = published[published != ""]
    assert largest_error([own[code] for code in printed.index], printed) <= 1e-12


def test_topsis(scores, frame):
    published = figures(frame, "topsis_scores_published", scores)
    assert len(published) == 279
    assert largest_error(scores.column("index"), published["score"]) <= 1e-12


def test_ranks(scores, frame):
    published = figures(frame, "topsis_scores_published", scores)
    assert (scores.rank("index") != published["rank"].to_numpy()).sum() == 0


def test_dimensions(scores, frame):
    published = figures(frame, "dimension_scores_published", scores)
    named = {node.label.zh: node.id for node in scores.methodology.nodes if node.label is not None}
    assert set(named) == set(published)
    assert max(largest_error(scores.column(node), published[name]) for name, node in named.items()) <= 1e-12


def test_dimensions_are_parts_of_the_index(scores):
    """Their weights are those of the leaves above, so the seven together are the weighted mean of all leaves."""
    total = sum(scores.column(f"d{k}") for k in range(1, 8))
    mean = sum(weight * scores.column(leaf) for leaf, weight in scores.effective.items())
    assert largest_error(total, mean) <= 1e-12
    assert scores.methodology.tree.scale("d1") == (0.0, 1.0)


def test_an_edition_of_it_holds(index, scores, tmp_path, raw):
    """Ideals and weights are frozen: the edition verifies, and one province scores as it did among the others."""
    edition = dti.load_edition(index.freeze("2024").save(tmp_path / "green.dtindex"))
    assert edition.verify().holds
    codes = edition.methodology.tree.scored
    for row in (0, 100, 278):
        cells = {code: float(raw[code][row]) for code in codes}
        one = edition.score_unit(cells, period=raw["year"][row])
        assert one.scores["index"] == scores.column("index")[row]
        assert one.ranks["index"] == scores.rank("index")[row]


def test_shuffled_rows_change_no_bit(methodology, raw, index):
    definition = methodology("green.yaml")
    shuffled = raw.sample(frac=1, random_state=7)
    again = dti.CompositeIndex(definition).fit(dti.read_table(shuffled, definition))
    assert again.fitted_.parameters.weights == index.fitted_.parameters.weights
