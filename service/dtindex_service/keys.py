"""API keys: ``dti_live_``, 37 random characters, 6 of a checksum. Shown once, kept as HMAC-SHA256 only.

A key has 220 random bits, so that a fast hash is right: nobody can try them out. The checksum (CRC-32 in base 62, as
scanners of leaked secrets expect) tells a mistyped key from an unknown one without asking the store.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

__all__ = ["MadeKey", "digest", "is_well_formed", "make"]

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_START = "dti_live_"
_RANDOM = 37
_CHECKSUM = 6
_SHOWN = len(_START) + 6
_FORM = re.compile(rf"{_START}[0-9A-Za-z]{{{_RANDOM + _CHECKSUM}}}", re.ASCII)


@dataclass(frozen=True)
class MadeKey:
    """A new key: ``token`` is shown to its owner once, ``prefix`` names it in lists, ``digest`` is what is stored."""

    token: str = field(repr=False)
    prefix: str
    digest: str


def make(pepper: bytes) -> MadeKey:
    """A key that nobody can guess."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    token = f"{_START}{random}{_checksum(random)}"
    return MadeKey(token, token[:_SHOWN], digest(pepper, token))


def is_well_formed(token: str) -> bool:
    """Whether a text has the form of a key and its checksum fits."""
    if not _FORM.fullmatch(token):
        return False
    return hmac.compare_digest(_checksum(token[len(_START) : -_CHECKSUM]), token[-_CHECKSUM:])


def digest(pepper: bytes, token: str) -> str:
    """HMAC-SHA256 of a key under the service's secret, as 64 hexadecimal digits."""
    return hmac.digest(pepper, token.encode("utf-8", "surrogatepass"), "sha256").hex()


def _checksum(text: str) -> str:
    value = zlib.crc32(text.encode("ascii"))
    digits = []
    for _ in range(_CHECKSUM):
        value, digit = divmod(value, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
