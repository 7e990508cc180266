"""How names, keys and cells are compared and shown."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

__all__ = ["beside", "fold", "shown", "strip_key"]

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")


def fold(name: str) -> str:
    """A unit's name as it is looked up: NFKC, any case, no spaces at all."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name))
    return "".join(name.split()).casefold()


def strip_key(text: str) -> str:
    """A key as it is kept: without invisible characters and surrounding spaces, else as it was typed."""
    return text.strip() if text.isascii() else _INVISIBLE.sub("", text).strip()


def shown(text: str, width: int = 40) -> str:
    """A cell in a message: quoted, on one line, not longer than ``width``."""
    return repr(text if len(text) <= width else text[: width - 1] + "…")


def beside(folder: Path, name: str) -> Path | None:
    """The file ``name`` in ``folder`` or below it; None where there is none, or the name leads out of the folder."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None
