"""The description of the service: reviewed when it changes, whole, and true of every operation."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dtindex_service.app import create_app
from dtindex_service.settings import Settings

ROOT = Path(__file__).parents[2]
OPEN = {"health", "description"}


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("openapi"))).openapi()


@pytest.fixture(scope="module")
def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, one) for path, methods in description["paths"].items() for method, one in methods.items()]


@pytest.mark.checkout
def test_the_committed_description_is_the_one_of_the_routes() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "openapi.py"))
    told = "service/openapi.json is stale: look at the difference that `python scripts/openapi.py` makes, and commit it"
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), told


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(operations) -> None:
    names = [one["operationId"] for _, _, one in operations]
    assert len(set(names)) == len(names)
    assert not [name for name, (_, _, one) in zip(names, operations, strict=True) if not one.get("description")]


def test_every_operation_under_v1_asks_for_a_key_and_says_what_it_refuses(operations) -> None:
    for _, path, one in operations:
        if OPEN & set(one["tags"]):
            assert "security" not in one, path
            continue
        assert path.startswith("/v1/")
        assert one["security"] == [{"key": []}], path
        for status in ("400", "401", "403", "404", "406", "413", "415", "422", "429", "500"):
            assert list(one["responses"][status]["content"]) == ["application/problem+json"], (path, status)


def test_every_reference_leads_somewhere(description) -> None:
    text = json.dumps(description)
    known = set(description["components"]["schemas"])
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= known
    assert known <= used | {"Problem"}, "a schema that nothing refers to"


def test_names_of_schemas_are_short(description) -> None:
    """Two models of one name would be told apart by the names of their modules."""
    assert not [name for name in description["components"]["schemas"] if "__" in name]


def test_examples_are_valid(description) -> None:
    schemas = description["components"]["schemas"]
    for name, schema in schemas.items():
        examples = [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else [])]
        for example in examples:
            whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
            # The framework leaves nulls out of what it writes.
            jsonschema.validate(dict.fromkeys(schema.get("required", ())) | example, whole)


def test_it_is_the_same_whatever_the_settings(description, tmp_path: Path) -> None:
    other = create_app(Settings(data_dir=tmp_path, read_only=True, max_units_per_request=3, port=1))
    assert other.openapi() == description
