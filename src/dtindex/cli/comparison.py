"""What `compare` prints: a row an outcome, and what the figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dtindex.cli.console import Console, new_table
from dtindex.spec.base import text

if TYPE_CHECKING:
    from dtindex.analysis.compare import GroupComparison

__all__ = ["print_comparison"]

_WORDS = {
    "rows": ("units compared", "个样本参与比较"),
    "weighted": ("weighted", "加权"),
    "unweighted": ("not weighted", "未加权"),
    "seed": ("seed", "随机种子"),
    "controls": ("controls", "控制变量"),
    "clusters": ("clusters", "聚类"),
    "period": ("period", "时期"),
    "assumption": ("these figures rest on it; it is not published", "结果依赖于该假设；它未公开"),
}
_WORDY = 2
"""Columns at the left that are words, groups apart."""


def print_comparison(console: Console, found: GroupComparison) -> None:
    """Title, table, and the assumptions that the classes rest on; the frame holds more."""
    language = console.language

    def word(key: str) -> str:
        return _WORDS[key][language == "zh"]

    console.say(text(found.methodology.title, language), "bold")
    labels = [" vs. ".join(found.groups.label(one, language) for one in pair) for pair in found.pairs]
    joint = "；" if language == "zh" else "; "
    console.say(joint.join(labels), "bold")
    facts = [f"{found.methodology.id}, hash {found.methodology.hash[:12]}", f"{found.rows:,} {word('rows')}"]
    facts += [f"{word('period')} {found.period}"] if found.period is not None else []
    facts += [word("weighted" if found.weighted else "unweighted"), f"{word('seed')} {found.seed}"]
    facts += [f"{word('controls')} {', '.join(found.controls)}"] if found.controls else []
    facts += [f"{word('clusters')} {found.cluster}"] if found.cluster else []
    console.say(joint.join(facts), "dim")
    if found.scores.synthetic:
        console.say(found.scores.synthetic, "bold yellow")
    console.say()
    shown = found.table(language)
    table = new_table()
    for position, head in enumerate(shown.columns):
        table.add_column(
            str(head), justify="left" if position == 0 or position >= len(shown.columns) - _WORDY else "right"
        )
    for row in shown.itertuples(index=False, name=None):
        table.add_row(*(str(cell) for cell in row))
    console.show(table)
    for name in found.scores.assumptions:
        console.say(f"ASSUMPTION {name}: {word('assumption')}", "bold yellow")
