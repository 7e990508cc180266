"""The JSON Schema: current in its file, and true of every file that loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dtindex.shipped import shipped
from dtindex.spec import json_schema
from dtindex.spec.schema import SCHEMA_FILE, schema_text
from dtindex.spec.source import read_yaml


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_file_is_current() -> None:
    written = shipped("schema", SCHEMA_FILE).read_text("utf-8")
    assert written == schema_text(), "run `python -m dtindex.spec.schema`"


def test_every_file_that_loads_is_valid(methodology_file: Path, validator: Any) -> None:
    validator.validate(read_yaml(methodology_file.read_bytes(), methodology_file.name).tree)


def test_the_schema_says_what_it_is() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:dtindex:schema:methodology-1"
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Goalposts"]["description"].startswith("``(x - worst) / (best - worst)``")
    assert "title" in schema["properties"]


@pytest.mark.parametrize(
    "wrong",
    [
        "nodes: [{id: a, lable: x}]",
        "nodes: [{id: a, weight: heavy}]",
        "nodes: [{id: a, aggregate: {method: geometrc}}]",
        "nodes: [{id: 9}]",
        "nodes: []",
        "schema_version: 2\nnodes: [{id: a}]",
    ],
)
def test_what_a_schema_can_say_it_says(wrong: str, validator: Any) -> None:
    head: dict[str, Any] = {"schema_version": 1, "id": "x", "title": "x", "units": {"kind": "a", "key": "b"}}
    tree = head | yaml.safe_load(wrong)
    assert not validator.is_valid(tree)
    assert validator.is_valid(head | {"nodes": [{"id": "a", "column": "x"}]})


def test_every_file_that_ships_names_the_schema() -> None:
    for path in shipped("methodology").glob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema=../schema/{SCHEMA_FILE}", path.name


def test_json_of_the_schema_has_no_surprises() -> None:
    assert json.loads(schema_text()) == json_schema()
