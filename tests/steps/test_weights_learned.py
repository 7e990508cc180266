"""What holds for every method that learns weights from the reference scores."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti

METHODS = {
    "entropy": "{method: entropy}",
    "critic": "{method: critic}",
    "inverse-sd": "{method: inverse-sd}",
    "pca": "{method: pca}",
    "oecd-pca": "{method: oecd-pca, factors: 3}",
    "mix": "{method: mix, of: [{share: 0.5, method: entropy}, {share: 0.5, method: critic}], at_most: {i1: 0.1}}",
}
MIN_MAX = "{method: min-max}"


def blocks(weights, normalise=MIN_MAX, more=""):
    indicators = ", ".join(f"{{id: i{k}, parent: index}}" for k in range(1, 9))
    return f"""\
        {more}
        defaults: {{normalise: {normalise}}}
        nodes: [{{id: index, weights: {weights}}}]
        indicators: [{indicators}]
        """


@pytest.fixture(scope="module")
def columns(tai):
    """TAI-23 with some gaps."""
    found = {name: list(column) for name, column in tai["columns"].items()}
    for name, row in (("i1", 3), ("i4", 7), ("i4", 8), ("i8", 20)):
        found[name][row] = None
    return found


@pytest.mark.parametrize("method", METHODS)
def test_weights_are_shares(fitted, columns, method):
    weights = fitted(blocks(METHODS[method]), columns).fitted_.parameters.weights["index"]
    assert sum(weights) == pytest.approx(1, abs=1e-12)
    assert min(weights) >= 0


@pytest.mark.parametrize("method", METHODS)
def test_shuffled_rows_change_no_bit(fitted, columns, method):
    first = fitted(blocks(METHODS[method]), columns).fitted_.parameters.weights
    rng = np.random.default_rng(11)
    for _ in range(5):
        order = rng.permutation(23)
        shuffled = {name: [column[row] for row in order] for name, column in columns.items()}
        assert fitted(blocks(METHODS[method]), shuffled).fitted_.parameters.weights == first


@pytest.mark.parametrize("method", METHODS)
def test_a_change_of_unit_with_its_goalposts_changes_nothing(score, columns, method):
    """Min-max takes out the unit; a scale of [0, 1] instead of [0, 100] is another unit of the score."""
    first = score(blocks(METHODS[method]), columns).effective
    other = {name: [None if x is None else 1000 * x for x in column] for name, column in columns.items()}
    assert score(blocks(METHODS[method]), other).effective == pytest.approx(first, abs=1e-11)
    assert score(blocks(METHODS[method], more="scale: [0, 1]"), columns).effective == pytest.approx(first, abs=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_frozen_weights_come_back(fitted, columns, table, tmp_path, method):
    index = fitted(blocks(METHODS[method]), columns)
    edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
    assert edition.verify().holds
    assert edition.fitted.parameters.weights == index.fitted_.parameters.weights
    some = table({name: column[:4] for name, column in columns.items()})
    assert edition.score(some).column("index").tolist() == index.score().column("index")[:4].tolist()
    cells = {name: column[0] for name, column in columns.items()}
    assert edition.score_unit(cells).scores["index"] == index.score().column("index")[0]


@pytest.mark.parametrize("method", METHODS)
def test_one_unit_has_nothing_to_tell_apart(score, method):
    """Not a silent NaN: equal weights, and a warning."""
    text = blocks(METHODS[method].replace(", at_most: {i1: 0.1}", ""), "{method: none}", "scale: [0, 100]")
    scores = score(text, {f"i{k}": [k] for k in range(1, 9)})
    assert scores.effective == pytest.approx({f"i{k}": 1 / 8 for k in range(1, 9)})
    assert "DT341" in scores.findings.codes
    assert scores.column("index") == pytest.approx([4.5])


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_child_has_no_weight(score, columns, method):
    scores = score(blocks(METHODS[method]), {**columns, "i2": [None] * 23})
    assert scores.effective["i2"] == 0
    assert not scores.findings.errors
