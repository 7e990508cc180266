"""Cells and names as text: what is blank, what is not allowed in them, how numbers and dates are spelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

__all__ = ["BLANKS", "FORBIDDEN", "forbidden_name", "number_text", "strip_cells", "temporal_text", "tidy_name"]

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
BLANKS = "".join(chr(point) for point in range(0x3001) if chr(point).isspace()) + ZERO_WIDTH
"""Stripped from both ends of a cell: every white space (no-break and full-width ones too) and the zero-width ones."""

# Control characters but tab and line ends, lone surrogates, and the two code points that XML cannot hold: no writer
# could put such a text out again.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_ZERO_WIDTH = re.compile(f"[{ZERO_WIDTH}]")
_EXACT_DIGITS = 1e21  # beyond it Python, too, spells a float with an exponent


def tidy_name(name: str) -> str:
    """A column's name as it is matched: NFKC, no zero-width characters, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", name)).split())


def strip_cells(cells: Sequence[str], zero_width: bool) -> list[str]:
    """Cells without blanks at their ends; ``zero_width`` says whether any text of the file has such characters."""
    if zero_width:
        return [cell.strip(BLANKS) for cell in cells]
    return list(map(str.strip, cells))


def has_zero_width(text: str) -> bool:
    """Whether a text has zero-width characters."""
    return _ZERO_WIDTH.search(text) is not None


def forbidden_name(character: str) -> str:
    """U+0007, for a message: the character itself would not print."""
    return f"U+{ord(character):04X}"


def number_text(value: int | float) -> str:
    """A number as text that reads back to it: whole numbers without a point, others in the fewest digits."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < _EXACT_DIGITS):
        return str(int(value))
    return repr(value)


def temporal_text(value: date | time | timedelta) -> str:
    """A date or time in ISO 8601 (with a blank between the two), a span of time as hours, minutes, seconds."""
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat()
