"""What `sensitivity` prints: shares of variance by factor with bars, and variants side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dtindex.cli.console import Console, new_table
from dtindex.findings import UsageError, finding, nearest
from dtindex.spec.base import text

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.leave_out import LeaveOneOut
    from dtindex.analysis.scenarios import Scenarios
    from dtindex.analysis.sensitivity import Sensitivity

__all__ = ["print_sensitivity", "print_variants"]

_BAR = 20
_MOST = 60
_WORDS = {
    "factor": ("factor", "因素"),
    "first": ("first order", "一阶"),
    "total": ("total order", "总效应"),
    "shapley": ("Shapley", "Shapley"),
    "drawn": ("What is uncertain", "不确定因素"),
    "pick-freeze": ("pick and freeze", "冻结抽样法"),
    "factorial": ("full factorial, exact", "全因子组合，精确值"),
    "mean shift in rank": ("Mean shift in rank", "平均排名变动"),
    "all scores": ("Scores of all units", "全部单元得分"),
    "all ranks": ("Ranks of all units", "全部单元排名"),
    "score": ("Score", "得分"),
    "rank": ("Rank", "排名"),
    "base": ("base points", "个基点"),
    "combinations": ("combinations", "种组合"),
    "scrambles": ("scrambles", "次独立扰动"),
    "nominal": ("against the index as it stands", "与现行指数相比"),
    "item": ("variant", "方案"),
    "label": ("name", "名称"),
    "tau": ("Kendall tau-b", "Kendall τ-b"),
    "rho": ("Spearman", "Spearman"),
    "mean_shift": ("mean shift", "平均变动"),
    "largest_shift": ("largest", "最大变动"),
    "moved_most": ("moved most", "变动最大"),
    "units": ("units", "单元数"),
    "reason": ("not computed", "无法计算"),
    "more": ("more; -o DIR writes all", "行未显示；-o DIR 写出全部"),
}


def print_sensitivity(console: Console, found: Sensitivity, units: Sequence[str]) -> None:
    """Mean shift, all scores and all ranks; and of each of these ``units`` its score and rank.

    Raises
    ------
    UsageError
        DT024: no such unit.
    """
    from dtindex.analysis.uncertainty.factors import described

    known = [str(unit) for unit in found.units]
    for unit in units:
        if unit not in known:
            near = nearest(unit, known)
            raise UsageError([finding("DT024", f"no unit {unit!r}" + (f"; nearest is {near!r}" if near else ""))])
    methodology = found.scores.methodology
    node = methodology.tree.items[found.node].name(console.language)
    console.say(f"{text(methodology.title, console.language, methodology.id)}: {node}", "bold")
    what = _word(console, found.method)
    points = _word(console, "combinations" if found.method == "factorial" else "base")
    over = f", {found.scrambles} {_word(console, 'scrambles')}, seed {found.seed}" if found.scrambles else ""
    console.say(f"{what}: {found.runs:,} {points}{over}")
    console.say(f"{_word(console, 'drawn')}:")
    for factor in found.described:
        console.say(f"  {text(factor.label, console.language, factor.id)}: {described(factor)}")
    for of in ("mean shift in rank", "all scores", "all ranks"):
        _outputs(console, _word(console, of), found.of(of))
    for unit in units:
        for of in ("score", "rank"):
            _outputs(console, f"{unit}: {_word(console, of)}", found.of(of, unit))


def _word(console: Console, key: str) -> str:
    return _WORDS[key][1 if console.language == "zh" else 0]


def _outputs(console: Console, title: str, rows: pd.DataFrame) -> None:
    console.say()
    console.say(title, "bold")
    table = new_table()
    table.add_column(_word(console, "factor"), no_wrap=True)
    shown = [name for name in ("first", "total", "shapley") if not rows[name].isna().all()]
    for name in shown:
        table.add_column(_word(console, name), justify="right", no_wrap=True)
    if console.draws:
        table.add_column("", no_wrap=True)
    for factor, row in rows.iterrows():
        cells = [_share(row, name) for name in shown]
        bar = ["▇" * round(_BAR * min(max(float(np.nan_to_num(row["total"])), 0.0), 1.0))] if console.draws else []
        table.add_row(str(factor), *cells, *bar)
    console.show(table)


def _share(row: pd.Series[float], name: str) -> str:
    value, low, high = (float(row[key]) for key in (name, f"{name}_low", f"{name}_high"))
    if np.isnan(value):
        return "–"
    if np.isnan(low) or low == high:
        return f"{value + 0.0:.3f}"
    return f"{value:.3f} ({low:.3f} – {high:.3f})"


def print_variants(console: Console, found: LeaveOneOut | Scenarios) -> None:
    """A row a variant: how far it is from the index, and who moves most."""
    methodology = found.scores_of_index.methodology
    node = methodology.tree.items[found.node].name(console.language)
    title = text(methodology.title, console.language, methodology.id)
    console.say(f"{title}: {node}, {_word(console, 'nominal')}", "bold")
    summary = found.summary_in(console.language)
    table = new_table()
    table.add_column(_word(console, "item"), no_wrap=True)
    table.add_column(_word(console, "label"))
    numbers = ("tau", "rho", "mean_shift", "largest_shift", "units")
    for name in numbers[:-1]:
        table.add_column(_word(console, name), justify="right", no_wrap=True)
    table.add_column(_word(console, "moved_most"), no_wrap=True)
    table.add_column(_word(console, "units"), justify="right", no_wrap=True)
    for variant, row in list(summary.iterrows())[:_MOST]:
        if row["reason"]:
            table.add_row(
                str(variant), str(row["label"]), *[""] * 4, f"{_word(console, 'reason')}: {row['reason']}", ""
            )
            continue
        table.add_row(
            str(variant),
            str(row["label"]),
            f"{row['tau']:.3f}",
            f"{row['rho']:.3f}",
            f"{row['mean_shift']:.2f}",
            str(row["largest_shift"]),
            str(row["moved_most"]),
            str(row["units"]),
        )
    console.show(table)
    if len(summary) > _MOST:
        console.say(f"… {len(summary) - _MOST} {_word(console, 'more')}", "dim")
