"""What a difference of two states of a tree is made of, and what a score is made of."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from dtindex.findings import InputError, UsageError
from dtindex.steps.aggregate.apart import Pair, bennet, lmdi, logarithmic_mean
from dtindex.steps.aggregate.shapley import shapley
from dtindex.steps.decompose import differences

TOLERANCE = 1e-9
PLAIN = "scale: [0, 10]\ndefaults: {{normalise: {{method: none}}}}\n"
FLAT = (
    PLAIN
    + "nodes: [{{id: index, aggregate: {aggregate}}}]\n"
    + "indicators: [{{id: a, parent: index, weight: {a}}}, {{id: b, parent: index, weight: {b}}}]\n"
)


def pair_of(x0, x1, w0, w1) -> Pair:
    return Pair((list(x0), list(x1)), (list(w0), list(w1)), False, (sum(w0), sum(w1)))


def told(rows, root="index"):
    """The second row of a table less the first."""
    return differences(rows.walked(np.array([0])), rows.walked(np.array([1])), root)


def all_parts(found) -> np.ndarray:
    return sum(found.data.values()) + sum(found.weights.values()) + sum(found.own.values())


# --- formulas ---


def test_bennet_tells_performance_from_weights():
    """Weights (.5, .5) to (.3, .7), scores (.4, .6) to (.5, .9): mean(w) dx = (.04, .18), mean(x) dw = (-.09, .15)."""
    pair = pair_of((0.4, 0.6), (0.5, 0.9), (0.5, 0.5), (0.3, 0.7))
    found = bennet(pair, pair.weights)
    assert found.data == pytest.approx([0.04, 0.18])
    assert found.weights == pytest.approx([-0.09, 0.15])
    assert sum(found.data) + sum(found.weights) == pytest.approx(0.3 * 0.5 + 0.7 * 0.9 - 0.5)


def test_logarithmic_means_tell_a_geometric_mean_apart():
    """w = (.3, .7), (.4, .6) to (.5, .9): L = dG / ln(G1/G0); parts L w ln(x1/x0), which sum to dG."""
    pair = pair_of((0.4, 0.6), (0.5, 0.9), (0.3, 0.7), (0.3, 0.7))
    found = lmdi(pair, pair.weights)
    first, second = 0.4**0.3 * 0.6**0.7, 0.5**0.3 * 0.9**0.7
    level = (second - first) / np.log(second / first)
    assert np.array(found.data) == pytest.approx([level * 0.3 * np.log(1.25), level * 0.7 * np.log(1.5)], abs=1e-12)
    assert np.array(found.data) == pytest.approx([0.042601, 0.180621], abs=5e-7)
    assert sum(found.data) == pytest.approx(0.2232221339, abs=5e-11)


def test_shapley_values_of_the_same_case(score):
    """Mean of both orders, written out: the first member alone moves .4 to .5 before and after the second's move."""

    def mean(a, b):
        return a**0.3 * b**0.7

    first = (mean(0.5, 0.6) - mean(0.4, 0.6) + mean(0.5, 0.9) - mean(0.4, 0.9)) / 2
    second = (mean(0.4, 0.9) - mean(0.4, 0.6) + mean(0.5, 0.9) - mean(0.5, 0.6)) / 2
    terms = [
        [np.array([[w * np.log(x)]]) for w, x in zip((0.3, 0.7), xs, strict=True)] for xs in ((0.4, 0.6), (0.5, 0.9))
    ]
    found = shapley(terms[0], terms[1], lambda total: np.exp(total[0]))
    assert [float(part[0]) for part in found] == pytest.approx([first, second], abs=1e-14)
    assert [float(part[0]) for part in found] == pytest.approx([0.0428191, 0.1804030], abs=5e-8)
    power = score(FLAT.format(aggregate="{method: power, p: 0}", a=0.3, b=0.7), {"a": [0.4, 0.5], "b": [0.6, 0.9]})
    parts = told(power)
    assert [float(parts.data[item][0]) for item in "ab"] == pytest.approx([first, second], abs=1e-12)


@pytest.mark.parametrize("ratio", [1 - 1e-7, 1 + 1e-9, 1.0, 1 + 1e-7, 2.0, 1e-9, 1e9])
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic(ratio):
    """Its series at 1; Carlson (1972): sqrt(ab) <= L <= (a + b)/2."""
    found = float(logarithmic_mean(ratio, 1.0))
    assert found == float(logarithmic_mean(1.0, ratio))
    assert np.sqrt(ratio) * (1 - 1e-15) <= found <= (1 + ratio) / 2 * (1 + 1e-15)


def test_the_logarithmic_mean_of_far_ends():
    """(1 - 1e-12) / ln(1e12), whichever end comes first."""
    expected = pytest.approx((1 - 1e-12) / (12 * np.log(10)), rel=1e-14)
    assert float(logarithmic_mean(1e-12, 1.0)) == expected
    assert float(logarithmic_mean(1.0, 1e-12)) == expected


def test_a_zero_has_no_logarithm_and_is_told_by_shapley_values(score):
    """Both members leave zero: each order gives all to the member that comes last, so each has one half."""
    scores = score(
        FLAT.format(aggregate="{method: geometric, zeros: allow}", a=1, b=1), {"a": [0.0, 4.0], "b": [0.0, 9.0]}
    )
    found = told(scores)
    assert [float(found.data[item][0]) for item in "ab"] == pytest.approx([3.0, 3.0], abs=1e-12)


def test_shapley_values_by_brute_force():
    """Over all 120 orders of five players, for a function with products of all of them."""
    rng = np.random.default_rng(3)
    first, second = ([rng.normal(size=(2, 4)) for _ in range(5)] for _ in range(2))

    def value(total):
        return np.sin(total[0]) + total[0] * total[1] ** 2

    expected = np.zeros((5, 4))
    for order in itertools.permutations(range(5)):
        now = list(first)
        for player in order:
            before = value(sum(now))
            now[player] = second[player]
            expected[player] += (value(sum(now)) - before) / 120
    assert np.array(shapley(first, second, value)) == pytest.approx(expected, abs=1e-12)


def test_many_players_are_told_by_orders_that_still_sum_up():
    """Thirty players: of the sum of their terms each has its own share in every order, so no sampling shows."""
    rng = np.random.default_rng(4)
    first, second = ([rng.normal(size=(1, 3)) for _ in range(30)] for _ in range(2))
    found = shapley(first, second, lambda total: 2 * total[0])
    assert np.array(found) == pytest.approx(2 * np.array([b[0] - a[0] for a, b in zip(first, second, strict=True)]))
    squares = shapley(first, second, lambda total: total[0] ** 2)
    assert sum(squares) == pytest.approx(sum(second)[0] ** 2 - sum(first)[0] ** 2)
    again = shapley(first, second, lambda total: total[0] ** 2)
    assert np.array_equal(np.array(squares), np.array(again))


# --- trees ---


def test_a_gap_is_worth_what_it_takes_from_the_mean(score):
    """a is missing in the first row: mean 6 of b alone, then (9 + 6)/2. a is worth (9 - 6.75)/2, b -(6 - 6.75)/2."""
    found = told(
        score(
            FLAT.format(aggregate="{method: arithmetic}", a=1, b=1).replace(
                "id: index,", "id: index, coverage: {at_least: 0},"
            ),
            {"a": [None, 9.0], "b": [6.0, 6.0]},
        )
    )
    assert [float(found.weights[item][0]) for item in "ab"] == pytest.approx([1.125, 0.375])
    assert float(found.part["index"][0]) == pytest.approx(1.5)


def test_a_child_that_stays_tells_what_its_members_did_to_each_other(score):
    """Under a harmonic mean: the node p stays at 5 while a falls by 2 and b rises by 2; what they do cancels out."""
    text = (
        PLAIN.format()
        + """\
nodes:
  - {id: index, aggregate: {method: harmonic}}
  - {id: p, parent: index}
indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: index}]
"""
    )
    found = told(score(text, {"a": [6.0, 4.0], "b": [4.0, 6.0], "c": [5.0, 5.0]}))
    # d/dp of 2 / (1/p + 1/5) at 5 is 1/2, and half of it goes to each of a and b.
    assert [float(found.part[item][0]) for item in "abpc"] == pytest.approx([-0.5, 0.5, 0.0, 0.0], abs=1e-5)


def test_rounding_on_the_way_up_has_a_part_of_its_own(score):
    """(4 + 5)/2 = 4.5 rounds to 5, (4 + 4.8)/2 = 4.4 to 4: the data took .1, the rounding .9."""
    text = FLAT.format(aggregate="{method: arithmetic}", a=1, b=1).replace("id: index,", "id: index, round: 0,")
    found = told(score(text, {"a": [4.0, 4.0], "b": [5.0, 4.8]}))
    assert float(found.data["b"][0]) == pytest.approx(-0.1)
    assert float(found.own["index"][0]) == pytest.approx(-0.9)


def test_a_case_that_is_taken_is_told_as_a_weight(score):
    text = (
        PLAIN.format()
        + """\
nodes:
  - id: index
    aggregate: {method: cases, cases: [{when: {id: a, above: 5}, take: a}, {take: b}]}
indicators: [{id: a, parent: index}, {id: b, parent: index}]
"""
    )
    found = told(score(text, {"a": [4.0, 8.0], "b": [3.0, 3.0]}))
    # b (3) was taken, then a (4 grown to 8): half of the growth counts, the rest is the choice between their means.
    assert float(found.data["a"][0]) == pytest.approx(2.0)
    assert float(all_parts(found)[0]) == pytest.approx(5.0)


@pytest.mark.parametrize(
    "aggregate",
    [
        "{method: harmonic}",
        "{method: power, p: 3}",
        "{method: topsis}",
        "{method: topsis, normalise: vector}",
        "{method: owa, quantifier: 0.4}",
        "{method: choquet, interactions: [{of: [a, b], value: 0.2}, {of: [b, c], value: -0.3}]}",
        "{method: mpi}",
        "{method: ampi}",
        "{method: mean-min, alpha: 0.5}",
        "{method: grey-relational}",
        "{method: vikor}",
        "{method: coupling-coordination, form: modified}",
        "{method: wroclaw}",
        "{method: promethee}",
    ],
)
def test_shapley_values_are_those_of_the_index_itself(score, aggregate):
    """Every mixture of the members of two units is a unit of the table; means over the six orders of its scores."""
    first, second = (2.0, 7.0, 4.0), (8.0, 5.0, 9.0)
    mixtures = list(itertools.product((0, 1), repeat=3))
    columns = {item: [(first, second)[mix[at]][at] for mix in mixtures] for at, item in enumerate("abc")}
    text = PLAIN.format() + f"nodes: [{{id: index, aggregate: {aggregate}}}]\nindicators:\n"
    text += "".join(
        f"  - {{id: {item}, parent: index, weight: {weight}}}\n" for item, weight in zip("abc", (1, 2, 3), strict=True)
    )
    scores = score(text, columns)
    value = dict(zip(mixtures, scores.column("index").tolist(), strict=True))
    expected = dict.fromkeys("abc", 0.0)
    for order in itertools.permutations(range(3)):
        now = [0, 0, 0]
        for member in order:
            before = value[tuple(now)]
            now[member] = 1
            expected["abc"[member]] += (value[tuple(now)] - before) / 6
    found = differences(scores.walked(np.array([0])), scores.walked(np.array([7])), "index")
    assert {item: float(found.data[item][0]) for item in "abc"} == pytest.approx(expected, abs=1e-12)


def test_what_a_gap_takes_from_a_harmonic_mean_is_told_of_what_is_missing(score):
    """2 / (1/a + 1/b) of (3, 6) is 4; without b it is 3."""
    text = FLAT.format(aggregate="{method: harmonic}", a=1, b=1).replace(
        "id: index,", "id: index, coverage: {at_least: 0},"
    )
    found = told(score(text, {"a": [3.0, 3.0], "b": [None, 6.0]}))
    assert [float(found.weights[item][0]) for item in "ab"] == pytest.approx([0.0, 1.0])


# --- contributions ---


def test_a_linear_contribution_is_weight_times_score(score):
    text = (
        PLAIN.format()
        + """\
nodes: [{id: index}, {id: p, parent: index, weight: 3, scale: [1, 5]}]
indicators:
  - {id: a, parent: p, weight: 2, scale: [1, 5]}
  - {id: b, parent: p, weight: 1, scale: [1, 5]}
  - {id: c, parent: index, weight: 1}
"""
    )
    scores = score(text, {"a": [1.0, 3.0, 5.0], "b": [5.0, 2.0, None], "c": [0.0, 4.0, 8.0]})
    found = scores.contributions
    # p goes from [1, 5] to [0, 10]: 2.5 (x - 1). Known members share the weight of those that are missing.
    assert found["a"].tolist() == pytest.approx([0.0, 0.75 * 2 / 3 * 5.0, 0.75 * 10.0])
    assert found["b"].tolist() == pytest.approx([0.75 / 3 * 10.0, 0.75 / 3 * 2.5, 0.0])
    assert found["c"].tolist() == pytest.approx([0.0, 1.0, 2.0])
    assert found["index"].tolist() == scores.column("index").tolist()
    assert scores.contribution_methods == {"index": "bennet", "p": "bennet"}


def test_a_geometric_contribution_is_the_full_mark_less_its_part_of_the_loss(score):
    """G = sqrt(4 * 9) = 6 of 10: the loss of 4 is shared as ln(10/4) : ln(10/9)."""
    scores = score(FLAT.format(aggregate="{method: geometric}", a=1, b=1), {"a": [4.0], "b": [9.0]})
    logs = np.log([10 / 4, 10 / 9])
    expected = 5 - 4 * logs / logs.sum()
    assert scores.contributions[["a", "b"]].to_numpy()[0] == pytest.approx(expected)


def test_contributions_below_a_value_of_the_table_are_not_told(score):
    text = (
        PLAIN.format()
        + """\
nodes: [{id: index}, {id: p, parent: index, column: p}]
indicators: [{id: a, parent: p}, {id: b, parent: index}]
"""
    )
    found = score(text, {"a": [4.0, 6.0], "b": [2.0, 2.0], "p": [5.0, None]}).contributions
    assert np.isnan(found["a"].iloc[0])
    assert found[["p", "b", "index"]].to_numpy()[0].tolist() == [2.5, 1.0, 3.5]
    assert found[["a", "p", "b"]].to_numpy()[1].tolist() == [3.0, 3.0, 1.0]


def test_contributions_to_a_node_below_the_root(score):
    text = (
        PLAIN.format()
        + """\
nodes: [{id: index}, {id: p, parent: index}]
indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: index}]
"""
    )
    scores = score(text, {"a": [4.0], "b": [2.0], "c": [1.0]})
    assert scores.contributions_to("p")[["a", "b", "p"]].to_numpy()[0].tolist() == [2.0, 1.0, 3.0]
    assert np.isnan(scores.contributions_to("p")[["index", "c"]].to_numpy()).all()
    with pytest.raises(UsageError, match="DT396"):
        scores.contributions_to("q")


# --- whatever the tree ---

MEANS = [
    "{method: arithmetic}",
    "{method: geometric, zeros: allow}",
    "{method: geometric, within: [1, 10]}",
    "{method: geometric, within: [10, 1]}",
    "{method: harmonic, zeros: allow}",
    "{method: power, p: 2}",
    "{method: power, p: -3, zeros: allow}",
    "{method: power, p: 0.05}",
    "{method: sum}",
    "{method: topsis}",
    "{method: topsis, normalise: vector}",
    "{method: owa, places: [1, 3, 1]}",
    "{method: owa, quantifier: 2}",
    "{method: choquet}",
    "{method: mpi}",
    "{method: ampi, ddof: 1}",
    "{method: mean-min, alpha: 0.8, beta: 2}",
    "{method: grey-relational}",
    "{method: vikor}",
    "{method: coupling-coordination}",
    "{method: coupling-coordination, form: modified}",
    "{method: wroclaw}",
    "{method: promethee, preference: linear, q: 1, p: 20}",
    "cases",
]


@st.composite
def trees(draw):
    """Two levels of nodes with any aggregation and any gaps, five indicators, four rows."""
    chosen = [draw(st.sampled_from(MEANS)) for _ in range(3)]
    children = {"index": ["p", "q", "e"], "p": ["a", "b"], "q": ["c", "d"]}
    lines = ["scale: [0, 100]", "defaults: {normalise: {method: none}}", "nodes:"]
    for node, method in zip(children, chosen, strict=True):
        if method == "cases":
            one, other = children[node][:2]
            method = f"{{method: cases, cases: [{{when: {{id: c, above: 40}}, take: {one}}}, {{take: {other}}}]}}"
        parent = "" if node == "index" else f", parent: index, weight: {draw(st.sampled_from([0.5, 1, 3]))}"
        at_least = draw(st.sampled_from([0, 0.5]))
        missing = draw(st.sampled_from(["renormalise", "zero"]))
        rounds = draw(st.sampled_from(["", ", round: 1"]))
        rule = f"{{at_least: {at_least}, missing: {missing}}}"
        lines.append(f"  - {{id: {node}{parent}, aggregate: {method}, coverage: {rule}{rounds}}}")
    lines.append("indicators:")
    for parent, members in children.items():
        weights = {item: draw(st.sampled_from([0.5, 1, 2])) for item in members if item not in children}
        lines += [f"  - {{id: {item}, parent: {parent}, weight: {weight}}}" for item, weight in weights.items()]
    value = st.one_of(st.none(), st.sampled_from([0.0, 100.0, 50.0]), st.floats(0.5, 100))
    columns = {item: draw(st.lists(value, min_size=4, max_size=4)) for item in "abcde"}
    for number, item in enumerate("abcde"):  # nothing is constant
        columns[item][3], columns[item][2] = 90.0 - number, 10.0 + number
    return "\n".join(lines) + "\n", columns


@settings(max_examples=150)
@given(trees())
def test_parts_sum_to_the_difference_and_to_the_score(score, tree):
    text, columns = tree
    try:
        scores = score(text, columns)
    except InputError:  # a score of -1e-15 from an interval, which a mean above refuses
        reject()
    index = scores.column("index")
    for first, second in itertools.permutations(range(4), 2):
        found = differences(scores.walked(np.array([first])), scores.walked(np.array([second])), "index")
        change = index[second] - index[first]
        assert all_parts(found)[0] == pytest.approx(change, abs=TOLERANCE, nan_ok=True)
        assert found.part["index"][0] == pytest.approx(change, abs=TOLERANCE, nan_ok=True)
        for node in scores.methodology.tree.children:
            if scores.plan.tree.nodes[node].round is None:
                assert np.nan_to_num(found.own[node][0]) == pytest.approx(0, abs=TOLERANCE)
    points = scores.contributions
    assert points["index"].to_numpy() == pytest.approx(index, nan_ok=True)
    for node, children in scores.methodology.tree.children.items():
        # A node that is missing and counts as zero stands for itself.
        known = ~np.isnan(points[node].to_numpy()) & ~np.isnan(scores.column(node))
        own = points.loc[known, list(children)].sum(axis=1).to_numpy()
        rounds = scores.plan.tree.nodes[node].round is not None
        assert own == pytest.approx(points.loc[known, node].to_numpy(), abs=5 if rounds else TOLERANCE)


def test_one_row_at_a_time_is_the_same_as_all_of_them(score):
    """No row looks at another: what is told of many at once is what is told of each by itself."""
    rng = np.random.default_rng(1)
    text = (
        PLAIN.format()
        + """\
nodes: [{id: index, aggregate: {method: harmonic}}, {id: p, parent: index, aggregate: {method: geometric}}]
indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: index}]
"""
    )
    scores = score(text, {item: rng.uniform(1, 10, 20).tolist() for item in "abc"})
    whole = scores.contributions.to_numpy()
    alone = np.vstack(
        [
            np.column_stack([scores.told("index", np.array([row])).points[item] for item in scores.items])
            for row in range(20)
        ]
    )
    assert whole == pytest.approx(alone, abs=1e-13)
