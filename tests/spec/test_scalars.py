"""Plain scalars against the core schema of YAML 1.2, and what is refused.

https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import pytest

from dtindex.spec.scalars import Refused, resolve


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("TRUE", True), ("false", False)])
def test_booleans(text: str, value: bool) -> None:
    assert resolve(text) is value


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12", 12), ("-3", -3), ("+7", 7)])
def test_whole_numbers(text: str, value: int) -> None:
    found = resolve(text)
    assert found == value
    assert isinstance(found, int)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.1", 0.1), ("1e-7", 1e-7), ("-.5", -0.5), ("5.", 5.0), ("1E3", 1000.0), ("47.0", 47.0), ("+1.5e+2", 150.0)],
)
def test_floating_numbers(text: str, value: float) -> None:
    found = resolve(text)
    assert found == value
    assert isinstance(found, float)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01", "2026-01-31", "2026-01-31T00:00:00Z", "1.10.2", "1:30", "0x1F", "0o17", "1_000"),
        *("1,000", "yess", "nan", "-", "+", ".", "1e", "e5", "²", "١", "１２"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", ["yes", "Yes", "NO", "no", "on", "Off", "OFF"])
def test_old_booleans_are_refused(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, Refused)
    assert found.code == "DT006"
    assert "quote it or write true/false" in found.message


@pytest.mark.parametrize("text", ["010", "-010", "00", "01.5", "007e2", ".nan", ".NaN", ".inf", "-.Inf", "+.INF"])
def test_ambiguous_numbers_are_refused(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, Refused)
    assert found.code == "DT006"


@pytest.mark.parametrize("text", ["1e999", "-1e400", "1" * 400, "1" * 100_000])
def test_numbers_beyond_floating_ones_are_refused(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, Refused)
    assert found.code == "DT011"
