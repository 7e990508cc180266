"""An outcome stays within what its own methodology reads: else the sample could not be scored."""

from __future__ import annotations

import pytest

from dtindex.spec import parse_methodology

TEXT = """
schema_version: 1
id: made-up
title: Made up
units: {{kind: firm, key: id}}
nodes: [{{id: index}}]
indicators:
  - {{id: a, parent: index, from: Q, normalise: {{method: goalposts, worst: 1, best: 5}}}}
  - {{id: asked, from: N}}
  - {{id: given, column: given, range: [0, 100]}}
questions: [{{id: Q, type: scale, points: 5}}, {{id: N, type: number, range: [0, 100]}}]
sample: {{outcomes: [{{method: normal, item: {item}, mean: 5, sd: 1, range: {bounds}}}]}}
"""


@pytest.mark.parametrize("item", ["asked", "given"])
@pytest.mark.parametrize(("bounds", "refused"), [("[0, 100]", False), ("[0, 101]", True), ("[-1, 9]", True)])
def test_the_range_of_an_outcome(item: str, bounds: str, refused: bool) -> None:
    _, findings = parse_methodology(TEXT.format(item=item, bounds=bounds).encode(), "made-up.yaml")
    assert [one.code for one in findings.errors] == (["DT028"] if refused else [])
