"""Whatever the text: findings, never an exception of another kind, and an answer in time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.spec import parse_methodology
from dtindex.spec.source import MAXIMUM_BYTES

EXAMPLES = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "examples").glob("*.yaml"))]
HEAD = "schema_version: 1\nid: x\ntitle: t\nunits: {kind: a, key: b}\n"
PIECES = [
    *("{", "}", "[", "]", ":", ": ", "- ", ",", "\n", "\n  ", "&a ", "*a", "<<: ", "!x ", "|", "'", '"', "#", "?"),
    *("~", "---", "%", "\t", "\0", "\ufeff", "\u2028", "算", "010", "yes", "null", "1e999", "-1", "0", "9" * 400),
    *("unpublished", "method: none", "id: a"),
]

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a", "unpublished", "open"])
)
KEYS = st.sampled_from(
    [
        *(
            "id",
            "parent",
            "weight",
            "label",
            "en",
            "normalise",
            "method",
            "worst",
            "best",
            "aggregate",
            "cases",
            "take",
        ),
        *("when", "weights", "order", "at_most", "derive", "of", "to", "from", "codes", "tags", "provenance", "column"),
        *("scale", "levels", "node", "not", "all"),
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
SECTIONS = [
    "nodes",
    "indicators",
    "questions",
    "tiers",
    "classes",
    "sources",
    "defaults",
    "uncertainty",
    "assumptions",
    "units",
    "rank",
    "screening",
    "survey",
    "sample",
]


def parse(content: str | bytes) -> None:
    methodology, findings = parse_methodology(content, "a.yaml")
    assert (methodology is None) == bool(findings.errors)
    assert all(len(item.message) < 4000 for item in findings)


@given(st.text(max_size=200) | st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300)
def test_any_text(content: str | bytes) -> None:
    parse(content)


@given(st.sampled_from(EXAMPLES), st.data())
@settings(max_examples=200)
def test_mutated_files(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 30)))
        text = text[:start] + data.draw(st.sampled_from(PIECES) | st.text(max_size=3)) + text[end:]
    parse(text)


@given(st.dictionaries(st.sampled_from(SECTIONS), VALUES, max_size=6))
@settings(max_examples=300)
def test_any_values_under_known_keys(sections: dict[str, Any]) -> None:
    import json

    base = {"schema_version": 1, "id": "x", "title": "t", "units": {"kind": "a", "key": "b"}}
    # JSON is YAML, but for what it writes for infinities and for lone surrogates, which are refused as such.
    parse(json.dumps(base | sections))


def many(line: str) -> str:
    """So many lines that what grows with their square would not come to an end."""
    lines, size = [], len(HEAD) + 100
    while size < 300_000:
        lines.append(line.replace("NEXT", str(len(lines) + 1)).replace("THIS", str(len(lines))))
        size += len(lines[-1].encode())
    return "".join(lines[:-1])


PAIRS = (
    "nodes:\n  - {id: index}\n"
    + "".join(f"  - {{id: n{number}, parent: index}}\n" for number in range(2000))
    + "indicators:\n"
    + "".join(f"  - {{id: {which}{number}, parent: n{number}}}\n" for number in range(2000) for which in "ab")
)
HOSTILE = {
    "circle of nodes": HEAD + "nodes:\n" + many("  - {id: cTHIS, parent: cNEXT}\n"),
    "unknown parents": HEAD + "nodes:\n" + many("  - {id: cTHIS, parent: dTHIS}\n"),
    "unknown keys": HEAD + "nodes: [{id: a}]\n" + many("unknownTHIS: 1\n"),
    "wrong weights": HEAD + "nodes:\n" + many("  - {id: cTHIS, weight: heavy}\n"),
    "derived in a long line": HEAD
    + "nodes: [{id: r}]\nindicators:\n"
    + many("  - {id: cTHIS, parent: r, derive: {method: growth, of: cNEXT}}\n"),
    "factors of everything": HEAD + PAIRS + "uncertainty:\n  factors:\n" + many("    - {id: fTHIS, simplex: true}\n"),
    "scenarios of everything": HEAD
    + PAIRS
    + "uncertainty:\n  scenarios:\n"
    + many("    - {id: sTHIS, weights: {nTHIS: {aTHIS: 1}}, aggregate: {method: cases, cases: [{take: n0}]}}\n"),
    "duplicate keys": many("a: 1\n"),
    "duplicate ids": HEAD + "nodes:\n" + many("  - {id: a}\n"),
    "anchors": many("- &a x\n"),
    "brackets": "[" * (MAXIMUM_BYTES - 1),
    "braces": "{" * (MAXIMUM_BYTES - 1),
    "dashes": "- " * (MAXIMUM_BYTES // 2 - 1),
    "question marks": "? " * (MAXIMUM_BYTES // 2 - 1),
    "one word": "x" * (MAXIMUM_BYTES - 1),
    "one number": "1" * (MAXIMUM_BYTES - 1),
    "one leading zero": "0" * (MAXIMUM_BYTES - 1),
    "one id": HEAD + "nodes: [{id: " + "界" * 300_000 + "}]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_large_files_are_answered_in_time(name: str) -> None:
    start = time.process_time()
    parse(HOSTILE[name])
    assert time.process_time() - start < 60  # a few seconds on an idle machine; what grows with the square takes hours


def test_alias_bomb_is_answered_at_once() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 60))
    start = time.process_time()
    parse(bomb)
    assert time.process_time() - start < 2
