"""CSV and TSV: what is read, and with which code and place the rest is refused.

The numbers in the names of tests are rows of the table of bad inputs in the design notes (section 3.3).
"""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.findings import ExitCode, InputError, LimitError, UsageError
from dtindex.tables.formats import read_raw
from dtindex.tables.formats.delimited import read_delimited
from dtindex.tables.limits import Limits


def test_everything_is_text(write):
    raw = read_raw(write("地区,代码,x\n北京,010,1.50\n上海, 310000000000000001 ,\n"))
    assert raw.header == ("地区", "代码", "x")
    assert raw.columns == (["北京", "上海"], ["010", "310000000000000001"], ["1.50", ""])
    assert raw.rows.tolist() == [2, 3]
    assert raw.kind == "text"
    assert raw.findings == ()
    assert raw.description == {
        "format": "delimited text",
        "encoding": "utf-8",
        "delimiter": "comma",
        "rows": "2",
        "columns": "3",
    }


def test_31_32_33_48_texts_are_kept(write):
    texts = ["110101199003078515", "010", "NA", "null", "None", "=1+1", "@SUM", "-", "1e3", "TRUE"]
    raw = read_raw(write("unit,t\n" + "".join(f"{number},{text}\n" for number, text in enumerate(texts))))
    assert raw.columns[1] == texts


def test_blanks_go_from_the_ends_only(write):
    raw = read_raw(write("u,v\n\u3000内 蒙\xa0古\u00a0,\u200b x\u200by\ufeff \n"))
    assert raw.columns == (["内 蒙\xa0古"], ["x\u200by"])


def test_rows_are_the_lines_on_which_records_begin(write):
    raw = read_raw(write('\nu,v\r\n\r\n"a\nb",1\n,\nc,2\n'))
    assert raw.columns[0] == ["a\nb", "c"]
    assert raw.rows.tolist() == [4, 7]
    assert raw.rows.dtype == np.int64
    assert str(raw.place(1, 1)).endswith("table.csv:7:2 (v)")


def test_1_empty_file(write, refused):
    for content in ("", "\n \n", "\ufeff", ",,\n,,\n"):
        error = refused(write(content))
        assert (error.code, error.exit_code) == ("DT101", ExitCode.FINDINGS)


def test_2_header_only(write, refused):
    error = refused(write("unit,x\n\n"))
    assert error.code == "DT102"
    assert error.findings[0].place.line == 1


def test_3_file_over_the_limit(write, refused):
    error = refused(write("unit,x\nA,1\n"), limits=Limits(file_bytes=10))
    assert isinstance(error, LimitError)
    assert error.code == "DT104"
    assert "11 bytes" in str(error)


def test_14_nul_byte(write, refused):
    error = refused(write("unit,x\nA,1\nB,\0\n"))
    assert error.code == "DT122"
    assert error.findings[0].place.line == 3


def test_15_unclosed_quote(write, refused):
    error = refused(write('unit,x\nA,1\nB,"2\n' + "C,3\n" * 50_000))
    assert error.code == "DT123"
    assert (error.findings[0].place.line, error.findings[0].place.column) == (3, 2)


def test_15_unclosed_quote_that_meets_another(write, refused):
    error = refused(write('unit,x\n"a\nb",1\n"B,2\nC,3\n"D",4\n'))
    assert error.code == "DT123"
    assert (error.findings[0].place.line, error.findings[0].place.column) == (4, 1)
    assert "closed before 'D" in str(error)


def test_quotes_inside_an_unquoted_cell_are_text(write):
    assert read_raw(write('unit,x\n5" pipe,1\n')).columns[0] == ['5" pipe']


def test_16_one_row_longer(write, refused):
    error = refused(write("unit,x,y\nA,1,2\nB,1,000,2\nC,1,2\n"))
    assert error.code == "DT124"
    assert [finding.place.line for finding in error.findings] == [3]
    assert "4 cells" in str(error)
    assert "3 columns" in str(error)


def test_17_all_rows_longer(write, refused):
    error = refused(write("unit,x\n" + "".join(f"u{number},{number},0\n" for number in range(30))))
    assert set(error.findings.codes) == {"DT124"}
    assert [finding.place.line for finding in error.findings[:3]] == [2, 3, 4]
    assert len(error.findings) == 21
    assert error.findings[-1].message == "and 10 more like this"


def test_17_a_header_of_one_column(write, refused):
    assert refused(write("unit\nA,1\nB,2\n")).code == "DT124"


def test_trailing_empty_columns_are_dropped(write):
    for content in ("unit,x,,\nA,1,,\nB,2,,\n", "unit,x\nA,1,\nB,2,\n", "unit,x,,\nA,1\nB,2,,\n"):
        raw = read_raw(write(content))
        assert raw.header == ("unit", "x")
        assert raw.columns == (["A", "B"], ["1", "2"])


def test_empty_columns_without_a_name_keep_the_others_in_place(write):
    raw = read_raw(write("unit,,x\nA,,1\n"))
    assert raw.header == ("unit", "x")
    assert raw.positions == (1, 3)
    assert raw.place(0, 1).column == 3


def test_18_row_shorter(write, refused):
    error = refused(write("unit,x,y\nA,1,2\nB,1\n"))
    assert error.code == "DT125"
    assert error.findings[0].place.line == 3


def test_long_and_short_rows_are_told_together(write, refused):
    error = refused(write("unit,x,y\nA,1\nB,1,2,3\nC,1,2\n"))
    assert error.findings.codes == ["DT125", "DT124"]


@pytest.mark.parametrize(
    ("delimiter", "name"), [(";", "semicolon"), ("\t", "tab"), ("，", "full-width comma"), ("|", "vertical bar")]
)
def test_19_delimiters(write, delimiter, name):
    raw = read_raw(write(f'unit{delimiter}x\n"A{delimiter}, B"{delimiter}1,5\nC{delimiter}2\n'))
    assert raw.header == ("unit", "x")
    assert raw.columns == ([f"A{delimiter}, B", "C"], ["1,5", "2"])
    assert [finding.code for finding in raw.findings] == ["DT127"]
    assert name in raw.findings[0].message
    assert raw.description["delimiter"] == name


def test_19_ambiguous_delimiter(write, refused):
    path = write("unit;a,b\nA;1,2\n")
    error = refused(path)
    assert error.code == "DT128"
    assert "comma and semicolon" in str(error)
    assert read_raw(path, delimiter=";").header == ("unit", "a,b")
    assert read_raw(path, delimiter=",").findings == ()


def test_19_one_ragged_row_does_not_hide_the_delimiter(write, refused):
    error = refused(write("unit;x\nA;1\nB;2;3\n"))
    assert error.code == "DT124"
    assert error.findings[0].place.line == 3 or error.findings[1].place.line == 3


def test_separator_line_of_excel(write):
    raw = read_raw(write("sep=;\r\nunit;x,y\r\nA;1,2\r\n"))
    assert raw.header == ("unit", "x,y")
    assert raw.rows.tolist() == [3]


def test_one_column_is_a_table(write):
    assert read_raw(write("unit\nA\nB\n")).columns == (["A", "B"],)


def test_20_too_many_columns(write, refused):
    error = refused(write("unit," + ",".join(f"c{number}" for number in range(20_000)) + "\nA\n"))
    assert isinstance(error, LimitError)
    assert (error.code, error.findings[0].place.line) == ("DT126", 1)


def test_20_too_many_rows(write, refused):
    error = refused(write("unit,x\n" + "A,1\n" * 11), limits=Limits(rows=10))
    assert isinstance(error, LimitError)
    assert (error.code, error.findings[0].place.line) == ("DT126", 12)
    assert len(read_raw(write("unit,x\n" + "A,1\n" * 10), limits=Limits(rows=10))) == 10


def test_20_too_many_cells(write, refused):
    assert refused(write("unit,x\n" + "A,1\n" * 11), limits=Limits(cells=20)).code == "DT126"


def test_20_a_cell_that_cannot_be_read(write, refused):
    error = refused(write("unit,x\nA,1\nB," + "9" * 200_000 + "\n"))
    assert isinstance(error, LimitError)
    assert (error.code, error.findings[0].place.line, error.findings[0].place.column) == ("DT126", 3, 2)


@pytest.mark.parametrize("content", ["unit,,y\nA,1,2\n", ",x,y\nA,1,2\n"])
def test_22_empty_name(write, refused, content):
    error = refused(write(content))
    assert error.code == "DT131"
    assert error.findings[0].place.line == 1
    assert "header_rows" not in str(error)


def test_22_title_above_the_header(write, refused):
    for title in ("各省数据,,\n", "各省数据\n"):
        path = write(f"{title}地区,x,y\n北京,1,2\n上海,3,4\n")
        error = refused(path)
        assert (error.code, error.findings[0].place.line) == ("DT131", 1)
        assert "header_rows=[2]" in str(error)
        raw = read_raw(path, header_rows=[2])
        assert raw.header == ("地区", "x", "y")
        assert raw.rows.tolist() == [3, 4]


def test_22_header_of_years_below_a_title(write, refused):
    assert "header_rows=[2]" in str(refused(write("GDP,,\n地区,2019,2020\n北京,1,2\n上海,3,4\n")))


def test_22_two_header_rows(write, refused):
    path = write("地区,规模,,环境,\n,算力,存储,政策,人才\n北京,1,2,3,4\n上海,1,2,3,4\n")
    assert "header_rows=[1, 2]" in str(refused(path))
    raw = read_raw(path, header_rows=[1, 2])
    assert raw.header == ("地区", "规模 算力", "规模 存储", "环境 政策", "环境 人才")
    assert raw.columns[0] == ["北京", "上海"]


def test_22_title_and_two_header_rows(write, refused):
    path = write("各省数据,,,,\n地区,规模,,环境,\n,算力,存储,政策,人才\n北京,1,2,3,4\n上海,1,2,3,4\n广东,1,2,3,4\n")
    assert "header_rows=[2, 3]" in str(refused(path))
    assert read_raw(path, header_rows=[2, 3]).header[2] == "规模 存储"


@pytest.mark.parametrize("rows", [[9], [2, 1], []])
def test_header_rows_that_are_not_there(write, refused, rows):
    error = refused(write("unit,x\nA,1\n"), header_rows=rows)
    assert isinstance(error, UsageError)
    assert error.code == "DT902"


def test_26_duplicate_column(write, refused):
    error = refused(write("unit,x,y, x\nA,1,2,3\n"))
    assert error.findings.errors.codes == ["DT201"]
    assert "columns 2 and 4" in str(error)
    assert error.findings.errors[0].place.column == 4


def test_28_names_are_tidied(write):
    raw = read_raw(write(" unit ,算力\u200b规模,ＧＤＰ（亿元）,a\xa0 b\nA,1,2,3\n"))
    assert raw.header == ("unit", "算力规模", "GDP(亿元)", "a b")
    assert [finding.code for finding in raw.findings] == ["DT211"] * 4
    assert "'GDP(亿元)'" in raw.findings[2].message
    assert raw.findings[2].place.column == 3


def test_49_control_characters(write, refused):
    error = refused(write('unit,x\nA\x07,1\n"B\nC",2\nD,\x1b[31m\n'))
    assert error.findings.codes == ["DT227", "DT227"]
    assert [(finding.place.line, finding.place.column) for finding in error.findings] == [(2, 1), (5, 2)]
    assert "U+0007" in str(error)


def test_49_control_character_in_the_header(write, refused):
    error = refused(write("unit,x\x01\nA,1\n"))
    assert (error.code, error.findings[0].place.line) == ("DT227", 1)


def test_49_oversized_cell(write, refused):
    error = refused(write("unit,x\nA,1\nB," + "长" * 40_000 + "\n"))
    assert isinstance(error, InputError)
    assert (error.code, error.findings[0].place.line, error.findings[0].place.column) == ("DT227", 3, 2)
    assert "40,000" in str(error)
    assert read_raw(write("unit,x\nA," + "长" * 32_767 + "\n")).columns[1][0] == "长" * 32_767


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_impossible_delimiter(write, refused, delimiter):
    assert refused(write("unit,x\nA,1\n"), delimiter=delimiter).code == "DT902"


def test_not_there_or_no_file(tmp_path, refused):
    for path in (tmp_path / "none.csv", tmp_path, "a\0b"):
        error = refused(path)
        assert isinstance(error, UsageError)
        assert error.code == "DT103"


cell = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=8)


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=20))
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("round") / "t.csv"
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("unit", "a", "b"), *((f"u{row}", *cells) for row, cells in enumerate(rows))])
    path.write_bytes(stream.getvalue().encode())
    raw = read_delimited(str(path), delimiter=",", limits=Limits())
    blanks = " \t\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff" + "".join(
        map(chr, range(0x2000, 0x200B))
    )
    assert list(zip(*raw.columns[1:], strict=True)) == [tuple(text.strip(blanks) for text in row) for row in rows]
