"""The workbook: what LibreOffice computes from its formulas is what the library gives, also after a change."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from xlsxwriter.utility import xl_col_to_name

import dtindex as dti
from dtindex.reports.workbook.grid import FIRST_ROW

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")  # data bars, to openpyxl

OFFICE_LACKS = "no LibreOffice to compute a workbook with"
# Files of other programs are computed anew when they are opened: their formulas, not what these gave before.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
SHIPPED = ("caict-computing-power-1.0", "nbs-new-drivers-2022", "miit-telecom-regions", "accenture-disruption")
TREE = """
schema_version: 1
id: means
title: {en: Means, zh: 均值}
units: {kind: city, key: city}
defaults: {coverage: {at_least: 0.4}}
nodes:
  - {id: index, label: {en: Index, zh: 总指数}, rank: {decimals: 1}}
  - {id: geo, parent: index, weight: 2, aggregate: {method: geometric, within: [1, 100]}}
  - {id: har, parent: index, weight: 1, aggregate: {method: harmonic, zeros: allow}, round: 2}
  - {id: pow, parent: index, weight: 1, aggregate: {method: power, p: 0.5}}
  - {id: zed, parent: index, weight: 1, scale: open}
indicators:
  - {id: a, parent: geo, weight: 1, normalise: {method: goalposts, worst: 0, best: 10, clip: both}}
  - {id: b, parent: geo, weight: 3, normalise: {method: min-max}}
  - {id: c, parent: geo, weight: 1, direction: lower, normalise: {method: min-max}}
  - {id: d, parent: har, normalise: {method: goalposts, worst: 12, best: -1}}
  - {id: e, parent: har, normalise: {method: target, target: 9}}
  - {id: f, parent: pow, normalise: {method: goalposts, worst: -1, best: 11}, times: 0.5}
  - {id: g, parent: pow, scale: [0, 100], normalise: {method: goalposts, worst: {percentile: 0}, best: 12}, round: 1}
  - {id: h, parent: zed, scale: open, normalise: {method: z-score}}
  - {id: i, parent: zed, scale: open, direction: lower, normalise: {method: z-score, mean: 5, sd: 2}}
  - {id: j, parent: zed, scale: open, normalise: {method: rank}}
  - {id: k, parent: zed, scale: open, direction: lower, normalise: {method: rank, ties: minimum}}
tiers:
  - {node: index, method: thresholds, levels: [{id: first, at_least: 40}, {id: second, at_least: 30}, {id: rest}]}
"""


def office() -> str:
    """LibreOffice's program."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("DTINDEX_REQUIRE_OFFICE"):
            pytest.fail(OFFICE_LACKS)
        pytest.skip(OFFICE_LACKS)
    return found


def computed(content: bytes, folder: Path, change: dict[tuple[str, str], float] | None = None) -> Any:
    """The workbook as LibreOffice computes it, from formulas that bear no figures."""
    program = office()
    folder.mkdir(parents=True, exist_ok=True)
    given = folder / "given.xlsx"
    given.write_bytes(content)
    if change:
        book = load_workbook(given)
        for (sheet, cell), value in change.items():
            book[sheet][cell] = value
        book.save(given)
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(PROFILE)
    words = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(given)]
    user = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run([program, user, *words], check=True, capture_output=True, timeout=300)
    return load_workbook(folder / "out" / "given.xlsx", data_only=True)


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    book = load_workbook(io.BytesIO(content))
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }


def differences(made: dti.Workbook, bare: bytes, folder: Path) -> list[tuple[Any, ...]]:
    """Cells whose formula gives something else than the library gives."""
    known = load_workbook(io.BytesIO(made.content), data_only=True)
    found = computed(bare, folder)
    wrong = []
    cells = formulas(bare)
    assert len(cells) == made.formulas
    for (sheet, cell), formula in cells.items():
        wanted, got = (book[sheet][cell].value for book in (known, found))
        if isinstance(wanted, int | float) and isinstance(got, int | float):
            same = abs(wanted - got) <= 1e-9 * max(1.0, abs(wanted))
        else:
            same = (wanted or "") == (got or "")
        if not same:
            wrong.append((sheet, cell, formula, wanted, got))
    return wrong


@pytest.fixture(scope="module")
def means() -> dti.CompositeIndex:
    """Every method that a sheet has a formula for, with gaps, ties and zeros."""
    methodology, findings = dti.parse_methodology(TREE, "means.yaml")
    assert methodology is not None, findings
    rng = np.random.default_rng(4)
    values = np.round(rng.uniform(0, 10, (24, 11)), 1)
    values[3, 0] = 0.0
    cells = pd.DataFrame(values.astype(str), columns=list("abcdefghijk"))
    for row, column in ((1, "a"), (2, "b"), (2, "c"), (5, "d"), (5, "e"), (7, "h"), (9, "j"), (9, "k")):
        cells.loc[row, column] = ""
    cells.insert(0, "city", [f"c{number:02d}" for number in range(24)])
    return dti.CompositeIndex(methodology).fit(dti.read_table(cells, methodology))


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_formula_of_the_shipped_indices_is_the_librarys_figure(name: str, language: Any, tmp_path: Path) -> None:
    index = dti.CompositeIndex(name).fit()
    made = dti.workbook(index, language=language, runs=0)
    bare = dti.workbook(index, language=language, runs=0, cached=False).content
    assert differences(made, bare, tmp_path) == []
    assert made.formulas > 50


def test_every_method_with_gaps_ties_and_zeros(means: dti.CompositeIndex, tmp_path: Path) -> None:
    made = dti.workbook(means, language="en", runs=0)
    assert differences(made, dti.workbook(means, language="en", runs=0, cached=False).content, tmp_path) == []
    cells = formulas(made.content)
    for column in range(3, 14):  # each indicator is computed wherever it has a value
        name = xl_col_to_name(column)
        live = [cell for sheet, cell in cells if sheet == "Normalised" and cell.rstrip("0123456789") == name]
        assert len(live) == 24, name
    nodes = [cell for sheet, cell in cells if sheet == "Scores" and cell[0] in "DEFGH" and int(cell[1:]) >= FIRST_ROW]
    assert len(nodes) == 5 * 24


def test_an_auditors_change_moves_the_scores_as_the_library_says(means: dti.CompositeIndex, tmp_path: Path) -> None:
    """Another weight, and another raw value."""
    bare = dti.workbook(means, language="en", runs=0, cached=False).content
    book = load_workbook(io.BytesIO(bare))
    weight = next(row for row in range(4, 30) if book["Weights"][f"B{row}"].value == "geo")
    unit = next(row for row in range(FIRST_ROW, 40) if book["Raw"][f"A{row}"].value == "c11")
    column = next(xl_col_to_name(at) for at in range(3, 14) if book["Raw"].cell(FIRST_ROW - 1, at + 1).value == "f")
    found = computed(bare, tmp_path, {("Weights", f"D{weight}"): 0.7, ("Raw", f"{column}{unit}"): 7.7})
    methodology, _ = dti.parse_methodology(
        TREE.replace("id: geo, parent: index, weight: 2", "id: geo, parent: index, weight: 0.7"), "m"
    )
    assert methodology is not None
    table = means.score().measured.copy()
    table.loc["c11", "f"] = 7.7
    again = table.map(lambda value: "" if np.isnan(value) else repr(float(value))).reset_index(names="city")
    scores = dti.CompositeIndex(methodology).fit(dti.read_table(again, methodology)).score()
    items = [found["Scores"].cell(FIRST_ROW - 1, at).value for at in range(4, 20)]
    moved = 0
    for row in range(FIRST_ROW, FIRST_ROW + 24):
        key = found["Scores"][f"A{row}"].value
        got, rank = found["Scores"].cell(row, 4 + items.index("index")).value, found["Ranks"].cell(row, 4).value
        wanted = scores.scores.loc[key, "index"]
        if got in (None, ""):
            assert np.isnan(wanted)
            continue
        assert got == pytest.approx(wanted, abs=1e-9)
        assert rank == scores.ranks.loc[key, "index"]
        moved += abs(wanted - means.score().scores.loc[key, "index"]) > 1e-6
    assert moved > 20


def test_what_a_sheet_cannot_compute_stands_as_a_figure_and_is_marked() -> None:
    respondents = dti.load_methodology("accenture-reinvention-2023")
    made = dti.read_table(dti.sample(respondents, 50, seed=1).table, respondents)
    found = dti.workbook(dti.CompositeIndex(respondents, assume="instrument-v1").fit(made), language="en", runs=0)
    book = load_workbook(io.BytesIO(found.content))
    fixed = [cell for row in book["Normalised"].iter_rows(min_row=FIRST_ROW, min_col=4) for cell in row if cell.value]
    assert found.fixed > 0
    assert all(cell.font.italic for cell in fixed if not str(cell.value).startswith("="))
    assert "made up" in " ".join(str(cell.value) for row in book["About"].iter_rows() for cell in row)


def test_more_than_a_thousand_units_are_figures_only() -> None:
    methodology, _ = dti.parse_methodology(TREE, "means.yaml")
    assert methodology is not None
    values = np.random.default_rng(1).uniform(1, 9, (1_001, 11))
    table = dti.Table.from_arrays([str(number) for number in range(1_001)], list("abcdefghijk"), values)
    found = dti.workbook(dti.CompositeIndex(methodology).fit(table), language="en", runs=0)
    assert formulas(found.content) == {}
    assert found.formulas == 0
    assert found.fixed > 20_000


def test_where_a_sheet_rounds_otherwise_no_formula_stands(tmp_path: Path) -> None:
    """Half a step below zero: up in the library, away from zero in a spreadsheet."""
    text = """
schema_version: 1
id: halves
title: Halves
units: {kind: city, key: city}
nodes: [{id: index, scale: open, round: 0}]
indicators: [{id: x, parent: index, scale: open, normalise: {method: none}}]
"""
    methodology, findings = dti.parse_methodology(text, "halves.yaml")
    assert methodology is not None, findings
    values = np.array([[-2.5], [-0.5], [0.5], [1.5], [-1.2]])
    index = dti.CompositeIndex(methodology).fit(dti.Table.from_arrays(list("abcde"), ["x"], values))
    assert index.score().scores["index"].tolist() == [-2.0, 0.0, 1.0, 2.0, -1.0]
    made = dti.workbook(index, language="en", runs=0)
    live = {cell for sheet, cell in formulas(made.content) if sheet == "Scores" and cell[0] == "D"}
    assert live == {"D8", "D9", "D10"}
    assert differences(made, dti.workbook(index, language="en", runs=0, cached=False).content, tmp_path) == []


def test_the_same_bytes_and_texts_that_are_no_formulas(tmp_path: Path) -> None:
    index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    first, second = (dti.workbook(index, runs=256, seed=3).content for _ in range(2))
    assert first == second
    path = dti.report(index, tmp_path / "x.xlsx", runs=256, seed=3)
    assert path.read_bytes() == first
    book = load_workbook(io.BytesIO(first))
    assert book.sheetnames[:3] == ["说明", "指标体系", "权重"]
    assert book["不确定性"]["A2"].value.startswith("模拟 256 次")
    methodology, _ = dti.parse_methodology(TREE.replace("{en: Index, zh: 总指数}", '"=1+1"'), "means.yaml")
    assert methodology is not None
    table = dti.Table.from_arrays(
        ["=2+2", "b", "c"], list("abcdefghijk"), np.random.default_rng(1).uniform(1, 9, (3, 11))
    )
    made = dti.workbook(dti.CompositeIndex(methodology).fit(table), language="en", runs=0)
    sheet = load_workbook(io.BytesIO(made.content))["Scores"]
    assert sheet["A6"].data_type == "s"
    assert sheet["D4"].data_type == "s"
    assert (sheet["A6"].value, sheet["D4"].value) == ("=2+2", "=1+1")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dtindex.cli import main

    target = tmp_path / "index.xlsx"
    assert main(["report", SHIPPED[0], "-o", str(target), "--simulate", "100", "--quiet"]) == 0
    assert target.read_bytes()[:2] == b"PK"
    assert main(["report", SHIPPED[0], "-o", str(tmp_path / "y.xlsx"), "--part", "2"]) == 2
    assert "are for .html" in capsys.readouterr().err
    assert main(["report", SHIPPED[0], "-o", str(tmp_path / "y.odt")]) == 2
