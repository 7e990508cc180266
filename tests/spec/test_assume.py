"""What is unpublished stands in the way, until an assumption stands in for it under its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtindex.findings import InputError, UsageError
from dtindex.spec import Methodology, apply_assumption, load_methodology, parse_methodology, unpublished
from dtindex.spec.base import Origin
from dtindex.spec.methods import Goalposts

Parsed = Callable[[str], Methodology]

# An index whose weights nobody knows, a dimension with a column of its own, one without.
BODY = """\
nodes:
  - {id: index}
  - {id: seen, parent: index, weight: unpublished, column: seen}
  - {id: unseen, parent: index, weight: unpublished}
indicators:
  - {id: a, parent: seen, weight: unpublished}
  - {id: b, parent: unseen, weight: 0.6, normalise: {method: goalposts, worst: 0, best: unpublished}}
  - {id: c, parent: unseen, weight: unpublished, provenance: {weight: unpublished}}
assumptions:
  all: {weights: {seen: 2, unseen: 1, a: 1, c: 0.4}, goalposts: {b: {best: 7}}}
  some: {weights: {seen: 2, unseen: 1}}
  published: {weights: {seen: 1, unseen: 1, b: 0.9, c: 0.4}, goalposts: {b: {worst: 3, best: 7}}}
"""


@pytest.fixture
def methodology(parsed: Parsed) -> Methodology:
    return parsed(BODY)


def told(methodology: Methodology, **options: bool) -> list[str]:
    """Findings as ``DT050 index``."""
    return [f"{item.code} {item.place.name}" for item in unpublished(methodology, **options)]


class TestUnpublished:
    def test_one_finding_a_node_with_the_place_of_the_first(self, methodology: Methodology) -> None:
        found = unpublished(methodology)
        assert told(methodology) == ["DT050 index", "DT050 unseen", "DT051 unseen"]
        assert [(item.place.line, item.place.column) for item in found] == [(7, 39), (12, 37), (11, 53)]

    def test_the_message_names_the_weights_and_the_ways_on(self, methodology: Methodology) -> None:
        found = unpublished(methodology)[0]
        assert "unpublished weights of seen, unseen" in found.message
        assert "`--assume NAME` (all, some, published, equal, a file)" in found.message
        assert "`dtindex rank-bounds`" in found.message

    def test_equal_weights_are_no_way_on_beside_published_ones(self, methodology: Methodology) -> None:
        assert "(all, some, published, a file)" in unpublished(methodology)[1].message

    def test_below_a_column_nothing_stands_in_the_way_unless_asked(self, methodology: Methodology) -> None:
        assert told(methodology, below_columns=True) == ["DT050 index", "DT050 seen", "DT050 unseen", "DT051 unseen"]

    def test_a_column_at_the_root(self, parsed: Parsed) -> None:
        assert told(parsed(BODY.replace("{id: index}", "{id: index, column: total}"))) == []

    def test_methods_that_use_no_given_weight(self, parsed: Parsed) -> None:
        cases = "aggregate: {method: cases, cases: [{take: a}]}"
        for setting in (cases, "weights: {method: equal}"):
            body = f"nodes: [{{id: index, {setting}}}]\nindicators: [{{id: a, parent: index, weight: unpublished}}]\n"
            assert told(parsed(body)) == []

    def test_nothing_unpublished(self, parsed: Parsed) -> None:
        assert told(parsed("nodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n")) == []


class TestEntry:
    def test_replaces_everything_it_names(self, methodology: Methodology) -> None:
        assumed, name = apply_assumption(methodology, "all")
        assert name == "all"
        assert told(assumed, below_columns=True) == []
        weights = {key: item.weight for key, item in assumed.tree.items.items() if item.parent}
        assert weights == {"seen": 2, "unseen": 1, "a": 1, "b": 0.6, "c": 0.4}
        normalise = assumed.indicators[1].normalise
        assert isinstance(normalise, Goalposts)
        assert (normalise.worst, normalise.best) == (0, 7)

    def test_what_it_replaces_is_assumed(self, methodology: Methodology) -> None:
        assumed, _ = apply_assumption(methodology, "all")
        assert assumed.tree.items["c"].provenance == {"weight": Origin.ASSUMED}
        assert assumed.tree.items["b"].provenance == {"best": Origin.ASSUMED}
        assert assumed.findings.codes == ["DT053"]
        assert '"all"' in assumed.findings[0].message

    def test_the_original_stays_as_it_is(self, methodology: Methodology) -> None:
        before = methodology.hash
        assumed, _ = apply_assumption(methodology, "all")
        assert methodology.hash == before != assumed.hash
        assert methodology.tree.items["c"].weight == "unpublished"

    def test_the_copy_can_be_written(self, methodology: Methodology) -> None:
        assumed, _ = apply_assumption(methodology, "all")
        assert assumed.source_text is not None
        again, _ = parse_methodology(assumed.source_text, "again.yaml")
        assert again == assumed

    def test_what_remains_is_reported_in_the_same_way(self, methodology: Methodology) -> None:
        assumed, _ = apply_assumption(methodology, "some")
        assert told(assumed) == ["DT050 unseen", "DT051 unseen"]

    def test_what_is_published_keeps_its_value(self, methodology: Methodology) -> None:
        assumed, _ = apply_assumption(methodology, "published")
        assert assumed.tree.items["b"].weight == 0.6
        normalise = assumed.indicators[1].normalise
        assert isinstance(normalise, Goalposts)
        assert (normalise.worst, normalise.best) == (0, 7)
        assert assumed.findings.codes == ["DT053", "DT029"]
        assert "the weight of b, worst of b" in assumed.findings[1].message

    def test_missing_weights_are_filled_in(self, parsed: Parsed) -> None:
        methodology = parsed(
            "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]\n"
            "assumptions: {both: {weights: {a: 2, b: 1}}, one: {weights: {a: 2}}, none: {weights: {a: 0, b: 0}}}\n"
        )
        assumed, _ = apply_assumption(methodology, "both")
        assert [item.weight for item in assumed.indicators] == [2, 1]
        for name, code in (("one", "DT028"), ("none", "DT021")):
            with pytest.raises(InputError) as caught:
                apply_assumption(methodology, name)
            assert caught.value.code == code

    def test_goalposts_where_no_normalisation_is_declared(self, parsed: Parsed) -> None:
        methodology = parsed(
            "nodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n"
            "assumptions: {both: {goalposts: {a: {worst: 1, best: 9}}}, one: {goalposts: {a: {best: 9}}}}\n"
        )
        assumed, _ = apply_assumption(methodology, "both")
        assert assumed.indicators[0].normalise == Goalposts(method="goalposts", worst=1.0, best=9.0)
        assert apply_assumption(methodology, "one")[0].findings.codes == ["DT029"]

    def test_inherited_goalposts(self, parsed: Parsed) -> None:
        methodology = parsed(
            "defaults: {normalise: {method: goalposts, worst: 0, best: unpublished, clip: none}}\n"
            "nodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n"
            "assumptions: {x: {goalposts: {a: {best: {percentile: 90}}}}}\n"
        )
        assumed, _ = apply_assumption(methodology, "x")
        normalise = assumed.tree.indicators["a"].normalise
        assert isinstance(normalise, Goalposts)
        assert (normalise.worst, normalise.clip) == (0, "none")
        assert told(assumed) == []


class TestEqual:
    def test_siblings_without_a_published_weight_weigh_one_each(self, methodology: Methodology) -> None:
        assumed, name = apply_assumption(methodology, "equal")
        assert name == "equal"
        assert [assumed.tree.items[item].weight for item in ("seen", "unseen", "a")] == [1, 1, 1]
        assert assumed.tree.items["seen"].provenance == {"weight": Origin.ASSUMED}

    def test_nothing_is_invented_beside_published_weights_or_for_goalposts(self, methodology: Methodology) -> None:
        assumed, _ = apply_assumption(methodology, "equal")
        assert assumed.tree.items["c"].weight == "unpublished"
        assert told(assumed) == ["DT050 unseen", "DT051 unseen"]


class TestFile:
    def test_a_file_of_the_same_shape(self, methodology: Methodology, tmp_path: Path) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text("note: {zh: 我的}\nweights: {seen: 1, unseen: 1, c: 0.4}\ngoalposts: {b: {best: 9}}\n", "utf-8")
        assumed, name = apply_assumption(methodology, path)
        assert name == "mine.yaml"
        assert told(assumed) == []
        assert apply_assumption(methodology, str(path))[0] == assumed

    def test_its_mistakes_have_places(self, methodology: Methodology, tmp_path: Path) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text("weights: {sen: 1, unseen: x}\nwieghts: {}\n", "utf-8")
        with pytest.raises(InputError) as caught:
            apply_assumption(methodology, path)
        assert [str(item) for item in caught.value.findings] == [
            f'{path}:1:11: DT024 unknown node or indicator "sen"; nearest is "seen"',
            f'{path}:1:27: DT011 unseen: expected a number of 0 or more, found "x"',
            f'{path}:2:1: DT010 unknown key "wieghts"; nearest is "weights"',
        ]

    @pytest.mark.parametrize("content", ["", "5", "- a", "a: ["])
    def test_files_that_are_no_assumption(self, content: str, methodology: Methodology, tmp_path: Path) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text(content, "utf-8")
        with pytest.raises(InputError):
            apply_assumption(methodology, path)

    def test_no_such_file(self, methodology: Methodology, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            apply_assumption(methodology, tmp_path / "no.yaml")
        assert caught.value.code == "DT103"


@pytest.mark.parametrize(
    ("name", "hint"), [("al", 'nearest is "all"'), ("equals", '"equal"'), ("?", "there are all, some")]
)
def test_unknown_assumption(name: str, hint: str, methodology: Methodology) -> None:
    with pytest.raises(UsageError) as caught:
        apply_assumption(methodology, name)
    assert caught.value.code == "DT052"
    assert hint in str(caught.value)


def test_every_shipped_assumption_applies(methodology_file: Path) -> None:
    methodology = load_methodology(methodology_file)
    for name in [*methodology.assumptions, "equal"]:
        assumed, given = apply_assumption(methodology, name)
        assert given == name
        assert len(unpublished(assumed)) <= len(unpublished(methodology))
