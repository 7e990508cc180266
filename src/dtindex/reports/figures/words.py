"""What figures say, in the two languages."""

from __future__ import annotations

from dtindex.spec.base import Language

__all__ = ["of_words", "say", "vocabulary"]

_WORDS = {
    "rank intervals": ("How sure each rank is: {name}", "排名的不确定性：{name}"),
    "rank heatmap": ("Probability of each rank: {name}", "各名次的概率：{name}"),
    "tier probabilities": ("Probability of each tier: {name}", "各梯队的概率：{name}"),
    "sobol bars": ("What moves the result: {name}", "结果变动的来源：{name}"),
    "rank": ("Rank", "排名"),
    "probability": ("Probability", "概率"),
    "share of variance": ("Share of the variance", "方差占比"),
    "runs": ("{runs:,} runs, seed {seed}", "{runs:,} 次模拟，随机种子 {seed}"),
    "runs of": (
        "{runs:,} runs of {asked:,} asked for, seed {seed}",
        "{asked:,} 次模拟中 {runs:,} 次有效，随机种子 {seed}",
    ),
    "evaluations": ("{runs:,} evaluations, seed {seed}", "{runs:,} 次评估，随机种子 {seed}"),
    "interval": ("{confidence} % interval", "{confidence}% 区间"),
    "tier interval": (
        "{confidence} % interval; most probable tier: {tier}",
        "{confidence}% 区间；最可能的梯队：{tier}",
    ),
    "nominal": ("rank", "排名"),
    "nominal cell": ("rank of the unit", "该单元的排名"),
    "median": ("median", "中位数"),
    "observed": ("best and worst observed", "观测到的最好与最差排名"),
    "first": ("first order", "一阶指数"),
    "total": ("total order", "总效应指数"),
    "shapley": ("Shapley effect", "沙普利效应"),
    "not computed": ("not computed", "未计算"),
    "shown": ("Shown: the first {shown:,} of {count:,} units.", "仅显示前 {shown:,} 个（共 {count:,} 个）。"),
    "unranked": ("Not ranked, and not shown: {count:,}.", "未参与排名、未显示：{count:,} 个。"),
    "default factors": (
        "The methodology names no factors: these are the default ones.",
        "方法文件未声明不确定性因素，此处采用默认因素。",
    ),
    "joined": ("; ", "；"),
}

_OF = {
    "mean shift in rank": "平均位次变动",
    "all scores": "全部得分",
    "all ranks": "全部排名",
    "score": "得分",
    "rank": "排名",
}


def say(word: str, language: Language, **values: object) -> str:
    """A phrase in the language, with its values."""
    return _WORDS[word][language == "zh"].format(**values)


def of_words(of: str, language: Language) -> str:
    """What an index of sensitivity is of."""
    return _OF.get(of, of) if language == "zh" else of


def vocabulary(language: Language) -> str:
    """Every character that a figure may need besides names and titles."""
    printable = "".join(map(chr, range(32, 127))) + "…–−"
    return (
        printable
        + "".join(phrases[language == "zh"] for phrases in _WORDS.values())
        + "".join(_OF.values() if language == "zh" else _OF)
    )
