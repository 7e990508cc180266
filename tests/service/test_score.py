"""Scoring over HTTP: the library's own figures, whatever the shape of the request and of the answer."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dtindex as dti
from dtindex.output import twelve
from dtindex_service.stock import stock

CAICT = "caict-computing-power-1.0"
MIIT = "miit-sme-digital-2024"
NUMBERS = """
schema_version: 1
id: numbers
title: Numbers
units: {kind: firm, key: id, groups: [region]}
nodes:
  - {id: index, coverage: {at_least: 0.5}}
  - {id: part, parent: index, weight: 1, column: part}
tiers:
  - {node: index, method: thresholds, levels: [{id: high, at_least: 50}, {id: low}]}
indicators:
  - id: a
    parent: part
    weight: 1
    normalise: {method: goalposts, worst: 0, best: 10}
    range: [0, 20]
    codes: {"-1": {status: missing}}
  - {id: b, parent: part, weight: 2, normalise: {method: goalposts, worst: 0, best: 10}}
  - {id: c, parent: index, weight: 1, normalise: {method: goalposts, worst: 0, best: 10}}
"""


def numbers(folder: Path) -> dti.Edition:
    path = folder / "numbers.yaml"
    path.write_text(NUMBERS, encoding="utf-8")
    methodology = dti.load_methodology(path)
    values = np.random.default_rng(1).uniform(0, 10, (40, 3))
    table = dti.Table.from_arrays(
        [f"u{row}" for row in range(40)], ["a", "b", "c"], values, texts={"region": [""] * 40}
    )
    return dti.CompositeIndex(methodology).fit(table).freeze("numbers")


@pytest.fixture
def edition(served, tmp_path):
    found = numbers(tmp_path)
    stock(served.store, [str(found.save(tmp_path / "numbers.dtindex"))])
    return found


@pytest.fixture
def post(served):
    def ask(body: object, status: int = 200, **headers: str) -> Any:
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        response = served.client.post(
            "/v1/score", content=content, headers={"Content-Type": "application/json", **headers}
        )
        assert response.status_code == status, response.text
        return response

    return ask


def faults(response: Any) -> list[tuple[str, str]]:
    return [(one["code"], one.get("pointer")) for one in response.json()["errors"]]


def caict() -> tuple[dti.Scores, list[dict[str, Any]]]:
    """The shipped table, as the library scores it and as records."""
    methodology = dti.load_methodology(CAICT)
    table = methodology.data()
    scores = dti.CompositeIndex(methodology).fit(table).score(ranked_against="reference")
    records = [
        {"unit": unit, "values": {name: None if x != x else x for name, x in zip(table.names, row, strict=True)}}
        for unit, row in zip(table.units.tolist(), table.values.tolist(), strict=True)
    ]
    return scores, records


# --- the same figures ---


def assert_same(unit: dict[str, Any], scores: dti.Scores, row: int) -> None:
    percentiles, status = scores.percentiles.to_numpy(), scores.status.to_numpy()
    for column, item in enumerate(scores.items):
        found = unit["items"][item]
        assert found["score"] == twelve(scores.values[row, column])
        assert found["rank"] == (int(scores.rank(item)[row]) or None)
        assert found["percentile"] == twelve(percentiles[row, column])
        assert found["coverage"] == twelve(scores.coverage_values[row, column])
        assert found["status"] == status[row, column]
        assert found["score"] is not None or found["status"] != "normal"


def test_one_unit_has_the_library_s_figures(post):
    scores, records = caict()
    for row in (0, 7, 30):
        [unit] = post({"methodology": CAICT, "units": [records[row]]}).json()["units"]
        assert_same(unit, scores, row)


def test_many_units_have_the_library_s_figures(post):
    scores, records = caict()
    found = post({"methodology": CAICT, "units": records}).json()
    assert [unit["unit"] for unit in found["units"]] == scores.units.tolist()
    for row, unit in enumerate(found["units"]):
        assert_same(unit, scores, row)


def test_the_same_as_the_command_writes(post, tmp_path):
    """`dtindex score` ranks within its table: so does `ranked_against: table`."""
    _, records = caict()
    command = [sys.executable, "-m", "dtindex", "score", CAICT, "--quiet", "-o", str(tmp_path / "out")]
    subprocess.run(command, check=True, capture_output=True)
    written = pd.read_csv(tmp_path / "out" / "scores.csv", dtype=str, keep_default_na=False)
    response = post({"methodology": CAICT, "units": records, "ranked_against": "table"}, Accept="text/csv")
    found = pd.read_csv(io.BytesIO(response.content), dtype=str, keep_default_na=False)
    columns = ["unit", "node", "score", "rank", "coverage", "status"]
    assert (
        found[columns].sort_values(["unit", "node"]).to_numpy().tolist()
        == written[columns].sort_values(["unit", "node"]).to_numpy().tolist()
    )


def test_an_edition_by_name_and_by_hash(post, edition):
    unit = {"unit": "x", "values": {"a": 5, "b": 7.5, "c": 2}}
    by_name, by_hash = (post({"edition": ref, "units": [unit]}).json() for ref in ("numbers", edition.hash))
    assert by_name == by_hash
    assert by_name["edition"] == {"name": "numbers", "hash": edition.hash}
    assert by_name["methodology"] == {"id": "numbers", "hash": edition.methodology.hash}
    [found] = by_name["units"]
    part = (50 + 2 * 75) / 3
    assert found["items"]["part"]["score"] == twelve(part)
    assert found["items"]["index"]["score"] == twelve((part + 20) / 2)
    assert found["tiers"] == {"index": "low"}


def test_records_and_matrices_of_any_size_say_the_same(post, edition):
    """Answers of a few units are written in another way than those of many."""
    draw = np.random.default_rng(2)
    values = np.round(draw.uniform(0, 10, (200, 3)), 3).tolist()
    for row in range(0, 200, 7):
        values[row][row % 3] = None
    units = [f"n{row}" for row in range(200)]
    names = ["a", "b", "c"]
    ask = {"edition": "numbers", "contributions": True}
    records = [
        {"unit": unit, "values": dict(zip(names, row, strict=True))} for unit, row in zip(units, values, strict=True)
    ]
    whole = post({**ask, "units": records}).json()
    parts = [one for at in range(0, 200, 10) for one in post({**ask, "units": records[at : at + 10]}).json()["units"]]
    assert whole["units"] == parts
    matrix = post({**ask, "indicators": names, "units": units, "values": values}).json()
    small = post({**ask, "indicators": names, "units": units[:10], "values": values[:10]}).json()
    fields = {"scores": "score", "ranks": "rank", "percentiles": "percentile", "coverage": "coverage"}
    for field, own in {**fields, "status": "status", "contributions": "contribution"}.items():
        as_records = [[unit["items"][item][own] for item in whole["items"]] for unit in whole["units"]]
        assert matrix[field] == as_records
        assert small[field] == as_records[:10]
    assert matrix["tiers"]["index"] == [unit["tiers"]["index"] for unit in whole["units"]]


def test_contributions_sum_to_the_score(post, edition):
    body = {"edition": "numbers", "units": [{"values": {"a": 3, "b": 4, "c": 5}}], "contributions": True}
    [unit] = post(body).json()["units"]
    items = unit["items"]
    assert items["part"]["contribution"] + items["c"]["contribution"] == pytest.approx(items["index"]["score"])
    assert "contribution" not in post({**body, "contributions": False}).text


def test_respondents(post):
    """Answers by option, list, scale and matrix; alone, and among others."""
    methodology = dti.load_methodology(MIIT)
    sample = dti.sample(methodology, 60, seed=1)
    fitted = dti.CompositeIndex(methodology).fit(dti.read_table(sample.table, methodology))
    edition = fitted.freeze("miit")
    asked = {question.id for question in methodology.questions}
    frame = sample.frame.astype(object)
    records = [
        {"values": {name: _plain(own) for name, own in one.items() if name in asked and own == own}}
        for one in frame.to_dict("records")
    ]
    alone = [edition.score_unit(one["values"]) for one in records]
    names = sorted({name for one in records for name in one["values"]})
    values = {name: [one["values"].get(name) for one in records] for name in names}
    scores = edition.score_units(values, [""] * len(records))
    for row, one in enumerate(alone):
        assert [one.scores[item] for item in scores.items] == [
            None if x != x else x for x in scores.values[row].tolist()
        ]
        assert {scheme: classes[row] or None for scheme, classes in scores.class_values.items()} == one.classes


def _plain(value: Any) -> Any:
    return (
        value.item()
        if hasattr(value, "item")
        else list(value)
        if isinstance(value, (list, tuple, np.ndarray))
        else value
    )


# --- formats ---


def test_tables(post, edition):
    body = {"edition": "numbers", "units": [{"unit": "x", "values": {"a": 5}}, {"unit": "y", "values": {"c": 5}}]}
    csv = pd.read_csv(io.BytesIO(post(body, Accept="text/csv").content))
    arrow = pa.ipc.open_stream(post(body, Accept="application/vnd.apache.arrow.stream").content).read_pandas()
    parquet = pq.read_table(io.BytesIO(post(body, Accept="application/vnd.apache.parquet").content)).to_pandas()
    assert csv.columns.tolist() == [
        *("unit", "period", "node", "score", "rank", "percentile", "coverage", "status", "tier")
    ]
    assert csv["unit"].tolist() == ["x"] * 5 + ["y"] * 5
    for table in (arrow, parquet):
        assert table["score"].fillna(-1).tolist() == csv["score"].fillna(-1).tolist()
        assert table["status"].tolist() == csv["status"].tolist()
    assert faults(post(body, 406, Accept="text/html")) == []


# --- what stands for no value ---


def test_missing_is_null_or_said_and_withheld_is_another_thing(post, edition):
    values = {"b": 5, "c": 5}
    units = [
        {"values": {**values, "a": a}}
        for a in (None, {"status": "missing"}, {"status": "not_applicable"}, {"status": "withheld"}, -1)
    ]
    many = post({"edition": "numbers", "units": units}).json()["units"]
    one_by_one = [post({"edition": "numbers", "units": [unit]}).json()["units"][0] for unit in units]
    assert many == one_by_one
    assert [unit["items"]["a"]["status"] for unit in many] == [
        "missing",
        "missing",
        "not applicable",
        "withheld",
        "missing",
    ]
    assert [unit["items"]["part"]["score"] for unit in many] == [50, 50, 50, None, 50]
    assert many[3]["items"]["part"]["status"] == "missing"


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_422_with_its_place(post, edition, token):
    body = f'{{"edition": "numbers", "units": [{{"values": {{"b": 1}}}}, {{"values": {{"a": {token}}}}}]}}'
    assert faults(post(body, 422)) == [("DT713", "#/units/1/values/a")]


# --- refused ---


@pytest.mark.parametrize("count", [1, 3])
def test_an_unknown_indicator_is_named_with_the_nearest(post, edition, count):
    units = [{"values": {"a": 1}}] * (count - 1) + [{"values": {"partt": 1}}]
    response = post({"edition": "numbers", "units": units}, 422)
    assert faults(response) == [("DT214", f"#/units/{count - 1}/values/partt")]
    assert "'part'" in response.json()["detail"]
    matrix = {
        "edition": "numbers",
        "indicators": ["a", "partt"],
        "units": ["x"] * 0 + ["x", "y"],
        "values": [[1, 2], [1, 2]],
    }
    assert faults(post(matrix, 422)) == [("DT214", "#/indicators/1")]


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize(
    ("value", "code"), [(21, "DT223"), ("many", "DT220"), (True, "DT709"), ([1], "DT902"), ({"row": 1}, "DT902")]
)
def test_values_that_cannot_be_read(post, edition, value, code, before):
    units = [{"unit": f"u{row}", "values": {"a": 1}} for row in range(before)] + [{"values": {"a": value}}]
    assert faults(post({"edition": "numbers", "units": units}, 422)) == [(code, f"#/units/{before}/values/a")]


def test_a_value_that_a_formula_cannot_take_has_its_place(post, edition):
    units = [{"unit": "x", "values": {"b": 1}}, {"unit": "y", "values": {"part": 1e300}}]
    for asked, row in ((units, 1), (units[1:], 0)):
        response = post({"edition": "numbers", "units": asked}, 422)
        assert all(code == "DT306" and pointer.startswith(f"#/units/{row}") for code, pointer in faults(response))


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"units": [{"values": {}}]}, 422, "#"),
        ({"edition": "numbers", "methodology": CAICT, "units": [{"values": {}}]}, 422, "#"),
        ({"edition": "numbers", "units": []}, 422, "#/units"),
        ({"edition": "numbers", "units": [{}]}, 422, "#/units/0/values"),
        ({"edition": "numbers", "units": ["x"]}, 422, "#/units/0"),
        ({"edition": "numbers", "units": [{"values": {}, "extra": 1}]}, 422, "#/units/0/extra"),
        ({"edition": "numbers", "units": [{"values": {}}], "values": [[1]]}, 422, "#/values"),
        ({"edition": "numbers", "units": ["x"], "indicators": ["a"]}, 422, "#/values"),
        ({"edition": "numbers", "units": ["x"], "indicators": ["a"], "values": [[1, 2]]}, 422, "#/values/0"),
        ({"edition": "numbers", "units": ["x"], "indicators": ["a", "a"], "values": [[1, 2]]}, 422, "#/indicators"),
        ({"edition": "numbers", "units": ["x"], "indicators": ["a"], "values": [[1], [2]]}, 422, "#/values"),
        ({"edition": "numbers", "units": [{"unit": "x", "values": {}}] * 2}, 422, "#/units/1"),
        ({"edition": "numbers", "units": [{"values": {}}], "assume": "equal"}, 422, "#/assume"),
        ({"methodology": CAICT, "units": [{"values": {}}], "assume": "/etc/passwd"}, 422, "#/assume"),
        ({"edition": "numbers", "units": [{"values": {}}], "ranked_against": "all"}, 422, "#/ranked_against"),
        ({"edition": "nothing", "units": [{"values": {}}]}, 404, None),
        ({"methodology": "nothing", "units": [{"values": {}}]}, 404, None),
        ({"methodology": "/etc/passwd", "units": [{"values": {}}]}, 404, None),
    ],
)
def test_requests_that_are_not_as_described(post, edition, body, status, pointer):
    assert [own for _, own in faults(post(body, status))] == ([] if pointer is None else [pointer])


def test_a_unit_more_than_there_may_be(post, edition):
    assert len(post({"edition": "numbers", "units": [{"values": {"a": 1}}] * 5_000}).json()["units"]) == 5_000
    assert faults(post({"edition": "numbers", "units": [{"values": {"a": 1}}] * 5_001}, 422)) == [("DT709", "#/units")]


def test_who_may_score(served, edition):
    body = {"edition": "numbers", "units": [{"values": {"a": 1}}]}
    for scope, status in (("score", 200), ("read", 403)):
        response = served.client.post("/v1/score", json=body, headers=served.key(scope))
        assert response.status_code == status
    assert served.client.post("/v1/score", json=body).status_code == 401
    other = served.client.post("/v1/score", json=body, headers=served.key("score", project="other"))
    assert other.status_code == 404


def test_no_value_of_a_request_enters_the_log(serve, tmp_path, capfd):
    served = serve(log_level="debug")
    stock(served.store, [str(numbers(tmp_path).save(tmp_path / "numbers.dtindex"))])
    body = {"edition": "numbers", "units": [{"unit": "某某公司", "values": {"a": 3.14159, "b": "geheim"}}]}
    assert served.client.post("/v1/score", json=body).status_code == 422
    log = capfd.readouterr().err
    assert "/v1/score" in log
    assert "3.14159" not in log
    assert "geheim" not in log
    assert "某某公司" not in log
