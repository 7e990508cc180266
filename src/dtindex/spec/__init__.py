"""What an index is: the model of a methodology file, and how it is found, read, checked and written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dtindex.spec.assume import apply_assumption, unpublished
    from dtindex.spec.base import text
    from dtindex.spec.catalogue import shipped_methodologies
    from dtindex.spec.loader import load_methodology, parse_methodology
    from dtindex.spec.model import Methodology
    from dtindex.spec.schema import json_schema
    from dtindex.spec.sheet import write_sheet

__all__ = [
    "Methodology",
    "apply_assumption",
    "json_schema",
    "load_methodology",
    "parse_methodology",
    "shipped_methodologies",
    "text",
    "unpublished",
    "write_sheet",
]

# Loaded when first asked for: pydantic and PyYAML cost more than the rest of a short command.
_HOME = {
    "Methodology": "model",
    "apply_assumption": "assume",
    "json_schema": "schema",
    "load_methodology": "loader",
    "parse_methodology": "loader",
    "shipped_methodologies": "catalogue",
    "text": "base",
    "unpublished": "assume",
    "write_sheet": "sheet",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
