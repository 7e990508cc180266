"""The page's arithmetic is the library's: the same scores and ranks under the weights as they are, and under others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.reports.node import run

import dtindex as dti
from dtindex.engine.keys import score_keys
from dtindex.fitted import score as scored_with
from dtindex.reports.explorer.model import model_of

INDICES = dti.shipped_methodologies()
RESCORED = """
const { rescore } = await load("arithmetic.js");
const answers = given.trials.map((weights) => {
  const found = rescore(given.model, weights);
  const listed = (list) => Array.from(list, (x) => (Number.isNaN(x) ? null : x));
  const plain = (all) => Object.fromEntries(Object.entries(all).map(([id, list]) => [id, listed(list)]));
  return { values: plain(found.values), keys: plain(found.keys), ranks: plain(found.ranks) };
});
console.log(JSON.stringify(answers));
"""
Weights = Mapping[str, tuple[float, ...]]


def in_page(scores: dti.Scores, trials: list[Weights]) -> list[dict[str, Any]]:
    """What the page makes of a table under each of several weightings."""
    rows = scores.sorted_rows()
    found: list[dict[str, Any]] = run(RESCORED, {"model": model_of(scores, rows), "trials": trials})
    return found


def with_weights(index: dti.CompositeIndex, weights: Weights) -> dti.Scores:
    """The library's scores with the weights of some nodes replaced."""
    own = index.fitted_.parameters
    moved = replace(own, weights={**own.weights, **weights})
    return scored_with(replace(index.fitted_, parameters=moved), index.reference_)


def agree(page: dict[str, Any], scores: dti.Scores) -> None:
    rows = scores.sorted_rows()
    for node in scores.plan.order:
        values = scores.column(node)[rows]
        given = np.array(page["values"][node], dtype=np.float64)
        assert np.array_equal(np.isnan(given), np.isnan(values)), node
        np.testing.assert_array_equal(page["ranks"][node], scores.rank(node)[rows], err_msg=node)
        decimals = scores.rank_decimals(node)
        keys = score_keys(values, scores.widths[node], decimals)
        known = ~np.isnan(values)
        np.testing.assert_array_equal(np.array(page["keys"][node], dtype=np.float64)[known], keys[known], err_msg=node)


def adjustable(scores: dti.Scores) -> dict[str, int]:
    """Nodes whose weights a reader may move, and how many there are."""
    model = model_of(scores, scores.sorted_rows())
    assert model is not None
    return {node: len(one["members"]) for node, one in model["nodes"].items() if one["adjustable"]}


def test_every_shipped_index_is_asked() -> None:
    assert len(INDICES) >= 8


@pytest.mark.parametrize("identifier", INDICES)
def test_weights_as_they_are_give_the_library_bit_for_bit(
    fitted: Callable[[str], dti.CompositeIndex], identifier: str
) -> None:
    scores = fitted(identifier).score()
    (page,) = in_page(scores, [{}])
    agree(page, scores)
    rows = scores.sorted_rows()
    for node in scores.plan.order:
        given = np.array(page["values"][node], dtype=np.float64)
        # A mean of powers ends in `pow`, whose last bit a browser's library may round otherwise.
        exact = scores.methodology.tree.nodes[node].aggregate.method in ("arithmetic", "sum", "cases")
        tolerance = 0.0 if exact else 1e-13
        np.testing.assert_allclose(given, scores.column(node)[rows], rtol=tolerance, atol=0, err_msg=node)


@pytest.mark.parametrize("identifier", INDICES)
def test_other_weights_give_what_the_library_gives(
    fitted: Callable[[str], dti.CompositeIndex], identifier: str
) -> None:
    index = fitted(identifier)
    nodes = adjustable(index.score())
    rng = np.random.default_rng(7)
    trials: list[Weights] = []
    for _ in range(12):
        chosen = [node for node in nodes if rng.random() < 0.7]
        weights = {node: tuple(np.round(rng.exponential(30, nodes[node]), 2).tolist()) for node in chosen}
        # A weight of nothing leaves its part out.
        trials.append({node: (0.0, *rest[1:]) if rng.random() < 0.3 else rest for node, rest in weights.items()})
    for page, weights in zip(in_page(index.score(), trials), trials, strict=True):
        agree(page, with_weights(index, weights))


def test_ranks_of_a_moved_weight_differ(fitted: Callable[[str], dti.CompositeIndex]) -> None:
    index = fitted("caict-computing-power-1.0")
    root = index.methodology_.tree.roots[0]
    first, moved = in_page(index.score(), [{}, {root: (100.0, 0.0, 0.0)}])
    assert first["ranks"][root] != moved["ranks"][root]
    assert moved["ranks"][root] == moved["ranks"][index.methodology_.tree.children[root][0]]


def test_rounding_and_keys_at_ties() -> None:
    """Values whose last bits differ are one key; halves round to even as the library's do."""
    values = [0.1 + 0.2, 0.3, 2.5, 12.345, 99.995, 1e-13, 0.0, -0.5, 41.5]
    decimals: list[int | None] = [None, 0, 1, 2, 5]
    widths = [1.0, 100.0]
    found = run(
        """
const { keysOf } = await load("arithmetic.js");
const values = Float64Array.from(given.values);
console.log(JSON.stringify(given.cases.map(([width, decimals]) => Array.from(keysOf(values, width, decimals)))));
""",
        {"values": values, "cases": [[width, one] for width in widths for one in decimals]},
    )
    expected = [score_keys(np.array(values), width, one).tolist() for width in widths for one in decimals]
    assert found == expected
