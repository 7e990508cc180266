"""Tiers with learned bounds: `quantiles`, `jenks`, `k-means`, `mixture`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.engine.breaks import goodness, natural_breaks

# METHODS.md, section 8: brute force and jenkspy agree.
EIGHT = np.array([1, 2, 4, 5, 7, 9, 10, 20], float)


def blocks(method="jenks", levels="[{id: high}, {id: middle}, {id: low}]", rank=""):
    return f"""\
        scale: [0, 100]
        defaults: {{normalise: {{method: none}}}}
        {rank}
        nodes: [{{id: index}}]
        indicators: [{{id: a, parent: index}}]
        tiers: [{{node: index, method: {method}, levels: {levels}}}]
        """


def test_eight_numbers_in_three_classes():
    lowest, within = natural_breaks(EIGHT, 3)
    assert lowest.tolist() == [1, 7, 20]
    assert within == pytest.approx(14.6666667)
    assert goodness(EIGHT, within) == pytest.approx(0.9425962)


def test_in_an_index_and_an_edition(fitted, table, tmp_path):
    index = fitted(blocks(), {"a": EIGHT.tolist()})
    scores = index.score()
    assert scores.tiers["index"].tolist() == ["low"] * 4 + ["middle"] * 3 + ["high"]
    (told,) = [one for one in scores.findings if one.code == "DT338"]
    assert told.message.endswith("high from 15, middle from 6; goodness of variance fit 0.9426")
    edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
    assert edition.verify().holds
    assert edition.score(table({"a": [5.9, 6, 50]})).tiers["index"].tolist() == ["low", "middle", "high"]
    assert edition.score_unit({"a": 8}).tiers == {"index": "middle"}


@pytest.mark.parametrize(
    ("method", "levels", "expected"),
    [
        ("k-means", "[{id: h}, {id: m}, {id: l}]", "llllmmmh"),
        ("quantiles", "[{id: h, share: 0.25}, {id: m, share: 0.5}, {id: l}]", "llmmmmhh"),
        ("quantiles", "[{id: h, share: 0.1}, {id: l, share: 0.9}]", "lllllllh"),
        ("jenks", "[{id: all}]", None),
    ],
)
def test_tiers_of_each_rule(score, method, levels, expected):
    found = score(blocks(method, levels), {"a": EIGHT.tolist()}).tiers["index"].tolist()
    assert found == (["all"] * 8 if expected is None else list(expected))


def test_a_mixture_parts_where_the_better_component_is_more_probable(score):
    """Two normal clouds of one width and size: the middle between them."""
    rng = np.random.default_rng(1)
    cells = np.concatenate([rng.normal(20, 3, 400), rng.normal(60, 3, 400)])
    scores = score(blocks("mixture", "[{id: h}, {id: l}]"), {"a": cells.tolist()})
    bound = scores.tier_rules[0].levels[0].at_least
    assert bound == pytest.approx(40, abs=2)
    assert (scores.tier_values["index"] == "h").sum() == 400


def test_ties_stay_together_and_rounding_counts(score):
    cells = [10.0, 10.04, 9.96, 30, 50]
    scores = score(blocks("quantiles", "[{id: h, share: 0.6}, {id: l}]", "rank: {decimals: 0}"), {"a": cells})
    assert scores.tiers["index"].tolist() == ["h"] * 5


@pytest.mark.parametrize("method", ["jenks", "k-means", "mixture"])
def test_too_few_different_scores(codes_of, method):
    assert codes_of(blocks(method), {"a": [5, 5, 7]}) == ["DT339"]


def test_simulated_chances_of_learned_tiers(fitted):
    text = blocks().replace("[{id: a, parent: index}]", "[{id: a, parent: index}, {id: b, parent: index}]")
    found = dti.simulate(fitted(text, {"a": EIGHT.tolist(), "b": EIGHT[::-1].tolist()}), runs=64)
    assert found.tier_probabilities.columns.drop("name", errors="ignore").tolist() == ["high", "middle", "low"]


def test_stability(fitted):
    rng = np.random.default_rng(2)
    cells = np.concatenate([rng.normal(20, 1, 40), rng.normal(50, 1, 40), rng.normal(80, 1, 40)]).tolist()
    clear = dti.tier_stability(fitted(blocks(), {"a": cells}).score(), runs=50)
    assert clear.rand == pytest.approx(1)
    assert clear.tiers["jaccard"].tolist() == pytest.approx([1, 1, 1])
    assert clear.silhouette > 0.9
    assert clear.goodness > 0.99
    even = dti.tier_stability(fitted(blocks(), {"a": rng.uniform(0, 100, 120).tolist()}).score(), runs=50)
    assert even.rand < clear.rand
    assert even.tiers["jaccard"].min() < 0.9
    again = dti.tier_stability(fitted(blocks(), {"a": cells}).score(), runs=50)
    assert again.to_dict() == clear.to_dict()
    stated = fitted(blocks("thresholds", "[{id: h, at_least: 50}, {id: l}]"), {"a": cells}).score()
    assert dti.tier_stability(stated, runs=5).rand == 1
    with pytest.raises(dti.UsageError, match="no tiers"):
        dti.tier_stability(stated, "a")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=11), st.integers(1, 4))
def test_no_other_classes_differ_less_within(values, classes):
    points = sorted(set(values))
    x = np.array(values, dtype=float)
    if len(points) < classes:
        with pytest.raises(ValueError, match="different values"):
            natural_breaks(x, classes)
        return
    lowest, within = natural_breaks(x, classes)

    def spread(starts):
        of = np.searchsorted(np.array(starts, dtype=float), x, side="right")
        return sum(((own - own.mean()) ** 2).sum() for at in set(of.tolist()) for own in [x[of == at]])

    best = min(spread((points[0], *cuts)) for cuts in combinations(points[1:], classes - 1))
    assert within == pytest.approx(best, abs=1e-9)
    assert spread(lowest) == pytest.approx(best, abs=1e-9)
    shifted, _ = natural_breaks(x + 1e6, classes)  # of equal solutions it may be another one
    assert spread(shifted - 1e6) == pytest.approx(best, abs=1e-9)
