"""``dtindex sample``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.console import Console, new_table
from dtindex.cli.options import MethodologyName, Threads, console_of, output_file
from dtindex.cli.remarks import exit_code, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.spec.model import Methodology
    from dtindex.spec.sample_plan import SamplePlan
    from dtindex.synthetic import SyntheticSample

__all__ = ["run"]

_HEADS = {
    "en": ("Figure", "Target", "Achieved", "", "Provenance", "Study"),
    "zh": ("数字", "目标", "样本", "", "来源性质", "来源研究"),
}
_BOUND = {"en": "printed: below", "zh": "仅公布上限"}


def run(
    context: typer.Context,
    methodology: MethodologyName,
    count: Annotated[int, typer.Option("-n", min=1, metavar="COUNT", help="Respondents.", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="Where the random numbers start.", show_default=False)],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .csv, .parquet or .xlsx file to write.", show_default=False
        ),
    ],
    correlation: Annotated[
        float | None, typer.Option(min=0, max=0.999, metavar="R", help="Between dimensions; else the file's.")
    ] = None,
    loading: Annotated[
        float | None, typer.Option(min=0.001, max=0.999, metavar="L", help="Of an answer on its dimension.")
    ] = None,
    missing: Annotated[float | None, typer.Option(min=0, max=1, metavar="SHARE", help="Of answers left out.")] = None,
    careless: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="SHARE", help="Of respondents who answer carelessly.")
    ] = None,
    assume: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Assumption that means and classes rest on; else the one that is planned."),
    ] = None,
    threads: Threads = 1,
) -> int:
    """What the answers are made to show is said by the `sample:` block of the methodology; the options change it.

    The file holds a column that says in every row that it is synthetic. The same methodology, count, seed and options
    give the same answers.
    """
    from dtindex.spec import load_methodology
    from dtindex.synthetic import sample
    from dtindex.synthetic.write import ENDINGS

    console = console_of(context)
    path = output_file(output, *ENDINGS)
    loaded = load_methodology(methodology)
    given = {"correlation": correlation, "loading": loading, "missing": missing, "careless": careless, "assume": assume}
    made = sample(loaded, count, seed=seed, plan=_plan(loaded, given), threads=threads)
    written = made.write(path)
    if console.for_people:
        _print(console, made, written)
    tell_warnings(console, made.findings)
    code = exit_code(console, made.findings)
    if console.common.json:
        console.document(_document(console, made, written) | to_dict(made.findings) | {"exit_code": int(code)})
    return code


def _plan(methodology: Methodology, given: dict[str, Any]) -> SamplePlan | None:
    """The methodology's plan with what the line says instead; None where it says nothing."""
    from dtindex.spec.sample_plan import SamplePlan

    changes = {name: value for name, value in given.items() if value is not None}
    return (methodology.sample or SamplePlan()).model_copy(update=changes) if changes else None


def _print(console: Console, made: SyntheticSample, written: Path) -> None:
    console.say(made.label.upper()[: len("synthetic")] + made.label[len("synthetic") :], "bold yellow")
    told = made.told(console.language)
    careless = sum(len(rows) for rows in made.careless.values())
    console.say(f"{len(made):,} respondents, of whom {careless:,} careless; figures are of the others, unweighted")
    if told:
        table = new_table()
        for number, head in enumerate(_HEADS[console.language]):
            table.add_column(head, justify="right" if number in (1, 2) else "left")
        for one in told:
            origin = f"{one.provenance} ({_BOUND[console.language]})" if one.bound else one.provenance
            study = f"{one.study}: {one.study_title}" if one.study else ""
            table.add_row(one.figure, f"{one.target:g}", _achieved(one.achieved), one.unit, origin, study)
        console.say()
        console.show(table)
        console.say()
    if made.plan.assume is not None:
        console.say(f"ASSUMPTION {made.plan.assume}: means and classes rest on it; it is not published", "bold yellow")
    console.say(f"wrote {shown_path(written)}")


def _achieved(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"


def _document(console: Console, made: SyntheticSample, written: Path) -> dict[str, Any]:
    from dtindex.output import twelve

    methodology = made.methodology
    figures = [
        {**asdict(one), "target": twelve(one.target), "achieved": twelve(one.achieved)}
        for one in made.told(console.language)
    ]
    return {
        "verb": "sample",
        "synthetic": made.label,
        "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
        "respondents": len(made),
        "seed": made.seed,
        "plan": made.plan.model_dump(mode="json", include={"correlation", "loading", "missing", "careless", "assume"}),
        "assumptions": [] if made.plan.assume is None else [made.plan.assume],
        "careless": {rule: len(rows) for rule, rows in made.careless.items()},
        "headlines": figures,
        "files": [str(written)],
    }
