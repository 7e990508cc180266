"""A methodology as YAML text: what is written when there was no file, or the file no longer says what is computed."""

from __future__ import annotations

import json
import re
from typing import Any

from dtindex.spec.identity import plain, whole
from dtindex.spec.model import Methodology
from dtindex.spec.scalars import resolve

__all__ = ["fits_cell", "flow", "methodology_yaml"]

_SCHEMA_LINE = "# yaml-language-server: $schema=../schema/methodology-1.json"
_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w./-]*( [\w./-]+)*")
# Characters that YAML or a sheet would read as a line break, or not at all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# What a reader of tables takes away at the ends of a cell, beyond what Python calls white space.
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
LONGEST_CELL = 32_000
# An explicit key is needed beyond 1,024 characters.
_LONGEST_KEY = 1000


def methodology_yaml(methodology: Methodology) -> str:
    """YAML text that loads to the same hash; values equal to their default are left out."""
    lines = [_SCHEMA_LINE]
    for key, value in whole(plain(methodology)).items():
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            lines += [f"{key}:", *(f"  - {flow(entry)}" for entry in value)]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """JSON-ready values as YAML on one line; every text reads back as itself."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _key(key: str) -> str:
    written = _text(key)
    return f"? {written} " if len(written) > _LONGEST_KEY else written


def _text(value: str) -> str:
    if len(value) <= _LONGEST_KEY and _PLAIN.fullmatch(value) and value.isprintable() and resolve(value) == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


def fits_cell(value: object) -> bool:
    """Whether a text comes back from a cell as it was: not empty or too long, no blank at an end, all printable."""
    if not isinstance(value, str) or not value or len(value.encode("utf-16-le")) > 2 * LONGEST_CELL:
        return False
    ends = value[0] + value[-1]
    blank_at_an_end = ends.strip() != ends or set(ends) & set(_ZERO_WIDTH)
    return not (blank_at_an_end or _ESCAPED.search(value) or _CONTROL.search(value))
