"""The edition file: a zip of canonical JSON, the methodology as YAML, and arrays as Parquet."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dtindex._version import __version__
from dtindex.findings import Findings, InputError, Place, UsageError, finding
from dtindex.fitted import Fitted, score
from dtindex.spec import parse_methodology
from dtindex.spec.identity import canonical_json, plain, sha256
from dtindex.spec.model import Methodology
from dtindex.steps.indicator import unpack as unpack_state
from dtindex.steps.plan import Parameters
from dtindex.tables.answers import AnswerKey, Answers, AnswersKind
from dtindex.tables.read import codelist_file
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

    from dtindex.scores import Scores

__all__ = ["FORMAT", "Contents", "identity", "pack", "parameter_lines", "score_lines", "table_hash", "unpack"]

FORMAT = 1
_HEAD, _METHODOLOGY, _CODELIST = "edition.json", "methodology.yaml", "codelist.csv"
_PARAMETERS, _REFERENCE, _TABLE = "parameters.parquet", "reference.parquet", "table.parquet"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 2**31


@dataclass(frozen=True, eq=False)
class Contents:
    """What an edition file holds."""

    name: str
    fitted: Fitted
    table: Table | None
    """The reference table, unless it was left out."""
    table_hash: str
    recorded: Mapping[str, Any] = field(default_factory=dict)
    """`edition.json` as it was read; empty for what was not saved yet."""


def pack(edition: Contents) -> bytes:
    """The edition as the bytes of its file. No clock and no machine enters them."""
    methodology = edition.fitted.methodology
    members = {
        _METHODOLOGY: _yaml(plain(methodology)),
        _PARAMETERS: _parquet(_parameter_table(edition.fitted)),
        _REFERENCE: _parquet(_reference_table(edition.fitted)),
    }
    carried = codelist_file(methodology)
    if carried is not None:
        members[_CODELIST] = carried
    scores = None
    if edition.table is not None:
        members[_TABLE] = _parquet(_data_table(edition.table))
        scores = sha256("\n".join(score_lines(score(edition.fitted, edition.table))))
    head = {
        "format": FORMAT,
        "name": edition.name,
        "hash": identity(edition),
        "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
        "assumptions": list(edition.fitted.assumptions),
        "widths": dict(edition.fitted.widths),
        "table": {"hash": edition.table_hash, "included": edition.table is not None},
        "versions": {"dtindex": __version__, "numpy": np.__version__},
        "members": {name: sha256(content) for name, content in sorted(members.items())},
    }
    if scores is not None:
        head["scores"] = scores
    head["seal"] = _seal(head)
    members[_HEAD] = canonical_json(head).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), members[name], zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpack(path: Path | str) -> Contents:
    """The contents of an edition file; every part's hash is checked. See :func:`dtindex.load_edition` for errors."""
    members = _members(Path(path))
    head = _head(members, path)
    altered = [
        name for name, recorded in head["members"].items() if name not in members or sha256(members[name]) != recorded
    ]
    if altered:
        raise InputError(
            [finding("DT402", f"{name} is not what was frozen", Place(file=str(path))) for name in altered]
        )
    try:
        return _contents(members, head, path)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        message = f"every hash holds, and yet this is no edition: {error}"
        raise InputError([finding("DT402", message, Place(file=str(path)))]) from error


def _contents(members: Mapping[str, bytes], head: Mapping[str, Any], path: Path | str) -> Contents:
    methodology = _methodology(members[_METHODOLOGY], members.get(_CODELIST), str(path))
    fitted = Fitted(
        methodology,
        _parameters(_read(members[_PARAMETERS])),
        {item: float(width) for item, width in head["widths"].items()},
        _references(_read(members[_REFERENCE])),
        tuple(head["assumptions"]),
    )
    # What has learned nothing has no array to be stored under.
    for item in fitted.plan.chains:
        fitted.parameters.indicators.setdefault(item, {})
    for node in fitted.parameters.weights:
        fitted.parameters.nodes.setdefault(node, {})
    table = _table(_read(members[_TABLE]), Path(path).name) if _TABLE in members else None
    return Contents(str(head["name"]), fitted, table, str(head["table"]["hash"]), head)


def _seal(head: Mapping[str, Any]) -> str:
    """SHA-256 over everything else that `edition.json` says, the hashes of the other parts included."""
    return sha256(canonical_json({key: value for key, value in head.items() if key != "seal"}))


def identity(edition: Contents) -> str:
    """SHA-256 over what an edition is: name, methodology, codelist, table and parameters, numbers to 12 significant
    digits.
    """
    lines = [
        edition.name,
        edition.fitted.methodology.hash,
        sha256(codelist_file(edition.fitted.methodology) or b""),
        edition.table_hash,
        *edition.fitted.assumptions,
        *parameter_lines(edition.fitted),
    ]
    return sha256("\n".join(lines))


def parameter_lines(fitted: Fitted) -> list[str]:
    """Every fitted parameter as a line of text, numbers to 12 significant digits."""
    lines = [
        f"{kind}/{item}/{name}/{index}={_twelve(value)}" for kind, item, name, index, value in _parameter_items(fitted)
    ]
    widths = [f"width/{item}={_twelve(width)}" for item, width in fitted.widths.items()]
    keys = [
        f"keys/{item}/{period}={sha256(values.tobytes())}"
        for item, by in fitted.reference.items()
        for period, values in by.items()
    ]
    return sorted(lines + widths + keys)


def score_lines(scores: Scores) -> list[str]:
    """Every score of a table as a line of text: unit, period, item, integer key, rank, flags; in the order of files."""
    periods = scores.periods
    keys = {item: scores.keys(item) for item in scores.items}
    return [
        f"{scores.units[row]}/{'' if periods is None else periods[row]}/{item}="
        f"{keys[item][row]}/{scores.rank_values[row, column]}/{scores.flags[row, column]}"
        for row in scores.sorted_rows()
        for column, item in enumerate(scores.items)
    ]


def table_hash(table: Table) -> str:
    """SHA-256 of a table's content, whatever the order of its rows and columns and whatever file it came from."""
    order = _rows_in_order(table)
    parts: list[bytes] = [
        canonical_json(
            [table.units[order].tolist(), None if table.periods is None else table.periods[order].tolist()]
        ).encode()
    ]
    for name in sorted(table.names):
        column = table.names.index(name)
        parts += [
            name.encode(),
            _canonical(table.values[order, column]),
            np.ascontiguousarray(table.status[order, column]).tobytes(),
        ]
    for kind, columns in (("coded", table.coded), ("published", table.published)):
        for name in sorted(columns):
            parts += [f"{kind}:{name}".encode(), _canonical(columns[name][order])]
    parts.append(b"" if table.totals is None else table.totals[order].tobytes())
    for key in sorted(table.answers):
        own = table.answers[key]
        parts += [canonical_json(["answers", *key, own.kind]).encode(), own.status[order].tobytes()]
        parts += [_canonical(column[order].astype(np.float64)) for column in own.columns()]
    for rule in sorted(table.careless):
        parts += [f"careless:{rule}".encode(), table.careless[rule][order].tobytes()]
    if table.weights is not None:
        parts += [b"weights", _canonical(table.weights[order])]
    for name in sorted(table.texts):
        parts += [f"text:{name}".encode(), canonical_json(table.texts[name][order].tolist()).encode()]
    return sha256(b"\x1e".join(parts))


def _rows_in_order(table: Table) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows by unit and period; those that bear the same key, of whom rules leave out all but one, by what they hold."""
    units = table.units.astype(str)
    keys = (units,) if table.periods is None else (table.periods.astype(str), units)
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order[1:]] == key[order[:-1]] for key in keys])
    alike = order[np.flatnonzero(np.append(same, False) | np.append(False, same))]
    if not alike.size:
        return order
    contents = np.full(len(table), "", dtype=object)
    contents[alike] = [_content(table, row) for row in alike.tolist()]
    return np.lexsort((np.unique(contents.astype(str), return_inverse=True)[1], *keys))


def _content(table: Table, row: int) -> str:
    """All that a row holds, as a text."""
    by_name = sorted(range(len(table.names)), key=table.names.__getitem__)
    found: list[Any] = [table.values[row, by_name].tolist(), table.status[row, by_name].tolist()]
    for columns in (table.coded, table.published, table.careless, table.texts):
        found += [str(columns[name][row]) for name in sorted(columns)]
    for key in sorted(table.answers):
        own = table.answers[key]
        found += [own.values[row].tolist(), int(own.status[row])]
    return repr([*found, *(column[row] for column in (table.totals, table.weights) if column is not None)])


def _canonical(values: np.ndarray[Any, np.dtype[np.float64]]) -> bytes:
    """Bytes of values with one NaN and one zero."""
    return (np.where(np.isnan(values), np.nan, values) + 0.0).astype("<f8").tobytes()


def _twelve(value: object) -> str:
    return f"{value + 0.0:.12g}" if isinstance(value, float) else str(value)


def _parameter_items(fitted: Fitted) -> Iterator[tuple[str, str, str, int, Any]]:
    """(kind, item, name, index, value) of every fitted parameter."""
    parameters = fitted.parameters
    for item, learned in parameters.indicators.items():
        for period, steps in learned.items():
            for step, state in steps.items():
                for name, array in state.items():
                    yield from (
                        ("indicator", item, f"{step}/{period}/{name}", index, value)
                        for index, value in enumerate(array.tolist())
                    )
    for node, state in parameters.nodes.items():
        for name, array in state.items():
            yield from (("node", node, name, index, value) for index, value in enumerate(array.tolist()))
    for node, bounds in parameters.tiers.items():
        yield from (("tiers", node, "", index, bound) for index, bound in enumerate(bounds))
    for node, weights in parameters.weights.items():
        yield from (("weights", node, "", index, weight) for index, weight in enumerate(weights))


def _parameter_table(fitted: Fitted) -> pa.Table:
    import pyarrow as pa

    items = list(_parameter_items(fitted))
    return pa.table(
        {
            "kind": pa.array([item[0] for item in items], pa.string()),
            "item": pa.array([item[1] for item in items], pa.string()),
            "name": pa.array([item[2] for item in items], pa.string()),
            "number": pa.array([item[4] if isinstance(item[4], float) else None for item in items], pa.float64()),
            "text": pa.array([item[4] if isinstance(item[4], str) else None for item in items], pa.string()),
        }
    )


def _parameters(table: pa.Table) -> Parameters:
    arrays: dict[tuple[str, str, str], list[Any]] = {}
    for row in table.to_pylist():
        value = row["text"] if row["text"] is not None else row["number"]
        arrays.setdefault((row["kind"], row["item"], row["name"]), []).append(value)
    found = Parameters()
    states: dict[str, dict[str, Any]] = {}
    for (kind, item, name), values in arrays.items():
        if kind == "weights":
            found.weights[item] = values
        elif kind == "tiers":
            found.tiers[item] = values
        else:
            array = np.array(values, dtype=object if isinstance(values[0], str) else np.float64)
            states.setdefault(f"{kind}/{item}", {})[name] = array
    for key, state in states.items():
        kind, item = key.split("/", 1)
        if kind == "indicator":
            found.indicators[item] = unpack_state(state)
        else:
            found.nodes[item] = state
    return found


def _reference_table(fitted: Fitted) -> pa.Table:
    import pyarrow as pa

    rows = [
        (item, period, key)
        for item, by in fitted.reference.items()
        for period, keys in by.items()
        for key in (keys.tolist() or [None])
    ]
    return pa.table(
        {
            "item": pa.array([row[0] for row in rows], pa.string()),
            "period": pa.array([row[1] for row in rows], pa.string()),
            "key": pa.array([row[2] for row in rows], pa.int64()),
        }
    )


def _references(table: pa.Table) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, list[int]]] = {}
    for row in table.to_pylist():
        keys = found.setdefault(row["item"], {}).setdefault(row["period"], [])
        if row["key"] is not None:
            keys.append(row["key"])
    return {item: {period: np.array(keys, dtype=np.int64) for period, keys in by.items()} for item, by in found.items()}


def _data_table(table: Table) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, pa.Array] = {"unit": pa.array(table.units.tolist(), pa.string())}
    if table.periods is not None:
        columns["period"] = pa.array(table.periods.tolist(), pa.string())
    if table.totals is not None:
        columns["total"] = pa.array(table.totals)
    if table.order is not None:
        columns["order"] = pa.array(table.order)
    for index, name in enumerate(table.names):
        columns[f"value:{name}"] = pa.array(np.ascontiguousarray(table.values[:, index]))
        columns[f"status:{name}"] = pa.array(np.ascontiguousarray(table.status[:, index]))
    columns |= {f"coded:{name}": pa.array(scores) for name, scores in table.coded.items()}
    columns |= {f"published:{name}": pa.array(figures) for name, figures in table.published.items()}
    columns |= {f"text:{name}": pa.array(list(texts), pa.string()) for name, texts in table.texts.items()}
    columns |= {f"careless:{rule}": pa.array(named) for rule, named in table.careless.items()}
    if table.weights is not None:
        columns["weights"] = pa.array(table.weights)
    # A question's answers are as many columns as it has ticks or places; what they are stands in the metadata.
    for number, answers in enumerate(table.answers.values()):
        columns[f"answered:{number}"] = pa.array(answers.status)
        for part, values in enumerate(answers.columns()):
            columns[f"answer:{number}:{part}"] = pa.array(np.ascontiguousarray(values))
    kinds = [[*key, answers.kind] for key, answers in table.answers.items()]
    metadata = {"decimals": canonical_json(dict(table.decimals)), "answers": canonical_json(kinds)}
    return pa.table(columns).replace_schema_metadata(metadata)


def _table(stored: pa.Table, file: str) -> Table:
    columns = {name: stored.column(name) for name in stored.column_names}
    kinds: dict[str, dict[str, Any]] = {
        kind: {} for kind in ("value", "status", "coded", "published", "text", "careless", "answered", "answer")
    }
    for name, column in columns.items():
        kind, _, item = name.partition(":")
        if item:
            kinds[kind][item] = np.array(column.to_pylist(), dtype=object) if kind == "text" else column.to_numpy()
    names = tuple(kinds["value"])
    rows = stored.num_rows
    metadata = stored.schema.metadata or {}
    return Table(
        units=np.array(columns["unit"].to_pylist(), dtype=object),
        names=names,
        values=np.asfortranarray(
            np.column_stack([kinds["value"][name] for name in names]) if names else np.empty((rows, 0))
        ),
        status=np.asfortranarray(
            np.column_stack([kinds["status"][name] for name in names]) if names else np.empty((rows, 0)),
            dtype=np.uint16,
        ),
        periods=np.array(columns["period"].to_pylist(), dtype=object) if "period" in columns else None,
        coded=kinds["coded"],
        published=kinds["published"],
        decimals=json.loads(metadata.get(b"decimals", b"{}")),
        texts=kinds["text"],
        totals=columns["total"].to_numpy().astype(bool) if "total" in columns else None,
        order=columns["order"].to_numpy() if "order" in columns else None,
        answers=_answers(json.loads(metadata.get(b"answers", b"[]")), kinds["answered"], kinds["answer"]),
        careless={rule: named.astype(bool) for rule, named in kinds["careless"].items()},
        weights=columns["weights"].to_numpy() if "weights" in columns else None,
    )


def _answers(listed: list[list[str]], status: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[AnswerKey, Answers]:
    """Answers from their columns: ``number`` of the status, ``number:part`` of the values."""
    found: dict[AnswerKey, Answers] = {}
    for number, (question, row, kind) in enumerate(listed):
        own = [values for name, values in parts.items() if name.split(":")[0] == str(number)]
        typed = [values.astype(np.int16) if kind in ("choice", "places") else values for values in own]
        found[question, row] = Answers.of_columns(
            cast("AnswersKind", kind), typed, status[str(number)].astype(np.uint16)
        )
    return found


def _parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(table, stream, compression="none", use_dictionary=False, store_schema=True)
    return stream.getvalue()


def _read(content: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # On this thread alone: the parts are small, and a process that ends while Arrow's pool still starts is aborted.
    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as parquet:
        return parquet.read(use_threads=False)


def _yaml(value: dict[str, Any]) -> bytes:
    import yaml

    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120).encode()


def _methodology(content: bytes, codelist: bytes | None, file: str) -> Methodology:
    methodology, findings = parse_methodology(content, f"{file}!{_METHODOLOGY}")
    if methodology is None:
        raise InputError(findings)
    methodology._read_from = replace(methodology._read_from, file=None, codelist=codelist)
    return methodology


def _members(path: Path) -> dict[str, bytes]:
    """Contents of the archive, refused where it is none, or unpacks to more than 2 GB."""
    place = Place(file=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise UsageError([finding("DT401", "unpacks to more than 2 GB", place)])
            return {entry.filename: _member(archive, entry, place) for entry in archive.infolist()}
    except FileNotFoundError as error:
        raise UsageError([finding("DT103", "no such file", place)]) from error
    except zipfile.BadZipFile as error:
        raise UsageError([finding("DT401", f"not an edition, or damaged: {error}", place)]) from error
    except (OSError, NotImplementedError, RuntimeError) as error:
        raise UsageError([finding("DT103", f"cannot be read: {error}", place)]) from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Place) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError([finding("DT402", f"{entry.filename} is damaged: {error}", place)]) from error


def _head(members: dict[str, bytes], path: Path | str) -> dict[str, Any]:
    place = Place(file=str(path))
    if _HEAD not in members:
        raise UsageError([finding("DT401", f"no {_HEAD} inside", place)])
    try:
        head: dict[str, Any] = json.loads(members[_HEAD])
    except ValueError as error:
        raise InputError(Findings([finding("DT402", f"{_HEAD} is damaged", place)])) from error
    version = head.get("format") if isinstance(head, dict) else None
    if not isinstance(version, int):
        raise UsageError([finding("DT401", f"{_HEAD} names no format", place)])
    if version > FORMAT:
        raise UsageError([finding("DT404", f"edition format {version}; this dtindex reads up to {FORMAT}", place)])
    if head.get("seal") != _seal(head):
        raise InputError([finding("DT402", f"{_HEAD} is not what was frozen", place)])
    needed = {"name", "hash", "assumptions", "widths", "table", "members"}
    if not needed <= head.keys() or not {_METHODOLOGY, _PARAMETERS, _REFERENCE} <= set(head["members"]):
        raise InputError([finding("DT402", f"{_HEAD} is not complete", place)])
    extra = sorted(set(members) - set(head["members"]) - {_HEAD})
    if extra:
        raise InputError([finding("DT402", f"parts that were not frozen: {', '.join(extra)}", place)])
    return head
