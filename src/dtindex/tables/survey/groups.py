"""Columns of an export by the question that they seem to belong to, where none is declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from dtindex.tables.survey.headings import Heading

__all__ = ["groups", "stem_and_parts"]

_BETWEEN = re.compile(r"\s+[-–—]\s+|\s*[:：]\s*|\s+\[")


def groups(headings: Sequence[Heading]) -> list[list[Heading]]:
    """Columns by question: those of one number or code that are parts together; in the order of the file."""
    shared: dict[tuple[str, int | None], int] = {}
    for heading in headings:
        if heading.is_part:
            key = (heading.code, heading.number)
            shared[key] = shared.get(key, 0) + 1
    found: dict[object, list[Heading]] = {}
    for heading in headings:
        key = (heading.code, heading.number)
        together = heading.is_part and (shared[key] > 1 or heading.number is not None)
        found.setdefault(key if together else heading.index, []).append(heading)
    return list(found.values())


def stem_and_parts(group: Sequence[Heading]) -> tuple[str, list[str]]:
    """The wording that the columns share, up to a separator, and what each adds; wordings hold separators, too."""
    wordings = [heading.wording for heading in group]
    if len(group) < 2 or not all(wordings) or any(heading.number is not None for heading in group):
        return group[0].stem, [heading.part for heading in group]
    first, last_one = min(wordings), max(wordings)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last_one, strict=False)))
    ends = [end for end in _BETWEEN.finditer(wordings[0]) if end.end() <= shared]
    if not ends:
        return group[0].stem, [heading.part for heading in group]
    last = ends[-1]
    bracketed = last[0].endswith("[")
    parts = [told[last.end() :].strip() for told in wordings]
    return wordings[0][: last.start()].strip(), [part.removesuffix("]") for part in parts] if bracketed else parts
