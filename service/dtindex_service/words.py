"""What columns are called, in both languages; for the metadata beside a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["COLUMNS", "Words", "both"]

Words = Mapping[str, str]

COLUMNS: Mapping[str, Words] = {
    "unit": {"en": "Unit", "zh": "单位"},
    "name": {"en": "Name", "zh": "名称"},
    "period": {"en": "Period", "zh": "时期"},
    "node": {"en": "Node or indicator", "zh": "指标"},
    "item": {"en": "Node or indicator", "zh": "指标"},
    "score": {"en": "Score", "zh": "得分"},
    "rank": {"en": "Rank", "zh": "排名"},
    "percentile": {"en": "Percentile", "zh": "百分位"},
    "coverage": {"en": "Coverage", "zh": "数据覆盖率"},
    "status": {"en": "Status", "zh": "状态"},
    "tier": {"en": "Tier", "zh": "梯队"},
    "class": {"en": "Class", "zh": "类别"},
    "group": {"en": "Group", "zh": "分组"},
    "rank_in_group": {"en": "Rank in the group", "zh": "组内排名"},
    "weight": {"en": "Weight among siblings", "zh": "同级权重"},
    "effective_weight": {"en": "Effective weight", "zh": "总权重"},
    "indicator": {"en": "Indicator", "zh": "指标"},
    "method": {"en": "Method", "zh": "方法"},
    "value": {"en": "Value", "zh": "数值"},
    "source": {"en": "Source", "zh": "来源"},
    "before": {"en": "Before", "zh": "处理前"},
    "after": {"en": "After", "zh": "处理后"},
    "rule": {"en": "Rule", "zh": "规则"},
    "bound": {"en": "Bound", "zh": "界限"},
    "share": {"en": "Share", "zh": "占比"},
    "needed": {"en": "Share needed", "zh": "所需占比"},
    "kind": {"en": "Kind", "zh": "种类"},
    "compared": {"en": "Figures compared", "zh": "比较的数据个数"},
    "largest_error": {"en": "Largest difference", "zh": "最大差异"},
    "tolerance": {"en": "Tolerance", "zh": "容差"},
    "mismatches": {"en": "Mismatches", "zh": "不一致个数"},
    "parent": {"en": "Parent", "zh": "上级指标"},
    "depth": {"en": "Depth", "zh": "层级"},
    "label_en": {"en": "Label, English", "zh": "名称(英文)"},
    "label_zh": {"en": "Label, Chinese", "zh": "名称(中文)"},
    "unit_en": {"en": "Unit of measure, English", "zh": "计量单位(英文)"},
    "unit_zh": {"en": "Unit of measure, Chinese", "zh": "计量单位(中文)"},
    "direction": {"en": "Direction", "zh": "方向"},
    "code": {"en": "Code", "zh": "代码"},
    "severity": {"en": "Severity", "zh": "级别"},
    "message": {"en": "Message", "zh": "说明"},
    "file": {"en": "File", "zh": "文件"},
    "line": {"en": "Line", "zh": "行"},
    "column": {"en": "Column", "zh": "列"},
    "sheet": {"en": "Sheet", "zh": "工作表"},
    "cell": {"en": "Cell", "zh": "单元格"},
    "category": {"en": "Category", "zh": "类别"},
    "n": {"en": "Respondents", "zh": "样本量"},
    "weighted": {"en": "Weighted count", "zh": "加权样本量"},
    "estimate": {"en": "Estimate", "zh": "估计值"},
    "se": {"en": "Standard error", "zh": "标准误"},
    "low": {"en": "Interval, low end", "zh": "区间下限"},
    "high": {"en": "Interval, high end", "zh": "区间上限"},
    "deff": {"en": "Design effect", "zh": "设计效应"},
    "df": {"en": "Degrees of freedom", "zh": "自由度"},
    "note": {"en": "Note", "zh": "备注"},
    "margin": {"en": "Margin, in standard deviations", "zh": "余量(标准差)"},
    "binding": {"en": "Binding dimension", "zh": "约束维度"},
    "probability": {"en": "Probability of membership", "zh": "归类概率"},
    "word": {"en": "How firm", "zh": "稳固程度"},
    "count": {"en": "Count", "zh": "个数"},
    "change": {"en": "Change", "zh": "变动"},
    "rank_before": {"en": "Rank before", "zh": "变动前排名"},
    "rank_after": {"en": "Rank after", "zh": "变动后排名"},
    "data": {"en": "From data", "zh": "数据所致"},
    "weights": {"en": "From weights", "zh": "权重所致"},
    "together": {"en": "Told together", "zh": "合并说明"},
    "cause": {"en": "Cause", "zh": "原因"},
    "alpha": {"en": "Cronbach's alpha", "zh": "克朗巴哈系数"},
    "rows": {"en": "Rows", "zh": "行数"},
    "reason": {"en": "Why not computable", "zh": "无法计算的原因"},
    "pearson": {"en": "Pearson's correlation", "zh": "皮尔逊相关系数"},
    "spearman": {"en": "Spearman's correlation", "zh": "斯皮尔曼相关系数"},
    "kendall": {"en": "Kendall's tau", "zh": "肯德尔相关系数"},
    "eigenvalue": {"en": "Eigenvalue", "zh": "特征值"},
}
"""Columns that are no items of a methodology."""


def both(text: Any, default: str = "") -> dict[str, str]:
    """A text of a methodology in English and Chinese: in the other language where one lacks, else ``default``."""
    if text is None or isinstance(text, str):
        return {"en": text or default, "zh": text or default}
    return {"en": text.en or text.zh or default, "zh": text.zh or text.en or default}
