"""From the cells of a column to numbers and statuses, by the type that the methodology declares; nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from dtindex.findings import Severity
from dtindex.spec.methods import CodeRule, Interval
from dtindex.spec.model import DeclaredStatus
from dtindex.status import LEAVES_NO_VALUE, Status, StatusArray
from dtindex.tables.formats.cells import number_text
from dtindex.tables.names import shown
from dtindex.tables.numbers import NumberType, diagnose, explain, is_number, to_ascii, to_float, whole_column
from dtindex.tables.raw import Cells
from dtindex.tables.table import FloatArray

__all__ = ["MOST", "Numbers", "Problem", "Reading", "convert", "status_of_word"]

MOST = 20
"""Findings of one kind in one column that are listed; the rest is counted."""

_BLOCK = 8_192
_FACTORS = (100, 1_000, 10_000)
_WORDS = {
    "missing": Status.MISSING,
    "not-applicable": Status.NOT_APPLICABLE,
    "withheld": Status.WITHHELD,
    "estimated": Status.ESTIMATED,
    "break": Status.BREAK,
}
_SDMX = {
    "a": Status.NORMAL, "normal": Status.NORMAL, "正常": Status.NORMAL, "d": Status.NORMAL, "p": Status.NORMAL,
    "b": Status.BREAK, "口径变化": Status.BREAK, "e": Status.ESTIMATED, "估计": Status.ESTIMATED,
    "i": Status.IMPUTED, "imputed": Status.IMPUTED, "插补": Status.IMPUTED,
    "l": Status.NOT_APPLICABLE, "not applicable": Status.NOT_APPLICABLE, "不适用": Status.NOT_APPLICABLE,
    "m": Status.MISSING, "o": Status.MISSING, "缺失": Status.MISSING, "q": Status.WITHHELD, "保密": Status.WITHHELD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is to be read."""

    type: NumberType = "number"
    codes: Mapping[str, CodeRule] = field(default_factory=dict)
    range: Interval | None = None
    status: DeclaredStatus | None = None
    declares: bool = True
    """Whether the item has a type and codes of its own, which messages then propose to declare."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A remark on one row of a column, or on the column (``row`` None)."""

    row: int | None
    code: str
    message: str
    severity: Severity | None = None


@dataclass
class Numbers:
    """A column that was read: ``values``, ``status`` and ``coded`` ``(rows,)``, and what was found on the way."""

    values: FloatArray
    status: StatusArray
    coded: FloatArray | None = None
    problems: list[Problem] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def report(self, row: int, code: str, message: Callable[[], str] | str) -> None:
        """Remember a problem; beyond :data:`MOST` of a kind only their number, and no message is made."""
        self._counts[code] += 1
        if self._counts[code] <= MOST:
            self.problems.append(Problem(row, code, message if isinstance(message, str) else message()))

    def close(self) -> None:
        """Say how many more there were."""
        for code, count in self._counts.items():
            if count > MOST:
                message = f"and {count - MOST:,} more cells of this column likewise ({count:,} in all)"
                self.problems.append(Problem(None, code, message))

    def set_score(self, row: int, score: float) -> None:
        """A code in the cell gives a score: the raw value stays NaN, the status normal."""
        if self.coded is None:
            self.coded = np.full(self.values.shape, np.nan)
        self.coded[row] = score


def convert(
    cells: Cells, reading: Reading, dates: Set[int] = frozenset(), statuses: Sequence[str] | None = None
) -> Numbers:
    """Read a column.

    Parameters
    ----------
    cells
        Texts or numbers ``(rows,)``. An empty cell or NaN is MISSING.
    reading
        Declared type, codes, range and status.
    dates
        Rows whose cell the file marks as a date: DT226.
    statuses
        Status word or SDMX code of each row, of a long table.

    Returns
    -------
    Numbers
        NaN wherever a problem was found. Problems: DT220 to DT224, DT226, DT228.
    """
    rows = len(cells)
    numbers = Numbers(np.full(rows, np.nan), np.zeros(rows, dtype=np.uint16))
    rules = {code.strip(): rule for code, rule in reading.codes.items()}
    if isinstance(cells, np.ndarray):
        _typed(cells, rules, numbers, dates)
    else:
        _texts(cells, reading, rules, numbers, dates)
    _refuse_infinite(cells, numbers)
    _check_range(reading, numbers)
    _warn_of_fractions(cells, reading, numbers)
    if reading.status is not None:
        numbers.status[~np.isnan(numbers.values)] |= np.uint16(_WORDS[reading.status])
    _mark_missing(numbers)
    if statuses is not None:
        _apply_statuses(statuses, numbers)
    numbers.close()
    return numbers


def status_of_word(word: str) -> Status | None:
    """The flag that an SDMX observation status or a word in English or Chinese stands for; None where it is unknown."""
    folded = word.strip().casefold()
    return _WORDS[folded] if folded in _WORDS else _SDMX.get(folded)


def _texts(
    cells: Sequence[str], reading: Reading, rules: Mapping[str, CodeRule], numbers: Numbers, dates: Set[int]
) -> None:
    """Blocks that are numbers throughout in one go; of the others, only the cells that are not one by one."""
    wide: list[int] = []
    is_plain = is_number(reading.type)
    for start in range(0, len(cells), _BLOCK):
        block = cells[start : start + _BLOCK]
        odd = [row for row, cell in enumerate(block) if cell in rules] if rules else []
        odd += [row - start for row in dates if start <= row < start + len(block)]
        found = whole_column(_without(block, odd), reading.type)
        if found is None:
            known = set(odd)
            odd = [row for row, cell in enumerate(block) if row in known or (cell and is_plain(cell) is None)]
            found = whole_column(_without(block, odd), reading.type)
        assert found is not None
        numbers.values[start : start + len(block)] = found
        for row in odd:
            _odd_cell(start + row, block[row].strip(), reading, rules, numbers, start + row in dates, wide)
    if wide:
        where = f"the first is {shown(cells[wide[0]])}"
        message = f"full-width digits or signs in {len(wide):,} cells were read as ordinary ones; {where}"
        numbers.problems.append(Problem(wide[0], "DT228", message))


def _without(cells: Sequence[str], rows: Sequence[int]) -> Sequence[str]:
    if not rows:
        return cells
    kept = list(cells)
    for row in rows:
        kept[row] = ""
    return kept


def _odd_cell(
    row: int,
    text: str,
    reading: Reading,
    rules: Mapping[str, CodeRule],
    numbers: Numbers,
    date: bool,
    wide: list[int],
) -> None:
    """A cell that is not simply a number: a code, a date, a number in full-width digits, or a problem."""
    if not text:
        return
    if text in rules:
        _apply(row, rules[text], numbers)
        return
    if date:
        numbers.report(row, "DT226", lambda: explain("DT226", text, reading.type, reading.declares))
        return
    ascii_text = to_ascii(text)
    value = to_float(ascii_text, reading.type)
    if value is None:
        code = diagnose(text)
        numbers.report(row, code, lambda: explain(code, text, reading.type, reading.declares))
        return
    numbers.values[row] = value
    if ascii_text != text:
        wide.append(row)


def _typed(cells: FloatArray, rules: Mapping[str, CodeRule], numbers: Numbers, dates: Set[int]) -> None:
    """Numbers of a typed file; a code such as "3" is matched on the text that the number would have."""
    numbers.values[:] = cells
    for row in sorted(dates):
        numbers.values[row] = np.nan
        numbers.report(row, "DT226", "found a date, expected a number: correct the column, or format it as a number")
    for code, rule in rules.items():
        value = to_float(code, "number")
        if value is not None and number_text(value) == code:
            for row in np.flatnonzero(cells == value).tolist():
                numbers.values[row] = np.nan
                _apply(row, rule, numbers)


def _apply(row: int, rule: CodeRule, numbers: Numbers) -> None:
    if rule.value is not None:
        numbers.values[row] = rule.value
    if rule.score is not None:
        numbers.set_score(row, rule.score)
    if rule.status is not None:
        numbers.status[row] |= np.uint16(_WORDS[rule.status])


def _refuse_infinite(cells: Cells, numbers: Numbers) -> None:
    for row in np.flatnonzero(np.isinf(numbers.values)).tolist():
        numbers.values[row] = np.nan
        found = f"found {shown(str(cells[row]))}, beyond the largest number there is"
        numbers.report(row, "DT222", f"{found}; expected a finite number: empty the cell, or correct it")


def _check_range(reading: Reading, numbers: Numbers) -> None:
    if reading.range is None:
        return
    low, high = reading.range
    with np.errstate(invalid="ignore"):
        outside = (numbers.values < low) | (numbers.values > high)
    for row in np.flatnonzero(outside).tolist():
        value = float(numbers.values[row])
        numbers.report(row, "DT223", lambda value=value: _range_message(value, low, high))  # type: ignore[misc]


def _range_message(value: float, low: float, high: float) -> str:
    expected = f"found {value:.15g}, expected {low:.15g} to {high:.15g}"
    for factor in _FACTORS:
        if low <= value * factor <= high:
            return f"{expected}: times {factor:,} it would fit, so check the unit of measure"
        if low <= value / factor <= high:
            return f"{expected}: divided by {factor:,} it would fit, so check the unit of measure"
    return f"{expected}: correct the cell, or the declared `range:`"


def _warn_of_fractions(cells: Cells, reading: Reading, numbers: Numbers) -> None:
    """A spreadsheet stores 45% as 0.45, and the file does not always say so."""
    if reading.type != "percent":
        return
    plain = ~np.isnan(numbers.values)
    if not isinstance(cells, np.ndarray):
        plain &= np.fromiter(("%" not in cell and "％" not in cell for cell in cells), dtype=bool, count=len(cells))
    found = numbers.values[plain]
    nonzero = np.abs(found[found != 0])
    if nonzero.size == 0 or nonzero.max() > 1:
        return
    row = int(np.flatnonzero(plain & (numbers.values != 0))[0])
    example = float(numbers.values[row])
    message = (
        f"found {example:.15g}, read as {example:.15g} per cent, and no number without % is above 1 in this column: "
        f"if {100 * example:.15g}% is meant, write {100 * example:.15g}; spreadsheets store 45% as 0.45"
    )
    numbers.problems.append(Problem(row, "DT223", message, Severity.WARNING))


def _mark_missing(numbers: Numbers) -> None:
    """Every NaN says why: MISSING where nothing else is said, unless a code gave a score."""
    empty = np.isnan(numbers.values) & (numbers.status & np.uint16(LEAVES_NO_VALUE) == 0)
    if numbers.coded is not None:
        empty &= np.isnan(numbers.coded)
    numbers.status[empty] = Status.MISSING


def _apply_statuses(statuses: Sequence[str], numbers: Numbers) -> None:
    meanings = {word: Status.NORMAL if not word.strip() else status_of_word(word) for word in set(statuses)}
    if set(meanings.values()) == {Status.NORMAL}:
        return
    for row, word in enumerate(statuses):
        flag = meanings[word]
        if flag is None:
            expected = "expected an SDMX code (A, B, E, I, L, M, Q) or a word such as estimated, missing, withheld"
            numbers.report(row, "DT224", f"found the status {shown(word)}, {expected}")
        elif flag & LEAVES_NO_VALUE and not np.isnan(numbers.values[row]):
            value = float(numbers.values[row])
            message = f"found {value:.15g} under the status {shown(word)}, which says that there is no value"
            numbers.report(row, "DT224", f"{message}: correct one of the two")
        elif flag & LEAVES_NO_VALUE:
            numbers.status[row] = flag
        elif flag and not np.isnan(numbers.values[row]):
            numbers.status[row] |= np.uint16(flag)
