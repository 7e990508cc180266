"""Units given as values by a program, and not as cells of a file; each is read as the same cell would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding, nearest
from dtindex.spec.model import Methodology
from dtindex.spec.questions import TextQuestion
from dtindex.status import Status
from dtindex.tables.check import Item, items_of
from dtindex.tables.convert import Numbers, Problem, convert
from dtindex.tables.formats.cells import number_text
from dtindex.tables.raw import Cells
from dtindex.tables.survey.one import AnswerValue, Respondent, without_value
from dtindex.tables.table import FloatArray, Table, TextArray

__all__ = ["GivenUnits", "Values", "read_values"]

Values: TypeAlias = "Sequence[AnswerValue] | FloatArray"
_NUMBERS = {float, int, type(None)}


class GivenUnits:
    """Reads values that are given by indicator (or node with a column) and by question; built once, used often."""

    def __init__(self, methodology: Methodology) -> None:
        self.methodology = methodology
        self.items = items_of(methodology)
        self.respondent = Respondent(methodology.questions)
        self.readable = {item.id for item in self.items}
        self.open_answers = {question.id for question in methodology.questions if isinstance(question, TextQuestion)}

    def unknown(self, name: str) -> UsageError | None:
        """DT214 with the nearest name, for one that the methodology does not read; None for one that it does."""
        if name in self.readable or name in self.respondent.questions or name in self.open_answers:
            return None
        guess = nearest(name, [*self.readable, *self.respondent.questions])
        hint = f"; nearest is {guess!r}" if guess else ""
        return UsageError([finding("DT214", f"the methodology reads no {name!r}{hint}", Place(name=name))])

    def table(
        self,
        values: Mapping[str, Values],
        units: Sequence[str],
        periods: Sequence[str | None] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Table:
        """The units as a table. What is not named is missing; a finding's place says by its line which unit it is.

        Parameters
        ----------
        values
            By indicator, node or question: a value of each unit; numbers also as a float64 array, NaN for missing.
        units, periods
            Their keys, which need not be different, and their periods.
        groups
            By name of a group: the group of each unit.

        Raises
        ------
        UsageError
            DT214 for what the methodology does not read; DT902 for a value of no kind that can be read.
        InputError
            With all findings: DT220 to DT224 for numbers, DT224, DT225, DT230 for answers.
        """
        for name in values:
            error = self.unknown(name)
            if error is not None:
                raise error
        count = len(units)
        matrix = np.full((count, len(self.items)), np.nan, order="F")
        status = np.full((count, len(self.items)), Status.MISSING, dtype=np.uint16, order="F")
        coded = {}
        found: list[Finding] = []
        for position, item in enumerate(self.items):
            if item.id in values:
                numbers = read_values(item, values[item.id])
                matrix[:, position], status[:, position] = numbers.values, numbers.status
                if numbers.coded is not None:
                    coded[item.id] = numbers.coded
                found += [_finding(problem, item, units, periods) for problem in numbers.problems]
        answers, remarks = self._answers(values, count, found)
        findings = Findings([*found, *remarks])
        findings.raise_errors()
        return Table(
            units=_texts(units),
            names=tuple(item.id for item in self.items),
            values=matrix,
            status=status,
            periods=None if periods is None or not any(periods) else _texts([period or "" for period in periods]),
            coded=coded,
            texts={name: _texts(cells) for name, cells in self._groups(groups or {}, count)},
            answers=answers,
            findings=findings,
        )

    def _answers(
        self, values: Mapping[str, Values], count: int, found: list[Finding]
    ) -> tuple[Mapping[Any, Any], list[Finding]]:
        if not self.respondent.questions:
            return {}, []
        given = {
            name: [None if one != one else one for one in cells.tolist()] if isinstance(cells, np.ndarray) else cells
            for name, cells in values.items()
            if name in self.respondent.questions
        }
        try:
            return self.respondent.table(given, count)
        except InputError as error:
            found += error.findings
            return {}, []

    def _groups(self, groups: Mapping[str, Sequence[str]], count: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Groups that were given, and those that the methodology names and nobody gave: none."""
        yield from groups.items()
        for name in self.methodology.units.groups:
            if name not in groups:
                yield name, [""] * count


def read_values(item: Item, values: Values) -> Numbers:
    """A column of values as the same cells would be read: codes, range and status as the methodology declares them."""
    if isinstance(values, np.ndarray):
        return convert(values, item.reading)
    kinds = set(map(type, values))
    stated: dict[int, Status] = {}
    if any(issubclass(kind, Status) for kind in kinds):
        stated = {row: without_value(one, item.id) for row, one in enumerate(values) if isinstance(one, Status)}
        values = [None if isinstance(one, Status) else one for one in values]
        kinds = set(map(type, values))
    plain = kinds <= _NUMBERS
    cells: Cells = _floats(values) if plain else [_cell_of(one, item.id, row) for row, one in enumerate(values)]
    numbers = convert(cells, item.reading)
    for row, one in stated.items():
        numbers.status[row] = one
    return numbers


def _floats(values: Sequence[Any]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:  # a whole number of more than 308 digits is beyond the largest number
        return np.array([_float(one) for one in values], dtype=np.float64)


def _float(value: Any) -> float:
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _cell_of(value: object, name: str, row: int) -> str:
    """A value as the text that its cell would hold.

    Raises
    ------
    UsageError
        DT902 for what is neither a number nor a text.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return number_text(value.item() if isinstance(value, np.generic) else value)
    message = f"found a value of type {type(value).__name__} for {name}, expected a number"
    raise UsageError([finding("DT902", message, Place(line=row + 1, name=name))])


def _finding(problem: Problem, item: Item, units: Sequence[str], periods: Sequence[str | None] | None) -> Finding:
    place = Place(name=item.id)
    if problem.row is not None:
        period = None if periods is None else periods[problem.row]
        place = Place(line=problem.row + 1, unit=units[problem.row] or None, period=period or None, name=item.id)
    return finding(problem.code, problem.message, place, problem.severity)


def _texts(values: Sequence[str]) -> TextArray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
