"""Weights from the first principal component."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.steps.weight.components import principal, signed


def blocks(names, method="pca"):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, weights: {{method: {method}}}}}]
        indicators: [{indicators}]
        """


def test_eigenvalues_of_tai(tai):
    """OECD/JRC Handbook (2008), table 16, with two more digits in METHODS.md, section 0."""
    values, _ = principal(np.corrcoef(np.array(list(tai["columns"].values()))))
    assert values == pytest.approx([3.3544, 1.7461, 0.9849, 0.8939, 0.4712, 0.2995, 0.1744, 0.0757], abs=5.1e-5)


def test_tai(score, tai):
    """First eigenvector by numpy of all eight; exports load against the others, get no weight, and are named."""
    scores = score(blocks(tai["columns"]), tai["columns"])
    vector = np.linalg.eigh(np.corrcoef(np.array(list(tai["columns"].values()))))[1][:, -1]
    vector = np.maximum(vector * np.sign(vector.sum()), 0)
    assert list(scores.effective.values()) == pytest.approx(vector / vector.sum(), abs=1e-12)
    assert scores.effective["i4"] == 0
    (against,) = [one for one in scores.findings if one.code == "DT342"]
    assert against.place.name == "i4"
    (rests,) = [one for one in scores.findings if one.code == "DT343"]
    assert "41.9%" in rests.message


def test_three_equally_correlated():
    """r = 0.5 throughout: eigenvalues 2, 0.5, 0.5; the first component is (1, 1, 1) / sqrt 3."""
    values, vectors = principal(np.full((3, 3), 0.5) + np.eye(3) / 2)
    assert values == pytest.approx([2, 0.5, 0.5])
    assert vectors[:, 0] == pytest.approx(np.full(3, 3**-0.5))


def test_signs_have_a_rule():
    loadings = np.array([[-0.6, 0.5, 0.0], [0.2, -0.5, -0.3]])
    assert signed(loadings).tolist() == [[0.6, 0.5, 0.0], [-0.2, -0.5, 0.3]]


def test_rows_with_gaps_are_left_out(score):
    columns = {"a": [1, 2, 4, 3, 9, None], "b": [2, 1, 5, 3, None, 7], "c": [1, 3, 4, 6, 0, 0]}
    with_gaps = score(blocks("abc"), columns)
    complete = score(blocks("abc"), {name: column[:4] for name, column in columns.items()})
    assert list(with_gaps.effective.values()) == pytest.approx(list(complete.effective.values()), abs=1e-12)


def test_what_varies_only_beside_gaps_is_left_out(score):
    """c is constant in the rows that all three have: a and b decide, with the row that only c lacks."""
    columns = {"a": [1, 2, 4, 3, None], "b": [2, 1, 5, 4, 7], "c": [1, 1, 1, None, 9]}
    scores = score(blocks("abc"), columns)
    assert scores.effective == pytest.approx({"a": 0.5, "b": 0.5, "c": 0})


@pytest.mark.parametrize("method", ["pca", "oecd-pca"])
def test_too_few_complete_rows(codes_of, method):
    columns = {"a": [1, 2, None, 4], "b": [None, 3, 1, 5]}
    assert codes_of(blocks("ab", method), columns) == ["DT344"]
