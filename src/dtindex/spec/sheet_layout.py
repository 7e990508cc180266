"""The sheets of a methodology as a workbook: their names, columns and explanations, for writing and for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "COLUMNS",
    "CONTINUED",
    "GOES_ON",
    "HELP",
    "LISTS",
    "NOTES",
    "SETTINGS",
    "TREE",
    "SheetColumn",
    "heading",
    "heading_word",
]

TREE, SETTINGS, HELP = "methodology", "settings", "help"
LISTS = frozenset({"sources", "questions", "tiers", "classes"})
"""Top-level keys of which each entry has a row of its own in the sheet of settings."""
CONTINUED = "continued"
"""What the heading of a further column begins with, where a text is longer than a cell can be."""
GOES_ON = "¶"
"""Stands at both sides of the cut where a text goes on in the next cell."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the tree's sheet; ``content`` says whether a cell is a text as it stands, or YAML."""

    name: str
    chinese: str
    content: Literal["text", "yaml"]
    width: int
    english_help: str
    chinese_help: str
    choices: tuple[str, ...] = ()


COLUMNS = (
    SheetColumn(
        "kind",
        "类别",
        "text",
        11,
        "`node` (an aggregate) or `indicator` (a measured column).",
        "`node`（合成指标）或 `indicator`（测量指标）。",
        ("node", "indicator"),
    ),
    SheetColumn(
        "label zh",
        "中文名称",
        "text",
        30,
        "Name in Chinese. The same text in both columns is one name for both languages.",
        "中文名称。两列文字相同时，视为两种语言共用的名称。",
    ),
    SheetColumn("label en", "英文名称", "text", 30, "Name in English.", "英文名称。"),
    SheetColumn(
        "id",
        "编号",
        "text",
        18,
        "Unique among nodes and indicators: ASCII letters, digits, `_`, `.`, `-`; a letter first.",
        "在所有节点与指标中唯一：英文字母、数字、`_`、`.`、`-`，以字母开头。",
    ),
    SheetColumn(
        "parent",
        "上级",
        "text",
        18,
        "The id of the node above; empty for the index itself, or for what is measured and not scored.",
        "上级节点的编号；总指数留空，只测量不计分的指标也留空。",
    ),
    SheetColumn(
        "weight",
        "权重",
        "yaml",
        13,
        "Weight among siblings: a number, or `unpublished`; empty throughout for equal weights.",
        "同级权重：数字或 `unpublished`（未公布）；全部留空则等权。",
    ),
    SheetColumn(
        "column",
        "数据列",
        "text",
        18,
        "The table's column; empty where it is named like the id.",
        "数据表中的列名；与编号相同时留空。",
    ),
    SheetColumn("unit of measure", "计量单位", "text", 14, "Unit of the raw value.", "原始值的计量单位。"),
    SheetColumn(
        "direction",
        "方向",
        "text",
        11,
        "`higher` or `lower`: which raw value is better; empty where worst and best say it.",
        "`higher` 或 `lower`：原始值越高越好还是越低越好；已由最差值和最好值说明时留空。",
        ("higher", "lower"),
    ),
    SheetColumn(
        "normalise",
        "标准化方法",
        "text",
        13,
        "Method of normalisation; empty for the file's default.",
        "标准化方法；留空则用文件默认值。",
        (
            "none",
            "goalposts",
            "min-max",
            "z-score",
            "robust-z",
            "rank",
            "percentile",
            "normal-scores",
            "target",
            "reference",
            "fraction-of-maximum",
            "fraction-of-sum",
            "balance",
            "categories",
            "maturity",
            "top-box",
            "likert",
            "logistic",
            "base-index",
        ),
    ),
    SheetColumn(
        "worst",
        "最差值",
        "yaml",
        13,
        "Goalpost of the lowest score: a number, `unpublished`, or `{percentile: 5}`.",
        "最低分对应的值：数字、`unpublished` 或 `{percentile: 5}`。",
    ),
    SheetColumn(
        "best", "最好值", "yaml", 13, "Goalpost of the highest score, in the same way.", "最高分对应的值，写法同上。"
    ),
    SheetColumn(
        "clip",
        "截断",
        "text",
        10,
        "Which end holds values beyond it: `both`, `none`, `worst`, `best`.",
        "超出范围的值在哪一端截断：`both`、`none`、`worst`、`best`。",
        ("both", "none", "worst", "best"),
    ),
    SheetColumn(
        "source", "来源", "text", 14, "The id of a source in the sheet of settings.", "“settings” 表中来源的编号。"
    ),
    SheetColumn("note", "说明", "text", 30, "A remark for readers.", "给读者的说明。"),
    SheetColumn(
        "other settings",
        "其他设置",
        "yaml",
        40,
        "Everything else, as YAML on one line: `{aggregate: {method: geometric}, tags: [scene]}`.",
        "其余设置，用一行 YAML 书写：`{aggregate: {method: geometric}, tags: [scene]}`。",
    ),
)

NOTES = (
    (
        "One row is one node or indicator; the order of rows is the order of summation, nodes before indicators.",
        "每行一个节点或指标；行的顺序即求和的顺序，节点在前，指标在后。",
    ),
    (
        "The sheet `settings`: a row a top-level key, and one a source, question, tier and class; values are YAML.",
        "“settings” 表每行一个顶层设置，来源、问题、梯队、类别每条一行；值用 YAML 书写。",
    ),
    (
        "Load it again by its path: dtindex check FILE.xlsx. What is wrong is named by sheet and cell.",
        "用文件路径即可重新载入：dtindex check FILE.xlsx。出错处以工作表和单元格指明。",
    ),
)


def heading(name: str, chinese: str) -> str:
    """A bilingual heading."""
    return f"{name} · {chinese}"


def heading_word(text: str) -> str:
    """What a heading is recognised by: its English part, in any case."""
    return text.split("·")[0].strip().casefold()
