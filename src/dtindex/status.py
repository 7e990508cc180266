"""The status of a value: flags, several at once, with a display order and SDMX observation-status codes."""

from __future__ import annotations

from enum import IntFlag
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAVES_NO_VALUE", "PROPAGATES", "Status", "StatusArray", "flag_names", "status_text"]

StatusArray: TypeAlias = NDArray[np.uint16]


class Status(IntFlag):
    """Flags of one value. ``NORMAL`` is no flag."""

    NORMAL = 0
    OBSERVED = 1
    """A node's value that the table gave, not its children."""
    IMPUTED = 2
    ESTIMATED = 4
    TREATED = 8
    CLIPPED = 16
    MISSING = 32
    NOT_APPLICABLE = 64
    WITHHELD = 128
    BREAK = 256
    """The series changed its definition here."""
    PARTIAL = 512
    """A node of which a part is missing and was renormalised away."""


LEAVES_NO_VALUE = Status.MISSING | Status.NOT_APPLICABLE | Status.WITHHELD
PROPAGATES = Status.IMPUTED | Status.ESTIMATED | Status.TREATED | Status.CLIPPED | Status.BREAK | Status.PARTIAL
"""What a node inherits from the children that it uses."""

# Display order, the SDMX code list CL_OBS_STATUS where it has a code, and the word that readers see.
_DISPLAY: tuple[tuple[Status, str, str, str], ...] = (
    (Status.WITHHELD, "Q", "withheld", "保密"),
    (Status.MISSING, "M", "missing", "缺失"),
    (Status.NOT_APPLICABLE, "L", "not applicable", "不适用"),
    (Status.BREAK, "B", "break", "口径变化"),
    (Status.OBSERVED, "A", "observed", "直接取值"),
    (Status.IMPUTED, "I", "imputed", "插补"),
    (Status.ESTIMATED, "E", "estimated", "估计"),
    (Status.TREATED, "A", "treated", "已处理"),
    (Status.CLIPPED, "A", "clipped", "截断"),
    (Status.PARTIAL, "A", "partial", "部分缺失"),
)


def flag_names(flags: int, language: str = "en") -> tuple[str, ...]:
    """The names of the flags that are set, in display order; empty for a normal value."""
    return tuple(zh if language == "zh" else en for flag, _, en, zh in _DISPLAY if flags & flag)


@cache
def status_text(flags: int, language: str = "en") -> str:
    """Flags as one text for tables and files: ``normal``, or names joined by ``+``."""
    return "+".join(flag_names(flags, language)) or ("正常" if language == "zh" else "normal")
