"""Every normaliser that learns: pooled, by period, on a base period. Oracle: the same method on one period alone."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.steps.normalise import METHODS

FIRST, SECOND = [1.0, 2, 4, 8, 5], [3.0, 9, 0.5, 7, 20]
LEARN = {
    "min-max": "clip: none",
    "goalposts": "worst: {percentile: 5}, best: {percentile: 95}, clip: none",
    "z-score": "ddof: 1",
    "robust-z": "sd: 1",
    "rank": "ties: minimum",
    "percentile": "ties: average",
    "normal-scores": "",
    "target": "target: 30",
    "reference": "to: mean",
    "fraction-of-maximum": "clip: none",
    "fraction-of-sum": "clip: none",
    "logistic": "",
}
STATELESS = {"none", "likert", "balance", "categories", "maturity", "top-box"}


def one(method: str, more: str = "") -> str:
    return (
        f"{more}nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, normalise: {{method: {method}, {LEARN[method]}}}}}]"
    )


def panel(method: str, fit: str) -> str:
    base = "base_period: 1\n" if fit == "base" else ""
    return one(method, f"units: {{kind: unit, key: unit, period: year}}\nfit: {fit}\n{base}")


def test_every_normaliser_is_here():
    """`base-index` has its own file: it is always fitted on the base period."""
    assert LEARN.keys() | STATELESS | {"base-index"} == set(METHODS)
    assert {name for name, cls in METHODS.items() if cls.stateless} == STATELESS


@pytest.mark.parametrize("method", LEARN)
def test_three_ways(fitted, table, score, method):
    keys = {"units": list("abcde") * 2, "periods": ["1"] * 5 + ["2"] * 5}
    alone = fitted(one(method), {"a": FIRST})
    expected = {
        "pooled": score(one(method), {"a": FIRST + SECOND}).column("a"),
        "each_period": np.concatenate([score(one(method), {"a": cells}).column("a") for cells in (FIRST, SECOND)]),
        "base": alone.score(table({"a": FIRST + SECOND})).column("a"),
    }
    found = {fit: score(panel(method, fit), {"a": FIRST + SECOND}, **keys).column("a") for fit in expected}
    for fit, own in expected.items():
        assert (found[fit] == own).all(), fit
    assert (found["pooled"] != found["base"]).any()
    assert (found["base"][:5] == found["each_period"][:5]).all()


@pytest.mark.parametrize("method", LEARN)
def test_a_later_period_changes_no_earlier_score_on_a_base(score, method):
    short = score(panel(method, "base"), {"a": FIRST}, units=list("abcde"), periods=["1"] * 5).column("a")
    longer = score(panel(method, "base"), {"a": FIRST + SECOND}, units=list("abcde") * 2, periods=["1"] * 5 + ["2"] * 5)
    assert (longer.column("a")[:5] == short).all()


@pytest.mark.parametrize("method", LEARN)
def test_one_unit_scores_as_in_its_table(fitted, table, method):
    index = fitted(one(method), {"a": FIRST})
    edition = index.freeze("x")
    whole = index.score(table({"a": SECOND})).column("a")
    assert [edition.score_unit({"a": value}).scores["a"] for value in SECOND] == whole.tolist()


@pytest.mark.parametrize("method", LEARN)
def test_missing_and_all_missing(score, codes_of, method):
    found = score(one(method), {"a": [*FIRST, None]}).column("a")
    assert np.isnan(found).tolist() == [False] * 5 + [True]
    assert codes_of(one(method), {"a": [None, None]}) == ["DT302"]
