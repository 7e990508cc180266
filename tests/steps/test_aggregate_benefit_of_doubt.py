"""Benefit of the doubt: `benefit-of-doubt`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import dtindex as dti
from dtindex.steps.aggregate.benefit_of_doubt import Shares, best_share, efficient
from dtindex.steps.types import Frozen

# METHODS.md, section 3.8.
UNITS = {"a": [1, 0.5, 0.6, 0.3], "b": [0.5, 1, 0.6, 0.9]}


def blocks(more="", coverage=1, scale="[0, 1]", names="ab"):
    children = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        scale: {scale}
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: benefit-of-doubt{more}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{children}]
        """


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", [1, 1, 0.8, 0.9]),
        (", at_least: 0.3, at_most: 0.7", [1, 1, 0.8, 0.72]),
        (", shares: {a: [0.3, 0.7], b: [0.3, 0.7]}", [1, 1, 0.8, 0.72]),
        (", order: [a, b]", [1, 1, 0.8, 0.8]),  # w_a >= w_b: the last can do no better than (2/3, 2/3)
    ],
)
def test_four_units(score, more, expected):
    assert score(blocks(more), UNITS).column("index") == pytest.approx(expected, abs=1e-9)


def test_tai_without_restrictions_tells_eight_countries_apart_from_nobody(score, tai):
    """8 of 23 score 1; a share that all have to have, and zero cells, force 0 (METHODS.md, section 3.8)."""
    text = blocks(names=[f"i{at}" for at in range(1, 9)]).replace("method: none", "method: min-max")
    found = score(text, tai["columns"], units=tai["units"]).column("index")
    assert (found > 1 - 1e-9).sum() == 8
    pie = text.replace("benefit-of-doubt", "benefit-of-doubt, at_least: 0.05, at_most: 0.3")
    scores = score(pie, tai["columns"], units=tai["units"])
    forced = [unit for unit, value in zip(scores.units, scores.column("index"), strict=True) if value == 0]
    columns = np.array([tai["columns"][f"i{at}"] for at in range(1, 9)])
    lowest = {tai["units"][at] for column in columns for at in np.flatnonzero(column == column.min())}
    assert set(forced) == lowest == {"Singapore", "Slovenia", "Korea", "New_Zealand", "Hungary"}
    told = [one for one in scores.findings if one.code == "DT305"]
    assert told
    within = pie.replace("at_most: 0.3", "at_most: 0.3, within: [1, 100]")
    rescaled = score(within, tai["columns"], units=tai["units"])
    assert rescaled.column("index").min() > 0
    assert "DT305" not in rescaled.findings.codes


def test_frozen_peers_and_a_unit_beyond_them(fitted, table, tmp_path):
    index = fitted(blocks(", at_least: 0.3"), UNITS)
    assert index.fitted_.plan.frozen == {"index": Frozen.AGAINST_REFERENCE}
    edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
    assert edition.verify().holds
    found = edition.score(table({"a": [0.6, 1], "b": [0.6, 1]})).column("index")
    assert found == pytest.approx([0.8, 1])


def test_what_is_missing_is_left_out_with_its_restriction(score):
    found = score(blocks(", at_least: 0.3", coverage=0), {"a": [1, 0.5, None], "b": [0.5, 1, 0.9]}).column("index")
    assert found == pytest.approx([1, 1, 0.9])


def test_order_m_is_kinder_and_always_the_same(score):
    robust = ", robust: {peers: 2, draws: 100, seed: 3}"
    one = score(blocks(robust), UNITS).column("index")
    assert one.tolist() == score(blocks(robust), UNITS).column("index").tolist()
    assert (one >= np.array([1, 1, 0.8, 0.9]) - 1e-9).all()
    order = [2, 0, 3, 1]
    shuffled = score(blocks(robust), {name: [column[at] for at in order] for name, column in UNITS.items()})
    assert shuffled.column("index").tolist() == one[order].tolist()


def test_nobody_says_what_it_is_made_of(score):
    scores = score(blocks(), UNITS)
    assert scores.contributions[["a", "b"]].isna().all().all()


def test_restrictions_that_cannot_be_kept(codes_of):
    assert codes_of(blocks(", at_least: 0.6"), UNITS) == ["DT337"]
    assert codes_of(blocks(", at_most: 0.4"), UNITS) == ["DT337"]
    assert codes_of(blocks(", order: [a, c]"), UNITS) == ["DT337"]
    assert codes_of(blocks(), {"a": [1, 1], "b": [0.5, 0.5]}) == ["DT301"]


def by_linprog(x, peers, low, high):
    """max sum w x, sum w y <= 1, w_j x_j - low sum w x >= 0, high sum w x - w_j x_j >= 0."""
    size = len(x)
    rows = [*peers]
    bounds = [1.0] * len(peers)
    for at in range(size):
        own = np.zeros(size)
        own[at] = x[at]
        rows += [low * x - own, own - high * x]
        bounds += [0.0, 0.0]
    found = linprog(-x, A_ub=np.array(rows), b_ub=bounds, bounds=(0, None), method="highs")
    return -found.fun


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([(0.0, 1.0), (0.1, 0.6), (0.2, 0.5)]))
def test_the_same_as_the_programme_written_out(seed, bounds):
    rng = np.random.default_rng(seed)
    units = rng.uniform(0.05, 1, size=(rng.integers(2, 15), rng.integers(3, 5)))
    low, high = bounds
    size = units.shape[1]
    shares = Shares(np.full(size, low), np.full(size, high), [])
    peers = efficient(units)
    for x in units:
        found = best_share(shares, x, peers)
        assert found == pytest.approx(by_linprog(x, units, low, high), abs=1e-7)
        assert found <= 1 + 1e-9
        assert best_share(shares, x * 0.9, peers) <= found + 1e-9
