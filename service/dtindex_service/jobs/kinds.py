"""Kinds of jobs, as a child process works on them: which parts each has, and the files that it gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dtindex_service.rendering import MEDIA_TYPES, render

if TYPE_CHECKING:
    import pandas as pd

    from dtindex import Edition, Parts, Scores
    from dtindex_service.work.bench import Bench

__all__ = ["KINDS", "RESULT", "Given", "Written", "parts_of", "written"]

RESULT = "result"
"""The name of what a job gives first of all: a JSON object, or the file that was asked for."""
_HTML = "text/html; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Given:
    """What a job is about: paths of files that do not change, and what is asked of them."""

    kind: str
    edition: str
    cells: str | None
    asked: Mapping[str, Any]

    @property
    def key(self) -> str:
        return json.dumps(["job", self.kind, self.edition, self.cells, self.asked], sort_keys=True)


@dataclass(frozen=True, slots=True)
class Written:
    """One file of a result."""

    name: str
    content: bytes
    media_type: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class _Kind:
    parts: Callable[[Bench, Given], Parts[Any]]
    files: Callable[[Edition, Any, Given], Iterator[Written]]


class _Whole:
    """An analysis that is not parted."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @property
    def sizes(self) -> tuple[int, ...]:
        return ()

    def work(self, part: int) -> bytes:
        raise AssertionError("nothing is parted")

    def join(self, made: Iterable[bytes]) -> Any:
        return self._make()


def parts_of(bench: Bench, given: Given) -> Parts[Any]:
    """The parts of a job; those of a job that was asked for just before are at hand.

    Raises
    ------
    DtindexError
        As the library does.
    """
    found: Parts[Any] = bench.result(given.key, lambda: KINDS[given.kind].parts(bench, given))
    return found


def written(bench: Bench, given: Given, made: Iterable[bytes]) -> Iterator[Written]:
    """The files that a job gives, from what its parts gave."""
    found = parts_of(bench, given).join(made)
    yield from KINDS[given.kind].files(bench.edition(given.edition), found, given)


# --- what is asked ---


def _drawn(bench: Bench, given: Given) -> tuple[Edition, dict[str, Any]]:
    """An edition, and settings of which the factors are those of the library."""
    from dtindex import parse_factors

    edition, asked = bench.edition(given.edition), dict(given.asked)
    factors = asked.pop("factors")
    return edition, asked | {"factors": None if factors is None else parse_factors(factors, edition.methodology)}


def _simulation(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import simulation_parts

    edition, asked = _drawn(bench, given)
    return simulation_parts(edition, **asked)


def _sensitivity(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import sensitivity_parts

    edition, asked = _drawn(bench, given)
    return sensitivity_parts(edition, **asked)


def _rank_bounds(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import rank_bounds_parts

    edition, asked = _drawn(bench, given)
    return rank_bounds_parts(edition, **asked)


def _estimates(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import estimate_parts

    return estimate_parts(bench.scores(given.edition), **given.asked)


def _rank_sets(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex_service.analyses import result_of

    return _Whole(lambda: result_of(bench, "rank-sets", given.edition, None, dict(given.asked)))


def _scores(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import load_cells, read_table

    edition = bench.edition(given.edition)

    def make() -> Scores:
        table = None if given.cells is None else read_table(load_cells(given.cells), edition.methodology)
        return edition.score(table, ranked_against=given.asked["ranked_against"])

    return _Whole(make)


def _report(bench: Bench, given: Given) -> Parts[Any]:
    from dtindex import explorer, workbook

    asked = {name: value for name, value in given.asked.items() if name != "format"}
    make = workbook if given.asked["format"] == "xlsx" else explorer
    return _Whole(lambda: make(bench.edition(given.edition), **asked, workers=1))


# --- what is given ---


def _analysis(edition: Edition, found: Any, given: Given) -> Iterator[Written]:
    """The whole as JSON, and its tables."""
    from dtindex import json_text

    head = {"edition": {"name": edition.name, "hash": edition.hash}}
    yield _json(json_text(head | found.to_dict()))
    for name, frame in found.tables.items():
        yield _table(name, frame.rename(columns=str))


def _scored(edition: Edition, found: Scores, given: Given) -> Iterator[Written]:
    """What `dtindex score` says of the run, and the tables that were asked for."""
    from dtindex import Run, json_text, run_record
    from dtindex_service.tables import TABLES, Asked, indexed

    record = run_record(found, found.findings, Run())
    yield _json(json_text(record | {"edition": {"name": edition.name, "hash": edition.hash}}))
    for name in given.asked["tables"]:
        yield _table(name, indexed(TABLES[name].frame(found, Asked(name))))


def _file(edition: Edition, found: Any, given: Given) -> Iterator[Written]:
    if given.asked["format"] == "xlsx":
        yield Written(RESULT, found.content, _XLSX)
    else:
        yield Written(RESULT, found.html.encode("utf-8"), _HTML)


def _json(text: str) -> Written:
    return Written(RESULT, text.encode("utf-8", "replace"), MEDIA_TYPES["json"])


def _table(name: str, frame: pd.DataFrame) -> Written:
    return Written(name, render(frame, "parquet"), MEDIA_TYPES["parquet"], len(frame))


KINDS: Mapping[str, _Kind] = {
    "simulation": _Kind(_simulation, _analysis),
    "sensitivity": _Kind(_sensitivity, _analysis),
    "rank-bounds": _Kind(_rank_bounds, _analysis),
    "rank-sets": _Kind(_rank_sets, _analysis),
    "estimates": _Kind(_estimates, _analysis),
    "scores": _Kind(_scores, _scored),
    "report": _Kind(_report, _file),
}
"""By name, as requests have it."""
