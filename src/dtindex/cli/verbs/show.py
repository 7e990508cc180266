"""``dtindex show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.inputs import Subject, load_subject
from dtindex.cli.options import SubjectName, console_of, output_file
from dtindex.cli.remarks import merged, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from dtindex.edition import Edition

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    yaml: Annotated[
        bool, typer.Option("--yaml", help="Print it as canonical YAML, which loads to the same hash.")
    ] = False,
    sheet: Annotated[
        str | None,
        typer.Option(metavar="FILE.xlsx", help="Write it as a workbook to edit, which loads to the same hash."),
    ] = None,
) -> int:
    """The tree with weights, methods, goalposts and origin of each parameter; tiers, sources, assumptions, hashes.

    Of an edition also its name, its hash, what it was fitted on and with which versions.
    """
    console = console_of(context)
    subject = load_subject(methodology)
    written = None
    if sheet is not None:
        from dtindex.spec import write_sheet

        written = str(write_sheet(subject.methodology, output_file(sheet, ".xlsx")))
        console.say(f"wrote {shown_path(written)}")
    elif yaml:
        from dtindex.spec.written import methodology_yaml

        console.raw(methodology_yaml(subject.methodology))
    elif console.for_people:
        from dtindex.cli.portrait import print_subject

        print_subject(console, subject)
    tell_warnings(console, merged(subject.methodology.findings))
    console.document(_document(subject, written))
    return 0


def _document(subject: Subject, written: str | None) -> dict[str, Any]:
    from dtindex.cli.tree_table import effective_weights
    from dtindex.output import twelve
    from dtindex.spec.identity import plain
    from dtindex.spec.provenance import provenances

    methodology, edition = subject.methodology, subject.edition
    weights = effective_weights(methodology.tree) if edition is None else edition.fitted.effective_weights()
    return {
        "verb": "show",
        "methodology": plain(methodology),
        "hash": methodology.hash,
        "scores_hash": methodology.scores_hash,
        "effective_weights": {item: twelve(weight) for item, weight in weights.items()},
        "provenance": [
            {"item": one.item, "parameter": one.parameter, "origin": str(one.origin), "check": one.check}
            for one in provenances(methodology)
        ],
        "edition": None if edition is None else _edition(edition),
        "files": [] if written is None else [written],
        **to_dict(methodology.findings),
        "exit_code": 0,
    }


def _edition(edition: Edition) -> dict[str, Any]:
    return {
        "name": edition.name,
        "hash": edition.hash,
        "table": {
            "hash": edition.table_hash,
            "included": edition.table is not None,
            "rows": None if edition.table is None else len(edition.table),
        },
        "assumptions": list(edition.fitted.assumptions),
        "versions": dict(edition.recorded.get("versions", {})),
    }
