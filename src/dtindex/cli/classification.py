"""What `classify` prints: classes and their shares, the cross table, who is on the border, profiles, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dtindex.cli.console import Console, new_table
from dtindex.cli.words import say
from dtindex.spec.base import text
from dtindex.spec.provenance import is_assumed
from dtindex.steps.classify import UNKNOWN

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.classify import Classification

__all__ = ["print_classification"]

_MOST = 30
_NOTHING = "–"

_WORDS = {
    "units": ("units", "个单元"),
    "period": ("period", "时期"),
    "classes": ("Classes", "类别"),
    "scheme": ("classification", "分类"),
    "class": ("class", "类别"),
    "count": ("units", "数量"),
    "share": ("share", "占比"),
    "wilson": ("95 % interval", "95% 区间"),
    "exact": ("exact interval", "精确区间"),
    "weighted": ("weighted", "加权占比"),
    "cross": ("Across", "交叉表"),
    "bounds": ("Bounds of", "门槛："),
    "item": ("item", "项目"),
    "threshold": ("bound", "门槛"),
    "kept": ("kept by", "达到比例"),
    "binds": ("binds", "为短板的单元数"),
    "alpha": ("alpha", "α"),
    "sem": ("standard error", "测量标准误"),
    "firmness": ("How firmly", "把握程度"),
    "firm": ("firm", "稳固"),
    "likely": ("likely", "较可能"),
    "borderline": ("borderline", "临界"),
    "no": ("no", "否"),
    "": ("not computable", "无法计算"),
    "measurement": ("measurement error", "测量误差"),
    "sampling": ("sampling error of thresholds", "门槛的抽样误差"),
    "border": ("On the border", "临界单元"),
    "unit": ("unit", "单元"),
    "margin": ("margin (sd)", "余量（标准差）"),
    "binding": ("binding", "短板维度"),
    "probability": ("probability", "概率"),
    "word": ("word", "判断"),
    "profiles": ("Profiles of a Gaussian mixture", "高斯混合画像"),
    "profile": ("profile", "画像"),
    "stable": ("Jaccard", "Jaccard"),
    "entropy": ("entropy R²", "熵 R²"),
    "agreement": ("adjusted Rand with the classes", "与分类的调整兰德指数"),
    "stability": ("with resamples", "与重抽样"),
    "calibration": ("What the bounds would make at other correlations", "不同相关系数下的门槛校准"),
    "basis": ("basis", "依据"),
    "given": ("given", "设定"),
    "sample mean": ("mean of the sample", "样本均值"),
    "sample matrix": ("matrix of the sample", "样本相关矩阵"),
    "correlation": ("correlation", "相关系数"),
    "each": ("each dimension", "各维度达到比例"),
    "together": ("all together", "全部达到"),
    "needed": ("needed for", "达到目标所需："),
    "none": ("no class", "无类别"),
    "nobody": ("nobody", "无"),
    "lacking": ("Not computable", "无法计算"),
    "more": ("more; -o DIR writes all", "行未显示；-o DIR 写出全部"),
    "assumption": ("these classes rest on it; it is not published", "分类依赖于该假设；它未公开"),
    "synthetic": ("these answers were made up", "这些答卷为合成数据"),
}


def print_classification(console: Console, found: Classification) -> None:
    """All that a person wants to see of it; the frames hold more."""
    page = _Page(console, found)
    page.title()
    page.shares()
    page.cross()
    page.bounds()
    page.border()
    page.profiles()
    page.calibration()
    page.lacking()
    for name in found.scores.assumptions:
        console.say(f"ASSUMPTION {name}: {page.word('assumption')}", "bold yellow")
    if found.scores.synthetic is not None:
        console.say(f"SYNTHETIC: {page.word('synthetic')} ({found.scores.synthetic})", "bold yellow")


class _Page:
    def __init__(self, console: Console, found: Classification) -> None:
        self.console = console
        self.found = found
        methodology = found.scores.methodology
        self.items = methodology.tree.items
        self.rules = {rule.id: rule for rule in methodology.classes}

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.console.language == "zh" else 0]

    def name(self, item: str) -> str:
        return self.items[item].name(self.console.language) if item in self.items else item

    def label(self, class_: str) -> str:
        """A class as readers know it, and whether it is assumed."""
        if class_ == UNKNOWN:
            return say("unknown", self.console.language)
        rule = self.rules.get(class_)
        if rule is None:
            return self.word("none")
        mark = f" ({say('assumed', self.console.language)})" if is_assumed(rule.provenance) else ""
        return text(rule.label, self.console.language, rule.id) + mark

    def title(self) -> None:
        methodology, found = self.found.scores.methodology, self.found
        self.console.say(text(methodology.title, self.console.language), "bold")
        facts = [f"{methodology.id}, hash {methodology.hash[:12]}", f"{len(found.units):,} {self.word('units')}"]
        facts += [] if found.period is None else [f"{self.word('period')} {found.period}"]
        self.console.say("; ".join(facts), "dim")

    def shares(self) -> None:
        weighted = "weighted_share" in self.found.shares.columns
        heads = ["scheme", "class", "count", "share", "wilson", "exact", *(["weighted", "wilson"] if weighted else [])]
        rows = [
            (
                row["scheme"],
                self.label(row["class"]),
                f"{row['count']:,}",
                _percent(row["share"]),
                _interval(row["low"], row["high"]),
                _interval(row["exact_low"], row["exact_high"]),
                *(
                    (_percent(row["weighted_share"]), _interval(row["weighted_low"], row["weighted_high"]))
                    if weighted
                    else ()
                ),
            )
            for row in _rows(self.found.shares)
        ]
        self._table(self.word("classes"), heads, rows, lines=2)

    def cross(self) -> None:
        if self.found.against is None:
            return
        weighted = "weighted_share" in self.found.crosstab.columns
        heads = ["class", "", "count", "share", "wilson", *(["weighted", "wilson"] if weighted else [])]
        rows = [
            (
                self.label(row["class"]),
                self.label(row["other"]),
                f"{row['count']:,} / {row['units']:,}",
                _percent(row["share"]),
                _interval(row["low"], row["high"]),
                *(
                    (_percent(row["weighted_share"]), _interval(row["weighted_low"], row["weighted_high"]))
                    if weighted
                    else ()
                ),
            )
            for row in _rows(self.found.crosstab)
        ]
        title = f"{self.word('cross')}: {self.found.scheme} × {self.found.against}"
        self._table(title, heads, rows, lines=2, blank="")

    def bounds(self) -> None:
        own = [row for row in _rows(self.found.bounds) if row["scheme"] == self.found.scheme]
        rows = [
            (
                self.name(row["item"]),
                f"{row['threshold']:.4g}" if _known(row["threshold"]) else "",
                _percent(row["kept"]),
                f"{row['binds']:,}",
                f"{row['alpha']:.3f}" if _known(row["alpha"]) else "",
                f"{row['sem']:.3g}" if _known(row["sem"]) else "",
            )
            for row in own
        ]
        heads = ["item", "threshold", "kept", "binds", "alpha", "sem"]
        if rows:
            self._table(f"{self.word('bounds')} {self.label(self.found.of)}", heads, rows, lines=1)

    def border(self) -> None:
        found = self.found
        counts = found.units["word"].value_counts()
        basis = ", ".join(self.word(one) for one in found.basis.get(found.scheme, "").split("+") if one)
        told = [
            f"{self.word(one)} {counts[one]:,}" for one in ("firm", "likely", "borderline", "no", "") if one in counts
        ]
        self.console.say(f"{self.word('firmness')}, {self.label(found.of)}: {', '.join(told)}", "bold")
        if basis:
            self.console.say(basis, "dim")
        near = found.units[found.units["word"].isin(["likely", "borderline"])]
        near = near.sort_values(["probability", "unit"], ascending=[False, True], kind="stable")
        rows = [
            (
                row["name"],
                *((row["period"],) if found.scores.periods is not None else ()),
                self.label(row["class"]),
                f"{row['margin']:.2f}" if _known(row["margin"]) else "",
                self.name(row["binding"]),
                f"{row['probability']:.2f}",
                self.word(row["word"]),
            )
            for row in _rows(near)
        ]
        periods = ["period"] if found.scores.periods is not None else []
        heads = ["unit", *periods, "class", "margin", "binding", "probability", "word"]
        self._table(self.word("border"), heads, rows, lines=2 + len(periods))

    def profiles(self) -> None:
        found = self.found
        if not len(found.profiles):
            return
        dimensions = [name for name in found.profiles.columns if name in self.items]
        rows = [
            (
                row["profile"],
                f"{row['units']:,}",
                _percent(row["share"]),
                f"{row['members']:,}",
                f"{row['jaccard']:.2f}" if _known(row["jaccard"]) else "",
                *(f"{row[one]:.1f}" for one in dimensions),
            )
            for row in _rows(found.profiles)
        ]
        heads = ["profile", "count", "share", self.label(found.of), "stable", *(self.name(one) for one in dimensions)]
        self._table(self.word("profiles"), heads, rows, lines=0)
        figures = [("entropy", found.entropy), ("agreement", found.agreement), ("stability", found.stability)]
        facts = [f"{self.word(key)} {value:.2f}" for key, value in figures if value == value]
        bic = [f"{row['profiles']}: {row['bic']:.1f}" for row in _rows(found.profile_numbers) if _known(row["bic"])]
        self.console.say("; ".join([*facts, f"BIC {', '.join(bic)}"]), "dim")

    def calibration(self) -> None:
        rows = [
            (
                self.word(row["basis"]),
                f"{row['correlation']:.2f}",
                _percent(row["share"]),
                _percent(row["joint"]),
                _percent(row["needed"]),
            )
            for row in _rows(self.found.calibration)
        ]
        if not rows:
            return
        target = _percent(self.found.calibration["target"].iloc[0])
        heads = ["basis", "correlation", "each", "together", f"{self.word('needed')} {target}"]
        self._table(self.word("calibration"), heads, rows, lines=1)

    def lacking(self) -> None:
        notes = [note for note in self.found.findings if note.code in ("DT363", "DT364", "DT366", "DT368")]
        if notes:
            self.console.say(self.word("lacking"), "bold")
        for note in notes:
            self.console.say(f"  {note.code} {note.message}", "dim")

    def _table(
        self, title: str, heads: Sequence[str], rows: Sequence[tuple[object, ...]], lines: int, blank: str = _NOTHING
    ) -> None:
        """A table whose first ``lines`` columns are words."""
        self.console.say()
        if not rows:
            self.console.say(f"{title}: {self.word('nobody')}", "bold")
            return
        self.console.say(title, "bold")
        self.console.say()
        table = new_table()
        for position, head in enumerate(heads):
            shown = head if not head or head not in _WORDS else self.word(head)
            table.add_column(shown, justify="left" if position < lines else "right")
        for row in rows[:_MOST]:
            table.add_row(*(str(cell) if cell != "" else blank for cell in row))
        self.console.show(table)
        if len(rows) > _MOST:
            self.console.say(f"... {len(rows) - _MOST:,} {self.word('more')}", "dim")
        self.console.say()


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = list(frame.columns)
    return (dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None))


def _known(value: object) -> bool:
    return value is not None and value == value


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %" if _known(value) else ""


def _interval(low: float, high: float) -> str:
    return f"{100 * low:.1f} … {100 * high:.1f}" if _known(low) else ""
