"""References between the parts of a file: each unknown one at its place, with the nearest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtindex.findings import Finding
from dtindex.spec.parents import circles

TREE = "nodes: [{id: index}]\nindicators: [{id: first, parent: index}, {id: second, parent: index}]\n"


def with_node(settings: str) -> str:
    return TREE.replace("{id: index}", f"{{id: index, {settings}}}")


def with_indicator(settings: str) -> str:
    return f"{TREE[:-2]}, {{id: third, {settings}}}]\n"


UNKNOWN = {
    "tiers.node": TREE + "tiers: [{node: §indexx, method: thresholds, levels: [{id: all}]}]\n",
    "cases.take": with_node("aggregate: {method: cases, cases: [{take: first}, {take: §secnd}]}").replace(
        "{take: first}", "{take: first, when: {id: first, above: 1}}"
    ),
    "cases.when": with_node("aggregate: {method: cases, cases: [{when: {id: §frist, above: 1}, take: first}]}"),
    "weights.order": with_node("weights: {method: ahp, order: [first, §secnod], judgements: [[2]]}"),
    "weights.at_most": with_node("weights: {method: entropy, at_most: {§secnod: 0.5}}"),
    "defaults.weights.at_most": TREE + "defaults: {weights: {method: entropy, at_most: {§secnod: 0.5}}}\n",
    "derive.of": with_indicator("derive: {method: growth, of: §frst}"),
    "derive.to": with_indicator("derive: {method: ratio, of: first, to: §secnd}"),
    "derive.per": with_indicator("derive: {method: per, of: first, per: §secnd}"),
    "derive.in": with_indicator("derive: {method: share, of: first, in: §secnd}"),
    "derive.since": with_indicator("derive: {method: point-change, of: first, since: §secnd}"),
    "derive.growth": with_indicator("derive: {method: net-addition, of: first, growth: §secnd}"),
    "derive.minus": with_indicator("derive: {method: difference, of: first, minus: §secnd}"),
    "derive.sum": with_indicator("derive: {method: sum, of: [first, §secnd]}"),
    "from": with_indicator("from: §Q.11") + "questions: [{id: Q.1, type: number}]\n",
    "skip_when": TREE
    + "questions: [{id: Q.1, type: number}, {id: Q3, type: number, skip_when: {question: §Q.11, answers: [1]}}]\n",
    "item source": with_indicator("source: §paperr") + "sources: [{id: paper, title: P}]\n",
    "provenance source": with_indicator("provenance: {column: {origin: published, source: §paperr}}")
    + "sources: [{id: paper, title: P}]\n",
    "question source": TREE
    + "questions: [{id: Q1, type: number, source: §paperr}]\nsources: [{id: paper, title: P}]\n",
    "classes id": TREE + "classes: [{id: c, when: {id: §fist, above: 1}}]\n",
    "classes count": TREE + "classes: [{id: c, when: {count: {of: [§fist], at_least: 1}, above: 1}}]\n",
    "classes not": TREE + "classes: [{id: c, when: {not: {all: [{id: §fist, above: 1}]}}}]\n",
    "classes tag": with_indicator("tags: [scene]")
    + "classes: [{id: c, when: {count: {tag: §scenes, at_least: 1}, above: 1}}]\n",
    "factor of": TREE + "uncertainty: {factors: [{id: a, error: 0.1, of: [first, §secnd]}]}\n",
    "factor node": TREE + "uncertainty: {factors: [{id: a, dirichlet: 100, node: §indexx}]}\n",
    "factor exclude": TREE + "uncertainty: {factors: [{id: a, exclude: [§secnd]}]}\n",
    "assumption weights": TREE + "assumptions: {a: {weights: {§secnd: 1}}}\n",
    "assumption goalposts": TREE + "assumptions: {a: {goalposts: {§secnd: {best: 1}}}}\n",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_references(name: str, at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(UNKNOWN[name])
    assert found.code == "DT024"
    assert '; nearest is "' in found.message


def test_unknown_group(at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(with_indicator("impute: {method: group-mean, by: §regin}"))
    assert found.code == "DT024"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (TREE + "tiers: [{node: §first, method: thresholds, levels: [{id: all}]}]\n", "expected a node"),
        (with_indicator("derive: {method: growth, of: §index}"), "expected an indicator"),
        (TREE + "assumptions: {a: {goalposts: {§index: {best: 1}}}}\n", 'unknown indicator "index"'),
    ],
)
def test_references_of_the_wrong_kind(body: str, words: str, at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(body)
    assert found.code == "DT024"
    assert words in found.message


def test_parent_that_is_an_indicator(at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(with_indicator("parent: §first"))
    assert found.code == "DT022"
    assert "is an indicator" in found.message


def test_empty_node(at_mark: Callable[[str], Finding]) -> None:
    assert at_mark("nodes: [{id: index, column: x}, {id: §empty, parent: index}]\n").code == "DT026"


def test_a_misspelt_parent_does_not_make_its_node_empty(at_mark: Callable[[str], Finding]) -> None:
    assert at_mark("nodes: [{id: index}]\nindicators: [{id: a, parent: §idnex}]\n").code == "DT022"


@pytest.mark.parametrize(
    "body",
    [
        TREE + "questions: [{id: Q, type: number}, {id: §Q, type: number}]\n",
        TREE + "sources: [{id: s, title: A}, {id: §s, title: B}]\n",
        TREE + "tiers: [{node: index, method: thresholds, levels: [{id: a, at_least: 1}, {id: §a}]}]\n",
        TREE + "classes: [{id: c, when: {id: first, above: 1}}, {id: §c}]\n",
        TREE + "questions: [{id: Q, type: single, options: [{id: a}, {id: §a}]}]\n",
        TREE + "uncertainty: {factors: [{id: f, exclude: [first]}, {id: §f, exclude: [second]}]}\n",
    ],
)
def test_duplicate_ids(body: str, at_mark: Callable[[str], Finding]) -> None:
    assert at_mark(body).code == "DT022"


def test_level_ids_of_two_rules_may_agree(findings_of: Callable[[str], list[str]]) -> None:
    rule = "{node: index, method: thresholds, levels: [{id: a, at_least: 1}, {id: b}]}"
    assert findings_of(TREE + f"tiers: [{rule}, {rule}]\n") == []


def test_derived_in_a_circle(at_mark: Callable[[str], Finding]) -> None:
    found = at_mark(
        "nodes: [{id: index}]\nindicators:\n  - {id: a, parent: index, derive: §{method: growth, of: b}}\n"
        "  - {id: b, parent: index, derive: {method: ratio, of: c, to: a}}\n  - {id: c, parent: index}\n"
    )
    assert found.code == "DT314"
    assert "a → b → a" in found.message


def test_a_question_is_not_skipped_for_its_own_answer(at_mark: Callable[[str], Finding]) -> None:
    body = TREE + "questions: [{id: Q, type: number, skip_when: {question: §Q, answers: [1]}}]\n"
    assert at_mark(body).code == "DT024"


def test_wrong_types_are_no_references(findings_of: Callable[[str], list[str]]) -> None:
    body = (
        "nodes: [5, {id: [a], parent: {b: c}}, x]\nindicators: {id: a}\nquestions: 1\nsources: [[[]]]\n"
        "tiers: [{node: 1, levels: 2}]\nclasses: [{when: [1]}]\nuncertainty: []\nassumptions: [a]\ndefaults: 1\n"
    )
    assert {entry.split()[0] for entry in findings_of(body)} <= {"DT011", "DT012"}


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ({"a": []}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, [["a", "b", "c"]]),
        ({"c": ["a"], "a": ["b"], "b": ["a"]}, [["a", "b"]]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [["a", "b"], ["c", "d"]]),
        ({"a": ["x", "b"], "b": ["y"]}, []),
    ],
)
def test_circles(edges: dict[str, list[str]], expected: list[list[str]]) -> None:
    assert circles(edges) == expected
