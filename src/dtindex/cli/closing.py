"""What verbs that score and write files end with: the record of the run, the last lines, the JSON document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dtindex.cli.console import Console
from dtindex.cli.inputs import RankedAgainst, Scored
from dtindex.cli.remarks import counted, exit_code, shown_path, tell_warnings, to_dict
from dtindex.findings import Findings

if TYPE_CHECKING:
    from dtindex.output import Run

__all__ = ["closed", "record_of", "run_of"]


def run_of(console: Console, result: Scored, ranked_against: RankedAgainst = "table") -> Run:
    """What the scores do not know of their run."""
    from dtindex.archive import table_hash
    from dtindex.output import Run

    edition = result.subject.edition
    return Run(
        command=console.common.command,
        table_hash=table_hash(result.scores.table),
        edition=None if edition is None else (edition.name, edition.hash),
        ranked_against=ranked_against,
    )


def record_of(console: Console, result: Scored, answers: dict[str, Any]) -> dict[str, Any]:
    """What is needed to say a year later what these figures are. No clock and no folder but the command's enters it."""
    from dtindex._version import __version__
    from dtindex.archive import table_hash

    return {
        "dtindex": __version__,
        "command": ["dtindex", *console.common.command],
        "edition": result.subject.edition_named,
        "table_hash": table_hash(result.scores.table),
        **answers,
    }


def closed(console: Console, findings: Findings, files: Sequence[Path], document: Callable[[], dict[str, Any]]) -> int:
    """Say what was written and found, print the document under ``--json``, and return the exit code."""
    if console.for_people:
        for path in files:
            console.say(f"wrote {shown_path(path)}", "dim")
        console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    if console.common.json:
        paths = {"files": [str(path) for path in files]}
        console.document(document() | paths | to_dict(findings) | {"exit_code": int(code)})
    return code
