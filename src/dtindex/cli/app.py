"""From a command line to a verb: only the verb that is asked for is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dtindex._version import __version__
from dtindex.cli.common import COMMON_HELP
from dtindex.cli.console import Console
from dtindex.findings import ExitCode, UsageError, finding, nearest

__all__ = ["VERBS", "Verb", "dispatch", "help_text"]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: its name, what it does in a line, an example. Its module has the same name, `_` for `-`, and a `run`."""

    name: str
    summary: str
    example: str
    settings: tuple[tuple[str, Any], ...] = ()
    """Settings of its click context."""

    @property
    def module(self) -> str:
        return f"dtindex.cli.verbs.{self.name.replace('-', '_')}"


# `code` takes what is left of the line as it is, without a help option: for every option or argument that it reads,
# typer imports pydantic, which takes longer than the answer.
_AS_IT_IS: tuple[tuple[str, Any], ...] = (
    ("allow_extra_args", True),
    ("ignore_unknown_options", True),
    ("help_option_names", []),
)

_VERBS = (
    Verb("list", "The methodologies that ship.", "dtindex list"),
    Verb("show", "A methodology or an edition, as a person reads it.", "dtindex show caict-computing-power-1.0"),
    Verb("init", "A folder with a methodology of one's own, data, and what to do next.", "dtindex init my-index"),
    Verb(
        "template", "A sheet to fill in, with the units.", "dtindex template caict-computing-power-2.0 -o fill-in.xlsx"
    ),
    Verb("inspect", "What a table holds, before anything is scored.", "dtindex inspect provinces.xlsx"),
    Verb(
        "check", "Every finding of a methodology and a table.", "dtindex check caict-computing-power-1.0 provinces.csv"
    ),
    Verb(
        "sample",
        "Made-up answers to a questionnaire, labelled so.",
        "dtindex sample accenture-reinvention-2023 -n 2000 --seed 1 -o s.csv",
    ),
    Verb("score", "Scores, ranks and tiers of a table.", "dtindex score caict-computing-power-1.0 -o out"),
    Verb("validity", "Whether the parts of an index belong together.", "dtindex validity caict-computing-power-1.0"),
    Verb(
        "compare",
        "Outcomes of one class against the others, with intervals and tests.",
        "dtindex compare accenture-reinvention-2023 s.csv --assume instrument-v1 -o out",
    ),
    Verb(
        "classify",
        "Who is in a class, how firmly, and how many that are.",
        "dtindex classify accenture-reinvention-2023 s.csv --assume instrument-v1 -o classes",
    ),
    Verb(
        "estimate",
        "Figures of the population, with standard errors by the sample's design.",
        "dtindex estimate accenture-reinvention-2023 s.csv --by industry --assume instrument-v1 -o out",
    ),
    Verb(
        "simulate",
        "How far scores and ranks move when what is uncertain is drawn anew.",
        "dtindex simulate caict-computing-power-1.0 --runs 100000 --seed 1 -o out",
    ),
    Verb(
        "sensitivity",
        "Which of the uncertain choices moves them; leave-one-out; scenarios.",
        "dtindex sensitivity caict-computing-power-1.0 --seed 1 -o out",
    ),
    Verb(
        "rank-bounds",
        "What holds of the ranks whatever the weights: exact, without a simulation.",
        "dtindex rank-bounds caict-computing-power-1.0 -o out",
    ),
    Verb(
        "rank-sets",
        "Which ranks can be told apart where figures have standard errors.",
        "dtindex rank-sets accenture-reinvention-2023 s.csv --by industry --assume instrument-v1 -o out",
    ),
    Verb(
        "explain",
        "Why a score is what it is, by itself or against another.",
        "dtindex explain caict-computing-power-1.0 --unit 广东 --against 北京",
    ),
    Verb(
        "diff",
        "What came of data, weights and method between two editions.",
        "dtindex diff nbs-new-drivers-2022 --periods 2023,2024",
    ),
    Verb(
        "report",
        "The index as one HTML page to open, turn and share; no network.",
        "dtindex report caict-computing-power-1.0 -o index.html",
    ),
    Verb(
        "freeze", "An edition: fitted once, never changed.", "dtindex freeze caict-computing-power-1.0 -o 2020.dtindex"
    ),
    Verb("verify", "An edition recomputed, and compared with itself.", "dtindex verify 2020.dtindex"),
    Verb("serve", "Scores, tables and figures over HTTP.", "dtindex serve caict-computing-power-1.0"),
    Verb(
        "keys",
        "Who may use a service: keys made, listed, revoked.",
        "dtindex keys create --name reports --scopes read,score --expires 90d --data-dir /srv/dtindex",
    ),
    Verb("worker", "Works on the long jobs of a service's store.", "dtindex worker --data-dir /srv/dtindex"),
    Verb("backup", "A service's store as one file.", "dtindex backup -o store.tar --data-dir /srv/dtindex"),
    Verb("restore", "The store of such a file.", "dtindex restore store.tar --data-dir /srv/dtindex"),
    Verb("schema", "The JSON Schema of methodology files, for editors.", "dtindex schema -o methodology-1.json"),
    Verb("doctor", "What this installation has and lacks, and whether a store is whole.", "dtindex doctor"),
    Verb("code", "What a finding code means, and what to do.", "dtindex code DT202", _AS_IT_IS),
)
VERBS = {verb.name: verb for verb in _VERBS}
_HELP = ("-h", "--help")


def dispatch(console: Console, words: Sequence[str]) -> int:
    """Run the verb that the line names; without one, say which there are."""
    if not words or words[0] in _HELP:
        console.raw(help_text())
        console.document({"verb": None, "verbs": {verb.name: verb.summary for verb in _VERBS}, "exit_code": 0})
        return ExitCode.FINE
    if words[0] == "--version":
        console.raw(f"dtindex {__version__}\n")
        console.document({"verb": None, "version": __version__, "exit_code": 0})
        return ExitCode.FINE
    return _run(VERBS[_verb(words[0])], console, words[1:])


def help_text() -> str:
    """Grammar, verbs and common options."""
    verbs = "\n".join(f"  {verb.name:<13}{verb.summary}" for verb in _VERBS)
    return (
        "Usage: dtindex VERB METHODOLOGY_OR_EDITION [TABLE] [options] [-o DIR|FILE]\n\n"
        "From a methodology and a table to scores, ranks and tiers that can be defended in public.\n"
        "METHODOLOGY is the id of one that ships, or a .yaml or .xlsx file; EDITION a .dtindex file.\n"
        "Without TABLE the methodology's own data is used.\n\n"
        f"Verbs:\n{verbs}\n\n{COMMON_HELP}\n  --version           the version\n\n"
        "Exit codes: 0 fine; 1 errors or differences; 2 usage or unreadable input; 3 limit; 70 a bug; 130 stopped.\n\n"
        "Example:\n  dtindex score caict-computing-power-1.0\n"
    )


def _verb(word: str) -> str:
    if word in VERBS:
        return word
    guess = nearest(word, VERBS)
    hint = f"nearest is {guess!r}" if guess else "`dtindex --help` lists them"
    kind = "option" if word.startswith("-") else "verb"
    raise UsageError(
        [finding("DT902", f"no {kind} {word!r} here; {hint}" if kind == "option" else f"no verb {word!r}; {hint}")]
    )


def _run(verb: Verb, console: Console, words: Sequence[str]) -> int:
    import typer

    # Where typer keeps click differs between its versions; this class of it is public.
    bad_usage: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        with _command(verb).make_context(f"dtindex {verb.name}", list(words), obj=console) as context:
            return int(context.command.invoke(context) or ExitCode.FINE)
    except typer.Exit as ended:
        return ended.exit_code
    except bad_usage as error:
        said = " ".join(getattr(error, "format_message", error.__str__)().split()).rstrip(".")
        raise UsageError([finding("DT902", f"{said}; `dtindex {verb.name} --help` shows an example")]) from error


def _command(verb: Verb) -> Any:
    """The verb as a command of typer."""
    import typer

    run = import_module(verb.module).run
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    more = run.__doc__ or ""
    app.command(
        verb.name,
        help=f"{verb.summary}\n\n{more}",
        epilog=f"\b\nExample:\n  {verb.example}\n\n\b\n{COMMON_HELP}",
        context_settings={"help_option_names": list(_HELP), **dict(verb.settings)},
    )(run)
    return typer.main.get_command(app)
