"""An index as a workbook, from raw values to ranks in formulas."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped,unused-ignore]

from dtindex.atomic import MADE, write_bytes
from dtindex.edition import Edition
from dtindex.findings import Finding, Findings, UsageError, finding
from dtindex.reports.simulated import scores_of, simulated
from dtindex.reports.workbook.formulas import Floats, Live, agrees, number, rounded
from dtindex.reports.workbook.grid import FIRST_ROW, KEYS, Grid
from dtindex.reports.workbook.indicators import Parameter, parameters_of, scored
from dtindex.reports.workbook.nodes import Members, aggregated, coverage
from dtindex.reports.workbook.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language, text
from dtindex.spec.provenance import provenances
from dtindex.status import Status

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped,unused-ignore]

    from dtindex.analysis.simulate import Simulation
    from dtindex.analysis.uncertainty.running import Progress
    from dtindex.index import CompositeIndex
    from dtindex.spec.uncertainty import Factor
    from dtindex.tables.table import Table

__all__ = ["LIVE_UNITS", "Workbook", "workbook"]

LIVE_UNITS = 1_000
"""Units up to which formulas are written: comparing each with each takes time in a spreadsheet."""
_SHOWN = 31
_SHEETS = (
    *("about", "methodology", "weights", "raw", "treated", "normalised", "coverage", "scores", "keys", "ranks"),
    *("charts", "uncertainty", "findings"),
)
_KEY_DIGITS = 12


@dataclass(frozen=True, eq=False, repr=False)
class Workbook:
    """A workbook that was made."""

    content: bytes
    """Of the ``.xlsx`` file."""
    scores: Scores
    simulation: Simulation | None
    findings: Findings
    formulas: int
    """Cells that are computed in the sheet."""
    fixed: int
    """Cells whose methods a sheet has no formula for."""

    def save(self, path: Path | str) -> Path:
        """Write it, whole or not at all; DT410 where it cannot be written."""
        return write_bytes(path, self.content)


def workbook(
    index: CompositeIndex | Edition | Scores,
    *,
    table: Table | pd.DataFrame | str | None = None,
    language: Language = "zh",
    runs: int | None = None,
    seed: int = 1,
    factors: Sequence[Factor] | None = None,
    simulation: Simulation | None = None,
    findings: Findings | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    cached: bool = True,
) -> Workbook:
    """An index as an Excel workbook that computes itself: raw, treated and normalised values, weights, coverage,
    scores, ranks and tiers, in formulas from one to the next.

    Formulas stand for the normalisations none, goalposts, min-max, z-score, target and rank, for given and equal
    weights, arithmetic, geometric, harmonic and power means, coverage and thresholds, up to 1,000 units; and only in
    cells where they give what the library gives, to 1e-9 of the scale. Other cells hold the library's figures, and are
    marked. The same arguments give the same bytes.

    Parameters
    ----------
    index, table
        What is shown: a fitted index or an edition, and a table (by default the one that was fitted); or scores.
    language
        Of the sheets: ``zh`` or ``en``.
    runs, seed, factors, simulation, workers, progress
        Of the simulation on the sheet of uncertainty, as :func:`dtindex.explorer` takes them; 0 runs: none.
    findings
        What was found on the way; those of the scores unless given.
    cached
        Whether formulas carry the figures that they give, which programs show that do not compute.

    Raises
    ------
    UsageError
        DT902: the language is neither, or a table is given with scores.

    Examples
    --------
    >>> import dtindex as dti
    >>> made = dti.workbook(dti.CompositeIndex("caict-computing-power-1.0").fit(), runs=0)
    >>> made.formulas > 1000, made.content[:2]
    (True, b'PK')
    """
    if language not in ("zh", "en"):
        raise UsageError([finding("DT902", f"language {language!r}: expected 'zh' or 'en'")])
    scores = scores_of(index, table)
    more: list[Finding] = []
    if simulation is None:
        simulation, more = simulated(index, table, scores, factors, runs, seed, workers, progress)
    every = Findings(dict.fromkeys([*(scores.findings if findings is None else findings), *more]))
    rows = scores.sorted_rows()
    writer = _Writer(Grid(scores, rows[scores.classified[rows]], language), simulation, every, cached=cached)
    content = writer.written()
    return Workbook(content, scores, simulation, every, writer.formulas, writer.fixed)


@dataclass(eq=False)
class _Writer:
    grid: Grid
    simulation: Simulation | None
    findings: Findings
    cached: bool = True
    formulas: int = 0
    fixed: int = 0
    _formats: dict[str, Any] = field(default_factory=dict)
    _pages: dict[str, Worksheet] = field(default_factory=dict)
    _rows_of: dict[str, int] = field(default_factory=dict)
    """By item, its row on the sheet of the methodology."""
    _weights_at: dict[tuple[str, str], str] = field(default_factory=dict)
    """By node and member, the cell of the weight."""
    _parameters: dict[str, list[Parameter]] = field(default_factory=dict)

    @property
    def scores(self) -> Scores:
        return self.grid.scores

    @property
    def live(self) -> bool:
        """Whether formulas are written."""
        return len(self.grid.rows) <= LIVE_UNITS

    def say(self, key: str, **values: object) -> str:
        return say(key, self.grid.language, **values)

    def name(self, sheet: str) -> str:
        return self.say(sheet)

    def written(self) -> bytes:
        """The bytes of the file."""
        import xlsxwriter  # type: ignore[import-untyped,unused-ignore]

        stream = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(stream, options) as book:
            book.set_properties({"title": self._title(), "created": MADE})
            book.set_calc_mode("auto")
            for name, style in _STYLES.items():
                self._formats[name] = book.add_format(style)
            for sheet in _SHEETS:
                self._pages[sheet] = book.add_worksheet(self.name(sheet))
            self._pages["keys"].hide()
            treated = self._tables()
            self._weights()
            self._methodology(treated)
            self._normalised(treated)
            self._scores()
            self._ranks()
            self._charts(book)
            self._uncertainty()
            self._findings()
            self._about()
            for page in self._pages.values():
                page.set_landscape()
                page.set_paper(9)
                page.fit_to_pages(1, 0)
            self._pages["scores"].activate()
        return stream.getvalue()

    # --- cells ---

    def _title(self) -> str:
        return text(self.scores.methodology.title, self.grid.language) or self.scores.methodology.id

    def _label(self, item: str) -> str:
        return text(self.scores.methodology.tree.items[item].label, self.grid.language) or item

    def _heads(self, sheet: str, items: Sequence[str]) -> None:
        """Labels above ids, keys of units on the left."""
        page, head = self._pages[sheet], self._formats["head"]
        page.write_string(0, 0, self._title(), self._formats["title"])
        page.write_string(1, 0, self.name(sheet), self._formats["title"])
        panel = self.scores.periods is not None
        for column, word in enumerate(("unit", "name", "period")[: KEYS if panel else KEYS - 1]):
            page.write_string(FIRST_ROW - 2, column, self.say(word), head)
        for at, item in enumerate(items):
            page.write_string(FIRST_ROW - 3, KEYS + at, self._label(item), head)
            page.write_string(FIRST_ROW - 2, KEYS + at, item, head)
        scores, rows = self.scores, self.grid.rows
        names = scores.names(self.grid.language)[rows]
        for at, row in enumerate(rows.tolist()):
            page.write_string(FIRST_ROW - 1 + at, 0, str(scores.units[row]))
            page.write_string(FIRST_ROW - 1 + at, 1, str(names[at]))
            if scores.periods is not None:
                page.write_string(FIRST_ROW - 1 + at, 2, str(scores.periods[row]))
        page.freeze_panes(FIRST_ROW - 1, KEYS)
        page.set_column(0, 1, 14)
        page.set_column(2, 2, 8 if panel else 6)
        page.set_column(KEYS, KEYS + max(len(items) - 1, 0), 13)

    def _number(self, page: Worksheet, row: int, column: int, value: float, style: str) -> None:
        if np.isfinite(value):
            page.write_number(row, column, float(value), self._formats[style])
        else:
            page.write_blank(row, column, None, self._formats[style])

    def _formula(self, page: Worksheet, row: int, column: int, formula: str, value: float | str, style: str) -> None:
        """A formula and what it gives; of very many units what it gives alone."""
        shown: float | str = value if isinstance(value, str) else float(value) if np.isfinite(value) else ""
        if self.live:
            page.write_formula(row, column, formula, self._formats[style], shown if self.cached else 0)
            self.formulas += 1
        elif isinstance(shown, str):
            page.write_string(row, column, shown, self._formats["fixed"])
        else:
            page.write_number(row, column, shown, self._formats["fixed"])
            self.fixed += 1

    def _column(self, sheet: str, at: int, live: Live | None, known: Floats, width: float, style: str = "live") -> None:
        """A column of figures: formulas where they agree with what is known."""
        page = self._pages[sheet]
        good = agrees(live, known, width)
        for row, (value, here) in enumerate(zip(known.tolist(), good.tolist(), strict=True)):
            if here and live is not None:
                self._formula(page, FIRST_ROW - 1 + row, KEYS + at, live.formula(FIRST_ROW + row), value, style)
            else:
                self._number(page, FIRST_ROW - 1 + row, KEYS + at, value, "fixed")
                self.fixed += int(np.isfinite(value))

    # --- sheets ---

    def _tables(self) -> dict[str, Floats]:
        """Raw values, and those after treatment; the latter by indicator."""
        grid, scores = self.grid, self.scores
        found: dict[str, Floats] = {}
        self._heads("raw", grid.entered)
        self._heads("treated", grid.leaves)
        tree = scores.methodology.tree
        for at, item in enumerate(grid.entered):
            if tree.is_node(item):
                observed = scores.flags[grid.rows, scores.items.index(item)] & np.uint16(Status.OBSERVED) != 0
                raw = np.where(observed, grid.figures(item), np.nan)
            else:
                raw = scores.measured_columns[item][grid.rows]
            for row, value in enumerate(raw.tolist()):
                self._number(self._pages["raw"], FIRST_ROW - 1 + row, KEYS + at, value, "input")
            if not tree.is_node(item):
                found[item] = self._treated(item, raw)
                cell = f"'{self.name('raw')}'!{grid.at(grid.entered, item)}"
                live = _same(cell, raw)
                self._column(
                    "treated", grid.leaves.index(item), live, found[item], float(np.nanmax(np.abs(raw), initial=0))
                )
        return found

    def _treated(self, item: str, raw: Floats) -> Floats:
        position = np.full(len(self.scores), -1)
        position[self.grid.rows] = np.arange(len(self.grid.rows))
        values = raw.copy()
        for filled in self.scores.imputations:
            if filled.item == item:
                here = position[filled.rows] >= 0
                values[position[filled.rows[here]]] = filled.values[here]
        for moved in self.scores.treatments:
            if moved.item == item:
                here = position[moved.rows] >= 0
                values[position[moved.rows[here]]] = moved.after[here]
        return values

    def _weights(self) -> None:
        page, head, grid, scores = self._pages["weights"], self._formats["head"], self.grid, self.scores
        page.write_string(0, 0, self._title(), self._formats["title"])
        page.write_string(1, 0, self.name("weights"), self._formats["title"])
        for at, word in enumerate(("parent", "item", "label", "weight", "share", "effective")):
            page.write_string(2, at, self.say(word), head)
        row = 3
        effective: dict[str, tuple[str, float]] = {}
        for node in grid.items:
            if not scores.methodology.tree.is_node(node):
                continue
            members, weights = scores.plan.members.get(node, ()), scores.weights.get(node, ())
            start = row
            for member, weight in zip(members, weights, strict=False):
                page.write_string(row, 0, node)
                page.write_string(row, 1, member)
                page.write_string(row, 2, self._label(member))
                page.write_number(row, 3, float(weight), self._formats["input"])
                total = float(sum(weights))
                share = float(weight) / total if total else 0.0
                inside = f"D{start + 1}:D{start + len(weights)}"
                self._formula(page, row, 4, f"=D{row + 1}/SUM({inside})", share, "live")
                above = effective.get(node)
                whole = share * (1.0 if above is None else above[1])
                formula = f"=E{row + 1}" if above is None else f"=E{row + 1}*{above[0]}"
                self._formula(page, row, 5, formula, whole, "live")
                effective[member] = (f"F{row + 1}", whole)
                self._weights_at[node, member] = f"'{self.name('weights')}'!$D${row + 1}"
                row += 1
        page.set_column(0, 1, 22)
        page.set_column(2, 2, 30)
        page.set_column(3, 5, 16)
        page.freeze_panes(3, 0)

    def _methodology(self, treated: Mapping[str, Floats]) -> None:
        page, head, grid = self._pages["methodology"], self._formats["head"], self.grid
        methodology, tree = self.scores.methodology, self.scores.methodology.tree
        page.write_string(0, 0, self._title(), self._formats["title"])
        page.write_string(1, 0, self.name("methodology"), self._formats["title"])
        words = (
            "item",
            "label",
            "parent",
            "kind",
            "measure",
            "direction",
            "method",
            "scale",
            "first",
            "second",
            "least",
        )
        for at, word in enumerate((*words, "provenance", "source")):
            page.write_string(2, at, self.say(word), head)
        stated: dict[str, str] = {}
        for one in provenances(methodology, grid.language):
            told_of = f"{one.parameter}: {one.origin}" + (f" ({one.check})" if one.check else "")
            stated[one.item] = f"{stated[one.item]}; {told_of}" if one.item in stated else told_of
        for row, item in enumerate(grid.items, start=3):
            spec = tree.items[item]
            self._rows_of[item] = row + 1
            is_node = tree.is_node(item)
            method = tree.nodes[item].aggregate.method if is_node else tree.indicators[item].normalise.method
            scale = tree.scale(item)
            told = [
                item,
                self._label(item),
                spec.parent or "",
                self.say("node" if is_node else "indicator"),
                "" if is_node else text(spec.unit, grid.language) or "",
                "" if is_node else self.say(tree.indicators[item].direction),
                method,
                "open" if scale == "open" else f"{scale[0]:g} - {scale[1]:g}",
            ]
            for at, word in enumerate(told):
                page.write_string(row, at, str(word))
            if is_node:
                page.write_number(row, 10, float(tree.nodes[item].coverage.at_least))
            else:
                self._parameters[item] = self._told_parameters(page, row, item, treated[item])
            page.write_string(row, 11, stated.get(item, ""))
            page.write_string(row, 12, spec.source or "")
        page.set_column(0, 2, 20)
        page.set_column(3, 10, 15)
        page.set_column(11, 12, 40)
        page.freeze_panes(3, 2)

    def _told_parameters(self, page: Worksheet, row: int, item: str, treated: Floats) -> list[Parameter]:
        cells = self.grid.column(self.name("treated"), self.grid.leaves, item)
        found = parameters_of(self.scores, item, treated, cells)
        for at, one in enumerate(found):
            if one.formula is not None:
                self._formula(page, row, 8 + at, one.formula, one.value, "live")
            else:
                page.write_number(row, 8 + at, one.value, self._formats["input"])
        return found

    def _normalised(self, treated: Mapping[str, Floats]) -> None:
        grid = self.grid
        self._heads("normalised", grid.leaves)
        for at, item in enumerate(grid.leaves):
            column = grid.at(grid.leaves, item)
            cell = f"'{self.name('treated')}'!{column}{{row}}"
            cells = grid.column(self.name("treated"), grid.leaves, item)
            known = {
                one.name: (f"'{self.name('methodology')}'!${'IJ'[place]}${self._rows_of[item]}", one.value)
                for place, one in enumerate(self._parameters[item])
            }
            live = scored(self.scores, item, treated[item], cell, cells, known)
            self._column("normalised", at, live, grid.figures(item), self.scores.widths[item])

    def _scores(self) -> None:
        grid, scores = self.grid, self.scores
        for sheet in ("scores", "coverage"):
            self._heads(sheet, grid.items)
        covered: dict[str, Floats] = {}
        tree = scores.methodology.tree
        self._weights_above()
        for at, item in reversed(list(enumerate(grid.items))):  # members before their node
            figures = grid.figures(item)
            column = xl_col_to_name(KEYS + at)
            if not tree.is_node(item):
                cell = f"'{self.name('normalised')}'!{grid.at(grid.leaves, item)}"
                live: Live | None = _same(cell, figures)
                covered[item] = (~np.isnan(figures)).astype(np.float64)
                cover: Live | None = Live(
                    lambda row, column=column: f"=IF(ISNUMBER('{self.name('scores')}'!{column}{row}),1,0)",  # type: ignore[misc]
                    covered[item],
                )
            else:
                live, cover = self._node(item, at, covered)
                covered[item] = self._known(item)
            self._column("scores", at, live, figures, scores.widths[item], "score" if tree.is_node(item) else "live")
            self._column("coverage", at, cover, covered[item], 1.0)
        page = self._pages["scores"]
        for at, item in enumerate(grid.items):
            if tree.is_node(item):
                first, last = FIRST_ROW - 1, grid.last_row - 1
                page.conditional_format(first, KEYS + at, last, KEYS + at, {"type": "data_bar", "bar_solid": True})

    def _known(self, node: str) -> Floats:
        """How much of a node is known, as the library says."""
        found: Floats = self.scores.coverage_values[self.grid.rows, self.scores.items.index(node)]
        return found

    def _weights_above(self) -> None:
        """Above each score its weight, so that a mean finds them side by side, as it does the scores."""
        page = self._pages["scores"]
        page.write_string(2, KEYS - 1, self.say("weight"), self._formats["head"])
        for at, item in enumerate(self.grid.items):
            parent = self.scores.methodology.tree.items[item].parent
            if parent is not None and (parent, item) in self._weights_at:
                weights = dict(zip(self.scores.plan.members[parent], self.scores.weights[parent], strict=True))
                self._formula(page, 2, KEYS + at, f"={self._weights_at[parent, item]}", float(weights[item]), "live")

    def _node(self, node: str, at: int, covered: Mapping[str, Floats]) -> tuple[Live | None, Live | None]:
        """The formulas of a node's score and coverage."""
        grid, scores = self.grid, self.scores
        tree, own = scores.methodology.tree, xl_col_to_name(KEYS + at)
        members = scores.plan.members.get(node, ())
        settings = tree.nodes[node]
        score = cover = None
        neighbours = [grid.items.index(one) for one in members if one in grid.items]
        together = bool(members) and neighbours == list(range(neighbours[0], neighbours[0] + len(members)))
        if together and all((node, one) in self._weights_at for one in members):
            group = Members(
                [f"'{self.name('scores')}'!{xl_col_to_name(KEYS + one)}{{row}}" for one in neighbours],
                [f"'{self.name('coverage')}'!{xl_col_to_name(KEYS + one)}{{row}}" for one in neighbours],
                [f"'{self.name('scores')}'!{xl_col_to_name(KEYS + one)}$3" for one in neighbours],
                np.column_stack([grid.figures(one) for one in members]),
                np.column_stack([covered[one] for one in members]),
                np.array(scores.weights[node], dtype=np.float64),
                [len(tree.leaves(one)) for one in members],
            )
            cover = coverage(settings, group)
            known = self._known(node)
            score = aggregated(scores, node, group, f"'{self.name('coverage')}'!{own}{{row}}", known)
        if settings.spec.column is None:
            return score, cover
        return self._observed(node, score), self._observed(node, cover, 1.0)

    def _observed(self, node: str, computed: Live | None, instead: float | None = None) -> Live:
        """What the table gives where it does, else what was computed."""
        grid, scores = self.grid, self.scores
        cell = f"'{self.name('raw')}'!{grid.at(grid.entered, node)}"
        here = scores.flags[grid.rows, scores.items.index(node)] & np.uint16(Status.OBSERVED) != 0
        value = grid.figures(node) if instead is None else np.full(len(here), instead)
        otherwise = np.full(len(here), np.nan) if computed is None else computed.gives

        def formula(row: int) -> str:
            rest = '""' if computed is None else computed.formula(row).removeprefix("=")
            taken = f"{cell}{row}" if instead is None else number(instead)
            return f"=IF(ISNUMBER({cell}{row}),{taken},{rest})"

        return Live(formula, np.where(here, value, otherwise))

    def _ranks(self) -> None:
        grid, scores = self.grid, self.scores
        tree = scores.methodology.tree
        nodes = tuple(item for item in grid.items if tree.is_node(item))
        for sheet in ("keys", "ranks"):
            self._heads(sheet, nodes)
        for at, node in enumerate(nodes):
            decimals, width = scores.rank_decimals(node), scores.widths[node]
            ranks = scores.rank(node)[grid.rows].astype(np.float64)
            ranks[ranks == 0] = np.nan
            figures = np.where(np.isnan(ranks), np.nan, grid.figures(node))
            cell = f"'{self.name('scores')}'!{grid.at(grid.items, node)}"
            keys = np.round(figures / width, _KEY_DIGITS) if decimals is None else rounded(figures, decimals)
            taken = f"ROUND({{}}/{number(width)},{_KEY_DIGITS})" if decimals is None else f"ROUND({{}},{decimals})"
            live = Live(
                lambda row, cell=cell, taken=taken: (  # type: ignore[misc]
                    f'=IF(ISNUMBER({cell}{row}),{taken.format(f"{cell}{row}")},"")'
                ),
                keys,
            )
            self._column("keys", at, live, keys, 1.0 if decimals is None else width)
            self._column("ranks", at, self._rank(node, nodes, keys), ranks, 1e6)
        self._tiers(nodes)

    def _rank(self, node: str, nodes: Sequence[str], keys: Floats) -> Live:
        """One more than the number of units of the period with a larger key."""
        grid, scores = self.grid, self.scores
        cells, cell = grid.column(self.name("keys"), nodes, node), f"'{self.name('keys')}'!{grid.at(nodes, node)}"
        periods = None if scores.periods is None else scores.periods[grid.rows]
        larger = keys[None, :] > keys[:, None]
        same = "" if periods is None else f"*({grid.periods(self.name('keys'))}='{self.name('keys')}'!$C{{row}})"
        if periods is not None:
            larger &= periods[None, :] == periods[:, None]
        gives = np.where(np.isnan(keys), np.nan, 1.0 + larger.sum(axis=1))

        def formula(row: int) -> str:
            here = f"{cell}{row}"
            among = same.replace("{row}", str(row))
            return f'=IF(ISNUMBER({here}),1+SUMPRODUCT(ISNUMBER({cells})*({cells}>{here}){among}),"")'

        return Live(formula, gives)

    def _tiers(self, nodes: Sequence[str]) -> None:
        """The tier of each unit, by the thresholds of the methodology, which stand in the formulas."""
        grid, scores, page = self.grid, self.scores, self._pages["ranks"]
        for at, rule in enumerate(scores.tier_rules):
            column, node = KEYS + len(nodes) + 1 + at, rule.node
            page.write_string(FIRST_ROW - 3, column, f"{self.say('tier')}: {self._label(node)}", self._formats["head"])
            page.write_string(FIRST_ROW - 2, column, node, self._formats["head"])
            page.set_column(column, column, 16)
            labels = {level.id: text(level.label, grid.language) or level.id for level in rule.levels}
            bounds = [(labels[level.id], float(level.at_least)) for level in rule.levels if level.at_least is not None]
            rest = next((labels[level.id] for level in rule.levels if level.at_least is None), "")
            decimals, width = scores.rank_decimals(node), scores.widths[node]
            key = f"'{self.name('keys')}'!{grid.at(nodes, node)}"
            tiers = scores.tier_values[node][grid.rows]
            figures = grid.figures(node)
            for row, (tier, figure) in enumerate(zip(tiers.tolist(), figures.tolist(), strict=True)):
                shown = labels.get(str(tier), "")
                if not np.isfinite(figure):
                    page.write_string(FIRST_ROW - 1 + row, column, shown, self._formats["fixed"])
                    continue
                formula = f'"{_escaped(rest)}"'
                for label, bound in reversed(bounds):
                    least = round(bound / width, _KEY_DIGITS) if decimals is None else bound
                    formula = f'IF({key}{FIRST_ROW + row}>={number(least)},"{_escaped(label)}",{formula})'
                given = next((label for label, bound in bounds if _reaches(figure, bound, decimals, width)), rest)
                if given == shown:
                    whole = f'=IF(ISNUMBER({key}{FIRST_ROW + row}),{formula},"")'
                    ranked = scores.rank(node)[grid.rows[row]] > 0
                    self._formula(page, FIRST_ROW - 1 + row, column, whole, shown if ranked else "", "live")
                else:
                    page.write_string(FIRST_ROW - 1 + row, column, shown, self._formats["fixed"])
                    self.fixed += 1

    def _charts(self, book: Any) -> None:
        """The ranking as bars, and the first three as a radar, of figures that the sheets compute."""
        grid, scores, page = self.grid, self.scores, self._pages["charts"]
        root, sheet, head = scores.root, self.name("charts"), self._formats["head"]
        ranks = scores.rank(root)[grid.rows]
        order = [row for row in np.argsort(ranks, kind="stable").tolist() if ranks[row] > 0]
        if scores.periods is not None and order:
            last = scores.periods_in_order[-1]
            order = [row for row in order if scores.periods[grid.rows[row]] == last]
        page.write_string(0, 0, self.say("ranking"), self._formats["title"])
        names = scores.names(grid.language)[grid.rows]
        shown = order[:_SHOWN]
        for at, row in enumerate(shown, start=1):
            page.write_string(at, 0, str(names[row]))
            cell = f"='{self.name('scores')}'!{grid.at(grid.items, root)}{FIRST_ROW + row}"
            self._formula(page, at, 1, cell, float(grid.figures(root)[row]), "score")
        if shown:
            bars = book.add_chart({"type": "bar"})
            bars.add_series(
                {"categories": [sheet, 1, 0, len(shown), 0], "values": [sheet, 1, 1, len(shown), 1], "gap": 40}
            )
            bars.set_title({"name": f"{self._title()}: {self.say('ranking')}"})
            bars.set_legend({"none": True})
            bars.set_y_axis({"reverse": True})
            bars.set_size({"width": 620, "height": 90 + 22 * len(shown)})
            page.insert_chart(0, 12, bars)
        children = [one for one in scores.plan.members.get(root, ()) if one in grid.items]
        if len(children) >= 3 and order:
            top = order[:3]
            for at, row in enumerate(top, start=4):
                page.write_string(0, at, str(names[row]), head)
            page.write_string(0, 4 + len(top), self.say("average"), head)
            for line, child in enumerate(children, start=1):
                page.write_string(line, 3, self._label(child))
                column = grid.at(grid.items, child)
                for at, row in enumerate(top, start=4):
                    cell = f"='{self.name('scores')}'!{column}{FIRST_ROW + row}"
                    self._formula(page, line, at, cell, float(grid.figures(child)[row]), "score")
                known = grid.figures(child)[~np.isnan(grid.figures(child))]
                cells = grid.column(self.name("scores"), grid.items, child)
                mean = float(known.mean()) if known.size else np.nan
                self._formula(page, line, 4 + len(top), f'=IF(COUNT({cells})>0,AVERAGE({cells}),"")', mean, "score")
            radar = book.add_chart({"type": "radar", "subtype": "with_markers"})
            for at in range(len(top) + 1):
                radar.add_series(
                    {
                        "name": [sheet, 0, 4 + at],
                        "categories": [sheet, 1, 3, len(children), 3],
                        "values": [sheet, 1, 4 + at, len(children), 4 + at],
                    }
                )
            radar.set_title({"name": self.say("profiles")})
            radar.set_size({"width": 520, "height": 420})
            page.insert_chart(len(children) + 3, 3, radar)
        page.set_column(0, 0, 16)
        page.set_column(3, 3, 22)

    def _uncertainty(self) -> None:
        page, found = self._pages["uncertainty"], self.simulation
        page.write_string(0, 0, self.name("uncertainty"), self._formats["title"])
        if found is None:
            page.write_string(1, 0, self.say("no runs"))
            return
        told = self.say("runs", runs=found.runs, seed=found.seed, confidence=100 * found.confidence)
        page.write_string(1, 0, told)
        words = ("unit", "name", "rank", "mean", "low", "median", "high")
        for at, word in enumerate(words):
            page.write_string(3, at, self.say(word), self._formats["head"])
        frame = found.rank_intervals
        names = dict(
            zip(self.scores.units[self.grid.rows], self.scores.names(self.grid.language)[self.grid.rows], strict=True)
        )
        for row, (unit, own) in enumerate(frame.iterrows(), start=4):
            page.write_string(row, 0, str(unit))
            page.write_string(row, 1, str(names.get(unit, own["name"])))
            for at, word in enumerate(words[2:], start=2):
                self._number(page, row, at, float(own[word]), "fixed")
        page.freeze_panes(4, 2)
        page.set_column(0, 6, 13)

    def _findings(self) -> None:
        page = self._pages["findings"]
        page.write_string(0, 0, self.name("findings"), self._formats["title"])
        for at, word in enumerate(("code", "severity", "message", "place")):
            page.write_string(2, at, self.say(word), self._formats["head"])
        for row, one in enumerate(self.findings, start=3):
            place = ", ".join(f"{name} {value}" for name, value in one.place.to_dict().items() if name != "file")
            for at, word in enumerate((one.code, str(one.severity), one.message, place)):
                page.write_string(row, at, word)
        page.set_column(2, 2, 90)
        page.set_column(3, 3, 40)

    def _about(self) -> None:
        page, scores, methodology = self._pages["about"], self.scores, self.scores.methodology
        lines = [
            (self.say("title"), self._title()),
            ("id", methodology.id),
            (self.say("hash"), methodology.hash),
            (self.say("assumptions"), ", ".join(scores.assumptions)),
            *([(self.say("synthetic"), scores.synthetic)] if scores.synthetic else []),
        ]
        page.write_string(0, 0, self._title(), self._formats["title"])
        for row, (what, told) in enumerate(lines, start=2):
            page.write_string(row, 0, what, self._formats["head"])
            page.write_string(row, 1, told)
        row = 3 + len(lines)
        page.write_string(row, 0, self.say("how"), self._formats["head"])
        legend = [("live", "plain"), ("input", "input"), ("frozen", "fixed")] if self.live else [("too many", "plain")]
        for at, (word, style) in enumerate(legend, start=1):
            page.write_string(row + at, 0, self.say(word), self._formats[style])
        row += len(legend) + 1
        page.write_string(row, 0, self.say("count"))
        page.write_string(row, 1, f"{self.formulas:,} / {self.fixed:,}")
        page.write_string(row + 2, 0, self.say("sources"), self._formats["head"])
        for at, one in enumerate(methodology.sources, start=3):
            named = (one.title, one.publisher)
            parts = [one.id, *(text(word, self.grid.language) or "" for word in named), str(one.year or "")]
            page.write_string(row + at, 0, ", ".join(part for part in parts if part))
        page.set_column(0, 0, 34)
        page.set_column(1, 1, 80)


_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"},
    "plain": {},
    "live": {"num_format": "0.####"},
    "score": {"num_format": "0.00", "bold": True},
    "input": {"bg_color": "#FFF7D6"},
    "fixed": {"font_color": "#7A7A7A", "italic": True},
}


def _same(cell: str, gives: Floats) -> Live:
    """What stands in another cell; an empty one stays empty, and is no zero."""
    return Live(lambda row: f'=IF(ISNUMBER({cell}{row}),{cell}{row},"")', gives)


def _reaches(figure: float, bound: float, decimals: int | None, width: float) -> bool:
    if decimals is None:
        return round(figure / width, _KEY_DIGITS) >= round(bound / width, _KEY_DIGITS)
    return float(rounded(np.array([figure]), decimals)[0]) >= bound


def _escaped(word: str) -> str:
    return word.replace('"', '""')
