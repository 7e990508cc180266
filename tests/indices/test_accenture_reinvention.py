"""The reinvention index: what is printed is in the file with its study, and everything else is marked as ours.

Source: 2023 中国企业数字化转型指数, Accenture and 国家工业信息安全发展研究中心, as reproduced in 大数据发展动态 2023
no. 38: five dimensions, optimising operations 58, digital core and talent below 40, 2 % reinventors of whom half are
no champions, ten shares of Chinese enterprises, and six comparisons of the global study (N = 1516).
"""

from __future__ import annotations

from collections import Counter

import pytest

import dtindex
from dtindex.spec.assume import apply_assumption, unpublished
from dtindex.spec.base import Origin, Provenance, ProvenanceNote
from dtindex.spec.questions import (
    Answer,
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    RankingQuestion,
    SingleQuestion,
)
from dtindex.spec.sample_plan import NormalOutcome, SamplePlan, ShareOutcome

REINVENTION = "accenture-reinvention-2023"
DIMENSIONS = ("frontier", "integration", "digital_core", "sustainability", "talent")
# The shares that the summary prints, by the indicator whose mean they are.
HEADLINES = {
    "share_new_targets": 0.14,
    "share_present_market": 0.66,
    "share_whole_scope": 0.22,
    "share_continuous": 0.28,
    "share_cross_functional": 0.20,
    "share_single_function": 0.37,
    "share_talent_driver": 0.33,
    "share_ai_investment": 0.46,
    "share_cloud_investment": 0.37,
    "share_security_investment": 0.36,
}
# Reinventors over others, global study.
RATIOS = {
    "revenue_growth": 1.10,
    "cost_improvement": 1.13,
    "financial_value": 1.30,
    "esg_performance": 1.32,
    "talent_experience": 1.11,
}


@pytest.fixture(scope="module")
def methodology() -> dtindex.Methodology:
    return dtindex.load_methodology(REINVENTION)


@pytest.fixture(scope="module")
def plan(methodology: dtindex.Methodology) -> SamplePlan:
    assert methodology.sample is not None
    return methodology.sample


def origin(provenance: Provenance | None) -> Origin | None:
    return provenance.origin if isinstance(provenance, ProvenanceNote) else provenance


# --- ours ---


def test_no_weight_is_published_and_one_assumption_sets_them_all(methodology: dtindex.Methodology) -> None:
    below = [item for item in methodology.tree.walk("index") if item != "index"]
    assert {methodology.tree.items[item].weight for item in below} == {"unpublished"}
    assert list(methodology.assumptions) == ["instrument-v1"]
    assert set(methodology.assumptions["instrument-v1"].weights) == set(below)


def test_assumed_weights_of_siblings_are_per_cent(methodology: dtindex.Methodology) -> None:
    weights = methodology.assumptions["instrument-v1"].weights
    for node, children in methodology.tree.children.items():
        assert sum(weights[child] for child in children) == 100, node


def test_the_assumption_leaves_nothing_in_the_way_of_a_score(methodology: dtindex.Methodology) -> None:
    assumed, name = apply_assumption(methodology, "instrument-v1")
    assert name == "instrument-v1"
    assert not list(unpublished(assumed, below_columns=True))
    assert "DT029" not in assumed.findings.codes


def test_what_is_ours_is_marked_so(methodology: dtindex.Methodology) -> None:
    tree = methodology.tree
    for item in tree.scored:
        assert tree.items[item].source == "own_instrument"
        assert {origin(tree.items[item].provenance[end]) for end in ("worst", "best")} == {Origin.ASSUMED}
    for node in methodology.nodes:
        if node.id not in ("index", "operations", *DIMENSIONS):
            assert origin(node.provenance["structure"]) is Origin.ASSUMED, node.id
    classes = {rule.id: origin(rule.provenance) for rule in methodology.classes if rule.scheme == "class"}
    assert classes == dict.fromkeys(["reinventor", "transformer", "optimiser"], Origin.ASSUMED)
    assert methodology.survey is not None
    assert {origin(rule.provenance) for rule in methodology.survey.careless} == {Origin.ASSUMED}


def test_every_dimension_takes_its_column(methodology: dtindex.Methodology) -> None:
    """A table of five scores a respondent is scored without the questionnaire."""
    assert methodology.tree.children["index"] == DIMENSIONS
    assert [methodology.tree.items[node].column for node in DIMENSIONS] == list(DIMENSIONS)


# --- the questionnaire ---


def test_the_questionnaire_is_whole(methodology: dtindex.Methodology) -> None:
    tree = methodology.tree
    assert len(tree.scored) == 36
    assert all(methodology.tree.items[item].answer is not None for item in tree.scored)
    kinds = {question.type for question in methodology.questions}
    assert kinds == {"single", "multiple", "scale", "matrix", "number", "ranking", "text"}
    taken = {item.answer.question for item in methodology.indicators if item.answer is not None}
    asked = {question.id for question in methodology.questions}
    assert asked - taken == {"industry", "size", "region", "role", "remark"}


def test_no_answer_is_scored_twice_and_no_row_is_left_out(methodology: dtindex.Methodology) -> None:
    answers = [methodology.tree.items[item].answer for item in methodology.tree.scored]
    assert max(Counter(answers).values()) == 1
    rows = {(answer.question, answer.row) for answer in answers if answer is not None and answer.row is not None}
    matrices = [question for question in methodology.questions if isinstance(question, MatrixQuestion)]
    assert rows == {(question.id, row.id) for question in matrices for row in question.rows}
    assert len(matrices) == 2


def test_every_capability_has_at_least_two_answers(methodology: dtindex.Methodology) -> None:
    tree = methodology.tree
    capabilities = [child for dimension in DIMENSIONS for child in tree.children[dimension]]
    assert len(capabilities) == 16
    assert all(len(tree.children[capability]) >= 2 for capability in capabilities)


def test_the_ideal_enterprise_has_every_best_answer(methodology: dtindex.Methodology) -> None:
    """Of each question that is scored, points rise from nothing to the most, so 0 and 100 can be reached."""
    for item in methodology.tree.scored:
        normalise = methodology.tree.indicators[item].normalise
        assert normalise.best > normalise.worst, item


def test_some_questions_are_worded_the_other_way_round(methodology: dtindex.Methodology) -> None:
    scales = [question.id for question in methodology.questions if getattr(question, "reverse", False)]
    assert scales == ["F4", "T2"]
    rows = [row.id for q in methodology.questions if isinstance(q, MatrixQuestion) for row in q.rows if row.reverse]
    assert rows == ["manual", "silos"]


def test_any_run_that_counts_as_straight_lining_meets_a_reversed_row(methodology: dtindex.Methodology) -> None:
    assert methodology.survey is not None
    rule = next(rule for rule in methodology.survey.careless if rule.method == "straight-lining")
    rows = [row.reverse for name in rule.of for row in methodology.tree.questions[name].rows]
    assert rule.run is not None
    assert all(any(rows[start : start + rule.run]) for start in range(len(rows) - rule.run + 1))


def test_dont_know_is_no_answer(methodology: dtindex.Methodology) -> None:
    matrix = methodology.tree.questions["D2"]
    assert isinstance(matrix, MatrixQuestion)
    statuses = {code: rule.status for code, rule in matrix.codes.items()}
    assert {code for code, status in statuses.items() if status == "not-applicable"} == {
        "9",
        "不适用",
        "not applicable",
        "Not applicable",
    }
    assert {code for code, status in statuses.items() if status == "missing"} == {
        "8",
        "不知道",
        "不清楚",
        "don't know",
        "Don't know",
    }


def test_without_a_programme_its_follow_ups_are_not_asked(methodology: dtindex.Methodology) -> None:
    skipped = {q.id: q.skip_when for q in methodology.questions if q.skip_when is not None}
    assert set(skipped) == {"S2", "S3"}
    assert {(rule.question, rule.answers) for rule in skipped.values()} == {("S1", ("none",))}


def test_none_excludes_the_other_answers(methodology: dtindex.Methodology) -> None:
    for question in methodology.questions:
        if isinstance(question, MultipleQuestion):
            assert [option.id for option in question.options if option.alone] == ["none"], question.id


def test_profile(methodology: dtindex.Methodology) -> None:
    assert methodology.units.groups == ("industry", "size", "region")
    for group in (*methodology.units.groups, "role"):
        assert isinstance(methodology.tree.questions[group], SingleQuestion)
    industries = methodology.tree.questions["industry"]
    assert isinstance(industries, SingleQuestion)
    assert len(industries.options) == 8


# --- what is printed ---


def test_every_headline_is_one_answer_to_one_question(methodology: dtindex.Methodology, plan: SamplePlan) -> None:
    found = {item.id: item for item in methodology.indicators if "headline" in item.tags}
    assert set(found) == set(HEADLINES)
    printed = {Answer(question=one.question, option=one.option): one for one in plan.shares}
    for name, share in HEADLINES.items():
        assert found[name].parent is None
        answer = found[name].answer
        assert answer is not None
        assert printed[answer].share == share
        assert printed[answer].study == "china2023"
    assert len(printed) == len(plan.shares) == len(HEADLINES)


def test_shares_of_one_choice_fit_beside_each_other(methodology: dtindex.Methodology, plan: SamplePlan) -> None:
    totals: Counter[str] = Counter()
    for one in plan.shares:
        totals[one.question] += round(100 * one.share)
    singles = {name for name in totals if isinstance(methodology.tree.questions[name], SingleQuestion)}
    assert {name: totals[name] for name in singles} == {"F1": 80, "F2": 22, "F3": 28, "I2": 57, "T1": 33}
    assert set(totals) - singles == {"P1"}


def test_means_and_reinventors_as_printed(plan: SamplePlan) -> None:
    means = {one.item: one for one in plan.means}
    assert (means["operations"].mean, means["operations"].study) == (58, "china2023")
    assert (means["digital_core"].mean, means["digital_core"].study) == (39, "fccihk2023")
    assert means["talent"].below
    assert means["talent"].mean < 40
    assert origin(means["talent"].provenance) is Origin.ASSUMED
    assert all(origin(one.provenance) is Origin.ASSUMED for one in plan.means if one.study is None)
    assert [(one.class_, one.share, one.study) for one in plan.classes] == [("reinventor", 0.02, "china2023")]


def test_comparisons_of_the_global_study(plan: SamplePlan) -> None:
    normal = [one for one in plan.outcomes if isinstance(one, NormalOutcome)]
    assert {one.item: one.ratios["reinventor"] for one in normal} == RATIOS
    assert {one.study for one in normal} == {"global1516"}
    goals = next(one for one in plan.outcomes if isinstance(one, ShareOutcome) and one.question is not None)
    assert (goals.question, goals.option) == ("nonfinancial_goals", "very_important")
    assert (goals.share, goals.shares, goals.study) == (0.30, {"reinventor": 0.76}, "global1516")


def test_half_of_the_reinventors_are_no_champions(methodology: dtindex.Methodology, plan: SamplePlan) -> None:
    champions = next(one for one in plan.outcomes if isinstance(one, ShareOutcome) and one.item is not None)
    assert (champions.item, champions.above, champions.range) == ("new_business_share", 50, (0, 100))
    assert (champions.share, champions.shares, champions.study) == (0.17, {"reinventor": 0.5}, "edition2022")
    question = methodology.tree.questions["new_business_share"]
    assert isinstance(question, NumberQuestion)
    assert question.bands is None


def test_champions_are_told_by_their_revenue_alone(methodology: dtindex.Methodology) -> None:
    """More than half of revenue from business begun in the past three years: the published test of 2018 to 2022."""
    champion, other = (rule for rule in methodology.classes if rule.scheme == "leadership")
    assert champion.when is not None
    assert (champion.id, champion.when.id, champion.when.above) == ("champion", "new_business_share", 50)
    assert (other.id, other.when) == ("other", None)
    assert origin(champion.provenance) is Origin.PUBLISHED
    assert isinstance(champion.provenance, ProvenanceNote)
    assert champion.provenance.source == "edition2018"


def test_reinventors_stand_out_in_every_dimension(methodology: dtindex.Methodology) -> None:
    reinventor, *_ = methodology.classes
    assert reinventor.when is not None
    assert tuple(condition.id for condition in reinventor.when.all or ()) == DIMENSIONS
    assert all(condition.at_least is not None for condition in reinventor.when.all or ())


def test_priorities_are_a_ranking(methodology: dtindex.Methodology) -> None:
    question = methodology.tree.questions["F6"]
    assert isinstance(question, RankingQuestion)
    assert question.points == (3, 2, 1)
    assert len(question.options) == 6


def test_strata_and_population(plan: SamplePlan) -> None:
    assert set(plan.strata) == {"industry", "size", "region"}
    assert plan.weights is not None
    assert set(plan.weights.population) == set(plan.strata["size"])
    assert (plan.missing, plan.careless, plan.assume) == (0.02, 0.03, "instrument-v1")
