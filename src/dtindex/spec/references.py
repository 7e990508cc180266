"""Who refers to whom: ids, parents and references of a parsed file, checked before its types are known to be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dtindex.spec.document import Document, Path, Problem, Suggestions
from dtindex.spec.origin import EQUAL
from dtindex.spec.parents import circles, duplicates, tree_problems
from dtindex.spec.words import listed, quoted

__all__ = ["assumption_problems", "reference_problems"]

_DERIVED_FROM = ("of", "to", "per", "in", "since", "growth", "minus")
_ITEMS = ("nodes", "indicators")
_NODE, _INDICATOR, _ITEM, _GROUP = "node", "indicator", "node or indicator", "group (of `units: groups:`)"


def reference_problems(document: Document, suggestions: Suggestions) -> list[Problem]:
    """Duplicate ids, broken trees, and ids that nothing bears; wrong types are passed over and told elsewhere."""
    check = _References(document, suggestions)
    return [*tree_problems(document, suggestions), *check.problems()]


def assumption_problems(document: Document, nodes: set[str], indicators: set[str]) -> list[Problem]:
    """Unknown ids in a file that is one assumption, against the ids of the methodology that it is for."""
    check = _References(document, Suggestions())
    check.name(nodes, indicators)
    return list(check.of_assumption(()))


class _References:
    """The names of a file, and everything that must be one of them."""

    def __init__(self, document: Document, suggestions: Suggestions) -> None:
        self._document = document
        self._suggestions = suggestions
        self.name(self._ids("nodes"), self._ids("indicators"))
        self._questions = self._ids("questions")
        self._sources = self._ids("sources")
        self._tags = self._listed(path for name in _ITEMS for path, _ in document.blocks(name))
        groups = document.at(("units", "groups"))
        self._groups = {group for group in groups if isinstance(group, str)} if isinstance(groups, list) else set()

    def name(self, nodes: set[str], indicators: set[str]) -> None:
        """What nodes and indicators there are."""
        self._nodes, self._indicators, self._items = nodes, indicators, nodes | indicators

    def _ids(self, name: str) -> set[str]:
        return {block["id"] for _, block in self._document.blocks(name) if isinstance(block.get("id"), str)}

    def _listed(self, paths: Iterable[Path]) -> set[str]:
        tags = (self._document.at((*path, "tags")) for path in paths)
        return {tag for found in tags if isinstance(found, list) for tag in found if isinstance(tag, str)}

    def problems(self) -> Iterator[Problem]:
        """All references, block by block."""
        yield from self._duplicates()
        yield from self._of_items()
        yield from self._of_questions()
        yield from self._of_tiers_and_classes()
        yield from self._of_survey()
        yield from self._of_uncertainty()
        yield from self._of_sample()
        yield from self._of_assumptions()
        yield from self._of_methods(("defaults",))
        yield from self._keys(("screening", "nodes"), self._nodes, _NODE)
        yield from self._derived_in_a_circle()

    # --- one reference ---

    def _one(self, path: Path, known: set[str], kind: str) -> Iterator[Problem]:
        """The text at ``path`` must be one of ``known``."""
        word = self._document.at(path)
        if not isinstance(word, str) or word in known:
            return
        if word in self._items and kind in (_NODE, _INDICATOR):
            found, expected = ("an indicator", "a node") if kind == _NODE else ("a node", "an indicator")
            message = f"expected {expected}, and {quoted(word)} is {found}"
        else:
            message = f"unknown {kind} {quoted(word)}{self._suggestions.hint(word, known)}"
        yield self._document.problem("DT024", message, path)

    def _each(self, path: Path, known: set[str], kind: str) -> Iterator[Problem]:
        """The text at ``path``, or each text of the list there."""
        value = self._document.at(path)
        if isinstance(value, list):
            for position in range(len(value)):
                yield from self._one((*path, position), known, kind)
        else:
            yield from self._one(path, known, kind)

    def _keys(self, path: Path, known: set[str], kind: str) -> Iterator[Problem]:
        """Each key of the block at ``path``."""
        block = self._document.at(path)
        for key in block if isinstance(block, dict) else ():
            if key not in known:
                hint = self._suggestions.hint(key, known)
                yield self._document.problem("DT024", f"unknown {kind} {quoted(key)}{hint}", (*path, key), key=True)

    # --- ids ---

    def _duplicates(self) -> Iterator[Problem]:
        of_uncertainty = (("uncertainty", "factors"), ("uncertainty", "scenarios"))
        lists = (("questions",), ("sources",), ("classes",), *of_uncertainty, ("survey", "careless"))
        for entries in lists:
            yield from duplicates(self._document, entries)
        for outer, inner in (("tiers", "levels"), ("questions", "options"), ("questions", "rows")):
            for path, _ in self._document.blocks(outer):
                yield from duplicates(self._document, (*path, inner))

    # --- who refers ---

    def _of_items(self) -> Iterator[Problem]:
        for name in _ITEMS:
            for path, block in self._document.blocks(name):
                yield from self._one((*path, "source"), self._sources, "source")
                yield from self._of_provenance(path, block)
                yield from self._of_methods(path)
                yield from self._one((*path, "from"), self._questions, "question")
                yield from self._one((*path, "from", "question"), self._questions, "question")
                for key in _DERIVED_FROM:
                    yield from self._each((*path, "derive", key), self._indicators, _INDICATOR)

    def _of_provenance(self, path: Path, block: dict[str, Any]) -> Iterator[Problem]:
        notes = block.get("provenance")
        for key in notes if isinstance(notes, dict) else ():
            yield from self._one((*path, "provenance", key, "source"), self._sources, "source")

    def _of_methods(self, path: Path) -> Iterator[Problem]:
        """Ids in the methods of a node or indicator, of the file's defaults, or of a scenario."""
        yield from self._of_weights((*path, "weights"))
        yield from self._of_cases((*path, "aggregate"))
        yield from self._of_imputation((*path, "impute"))

    def _of_weights(self, path: Path) -> Iterator[Problem]:
        yield from self._each((*path, "order"), self._items, _ITEM)
        for part, _ in self._document.blocks(*path, "of"):
            yield from self._each((*part, "order"), self._items, _ITEM)
        yield from self._keys((*path, "at_most"), self._items, _ITEM)

    def _of_imputation(self, path: Path) -> Iterator[Problem]:
        yield from self._one((*path, "by"), self._groups, _GROUP)
        yield from self._one((*path, "of"), self._nodes, _NODE)

    def _of_cases(self, path: Path) -> Iterator[Problem]:
        for case, _ in self._document.blocks(*path, "cases"):
            yield from self._one((*case, "take"), self._items, _ITEM)
            yield from self._one((*case, "when", "id"), self._items, _ITEM)

    def _of_questions(self) -> Iterator[Problem]:
        for path, block in self._document.blocks("questions"):
            yield from self._one((*path, "source"), self._sources, "source")
            asked = (*path, "skip_when", "question")
            if block.get("id") is not None and self._document.at(asked) == block["id"]:
                yield self._document.problem("DT024", "a question cannot be skipped for its own answer", asked)
            yield from self._one(asked, self._questions, "question")

    def _of_tiers_and_classes(self) -> Iterator[Problem]:
        for path, _ in self._document.blocks("tiers"):
            yield from self._one((*path, "node"), self._nodes, _NODE)
            yield from self._one((*path, "provenance", "source"), self._sources, "source")
        for path, _ in self._document.blocks("classes"):
            yield from self._of_condition((*path, "when"))
            yield from self._one((*path, "provenance", "source"), self._sources, "source")

    def _of_condition(self, path: Path) -> Iterator[Problem]:
        """A condition and those inside it; the depth of files is bounded."""
        if not isinstance(self._document.at(path), dict):
            return
        yield from self._one((*path, "id"), self._items, _ITEM)
        yield from self._each((*path, "count", "of"), self._items, _ITEM)
        yield from self._one((*path, "count", "tag"), self._tags, "tag")
        yield from self._of_condition((*path, "not"))
        for key in ("all", "any"):
            for inner, _ in self._document.blocks(*path, key):
                yield from self._of_condition(inner)

    def _of_survey(self) -> Iterator[Problem]:
        for path, _ in self._document.blocks("survey", "careless"):
            yield from self._each((*path, "of"), self._questions, "question")
            yield from self._one((*path, "question"), self._questions, "question")
            yield from self._one((*path, "provenance", "source"), self._sources, "source")

    def _of_sample(self) -> Iterator[Problem]:
        yield from self._keys(("sample", "strata"), self._questions, "question")
        yield from self._one(("sample", "weights", "by"), self._questions, "question")
        yield from self._one(("sample", "assume"), self._assumptions(), "assumption")
        for entries in ("shares", "means", "classes", "outcomes"):
            for path, _ in self._document.blocks("sample", entries):
                yield from self._one((*path, "study"), self._sources, "source")
                yield from self._one((*path, "study_of_classes"), self._sources, "source")
                yield from self._one((*path, "question"), self._questions, "question")
                yield from self._one((*path, "item"), self._items, _ITEM)

    def _assumptions(self) -> set[str]:
        entries = self._document.at(("assumptions",))
        return {EQUAL, *(entries if isinstance(entries, dict) else ())}

    def _of_uncertainty(self) -> Iterator[Problem]:
        for path, block in self._document.blocks("uncertainty", "factors"):
            yield from self._of_factor(path, block)
        for path, block in self._document.blocks("uncertainty", "scenarios"):
            yield from self._each((*path, "of"), self._indicators, _INDICATOR)
            yield from self._each((*path, "nodes"), self._nodes, _NODE)
            yield from self._each((*path, "exclude"), self._items, _ITEM)
            yield from self._of_cases((*path, "aggregate"))
            yield from self._of_imputation((*path, "impute"))
            yield from self._of_weights_by_node((*path, "weights"), block.get("weights"))

    def _of_factor(self, path: Path, block: dict[str, Any]) -> Iterator[Problem]:
        if any(block.get(step) is not None for step in ("normalise", "treat", "impute")):
            yield from self._each((*path, "of"), self._indicators, _INDICATOR)
        elif block.get("aggregate") is not None:
            yield from self._each((*path, "of"), self._nodes, _NODE)
        else:
            yield from self._each((*path, "of"), self._items, _ITEM)
        for key in ("node", "tiers"):
            yield from self._one((*path, key), self._nodes, _NODE)
        for key in ("exclude", "ordinal"):
            yield from self._each((*path, key), self._items, _ITEM)
        yield from self._keys((*path, "bounds"), self._items, _ITEM)
        for expert, _ in self._document.blocks(*path, "experts"):
            yield from self._keys((*expert, "weights"), self._items, _ITEM)
        for alternative, _ in self._document.blocks(*path, "impute"):
            yield from self._of_imputation(alternative)
        for alternative, _ in self._document.blocks(*path, "aggregate"):
            yield from self._of_cases(alternative)

    def _of_weights_by_node(self, path: Path, weights: object) -> Iterator[Problem]:
        """A scenario's weights of each node: a method, or numbers by child."""
        yield from self._keys(path, self._nodes, _NODE)
        for node, block in weights.items() if isinstance(weights, dict) else ():
            if isinstance(block, dict) and isinstance(block.get("method"), str):
                yield from self._of_weights((*path, node))
            else:
                yield from self._keys((*path, node), self._items, _ITEM)

    def _of_assumptions(self) -> Iterator[Problem]:
        entries = self._document.at(("assumptions",))
        for name in entries if isinstance(entries, dict) else ():
            yield from self.of_assumption(("assumptions", name))

    def of_assumption(self, path: Path) -> Iterator[Problem]:
        """One entry of `assumptions:`."""
        yield from self._keys((*path, "weights"), self._items, _ITEM)
        yield from self._keys((*path, "goalposts"), self._indicators, _INDICATOR)

    # --- circles ---

    def _derived_in_a_circle(self) -> Iterator[Problem]:
        uses: dict[str, list[str]] = {}
        places: dict[str, Path] = {}
        for path, block in self._document.blocks("indicators"):
            derive, name = block.get("derive"), block.get("id")
            if isinstance(derive, dict) and isinstance(name, str):
                parts = [derive.get(key) for key in _DERIVED_FROM]
                flat = [word for part in parts for word in (part if isinstance(part, list) else [part])]
                uses[name] = [word for word in flat if isinstance(word, str)]
                places[name] = (*path, "derive")
        for circle in circles(uses):
            message = f"derived in a circle: {listed([*circle, circle[0]], ' → ')}"
            yield self._document.problem("DT314", message, places[circle[0]])
