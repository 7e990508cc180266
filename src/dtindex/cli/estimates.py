"""What `estimate` prints: a table for each item, as a chapter would have it, and how its figures came about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dtindex.cli.console import Console, new_table
from dtindex.spec.base import text
from dtindex.spec.questions import MatrixQuestion, Question

if TYPE_CHECKING:
    from dtindex.analysis.estimate import Estimates

__all__ = ["print_estimates"]

_MOST = 60
_NOTHING = "–"
_WORDS = {
    "respondents": ("respondents", "份答卷"),
    "left out": ("left out", "份剔除"),
    "strata": ("strata", "层"),
    "psus": ("PSUs", "个初级抽样单元"),
    "kish": ("unequal weights cost", "不等权设计效应"),
    "calibrated": ("calibrated weights", "权数已校准"),
    "unweighted": ("unweighted", "未加权"),
    "category": ("category", "类别"),
    "estimate": ("estimate", "估计值"),
    "se": ("SE", "标准误"),
    "interval": ("interval", "区间"),
    "deff": ("deff", "设计效应"),
    "note": ("note", "说明"),
    "benchmark": ("benchmark", "参照值"),
    "difference": ("difference", "差异"),
    "method": ("method", "方法"),
    "more": ("more; -o DIR writes all", "行未显示；-o DIR 写出全部"),
    "assumption": ("these figures rest on it; it is not published", "结果依赖于该假设；它未公开"),
    "synthetic": ("made up, not answered", "合成数据，并非真实答卷"),
    "unknown": ("unknown", "无法判定"),
}
# Notes and methods in Chinese; the frame keeps them in English.
_CHINESE = (
    (r"not computable: no respondent", "无法计算：无答卷"),
    (r"not computable: the sum to divide by is zero", "无法计算：分母为零"),
    (r"suppressed: fewer than (\d+) respondents", r"少于 \1 份答卷，不予公布"),
    (r"standard error not computable: a single respondent", "无法计算标准误：仅一份答卷"),
    (r"standard error not computable: all respondents are of one PSU", "无法计算标准误：仅一个初级抽样单元"),
    (r"standard error not computable: .*", "无法计算标准误"),
    (r"interval not computable: no degrees of freedom", "无法计算区间：自由度不足"),
    (r"interval not computable: it passes beyond the values of the sample", "无法计算区间：超出样本取值"),
    (r"no variation: all values are the same", "取值全部相同"),
    (r"(nobody|everybody): interval after Clopper and Pearson for (\S+) respondents", r"精确区间（有效样本量 \2）"),
    (r"^Taylor$", "泰勒线性化"),
    (r"Rao-Wu bootstrap, (\d+) replicates, each fitted anew", r"Rao-Wu 自助法，\1 次重复，每次重新拟合"),
    (r"Rao-Wu bootstrap, (\d+) replicates", r"Rao-Wu 自助法，\1 次重复"),
    (r"(\S+), (\d+) replicates", r"\1，\2 次重复"),
)


def print_estimates(console: Console, found: Estimates) -> None:
    """All that a person wants to see of it; the frame holds more."""
    page = _Page(console, found)
    page.title()
    columns = list(found.frame.columns)
    rows = [
        dict(zip(columns, (None if _lacks(value) else value for value in row), strict=True))
        for row in found.frame.astype(object).itertuples(index=False, name=None)
    ]
    for item, own in groupby(rows, key=lambda row: row["item"]):
        page.table(item, list(own))
    for name in found.scores.assumptions:
        console.say(f"ASSUMPTION {name}: {page.word('assumption')}", "bold yellow")


class _Page:
    def __init__(self, console: Console, found: Estimates) -> None:
        self.console = console
        self.found = found
        methodology = found.scores.methodology
        self.items = methodology.tree.items
        self.questions = {question.id: question for question in methodology.questions}
        self.classes = {
            rule.scheme: {one.id: text(one.label, console.language, one.id) for one in methodology.classes}
            for rule in methodology.classes
        }

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.console.language == "zh" else 0]

    def said(self, note: str) -> str:
        """A note or a method in the reader's language."""
        if self.console.language == "zh":
            for pattern, words in _CHINESE:
                note = re.sub(pattern, words, note)
        return note

    def name(self, item: str) -> str:
        language = self.console.language
        if "/" in item:
            return " / ".join(self.name(part) for part in item.split("/", 1))
        if item in self.items:
            return self.items[item].name(language)
        question = self._question(item)
        return item if question is None else text(question.label, language, item)

    def _question(self, item: str) -> Question | None:
        head, _, row = item.partition("[")
        question = self.questions.get(head)
        return question.row(row.removesuffix("]")) if isinstance(question, MatrixQuestion) and row else question

    def level(self, column: str, value: str) -> str:
        """A class or an option by its label."""
        if column in self.classes:
            return self.classes[column].get(value, self.word("unknown") if value == "unknown" else value)
        options = getattr(self._question(column), "options", ())
        return next((text(one.label, self.console.language, value) for one in options if one.id == value), value)

    def title(self) -> None:
        found, sample = self.found, self.found.sample
        methodology = found.scores.methodology
        self.console.say(text(methodology.title, self.console.language), "bold")
        facts = [f"{methodology.id}, hash {methodology.hash[:12]}"]
        facts.append(f"{sample['respondents']:,} {self.word('respondents')}")
        facts += [f"{sample['left_out']:,} {self.word('left out')}"] if sample["left_out"] else []
        facts += [f"{sample['strata']:,} {self.word('strata')}"] if sample["strata"] > 1 else []
        facts += [f"{sample['psus']:,} {self.word('psus')}"] if sample["psus"] != sample["respondents"] else []
        facts.append(f"{self.word('kish')} {sample['kish']:.2f}" if sample["weighted"] else self.word("unweighted"))
        facts += [self.word("calibrated")] if sample["calibrated"] else []
        self.console.say("; ".join(facts), "dim")
        if found.scores.synthetic:
            self.console.say(f"SYNTHETIC: {self.word('synthetic')}", "bold yellow")

    def table(self, item: str, rows: Sequence[dict[str, Any]]) -> None:
        found = self.found
        categories = any(row["category"] for row in rows)
        compared = any(row.get("benchmark") is not None for row in rows)
        notes = any(row["note"] for row in rows)
        deffs = any(row["deff"] is not None for row in rows)
        self.console.say()
        self.console.say(self.name(item) if item not in self.classes else item, "bold")
        self.console.say()
        table = new_table()
        for group in found.by:
            table.add_column(self.name(group) if group in self.questions else group)
        if categories:
            table.add_column(self.word("category"))
        percent = f"{100 * found.confidence:g}"
        interval = f"{percent}% {self.word('interval')}" if self.console.language == "zh" else f"{percent} % interval"
        heads = ["n", self.word("estimate"), self.word("se"), interval]
        heads += [self.word("deff")] if deffs else []
        heads += [self.word("benchmark"), self.word("difference"), "p"] if compared else []
        for head in heads:
            table.add_column(head, justify="right")
        if notes:
            table.add_column(self.word("note"))
        for row in rows[:_MOST]:
            cells = [self.level(group, row[group]) for group in found.by]
            cells += [self.level(item, row["category"])] if categories else []
            cells += self._figures(row, deffs, compared)
            cells += [self.said(row["note"])] if notes else []
            table.add_row(*cells)
        self.console.show(table)
        if len(rows) > _MOST:
            self.console.say(f"... {len(rows) - _MOST:,} {self.word('more')}", "dim")
        methods = dict.fromkeys(self.said(row["method"]) for row in rows)
        self.console.say(f"{self.word('method')}: {'; '.join(methods)}", "dim")
        self.console.say()

    def _figures(self, row: dict[str, Any], deffs: bool, compared: bool) -> list[str]:
        share = _is_share(row)
        low, high = row["low"], row["high"]
        cells = [f"{row['n']:,}", _figure(row["estimate"], share), _figure(row["se"], share)]
        cells.append(_NOTHING if low is None or high is None else f"{_figure(low, share)} … {_figure(high, share)}")
        cells += [_NOTHING if row["deff"] is None else f"{row['deff']:.2f}"] if deffs else []
        if compared:
            p = row["p"]
            cells += [_figure(row["benchmark"], share), _figure(row["difference"], share)]
            cells.append(_NOTHING if p is None else "<0.001" if p < 0.001 else f"{p:.3f}")
        return cells


def _is_share(row: dict[str, Any]) -> bool:
    return str(row.get("kind")) == "share"


def _figure(value: float | None, share: bool) -> str:
    """Shares in per cent with a decimal; other figures with two, or what is left of five digits; thousands apart."""
    if value is None:
        return _NOTHING
    if share:
        return f"{100 * value:.1f} %"
    size = abs(value)
    return f"{value:,.0f}" if size >= 10_000 else f"{value:,.2f}" if size >= 1 or value == 0 else f"{value:.4f}"


def _lacks(value: object) -> bool:
    return value is None or type(value).__name__ == "NAType"
