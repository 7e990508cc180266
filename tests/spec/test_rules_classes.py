"""Rules on classes, and what a condition may be: each remark at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.findings import Finding
from dtindex.spec import parse_methodology
from dtindex.steps.classify import UNKNOWN

FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]

TREE = """\
nodes: [{id: index, tags: [both]}]
indicators: [{id: first, parent: index, tags: [both]}, {id: second, parent: index}, {id: seen, tags: [scene, both]}]
sources: [{id: paper, title: P}]
"""


def when(condition: str) -> str:
    return TREE + f"classes: [{{id: c, when: {condition}}}, {{id: rest}}]\n"


@pytest.mark.parametrize(
    "condition",
    [
        "{id: index, above: 1}",
        "{id: seen, at_least: 1, below: 5}",
        "{id: first, quantile: 0.5}",
        "{id: first, of_best: 0.8}",
        "{count: {tag: scene, at_least: 2}, at_least: 1}",
        "{count: {of: [index, seen], at_least: 2}, at_most: 1, above: 0}",
        "{all: [{id: first, above: 1}, {not: {any: [{id: seen, below: 2}, {id: index, quantile: 1}]}}]}",
    ],
)
def test_conditions(condition: str, findings_of: FindingsOf) -> None:
    assert findings_of(when(condition)) == []


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{id: §firts, above: 1}", 'unknown node or indicator "firts"; nearest is "first"'),
        ("{all: [{id: first, above: 1}, {id: §secnd, above: 1}]}", 'nearest is "second"'),
        ("{any: [{not: {id: §indexx, above: 1}}]}", 'nearest is "index"'),
        ("{id: §indexx, quantile: 0.5}", 'nearest is "index"'),
        ("{count: {tag: §scenes, at_least: 1}, above: 1}", 'unknown tag "scenes"; nearest is "scene"'),
        ("{count: {of: [first, §secnd], at_least: 1}, above: 1}", 'nearest is "second"'),
    ],
)
def test_what_nothing_bears(condition: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(when(condition))
    assert found.code == "DT024"
    assert words in found.message


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{id: seen, quantile: §0.5}", '`quantile` is among the scores of the reference, and "seen" is measured'),
        ("{not: {all: [{id: seen, quantile: §0.5}]}}", '"seen" is measured, not scored'),
        ("{id: index, quantile: §0.5, above: 1}", "`quantile` is a bound of its own; put another into `all`"),
        ("{id: index, quantile: §0.5, of_best: 0.8}", "`quantile` is a bound of its own; put another into `all`"),
        ("{id: seen, of_best: §0.8}", '`of_best` is among the scores of the reference, and "seen" is measured'),
        ("{id: index, of_best: §0.8, below: 90}", "`of_best` is a bound of its own; put another into `all`"),
        ("{count: {of: §[], at_least: 1}, at_least: 1}", "there is nothing to count"),
        ("{any: [{count: {of: [first, seen, §first], at_least: 1}, at_least: 1}]}", '"first" would be counted twice'),
    ],
)
def test_what_nothing_can_answer(condition: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(when(condition))
    assert (found.code, str(found.severity)) == ("DT028", "error")
    assert words in found.message


@pytest.mark.parametrize(
    ("condition", "code", "words"),
    [
        ("§{id: first}", "DT011", "expected a bound"),
        ("§{count: {tag: scene, at_least: 1}}", "DT011", "expected a bound"),
        ("§{above: 1}", "DT011", "expected exactly one of `all`, `any`, `not`, `id`, `count`"),
        ("§{id: first, above: 1, not: {id: first, above: 1}}", "DT011", "expected exactly one of"),
        ("§{all: [{id: first, above: 1}], above: 1}", "DT011", "a bound needs `id` or `count` beside it"),
        ("§{count: {tag: scene, at_least: 1}, quantile: 0.5}", "DT011", "`quantile` is for a score"),
        ("§{count: {tag: scene, at_least: 1}, of_best: 0.5}", "DT011", "`of_best` is for a score"),
        ("{id: first, of_best: §1.5}", "DT011", "found 1.5"),
        ("{count: §{at_least: 1}, at_least: 1}", "DT011", "expected one of `tag` and `of`"),
        ("{count: §{tag: scene, of: [first], at_least: 1}, at_least: 1}", "DT011", "expected one of `tag` and `of`"),
        ("{all: §[]}", "DT011", "found an empty list"),
        ("{id: first, quantile: §1.5}", "DT011", "found 1.5"),
        ("{id: first, above: §high}", "DT011", 'found "high"'),
        ("§[first]", "DT011", "found a list"),
    ],
)
def test_what_is_no_condition(condition: str, code: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(when(condition))
    assert found.code == code
    assert words in found.message


def test_the_best_of_an_open_scale_has_no_low_end(at_mark: AtMark) -> None:
    tree = TREE.replace("{id: index, tags: [both]}", "{id: index, tags: [both], scale: open}")
    found = at_mark(tree + "classes: [{id: c, when: {id: index, of_best: §0.8}}]\n")
    assert found.code == "DT028"
    assert 'the low end of the scale, and that of "index" is open' in found.message


def test_a_class_is_not_called_as_what_is_unknown(at_mark: AtMark) -> None:
    """A reader could not tell the two apart."""
    for id_ in ("unknown", UNKNOWN):
        found = at_mark(TREE + f"classes: [{{id: c, when: {{id: first, above: 1}}}}, {{id: §{id_}}}]\n")
        assert (found.code, str(found.severity)) == ("DT028", "error")
        assert '"unknown" is what a unit is called of which too little is known' in found.message


def test_only_the_last_of_a_scheme_is_without_a_condition(at_mark: AtMark, findings_of: FindingsOf) -> None:
    found = at_mark(TREE + "classes: [§{id: x}, {id: z, when: {id: first, above: 1}}]\n")
    assert found.code == "DT028"
    assert '"x" is not the last of its scheme' in found.message
    two = "classes: [{id: x}, {id: z, scheme: other, when: {id: first, above: 1}}, {id: w, scheme: other}]\n"
    assert findings_of(TREE + two) == []
    split = "classes: [{id: x, scheme: other}, {id: z, when: {id: first, above: 1}}, §{id: w}, {id: v}]\n"
    assert at_mark(TREE + split).code == "DT028"


def test_ids_and_sources(at_mark: AtMark) -> None:
    assert at_mark(TREE + "classes: [{id: c, when: {id: first, above: 1}}, {id: §c, scheme: s}]\n").code == "DT022"
    found = at_mark(TREE + "classes: [{id: c, provenance: {origin: published, source: §papre}}]\n")
    assert found.code == "DT024"
    assert 'nearest is "paper"' in found.message


def test_every_mistake_at_once(findings_of: FindingsOf) -> None:
    body = TREE + (
        "classes:\n"
        "  - {id: unknown, when: {id: seen, quantile: 0.5, above: 1}}\n"
        "  - {id: b}\n"
        "  - {id: c, when: {count: {of: [], at_least: 1}, at_least: 1}}\n"
    )
    assert findings_of(body) == ["DT028 9:10", "DT028 9:46", "DT028 10:5", "DT028 11:32"]


# --- any shape ---

LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["index", "m", "scene", "", "x"])
)
KEYS = st.sampled_from(
    [
        *("all", "any", "not", "id", "count", "quantile", "of_best", "above", "at_least", "below", "at_most"),
        *("when", "scheme", "tag", "of"),
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=10
)
ITEMS = st.sampled_from(["index", "a", "m"])
NEARLY: st.SearchStrategy[Any] = st.recursive(
    st.builds(lambda item, bound: {"id": item, "above": bound}, ITEMS, LEAVES)
    | st.builds(lambda item, share: {"id": item, "quantile": share}, ITEMS, st.floats(0, 1) | LEAVES)
    | st.builds(lambda of: {"count": {"of": of, "at_least": 1}, "below": 2}, st.lists(ITEMS, max_size=3) | ANYTHING)
    | ANYTHING,
    lambda inner: st.lists(inner, max_size=2).map(lambda found: {"all": found}) | inner.map(lambda one: {"not": one}),
    max_leaves=5,
)
RULES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["x", "y", "z", "unknown"])}, optional={"when": NEARLY, "scheme": ITEMS}
    )
    | ANYTHING,
    max_size=3,
)


@given(RULES | ANYTHING)
@settings(max_examples=300)
def test_any_shape_is_answered_with_findings(classes: Any) -> None:
    base = {
        "schema_version": 1,
        "id": "x",
        "title": "t",
        "units": {"kind": "a", "key": "b"},
        "nodes": [{"id": "index"}],
    }
    indicators = [{"id": "a", "parent": "index"}, {"id": "m", "tags": ["scene"]}]
    # JSON is YAML, but for what it writes for infinities, which are refused as such.
    text = json.dumps({**base, "indicators": indicators, "classes": classes})
    methodology, findings = parse_methodology(text, "a.yaml")
    assert (methodology is None) == bool(findings.errors)
    assert all(len(item.message) < 4000 for item in findings)
