"""Bad tables, row by row of the catalogue of bad inputs, each with its code and place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dtindex.findings import Finding, Findings, Severity
from dtindex.spec import Methodology
from dtindex.status import Status
from dtindex.tables.check import check_raw
from dtindex.tables.codelist import load_codelist
from dtindex.tables.raw import RawTable
from dtindex.tables.table import Table

Check = Callable[..., tuple[Table | None, Findings]]
Only = Callable[[Findings, str], Finding]
Load = Callable[..., Methodology]

FREE = """\
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators:
  - id: gdp
    parent: index
"""

NAMED = FREE.replace("key: id", "key: id, name: label")
PANEL = FREE.replace("key: id", "key: id, period: year")


def test_a_good_table(check: Check) -> None:
    table, findings = check("province,gdp,pue\n广东省,1,1.2\n北京,2,\n")
    assert table is not None
    assert not findings
    assert table.units.tolist() == ["广东", "北京"]
    assert table.names == ("gdp", "pue")
    assert table.order is not None
    assert table.order.tolist() == [18, 0]
    assert table.values.flags.f_contiguous
    assert table.status.flags.f_contiguous
    assert table.status[1, 1] == Status.MISSING
    assert table.raw is not None


def test_row_26_duplicate_column_is_dt201(check: Check, only: Only) -> None:
    table, findings = check("province,gdp,pue,gdp\n广东,1,2,3\n")
    assert table is None
    assert only(findings, "DT201").place.name == "gdp"


def test_row_27_missing_column_is_dt202_with_the_nearest(check: Check, only: Only) -> None:
    table, findings = check("province,gdpp,pue\n广东,1,2\n北京,1,2\n")
    assert table is None
    found = only(findings, "DT202")
    assert found.severity is Severity.ERROR
    assert "no column 'gdp'" in found.message
    assert "rename 'gdpp'" in found.message
    assert found.place.name == "gdp"


def test_row_27_missing_key_column(check: Check, only: Only) -> None:
    _, findings = check("provinces,gdp,pue\n广东,1,2\n北京,1,2\n")
    assert "rename 'provinces'" in only(findings, "DT202").message


def test_row_28_names_are_tidied_and_noted(check: Check) -> None:
    table, findings = check("province, gdp\u00a0,\u200bｐｕｅ\n广东,1,2\n北京,1,2\n")
    assert table is not None, str(findings)
    assert set(findings.codes) == {"DT211"}


@pytest.mark.parametrize("body", [None, FREE])
def test_row_29_duplicate_unit_is_dt203_with_both_rows(check: Check, only: Only, body: str | None) -> None:
    if body is None:
        table, findings = check("province,gdp,pue\n广东,1,2\n北京,1,2\n广东省,1,2\n")
    else:
        table, findings = check("id,gdp\nA,1\nB,2\nA ,3\n", body)
    assert table is None
    found = only(findings, "DT203")
    assert "rows 2 and 4" in found.message
    assert (found.place.line, found.place.column) == (4, 1)


def test_row_29_a_panel_without_its_period_is_told_so(check: Check, only: Only) -> None:
    _, findings = check("id,year,gdp\nA,2023,1\nA,2024,2\n", FREE)
    assert "units: {period: year}" in only(findings, "DT203").message
    table, _ = check("id,year,gdp\nA,2023,1\nA,2024,2\n", PANEL)
    assert table is not None


def test_row_30_empty_key_is_dt204(check: Check, only: Only) -> None:
    _, findings = check("id,gdp\nA,1\n ,2\n", FREE)
    assert (only(findings, "DT204").place.line, only(findings, "DT204").place.column) == (3, 1)


def test_row_31_long_ids_stay_and_lost_digits_are_dt205(check: Check, only: Only) -> None:
    table, _ = check("id,gdp\n110101199001011234,1\n110101199001011235,2\n", FREE)
    assert table is not None
    assert table.units.tolist() == ["110101199001011234", "110101199001011235"]
    _, findings = check("id,gdp\n1.10101E+17,1\nB,2\n", FREE)
    assert only(findings, "DT205").place.line == 2


def test_row_31_lost_digits_in_sheets_and_typed_files(methodology: Load, only: Only) -> None:
    columns = (["110101199001011200", "7"], ["1", "2"])
    sheet = RawTable("t.xlsx", "sheet", ("id", "gdp"), columns, np.array([2, 3]), sheet="S", lossy=frozenset({(0, 0)}))
    _, findings = check_raw(sheet, methodology(FREE))
    assert str(only(findings, "DT205").place) == "t.xlsx!S!A2 (110101199001011200 id)"
    typed = RawTable(
        "t.parquet", "typed", ("id", "gdp"), (np.array([1.1e17, 7.0]), np.array([1.0, 2.0])), np.array([1, 2])
    )
    _, findings = check_raw(typed, methodology(FREE))
    assert only(findings, "DT205").place.line == 1


def test_row_32_codes_stay_text(check: Check) -> None:
    table, _ = check("id,gdp\n010,1\n10,2\n", FREE)
    assert table is not None
    assert table.units.tolist() == ["010", "10"]


def test_row_32_whole_numbers_of_typed_files_have_no_point(methodology: Load) -> None:
    raw = RawTable(
        "t.parquet",
        "typed",
        ("id", "year", "gdp"),
        (np.array([7.0, 8.0]), np.array([2020.0, 2020.0]), np.array([1.0, np.nan])),
        np.array([1, 2]),
    )
    table, findings = check_raw(raw, methodology(PANEL))
    assert table is not None, str(findings)
    assert table.units.tolist() == ["7", "8"]
    assert table.periods is not None
    assert table.periods.tolist() == ["2020", "2020"]
    assert table.status[:, 0].tolist() == [0, Status.MISSING]


def test_row_33_na_in_a_name_is_text(check: Check) -> None:
    table, _ = check("id,label,gdp\nNA,null,1\nnull,None,2\nNone,NA,3\n", NAMED)
    assert table is not None
    assert table.units.tolist() == ["NA", "null", "None"]
    assert table.texts["label"].tolist() == ["null", "None", "NA"]


def test_row_34_aliases_are_units_and_others_dt206(check: Check, only: Only) -> None:
    table, findings = check("province,gdp,pue\n内蒙,1,2\n內地,1,2\n440000,1,2\n广东生,1,2\n")
    assert table is None
    unknown = [one for one in findings if one.code == "DT206"]
    assert [one.place.line for one in unknown] == [3, 5]
    assert "the nearest is 广东" in unknown[1].message
    table, _ = check("province,gdp,pue\n内蒙,1,2\n陕西省,1,2\nShanxi,1,2\n")
    assert table is not None
    assert table.units.tolist() == ["内蒙古", "陕西", "山西"]


def test_row_35_a_former_code_is_mapped_with_dt207(check: Check, only: Only) -> None:
    table, findings = check("province,gdp,pue\n510200,1,2\n510000,1,2\n")
    assert table is not None
    assert table.units.tolist() == ["重庆", "四川"]
    found = only(findings, "DT207")
    assert found.severity is Severity.WARNING
    assert (found.place.line, found.place.unit) == (2, "重庆")


@pytest.mark.parametrize(
    "word", ["合计", "全国", "总 计", "小计：", "平均", "Total", "All Provinces", "average", "中国"]
)
def test_row_36_a_totals_row_is_dt208(check: Check, only: Only, word: str) -> None:
    table, findings = check(f"province,gdp,pue\n广东,1,2\n北京,1,2\n{word},2,4\n")
    assert table is None
    found = only(findings, "DT208")
    assert "totals: [" in found.message
    assert (found.place.line, found.place.column) == (4, 1)
    assert findings.errors.codes == ["DT208"]


def test_row_36_totals_are_found_by_their_label(check: Check, only: Only) -> None:
    _, findings = check("id,label,gdp\n1,A,1\n2,B,1\n9,合计,2\n,总计,2\n", NAMED)
    assert [one.place.line for one in findings if one.code == "DT208"] == [4, 5]
    assert "DT204" not in findings.codes


def test_row_36_declared_totals_are_carried_apart(check: Check) -> None:
    body = FREE.replace("key: id", "key: id, totals: [全国]")
    table, findings = check("id,gdp\nA,1\n全国,3\nB,2\n", body)
    assert table is not None
    assert not findings
    assert table.totals is not None
    assert table.totals.tolist() == [False, True, False]


def test_row_36_a_nation_by_itself_is_a_unit(check: Check) -> None:
    table, _ = check("id,year,gdp\n全国,2023,1\n全国,2024,2\n", PANEL)
    assert table is not None


def test_rows_39_to_43_have_codes_and_places(check: Check) -> None:
    body = FREE + "    type: number\n    range: [1, 100]\n"
    table, findings = check('id,gdp\nA,１２\nB,45%\nC,"1,234"\nD,3.2万\nE,—\nF,1e999\nG,0.5\nH,2024-01-05\nI,5\n', body)
    assert table is None
    found = {one.place.line: one.code for one in findings}
    assert found == {
        2: "DT228", 3: "DT220", 4: "DT220", 5: "DT220", 6: "DT221", 7: "DT222", 8: "DT223", 9: "DT226",
    }  # fmt: skip
    assert all(one.place.column == 2 and one.place.name == "gdp" for one in findings)
    assert [one.place.line for one in findings.notes] == [2]
    assert str(findings[0].place).endswith("table.csv:3:2 (B gdp)")


def test_row_40_declared_types_are_read(check: Check) -> None:
    body = """\
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators:
  - {id: share, parent: index, type: percent}
  - {id: sales, parent: index, type: thousands}
"""
    table, findings = check('id,share,sales\nA,45%,"1,234.5"\nB,50,12\n', body)
    assert table is not None, str(findings)
    assert table.values.tolist() == [[45.0, 1234.5], [50.0, 12.0]]


def test_row_41_declared_words_are_missing(check: Check) -> None:
    body = FREE + '    codes: {"—": {status: missing}, "否": {score: 0}}\n'
    table, findings = check("id,gdp\nA,—\nB,否\nC,5\n", body)
    assert table is not None, str(findings)
    assert table.status[:, 0].tolist() == [Status.MISSING, 0, 0]
    np.testing.assert_array_equal(table.coded["gdp"], [np.nan, 0, np.nan])


def test_row_47_dates_that_a_sheet_marks_are_dt226(methodology: Load, only: Only) -> None:
    raw = RawTable(
        "t.xlsx",
        "sheet",
        ("id", "gdp"),
        (["A", "B"], ["1", "45296"]),
        np.array([2, 3]),
        sheet="S",
        dates=frozenset({(1, 1)}),
    )
    _, findings = check_raw(raw, methodology(FREE))
    assert str(only(findings, "DT226").place) == "t.xlsx!S!B3 (B gdp)"


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "\t=1", "+cmd|' /C calc'!A0"])
def test_row_48_formulas_in_names_are_kept_as_text(check: Check, name: str) -> None:
    table, findings = check(f"id,label,gdp\nA,{name},1\nB,b,2\n", NAMED)
    assert table is not None, str(findings)
    assert table.texts["label"][0] == name.strip()


@pytest.mark.parametrize("cell", ["a\x07b", "x" * 40_000])
def test_row_49_control_characters_and_huge_cells_are_dt227(check: Check, only: Only, cell: str) -> None:
    table, findings = check(f"id,label,gdp\nA,{cell},1\nB,b,2\n", NAMED)
    assert table is None
    assert (only(findings, "DT227").place.line, only(findings, "DT227").place.column) == (2, 2)


def test_row_62_an_indicator_all_missing_is_dt302(check: Check, only: Only) -> None:
    """A warning here: whether scores can do without it is coverage's business, and `fit` refuses where they cannot."""
    table, findings = check("province,gdp,pue\n广东,1,\n北京,2,\n")
    assert table is not None
    found = only(findings, "DT302")
    assert found.severity is Severity.WARNING
    assert found.place.name == "pue"


def test_row_62_a_unit_all_missing_is_no_error_of_the_table(check: Check) -> None:
    table, findings = check("province,gdp,pue\n广东,1,2\n北京,,\n")
    assert table is not None
    assert not findings


def test_row_62_one_unit_alone_may_lack_a_value(check: Check, only: Only) -> None:
    table, findings = check("province,gdp,pue\n广东,1,\n")
    assert table is not None
    assert only(findings, "DT302").severity is Severity.WARNING


NODES = """\
units: {kind: firm, key: id}
nodes:
  - {id: index, published: total}
  - {id: scale, parent: index, column: scale_score}
  - {id: given, parent: index, column: given_score}
indicators:
  - {id: gdp, parent: scale}
  - {id: note, column: note_value}
"""


def test_a_column_is_needed_or_not(check: Check) -> None:
    table, findings = check("id,given_score,gdp\nA,1,2\nB,3,4\n", NODES)
    assert table is not None, str(findings)
    assert [(one.code, one.severity, one.place.name) for one in findings] == [
        ("DT202", Severity.NOTE, "scale_score"),
        ("DT202", Severity.NOTE, "note_value"),
    ]
    assert table.names == ("scale", "given", "gdp", "note")
    assert table.status[:, 0].tolist() == [Status.MISSING] * 2
    assert table.published == {}


def test_a_node_that_is_given_makes_its_indicators_dispensable(check: Check, only: Only) -> None:
    table, findings = check("id,given_score,scale_score,note_value\nA,1,2,1\nB,3,4,1\n", NODES)
    assert table is not None, str(findings)
    assert only(findings, "DT202").severity is Severity.NOTE
    empty, findings = check("id,given_score,scale_score,note_value\nA,1,,1\nB,3,,1\n", NODES)
    assert empty is None
    assert only(findings, "DT202").severity is Severity.ERROR


def test_a_node_without_children_needs_its_column(check: Check, only: Only) -> None:
    _, findings = check("id,scale_score,gdp,note_value\nA,1,2,1\nB,3,4,1\n", NODES)
    assert only(findings, "DT202").place.name == "given_score"
    assert only(findings, "DT202").severity is Severity.ERROR


def test_what_a_scored_derived_indicator_needs_is_needed(check: Check, only: Only) -> None:
    body = FREE + "  - {id: share, parent: index, derive: {method: ratio, of: women, to: men}}\n"
    body += "  - {id: women}\n  - {id: men}\n"
    _, findings = check("id,gdp,women\nA,1,2\nB,2,3\n", body)
    assert (only(findings, "DT202").place.name, only(findings, "DT202").severity) == ("men", Severity.ERROR)


def test_published_figures_are_read_with_their_decimals(check: Check) -> None:
    table, findings = check("id,given_score,scale_score,gdp,note_value,total\nA,1,1,1,1,71.50\nB,1,1,1,1,8\n", NODES)
    assert table is not None, str(findings)
    assert table.published["index"].tolist() == [71.5, 8.0]
    assert table.decimals["index"] == 2
    assert "total" not in table.texts


def test_a_bad_published_figure_is_a_warning(check: Check, only: Only) -> None:
    table, findings = check("id,given_score,scale_score,gdp,note_value,total\nA,1,1,1,1,—\nB,1,1,1,1,8\n", NODES)
    assert table is not None
    assert only(findings, "DT221").severity is Severity.WARNING


def test_decimals_of_typed_figures_are_those_of_fifteen_digits(methodology: Load) -> None:
    header = ("id", "given_score", "scale_score", "gdp", "note_value", "total")
    ones = np.ones(2)
    columns = (["A", "B"], ones, ones, ones, ones, np.array([0.1 + 0.2, 7.25]))
    table, findings = check_raw(RawTable("t", "typed", header, columns, np.array([1, 2])), methodology(NODES))
    assert table is not None, str(findings)
    assert table.decimals["index"] == 2


def test_columns_that_are_not_mentioned_are_kept_and_noted(check: Check, only: Only) -> None:
    table, findings = check("id,gdp,remark,source\nA,1,x,s\nB,2,y,t\n", FREE)
    assert table is not None
    assert "remark, source" in only(findings, "DT212").message
    assert only(findings, "DT212").severity is Severity.NOTE
    assert table.texts["remark"].tolist() == ["x", "y"]


MAINLAND = [unit.name for unit in load_codelist("cn-province").units if not unit.optional]


def test_31_provinces_are_complete_and_30_are_not(check: Check, only: Only) -> None:
    rows = [f"{name},{number},1.{number:02}\n" for number, name in enumerate(MAINLAND)]
    _, findings = check("province,gdp,pue\n" + "".join(rows))
    assert not findings
    _, findings = check("province,gdp,pue\n" + "".join(rows[:25] + rows[26:]))
    found = only(findings, "DT209")
    assert "1 of the 34 units" in found.message
    assert "西藏" in found.message
    assert "台湾" not in found.message
    _, findings = check("province,gdp,pue\n" + "".join(rows) + "香港,1,1\n")
    assert "台湾, 澳门" in only(findings, "DT209").message
    _, findings = check("province,gdp,pue\n" + "".join(rows[:10]))
    assert not findings


@pytest.mark.parametrize(("year", "code"), [("", "DT215"), (" ", "DT215"), ("2024.0", None)])
def test_periods(check: Check, year: str, code: str | None) -> None:
    table, findings = check(f"id,year,gdp\nA,2023,1\nB,{year},2\n", PANEL)
    if code is None:
        assert table is not None
        assert table.periods is not None
        assert table.periods.tolist() == ["2023", "2024"]
    else:
        assert findings.codes == [code]
        assert (findings[0].place.line, findings[0].place.column, findings[0].place.unit) == (3, 2, "B")


def test_groups_come_from_the_table_or_the_codelist(check: Check, only: Only) -> None:
    body = """\
units: {kind: province, key: province, codelist: cn-province, groups: [region, cluster, zone, band]}
nodes: [{id: index}]
indicators: [{id: gdp, parent: index}]
"""
    table, findings = check("province,gdp,zone\n广东,1,南\n北京,2,\n", body)
    assert table is not None, str(findings)
    assert table.texts["region"].tolist() == ["东部", "东部"]
    assert table.texts["cluster"].tolist() == ["粤港澳大湾区", "京津冀"]
    assert table.texts["zone"].tolist() == ["南", ""]
    lacking = [one for one in findings if one.code == "DT216"]
    assert [one.place.name for one in lacking] == ["zone", "band"]
    assert "北京" in lacking[0].message


def test_one_column_read_twice_is_complained_of_once(check: Check, only: Only) -> None:
    table, findings = check("id,gdp\nA,x1\nB,2\n", FREE + "  - {id: again, parent: index, column: gdp}\n")
    assert table is None
    only(findings, "DT220")


def test_many_bad_keys_are_counted(check: Check) -> None:
    rows = "".join(f"nowhere{number},1,1\n" for number in range(60))
    _, findings = check("province,gdp,pue\n" + rows)
    assert len([one for one in findings if one.code == "DT206"]) == 21
    assert "40 more" in findings[-1].message


def test_every_message_is_one_line(check: Check) -> None:
    _, findings = check('province,gdp,pue\n广东,"1\n2",nan\n"北\n京x",—,1\n合计,2,3\n')
    assert len(findings.errors) >= 4
    assert not any("\n" in one.message for one in findings)
