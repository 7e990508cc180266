"""Values as messages show them: quoted, and never longer than a message should be."""

from __future__ import annotations

import json
from collections.abc import Sequence

__all__ = ["found_words", "listed", "quoted"]

LONGEST = 60
MOST_LISTED = 12


def quoted(text: object) -> str:
    """A text in double quotes, cut where it is long."""
    said = str(text)
    return json.dumps(said if len(said) <= LONGEST else said[: LONGEST - 3] + "...", ensure_ascii=False)


def found_words(value: object) -> str:
    """What was found, of whatever type."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "a block"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return str(value)


def listed(names: Sequence[str], between: str = ", ") -> str:
    """Names in a row; of many, the first ones and how many more there are."""
    shown = [name if len(name) <= LONGEST else name[: LONGEST - 3] + "..." for name in names[:MOST_LISTED]]
    more = len(names) - len(shown)
    return between.join(shown) + (f"{between}... ({more:,} more)" if more else "")
