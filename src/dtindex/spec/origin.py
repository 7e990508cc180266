"""Where a methodology was read from: kept beside it, outside its value, its hash and its equality."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.findings import Findings

if TYPE_CHECKING:
    from dtindex.spec.document import Document

__all__ = ["EQUAL", "ReadFrom"]

EQUAL = "equal"
"""The assumption that every methodology has: unpublished siblings weigh the same."""


@dataclass(frozen=True)
class ReadFrom:
    """The file, its text, what was remarked on reading it, and the places of its keys and values."""

    file: Path | None = None
    source_text: str | None = None
    findings: Findings = Findings()
    document: Document | None = None
    codelist: bytes | None = None
    """The codelist of the units, where it travels with the methodology, as in an edition."""
