"""A grid of cells against a methodology: columns found, converted and checked, and a Table where nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Findings, Place, Severity, finding, nearest
from dtindex.spec.methods import CodeRule
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.status import Status
from dtindex.tables.codelist import Codelist
from dtindex.tables.convert import Numbers, Reading, convert
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.layout import Column, Grid, Layout, to_grid
from dtindex.tables.names import shown
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import RawTable
from dtindex.tables.survey import SurveyReading, is_survey, left_out, read_survey
from dtindex.tables.table import FloatArray, Table, TextArray
from dtindex.tables.units import Keys, canonical_key, read_groups, read_keys, text_array

__all__ = ["Item", "check_raw", "items_of", "known_names"]


@dataclass(frozen=True, slots=True)
class Item:
    """A column that the methodology reads as numbers, for an indicator or a node."""

    id: str
    column: str
    reading: Reading
    needed: bool
    """Whether a score cannot do without it."""
    covered_by: tuple[str, ...] = ()
    """Columns of nodes above, each of which makes it dispensable."""


def items_of(methodology: Methodology) -> tuple[Item, ...]:
    """What is read, in the methodology's order: nodes with a column, then indicators; no answers, nothing derived."""
    tree = methodology.tree
    codes = methodology.defaults.codes or {}
    found: list[Item] = []
    for item in tree.items.values():
        if isinstance(item, Node):
            if item.column is not None:
                reading = Reading(codes=codes, declares=False)
                found.append(
                    Item(item.id, item.column, reading, not tree.children[item.id], _columns_above(tree.items, item))
                )
        elif isinstance(item, Indicator):
            settings = tree.indicators[item.id]
            if settings.column is not None:
                reading = Reading(item.type, settings.codes, settings.range, item.status)
                scored = item.parent is not None or item.id in tree.operands
                found.append(Item(item.id, settings.column, reading, scored, _columns_above(tree.items, item)))
    return tuple(found)


def known_names(methodology: Methodology) -> dict[str, str]:
    """What the column of names of a long table may hold, to the column that is meant: columns first, then ids."""
    items = items_of(methodology)
    published = [item.published for item in methodology.tree.items.values() if item.published]
    names = {column: column for column in (*(item.column for item in items), *published)}
    return names | {item.id: item.column for item in items if item.id not in names}


def _columns_above(items: Mapping[str, Node | Indicator], item: Node | Indicator) -> tuple[str, ...]:
    columns: list[str] = []
    parent = item.parent
    while parent is not None:
        above = items[parent]
        if above.column is not None:
            columns.append(above.column)
        parent = above.parent
    return tuple(columns)


def check_raw(
    raw: RawTable, methodology: Methodology, codelist: Codelist | None = None, layout: Layout = "auto"
) -> tuple[Table | None, Findings]:
    """The table under the methodology's ids, and everything that was found; no table where a finding is an error.

    Where the methodology has questions, the table is an export of answers to them, one row a respondent.
    """
    survey = None
    if is_survey(methodology):
        survey = read_survey(raw, methodology)
        raw, layout = survey.raw, "wide"
    grid = to_grid(raw, methodology.units, known_names(methodology), canonical_key(codelist), layout)
    return _Check(grid, methodology, codelist, survey).run()


@dataclass
class _Check:
    grid: Grid
    methodology: Methodology
    codelist: Codelist | None
    survey: SurveyReading | None = None
    findings: list[Finding] = field(default_factory=list)
    _said: set[Finding] = field(default_factory=set)

    def run(self) -> tuple[Table | None, Findings]:
        grid, units = self.grid, self.methodology.units
        self.findings += [*grid.raw.findings, *grid.findings]
        survey = self.survey or SurveyReading(grid.raw)
        self.findings += survey.findings
        if grid.long and not grid.columns:
            return None, Findings(self.findings)
        items = items_of(self.methodology)
        self._missing_columns(items)
        key = grid.get(units.key)
        keys = (
            Keys(text_array([""] * grid.length))
            if key is None
            else read_keys(grid, key, units, self.codelist, self._left_out())
        )
        self.findings += keys.findings
        values, status, coded = self._values(items, keys)
        published, decimals = self._published(keys)
        groups, remarks = read_groups(grid, units, self.codelist, keys)
        self.findings += remarks
        texts = {**self._texts(items, published), **groups}
        findings = Findings(self.findings)
        if findings.errors:
            return None, findings
        table = Table(
            units=keys.units,
            names=tuple(item.id for item in items),
            values=values,
            status=status,
            periods=keys.periods,
            coded=coded,
            published=published,
            decimals=decimals,
            texts=texts,
            totals=keys.totals,
            order=keys.order,
            answers=survey.answers,
            careless=survey.careless,
            weights=survey.weights,
            raw=grid.raw,
            findings=findings,
        )
        return table, findings

    def _left_out(self) -> NDArray[np.bool_] | None:
        """Rows that rules on careless respondents leave out."""
        if self.survey is None or self.methodology.survey is None:
            return None
        return left_out(self.methodology.survey.careless, self.survey.careless)

    # -- columns --

    def _missing_columns(self, items: Sequence[Item]) -> None:
        """DT202 for what lacks: an error where scores need it, else a note."""
        units = self.methodology.units
        needed = {units.key: "the units' key"}
        needed |= {units.period: "the period"} if units.period else {}
        needed |= {units.ranked: "which units are ranked"} if units.ranked else {}
        dispensable = {units.name: "the units' name"} if units.name else {}
        covered: list[str] = []
        for item in items:
            if self._is_covered(item):
                covered.append(item.column)
            else:
                (needed if item.needed else dispensable).setdefault(item.column, item.id)
        spare = self._spare(items)
        for column, use in needed.items():
            self._lacks(column, use, None, spare)
        for column, use in dispensable.items():
            if column not in needed:
                self._lacks(column, use, Severity.NOTE, spare)
        known = needed | dispensable
        self._covered([column for column in dict.fromkeys(covered) if column not in known])

    def _is_covered(self, item: Item) -> bool:
        """Whether the table has figures of a node above, so that scores do not wait for this one."""
        columns = (self.grid.get(column) for column in item.covered_by)
        return any(column is not None and _has_figures(column) for column in columns)

    def _spare(self, items: Sequence[Item]) -> list[str]:
        """Columns of the table that the methodology does not mention."""
        units, tree = self.methodology.units, self.methodology.tree
        mentioned = (units.key, units.name, units.period, units.ranked, *units.groups)
        published = (item.published for item in tree.items.values())
        used = {tidy_name(name) for name in (*mentioned, *published, *(item.column for item in items)) if name}
        return [name for name in self.grid.columns if name not in used]

    def _lacks(self, column: str, use: str, severity: Severity | None, spare: Sequence[str]) -> None:
        if self.grid.get(column) is not None:
            return
        what = "row" if self.grid.long and use in self.methodology.tree.items else "column"
        proposal = nearest(column, spare)
        hint = f"rename {shown(proposal)}, which is the nearest" if proposal else f"add the {what}"
        for_whom = "" if use == column else f" (for {use})"
        consequence = "" if severity is None else "; scores can do without"
        message = f"no {what} {shown(column)}{for_whom} in the table{consequence}: {hint}"
        self.findings.append(finding("DT202", message, self._whole(column), severity))

    def _covered(self, columns: Sequence[str]) -> None:
        lacking = [column for column in columns if self.grid.get(column) is None]
        if lacking:
            names = _listed(lacking)
            message = f"no column {names} in the table, which gives the nodes above instead: nothing to do"
            self.findings.append(finding("DT202", message, self._whole(None), Severity.NOTE))

    def _whole(self, name: str | None) -> Place:
        return Place(file=self.grid.raw.file, sheet=self.grid.raw.sheet, name=name)

    # -- numbers --

    def _values(self, items: Sequence[Item], keys: Keys) -> tuple[FloatArray, np.ndarray, dict[str, FloatArray]]:
        shape = (self.grid.length, len(items))
        values = np.full(shape, np.nan, order="F")
        status = np.full(shape, Status.MISSING, dtype=np.uint16, order="F")
        coded: dict[str, FloatArray] = {}
        for position, item in enumerate(items):
            column = self.grid.get(item.column)
            if column is None:
                continue
            numbers = convert(column.answers(item.reading.codes), item.reading, column.dates, column.statuses)
            values[:, position], status[:, position] = numbers.values, numbers.status
            if numbers.coded is not None:
                coded[item.id] = numbers.coded
            self._report(numbers, column, keys)
            self._all_missing(item, numbers, column, keys)
        return values, status, coded

    def _report(self, numbers: Numbers, column: Column, keys: Keys, cap: Severity | None = None) -> None:
        for problem in numbers.problems:
            unit, period = (None, None) if problem.row is None else keys.who(problem.row)
            place = column.place(problem.row, unit, period or None)
            one = finding(problem.code, problem.message, place, problem.severity)
            if cap is not None and one.severity is Severity.ERROR:
                one = finding(problem.code, problem.message, place, cap)
            if one not in self._said:  # two ids may read one column
                self._said.add(one)
                self.findings.append(one)

    def _all_missing(self, item: Item, numbers: Numbers, column: Column, keys: Keys) -> None:
        """DT302 where no unit has a value: a warning where a score would use it, else a note.

        Whether scores can do without is coverage's business; `fit` refuses where a root is left without any value.
        """
        known = ~np.isnan(numbers.values)
        if numbers.coded is not None:
            known |= ~np.isnan(numbers.coded)
        if keys.totals is not None and item.needed:
            known &= ~keys.totals
        if known.any() or any(problem.row is not None for problem in numbers.problems):
            return
        is_node = self.methodology.tree.is_node(item.id)
        if is_node and not item.needed:
            return  # it is computed from its children, as if the column were not there
        used = item.needed and not self._is_covered(item)
        hint = "fill in the column, or see what coverage allows" if used else "scores can do without"
        message = f"not one of {self.grid.length:,} rows has a value of {shown(item.id)}: {hint}"
        severity = Severity.WARNING if used else Severity.NOTE
        self.findings.append(finding("DT302", message, column.place(None), severity))

    def _published(self, keys: Keys) -> tuple[dict[str, FloatArray], dict[str, int]]:
        """Figures to compare with; what is wrong in them is a warning, for no score uses them."""
        published: dict[str, FloatArray] = {}
        decimals: dict[str, int] = {}
        tree = self.methodology.tree
        for item in tree.items.values():
            column = self.grid.get(item.published) if item.published else None
            if column is None:
                continue
            codes = tree.indicators[item.id].codes if item.id in tree.indicators else self.methodology.defaults.codes
            reading = Reading(codes=_without_scores(codes or {}), declares=False)
            numbers = convert(column.answers(reading.codes), reading, column.dates, column.statuses)
            self._report(numbers, column, keys, Severity.WARNING)
            published[item.id] = numbers.values
            decimals[item.id] = _most_decimals(column, numbers.values)
        return published, decimals

    # -- texts --

    def _texts(self, items: Sequence[Item], published: Mapping[str, FloatArray]) -> dict[str, TextArray]:
        """Every column that is not a number or a key, and DT212 with those that the methodology does not mention."""
        units, tree = self.methodology.units, self.methodology.tree
        numeric = {tidy_name(item.column) for item in items}
        numeric |= {tidy_name(tree.items[item].published or "") for item in published}
        keys = {tidy_name(name) for name in (units.key, units.period) if name}
        mentioned = {tidy_name(name) for name in (units.name, units.ranked, *units.groups) if name}
        asked = frozenset() if self.survey is None else self.survey.used
        texts = {
            name: text_array(texts_of(column.cells))
            for name, column in self.grid.columns.items()
            if name not in numeric and name not in keys
        }
        unused = [name for name in texts if name not in mentioned and name not in asked] + list(self.grid.left_out)
        if unused:
            message = f"columns that the methodology does not mention: {_listed(unused)}; kept as text, and not scored"
            self.findings.append(finding("DT212", message, self._whole(None)))
        spelt = {tidy_name(name): name for name in (units.name, units.ranked, *units.groups) if name}
        return {spelt.get(name, name): column for name, column in texts.items()}


def _has_figures(column: Column) -> bool:
    cells = column.answers()
    return bool((~np.isnan(cells)).any()) if isinstance(cells, np.ndarray) else any(cells)


def _listed(names: Sequence[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _without_scores(codes: Mapping[str, CodeRule]) -> dict[str, CodeRule]:
    """A code that gives a score says nothing of a published figure: there it is a missing one."""
    missing = CodeRule(status="missing")
    return {code: missing if rule.value is None else rule for code, rule in codes.items()}


def _most_decimals(column: Column, values: FloatArray) -> int:
    return max(_decimals(column, values), default=0)


def _decimals(column: Column, values: FloatArray) -> Iterator[int]:
    """Digits after the point as printed; of numbers that a file stores as floating ones, in 15 digits."""
    if column.raw.kind == "text":
        texts = texts_of(column.cells)
        spelt = (texts[row].strip() for row in np.flatnonzero(~np.isnan(values)).tolist())
        yield from (len(text) - text.rfind(".") - 1 for text in spelt if "." in text and text[-1].isdigit())
        return
    for value in np.unique(values[~np.isnan(values)]).tolist():
        exponent = Decimal(f"{value:.15g}").normalize().as_tuple().exponent
        yield max(0, -exponent) if isinstance(exponent, int) else 0
