"""What `simulate` and `sensitivity` take beside a table: factors and errors from files, and figures to draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.findings import Finding, InputError, Place, UsageError, finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex.spec.model import Methodology
    from dtindex.spec.uncertainty import Factor

__all__ = [
    "Dask",
    "Drawn",
    "ErrorsFile",
    "FactorsFile",
    "Figures",
    "MethodName",
    "Workers",
    "drawn_figures",
    "on_cluster",
    "read_errors",
    "read_factors",
    "share_of",
]


class MethodName(StrEnum):
    """How points are made."""

    SOBOL = "sobol"
    RANDOM = "random"


class Drawn(StrEnum):
    """The format of figures."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


FactorsFile = Annotated[
    str | None,
    typer.Option(
        "--factors", metavar="FILE", help="YAML with `factors:`, in place of those of the methodology's `uncertainty:`."
    ),
]
ErrorsFile = Annotated[
    str | None,
    typer.Option("--errors", metavar="FILE", help="CSV of standard errors: a column `unit`, and one for each item."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Threads; every processor unless said. No result depends on it.")
]
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Work on a Dask cluster, `local` for one of this machine; needs the extra `distributed`.",
    ),
]
Figures = Annotated[
    Drawn | None, typer.Option("--figures", help="Draw figures beside the tables of -o; needs the extra `report`.")
]


@contextmanager
def on_cluster(address: str | None, workers: int | None) -> Iterator[None]:
    """Blocks of runs go to the Dask cluster at an address, or to one of this machine; without one they stay.

    Raises
    ------
    UsageError
        DT904 where Dask is not installed; DT902 where nobody answers at the address.
    """
    if address is None:
        yield
        return
    try:
        import joblib
        from distributed import Client, LocalCluster
    except ImportError:
        message = "--dask needs Dask: pip install 'dtindex[distributed]'"
        raise UsageError([finding("DT904", message)]) from None
    try:
        cluster = (
            LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            )
            if address == "local"
            else None
        )
        client = Client(cluster if cluster is not None else address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as reason:
        raise UsageError([finding("DT902", f"--dask {address!r}: no cluster answers: {reason}")]) from reason
    try:
        with joblib.parallel_config(backend="dask", wait_for_workers_timeout=30):
            yield
    finally:
        client.close()  # type: ignore[no-untyped-call]
        if cluster is not None:
            cluster.close()


def read_factors(path: str | None, methodology: Methodology) -> tuple[Factor, ...] | None:
    """The factors of a file, checked as if they stood in the methodology; None without a file.

    Raises
    ------
    UsageError
        DT103: no such file.
    InputError
        Every finding of reading it, with its line and column.
    """
    if path is None:
        return None
    from dtindex.spec.uncertainty_file import load_uncertainty

    return load_uncertainty(path, methodology).factors


def share_of(option: str, written: str | None) -> float | None:
    """A share, written as 0.25 or 25%; None where it is left out.

    Raises
    ------
    UsageError
        DT902 for anything else.
    """
    if written is None:
        return None
    bare = written.strip()
    try:
        value = float(bare[:-1]) / 100 if bare.endswith(("%", "％")) else float(bare)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 1:
        raise UsageError([finding("DT902", f"{option} {written!r}: expected a share, such as 25% or 0.25")])
    return value


def read_errors(path: str | None) -> Any:
    """A frame of standard errors by unit; None without a file."""
    if path is None:
        return None
    import pandas as pd

    place = Place(file=path)
    try:
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except FileNotFoundError as reason:
        raise UsageError([finding("DT103", "no such file", place)]) from reason
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as reason:
        raise UsageError([finding("DT902", f"--errors: cannot be read as CSV: {reason}", place)]) from reason
    if "unit" not in frame.columns:
        raise UsageError([finding("DT902", "--errors: expected a column `unit`", place)])
    frame = frame.set_index("unit")
    found: dict[str, list[float]] = {}
    problems: list[Finding] = []
    for column in frame.columns:
        found[column] = []
        for row, (unit, text) in enumerate(frame[column].items(), start=2):
            value = _number(text)
            if value is None:
                problems.append(
                    finding(
                        "DT220", f"{text!r} of {unit} is no standard error", Place(file=path, line=row, name=column)
                    )
                )
                value = float("nan")
            found[column].append(value)
    if problems:
        raise InputError(problems)
    return pd.DataFrame(found, index=frame.index)


def _number(text: str) -> float | None:
    """A number of 0 or more; NaN for an empty cell; None for anything else."""
    if not text.strip():
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def drawn_figures(figures: Mapping[str, Figure], form: Drawn) -> dict[str, bytes]:
    """Figures as the contents of files."""
    from dtindex.reports.figures import rendered

    return {f"{name}.{form.value}": rendered(figure, form.value) for name, figure in figures.items()}
