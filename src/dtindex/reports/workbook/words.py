"""What the workbook says, in the two languages."""

from __future__ import annotations

from dtindex.spec.base import Language

__all__ = ["say"]

_WORDS = {
    "about": ("About", "说明"),
    "methodology": ("Methodology", "指标体系"),
    "weights": ("Weights", "权重"),
    "raw": ("Raw", "原始数据"),
    "treated": ("Treated", "处理后数据"),
    "normalised": ("Normalised", "归一化"),
    "coverage": ("Coverage", "覆盖率"),
    "scores": ("Scores", "得分"),
    "keys": ("Keys", "比较键"),
    "ranks": ("Ranks", "排名"),
    "charts": ("Charts", "图表"),
    "uncertainty": ("Uncertainty", "不确定性"),
    "findings": ("Findings", "检查结果"),
    "unit": ("Unit", "单位"),
    "name": ("Name", "名称"),
    "period": ("Period", "时期"),
    "item": ("Item", "指标"),
    "parent": ("Parent", "上级"),
    "label": ("Label", "名称"),
    "kind": ("Kind", "类别"),
    "node": ("node", "维度"),
    "indicator": ("indicator", "指标"),
    "measure": ("Unit of measure", "计量单位"),
    "direction": ("Direction", "属性"),
    "higher": ("higher is better", "正向"),
    "lower": ("lower is better", "逆向"),
    "method": ("Method", "方法"),
    "scale": ("Scale", "分值范围"),
    "first": ("Worst, or average", "最差值或均值"),
    "second": ("Best, or deviation", "最优值或标准差"),
    "least": ("Coverage at least", "最低覆盖率"),
    "provenance": ("Provenance", "参数来源性质"),
    "source": ("Source", "数据来源"),
    "weight": ("Weight", "权重"),
    "share": ("Share in its parent", "同级占比"),
    "effective": ("Effective weight", "有效权重"),
    "tier": ("Tier", "梯队"),
    "title": ("Index", "指数"),
    "hash": ("Hash of the methodology", "方法文件哈希"),
    "assumptions": ("Assumptions", "假设"),
    "synthetic": ("The data are made up", "数据为合成数据"),
    "how": ("How to read this workbook", "阅读说明"),
    "live": (
        "Figures in black are formulas: change a raw value or a weight, and all that follows from it changes.",
        "黑色数字为公式：修改原始数据或权重，其后的结果随之重新计算。",
    ),
    "input": ("Cells in yellow are inputs.", "黄色单元格为可修改的输入。"),
    "frozen": (
        "Figures in grey italics are values as dtindex computed them, where a sheet has no formula; they do not move.",
        "灰色斜体为 dtindex 计算的固定值，其方法无法用表格公式表达，不随修改变动。",
    ),
    "count": ("Formulas / fixed values", "公式数 / 固定值数"),
    "too many": (
        "With more than 1,000 units nothing is a formula.",
        "超过 1000 个单位时全部为固定值。",
    ),
    "sources": ("Sources", "资料来源"),
    "code": ("Code", "代码"),
    "severity": ("Severity", "级别"),
    "message": ("Message", "内容"),
    "place": ("Place", "位置"),
    "rank": ("Rank", "排名"),
    "mean": ("Mean", "均值"),
    "low": ("Low", "下界"),
    "median": ("Median", "中位数"),
    "high": ("High", "上界"),
    "runs": (
        "{runs:,} runs, seed {seed}, {confidence:g} % interval",
        "模拟 {runs:,} 次，随机种子 {seed}，{confidence:g}% 区间",
    ),
    "no runs": ("Nothing was simulated.", "未进行模拟。"),
    "ranking": ("Ranking", "排名"),
    "profiles": ("The first three, and the mean of all", "前三名与平均水平"),
    "average": ("Mean of all", "平均"),
}


def say(key: str, language: Language, **values: object) -> str:
    """A word or a sentence."""
    en, zh = _WORDS[key]
    return (zh if language == "zh" else en).format(**values)
