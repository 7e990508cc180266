"""Sheets to fill in read back as they are."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from dtindex.findings import UsageError
from dtindex.spec import Methodology, load_methodology, shipped_methodologies
from dtindex.tables.read import check_table, read_table
from dtindex.tables.template import write_template

Load = Callable[..., Methodology]

BODY = """\
units: {kind: province, key: province, codelist: cn-province, period: year, groups: [region, zone], name: full}
sources: [{id: s, title: {en: Yearbook, zh: 年鉴}, publisher: {en: Bureau, zh: 统计局}, year: 2024}]
nodes:
  - {id: index, label: {en: Index, zh: 指数}}
  - {id: part, parent: index, column: part_score}
indicators:
  - id: gdp
    parent: part
    column: GDP
    type: thousands
    unit: {en: CNY bn, zh: 十亿元}
    label: {zh: 生产总值}
    source: s
  - {id: share, parent: part, type: percent, range: [0, 100], codes: {"—": {status: missing}}}
  - {id: pue, parent: part, direction: lower, range: [1, 3], note: "=1+1"}
"""

FIRMS = "units: {kind: firm, key: firm}\nnodes: [{id: index}]\nindicators: [{id: x, parent: index}]\n"


def fill(path: Path) -> None:
    """Fill in a workbook as a person would, with another program."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["data"]
    header = [cell.value for cell in sheet[1]]
    for number, row in enumerate(sheet.iter_rows(min_row=2), 1):
        for name, cell in zip(header, row, strict=True):
            if name in ("GDP", "share", "pue"):
                cell.value = {"GDP": 1000.5 + number, "share": 45, "pue": 1 + number / 100}[name]
            elif name == "zone":
                cell.value = "南"
    sheet["F2"] = "12,345.5"
    workbook.save(path)


def test_a_filled_workbook_reads_back(tmp_path: Path, methodology: Load) -> None:
    loaded = methodology(BODY)
    path = write_template(loaded, tmp_path / "t.xlsx", periods=["2023", "2024"])
    fill(path)
    table = read_table(path, loaded)
    assert len(table) == 68
    assert not table.findings
    assert table.units[:2].tolist() == ["北京", "北京"]
    assert table.periods is not None
    assert table.periods[:2].tolist() == ["2023", "2024"]
    assert table.texts["full"][0] == "北京市"
    assert table.column("gdp")[:2].tolist() == [12345.5, 1002.5]
    assert table.column("share")[0] == 45


def test_a_filled_csv_reads_back(tmp_path: Path, methodology: Load) -> None:
    loaded = methodology(BODY)
    path = write_template(loaded, tmp_path / "t.csv", units=["粤", "Beijing"], periods=["2024"])
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "province,year,full,zone,part_score,GDP,share,pue"
    assert lines[1] == "广东,2024,广东省,,,,,"
    path.write_text(
        "\n".join([lines[0], "广东,2024,广东省,南,,1,2,1.5", "北京,2024,北京市,北,,1,2,1.5"]), encoding="utf-8-sig"
    )
    table = read_table(path, loaded)
    assert not table.findings
    assert table.units.tolist() == ["广东", "北京"]


@pytest.mark.parametrize("name", [str(name) for name in shipped_methodologies()])
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_every_shipped_methodology_has_a_template_that_needs_figures_only(
    tmp_path: Path, name: str, suffix: str
) -> None:
    loaded = load_methodology(name)
    path = write_template(loaded, tmp_path / f"t{suffix}", units=None if loaded.units.codelist else ["A", "B"])
    _, findings = check_table(path, loaded)
    lacking = {"DT302"} | ({"DT215"} if loaded.units.period else set())
    lacking |= {"DT216"} if loaded.units.groups and not loaded.units.codelist else set()
    lacking |= {"DT210", "DT235"} if loaded.survey else set()  # nobody has a weight or an answer yet
    assert set(findings.codes) <= lacking
    assert not findings.errors or loaded.units.period


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_same_bytes_each_time(tmp_path: Path, methodology: Load, suffix: str) -> None:
    first = write_template(methodology(BODY), tmp_path / f"a{suffix}").read_bytes()
    assert write_template(methodology(BODY), tmp_path / f"b{suffix}").read_bytes() == first


def test_what_the_workbook_says(tmp_path: Path, methodology: Load) -> None:
    path = write_template(methodology(BODY), tmp_path / "t.xlsx", periods=["2024"])
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["data", "notes"]
    sheet = workbook["data"]
    assert sheet.max_row == 35
    assert sheet.freeze_panes == "D2"
    comment = sheet["F1"].comment
    assert comment is not None
    assert "生产总值" in comment.text
    assert "十亿元 / CNY bn" in comment.text
    assert "统计局, 年鉴, 2024" in comment.text
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert [float(rules["H2:H35"].formula1), float(rules["H2:H35"].formula2)] == [1, 3]
    assert rules["H2:H35"].errorStyle in (None, "stop")
    assert rules["G2:G35"].errorStyle == "warning"
    assert sheet["A2"].number_format == "@"


def test_a_workbook_with_other_sheets_is_not_taken_for_a_template(tmp_path: Path, methodology: Load) -> None:
    path = write_template(methodology(FIRMS), tmp_path / "t.xlsx", units=["A", "B"])
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("more")["A1"] = "x"
    workbook.save(path)
    _, findings = check_table(path, methodology(FIRMS))
    assert findings.codes == ["DT129"]


def test_a_template_without_units_has_room_for_them(tmp_path: Path, methodology: Load) -> None:
    path = write_template(methodology(FIRMS), tmp_path / "t.xlsx")
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["data"]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "B2:B201"
    sheet.append(["A", 1])
    sheet.append(["B", 2])
    workbook.save(path)
    assert read_table(path, methodology(FIRMS)).units.tolist() == ["A", "B"]


def test_names_stay_text(tmp_path: Path, methodology: Load) -> None:
    """A unit that is spelt like a formula or a number is a text in a workbook, and refused in a CSV file."""
    loaded = methodology(FIRMS)
    path = write_template(loaded, tmp_path / "t.xlsx", units=["=1+1", "010"])
    with zipfile.ZipFile(path) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
        assert b"=1+1" in package.read("xl/sharedStrings.xml")
    with pytest.raises(UsageError, match="DT902"):
        write_template(methodology(FIRMS), tmp_path / "t.csv", units=["=1+1"])


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("t.ods", {}, "ends in .xlsx or .csv"),
        ("t.csv", {"units": ["广东", "Guangdon"]}, "'Guangdon' (广东)"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, methodology: Load, name: str, options: dict[str, list[str]], words: str
) -> None:
    with pytest.raises(UsageError, match="DT902") as caught:
        write_template(methodology(BODY), tmp_path / name, **options)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert not (tmp_path / name).exists()


def test_periods_without_a_column_are_refused(tmp_path: Path, methodology: Load) -> None:
    with pytest.raises(UsageError, match=r"units: \{period"):
        write_template(methodology(FIRMS), tmp_path / "t.csv", periods=["2024"])
