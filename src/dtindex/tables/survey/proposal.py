"""An export as it was understood, and the block of questions that it would be in a methodology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dtindex.spec.base import Language, Localised, text
from dtindex.tables.survey.dialect import Export

__all__ = ["Proposal", "questions_yaml"]

_WIDEST = 10_000
_LEGEND = (
    Localised(
        en="Options, steps and points are those that occur in the file: add what nobody chose.",
        zh="选项、级别和分值仅含文件中出现过的：未被选的请补上。",
    ),
    Localised(
        en="Numbers without words: see how far a scale goes; codes of a choice are `type: single` with its options in"
        " order, a count is `type: number`.",
        zh="只有数字时：量表请核对量程；选项代码请改 `type: single` 并依次列出选项；数量请改 `type: number`。",
    ),
)


@dataclass(frozen=True)
class Proposal:
    """An export as it was understood."""

    export: Export
    roles: tuple[Localised, ...]
    """What each column of ``export.raw`` was taken for."""
    personal: frozenset[int]
    """Columns that identify a person, whose cells are not to be shown."""
    questions: tuple[dict[str, Any], ...]
    """A `questions:` block, without points."""
    notes: Mapping[str, tuple[Localised, ...]] = field(default_factory=dict)
    """By question, what cannot be known from the file."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """A `survey:` block: what other columns are for."""
    asked: frozenset[int] = frozenset()
    """Columns that were taken for answers."""


def questions_yaml(proposal: Proposal, language: Language = "en") -> str:
    """The block as it would stand in a methodology: one line an option or row, comments on what cannot be known."""
    lines = [f"# {text(line, language)}" for line in _LEGEND]
    lines += [f"# survey: {{{key}: {_scalar(value)}}}" for key, value in proposal.beside.items()]
    lines.append("questions:")
    for question in proposal.questions:
        head = {key: value for key, value in question.items() if key not in ("options", "rows", "labels", "codes")}
        lines += [f"{'  - ' if number == 0 else '    '}{line}" for number, line in enumerate(_block(head, flow=False))]
        lines += [f"    # {text(note, language)}" for note in proposal.notes.get(question["id"], ())]
        for key in ("labels", "codes"):
            lines += [f"    {line}" for line in _block({key: question[key]}, flow=True)] if key in question else []
        for key in ("rows", "options"):
            if key in question:
                lines.append(f"    {key}:")
                lines += [f"      - {line}" for item in question[key] for line in _block(item, flow=True)]
    return "\n".join(lines) + "\n"


def _block(value: Mapping[str, Any], *, flow: bool) -> list[str]:
    import yaml

    written: str = yaml.safe_dump(
        dict(value), allow_unicode=True, default_flow_style=flow, sort_keys=False, width=_WIDEST
    )
    written = written.rstrip()
    if flow and set(value) <= {"labels", "codes"}:
        written = written.removeprefix("{").removesuffix("}")
    return written.splitlines()


def _scalar(value: str) -> str:
    return _block({"labels": value}, flow=True)[0].removeprefix("labels: ")
