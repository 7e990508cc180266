"""From the different words in the columns of a question to the type that it seems to have and the answers to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from dtindex.spec.base import Localised
from dtindex.tables.numbers import NumberType, is_number, to_ascii, to_float
from dtindex.tables.survey.usual import NoAnswer, excludes_others, in_order, ladder, no_answer, order_of_lists
from dtindex.tables.survey.vocabulary import without_typed

__all__ = ["Guess", "Told", "guess", "is_few", "options_of", "spread"]

_FEW, _SHARE = 12, 0.5
"""A text column of at most so many different answers, each given by two on average, is taken for a choice,"""
_MANY, _OFTEN = 60, 0.1
"""and one of more (provinces) where each is given by ten."""
_LEVELS = 11
"""A column of whole numbers of at most so many different ones is taken for a scale or for codes."""
_LARGEST_CODE = 60
_LISTS = 20_000
_APART = frozenset(map(str, (8, 9, 66, 77, 88, 96, 97, 98, 99, 888, 996, 997, 998, 999, -1, -7, -8, -9, -88, -99)))
"""Numbers that are codes for no answer where they stand apart from a scale."""
_SEPARATORS = ("┋", "→", "；", ";", "|", "，", ",")
_CODE = re.compile(r"[a-z][A-Za-z0-9_.-]*|[A-Z]{1,3}\d{1,3}")
_POINTS = re.compile(r"(\d+)[分点级星]")


def _note(en: str, zh: str) -> Localised:
    return Localised(en=en, zh=zh)


_AS_THEY_STAND = _note(
    "in the order in which they first stand, which may not be theirs", "按出现的先后排列，顺序请核对"
)


@dataclass(frozen=True)
class Told:
    """What a file tells of the answers in some columns."""

    words: Sequence[str]
    """The different answers as they first stand, without what the dialect has for none."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What codes stand for."""
    missing: Callable[[str], bool] = lambda word: False
    """Whether the file declares a code to be no answer."""
    rows: int = 0


@dataclass(frozen=True)
class Guess:
    """Keys of the question, its `type` first, and what is to be said of them."""

    keys: dict[str, Any]
    notes: tuple[Localised, ...] = ()

    @property
    def type(self) -> str:
        """The type of question."""
        return str(self.keys["type"])


def guess(told: Told) -> Guess:
    """The type of a question whose answers stand in one column, or of the rows of a matrix: single, scale, ..."""
    if told.labels:
        return _labelled(told)
    words = list(dict.fromkeys(map(without_typed, told.words)))
    is_plain = is_number("thousands")
    strange = list(islice((word for word in words if is_plain(word) is None), _MANY + 1))
    aside = {}
    if len(strange) <= _MANY:
        aside = {word: status for word in strange if (status := no_answer(word, strange)) is not None}
    real = [word for word in words if word not in aside]
    numbers = _numbers(real)
    if numbers is not None:
        return _numeric(real, numbers, {word: {"status": status} for word, status in aside.items()})
    lists = _joined(real)
    if lists is not None:
        return lists
    steps = ladder(real) if len(real) <= _FEW else None
    if steps is not None and steps[1]:
        codes = {"codes": {word: {"status": status} for word, status in aside.items()}} if aside else {}
        keys = {"type": "scale", "points": len(real), "labels": steps[0], **codes}
        return Guess(keys)
    if len(words) > 1 and is_few(words, told.rows):
        return _choice(real, aside)
    return Guess({"type": "text"})


def is_few(words: Sequence[str], rows: int) -> bool:
    """Whether there are so few different answers that they were chosen and not written."""
    few = len(words) <= _FEW and (len(words) <= _SHARE * rows or len(words) <= 2)
    return few or (len(words) <= _MANY and len(words) <= _OFTEN * rows)


# --- choices ---


def options_of(words: Sequence[str], aside: Mapping[str, NoAnswer] = {}) -> list[dict[str, Any]]:
    """Options by their words; codes such as `cloud` or A2 are ids, for others ids are made up."""
    coded = all(_CODE.fullmatch(word) for word in (*words, *aside))
    return [
        {**({"id": word} if coded else {"id": f"o{number}", "label": word}), **_status(aside.get(word))}
        for number, word in enumerate([*words, *aside], 1)
    ]


def _status(status: NoAnswer | None) -> dict[str, str]:
    return {} if status is None else {"status": status}


def _choice(real: Sequence[str], aside: Mapping[str, NoAnswer]) -> Guess:
    ordered, is_told = in_order(real)
    return Guess({"type": "single", "options": options_of(ordered, aside)}, () if is_told else (_AS_THEY_STAND,))


def _joined(words: Sequence[str]) -> Guess | None:
    """Lists in cells: ticks joined by ``┋``, an order by ``→``; by other signs where pieces come again and again."""
    for separator in _SEPARATORS:
        if any(separator in word for word in words):
            lists = [_pieces(word, separator) for word in words[:_LISTS]]
            if separator in "┋→" or _come_again(lists, strictly=separator in "，,"):
                return _of_lists(lists, separator)
    return None


def _pieces(word: str, separator: str) -> list[str]:
    return [piece for part in word.split(separator) if (piece := without_typed(part).strip())]


def _come_again(lists: Sequence[Sequence[str]], strictly: bool) -> bool:
    """Whether what is joined also stands in other cells; commas stand in answers, too."""
    joined = [one for one in lists if len(one) > 1]
    counts: dict[str, int] = {}
    for one in lists:
        for piece in set(one):
            counts[piece] = counts.get(piece, 0) + 1
    pieces = {piece for one in joined for piece in one}
    again = sum(1 for piece in pieces if counts[piece] > 1)
    if strictly:
        return len(joined) >= 3 and again == len(pieces)
    return len(pieces) <= _MANY and again > _SHARE * len(pieces)


def _of_lists(lists: Sequence[Sequence[str]], separator: str) -> Guess:
    order = order_of_lists(lists)
    pieces = list(dict.fromkeys(piece for one in lists for piece in one))
    ranked = separator == "→" or (separator != "┋" and order is None)
    notes = []
    if ranked and separator != "→":
        notes = [_note("joined in any order, so taken for one; if they are ticks: `type: multiple`",
                       "各答卷的先后不一，视为排序题；若为多选，改 `type: multiple`")]  # fmt: skip
    elif order is None:
        notes = [_AS_THEY_STAND]
    if all(piece.isdecimal() for piece in pieces) and max(map(int, pieces)) <= _LARGEST_CODE:
        notes = [note for note in notes if note is not _AS_THEY_STAND]
        notes.append(_note("codes only: the words are not in the file", "文件中只有代码，没有选项文字"))
        codes = sorted(map(int, pieces))
        codes = list(range(1, codes[-1] + 1)) if codes[0] > 0 else codes
        options: list[dict[str, Any]] = [
            {"id": f"o{code}", **({} if code == at else {"code": code})} for at, code in enumerate(codes, 1)
        ]
        return Guess({"type": "ranking" if ranked else "multiple", "options": options}, tuple(notes))
    pieces = pieces if ranked or order is None else order
    if ranked:
        return Guess({"type": "ranking", "options": options_of(pieces)}, tuple(notes))
    aside = {piece: status for piece in pieces if (status := no_answer(piece, pieces)) is not None}
    beside = {piece for one in lists if len(one) > 1 for piece in one}
    alone = {piece for piece in pieces if excludes_others(piece) and piece not in beside}
    kept = [piece for piece in pieces if piece not in aside and piece not in alone]
    kept += [piece for piece in pieces if piece in alone]
    options = options_of(kept, aside)
    for piece, option in zip([*kept, *aside], options, strict=True):
        option |= {"alone": True} if piece in alone else {}
    return Guess({"type": "multiple", "options": options}, tuple(notes))


# --- numbers ---


def _numbers(words: Sequence[str]) -> tuple[NumberType, list[float]] | None:
    """The words as numbers of the narrowest kind that they all are; None where they are not."""
    plain = [to_ascii(found[1] if (found := _POINTS.fullmatch(word)) else word) for word in words]
    for kind in ("number", "percent", "thousands"):
        if plain and all(map(is_number(kind), plain)):
            return kind, [value for word in plain if (value := to_float(word, kind)) is not None]
    return None


def _numeric(words: Sequence[str], numbers: tuple[NumberType, list[float]], codes: dict[str, Any]) -> Guess:
    kind, values = numbers
    apart = _apart(values) if kind == "number" else []
    found = spread([value for value in values if value not in apart]) if kind == "number" else None
    if found is None:
        # 5分 is no number to a question of numbers.
        suffixed = any(_POINTS.fullmatch(word) for word in words)
        form = {} if kind == "number" else {"format": kind}
        declared = {"codes": codes} if codes else {}
        return Guess({"type": "text"}) if suffixed else Guess({"type": "number", **form, **declared})
    first, points = found
    last = first + points - 1
    notes = [_note(f"numbers from {first} to {last}, and no words: a scale, codes of a choice, or a count",
                   f"只有 {first} 至 {last} 的数字，没有文字：量表、选项代码或数量")]  # fmt: skip
    if apart:
        listed = ", ".join(f"{value:g}" for value in apart)
        codes = codes | {f"{value:g}": {"status": "missing"} for value in apart}
        notes.append(_note(f"{listed} stand apart and were taken for no answer; delete `codes:` if they are answers",
                           f"{listed} 与其余数值不连续，视为未作答；若为有效答案，删去 `codes:`"))  # fmt: skip
    keys = {"type": "scale", "points": points, **({"first": first} if first != 1 else {})}
    return Guess(keys | ({"codes": codes} if codes else {}), tuple(notes))


def spread(values: Sequence[float]) -> tuple[int, int] | None:
    """First value and number of points of a scale of whole numbers from 0 or 1 on; None where they make none."""
    if len(values) < 2 or len(values) > _LEVELS or any(not value.is_integer() for value in values):
        return None
    low, high = int(min(values)), int(max(values))
    if not (0 <= low <= 3 and high <= _LEVELS - 1 and (low <= 1 or len(values) >= 3)):
        return None
    return (0, high + 1) if low == 0 else (1, high)


def _apart(values: Sequence[float]) -> list[float]:
    """Codes for no answer beside whole numbers from 0 or 1 on: beyond a gap, and such as are usual."""
    whole = sorted(value for value in values if value.is_integer())
    inside = [value for value in whole if value >= 0]
    run = 1
    while run < len(inside) and inside[run] == inside[run - 1] + 1:
        run += 1
    beyond = [value for value in whole if value < 0] + inside[run:]
    usual = all(f"{value:g}" in _APART and (value > 9 or value < 0 or inside[0] > 0) for value in beyond)
    return beyond if run >= 3 and len(whole) == len(values) and usual else []


# --- labels of values ---


def _labelled(told: Told) -> Guess:
    """Codes that the file explains: a scale of degrees, a choice, or numbers beside which a few codes are explained."""
    labels = told.labels
    aside = {code: status for code, label in labels.items() if (status := _aside(code, label, told)) is not None}
    real = {code: label for code, label in labels.items() if code not in aside}
    loose = [word for word in told.words if word not in labels and not told.missing(word)]
    codes = {code: {"status": status} for code, status in aside.items()}
    numbers = _numbers([*real, *loose]) if loose or not real else None
    if numbers is not None and loose:
        found = _numeric([*real, *loose], numbers, codes)
        ends = ", ".join(f"{code} = {label}" for code, label in real.items())
        said = (_note(f"of the numbers the file labels {ends}", f"文件只为部分数值加了标签：{ends}"),) if ends else ()
        return Guess(found.keys, (*found.notes, *said))
    values = _numbers(list(real))
    steps = ladder(list(real.values()))
    found_scale = spread(values[1]) if values is not None else None
    if steps is not None and steps[1] and found_scale == (int(min(values[1])) if values else 0, len(real)):
        first, points = found_scale
        keys = {"type": "scale", "points": points, **({"first": first} if first != 1 else {})}
        return Guess(keys | {"labels": list(real.values())} | ({"codes": codes} if codes else {}))
    options = []
    for number, (code, label) in enumerate([*labels.items(), *((word, word) for word in loose)], 1):
        value = to_float(code, "number")
        coded = {"code": int(value) if value is not None and value.is_integer() else code}
        option = {"id": f"o{number}", "label": label, **(coded if str(number) != code else {})}
        options.append({**option, **_status(aside.get(code))})
    return Guess({"type": "single", "options": options}) if len(options) > 1 else Guess({"type": "text"})


def _aside(code: str, label: str, told: Told) -> NoAnswer | None:
    status = no_answer(label, told.labels.values())
    return status or ("missing" if told.missing(code) else None)
