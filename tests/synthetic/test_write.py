"""Files: whole, labelled, and read back as what was made."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

import dtindex
from dtindex.spec import Methodology
from dtindex.synthetic.write import write_table

Toy = Callable[..., Methodology]
LABEL = "synthetic: dtindex sample toy seed 1"


@pytest.fixture
def made(toy: Toy) -> dtindex.SyntheticSample:
    return dtindex.sample(toy("sample: {missing: 0.1, careless: 0.1}\n"), 300, seed=1)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_every_file_scores_like_the_table(toy: Toy, made: dtindex.SyntheticSample, ending: str, tmp_path: Path) -> None:
    methodology = toy()
    path = made.write(tmp_path / f"made{ending}")
    from_file = dtindex.read_table(path, methodology)
    from_memory = dtindex.read_table(made.table, methodology)
    one, two = (dtindex.CompositeIndex(methodology).fit(table).score() for table in (from_file, from_memory))
    assert one.values.tobytes() == two.values.tobytes()
    assert LABEL in str(from_file.findings)


def test_a_csv_file_begins_with_a_mark_and_bears_the_label_in_every_row(
    made: dtindex.SyntheticSample, tmp_path: Path
) -> None:
    content = made.write(tmp_path / "made.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 301
    assert all(LABEL in line for line in lines[1:])


def test_a_parquet_file_says_it_in_its_metadata(made: dtindex.SyntheticSample, tmp_path: Path) -> None:
    path = made.write(tmp_path / "made.parquet")
    assert parquet.read_schema(path).metadata[b"dtindex.synthetic"] == LABEL.encode()
    assert parquet.read_table(path)["q_choice"].to_pylist() == made.table["q_choice"].to_pylist()


def test_a_workbook_says_it_in_its_properties(made: dtindex.SyntheticSample, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(made.write(tmp_path / "made.xlsx"))
    assert (book.properties.title, book.properties.description) == (LABEL, LABEL)
    assert book.sheetnames == ["synthetic"]


def test_the_same_sample_is_the_same_file(toy: Toy, tmp_path: Path) -> None:
    for ending in (".csv", ".parquet", ".xlsx"):
        one, two = (dtindex.sample(toy(), 40, seed=1).write(tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
        assert one == two


def test_a_workbook_does_not_tell_when_it_was_written(made: dtindex.SyntheticSample, tmp_path: Path) -> None:
    with zipfile.ZipFile(made.write(tmp_path / "made.xlsx")) as package:
        assert b"2000-01-01T00:00:00Z</dcterms:created>" in package.read("docProps/core.xml")


def test_another_ending_is_refused(made: dtindex.SyntheticSample, tmp_path: Path) -> None:
    with pytest.raises(dtindex.UsageError, match=r"DT902 .*\.csv, \.parquet, \.xlsx"):
        made.write(tmp_path / "made.sav")


def test_a_sheet_that_cannot_hold_the_rows_is_refused(tmp_path: Path) -> None:
    table = pa.table({"a": pa.nulls(1_048_576, pa.int8())})
    with pytest.raises(dtindex.UsageError, match="DT902 1,048,576 rows"):
        write_table(table, tmp_path / "large.xlsx", LABEL)
    assert not list(tmp_path.iterdir())
