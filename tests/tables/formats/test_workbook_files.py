"""Workbooks: cells as text, and what a reader of values alone would not tell."""

from __future__ import annotations

import datetime

import openpyxl
import pytest
import xlwt

from dtindex.findings import InputError, LimitError, UsageError
from dtindex.tables.formats import read_raw
from dtindex.tables.limits import Limits


def plain(book, sheet):
    sheet.write_row(0, 0, ["unit", "x"])
    sheet.write_row(1, 0, ["A", 1])


def test_cells_are_text(workbook):
    def fill(book, sheet):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["unit", "number", "text", "truth", "day", "moment"])
        sheet.write_row(1, 0, ["A", 5.0, "001", True])
        sheet.write_datetime(1, 4, datetime.date(2020, 1, 2), day)
        sheet.write_datetime(1, 5, datetime.datetime.fromisoformat("2020-01-02T03:04:05"), day)
        sheet.write_row(3, 0, ["B", 0.1, " NA ", False])

    raw = read_raw(workbook(fill))
    assert raw.header == ("unit", "number", "text", "truth", "day", "moment")
    assert raw.columns[:4] == (["A", "B"], ["5", "0.1"], ["001", "NA"], ["TRUE", "FALSE"])
    assert raw.columns[4:] == (["2020-01-02", ""], ["2020-01-02 03:04:05", ""])
    assert raw.dates == {(0, 4), (0, 5)}
    assert raw.rows.tolist() == [2, 4]
    assert (raw.kind, raw.sheet) == ("sheet", "S1")
    assert raw.place(1, 2).cell == "C4"
    assert raw.findings == ()
    assert raw.description == {"format": "Excel workbook", "sheet": "S1", "rows": "2", "columns": "6"}


def test_table_that_does_not_begin_in_a1(workbook):
    def fill(book, sheet):
        sheet.write_row("C4", ["unit", "x"])
        sheet.write_row("C5", ["A", 1])

    raw = read_raw(workbook(fill))
    assert raw.positions == (3, 4)
    assert raw.place(0, 1).cell == "D5"


def test_1_2_empty_and_header_only(workbook, refused):
    assert refused(workbook(lambda book, sheet: None)).code == "DT101"
    error = refused(workbook(lambda book, sheet: sheet.write_row(0, 0, ["unit", "x"])))
    assert (error.code, error.findings[0].place.line) == ("DT102", 1)


def test_21_several_sheets(workbook, refused):
    path = workbook(plain, lambda book, sheet: None, plain)
    error = refused(path)
    assert isinstance(error, InputError)
    assert error.code == "DT129"
    assert "'S1', 'S3'" in str(error)
    assert read_raw(path, sheet="S3").sheet == "S3"
    assert read_raw(workbook(lambda book, sheet: None, plain)).sheet == "S2"


def test_21_unknown_sheet(workbook, refused):
    error = refused(workbook(plain), sheet="S9")
    assert isinstance(error, UsageError)
    assert error.code == "DT902"
    assert "'S1'" in str(error)


def test_21_hidden_sheet(workbook, refused):
    def hidden(book, sheet):
        plain(book, sheet)
        sheet.hide()

    path = workbook(plain, hidden)
    raw = read_raw(path)
    assert (raw.sheet, [finding.code for finding in raw.findings]) == ("S1", ["DT130"])
    assert raw.findings[0].place.sheet == "S2"
    assert [finding.code for finding in read_raw(path, sheet="S2").findings] == ["DT130"]

    def only_hidden(book, sheet):
        sheet.very_hidden()
        plain(book, sheet)

    error = refused(workbook(lambda book, sheet: None, only_hidden))
    assert error.code == "DT129"
    assert "only hidden" in str(error)


def test_21_hidden_rows_and_columns(workbook):
    def fill(book, sheet):
        sheet.write_row(0, 0, ["unit", "x", "y"])
        for row in range(1, 9):
            sheet.write_row(row, 0, [f"u{row}", row, row])
            if row > 1:
                sheet.set_row(row, None, None, {"hidden": True})
        sheet.set_row(20, None, None, {"hidden": True})
        sheet.set_column("C:F", None, None, {"hidden": True})

    raw = read_raw(workbook(fill))
    assert len(raw) == 8
    messages = [finding.message for finding in raw.findings]
    assert messages[0].startswith("hidden and read: rows 3, 4, 5, 6, 7 and 2 more")
    assert messages[1].startswith("hidden and read: column C;")
    assert raw.findings[0].place.line == 3


def test_22_title_and_merged_header(workbook, refused):
    def fill(book, sheet):
        sheet.merge_range("A1:E1", "各省数据")
        sheet.merge_range("A2:A3", "地区")
        sheet.merge_range("B2:C2", "规模")
        sheet.merge_range("D2:E2", "环境")
        sheet.write_row("B3", ["算力", "存储", "政策", "人才"])
        for row in range(3, 9):
            sheet.write_row(row, 0, [f"u{row}", 1, 2, 3, 4])

    path = workbook(fill)
    error = refused(path)
    assert error.code == "DT131"
    assert error.findings[0].place.line == 1
    assert "header_rows=[2, 3]" in str(error)
    raw = read_raw(path, header_rows=[2, 3])
    assert raw.header == ("地区", "规模 算力", "规模 存储", "环境 政策", "环境 人才")
    assert raw.rows[0] == 4


def test_22_header_merged_downwards(workbook, refused):
    def fill(book, sheet):
        sheet.merge_range("A1:A2", "unit")
        sheet.write_row("B1", ["x", "y"])
        sheet.write_row("B2", ["EFlops", "%"])
        sheet.write_row("A3", ["A", 1, 2])

    path = workbook(fill)
    assert "header_rows=[1, 2]" in str(refused(path))
    assert read_raw(path, header_rows=[1, 2]).header == ("unit", "x EFlops", "y %")


def test_22_merged_names_are_filled_only_inside_the_merge(workbook):
    def fill(book, sheet):
        sheet.write("A1", "地区")
        sheet.merge_range("C1:D1", "规模")
        sheet.write_row("B2", ["年份", "算力", "存储"])
        sheet.write_row("A3", ["A", 2020, 1, 2])

    assert read_raw(workbook(fill), header_rows=[1, 2]).header == ("地区", "年份", "规模 算力", "规模 存储")


def test_22_empty_name(workbook, refused):
    error = refused(
        workbook(lambda book, sheet: (sheet.write_row("A1", ["u", "", "y"]), sheet.write_row("A2", [1, 2, 3])))
    )
    assert (error.code, error.findings[0].place.cell) == ("DT131", "B1")


def test_23_formula_without_a_value(tmp_path, refused):
    book = openpyxl.Workbook()
    for row in (["unit", "x", "y"], ["A", "=1+1", 2], ["B", 3, '=IF(1,"","")']):
        book.active.append(row)
    path = tmp_path / "formulas.xlsx"
    book.save(path)
    error = refused(path)
    assert error.findings.codes == ["DT132", "DT132"]
    assert [finding.place.cell for finding in error.findings] == ["B2", "C3"]


def test_23_formula_with_the_zero_of_a_writer_that_does_not_compute(workbook, refused):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_formula("B3", "=1+1")
        sheet.write("A3", "B")

    error = refused(workbook(fill))
    assert [(finding.code, finding.place.cell) for finding in error.findings] == [("DT132", "B3")]


def test_23_formula_with_a_value(workbook):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_formula("A3", '="B"', None, "B")
        sheet.write_formula("B3", "=1+1", None, 2)

    assert read_raw(workbook(fill)).columns == (["A", "B"], ["1", "2"])


def test_24_error_values(workbook):
    def fill(book, sheet):
        sheet.write_row(0, 0, ["unit", "x", "y"])
        for row in range(1, 9):
            sheet.write_row(row, 0, [f"u{row}", row])
            sheet.write_formula(row, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula("B3", "=NA()", None, "#N/A")

    raw = read_raw(workbook(fill))
    assert raw.columns[1][:3] == ["1", "", "3"]
    assert raw.columns[2] == [""] * 8
    assert [finding.code for finding in raw.findings] == ["DT133", "DT133"]
    assert [finding.place.cell for finding in raw.findings] == ["B3", "C2"]
    assert [finding.place.name for finding in raw.findings] == ["x", "y"]
    assert raw.findings[1].message.startswith("#DIV/0! in C2, C3, C4, C5, C6 and 3 more;")


def test_26_duplicate_column(workbook, refused):
    error = refused(
        workbook(lambda book, sheet: (sheet.write_row("A1", ["u", "x", "x "]), sheet.write_row("A2", [1, 2, 3])))
    )
    assert [(finding.code, finding.place.cell) for finding in error.findings.errors] == [("DT201", "C1")]
    assert "columns B and C" in str(error)


def test_28_line_break_in_a_name(workbook):
    raw = read_raw(
        workbook(lambda book, sheet: (sheet.write_row("A1", ["u", "人口\n（万人）"]), sheet.write_row("A2", ["A", 1])))
    )
    assert raw.header == ("u", "人口 (万人)")
    assert raw.findings[0].code == "DT211"


def test_31_digits_that_excel_lost(workbook):
    def fill(book, sheet):
        sheet.write_row(0, 0, ["id", "x"])
        sheet.write_number(1, 0, 110101199003078515)
        sheet.write_string(2, 0, "110101199003078515")
        sheet.write_number(3, 0, 123456789012345)
        sheet.write_column(1, 1, [1, 2, 3])

    raw = read_raw(workbook(fill))
    assert raw.lossy == {(0, 0)}
    assert raw.columns[0][1:] == ["110101199003078515", "123456789012345"]
    assert raw.columns[0][0].startswith("110101199003078")


def test_32_33_48_texts_are_kept(workbook):
    texts = ["010", "NA", "null", "None", "=1+1", "@SUM", "+1", "#N/A is text"]

    def fill(book, sheet):
        sheet.write_row(0, 0, ["unit", "x"])
        for row, text in enumerate(texts, 1):
            sheet.write_string(row, 0, text)
            sheet.write(row, 1, row)

    assert read_raw(workbook(fill)).columns[0] == texts


def test_49_control_characters(workbook, refused):
    def fill(book, sheet):
        plain(book, sheet)
        sheet.write_row(2, 0, ["B\x07", 1])

    error = refused(workbook(fill))
    assert [(finding.code, finding.place.cell) for finding in error.findings] == [("DT227", "A3")]


def test_arguments_of_other_formats(workbook, write, refused):
    assert refused(workbook(plain), delimiter=",").code == "DT902"
    assert refused(workbook(plain), encoding="utf-8").code == "DT902"
    assert refused(write("unit,x\nA,1\n"), sheet="S1").code == "DT902"


def test_name_promises_nothing(workbook):
    assert read_raw(workbook(plain, name="book.dat")).header == ("unit", "x")


@pytest.fixture
def old(tmp_path):
    """An .xls with a hidden row, column and sheet, a date and error values."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    for column, name in enumerate(["地区", "x", "y", "日期"]):
        sheet.write(0, column, name)
    for row in range(1, 4):
        sheet.write(row, 0, f"u{row}")
        if row != 2:
            sheet.write(row, 1, row * 1.5)
        sheet.write(row, 2, "010")
        sheet.write(row, 3, datetime.date(2020, 1, row), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.row(2).set_cell_error(1, 0x2A)
    sheet.row(3).hidden = True
    sheet.col(2).hidden = True
    hidden = book.add_sheet("hidden")
    hidden.write(0, 0, "x")
    hidden.visibility = 1
    path = tmp_path / "old.xls"
    book.save(str(path))
    return path


def test_xls(old):
    raw = read_raw(old)
    assert raw.header == ("地区", "x", "y", "日期")
    assert raw.columns[1:3] == (["1.5", "", "4.5"], ["010", "010", "010"])
    assert raw.columns[3] == ["2020-01-01", "2020-01-02", "2020-01-03"]
    assert raw.dates == {(0, 3), (1, 3), (2, 3)}
    assert raw.sheet == "数据"
    assert [finding.code for finding in raw.findings] == ["DT130", "DT130", "DT130", "DT133"]
    assert "'hidden'" in raw.findings[0].message
    assert raw.findings[1].message.startswith("hidden and read: row 4;")
    assert raw.findings[2].message.startswith("hidden and read: column C;")
    assert (raw.findings[3].place.cell, raw.findings[3].message[:10]) == ("B3", "#N/A in B3")


def test_sheet_limits(old, workbook, refused):
    for path in (old, workbook(plain)):
        error = refused(path, limits=Limits(sheet_cells=3))
        assert isinstance(error, LimitError)
        assert error.code == "DT111"
