"""Where the files that ship with dtindex are: the same answer installed, editable, and in a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]

_INSTALLED = Path(__file__).parent / "_shipped"
_CHECKOUT = Path(__file__).parents[2]


def shipped(*parts: str) -> Path:
    """The path of a shipped file or folder, such as ``shipped("methodology", "accenture-disruption.yaml")``; it may not
    exist.
    """
    return (_INSTALLED if _INSTALLED.is_dir() else _CHECKOUT).joinpath(*parts)
