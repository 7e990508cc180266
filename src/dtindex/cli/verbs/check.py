"""``dtindex check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from dtindex.cli.console import Console
from dtindex.cli.inputs import Subject, is_edition, load_subject, read, refuse_assumption
from dtindex.cli.options import (
    Assume,
    Delimiter,
    Encoding,
    HeaderRows,
    Layout,
    LayoutName,
    Sheet,
    SubjectName,
    TableName,
    TableSource,
    console_of,
)
from dtindex.cli.remarks import counted, exit_code, line, merged, style_of, to_dict
from dtindex.findings import Findings, InputError, Severity, finding

if TYPE_CHECKING:
    from dtindex.spec.model import Methodology
    from dtindex.tables.table import Table

__all__ = ["run"]

_HEADS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
) -> int:
    """Reads both, fits and scores without writing, and prints what is found: file:line:column: DTxxx message.

    What passes `check` passes `score`; only weights and goalposts that nobody published are a note here.
    """
    console = console_of(context)
    work = _Check(methodology, TableSource(table, sheet, delimiter, encoding, header_rows, layout), assume)
    try:
        findings = work.findings()
    except InputError as error:
        findings = error.findings
    _print(console, findings)
    code = exit_code(console, findings)
    counts = {"errors": len(findings.errors), "warnings": len(findings.warnings), "notes": len(findings.notes)}
    console.document({"verb": "check", **counts, **to_dict(findings), "exit_code": int(code)})
    return code


@dataclass(frozen=True)
class _Check:
    name: str
    source: TableSource
    assume: str | None

    def findings(self) -> Findings:
        """What methodology, table, fitting and scoring say; each step only where the one before allows."""
        subject = load_subject(self.name)
        if subject.edition is not None:
            refuse_assumption(self.assume)
        methodology = self._assumed(subject.methodology)
        found = methodology.findings + self._unpublished(methodology)
        if self.source.path is None and (is_edition(self.name) or methodology.data_ is None):
            return merged(found, self._own_rows(subject))
        table, read_findings = read(methodology, self.source)
        found = merged(found, read_findings)
        if table is None or (subject.edition is None and self._unpublished(methodology)):
            return found
        return merged(found, self._scored(subject, methodology, table))

    def _scored(self, subject: Subject, methodology: Methodology, table: Table) -> Findings:
        try:
            if subject.edition is not None:
                return subject.edition.score(table).findings
            from dtindex.index import CompositeIndex

            index = CompositeIndex(methodology).fit(table)
            return merged(index.fitted_.findings, index.score().findings)
        except InputError as error:
            return error.findings

    def _assumed(self, methodology: Methodology) -> Methodology:
        if self.assume is None:
            return methodology
        from dtindex.spec.assume import apply_assumption

        return apply_assumption(methodology, self.assume)[0]

    def _unpublished(self, methodology: Methodology) -> Findings:
        """What a score would refuse: true of the index, and no mistake in its file."""
        from dtindex.spec.assume import unpublished

        return Findings(finding(one.code, one.message, one.place, Severity.NOTE) for one in unpublished(methodology))

    def _own_rows(self, subject: Subject) -> Findings:
        if subject.edition is None or subject.edition.table is None:
            return Findings()
        return subject.edition.score().findings


def _print(console: Console, findings: Findings) -> None:
    for severity, head in _HEADS.items():
        some = findings.of(severity)
        if some:
            console.say(f"{head} ({len(some)})", "bold")
        for one in some:
            console.say(line(one), style_of(one))
        if some:
            console.say()
    console.say(counted(findings))
