"""What figures say, in the two languages."""

from __future__ import annotations

from dtindex.spec.base import Language

__all__ = ["of_words", "say", "vocabulary"]

_WORDS = {
    "rank intervals": ("How sure each rank is: {name}", "排名的不确定性：{name}"),
    "rank heatmap": ("Probability of each rank: {name}", "各名次的概率：{name}"),
    "tier probabilities": ("Probability of each tier: {name}", "各梯队的概率：{name}"),
    "sobol bars": ("What moves the result: {name}", "结果变动的来源：{name}"),
    "rank bounds": ("Attainable ranks: {name}", "可达排名：{name}"),
    "attainable": ("attainable with some admissible weights", "在允许的权重下可以达到"),
    "open ends": (
        "An end without a line: no weights are known that attain it, and it may be too wide.",
        "端点无竖线：尚未找到达到该名次的权重，界限可能偏宽。",
    ),
    "dominance": ("Before whom, whatever the weights: {name}", "与权重无关的先后：{name}"),
    "dominance note": (
        "A line down: before the other with all admissible weights. What follows from two lines is not drawn.",
        "连线向下：在任何允许的权重下均排在其前。可由两条连线推出的不再画出。",
    ),
    "stability": ("How far a weight can move: {name}", "权重可变动的范围：{name}"),
    "stability note": (
        "One weight moves, the others stay in proportion; before rounding.",
        "单个权重变动，其余权重按比例调整；未计取整。",
    ),
    "weight among siblings": ("Weight among its siblings", "同级权重"),
    "own weight": ("its weight", "现有权重"),
    "nobody moves": ("nobody changes places", "名次均不变"),
    "first stays": ("the first stays first", "第一名不变"),
    "crossing": ("two change places", "两单元换位"),
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
    "ranking bars": ("Ranking: {name}", "排名：{name}"),
    "score interval": ("{confidence} % interval of the score", "得分的 {confidence}% 区间"),
    "score": ("Score", "得分"),
    "tiers": ("Tiers: {name}", "梯队：{name}"),
    "at least": ("{name}: {bound} and more", "{name}：{bound} 及以上"),
    "radar": ("Profile: {name}", "画像：{name}"),
    "peer median": ("median of {count:,} units", "{count:,} 个单元的中位数"),
    "peer best": ("best of them", "其中最高"),
    "heat table": ("Scores at a glance: {name}", "得分一览：{name}"),
    "heat scores": ("The darker, the higher on the scale of its column.", "颜色越深，在该列量程上越高。"),
    "heat ranks": ("Ranks: the darker, the better.", "名次：颜色越深越靠前。"),
    "contributions": ("Where the score comes from: {name}", "得分构成：{name}"),
    "points": ("Points of {name}", "{name}（分）"),
    "framework tree": ("Framework: {name}", "指标体系：{name}"),
    "tree note": ("Per cents are weights among siblings.", "百分数为同级权重。"),
    "correlation": ("Correlations: {name}", "相关系数：{name}"),
    "with parent": ("index", "总分"),
    "flag high": ("over {bound:g}: says the same", "高于 {bound:g}：信息重复"),
    "flag negative": ("negative: says the opposite", "为负：方向相反"),
    "flag low": ("with the index below {bound:g}", "与总分低于 {bound:g}"),
    "correlation note": ("Pearson, pair by pair over {count:,} units.", "皮尔逊相关，逐对计算，{count:,} 个单元。"),
    "quadrant": ("{x} and {y}", "{x}与{y}"),
    "both high": ("both high", "双高"),
    "only x": ("{x} high", "{x}较高"),
    "only y": ("{y} high", "{y}较高"),
    "both low": ("both low", "双低"),
    "medians": ("Lines: medians of {count:,} units.", "分界线为 {count:,} 个单元的中位数。"),
    "unnamed": ("Without a name, for want of room: {count:,}.", "因位置不足未标名称：{count:,} 个。"),
    "tile grid": ("{name}", "{name}"),
    "tile note": (
        "A tile a province-level unit, roughly where it lies; no border is drawn.",
        "每格为一个省级单位，位置为示意，不绘边界。",
    ),
    "no data": ("no data", "无数据"),
    "lower": ("lower", "低"),
    "higher": ("higher", "高"),
    "group comparison": ("{group} against {against}", "{group}与{against}对比"),
    "ratio": ("Ratio of the means", "均值之比"),
    "ratio interval": ("ratio, {confidence} % interval", "比值，{confidence}% 区间"),
    "no ratio": ("No ratio, and not shown: {names}.", "无比值、未显示：{names}。"),
    "others": ("the others", "其他"),
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
