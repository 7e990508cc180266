"""Rules on questions, on the indicators that take them, and on careless respondents: each remark at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.findings import Finding
from dtindex.spec import Methodology, load_methodology, parse_methodology
from dtindex.spec.questions import best_and_worst

FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]

QUESTIONS = """\
questions:
  - {id: S, type: single, options: [{id: yes_, points: 1}, {id: no_, points: 0}, {id: dk, status: missing}]}
  - {id: B, type: single, options: [{id: first}, {id: second}]}
  - {id: M, type: multiple, options: [{id: one, points: 1}, {id: two, points: 2}]}
  - {id: L, type: scale, points: 5}
  - {id: G, type: matrix, points: 5, rows: [{id: left}, {id: right}]}
  - {id: C, type: matrix, rows: [{id: left}], options: [{id: low, points: 0}, {id: high, points: 1}]}
  - {id: N, type: number}
  - {id: R, type: ranking, options: [{id: red}, {id: blue}], points: [1]}
  - {id: U, type: ranking, options: [{id: red}, {id: blue}]}
  - {id: T, type: text}
"""
NODES = "nodes: [{id: index}]\n"


def taking(taken: str, questions: str = QUESTIONS) -> str:
    return f"{NODES}indicators: [{{id: a, parent: index, from: {taken}}}]\n{questions}"


def question(settings: str) -> str:
    """A question of its own, beside an index that takes none."""
    return f"{NODES}indicators: [{{id: a, parent: index}}]\nquestions: [{{id: Q, {settings}}}]\n"


class TestWhatIndicatorsTake:
    @pytest.mark.parametrize(
        "taken",
        [
            *("S", "M", "L", "N", "{question: S}", "{question: S, option: no_}", "{question: B, option: first}"),
            *("{question: M, option: two}", "{question: G, row: left}", "{question: C, row: left}"),
            *("{question: C, row: left, option: high}", "{question: R, option: blue}"),
        ],
    )
    def test_what_there_is(self, taken: str, findings_of: FindingsOf) -> None:
        assert findings_of(taking(taken)) == []

    @pytest.mark.parametrize(
        ("taken", "code", "words"),
        [
            ("§SS", "DT024", 'unknown question "SS"'),
            ("{question: §SS}", "DT024", 'unknown question "SS"'),
            ("§G", "DT028", '"G" is a matrix: take one of its rows, `{question: G, row: ...}` (left, right)'),
            ("§{question: G}", "DT028", '"G" is a matrix'),
            ("{question: G, row: §lefft}", "DT024", 'unknown row "lefft" of question "G"; nearest is "left"'),
            ("{question: G, row: §zzz}", "DT024", 'unknown row "zzz" of question "G"; there are left, right'),
            ("{question: S, row: §left}", "DT028", '`row` is for a matrix, and "S" is of type single'),
            ("{question: S, option: §yess_}", "DT024", 'unknown option "yess_" of question "S"; nearest is "yes_"'),
            ("{question: S, option: §q}", "DT024", 'unknown option "q" of question "S"; there are yes_, no_, dk'),
            ("{question: S, option: §dk}", "DT028", '"dk" of "S" is no answer (`status`)'),
            ("{question: C, row: left, option: §hihg}", "DT024", 'unknown option "hihg" of question "C"; nearest is'),
            ("{question: L, option: §one}", "DT028", '`option` is for a choice or a ranking, and "L" is of type scale'),
            ("{question: G, row: left, option: §one}", "DT028", 'and "G" is a matrix of scales'),
            ("{question: N, option: §one}", "DT028", 'and "N" is of type number'),
            ("§T", "DT028", '"T" is an open answer, which has no value'),
            ("§R", "DT028", '"R" is a ranking: take the place of an option, `{question: R, option: ...}`'),
            ("{question: R, option: §reed}", "DT024", 'unknown option "reed" of question "R"; nearest is "red"'),
            ("§{question: U, option: red}", "DT028", 'the ranking "U" has no `points:` for its places, and a takes'),
            ("§B", "DT028", 'options of "B" without `points` or `status`: "first", "second", and a takes its points'),
        ],
    )
    def test_what_there_is_not(self, taken: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(taking(taken))
        assert (found.code, str(found.severity)) == (code, "error")
        assert words in found.message

    def test_the_nearest_question(self, at_mark: AtMark) -> None:
        body = taking("§Q_12", "questions: [{id: Q_1, type: number}, {id: other, type: number}]\n")
        assert at_mark(body).message.endswith('nearest is "Q_1"')

    def test_both_of_two_mistakes(self, findings_of: FindingsOf) -> None:
        assert findings_of(taking("{question: M, row: left, option: three}")) == ["DT028 6:62", "DT024 6:76"]


class TestByItself:
    @pytest.mark.parametrize(
        ("settings", "code", "words"),
        [
            ("type: number, range: §[5, 0]", "DT028", "`range` runs from its low to its high end, found [5, 0]"),
            ("type: number, range: §[5, 5]", "DT028", "found [5, 5]"),
            (
                "type: multiple, at_most: 3, options: [{id: b, points: 2}, {id: x, alone: true, points: §4}]",
                "DT028",
                '`at_most: 3` cuts off points of "x", which stands alone',
            ),
            (
                "type: matrix, rows: [{id: r}], options: [{id: x, points: 1}], §codes: {'9': {status: missing}}",
                "DT029",
                "`codes` is for a scale and has no effect",
            ),
            (
                "type: matrix, rows: [{id: r}], options: [{id: x, points: 1}], §labels: [few]",
                "DT029",
                "`labels` is for a scale and has no effect",
            ),
        ],
    )
    def test_what_does_not_go_together(self, settings: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(question(settings))
        assert found.code == code
        assert words in found.message

    @pytest.mark.parametrize(
        ("settings", "code", "words"),
        [
            ("type: single, options: §[{id: x}]", "DT011", "expected a list of at least 2, found a list of 1"),
            ("type: single, options: [§{id: x, points: 1, status: missing}, {id: y}]", "DT011", "leaves no value"),
            ("type: scale, points: §1", "DT011", "expected a whole number from 2 to 101, found 1"),
            ("type: scale, points: §102", "DT011", "found 102"),
            ("type: scale, points: §five", "DT011", 'found "five"'),
            ("type: number, format: §currency", "DT010", 'unknown choice "currency"; expected one of number, percent'),
            ("type: multiple, options: §[]", "DT011", "expected a list of at least 1"),
            ("type: matrix, points: 5, rows: §[]", "DT011", "expected a list of at least 1"),
            ("type: single, options: [{id: x, status: §never}, {id: y}]", "DT010", "expected one of missing, not-app"),
            ("type: §sngle", "DT010", 'unknown choice "sngle"; nearest is "single"'),
        ],
    )
    def test_wrong_values(self, settings: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(question(settings))
        assert found.code == code
        assert words in found.message

    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ("type: single, options: [{id: x, code: 2}, {id: y}]", "the code '2' stands for two options"),
            ("type: multiple, options: [{id: x, code: a}, {id: y, code: a}]", "the code 'a' stands for two options"),
            ("type: scale, points: 5, labels: [few, many]", "2 labels for a scale of 5 points"),
            ("type: scale, points: 5, codes: {'9': {score: 3}}", "the code '9' stands for an answer"),
            ("type: number, codes: {'9': {score: 3}}", "the code '9' stands for an answer"),
            ("type: matrix, rows: [{id: r}]", "expected one of `options`"),
            ("type: matrix, rows: [{id: r}], points: 5, options: [{id: x}]", "expected one of `options`"),
            ("type: matrix, rows: [{id: r, reverse: true}], options: [{id: x}]", "`reverse` is for a scale"),
            ("type: matrix, rows: [{id: r}], points: 3, labels: [few]", "1 labels for a scale of 3 points"),
            ("type: ranking, options: [{id: x, points: 1}, {id: y}]", "a place brings points, not an option"),
            ("type: ranking, options: [{id: x, status: missing}, {id: y}]", "a place brings points, not an option"),
        ],
    )
    def test_wrong_blocks(self, settings: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(question(settings).replace("[{id: Q", "[§{id: Q"))
        assert words in found.message

    @pytest.mark.parametrize(
        ("bands", "words"),
        [
            ("{edges: [2, 1], closed: left, points: [0, 1, 2]}", "`edges` must increase"),
            ("{edges: [1, 1], closed: left, points: [0, 1, 2]}", "`edges` must increase"),
            ("{edges: [1, 2], closed: left, points: [0, 1]}", "2 edges make 3 bands, found 2 points"),
            ("{edges: [1], closed: left, points: [0, 1], labels: [x]}", "1 labels for 2 bands"),
        ],
    )
    def test_bands(self, bands: str, words: str, at_mark: AtMark) -> None:
        assert words in at_mark(question(f"type: number, bands: §{bands}")).message

    def test_ids_that_stand_twice(self, at_mark: AtMark) -> None:
        assert at_mark(question("type: single, options: [{id: x}, {id: §x}]")).code == "DT022"
        assert at_mark(question("type: matrix, points: 3, rows: [{id: r}, {id: §r}]")).code == "DT022"


class TestSkipRules:
    @pytest.mark.parametrize(
        ("rule", "code", "words"),
        [
            ("{question: §SS, answers: [yes_]}", "DT024", 'unknown question "SS"'),
            ("{question: S, answers: [§yess_]}", "DT024", 'unknown answer "yess_" of question "S"; nearest is "yes_"'),
            ("{question: M, answers: [one, §tow]}", "DT024", 'unknown answer "tow" of question "M"; nearest is "two"'),
            ("{question: L, answers: [1, §6]}", "DT024", 'unknown answer "6" of question "L"'),
            ("{question: L, answers: [§zzzz]}", "DT024", 'unknown answer "zzzz" of question "L"'),
            ("{question: N, answers: [§1]}", "DT028", 'the question "N" is of type number, whose answers cannot be'),
            ("{question: G, answers: [§1]}", "DT028", 'the question "G" is of type matrix'),
            ("{question: T, answers: [§x]}", "DT028", 'the question "T" is of type text'),
            ("{question: §Q, answers: [1]}", "DT024", "a question cannot be skipped for its own answer"),
        ],
    )
    def test_answers_that_are_none(self, rule: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(taking("S", QUESTIONS + f"  - {{id: Q, type: number, skip_when: {rule}}}\n"))
        assert found.code == code
        assert words in found.message

    @pytest.mark.parametrize("rule", ["{question: S, answers: [dk, no_]}", "{question: L, answers: [1, 5]}"])
    def test_answers_that_are(self, rule: str, findings_of: FindingsOf) -> None:
        assert findings_of(taking("S", QUESTIONS + f"  - {{id: Q, type: number, skip_when: {rule}}}\n")) == []


class TestCarelessRespondents:
    @pytest.mark.parametrize(
        ("rule", "code", "words"),
        [
            ("{method: straight-lining, of: [§LL]}", "DT024", 'unknown question "LL"'),
            ("{method: straight-lining, of: [L, S, §N]}", "DT028", '"N" is of type number; straight-lining is told on'),
            ("{method: straight-lining, of: [L, S, §M]}", "DT028", '"M" is of type multiple'),
            ("{method: straight-lining, of: §[L]}", "DT028", "a run of 2 cannot be found among 1 answers"),
            ("{method: straight-lining, of: §[L, G], run: 4}", "DT028", "a run of 4 cannot be found among 3 answers"),
            ("{method: attention, question: §SS, answers: [yes_]}", "DT024", 'unknown question "SS"'),
            (
                "{method: attention, question: S, answers: [§yess]}",
                "DT024",
                'unknown answer "yess" of question "S"; near',
            ),
            (
                "{method: attention, question: T, answers: [§some]}",
                "DT028",
                '"T" is of type text, whose answers cannot',
            ),
            ("{method: too-fast, below: 9, provenance: {origin: assumed, source: §S}}", "DT024", 'unknown source "S"'),
        ],
    )
    def test_rules_that_cannot_be_followed(self, rule: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(taking("S") + f"survey: {{careless: [{{id: x, {rule[1:]}]}}\n")
        assert found.code == code
        assert words in found.message

    def test_ids_that_stand_twice(self, at_mark: AtMark) -> None:
        rules = "[{id: x, method: duplicates}, {id: §x, method: too-fast, below: 9}]"
        assert at_mark(taking("S") + f"survey: {{careless: {rules}}}\n").code == "DT022"

    @pytest.mark.parametrize("of", ["[L, S]", "[G]", "[L, G, C], run: 4"])
    def test_rules_that_can(self, of: str, findings_of: FindingsOf) -> None:
        assert (
            findings_of(taking("S") + f"survey: {{careless: [{{id: x, method: straight-lining, of: {of}}}]}}\n") == []
        )


# --- the ideal ---


class TestBestAndWorst:
    @pytest.mark.parametrize(
        ("name", "option", "ends"),
        [
            *(
                ("S", None, (0, 1)),
                ("B", None, None),
                ("B", "first", (0, 1)),
                ("M", None, (0, 3)),
                ("M", "one", (0, 1)),
            ),
            *(("L", None, (1, 5)), ("N", None, None), ("R", "red", (0, 1)), ("U", "red", None), ("T", None, None)),
        ],
    )
    def test_by_hand(
        self, name: str, option: str | None, ends: tuple[float, float] | None, parsed: Callable[[str], Methodology]
    ) -> None:
        questions = parsed(taking("S")).tree.questions
        assert best_and_worst(questions[name], option) == ends


# --- any shape ---

LEAVES = st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["S", "a", "", "one", "算"])
TYPES = ["single", "multiple", "scale", "matrix", "number", "ranking", "text"]
KEYS = st.sampled_from(
    [
        *("id", "type", "options", "points", "first", "reverse", "labels", "rows", "codes", "range", "bands", "edges"),
        *("closed", "at_most", "alone", "status", "code", "skip_when", "question", "answers", "column", "format"),
        *("method", "of", "run", "below", "by", "contains", "at_least", "careless", "weight", "personal", "duration"),
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    LEAVES | st.sampled_from(TYPES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
OPTION = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c"])}, optional={"points": LEAVES, "alone": st.booleans()}
)
SKIP = st.fixed_dictionaries({"question": st.sampled_from("SBMQ"), "answers": st.lists(LEAVES, max_size=2)})
NEARLY_A_QUESTION = st.fixed_dictionaries(
    {"id": st.sampled_from("SBMQ"), "type": st.sampled_from(TYPES)},
    optional={
        "options": st.lists(OPTION, max_size=3) | ANYTHING,
        "points": st.integers(2, 5) | st.lists(st.integers(0, 3), max_size=3) | ANYTHING,
        "rows": st.lists(st.fixed_dictionaries({"id": st.sampled_from(["r", "s"])}), max_size=2) | ANYTHING,
        "skip_when": SKIP | ANYTHING,
        "range": st.lists(LEAVES, min_size=2, max_size=2),
        "at_most": LEAVES,
    },
)
NEARLY_TAKEN = (
    st.sampled_from("SBMQ")
    | st.fixed_dictionaries(
        {"question": st.sampled_from("SBMQ")},
        optional={"row": st.sampled_from(["r", "x"]), "option": st.sampled_from(["a", "b", "x"])},
    )
    | ANYTHING
)
NEARLY_CARELESS = st.fixed_dictionaries(
    {
        "id": st.sampled_from("xyz"),
        "method": st.sampled_from(["straight-lining", "attention", "duplicates", "too-fast"]),
    },
    optional={
        "of": st.lists(st.sampled_from("SBMQ"), max_size=3) | ANYTHING,
        "question": st.sampled_from("SBMQ") | ANYTHING,
        "answers": st.lists(LEAVES, min_size=1, max_size=2) | ANYTHING,
        "run": LEAVES,
    },
)


def never_raises(**blocks: Any) -> None:
    base = {
        "schema_version": 1,
        "id": "x",
        "title": "t",
        "units": {"kind": "a", "key": "b"},
        "nodes": [{"id": "index"}],
    }
    # JSON is YAML, but for what it writes for infinities, which are refused as such.
    methodology, findings = parse_methodology(json.dumps(base | blocks), "a.yaml")
    assert (methodology is None) == bool(findings.errors)
    assert all(item.code != "DT900" and len(item.message) < 4000 for item in findings)


@given(
    st.lists(NEARLY_A_QUESTION | ANYTHING, max_size=3), NEARLY_TAKEN, st.lists(NEARLY_CARELESS, max_size=2) | ANYTHING
)
@settings(max_examples=300)
def test_any_shape_is_answered_with_findings(questions: Any, taken: Any, careless: Any) -> None:
    never_raises(
        questions=questions,
        indicators=[{"id": "a", "parent": "index", "from": taken}],
        survey={"careless": careless},
    )


@given(ANYTHING, ANYTHING)
def test_blocks_of_another_kind(questions: Any, survey: Any) -> None:
    never_raises(questions=questions, survey=survey, indicators=[{"id": "a", "parent": "index", "from": "S"}])


@pytest.mark.parametrize("name", ["miit-sme-digital-2024", "accenture-reinvention-2023"])
def test_nothing_is_said_of_what_ships(name: str) -> None:
    assert not [one for one in load_methodology(name).findings if str(one.severity) != "note"]


def test_a_code_of_a_scale_stands_for_a_value_on_it(at_mark: AtMark) -> None:
    found = at_mark(question('type: scale, points: 5, codes: {"8": §{value: 9}}'))
    assert (found.code, found.severity) == ("DT028", "error")
    assert "'8' stands for 9, not on the scale from 1 to 5" in found.message


def parsed(body: str) -> Methodology:
    text = f"schema_version: 1\nid: t\ntitle: T\nunits: {{kind: city, key: city}}\n{NODES}{body}"
    methodology, findings = parse_methodology(text, "m.yaml")
    assert methodology is not None, str(findings)
    return methodology


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        # Nothing ticked is missing where an answer means none; else it is an answer that brings 0.
        ("[{id: n, alone: true, points: 1}, {id: a, points: 3}, {id: b, points: 4}]", (1, 7)),
        ("[{id: n, alone: true, points: 0}, {id: a, points: 3}, {id: b, points: 4}]", (0, 7)),
        ("[{id: a, points: 3}, {id: b, points: 4}]", (0, 7)),
        ("[{id: n, alone: true, points: 0}, {id: a, points: -1}, {id: b, points: -2}]", (-3, 0)),
        ("[{id: n, alone: true, points: -5}, {id: a, points: -1}, {id: b, points: -2}]", (-5, -1)),
        ("[{id: a, points: -1}, {id: b, points: 4}]", (-1, 4)),
    ],
)
def test_the_ends_of_a_multiple_question_can_be_reached(options: str, ends: tuple[float, float]) -> None:
    body = f"questions:\n  - {{id: Q, type: multiple, options: {options}}}\n"
    methodology = parsed(body + "indicators: [{id: a, parent: index, from: Q}]\n")
    assert best_and_worst(methodology.questions[0]) == ends


@pytest.mark.parametrize(("points", "ends"), [("[3, 2]", (0, 3)), ("[3]", (0, 3)), ("[1, 2, 9]", (0, 2))])
def test_the_ends_of_a_ranking_can_be_reached(points: str, ends: tuple[float, float]) -> None:
    """Two options have two places, and one may be left out of the order."""
    body = f"questions:\n  - {{id: R, type: ranking, options: [{{id: x}}, {{id: y}}], points: {points}}}\n"
    methodology = parsed(body + "indicators: [{id: a, parent: index, from: {question: R, option: x}}]\n")
    assert best_and_worst(methodology.questions[0], "x") == ends
