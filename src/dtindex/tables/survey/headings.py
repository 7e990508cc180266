"""Headings of an export taken apart: code or number of the question, its wording, and which part a column is of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice

from dtindex.spec.survey import Dialect as DialectName
from dtindex.tables.names import fold

__all__ = ["Heading", "parse_heading", "small_number", "tails", "wording"]

# Possessive quantifiers and looks behind keep every search linear, whatever a heading is made of.
_WJX_PART = re.compile(r"第(\d{1,6})题\s*[(（](.*)[)）]", re.DOTALL)
_WJX = re.compile(r"(\d{1,6})\s*[、：:.．]\s*(.*)", re.DOTALL)
_BRACKETED = re.compile(r"[(（](.*)[)）]", re.DOTALL)
_SQUARE = re.compile(r"(.+?)\[([^\[\]]+)\]", re.DOTALL)
_SUFFIX = re.compile(r"(.+?)[_$]([A-Za-z0-9]+)")
_TAIL = re.compile(
    r"(?<![\s*])[\s*]*+"
    r"(?:[\[【(（](?:单选|多选|矩阵|量表|排序|填空|必答|可多选|多选题|单选题|矩阵题|必填)[^\]】)）]{0,200}+[\]】)）])?+"
    r"[\s*]*+$"
)
_BETWEEN = re.compile(r"(?<!\s)\s++[-–—]\s++|[:：]\s*+")
"""What stands between a question's wording and that of its part."""
_MOST_TAILS = 32
_PLACES = 3
"""Digits of a place, or of a part's position."""
_SELECTED = re.compile(r"(?<!\s)\s++[-–—]\s++(?:Selected Choice|选定的选项|选中的选项)(?=\s+[-–—]\s|$)", re.IGNORECASE)
"""What Qualtrics puts after the wording of a question with an option beside which something is typed."""
_PUNCTUATION = re.compile(r"[\s:：,，.。、;；!！?？\"'“”‘’()（）\[\]【】<>《》—–_*·/-]+")
_FRONT = re.compile(r"^[\s*]*(?:Q\d+|\d+)\s*[、：:.．)）]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading. ``code`` names the question in the file, ``part`` says of what a column is (row or option).

    ``stem`` is the wording without its part, "" where the file has none.
    """

    index: int
    name: str
    code: str = ""
    number: int | None = None
    stem: str = ""
    wording: str = ""
    """All that the file says of the column."""
    part: str = ""
    part_code: str = ""
    place: int | None = None
    """Of a platform that gives each place of a ranking a column, in which the option stands: the place, from 1."""

    @property
    def is_part(self) -> bool:
        """Whether the column is one of several of its question."""
        return bool(self.part or self.part_code)


def wording(text: str) -> str:
    """A wording as it is compared: any width and case, no number in front, no punctuation, no remark on the type."""
    return _PUNCTUATION.sub("", fold(_TAIL.sub("", _FRONT.sub("", text))))


def tails(told: str) -> list[str]:
    """What is told, and what follows each of the first separators in it, the longest first."""
    return [told, *(told[found.end() :] for found in islice(_BETWEEN.finditer(told), _MOST_TAILS))]


def small_number(code: str) -> int | None:
    """The number that a short code is; None for any other code."""
    return int(code) if code.isdecimal() and len(code) <= _PLACES else None


def parse_heading(index: int, name: str, told: str, dialect: DialectName) -> Heading:
    """The heading of a column whose wording the file tells apart from its name, or not (``told`` "")."""
    if dialect == "wjx":
        return _suffixed(index, name, told) if told else _wjx(index, name)
    if dialect == "limesurvey":
        found = _square(index, name, told)
        if found is None:
            return Heading(index, name, name, None, told, told)
        return replace(found, place=small_number(found.part_code))
    if dialect in ("qualtrics", "spss"):
        return _suffixed(index, name, _SELECTED.sub("", told))
    return _square(index, name, told) or _suffixed(index, name, told or name)


def _wjx(index: int, name: str) -> Heading:
    part = _WJX_PART.fullmatch(name)
    if part:
        return Heading(index, name, "", int(part[1]), "", "", part[2].strip())
    whole = _WJX.fullmatch(name)
    if whole is None:
        return Heading(index, name, name, None, name, name)
    inside = _BRACKETED.fullmatch(whole[2].strip())
    if inside:
        return Heading(index, name, "", int(whole[1]), "", "", inside[1].strip())
    return Heading(index, name, "", int(whole[1]), whole[2].strip(), whole[2].strip())


def _square(index: int, name: str, told: str) -> Heading | None:
    """``Q5[row]``, with the row's wording in brackets at the end of what is told."""
    found = _SQUARE.fullmatch(name)
    if found is None:
        return None
    stem, part = _last_bracket(told)
    return Heading(index, name, found[1].strip(), None, stem, told, part, found[2].strip())


def _last_bracket(told: str) -> tuple[str, str]:
    """``What ... [row]`` as what stands before the bracket and in it; nothing where it does not end in one."""
    whole = told.rstrip()
    before, bracket, part = whole[:-1].rpartition("[")
    return (before.strip(), part.strip()) if whole.endswith("]") and bracket and "]" not in part else ("", "")


def _suffixed(index: int, name: str, told: str) -> Heading:
    """``Q5_1`` told as ``stem - part``; a name that ends like that may be a whole question all the same."""
    found = _SUFFIX.fullmatch(name)
    if found is None:
        return Heading(index, name, name, None, told, told)
    pieces = _BETWEEN.split(told) if told != name else []
    stem, part = (pieces[0], pieces[-1]) if len(pieces) > 1 else ("", "" if told == name else told)
    return Heading(index, name, found[1], None, stem, told, part, found[2])
