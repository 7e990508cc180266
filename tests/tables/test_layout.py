"""Long tables become wide ones, and every cell keeps its place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.findings import Finding, Findings
from dtindex.spec.model import Units
from dtindex.status import Status
from dtindex.tables.layout import to_grid
from dtindex.tables.raw import RawTable
from dtindex.tables.table import Table

Check = Callable[..., tuple[Table | None, Findings]]
Only = Callable[[Findings, str], Finding]

PANEL = """\
units: {kind: city, key: city, period: year}
nodes: [{id: index}]
indicators:
  - {id: gdp, parent: index, column: GDP (bn)}
  - {id: pue, parent: index}
"""

LONG = """\
city,year,region,indicator,value,status
甲,2023,east,GDP (bn),10,A
甲,2023,east,pue,1.5,E
乙,2023,west,pue,,Q
乙,2023,west,gdp,20,
甲,2024,east,gdp,12,
"""


def test_a_long_table_is_found_out_and_said(check: Check, only: Only) -> None:
    table, findings = check(LONG, PANEL)
    assert table is not None, str(findings)
    assert "long table" in only(findings, "DT213").message
    assert table.units.tolist() == ["甲", "乙", "甲"]
    assert table.periods is not None
    assert table.periods.tolist() == ["2023", "2023", "2024"]
    np.testing.assert_array_equal(table.column("gdp"), [10, 20, 12])
    np.testing.assert_array_equal(table.column("pue"), [1.5, np.nan, np.nan])
    pue = table.status[:, table.names.index("pue")].tolist()
    assert pue == [Status.ESTIMATED, Status.WITHHELD, Status.MISSING]
    assert table.texts["region"].tolist() == ["east", "west", "east"]


def test_layout_may_be_said(check: Check) -> None:
    table, findings = check(LONG, PANEL, layout="long")
    assert table is not None
    assert "DT213" not in findings.codes
    table, findings = check(LONG, PANEL, layout="wide")
    assert table is None
    assert "DT202" in findings.codes


def test_a_wide_table_with_a_column_called_value_stays_wide(check: Check) -> None:
    body = PANEL.replace("column: GDP (bn)", "column: value")
    table, findings = check("city,year,name,value,pue\n甲,2023,x,1,2\n乙,2023,y,3,4\n", body)
    assert table is not None, str(findings)
    assert table.column("gdp").tolist() == [1, 3]


def test_an_unknown_name_is_dt214_with_the_nearest(check: Check, only: Only) -> None:
    _, findings = check(LONG.replace("乙,2023,west,pue", "乙,2023,west,puee"), PANEL)
    found = only(findings, "DT214")
    assert "found 'puee' in 1 rows" in found.message
    assert "nearest is 'pue'" in found.message
    assert (found.place.line, found.place.column) == (4, 4)


def test_a_value_given_twice_is_dt203_with_both_rows(check: Check, only: Only) -> None:
    _, findings = check(LONG + "甲,2024,east,GDP (bn),13,\n", PANEL)
    found = only(findings, "DT203")
    assert "rows 6 and 7" in found.message
    assert (found.place.line, found.place.unit, found.place.name) == (7, "甲", "GDP (bn)")


def test_cells_keep_their_places(check: Check, only: Only) -> None:
    _, findings = check(LONG.replace("20,", "约20,"), PANEL)
    found = only(findings, "DT220")
    assert (found.place.line, found.place.column) == (5, 5)
    assert (found.place.unit, found.place.period, found.place.name) == ("乙", "2023", "GDP (bn)")


def test_spellings_of_a_unit_come_together(check: Check) -> None:
    text = "province,指标,数值\n广东,gdp,1\n广东省,pue,2\n北京,gdp,3\n11,pue,4\n"
    table, findings = check(text)
    assert table is not None, str(findings)
    assert table.units.tolist() == ["广东", "北京"]
    assert table.column("pue").tolist() == [2, 4]


def test_columns_that_vary_within_a_unit_are_left_out(check: Check, only: Only) -> None:
    text = "province,indicator,unit,value\n广东,gdp,yuan,1\n广东,pue,-,2\n北京,gdp,yuan,3\n北京,pue,-,3\n"
    table, findings = check(text)
    assert table is not None
    assert "unit" in only(findings, "DT212").message
    assert "unit" not in table.texts


def test_a_row_that_lacks_is_dt202(check: Check, only: Only) -> None:
    _, findings = check("province,indicator,value\n广东,gdp,1\n北京,gdp,2\n")
    assert "no row 'pue'" in only(findings, "DT202").message


@pytest.mark.parametrize("text", ["city,year,value\n甲,2023,1\n", "city,year,indicator\n甲,2023,gdp\n", "a,b\n1,2\n"])
def test_a_long_table_without_its_columns_is_dt202(check: Check, text: str) -> None:
    table, findings = check(text, PANEL, layout="long")
    assert table is None
    assert set(findings.errors.codes) == {"DT202"}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.integers(0, 99), min_size=1, max_size=9
    ),
    st.randoms(use_true_random=False),
)
def test_long_to_wide_loses_and_invents_nothing(values: dict[tuple[str, str], int], random: object) -> None:
    rows = [(unit, name, str(value)) for (unit, name), value in values.items()]
    random.shuffle(rows)  # type: ignore[attr-defined]
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    raw = RawTable("t.csv", "text", ("u", "indicator", "value"), columns, np.arange(2, 2 + len(rows)))
    grid = to_grid(raw, Units(kind="u", key="u"), {"x": "x", "y": "y", "z": "z"}, str.strip)
    assert grid.long
    found = {}
    keys = grid.columns["u"].cells
    for name in "xyz":
        column = grid.columns.get(name)
        for row, cell in enumerate(column.cells if column else []):
            if cell:
                found[str(keys[row]), name] = int(cell)
                assert column is not None
                place = column.place(row)
                assert place.line is not None
                assert rows[place.line - 2] == (keys[row], name, cell)
    assert found == values
