"""Workbooks that attack, lie or are locked; and the process that reads them."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlwt

import dtindex.findings
from dtindex.findings import LimitError, UsageError
from dtindex.tables.formats import read_raw
from dtindex.tables.formats.apart import Parser, received
from dtindex.tables.limits import Limits

SHEET = "xl/worksheets/sheet1.xml"
SOURCE = str(Path(dtindex.findings.__file__).parents[1])


def sheet_xml(rows: str, before: str = "") -> str:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{namespace}">{before}<sheetData>{rows}</sheetData></worksheet>'


def row(number: int, *cells: tuple[str, str]) -> str:
    inner = "".join(f'<c r="{at}" t="str"><v>{text}</v></c>' for at, text in cells)
    return f'<row r="{number}">{inner}</row>'


TABLE = row(1, ("A1", "unit"), ("B1", "x")) + row(2, ("A2", "A"), ("B2", "1"))


def test_4_bomb(package, refused):
    path = package({SHEET: sheet_xml(TABLE + " " * 60_000_000)})
    assert os.path.getsize(path) < 500_000
    error = refused(path)
    assert isinstance(error, LimitError)
    assert error.code == "DT110"
    assert "times its size" in str(error)


def test_4_unpacks_to_too_much(package, refused):
    path = package({"xl/media/image.bin": random.Random(1).randbytes(200_000)})
    assert refused(path, limits=Limits(unpacked_bytes=100_000)).code == "DT110"


def test_4_too_many_parts(package, refused):
    error = refused(package({f"xl/media/{number}": b"" for number in range(2_000)}))
    assert error.code == "DT110"
    assert "parts" in str(error)


@pytest.mark.parametrize(
    "content",
    [
        sheet_xml(TABLE + row(1048576, ("XFD1048576", "x"))),
        sheet_xml(TABLE.replace("B2", "XFD1048576")),
        sheet_xml(TABLE, '<dimension ref="A1:XFD1048576"/>'),
        sheet_xml(TABLE + "<row r='3'><c  r = 'XFD1048576'><v>1</v></c></row>"),
        sheet_xml(TABLE.replace("<c ", "<x:c ").replace("B2", "XFD1048576")),
    ],
)
def test_5_cell_far_outside(package, refused, content):
    error = refused(package({SHEET: content}))
    assert isinstance(error, LimitError)
    assert (error.code, error.findings[0].place.cell) == ("DT111", "XFD1048576")
    assert error.findings[0].place.sheet == "S1"


def test_5_cells_without_references(package, refused):
    """The position of such cells is counted, so no search of references finds that they span 10^12 cells."""
    wide = "<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>"
    long = "<row><c><v>1</v></c></row>" * 1_000_000
    error = refused(package({SHEET: sheet_xml(wide + long)}), limits=Limits(unpacked_ratio=10**6))
    assert error.code in ("DT111", "DT115", "DT903")


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "docProps/app.xml"])
def test_6_entities(package, refused, part):
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    error = refused(package({part: bomb}))
    assert isinstance(error, UsageError)
    assert error.code == "DT112"
    assert part in str(error)


def test_6_entities_in_an_encoding_that_hides_them(package, refused):
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    assert refused(package({SHEET: bomb.encode("utf-16-be")})).code == "DT112"


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.xlsx", b"unit,x\nA,1\n", "found text"),
        ("a.xls", b"unit\tx\nA\t1\n", "found text"),
        ("a.xls", b"\r\n <html><table>", "an HTML page"),
        ("a.xls", b"<TABLE border=1>", "an HTML page"),
        ("a.xls", "<!DOCTYPE html>".encode("utf-16"), "an HTML page"),
        (
            "a.csv",
            b"\xef\xbb\xbf<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
            "XML Spreadsheet",
        ),
        ("a.csv", b"<?xml version='1.0'?><a/>", "an XML document"),
        ("a.xlsx", archive(word__document=b""), "a Word document"),
        ("a.xlsx", archive(mimetype=b"x", **{"content.xml": b""}), "an OpenDocument file"),
        ("a.xlsx", archive(**{"xl/workbook.bin": b""}), "a binary workbook (.xlsb)"),
        ("a.zip", archive(**{"inner.zip": archive(a=b"")}), "a zip archive of 1 files, such as 'inner.zip'"),
        ("a.xlsx", archive(), "an empty zip archive"),
        ("a.csv", b"%PDF-1.7", "a PDF document"),
        ("a.csv", b"\x1f\x8b\x08\0", "a gzip archive"),
        ("a.csv", b"$FL2@(#) SPSS", "an SPSS file"),
        ("a.parquet", b"unit,x\nA,1\n", "found text"),
        ("a.feather", b"FEA1\0\0", "Feather file of version 1"),
        ("a.csv", b"PAR1\0\0", "a Parquet file"),
    ],
)
def test_7_names_that_lie(write, refused, name, content, found):
    error = refused(write(content, name))
    assert isinstance(error, UsageError)
    assert error.code == "DT113"
    assert found in str(error)


def test_7_workbooks_under_other_names(package, tmp_path, refused):
    error = refused(package({}, "book.csv"))
    assert (error.code, "found an Excel workbook (.xlsx)" in str(error)) == ("DT113", True)
    assert refused(package({}, "book.xls")).code == "DT113"
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, "x")
    for name in ("old.xlsx", "old.csv"):
        book.save(str(tmp_path / name))
        error = refused(tmp_path / name)
        assert (error.code, "found an Excel 97-2003 workbook (.xls)" in str(error)) == ("DT113", True)


def test_7_another_ole_document(write, compound, refused):
    error = refused(write(compound({"WordDocument": b"x" * 5000}), "a.xls"))
    assert (error.code, "a Word document" in str(error)) == ("DT113", True)
    assert refused(write(compound({"Something": b"x"}), "a.xls")).code == "DT113"


def test_8_encrypted_xlsx(write, compound, refused):
    content = compound({"EncryptionInfo": b"\4\0\4\0@\0\0\0<encryption/>", "EncryptedPackage": b"\7" * 9000})
    for name in ("book.xlsx", "book.csv", "book.xls"):
        error = refused(write(content, name))
        assert isinstance(error, UsageError)
        assert error.code == "DT114"
        assert "password" in str(error)


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


@pytest.mark.parametrize("padding", [0, 5000])
def test_8_protected_xls(write, compound, refused, padding):
    stream = record(0x809, b"\0\6\5\0" + b"\0" * 12) + record(0x2F, b"\1\0" * 27) + record(0x0A)
    error = refused(write(compound({"Workbook": stream + b"\0" * padding}), "book.xls"))
    assert error.code == "DT114"


def test_8_zip_with_a_password(package, refused):
    path = package({})
    data = bytearray(Path(path).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    Path(path).write_bytes(data)
    assert refused(path).code == "DT114"


def test_damaged_workbooks(package, write, compound, refused):
    whole = Path(package({})).read_bytes()
    for content, name in (
        (whole[: len(whole) // 2], "cut.xlsx"),
        (b"PK\x03\x04", "head.xlsx"),
        (b"\0\1\2\3", "binary.xlsx"),
        (compound({"Workbook": b"\xff" * 5000}), "broken.xls"),
        (compound({"Workbook": b"\xff" * 5000})[:700], "cut.xls"),
    ):
        error = refused(write(content, name))
        assert isinstance(error, UsageError)
        assert error.code == "DT115", name


def test_chain_that_goes_round(write, compound, refused):
    content = bytearray(compound({"Workbook": b"\0" * 5000}))
    content[512 + 4 : 512 + 8] = struct.pack("<I", 1)  # the entry of sector 1 in the allocation table
    assert refused(write(bytes(content), "book.xls")).code == "DT115"


def test_too_slow(package, refused):
    error = refused(package({}), limits=Limits(child_seconds=0.001))
    assert isinstance(error, LimitError)
    assert error.code == "DT903"


@pytest.mark.parametrize("bytes_allowed", [40_000_000, 60_000_000])
def test_too_much_memory(package, refused, bytes_allowed):
    if sys.platform != "linux":
        return  # address space is limited where the system can
    cells = "".join(row(number, (f"A{number}", "x" * 400), (f"B{number}", "1")) for number in range(1, 100_000))
    limits = Limits(child_bytes=bytes_allowed, unpacked_ratio=10**6)
    error = refused(package({SHEET: sheet_xml(cells)}), limits=limits)
    assert isinstance(error, LimitError)
    assert error.code == "DT903"


def test_death_of_the_child():
    parser = Parser("sheets", "the workbook", "save the table alone")
    taken = []
    rows = b'{"block":{"rows":[1]}}\n'
    for last in (b'{"sh', b'{"sh\n', b""):
        with pytest.raises(UsageError, match=r"DT115 .* signal 11"):
            received(parser, "a.xls", io.BytesIO(rows + last), -11, b"", taken.append)
    assert taken == [{"rows": [1]}] * 3
    with pytest.raises(LimitError, match="DT903"):
        received(parser, "a.xls", io.BytesIO(), -6, b"memory allocation of 99999999 bytes failed", taken.append)


def test_interpreter_that_cannot_be_started(package, refused, monkeypatch):
    monkeypatch.setattr(sys, "executable", os.path.join(os.path.dirname(package({})), "no-python"))
    assert refused(package({})).code == "DT903"


def test_child_finds_this_dtindex_and_no_module_of_the_working_directory(package, tmp_path):
    path = package({})
    for name in ("json.py", "zipfile.py", "python_calamine.py"):
        (tmp_path / name).write_text("raise RuntimeError('a file of the working directory was imported')")
    script = f"import sys; sys.path.insert(0, {SOURCE!r}); from dtindex.tables.formats import read_raw; "
    script += f"print(read_raw({path!r}).header)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "('unit', 'x')", done.stderr


def test_child_imports_little(package):
    """Each workbook pays for what the child imports: numpy alone would triple its start."""
    script = "import json, sys; from dtindex.tables.formats._child import _parser; _parser('sheets'); "
    script += "print(json.dumps(list(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run([sys.executable, "-P", "-c", script], env=environment, capture_output=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"numpy", "pandas", "pyarrow", "pydantic", "pyreadstat", "scipy"}
    assert "python_calamine" in loaded


def test_script_without_a_guard(package, tmp_path):
    """A child made by multiprocessing would run the script again."""
    script = tmp_path / "script.py"
    script.write_text(f"from dtindex.tables.formats import read_raw\nprint(len(read_raw({package({})!r})))\n")
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1"], done.stderr


def test_file_names_are_only_names(package):
    raw = read_raw(package({}, "-c import os; $(touch x) 表.xlsx"))
    assert raw.header == ("unit", "x")
