"""Classes by rules, in the logic of true, false and unknown (Kleene 1952, section 64)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.engine.keys import MISSING, score_keys
from dtindex.spec.classes import ClassRule, Condition
from dtindex.steps.classify import UNKNOWN, Figures, best_key, classify, quantile_key, schemes

# --- an independent evaluator: one unit, plain Python, None for unknown ---


def kleene_and(values):
    return False if False in values else None if None in values else True


def kleene_or(values):
    return True if True in values else None if None in values else False


def compared(value, kind, bound):
    if value is None:
        return None
    return {"at_least": value >= bound, "above": value > bound, "at_most": value <= bound, "below": value < bound}[kind]


BOUNDS = ("above", "at_least", "below", "at_most")


def holds(condition, unit, tags, reference):
    """Whether a condition, as the file spells it, holds of a unit: True, False or None."""
    if "all" in condition:
        return kleene_and([holds(one, unit, tags, reference) for one in condition["all"]])
    if "any" in condition:
        return kleene_or([holds(one, unit, tags, reference) for one in condition["any"]])
    if "not" in condition:
        inner = holds(condition["not"], unit, tags, reference)
        return None if inner is None else not inner
    bounds = [(kind, condition[kind]) for kind in BOUNDS if kind in condition]
    if "count" in condition:
        counted = condition["count"]
        values = [unit[item] for item in counted.get("of") or tags[counted["tag"]]]
        sure = sum(value is not None and value >= counted["at_least"] for value in values)
        possible = range(sure, sure + sum(value is None for value in values) + 1)
        return kleene_and([known([compared(count, *bound) for count in possible]) for bound in bounds])
    value = unit[condition["id"]]
    if "quantile" in condition:
        least = brute_quantile(reference[condition["id"]], Fraction(str(condition["quantile"])))
        return None if value is None or least is None else value >= least
    if "of_best" in condition:
        best = max(reference[condition["id"]], default=None)
        share = Fraction(str(condition["of_best"]))
        return None if value is None or best is None else value >= LOW + share * (Fraction(best) - LOW)
    return kleene_and([compared(value, *bound) for bound in bounds])


def known(outcomes):
    """What holds of all possible counts, None where they do not agree."""
    return outcomes[0] if len(set(outcomes)) == 1 else None


def brute_quantile(reference, share):
    """The smallest reference value that at least this share of the reference does not exceed."""
    for value in sorted(reference):
        if Fraction(sum(one <= value for one in reference), len(reference)) >= share:
            return value
    return None


# --- random conditions on random units ---

LOW = -20
SCORED = ("index", "part", "leaf")
MEASURED = ("m1", "m2", "m3")
ITEMS = (*SCORED, *MEASURED)
TAGS = {"scene": ("m1", "m2", "m3"), "mixed": ("leaf", "m1", "index", "m3")}
VALUES = st.sampled_from([0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
BOUND = st.sampled_from([-5.0, 0.0, 10.0, 15.0, 20.0, 30.0, 40.0, 45.0, 60.0])
UNIT = st.fixed_dictionaries(dict.fromkeys(ITEMS, VALUES | st.none()))
SOME_BOUNDS = st.dictionaries(st.sampled_from(BOUNDS), BOUND, min_size=1, max_size=2)
COUNT = st.sampled_from([-1.0, 0.0, 1.0, 1.5, 2.0, 3.0, 5.0])
SOME_COUNTS = st.dictionaries(st.sampled_from(BOUNDS), COUNT, min_size=1, max_size=2)
OF_ITEM = st.builds(lambda item, bounds: {"id": item, **bounds}, st.sampled_from(ITEMS), SOME_BOUNDS)
OF_QUANTILE = st.builds(
    lambda item, share: {"id": item, "quantile": share},
    st.sampled_from(SCORED),
    st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 1.0]),
)
COUNTED = st.builds(
    lambda what, least: {**what, "at_least": least},
    st.sampled_from([{"tag": tag} for tag in TAGS])
    | st.lists(st.sampled_from(ITEMS), min_size=1, unique=True).map(lambda items: {"of": items}),
    BOUND,
)
OF_BEST = st.builds(
    lambda item, share: {"id": item, "of_best": share},
    st.sampled_from(SCORED),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 0.9, 1.0]),
)
OF_COUNT = st.builds(lambda counted, bounds: {"count": counted, **bounds}, COUNTED, SOME_COUNTS)
CONDITIONS = st.recursive(
    OF_ITEM | OF_QUANTILE | OF_BEST | OF_COUNT,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda found: {"all": found})
        | st.lists(inner, min_size=1, max_size=3).map(lambda found: {"any": found})
        | inner.map(lambda found: {"not": found})
    ),
    max_leaves=8,
)
REFERENCE = st.fixed_dictionaries({item: st.lists(VALUES, max_size=12) for item in SCORED})


def rule(name, when=None, scheme="class"):
    return ClassRule(id=name, scheme=scheme, when=None if when is None else condition_of(when))


def condition_of(block):
    return Condition.model_validate_json(json.dumps(block), strict=True)


def figures_of(units, reference=None, decimals=None, width=100.0):
    """What conditions look at, of units as dictionaries."""
    columns = {item: np.array([math.nan if unit.get(item) is None else unit[item] for unit in units]) for item in ITEMS}
    everyone = np.ones(len(units), dtype=bool)
    return Figures(
        rows=len(units),
        keys=lambda item: score_keys(columns[item], width, decimals),
        widths=dict.fromkeys(SCORED, width),
        measured=columns,
        reference=lambda item: [(everyone, np.sort(score_keys(np.array((reference or {}).get(item, [])), width)))],
        tagged=TAGS,
        lows=dict.fromkeys(SCORED, LOW),
    )


def truths(condition, figures):
    """True, False or None by row."""
    words = {"yes": True, "no": False, UNKNOWN: None}
    return [words[name] for name in classify([rule("yes", condition), rule("no")], figures)]


@given(CONDITIONS, st.lists(UNIT, min_size=1, max_size=8), REFERENCE)
@settings(max_examples=500)
def test_against_an_evaluator_of_one_unit(condition, units, reference):
    found = truths(condition, figures_of(units, reference))
    assert found == [holds(condition, unit, TAGS, reference) for unit in units]


@given(CONDITIONS, UNIT, REFERENCE, st.data())
@settings(max_examples=200)
def test_what_is_known_stays_so_when_more_becomes_known(condition, unit, reference, data):
    """Kleene's logic is monotone: to fill in a gap makes no true condition false, and no false one true."""
    filled = {item: data.draw(VALUES) if value is None else value for item, value in unit.items()}
    before, after = truths(condition, figures_of([unit, filled], reference))
    assert before is None or before == after


@given(st.lists(st.tuples(st.sampled_from("abcde"), CONDITIONS), max_size=4), st.booleans(), UNIT, REFERENCE)
@settings(max_examples=200)
def test_the_first_rule_that_holds(rules, last, unit, reference):
    """Unknown where a rule before it is unknown; '' where none holds and nothing is left over for all others."""
    expected = "rest" if last else ""
    for name, condition in reversed(rules):
        outcome = holds(condition, unit, TAGS, reference)
        expected = name if outcome else UNKNOWN if outcome is None else expected
    own = [rule(name, condition) for name, condition in rules] + [rule("rest")] * last
    assert classify(own, figures_of([unit], reference)).tolist() == [expected]


TABLE = {True: {"id": "m1", "at_least": 1}, False: {"id": "m1", "at_least": 99}, None: {"id": "m2", "at_least": 1}}


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True), (True, False, False, True), (True, None, None, True), (False, True, False, True),
        (False, False, False, False), (False, None, False, None), (None, True, None, True), (None, False, False, None),
        (None, None, None, None),
    ],
)  # fmt: skip
def test_kleene_s_tables(left, right, both, either):
    """Kleene (1952), section 64, the strong tables of conjunction and disjunction."""
    figures = figures_of([{"m1": 10.0, "m2": None}])
    assert truths({"all": [TABLE[left], TABLE[right]]}, figures) == [both]
    assert truths({"any": [TABLE[left], TABLE[right]]}, figures) == [either]
    assert truths({"not": TABLE[left]}, figures) == [None if left is None else not left]


def test_a_count_is_bounded_from_both_sides():
    """Of three scenes one reaches 20, one does not, one is unknown: one or two do."""
    figures = figures_of([{"m1": 30.0, "m2": 10.0, "m3": None}])
    expected = {
        ("at_least", 1): True, ("at_least", 2): None, ("at_least", 3): False, ("above", 0): True, ("above", 1): None,
        ("above", 2): False, ("at_most", 0): False, ("at_most", 1): None, ("at_most", 2): True, ("below", 1): False,
        ("below", 2): None, ("below", 3): True,
    }  # fmt: skip
    for (kind, bound), outcome in expected.items():
        condition = {"count": {"tag": "scene", "at_least": 20}, kind: bound}
        assert truths(condition, figures) == [outcome], (kind, bound)


# --- quantiles ---


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.integers(0, 1000))
@example(list(range(20)), 550)  # 0.55 * 20 is 11.000000000000002
@example(list(range(100)), 70)
def test_quantile_by_definition(reference, thousandths):
    found = quantile_key(np.sort(np.array(reference, dtype=np.int64)), thousandths / 1000)
    assert found == brute_quantile(reference, Fraction(thousandths, 1000))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.integers(0, 64))
def test_quantile_against_numpy(reference, sixty_fourths):
    """The inverse of the empirical distribution; of shares that binary numbers hold exactly."""
    keys = np.sort(np.array(reference, dtype=np.int64))
    found = quantile_key(keys, sixty_fourths / 64)
    assert found == np.quantile(keys, sixty_fourths / 64, method="inverted_cdf")


def test_a_quantile_of_nobody_is_unknown():
    assert quantile_key(np.array([], dtype=np.int64), 0.5) is None
    assert truths({"id": "index", "quantile": 0.5}, figures_of([{"index": 50.0}], {"index": []})) == [None]


@pytest.mark.parametrize(("share", "reached"), [(0.0, 5), (0.2, 5), (0.21, 4), (0.6, 3), (0.8, 2), (0.81, 1), (1.0, 1)])
def test_how_many_of_the_reference_reach_a_quantile(share, reached):
    """Of the scores 10, 20, ..., 50: from the smallest that the share does not exceed upwards."""
    reference = [10.0, 20.0, 30.0, 40.0, 50.0]
    found = truths(
        {"id": "index", "quantile": share}, figures_of([{"index": x} for x in reference], {"index": reference})
    )
    assert found.count(True) == reached


# --- relative to the best ---


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=20), st.integers(0, 100), st.integers(-60, -50))
def test_share_of_the_best_by_definition(reference, hundredths, low):
    """Keys of whole units: the least key of which no smaller one reaches the share, within half a key."""
    keys = np.sort(np.array(reference, dtype=np.int64)) * 1000
    found = best_key(keys, hundredths / 100, low * 1000)
    assert found == low * 1000 + Fraction(hundredths, 100) * (int(keys[-1]) - low * 1000)
    assert best_key(keys, 1.0, low * 1000) == keys[-1]
    assert best_key(keys, 0.0, low * 1000) == low * 1000


def test_a_share_of_nobody_is_unknown():
    assert best_key(np.array([], dtype=np.int64), 0.5, 0) is None
    assert truths({"id": "index", "of_best": 0.5}, figures_of([{"index": 50.0}], {"index": []})) == [None]


@pytest.mark.parametrize(
    ("scale", "values", "share", "least"),
    [
        ("[0, 100]", [10, 20, 90], 0.8, 72),
        ("[1, 7]", [1, 2, 6], 0.8, 5),  # 1 + 0.8 * (6 - 1)
        ("[-100, 100]", [-90, 0, 50], 0.5, -25),
    ],
)
def test_a_share_of_the_best_is_measured_from_the_low_end(fitted, table, scale, values, share, least):
    """By hand; and frozen with the edition, whoever is scored."""
    rules = (f"{{id: near, when: {{id: index, of_best: {share}}}}}", "{id: rest}")
    index = fitted(blocks(*rules).replace("[0, 100]", scale), {"a": values, "m": [1] * 3})
    names = ["near" if value >= least else "rest" for value in values]
    assert index.score().class_values["class"].tolist() == names
    others = table({"a": [least, least - 0.01], "m": [1] * 2})
    edition = index.freeze("x")
    assert edition.score(others).class_values["class"].tolist() == ["near", "rest"]
    assert [edition.score_unit({"a": value}).classes["class"] for value in (least, least - 0.01)] == ["near", "rest"]


# --- keys ---

GATE = {"id": "index", "at_least": 40}


@pytest.mark.parametrize(
    ("score", "plain", "two_decimals", "no_decimals"),
    [
        (40.0, True, True, True),
        (39.999999999999, True, True, True),  # a hundredth of the last digit that parts two scores
        (39.99999999, False, True, True),
        (39.995, False, True, True),  # half up
        (39.9949, False, False, True),
        (39.99, False, False, True),
        (39.49, False, False, False),
        (math.nextafter(40, 41), True, True, True),
    ],
)
def test_thresholds_on_the_rounded_key(score, plain, two_decimals, no_decimals):
    """What prints as 40.00 counts as 40; last bits part nobody."""
    for decimals, expected in ((None, plain), (2, two_decimals), (0, no_decimals)):
        figures = figures_of([{"index": score}], decimals=decimals)
        assert truths(GATE, figures) == [expected]
        assert truths({"id": "index", "below": 40}, figures) == [not expected]
        assert truths({"not": {"id": "index", "below": 40}}, figures) == [expected]


def test_a_score_at_the_bound_is_not_above_it():
    figures = figures_of([{"index": math.nextafter(40, 41), "m1": 0.1 + 0.2}])
    assert truths({"id": "index", "above": 40}, figures) == [False]
    assert truths({"id": "index", "at_most": 40}, figures) == [True]
    assert truths({"id": "m1", "above": 0.3}, figures) == [False]
    assert truths({"id": "m1", "at_most": 0.3}, figures) == [True]


def test_what_is_measured_has_no_scale_of_its_own():
    """Twelve digits of the bound, whatever its size."""
    figures = figures_of([{"m1": 1e-9, "m2": 3e15, "m3": -2.0}])
    assert truths({"id": "m1", "at_least": 1e-9}, figures) == [True]
    assert truths({"id": "m1", "above": 0}, figures) == [True]
    assert truths({"id": "m2", "below": 3e15}, figures) == [False]
    assert truths({"id": "m2", "below": 3.000001e15}, figures) == [True]
    assert truths({"id": "m3", "below": -1}, figures) == [True]
    assert truths({"count": {"of": ["m1", "m2", "m3"], "at_least": 0}, "at_least": 2}, figures) == [True]


def test_a_missing_key_is_the_smallest_of_all_and_yet_unknown():
    assert score_keys(np.array([np.nan]), 100).tolist() == [MISSING]
    assert truths({"id": "index", "below": 40}, figures_of([{"index": None}])) == [None]


# --- classes of a table ---

TREE = """\
scale: [0, 100]
nodes: [{id: index, coverage: {at_least: 1}}]
indicators:
  - {id: a, parent: index, normalise: {method: none}}
  - {id: m, tags: [seen]}
"""


def blocks(*rules, above=""):
    return above + TREE + "classes:\n" + "".join(f"  - {rule}\n" for rule in rules)


LEVELS = ("{id: high, when: {id: index, at_least: 40}}", "{id: low}")
MANY = ("{id: many, scheme: crowd, when: {id: m, above: 5}}", "{id: some, scheme: crowd, when: {id: m, above: 1}}")


def test_schemes_are_classifications_side_by_side(score):
    scores = score(blocks(LEVELS[0], MANY[0], LEVELS[1], MANY[1]), {"a": [50, 10, None], "m": [9, 0, 2]})
    assert list(scores.class_values) == ["class", "crowd"]
    assert scores.class_values["class"].tolist() == ["high", "low", "unknown"]
    assert scores.class_values["crowd"].tolist() == ["many", "", "some"]
    assert scores.classes["crowd"].isna().tolist() == [False, True, False]


def test_rules_of_one_scheme_in_their_order():
    own = [rule("a"), rule("x", scheme="other"), rule("b")]
    assert {name: [one.id for one in rules] for name, rules in schemes(own).items()} == {
        "class": ["a", "b"],
        "other": ["x"],
    }


def test_without_rules_there_are_no_classes(score):
    scores = score(TREE, {"a": [50], "m": [1]})
    assert scores.class_values == {}
    assert scores.classes.shape == (1, 0)


def test_totals_and_screened_rows_have_no_class(score):
    screened = score(blocks(*LEVELS, above="screening: {drop: [u1]}\n"), {"a": [50, 60, 10], "m": [1, 1, 1]})
    assert screened.class_values["class"].tolist() == ["high", "", "low"]
    totals = score(blocks(*LEVELS), {"a": [50, 60, None], "m": [1, 1, 1]}, totals=[False, True, True])
    assert totals.class_values["class"].tolist() == ["high", "", ""]
    assert totals.classes["class"].isna().tolist() == [False, True, True]


def test_careless_respondents_have_a_class_unless_they_are_left_out(methodology, table):
    """Whom a rule only reports takes part."""
    for action, expected in (("report", ["high", "high", "low"]), ("exclude", ["high", "", "low"])):
        rule_ = f"survey: {{careless: [{{id: twice, method: duplicates, action: {action}}}]}}\n"
        index = methodology(blocks(*LEVELS, above=rule_))
        own = table({"a": [50, 60, 10], "m": [1, 1, 1]})
        own = replace(own, careless={"twice": np.array([False, True, False])})
        found = dti.CompositeIndex(index).fit(own).score(own)
        assert found.class_values["class"].tolist() == expected


def test_a_unit_that_is_not_ranked_has_a_class(methodology, table):
    """Classes are of units by themselves; only totals are none."""
    index = methodology("units: {kind: unit, key: unit, ranked: official}\n" + blocks(*LEVELS))
    scores = dti.CompositeIndex(index)
    own = table({"a": [50, 10], "m": [1, 1]}, texts={"official": ["yes", "no"]})
    found = scores.fit(own).score(own)
    assert found.ranked.tolist() == [True, False]
    assert found.class_values["class"].tolist() == ["high", "low"]


@pytest.mark.parametrize(
    ("value", "name"), [(39.99, "low"), (39.994, "low"), (39.995, "high"), (39.999999999999, "high")]
)
def test_rounded_as_ranks_are(score, value, name):
    scores = score(blocks(*LEVELS, above="rank: {decimals: 2}\n"), {"a": [value], "m": [1]})
    assert scores.class_values["class"].tolist() == [name]


TOP = ("{id: top, when: {id: index, quantile: 0.75}}", "{id: rest}")


def test_a_quantile_is_that_of_the_edition(fitted, table):
    """Of the reference 10, 20, 30, 40 the quantile is 30, whoever is scored."""
    index = fitted(blocks(*TOP), {"a": [10, 20, 30, 40], "m": [1] * 4})
    assert index.score().class_values["class"].tolist() == ["rest", "rest", "top", "top"]
    others = table({"a": [29, 30, 99, 98, 97], "m": [1] * 5})
    for against in ("table", "reference"):
        found = index.score(others, ranked_against=against).class_values["class"]
        assert found.tolist() == ["rest", "top", "top", "top", "top"]
    edition = index.freeze("x")
    assert edition.score(others).class_values["class"].tolist() == ["rest", "top", "top", "top", "top"]
    assert [edition.score_unit({"a": value}).classes["class"] for value in (29, 30)] == ["rest", "top"]


def test_a_quantile_of_each_period(fitted, table):
    """Of the unit's own period; of the latest where the edition lacks it."""
    panel = "units: {kind: unit, key: unit, period: year}\n" + blocks(*TOP)
    columns = {"a": [10, 20, 30, 40, 60, 80], "m": [1] * 6}
    index = fitted(panel, columns, periods=["9", "9", "9", "10", "10", "10"])
    assert index.score().class_values["class"].tolist() == ["rest", "rest", "top", "rest", "rest", "top"]
    later = table({"a": [30, 79, 80], "m": [1] * 3}, periods=["9", "11", "11"])
    assert index.score(later).class_values["class"].tolist() == ["top", "rest", "top"]
    edition = index.freeze("x")
    for period, value, name in (("9", 30, "top"), ("10", 30, "rest"), ("11", 79, "rest"), (None, 80, "top")):
        assert edition.score_unit({"a": value}, period=period).classes["class"] == name


def test_a_quantile_counts_ranked_units_only(methodology, table):
    index = methodology("units: {kind: unit, key: unit, ranked: official}\n" + blocks(*TOP))
    own = table({"a": [10, 20, 30], "m": [1] * 3}, texts={"official": ["no", "no", "no"]})
    found = dti.CompositeIndex(index).fit(own)
    assert found.score(own).class_values["class"].tolist() == ["unknown"] * 3
    assert found.freeze("x").score_unit({"a": 10}).classes["class"] == "unknown"


def test_one_unit_is_in_the_class_of_its_row(fitted):
    """Whatever is missing, by score, count, measured value and quantile, at rounded bounds."""
    rules = (
        *LEVELS[:1],
        "{id: middle, when: {any: [{id: index, quantile: 0.5}, {count: {tag: seen, at_least: 3}, at_least: 1}]}}",
        "{id: rest}",
        *MANY,
    )
    rng = np.random.default_rng(11)
    values = [None if gap else round(x, 3) for x, gap in zip(rng.uniform(0, 60, 80), rng.random(80) < 0.1, strict=True)]
    seen = [None if gap else int(x) for x, gap in zip(rng.integers(0, 9, 80), rng.random(80) < 0.2, strict=True)]
    values[:3] = [39.99, 39.995, 40]
    index = fitted(blocks(*rules, above="rank: {decimals: 2}\n"), {"a": values, "m": seen})
    scores, edition = index.score(), index.freeze("x")
    for row, (a, m) in enumerate(zip(values, seen, strict=True)):
        found = edition.score_unit({"a": a, "m": m}).classes
        assert found == {name: classes[row] or None for name, classes in scores.class_values.items()}
    assert set(scores.class_values["class"]) == {"high", "middle", "rest", "unknown"}
    assert set(scores.class_values["crowd"]) == {"many", "some", "unknown", ""}
