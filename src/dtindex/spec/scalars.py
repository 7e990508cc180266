"""What a plain scalar of a YAML file means: YAML 1.2's core schema, less what two readers would read in two ways."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dtindex.spec.words import quoted

__all__ = ["Refused", "resolve"]

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Not y and n: no reader in use takes them for truth values, and x, y, z are names.
_OLD_BOOLEAN = frozenset({"yes", "no", "on", "off"})
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
# Beyond this, no floating number can hold the value, and Python refuses to convert it.
_MOST_DIGITS = 308


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a scalar is not taken, as the code and the sentence of its finding."""

    code: str
    message: str


def resolve(text: str) -> str | int | float | bool | Refused | None:
    """The value of an unquoted scalar. Dates, hexadecimal and sexagesimal numbers are text."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text.casefold() in _OLD_BOOLEAN:
        return Refused(
            "DT006", f"{quoted(text)} is a boolean to some readers and text to others; quote it or write true/false"
        )
    if _NOT_FINITE.fullmatch(text):
        return Refused("DT006", f"{quoted(text)} is not a finite number; quote it if it is text")
    return _number(text) if _NUMBER.fullmatch(text) else text


def _number(text: str) -> int | float | Refused:
    if _LEADING_ZERO.match(text):
        return Refused("DT006", f"{quoted(text)} has a leading zero; write the plain number, or quote it if it is text")
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) <= _MOST_DIGITS else _too_large()
    value = float(text)
    return value if abs(value) != float("inf") else _too_large()


def _too_large() -> Refused:
    return Refused("DT011", "the number is too large for any computation")
