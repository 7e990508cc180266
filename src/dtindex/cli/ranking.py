"""The ranking as a person reads it: rank, unit, score with a bar, tier, and the score of each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.cli.console import new_table
from dtindex.cli.words import kind_word, say
from dtindex.engine.keys import round_half_up
from dtindex.spec.base import Language, text
from dtindex.spec.classes import SCHEME
from dtindex.spec.provenance import is_assumed
from dtindex.steps.classify import UNKNOWN

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dtindex.cli.console import Console
    from dtindex.scores import Scores
    from dtindex.spec.methods import Tiers

__all__ = ["Ranking", "number"]

_BAR = (6, 24)
_NOTHING = "–"


def number(value: float, decimals: int, width: float = 100.0) -> str:
    """A score as it is printed: rounded half up, as it is ranked."""
    if np.isnan(value):
        return _NOTHING
    return f"{float(round_half_up(np.array([value]), decimals, width)[0]) + 0.0:.{decimals}f}"


@dataclass(frozen=True)
class Ranking:
    """The ranking of one root among some rows."""

    scores: Scores
    root: str
    names: Sequence[str]
    rows: NDArray[np.intp]
    """Row positions, of one period, in the order of files."""
    language: Language

    @property
    def ranked(self) -> list[int]:
        """Rows with a rank, best first; ties in the order of files."""
        ranks = self.scores.rank(self.root)[self.rows]
        order = np.argsort(ranks, kind="stable")
        return [int(self.rows[position]) for position in order if ranks[position] > 0]

    @property
    def unranked(self) -> list[int]:
        """Rows that could be ranked, and have no score."""
        known = self.scores.rank(self.root)[self.rows] > 0
        return [int(row) for row in self.rows[~known & self.scores.ranked[self.rows]]]

    @property
    def set_aside(self) -> list[int]:
        """Rows that are not to be ranked: totals, and what the `ranked` column says no to."""
        out = set(self.screened)
        return [int(row) for row in self.rows[~self.scores.ranked[self.rows]] if int(row) not in out]

    @property
    def screened(self) -> list[int]:
        """Rows that `screening:` took out."""
        screened = self.scores.screened
        return [] if screened is None else [int(row) for row in self.rows[screened.out[self.rows]]]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Children of the root that have scores."""
        return tuple(child for child in self.scores.methodology.tree.children[self.root] if child in self.scores.items)

    def table(self, console: Console, top: int | None) -> RichTable:
        """The table, with as long a bar as there is room for."""
        shown = self.ranked[:top]
        room = self._room(console, shown)
        return self._table(console, shown, room)

    def _room(self, console: Console, shown: Sequence[int]) -> int:
        if console.width is None:
            return _BAR[1]
        folded, _ = console.measure(self._table(console, shown, 0))
        left = console.width - folded - 2
        return 0 if left < _BAR[0] else min(left, _BAR[1])

    def _table(self, console: Console, shown: Sequence[int], bar: int) -> RichTable:
        tree, language = self.scores.methodology.tree, self.language
        table = new_table()
        table.add_column(say("rank", language), justify="right", no_wrap=True)
        table.add_column(kind_word(self.scores.methodology.units.kind, language), no_wrap=True)
        table.add_column(say("score", language), justify="right", no_wrap=True, style="bold")
        if bar:
            table.add_column("", min_width=bar, max_width=bar, no_wrap=True, style="cyan")
        if self._tiers is not None:
            table.add_column(self._tier_head())
        for scheme in self.scores.class_values:
            table.add_column(self._class_head(scheme))
        for dimension in self.dimensions:
            table.add_column(tree.items[dimension].name(language), justify="right")
        bars = self._bars(shown, bar, "▇" if console.draws else "#") if bar else [[]] * len(shown)
        for row, drawn in zip(shown, bars, strict=True):
            table.add_row(*self._leading(row), *drawn, *self._following(row))
        return table

    def _leading(self, row: int) -> list[str]:
        return [str(self.scores.rank(self.root)[row]), self.names[row], self.printed(self.root, row)]

    def _following(self, row: int) -> list[str]:
        tier = [] if self._tiers is None else [self._tier(row)]
        classes = [self._class(scheme, row) for scheme in self.scores.class_values]
        return tier + classes + [self.printed(dimension, row) for dimension in self.dimensions]

    def printed(self, item: str, row: int) -> str:
        """The score of an item in a row, as it is printed."""
        return number(float(self.scores.column(item)[row]), self._decimals[item], self.scores.widths[item])

    @cached_property
    def _decimals(self) -> dict[str, int]:
        """As many as tell the ranks of the root apart; of a dimension at most three."""
        root = {self.root: self.scores.printed_decimals(self.root)}
        return root | {item: self.scores.printed_decimals(item, most=3) for item in self.dimensions}

    def _bars(self, shown: Sequence[int], width: int, block: str) -> list[list[str]]:
        """Bars from zero, or from the lowest score where that is below zero."""
        values = self.scores.column(self.root)[list(shown)]
        if not values.size:
            return []
        low = min(0.0, float(values.min()))
        span = float(values.max()) - low or 1.0
        return [[block * round((value - low) / span * width)] for value in values.tolist()]

    # -- tiers --

    @property
    def _tiers(self) -> Tiers | None:
        if self.root not in self.scores.tier_values:
            return None
        return next(rule for rule in self.scores.methodology.tiers if rule.node == self.root)

    def _tier_head(self) -> str:
        rule = self._tiers
        assert rule is not None
        return self._marked(say("tier", self.language), is_assumed(rule.provenance))

    def _marked(self, head: str, assumed: bool) -> str:
        """An assumed parameter is labelled so wherever figures rest on it."""
        return f"{head} ({say('assumed', self.language)})" if assumed else head

    # -- classes --

    def _class_head(self, scheme: str) -> str:
        rules = [rule for rule in self.scores.methodology.classes if rule.scheme == scheme]
        head = say("class", self.language) if scheme == SCHEME else scheme
        return self._marked(head, any(is_assumed(rule.provenance) for rule in rules))

    def _class(self, scheme: str, row: int) -> str:
        labels = {rule.id: text(rule.label, self.language, rule.id) for rule in self.scores.methodology.classes}
        found = str(self.scores.class_values[scheme][row])
        return say("unknown", self.language) if found == UNKNOWN else labels.get(found, _NOTHING)

    def _tier(self, row: int) -> str:
        rule = self._tiers
        assert rule is not None
        tier = str(self.scores.tier_values[self.root][row])
        labels = {level.id: text(level.label, self.language, level.id) for level in rule.levels}
        return labels.get(tier, _NOTHING)
