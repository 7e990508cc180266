"""Distance to a reference. Oracles: METHODS section 1 by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

CELLS = [10, 20, 40]


def one(settings: str, direction: str = "") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index{direction}, normalise: {{method: reference, {settings}}}}}]"
    )


@pytest.mark.parametrize(
    ("to", "value"),
    [("20", 20), ("mean", 70 / 3), ("{percentile: 50}", 20), ("{unit: u0}", 10)],
)
def test_ratio_and_logarithm(score, to, value):
    """x / x_ref and ln(x / x_ref); turned over where lower is better."""
    cells = np.array(CELLS)
    for settings, expected in ((f"to: {to}", cells / value), (f"to: {to}, form: log", np.log(cells / value))):
        scores = score(one(settings), {"a": CELLS})
        assert scores.column("a") == pytest.approx(expected, rel=1e-14, abs=1e-14)
        assert scores.methodology.tree.scale("index") == "open"
    assert score(one(f"to: {to}", ", direction: lower"), {"a": CELLS}).column("a") == pytest.approx(value / cells)
    logs = score(one(f"to: {to}, form: log", ", direction: lower"), {"a": CELLS}).column("a")
    assert logs == pytest.approx(np.log(value / cells), abs=1e-14)


def test_closeness(score):
    """1 - |x - x_ref| / max |x - x_ref|: 20 is the reference, 40 the farthest."""
    assert score(one("to: 20, form: one-minus"), {"a": CELLS}).column("a").tolist() == [50, 100, 0]


def test_closeness_is_clipped_at_the_farthest_of_the_reference(fitted, table):
    scores = fitted(one("to: 20, form: one-minus"), {"a": CELLS}).score(table({"a": [0, 25, 60]}))
    assert scores.column("a").tolist() == [0, 75, 0]
    assert scores.status["a"].tolist() == ["normal", "normal", "clipped"]


def test_closeness_has_no_direction(methodology):
    found = methodology(one("to: 20, form: one-minus", ", direction: lower")).findings
    assert found.codes == ["DT029"]


@pytest.mark.parametrize(
    ("settings", "direction", "cells", "code"),
    [
        ("to: 0", "", CELLS, "DT304"),
        ("to: {unit: u0}", "", [-1, 2], "DT304"),
        ("to: 5", ", direction: lower", [0, 2], "DT304"),
        ("to: 5, form: log", "", [-3, 2], "DT304"),
        ("to: {unit: nobody}", "", CELLS, "DT024"),
        ("to: {unit: u1}", "", [1, None, 3], "DT024"),
        ("to: 7, form: one-minus", "", [7, 7], "DT301"),
    ],
)
def test_what_cannot_be_compared(codes_of, settings, direction, cells, code):
    assert codes_of(one(settings, direction), {"a": cells}) == [code]


def test_a_unit_in_a_panel_needs_one_period(codes_of, score):
    blocks = "units: {kind: unit, key: unit, period: year}\n" + one("to: {unit: p}")
    keys = {"units": ["p", "q", "p", "q"], "periods": ["1", "1", "2", "2"]}
    assert codes_of(blocks, {"a": [1, 2, 3, 4]}, **keys) == ["DT024"]
    based = score(blocks + "\nfit: base\nbase_period: 1", {"a": [2, 4, 6, 8]}, **keys)
    assert based.column("a").tolist() == [1, 2, 3, 4]
    each = score(blocks + "\nfit: each_period", {"a": [2, 4, 6, 9]}, **keys)
    assert each.column("a").tolist() == [1, 2, 1, 1.5]


@pytest.mark.parametrize("settings", ["{}", "{percentile: 5, unit: u0}"])
def test_one_reference(methodology, settings):
    with pytest.raises(Exception, match="expected one of `percentile`, `unit`"):
        methodology(one(f"to: {settings}"))


def test_one_unit(fitted):
    edition = fitted(one("to: {unit: u0}, form: log"), {"a": CELLS}).freeze("x")
    assert edition.score_unit({"a": 25}).scores["a"] == pytest.approx(math.log(2.5))
