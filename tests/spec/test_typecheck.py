"""Types, keys and choices: one message a place, in words that say what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import BaseModel

from dtindex.findings import Finding
from dtindex.spec import Methodology
from dtindex.spec.shape import PATTERNS, keys_of, shape_of

TREE = "nodes: [{id: index}]\nindicators: [{id: first, parent: index}, {id: second, parent: index}]\n"


def with_indicator(settings: str) -> str:
    return f"{TREE[:-2]}, {{id: third, parent: index, {settings}}}]\n"


GOALPOSTS = "normalise: {method: goalposts, best: 1, "

WRONG = {
    with_indicator("weight: §heavy"): 'DT011 weight: expected a number or "unpublished", found "heavy"',
    with_indicator("weight: §[1, 2]"): 'DT011 weight: expected a number or "unpublished", found a list of 2',
    with_indicator("weight: §true"): 'DT011 weight: expected a number or "unpublished", found true',
    with_indicator(GOALPOSTS + "worst: §x}"): (
        'DT011 worst: expected a number, "unpublished" or a block with `percentile`, found "x"'
    ),
    with_indicator(
        GOALPOSTS + "worst: {percentile: §101}}"
    ): "DT011 percentile: expected a number from 0 to 100, found 101",
    with_indicator(GOALPOSTS + "worst: {§percentle: 5}}"): 'DT010 unknown key "percentle"; nearest is "percentile"',
    with_indicator(GOALPOSTS + "worst: 0, clip: §bot}"): 'DT010 clip: unknown choice "bot"; nearest is "both"',
    with_indicator("normalise: §{method: goalposts, best: 1}"): 'DT012 required key "worst" missing',
    with_indicator("normalise: §{best: 1}"): 'DT012 required key "method" missing',
    with_indicator("normalise: {§metod: goalposts, best: 1}"): 'DT010 unknown key "metod"; nearest is "method"',
    with_indicator("normalise: {method: §min-mx}"): 'DT010 method: unknown choice "min-mx"; nearest is "min-max"',
    with_indicator("normalise: {method: §5}"): (
        "DT010 method: unknown choice 5; expected one of none, goalposts, min-max, z-score, robust-z, rank, "
        "percentile, normal-scores, target, reference, fraction-of-maximum, fraction-of-sum, balance, categories, "
        "maturity, top-box, likert, logistic, base-index, registered"
    ),
    with_indicator("normalise: §goalposts"): 'DT011 normalise: expected a block with `method`, found "goalposts"',
    with_indicator(
        "scale: §[0]"
    ): 'DT011 scale: expected a pair of numbers like `[0, 100]` or "open", found a list of 1',
    with_indicator("scale: [0, §x]"): 'DT011 scale, item 2: expected a number, found "x"',
    with_indicator(
        "scale: §closed"
    ): 'DT011 scale: expected a pair of numbers like `[0, 100]` or "open", found "closed"',
    with_indicator("power: §0"): "DT011 power: expected a number above 0, found 0",
    with_indicator("round: §10"): "DT011 round: expected a whole number from 0 to 9, found 10",
    with_indicator("round: §1.5"): "DT011 round: expected a whole number from 0 to 9, found 1.5",
    with_indicator("codes: §[a]"): "DT011 codes: expected a block, found a list of 1",
    with_indicator("codes: {a: §{status: missing, score: 1}}"): "DT011 a: `status: missing` leaves no value",
    with_indicator("label: §{}"): "DT011 label: expected `en`, `zh`, or both",
    with_indicator("label: {en: §5}"): "DT011 en: expected text, found 5",
    with_indicator("label: §5"): "DT011 label: expected text or a block with `en` or `zh`, found 5",
    with_indicator(
        "provenance: {weight: §recoverd}"
    ): 'DT010 weight: unknown choice "recoverd"; nearest is "recovered"',
    with_indicator(
        "treat: {method: winsorise, low: §0.5}"
    ): "DT011 low: expected a number of 0 or more and below 0.5, found 0.5",
    with_indicator("tags: §scene"): 'DT011 tags: expected a list, found "scene"',
    with_indicator("derive: {method: sum, of: §[]}"): "DT011 of: expected a list of at least 1, found an empty list",
    with_indicator("derive: §{method: net-addition, of: first, since: second, growth: first}"): (
        "DT011 derive: `since` and `growth` exclude each other"
    ),
    TREE + "assumptions: {§1a: {}}\n": (
        'DT011 expected an id (ASCII letters, digits, `_`, `.`, `-`; a letter first) as key, found "1a"'
    ),
    TREE + "questions: [{id: Q, type: single, options: §[{id: a}]}]\n": (
        "DT011 options: expected a list of at least 2, found a list of 1"
    ),
    TREE + "questions: [{id: Q, type: number, bands: §{edges: [1], closed: left, points: [1, 2, 3]}}]\n": (
        "DT011 bands: 1 edges make 2 bands, found 3 points"
    ),
    TREE + "classes: [{id: c, when: §{id: first}}]\n": (
        "DT011 when: expected a bound: `above`, `at_least`, `below`, `at_most`, `quantile` or `of_best`"
    ),
    TREE + "§nods: []\n": 'DT010 unknown key "nods"; nearest is "nodes"',
    TREE + "§normalize: {}\n": 'DT010 unknown key "normalize"',
}


@pytest.mark.parametrize("body", WRONG)
def test_messages(body: str, at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(body)
    assert f"{found.code} {found.message}" == WRONG[body]


def test_several_keys_missing_are_one_message(at_mark: Callable[..., Finding]) -> None:
    found = at_mark("nodes: [{id: a, column: x}]\ntiers: [§{method: thresholds}]\n")
    assert f"{found.code} {found.message}" == 'DT012 required keys "node", "levels" missing'


def test_a_misspelt_required_key_is_not_missing_too(at_mark: Callable[..., Finding]) -> None:
    found = at_mark("nodes: [{§idd: a, column: x}]\n")
    assert f"{found.code} {found.message}" == 'DT010 unknown key "idd"; nearest is "id"'


def test_everything_missing(findings_of: Callable[[str], list[str]]) -> None:
    assert findings_of("schema_version: 1\n") == ["DT012 1:1"]


@pytest.mark.parametrize("version", ["2", "0", "'1'", "1.5", "true", "null", "[1]"])
def test_schema_version(version: str, findings_of: Callable[[str], list[str]]) -> None:
    body = f"schema_version: {version}\nid: x\ntitle: x\nunits: {{kind: a, key: b}}\nnodes: [{{id: a, column: b}}]\n"
    assert findings_of(body) == ["DT013 1:17"]


@pytest.mark.parametrize("text", ["5", "[]", "text", "- a\n- b"])
def test_a_file_that_is_no_block(text: str) -> None:
    from dtindex.spec import parse_methodology

    _, findings = parse_methodology(text, "a.yaml")
    assert [str(item.place) for item in findings] == ["a.yaml:1:1"]
    assert findings.codes == ["DT011"]


def test_types_and_references_do_not_hide_each_other(findings_of: Callable[[str], list[str]]) -> None:
    body = with_indicator("source: nowhere, weight: heavy, fit: sometimes") + "tiers: [{node: none}]\n"
    assert [entry.split()[0] for entry in findings_of(body)] == ["DT024", "DT011", "DT010", "DT012", "DT024"]


def test_every_pattern_of_the_models_has_words() -> None:
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [Methodology]
    patterns: set[str] = set()
    while waiting:
        model = waiting.pop()
        seen.add(model)
        for field in keys_of(model).values():
            shapes = [shape_of(field.annotation, field.metadata)]
            while shapes:
                for item in shapes.pop().alternatives:
                    patterns |= {item.bound("pattern")} - {None}
                    if item.model is not None and item.model not in seen:
                        waiting.append(item.model)
                    elif item.model is None and not item.choices:
                        arguments = getattr(item.type, "__args__", ())
                        shapes += [shape_of(argument) for argument in arguments if argument is not Ellipsis]
    assert len(seen) > 40
    assert patterns == set(PATTERNS)
