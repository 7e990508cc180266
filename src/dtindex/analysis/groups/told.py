"""A comparison as readers are told it: a row an outcome, in the words of a chapter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dtindex.analysis.groups.figure import Figure
from dtindex.analysis.groups.frame import told_p
from dtindex.analysis.groups.members import Groups
from dtindex.analysis.groups.multiplicity import Adjust
from dtindex.analysis.groups.outcome import OutcomeComparison
from dtindex.spec.base import Language, text
from dtindex.spec.model import Methodology

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["stars", "told_table"]

_WORDS = {
    "outcome": ("Outcome", "指标"),
    "group": ("Group", "组别"),
    "against": ("Against", "对照"),
    "told": ("Difference", "差异"),
    "interval": ("{} % interval", "{}% 区间"),
    "holm": ("p (Holm)", "p（Holm）"),
    "bh": ("p (BH)", "p（BH）"),
    "plain": ("p", "p"),
    "stars": ("Sig.", "显著性"),
    "test": ("Test", "检验"),
    "n": ("n", "样本量"),
    "adjusted": ("With controls", "控制变量后"),
    "remark": ("Remark", "备注"),
    "lacking": ("not computable", "无法计算"),
    "difference": ("Welch t", "Welch t 检验"),
    "difference weighted": ("weighted t", "加权 t 检验"),
    "two_proportions": ("two shares", "两比例检验"),
    "permutation": ("permutation", "置换检验"),
    "exact": ("exact", "精确检验"),
    "clusters": ("clusters", "聚类稳健检验"),
    "circular": ("also an input of the groups", "亦为分组依据"),
    "small": ("small group", "样本过小"),
    "unweighted": ("test without weights", "检验未加权"),
    "unclustered": ("test without clusters", "检验未计聚类"),
    "points": ("points", "个百分点"),
}
_NOTHING = "–"


def stars(p_value: float | None) -> str:
    """``***`` below 0.001, ``**`` below 0.01, ``*`` below 0.05."""
    return "" if p_value is None else "*" * sum(p_value < bound for bound in (0.05, 0.01, 0.001))


def told_table(
    found: Sequence[OutcomeComparison],
    methodology: Methodology,
    groups: Groups,
    *,
    adjust: Adjust | None,
    confidence: float,
    controlled: bool,
    language: Language,
) -> pd.DataFrame:
    """One row an outcome (and pair of groups), all of it text; groups head their columns where there is one pair."""
    import pandas as pd

    page = _Page(methodology, groups, language)
    pairs = list(dict.fromkeys((one.group, one.against) for one in found))
    rows = [
        page.row(one, p_value, pairs, adjust, confidence, controlled)
        for one, p_value in zip(found, told_p(found, adjust), strict=True)
    ]
    remark = page.word("remark")
    if not any(row[remark] for row in rows):
        rows = [{head: cell for head, cell in row.items() if head != remark} for row in rows]
    return pd.DataFrame(rows)


class _Page:
    def __init__(self, methodology: Methodology, groups: Groups, language: Language) -> None:
        self.items = methodology.tree.items
        self.groups = groups
        self.language: Language = language
        self.space = "" if language == "zh" else " "

    def word(self, key: str) -> str:
        return _WORDS[key][self.language == "zh"]

    def row(
        self,
        one: OutcomeComparison,
        p_value: float | None,
        pairs: Sequence[tuple[str, str]],
        adjust: Adjust | None,
        confidence: float,
        controlled: bool,
    ) -> dict[str, str]:
        names = (self.groups.label(one.group, self.language), self.groups.label(one.against, self.language))
        cells = {self.word("outcome"): self._outcome(one.outcome)}
        heads = names if len(pairs) == 1 else (self.word("group"), self.word("against"))
        for head, name, level in zip(heads, names, one.levels, strict=True):
            shown = self._level(level, one.binary)
            cells[head] = shown if len(pairs) == 1 else f"{name}: {shown}"
        interval = self.word("interval").format(f"{100 * confidence:g}")
        cells[self.word("told")] = self._told(one, names)
        cells[interval] = self._interval(one)
        if controlled:
            cells[self.word("adjusted")] = self._adjusted(one)
        cells[self.word(adjust or "plain")] = _p(p_value)
        cells[self.word("stars")] = stars(p_value)
        cells[self.word("test")] = self._test(one)
        cells[self.word("n")] = " / ".join(f"{count:,}" for count in one.members)
        cells[self.word("remark")] = self._remark(one)
        return cells

    def _outcome(self, outcome: str) -> str:
        item = self.items[outcome]
        unit = text(item.unit, self.language)
        name = item.name(self.language)
        if not unit:
            return name
        return f"{name}（{unit}）" if self.language == "zh" else f"{name} ({unit})"

    def _level(self, level: Figure, binary: bool) -> str:
        if level.value is None:
            return _NOTHING
        return self._share(level.value) if binary else _plain(level.value)

    def _share(self, value: float) -> str:
        return f"{100 * value:.0f}{self.space}%"

    def _told(self, one: OutcomeComparison, names: tuple[str, str]) -> str:
        value = one.told.value
        if value is None:
            return f"{self.word('lacking')}{'：' if self.language == 'zh' else ': '}{one.reason}"
        if one.form == "per cent":
            return f"{_signed(value, 0)}{self.space}%"
        if one.form == "times":
            return f"{value:.1f}{'倍' if self.language == 'zh' else 'x'}"
        if one.form == "shares":
            own, other = (self._share(level.value or 0.0) for level in one.levels)
            return f"{own}（{names[1]}{other}）" if self.language == "zh" else f"{own} against {other}"
        return _signed(value, _shown_decimals(one.told))

    def _interval(self, one: OutcomeComparison) -> str:
        low, high = one.told.low, one.told.high
        if low is None or high is None:
            return _NOTHING
        if one.form == "per cent":
            return f"{_signed(low, 1)} … {_signed(high, 1)}{self.space}%"
        if one.form == "times":
            return f"{low:.2f} … {high:.2f}"
        if one.form == "shares":
            return f"{_signed(100 * low, 1)} … {_signed(100 * high, 1)} {self.word('points')}"
        decimals = _shown_decimals(one.told)
        return f"{_signed(low, decimals)} … {_signed(high, decimals)}"

    def _adjusted(self, one: OutcomeComparison) -> str:
        found = one.figures["adjusted"]
        if found.value is None or found.low is None or found.high is None:
            return f"{self.word('lacking')}{'：' if self.language == 'zh' else ': '}{found.reason}"
        factor, decimals = (100, 1) if one.binary else (1, _shown_decimals(found))
        shown = [_signed(factor * value, decimals) for value in (found.value, found.low, found.high)]
        points = f" {self.word('points')}" if one.binary else ""
        return f"{shown[0]} ({shown[1]} … {shown[2]}){points}{stars(found.p)}"

    def _test(self, one: OutcomeComparison) -> str:
        if one.test is None:
            return _NOTHING
        if one.test == "permutation" and one.figures["permutation"].method.startswith("exact"):
            return self.word("exact")
        if one.uses_clusters(one.test):
            return self.word("clusters")
        if one.test == "difference" and one.weighted:
            return self.word("difference weighted")
        return self.word(one.test)

    def _remark(self, one: OutcomeComparison) -> str:
        remarks = ["circular"] * bool(one.shared) + ["small"] * one.small
        if one.test is not None:
            remarks += ["unweighted"] * (one.weighted and not one.uses_weights(one.test))
            remarks += ["unclustered"] * (one.clustered and not one.uses_clusters(one.test))
        return ("；" if self.language == "zh" else "; ").join(self.word(remark) for remark in remarks)


def _signed(value: float, decimals: int) -> str:
    """A number with its sign; a rounded zero has none."""
    rounded = round(value, decimals) + 0.0
    return f"{rounded:+,.{decimals}f}" if rounded else f"{0:.{decimals}f}"


def _decimals(value: float) -> int:
    size = abs(value)
    return 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 4


def _plain(value: float) -> str:
    return f"{value:,.{_decimals(value)}f}"


def _shown_decimals(found: Figure) -> int:
    """Two digits of an interval's width, or of the value where there is none."""
    width = abs(found.value or 0.0) if found.low is None or found.high is None else found.high - found.low
    return 1 if not width > 0 else min(max(1 - math.floor(math.log10(width)), 0), 6)


def _p(value: float | None) -> str:
    return _NOTHING if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"
