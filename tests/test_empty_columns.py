"""Row 62 of the bad inputs, end to end: an indicator without a single value."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtindex as dti

METHODOLOGY = """
schema_version: 1
id: empty-column
title: An empty column
units: {kind: region, key: region}
nodes: [{id: index}]
indicators:
"""


def _index(folder: Path, indicators: int, filled: int) -> dti.Scores:
    names = [f"x{number}" for number in range(indicators)]
    lines = "".join(f"  - {{id: {name}, parent: index}}\n" for name in names)
    (folder / "m.yaml").write_text(METHODOLOGY + lines, encoding="utf-8")
    rows = [",".join(["region", *names])]
    rows += [
        ",".join([unit, *(str(value) if i < filled else "" for i in range(indicators))])
        for unit, value in (("a", 1), ("b", 2))
    ]
    (folder / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    methodology = dti.load_methodology(str(folder / "m.yaml"))
    return dti.CompositeIndex(methodology).fit(dti.read_table(folder / "t.csv", methodology)).score()


def test_an_index_that_cannot_do_without_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dti.InputError, match="DT302"):
        _index(tmp_path, indicators=2, filled=1)  # coverage 0.5 of 0.65


def test_an_index_that_can_do_without_says_so(tmp_path: Path) -> None:
    scores = _index(tmp_path, indicators=4, filled=3)  # coverage 0.75 of 0.65
    assert scores.scores["index"].tolist() == [0.0, 100.0]
    assert scores.coverage["index"].tolist() == [0.75, 0.75]
    assert [one.severity for one in scores.findings if one.code == "DT302"] == ["warning"]
