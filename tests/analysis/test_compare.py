"""The comparison as a whole: the newsletter's six rows, small and empty groups, weights, order of rows, bad names."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

import dtindex as dti
from dtindex.findings import UsageError
from dtindex.spec import parse_methodology

ACCENTURE = "accenture-reinvention-2023"
SIX = {
    "revenue_growth": 1.10,
    "cost_improvement": 1.13,
    "financial_value": 1.30,
    "nonfinancial_goals": 0.76 / 0.30,
    "esg_performance": 1.32,
    "talent_experience": 1.11,
}
"""Reinventors against others, as printed in the newsletter (global survey, N = 1,516)."""

TEXT = """
schema_version: 1
id: example
title: Example
units: {kind: firm, key: firm, groups: [industry, site]}
survey: {weight: weight}
nodes: [{id: index}]
indicators:
  - {id: score, parent: index, weight: 1, normalise: {method: goalposts, worst: 0, best: 100}}
  - {id: growth, tags: [outcome], label: {en: Growth, zh: 增长}, unit: "%"}
  - {id: value, tags: [outcome, times]}
  - {id: agrees, tags: [outcome]}
classes:
  - {id: top, label: {en: Top, zh: 头部}, when: {id: index, at_least: 80}}
  - {id: middle, when: {id: index, at_least: 40}}
  - {id: low}
"""


def scores_of(score, growth, *, weight=None, agrees=None, industry=None, site=None, text=TEXT):
    """Scores of firms made up of columns; a column that is not given is 1, or A."""
    import pandas as pd

    n = len(score)
    frame = pd.DataFrame(
        {
            "firm": [f"f{number:05d}" for number in range(n)],
            "score": score,
            "growth": growth,
            "value": growth,
            "agrees": np.arange(n) % 2 if agrees is None else agrees,
            "industry": ["A"] * n if industry is None else industry,
            "site": [str(number % 5) for number in range(n)] if site is None else site,
        }
    )
    if weight is None:
        text = text.replace("survey: {weight: weight}\n", "")
    else:
        frame["weight"] = weight
    methodology, findings = parse_methodology(text, "example.yaml")
    assert methodology is not None, str(findings)
    return dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).score()


@pytest.fixture(scope="module")
def usual():
    rng = np.random.default_rng(1)
    score = rng.uniform(0, 100, 300)
    return scores_of(
        score,
        rng.normal(8, 2, 300) + score / 100,
        weight=rng.uniform(0.5, 2, 300),
        industry=rng.choice(["A", "B", "C"], 300),
    )


@pytest.fixture(scope="module")
def sample():
    methodology = dti.load_methodology(ACCENTURE)
    table = dti.read_table(dti.sample(methodology, 20_000, seed=1).table, methodology)
    return dti.CompositeIndex(methodology, assume="instrument-v1").fit(table).score()


@pytest.fixture(scope="module")
def newsletter(sample):
    return dti.compare(sample, outcomes=list(SIX))


def row(found, outcome, statistic, of=""):
    frame = found.frame
    own = frame[(frame["outcome"] == outcome) & (frame["statistic"] == statistic)]
    return (own[own["of"] == of] if of else own).iloc[0]


# -- the six rows --


@pytest.mark.parametrize("statistic", ["ratio", "bootstrap_ratio"])
def test_the_six_ratios_are_within_their_intervals(newsletter, statistic):
    for outcome, printed in SIX.items():
        found = row(newsletter, outcome, statistic)
        assert found["low"] <= printed <= found["high"], outcome


def test_the_two_shares_are_within_theirs(newsletter):
    for side, printed in (("group", 0.76), ("against", 0.30)):
        found = row(newsletter, "nonfinancial_goals", "share", side)
        assert found["low"] <= printed <= found["high"]


def test_it_is_told_as_the_newsletter_tells_it(newsletter):
    assert [one.form for one in newsletter.answers] == [
        "per cent",
        "per cent",
        "times",
        "shares",
        "per cent",
        "per cent",
    ]
    english, chinese = newsletter.table("en"), newsletter.table("zh")
    assert list(english.columns[:4]) == ["Outcome", "Reinventor", "Others", "Difference"]
    assert list(chinese.columns[:4]) == ["指标", "重塑者", "其他企业", "差异"]
    assert english["Difference"][2] == "1.3x"
    assert chinese["差异"][2] == "1.3倍"
    assert english["Difference"][3].endswith("% against 30 %")
    assert chinese["差异"][3].endswith("%（其他企业30%）")
    assert set(english["Sig."]) == {"***"}
    assert not newsletter.findings.warnings


def test_nothing_is_nan(newsletter):
    text = json.dumps(newsletter.to_dict(), allow_nan=False)
    assert "NaN" not in text
    assert " nan" not in newsletter.table().to_string().casefold()
    frame = newsletter.frame
    assert not any(value != value for name in ("value", "low", "high", "p") for value in frame[name].dropna())


def test_the_tag_names_the_outcomes(sample):
    found = dti.compare(sample, permutations=10, resamples=10)
    assert found.outcomes == tuple(SIX)


# -- what is used where --


def test_weights_enter_means_and_not_ranks(usual):
    weighted, plain = dti.compare(usual), dti.compare(usual, weights=False)
    columns = usual.measured_columns["growth"], usual.table.weights
    top = usual.class_values["class"] == "top"
    expected = [np.average(columns[0][rows], weights=columns[1][rows]) for rows in (top, ~top)]
    assert row(weighted, "growth", "difference")["value"] == pytest.approx(expected[0] - expected[1])
    assert row(plain, "growth", "difference")["p"] == pytest.approx(
        stats.ttest_ind(columns[0][top], columns[0][~top], equal_var=False).pvalue
    )
    for statistic in ("welch_t", "mann_whitney_u", "permutation", "hedges_g", "cliffs_delta", "superiority"):
        one, other = row(weighted, "growth", statistic), row(plain, "growth", statistic)
        assert one["value"] == other["value"]
        assert not one["weighted"]
    assert row(weighted, "growth", "told")["weighted"]
    assert "DT376" in weighted.findings.codes
    assert "DT376" not in plain.findings.codes


def test_controls_and_clusters(usual):
    found = dti.compare(usual, outcomes=["growth"], controls=["industry", "agrees"], cluster="site")
    assert row(found, "growth", "adjusted")["method"] == "5 clusters, CR1"
    assert row(found, "growth", "told")["method"] == "difference: linearised, 5 clusters"
    assert row(found, "growth", "told")["clustered"]
    assert not row(found, "growth", "bootstrap_ratio")["clustered"]
    assert "With controls" in found.table().columns


def test_each_pair(usual):
    found = dti.compare(usual, outcomes=["growth"], against="each", permutations=50, resamples=50)
    assert found.pairs == (("top", "middle"), ("top", "low"), ("middle", "low"))
    told = found.frame[found.frame["statistic"] == "told"]
    smallest = told["p"].min()
    assert told["p_adjusted"].min() == pytest.approx(3 * smallest)
    assert list(found.table().columns[:3]) == ["Outcome", "Group", "Against"]


def test_a_text_column(usual):
    found = dti.compare(usual, "industry", ["growth", "index"], permutations=50, resamples=50)
    assert found.pairs == (("A", "others"),)
    assert found.answers[1].members[0] == (usual.table.texts["industry"] == "A").sum()


def test_adjustment(usual):
    p_values = [one.p for one in dti.compare(usual).answers]
    holm = dti.compare(usual, permutations=20, resamples=20).frame
    assert holm[holm["statistic"] == "told"]["p_adjusted"].max() <= 1
    none = dti.compare(usual, adjust=None, permutations=20, resamples=20).frame
    assert list(none[none["statistic"] == "told"]["p_adjusted"]) == pytest.approx(p_values)


# -- the same again --


def test_shuffled_rows_change_no_bit():
    methodology = dti.load_methodology(ACCENTURE)
    table = dti.sample(methodology, 1500, seed=3).table
    order = np.random.default_rng(1).permutation(1500)
    found = []
    for rows in (table, table.take(order)):
        scores = dti.CompositeIndex(methodology, assume="instrument-v1").fit(dti.read_table(rows, methodology)).score()
        compared = dti.compare(scores, controls=["industry"], permutations=300, resamples=200)
        found.append(json.dumps(compared.to_dict()["comparison"]))
        again = dti.compare(scores, controls=["industry"], permutations=300, resamples=200)
        assert json.dumps(again.to_dict()["comparison"]) == found[-1]
    assert found[0] == found[1]


def test_the_seed_moves_only_what_is_drawn(usual):
    frames = [dti.compare(usual, seed=seed, permutations=500, resamples=200).frame for seed in (1, 2)]
    drawn = frames[0]["statistic"].str.startswith(("bootstrap", "permutation"))
    assert frames[0][~drawn].equals(frames[1][~drawn])
    assert not frames[0][drawn].equals(frames[1][drawn])


def test_an_outcome_does_not_depend_on_the_others(usual):
    alone = dti.compare(usual, outcomes=["growth"], adjust=None).frame
    beside = dti.compare(usual, outcomes=["agrees", "growth"], adjust=None).frame
    assert beside[beside["outcome"] == "growth"].reset_index(drop=True).equals(alone)


# -- bad input --


def _groups(top: int, rest: int = 40):
    rng = np.random.default_rng(top)
    return np.repeat([90.0, 20.0], [top, rest]), rng.normal(5, 1, top + rest).round(6)


@pytest.mark.parametrize(
    ("top", "code", "test"),
    [(0, "DT372", None), (1, "DT372", "permutation"), (3, "DT371", "permutation"), (10, None, "difference")],
)
def test_few_members(top, code, test):
    found = dti.compare(scores_of(*_groups(top)))
    growth = found.answers[0]
    assert growth.test == test
    # Three may be so few that a ratio's divisor is not told apart from zero.
    assert [one for one in found.findings.codes if (one, top) != ("DT375", 3)] == ([code] if code else [])
    assert "nan" not in found.table().to_string().casefold()
    json.dumps(found.to_dict(), allow_nan=False)
    missing = found.frame[found.frame["value"].isna()]
    assert (missing["reason"] != "").all()


def test_one_member_has_an_exact_test():
    """One of 41: p is the share of those whose distance from the rest's mean is as large."""
    score, growth = _groups(1)
    growth[0] = 99.0
    found = dti.compare(scores_of(score, growth), outcomes=["growth"])
    assert row(found, "growth", "permutation")["p"] == pytest.approx(1 / 41)
    assert row(found, "growth", "difference")["reason"] == "one member alone: no interval and no test"
    assert found.table()["Test"][0] == "exact"


def test_nobody_is_said_once_and_not_for_every_outcome():
    found = dti.compare(scores_of(*_groups(0)))
    assert found.findings.codes == ["DT372"]
    assert found.table()["Difference"].str.startswith("not computable: no value in the group").all()
    assert found.table("zh")["差异"].str.startswith("无法计算").all()


def test_no_variation_and_no_values():
    score, growth = _groups(20)
    flat = dti.compare(scores_of(score, np.full(60, 7.0)), outcomes=["growth"])
    assert flat.findings.codes == ["DT373"]
    assert flat.answers[0].p is None
    growth[:20] = np.nan
    empty = dti.compare(scores_of(score, growth), outcomes=["growth"])
    assert empty.findings.codes == ["DT373"]
    assert row(empty, "growth", "missing", "group")["value"] == 20
    growth[17:20] = [4.0, 5.0, 6.0]
    few = dti.compare(scores_of(score, growth), outcomes=["growth"])
    assert few.findings.codes == ["DT371"]
    assert few.answers[0].members == (3, 40)


def test_all_say_yes():
    score, growth = _groups(20)
    found = dti.compare(scores_of(score, growth, agrees=np.ones(60)), outcomes=["agrees"])
    assert found.findings.codes == ["DT373"]
    assert "nan" not in found.table().to_string().casefold()


def test_a_mean_below_zero_is_told_as_a_difference():
    score, growth = _groups(20)
    found = dti.compare(scores_of(score, growth - 20), outcomes=["growth"])
    assert found.answers[0].form == "difference"
    assert "DT375" in found.findings.codes


def test_weights_of_zero_leave_out():
    score, growth = _groups(20)
    weight = np.where(np.arange(60) < 20, 0.0, 1.0)
    found = dti.compare(scores_of(score, growth, weight=weight), outcomes=["growth"])
    assert {"DT372", "DT374"} <= set(found.findings.codes)
    assert found.answers[0].members == (0, 40)
    assert dti.compare(scores_of(score, growth, weight=weight), outcomes=["growth"], weights=False).rows == 60


def test_circularity_is_said(usual):
    found = dti.compare(usual, outcomes=["index", "growth"], permutations=20, resamples=20)
    assert [(one.code, one.place.name) for one in found.findings.warnings] == [("DT370", "index")]
    assert found.table()["Remark"][0] == "also an input of the groups"
    assert found.to_dict()["inputs"] == {"index": ["index", "score"]}


def test_an_unknown_class_is_in_no_group():
    score, growth = _groups(20)
    score[5] = np.nan
    found = dti.compare(scores_of(score, growth), outcomes=["growth"])
    assert found.answers[0].members == (19, 40)
    assert found.findings.codes == ["DT374"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"by": "clas"}, "nearest is 'class'"),
        ({"outcomes": ["growht"]}, "nearest is 'growth'"),
        ({"outcomes": []}, "no outcome was named"),
        ({"group": "topp"}, "nearest is 'top'"),
        ({"against": "lo"}, "no group 'lo'"),
        ({"group": "top", "against": "top"}, "against itself"),
        ({"controls": ["industri"]}, "nearest is 'industry'"),
        ({"cluster": "nowhere"}, "no text column"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"adjust": "bonferroni"}, "holm, bh or None"),
        ({"resamples": 0}, "expected 1 or more"),
        ({"forms": {"growth": "shares"}}, "has no shares"),
        ({"forms": {"growth": "percent"}}, "expected per cent"),
        ({"forms": {"index": "times"}}, "no outcome here"),
        ({"period": "2020"}, "no periods"),
    ],
)
def test_what_cannot_be_asked(usual, words, said):
    with pytest.raises(UsageError, match=said):
        dti.compare(usual, **words)


def test_a_panel_takes_one_period():
    methodology = dti.load_methodology("nbs-new-drivers-2014")
    scores = dti.CompositeIndex(methodology).fit().score()
    assert scores.periods is not None
    with pytest.raises(UsageError, match="not in the table"):
        dti.compare(scores, outcomes=[scores.items[0]], period="1066")
