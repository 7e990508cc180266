"""Columns that identify a person: told by their heading or by what stands in them; dropped or hashed, and said so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Literal

import numpy as np

from dtindex.spec.survey import Personal
from dtindex.tables.names import fold
from dtindex.tables.raw import Cells
from dtindex.tables.words import Words, words_of

__all__ = ["hashed", "is_personal", "personal_columns"]

Reason = Literal["its heading", "what stands in it"]

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
_NUMBERED = re.compile(r"^\s*(?:Q?\d+)\s*[、：:.．]\s*|[：:？?*\s]+$", re.IGNORECASE)
_CONTENT = re.compile(
    r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"  # e-mail
    r"|(?:\+?86[- ]?)?1[3-9]\d{9}"  # mobile telephone
    r"|(?:\d{1,3}\.){3}\d{1,3}(?:\(.*\))?"  # IPv4, with the place that 问卷星 adds
    r"|[1-9]\d{16}[\dXx]"  # identity card
)
_MOSTLY = 0.6
_LOOKED_AT = 1_000


def is_personal(heading: str, cells: Cells) -> Reason | None:
    """Why a column is taken for one that identifies a person; None where it is not."""
    if fold(_NUMBERED.sub("", heading)) in _NAMES:
        return "its heading"
    if isinstance(cells, np.ndarray):
        filled = [f"{value:.0f}" for value in cells[~np.isnan(cells)][:_LOOKED_AT].tolist()]
    else:
        words = cells.words if isinstance(cells, Words) else cells[:_LOOKED_AT]
        filled = [word.strip() for word in words[:_LOOKED_AT] if word.strip()]
    alike = sum(1 for cell in filled if _CONTENT.fullmatch(cell))
    return "what stands in it" if filled and alike >= _MOSTLY * len(filled) else None


def personal_columns(
    header: Mapping[int, str], columns: Mapping[int, Cells], rules: Mapping[str, Personal]
) -> dict[int, tuple[Personal, str]]:
    """What becomes of each column that identifies a person, and why: what the methodology says, else `drop`."""
    said = {fold(name): action for name, action in rules.items()}
    found: dict[int, tuple[Personal, str]] = {}
    for index, name in header.items():
        declared = said.get(fold(name)) or said.get(fold(_NUMBERED.sub("", name)))
        if declared is not None:
            found[index] = (declared, "the methodology")
            continue
        reason = is_personal(name, columns[index])
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
