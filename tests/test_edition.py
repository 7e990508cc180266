"""Editions: saved, loaded elsewhere, scored to the bit; and every way of altering one is found."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dtindex as dti
from dtindex.edition import Edition, load_edition
from dtindex.spec import parse_methodology
from dtindex.spec.identity import canonical_json, sha256
from dtindex.tables.table import Table

METHODOLOGY = """\
schema_version: 1
id: test-edition
title: {en: A test, zh: 测试}
units: {kind: unit, key: unit, groups: [region]}
defaults: {coverage: {at_least: 0.3}}
nodes:
  - {id: index, aggregate: {method: geometric, within: [1, 100]}}
  - {id: p, parent: index, weight: 2, column: p}
  - {id: q, parent: index, weight: 1}
indicators:
  - {id: a, parent: p, transform: {method: log, plus: 1}}
  - {id: b, parent: p, normalise: {method: percentile}, direction: lower, impute: {method: group-mean, by: region}}
  - {id: c, parent: q, normalise: {method: none}}
  - {id: d, parent: q, treat: {method: winsorise, high: 0.2}, power: 0.5}
  - {id: e, parent: q, normalise: {method: likert, points: 5}}
"""


def parsed(text: str) -> dti.Methodology:
    methodology, findings = parse_methodology(text, "test.yaml")
    findings.raise_errors()
    assert methodology is not None
    return methodology


def table_of(rows: int = 12, seed: int = 1) -> Table:
    rng = np.random.default_rng(seed)
    values = np.column_stack(
        [
            np.where(np.arange(rows) % 5 == 0, rng.uniform(0, 100, rows), np.nan),
            rng.uniform(0, 10, (rows, 2)),
            rng.uniform(0, 100, rows),
            rng.uniform(0, 10, rows),
            rng.integers(1, 6, rows),
        ]
    )
    values[1::4, 2] = np.nan
    regions = ["东部", "west", ""] * rows
    units = [f"单位{row:02d}" for row in range(rows)]
    return Table.from_arrays(units, ["p", "a", "b", "c", "d", "e"], values, texts={"region": regions[:rows]})


@pytest.fixture(scope="module")
def edition() -> Edition:
    return dti.CompositeIndex(parsed(METHODOLOGY)).fit(table_of()).freeze("2024")


@pytest.fixture(scope="module")
def saved(edition, tmp_path_factory) -> Path:
    return edition.save(tmp_path_factory.mktemp("edition") / "test.dtindex")


# --- what is kept ---


def test_the_same_edition_gives_the_same_bytes(edition, saved, tmp_path):
    assert edition.save(tmp_path / "again.dtindex").read_bytes() == saved.read_bytes()
    assert load_edition(saved).save(tmp_path / "loaded.dtindex").read_bytes() == saved.read_bytes()


def test_shuffled_rows_freeze_to_the_same_hash(edition):
    table = table_of()
    order = np.random.default_rng(3).permutation(len(table))
    shuffled = Table.from_arrays(
        table.units[order], table.names, table.values[order], texts={"region": table.texts["region"][order]}
    )
    assert dti.CompositeIndex(parsed(METHODOLOGY)).fit(shuffled).freeze("2024") == edition


def test_loaded_editions_score_to_the_bit(edition, saved):
    loaded = load_edition(saved)
    assert loaded == edition
    for rows in (None, table_of(40, seed=9)):
        first, second = edition.score(rows), loaded.score(rows)
        assert first.values.tobytes() == second.values.tobytes()
        assert first.flags.tobytes() == second.flags.tobytes()
        assert first.rank_values.tolist() == second.rank_values.tolist()
    unit = {"a": 3, "b": 4, "c": 50, "d": 6, "e": 2}
    assert loaded.score_unit(unit) == edition.score_unit(unit)


def test_another_process_scores_to_the_bit(edition, saved):
    program = (
        "import sys, dtindex\n"
        "e = dtindex.load_edition(sys.argv[1])\n"
        "print(e.score().values.tobytes().hex(), e.hash, e.verify().holds)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(saved)],
        capture_output=True,
        text=True,
        check=True,
        env={**__import__("os").environ, "PYTHONPATH": str(Path(dti.__file__).parents[1])},
    )
    assert done.stdout.split() == [edition.score().values.tobytes().hex(), edition.hash, "True"]


def test_verify_holds(edition, saved):
    for one in (edition, load_edition(saved)):
        verification = one.verify()
        assert verification.holds
        assert not verification.findings
    assert {check.what for check in load_edition(saved).verify().checks} == {
        "identity",
        "table",
        "parameters",
        "scores",
    }


def test_an_edition_without_its_table(edition, tmp_path):
    bare = dti.CompositeIndex(parsed(METHODOLOGY)).fit(table_of()).freeze("2024", include_table=False)
    loaded = load_edition(bare.save(tmp_path / "bare.dtindex"))
    assert loaded == edition  # the same identity: the table's hash is part of it
    assert loaded.table is None
    with pytest.raises(dti.InputError) as raised:
        loaded.score()
    assert raised.value.code == "DT061"
    assert loaded.score(table_of()).values.tobytes() == edition.score().values.tobytes()
    assert loaded.score_unit({"a": 3}).ranks == edition.score_unit({"a": 3}).ranks
    verification = loaded.verify()
    assert verification.holds
    assert verification.findings.codes == ["DT406"]


def test_everything_of_a_table_is_kept(tmp_path):
    """Codes, published figures, totals, orders, texts, statuses, periods."""
    text = METHODOLOGY.replace("groups: [region]", "groups: [region], period: year").replace(
        "{id: q, parent: index, weight: 1}", "{id: q, parent: index, weight: 1, published: printed}"
    )
    plain = table_of()
    table = replace(
        plain,
        periods=np.array(["2020/21", "2021/22"] * 6, dtype=object),
        coded={"c": np.where(np.arange(12) == 3, 55.0, np.nan)},
        published={"q": np.where(np.arange(12) == 5, np.nan, 12.3)},
        decimals={"q": 1},
        totals=np.arange(12) == 11,
        order=np.arange(12)[::-1].copy(),
        texts={**plain.texts, "a: b": plain.texts["region"]},
    )
    index = dti.CompositeIndex(parsed(text)).fit(table)
    loaded = load_edition(index.freeze("x").save(tmp_path / "full.dtindex"))
    assert loaded.table is not None
    for name in ("values", "status", "totals", "order"):
        assert getattr(loaded.table, name).tobytes() == getattr(table, name).tobytes()
    assert loaded.table.periods.tolist() == table.periods.tolist()
    assert {name: cells.tolist() for name, cells in loaded.table.texts.items()} == {
        name: cells.tolist() for name, cells in table.texts.items()
    }
    assert loaded.score().values.tobytes() == index.score().values.tobytes()
    assert [one.mismatches for one in loaded.score().comparisons] == [
        one.mismatches for one in index.score().comparisons
    ]
    assert loaded.verify().holds


def test_a_panel_with_its_own_parameters_for_each_period(tmp_path):
    text = "schema_version: 1\nid: t\ntitle: t\nunits: {kind: u, key: u, period: year}\nfit: each_period\n"
    text += "nodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n"
    table = Table.from_arrays(list("uvuv"), ["a"], [[1], [3], [10], [50]], periods=["2020", "2020", "2021", "2021"])
    index = dti.CompositeIndex(parsed(text)).fit(table)
    loaded = load_edition(index.freeze("panel").save(tmp_path / "panel.dtindex"))
    assert loaded.verify().holds
    assert loaded.score_unit({"a": 2}, period="2020").scores["index"] == 50
    assert loaded.score_unit({"a": 20}, period="2021").scores["index"] == 25


def test_an_assumption_is_kept_by_name(tmp_path):
    text = "schema_version: 1\nid: t\ntitle: t\nunits: {kind: u, key: u}\nnodes: [{id: index}]\nindicators:\n"
    text += "".join(f"  - {{id: {code}, parent: index, weight: unpublished}}\n" for code in "ab")
    table = Table.from_arrays(list("uv"), ["a", "b"], [[1, 3], [2, 1]])
    index = dti.CompositeIndex(parsed(text), assume="equal").fit(table)
    loaded = load_edition(index.freeze("x").save(tmp_path / "x.dtindex"))
    assert loaded.fitted.assumptions == ("equal",)
    assert loaded.score().assumptions == ("equal",)
    assert loaded.verify().holds


# --- what is found ---


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def forged(members: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """With the hashes of the parts and the seal made anew, as a careful forger would."""
    head = json.loads(members["edition.json"]) | changes
    head["members"] = {name: sha256(content) for name, content in sorted(members.items()) if name != "edition.json"}
    head["seal"] = sha256(canonical_json({key: value for key, value in head.items() if key != "seal"}))
    return {**members, "edition.json": canonical_json(head).encode()}


def code_of(path: Path) -> str:
    with pytest.raises(dti.DtindexError) as raised:
        load_edition(path)
    return raised.value.code


def cell(members: dict[str, bytes], column: str = "value:c", row: int = 2, by: float = 1.0) -> dict[str, bytes]:
    table = pq.read_table(io.BytesIO(members["table.parquet"]))
    values = table.column(column).to_numpy().copy()
    values[row] += by
    changed = table.set_column(table.column_names.index(column), column, pa.array(values))
    stream = io.BytesIO()
    pq.write_table(changed, stream)
    return {**members, "table.parquet": stream.getvalue()}


def parameter(members: dict[str, bytes]) -> dict[str, bytes]:
    table = pq.read_table(io.BytesIO(members["parameters.parquet"]))
    numbers = table.column("number").to_pylist()
    at = next(row for row, number in enumerate(numbers) if number is not None)
    numbers[at] *= 1.001
    changed = table.set_column(table.column_names.index("number"), "number", pa.array(numbers, pa.float64()))
    stream = io.BytesIO()
    pq.write_table(changed, stream)
    return {**members, "parameters.parquet": stream.getvalue()}


def reference(members: dict[str, bytes]) -> dict[str, bytes]:
    table = pq.read_table(io.BytesIO(members["reference.parquet"]))
    keys = table.column("key").to_pylist()
    keys[0] += 10**9
    changed = table.set_column(table.column_names.index("key"), "key", pa.array(keys, pa.int64()))
    stream = io.BytesIO()
    pq.write_table(changed, stream)
    return {**members, "reference.parquet": stream.getvalue()}


def weight(members: dict[str, bytes]) -> dict[str, bytes]:
    text = members["methodology.yaml"]
    assert b"weight: 2.0" in text
    return {**members, "methodology.yaml": text.replace(b"weight: 2.0", b"weight: 3.0")}


ALTERATIONS: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a cell": cell,
    "a parameter": parameter,
    "a reference key": reference,
    "a weight": weight,
    "a space in the methodology": lambda members: {
        **members,
        "methodology.yaml": members["methodology.yaml"] + b"\n# note\n",
    },
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_an_altered_part_is_refused(saved, tmp_path, what):
    assert code_of(written(tmp_path / "x.dtindex", ALTERATIONS[what](contents(saved)))) == "DT402"


@pytest.mark.parametrize("what", [what for what in ALTERATIONS if what != "a space in the methodology"])
def test_a_forger_who_mends_the_hashes_of_the_parts_is_found_by_verify(saved, tmp_path, what):
    path = written(tmp_path / "x.dtindex", forged(ALTERATIONS[what](contents(saved))))
    verification = load_edition(path).verify()
    assert not verification.holds
    assert set(verification.findings.codes) <= {"DT402", "DT403"}
    assert "DT402" in verification.findings.codes


@pytest.mark.parametrize("column", ["value:c", "value:p"])
def test_a_forger_who_mends_the_table_s_hash_too(saved, tmp_path, column):
    """The identity, or the recomputation, still disagrees."""
    members = cell(contents(saved), column, 0)
    loaded = load_edition(written(tmp_path / "x.dtindex", forged(members)))
    from dtindex.archive import identity, table_hash

    head = json.loads(members["edition.json"])
    table = {"hash": table_hash(loaded.table), "included": True}
    again = load_edition(written(tmp_path / "y.dtindex", forged(members, table=table)))
    assert "DT402" in again.verify().findings.codes
    full = load_edition(written(tmp_path / "z.dtindex", forged(members, table=table, hash=identity(again))))
    assert head["hash"] != full.hash
    assert full.verify().findings.codes
    assert set(full.verify().findings.codes) == {"DT403"}


HEAD = {
    "name": "2023",
    "assumptions": ["equal"],
    "widths": {"index": 1, "p": 100, "q": 100, "a": 100, "b": 100, "c": 100, "d": 100, "e": 100},
    "table": {"hash": "0" * 64, "included": True},
    "hash": "0" * 64,
    "scores": "0" * 64,
    "versions": {"dtindex": "9"},
    "methodology": {"id": "another"},
}


@pytest.mark.parametrize("field", HEAD)
def test_an_altered_field_of_edition_json_is_refused(saved, tmp_path, field):
    members = contents(saved)
    head = json.loads(members["edition.json"])
    assert field in head
    members["edition.json"] = canonical_json(head | {field: HEAD[field]}).encode()
    assert code_of(written(tmp_path / "x.dtindex", members)) == "DT402"
    del head[field]
    members["edition.json"] = canonical_json(head).encode()
    assert code_of(written(tmp_path / "y.dtindex", members)) == "DT402"


@pytest.mark.parametrize("field", ["name", "assumptions", "widths", "table", "hash", "scores"])
def test_a_forged_field_of_edition_json_is_found_by_verify(saved, tmp_path, field):
    path = written(tmp_path / "x.dtindex", forged(contents(saved), **{field: HEAD[field]}))
    verification = load_edition(path).verify()
    assert verification.findings.codes
    assert set(verification.findings.codes) <= {"DT402", "DT403"}


@pytest.mark.parametrize(
    "name", ["edition.json", "methodology.yaml", "parameters.parquet", "reference.parquet", "table.parquet"]
)
def test_a_part_that_was_removed(saved, tmp_path, name):
    members = contents(saved)
    del members[name]
    assert code_of(written(tmp_path / "x.dtindex", members)) == ("DT401" if name == "edition.json" else "DT402")


def test_a_part_that_was_added(saved, tmp_path):
    assert code_of(written(tmp_path / "x.dtindex", contents(saved) | {"note.txt": b"hello"})) == "DT402"


def test_a_newer_format(saved, tmp_path):
    members = contents(saved)
    members["edition.json"] = canonical_json(json.loads(members["edition.json"]) | {"format": 2}).encode()
    assert code_of(written(tmp_path / "x.dtindex", members)) == "DT404"


@pytest.mark.parametrize("head", [b"", b"[]", b"{}", b'{"format": "1"}', b"\xff\xfe", b"null"])
def test_an_edition_json_that_is_none(saved, tmp_path, head):
    assert code_of(written(tmp_path / "x.dtindex", {**contents(saved), "edition.json": head})) in ("DT401", "DT402")


@pytest.mark.parametrize("changes", [{"widths": []}, {"widths": {"index": "wide"}}, {"table": 3}, {"assumptions": 7}])
def test_a_sealed_head_that_makes_no_sense(saved, tmp_path, changes):
    assert code_of(written(tmp_path / "x.dtindex", forged(contents(saved), **changes))) == "DT402"


@pytest.mark.parametrize("name", ["parameters.parquet", "reference.parquet", "table.parquet", "methodology.yaml"])
def test_a_sealed_part_that_makes_no_sense(saved, tmp_path, name):
    members = forged({**contents(saved), name: b"no parquet at all"})
    with pytest.raises(dti.DtindexError):
        load_edition(written(tmp_path / "x.dtindex", members))


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(saved, tmp_path, share):
    whole = saved.read_bytes()
    path = tmp_path / "x.dtindex"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert code_of(path) == "DT401"


def test_not_a_zip_and_no_file(tmp_path):
    path = tmp_path / "x.dtindex"
    path.write_text("unit,a\nu,1\n", encoding="utf-8")
    assert code_of(path) == "DT401"
    assert code_of(tmp_path / "none.dtindex") == "DT103"


def test_any_flipped_byte_is_an_error_or_no_matter(edition, saved, tmp_path):
    """Of every 97th byte: refused with a code, or (in a field that zip ignores) the same edition."""
    whole = saved.read_bytes()
    path = tmp_path / "x.dtindex"
    codes = []
    for position in range(0, len(whole), 97):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
        try:
            loaded = load_edition(path)
        except dti.DtindexError as error:
            codes.append(error.code)
        else:
            assert loaded == edition
    assert set(codes) <= {"DT401", "DT402", "DT103"}
    assert len(codes) > 0.9 * len(range(0, len(whole), 97))


# --- equality ---


def test_editions_differ_by_name_table_and_methodology(edition):
    index = dti.CompositeIndex(parsed(METHODOLOGY)).fit(table_of())
    assert index.freeze("2024") == edition
    assert index.freeze("2025") != edition
    assert dti.CompositeIndex(parsed(METHODOLOGY)).fit(table_of(seed=2)).freeze("2024") != edition
    other = parsed(METHODOLOGY.replace("weight: 2", "weight: 3"))
    assert dti.CompositeIndex(other).fit(table_of()).freeze("2024") != edition
    assert len({edition, index.freeze("2024")}) == 1
