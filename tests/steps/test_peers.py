"""What pymcdm and scikit-criteria say of a table, as `peers.py` wrote it down; and where they are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.steps.peers import WEIGHTS, constant_regret, matrix

import dtindex as dti

Scored = Callable[..., dti.Scores]
FIGURES: dict[str, dict[str, list[Any]]] = json.loads(
    Path(__file__).with_name("peers.json").read_text(encoding="utf-8")
)
PYMCDM, SCIKIT = FIGURES["pymcdm 1.4.0"], FIGURES["scikit-criteria 0.10"]


def blocks(aggregate: str, normalise: str = "min-max", scale: str = "[0, 1]") -> str:
    leaves = ", ".join(
        f"{{id: {name}, parent: index, weight: {weight}{', direction: lower' if name == 'a' else ''}}}"
        for name, weight in zip("abcde", WEIGHTS, strict=True)
    )
    return f"""\
        scale: {scale}
        defaults: {{normalise: {{method: {normalise}}}}}
        nodes: [{{id: index, aggregate: {{method: {aggregate}}}}}]
        indicators: [{leaves}]
        """


def columns(values: np.ndarray, names: str = "abcde") -> dict[str, list[float]]:
    return {name: values[:, at].tolist() for at, name in enumerate(names)}


def index_of(score: Scored, aggregate: str, scale: str = "[0, 1]") -> np.ndarray:
    return score(blocks(aggregate, scale=scale), columns(matrix())).column("index")


@pytest.mark.parametrize("peer", [PYMCDM["WSM, minmax"], SCIKIT["WeightedSumModel, min-max"]])
def test_weighted_sum(score: Scored, peer: list[float]) -> None:
    assert index_of(score, "arithmetic") == pytest.approx(peer, rel=1e-12)


def test_weighted_product(score: Scored) -> None:
    assert index_of(score, "geometric", "[1, 100]") == pytest.approx(PYMCDM["WPM, given"], rel=1e-12)


@pytest.mark.parametrize("peer", [PYMCDM["TOPSIS, minmax"], SCIKIT["TOPSIS, min-max"]])
def test_topsis(score: Scored, peer: list[float]) -> None:
    assert index_of(score, "topsis") == pytest.approx(peer, rel=1e-12)


@pytest.mark.parametrize("peer", [PYMCDM["VIKOR"], SCIKIT["VIKOR"]])
def test_vikor(score: Scored, peer: list[float]) -> None:
    """Theirs is the distance, the less the better; ours 1 less it."""
    assert 1 - index_of(score, "vikor") == pytest.approx(peer, rel=1e-12, abs=1e-15)


def test_promethee(score: Scored) -> None:
    assert 2 * index_of(score, "promethee") - 1 == pytest.approx(PYMCDM["PROMETHEE_II, usual"], abs=1e-14)


def weights_by(score: Scored, method: str, normalise: str, values: np.ndarray) -> list[float]:
    scale = "open" if normalise == "none" else "[0, 1]"
    leaves = ", ".join(f"{{id: {name}, parent: index}}" for name in "abcde")
    if normalise != "none":
        leaves = leaves.replace("{id: a, parent: index}", "{id: a, parent: index, direction: lower}")
    text = f"""\
        scale: {scale}
        defaults: {{normalise: {{method: {normalise}}}}}
        nodes: [{{id: index, weights: {{method: {method}}}}}]
        indicators: [{leaves}]
        """
    return list(score(text, columns(values)).effective.values())


def test_critic(score: Scored) -> None:
    found = weights_by(score, "critic", "min-max", matrix())
    assert found == pytest.approx(PYMCDM["critic_weights of minmax"], rel=1e-12)


def test_entropy_of_raw_figures(score: Scored) -> None:
    found = weights_by(score, "entropy", "none", matrix())
    assert found == pytest.approx(PYMCDM["entropy_weights"], rel=1e-12)


class TestWhereTheyAreWrong:
    def test_vikor_of_a_regret_that_all_share(self, score: Scored) -> None:
        """pymcdm divides 0 by 0 and has no score for anyone; the regret then tells nobody apart, and S decides."""
        assert PYMCDM["VIKOR, constant regret"] == [None] * 5
        text = """\
            scale: [0, 1]
            defaults: {normalise: {method: min-max}}
            nodes: [{id: index, aggregate: {method: vikor}}]
            indicators: [{id: a, parent: index, direction: lower}, {id: b, parent: index}, {id: c, parent: index},
              {id: d, parent: index}]
            """
        found = score(text, columns(constant_regret(), "abcd")).column("index")
        assert not np.isnan(found).any()
        assert found.argmax() == 2

    def test_a_constant_criterion(self, codes_of: Callable[..., Any]) -> None:
        """pymcdm gives all full marks for what tells nobody apart; here it is an error until a person says what."""
        assert PYMCDM["minmax of a constant"] == [1.0, 1.0, 1.0]
        values = matrix()
        values[:, 2] = 3.0
        assert "DT301" in codes_of(blocks("arithmetic"), columns(values))

    def test_weights_that_follow_the_unit_of_measure(self, score: Scored) -> None:
        """pymcdm's weights by deviation look at raw figures: metres for kilometres, and one criterion is everything."""
        plain, longer = (
            PYMCDM["standard_deviation_weights"],
            PYMCDM["standard_deviation_weights, metres for kilometres"],
        )
        assert plain[0] < 0.2
        assert longer[0] > 0.99
        one = weights_by(score, "inverse-sd", "min-max", matrix())
        two = weights_by(score, "inverse-sd", "min-max", matrix() * np.array([1000, 1, 1, 1, 1]))
        assert two == pytest.approx(one, rel=1e-12)
