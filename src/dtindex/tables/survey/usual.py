"""Answers as questionnaires usually word them: what is none, what excludes the rest, in which order degrees stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from dtindex.tables.names import fold

__all__ = ["NoAnswer", "excludes_others", "in_order", "ladder", "no_answer", "order_of_lists", "worded"]

NoAnswer = Literal["missing", "not-applicable"]


def worded(word: str) -> str:
    """A wording as it is looked up here: any case and width, no spaces, no full stop, one apostrophe."""
    return fold(word).replace("’", "'").replace("_", "").rstrip(".。!！")


def _set(*words: str) -> frozenset[str]:
    return frozenset(map(worded, words))


_MISSING = {
    **dict.fromkeys(_set("不知道", "说不清", "说不清楚", "不好说", "难以判断", "拒绝回答", "不愿回答", "不便透露"), ""),
    **dict.fromkeys(_set("don't know", "do not know", "dont know", "no answer", "no opinion", "refused", "dk"), ""),
    **dict.fromkeys(_set("prefer not to say", "prefer not to answer", "cannot say", "can't say", "unknown"), ""),
    **dict.fromkeys(_set("not sure", "unsure"), "sure"),
    worded("不清楚"): "清楚",
    worded("不确定"): "确定",
}
"""Wordings of no answer; with the word that makes a degree of them where another answer has it (很清楚, 不清楚)."""

_NOT_APPLICABLE = _set("不适用", "不涉及", "not applicable", "does not apply", "n/a", "n.a.")
_NONE_OF_THESE = _set(
    *("以上均无", "以上都没有", "以上均没有", "以上都不是", "以上皆无", "均无", "都没有", "无", "没有", "无以上情况"),
    *("none", "none of these", "none of the above", "none of them", "nothing"),
)

_VERY = ("非常", "完全", "很", "十分", "极其")
_RATHER = ("比较", "较", "基本", "有点", "")
_NOT_AT_ALL = ("非常不", "完全不", "很不", "十分不", "一点也不", "根本不")
_NOT_QUITE = ("不太", "比较不", "较不", "不", "不大")
_MIDDLE = ("一般", "中立", "说不清", "不确定", "普通", "既不同意也不反对", "neither", "neutral", "undecided")
_MIDDLE_EN = re.compile(r"neither.*nor.*")
_LADDERS = tuple(
    [_set(*level.split("|")) for level in steps]
    for steps in (
        (
            "strongly disagree|totally disagree|completely disagree",
            "disagree|rather disagree|somewhat disagree",
            "neither|neutral|undecided|neither agree nor disagree",
            "agree|rather agree|somewhat agree",
            "strongly agree|totally agree|completely agree",
        ),
        (
            "very dissatisfied",
            "dissatisfied|somewhat dissatisfied",
            "neutral|neither|neither satisfied nor dissatisfied",
            "satisfied|somewhat satisfied",
            "very satisfied",
        ),
        (
            "not at all|not at all important",
            "slightly|slightly important|a little",
            "moderately|moderately important",
            "very|very important|very much",
            "extremely|extremely important",
        ),
        ("never|从不|从来没有", "rarely|seldom|很少", "sometimes|有时", "often|usually|经常", "always|总是"),
        (
            "very low|很低|非常低",
            "low|低|较低",
            "medium|moderate|中|一般|中等",
            "high|高|较高",
            "very high|很高|非常高",
        ),
        (
            "very poor|很差|非常差",
            "poor|差|较差",
            "fair|average|一般",
            "good|好|较好",
            "very good|excellent|很好|非常好",
        ),
        (
            "完全没有|没有|未开展|无",
            "试点|初步",
            "部分实现|部分|部分开展",
            "大部分实现|大部分|多数",
            "全面实现|全面|全部|完全实现",
        ),
        ("no|否|没有|无|false", "yes|是|有|true"),
    )
)


def no_answer(word: str, others: Iterable[str] = ()) -> NoAnswer | None:
    """The status of an answer that is none, such as "don't know"; None where it is one."""
    name = worded(word)
    if name in _NOT_APPLICABLE:
        return "not-applicable"
    stem = _MISSING.get(name)
    if stem is None:
        return None
    return None if stem and any(stem in (other := worded(one)) and other != name for one in others) else "missing"


def excludes_others(word: str) -> bool:
    """Whether an answer is "none of these"."""
    return worded(word) in _NONE_OF_THESE


# --- degrees ---


def ladder(words: Sequence[str]) -> tuple[list[str], bool] | None:
    """Words of one ladder of degrees from the least to the most, and whether none of its steps is lacking."""
    for ranks in (_chinese(words), *(_of_steps(words, steps) for steps in _LADDERS)):
        if ranks is not None and len(ranks) > 1 and len(set(ranks.values())) == len(ranks):
            ordered = sorted(ranks, key=ranks.__getitem__)
            steps = set(ranks.values())
            whole = steps in ({-2, -1, 0, 1, 2}, {-2, -1, 1, 2}, {-1, 0, 1})
            return ordered, whole
    return None


def _of_steps(words: Sequence[str], steps: Sequence[frozenset[str]]) -> dict[str, int] | None:
    """Degrees from -2 to 2; those of a ladder of two (no, yes) make no scale."""
    found = {word: step for word in words for step, names in enumerate(steps) if worded(word) in names}
    if len(found) < len(words):
        return None
    return {word: step - 2 for word, step in found.items()} if len(steps) > 2 else {w: 5 * s for w, s in found.items()}


def _chinese(words: Sequence[str]) -> dict[str, int] | None:
    """完全不同意 to 完全同意: how much stands before one and the same word."""
    names = {word: worded(word) for word in words}
    degrees = [name for name in names.values() if name not in _set(*_MIDDLE) and not _MIDDLE_EN.fullmatch(name)]
    if not degrees or not all("\u4e00" <= name[-1] <= "\u9fff" for name in degrees):
        return None
    for size in range(min(map(len, degrees)), 0, -1):
        stem = degrees[0][-size:]
        if all(name.endswith(stem) for name in degrees):
            ranks = {word: _degree(name.removesuffix(stem), name in degrees) for word, name in names.items()}
            found = {word: rank for word, rank in ranks.items() if rank is not None}
            if len(found) == len(words) and len(degrees) > 1:
                return found
    return None


def _degree(front: str, is_degree: bool) -> int | None:
    if not is_degree:
        return 0
    for rank, fronts in ((-2, _NOT_AT_ALL), (-1, _NOT_QUITE), (2, _VERY), (1, _RATHER)):
        if front in fronts:
            return rank
    return None


# --- order ---

_LETTERED = re.compile(r"([A-Za-z])\s*[.、．:：)）]")
_NUMERALS = "无一二三四五六七八九"
_NUMBER = re.compile(r"\d+(?:[,，]\d{3})*(?:\.\d+)?")
_UP_TO = re.compile(
    r"以下|不足|不到|及以内|以内|小于|低于|少于|^\s*[<＜≤]|less than|under|below|up to|fewer", re.IGNORECASE
)


def in_order(words: Sequence[str]) -> tuple[list[str], bool]:
    """Answers in the order that their words tell: degrees, letters in front, amounts; False where they tell none."""
    steps = ladder(words)
    if steps is not None:
        return steps[0], True
    for key in (_letter, _numeral, _amount):
        keys = {word: key(word) for word in words}
        if len(words) > 1 and None not in keys.values() and len(set(keys.values())) == len(words):
            return sorted(words, key=lambda word: keys[word] or ()), True
    last = [word for word in words if worded(word) in _set("其他", "其它", "other", "others") or excludes_others(word)]
    return [*(word for word in words if word not in last), *sorted(last, key=excludes_others)], False


def _letter(word: str) -> tuple[float, ...] | None:
    found = _LETTERED.match(word.strip())
    return None if found is None else (ord(found[1].upper()),)


def _numeral(word: str) -> tuple[float, ...] | None:
    """一级, 二级, 三级, with 无 for none of them."""
    found = _NUMERALS.find(word.strip().removeprefix("第")[:1] or "?")
    return (float(found),) if found >= 0 and (found == 0 or len(word) > 1) else None


def _amount(word: str) -> tuple[float, ...] | None:
    """The first amount, below which stands what is "up to" it."""
    found = _NUMBER.search(word)
    if found is None:
        return None
    times = {"万": 1e4, "亿": 1e8}.get(word[found.end() : found.end() + 1], 1.0)
    return float(re.sub("[,，]", "", found[0])) * times, -1.0 if _UP_TO.search(word) else float(word.count("-") > 0)


def order_of_lists(lists: Sequence[Sequence[str]]) -> list[str] | None:
    """The order that lists of ticked answers keep to, ties as they first stand; None where they contradict each other.

    Platforms join what was ticked in the order of the questionnaire.
    """
    graph: dict[str, dict[str, None]] = {}
    for one in lists:
        for position, word in enumerate(one):
            graph.setdefault(word, {})
            if position:
                graph[word][one[position - 1]] = None
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return None
