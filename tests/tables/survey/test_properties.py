"""What holds of every export: order means nothing, and no cell brings the reading down."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import survey_exports as exports
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.findings import DtindexError
from dtindex.output import long_csv, wide_csv
from dtindex.spec import Methodology, load_methodology
from dtindex.tables.raw import RawTable
from dtindex.tables.read import check_table, read_source, read_table

MAKERS = {
    "wjx": exports.wjx,
    "wjx codes": lambda of: exports.wjx(of, codes=True),
    "qualtrics": exports.qualtrics,
    "limesurvey": lambda of: exports.limesurvey(of, full=True),
    "plain": exports.plain,
}
MEANT = [
    "",
    "-2",
    "-3",
    "(空)",
    "1",
    "0",
    "云┋其他",
    "人才→数据",
    "┋",
    "〖",
    "〗〖",
    "8",
    "1e309",
    "nan",
    "=1+1",
    "10%",
    "有规划",
]


@cache
def questionnaire() -> Methodology:
    return load_methodology(Path(__file__).parent / "every_kind.yaml")


def files_of(methodology: Methodology, path: Path) -> tuple[bytes, bytes, str]:
    table = read_table(path, methodology)
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    return long_csv(scores), wide_csv(scores), scores.classes.sort_index().to_csv()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@given(st.sampled_from(sorted(MAKERS)), st.integers(0, 10_000))
@settings(max_examples=25)
def test_order_of_rows_and_columns_means_nothing(folder: Path, name: str, seed: int) -> None:
    methodology, chance = questionnaire(), random.Random(seed)
    grid = MAKERS[name](exports.sample(methodology, 25))
    expected = files_of(methodology, exports.write(grid, folder / "in_order.csv"))
    columns = list(range(len(grid.heads[0])))
    chance.shuffle(columns)
    chance.shuffle(grid.rows)
    assert files_of(methodology, exports.write(grid.take(columns), folder / "shuffled.csv")) == expected


cells = st.one_of(
    st.sampled_from(MEANT), st.text(max_size=12), st.from_regex(r"[-0-9.,%:秒分┋→;]{1,8}", fullmatch=True)
)


@given(st.sampled_from(sorted(MAKERS)), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 60), cells), max_size=12))
@settings(max_examples=150)
def test_any_text_in_cells_is_an_answer_or_a_finding(name: str, put: list[tuple[int, int, str]]) -> None:
    grid = MAKERS[name](exports.sample(questionnaire(), 8))
    for row, column, cell in put:
        grid.rows[row][column % len(grid.heads[0])] = cell
    survives(grid)


@given(st.sampled_from(sorted(MAKERS)), st.lists(st.tuples(st.integers(0, 60), st.text(max_size=20)), max_size=6))
@settings(max_examples=100)
def test_any_heading_is_understood_or_a_finding(name: str, put: list[tuple[int, str]]) -> None:
    grid = MAKERS[name](exports.sample(questionnaire(), 8))
    for column, heading in put:
        for heads in grid.heads:
            heads[column % len(heads)] = heading
    survives(grid)


def survives(grid: exports.Grid) -> None:
    """Reading ends with a table or with findings, and scoring what was read with scores or with findings."""
    names = [str(head) for head in grid.heads[0]]
    rows = [*grid.heads[1:], *grid.rows]
    columns = {name or " ": ["" if row[at] is None else str(row[at]) for row in rows] for at, name in enumerate(names)}
    told: list[int] = []
    try:
        raw: RawTable = read_source(pd.DataFrame(columns))
        table, findings = check_table(raw, questionnaire())
        assert (table is None) == bool(findings.errors)
        if table is not None:
            dti.CompositeIndex(questionnaire()).fit(table).score(table)
    except DtindexError as error:
        told.append(len(error.findings))
    assert all(told)
