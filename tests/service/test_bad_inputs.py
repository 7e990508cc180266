"""Bad inputs through HTTP, one by one of the catalogue of them (rows of its table), each with the stated answer.

Files and their makers are those of the tests of the readers.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from dtindex_service.parsing.parent import Parsers
from dtindex_service.store.clock import now

TESTS = Path(__file__).parents[1]


def beside(path: str) -> ModuleType:
    """A module of other tests, for what it makes."""
    name = "bad_inputs_" + path.replace("/", "_")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, TESTS / f"{path}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


files = beside("tables/formats/conftest")
dangers = beside("tables/formats/test_workbook_dangers")
spss = beside("tables/formats/test_spss_files")
columnar = beside("tables/formats/test_columnar_files")
encodings = beside("tables/formats/test_text_encodings")
checks = beside("tables/test_check")
tables = beside("tables/conftest")
package, workbook, compound = files.package, files.workbook, files.compound

CSV, YAML = "text/csv", "application/yaml"
BINARY = "application/octet-stream"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROVINCES, FREE, NAMED, PANEL = tables.TWO, checks.FREE, checks.NAMED, checks.PANEL
SURVEY = """\
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: trust, parent: index, from: Q1}, {id: plan, parent: index, from: Q2}]
questions:
  - {id: Q1, type: scale, points: 5}
  - {id: Q2, type: single, options: [{id: aa, points: 1}, {id: bb, points: 0}]}
survey:
  weight: weight
  careless: [{id: tests, method: test-rows, column: id, action: exclude}]
"""

Post = Callable[..., Any]


@pytest.fixture
def served(serve: Any) -> Any:
    return serve(read_only=False)


@pytest.fixture
def post(served: Any, near: None) -> Post:
    """Upload a table; against a methodology where the body of one is given."""

    def _post(content: str | bytes, body: str | None = None, kind: str = CSV, query: str = "") -> Any:
        address = f"/v1/datasets?{query}"
        if body is not None:
            stored = served.client.post("/v1/methodologies", content=tables.HEAD + body, headers={"Content-Type": YAML})
            assert stored.status_code in (200, 201), stored.text
            address += f"&methodology={stored.json()['hash']}"
        sent = content.encode() if isinstance(content, str) else content
        return served.client.post(address, content=sent, headers={"Content-Type": kind})

    return _post


@pytest.fixture
def far(served: Any) -> Post:
    """Upload a file to a process of its own, as the service does; it is there for the next one afterwards."""

    def _far(path: str | Path, kind: str = BINARY, **named: str) -> Any:
        content = Path(path).read_bytes()
        if named:
            return served.client.post("/v1/datasets", files={"file": (named["name"], content, kind)})
        return served.client.post("/v1/datasets", content=content, headers={"Content-Type": kind})

    return _far


def refused(answer: Any, status: int, *codes: str) -> list[dict[str, Any]]:
    """The errors of a problem; of nothing that was refused anything stays."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    errors = [one for one in problem["errors"] if one["severity"] == "error"]
    assert problem["code"] in codes
    assert set(codes) <= {one["code"] for one in errors}, answer.text
    assert "dtindex-" not in answer.text  # no path of the service
    return errors


def accepted(answer: Any, *codes: str) -> list[dict[str, Any]]:
    """The findings of a table that was kept."""
    assert answer.status_code in (200, 201), answer.text
    findings: list[dict[str, Any]] = answer.json()["findings"]
    assert {one["code"] for one in findings} == set(codes)
    return findings


def stored(served: Any) -> list[Any]:
    blobs = served.services.store.files
    kept = [path for folder in (blobs.blobs, blobs.waiting) for path in folder.rglob("*") if path.is_file()]
    return [*served.store.datasets.list("local", now()), *kept]


# --- files and containers ---


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff", ",,\n,,\n"])
def test_row_1_an_empty_file_is_dt101(post: Post, served: Any, content: str) -> None:
    refused(post(content), 422, "DT101")
    assert stored(served) == []


def test_row_2_a_header_alone_is_dt102(post: Post) -> None:
    assert refused(post("unit,x\n\n"), 422, "DT102")[0]["place"]["line"] == 1


@pytest.mark.parametrize("said", [True, False], ids=["Content-Length", "chunked"])
@pytest.mark.parametrize("form", [True, False], ids=["form", "body"])
def test_row_3_over_the_limit_is_413_and_nothing_stays(serve: Any, said: bool, form: bool) -> None:
    served = serve(read_only=False, max_upload_bytes=10_000)
    content, kind = b"a,b\n" + b"1,2\n" * 5_000, CSV
    if form:
        content = (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\n\r\n' + content + b"\r\n--x--\r\n"
        )
        kind = "multipart/form-data; boundary=x"
    sent: Any = content if said else iter([content[at : at + 1_000] for at in range(0, len(content), 1_000)])
    answer = served.client.post("/v1/datasets", content=sent, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "DT707")
    assert answer.headers["connection"] == "close"
    assert stored(served) == []


def test_row_4_a_bomb_is_dt110(package: Any, far: Post, served: Any) -> None:
    path = package({dangers.SHEET: dangers.sheet_xml(dangers.TABLE + " " * 60_000_000)})
    refused(far(path, XLSX), 413, "DT110")
    assert stored(served) == []


def test_row_5_a_cell_at_xfd1048576_is_dt111_and_the_service_lives(package: Any, far: Post, served: Any) -> None:
    path = package({dangers.SHEET: dangers.sheet_xml(dangers.TABLE + dangers.row(1048576, ("XFD1048576", "x")))})
    [error] = refused(far(path, XLSX), 413, "DT111")
    assert error["place"]["cell"] == "XFD1048576"
    assert served.client.get("/livez").status_code == 200


def test_row_6_entities_are_dt112(package: Any, post: Post) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    refused(post(Path(package({dangers.SHEET: bomb})).read_bytes(), kind=XLSX), 422, "DT112")


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.xlsx", b"unit,x\nA,1\n", "found text"),
        ("a.xls", b"\r\n <html><table>", "an HTML page"),
        ("a.csv", b"%PDF-1.7", "a PDF document"),
        ("a.zip", dangers.archive(**{"inner.zip": dangers.archive(a=b"")}), "a zip archive of 1 files"),
        ("a.parquet", b"unit,x\nA,1\n", "found text"),
    ],
)
def test_row_7_a_name_that_lies_is_dt113(served: Any, near: None, name: str, content: bytes, found: str) -> None:
    answer = served.client.post("/v1/datasets", files={"file": (name, content, BINARY)})
    assert found in refused(answer, 422, "DT113")[0]["detail"]


@pytest.mark.parametrize("kind", [XLSX, "application/vnd.apache.parquet", "application/x-spss-sav"])
def test_row_7_a_media_type_that_lies_is_dt113(post: Post, kind: str) -> None:
    refused(post("unit,x\nA,1\n", kind=kind), 422, "DT113")


def test_row_8_an_encrypted_workbook_is_dt114(compound: Any, post: Post) -> None:
    content = compound({"EncryptionInfo": b"\4\0\4\0@\0\0\0<encryption/>", "EncryptedPackage": b"\7" * 9000})
    assert "password" in refused(post(content, kind=XLSX), 422, "DT114")[0]["detail"]


CRASHING = (1925, 2614)
"""Seeds of mutations that end pyreadstat 1.3.7 by SIGSEGV; another version may find a table in them, or a fault."""


@pytest.mark.parametrize("seed", CRASHING)
def test_row_9_a_sav_that_crashes_its_reader_is_dt115(far: Post, served: Any, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "t.zsav"
    pyreadstat.write_sav(pd.DataFrame(spss.every_kind()), path, compress=True, **spss.EVERY)
    randomly = random.Random(seed)
    damaged = bytearray(path.read_bytes())
    for _ in range(randomly.randrange(1, 8)):
        damaged[randomly.randrange(4, len(damaged))] = randomly.randrange(256)
    path.write_bytes(damaged)
    answer = far(path)
    assert served.client.get("/livez").status_code == 200
    if pyreadstat.__version__ == "1.3.7":
        assert "signal 11" in refused(answer, 422, "DT115")[0]["detail"]
        assert stored(served) == []
    assert answer.status_code in (201, 413, 422)


def test_row_9_a_truncated_sav_is_dt115(post: Post, tmp_path: Path) -> None:
    path = tmp_path / "t.sav"
    pyreadstat.write_sav(pd.DataFrame(spss.TWO), path)
    for size in (8, 90, 200):
        refused(post(path.read_bytes()[:size], kind="application/x-spss-sav"), 422, "DT115")


@pytest.mark.parametrize(("writer", "name"), columnar.WRITERS)
def test_row_10_damaged_parquet_and_arrow_files_are_dt116(post: Post, tmp_path: Path, writer: Any, name: str) -> None:
    writer(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    refused(post(whole[: len(whole) // 2], kind=BINARY), 422, "DT116")
    randomly = random.Random(10)
    for _ in range(20):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[randomly.randrange(8, len(damaged))] = randomly.randrange(256)
        answer = post(bytes(damaged), kind=BINARY)
        assert answer.status_code in (200, 201, 413, 422), answer.text


def test_row_10_a_parquet_file_that_is_none_by_a_process_of_its_own(far: Post, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"PAR1" + b"\xff" * 200 + b"PAR1")
    refused(far(tmp_path / "t"), 422, "DT116")


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_row_11_gb18030_is_read_with_dt120(post: Post, encoding: str) -> None:
    [finding] = accepted(post(encodings.TABLE.encode(encoding)), "DT120")
    assert finding["severity"] == "warning"
    assert "地区, 指标, 北京市" in finding["message"]


def test_row_12_utf_16_is_read_with_dt120_and_a_mark_of_utf_8_without(post: Post) -> None:
    accepted(post(encodings.TABLE.encode("utf-16")), "DT120")
    accepted(post(encodings.TABLE.encode("utf-8-sig")))


def test_row_13_two_encodings_are_dt121_with_the_offset(post: Post) -> None:
    before = "地区,x\n北京,1\n".encode()
    [error] = refused(post(before + "上海,2\n广东,3\n".encode("gbk")), 422, "DT121")
    assert f"byte offset {len(before)}" in error["detail"]


def test_row_14_a_nul_is_dt122(post: Post) -> None:
    assert refused(post("unit,x\nA,1\nB,\0\n"), 422, "DT122")[0]["place"]["line"] == 3


def test_row_15_an_unclosed_quote_is_dt123(post: Post) -> None:
    [error] = refused(post('unit,x\nA,1\nB,"2\n' + "C,3\n" * 50_000), 422, "DT123")
    assert (error["place"]["line"], error["place"]["column"]) == (3, 2)


def test_row_16_a_longer_row_is_dt124(post: Post) -> None:
    [error] = refused(post("unit,x,y\nA,1,2\nB,1,000,2\nC,1,2\n"), 422, "DT124")
    assert error["place"]["line"] == 3


def test_row_17_all_rows_longer_is_dt124(post: Post) -> None:
    errors = refused(post("a,b\n1,2,3\n4,5,6\n"), 422, "DT124")
    assert [error["place"]["line"] for error in errors] == [2, 3]


def test_row_18_a_shorter_row_is_dt125(post: Post) -> None:
    assert refused(post("unit,x,y\nA,1,2\nB,1\n"), 422, "DT125")[0]["place"]["line"] == 3


@pytest.mark.parametrize("delimiter", [";", "\t", "，", "|"])
def test_row_19_a_delimiter_is_found_and_told(post: Post, delimiter: str) -> None:
    accepted(post(f"unit{delimiter}x\nA{delimiter}1\n"), "DT127")


def test_row_19_an_ambiguous_delimiter_is_dt128(post: Post) -> None:
    refused(post("unit;a,b\nA;1,2\n"), 422, "DT128")


def test_row_20_a_million_columns_and_a_cell_of_a_hundred_megabytes_are_dt126(post: Post) -> None:
    refused(post("unit," + ",".join(f"c{number}" for number in range(1_000_000)) + "\nA\n"), 413, "DT126")
    refused(post(b"unit,x\nA,1\nB," + b"9" * 100_000_000 + b"\n"), 413, "DT126")


def plain(book: Any, sheet: Any) -> None:
    sheet.write_row("A1", ["unit", "x"])
    sheet.write_row("A2", ["A", 1])


def test_row_21_several_sheets_are_dt129_and_what_is_hidden_dt130(workbook: Any, post: Post) -> None:
    content = Path(workbook(plain, plain)).read_bytes()
    refused(post(content, kind=XLSX), 422, "DT129")
    accepted(post(content, kind=XLSX, query="sheet=S2"))

    def hidden(book: Any, sheet: Any) -> None:
        plain(book, sheet)
        sheet.set_row(1, None, None, {"hidden": True})

    accepted(post(Path(workbook(hidden)).read_bytes(), kind=XLSX), "DT130")


def test_row_22_a_title_above_the_header_is_dt131_with_a_proposal(post: Post) -> None:
    content = "各省数据,,\n地区,x,y\n北京,1,2\n上海,3,4\n"
    assert "header_rows=[2]" in refused(post(content), 422, "DT131")[0]["detail"]
    accepted(post(content, query="header_rows=2"))


def test_row_23_a_formula_without_a_value_is_dt132(post: Post, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["unit", "x"], ["A", "=1+1"]):
        book.active.append(cells)
    book.save(tmp_path / "t.xlsx")
    [error] = refused(post((tmp_path / "t.xlsx").read_bytes(), kind=XLSX), 422, "DT132")
    assert error["place"]["cell"] == "B2"


def test_row_24_error_values_are_missing_with_dt133(workbook: Any, post: Post) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", ["unit", "x"])
        sheet.write_row("A2", ["A", 1])
        sheet.write("A3", "B")
        sheet.write_formula("B3", "=1/0", None, "#DIV/0!")

    [finding] = accepted(post(Path(workbook(fill)).read_bytes(), kind=XLSX), "DT133")
    assert finding["place"]["cell"] == "B3"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\a.csv", "a.csv"),
        ("/etc/cron.d/x.csv", "x.csv"),
        ("a\u202evsc.exe", "avsc.exe"),
        ("..", None),
        ("x" * 400 + ".csv", "x" * 196 + ".csv"),
        ("$(touch x);.csv", "$(touch x);.csv"),
    ],
)
def test_row_25_a_name_is_never_a_path(served: Any, near: None, tmp_path: Path, name: str, shown: str | None) -> None:
    outside = sorted(path for path in tmp_path.rglob("*") if served.services.settings.data_dir not in path.parents)
    answer = served.client.post("/v1/datasets", files={"file": (name, b"unit,x\nA,1\n", CSV)})
    assert (answer.status_code, answer.json()["name"]) == (201, shown)
    [blob] = [path for path in stored(served) if isinstance(path, Path)]
    assert len(blob.name) == 64
    assert (
        sorted(path for path in tmp_path.rglob("*") if served.services.settings.data_dir not in path.parents) == outside
    )


def test_row_25_a_zip_that_slips_writes_nothing(package: Any, post: Post, served: Any, tmp_path: Path) -> None:
    content = Path(package({"../../slipped": b"x", "/tmp/slipped": b"x"})).read_bytes()
    assert post(content, kind=XLSX).status_code in (201, 422)
    assert not list(tmp_path.parent.rglob("slipped"))
    assert not Path("/tmp/slipped").exists()


# --- tables and keys ---


def test_row_26_a_duplicate_column_is_dt201(post: Post) -> None:
    [error] = refused(post("unit,x,y, x\nA,1,2,3\n"), 422, "DT201")
    assert "columns 2 and 4" in error["detail"]


def test_row_27_a_missing_column_is_dt202_with_the_nearest(post: Post) -> None:
    [error] = refused(post("province,gdpp,pue\n广东,1,2\n北京,1,2\n", PROVINCES), 422, "DT202")
    assert "rename 'gdpp'" in error["detail"]


def test_row_28_names_are_tidied_with_dt211(post: Post) -> None:
    accepted(post("province, gdp\u00a0,\u200bｐｕｅ\n广东,1,2\n北京,1,2\n", PROVINCES), "DT211")


def test_row_29_a_unit_twice_is_dt203_with_both_rows(post: Post) -> None:
    [error] = refused(post("province,gdp,pue\n广东,1,2\n北京,1,2\n广东省,1,2\n", PROVINCES), 422, "DT203")
    assert "rows 2 and 4" in error["detail"]


def test_row_30_an_empty_key_is_dt204(post: Post) -> None:
    [error] = refused(post("id,gdp\nA,1\n ,2\n", FREE), 422, "DT204")
    assert (error["place"]["line"], error["place"]["column"]) == (3, 1)


def test_row_31_long_ids_stay_and_lost_digits_are_dt205(post: Post) -> None:
    accepted(post("id,gdp\n110101199001011234,1\nB,2\n", FREE))
    refused(post("id,gdp\n1.10101E+17,1\nB,2\n", FREE), 422, "DT205")


def test_row_32_codes_stay_text(post: Post) -> None:
    answer = post("id,gdp\n010,1\n10,2\n", FREE)  # one unit would be there twice if they were numbers
    accepted(answer)
    assert answer.json()["described"][0]["distinct"] == 2


def test_row_33_na_in_a_name_is_text(post: Post) -> None:
    answer = post("id,label,gdp\nNA,null,1\nnull,None,2\nNone,NA,3\n", NAMED)
    accepted(answer)
    assert [column["filled"] for column in answer.json()["described"]] == [3, 3, 3]


def test_row_34_aliases_are_units_and_others_dt206(post: Post) -> None:
    accepted(post("province,gdp,pue\n内蒙,1,2\n内蒙古自治区,1,2\n".replace("内蒙古自治区", "陕西省"), PROVINCES))
    [error] = refused(post("province,gdp,pue\n内蒙,1,2\n广东生,1,2\n", PROVINCES), 422, "DT206")
    assert "the nearest is 广东" in error["detail"]


def test_row_35_a_former_code_is_mapped_with_dt207(post: Post) -> None:
    [finding] = accepted(post("province,gdp,pue\n510200,1,2\n510000,1,2\n", PROVINCES), "DT207")
    assert (finding["severity"], finding["place"]["unit"]) == ("warning", "重庆")


@pytest.mark.parametrize("word", ["合计", "全国", "Total"])
def test_row_36_a_totals_row_is_dt208(post: Post, word: str) -> None:
    refused(post(f"province,gdp,pue\n广东,1,2\n北京,1,2\n{word},2,4\n", PROVINCES), 422, "DT208")


def test_row_37_test_respondents_are_reported_with_dt235(post: Post) -> None:
    content = "id,Q1,Q2,weight\nA,1,aa,1\n测试B,2,bb,1\nC,3,aa,1\n"
    [finding] = accepted(post(content, SURVEY), "DT235")
    assert finding["severity"] == "warning"
    assert "测试B" in finding["message"]


@pytest.mark.parametrize(
    ("weight", "severity"), [("-1", "error"), ("", "error"), ("0", "warning"), ("1000", "warning")]
)
def test_row_38_sampling_weights_are_dt210(post: Post, weight: str, severity: str) -> None:
    answer = post(f"id,Q1,Q2,weight\nA,1,aa,{weight}\nB,2,bb,1\nC,3,aa,1\nD,3,aa,1\n", SURVEY)
    if severity == "error":
        refused(answer, 422, "DT210")
    else:
        [finding] = accepted(answer, "DT210")
        assert finding["severity"] == "warning"


# --- values ---


def test_row_39_full_width_digits_are_read_with_dt228(post: Post) -> None:
    accepted(post("id,gdp\nA,１２．５\nB,2\n", FREE), "DT228")


@pytest.mark.parametrize("cell", ["45%", '"1,234"', "3.2万", "约50"])
def test_row_40_what_is_no_plain_number_is_dt220(post: Post, cell: str) -> None:
    [error] = refused(post(f"id,gdp\nA,{cell}\nB,2\n", FREE), 422, "DT220")
    assert (error["place"]["line"], error["place"]["column"], error["place"]["unit"]) == (2, 2, "A")


@pytest.mark.parametrize("cell", ["—", "/", "无", "暂无", "N/A"])
def test_row_41_undeclared_words_are_dt221(post: Post, cell: str) -> None:
    refused(post(f"id,gdp\nA,{cell}\nB,2\n", FREE), 422, "DT221")
    declared = FREE + f'    codes: {{"{cell}": {{status: missing}}}}\n'
    accepted(post(f"id,gdp\nA,{cell}\nB,2\n", declared))


@pytest.mark.parametrize("cell", ["inf", "1e999", "nan", "-Infinity"])
def test_row_42_infinity_and_nan_are_dt222(post: Post, cell: str) -> None:
    refused(post(f"id,gdp\nA,{cell}\nB,2\n", FREE), 422, "DT222")


def test_row_43_out_of_range_is_dt223_with_a_hint(post: Post) -> None:
    body = FREE + "    range: [1, 3]\n"
    [error] = refused(post("id,gdp\nA,150\nB,2\n", body), 422, "DT223")
    assert "100" in error["detail"]


def test_row_44_an_unknown_code_is_dt224_and_blanks_of_a_dialect_are_missing(post: Post) -> None:
    refused(post("id,Q1,Q2,weight\nA,9,aa,1\nB,2,bb,1\n", SURVEY), 422, "DT224")
    heads = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,id,Q1,Q2,weight\n"
    rows = "1,2024/3/1 9:00:00,300秒,微信,N/A,1.2.3.4(北京),A,-3,-2,1\n"
    rows += "2,2024/3/1 9:00:00,300秒,微信,N/A,1.2.3.5(北京),B,2,bb,1\n"
    accepted(post(heads + rows, SURVEY), "DT233", "DT236")


def test_row_45_two_answers_in_a_single_question_are_dt225(post: Post) -> None:
    refused(post("id,Q1,Q2,weight\nA,1,aa┋bb,1\nB,2,bb,1\n", SURVEY), 422, "DT225")


def test_row_46_words_of_yes_and_no_need_a_declaration(post: Post) -> None:
    content = "id,gdp\nA,是\nB,否\nC,1\nD,true\n"
    errors = refused(post(content, FREE), 422, "DT220")
    assert len(errors) == 3
    declared = FREE + "    codes: {是: {score: 1}, 否: {score: 0}, 'true': {score: 1}}\n"
    accepted(post(content, declared))


def test_row_47_a_date_is_dt226(post: Post) -> None:
    refused(post("id,gdp\nA,2024-01-05\nB,2\n", FREE), 422, "DT226")


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0"])
def test_row_48_formulas_in_names_are_kept_as_text(post: Post, name: str) -> None:
    accepted(post(f"id,label,gdp\nA,{name},1\nB,b,2\n", NAMED))


@pytest.mark.parametrize("cell", ["a\x07b", "x" * 40_000])
def test_row_49_control_characters_and_huge_cells_are_dt227(post: Post, cell: str) -> None:
    [error] = refused(post(f"id,label,gdp\nA,{cell},1\nB,b,2\n", NAMED), 422, "DT227")
    assert (error["place"]["line"], error["place"]["column"]) == (2, 2)


# --- methodology files ---

GOOD = "units: {kind: firm, key: id}\nnodes: [{id: index}]\nindicators:\n  - {id: a, parent: index}\n"
BOMB = "a: &a [x]\n" + "".join(f"{'b' * n}: &{'b' * n} [*a, *a]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("row", "code", "body", "line"),
    [
        (50, "DT001", GOOD + BOMB, 8),
        (51, "DT002", GOOD + "units: {kind: firm, key: id}\n", 8),
        (52, "DT006", GOOD + "rank: {decimals: on}\n", 8),
        (52, "DT006", GOOD.replace("key: id", "key: 010"), 4),
        (53, "DT003", GOOD + "description: !!python/object:os.system x\n", 8),
        (54, "DT010", GOOD.replace("parent: index", "parent: index, wieght: 1"), 7),
        (54, "DT010", GOOD + "fit: poled\n", 8),
        (55, "DT021", GOOD.replace("parent: index", "parent: index, weight: -1"), 7),
        (55, "DT021", GOOD.replace("parent: index", "parent: index, weight: 0"), None),
        (56, "DT022", GOOD.replace("{id: index}", "{id: index, parent: b}, {id: b, parent: index}"), 5),
        (56, "DT022", GOOD.replace("{id: index}", "{id: index}, {id: index}"), 5),
        (56, "DT022", GOOD.replace("parent: index", "parent: nobody"), 7),
        (57, "DT010", GOOD.replace("parent: index", 'parent: index, formula: "().__class__"'), 7),
        (57, "DT011", GOOD.replace("parent: index", "parent: index, weight: 9**9**9"), 7),
        (59, "DT004", GOOD + "#" * 1_000_001, None),
        (59, "DT004", (GOOD + "description: 算力\n").encode("gb18030"), None),
    ],
    ids=lambda value: str(value) if isinstance(value, (int, str)) and len(str(value)) < 10 else "",
)
def test_rows_50_to_59_of_methodology_files(
    served: Any, near: None, row: int, code: str, body: str | bytes, line: int | None
) -> None:
    content = tables.HEAD.encode() + (body if isinstance(body, bytes) else body.encode())
    said = served.client.post("/v1/methodologies:validate", content=content, headers={"Content-Type": YAML}).json()
    assert said["valid"] is False
    places = [(one["code"], one["place"].get("line")) for one in said["findings"] if one["severity"] == "error"]
    assert (code, line) in places if line is not None else code in [code for code, _ in places], (row, said)
    answer = served.client.post("/v1/methodologies", content=content, headers={"Content-Type": YAML})
    assert answer.status_code == 422
    assert code in [one["code"] for one in answer.json()["errors"]]
    assert served.store.methodologies.list("local") == []


TWO_WEIGHTS = GOOD.replace("{id: a,", "{id: b, weight: V, parent: index}\n  - {id: a, weight: W,")
GEOMETRIC = GOOD.replace("{id: index}", "{id: index, aggregate: {method: geometric}}")


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("DT020", TWO_WEIGHTS.replace("W", "0.4").replace("V", "0.5")),
        ("DT023", TWO_WEIGHTS.replace("W", "0").replace("V", "1")),
        ("DT040", GEOMETRIC.replace("{id: a,", "{id: a, normalise: {method: goalposts, worst: 0, best: 1},")),
    ],
)
def test_rows_55_and_58_that_are_warnings(served: Any, near: None, code: str, body: str) -> None:
    content = tables.HEAD + body
    said = served.client.post("/v1/methodologies:validate", content=content, headers={"Content-Type": YAML}).json()
    assert said["valid"] is True, said
    assert (code, "warning") in [(one["code"], one["severity"]) for one in said["findings"]]
    assert all(one["place"]["line"] for one in said["findings"])


# --- the interface ---


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ('{"name": NaN, "scopes": ["read"]}', 422, "DT713"),
        ('{"name": Infinity, "scopes": ["read"]}', 422, "DT713"),
        ('{"name": 1e999, "scopes": ["read"]}', 422, "DT713"),
        ('{"name": "a", "name": "b", "scopes": ["read"]}', 422, "DT711"),
        ('{"name": ' + "[" * 100 + "]" * 100 + "}", 422, "DT712"),
        ("[" * 1_000_000, 422, "DT712"),
        ('{"name": ', 400, "DT710"),
    ],
)
def test_row_68_json_that_is_none(served: Any, content: str, status: int, code: str) -> None:
    headers = served.key("admin") | {"Content-Type": "application/json"}
    answer = served.client.post("/v1/keys", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_row_68_another_content_type_is_415(served: Any) -> None:
    headers = served.key() | {"Content-Type": "text/plain"}
    assert served.client.post("/v1/keys", content="{}", headers=headers).status_code == 415
    for address in ("/v1/datasets", "/v1/methodologies"):
        answer = served.client.post(address, content="{}", headers=headers | {"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["code"]) == (415, "DT708")


def test_row_68_duplicate_keys_and_nesting_in_a_methodology_that_is_json(served: Any, near: None) -> None:
    good = {"schema_version": 1, "id": "a", "title": "t", "units": {"kind": "a", "key": "b"}, "nodes": [{"id": "x"}]}
    text = json.dumps(good)
    twice = text.replace('"id": "a"', '"id": "a", "id": "b"')
    deep = text.replace('"t"', "[" * 100_000 + "]" * 100_000)
    for content, code in ((twice, "DT002"), (deep, "DT005")):
        answer = served.client.post("/v1/methodologies", content=content, headers={"Content-Type": "application/json"})
        refused(answer, 422, code)


def test_row_69_an_idempotency_key_with_another_body_is_422(served: Any, near: None) -> None:
    headers = {"Content-Type": CSV, "Idempotency-Key": "one"}
    assert served.client.post("/v1/datasets", content="unit,x\nA,1\n", headers=headers).status_code == 201
    answer = served.client.post("/v1/datasets", content="unit,x\nA,2\n", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "DT714")
    assert len(served.store.datasets.list("local", now())) == 1


def test_row_69_the_same_key_at_the_same_time_is_409(served: Any, near: None, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    parse = Parsers.run

    def slowly(self: Parsers, job: Any, take: Any = None) -> Any:
        begun.set()
        assert go_on.wait(20)
        return parse(self, job, take)

    monkeypatch.setattr(Parsers, "run", slowly)
    headers = {"Content-Type": CSV, "Idempotency-Key": "one"}
    answers: list[Any] = []

    def send() -> None:
        answers.append(served.client.post("/v1/datasets", content="unit,x\nA,1\n", headers=headers))

    first = threading.Thread(target=send)
    first.start()
    assert begun.wait(20)
    answer = served.client.post("/v1/datasets", content="unit,x\nA,1\n", headers=headers)
    go_on.set()
    first.join(20)
    assert (answer.status_code, answer.json()["code"]) == (409, "DT715")
    assert [one.status_code for one in answers] == [201]
