"""``dtindex estimate``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import scored
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
    Threads,
    console_of,
)
from dtindex.cli.remarks import merged
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.analysis.estimate import Estimates
    from dtindex.analysis.survey.outcomes import Kind
    from dtindex.spec.survey import Survey

__all__ = ["run"]


class KindName(StrEnum):
    """What is estimated."""

    MEAN = "mean"
    SHARE = "share"
    TOTAL = "total"
    RATIO = "ratio"
    QUANTILE = "quantile"


class Lonely(StrEnum):
    """What a stratum with a single PSU adds to a variance."""

    FAIL = "fail"
    CERTAINTY = "certainty"
    ADJUST = "adjust"
    AVERAGE = "average"


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    of: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEM", help="Node, indicator, question, scheme of classes or ratio a/b; again for more."),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Column, question or scheme; several are crossed.")
    ] = None,
    kind: Annotated[KindName | None, typer.Option(help="What is estimated; else what the item has.")] = None,
    quantile: Annotated[
        list[float] | None, typer.Option(metavar="SHARE", help="Of --kind quantile, again for more; else quartiles.")
    ] = None,
    weight: Annotated[str | None, typer.Option(metavar="COLUMN", help="Weights, instead of the file's.")] = None,
    strata: Annotated[str | None, typer.Option(metavar="COLUMN", help="Strata, instead of the file's.")] = None,
    cluster: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Unit drawn at a stage; again for the next stage.")
    ] = None,
    population: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Units there were to draw from at a stage; again.")
    ] = None,
    lonely: Annotated[Lonely | None, typer.Option(help="What a stratum with a single PSU adds.")] = None,
    replicates: Annotated[
        str | None,
        typer.Option(metavar="METHOD|N", help="taylor, jk1, jkn, brr, bootstrap, or so many bootstrap replicates."),
    ] = None,
    benchmark: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]FIGURE", help="A figure from elsewhere, such as 52%, for all rows or by name."),
    ] = None,
    suppress_below: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Fewer respondents are suppressed; else as the file says, 5.")
    ] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of intervals.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 0,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    assume: Assume = None,
    threads: Threads = 1,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Means, shares, totals, ratios and quantiles of the population, with standard errors by the sample's design.

    With -o DIR two files are written, both or neither: estimates.csv (a row a figure) and estimates.json (the same with
    hashes, design, seed and command).
    """
    from dtindex.analysis.estimate import estimate

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    compared = _benchmarks(benchmark or [])
    result = scored(methodology, source, assume=assume, threads=threads)
    found = estimate(
        result.scores,
        of=of or None,
        by=by or None,
        kind=_kind(kind),
        quantiles=quantile or (0.25, 0.5, 0.75),
        weight=weight,
        design=_design(result.scores.methodology.survey, strata, cluster, population, lonely),
        replicates=int(replicates) if replicates is not None and replicates.isdecimal() else replicates,
        seed=seed,
        confidence=confidence,
        suppress_below=suppress_below,
        benchmark=compared,
        period=period,
    )
    findings = merged(result.findings, found.findings)
    wanted = output is not None or console.common.json
    record = record_of(console, result, found.to_dict()) if wanted else {}
    files = [] if output is None else _write(output, found, record)
    if console.for_people:
        from dtindex.cli.estimates import print_estimates

        print_estimates(console, found)
    return closed(console, findings, files, lambda: {"verb": "estimate"} | record)


def _kind(name: KindName | None) -> Kind | None:
    from dtindex.analysis.survey.outcomes import KINDS

    return None if name is None else next(kind for kind in KINDS if kind == name.value)


def _design(
    survey: Survey | None,
    strata: str | None,
    clusters: list[str] | None,
    population: list[str] | None,
    lonely: Lonely | None,
) -> dict[str, Any] | None:
    """The file's design with what the line says instead; None where it says nothing."""
    said: dict[str, Any] = {}
    said |= {} if strata is None else {"strata": strata}
    said |= {"clusters": clusters} if clusters else {}
    said |= {"population": population} if population else {}
    said |= {} if lonely is None else {"lonely": lonely.value}
    if not said:
        return None
    known = {} if survey is None or survey.design is None else survey.design.model_dump(mode="json", exclude_none=True)
    if population:
        known.pop("fractions", None)
    return known | said


def _benchmarks(words: list[str]) -> dict[str, tuple[float, float]] | None:
    found: dict[str, tuple[float, float]] = {}
    for word in words:
        name, _, figure = word.rpartition("=")
        text = figure.strip().replace("％", "%")
        try:
            value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            message = f"--benchmark {word!r}: expected a figure such as 0.52 or 52%, or NAME=52%"
            raise UsageError([finding("DT902", message)]) from None
        found[name.strip()] = (value, 0.0)
    return found or None


def _write(folder: str, found: Estimates, record: dict[str, Any]) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text, table_csv

    columns = list(found.frame.columns)
    contents = {
        "estimates.csv": table_csv(columns, ([row[name] for name in columns] for row in record["estimates"])),
        "estimates.json": json_text(record).encode("utf-8", "surrogatepass"),
    }
    return write_files(folder, contents)
