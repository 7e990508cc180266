"""Types, keys and choices of a parsed file against the models: pydantic's errors, one a place, in our words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from dtindex.spec.document import MOST_FINDINGS, Document, Path, Problem, Suggestions
from dtindex.spec.shape import AN_ID, Located, keys_of, locate
from dtindex.spec.words import found_words

__all__ = ["validated"]

Model = TypeVar("Model", bound=BaseModel)
Raw: TypeAlias = dict[str, Any]

MOST_KEYS_LISTED = 12


def validated(model: type[Model], document: Document, suggestions: Suggestions) -> tuple[Model | None, list[Problem]]:
    """The model of the tree, or what is wrong with it."""
    try:
        return model.model_validate_json(json.dumps(document.tree), strict=True), []
    except ValidationError as error:
        raw: list[Any] = error.errors(include_url=False, include_input=False)
    told = _Errors(model, document, suggestions)
    for item in raw[: 10 * MOST_FINDINGS]:
        told.sort_in(item)
    return None, list(told.problems())


class _Errors:
    """The errors of one validation, told place by place."""

    def __init__(self, model: type[BaseModel], document: Document, suggestions: Suggestions) -> None:
        self._model = model
        self._document = document
        self._suggestions = suggestions
        self._unknown: dict[Path, Located] = {}
        self._missing: dict[Path, list[str]] = defaultdict(list)
        self._wrong: dict[Path, list[tuple[Raw, Located]]] = defaultdict(list)
        self._misspelt: set[Path] = set()
        self._tagless: dict[Path, Located] = {}

    def sort_in(self, raw: Raw) -> None:
        """File one error under unknown keys, missing keys, or wrong values."""
        kind, loc = raw["type"], raw["loc"]
        located = locate(self._model, loc)
        if kind == "extra_forbidden":
            self._unknown[located.path] = located
        elif kind == "missing" and isinstance(loc[-1], str):
            self._missing[located.path[:-1]].append(loc[-1])
        elif kind == "missing":  # the second number of a pair: the pair is what is wrong
            pair = locate(self._model, loc[:-1])
            self._wrong[pair.path].append((raw, pair))
        elif kind == "union_tag_not_found":
            self._missing[located.path].append(str(located.shape.discriminator))
            self._tagless[located.path] = located
        else:
            self._wrong[located.path].append((raw, located))

    def problems(self) -> Iterator[Problem]:
        """One problem a place, and none for a value inside which the trouble is told."""
        for path, located in self._unknown.items():
            yield self._unknown_key(path, located)
        for path, keys in self._missing.items():
            yield from self._missing_keys(path, keys)
        deeper = self._paths_with_something_below()
        for path, errors in self._wrong.items():
            about_key = errors[0][1].key
            if about_key or (path not in deeper and path not in self._missing):
                yield self._wrong_value(path, errors)

    def _paths_with_something_below(self) -> set[Path]:
        told = [*self._unknown, *self._missing, *self._wrong, *(item.path for item in self._document.problems)]
        return {path[:length] for path in told for length in range(len(path))}

    def _unknown_key(self, path: Path, located: Located) -> Problem:
        key = str(path[-1])
        fields = keys_of(located.block) if located.block else {}
        present = self._document.at(path[:-1]) or {}
        # A key that the block already has cannot be what was meant, unless nothing else is near.
        absent = [name for name in fields if name not in present]
        near = self._suggestions.nearest(key, absent) or self._suggestions.nearest(key, fields)
        if near is not None:
            self._misspelt.add((*path[:-1], near))
            hint = f'; nearest is "{near}"'
        else:
            hint = f"; this block takes {', '.join(fields)}" if len(fields) <= MOST_KEYS_LISTED else ""
        return self._document.problem("DT010", f"unknown key {found_words(key)}{hint}", path, key=True)

    def _missing_keys(self, path: Path, keys: list[str]) -> Iterator[Problem]:
        lacking = [key for key in dict.fromkeys(keys) if (*path, key) not in self._misspelt]
        block = self._document.at(path)
        if not lacking or not isinstance(block, dict):
            return
        if path in self._tagless and (misspelt := self._misspelt_tag(path, block, lacking)):
            yield misspelt
            return
        names = ", ".join(f'"{key}"' for key in lacking)
        yield self._document.problem("DT012", f"required key{'s' if len(lacking) > 1 else ''} {names} missing", path)

    def _misspelt_tag(self, path: Path, block: dict[str, Any], lacking: list[str]) -> Problem | None:
        """Without the key that tells blocks apart pydantic looks no further, so a misspelling of it is found here."""
        models = [item.model for item in self._tagless[path].shape.alternatives if item.model]
        known = {key for model in models for key in keys_of(model)}
        for written in block:
            if written not in known and self._suggestions.nearest(written, lacking):
                message = f'unknown key {found_words(written)}; nearest is "{lacking[0]}"'
                return self._document.problem("DT010", message, (*path, written), key=True)
        return None

    def _wrong_value(self, path: Path, errors: list[tuple[Raw, Located]]) -> Problem:
        for raw, located in errors:
            if raw["type"] == "union_tag_invalid":
                return self._unknown_choice((*path, str(located.shape.discriminator)), _tags(located))
        located = errors[0][1]
        value = self._document.at(path)
        if located.key:
            message = f"expected {AN_ID} as key, found {found_words(path[-1])}"
            return self._document.problem("DT011", message, path, key=True)
        own = next((raw for raw, _ in errors if raw["type"] == "value_error"), None)
        if own is not None:
            return self._document.problem("DT011", f"{_name(path)}{own['ctx']['error']}", path)
        choices = located.shape.choices
        if isinstance(value, str) and len(choices) > 1:
            return self._unknown_choice(path, choices)
        message = f"{_name(path)}expected {located.shape.expected()}, found {found_words(value)}"
        return self._document.problem("DT011", message, path)

    def _unknown_choice(self, path: Path, choices: list[str]) -> Problem:
        value = self._document.at(path)
        near = self._suggestions.nearest(value, choices) if isinstance(value, str) else None
        hint = f'; nearest is "{near}"' if near else f"; expected one of {', '.join(choices)}"
        return self._document.problem("DT010", f"{_name(path)}unknown choice {found_words(value)}{hint}", path)


def _name(path: Path) -> str:
    """``weight: `` for a key; ``order, item 2: `` for an entry of a list."""
    names = [step for step in path if isinstance(step, str)]
    position = f", item {int(path[-1]) + 1}" if path and isinstance(path[-1], int) else ""
    return f"{names[-1]}{position}: " if names else ""


def _tags(located: Located) -> list[str]:
    key = str(located.shape.discriminator)
    fields = [keys_of(item.model)[key] for item in located.shape.alternatives if item.model]
    return [str(tag) for field in fields for tag in get_args(field.annotation)]
