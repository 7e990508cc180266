"""INFORM Global Risk Index 2020: every figure of every level, every rank and every class, from the components.

Reversed scaled geometric means (`within: [10, 1]`), a conditional, weights, gaps, and rounding at every node.
Source: JRC, INFORM GRI 2020; formulas recovered from the published figures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

FILE = "inform2020/inform2020.csv"


@pytest.fixture(scope="module")
def rows(frame):
    return frame(FILE)


@pytest.fixture(scope="module")
def scores(methodology, rows, score):
    return score(methodology("inform.yaml"), rows)


def test_every_figure_of_every_level(scores):
    assert {one.item for one in scores.comparisons} == set(scores.methodology.tree.nodes)
    for comparison in scores.comparisons:
        assert (comparison.item, comparison.compared, comparison.mismatches) == (comparison.item, 191, 0)
        assert comparison.largest_error == pytest.approx(0, abs=1e-9)


def test_every_rank_and_class(scores, rows):
    assert (scores.rank("risk") == pd.to_numeric(rows["Rank"]).to_numpy()).all()
    labels = {level.id: level.label for level in scores.methodology.tiers[0].levels}
    assert [labels[tier] for tier in scores.tier_values["risk"]] == rows["RISK CLASS"].tolist()


def test_rounding_at_every_node_is_part_of_the_method(methodology, rows, score):
    """Unrounded on the way up, 44 figures and 2 classes differ."""
    unrounded = methodology(
        "inform.yaml", ("  round: 1\n", ""), ("scale: [0, 10]\n", "scale: [0, 10]\nrank: {decimals: 1}\n")
    )
    scores = score(unrounded, rows)
    risk = np.floor(scores.column("risk") * 10 + 0.5 + 5e-11) / 10
    assert (np.abs(risk - pd.to_numeric(rows["INFORM RISK"]).to_numpy()) > 1e-9).sum() == 44
    labels = {level.id: level.label for level in scores.methodology.tiers[0].levels}
    classes = np.array([labels[tier] for tier in scores.tier_values["risk"]])
    assert (classes != rows["RISK CLASS"].to_numpy()).sum() == 2


def test_each_level_from_its_published_children(methodology, rows, score):
    """The children's own rounding is all that is left: at most 0.05 of a scale of 10."""
    plain = methodology("inform.yaml")
    nodes = [node.model_copy(update={"column": node.published, "published": None}) for node in plain.nodes]
    defaults = plain.defaults.model_copy(update={"round": None})
    observed = plain.model_copy(update={"nodes": tuple(nodes), "defaults": defaults})
    scores = score(observed, rows)
    assert [one.kind for one in scores.comparisons] == ["column"] * 11
    for comparison in scores.comparisons:
        assert comparison.compared == 191
        assert comparison.largest_error <= 0.05 + 1e-9, comparison.item
    # What the table gives is the score.
    assert (scores.column("risk") == pd.to_numeric(rows["INFORM RISK"]).to_numpy()).all()
