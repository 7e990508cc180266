"""Distance to a target. Oracle: closed form; COINr n_dist2targ and n_dist2ref in tests/conformance."""

from __future__ import annotations

import pytest

import dtindex as dti


def one(settings: str, direction: str = "higher") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: target, {settings}}}}}]"
    )


@pytest.mark.parametrize(
    ("settings", "direction", "expected"),
    [
        ("target: 10", "higher", [0, 25, 100, 100]),  # (x - 2) / (10 - 2), capped
        ("target: 10, clip: none", "higher", [0, 25, 100, 225]),
        ("target: 0", "lower", [90, 80, 50, 0]),  # (20 - x) / 20
        ("target: 4, clip: best", "lower", [100, 100, 62.5, 0]),
        ("target: 10, base: 0", "higher", [20, 40, 100, 100]),
        ("target: 4, base: 12, clip: worst", "lower", [125, 100, 25, 0]),
        ("target: 20, base: {percentile: 50}, clip: none", "higher", [100 * (x - 7) / 13 for x in (2, 4, 10, 20)]),
    ],
)
def test_closed_form(score, settings, direction, expected):
    scores = score(one(settings, direction), {"a": [2, 4, 10, 20]})
    assert scores.column("a") == pytest.approx(expected, abs=1e-12)


def test_the_base_is_frozen_and_clipping_is_told(fitted, table):
    scores = fitted(one("target: 10"), {"a": [2, 4]}).score(table({"a": [0, 6, 12, None]}))
    assert scores.column("a")[:3].tolist() == [0, 50, 100]
    assert scores.status["a"].tolist() == ["clipped", "normal", "clipped", "missing"]


def test_a_target_in_raw_units_is_transformed_with_them(score):
    blocks = one("target: 100").replace("normalise:", "transform: {method: log}, normalise:")
    assert score(blocks, {"a": [1, 10, 1000]}).column("a") == pytest.approx([0, 50, 100], abs=1e-12)


@pytest.mark.parametrize(
    ("settings", "direction"), [("target: 1", "higher"), ("target: 30", "lower"), ("target: 1, base: 3", "higher")]
)
def test_a_target_that_contradicts_the_direction_is_refused(codes_of, settings, direction):
    assert codes_of(one(settings, direction), {"a": [2, 4, 10]}) == ["DT025"]


def test_a_target_that_everyone_misses_by_nothing_is_no_target(codes_of):
    assert codes_of(one("target: 3"), {"a": [3, 5, 3]}) == ["DT301"]


def test_one_unit(fitted):
    edition = fitted(one("target: 10"), {"a": [2, 4]}).freeze("x")
    assert edition.score_unit({"a": 6}).scores["a"] == 50
    with pytest.raises(dti.InputError, match="DT304"):
        fitted(one("target: -1", "lower").replace("normalise:", "transform: {method: log}, normalise:"), {"a": [2, 4]})
