"""The files of a run: the same bytes for the same input, text that no spreadsheet runs, numbers that stay numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import dtindex
from dtindex import CompositeIndex, Table
from dtindex.findings import Findings, UsageError
from dtindex.output import Run, json_text, long_csv, neutral, run_record, table_csv, twelve, wide_csv, write_scores
from dtindex.spec import parse_methodology
from dtindex.tables.formats import read_raw

FITTED = """\
schema_version: 1
id: fitted
title: Fitted
units: {kind: city, key: city, groups: [region]}
defaults: {impute: {method: group-mean, by: region}}
nodes:
  - {id: index}
  - {id: first, parent: index, weight: 0.3, scale: open}
  - {id: second, parent: index, weight: 0.7, scale: open}
indicators:
  - {id: a, parent: first, weight: 1, normalise: {method: z-score}}
  - {id: b, parent: first, weight: 2, normalise: {method: rank}}
  - {id: c, parent: second, normalise: {method: z-score, ddof: 0}, direction: lower}
  - {id: d, parent: second, normalise: {method: z-score, mean: 100, sd: 15}}
tiers:
  - {node: index, method: thresholds, levels: [{id: top, at_least: 50}, {id: rest}]}
"""


@pytest.fixture(scope="module")
def fitted() -> dtindex.Methodology:
    methodology, findings = parse_methodology(FITTED, "fitted.yaml")
    assert methodology is not None, str(findings)
    return methodology


def records(rows: int) -> list[dict[str, str]]:
    """Cities with figures of very different magnitudes, some of them missing."""
    rng = np.random.default_rng(20)
    figures = rng.lognormal(3, 2, (rows, 4))
    lacking = rng.random((rows, 4)) < 0.05
    return [
        {
            "city": f"city {row:06d}",
            "region": f"r{row % 7}",
            **{
                name: "" if lacking[row, column] else repr(float(figures[row, column]))
                for column, name in enumerate("abcd")
            },
        }
        for row in range(rows)
    ]


def as_csv(rows: list[dict[str, str]], columns: list[str], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_shuffled_rows_and_columns_give_the_same_bytes(fitted: dtindex.Methodology, tmp_path: Path) -> None:
    """Means, deviations and group means are summed in another order, and every figure is the same."""
    rows = records(500)
    written = set()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        columns = ["city", "region", "a", "b", "c", "d"]
        if seed:
            rng.shuffle(columns)
            rows = [rows[position] for position in rng.permutation(len(rows))]
        scores = CompositeIndex(fitted).fit_score(as_csv(rows, columns, tmp_path / "table.csv"))  # type: ignore[arg-type]
        written.add((long_csv(scores), wide_csv(scores)))
    assert len(written) == 1


def test_threads_change_no_byte(fitted: dtindex.Methodology) -> None:
    """70,000 rows are more than one block of 65,536."""
    rows = 70_000
    values = np.random.default_rng(3).lognormal(3, 2, (rows, 4))
    table = Table.from_arrays(
        [f"u{row:06d}" for row in range(rows)],
        list("abcd"),
        values,
        texts={"region": [f"r{row % 7}" for row in range(rows)]},
    )
    index = CompositeIndex(fitted).fit(table)
    one, two = index.score(), CompositeIndex(fitted, threads=2).fit(table).score()
    assert wide_csv(one) == wide_csv(two)
    assert long_csv(one) == long_csv(two)


def caict() -> dtindex.Scores:
    methodology = dtindex.load_methodology("caict-computing-power-1.0")
    return CompositeIndex(methodology).fit_score(methodology.data())


def parsed(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_long_table_is_to_long() -> None:
    scores = caict()
    rows = parsed(long_csv(scores))
    frame = scores.to_long()
    assert (
        list(rows[0])
        == list(frame.columns)
        == ["unit", "name", "period", "node", "score", "rank", "coverage", "status"]
    )
    assert [row["unit"] for row in rows] == frame["unit"].tolist()
    assert [float(row["score"] or "nan") for row in rows] == pytest.approx(
        frame["score"].tolist(), rel=1e-11, nan_ok=True
    )
    assert [row["status"] for row in rows] == frame["status"].tolist()
    assert [float(row["coverage"]) for row in rows] == pytest.approx(frame["coverage"].tolist(), rel=1e-11)
    assert [int(row["rank"] or 0) for row in rows] == frame["rank"].fillna(0).tolist()


def test_the_wide_table() -> None:
    rows = parsed(wide_csv(caict()))
    assert list(rows[0])[:3] == ["unit", "name", "index"]
    assert list(rows[0])[-2:] == ["rank:index", "tier:index"]
    assert rows[0]["unit"] == "北京"  # the first of the codelist
    guangdong = next(row for row in rows if row["unit"] == "广东")
    assert (guangdong["rank:index"], guangdong["tier:index"]) == ("1", "t1")
    assert guangdong["network"] == ""


def test_periods_are_a_column() -> None:
    methodology = dtindex.load_methodology("nbs-new-drivers-2022")
    scores = CompositeIndex(methodology).fit_score(methodology.data())
    assert list(parsed(wide_csv(scores))[0])[:3] == ["unit", "name", "period"]
    assert parsed(long_csv(scores))[0]["period"]


def test_excel_and_our_own_reader_open_the_tables(tmp_path: Path) -> None:
    for path in write_scores(tmp_path, caict(), Findings(), Run()):
        if path.suffix == ".csv":
            assert path.read_bytes().startswith(b"\xef\xbb\xbf")
            raw = read_raw(path)
            assert raw.header[0] == "unit"
            assert not [one for one in raw.findings if one.severity == "error"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"])
def test_a_formula_is_neutralised(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "北京", "a=b", "1-2", "'x", "—"])
def test_other_text_stays(text: str) -> None:
    assert neutral(text) == text


def test_negative_numbers_stay_numbers(fitted: dtindex.Methodology) -> None:
    table = Table.from_arrays(
        ["-x", "=y", "z"], list("abcd"), np.arange(12.0).reshape(3, 4) ** 2, texts={"region": ["r", "r", "r"]}
    )
    rows = parsed(wide_csv(CompositeIndex(fitted).fit_score(table)))
    assert [row["unit"] for row in rows] == ["'-x", "'=y", "z"]
    assert float(rows[0]["a"]) < 0


@pytest.mark.parametrize(
    ("value", "kept"), [(1 / 3, 0.333333333333), (-0.0, 0.0), (float("nan"), None), (float("inf"), None)]
)
def test_twelve_digits(value: float, kept: float | None) -> None:
    assert twelve(value) == kept
    assert str(twelve(value)) == str(kept)


def test_the_record() -> None:
    scores = caict()
    record = run_record(scores, scores.findings, Run(("score", "x"), "abc", ("2020", "def"), "reference"))
    assert record["command"] == ["dtindex", "score", "x"]
    assert record["edition"] == {"name": "2020", "hash": "def"}
    assert record["table"] == {"hash": "abc", "rows": 31}
    assert record["weights"]["effective"]["environment"] == twelve(1 / 3)
    assert set(record["weights"]["nodes"]["index"]) == {"computing_scale", "environment", "application"}
    assert [one["item"] for one in record["comparisons"]] == ["index", "computing_scale"]
    assert {one["item"] for one in record["provenance"]["recovered"]} == {
        "computing_scale",
        "environment",
        "application",
        "compute",
    }
    assert json.loads(json_text(record)) == record


def test_nothing_is_written_where_one_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match="DT410"):
        write_scores(tmp_path / "out", caict(), Findings(), Run())
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a file"


def test_any_table_is_written_as_scores_are() -> None:
    row = (None, float("nan"), -0.0, 1 / 3, 7, True, np.bool_(False), np.float64(2.5), "=1+1", "北,京")
    written = table_csv([str(number) for number in range(len(row))], [row])
    assert written.startswith(b"\xef\xbb\xbf")
    expected = """,,0,0.333333333333,7,true,false,2.5,'=1+1,"北,京\""""
    assert written.decode("utf-8-sig").splitlines()[1] == expected
