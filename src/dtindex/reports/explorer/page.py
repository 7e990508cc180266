"""The page: template, style, scripts and what it knows, put into one file that asks nobody for anything."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

__all__ = ["MODULES", "embedded", "page_of", "plain_script", "policy"]

MODULES = (
    "decode.js",
    "arithmetic.js",
    "words.js",
    "state.js",
    "format.js",
    "dom.js",
    "svg.js",
    "download.js",
    "store.js",
    "charts.js",
    "view-ranking.js",
    "view-weights.js",
    "view-profile.js",
    "view-compare.js",
    "view-structure.js",
    "view-map.js",
    "view-periods.js",
    "view-tiers.js",
    "view-uncertainty.js",
    "view-classes.js",
    "view-quality.js",
    "main.js",
)
"""Scripts of the page, each after those that it imports."""
_ECHARTS = "vendor/echarts.min.js"
_IMPORT = re.compile(r'^import\s[^;]*?from\s+"[^"]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+", re.MULTILINE)


def page_of(payload: dict[str, Any]) -> str:
    """The page of a payload: the same payload, the same bytes."""
    parts = {
        "POLICY": policy(),
        "LANGUAGE": "zh-CN" if payload["language"] == "zh" else "en",
        "STYLE": _asset("explorer.css"),
        "ECHARTS": _asset(_ECHARTS),
        "PAYLOAD": embedded(payload),
        "SCRIPT": _script(),
    }
    # One pass, so that nothing that a part says is taken for a place of another.
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda place: parts[place[1]], _asset("explorer.html"))


@cache
def policy() -> str:
    """What every page allows: its own two scripts by their hashes, its style, and pictures that are in it."""
    return (
        f"default-src 'none'; script-src {_hash(_asset(_ECHARTS))} {_hash(_script())}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    return "\n".join(plain_script(_asset(f"js/{name}")) for name in MODULES)


def embedded(content: object) -> str:
    """JSON that may stand within an element `script`: no `<`, and no character that ends a line of a script."""
    said = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return said.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def plain_script(module: str) -> str:
    """A module without its imports and exports: all modules share one scope in the page."""
    return _EXPORT.sub("", _IMPORT.sub("", module)).replace("// @ts-check\n", "")


def _asset(name: str) -> str:
    return files("dtindex.reports.explorer").joinpath("assets").joinpath(name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    digest = sha256(script.encode("utf-8")).digest()
    return f"'sha256-{b64encode(digest).decode('ascii')}'"
