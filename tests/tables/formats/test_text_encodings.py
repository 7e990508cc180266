"""Bytes to text: never in silence, and never two encodings in one file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.findings import InputError, UsageError
from dtindex.tables.formats import read_raw
from dtindex.tables.formats.encoding import decode
from dtindex.tables.formats.refusal import Remarks

TABLE = "地区,指标\n北京市,1\n上海市,2\n联通,3\n"


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_11_gb18030(write, encoding):
    raw = read_raw(write(TABLE.encode(encoding)))
    assert raw.columns[0] == ["北京市", "上海市", "联通"]
    assert [finding.code for finding in raw.findings] == ["DT120"]
    assert "'" not in raw.findings[0].message
    assert "地区, 指标, 北京市" in raw.findings[0].message
    assert raw.description["encoding"] == "gb18030"


def test_11_four_byte_characters(write):
    assert read_raw(write("地区,x\n㐀𠀀,1\n".encode("gb18030"))).columns[0] == ["㐀𠀀"]


def test_11_short_cells_that_happen_to_be_utf_8(write):
    # 联通 in GBK is C1 AA CD A8; with C2..DF first it would be valid UTF-8 of two bytes, as these are.
    accidental = [bytes([lead, trail]) for lead in range(0xC4, 0xD8) for trail in range(0xB0, 0xC0)]
    assert all(len(pair.decode("utf-8")) == 1 for pair in accidental)
    content = "地区,x\n".encode("gbk") + b"".join(pair + b",1\n" for pair in accidental) + "中国,1\n".encode("gbk")
    raw = read_raw(write(content))
    assert raw.columns[0] == [*(pair.decode("gbk") for pair in accidental), "中国"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_12_utf_16(write, encoding):
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    raw = read_raw(write(mark + TABLE.encode(encoding)))
    assert raw.header == ("地区", "指标")
    assert [finding.code for finding in raw.findings] == ["DT120"]
    assert "utf-16" in raw.findings[0].message


def test_12_utf_8_with_a_mark(write):
    raw = read_raw(write(TABLE.encode("utf-8-sig")))
    assert raw.header == ("地区", "指标")
    assert raw.findings == ()


def test_12_utf_16_without_a_mark(write, refused):
    error = refused(write(TABLE.encode("utf-16-le")))
    assert error.code == "DT122"
    assert "UTF-16" in str(error)
    assert read_raw(write(TABLE.encode("utf-16-le")), encoding="utf-16-le").header == ("地区", "指标")


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gbk"), ("gbk", "utf-8")])
def test_13_mixed_encodings(write, refused, first, second):
    before = "地区,x\n北京,1\n".encode(first)
    error = refused(write(before + "上海,2\n广东,3\n".encode(second)))
    assert error.code == "DT121"
    assert error.findings[0].place.line == 3
    assert f"byte offset {len(before)}:" in str(error)


def test_13_mixed_within_a_line(write, refused):
    error = refused(write("地区,名称\n".encode() + "北京,".encode("gbk") + "上海\n".encode()))
    assert error.code == "DT121"
    assert error.findings[0].place.line == 2


def test_13_a_damaged_byte_in_a_utf_8_file(write, refused):
    data = TABLE.encode()
    offset = data.index("上".encode()) + 1
    error = refused(write(data[:offset] + b"\xff" + data[offset + 1 :]))
    assert error.code == "DT121"
    assert error.findings[0].place.line == 3


def test_13_neither(write, refused):
    error = refused(write("unit,x\nCafé,1\n".encode("latin-1")))
    assert error.code == "DT121"
    assert error.findings[0].place.line == 2
    assert read_raw(write("unit,x\nCafé,1\n".encode("latin-1")), encoding="latin-1").columns[0] == ["Café"]


def test_mark_that_lies(write, refused):
    error = refused(write(b"\xef\xbb\xbfunit,x\nA,\xff\n"))
    assert (error.code, "byte offset 12" in str(error)) == ("DT121", True)
    error = refused(write(b"\xff\xfea\0b"))
    assert (error.code, "byte offset 4" in str(error)) == ("DT121", True)


def test_named_encoding(write, refused):
    error = refused(write(TABLE.encode("gbk")), encoding="utf-8")
    assert isinstance(error, InputError)
    assert error.code == "DT121"
    for name in ("no-such", "base64", "zip", "a\0b"):
        error = refused(write(TABLE.encode("gbk")), encoding=name)
        assert isinstance(error, UsageError)
        assert error.code == "DT902"


# Frequent hanzi: the first level of GB 2312, rows 16 to 55.
LEVEL_1 = [bytes([lead, trail]).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF)]
words = st.lists(st.text(st.sampled_from(LEVEL_1), min_size=1, max_size=6), min_size=1, max_size=12)


@given(words)
def test_gb18030_alone_always_passes(names):
    text = "unit,x\n" + "".join(f"{name},1\n" for name in names)
    remarks = Remarks("t.csv")
    data = text.encode("gb18030")
    found, encoding = decode(data, None, remarks, "t.csv")
    try:
        # A handful of characters may be UTF-8 throughout; then nothing tells, and UTF-8 is what the file is taken for.
        assert (found, encoding) == (data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        assert (found, encoding) == (text, "gb18030")


@given(words, words, st.booleans())
def test_a_mixture_never_passes(one, other, swapped):
    parts = ["".join(f"{name},1\n" for name in names) for names in (one, other)]
    chinese, utf8 = parts[0].encode("gb18030"), parts[1].encode()
    data = b"unit,x\n" + (utf8 + chinese if swapped else chinese + utf8)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        with pytest.raises(InputError) as caught:
            decode(data, None, Remarks("t.csv"), "t.csv")
        assert caught.value.code == "DT121"
