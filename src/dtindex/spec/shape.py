"""What the models allow at a place: the alternatives of an annotation, in words, and where an error's `loc` leads."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dtindex.spec.document import Path
from dtindex.spec.words import found_words

__all__ = ["AN_ID", "Alternative", "Located", "Shape", "keys_of", "locate", "shape_of"]

AN_ID = "an id (ASCII letters, digits, `_`, `.`, `-`; a letter first)"
# Patterns are told in words; every pattern of the models has an entry (a test holds it).
PATTERNS = {
    r"^[A-Za-z_][A-Za-z0-9_.-]*$": AN_ID,
    r"^[a-z0-9][a-z0-9.-]*$": "an id of lower-case letters, digits, `.` and `-`",
    r"^[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)?$": 'a text like "1/3"',
}


@dataclass(frozen=True)
class Alternative:
    """One type that a place takes, with the bounds on it."""

    type: Any
    bounds: tuple[Any, ...] = ()

    def bound(self, name: str) -> Any:
        """The value of a bound (``ge``, ``max_length``, ...), or None."""
        return next((found for item in self.bounds if (found := getattr(item, name, None)) is not None), None)

    @property
    def model(self) -> type[BaseModel] | None:
        """The block's model, where the alternative is a block."""
        return self.type if isinstance(self.type, type) and issubclass(self.type, BaseModel) else None

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values of a literal or an enumeration; empty for other types."""
        if get_origin(self.type) is Literal:
            return get_args(self.type)
        return tuple(item.value for item in self.type) if _is_enum(self.type) else ()

    def words(self) -> Iterator[str]:
        """What is expected, for people."""
        origin = get_origin(self.type)
        if self.choices:
            yield from (f'"{choice}"' if isinstance(choice, str) else found_words(choice) for choice in self.choices)
        elif self.model is not None:
            yield _block_words(self.model)
        elif origin is tuple and Ellipsis not in get_args(self.type):
            yield "a pair of numbers like `[0, 100]`"
        elif origin is tuple:
            least = self.bound("min_length")
            yield f"a list of at least {least}" if least else "a list"
        elif self.type is str:
            yield PATTERNS.get(self.bound("pattern") or "", "text")
        elif self.type is bool:
            yield "true or false"
        elif self.type in (int, float):
            yield ("a whole number" if self.type is int else "a number") + self._range()
        else:
            yield "a block"

    def _range(self) -> str:
        least, above, most, below = (self.bound(name) for name in ("ge", "gt", "le", "lt"))
        if least is not None and most is not None:
            return f" from {least} to {most}"
        if least is not None:
            return f" of {least} or more" + ("" if below is None else f" and below {below}")
        if above is not None:
            return f" above {above}" + ("" if most is None else f" and at most {most}")
        return ""


@dataclass(frozen=True)
class Shape:
    """All alternatives of a place; ``discriminator`` where a key says which block it is."""

    alternatives: tuple[Alternative, ...]
    discriminator: str | None = None

    @property
    def choices(self) -> list[str]:
        """The words that a place takes; empty where any text will do."""
        if any(alternative.type is str for alternative in self.alternatives):
            return []
        return [choice for item in self.alternatives for choice in item.choices if isinstance(choice, str)]

    def expected(self) -> str:
        """``a number, "unpublished" or a block with `percentile```."""
        if self.discriminator is not None:
            return f"a block with `{self.discriminator}`"
        # Blocks come last: the simplest thing to write is named first.
        ordered = sorted(self.alternatives, key=lambda item: item.model is not None)
        words = list(dict.fromkeys(word for item in ordered for word in item.words()))
        return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]

    def tagged(self, tag: object) -> Shape | None:
        """The block that the discriminator's value names."""
        for item in self.alternatives if self.discriminator else ():
            field = item.model and item.model.model_fields.get(self.discriminator or "")
            if field and tag in get_args(field.annotation):
                return Shape((item,))
        return None

    def branch(self, label: object) -> Shape:
        """The alternative that pydantic's label of a union branch means."""
        words = re.findall(r"\w+", str(label))
        if words[:2] == ["tagged", "union"]:  # the blocks that the discriminator tells apart, among other alternatives
            return Shape(tuple(item for item in self.alternatives if item.model is not None), self.discriminator)
        for item in self.alternatives:
            if (item.model is not None and item.model.__name__ in words) or words[:1] == [_container(item)]:
                return Shape((item,))
        return Shape(())


@dataclass(frozen=True)
class Located:
    """Where an error's ``loc`` leads."""

    path: Path
    shape: Shape
    """What is allowed at the path."""
    block: type[BaseModel] | None
    """The model of the block that the last step is in."""
    key: bool = False
    """Whether the error is about the key and not its value."""


def shape_of(annotation: Any, bounds: Iterable[Any] = (), discriminator: str | None = None) -> Shape:
    """The alternatives of an annotation; None is left out."""
    origin, found = get_origin(annotation), tuple(bounds)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        for item in extra:
            if isinstance(item, FieldInfo):
                found = (*found, *item.metadata)
                discriminator = item.discriminator if isinstance(item.discriminator, str) else discriminator
        return shape_of(inner, found, discriminator)
    if origin in (Union, types.UnionType):
        parts = [shape_of(part, (), None) for part in get_args(annotation) if part is not type(None)]
        discriminator = discriminator or next((part.discriminator for part in parts if part.discriminator), None)
        return Shape(tuple(item for part in parts for item in part.alternatives), discriminator)
    return Shape((Alternative(annotation, found),), discriminator)


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A block's fields by the key that the file spells."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def locate(model: type[BaseModel], loc: Iterable[str | int]) -> Located:
    """Follow an error's ``loc`` through the models: keys and positions are kept, labels of branches are not."""
    path: Path = ()
    place = current = shape_of(model)
    block: type[BaseModel] | None = None
    is_key = False
    for step in loc:
        if step == "[key]":
            is_key = True
        elif current.discriminator is not None or len(current.alternatives) > 1:
            current = current.tagged(step) or current.branch(step)
        else:
            alternative = current.alternatives[0] if current.alternatives else Alternative(object)
            block = alternative.model
            place = current = _inside(alternative, step)
            path = (*path, step)
    return Located(path, place, block, is_key)


def _inside(alternative: Alternative, step: str | int) -> Shape:
    if alternative.model is not None:
        field = keys_of(alternative.model).get(str(step))
        discriminator = field.discriminator if field and isinstance(field.discriminator, str) else None
        return shape_of(field.annotation, field.metadata, discriminator) if field else Shape(())
    arguments = [item for item in get_args(alternative.type) if item is not Ellipsis]
    return shape_of(arguments[-1]) if arguments else Shape(())


def _container(item: Alternative) -> str | None:
    """The name that begins pydantic's label of a list or of a block with free keys."""
    return {tuple: "tuple", dict: "dict"}.get(get_origin(item.type))


def _is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Enum)


def _block_words(model: type[BaseModel]) -> str:
    fields = keys_of(model)
    required = [key for key, field in fields.items() if field.is_required()]
    if required:
        return "a block with " + " and ".join(f"`{key}`" for key in required)
    return "a block with " + " or ".join(f"`{key}`" for key in list(fields)[:3])
