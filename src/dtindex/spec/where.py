"""A valid methodology together with the places of its parts."""

from __future__ import annotations

from dtindex.findings import Severity
from dtindex.spec.document import Document, Path, Problem
from dtindex.spec.model import Methodology
from dtindex.spec.tree import Tree

__all__ = ["Where"]


class Where:
    """The methodology, its tree, and the path in the file of every node and indicator."""

    def __init__(self, methodology: Methodology, document: Document) -> None:
        self.methodology = methodology
        self.tree: Tree = methodology.tree
        self.document = document
        self.paths: dict[str, Path] = {
            item.id: (name, position)
            for name, items in (("nodes", methodology.nodes), ("indicators", methodology.indicators))
            for position, item in enumerate(items)
        }

    def problem(
        self, code: str, message: str, *path: str | int, key: bool = False, severity: Severity | None = None
    ) -> Problem:
        """A remark at a path of the file."""
        return self.document.problem(code, message, path, key=key, severity=severity)

    def of_item(
        self, code: str, message: str, item: str, *inside: str | int, severity: Severity | None = None
    ) -> Problem:
        """A remark on an item: at what ``inside`` leads to where the file says it, else at the item's id."""
        path = (*self.paths[item], *inside)
        said = bool(inside) and path in self.document.values
        return self.document.problem(code, message, path if said else (*self.paths[item], "id"), severity=severity)

    def of_method(
        self, code: str, message: str, item: str, *inside: str | int, severity: Severity | None = None
    ) -> Problem:
        """The same for a method that may stand in `defaults:` and be inherited."""
        inherited = ("defaults", *inside)
        if (*self.paths[item], inside[0]) not in self.document.values and inherited in self.document.values:
            return self.document.problem(code, message, inherited, severity=severity)
        return self.of_item(code, message, item, *inside, severity=severity)
