"""Bodies of requests: how large they may be, and what JSON may say.

Python's own reader of JSON takes NaN and Infinity, keeps the last of two equal names, and goes as deep as its stack. A
request that holds any of these is refused, with the place where it can be named.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncGenerator
from typing import Any

from pydantic_core import from_json
from starlette.requests import Request

from dtindex_service.problems import ErrorItem, Refusal

__all__ = ["LimitedRequest", "strict_json"]

_SURROGATE_OR_NUL = re.compile(rb"\\u(?:[dD][89abAB][0-9a-fA-F]{2}|0000)")
_MOST_EXPONENTS, _LONGEST_NUMBER = 1_000, 64
_SAME_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_MANY_DIGITS = b"0" * 200
_BEFORE_COLON = (b" :", b"\t:", b"\n:", b"\r:")
_CONTAINERS = frozenset({dict, list})


class LimitedRequest(Request):
    """A request whose body is counted while it arrives, and whose JSON is strict."""

    limit: int
    depth: int

    def check_length(self) -> None:
        """Refuse a body that says of itself that it is too large, before it is read."""
        said = self.headers.get("content-length")
        if said is not None and (not said.isdigit() or len(said) > 18):
            raise Refusal("DT700", headers={"Connection": "close"})
        if said is not None and int(said) > self.limit:
            raise self._too_large()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces. DT707 as soon as it is larger than its limit; the connection is then closed."""
        size = 0
        async for piece in super().stream():
            size += len(piece)
            if size > self.limit:
                raise self._too_large()
            yield piece

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = strict_json(await self.body(), self.depth)
        return self._json

    def _too_large(self) -> Refusal:
        return Refusal("DT707", f"The body may be {self.limit} bytes at this address.", headers={"Connection": "close"})


def strict_json(body: bytes, depth: int) -> Any:
    """The value of a JSON text.

    Raises
    ------
    Refusal
        DT710 (400) where it is none or not UTF-8; DT711, DT712, DT713 (422) for a name that stands twice, for nesting
        beyond ``depth``, and for what is no JSON number or text.
    """
    large = _has_large_number(body)
    if not large:
        found = _quickly(body, depth)
        if found is not None:
            return found[0]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _wrong("DT710", f"The body is not UTF-8 at byte {error.start}.") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite if large else None,
            parse_int=_fitting if large else None,
        )
    except json.JSONDecodeError as error:
        raise _wrong("DT710", f"The body is not JSON at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _too_deep(depth) from None
    if _is_deeper(value, body, depth):
        raise _too_deep(depth)
    _refuse_no_numbers(value, "#")
    if _SURROGATE_OR_NUL.search(body) and not _is_text(value):
        raise _wrong("DT713", "A text holds NUL or a lone surrogate.")
    return value


def _quickly(body: bytes, depth: int) -> tuple[Any] | None:
    """The value where nothing is wrong with the text, by a reader that is five times as fast as Python's; None where
    something is, or may be: then Python's reader looks at it once more, and says what.

    That reader is as strict, but that it keeps the last of two equal names: names are counted in the text and in the
    value.
    """
    if any(blank in body for blank in _BEFORE_COLON):
        return None
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    if _names(value, depth) != body.count(b'":'):
        return None
    if _SURROGATE_OR_NUL.search(body):
        return None
    return (value,)


def _names(value: Any, depth: int) -> int | None:
    """How many names the objects of a value have together; None where it is nested deeper."""
    level = [value] if type(value) in _CONTAINERS else []
    names = 0
    for _ in range(depth):
        below: list[Any] = []
        for container in level:
            parts = container
            if type(container) is dict:
                names += len(container)
                parts = container.values()
            if not _CONTAINERS.isdisjoint(map(type, parts)):
                below += [part for part in parts if type(part) in _CONTAINERS]
        level = below
    return None if level else names


def _has_large_number(body: bytes) -> bool:
    """Whether there may be a number beyond the largest float: an exponent of three digits, or 200 digits before the
    point (with an exponent of two digits still no more than 1e301).
    """
    digits = body.translate(_SAME_DIGITS)
    return _MANY_DIGITS in digits or any(_has_exponent(body, digits, mark) for mark in (b"0e000", b"0e+000"))


def _has_exponent(body: bytes, digits: bytes, mark: bytes) -> bool:
    """Whether what looks like an exponent of three digits belongs to a number: hashes in texts look like it, too."""
    at = digits.find(mark)
    for _ in range(_MOST_EXPONENTS):
        if at < 0:
            return False
        before = body[max(0, at - _LONGEST_NUMBER) : at + 1].rstrip(b"0123456789.-")
        if not before or before[-1] in b"[,: \t\n\r":
            return True
        at = digits.find(mark, at + 1)
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _wrong("DT711", "A name stands twice in one object.")
    return made


class _NoNumber:
    """Stands where the text has no number, until its place is known."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


def _no_number(word: str) -> _NoNumber:
    return _NoNumber("NaN and Infinity are no JSON numbers.")


def _finite(digits: str) -> float | _NoNumber:
    value = float(digits)
    return value if math.isfinite(value) else _NoNumber("A number is larger than a float can be.")


def _fitting(digits: str) -> int | _NoNumber:
    value = _finite(digits)
    return value if isinstance(value, _NoNumber) else int(digits)


def _refuse_no_numbers(value: Any, pointer: str) -> None:
    """Refuse the first place of a value, which is not nested too deep, that holds no number."""
    if isinstance(value, _NoNumber):
        raise _wrong("DT713", value.detail, pointer)
    if isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, (dict, list, _NoNumber)):
                _refuse_no_numbers(part, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            if isinstance(part, (dict, list, _NoNumber)):
                _refuse_no_numbers(part, f"{pointer}/{position}")


def _is_deeper(value: Any, body: bytes, depth: int) -> bool:
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(depth):
        level = [
            part
            for container in level
            for part in (container.values() if isinstance(container, dict) else container)
            if isinstance(part, (dict, list))
        ]
    return bool(level)


def _is_text(value: Any) -> bool:
    """Whether all texts of a value can be written as UTF-8, and hold no NUL."""
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in written.replace("\\\\", "")


def _too_deep(depth: int) -> Refusal:
    return _wrong("DT712", f"The body is nested deeper than {depth}.")


def _wrong(code: str, detail: str, pointer: str = "#") -> Refusal:
    item = ErrorItem(pointer=pointer, parameter=None, code=code, detail=detail, place=None)
    return Refusal(code, detail, errors=[item])
