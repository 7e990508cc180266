"""What is missing, not applicable, withheld, zero or coded: every combination, against a walk in exact fractions.

The reference below knows nothing of arrays. It follows the words of the format: not applicable is not asked for;
withheld makes a node missing; what else is missing is renormalised away, or counted as the low end of the scale, where
coverage (of leaves or children, by weight or count) is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import dtindex as dti
from dtindex.status import Status


@dataclass
class Known:
    """What is known of an item: ``score`` None is no value, for the reason in ``state``."""

    score: Fraction | None
    state: str
    share: Fraction
    used: int
    total: int


def leaf(cell: object) -> Known:
    if isinstance(cell, Status):
        state = {Status.MISSING: "missing", Status.NOT_APPLICABLE: "n/a", Status.WITHHELD: "withheld"}[cell]
        return Known(None, state, Fraction(0), 0, 0 if state == "n/a" else 1)
    return Known(Fraction(cell), "known", Fraction(1), 1, 1)


def node(children: list[tuple[Fraction, Known]], rule: dict[str, object]) -> Known:
    asked = [(weight, child) for weight, child in children if child.state != "n/a"]
    known = [(weight, child) for weight, child in asked if child.score is not None]
    total = sum(child.total for _, child in asked)
    used = sum(child.used for _, child in known)
    weight = sum(weight for weight, _ in asked)
    share = sum((w * child.share for w, child in known), Fraction(0)) / weight if weight else Fraction(0)
    if not asked:
        return Known(None, "n/a", share, used, total)
    coverage = {
        ("leaves", "weight"): share,
        ("leaves", "count"): Fraction(used, total) if total else Fraction(0),
        ("children", "weight"): sum((w for w, _ in known), Fraction(0)) / weight if weight else Fraction(0),
        ("children", "count"): Fraction(len(known), len(asked)),
    }[rule["of"], rule["by"]]
    lost = Known(None, "missing", share, used, total)
    if any(child.state == "withheld" for _, child in asked) or coverage < Fraction(str(rule["at_least"])):
        return lost
    terms = [(w, child.score) for w, child in known]
    if rule["missing"] == "zero":
        terms += [(w, Fraction(0)) for w, child in asked if child.score is None]
    whole = sum(w for w, _ in terms)
    if not whole:
        return lost
    return Known(sum(w * score for w, score in terms) / whole, "known", share, used, total)


# A ragged tree with a weight of zero: index{p{a, b}, q{r{c, e}}, d}.
WEIGHTS = {"p": 2, "q": 1, "d": 3, "a": 1, "b": 3, "r": 1, "c": 2, "e": 0}
BLOCKS = """\
    defaults: {{normalise: {{method: none}}, coverage: {inner}}}
    nodes:
      - {{id: index, coverage: {root}}}
      - {{id: p, parent: index, weight: 2}}
      - {{id: q, parent: index, weight: 1}}
      - {{id: r, parent: q, weight: 1}}
    indicators:
      - {{id: a, parent: p, weight: 1}}
      - {{id: b, parent: p, weight: 3}}
      - {{id: c, parent: r, weight: 2}}
      - {{id: e, parent: r, weight: 0}}
      - {{id: d, parent: index, weight: 3}}
    """
NOT_KNOWN = (Status.MISSING, Status.NOT_APPLICABLE, Status.WITHHELD)
STATES = {
    "a": (*NOT_KNOWN, 0, 80),
    "b": (*NOT_KNOWN, 40),
    "c": (*NOT_KNOWN, 0, 100),
    "e": (*NOT_KNOWN, 60),
    "d": (*NOT_KNOWN, 20),
}
ROWS = list(product(*STATES.values()))
ITEMS = ("index", "p", "q", "r", *STATES)


def walk(row: tuple[object, ...], inner: dict[str, object], root: dict[str, object]) -> dict[str, Known]:
    known = {item: leaf(cell) for item, cell in zip(STATES, row, strict=True)}
    for parent, children in (("p", "ab"), ("r", "ce"), ("q", "r"), ("index", "pqd")):
        rule = root if parent == "index" else inner
        known[parent] = node([(Fraction(WEIGHTS[child]), known[child]) for child in children], rule)
    return known


def rules(at_least: tuple[float, ...]) -> list[dict[str, object]]:
    return [
        {"of": of, "by": by, "missing": missing, "at_least": share}
        for of, by, missing, share in product(
            ("leaves", "children"), ("weight", "count"), ("renormalise", "zero"), at_least
        )
    ]


def assert_same(scores: dti.Scores, inner: dict[str, object], root: dict[str, object]) -> None:
    flags = {item: scores.flags[:, scores.items.index(item)] for item in ITEMS}
    values = {item: scores.column(item) for item in ITEMS}
    for row, cells in enumerate(ROWS):
        for item, expected in walk(cells, inner, root).items():
            where = (item, cells, inner, root)
            found, status = values[item][row], int(flags[item][row])
            if expected.score is None:
                assert np.isnan(found), where
                reasons = {"missing": Status.MISSING, "n/a": Status.NOT_APPLICABLE, "withheld": Status.WITHHELD}
                assert status == reasons[expected.state], where
            else:
                assert abs(found - expected.score) <= 1e-10, where
                assert status == (Status.PARTIAL if expected.share < 1 else 0), where


def yaml(rule: dict[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in rule.items()) + "}"


@pytest.mark.parametrize("rule", rules((0, 0.5, 0.65, 1)), ids=lambda rule: "-".join(map(str, rule.values())))
def test_one_rule_for_all(score, rule):
    columns = {item: list(cells) for item, cells in zip(STATES, zip(*ROWS, strict=True), strict=True)}
    assert_same(score(BLOCKS.format(inner=yaml(rule), root=yaml(rule)), columns), rule, rule)


@pytest.mark.parametrize("root", rules((0.9,)), ids=lambda rule: "-".join(map(str, rule.values())))
def test_a_strict_root_over_lenient_pillars(score, root):
    """Every pillar has a score, and still too little may be known of the leaves."""
    inner = {"of": "children", "by": "count", "missing": "renormalise", "at_least": 0.2}
    columns = {item: list(cells) for item, cells in zip(STATES, zip(*ROWS, strict=True), strict=True)}
    assert_same(score(BLOCKS.format(inner=yaml(inner), root=yaml(root)), columns), inner, root)


def test_a_row_s_coverage_depends_on_no_other_row(fitted, table):
    """Two pillars with a score each, of which one knows a half: 0.75 of the leaves, and 0.9 are asked for."""
    blocks = """\
        defaults: {normalise: {method: none}}
        nodes:
          - {id: index, coverage: {at_least: 0.9}}
          - {id: p, parent: index, coverage: {at_least: 0.5}}
          - {id: q, parent: index}
        indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: q}]
        """
    columns = {"a": [10, 20, None], "b": [None, 20, None], "c": [30, 40, 50]}
    index = fitted(blocks, columns)
    for rows in (1, 2, 3):
        scores = index.score(table({item: cells[:rows] for item, cells in columns.items()}))
        assert np.isnan(scores.column("index")[0])
        assert scores.coverage["index"].iloc[0] == 0.75
        assert scores.status["index"].iloc[0] == "missing"
        assert scores.rank("index").tolist() == [0, 1, 0][:rows]


def test_a_code_that_gives_a_score_is_known(score):
    """`codes: {"No practice": {score: 0}}`: the cell has no raw value, and is not missing."""
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]"
    scores = score(blocks, {"a": [1, 2, None], "b": [1, 2, 3]}, coded={"a": [None, None, 0]})
    assert scores.column("a").tolist() == [0, 100, 0]
    assert scores.column("index").tolist() == [0, 75, 50]
    assert scores.coverage["index"].tolist() == [1, 1, 1]
    assert scores.status["a"].tolist() == ["normal"] * 3


def test_exactly_enough_is_enough(score):
    """Thirteen of twenty is 0.65, though 13 / 20 * w sums to 0.6499999999999999 in floating point."""
    text = "defaults: {normalise: {method: none}}\nnodes: [{id: index, coverage: {at_least: 0.65}}]\nindicators:\n"
    text += "".join(f"  - {{id: x{k}, parent: index, weight: 0.05}}\n" for k in range(20))
    columns = {f"x{k}": [1 if k < 13 else None, 1 if k < 12 else None] for k in range(20)}
    found = score(text, columns).column("index")
    assert found[0] == pytest.approx(1)
    assert np.isnan(found[1])


def test_missing_as_zero_counts_the_low_end_of_the_scale(score):
    blocks = """\
        scale: [1, 7]
        defaults: {normalise: {method: none}, coverage: {at_least: 0.5, missing: zero}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index}, {id: b, parent: index, scale: [0, 1]}]
        """
    scores = score(blocks, {"a": [7, 3, None], "b": [None, 1, None]})
    assert scores.column("index")[:2].tolist() == [4, 5]
    assert np.isnan(scores.column("index")[2])
    assert scores.status["index"].tolist() == ["partial", "normal", "missing"]


def test_renormalising_is_filling_in_the_unit_s_own_mean(score):
    """Which makes it an imputation, for an arithmetic mean (METHODS, section 2.2)."""
    blocks = """\
        defaults: {normalise: {method: none}, coverage: {at_least: 0}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]
        """
    gap = score(blocks, {"a": [10], "b": [30], "c": [None]}).column("index")
    filled = score(blocks, {"a": [10], "b": [30], "c": [20]}).column("index")
    assert gap == pytest.approx(filled)


def test_withheld_makes_the_node_missing_and_its_parent_decides(score):
    blocks = """\
        defaults: {normalise: {method: none}, coverage: {at_least: 0.5}}
        nodes: [{id: index}, {id: p, parent: index}, {id: q, parent: index}]
        indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: q}]
        """
    scores = score(blocks, {"a": [Status.WITHHELD], "b": [90], "c": [40]})
    assert scores.status.iloc[0].tolist() == ["partial", "missing", "normal", "withheld", "normal", "normal"]
    assert scores.column("index").tolist() == [40]
