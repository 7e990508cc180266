"""Table heads and fixed phrases in the two languages."""

from __future__ import annotations

__all__ = ["kind_word", "say"]

_KINDS_ZH = {
    "province": "省份",
    "city": "城市",
    "county": "区县",
    "region": "地区",
    "nation": "国家",
    "country": "国家",
    "world": "全球",
    "enterprise": "企业",
    "respondent": "受访者",
}

_WORDS = {
    "rank": ("rank", "排名"),
    "score": ("score", "得分"),
    "tier": ("tier", "梯队"),
    "assumed": ("assumed", "假定"),
    "ranked": ("ranked", "个单元参与排名"),
    "not ranked": ("Not ranked for want of data", "数据不足，未参与排名"),
    "screened": ("Screened out", "经筛选剔除"),
    "set aside": ("Not ranked by declaration", "按声明不参与排名"),
    "coverage": ("coverage", "覆盖率"),
    "id": ("id", "标识"),
    "item": ("item", "项目"),
    "weight": ("weight", "权重"),
    "share": ("share", "占比"),
    "effective": ("effective", "有效权重"),
    "computed": ("computed by", "计算方法"),
    "unit": ("unit", "单位"),
    "column": ("column", "数据列"),
    "provenance": ("provenance", "参数来源"),
    "unpublished": ("unpublished", "未公开"),
    "recovered": ("recovered", "反推"),
    "published": ("published", "已公开"),
    "fitted": ("fitted", "由数据计算"),
    "measured": ("Measured, not scored", "只测量、不评分"),
    "tiers": ("Tiers", "梯队划分"),
    "sources": ("Sources", "资料来源"),
    "assumptions": ("Assumptions", "假设"),
    "rest": ("the rest", "其余"),
    "units": ("units", "评价对象"),
    "data": ("data", "数据"),
    "scale": ("scale", "量程"),
    "open": ("open", "开放"),
    "edition": ("edition", "固化版本"),
    "comparison": ("Compared with published figures", "与已公布数据比对"),
    "given": ("Given values against computed ones", "表中取值与计算值比对"),
    "compared": ("compared", "个数据"),
    "largest error": ("largest error", "最大误差"),
    "tolerance": ("tolerance", "容差"),
    "mismatches": ("beyond it", "个超出"),
    "no tiers": ("none", "无"),
    "class": ("class", "类别"),
    "classes": ("Classes", "分类规则"),
    "unknown": ("unknown", "无法判定"),
    "questions": ("Questions", "问卷题目"),
    "careless": ("Careless respondents", "无效答卷规则"),
    "all": ("and", "且"),
    "any": ("or", "或"),
    "not": ("not", "非"),
    "of the best": ("of the best", "（占最高分）"),
}


def say(word: str, language: str) -> str:
    """A phrase in a language."""
    en, zh = _WORDS[word]
    return zh if language == "zh" else en


def kind_word(kind: str, language: str) -> str:
    """What the units are, as the head of their column."""
    return _KINDS_ZH.get(kind, kind) if language == "zh" else kind
