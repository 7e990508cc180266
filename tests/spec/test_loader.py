"""Loading: rows 50 to 59 of the list of bad inputs, five mistakes at once, names and paths."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dtindex.findings import Finding, InputError, UsageError
from dtindex.spec import load_methodology, parse_methodology, shipped_methodologies
from dtindex.spec.loader import read_limited

FIVE_MISTAKES = """\
schema_version: 1
id: five-mistakes
title: {en: Five mistakes}
units: {kind: city, key: city}
nodes:
  - {id: index, label: Index}
  - id: scale
    parent: indx
    weight: heavy
indicators:
  - {id: a, parent: scale, wieght: 0.5}
  - id: b
    parent: index
    normalise: {method: goalpost, worst: 0, best: 1}
tiers:
  - {node: indec, method: thresholds, levels: [{id: all}]}
"""


def test_five_mistakes_are_five_findings_at_their_places() -> None:
    methodology, findings = parse_methodology(FIVE_MISTAKES, "a.yaml")
    assert methodology is None
    assert [str(item) for item in findings] == [
        'a.yaml:8:13: DT022 unknown parent "indx"; nearest is "index"',
        'a.yaml:9:13: DT011 weight: expected a number or "unpublished", found "heavy"',
        'a.yaml:11:28: DT010 unknown key "wieght"; nearest is "weight"',
        'a.yaml:14:25: DT010 method: unknown choice "goalpost"; nearest is "goalposts"',
        'a.yaml:16:12: DT024 unknown node "indec"; nearest is "index"',
    ]


def test_every_example_and_shipped_file_loads(methodology_file: Path) -> None:
    methodology = load_methodology(methodology_file)
    assert not methodology.findings.errors
    assert methodology.file == methodology_file
    assert methodology.source_text == methodology_file.read_text("utf-8")


class TestBadInputs:
    """The rows of the list by number."""

    def test_row_50_alias_bomb(self) -> None:
        levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
        start = time.process_time()
        methodology, findings = parse_methodology(f"l0: &l0 [lol]\n{levels}", "a.yaml")
        assert time.process_time() - start < 2
        assert methodology is None
        first = next(item for item in findings if item.code == "DT001")
        assert str(first.place) == "a.yaml:1:5"

    def test_row_51_duplicate_key(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes:\n  - {id: a, column: x, §column: y}\n")
        assert found.code == "DT002"
        assert "6:13" in found.message

    @pytest.mark.parametrize("word", ["no", "on", "Yes", "OFF"])
    def test_row_52_old_booleans(self, word: str, at_mark: Callable[[str], Finding]) -> None:
        assert at_mark(f"nodes:\n  - {{id: a, column: §{word}}}\n").code == "DT006"

    def test_row_52_dates_are_text(self, parsed: Callable[..., object]) -> None:
        methodology, _ = parse_methodology(
            "schema_version: 1\nid: x\ntitle: 2026-01\nunits: {kind: a, key: b}\nnodes: [{id: a, column: 2026-01-02}]",
            "a",
        )
        assert methodology is not None
        assert methodology.title == "2026-01"
        assert methodology.nodes[0].column == "2026-01-02"

    def test_row_52_a_version_that_reads_as_a_number_is_refused(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes: [{id: a, column: §1.10}]\n")
        assert found.code == "DT011"
        assert found.message == "column: expected text, found 1.1"

    def test_row_53_tag(self, at_mark: Callable[[str], Finding]) -> None:
        assert at_mark("nodes: [{id: a, column: §!!python/object/apply:os.system [x]}]\n", others=True).code == "DT003"

    def test_row_54_unknown_key(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes:\n  - id: a\n    column: c\n    §lable: A\n")
        assert found.code == "DT010"
        assert found.message == 'unknown key "lable"; nearest is "label"'

    def test_row_54_wrong_choice(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes: [{id: a}]\nindicators:\n  - {id: b, parent: a, direction: §hihger}\n")
        assert found.code == "DT010"
        assert found.message == 'direction: unknown choice "hihger"; nearest is "higher"'

    def test_row_55_weights_sum_to_0_9(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark(
            "nodes: [{id: §a}]\nindicators: [{id: b, parent: a, weight: 0.5}, {id: c, parent: a, weight: 0.4}]\n"
        )
        assert found.code == "DT020"
        assert "sum to 0.9, not 1" in found.message
        assert "b 0.5556, c 0.4444" in found.message

    def test_row_55_negative(self, at_mark: Callable[[str], Finding]) -> None:
        body = "nodes: [{id: a}]\nindicators: [{id: b, parent: a, weight: 2}, {id: c, parent: a, weight: §-1}]\n"
        assert at_mark(body).code == "DT021"

    def test_row_55_all_zero(self, at_mark: Callable[[str], Finding]) -> None:
        body = "nodes: [{id: §a}]\nindicators: [{id: b, parent: a, weight: 0}, {id: c, parent: a, weight: 0.0}]\n"
        assert at_mark(body).code == "DT021"

    def test_row_55_one_zero(self, at_mark: Callable[[str], Finding]) -> None:
        body = "nodes: [{id: a}]\nindicators: [{id: b, parent: a, weight: 1}, {id: c, parent: a, weight: §0}]\n"
        assert at_mark(body).code == "DT023"

    def test_row_56_circle(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes: [{id: r, column: x}, {id: a, parent: §c}, {id: b, parent: a}, {id: c, parent: b}]\n")
        assert found.code == "DT022"
        assert "a → c → b → a" in found.message

    def test_row_56_orphan(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes: [{id: a, column: x}]\nindicators: [{id: b, parent: §zzz}]\n")
        assert (found.code, found.message) == ("DT022", 'unknown parent "zzz"')

    def test_row_56_duplicate_id(self, at_mark: Callable[[str], Finding]) -> None:
        found = at_mark("nodes:\n  - {id: a}\nindicators:\n  - {id: §a, parent: a}\n")
        assert (found.code, found.message) == ("DT022", 'duplicate id "a"; it first stands at 6:10')

    def test_row_56_depth(self, at_mark: Callable[[str], Finding]) -> None:
        deep = "".join(f"  - {{id: n{n}, parent: n{n - 1}}}\n" for n in range(1, 6))
        fine = f"nodes:\n  - {{id: n0}}\n{deep}  - {{id: n6, parent: n5, column: x}}\n"
        assert (
            parse_methodology(f"schema_version: 1\nid: x\ntitle: x\nunits: {{kind: a, key: b}}\n{fine}", "a")[1].codes
            == []
        )
        found = at_mark(fine.replace(", column: x", "") + "indicators: [{id: i, parent: §n6}]\n")
        assert found.code == "DT022"

    @pytest.mark.parametrize("expression", ["().__class__", "9**9**9", "__import__('os').system('x')"])
    def test_row_57_expressions(self, expression: str, at_mark: Callable[[str], Finding]) -> None:
        quoted = '"' + expression + '"'
        assert at_mark(f"nodes: [{{id: a}}]\nindicators: [{{id: b, parent: a, weight: §{quoted}}}]\n").code == "DT011"
        assert at_mark(f"nodes: [{{id: a, column: x, §value: {quoted}}}]\n").code == "DT010"
        assert at_mark(f"nodes: [{{id: a, column: x}}]\nindicators: [{{id: §{quoted}}}]\n").code == "DT011"

    def test_row_58_geometric_with_a_zero_that_is_certain(self, at_mark: Callable[[str], Finding]) -> None:
        body = "nodes: [{id: a, aggregate: §{method: geometric}}]\nindicators: [{id: b, parent: a}]\n"
        found = at_mark(body)
        assert (found.code, str(found.severity)) == ("DT040", "error")

    def test_row_58_geometric_with_goalposts_that_allow_zero(self, at_mark: Callable[[str], Finding]) -> None:
        goalposts = "normalise: {method: goalposts, worst: 0, best: 1}"
        body = (
            f"nodes: [{{id: a, aggregate: §{{method: geometric}}}}]\nindicators: [{{id: b, parent: a, {goalposts}}}]\n"
        )
        found = at_mark(body)
        assert (found.code, str(found.severity)) == ("DT040", "warning")

    def test_row_59_size_and_encoding(self) -> None:
        assert parse_methodology(b"#" * 1_000_001, "a")[1].codes == ["DT004"]
        assert parse_methodology("title: 算力".encode("gb18030"), "a")[1].codes == ["DT004"]


class TestNamesAndPaths:
    def test_shipped_ids_load(self) -> None:
        for name in shipped_methodologies():
            assert load_methodology(name).id == name

    def test_unknown_id_proposes_the_nearest(self) -> None:
        with pytest.raises(UsageError) as caught:
            load_methodology("caict-computing-power-1")
        assert caught.value.code == "DT060"
        assert 'nearest is "caict-computing-power-1.0"' in str(caught.value)

    @pytest.mark.parametrize("name", ["", "x", "数字化", "../methodology/caict-computing-power-1.0", "a\0b"])
    def test_names_that_are_none(self, name: str) -> None:
        with pytest.raises(UsageError) as caught:
            load_methodology(name)
        assert caught.value.code in ("DT060", "DT103")

    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            load_methodology(tmp_path / "no.yaml")
        assert caught.value.code == "DT103"
        assert caught.value.findings[0].place.file == str(tmp_path / "no.yaml")

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            load_methodology(tmp_path)
        assert caught.value.code == "DT103"

    def test_errors_of_a_file_name_it(self, tmp_path: Path) -> None:
        path = tmp_path / "five.yaml"
        path.write_text(FIVE_MISTAKES, "utf-8")
        with pytest.raises(InputError) as caught:
            load_methodology(os.fspath(path))
        assert len(caught.value.findings) == 5
        assert str(caught.value).startswith(f"{path}:8:13: DT022")

    def test_a_large_file_is_not_read_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "large.yaml"
        path.write_bytes(b"#" * 3_000_000)
        assert len(read_limited(path, 1_000_001)) == 1_000_001
        with pytest.raises(InputError) as caught:
            load_methodology(path)
        assert caught.value.code == "DT004"
