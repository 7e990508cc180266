"""Values that are scores already."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("scale", "direction", "expected"),
    [("[0, 10]", "higher", [0, 2.5, 10]), ("[0, 10]", "lower", [10, 7.5, 0]), ("[2, 10]", "lower", [12, 9.5, 2])],
)
def test_values_stand_or_turn_round_within_the_scale(score, scale, direction, expected):
    blocks = f"""\
        scale: {scale}
        nodes: [{{id: index}}]
        indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: none}}}}]
        """
    assert score(blocks, {"a": [0, 2.5, 10]}).column("a").tolist() == expected


def test_a_constant_column_is_none_of_its_business(score):
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: none}}]"
    assert score(blocks, {"a": [3, 3]}).column("index").tolist() == [3, 3]


def test_a_child_on_another_scale_is_mapped_to_its_parent(score):
    blocks = """\
        nodes: [{id: index}]
        indicators:
          - {id: a, parent: index, scale: [1, 5], normalise: {method: none}}
          - {id: b, parent: index, scale: [0, 1], normalise: {method: none}}
        """
    scores = score(blocks, {"a": [1, 3, 5], "b": [0, 0.5, 1]})
    assert scores.column("index").tolist() == [0, 50, 100]
    assert scores.column("a").tolist() == [1, 3, 5]
