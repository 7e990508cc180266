"""Rules on weights that experts judge, each remark at its line and column."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtindex.findings import Finding
from dtindex.spec.judgements import connected, matrix_of, number, unreciprocal

FindingsOf = Callable[[str], list[str]]
AtMark = Callable[..., Finding]


def tree(weights: str, names: str = "abc") -> str:
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"nodes: [{{id: index, weights: {{{weights}}}}}]\nindicators: [{indicators}]\n"


def ahp(judgements: str) -> str:
    return tree(f"method: ahp, order: [a, b, c], judgements: {judgements}")


class TestMatrices:
    def test_what_is_written(self) -> None:
        assert [number(cell) for cell in (3, 0.5, "3", "1/3", "2.5/5", "1/0")] == [3, 0.5, 3, 1 / 3, 0.5, 0]

    def test_upper_rows_and_full_matrices_are_one(self) -> None:
        full = matrix_of(3, [[1, 3, None], ["1/3", 1, 2], [None, None, 1]])
        assert full == matrix_of(3, [[3, None], [2]]) == [[1, 3, None], [1 / 3, 1, 2], [None, 0.5, 1]]
        assert matrix_of(3, [[3, 5], [2], []]) is None

    def test_who_is_connected(self) -> None:
        assert connected([[1, 2, None], [0.5, 1, None], [None, None, 1]]) == [0, 1]
        assert unreciprocal([[1, 3], [0.3, 1]]) == (1, 0)
        assert unreciprocal([[2]]) == (0, 0)
        assert unreciprocal([[1, 3], [1 / 3, 1]]) is None


class TestAhp:
    @pytest.mark.parametrize(
        "judgements",
        [
            "[[3, 5], [2]]",
            "[[3, null], ['1/2']]",
            "[[1, 3, 5], ['1/3', 1, 2], ['1/5', '1/2', 1]]",
            "[[1, 3, 5], [null, 1, 2], [null, null, 1]]",
        ],
    )
    def test_sound_judgements(self, judgements: str, findings_of: FindingsOf) -> None:
        assert findings_of(ahp(judgements)) == []

    def test_not_reciprocal(self, at_mark: AtMark) -> None:
        found = at_mark(ahp("[[1, 3, 5], [§0.33, 1, 2], ['1/5', '1/2', 1]]"))
        assert found.code == "DT032"
        assert found.message == "b to a is 0.33, and a to b is 3, not one over it"
        assert at_mark(ahp("[[§2, 3, 5], ['1/3', 1, 2], ['1/5', '1/2', 1]]")).code == "DT032"

    def test_not_connected(self, at_mark: AtMark) -> None:
        found = at_mark(ahp("§[[3, null], [null]]"))
        assert (found.code, found.message) == ("DT033", "no chain of judgements leads from a to c")

    @pytest.mark.parametrize("judgement", ["'0/3'", "'1/0'"])
    def test_no_number(self, judgement: str, at_mark: AtMark) -> None:
        assert at_mark(ahp(f"§[[3, {judgement}], [2]]")).code == "DT028"

    def test_judgements_or_experts(self, at_mark: AtMark) -> None:
        experts = "experts: [{name: Li, judgements: [[1, 1], [1]]}]"
        assert at_mark(tree("method: ahp, order: [a, b, c]").replace("{method", "§{method")).code == "DT028"
        both = f"method: ahp, order: [a, b, c], judgements: [[1, 1], [1]], {experts}"
        assert at_mark(tree(both).replace("{method", "§{method")).code == "DT028"

    def test_experts(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        def group(first: str, second: str, how: str = "aij", name: str = "Wu") -> str:
            one, other = f"{{name: Li, judgements: {first}}}", f"{{name: {name}, judgements: {second}}}"
            return tree(f"method: ahp, order: [a, b, c], group: {how}, experts: [{one}, {other}]")

        chain, gaps, others = "[[3, null], [2]]", "[[3, null], [null]]", "[[null, null], [2]]"
        assert findings_of(group(chain, chain)) == []
        assert findings_of(group(gaps, others)) == []
        assert at_mark(group(gaps, gaps).replace("experts: ", "experts: §")).code == "DT033"
        assert at_mark(group(chain, f"§{gaps}", "aip")).code == "DT033"
        assert at_mark(group(chain, "§[[3]]")).code == "DT028"
        assert at_mark(group(chain, chain, name="Li").replace("experts: ", "experts: §")).code == "DT028"

    def test_over_leaves_the_order_names_leaves(self, findings_of: FindingsOf, at_mark: AtMark) -> None:
        body = (
            "nodes:\n  - id: index\n    aggregate: {method: topsis, over: leaves}\n"
            "    weights: {method: ahp, order: ORDER, judgements: [[2]]}\n"
            "  - {id: p, parent: index}\n  - {id: q, parent: index}\n"
            "indicators: [{id: a, parent: p}, {id: b, parent: q}]\n"
        )
        assert findings_of(body.replace("ORDER", "[a, b]")) == []
        found = at_mark(body.replace("ORDER", "§[p, q]"))
        assert (found.code, found.message) == ("DT028", '`order` must name each leaf of "index" once: a, b')


class TestBudget:
    def test_points(self, findings_of: FindingsOf, at_mark: AtMark) -> None:
        def budget(points: str) -> str:
            return tree(f"method: budget, order: [a, b, c], experts: [{{name: Li, points: {points}}}]")

        assert findings_of(budget("[50, 30, 20]")) == []
        assert at_mark(budget("§[5, 3, 2]")).code == "DT020"
        assert at_mark(budget("§[0, 0, 0]")).code == "DT021"
        assert at_mark(budget("§[50, 50]")).code == "DT028"
        assert at_mark(budget("[50, §-30, 80]")).code == "DT011"

    def test_order(self, at_mark: AtMark) -> None:
        body = tree("method: budget, order: §[a, b], experts: [{name: Li, points: [50, 50]}]")
        assert at_mark(body).code == "DT028"


class TestFactors:
    def test_more_than_there_can_be(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        assert at_mark(tree("method: oecd-pca, factors: §4")).code == "DT028"
        for factors in ("3", "eigenvalue", "variance"):
            assert findings_of(tree(f"method: oecd-pca, factors: {factors}")) == []


class TestParts:
    MIX = "method: mix, of: [{share: 0.5, method: entropy}, {share: 0.5, PART}]"

    def test_rules_hold_inside_a_mixture(self, at_mark: AtMark, findings_of: FindingsOf) -> None:
        def mix(part: str) -> str:
            return tree(self.MIX.replace("PART", part))

        assert findings_of(mix("method: ahp, order: [a, b, c], judgements: [[2, 4], [2]]")) == []
        assert at_mark(mix("method: ahp, order: §[a, b], judgements: [[2]]")).code == "DT028"
        assert at_mark(mix("method: ahp, order: [a, b, §d], judgements: [[2, 4], [2]]")).code == "DT024"
        assert at_mark(mix("method: oecd-pca, factors: §9")).code == "DT028"
        assert (
            at_mark(mix("method: budget, order: [a, b, c], experts: [{name: Li, points: §[1, 1, 1]}]")).code == "DT020"
        )

    def test_a_part_has_no_caps_of_its_own(self, at_mark: AtMark) -> None:
        assert at_mark(tree(self.MIX.replace("PART", "method: critic, §at_most: {a: 0.1}"))).code == "DT010"


def test_caps_on_components(at_mark: AtMark) -> None:
    for method in ("pca", "oecd-pca"):
        assert at_mark(tree(f"method: {method}, at_most: §{{a: 0.3, b: 0.3, c: 0.3}}")).code == "DT028"
