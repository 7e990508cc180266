"""What `simulate` prints: what was drawn, each unit's rank with its interval, the chances of tiers and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.cli.console import Console, new_table
from dtindex.cli.ranking import number
from dtindex.spec.base import text
from dtindex.spec.provenance import is_assumed

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dtindex.analysis.simulate import Simulation

__all__ = ["print_simulation"]

_MOST = 60
_WORDS = {
    "runs": ("runs", "次模拟"),
    "drawn": ("Drawn anew in each run", "每次模拟重新抽取"),
    "default": ("default: the methodology does not say what is uncertain", "默认设定：方法文件未说明不确定性"),
    "rank": ("rank", "排名"),
    "unit": ("unit", "单元"),
    "score": ("score", "得分"),
    "interval": ("interval of the rank", "排名区间"),
    "median": ("median", "中位数"),
    "observed": ("observed", "观测范围"),
    "scores": ("interval of the score", "得分区间"),
    "top": ("first", "前"),
    "shift": ("mean shift in rank", "平均排名变动"),
    "accuracy": ("a probability is known to", "概率的误差不超过"),
    "failed": ("runs left out", "次模拟未计入"),
    "more": ("more units; -o DIR writes all", "个单元未显示；-o DIR 写出全部"),
    "tier": ("chance of", "概率："),
    "assumption": ("these scores rest on it; it is not published", "得分依赖于该假设；它未公开"),
    "synthetic": ("these rows were made up", "这些数据为合成数据"),
}


def print_simulation(console: Console, found: Simulation, top: int) -> None:
    """The ranking with what is known of it; the files hold more."""
    page = _Page(console, found, top)
    page.head()
    page.drawn()
    if found.runs:  # stopped before the first block there is nothing to tell
        page.ranks()
        page.foot()


class _Page:
    def __init__(self, console: Console, found: Simulation, top: int) -> None:
        self.console = console
        self.found = found
        self.top = min(top, len(found.units))
        methodology = found.scores.methodology
        self.title = text(methodology.title, console.language, methodology.id)
        self.node = methodology.tree.items[found.node].name(console.language)

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.console.language == "zh" else 0]

    def head(self) -> None:
        found = self.found
        period = "" if found.period is None else f", {found.period}"
        failed = sum(found.failed.values())
        left = f" ({failed:,} {self.word('failed')})" if failed else ""
        self.console.say(f"{self.title}: {self.node}{period}", "bold")
        self.console.say(f"{found.runs:,} {self.word('runs')}{left}, {found.method}, seed {found.seed}")

    def drawn(self) -> None:
        from dtindex.analysis.uncertainty.factors import described

        found = self.found
        default = f" ({self.word('default')})" if found.default_factors else ""
        self.console.say(f"{self.word('drawn')}{default}:")
        for factor in found.factors:
            name = text(factor.label, self.console.language, factor.id)
            self.console.say(f"  {name}: {described(factor)}")
        self.console.say()

    def ranks(self) -> None:
        found = self.found
        order = np.argsort(found.reference_ranks, kind="stable")
        table = new_table()
        for key, right in (("rank", True), ("unit", False), ("score", True)):
            table.add_column(self.word(key), justify="right" if right else "left", no_wrap=True)
        share = f"{100 * found.confidence:g} %"
        for head in (f"{share} {self.word('interval')}", self.word("observed"), f"{share} {self.word('scores')}"):
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column(self._first(), justify="right", no_wrap=True)
        tiers = self._tiers(table)
        ranks, scores, firsts = found.rank_intervals, found.score_intervals, found.top(self.top)
        decimals = found.scores.printed_decimals(found.node)
        names = found.scores.names(self.console.language)
        known = dict(zip(found.scores.units, names, strict=True))
        for place in order[:_MOST].tolist():
            rank, score = ranks.iloc[place], scores.iloc[place]
            table.add_row(
                str(int(rank["rank"])),
                str(known[found.units[place]]),
                number(float(score["score"]), decimals),
                _range(int(rank["low"]), int(rank["high"])),
                _range(int(rank["least"]), int(rank["most"])),
                f"{number(float(score['low']), decimals)} – {number(float(score['high']), decimals)}",
                _chance(float(firsts.iloc[place])),
                *(_chance(float(found.tier_probabilities.iloc[place][tier])) for tier in tiers),
            )
        self.console.show(table)
        if len(order) > _MOST:
            self.console.say(f"… {len(order) - _MOST} {self.word('more')}", "dim")

    def _first(self) -> str:
        return f"{self.word('top')} {self.top}" if self.console.language == "en" else f"{self.word('top')}{self.top}名"

    def _tiers(self, table: RichTable) -> list[str]:
        """Columns for the tiers but the last, which is the rest."""
        found = self.found
        rule = next((one for one in found.scores.methodology.tiers if one.node == found.node), None)
        ids = [str(tier) for tier in found.tier_probabilities.columns][:-1]
        labels = {} if rule is None else {level.id: level.label for level in rule.levels}
        assumed = rule is not None and is_assumed(rule.provenance)
        for tier in ids:
            name = text(labels.get(tier), self.console.language, tier)
            table.add_column(f"{self.word('tier')} {name}{' *' if assumed else ''}", justify="right", no_wrap=True)
        return ids

    def foot(self) -> None:
        found = self.found
        statistics = dict(zip(found.convergence["statistic"], found.convergence["value"], strict=True))
        half = float(statistics["rank probability, half width of the 95 % interval"])
        self.console.say()
        self.console.say(f"{self.word('shift')}: {found.mean_shift:.2f}; {self.word('accuracy')} ±{half:.4f}")
        for name in found.scores.assumptions:
            self.console.say(f"ASSUMPTION {name}: {self.word('assumption')}", "bold yellow")
        if found.scores.synthetic is not None:
            self.console.say(f"SYNTHETIC: {self.word('synthetic')} ({found.scores.synthetic})", "bold yellow")


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} – {high}"


def _chance(share: float) -> str:
    if np.isnan(share):
        return "–"
    if share in (0.0, 1.0):
        return "0" if share == 0.0 else "1"
    return "<0.001" if share < 0.001 else ">0.999" if share > 0.999 else f"{share:.3f}"
