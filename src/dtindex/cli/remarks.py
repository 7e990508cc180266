"""Findings as lines and as JSON, and the exit code that follows from them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dtindex.cli.console import Console
from dtindex.findings import ExitCode, Finding, Findings, Place, Severity

__all__ = ["counted", "exit_code", "line", "merged", "report_failure", "shown_path", "tell_warnings", "to_dict"]

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_SHOWN = 3


def line(finding: Finding) -> str:
    """``file:line:column: DTxxx message``, so that editors and grep find the place."""
    where, who = _where(finding.place), _who(finding.place)
    if not where:
        return f"{who}: {finding.code} {finding.message}" if who else f"{finding.code} {finding.message}"
    # What the sentence names already is not said twice.
    behind = f" ({who})" if who and not all(word in finding.message for word in who.split()) else ""
    return f"{where}: {finding.code} {finding.message}{behind}"


def merged(*several: Iterable[Finding]) -> Findings:
    """Findings of several steps in their order, each once."""
    return Findings(dict.fromkeys(finding for some in several for finding in some))


def counted(findings: Findings) -> str:
    """``2 errors, 1 warning, 0 notes``."""
    counts = (len(findings.errors), len(findings.warnings), len(findings.notes))
    words = ("error", "warning", "note")
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in zip(counts, words, strict=True))


def exit_code(console: Console, findings: Findings) -> int:
    """1 where a finding is an error, or a warning under ``--strict``."""
    failed = findings.errors or (console.common.strict and findings.warnings)
    return ExitCode.FINDINGS if failed else ExitCode.FINE


def style_of(finding: Finding) -> str:
    """The colour of a severity."""
    return _STYLES[finding.severity]


def tell_warnings(console: Console, findings: Findings) -> None:
    """Warnings on standard error, the first few of a code; with ``--verbose`` all of them, and the notes."""
    verbose = console.common.verbose
    told = findings.warnings + (findings.notes if verbose else ())
    for code in dict.fromkeys(told.codes):
        alike = [finding for finding in told if finding.code == code]
        shown = alike if verbose or len(alike) <= _SHOWN + 1 else alike[:_SHOWN]
        for finding in shown:
            console.tell(f"{finding.severity}: {line(finding)}", style_of(finding))
        if len(shown) < len(alike):
            console.tell(
                f"{alike[0].severity}: and {len(alike) - len(shown)} more {code} (--verbose prints them)", "dim"
            )


def report_failure(console: Console, findings: Findings, code: int) -> None:
    """Why a run ended early: errors to standard error; under ``--json`` a document of the same."""
    errors = findings.errors or findings
    for finding in errors:
        console.fail(line(finding), style_of(finding))
    if len(errors) > 1:
        console.fail(counted(findings))
    console.document({"verb": _verb(console.common.command), **to_dict(findings), "exit_code": int(code)})


def to_dict(findings: Findings) -> dict[str, Any]:
    """The findings as a part of a JSON document."""
    return {"findings": [finding.to_dict() for finding in findings]}


def shown_path(path: str | Path) -> str:
    """A path as a person would type it: relative, where it lies below the current folder."""
    text = os.fspath(path)
    if not os.path.isabs(text):
        return text
    try:
        return str(Path(text).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return text


def _where(place: Place) -> str:
    file = None if place.file is None else shown_path(place.file)
    if place.cell is not None:
        return "!".join(part for part in (file, place.sheet, place.cell) if part)
    return ":".join(str(part) for part in (file, place.line, place.column) if part is not None)


def _who(place: Place) -> str:
    return " ".join(part for part in (place.unit, place.period, place.name) if part)


def _verb(command: Sequence[str]) -> str | None:
    return next((word for word in command if not word.startswith("-")), None)
