"""Which table is read, and how errors come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dtindex as dti
from dtindex.findings import InputError, LimitError, UsageError
from dtindex.spec import Methodology, load_methodology, shipped_methodologies
from dtindex.tables.limits import Limits
from dtindex.tables.read import check_table, data_of, read_table

Load = Callable[..., Methodology]

FREE = """\
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: gdp, parent: index}]
"""


def test_all_findings_come_at_once(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,gdp\nA,x1\n,2\nC,—\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_table(path, methodology(FREE))
    assert sorted(caught.value.findings.codes) == ["DT204", "DT220", "DT221"]
    table, findings = check_table(path, methodology(FREE))
    assert table is None
    assert findings == caught.value.findings


def test_warnings_and_notes_travel_with_the_table(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,gdp,more\nA,１,a\nB,2,b\n", encoding="utf-8")
    assert read_table(path, methodology(FREE)).findings.codes == ["DT228", "DT212"]


def test_frames_and_arrow_tables_are_read(methodology: Load) -> None:
    columns = {"id": ["010", "11"], "gdp": [1.5, None]}
    for source in (pd.DataFrame(columns), pa.table(columns)):
        table = read_table(source, methodology(FREE))
        assert table.units.tolist() == ["010", "11"]
        np.testing.assert_array_equal(table.column("gdp"), [1.5, np.nan])


def test_the_content_of_a_file_is_a_finding_and_its_absence_a_usage_error(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "t.csv"
    path.write_text("", encoding="utf-8")
    table, findings = check_table(path, methodology(FREE))
    assert table is None
    assert findings.codes == ["DT101"]
    with pytest.raises(UsageError, match="DT103"):
        check_table(tmp_path / "no.csv", methodology(FREE))


def test_limits_and_layouts_are_passed_on(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,gdp\nA,1\nB,2\n", encoding="utf-8")
    with pytest.raises(LimitError):
        read_table(path, methodology(FREE), limits=Limits(file_bytes=4))
    with pytest.raises(UsageError, match="DT902"):
        read_table(path, methodology(FREE), layout="tall")  # type: ignore[arg-type]


def test_an_unreadable_codelist_is_a_finding(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,gdp\nA,1\nB,2\n", encoding="utf-8")
    table, findings = check_table(path, methodology(FREE.replace("key: id", "key: id, codelist: cities.csv")))
    assert table is None
    assert findings.codes == ["DT063"]


def test_a_codelist_beside_the_methodology(tmp_path: Path, methodology: Load) -> None:
    (tmp_path / "cities.csv").write_text("code,name\n1,甲\n2,乙\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("id,gdp\n2,1\n甲,2\n", encoding="utf-8")
    table = read_table(tmp_path / "t.csv", methodology(FREE.replace("key: id", "key: id, codelist: cities.csv")))
    assert table.units.tolist() == ["乙", "甲"]
    assert table.order is not None
    assert table.order.tolist() == [1, 0]


def test_no_table_is_dt061(methodology: Load) -> None:
    with pytest.raises(UsageError, match="DT061"):
        read_table(None, methodology(FREE))


@pytest.mark.parametrize("name", ["no-such.csv", "../t.csv"])
def test_data_that_is_not_there_or_not_beside_is_dt061(tmp_path: Path, methodology: Load, name: str) -> None:
    (tmp_path.parent / "t.csv").write_text("id,gdp\nA,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="DT061"):
        read_table(None, methodology(f"data: {name}\n{FREE}"))


def test_data_beside_the_methodology_comes_before_what_ships(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "caict-2020.csv"
    path.write_text("id,gdp\nA,1\nB,2\n", encoding="utf-8")
    loaded = methodology(f"data: caict-2020.csv\n{FREE}")
    assert data_of(loaded) == path
    assert read_table(None, loaded).units.tolist() == ["A", "B"]
    path.unlink()
    assert data_of(loaded).name == "caict-2020.csv"


def shipped_with_data() -> list[str]:
    return [str(name) for name in shipped_methodologies() if load_methodology(str(name)).data_ is not None]


@pytest.mark.parametrize("name", shipped_with_data())
def test_every_shipped_table_is_read_without_errors(name: str) -> None:
    methodology = load_methodology(name)
    table = methodology.data()
    assert len(table) > 0
    assert not table.findings.errors


def test_the_published_index_of_2020_is_all_there() -> None:
    """China Computing Power Development Index White Paper (2021): 31 provinces, Guangdong 73.90."""
    table = dti.read_table(None, load_methodology("caict-computing-power-1.0"))
    assert len(table) == 31
    assert table.published["index"][table.units.tolist().index("广东")] == 73.9
    assert table.decimals["index"] == 2
    assert table.texts["region"][table.units.tolist().index("四川")] == "西部"
