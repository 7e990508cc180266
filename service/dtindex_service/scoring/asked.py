"""What a request asks to be scored, as columns: a value of each unit by indicator, node or question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NoReturn

import numpy as np
from fastapi.exceptions import RequestValidationError
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from dtindex import Finding, Status
from dtindex_service.problems import ErrorItem, Refusal, from_finding, invalid
from dtindex_service.schemas.score import ScoreRequest, UnitIn

__all__ = ["Asked"]

_RECORDS = TypeAdapter(list[UnitIn])
_NAMES = TypeAdapter(list[str])
_PLAIN = frozenset({float, int, str, type(None)})
_NUMBERS = frozenset({float, int, type(None)})
_STATUS = {"missing": Status.MISSING, "not_applicable": Status.NOT_APPLICABLE, "withheld": Status.WITHHELD}


@dataclass(frozen=True)
class Asked:
    """Units as columns. ``units`` are "" where they have no name; ``periods`` None where no unit has one."""

    units: Sequence[str]
    values: Mapping[str, Any]
    """A sequence of each, or an array of numbers."""
    periods: Sequence[str | None] | None = None
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    matrix: bool = False
    """Whether they came as a matrix, and are answered so."""
    indicators: Sequence[str] = ()
    """Columns of the matrix."""

    @classmethod
    def of(cls, request: ScoreRequest) -> Asked:
        """The units of a request.

        Raises
        ------
        RequestValidationError, Refusal
            DT709 for what is not as described, DT203 for a unit that stands twice.
        """
        asked = cls._matrix(request) if request.indicators is not None else cls._records(request)
        asked._refuse_twice()
        return asked

    @classmethod
    def _records(cls, request: ScoreRequest) -> Asked:
        for name in ("values", "periods", "groups"):
            if getattr(request, name) is not None:
                raise invalid("This belongs to a matrix, which has `indicators` too.", pointer=f"#/{name}")
        try:
            records = _RECORDS.validate_python(request.units)
        except ValidationError as error:
            _refuse(error, "units")
        given = [one["values"] for one in records]
        names = dict.fromkeys(name for values in _different(given) for name in values)
        periods = [one.get("period") for one in records]
        groups = [one.get("groups") or {} for one in records]
        asked = cls(
            [one.get("unit") or "" for one in records],
            {name: [values.get(name) for values in given] for name in names},
            periods if any(periods) else None,
            {
                name: [one.get(name, "") for one in groups]
                for name in dict.fromkeys(key for one in groups for key in one)
            },
        )
        return asked._read()

    @classmethod
    def _matrix(cls, request: ScoreRequest) -> Asked:
        names, rows, count = request.indicators or [], request.values, len(request.units)
        try:
            units = _NAMES.validate_python(request.units)
        except ValidationError as error:
            _refuse(error, "units")
        if rows is None:
            raise invalid("A matrix needs a row of values for each unit.", pointer="#/values")
        if len(set(names)) != len(names):
            raise invalid("An indicator stands twice.", pointer="#/indicators")
        for pointer, own in [("values", rows), ("periods", request.periods), *_named("groups", request.groups)]:
            if own is not None and len(own) != count:
                raise invalid("Expected one for each unit.", pointer=f"#/{pointer}")
        for row, cells in enumerate(rows):
            if len(cells) != len(names):
                raise invalid("Expected one value for each indicator.", pointer=f"#/values/{row}")
        numbers = _numbers(rows, len(names))
        columns: list[Any] = list(zip(*rows, strict=True)) if numbers is None else list(numbers)
        asked = cls(
            units,
            dict(zip(names, columns, strict=bool(columns))),
            request.periods if any(request.periods or ()) else None,
            request.groups or {},
            matrix=True,
            indicators=names,
        )
        return asked._read()

    def _read(self) -> Asked:
        """The same with statuses where a value says one, and without true and false, which are no values."""
        read: dict[str, Any] = {}
        for name, cells in self.values.items():
            plain = isinstance(cells, np.ndarray) or _PLAIN.issuperset(map(type, cells))
            read[name] = cells if plain else [self._cell(one, row, name) for row, one in enumerate(cells)]
        return Asked(self.units, read, self.periods, self.groups, self.matrix, self.indicators)

    def _cell(self, cell: Any, row: int, name: str) -> Any:
        if isinstance(cell, dict):
            if cell.keys() == {"status"} and cell["status"] in _STATUS:
                return _STATUS[cell["status"]]
            return {part: self._cell(own, row, f"{name} {part}") for part, own in cell.items()}
        parts = cell if isinstance(cell, list) else [cell]
        if any(isinstance(one, (bool, dict, list)) for one in parts):
            detail = "Expected a number, a text, a list of these, null, or an object of a status or of rows."
            raise invalid(detail, pointer=self.pointer(row, name))
        return cell

    def _refuse_twice(self) -> None:
        known = set()
        for row, who in enumerate(zip(self.units, self.periods or [None] * len(self.units), strict=True)):
            if who[0] and who in known:
                detail = "This unit (and period) stands in two places."
                raise Refusal("DT203", detail, status=422, errors=[_item(f"#/units/{row}", "DT203", detail)])
            known.add(who)

    # --- where something is ---

    def pointer(self, row: int, name: str | None) -> str:
        """JSON pointer of a unit, and of its value where it is named: ``a`` or, of a matrix question, ``a row``."""
        if name is None:
            return f"#/units/{row}"
        column, parts = self._parts(name)
        if self.matrix:
            if column not in self.indicators:
                return f"#/units/{row}"
            return "".join([f"#/values/{row}/{self.indicators.index(column)}", *map(_escaped, parts)])
        return "".join([f"#/units/{row}/values", *map(_escaped, (column, *parts))])

    def _parts(self, name: str) -> tuple[str, list[str]]:
        if name in self.values or " " not in name:
            return name, []
        column, _, rest = name.partition(" ")
        return (column, [rest]) if column in self.values else (name, [])

    def item(self, one: Finding) -> ErrorItem:
        """A finding of the library, with its place in the request."""
        place, name = one.place, one.place.name
        found = from_finding(one)
        if self.matrix and name in self.indicators and place.line is None and place.unit is None:
            return found.model_copy(update={"pointer": f"#/indicators/{self.indicators.index(name)}"})
        row = place.line - 1 if place.line is not None else self._row(place.unit, place.period)
        if row is None and name is not None and self._parts(name)[0] in self.values:
            row = self._first(self._parts(name)[0])
        if row is None:
            return found
        has_value = name is not None and self._parts(name)[0] in self.values
        return found.model_copy(update={"pointer": self.pointer(row, name if has_value else None)})

    def _first(self, name: str) -> int:
        """The first unit with a value."""
        return next((at for at, cell in enumerate(self.values[name]) if cell is not None and cell == cell), 0)

    def _row(self, unit: str | None, period: str | None) -> int | None:
        if len(self.units) == 1:
            return 0
        if not unit:
            return None
        periods = self.periods or [None] * len(self.units)
        pairs = enumerate(zip(self.units, periods, strict=True))
        return next((row for row, who in pairs if who[0] == unit and (who[1] or None) == (period or None)), None)


def _numbers(rows: Sequence[Sequence[Any]], width: int) -> NDArray[np.float64] | None:
    """The columns of a matrix of numbers and nulls, one a row; None where it holds anything else."""
    if not width or not _NUMBERS.issuperset(map(type, chain.from_iterable(rows))):
        return None
    try:
        return np.array(rows, dtype=np.float64).reshape(len(rows), width).T.copy()
    except OverflowError:
        return None


def _different(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records that have other names than the one before: most requests name the same of each unit."""
    return [one for at, one in enumerate(given) if at == 0 or one.keys() != given[at - 1].keys()]


def _named(name: str, columns: Mapping[str, Sequence[str]] | None) -> list[tuple[str, Sequence[str]]]:
    return [(name + _escaped(key), column) for key, column in (columns or {}).items()]


def _refuse(error: ValidationError, field_name: str) -> NoReturn:
    found = [{**one, "loc": ("body", field_name, *one["loc"])} for one in error.errors(include_input=False)]
    raise RequestValidationError(found) from None


def _item(pointer: str, code: str, detail: str) -> ErrorItem:
    return ErrorItem(pointer=pointer, parameter=None, code=code, detail=detail, place=None)


def _escaped(part: str) -> str:
    return "/" + part.replace("~", "~0").replace("/", "~1")
