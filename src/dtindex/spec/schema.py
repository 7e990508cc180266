"""The JSON Schema of methodology files, from the model; ``python -m dtindex.spec.schema`` writes it for editors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dtindex.atomic import write_bytes
from dtindex.shipped import shipped
from dtindex.spec.identity import whole
from dtindex.spec.model import Methodology

__all__ = ["SCHEMA_FILE", "json_schema", "schema_text"]

SCHEMA_FILE = "methodology-1.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of methodology files of schema version 1, with descriptions.

    What a schema cannot say (references, trees, what goes together) is checked by loading a file.
    """
    generated = Methodology.model_json_schema(by_alias=True, mode="validation")
    described: dict[str, Any] = _tidy(generated)
    # Editors ask for the schema in the file's first line, and some write it into the file as a key of its own.
    head = {"$schema": DIALECT, "$id": f"urn:dtindex:schema:{SCHEMA_FILE.removesuffix('.json')}"}
    return {**head, **described, "title": "dtindex methodology, schema version 1"}


def schema_text() -> str:
    """The schema as it stands in its file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _tidy(value: Any) -> Any:
    """Without the titles that repeat a key, docstrings on one line, and the same from every version of pydantic."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy: dict[str, Any] = {}
    for key, item in value.items():
        if key in ("properties", "$defs"):  # their keys are names, `title` among them
            tidy[key] = {name: _tidy(entry) for name, entry in item.items()}
        elif key == "description":
            tidy[key] = re.sub(r"\s+", " ", item).strip()
        elif key == "allOf" and len(item) == 1:  # how older versions put a default beside a reference
            tidy |= _tidy(item[0])
        elif not _superfluous(key, value):
            tidy[key] = whole(_tidy(item))
    return tidy


def _superfluous(key: str, block: dict[str, Any]) -> bool:
    if key == "default":
        return block[key] is None
    # Older versions write `enum` beside `const`; newer ones repeat half of `patternProperties` as `propertyNames`.
    return key in ("title", "propertyNames") or (key == "enum" and "const" in block)


def main() -> Path:
    """Write the schema into the checkout."""
    return write_bytes(shipped("schema", SCHEMA_FILE), schema_text().encode())


if __name__ == "__main__":
    main()
