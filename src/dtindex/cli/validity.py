"""What `validity` prints: a table for each question, then the flags, then what could not be computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dtindex.cli.console import Console, new_table
from dtindex.spec.base import text

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.validity import Validity

__all__ = ["print_validity"]

_MOST = 40
_FEWEST = 8
_NOTHING = "–"

_WORDS = {
    "of": ("of", "对象"),
    "units": ("units", "个单元"),
    "complete": ("matrices over complete rows", "矩阵统计只用完整行"),
    "pairwise": ("matrices pair by pair", "矩阵统计按成对完整行"),
    "reliability": ("Reliability", "信度"),
    "node": ("node", "节点"),
    "items": ("items", "项数"),
    "rows": ("rows", "行数"),
    "interval": ("95 % interval", "95% 区间"),
    "standardised": ("standardised", "标准化"),
    "mean r": ("mean r", "平均相关"),
    "omega h": ("omega h", "层次 ω"),
    "omega": ("omega", "ω"),
    "omega t": ("omega total", "总 ω"),
    "sampling": ("Sampling adequacy and dimensions", "抽样适当性与维度"),
    "retained": ("retained", "保留成分"),
    "first": ("first component", "第一成分"),
    "eigenvalues": ("eigenvalues", "特征值"),
    "members": ("Items", "项目分析"),
    "item": ("item", "项目"),
    "item-total": ("item-total r", "题总相关"),
    "if deleted": ("alpha without", "删除后 α"),
    "importance": ("Importance beside weight", "重要性与权重"),
    "weight": ("weight", "权重"),
    "r squared": ("r²", "r²"),
    "share": ("share of r²", "r² 占比"),
    "over": ("share / weight", "占比/权重"),
    "ratio": ("correlation ratio", "相关比"),
    "flags": ("Flags", "提示"),
    "none": ("none", "无"),
    "flag": ("flag", "提示"),
    "with": ("with", "与"),
    "statistic": ("statistic", "统计量"),
    "value": ("value", "数值"),
    "holm": ("p (Holm)", "p（Holm）"),
    "lacking": ("Not computable (DT311)", "无法计算（DT311）"),
    "more": ("more; -o DIR writes all", "行未显示；-o DIR 写出全部"),
    "high": ("too high", "过高"),
    "low": ("too low", "过低"),
    "negative": ("negative", "负相关"),
    "strongly negative": ("strongly negative", "强负相关"),
    "negative-keyed": ("against its scale", "与量表方向相反"),
    "collinear": ("collinear", "共线"),
    "period": ("period", "时期"),
    "assumption": ("these figures rest on it; it is not published", "结果依赖于该假设；它未公开"),
}


def print_validity(console: Console, found: Validity) -> None:
    """All that a person wants to see of it; the frames hold more."""
    page = _Page(console, found)
    page.title()
    page.reliability()
    page.sampling()
    page.members()
    page.importance()
    page.flags()
    page.lacking()
    for name in found.scores.assumptions:
        console.say(f"ASSUMPTION {name}: {page.word('assumption')}", "bold yellow")


class _Page:
    def __init__(self, console: Console, found: Validity) -> None:
        self.console = console
        self.found = found
        self.items = found.scores.methodology.tree.items

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.console.language == "zh" else 0]

    def name(self, item: str) -> str:
        return self.items[item].name(self.console.language) if item in self.items else item

    def title(self) -> None:
        methodology, found = self.found.scores.methodology, self.found
        self.console.say(text(methodology.title, self.console.language), "bold")
        facts = [f"{methodology.id}, hash {methodology.hash[:12]}", f"{found.units} {self.word('units')}"]
        facts += [] if found.period is None else [f"{self.word('period')} {found.period}"]
        self.console.say("; ".join([*facts, self.word(found.rows)]), "dim")

    def reliability(self) -> None:
        heads = ("node", "items", "rows", "alpha", "interval", "standardised", "mean r", "omega", "omega h", "omega t")
        rows = [
            (
                self.name(row["node"]),
                row["items"],
                row["rows"],
                _figure(row["alpha"]),
                _interval(row["alpha_low"], row["alpha_high"]),
                *map(
                    _figure,
                    (
                        row["alpha_standardised"],
                        row["mean_correlation"],
                        row["omega"],
                        row["omega_hierarchical"],
                        row["omega_total"],
                    ),
                ),
            )
            for row in _rows(self.found.reliability)
        ]
        self._table("reliability", heads, rows, lines=1)

    def sampling(self) -> None:
        heads = ("node", "kmo", "bartlett", "p", "retained", "first", "eigenvalues")
        of_node: dict[str, list[dict[str, Any]]] = {}
        for component in _rows(self.found.eigenvalues):
            of_node.setdefault(component["node"], []).append(component)
        rows = []
        for row in _rows(self.found.sampling):
            own = of_node.get(row["node"], [])
            values = [f"{one['eigenvalue']:.2f}" for one in own[:_FEWEST]] + ["…"] * (len(own) > _FEWEST)
            rows.append(
                (
                    self.name(row["node"]),
                    _figure(row["kmo"]),
                    "" if _lacks(row["bartlett"]) else f"{row['bartlett']:.1f} ({row['bartlett_df']})",
                    _p_value(row["bartlett_p"]),
                    "" if not own or _lacks(own[0]["retained"]) else sum(bool(one["retained"]) for one in own),
                    f"{100 * own[0]['share']:.0f} %" if own else "",
                    " ".join(values),
                )
            )
        self._table("sampling", heads, rows, lines=1)

    def members(self) -> None:
        heads = ("node", "item", "item-total", "if deleted", "kmo", "VIF")
        rows = [
            (
                self.name(row["node"]),
                self.name(row["item"]),
                *map(_figure, (row["item_total"], row["alpha_if_deleted"], row["kmo"])),
                "" if _lacks(row["vif"]) else f"{row['vif']:.1f}",
            )
            for row in _rows(self.found.items)
            if row["rows"]
        ]
        self._table("members", heads, rows, lines=2)

    def importance(self) -> None:
        heads = ("node", "item", "weight", "r", "r squared", "share", "over", "ratio")
        rows = [
            (
                self.name(row["node"]),
                self.name(row["item"]),
                *map(
                    _figure,
                    (row["weight"], row["correlation"], row["r_squared"], row["r_squared_share"]),
                ),
                "" if _lacks(row["share_over_weight"]) else f"{row['share_over_weight']:.2f}",
                _figure(row["correlation_ratio"]),
            )
            for row in _rows(self.found.importance)
            if not _lacks(row["r_squared"])
        ]
        self._table("importance", heads, rows, lines=2)

    def flags(self) -> None:
        heads = ("flag", "node", "item", "with", "statistic", "value", "holm")
        rows = [
            (
                self.word(row["flag"]),
                self.name(row["node"]),
                self.name(row["first"]),
                self.name(row["second"]) if row["second"] else "",
                row["statistic"],
                f"{row['value']:.3f}",
                _p_value(row["p_holm"]),
            )
            for row in _rows(self.found.flags)
        ]
        self._table("flags", heads, rows, lines=5)

    def lacking(self) -> None:
        """Each reason once, with all whom it concerns."""
        concerned: dict[str, list[str]] = {}
        for note in self.found.findings:
            concerned.setdefault(note.message, []).append(self.name(note.place.name or ""))
        if concerned:
            self.console.say(self.word("lacking"), "bold")
        for message, names in list(concerned.items())[:_MOST]:
            more = f" (+{len(names) - _FEWEST})" if len(names) > _FEWEST else ""
            self.console.say(f"  {message}: {', '.join(names[:_FEWEST])}{more}", "dim")
        self._more(len(concerned))
        self.console.say()

    def _table(self, title: str, heads: Sequence[str], rows: Sequence[tuple[object, ...]], lines: int) -> None:
        """A table whose first ``lines`` columns are words."""
        self.console.say()
        if not rows:
            self.console.say(f"{self.word(title)}: {self.word('none')}", "bold")
            self.console.say()
            return
        self.console.say(self.word(title), "bold")
        self.console.say()
        table = new_table()
        for position, head in enumerate(heads):
            table.add_column(
                self.word(head) if head in _WORDS else head, justify="left" if position < lines else "right"
            )
        for row in rows[:_MOST]:
            table.add_row(*(str(cell) if cell != "" else _NOTHING for cell in row))
        self.console.show(table)
        self._more(len(rows))

    def _more(self, count: int) -> None:
        if count > _MOST:
            self.console.say(f"... {count - _MOST:,} {self.word('more')}", "dim")


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = list(frame.columns)
    return (dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None))


def _lacks(value: object) -> bool:
    return value is None or value != value


def _figure(value: float) -> str:
    return "" if _lacks(value) else f"{value:.3f}"


def _interval(low: float, high: float) -> str:
    return "" if _lacks(low) else f"{low:.3f} … {high:.3f}"


def _p_value(value: float) -> str:
    return "" if _lacks(value) else "<0.001" if value < 0.001 else f"{value:.3f}"
