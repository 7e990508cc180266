"""Careless respondents of an export: told, and left out where a rule says so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.findings import Severity
from dtindex.spec import Methodology

RULES = """\
  careless:
    - {id: fast, method: too-fast, below: 120, action: ACTION}
    - {id: straight, method: straight-lining, of: [Q3, Q4], action: ACTION}
    - {id: twice, method: duplicates, action: ACTION}
    - {id: tests, method: test-rows, column: company, action: ACTION}
    - {id: few, method: incomplete, at_least: 0.5, action: ACTION}
    - {id: attention, method: attention, question: Q12, answers: [blue], action: ACTION}
"""
CHECK = """\
  - id: Q12
    type: single
    label: {en: Choose blue., zh: 请选择蓝色。}
    options: [{id: red, label: {en: Red, zh: 红色}}, {id: blue, label: {en: Blue, zh: 蓝色}}]
"""
NAMED = {
    "fast": "企业008",
    "straight": "企业007",
    "twice": "企业003",
    "tests": "测试004",
    "few": "企业006",
    "attention": "企业005",
}
MAKERS = {
    "wjx": exports.wjx,
    "codes": lambda of: exports.wjx(of, codes=True),
    "qualtrics": exports.qualtrics,
    "limesurvey": exports.limesurvey,
    "plain": exports.plain,
}


def with_rules(load, action: str) -> Methodology:
    rules = "  weight: weight\n" + RULES.replace("ACTION", action)
    return load(("  weight: weight\n", rules), ("classes:\n", CHECK + "classes:\n"))


def careless_sample(methodology: Methodology):
    of = exports.sample(methodology, 20, gaps=0.0)
    people = [{**person, "Q12": "blue"} for person in of.people]
    people[3] = {**people[2], "company": "企业003"}
    people[4]["company"] = "测试004"
    people[5]["Q12"] = "red"
    people[6] = {name: answer if name == "company" else None for name, answer in people[6].items()}
    people[7] |= {"Q3": 3, "Q4": {"fast": 3, "manual": 3, "shared": 3}}
    seconds = [119 if number == 8 else max(120, one) for number, one in enumerate(of.seconds)]
    return dataclasses.replace(of, people=tuple(people), seconds=tuple(seconds))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("action", ["report", "exclude"])
def test_each_rule_names_whom_it_should(load, check, found, make, action: str) -> None:
    methodology = with_rules(load, action)
    table, findings = check(make(careless_sample(methodology)), methodology)
    done = "left out" if action == "exclude" else "reported, and kept"
    told = found(findings, "DT235")
    assert [one.severity for one in told] == [Severity.WARNING] * len(NAMED)
    for one, (rule, who) in zip(told, NAMED.items(), strict=True):
        assert one.message.startswith(f"`{rule}` (")
        assert one.message.endswith(f": 1 of 20 respondents {done}: {who}")
        assert table.units[table.careless[rule]].tolist() == [who]

    index = dti.CompositeIndex(methodology).fit(table)
    scores = index.score(table)
    out = np.isin(table.units, list(NAMED.values()))
    if action == "report":
        assert not scores.screening.size
        assert np.isfinite(scores.column("index"))[table.units != "企业006"].all()
        return
    assert np.isnan(scores.values[out]).all()
    assert (scores.rank_values[out] == 0).all()
    assert dict(zip(scores.screening["unit"], scores.screening["rule"], strict=True)) == {
        who: rule for rule, who in NAMED.items()
    }
    assert set(scores.screening["bound"]) == {"careless"}
    assert index.fitted_.reference["index"][""].size == 20 - len(NAMED)


def test_goalposts_are_fitted_without_those_left_out(load, check) -> None:
    """`staff` is min-max: the answer of somebody who is left out must not stretch it."""
    methodology = with_rules(load, "exclude")
    of = careless_sample(methodology)
    before, after = (
        dti.CompositeIndex(methodology).fit(check(exports.wjx(one), methodology)[0]).fitted_.parameters.indicators
        for one in (of.with_answers(8, Q7=1000.0), of.with_answers(8, Q7=500.0))
    )
    assert str(before["staff"]) == str(after["staff"])


def test_rules_that_cannot_be_applied(load, check, found) -> None:
    methodology = with_rules(load, "exclude")
    grid = exports.wjx(careless_sample(methodology)).drop("所用时间", "14、请选择蓝色。")
    table, findings = check(grid, methodology)
    first, second = found(findings, "DT240", "warning")
    assert first.message.startswith("the rule `fast` was not applied: there is no column of the time taken")
    assert second.message == "the rule `attention` was not applied: the question Q12 is not in the export"
    assert set(table.careless) == {"straight", "twice", "tests", "few"}


@pytest.mark.parametrize(("numeric", "cell"), [(False, "Survey Preview"), (True, 1), (True, 2)])
def test_previews_of_qualtrics(every_kind: Methodology, load, check, found, numeric: bool, cell: object) -> None:
    of = exports.sample(every_kind, 20, gaps=0.0)
    grid = exports.qualtrics(of, numeric=numeric).put(3, "Status", cell)
    table, findings = check(grid, every_kind)
    [one] = found(findings, "DT235", "warning")
    assert "1 of 20 respondents as tests, and they are kept: 企业003; a rule under" in one.message
    rule = "  weight: weight\n  careless: [{id: tests, method: test-rows, column: company, action: exclude}]\n"
    methodology = load(("  weight: weight\n", rule))
    table, findings = check(grid, methodology)
    [one] = found(findings, "DT235", "warning")
    assert one.message.endswith("1 of 20 respondents left out: 企业003")
    assert table.units[table.careless["tests"]].tolist() == ["企业003"]


def test_a_key_may_stand_twice_where_one_of_the_two_is_left_out(load, check, found) -> None:
    """Somebody sent the questionnaire twice: the rule decides, and is not forestalled by DT203."""
    rules = "  weight: weight\n  careless: [{id: again, method: duplicates, by: [company], action: ACTION}]\n"
    kept = load(("  weight: weight\n", rules.replace("ACTION", "report")))
    of = exports.sample(kept, 20, gaps=0.0)
    people = [dict(person) for person in of.people]
    people[4]["company"] = people[3]["company"]
    of = dataclasses.replace(of, people=tuple(people))
    _, findings = check(exports.plain(of), kept)
    assert found(findings, "DT203")
    table, findings = check(exports.plain(of), load(("  weight: weight\n", rules.replace("ACTION", "exclude"))))
    assert not found(findings, "DT203")
    assert np.flatnonzero(table.careless["again"]).tolist() == [4]
    scores = dti.CompositeIndex(load(("  weight: weight\n", rules.replace("ACTION", "exclude")))).fit(table).score()
    assert np.isnan(scores.values[4]).all()
    assert not np.isnan(scores.values[3]).all()
