"""What looks across the rows of a table before its blocks are worked: screening, and imputation over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import ImputePanel
from dtindex.spec.model import Methodology
from dtindex.status import Status, StatusArray
from dtindex.steps.derive import Column
from dtindex.steps.impute.base import FromOthers
from dtindex.steps.impute.panel import Timeline, fill_over_time
from dtindex.steps.indicator import IndicatorChain, Learned
from dtindex.steps.screen import Failure, Screened, screen
from dtindex.steps.types import FloatArray, Sample
from dtindex.tables.read import codelist_of
from dtindex.tables.survey import left_out
from dtindex.tables.table import Table
from dtindex.tables.units import canonical_key

__all__ = ["Imputed", "absent", "by_column_or_row", "over_time", "screened", "set_aside"]

_IMPUTED = np.uint16(Status.IMPUTED)


@dataclass(frozen=True, slots=True)
class Imputed:
    """Cells of one indicator that were filled in: ``rows`` are positions in the table.

    ``values`` ``(rows,)`` are raw, NaN where a score was filled in and no value. ``sources`` ``(rows, 2)`` are the rows
    that a value comes from, -1 for none.
    """

    item: str
    method: str
    rows: NDArray[np.intp]
    values: FloatArray
    sources: NDArray[np.intp] = field(default_factory=lambda: np.full((0, 2), -1))


def screened(methodology: Methodology, table: Table, columns: Mapping[str, Column]) -> Screened:
    """Rows of the table that take no part: careless respondents whom a rule excludes, and whom `screening:` leaves out;
    see :func:`dtindex.steps.screen.screen`.
    """
    careless = _careless(methodology, table)
    out = np.zeros(len(table), dtype=bool)
    for failure in careless:
        out[failure.rows] = True
    units = ~out if table.totals is None else ~table.totals & ~out
    known = _screened(methodology, table, columns, units)
    return Screened(out | known.out, (*careless, *known.failures), known.weak)


def set_aside(methodology: Methodology, table: Table) -> NDArray[np.bool_] | None:
    """Rows ``(rows,)`` of careless respondents whom a rule excludes; None where there is no such rule."""
    return None if methodology.survey is None else left_out(methodology.survey.careless, table.careless)


def _careless(methodology: Methodology, table: Table) -> list[Failure]:
    """Whom rules on careless respondents exclude, rule by rule."""
    rules = methodology.survey.careless if methodology.survey is not None else ()
    found = []
    for rule in rules:
        rows = np.flatnonzero(table.careless[rule.id]) if rule.id in table.careless else np.zeros(0, dtype=np.intp)
        if rule.action == "exclude" and rows.size:
            found.append(Failure(rule.id, "careless", np.nan, rows, np.full(rows.shape, np.nan)))
    return found


def _screened(
    methodology: Methodology, table: Table, columns: Mapping[str, Column], counted: NDArray[np.bool_]
) -> Screened:
    screening = methodology.screening
    if screening is None:
        return Screened(np.zeros(len(table), dtype=bool))
    given = {
        node.id: Column(table.column(node.id), table.status[:, table.names.index(node.id)])
        for node in methodology.nodes
        if node.column is not None and node.id in table.names
    }
    key = canonical_key(codelist_of(methodology))
    named = {name: tuple(map(key, getattr(screening, name))) for name in ("keep", "drop")}
    spelt = screening.model_copy(update=named)
    return screen(spelt, methodology.tree, {**columns, **given}, table.coded, table.units, counted)


def absent(methodology: Methodology, table: Table) -> list[str]:
    """Units that `screening:` names and the table does not have, as they are spelt there."""
    if methodology.screening is None:
        return []
    key, known = canonical_key(codelist_of(methodology)), set(table.units)
    return [unit for unit in (*methodology.screening.keep, *methodology.screening.drop) if key(unit) not in known]


def over_time(
    chains: Mapping[str, IndicatorChain],
    table: Table,
    columns: Mapping[str, Column],
    wanted: NDArray[np.bool_],
    aside: NDArray[np.bool_] | None,
) -> tuple[dict[str, Column], list[Imputed]]:
    """Columns in which gaps of the ``wanted`` rows were filled, where the method is `panel`, and what was filled.

    Nothing is taken from rows ``aside``.
    """
    filled: dict[str, Column] = {}
    found: list[Imputed] = []
    specs = {item: chain.imputer.spec for item, chain in chains.items() if isinstance(chain.imputer.spec, ImputePanel)}
    if not specs or table.periods is None:
        return filled, found
    timeline = Timeline.of(table.units, table.periods)
    for item, spec in specs.items():
        column = columns[item]
        done = fill_over_time(column.values, column.flags, timeline, spec, wanted, aside)
        if done.rows.size:
            filled[item] = Column(done.values, done.flags)
            found.append(Imputed(item, f"panel {spec.fill}", done.rows, done.values[done.rows], done.sources))
    return filled, found


def by_column_or_row(
    item: str, chain: IndicatorChain, sample: Sample, flags: StatusArray, learned: Learned
) -> Imputed | None:
    """What an indicator's own chain, or the stage after it, filled in; ``flags`` ``(rows,)`` are its scores'."""
    filled = np.isnan(sample.values) & (flags & _IMPUTED != 0)
    rows = np.flatnonzero(filled)
    if not rows.size:
        return None
    values = np.full(rows.shape, np.nan)
    if not isinstance(chain.imputer, FromOthers):
        own = sample.take(filled)
        each = own.periods if chain.fits_each_period and own.periods is not None else np.full(rows.shape, "", object)
        for period in sorted(set(each)):
            values[each == period] = chain.imputer.propose(own.take(each == period), learned[period]["impute"])
    return Imputed(item, chain.imputer.method, rows, values, np.full((rows.size, 2), -1))
