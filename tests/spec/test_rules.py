"""Rules of a valid file: what its settings mean together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtindex.findings import Finding

FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]


def tree(node: str = "", *indicators: str) -> str:
    """An index and two indicators, with settings of each."""
    first, second = (*indicators, "", "")[:2]
    parts = [
        f"{{id: {name}, parent: index{', ' if extra else ''}{extra}}}" for name, extra in (("a", first), ("b", second))
    ]
    return f"nodes: [{{id: index{', ' if node else ''}{node}}}]\nindicators: [{', '.join(parts)}]\n"


class TestWeights:
    @pytest.mark.parametrize(
        ("first", "second"), [("1", "1"), ("0.5", "0.5"), ("30", "70"), ("2", "1"), ("0.1", "0.3")]
    )
    def test_proportions_and_exact_shares_are_fine(self, first: str, second: str, findings_of: FindingsOf) -> None:
        assert findings_of(tree("", f"weight: {first}", f"weight: {second}")) == []

    def test_shares_that_are_exact_only_in_decimals(self, findings_of: FindingsOf) -> None:
        # 0.1 + 0.2 + 0.7 is 0.9999999999999999 in floating numbers.
        body = tree("", "weight: 0.1", "weight: 0.2")[:-2] + ", {id: c, parent: index, weight: 0.7}]\n"
        assert findings_of(body) == []

    @pytest.mark.parametrize(
        ("first", "second", "whole"),
        [("0.5", "0.4", "1"), ("0.6", "0.6", "1"), ("50", "45", "100"), ("60", "60", "100")],
    )
    def test_shares_that_miss(self, first: str, second: str, whole: str, at_mark: AtMark) -> None:
        found = at_mark(tree("", f"weight: {first}", f"weight: {second}").replace("index}", "§index}", 1))
        assert found.code == "DT020"
        assert f"not {whole};" in found.message

    def test_a_sum_takes_weights_as_they_stand(self, findings_of: FindingsOf) -> None:
        assert findings_of(tree("aggregate: {method: sum}", "weight: 0.5", "weight: 0.4")) == []
        assert findings_of(tree("aggregate: {method: sum}", "weight: 0.5")) == []

    def test_some_with_and_some_without(self, at_mark: AtMark) -> None:
        found = at_mark(tree("", "weight: 1").replace("{id: b", "{id: §b"))
        assert found.code == "DT028"

    def test_unpublished_beside_published(self, findings_of: FindingsOf) -> None:
        assert findings_of(tree("", "weight: unpublished", "weight: 0.4")) == []

    def test_given_without_any(self, at_mark: AtMark) -> None:
        assert at_mark(tree("weights: §{method: given}")).code == "DT028"

    def test_weights_that_the_method_does_not_use(self, at_mark: AtMark) -> None:
        found = at_mark(tree("weights: {method: entropy}", "weight: §2"))
        assert found.code == "DT029"

    def test_weights_below_cases(self, at_mark: AtMark) -> None:
        assert at_mark(tree("aggregate: {method: cases, cases: [{take: a}]}", "weight: §2")).code == "DT029"

    def test_weights_below_a_mixture_with_given(self, findings_of: FindingsOf) -> None:
        mixture = "weights: {method: mix, of: [{share: 0.5, method: given}, {share: 0.5, method: entropy}]}"
        assert findings_of(tree(mixture, "weight: 2", "weight: 1")) == []

    def test_weight_of_a_root(self, at_mark: AtMark) -> None:
        assert at_mark(tree("weight: §1")).code == "DT029"

    def test_weight_of_what_is_only_measured(self, at_mark: AtMark) -> None:
        assert at_mark(tree()[:-2] + ", {id: c, weight: §1}]\n").code == "DT029"

    def test_shares_of_a_mixture(self, at_mark: AtMark) -> None:
        mixture = "weights: {method: mix, of: §[{share: 0.5, method: critic}, {share: 0.4, method: entropy}]}"
        assert at_mark(tree(mixture)).code == "DT028"
        assert at_mark(tree() + f"defaults: {{{mixture}}}\n").code == "DT028"

    def test_order_of_judgements(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        ahp = "weights: {method: ahp, order: [a, b], judgements: [[3]]}"
        assert findings_of(tree(ahp)) == []
        three = tree(ahp.replace("order: ", "order: §"))[:-2] + ", {id: c, parent: index}]\n"
        assert at_mark(three).code == "DT028"
        assert at_mark(tree(ahp.replace("[a, b]", "§[a, a]"))).code == "DT028"

    @pytest.mark.parametrize("judgements", ["[[1, 3], ['1/3', 1]]", "[['3/1']]"])
    def test_shapes_of_judgements(self, judgements: str, findings_of: FindingsOf) -> None:
        assert findings_of(tree(f"weights: {{method: ahp, order: [a, b], judgements: {judgements}}}")) == []

    @pytest.mark.parametrize("judgements", ["[[1, 3]]", "[[1, 3], [1]]", "[[3], [2]]"])
    def test_judgements_of_no_shape(self, judgements: str, at_mark: AtMark) -> None:
        assert at_mark(tree(f"weights: {{method: ahp, order: [a, b], judgements: §{judgements}}}")).code == "DT028"

    def test_a_cap_that_caps_nothing(self, at_mark: AtMark) -> None:
        body = tree("weights: {method: entropy, at_most: {index: §0.5}}")
        assert at_mark(body).code == "DT029"

    def test_caps_that_leave_too_little(self, at_mark: AtMark) -> None:
        assert at_mark(tree("weights: {method: entropy, at_most: §{a: 0.4, b: 0.4}}")).code == "DT028"

    def test_caps_on_leaves(self, findings_of: FindingsOf) -> None:
        body = (
            "nodes: [{id: index, aggregate: {method: topsis, over: leaves},"
            " weights: {method: entropy, at_most: {a: 0.1}}}, {id: sub, parent: index}]\n"
            "indicators: [{id: a, parent: sub}, {id: b, parent: sub}]\n"
        )
        assert findings_of(body) == []


class TestGoalposts:
    @pytest.mark.parametrize(
        ("worst", "best", "direction"),
        [("0", "1", "lower"), ("1", "0", "higher"), ("{percentile: 5}", "{percentile: 95}", "lower")],
    )
    def test_contradiction(self, worst: str, best: str, direction: str, at_mark: AtMark) -> None:
        normalise = f"normalise: {{method: goalposts, worst: {worst}, best: {best}}}"
        assert at_mark(tree("", f"{normalise}, direction: §{direction}")).code == "DT025"
        assert at_mark(tree("", f"direction: §{direction}") + f"defaults: {{{normalise}}}\n").code == "DT025"

    @pytest.mark.parametrize(
        ("worst", "best", "direction"),
        [
            ("0", "1", "higher"),
            ("1", "0", "lower"),
            ("0", "unpublished", "lower"),
            ("{percentile: 95}", "{percentile: 5}", "lower"),
            ("{percentile: 5}", "7", "lower"),
        ],
    )
    def test_no_contradiction(self, worst: str, best: str, direction: str, findings_of: FindingsOf) -> None:
        normalise = f"normalise: {{method: goalposts, worst: {worst}, best: {best}}}"
        assert findings_of(tree("", f"{normalise}, direction: {direction}")) == []

    @pytest.mark.parametrize(("worst", "best"), [("1", "1.0"), ("{percentile: 5}", "{percentile: 5}")])
    def test_coincidence(self, worst: str, best: str, at_mark: AtMark) -> None:
        normalise = f"normalise: {{method: goalposts, worst: {worst}, best: §{best}}}"
        assert at_mark(tree("", normalise)).code == "DT027"
        assert at_mark(tree() + f"defaults: {{{normalise}}}\n").code == "DT027"

    def test_two_unpublished_goalposts_do_not_coincide(self, findings_of: FindingsOf) -> None:
        assert findings_of(tree("", "normalise: {method: goalposts, worst: unpublished, best: unpublished}")) == []


class TestScales:
    @pytest.mark.parametrize(
        "body",
        [
            tree("scale: §[1, 0]"),
            tree("", "scale: §[5, 5]"),
            tree("", "range: §[5, 1]"),
            tree() + "scale: §[100, 0]\n",
            tree() + "defaults: {range: §[3, 2]}\n",
        ],
    )
    def test_intervals_run_upwards(self, body: str, at_mark: AtMark) -> None:
        assert at_mark(body).code == "DT028"

    @pytest.mark.parametrize("within", ["[0, 100]", "[-1, 1]", "[5, 5]"])
    def test_within_is_positive(self, within: str, at_mark: AtMark) -> None:
        assert at_mark(tree(f"aggregate: {{method: geometric, within: §{within}}}")).code == "DT028"
        assert at_mark(tree() + f"defaults: {{aggregate: {{method: harmonic, within: §{within}}}}}\n").code == "DT028"

    def test_within_may_be_reversed(self, findings_of: FindingsOf) -> None:
        assert findings_of(tree("aggregate: {method: geometric, within: [10, 1]}")) == []

    @pytest.mark.parametrize("method", ["geometric", "harmonic", "power, p: 0", "power, p: -1"])
    @pytest.mark.parametrize("normalise", ["min-max", "percentile", "likert, points: 5"])
    def test_a_zero_that_is_certain(self, method: str, normalise: str, at_mark: AtMark) -> None:
        found = at_mark(tree(f"aggregate: §{{method: {method}}}", f"normalise: {{method: {normalise}}}"))
        assert (found.code, str(found.severity)) == ("DT040", "error")

    @pytest.mark.parametrize(
        "normalise", ["none", "goalposts, worst: 0, best: 9", "goalposts, worst: 0, best: 9, clip: none"]
    )
    def test_a_zero_that_may_be(self, normalise: str, at_mark: AtMark) -> None:
        settings = f"normalise: {{method: {normalise}}}"
        found = at_mark(tree("aggregate: §{method: geometric}", settings, settings))
        assert (found.code, str(found.severity)) == ("DT040", "warning")

    def test_the_place_of_an_inherited_mean(self, at_mark: AtMark) -> None:
        assert at_mark(tree() + "defaults: {aggregate: §{method: geometric}}\n").code == "DT040"

    @pytest.mark.parametrize(
        "aggregate",
        [
            "geometric, within: [1, 100]",
            "geometric, zeros: allow",
            "harmonic, zeros: allow",
            "power, p: 2",
            "arithmetic",
        ],
    )
    def test_no_zero_or_a_zero_that_is_meant(self, aggregate: str, findings_of: FindingsOf) -> None:
        assert findings_of(tree(f"aggregate: {{method: {aggregate}}}")) == []

    @pytest.mark.parametrize("scale", ["[1, 100]", "open"])
    def test_scales_without_zero(self, scale: str, findings_of: FindingsOf) -> None:
        assert findings_of(tree("aggregate: {method: geometric}") + f"scale: {scale}\n") == []

    @pytest.mark.parametrize("normalise", ["z-score", "rank"])
    def test_an_open_child_of_a_bounded_parent(self, normalise: str, at_mark: AtMark) -> None:
        assert at_mark(tree("scale: §[0, 10]", f"normalise: {{method: {normalise}}}")).code == "DT041"

    @pytest.mark.parametrize("node", ["", "scale: open", "scale: [0, 1], aggregate: {method: topsis}"])
    def test_open_children_that_fit(self, node: str, findings_of: FindingsOf) -> None:
        assert findings_of(tree(node, "normalise: {method: z-score}")) == []

    def test_power_and_factor_on_an_open_scale(self, findings_of: FindingsOf) -> None:
        assert findings_of(tree("scale: open", "scale: open, power: 0.8, times: 0.7")) == []


PERIODS = "units: {kind: city, key: city, period: year}\n"


class TestSettings:
    def with_periods(self, body: str) -> str:
        return f"schema_version: 1\nid: test\ntitle: Test\n{PERIODS}{body}"

    def test_base_period_is_needed(self, findings_of: FindingsOf) -> None:
        assert findings_of(self.with_periods(tree() + "fit: base\n")) == ["DT028 7:6"]
        assert findings_of(self.with_periods(tree("", "fit: base"))) == ["DT028 6:42"]
        assert findings_of(self.with_periods(tree("", "normalise: {method: base-index}"))) == ["DT028 6:48"]
        assert findings_of(self.with_periods(tree() + "fit: base\nbase_period: 2020\n")) == []
        assert findings_of(self.with_periods(tree("", "fit: base") + "base_period: '2020'\n")) == []

    def test_base_period_without_use(self, findings_of: FindingsOf) -> None:
        assert findings_of(self.with_periods(tree() + "base_period: 2020\n")) == ["DT029 7:1"]

    @pytest.mark.parametrize("fit", ["each_period", "base"])
    def test_periods_need_their_column(self, fit: str, at_mark: AtMark) -> None:
        assert at_mark(tree() + f"fit: §{fit}\nbase_period: 1\n", others=fit == "each_period").code == "DT028"
        assert at_mark(tree("", f"fit: §{fit}") + "base_period: 1\n", others=fit == "each_period").code == "DT028"

    @pytest.mark.parametrize(
        "origins",
        [
            "column: §x, derive: {method: growth, of: b}",
            "column: §x, from: Q",
            "from: §Q, derive: {method: growth, of: b}",
        ],
    )
    def test_a_value_has_one_origin(self, origins: str, at_mark: AtMark) -> None:
        assert at_mark(tree("", origins) + "questions: [{id: Q, type: number}]\n").code == "DT028"

    def test_thresholds_decrease(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        levels = "[{id: x, at_least: 5}, {id: z, at_least: 3}, {id: rest}]"
        tiers = f"tiers: [{{node: index, method: thresholds, levels: {levels}}}]\n"
        assert findings_of(tree() + tiers) == []
        assert at_mark(tree() + tiers.replace("at_least: 3", "at_least: §5")).code == "DT028"
        assert at_mark(tree() + tiers.replace("{id: z, at_least: 3}", "§{id: z}")).code == "DT028"

    def test_quantiles(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        levels = "[{id: x, share: 0.2}, {id: z, share: 0.3}, {id: rest}]"
        tiers = f"tiers: [{{node: index, method: quantiles, levels: §{levels}}}]\n"
        assert findings_of(tree() + tiers.replace("§", "")) == []
        assert findings_of(tree() + tiers.replace("§", "").replace("{id: rest}", "{id: rest, share: 0.5}")) == []
        assert at_mark(tree() + tiers.replace("{id: rest}", "{id: rest, share: 0.4}")).code == "DT028"
        assert at_mark(tree() + tiers.replace("0.3", "0.9")).code == "DT028"

    def test_only_the_last_class_is_unconditional(self, at_mark: AtMark) -> None:
        assert at_mark(tree() + "classes: [§{id: x}, {id: z, when: {id: a, above: 1}}]\n").code == "DT028"

    def test_cases(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        aggregate = "aggregate: {method: cases, cases: [{when: {id: a, above: 5}, take: a}, {take: b}]}"
        assert findings_of(tree(aggregate)) == []
        assert at_mark(tree(aggregate.replace("take: b", "take: §index"))).code == "DT028"
        assert at_mark(tree(aggregate.replace("id: a,", "id: §index,"))).code == "DT028"
        assert at_mark(tree(aggregate.replace("{take: b}", "{take: b}, §{take: a}"))).code == "DT029"

    def test_settings_of_a_childless_node(self, at_mark: AtMark) -> None:
        for setting in ("aggregate: §{method: sum}", "weights: §{method: equal}", "coverage: §{at_least: 1}"):
            assert at_mark(f"nodes: [{{id: index, column: x, {setting}}}]\n").code == "DT029"

    def test_tolerance(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        assert at_mark(tree("tolerance: §0.1")).code == "DT029"
        assert findings_of(tree("tolerance: 0.1, published: x")) == []
        assert findings_of(tree("tolerance: 0.1, column: x")) == []

    def test_answers_that_skip_a_question(self, at_mark: AtMark) -> None:
        questions = (
            "questions: [{id: Q, type: single, options: [{id: none}, {id: some}]},"
            " {id: R, type: number, skip_when: {question: Q, answers: [§nonee]}}]\n"
        )
        found = at_mark(tree() + questions)
        assert (found.code, 'nearest is "none"' in found.message) == ("DT024", True)

    def test_reserved_name_of_an_assumption(self, at_mark: AtMark) -> None:
        assert at_mark(tree() + "assumptions: {§equal: {}}\n").code == "DT028"
