"""YAML to values and places: what the grammar of a methodology file leaves out, and where it says so."""

from __future__ import annotations

import pytest
import yaml

from dtindex.spec.source import MAXIMUM_BYTES, MAXIMUM_NESTING, read_yaml


@pytest.fixture(params=["C", "pure"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both of PyYAML's parsers, since an installation may lack the one in C."""
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return str(request.param)


def problems(text: str | bytes) -> list[str]:
    """Problems as ``DT001 1:4``."""
    found = [problem.finding for problem in read_yaml(text, "a.yaml").problems]
    return [f"{item.code} {item.place.line}:{item.place.column}" for item in found]


@pytest.mark.usefixtures("either_parser")
class TestWithEitherParser:
    def test_values_and_places(self) -> None:
        document = read_yaml("# a comment\na: 1\nb:\n  - {c: x, d: 'y'}\n  - 算力: 2.5\n", "a.yaml")
        assert document.tree == {"a": 1, "b": [{"c": "x", "d": "y"}, {"算力": 2.5}]}
        assert document.problems == []
        assert str(document.value_place(("a",))) == "a.yaml:2:4"
        assert str(document.key_place(("b", 0, "d"))) == "a.yaml:4:12"
        assert str(document.value_place(("b", 0, "d"))) == "a.yaml:4:15"
        assert str(document.value_place(("b", 1, "算力"))) == "a.yaml:5:9"

    def test_the_place_of_what_is_not_there_is_that_of_the_block(self) -> None:
        document = read_yaml("a:\n  b: {c: 1}\n", "a.yaml")
        assert str(document.value_place(("a", "b", "x", 3))) == "a.yaml:2:6"

    def test_columns_count_characters(self) -> None:
        assert problems("{中国算力: 1, x: yes}") == ["DT006 1:14"]

    def test_anchors_aliases_and_merge_keys(self) -> None:
        text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n"
        assert problems(text) == ["DT001 1:4", "DT001 2:4", "DT001 4:3", "DT001 4:7"]

    def test_quoted_merge_key_is_a_key(self) -> None:
        assert read_yaml("'<<': 1", "a.yaml").tree == {"<<": 1}

    def test_duplicate_keys_name_both_places(self) -> None:
        document = read_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "a.yaml")
        assert [str(problem.finding) for problem in document.problems] == [
            'a.yaml:2:11: DT002 duplicate key "c"; it first stands at 2:5',
            'a.yaml:3:1: DT002 duplicate key "a"; it first stands at 1:1',
        ]
        assert document.tree == {"a": 1, "b": {"c": 1}}

    def test_tags(self) -> None:
        assert problems("a: !!python/object:os.system {}\nb: !!str 1\nc: !x y\n") == [
            "DT003 1:4",
            "DT003 2:4",
            "DT003 3:4",
        ]

    def test_keys_that_are_no_text(self) -> None:
        assert problems("1: a\n~: b\n[c]: d\n{e: f}: g\n") == ["DT011 1:1", "DT011 2:1", "DT011 3:1", "DT011 4:1"]

    def test_refused_keys_stay_in_the_tree(self) -> None:
        document = read_yaml("on: 1", "a.yaml")
        assert document.tree == {"on": 1}
        assert problems("on: 1") == ["DT006 1:1"]

    def test_quoted_scalars_are_texts(self) -> None:
        tree = read_yaml("a: 'yes'\nb: \"010\"\nc: '1'\nd: 'null'\n", "a.yaml").tree
        assert tree == {"a": "yes", "b": "010", "c": "1", "d": "null"}

    def test_block_scalars_are_texts(self) -> None:
        assert read_yaml("a: |\n  yes\nb: >-\n  1\n  2\n", "a.yaml").tree == {"a": "yes\n", "b": "1 2"}

    def test_all_problems_at_once(self) -> None:
        text = "a: yes\nb: &x 010\nc: *x\nd: !t .nan\na: 1\n2: 3\n"
        assert problems(text) == [
            "DT006 1:4",
            "DT001 2:4",
            "DT006 2:4",
            "DT001 3:4",
            "DT003 4:4",
            "DT002 5:1",
            "DT011 6:1",
        ]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("a: b: c", "1:5"),
            ("a: [1, 2\nb: 3", "2:2"),
            ("{a: 1}}", "1:7"),
            ("a:\n\t- x\n", "2:1"),
            ("a: @x\n", "1:4"),
        ],
    )
    def test_broken_grammar(self, text: str, place: str) -> None:
        found = problems(text)
        assert len(found) == 1
        assert found[0].startswith("DT005 ")
        if yaml.__with_libyaml__ and hasattr(yaml, "CSafeLoader"):  # the pure parser sees some of them elsewhere
            assert found == [f"DT005 {place}"]

    def test_problems_before_the_break_are_told_too(self) -> None:
        assert problems("a: yes\nb: c: d\n") == ["DT006 1:4", "DT005 2:5"]

    def test_second_document(self) -> None:
        assert problems("---\na: 1\n---\nb: 2\n") == ["DT005 3:1"]
        assert problems("---\na: 1\n...\n") == []

    def test_nesting(self) -> None:
        assert problems("[" * MAXIMUM_NESTING + "]" * MAXIMUM_NESTING) == []
        assert problems("[" * 5000) == [f"DT005 1:{MAXIMUM_NESTING + 1}"]
        assert problems("{a: " * 5000) == [f"DT005 1:{4 * MAXIMUM_NESTING + 1}"]

    @pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", b"", "\ufeff"])
    def test_empty(self, text: str | bytes) -> None:
        assert problems(text) == ["DT101 None:None"]

    def test_byte_order_mark(self) -> None:
        assert read_yaml("\ufeffa: 1".encode(), "a.yaml").tree == {"a": 1}
        assert problems("\ufeffa: yes".encode()) == ["DT006 1:4"]

    @pytest.mark.parametrize("content", ["a: 算力".encode("gb18030"), "a: 1".encode("utf-16"), b"\xff", "a: \ud800"])
    def test_not_utf8(self, content: str | bytes) -> None:
        assert problems(content) == ["DT004 None:None"]

    def test_too_large(self) -> None:
        assert problems("#" * MAXIMUM_BYTES) == ["DT101 None:None"]
        assert problems("#" * (MAXIMUM_BYTES + 1)) == ["DT004 None:None"]

    @pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\ufeff", "\ufffe", "\uffff"])
    def test_control_characters(self, character: str) -> None:
        assert problems(f"a: 1\nbc: x{character}\n") == ["DT005 2:6"]

    @pytest.mark.parametrize("escape", [r"\0", r"\a", r"\e", r"\r", r"\x7f"])
    def test_escaped_control_characters(self, escape: str) -> None:
        assert problems(f'a: "x{escape}"') == ["DT011 1:4"]
