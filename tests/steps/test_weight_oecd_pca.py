"""Weights from rotated factors."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.rotation import varimax
from dtindex.steps.weight.components import principal
from dtindex.steps.weight.oecd_pca import factor_weights, retained


@pytest.fixture(scope="module")
def correlations(tai):
    return np.corrcoef(np.array(list(tai["columns"].values())))


def blocks(names, more=""):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, weights: {{method: oecd-pca{more}}}}}]
        indicators: [{indicators}]
        """


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("factors: 4", [0.1680, 0.1546, 0.1113, 0.0565, 0.0862, 0.1186, 0.1388, 0.1660]),
        ("factors: 4, kaiser: false", [0.1686, 0.1542, 0.1151, 0.0541, 0.0827, 0.1212, 0.1378, 0.1663]),
        ("factors: variance", [0.1680, 0.1546, 0.1113, 0.0565, 0.0862, 0.1186, 0.1388, 0.1660]),
    ],
)
def test_tai(score, tai, more, expected):
    """METHODS.md, section 3.7, from R psych::principal; the Handbook's four factors explain 10 % each."""
    scores = score(blocks(tai["columns"], f", {more}"), tai["columns"])
    assert list(scores.effective.values()) == pytest.approx(expected, abs=5.1e-5)


def test_tai_factors(correlations):
    """Handbook table 17: patents .07 .97 .06 .06, squared .00 .67 .00 .00; variance explained as in METHODS.md."""
    values, vectors = principal(correlations)
    loadings, settled = varimax(vectors[:, :4] * np.sqrt(values[:4]))
    assert settled
    explained = (loadings**2).sum(axis=0)
    assert explained == pytest.approx([2.632, 1.385, 1.179, 1.783], abs=5.1e-4)
    assert np.abs(loadings[0]) == pytest.approx([0.06, 0.97, 0.06, 0.06], abs=5.1e-3)
    assert (loadings[0] ** 2 / explained) == pytest.approx([0, 0.67, 0, 0], abs=1.1e-2)


def test_how_many_factors(correlations):
    values, _ = principal(correlations)
    assert [retained(values, rule) for rule in ("eigenvalue", "variance", 3, 99)] == [2, 4, 3, 8]
    assert retained(np.ones(4), "eigenvalue") == 1
    assert retained(np.array([0.5, 0.09, 0.08] + [0.033] * 10), "variance") == 3


def test_two_pairs_by_hand():
    """Two factors that two items each make up: weights follow the squares, here all 0.8 of variance, so equal."""
    loadings = np.array([[0.8, 0], [0.8, 0], [0, -0.8], [0, -0.8]])
    weights, assigned = factor_weights(loadings)
    assert weights == pytest.approx([0.25] * 4)
    assert assigned.tolist() == [0, 0, 1, 1]


def test_who_loads_against_its_factor_is_named(score, tai):
    """With two factors exports share one with patents and internet users, with the other sign."""
    scores = score(blocks(tai["columns"], ", factors: 2"), tai["columns"])
    against = [one for one in scores.findings if one.code == "DT342"]
    assert all(one.place.name in tai["columns"] for one in against)
    assert all(scores.effective[one.place.name] > 0 for one in against)
    (rests,) = [one for one in scores.findings if one.code == "DT343"]
    assert rests.message.startswith("weights by `oecd-pca`: 2 factors explain ")
