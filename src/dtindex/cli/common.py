"""The options that every verb takes, wherever on the line they stand.

They are taken off the line before the verb's own options are read: so they work before the verb and after it, are said
once, and cost no verb a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dtindex.findings import UsageError, finding

__all__ = ["COMMON_HELP", "LANGUAGES", "Common", "take_common"]

# Spelled out: the language type of the library lies behind pydantic, which `--help` does without.
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

COMMON_HELP = """\
Every verb takes:
  --json              one JSON document on standard output, all else on standard error
  -q, --quiet         nothing but errors
  -v, --verbose       notes as well, and findings one by one
  --no-color          no colours (so does the variable NO_COLOR)
  --language en|zh    labels and table heads; en unless said
  --strict            warnings count as errors for the exit code
  -h, --help          help on the verb"""

_FLAGS = {
    "--json": "json",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
    "--no-color": "no_color",
    "--strict": "strict",
}


@dataclass(frozen=True)
class Common:
    """How to speak, and how severe to be."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    strict: bool = False
    language: Language = "en"
    command: tuple[str, ...] = field(default=())
    """The whole line, as it was typed."""


def take_common(argv: Sequence[str]) -> tuple[Common, list[str]]:
    """The common options, and what is left of the line; behind ``--`` nothing is taken."""
    common, rest = Common(command=tuple(argv)), list[str]()
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _FLAGS:
            common = replace(common, **_flag(word))
        elif word == "--language":
            common = replace(common, language=_language(next(words, "")))
        elif word.startswith("--language="):
            common = replace(common, language=_language(word.partition("=")[2]))
        else:
            rest.append(word)
    return common, rest


def _flag(word: str) -> dict[str, Any]:
    return {_FLAGS[word]: True}


def _language(word: str) -> Language:
    for language in LANGUAGES:
        if word == language:
            return language
    raise UsageError([finding("DT902", f"--language {word!r}: expected {' or '.join(LANGUAGES)}")])
