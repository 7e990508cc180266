"""What is uncertain: factors and scenarios of every kind survive every form, and mistakes are told at their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dtindex.findings import Finding, InputError
from dtindex.spec import Methodology, json_schema, load_methodology, parse_methodology, write_sheet
from dtindex.spec.identity import plain
from dtindex.spec.methods import EqualWeights, MinMax, ZScore
from dtindex.spec.model import Expert, Factor, Scenario, Uncertainty
from dtindex.spec.source import read_yaml
from dtindex.spec.uncertainty import KINDS
from dtindex.spec.written import methodology_yaml
from dtindex.steps.plan import unavailable

Parsed = Callable[[str], Methodology]
FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]

# `seen` is measured only; `whole` has one child, `judged` experts of its own, `chosen` goes by cases; `above` weighs
# its leaves, and `part` adds up its share of them.
TREE = """\
nodes:
  - {id: index}
  - {id: pair, parent: index}
  - {id: whole, parent: index}
  - {id: judged, parent: index, weights: {method: budget, order: [e, f],
     experts: [{name: A, points: [60, 40]}, {name: B, points: [50, 50]}]}}
  - {id: chosen, parent: index, aggregate: {method: cases, cases: [{take: h, when: {id: h, above: 1}}, {take: g}]}}
  - {id: above, parent: index, aggregate: {method: arithmetic, over: leaves}, weights: {method: entropy}}
  - {id: part, parent: above, aggregate: {method: sum}}
indicators:
  - {id: a, parent: pair}
  - {id: b, parent: pair}
  - {id: c, parent: whole}
  - {id: e, parent: judged}
  - {id: f, parent: judged}
  - {id: g, parent: chosen}
  - {id: h, parent: chosen}
  - {id: i, parent: part}
  - {id: j, parent: part, impute: {method: mice, tables: 3}}
  - {id: seen}
tiers:
  - {node: index, method: thresholds, levels: [{id: t1, at_least: 40}, {id: t2}]}
  - {node: pair, method: quantiles, levels: [{id: q1, share: 0.5}, {id: q2}]}
  - {node: whole, method: thresholds, levels: [{id: all}]}
"""

FACTORS = {
    "error": "error: 0.15, of: [a, pair]",
    "error uniform": "error: 0.1, law: uniform, relative: true, label: {en: Reading, zh: 读数}",
    "dirichlet": "node: pair, dirichlet: 100",
    "dirichlet everywhere": "dirichlet: 0.5",
    "simplex": "node: index, simplex: true",
    "box": "node: pair, box: 0.25",
    "bounds": "node: pair, bounds: {a: [0.2, 0.5], b: [0.3, 0.9]}",
    "bounds of leaves": "node: above, bounds: {i: [0, 1], j: [0.1, 1]}",
    "noise": "node: pair, noise: 1",
    "ordinal": "node: pair, ordinal: [b, a]",
    "ratios": "node: pair, ratios: [{of: a, to: b, at_least: 0.5, at_most: 2}]",
    "ratios of leaves": "node: above, ratios: [{of: i, to: j, at_least: 1}]",
    "experts": "node: pair, experts: [{name: A, weights: {a: 1, b: 2}}, {name: B, weights: {b: 1}, weight: 3}]",
    "experts own": "node: judged, experts: own",
    "experts own everywhere": "experts: own",
    "normalise": "normalise: [{method: min-max}, {method: z-score, mean: 50, sd: 10}], of: [a, b]",
    "treat": "treat: [{method: none}, {method: winsorise, high: 0.1}, {method: winsorise, low: 0.1}]",
    "impute": "impute: [{method: none}, {method: group-mean}, {method: row-mean, of: pair}], of: [a, b]",
    "imputation": "imputation: true",
    "aggregate": "aggregate: [{method: arithmetic}, {method: geometric, within: [1, 100]}], of: [index, pair]",
    "aggregate of a node": "aggregate: [{method: arithmetic}, {method: power, p: 0.5}], node: pair",
    "aggregate everywhere": "aggregate: [{method: arithmetic}, {method: harmonic}]",
    "exclude": "exclude: [a, whole, i]",
    "cut": "tiers: index, cut: 2.5",
}

SCENARIOS = {
    "normalise": "normalise: {method: percentile}, of: [a]",
    "treat": "treat: {method: tukey}",
    "impute": "impute: {method: group-median}",
    "aggregate": "aggregate: {method: geometric}, nodes: [pair]",
    "numbers": "weights: {pair: {a: 1, b: 0}}, label: {zh: 其他}",
    "method": "weights: {pair: {method: equal}, "
    "judged: {method: budget, order: [f, e], experts: [{name: A, points: [1, 99]}]}}",
    "exclude": "exclude: [a, chosen]",
    "all at once": "normalise: {method: rank}, treat: {method: mad}, aggregate: {method: harmonic}, exclude: [b], "
    "weights: {pair: {a: 1}, above: {method: inverse-sd, at_most: {i: 0.6}}}",
}


def factor(block: str) -> str:
    return f"{TREE}uncertainty:\n  factors:\n    - {{id: x, {block}}}\n"


def factors(*blocks: str) -> str:
    lines = [f"    - {{id: x{number}, {block}}}\n" for number, block in enumerate(blocks)]
    return f"{TREE}uncertainty:\n  factors:\n{''.join(lines)}"


def scenario(block: str) -> str:
    return f"{TREE}uncertainty:\n  scenarios:\n    - {{id: x, {block}}}\n"


BLOCKS = {**{f"factor {name}": factor(block) for name, block in FACTORS.items()}} | {
    f"scenario {name}": scenario(block) for name, block in SCENARIOS.items()
}


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft202012Validator(json_schema())


class TestForms:
    def test_every_kind_is_here(self) -> None:
        assert {name.split()[0] for name in FACTORS} == set(KINDS)

    @pytest.mark.parametrize("name", FACTORS)
    def test_kinds(self, name: str, parsed: Parsed) -> None:
        block = parsed(factor(FACTORS[name])).uncertainty
        assert block is not None
        assert block.factors[0].kind == name.split()[0]
        assert block.scenarios == ()

    @pytest.mark.parametrize("name", BLOCKS)
    def test_every_form_survives(self, name: str, parsed: Parsed, tmp_path: Path) -> None:
        methodology = parsed(BLOCKS[name])
        assert str(methodology.findings) == ""
        again, findings = parse_methodology(methodology_yaml(methodology), "again.yaml")
        assert again == methodology, str(findings)
        assert again.uncertainty == methodology.uncertainty
        assert Methodology.model_validate_json(methodology.model_dump_json(by_alias=True)) == methodology
        sheet = load_methodology(write_sheet(methodology, tmp_path / "sheet.xlsx"))
        assert (sheet.hash, sheet.scores_hash) == (methodology.hash, methodology.scores_hash)

    @pytest.mark.parametrize("name", BLOCKS)
    def test_the_schema_takes_it(self, name: str, parsed: Parsed, validator: Any) -> None:
        validator.validate(plain(parsed(BLOCKS[name])))

    @pytest.mark.parametrize("name", BLOCKS)
    def test_the_scores_do_not_depend_on_it(self, name: str, parsed: Parsed) -> None:
        methodology, without = parsed(BLOCKS[name]), parsed(TREE)
        assert methodology.hash != without.hash
        assert methodology.scores_hash == without.scores_hash

    @pytest.mark.parametrize("name", BLOCKS)
    def test_there_is_nothing_left_to_remark_when_scored(self, name: str, parsed: Parsed) -> None:
        methodology = parsed(BLOCKS[name].replace("method: quantiles, levels: [{id: q1, share: 0.5}", QUANTILES))
        assert unavailable(methodology) == []

    @pytest.mark.parametrize("block", ["error: 1", "node: pair, box: 0.5"])
    def test_spelled_out_defaults_are_no_difference(self, block: str, parsed: Parsed) -> None:
        assert parsed(factor(block)) == parsed(factor(block + ", law: normal, relative: false, label: null"))

    @pytest.mark.parametrize(
        "block",
        [
            "factors: [{id: x, box: 1.5}]",
            "factors: [{id: x, simplex: false}]",
            "factors: [{id: x, node: pair, bounds: {a: [0, 2], b: [0, 1]}}]",
            "factors: [{id: x, normalise: []}]",
            "factors: [{id: x, node: pair, experts: mine}]",
            "scenarios: [{id: x, weights: {pair: {a: -1}}}]",
            "scenarios: [{id: x, weights: {pair: {method: equl}}}]",
            "scenarios: [{id: x, weights: {pair: {method: equal, a: 1}}}]",
        ],
    )
    def test_the_schema_refuses_what_loading_refuses(self, block: str, validator: Any, findings_of: FindingsOf) -> None:
        text = (
            f"schema_version: 1\nid: test\ntitle: T\nunits: {{kind: city, key: city}}\n{TREE}uncertainty: {{{block}}}\n"
        )
        assert not validator.is_valid(read_yaml(text, "a.yaml").tree)
        assert findings_of(text)

    def test_weights_of_a_scenario_are_a_block_or_numbers(self, parsed: Parsed) -> None:
        block = parsed(scenario("weights: {pair: {a: 1, b: 2}, index: {method: equal}}")).uncertainty
        assert block is not None
        assert block.scenarios[0].weights == {"pair": {"a": 1.0, "b": 2.0}, "index": EqualWeights(method="equal")}

    def test_a_child_may_bear_the_name_of_the_key(self, parsed: Parsed) -> None:
        body = "nodes: [{id: index}]\nindicators: [{id: method, parent: index}, {id: other, parent: index}]\n"
        block = parsed(
            body + "uncertainty: {scenarios: [{id: x, weights: {index: {method: 1, other: 2}}}]}\n"
        ).uncertainty
        assert block is not None
        assert block.scenarios[0].weights == {"index": {"method": 1.0, "other": 2.0}}

    def test_in_python(self) -> None:
        made = Uncertainty(
            factors=(
                Factor(id="x", normalise=(MinMax(method="min-max"), ZScore(method="z-score"))),
                Factor(id="y", node="pair", experts=(Expert(name="A", weights={"a": 1.0}),)),
            ),
            scenarios=(Scenario(id="z", weights={"pair": {"a": 1.0}, "index": EqualWeights(method="equal")}),),
        )
        assert Uncertainty.model_validate_json(made.model_dump_json()) == made


QUANTILES = "method: thresholds, levels: [{id: q1, at_least: 1}"


class TestHeld:
    """What a factor holds for where it names nothing."""

    def held(self, block: str, parsed: Parsed) -> tuple[str, ...]:
        methodology = parsed(factor(block))
        assert methodology.uncertainty is not None
        return methodology.uncertainty.factors[0].held(methodology.tree)

    @pytest.mark.parametrize("block", ["error: 1", "treat: [{method: none}, {method: mad}]"])
    def test_all_scored_indicators(self, block: str, parsed: Parsed) -> None:
        assert self.held(block, parsed) == ("a", "b", "c", "e", "f", "g", "h", "i", "j")

    def test_nodes_that_weigh_two_children(self, parsed: Parsed) -> None:
        # whole has one child, chosen goes by cases, part adds up with the weights of above
        assert self.held("simplex: true", parsed) == ("index", "pair", "judged", "above")

    def test_nodes_that_put_two_children_together(self, parsed: Parsed) -> None:
        assert self.held("aggregate: [{method: arithmetic}, {method: power, p: 2}]", parsed) == (
            *("index", "pair", "judged", "above", "part"),
        )
        methodology = parsed(scenario("aggregate: {method: arithmetic}"))
        assert methodology.uncertainty is not None
        held = methodology.uncertainty.scenarios[0].held_nodes(methodology.tree)
        assert held == ("index", "pair", "judged", "above", "part")

    def test_nodes_with_experts(self, parsed: Parsed) -> None:
        assert self.held("experts: own", parsed) == ("judged",)

    @pytest.mark.parametrize(
        ("block", "items"),
        [
            ("error: 1, of: [pair, a]", ("pair", "a")),
            ("node: pair, box: 0.1", ("pair",)),
            ("exclude: [b, a]", ("b", "a")),
            ("tiers: index, cut: 1", ("index",)),
        ],
    )
    def test_what_is_named(self, block: str, items: tuple[str, ...], parsed: Parsed) -> None:
        assert self.held(block, parsed) == items


class TestOneThing:
    """DT011: a block that is not one thing, at the block."""

    @pytest.mark.parametrize(
        ("block", "words"),
        [
            ("node: pair", "found none"),
            ("dirichlet: 1, box: 0.5, error: 1", "found `error`, `dirichlet` and `box`"),
            ("dirichlet: 1, law: uniform", "`law` goes with `error`, and this factor is of the kind `dirichlet`"),
            ("exclude: [a], relative: true", "`relative` goes with `error`, and this factor is of the kind `exclude`"),
            ("simplex: true, of: [a]", "`of` goes with `error`, `normalise`, `treat`, `impute` or `aggregate`, and"),
            ("error: 1, node: pair", "`node` goes with `dirichlet`, `simplex`, `box`, `bounds`, `noise`, `ordinal`, "),
            ("error: 1, tiers: index", "`tiers` goes with `cut`, and this factor is of the kind `error`"),
            ("tiers: index", "found none"),
            ("cut: 1", "`cut` needs `tiers`, the node whose thresholds are moved"),
            ("ordinal: [a, b]", "`ordinal` names children, so it needs the `node` that they are of"),
            ("bounds: {a: [0, 1], b: [0, 1]}", "`bounds` names children, so it needs the `node`"),
            ("experts: [{name: A, weights: {a: 1}}]", "`experts` names children, so it needs the `node`"),
            (
                "aggregate: [{method: arithmetic}, {method: geometric}], of: [pair], node: pair",
                "`of` and `node` say the same; expected one of them",
            ),
        ],
    )
    def test_factors(self, block: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(factor(block).replace("- {id: x,", "- §{id: x,"))
        assert found.code == "DT011"
        assert words in found.message

    @pytest.mark.parametrize(
        ("block", "words"),
        [
            (
                "label: Nothing",
                "expected at least one of `normalise`, `treat`, `impute`, `aggregate`, `weights` and `exclude`",
            ),
            ("exclude: [a], of: [b]", "`of` goes with `normalise`, `treat` or `impute`, and none of them is given"),
            ("exclude: [a], nodes: [pair]", "`nodes` goes with `aggregate`, and none is given"),
        ],
    )
    def test_scenarios(self, block: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(scenario(block).replace("- {id: x,", "- §{id: x,"))
        assert found.code == "DT011"
        assert words in found.message

    def test_nothing_at_all(self, at_mark: AtMark) -> None:
        assert at_mark(TREE + "uncertainty: §{}\n").message == "uncertainty: expected `factors`, `scenarios`, or both"

    @pytest.mark.parametrize(
        ("body", "code", "words"),
        [
            (factor("box: §1.5"), "DT011", "expected a number above 0 and at most 1, found 1.5"),
            (factor("noise: §0"), "DT011", "expected a number above 0 and at most 1, found 0"),
            (factor("error: §0"), "DT011", "expected a number above 0, found 0"),
            (factor("simplex: §false"), "DT011", "expected true, found false"),
            (factor("node: pair, experts: §owm"), "DT011", 'expected a list of at least 1 or "own", found "owm"'),
            (factor("node: pair, experts: [{name: A, weights: {a: §-1}}]"), "DT011", "a number of 0 or more, found -1"),
            (factor("node: pair, bounds: {a: §[0.1], b: [0, 1]}"), "DT011", "expected a pair of numbers"),
            (factor("exclude: §[]"), "DT011", "expected a list of at least 1, found an empty list"),
            (factor("normalise: [{method: §min-mx}, {method: rank}]"), "DT010", 'nearest is "min-max"'),
            (factor("§dirichle: 5, simplex: true"), "DT010", 'nearest is "dirichlet"'),
            (scenario("weights: {pair: {a: §heavy, b: 1}}"), "DT011", 'expected a number of 0 or more, found "heavy"'),
            (scenario("weights: {pair: {method: §equl}}"), "DT010", 'unknown choice "equl"; nearest is "equal"'),
            (scenario("weights: {pair: §{method: ahp}}"), "DT012", 'required key "order" missing'),
            (scenario("weights: {pair: {method: pca, §at_mst: {}}}"), "DT010", 'nearest is "at_most"'),
            (scenario("weights: {pair: §5}"), "DT011", "expected a block with `method`, found 5"),
        ],
    )
    def test_wrong_values(self, body: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(body)
        assert found.code == code
        assert words in found.message


class TestReferences:
    @pytest.mark.parametrize(
        "body",
        [
            factor("error: 1, of: [§aa]"),
            factor("node: §pai, box: 0.5"),
            factor("node: pair, ordinal: [a, §bb]"),
            factor("node: pair, bounds: {a: [0, 1], §bb: [0, 1]}"),
            factor("node: pair, experts: [{name: A, weights: {§aa: 1, b: 1}}]"),
            factor("tiers: §indx, cut: 1"),
            factor("exclude: [a, §whol]"),
            factor("impute: [{method: none}, {method: row-mean, of: §pai}], of: [a]"),
            factor("node: pair, aggregate: [{method: arithmetic}, {method: cases, cases: [{take: §bb}]}]"),
            scenario("normalise: {method: rank}, of: [§aa]"),
            scenario("aggregate: {method: harmonic}, nodes: [§pai]"),
            scenario("aggregate: {method: cases, cases: [{take: §bb}]}, nodes: [pair]"),
            scenario("impute: {method: row-mean, of: §pai}, of: [a]"),
            scenario("exclude: [§whol]"),
            scenario("weights: {§pai: {method: equal}}"),
            scenario("weights: {pair: {a: 1, §bb: 1}}"),
            scenario("weights: {pair: {method: ahp, order: [a, §bb], judgements: [[2]]}}"),
            scenario("weights: {pair: {method: pca, at_most: {§aa: 0.5}}}"),
            scenario(
                "weights: {pair: {method: mix, of: [{share: 0.5, method: equal}, "
                "{share: 0.5, method: budget, order: [a, §bb], experts: [{name: A, points: [1, 99]}]}]}}"
            ),
        ],
    )
    def test_unknown_ids(self, body: str, at_mark: AtMark) -> None:
        assert at_mark(body).code == "DT024"

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (
                factor("normalise: [{method: rank}, {method: none}], of: [a, §pair]"),
                'expected an indicator, and "pair"',
            ),
            (
                factor("treat: [{method: mad}, {method: none}], of: [§pair]"),
                'expected an indicator, and "pair" is a node',
            ),
            (factor("impute: [{method: none}, {method: group-mean}], of: [§pair]"), "expected an indicator"),
            (factor("aggregate: [{method: arithmetic}, {method: geometric}], of: [§a]"), 'expected a node, and "a"'),
            (factor("node: §a, simplex: true"), "expected a node"),
            (scenario("treat: {method: mad}, of: [§pair]"), "expected an indicator"),
            (scenario("aggregate: {method: geometric}, nodes: [§a]"), "expected a node"),
        ],
    )
    def test_the_wrong_kind(self, body: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(body)
        assert found.code == "DT024"
        assert words in found.message

    def test_ids_stand_once(self, at_mark: AtMark) -> None:
        assert at_mark(factor("error: 1") + "    - {id: §x, exclude: [a]}\n").code == "DT022"
        assert at_mark(scenario("exclude: [a]") + "    - {id: §x, exclude: [b]}\n").code == "DT022"

    def test_a_factor_and_a_scenario_may_bear_one_id(self, findings_of: FindingsOf) -> None:
        assert findings_of(factor("error: 1") + "  scenarios: [{id: x, exclude: [a]}]\n") == []


OWN = (
    "nodes: [{{id: index, weights: {{method: ahp, order: [a, b, c], experts: [{}]}}}}]\n"
    "indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]\n"
    "uncertainty: {{factors: [{{id: x, node: index, experts: §own}}]}}\n"
)

# Each factor's mistake, marked; the whole is one DT034.
IMPOSSIBLE = {
    "one child": ("node: §whole, dirichlet: 5", '"whole" has one child, c; expected a node with two children or more'),
    "no weights": ("node: §chosen, simplex: true", '"chosen" takes the first case that holds, and weighs nothing'),
    "weights of another": ("node: §part, noise: 0.5", '"part" adds up with the weights of "above"; name that one'),
    "ratio of others": ("node: pair, ratios: [{of: §c, to: a, at_least: 1}]", '"c" is not a child of "pair"'),
    "ratio of itself": ("node: pair, ratios: [§{of: a, to: a, at_least: 1}]", '"a" is held against itself'),
    "ratio crossed": (
        "node: pair, ratios: [§{of: a, to: b, at_least: 2, at_most: 1}]",
        "the lower end 2 is above the upper end 1",
    ),
    "order lacks": ("node: pair, ordinal: §[a]", 'expected each child of "pair"; lacking: b'),
    "order of others": ("node: pair, ordinal: [a, b, §c]", '"c" is not a child of "pair"'),
    "order twice": ("node: pair, ordinal: [a, b, §a]", '"a" stands in the order twice'),
    "order of leaves": ("node: above, ordinal: [i, j, §part]", '"part" is not a leaf of "above"'),
    "bounds lack": ("node: pair, bounds: §{a: [0, 1]}", 'expected each child of "pair"; lacking: b'),
    "bounds of none": ("node: pair, bounds: §{}", 'expected each child of "pair"; lacking: a, b'),
    "bounds of others": ("node: pair, bounds: {a: [0, 1], b: [0, 1], §c: [0, 1]}", '"c" is not a child of "pair"'),
    "bounds crossed": (
        "node: pair, bounds: {a: §[0.5, 0.4], b: [0, 1]}",
        "the lower end 0.5 is above the upper end 0.4",
    ),
    "bounds too high": (
        "node: pair, bounds: §{a: [0.5, 0.6], b: [0.75, 1]}",
        "no weights that sum to 1 keep these bounds: the lower ends sum to 1.25 and the upper ends to 1.6",
    ),
    "bounds too low": (
        "node: pair, bounds: §{a: [0, 0.25], b: [0.125, 0.5]}",
        "no weights that sum to 1 keep these bounds: the lower ends sum to 0.125 and the upper ends to 0.75",
    ),
    "experts of others": (
        "node: pair, experts: [{name: A, weights: {a: 1}}, {name: B, weights: {b: 1, §c: 2}}]",
        '"c" is not a child of "pair"',
    ),
    "experts lack": (
        "node: pair, experts: §[{name: A, weights: {a: 1}}, {name: B, weights: {a: 2, b: 0}}]",
        "no expert weighs b",
    ),
    "expert of nothing": (
        "node: pair, experts: [{name: A, weights: {a: 1, b: 1}}, {name: B, weights: §{a: 0}}]",
        "B gives no weight at all",
    ),
    "experts of one name": (
        "node: pair, experts: [{name: A, weights: {a: 1, b: 1}}, {name: §A, weights: {a: 2, b: 1}}]",
        "two experts bear the same name",
    ),
    "no own experts": (
        "node: pair, experts: §own",
        '`own` are the experts of `ahp` or `budget`, and "pair" weighs by `equal` without experts',
    ),
    "error of what is measured": ("error: 1, of: [a, §seen]", '"seen" is measured, not scored'),
    "step of what is measured": (
        "treat: [{method: mad}, {method: none}], of: [§seen]",
        '"seen" is measured, not scored',
    ),
    "goalposts coincide": (
        "normalise: [{method: min-max}, §{method: goalposts, worst: 1, best: 1}], of: [a]",
        "`worst` and `best` coincide",
    ),
    "goalposts unpublished": (
        "normalise: [{method: min-max}, §{method: goalposts, worst: 1, best: unpublished}], of: [a]",
        "a goalpost to compute with is a number or a percentile",
    ),
    "panel": ("impute: [{method: none}, §{method: panel}]", "`panel` needs `units: {period: ...}`"),
    "not above": (
        "impute: [{method: none}, {method: row-mean, of: §pair}], of: [a, c]",
        '"pair" is not above c; `of` names the node whose indicators stand in',
    ),
    "aggregate of one child": (
        "aggregate: [{method: arithmetic}, {method: geometric}], of: [pair, §whole]",
        '"whole" has one child, c',
    ),
    "aggregate of a node with one child": (
        "aggregate: [{method: arithmetic}, {method: geometric}], node: §whole",
        '"whole" has one child, c',
    ),
    "cases of others": (
        "aggregate: [{method: arithmetic}, {method: cases, cases: [{take: §c}]}], node: pair",
        '"c" is not a child of "pair"',
    ),
    "without the root": ("exclude: [a, §index]", '"index" is the index itself and cannot be left out'),
    "without what is not in it": ("exclude: [§seen]", '"seen" is measured, not scored'),
    "no tiers": ("tiers: §judged, cut: 2", '"judged" has no tiers'),
    "no thresholds": ("tiers: §pair, cut: 2", '"pair" has tiers by quantiles, which have no thresholds'),
}


class TestImpossible:
    @pytest.mark.parametrize("name", IMPOSSIBLE)
    def test_factors(self, name: str, at_mark: AtMark) -> None:
        block, words = IMPOSSIBLE[name]
        found = at_mark(factor(block))
        assert (found.code, str(found.severity)) == ("DT034", "error")
        assert words in found.message

    def test_base_index_without_a_base(self, findings_of: FindingsOf, at_mark: AtMark) -> None:
        found = at_mark(factor("normalise: [{method: none}, §{method: base-index}], of: [a]"))
        assert (found.code, found.message) == ("DT034", "`base-index` needs `base_period:` at the top of the file")

    def test_what_is_all_of_the_index(self, at_mark: AtMark) -> None:
        body = (
            "nodes: [{id: index}, {id: one, parent: index}]\n"
            "indicators: [{id: a, parent: one}, {id: b, parent: one}]\nuncertainty:\n  "
        )
        found = at_mark(body + "factors: [{id: x, exclude: [a, §one]}]\n")
        assert (found.code, found.message) == ("DT034", 'without "one" nothing is left of "index"')
        found = at_mark(body + "scenarios: [{id: x, exclude: §[a, b]}]\n")
        assert (found.code, found.message) == ("DT034", 'without these nothing is left of "index"')

    def test_a_node_with_a_column_stays_without_its_children(self, findings_of: FindingsOf) -> None:
        body = "nodes: [{id: index}, {id: one, parent: index, column: x}]\nindicators: [{id: a, parent: one}]\n"
        assert findings_of(body + "uncertainty: {scenarios: [{id: x, exclude: [a]}]}\n") == []

    def test_a_factor_of_nothing(self, at_mark: AtMark) -> None:
        body = "nodes: [{id: index, column: x}]\nuncertainty: {factors: [{id: §x, "
        for block, words in (
            ("error: 1", "no indicator is scored"),
            ("simplex: true", "no node has two children or more"),
            ("aggregate: [{method: arithmetic}, {method: geometric}]", "no node has two children or more"),
        ):
            found = at_mark(body + block + "}]}\n")
            assert (found.code, found.message) == ("DT034", f"it holds for nothing: {words}")

    def test_no_experts_anywhere(self, at_mark: AtMark) -> None:
        body = "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]\n"
        found = at_mark(body + "uncertainty: {factors: [{id: x, experts: §own}]}\n")
        assert (found.code, found.message) == ("DT034", "no node weighs by `ahp` or `budget` with experts of its own")

    def test_an_expert_whose_judgements_need_those_of_others(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        whole = "{name: A, judgements: [[2, 3], [2]]}, {name: B, judgements: [[2, 4], [2]]}"
        assert findings_of(OWN.format(whole).replace("§", "")) == []
        gap = "{name: A, judgements: [[2, null], [null]]}, {name: B, judgements: [[2, 4], [2]]}"
        found = at_mark(OWN.format(gap))
        assert found.code == "DT034"
        assert found.message == 'the judgements of A on "index" do not connect all items by themselves'

    def test_judgements_of_all_are_of_no_expert(self, at_mark: AtMark) -> None:
        found = at_mark(OWN.format("").replace("experts: []", "judgements: [[2, 3], [2]]"))
        assert found.code == "DT034"
        assert '"index" weighs by `ahp` without experts' in found.message


class TestOverlaps:
    @pytest.mark.parametrize(
        ("first", "second", "words"),
        [
            ("node: pair, box: 0.5", "node: §pair, dirichlet: 5", "the weights of pair"),
            ("simplex: true", "node: §judged, experts: own", "the weights of judged"),
            (
                "treat: [{method: none}, {method: mad}], of: [a, b]",
                "treat: [{method: none}, {method: tukey}], of: [c, §b, a]",
                "the treatment of b, a",
            ),
            (
                "normalise: [{method: min-max}, {method: rank}]",
                "normalise: [{method: min-max}, {method: percentile}], of: [§a]",
                "the normalisation of a",
            ),
            (
                "impute: [{method: none}, {method: group-mean}], of: [a]",
                "impute: [{method: none}, {method: group-median}], of: [§a]",
                "the imputation of a",
            ),
            (
                "aggregate: [{method: arithmetic}, {method: geometric}]",
                "aggregate: [{method: arithmetic}, {method: harmonic}], node: §pair",
                "the aggregation of pair",
            ),
            ("tiers: index, cut: 1", "tiers: §index, cut: 2", "the thresholds of index"),
        ],
    )
    def test_named(self, first: str, second: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(factors(first, second))
        assert found.code == "DT034"
        assert found.message == f'"x0" varies {words} already; one factor varies one thing'

    def test_a_factor_of_all_is_told_at_its_id(self, at_mark: AtMark) -> None:
        body = factors("node: pair, box: 0.5", "simplex: true").replace("id: x1", "id: §x1")
        assert at_mark(body).message == '"x0" varies the weights of pair already; one factor varies one thing'

    @pytest.mark.parametrize(
        "blocks",
        [
            ("error: 1, of: [a]", "error: 2, law: uniform, of: [a]"),
            ("exclude: [a]", "exclude: [a, b]"),
            ("node: pair, box: 0.5", "node: index, box: 0.5", "aggregate: [{method: arithmetic}, {method: geometric}]"),
            ("treat: [{method: none}, {method: mad}], of: [a]", "treat: [{method: none}, {method: mad}], of: [b]"),
            ("treat: [{method: none}, {method: mad}]", "impute: [{method: none}, {method: group-mean}]"),
        ],
    )
    def test_what_may_come_together(self, blocks: tuple[str, ...], findings_of: FindingsOf) -> None:
        assert findings_of(factors(*blocks)) == []


class TestNothingVaries:
    @pytest.mark.parametrize(
        ("block", "words"),
        [
            ("normalise: §[{method: rank}]", "nothing varies: one alternative"),
            ("treat: §[{method: mad}]", "nothing varies: one alternative"),
            ("impute: §[{method: group-mean}]", "nothing varies: one alternative"),
            ("aggregate: §[{method: geometric}]", "nothing varies: one alternative"),
            ("normalise: [{method: min-max}, {method: rank}, §{method: min-max, clip: both}]", "the same as entry 1"),
            ("aggregate: [{method: geometric}, {method: sum}, §{method: sum}]", "the same as entry 2 of this list"),
            ("exclude: [a, b, §a]", "the same as entry 1 of this list, which makes it count twice"),
            ("error: 1, of: [a, §a]", "the same as entry 1"),
            ("aggregate: [{method: arithmetic}, {method: geometric}], of: [pair, §pair]", "the same as entry 1"),
            ("node: pair, experts: §[{name: A, weights: {a: 1, b: 2}}]", "nothing varies: there is one expert"),
            ("node: pair, bounds: §{a: [0.25, 0.5], b: [0.75, 1]}", "nothing varies: one set of weights"),
            ("node: pair, bounds: §{a: [0, 0.25], b: [0, 0.75]}", "nothing varies: one set of weights"),
            ("tiers: §whole, cut: 1", 'nothing varies: the tiers of "whole" have no threshold'),
        ],
    )
    def test_factors(self, block: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(factor(block))
        assert (found.code, str(found.severity)) == ("DT035", "warning")
        assert words in found.message

    def test_one_expert_of_its_own(self, at_mark: AtMark) -> None:
        found = at_mark(OWN.format("{name: A, judgements: [[2, 3], [2]]}"))
        assert (found.code, found.message) == ("DT035", 'nothing varies: one expert weighs "index"')

    def test_warnings_do_not_keep_a_file_from_loading(self, parsed: Parsed) -> None:
        assert [one.code for one in parsed(factor("normalise: [{method: rank}]")).findings] == ["DT035"]


class TestScenarios:
    @pytest.mark.parametrize(
        ("block", "code", "words"),
        [
            ("normalise: {method: rank}, of: [§seen]", "DT034", '"seen" is measured, not scored'),
            ("normalise: {method: rank}, of: [a, §a]", "DT035", "the same as entry 1"),
            ("normalise: §{method: goalposts, worst: 2, best: 2}, of: [a]", "DT034", "`worst` and `best` coincide"),
            ("impute: §{method: panel}", "DT034", "`panel` needs `units: {period: ...}`"),
            ("impute: {method: row-median, of: §pair}", "DT034", '"pair" is not above c, e, f, g, h, i, j'),
            ("aggregate: {method: geometric}, nodes: [pair, §whole]", "DT034", '"whole" has one child, c'),
            ("aggregate: {method: geometric}, nodes: [pair, §pair]", "DT035", "the same as entry 1"),
            ("aggregate: {method: cases, cases: [{take: §c}]}, nodes: [pair]", "DT034", '"c" is not a child of "pair"'),
            ("exclude: [a, §index]", "DT034", '"index" is the index itself'),
            ("exclude: [§seen]", "DT034", '"seen" is measured, not scored'),
            ("exclude: §[pair, whole, judged, chosen, above]", "DT034", 'nothing is left of "index"'),
            ("exclude: [a, §a]", "DT035", "the same as entry 1"),
            ("weights: {whole: §{c: 1}}", "DT034", '"whole" has one child, c'),
            ("weights: {chosen: §{method: equal}}", "DT034", '"chosen" takes the first case that holds'),
            ("weights: {part: §{i: 1, j: 1}}", "DT034", '"part" adds up with the weights of "above"'),
            ("weights: {pair: §{a: 1}}", "DT034", 'expected each child of "pair"; lacking: b'),
            ("weights: {pair: {a: 1, b: 1, §c: 1}}", "DT034", '"c" is not a child of "pair"'),
            ("weights: {pair: §{a: 0, b: 0}}", "DT034", 'all weights below "pair" are zero'),
            ("weights: {pair: §{method: given}}", "DT034", "no `weight:` is given to a, b"),
            ("weights: {pair: {method: ahp, order: §[a, c], judgements: [[2]]}}", "DT028", "must name each child"),
            (
                "weights: {pair: {method: ahp, order: [a, b], judgements: [[1, 2], [§2, 1]]}}",
                "DT032",
                "b to a is 2, and a to b is 2, not one over it",
            ),
            (
                "weights: {pair: {method: budget, order: [a, b], experts: [{name: A, points: §[0, 0]}]}}",
                "DT021",
                "A gives no points at all",
            ),
            (
                "weights: {pair: {method: budget, order: [a, b], experts: [{name: A, points: §[60, 60]}]}}",
                "DT020",
                "the points of A sum to 120, not 100; they are rescaled",
            ),
            ("weights: {pair: {method: pca, at_most: {a: 0.5, c: §0.5}}}", "DT029", 'the cap on "c" has no effect'),
            ("weights: {pair: {method: pca, at_most: §{a: 0.4, b: 0.4}}}", "DT028", "sum to less than 1"),
            (
                "weights: {pair: {method: mix, of: §[{share: 0.5, method: equal}, {share: 0.25, method: pca}]}}",
                "DT028",
                "the shares of a mixture must sum to 1, found 0.75",
            ),
        ],
    )
    def test_remarks(self, block: str, code: str, words: str, at_mark: AtMark) -> None:
        found = at_mark(scenario(block))
        assert found.code == code
        assert words in found.message

    def test_what_is_left_out_needs_no_weight(self, findings_of: FindingsOf) -> None:
        assert (
            findings_of(scenario("weights: {index: {pair: 1, whole: 1, judged: 2, chosen: 1}}, exclude: [above]")) == []
        )

    def test_weights_of_the_methodology_itself_are_not_told_twice(self, parsed: Parsed) -> None:
        body = TREE.replace("{id: a, parent: pair}", "{id: a, parent: pair, weight: 0.5}").replace(
            "{id: b, parent: pair}", "{id: b, parent: pair, weight: 0.45}"
        )
        found = parsed(body + "uncertainty: {scenarios: [{id: x, weights: {pair: {method: equal}}}]}\n").findings
        assert [one.code for one in found] == ["DT020"]


def test_everything_is_told_at_once(findings_of: FindingsOf) -> None:
    body = factors("node: whole, box: 0.5", "exclude: [index]", "tiers: judged, cut: 2", "normalise: [{method: rank}]")
    body += "  scenarios:\n    - {id: y, exclude: [seen]}\n"
    first = 4 + TREE.count("\n") + 3
    assert findings_of(body) == [
        f"DT034 {first}:22",
        f"DT034 {first + 1}:26",
        f"DT034 {first + 2}:23",
        f"DT035 {first + 3}:27",
        f"DT034 {first + 5}:25",
    ]


def test_a_mistake_in_the_sheet_is_told_at_its_cell(parsed: Parsed, tmp_path: Path) -> None:
    methodology = parsed(factor("node: pair, box: 0.5"))
    wrong = methodology.model_copy(
        update={"uncertainty": Uncertainty(factors=(Factor(id="x", node="whole", box=0.5),))}
    )
    with pytest.raises(InputError) as caught:
        load_methodology(write_sheet(wrong, tmp_path / "sheet.xlsx"))
    (found,) = caught.value.findings
    assert (found.code, found.place.sheet) == ("DT034", "settings")
    assert found.place.cell is not None
