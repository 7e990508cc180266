"""A parsed file before it is a model: plain values, and the place of every key and value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from dtindex.findings import Finding, Findings, Place, Severity, finding, nearest

__all__ = ["Document", "Path", "Problem", "Suggestions", "merge"]

Path: TypeAlias = tuple[str | int, ...]

# Where everything is wrong, the first thousand remarks say it; a hostile file must not keep the reader busy.
MOST_FINDINGS = 1000
MOST_COMPARISONS = 30_000
LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding and the path of the key or value that it speaks of."""

    path: Path
    finding: Finding


@dataclass
class Document:
    """Plain values (dict, list, str, int, float, bool, None) with the places they came from."""

    file: str
    tree: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False
    """Whether the grammar was broken, so that the tree is not the whole file."""

    def value_place(self, path: Path) -> Place:
        """Where the value stands, or the nearest thing around it whose place is known."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(file=self.file))

    def key_place(self, path: Path) -> Place:
        """Where the key of this value stands."""
        return self.keys.get(path) or self.value_place(path)

    def at(self, path: Path) -> Any:
        """The value at a path, or None."""
        value = self.tree
        for step in path:
            if not isinstance(value, dict | list):
                return None
            try:
                value = value[step]  # type: ignore[index]  # another kind of step is what is caught
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def problem(
        self, code: str, message: str, path: Path, *, key: bool = False, severity: Severity | None = None
    ) -> Problem:
        """A finding at the value of ``path``, or at its key."""
        place = self.key_place(path) if key else self.value_place(path)
        return Problem(path, finding(code, message, place, severity))

    def blocks(self, *path: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The entries of a list that are blocks; nothing where there is no such list."""
        entries = self.at(path)
        for position, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield (*path, position), entry

    def grafted(self, other: Document, path: Path, place: Place) -> None:
        """Take over the problems of a document that is the text of one cell; they all stand at that cell."""
        self.broken = self.broken or other.broken
        for problem in other.problems:
            message = replace(problem.finding, place=place)
            self.problems.append(Problem((*path, *problem.path), message))


class Suggestions:
    """The nearest word, until a budget of comparisons is spent."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS

    def nearest(self, word: str, words: Collection[str]) -> str | None:
        """As :func:`dtindex.findings.nearest`; None too once the budget is spent."""
        self._left -= len(words)
        return nearest(word, words) if self._left > 0 and len(word) <= LONGEST_WORD else None

    def hint(self, word: str, words: Collection[str]) -> str:
        """``; nearest is "x"``, or nothing."""
        found = self.nearest(word, words)
        return f'; nearest is "{found}"' if found else ""


def merge(*stages: Iterable[Problem]) -> Findings:
    """One finding a path, the earlier stage's; in the order of the file."""
    seen: dict[Path, Finding] = {}
    for stage in stages:
        for problem in stage:
            seen.setdefault(problem.path, problem.finding)
    return Findings(sorted(seen.values(), key=_order)[:MOST_FINDINGS])


def _order(item: Finding) -> tuple[int, int, str, str]:
    place = item.place
    return (place.line or 0, place.column or 0, place.sheet or "", _cell_order(place.cell))


def _cell_order(cell: str | None) -> str:
    """Row before column: A10 after C9."""
    letters = (cell or "").rstrip("0123456789")
    return f"{(cell or '')[len(letters) :]:>8}{letters:>4}"
