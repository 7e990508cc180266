"""Identity: what changes the two hashes of a methodology, what does not, and what is kept outside of its value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtindex.spec import Methodology, load_methodology, parse_methodology, text
from dtindex.spec.origin import ReadFrom
from dtindex.spec.written import methodology_yaml

BASE = """\
schema_version: 1
id: test
title: Test
units: {kind: city, key: city}
nodes:
  - {id: index}
indicators:
  - {id: a, parent: index, weight: 1, normalise: {method: goalposts, worst: 0, best: 47}, codes: {unit: {score: 1}}}
  - {id: b, parent: index, weight: 2}
"""


def parse(body: str) -> Methodology:
    methodology, findings = parse_methodology(body, "a.yaml")
    assert methodology is not None, str(findings)
    return methodology


@pytest.mark.parametrize(
    "same",
    [
        "# a comment\n" + BASE,
        "title: Test\n" + BASE.replace("title: Test\n", ""),
        BASE.replace("id: a, parent: index, weight: 1", "weight: 1, parent: index, id: a"),
        BASE + "scale: [0, 100]\nrank: {}\nfit: pooled\ndefaults: {}\norientation: better\ntiers: []\n",
        BASE.replace("best: 47", "best: 47.0, clip: both"),
        BASE.replace("weight: 2", "weight: 2.0, power: 1, times: 1, type: number, tags: [], column: null"),
        BASE.replace("title: Test", "title: 'Test'"),
        BASE.replace("\n", "\r\n"),
    ],
)
def test_spelling_makes_no_difference(same: str) -> None:
    assert parse(same).hash == parse(BASE).hash
    assert parse(same).scores_hash == parse(BASE).scores_hash
    assert parse(same) == parse(BASE)


@pytest.mark.parametrize(
    "told",
    [
        BASE.replace("title: Test", "title: {zh: 测试}"),
        BASE.replace("{id: index}", "{id: index, label: Index, note: A remark, published: x}"),
        BASE.replace("weight: 2", "weight: 2, provenance: {weight: recovered}, unit: t, tags: [scene]"),
        BASE + "sources: [{id: s, title: S}]\norientation: worse\n",
    ],
)
def test_what_readers_see_changes_the_hash_and_not_that_of_scores(told: str) -> None:
    assert parse(told).hash != parse(BASE).hash
    assert parse(told).scores_hash == parse(BASE).scores_hash


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("weight: 2", "weight: 3"),
        BASE.replace("best: 47", "best: 47.000001"),
        BASE.replace("{id: index}", "{id: index, aggregate: {method: sum}}"),
        BASE.replace("unit: {score: 1}", "unit: {score: 2}"),
        BASE.replace("unit: {score: 1}", "note: {score: 1}"),
        BASE.replace(", codes: {unit: {score: 1}}", ""),
    ],
)
def test_what_is_computed_changes_both(other: str) -> None:
    assert parse(other).hash != parse(BASE).hash
    assert parse(other).scores_hash != parse(BASE).scores_hash


def test_order_of_items_is_the_order_of_summation() -> None:
    lines = BASE.splitlines(keepends=True)
    assert parse("".join([*lines[:-2], lines[-1], lines[-2]])).scores_hash != parse(BASE).scores_hash


def test_what_a_methodology_was_read_from_is_not_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(BASE, "utf-8")
    loaded, parsed = load_methodology(path), parse(BASE)
    assert (loaded.file, parsed.file) == (path, None)
    assert loaded.source_text == parsed.source_text == BASE
    assert loaded == parsed
    assert hash(loaded) == hash(parsed)
    assert loaded != parse(BASE.replace("weight: 2", "weight: 3"))
    assert loaded != "a text"


def test_warnings_stay_with_the_methodology() -> None:
    methodology = parse(BASE.replace("weight: 2", "weight: 0"))
    assert methodology.findings.codes == ["DT023"]
    assert parse(BASE).findings.codes == []


def test_a_methodology_made_in_a_program_has_no_origin() -> None:
    made = Methodology.model_validate({**parse(BASE).model_dump(by_alias=True)})
    assert made == parse(BASE)
    assert (made.file, made.source_text, len(made.findings)) == (None, None, 0)


def test_a_copy_works_its_tree_and_hashes_out_anew() -> None:
    methodology = parse(BASE)
    assert methodology.tree.roots == ("index",)
    before = methodology.hash, methodology.scores_hash
    copy = methodology.model_copy(update={"indicators": methodology.indicators[:1]})
    assert copy.hash != before[0]
    assert copy.scores_hash != before[1]
    assert copy.tree.scored == ("a",)
    assert (methodology.hash, methodology.scores_hash) == before


def test_the_default_origin_is_shared_and_empty() -> None:
    assert ReadFrom().findings.codes == []


def test_written_yaml_loads_to_the_same_hash(methodology_file: Path) -> None:
    methodology = load_methodology(methodology_file)
    again = parse(methodology_yaml(methodology))
    assert (again.hash, again.scores_hash) == (methodology.hash, methodology.scores_hash)


def test_data_is_a_key_of_the_file_and_a_method_of_the_model() -> None:
    methodology = parse(BASE + "data: table.csv\n")
    assert methodology.data_ == "table.csv"
    assert callable(methodology.data)


def test_text_in_either_language() -> None:
    methodology = parse(BASE.replace("title: Test", "title: {zh: 测试}"))
    assert text(methodology.title, "zh") == text(methodology.title, "en") == "测试"


class TestDirection:
    @pytest.mark.parametrize(
        ("settings", "direction"),
        [
            ("", "higher"),
            ("direction: lower", "lower"),
            ("normalise: {method: goalposts, worst: 5, best: 1}", "lower"),
            ("normalise: {method: goalposts, worst: {percentile: 95}, best: {percentile: 5}}", "lower"),
            ("normalise: {method: goalposts, worst: {percentile: 5}, best: {percentile: 95}}", "higher"),
            ("normalise: {method: goalposts, worst: {percentile: 5}, best: 3}", "higher"),
            ("normalise: {method: goalposts, worst: {percentile: 5}, best: 3}, direction: lower", "lower"),
            ("normalise: {method: goalposts, worst: unpublished, best: 3}, direction: lower", "lower"),
        ],
    )
    def test_follows_from_the_goalposts(
        self, settings: str, direction: str, parsed: Callable[[str], Methodology]
    ) -> None:
        extra = f", {settings}" if settings else ""
        methodology = parsed(f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index{extra}}}]\n")
        assert methodology.tree.indicators["a"].direction == direction
