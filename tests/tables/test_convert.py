"""From cells to numbers: strictly by the declared type."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.methods import CodeRule
from dtindex.status import Status
from dtindex.tables.convert import MOST, Reading, convert, status_of_word
from dtindex.tables.numbers import NumberType

DIGITS = frozenset("0123456789")


def by_decimal(text: str) -> float | None:
    """An independent parser of plain numbers: the characters by hand, the value by ``decimal``."""
    body = text[1:] if text[:1] in ("+", "-") else text
    mantissa, mark, exponent = body.partition("e" if "e" in body else "E")
    if mark and not set(exponent.lstrip("+-")) <= DIGITS:
        return None
    whole, point, decimals = mantissa.partition(".")
    if not (set(whole) <= DIGITS and set(decimals) <= DIGITS) or (point and not decimals):
        return None
    try:
        return float(Decimal(text))
    except InvalidOperation:
        return None


plain = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12).map(str)
floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
junk = st.text(alphabet="0123456789.,%+-eE_ xinfa１，٣\n", max_size=8)
cells = st.lists(st.one_of(plain, floats, junk, st.just("")), max_size=30)


@given(cells)
def test_numbers_agree_with_decimal(column: list[str]) -> None:
    numbers = convert(column, Reading())
    bad = {problem.row for problem in numbers.problems if problem.code != "DT228"}
    full_width = str.maketrans("１，", "1,")
    for row, cell in enumerate(column):
        expected = by_decimal(cell.strip().translate(full_width))
        if not cell.strip():
            assert np.isnan(numbers.values[row])
            assert row not in bad
        elif expected is None or np.isinf(expected):
            assert np.isnan(numbers.values[row])
            assert row in bad or None in bad
        else:
            assert numbers.values[row] == expected
            assert row not in bad


@given(cells, st.sampled_from(["number", "percent", "thousands"]))
def test_a_cell_does_not_depend_on_its_neighbours(column: list[str], kind: NumberType) -> None:
    """The fast path takes blocks; one cell at a time must give the same."""
    together = convert(column, Reading(kind))
    alone = [float(convert([cell], Reading(kind)).values[0]) for cell in column]
    np.testing.assert_array_equal(together.values, np.array(alone, dtype=np.float64))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_thousands_are_what_python_prints(value: Decimal) -> None:
    numbers = convert([f"{value:,}", f"{value:,}".replace(",", "，"), str(value)], Reading("thousands"))
    assert numbers.values.tolist() == [float(value)] * 3


@given(plain)
def test_percent_signs_divide_by_nothing(text: str) -> None:
    numbers = convert([text, f"{text}%", f"{text}％"], Reading("percent"))
    assert numbers.values.tolist() == [float(text)] * 3


@given(st.lists(st.floats(allow_infinity=False), max_size=20))
def test_typed_numbers_stay(values: list[float]) -> None:
    column = np.array(values, dtype=np.float64)
    numbers = convert(column, Reading())
    np.testing.assert_array_equal(numbers.values, column)
    np.testing.assert_array_equal(numbers.status == Status.MISSING, np.isnan(column))


@pytest.mark.parametrize(
    "text", ["1_000", "0x10", "٣", "infinity", "1e", "e5", "1..2", "--1", "+", ".", "5.", "1 000", "½", "²"]
)
def test_what_float_or_nfkc_would_take_is_refused(text: str) -> None:
    numbers = convert([text], Reading())
    assert np.isnan(numbers.values[0])
    assert numbers.problems


def codes_of(column: list[str], reading: Reading) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.code) for problem in convert(column, reading).problems]


def test_row_39_full_width_digits_are_converted_and_noted() -> None:
    numbers = convert(["1", "１２．５", "－３", "−4"], Reading())
    assert numbers.values.tolist() == [1.0, 12.5, -3.0, -4.0]
    (note,) = numbers.problems
    assert (note.row, note.code) == (1, "DT228")
    assert "3 cells" in note.message


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        ("1,234", "number", "declare `type: thousands`"),
        ("1，234.5", "number", "declare `type: thousands`"),
        ("45%", "number", "declare `type: percent`"),
        ("3.2万", "number", "write 32000"),
        ("1.5亿", "thousands", "write 150000000"),
        ("约50", "number", "write a plain number"),
        ("45%", "thousands", "declare `type: percent`"),
        ("1,234", "percent", "declare `type: thousands`"),
        ("12,34", "thousands", "write a plain number"),
        ("1,2345", "thousands", "write a plain number"),
        ("1234,567", "thousands", "write a plain number"),
        ("45%%", "percent", "write a plain number"),
        ("是", "number", "write a plain number"),
        ("TRUE", "number", "write a plain number"),
        ("1_000", "number", "remove the underscores"),
    ],
)
def test_row_40_other_spellings_are_dt220_with_a_hint(text: str, kind: NumberType, hint: str) -> None:
    (problem,) = convert(["50", text], Reading(kind)).problems
    assert (problem.row, problem.code) == (1, "DT220")
    assert repr(text) in problem.message
    assert "expected" in problem.message
    assert hint in problem.message


def test_row_40_nodes_have_no_type_to_declare() -> None:
    problems = convert(["1,234", "45%", "—"], Reading(declares=False)).problems
    assert [problem.message.rpartition(": write ")[2] for problem in problems[:2]] == ["1234", "45"]
    assert "defaults: {codes:" in problems[2].message


@pytest.mark.parametrize(
    "word", ["—", "-", "/", "无", "暂无", "N/A", "NA", "null", "..", "...", "…", "——", "None", "－", "n.a.", "缺失"]
)
def test_row_41_words_for_missing_must_be_declared(word: str) -> None:
    assert codes_of(["1", word], Reading()) == [(1, "DT221")]
    declared = convert(["1", f" {word} "], Reading(codes={word: CodeRule(status="withheld")}))
    assert not declared.problems
    assert declared.status.tolist() == [0, Status.WITHHELD]


@pytest.mark.parametrize("text", ["inf", "-Infinity", "nan", "NaN", "1e999", "-1e999", "∞", "9" * 400])
def test_row_42_infinite_and_nan_are_dt222(text: str) -> None:
    assert codes_of(["1", text], Reading()) == [(1, "DT222")]


def test_row_42_infinity_of_a_typed_file_is_dt222() -> None:
    numbers = convert(np.array([1.0, np.inf, np.nan]), Reading())
    assert [(problem.row, problem.code) for problem in numbers.problems] == [(1, "DT222")]
    assert np.isnan(numbers.values[1])


@pytest.mark.parametrize(
    ("text", "low", "high", "hint"),
    [
        ("0.9", 1.0, 3.0, "correct the cell"),
        ("120", 0.0, 100.0, "divided by 100 it"),
        ("0.45", 1.0, 100.0, "times 100 it"),
        ("15000", 1.0, 15.0, "divided by 1,000 it"),
        ("0.0012", 10.0, 20.0, "times 10,000 it"),
    ],
)
def test_row_43_out_of_range_hints_at_a_slip_of_units(text: str, low: float, high: float, hint: str) -> None:
    (problem,) = convert([text], Reading(range=(low, high))).problems
    assert problem.code == "DT223"
    assert hint in problem.message
    assert f"expected {low:g} to {high:g}" in problem.message


def test_the_ends_of_a_range_belong_to_it() -> None:
    assert not convert(["0", "100"], Reading(range=(0.0, 100.0))).problems


def test_row_47_dates_are_dt226() -> None:
    assert codes_of(["1", "2024-01-05"], Reading()) == [(1, "DT226")]
    assert codes_of(["2024年1月", "2024/1/5"], Reading()) == [(0, "DT226"), (1, "DT226")]
    serial = convert(["1", "45296"], Reading(), dates={1})
    assert [(problem.row, problem.code) for problem in serial.problems] == [(1, "DT226")]
    assert np.isnan(serial.values[1])
    typed = convert(np.array([1.0, 45296.0]), Reading(), dates={1})
    assert [(problem.row, problem.code) for problem in typed.problems] == [(1, "DT226")]


def test_codes_give_values_scores_and_statuses() -> None:
    rules = {
        "<1": CodeRule(value=0.5),
        "No Practice": CodeRule(score=0),
        "..": CodeRule(status="missing"),
        "n/a": CodeRule(status="not-applicable"),
        "w": CodeRule(status="withheld"),
        "p": CodeRule(value=7.0, status="estimated"),
        "3": CodeRule(status="missing"),
    }
    numbers = convert(["<1", "No Practice", "..", "n/a", "w", "p", "3", "3.0", ""], Reading(codes=rules))
    assert not numbers.problems
    np.testing.assert_array_equal(numbers.values, [0.5, *[np.nan] * 4, 7.0, np.nan, 3.0, np.nan])
    assert numbers.coded is not None
    assert numbers.coded[1] == 0
    assert np.isnan(numbers.coded).sum() == 8
    missing = Status.MISSING
    flags = [0, 0, missing, Status.NOT_APPLICABLE, Status.WITHHELD, Status.ESTIMATED, missing, 0, missing]
    assert numbers.status.tolist() == flags


def test_codes_meet_typed_numbers_by_their_text() -> None:
    rules = {"3": CodeRule(status="missing"), "-99": CodeRule(score=10.0), "x": CodeRule(value=1.0)}
    numbers = convert(np.array([3.0, -99.0, 3.5]), Reading(codes=rules))
    np.testing.assert_array_equal(numbers.values, [np.nan, np.nan, 3.5])
    assert numbers.status.tolist() == [Status.MISSING, 0, 0]
    assert numbers.coded is not None
    assert numbers.coded[1] == 10.0


def test_a_declared_status_is_set_on_what_is_there() -> None:
    numbers = convert(["1", "", "2"], Reading(status="break"))
    assert numbers.status.tolist() == [Status.BREAK, Status.MISSING, Status.BREAK]


def test_many_problems_are_counted_not_listed() -> None:
    problems = convert(["约1"] * 50, Reading()).problems
    assert len(problems) == MOST + 1
    assert problems[-1].row is None
    assert "30 more" in problems[-1].message
    assert "50 in all" in problems[-1].message


def test_blocks_keep_their_rows() -> None:
    column = [str(number) for number in range(20_000)]
    column[8_192] = "约"
    column[19_999] = "１"
    numbers = convert(column, Reading())
    assert [(problem.row, problem.code) for problem in numbers.problems] == [(8_192, "DT220"), (19_999, "DT228")]
    assert numbers.values[19_998] == 19_998
    assert numbers.values[19_999] == 1


def test_percentages_that_look_like_shares_are_warned_of() -> None:
    (problem,) = convert(["0.45", "0.5", ""], Reading("percent")).problems
    assert (problem.code, problem.severity) == ("DT223", "warning")
    assert "write 45" in problem.message
    assert convert(["45%", "0.45"], Reading("percent")).problems[0].row == 1
    assert not convert(["0.45%", "0"], Reading("percent")).problems
    assert not convert(["0.45", "3"], Reading("percent")).problems


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        ("A", Status.NORMAL),
        ("E", Status.ESTIMATED),
        ("estimated", Status.ESTIMATED),
        ("m", Status.MISSING),
        ("缺失", Status.MISSING),
        ("L", Status.NOT_APPLICABLE),
        ("not-applicable", Status.NOT_APPLICABLE),
        ("Q", Status.WITHHELD),
        ("b", Status.BREAK),
        ("zz", None),
    ],
)
def test_status_words(word: str, flag: Status | None) -> None:
    assert status_of_word(word) == flag


def test_statuses_of_a_long_table() -> None:
    numbers = convert(["1", "", "", "2", "3"], Reading(), statuses=["E", "Q", "", "M", "zz"])
    assert numbers.status.tolist()[:3] == [Status.ESTIMATED, Status.WITHHELD, Status.MISSING]
    assert [(problem.row, problem.code) for problem in numbers.problems] == [(3, "DT224"), (4, "DT224")]
