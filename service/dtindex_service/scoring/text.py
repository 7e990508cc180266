"""Scores as JSON text.

Of a few units every number goes through Python's writer. Of thousands that would take seconds: their columns are
written by Arrow, a cell's pieces joined for all cells at once. Both write the same values.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex_service.scoring.scored import Scored

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["matrix_text", "records_text"]

_FEW = 16
Head = Mapping[str, Any]


def records_text(scored: Scored, head: Head) -> bytes:
    """``head`` and ``units``, each with its items by name."""
    if len(scored) <= _FEW:
        return _dumped({**head, "units": list(_records(scored))})
    periods = scored.periods or [None] * len(scored)
    before = [
        f'{{"unit":{_text(unit)},"period":{_text(one)},"items":{{'
        for unit, one in zip(scored.units, periods, strict=True)
    ]
    tiers, classes = _by_unit(scored.tiers, len(scored)), _by_unit(scored.classes, len(scored))
    after = [f'}},"tiers":{tier},"classes":{own}}}' for tier, own in zip(tiers, classes, strict=True)]
    units = _joined([_strings(before), _rows(_cells(scored), scored), _strings(after)])
    return b"".join([_open(head), b',"units":[', _line(units), b"]}"])


def matrix_text(scored: Scored, head: Head) -> bytes:
    """``head`` and a matrix of each figure."""
    rest = {
        "units": list(scored.units),
        "periods": None if scored.periods is None else list(scored.periods),
        "tiers": {node: list(own) for node, own in scored.tiers.items()},
        "classes": {scheme: list(own) for scheme, own in scored.classes.items()},
    }
    contributions = scored.contributions
    if len(scored) <= _FEW:
        figures = {
            "scores": _listed(scored.scores),
            "ranks": [[rank or None for rank in row] for row in scored.ranks.tolist()],
            "percentiles": _listed(scored.percentiles),
            "coverage": _listed(scored.coverage),
            "status": [[scored.words[state] for state in row] for row in scored.states.tolist()],
            "contributions": None if contributions is None else _listed(contributions),
        }
        return _dumped({**head, **rest, **figures})
    texts = {
        "scores": _numbers(scored.scores),
        "ranks": _ranks(scored.ranks),
        "percentiles": _few(scored.percentiles),
        "coverage": _few(scored.coverage),
        "status": _taken([_text(word) for word in scored.words], scored.states),
    }
    parts = [_open({**head, **rest})]
    for name, cells in texts.items():
        parts += [f',"{name}":'.encode(), _matrix(cells, scored)]
    contributed = b"null" if contributions is None else _matrix(_numbers(contributions), scored)
    return b"".join([*parts, b',"contributions":', contributed, b"}"])


# --- few ---


def _records(scored: Scored) -> Iterator[dict[str, Any]]:
    tables = [scored.scores, scored.percentiles, scored.coverage]
    periods = scored.periods or [None] * len(scored)
    for at, (unit, period) in enumerate(zip(scored.units, periods, strict=True)):
        rows = zip(
            scored.items,
            scored.ranks[at].tolist(),
            scored.states[at].tolist(),
            *(_listed(table[at]) for table in tables),
            strict=True,
        )
        items: dict[str, dict[str, Any]] = {
            item: {
                "score": score,
                "rank": rank or None,
                "percentile": percentile,
                "coverage": coverage,
                "status": scored.words[state],
            }
            for item, rank, state, score, percentile, coverage in rows
        }
        if scored.contributions is not None:
            for item, points in zip(scored.items, _listed(scored.contributions[at]), strict=True):
                items[item]["contribution"] = points
        yield {
            "unit": unit,
            "period": period,
            "items": items,
            "tiers": {node: own[at] for node, own in scored.tiers.items()},
            "classes": {scheme: own[at] for scheme, own in scored.classes.items()},
        }


def _listed(values: NDArray[np.float64]) -> list[Any]:
    """Nested lists, None for NaN."""
    found: list[Any] = values.tolist()
    if not np.isnan(values).any():
        return found
    if values.ndim == 1:
        return [None if math.isnan(value) else value for value in found]
    return [_listed(row) for row in values]


def _dumped(value: object) -> bytes:
    return _text(value).encode()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# --- many ---


def _open(head: Head) -> bytes:
    """An object that is not closed."""
    return _dumped(head)[:-1]


def _cells(scored: Scored) -> pa.Array:
    """``"item":{"score":1,...}`` of every cell, the units' cells one after another."""
    coverages, codes = _different(scored.coverage)
    words = len(scored.words)
    known, ends = np.unique(codes * words + scored.states, return_inverse=True)
    tails = [
        f',"coverage":{_text(coverages[one // words])},"status":{_text(scored.words[one % words])}'
        for one in known.tolist()
    ]
    points = scored.contributions
    close = "}" if points is None else ',"contribution":'
    names = [f'{_text(item)}:{{"score":' for item in scored.items]
    pieces: list[Any] = [
        _taken(names, np.tile(np.arange(len(names)), len(scored))),
        _numbers(scored.scores),
        ',"rank":',
        _ranks(scored.ranks),
        ',"percentile":',
        _few(scored.percentiles),
        _taken([tail + close for tail in tails], ends),
    ]
    if points is not None:
        pieces += [_numbers(points), "}"]
    return _joined(pieces)


def _by_unit(columns: Mapping[str, Sequence[str | None]], count: int) -> list[str]:
    """The object of each unit as text; each different one is written once."""
    if not columns:
        return ["{}"] * count
    known: dict[tuple[str | None, ...], str] = {}
    rows = list(zip(*columns.values(), strict=True))
    for own in rows:
        if own not in known:
            known[own] = _text(dict(zip(columns, own, strict=True)))
    return [known[own] for own in rows]


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.fill_null(pc.cast(pa.array(values.ravel(), from_pandas=True), pa.string()), "null")


def _ranks(ranks: NDArray[np.int64]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = ranks.ravel()
    return pc.fill_null(pc.cast(pa.array(flat, mask=flat == 0), pa.string()), "null")


def _few(values: NDArray[np.float64]) -> pa.Array:
    """Numbers of which few are different."""
    different, codes = _different(values)
    return _taken(["null" if value is None else _text(value) for value in different], codes)


def _different(values: NDArray[np.float64]) -> tuple[list[float | None], NDArray[np.intp]]:
    """The different numbers, None for NaN, and which of them stands where."""
    import pyarrow as pa

    found = pa.array(values.ravel(), from_pandas=True).dictionary_encode("encode")
    return found.dictionary.to_pylist(), found.indices.to_numpy().astype(np.intp).reshape(values.shape)


def _taken(words: Sequence[str], codes: NDArray[np.intp]) -> pa.Array:
    import pyarrow as pa

    return _strings(words).take(pa.array(codes.ravel()))


def _strings(texts: Sequence[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(texts, pa.string())


def _joined(pieces: Sequence[Any]) -> pa.Array:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*pieces, "")


def _rows(cells: pa.Array, scored: Scored) -> pa.Array:
    """The cells of each unit, joined by commas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    offsets = pa.array(np.arange(len(scored) + 1, dtype=np.int32) * len(scored.items))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, cells), ",")


def _matrix(cells: pa.Array, scored: Scored) -> bytes:
    return b"[" + _line(_joined(["[", _rows(cells, scored), "]"])) + b"]"


def _line(texts: pa.Array) -> bytes:
    """All texts, joined by commas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts), ",")
    line: bytes = whole[0].as_buffer().to_pybytes()
    return line
