"""``dtindex code``."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import typer

from dtindex.cli.console import Console
from dtindex.cli.options import console_of
from dtindex.findings import CATALOGUE, Code, UsageError, finding, nearest

__all__ = ["run"]


def run(context: typer.Context) -> int:
    """Title, reason and remedy of each CODE; without one, all codes with their titles.

    Arguments: [CODE]..., such as DT202.
    """
    console = console_of(context)
    words = [word for word in context.args if word != "--"]
    if {"-h", "--help"} & set(words):
        console.raw(context.get_help() + "\n")
        return 0
    codes = [_code(word) for word in words]
    if codes:
        console.say("\n\n".join(_told(code) for code in codes))
    else:
        console.say("\n".join(f"{code.id}  {code.severity:<7}  {code.title}" for code in CATALOGUE.values()))
    _document(console, codes or list(CATALOGUE.values()))
    return 0


def _code(word: str) -> Code:
    wanted = word.upper()
    known = wanted if wanted.startswith("DT") else f"DT{wanted}"
    if known not in CATALOGUE:
        guess = nearest(known, CATALOGUE)
        hint = f"nearest is {guess}" if guess else "`dtindex code` lists all"
        raise UsageError([finding("DT902", f"no code {word!r}; {hint}")])
    return CATALOGUE[known]


def _told(code: Code) -> str:
    paragraphs = (f"{code.id}  {code.title} ({code.severity})", f"Why:    {code.why}", f"Remedy: {code.remedy}")
    return "\n".join(textwrap.fill(part, 100, subsequent_indent=" " * 8, break_on_hyphens=False) for part in paragraphs)


def _document(console: Console, codes: Sequence[Code]) -> None:
    entries: list[dict[str, Any]] = [
        {"code": code.id, "severity": str(code.severity), "title": code.title, "why": code.why, "remedy": code.remedy}
        for code in codes
    ]
    console.document({"verb": "code", "codes": entries, "exit_code": 0})
