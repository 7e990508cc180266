"""``dtindex verify``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dtindex.cli.console import Console
from dtindex.cli.options import console_of
from dtindex.cli.remarks import exit_code, line, style_of, to_dict
from dtindex.findings import ExitCode, Findings, Severity

__all__ = ["run"]


def run(
    context: typer.Context,
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="A .dtindex file.", show_default=False)],
) -> int:
    """Checks the hash of every part, fits and scores anew from the rows inside, and compares to 12 significant digits.

    The exit code is 1 where anything differs.
    """
    from dtindex.edition import load_edition

    console = console_of(context)
    loaded = load_edition(edition)
    verification = loaded.verify()
    console.say(f"edition {loaded.name} of {loaded.methodology.id}, {loaded.hash}", "bold")
    # Loading has compared the hash of each part, and raises where one differs.
    parts = loaded.recorded.get("members", {})
    checks = [("parts", True, f"{len(parts)} parts have the hashes that were recorded")]
    checks += [(check.what, check.holds, check.detail) for check in verification.checks]
    for what, holds, detail in checks:
        mark = ("✓" if holds else "✗") if console.draws else ("ok" if holds else "NO")
        console.say(f"{mark} {what}: {detail}", None if holds else "bold red")
    for one in verification.findings:
        if one.severity is not Severity.ERROR:
            console.say(line(one), style_of(one))
    holds = verification.holds
    console.say("everything holds" if holds else "it does not hold", None if holds else "bold red")
    return _finish(console, checks, verification.findings, holds)


def _finish(console: Console, checks: Sequence[tuple[str, bool, str]], findings: Findings, holds: bool) -> int:
    code = exit_code(console, findings) if holds else ExitCode.FINDINGS
    told = [{"check": what, "holds": holds, "detail": detail} for what, holds, detail in checks]
    console.document({"verb": "verify", "holds": holds, "checks": told, **to_dict(findings), "exit_code": int(code)})
    return int(code)
