"""Columns that identify a person: told by heading, wording or what stands in them; dropped or hashed, and said so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Literal

import numpy as np

from dtindex.spec.survey import Personal
from dtindex.tables.names import fold
from dtindex.tables.raw import Cells
from dtindex.tables.words import Words, words_of

__all__ = ["hashed", "is_personal", "personal_columns"]

Reason = Literal["its heading", "its wording", "what stands in it"]

_NAMES = frozenset(
    map(
        fold,
        (
            *(
                "来自IP",
                "IP",
                "IP地址",
                "IPAddress",
                "ipaddr",
                "ip address",
                "姓名",
                "您的姓名",
                "联系人",
                "联系人姓名",
            ),
            *(
                "手机",
                "手机号",
                "手机号码",
                "您的手机号",
                "电话",
                "联系电话",
                "电话号码",
                "邮箱",
                "电子邮箱",
                "电子邮件",
            ),
            *("微信", "微信号", "微信昵称", "QQ", "身份证", "身份证号", "身份证号码", "openid", "昵称", "用户名"),
            *("name", "full name", "first name", "last name", "RecipientFirstName", "RecipientLastName"),
            *("RecipientEmail", "email", "e-mail", "email address", "phone", "phone number", "mobile", "telephone"),
            *("LocationLatitude", "LocationLongitude", "contact", "contact person"),
        ),
    )
)
_NUMBERED = re.compile(r"^\s*(?:Q?\d+)\s*[、：:.．]\s*|(?<![：:？?*\s])[：:？?*\s]++$", re.IGNORECASE)
_REMARK = re.compile(r"[(\[【][^()\[\]【】]{0,40}+[)\]】]$")
_CALLED_SO = re.compile(
    r"(?:姓名|联系人|填表人|填写人|联系方式|电话|电话号码|手机|手机号|手机号码|邮箱|邮箱地址|电子邮件|微信|微信号|qq号?"
    r"|身份证|身份证号|身份证号码)$"
)
_ASKS = re.compile("是否|有无|[吗哪几]|企业微信")
_PERSONS = frozenset(
    ("your", "full", "first", "last", "family", "given", "respondent", "contact", "recipient", "person")
)
_REACHED_BY = frozenset(("email", "mail", "phone", "telephone", "mobile", "cellphone", "ip"))
_FEW_LETTERS = 16
_FEW_WORDS = 4
_CONTENT = re.compile(
    r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"  # e-mail
    r"|(?:\+?86[- ]?)?1[3-9]\d{9}"  # mobile telephone
    r"|0\d{2,3}-\d{7,8}"  # telephone with its area
    r"|(?:\d{1,3}\.){3}\d{1,3}(?:\(.*\))?"  # IPv4, with the place that 问卷星 adds
    r"|(?:[\dA-Fa-f]{0,4}:){4,7}[\dA-Fa-f]{0,4}"  # IPv6
    r"|[1-9]\d{16}[\dXx]"  # identity card
)
_MOSTLY = 0.6
_LOOKED_AT = 1_000


def is_personal(heading: str, cells: Cells, wording: str = "") -> Reason | None:
    """Why a column is taken for one that identifies a person; None where it is not.

    ``wording`` is what the file says of the column beside its heading, "" where it says nothing.
    """
    if _is_called_so(heading):
        return "its heading"
    if _is_called_so(wording):
        return "its wording"
    if isinstance(cells, np.ndarray):
        filled = [f"{value:.0f}" for value in cells[~np.isnan(cells)][:_LOOKED_AT].tolist()]
    else:
        words = cells.words if isinstance(cells, Words) else cells
        filled = list(islice((word.strip() for word in words if word.strip()), _LOOKED_AT))
    alike = sum(1 for cell in filled if _CONTENT.fullmatch(cell))
    return "what stands in it" if filled and alike >= _MOSTLY * len(filled) else None


def _is_called_so(heading: str) -> bool:
    """Whether a heading is that of a person's name or of a way to reach one: 填表人姓名 (选填), respondent name."""
    bare = _NUMBERED.sub("", heading)
    folded = _REMARK.sub("", fold(bare))
    if folded in _NAMES:
        return True
    if len(folded) <= _FEW_LETTERS and _CALLED_SO.search(folded) and not _ASKS.search(folded):
        return True
    words = re.findall("[a-z]+", bare.casefold()) if bare.isascii() else []
    if not 0 < len(words) <= _FEW_WORDS:
        return False
    named = words[-1] == "name" and not _PERSONS.isdisjoint(words)
    reached = [word for word in words if word not in ("address", "number", "no")]
    return named or (bool(reached) and reached[-1] in _REACHED_BY)


def personal_columns(
    header: Mapping[int, str], columns: Mapping[int, Cells], wordings: Sequence[str], rules: Mapping[str, Personal]
) -> dict[int, tuple[Personal, str]]:
    """What becomes of each column that identifies a person, and why: what the methodology says, else `drop`."""
    said = {fold(name): action for name, action in rules.items()}
    found: dict[int, tuple[Personal, str]] = {}
    for index, name in header.items():
        declared = said.get(fold(name)) or said.get(fold(_NUMBERED.sub("", name)))
        if declared is not None:
            found[index] = (declared, "the methodology")
            continue
        reason = is_personal(name, columns[index], wordings[index])
        if reason is not None:
            found[index] = ("drop", reason)
    return found


def hashed(cells: Cells, key: bytes) -> Words:
    """Each text as 16 hexadecimal digits of its keyed BLAKE2b: the same text gives the same digits under one key.

    Without a secret key this is a pseudonym that a list of all telephone numbers undoes.
    """
    column = words_of(
        cells if not isinstance(cells, np.ndarray) else [f"{value:.0f}" if value == value else "" for value in cells]
    )
    words = [
        hashlib.blake2b(word.encode(), key=key[:64], digest_size=8).hexdigest() if word else "" for word in column.words
    ]
    return Words(words, column.codes)
