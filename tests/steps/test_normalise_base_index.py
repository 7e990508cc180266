"""Index numbers. Oracle: level * x / x_base by hand."""

from __future__ import annotations

import numpy as np
import pytest

PANEL = ["2014", "2014", "2015", "2015"]
UNITS = ["a", "b", "a", "b"]


def one(settings: str = "", direction: str = "higher") -> str:
    return f"""\
        units: {{kind: unit, key: unit, period: year}}
        base_period: 2014
        nodes: [{{id: index}}]
        indicators:
          - {{id: x, parent: index, direction: {direction}, normalise: {{method: base-index{settings}}}}}
        """


def test_the_own_value_in_the_base_period_is_100(score):
    scores = score(one(), {"x": [10, 40, 15, 30]}, units=UNITS, periods=PANEL)
    assert scores.column("index").tolist() == [100, 100, 150, 75]
    assert scores.methodology.tree.scale("index") == "open"


def test_lower_is_better_takes_the_inverse(score):
    assert score(one(direction="lower"), {"x": [10, 40, 20, 30]}, units=UNITS, periods=PANEL).column(
        "x"
    ) == pytest.approx([100, 100, 50, 100 * 40 / 30], abs=1e-12)


def test_the_mean_over_units_in_the_base_period(score):
    scores = score(one(", of: mean, base: 1"), {"x": [10, 30, 20, 40]}, units=UNITS, periods=PANEL)
    assert scores.column("x").tolist() == [0.5, 1.5, 1, 2]


def test_a_later_period_changes_no_earlier_score(score):
    short = score(one(), {"x": [10, 40, 15, 30]}, units=UNITS, periods=PANEL)
    longer = score(one(), {"x": [10, 40, 15, 30, 99, 1]}, units=[*UNITS, "a", "b"], periods=[*PANEL, "2016", "2016"])
    assert (longer.column("x")[:4] == short.column("x")).all()


def test_the_order_of_rows_makes_no_difference(score):
    shuffled = score(one(), {"x": [30, 15, 40, 10]}, units=UNITS[::-1], periods=PANEL[::-1])
    assert shuffled.column("x").tolist() == [75, 150, 100, 100]


@pytest.mark.parametrize(
    ("cells", "direction"),
    [
        ([0, 40, 15, 30], "higher"),
        ([-5, 40, 15, 30], "higher"),
        ([None, 40, 15, 30], "higher"),
        ([10, 40, -1, 30], "lower"),
    ],
)
def test_without_a_positive_base_there_is_no_index_number(codes_of, cells, direction):
    """A negative base would turn the direction around: -5 to 15 would be an index of -300."""
    assert codes_of(one(direction=direction), {"x": cells}, units=UNITS, periods=PANEL) == ["DT304"]


def test_the_base_period_must_be_in_the_reference(codes_of):
    assert codes_of(one(), {"x": [1, 2]}, units=["a", "b"], periods=["2015", "2015"]) == ["DT313"]


def test_missing_later_is_missing(score):
    scores = score(one(), {"x": [10, 40, None, 30]}, units=UNITS, periods=PANEL)
    assert np.isnan(scores.column("x")[2])
