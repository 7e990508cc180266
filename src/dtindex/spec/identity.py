"""Canonical JSON and the two hashes of a methodology."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dtindex.spec.model import Methodology

__all__ = ["canonical_json", "methodology_hash", "plain", "scores_hash", "sha256", "whole"]

# What a reader sees and a score does not.
_UNSCORED = frozenset(
    {
        *("title", "description", "label", "labels", "note", "sources", "source", "provenance", "unit"),
        *("uncertainty", "published", "tolerance", "orientation", "sample"),
    }
)
# What `survey:` says of the sample, which estimates use and scores do not.
_OF_ESTIMATES = ("design", "calibrate", "suppress_below")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces, and whole floats written as integers; the same value gives the same text."""
    return json.dumps(whole(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(data: bytes | str) -> str:
    """The hexadecimal SHA-256 of bytes, or of a text in UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def plain(methodology: Methodology) -> dict[str, Any]:
    """The methodology as JSON-ready values, without those equal to their default, in the order of the model."""
    result: dict[str, Any] = methodology.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return result


def methodology_hash(methodology: Methodology) -> str:
    """Identity of a methodology: comments, key order and spelled-out defaults make no difference."""
    return sha256(canonical_json(plain(methodology)))


def scores_hash(methodology: Methodology) -> str:
    """Identity of what a methodology computes: the names that readers see make no difference either."""
    value = plain(methodology)
    if not methodology.classes:  # nothing else counts by tags
        for block in (*value["nodes"], *value.get("indicators", ())):
            block.pop("tags", None)
    for name in _OF_ESTIMATES:
        value.get("survey", {}).pop(name, None)
    return sha256(canonical_json(_scored(value)))


# Blocks whose keys are the author's words, among which `unit` or `note` is a word like any other.
_FREE_KEYS = frozenset({"codes", "at_most", "weights", "goalposts", "assumptions", "nodes", "personal"})


def _scored(value: Any, free: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _scored(item, key in _FREE_KEYS and not free)
            for key, item in value.items()
            if free or key not in _UNSCORED
        }
    return [_scored(item) for item in value] if isinstance(value, list) else value


def whole(value: Any) -> Any:
    """Whole floats as integers, throughout."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list | tuple) else value
