"""YAML text to plain values with the line and column of everything: PyYAML's events, our own reading of scalars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from dtindex.findings import Place
from dtindex.spec.document import MOST_FINDINGS, Document, Path, Problem
from dtindex.spec.scalars import Refused, resolve
from dtindex.spec.words import quoted

__all__ = ["MAXIMUM_BYTES", "MAXIMUM_NESTING", "read_yaml"]

MAXIMUM_BYTES = 1_000_000
MAXIMUM_NESTING = 40
MOST_PROBLEMS = 10 * MOST_FINDINGS

# YAML's printable characters, the byte-order mark aside: what neither of PyYAML's parsers lets through.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# What an escape in a quoted scalar can smuggle in and no sheet, XML or JSON can carry.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WORDS = {
    "mapping values are not allowed": "a colon where none can stand; quote the text, or mend the indentation",
    "found character '\\t'": "a tab; YAML is indented with spaces",
    "found character that cannot start any token": "a character that cannot stand here; quote it, or replace a tab",
    "could not find expected ':'": "a key without a colon",
    "did not find expected key": "expected a key of this block; mend the indentation or close the quote",
    "did not find expected ',' or '}'": "expected a comma or `}`",
    "did not find expected ',' or ']'": "expected a comma or `]`",
    "did not find expected '-' indicator": "expected another `-` of this list; mend the indentation",
    "did not find expected <document start>": "text after the end of the file's block; is there a bracket too many?",
    "found unexpected end of stream": "a quote that is never closed",
    "found undefined tag handle": "a tag that is not defined; quote the text if it begins with `!`",
    "found unknown escape character": "an unknown escape in a quoted text; use single quotes",
}

# PyYAML's C parser has no type of its own in the stubs; events of both parsers look alike.
Event: TypeAlias = Any


def read_yaml(content: str | bytes, file: str) -> Document:
    """The file's values and places; everything that is wrong with it as YAML stands in ``problems``."""
    document = Document(file)
    text = _decoded(content, document)
    if text is None:
        return document
    try:
        _Builder(document, text).run()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = None if mark is None else Place(file, mark.line + 1, mark.column + 1)
        _break(document, "DT005", _explained(error), place)
    except yaml.YAMLError as error:
        # A reader's error has no mark; what it refuses was looked for before, so this is a last resort.
        _break(document, "DT005", f"not YAML: {error}", None)
    return document


def _break(document: Document, code: str, message: str, place: Place | None) -> None:
    """A problem after which the tree cannot be relied on."""
    document.broken = True
    path: Path = ("\0broken", len(document.problems))  # no path of the tree: hides nothing, and nothing hides it
    document.values[path] = place or Place(document.file)
    document.problems.append(document.problem(code, message, path))


def _decoded(content: str | bytes, document: Document) -> str | None:
    try:
        data = content.encode() if isinstance(content, str) else content
        if len(data) > MAXIMUM_BYTES:
            _break(document, "DT004", f"expected at most {MAXIMUM_BYTES:,} bytes, found {len(data):,}", None)
            return None
        text = data.decode("utf-8-sig")
    except UnicodeError as error:
        _break(document, "DT004", _undecodable(error), None)
        return None
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
        message = f"the character U+{ord(found.group()):04X} cannot stand in a text file"
        _break(document, "DT005", message, Place(document.file, line, column))
        return None
    return text


def _undecodable(error: UnicodeError) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return "the text holds half a character (a lone surrogate)"
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "not UTF-8 but UTF-16; save the file as UTF-8"
    return f"not UTF-8: byte {error.object[error.start]:#04x} at offset {error.start:,}"


def _explained(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "the text breaks YAML's grammar"
    words = next((ours for theirs, ours in _WORDS.items() if problem.startswith(theirs)), problem)
    begun = error.context_mark
    if begun is not None and error.problem_mark is not None and begun.line != error.problem_mark.line:
        return f"{words} (in what begins at {begun.line + 1}:{begun.column + 1})"
    return words


class _Builder:
    """Builds the tree by recursive descent over the events; depth is bounded by ``MAXIMUM_NESTING``."""

    def __init__(self, document: Document, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Event] = yaml.parse(text, Loader=loader)  # type: ignore[no-untyped-call,unused-ignore]
        self._document = document

    def run(self) -> None:
        """Read the one document of the file, and refuse a second."""
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            _break(self._document, "DT101", "the file is empty", None)
            return
        self._document.tree = self._value(next(self._events), (), 0)
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.DocumentStartEvent) and not self._document.broken:
            message = "a second document begins; a file holds one methodology"
            _break(self._document, "DT005", message, self._place(event))

    def _place(self, event: Event) -> Place:
        return Place(self._document.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report(self, code: str, message: str, path: Path, *, key: bool = False) -> None:
        # What is beyond is not shown anyway; a hostile file can have a problem every four bytes.
        if len(self._document.problems) < MOST_PROBLEMS:
            self._document.problems.append(self._document.problem(code, message, path, key=key))

    def _value(self, event: Event, path: Path, depth: int) -> Any:
        self._document.values[path] = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            self._report("DT001", f"aliases are not allowed: *{_shortened(event.anchor)}", path)
            return None
        self._check_properties(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if depth >= MAXIMUM_NESTING:
            message = f"nested deeper than {MAXIMUM_NESTING} levels"
            raise yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _check_properties(self, event: Event, path: Path) -> None:
        if event.anchor is not None:
            self._report("DT001", f"anchors are not allowed: &{_shortened(event.anchor)}", path)
        if event.tag is not None:
            self._report("DT003", f"tags are not allowed: {_short_tag(event.tag)}", path)

    def _scalar(self, event: Event, path: Path) -> Any:
        if event.implicit[0] and not event.style:
            value = resolve(event.value)
            if isinstance(value, Refused):
                self._report(value.code, value.message, path)
                return event.value
            return value
        found = _UNPRINTABLE.search(event.value)
        if found:
            self._report("DT011", f"the text holds the control character U+{ord(found.group()):04X}", path)
            return None
        return event.value

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        block: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            step, key = self._key(event, path, depth)
            if key is not None and key in block:
                step, key = self._duplicate(step, event), None
            self._document.keys.setdefault(step, self._place(event))
            value = self._value(next(self._events), step, depth + 1)
            if key is not None:
                block[key] = value
        return block

    def _key(self, event: Event, path: Path, depth: int) -> tuple[Path, str | None]:
        """The path and text of a key; no text, and a path that is no other key's, where it is none."""
        nowhere: Path = (*path, f"\0{event.start_mark.line}:{event.start_mark.column}")
        if not isinstance(event, yaml.ScalarEvent):
            self._value(event, nowhere, depth + 1)
            self._report("DT011", "a key is a text, not a list, a block or an alias", nowhere)
            return nowhere, None
        self._document.keys[nowhere] = self._document.values[nowhere] = self._place(event)
        plain = event.implicit[0] and not event.style
        if plain and event.value == "<<":
            self._report("DT001", "merge keys (`<<`) are not allowed", nowhere)
            return nowhere, None
        known = len(self._document.problems)
        key = self._scalar(event, nowhere)
        self._check_properties(event, nowhere)
        if not isinstance(key, str):
            if len(self._document.problems) == known:
                self._report("DT011", f"a key is a text: write {quoted(event.value)}", nowhere)
            return nowhere, None
        step: Path = (*path, key)
        # The remark on a key that is kept belongs to its path, so that "unknown key" is not said on top.
        self._document.problems[known:] = [Problem(step, item.finding) for item in self._document.problems[known:]]
        return step, key

    def _duplicate(self, step: Path, event: Event) -> Path:
        first = self._document.keys[step]
        duplicate: Path = (*step, "\0duplicate", len(self._document.problems))
        self._document.keys[duplicate] = self._place(event)
        message = f"duplicate key {quoted(step[-1])}; it first stands at {first.line}:{first.column}"
        self._report("DT002", message, duplicate, key=True)
        return duplicate


def _short_tag(tag: str) -> str:
    return _shortened(tag.replace("tag:yaml.org,2002:", "!!"))


def _shortened(text: object) -> str:
    return quoted(text)[1:-1]
