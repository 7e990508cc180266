"""The tree of a parsed file: ids that stand once, parents that exist, no circles, no endless depth, no empty node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dtindex.spec.document import Document, Path, Problem, Suggestions
from dtindex.spec.tree import MAXIMUM_DEPTH
from dtindex.spec.words import listed, quoted

__all__ = ["circles", "duplicates", "tree_problems"]


def tree_problems(document: Document, suggestions: Suggestions) -> list[Problem]:
    """DT022 and DT026 of the nodes and indicators."""
    return list(_Parents(document, suggestions).problems())


def duplicates(document: Document, *lists: Path) -> Iterator[Problem]:
    """DT022 for every id that stands a second time in the lists taken together."""
    first: dict[str, Path] = {}
    for entries in lists:
        for path, block in document.blocks(*entries):
            name = block.get("id")
            if not isinstance(name, str):
                continue
            if name not in first:
                first[name] = (*path, "id")
                continue
            place = document.value_place(first[name])
            where = f"in {place.cell}" if place.cell else f"at {place.line}:{place.column}"
            yield document.problem("DT022", f"duplicate id {quoted(name)}; it first stands {where}", (*path, "id"))


def circles(edges: dict[str, list[str]]) -> list[list[str]]:
    """Circles of a graph, each from its earliest member on; without recursion, since a hostile file can be long."""
    rank = {name: position for position, name in enumerate(edges)}
    found: list[list[str]] = []
    done: set[str] = set()
    for start in edges:
        trail: dict[str, Iterator[str]] = {} if start in done else {start: iter(edges[start])}
        while trail:
            name = next(reversed(trail))
            following = next((word for word in trail[name] if word in edges and word not in done), None)
            if following is None:
                done.add(name)
                del trail[name]
            elif following in trail:
                circle = list(trail)[list(trail).index(following) :]
                turn = min(range(len(circle)), key=lambda position: rank[circle[position]])
                found.append([*circle[turn:], *circle[:turn]])
            else:
                trail[following] = iter(edges[following])
    return found


class _Parents:
    """The nodes and indicators of a file and what each names as its parent."""

    def __init__(self, document: Document, suggestions: Suggestions) -> None:
        self._document = document
        self._suggestions = suggestions
        self._nodes = list(document.blocks("nodes"))
        self._items = [*self._nodes, *document.blocks("indicators")]
        self._node_ids = {_text(block, "id"): path for path, block in reversed(self._nodes) if _text(block, "id")}
        self._indicator_ids = {_text(block, "id") for path, block in self._items[len(self._nodes) :]}
        # A misspelt parent still stands for the node that it means, or each such mistake would be told twice.
        self._meant: set[str] = set()

    def problems(self) -> Iterator[Problem]:
        """Ids, parents, circles, depth, empty nodes."""
        yield from duplicates(self._document, ("nodes",), ("indicators",))
        for path, block in self._items:
            yield from self._parent(path, _text(block, "parent"))
        yield from self._circles()
        yield from self._too_deep()
        yield from self._empty()

    def _parent(self, path: Path, parent: str) -> Iterator[Problem]:
        if not parent or parent in self._node_ids:
            return
        if parent in self._indicator_ids:
            message = f"the parent {quoted(parent)} is an indicator; only nodes have children"
        else:
            near = self._suggestions.nearest(parent, self._node_ids)
            self._meant.add(near or "")
            message = f"unknown parent {quoted(parent)}" + (f'; nearest is "{near}"' if near else "")
        yield self._document.problem("DT022", message, (*path, "parent"))

    def _circles(self) -> Iterator[Problem]:
        parents = {name: [_text(self._document.at(path), "parent")] for name, path in self._in_file_order()}
        for circle in circles(parents):
            words = listed([*circle, circle[0]], " → ")
            path = (*self._node_ids[circle[0]], "parent")
            yield self._document.problem("DT022", f"nodes go round in a circle: {words}", path)

    def _in_file_order(self) -> list[tuple[str, Path]]:
        return list(reversed(self._node_ids.items()))

    def _too_deep(self) -> Iterator[Problem]:
        depths: dict[str, int] = {}
        children: dict[str, list[tuple[Path, str]]] = {}
        for path, block in self._items:
            children.setdefault(_text(block, "parent"), []).append((path, _text(block, "id")))
        level = [name for _, name in children.get("", []) if name in self._node_ids]
        for depth in range(MAXIMUM_DEPTH + 1):
            depths.update(dict.fromkeys(level, depth))
            below = [child for name in level for child in children.get(name, ())]
            level = [name for _, name in below if name in self._node_ids and name not in depths]
            for path, name in below if depth == MAXIMUM_DEPTH else ():
                message = f"{quoted(name)} is deeper than {MAXIMUM_DEPTH} levels below its root"
                yield self._document.problem("DT022", message, (*path, "parent"))

    def _empty(self) -> Iterator[Problem]:
        parents = {_text(block, "parent") for _, block in self._items} | self._meant
        for path, block in self._nodes:
            name = _text(block, "id")
            if name and name not in parents and block.get("column") is None:
                message = f"the node {quoted(name)} has neither children nor a `column:`"
                yield self._document.problem("DT026", message, (*path, "id"))


def _text(block: Any, key: str) -> str:
    value = block.get(key) if isinstance(block, dict) else None
    return value if isinstance(value, str) else ""
