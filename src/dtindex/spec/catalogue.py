"""The methodologies that ship with dtindex."""

from __future__ import annotations

from pathlib import Path

from dtindex.shipped import shipped

__all__ = ["shipped_file", "shipped_methodologies"]


def shipped_methodologies() -> list[str]:
    """The ids of the methodologies that ship, sorted."""
    return sorted(path.stem for path in shipped("methodology").glob("*.yaml"))


def shipped_file(name: str) -> Path | None:
    """The file of a shipped methodology, or None where no such id ships."""
    # Only listed ids: a name with separators in it must not lead out of the folder.
    return shipped("methodology", f"{name}.yaml") if name in shipped_methodologies() else None
