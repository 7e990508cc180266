"""`dtindex diff`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

NBS = "nbs-new-drivers-2022"
INDEX = """\
schema_version: 1
id: {id}
title: {{en: Index of {year}, zh: {year} 年指数}}
units: {{kind: province, key: province}}
nodes: [{{id: index, label: {{en: Index, zh: 总指数}}}}]
indicators:
  - {{id: a, parent: index, weight: {a}, normalise: {{method: goalposts, worst: 0, best: {top}}}}}
  - {{id: b, parent: index, weight: 1, normalise: {{method: goalposts, worst: 0, best: 10}}}}
"""


@pytest.fixture
def editions(tmp_path: Path) -> tuple[Path, ...]:
    """Two methodologies and their tables: other data, weights 1:1 to 3:1, a goalpost from 10 to 20."""
    texts = {
        "old.yaml": INDEX.format(id="old", year=2021, a=1, top=10),
        "new.yaml": INDEX.format(id="new", year=2022, a=3, top=20),
        "old.csv": "province,a,b\n东,4,6\n西,2,2\n南,9,9\n",
        "new.csv": "province,a,b\n东,8,9\n西,3,2\n北,1,1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tuple(tmp_path / name for name in texts)


def compared(cli, editions, *words: str | Path):
    old, new, before, after = editions
    return cli("diff", old, new, "--before-table", before, "--after-table", after, *words)


def test_prints_what_came_from_data_weights_and_method(cli, editions) -> None:
    """东: 50 before, 0.75 * 40 + 0.25 * 90 = 52.5 after; 西: 20 before, 0.75 * 15 + 0.25 * 20 = 16.25."""
    english, chinese = compared(cli, editions), compared(cli, editions, "--language", "zh")
    assert english.code == chinese.code == 0
    for said in (
        "before: Index of 2021",
        "after: Index of 2022",
        "2 units in both",
        "data, weights, method changed",
        "+2.50",
    ):
        assert said in english.out
    for said in ("前: 2021 年指数", "后: 2022 年指数", "2 个共同单元", "数据、权重、方法 发生变化", "16.25"):
        assert said in chinese.out
    assert "nan" not in (english.out + chinese.out).casefold()
    # Data, weights, method of 东 by the six orders of its eight mixtures, 50 85 45 82.5 40 65 30 52.5.
    assert next(word for word in english.out.splitlines() if "东" in word).split()[-3:] == ["+29.58", "-7.92", "-19.17"]
    assert "2 > 1" in english.out  # 南, who was first, is not in the second table
    assert "DT394" in compared(cli, editions, "--verbose").err


def test_writes_units_items_and_the_record(cli, editions, tmp_path: Path) -> None:
    assert compared(cli, editions, "-o", tmp_path / "out").code == 0
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"difference.csv", "difference_items.csv", "diff.json"}
    rows = {}
    for name in ("difference", "difference_items"):
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows[name] = list(csv.DictReader(file))
    record = json.loads((tmp_path / "out" / "diff.json").read_text(encoding="utf-8"))
    assert [row["unit"] for row in rows["difference"]] == [row["unit"] for row in record["units"]]
    for row in rows["difference"]:
        parts = {cause: float(row[cause]) for cause in ("data", "weights", "method")}
        assert sum(parts.values()) == pytest.approx(float(row["change"]), abs=1e-9)
        items = [item for item in rows["difference_items"] if item["unit"] == row["unit"]]
        for cause, part in parts.items():
            assert sum(float(item[cause]) for item in items) == pytest.approx(part, abs=1e-9)
    assert record["only_before"] == ["南"]
    assert record["only_after"] == ["北"]
    assert record["before"]["methodology"]["id"] == "old"
    assert len(record["after"]["table_hash"]) == 64
    assert record["command"][:2] == ["dtindex", "diff"]


def test_two_periods_of_one_table(cli) -> None:
    """NBS: 119.5 in 2023 and 136.0 in 2024, by the same weights and base: data alone."""
    document = cli("diff", NBS, "--periods", "2023,2024", "--json").document
    assert document["verb"] == "diff"
    assert document["periods"] == ["2023", "2024"]
    assert document["changed"] == ["data"]
    (unit,) = document["units"]
    assert unit["data"] == unit["change"] == pytest.approx(136.0 - 119.5, abs=0.1)


def test_editions_are_told_by_name(cli, editions, tmp_path: Path) -> None:
    old, new, before, after = editions
    assert cli("freeze", old, before, "-o", tmp_path / "2021.dtindex", "-q").code == 0
    assert cli("freeze", new, after, "-o", tmp_path / "2022.dtindex", "-q").code == 0
    document = cli("diff", tmp_path / "2021.dtindex", tmp_path / "2022.dtindex", "--json").document
    assert [document[side]["edition"]["name"] for side in ("before", "after")] == ["2021", "2022"]
    assert document["residual"] < 1e-9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((NBS,), "takes two methodologies"),
        ((NBS, "--periods", "2023"), "expected two periods"),
        ((NBS, "--periods", "2023,2030"), "DT396"),
        ((NBS, "--periods", "2023,2024", "--node", "nothing"), "DT396"),
        ((NBS, "nbs-new-drivers-2014"), "DT396"),
    ],
)
def test_a_line_that_cannot_be_carried_out(cli, words, said) -> None:
    found = cli("diff", *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
