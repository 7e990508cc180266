"""Rules on the plan of a synthetic sample: what it names exists, its shares are shares; each remark at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.findings import Finding
from dtindex.spec import parse_methodology

FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]

BODY = """\
nodes: [{id: index}]
indicators:
  - {id: score, parent: index, from: Q}
  - {id: grown}
  - {id: staff, from: N}
  - {id: both, derive: {method: sum, of: [grown, staff]}}
sources: [{id: study, title: A study}]
questions:
  - {id: Q, type: single, options: [{id: low, points: 0}, {id: high, points: 1}]}
  - {id: size, type: single, options: [{id: small}, {id: middle}, {id: large}]}
  - {id: P, type: multiple, options: [{id: cloud}, {id: chips}]}
  - {id: M, type: matrix, rows: [{id: now}, {id: later}], options: [{id: yes_}, {id: no_}]}
  - {id: G, type: matrix, rows: [{id: now}], points: 5}
  - {id: R, type: ranking, options: [{id: cloud}, {id: chips}]}
  - {id: N, type: number}
  - {id: T, type: text}
classes: [{id: ahead, when: {id: index, above: 50}}, {id: others}]
assumptions: {ours: {weights: {score: 1}}}
"""


def plan(settings: str) -> str:
    return f"{BODY}sample: {{{settings}}}\n"


SHARES = "{small: 0.5, middle: 0.3, large: 0.2}"


@pytest.mark.parametrize(
    "settings",
    [
        "assume: ours",
        "assume: equal",
        f"strata: {{size: {SHARES}}}, weights: {{by: size, population: {SHARES}}}",
        "shares: [{question: P, option: cloud, share: 0.9}, {question: P, option: chips, share: 0.9, study: study}]",
        "shares: [{question: Q, option: low, share: 0.4}, {question: Q, option: high, share: 0.6}]",
        "shares: [{question: M, row: now, option: yes_, share: 0.4}]",
        "means: [{item: index, mean: 40}, {item: score, mean: 40, below: true}]",
        "classes: [{class: ahead, share: 0.02}]",
        "outcomes: [{method: normal, item: grown, mean: 5, sd: 1, ratios: {ahead: 1.1}, range: [0, 9]}]",
        "outcomes: [{method: share, question: P, option: cloud, share: 0.5, shares: {others: 0.2}}]",
        "outcomes: [{method: share, item: staff, above: 50, range: [0, 100], share: 0.16}]",
    ],
)
def test_plans(settings: str, findings_of: FindingsOf) -> None:
    assert findings_of(plan(settings)) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("assume: §our", 'unknown assumption "our"; nearest is "ours"'),
        (f"strata: {{§szie: {SHARES}}}", 'unknown question "szie"; nearest is "size"'),
        (f"weights: {{by: §szie, population: {SHARES}}}", 'unknown question "szie"; nearest is "size"'),
        ("strata: {size: {small: 0.5, §midle: 0.3, large: 0.2}}", 'unknown option "midle" of question "size"; nearest'),
        (
            f"strata: {{size: {SHARES}}}, weights: {{by: size, population: {{small: 0.5, middle: 0.3, §larg: 0.2}}}}",
            'unknown option "larg" of question "size"; nearest is "large"',
        ),
        ("shares: [{question: §PP, option: cloud, share: 0.9}]", 'unknown question "PP"'),
        ("shares: [{question: P, option: §clod, share: 0.9}]", 'unknown option "clod" of question "P"; nearest is'),
        ("shares: [{question: P, option: cloud, share: 0.9, study: §studie}]", 'unknown source "studie"; nearest is'),
        ("shares: [{question: M, row: §latter, option: yes_, share: 0.4}]", 'row "latter" of question "M"; nearest is'),
        ("shares: [{question: M, row: now, option: §yess_, share: 0.4}]", 'option "yess_" of question "M"; nearest is'),
        ("means: [{item: §indx, mean: 40}]", 'unknown node or indicator "indx"; nearest is "index"'),
        ("means: [{item: index, mean: 40, study: §studie}]", 'unknown source "studie"; nearest is "study"'),
        ("classes: [{class: §ahed, share: 0.02}]", 'unknown class "ahed"; nearest is "ahead"'),
        ("classes: [{class: ahead, share: 0.02, study: §studie}]", 'nearest is "study"'),
        ("outcomes: [{method: normal, item: §gown, mean: 5, sd: 1}]", 'unknown node or indicator "gown"; nearest is'),
        ("outcomes: [{method: normal, item: grown, mean: 5, sd: 1, ratios: {§ahed: 1.1}}]", 'nearest is "ahead"'),
        ("outcomes: [{method: share, question: P, option: §clod, share: 0.5}]", 'nearest is "cloud"'),
        ("outcomes: [{method: share, question: §PP, option: cloud, share: 0.5}]", 'unknown question "PP"'),
        (
            "outcomes: [{method: share, question: P, option: cloud, share: 0.5, shares: {§oters: 0.2}}]",
            'unknown class "oters"; nearest is "others"',
        ),
    ],
)
def test_what_nothing_bears(settings: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(plan(settings))
    assert found.code == "DT024"
    assert words in found.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("strata: {size: §{small: 0.5, middle: 0.3, large: 0.1}}", 'the shares of "size" sum to 0.9, expected 1'),
        ("strata: {P: §{cloud: 0.5, chips: 0.5}}", '"P" is no question of one choice'),
        (f"weights: {{by: §size, population: {SHARES}}}", 'the population of "size" needs its shares in the sample'),
        (
            f"strata: {{size: {SHARES}}}, weights: {{by: size, population: §{{small: 1, large: 0.5}}}}",
            'the shares of "size" sum to 1.5, expected 1',
        ),
        (
            "shares: [{question: §M, option: yes_, share: 0.4}]",
            '"M" is a matrix: name one of its rows, `row: ...` (now',
        ),
        (
            "shares: [{question: P, row: §now, option: cloud, share: 0.4}]",
            '`row` is for a matrix, and "P" is of type mu',
        ),
        ("shares: [{question: N, option: §few, share: 0.4}]", '`option` is for a choice, and "N" has none to choose'),
        ("shares: [{question: G, row: now, option: §few, share: 0.4}]", 'and "G" has none to choose from'),
        ("shares: [{question: R, option: §cloud, share: 0.4}]", 'and "R" has none to choose from'),
        (
            "shares: [{question: Q, option: low, share: 0.5}, {question: Q, option: high, share: §0.6}]",
            'the shares of "Q" sum to 1.1, and each respondent gives one answer',
        ),
        (
            "shares: [{question: Q, option: low, share: 0.5}, {question: Q, option: high, share: §0.4}]",
            'the shares of "Q" sum to 0.9',
        ),
        (
            f"strata: {{size: {SHARES}}}, shares: [{{question: §size, option: small, share: 0.5}}]",
            '"size" has shares under `strata:` already',
        ),
        ("means: [{item: §grown, mean: 5}]", '"grown" is measured and not scored'),
        ("outcomes: [{method: normal, item: §index, mean: 5, sd: 1}]", '"index" is no measured indicator'),
        ("outcomes: [{method: normal, item: §score, mean: 5, sd: 1}]", '"score" is no measured indicator'),
        ("outcomes: [{method: normal, item: §both, mean: 5, sd: 1}]", '"both" is no measured indicator'),
        ("outcomes: [§{method: share, question: Q, option: low, share: 0.5}]", '"Q" is scored (score): an outcome by'),
        (
            "outcomes: [{method: normal, item: grown, mean: 5, sd: 1, range: §[9, 0]}]",
            "`range` runs from its low to its high end, found [9, 0]",
        ),
        (
            "outcomes: [{method: share, item: grown, above: §200, range: [0, 100], share: 0.1}]",
            "`above: 200` does not part the range from 0 to 100",
        ),
        (
            "outcomes: [{method: share, item: grown, above: §0, range: [0, 100], share: 0.1}]",
            "`above: 0` does not part the range from 0 to 100",
        ),
        ("outcomes: [{method: share, question: §T, option: cloud, share: 0.5}]", '"T" is no choice'),
    ],
)
def test_what_does_not_go_together(settings: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(plan(settings), others="§T" in settings)  # an open answer has no options either
    assert (found.code, str(found.severity)) == ("DT028", "error")
    assert words in found.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("correlation: §1", "found 1"),
        ("loading: §0", "found 0"),
        ("missing: §1.5", "found 1.5"),
        ("strata: §[size]", "found a list"),
        ("shares: §{}", "found a block"),
        ("outcomes: [{method: normal, item: grown, mean: 5, sd: §0}]", "found 0"),
        (
            "outcomes: [§{method: share, share: 0.5}]",
            "expected `question` and `option`, or `item`, `above` and `range`",
        ),
        ("outcomes: [§{method: share, item: grown, above: 5, share: 0.5}]", "expected `question` and `option`, or"),
    ],
)
def test_wrong_values(settings: str, words: str, at_mark: AtMark) -> None:
    found = at_mark(plan(settings))
    assert found.code == "DT011"
    assert words in found.message


def test_every_mistake_of_one_block_at_once(findings_of: FindingsOf) -> None:
    """A sum that misses 1 and two options that are none: three remarks, not the first."""
    line = BODY.count("\n") + 5
    assert findings_of(plan("strata: {size: {smal: 0.5, midle: 0.3, large: 0.1}}")) == [
        f"DT028 {line}:25",
        f"DT024 {line}:26",
        f"DT024 {line}:37",
    ]


# --- any shape ---

LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["Q", "P", "M", "low", "now", "x"])
)
KEYS = st.sampled_from(
    [
        *(
            "strata",
            "weights",
            "shares",
            "means",
            "classes",
            "outcomes",
            "by",
            "population",
            "question",
            "option",
            "row",
        ),
        *("share", "item", "mean", "class", "method", "sd", "ratios", "above", "range", "study", "assume", "Q", "low"),
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
ASKED = st.sampled_from(["Q", "P", "M", "G", "R", "N", "T", "size"])
ITEM = st.sampled_from(["index", "score", "grown", "staff", "both"])
OPTION = st.sampled_from(["low", "cloud", "yes_", "x"])
SHARE = st.floats(0, 1) | LEAVES
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "strata": st.dictionaries(ASKED, st.dictionaries(OPTION, SHARE, max_size=2) | ANYTHING, max_size=2),
        "weights": st.fixed_dictionaries({"by": ASKED, "population": st.dictionaries(OPTION, SHARE, max_size=2)}),
        "shares": st.lists(
            st.fixed_dictionaries(
                {"question": ASKED, "option": OPTION, "share": SHARE}, optional={"row": st.sampled_from(["now", "x"])}
            ),
            max_size=3,
        ),
        "means": st.lists(st.fixed_dictionaries({"item": ITEM, "mean": LEAVES}), max_size=2) | ANYTHING,
        "classes": st.lists(st.fixed_dictionaries({"class": OPTION, "share": SHARE}), max_size=2),
        "outcomes": st.lists(
            st.fixed_dictionaries(
                {"method": st.sampled_from(["normal", "share"]), "item": ITEM, "mean": LEAVES, "sd": LEAVES},
                optional={"range": st.lists(LEAVES, min_size=2, max_size=2), "ratios": ANYTHING},
            )
            | st.fixed_dictionaries({"method": st.just("share"), "question": ASKED, "option": OPTION, "share": SHARE})
            | st.fixed_dictionaries(
                {"method": st.just("share"), "item": ITEM, "above": LEAVES, "range": st.just([0, 9]), "share": SHARE}
            ),
            max_size=2,
        ),
    },
)


@given(NEARLY | st.dictionaries(KEYS, ANYTHING, max_size=4) | ANYTHING)
@settings(max_examples=300)
def test_any_shape_is_answered_with_findings(sample: Any) -> None:
    head = "schema_version: 1\nid: test\ntitle: Test\nunits: {kind: city, key: city}\n"
    # JSON is YAML, but for what it writes for infinities, which are refused as such.
    methodology, findings = parse_methodology(f"{head}{BODY}sample: {json.dumps(sample)}\n", "a.yaml")
    assert (methodology is None) == bool(findings.errors)
    assert all(len(item.message) < 4000 for item in findings)
