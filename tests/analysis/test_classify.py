"""`classify`: margins by hand, probabilities against closed forms and simulation, and what must not matter."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import dtindex as dti
from dtindex.analysis.classes.membership import word
from dtindex.analysis.reliability import cronbach_alpha

_SPEC = importlib.util.spec_from_file_location("small_index", Path(__file__).parent / "classes" / "small_index.py")
assert _SPEC is not None
assert _SPEC.loader is not None
made = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(made)

ACCENTURE = "accenture-reinvention-2023"
QUICK = {"most_profiles": 0}


def quick(scores: dti.Scores, **settings: object) -> dti.Classification:
    return dti.classify(scores, **{**QUICK, **settings})


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return made.answers(300)


def dimension(values: np.ndarray, place: int) -> np.ndarray:
    return values[:, 3 * place : 3 * place + 3].mean(axis=1)


# --- margins ---


def test_margins_by_hand(values: np.ndarray) -> None:
    """min over dimensions of (D - 60) / sd."""
    found = quick(made.scores_of(values)).units
    columns = [(dimension(values, d) - 60) / dimension(values, d).std(ddof=1) for d in (0, 1)]
    assert found["margin"].to_numpy() == pytest.approx(np.minimum(*columns), abs=1e-9)
    assert found["binding"].tolist() == [("d1", "d2")[int(b < a)] for a, b in zip(*columns, strict=True)]
    assert ((found["margin"] >= 0) == (found["class"] == "top")).all()


@pytest.mark.parametrize("kind", ["at_least: 55", "quantile: 0.8", "of_best: 0.9"])
@pytest.mark.parametrize("negated", [False, True])
def test_a_margin_says_what_the_rule_says(values: np.ndarray, kind: str, negated: bool) -> None:
    """But at the bound itself, which a strict one leaves out."""
    own = f"{{id: d1, {kind}}}"
    rule = f"{{id: top, when: {{not: {own}}}}}" if negated else f"{{id: top, when: {own}}}"
    found = quick(made.scores_of(values, rule, made.REST)).units
    off = found[found["margin"] != 0]
    assert ((off["margin"] > 0) == (off["class"] == "top")).all()
    assert (found[found["margin"] == 0]["class"] == ("rest" if negated else "top")).all()


def test_the_deviation_is_that_of_the_edition(values: np.ndarray) -> None:
    index = dti.CompositeIndex(made.methodology_of(made.BOTH, made.REST)).fit(made.table_of(values))
    one = made.table_of(values[:1])
    alone = quick(index.freeze("x").score(one))
    assert alone.units["margin"][0] == pytest.approx(quick(index.score()).units["margin"][0], rel=1e-12)
    assert alone.units["probability"].isna().all()  # one row has no reliability
    given = quick(index.freeze("x").score(one), error={"d1": 5, "d2": 5})
    assert given.units["probability"].notna().all()


def test_a_rule_without_bounds_has_no_margin(values: np.ndarray) -> None:
    either = "{id: top, when: {any: [{id: d1, at_least: 60}, {id: d2, at_least: 60}]}}"
    found = quick(made.scores_of(values, either, made.REST), runs=400)
    assert found.units["margin"].isna().all()
    assert set(found.units["binding"]) == {""}
    assert found.units["probability"].notna().all()
    assert "DT364" in found.findings.codes
    assert "DT366" in found.findings.codes  # no calibration either


def test_the_last_class_and_a_later_one(values: np.ndarray) -> None:
    """What is left over has no bound; a later class is one of which the earlier does not hold."""
    some = "{id: some, when: {id: d1, at_least: 50}}"
    scores = made.scores_of(values, made.BOTH, some, made.REST)
    assert "DT364" in quick(scores, of="rest", runs=200).findings.codes
    parts = [quick(scores, of=name, runs=2000).units["probability"] for name in ("top", "some", "rest")]
    assert sum(parts).to_numpy() == pytest.approx(1, abs=0.06)  # the first by its box, the others by simulation
    assert parts[1][scores.class_values["class"] == "top"].mean() < 0.5


# --- measurement error ---


def test_the_standard_error_is_that_of_the_reliability(values: np.ndarray) -> None:
    found = quick(made.scores_of(values)).bounds.set_index("item")
    for place, item in enumerate(("d1", "d2")):
        alpha = cronbach_alpha(np.cov(values[:, 3 * place : 3 * place + 3].T))
        spread = dimension(values, place).std(ddof=1)
        assert found["alpha"][item] == pytest.approx(alpha)
        assert found["sem"][item] == pytest.approx(spread * np.sqrt(1 - alpha))


def test_the_standard_error_is_the_error_that_is_there() -> None:
    """Items with errors of 10 each: the mean of three has one of 10 / sqrt 3."""
    rng = np.random.default_rng(1)
    true = rng.normal(50, 12, 20_000)
    items = [true + 6 * rng.standard_normal(20_000) for _ in range(6)]
    found = quick(made.scores_of(np.column_stack([*items, true]))).bounds
    assert found["sem"].to_numpy() == pytest.approx(6 / np.sqrt(3), rel=0.03)


def test_one_dimension_is_phi(values: np.ndarray) -> None:
    scores = made.scores_of(values, "{id: top, when: {id: d1, at_least: 60}}", made.REST)
    found = quick(scores, error={"d1": 4.0}).units
    assert found["probability"].to_numpy() == pytest.approx(norm.cdf((dimension(values, 0) - 60) / 4), abs=1e-9)
    assert (found["probability"] == found["measurement"]).all()


def test_independent_dimensions_multiply(values: np.ndarray) -> None:
    found = quick(made.scores_of(values), error={"d1": 4.0, "d2": 7.0}).units
    expected = norm.cdf((dimension(values, 0) - 60) / 4) * norm.cdf((dimension(values, 1) - 60) / 7)
    assert found["probability"].to_numpy() == pytest.approx(expected, abs=1e-9)


def test_correlated_errors_against_simulation(values: np.ndarray) -> None:
    covariance = pd.DataFrame([[25.0, 18.0], [18.0, 36.0]], index=["d1", "d2"], columns=["d1", "d2"])
    found = quick(made.scores_of(values), error=covariance).units["probability"].to_numpy()
    drawn = np.random.default_rng(0).multivariate_normal([0, 0], covariance, 100_000)
    for row in np.flatnonzero((found > 0.01) & (found < 0.99))[:20]:
        share = (
            (dimension(values, 0)[row] + drawn[:, 0] >= 60) & (dimension(values, 1)[row] + drawn[:, 1] >= 60)
        ).mean()
        assert found[row] == pytest.approx(share, abs=6e-3)


def test_both_ends_of_one_item(values: np.ndarray) -> None:
    rule = "{id: top, when: {id: d1, at_least: 45, below: 55}}"
    found = quick(made.scores_of(values, rule, made.REST), error={"d1": 3.0}).units["probability"]
    own = dimension(values, 0)
    assert found.to_numpy() == pytest.approx(norm.cdf((55 - own) / 3) - norm.cdf((45 - own) / 3), abs=1e-9)


@pytest.mark.parametrize("weight", [1, 3])
def test_a_total_has_the_errors_of_its_parts(values: np.ndarray, weight: float) -> None:
    """index = (w d1 + d2) / (w + 1), so its error is (w e1 + e2) / (w + 1): by simulation of two errors."""
    rule = "{id: top, when: {all: [{id: d1, at_least: 55}, {id: d2, at_least: 55}, {id: index, at_least: 60}]}}"
    scores = made.scores_of(values, rule, made.REST, weight=weight)
    answer = quick(scores, error={"d1": 6.0, "d2": 3.0})
    sems = answer.bounds.set_index("item")["sem"]
    assert sems["index"] == pytest.approx(np.sqrt((weight * 6) ** 2 + 9) / (weight + 1))
    errors = np.random.default_rng(0).standard_normal((50_000, 2)) * [6, 3]
    found = answer.units["probability"].to_numpy()
    for row in np.flatnonzero((found > 0.02) & (found < 0.98))[:15]:
        d1, d2 = dimension(values, 0)[row] + errors[:, 0], dimension(values, 1)[row] + errors[:, 1]
        share = ((d1 >= 55) & (d2 >= 55) & ((weight * d1 + d2) / (weight + 1) >= 60)).mean()
        assert found[row] == pytest.approx(share, abs=8e-3)


def test_the_box_and_the_rules_agree(values: np.ndarray) -> None:
    """The same class, once as bounds and once as a count of all of them, which is simulated."""
    count = "{id: top, when: {count: {of: [d1, d2], at_least: 60}, at_least: 2}}"
    error = {"d1": 6.0, "d2": 6.0}
    box = quick(made.scores_of(values), error=error).units["probability"]
    rules = quick(made.scores_of(values, count, made.REST), error=error, runs=4000).units["probability"]
    assert rules.to_numpy() == pytest.approx(box.to_numpy(), abs=0.04)


def test_far_away_it_is_one_or_nothing(values: np.ndarray) -> None:
    found = quick(made.scores_of(values), error={"d1": 0.01, "d2": 0.01}).units
    away = found[found["margin"].abs() > 0.05]
    assert away["probability"].to_numpy() == pytest.approx((away["class"] == "top").to_numpy(float), abs=1e-12)
    none = quick(made.scores_of(values), error={"d1": 0.0, "d2": 0.0}).units
    assert (none["probability"] == (none["class"] == "top")).all()


def test_more_is_never_less_likely(values: np.ndarray) -> None:
    """Raise one dimension of one unit, everything else the same."""
    ladder = values.copy()
    ladder[:20] = ladder[0]
    ladder[:20, 3:6] = 64
    ladder[:20, :3] = np.linspace(40, 80, 20)[:, None]
    for rules in (
        (made.BOTH, made.REST),
        ("{id: top, when: {all: [{id: d1, quantile: 0.7}, {id: d2, of_best: 0.5}]}}",),
    ):
        found = quick(made.scores_of(ladder, *rules), runs=300).units["probability"].to_numpy()[:20]
        assert (np.diff(found) >= 0).all()
        assert found[-1] > found[0]


@pytest.mark.parametrize(
    ("probability", "said"),
    [(1.0, "firm"), (0.95, "firm"), (0.9499, "likely"), (0.5, "likely"), (0.49, "borderline"), (0.05, "borderline"),
     (0.0499, "no"), (0.0, "no"), (float("nan"), "")],
)  # fmt: skip
def test_words(probability: float, said: str) -> None:
    assert word(probability) == said


# --- sampling error ---


def test_the_bootstrap_of_a_quantile_is_binomial() -> None:
    """``P(x_(k)* <= x_(j)) = P(Bin(n, j / n) >= k)``: a unit of rank j from below reaches the drawn quantile."""
    from scipy.stats import binom

    column = np.arange(1.0, 41.0)
    values = np.column_stack([*[column] * 6, column])
    scores = made.scores_of(values, "{id: top, when: {id: d1, quantile: 0.75}}", made.REST)
    found = quick(scores, runs=20_000, error={"d1": 0.0}).units
    expected = binom.sf(29, 40, np.arange(1, 41) / 40)  # k = 30
    assert found["sampling"].to_numpy() == pytest.approx(expected, abs=0.012)
    assert (found["probability"] == found["sampling"]).all()


def test_the_bootstrap_of_the_best() -> None:
    """The best of n is drawn with probability ``1 - (1 - 1/n)^n``; else a lower one is the best."""
    column = np.arange(1.0, 21.0)
    scores = made.scores_of(
        np.column_stack([*[column] * 6, column]), "{id: top, when: {id: d1, of_best: 1}}", made.REST
    )
    found = quick(scores, runs=20_000, error={"d1": 0.0}).units["sampling"].to_numpy()
    assert found[-1] == 1
    assert found[-2] == pytest.approx((1 - 1 / 20) ** 20, abs=0.012)
    assert found[-3] == pytest.approx((1 - 2 / 20) ** 20, abs=0.012)


def test_units_are_drawn_whole(values: np.ndarray) -> None:
    """Two columns that are one: its bounds move together, and the second asks for nothing more."""
    twice = values.copy()
    twice[:, 3:6] = twice[:, :3]
    one = made.scores_of(twice, "{id: top, when: {id: d1, quantile: 0.8}}", made.REST)
    two = made.scores_of(twice, "{id: top, when: {all: [{id: d1, quantile: 0.8}, {id: d2, quantile: 0.8}]}}", made.REST)
    error = {"d1": 0.0, "d2": 0.0}
    first, second = (quick(scores, runs=500, error=error).units["sampling"] for scores in (one, two))
    assert first.to_numpy() == pytest.approx(second.to_numpy(), abs=1e-12)


def test_an_edition_knows_each_item_by_itself(values: np.ndarray) -> None:
    rule = "{id: top, when: {all: [{id: d1, quantile: 0.7}, {id: d2, quantile: 0.7}]}}"
    index = dti.CompositeIndex(made.methodology_of(rule, made.REST)).fit(made.table_of(values))
    found = quick(index.freeze("x").score(made.table_of(values[:50])), runs=300)
    assert "DT368" in found.findings.codes
    assert "DT368" not in quick(index.score(), runs=300).findings.codes
    assert found.units["sampling"].notna().all()


def test_weighted_draws(values: np.ndarray) -> None:
    """Where high scores weigh more, the drawn quantile lies higher."""
    weights = np.where(dimension(values, 0) > 55, 5.0, 1.0)
    scores = made.scores_of(values, "{id: top, when: {id: d1, quantile: 0.8}}", made.REST, weights=weights)
    plain, weighted = (quick(scores, runs=300, weighted=one).units["sampling"].mean() for one in (False, True))
    assert weighted < plain


# --- what must not matter ---


@pytest.mark.parametrize(
    "rules",
    [
        (made.BOTH, made.REST),
        ("{id: top, when: {all: [{id: d1, quantile: 0.7}, {id: d2, of_best: 0.5}]}}", made.REST),
        ("{id: top, when: {any: [{id: d1, quantile: 0.7}, {id: m, above: 8}]}}", made.REST),
    ],
)
def test_the_order_of_rows_and_equal_seeds(values: np.ndarray, rules: tuple[str, ...]) -> None:
    rows = values[:120]
    names = [f"u{row:03d}" for row in range(120)]
    order = np.random.default_rng(2).permutation(120)
    one = made.scores_of(rows, *rules, units=names)
    other = made.scores_of(rows[order], *rules, units=[names[row] for row in order])
    found = [dti.classify(scores, runs=200, most_profiles=2, resamples=3, seed=4) for scores in (one, other, one)]
    documents = [answer.to_dict() for answer in found]
    assert documents[0] == documents[1] == documents[2]


def test_fewer_runs_are_the_first_of_more(values: np.ndarray) -> None:
    """Blocks of 64, each from its own stream: 64 of 128 runs are those of 64."""
    scores = made.scores_of(values, "{id: top, when: {id: d1, quantile: 0.7}}", made.REST)
    few, many = (quick(scores, runs=runs).units["sampling"].to_numpy() * runs for runs in (64, 128))
    assert (many >= few - 1e-9).all()
    assert (many - few <= 64 + 1e-9).all()


# --- shares and the cross table ---


def test_shares_and_the_cross_table(values: np.ndarray) -> None:
    weights = np.random.default_rng(1).uniform(0.5, 3, len(values))
    lead = "{id: lead, scheme: growth, when: {id: m, above: 5}}"
    other = "{id: other, scheme: growth}"
    scores = made.scores_of(values, made.BOTH, made.REST, lead, other, weights=weights)
    found = quick(scores)
    top, led = scores.class_values["class"] == "top", values[:, 6] > 5
    shares = found.shares.set_index(["scheme", "class"])
    assert shares["count"]["class", "top"] == top.sum()
    assert shares["weighted_share"]["class", "top"] == pytest.approx(weights[top].sum() / weights.sum())
    assert shares.groupby("scheme")["share"].sum().to_numpy() == pytest.approx(1)
    cross = found.crosstab.set_index(["class", "other"])
    assert cross["count"]["top", "lead"] == (top & led).sum()
    assert cross["share"]["top", "lead"] == pytest.approx(led[top].mean())
    assert cross["share_of_other"]["top", "lead"] == pytest.approx(top[led].mean())
    assert cross["share_of_all"].sum() == pytest.approx(1)
    assert cross["weighted_share"]["top", "lead"] == pytest.approx(weights[top & led].sum() / weights[top].sum())
    assert cross["count"].sum() == len(values)
    assert (found.against, found.others["growth"]["class"][0]) == ("growth", "lead" if led[0] else "other")


def test_eight_firms_of_four_hundred() -> None:
    """2 % of 400 is 8 firms: 1.0 to 3.9 % by Wilson's interval, 0.9 to 3.9 by the exact one."""
    column = np.r_[np.full(8, 80.0), np.linspace(10, 50, 392)]
    row = quick(made.scores_of(np.column_stack([*[column] * 6, column]))).shares.iloc[0]
    assert (row["count"], row["units"], row["share"]) == (8, 400, 0.02)
    assert [round(100 * row[one], 1) for one in ("low", "high", "exact_low", "exact_high")] == [1.0, 3.9, 0.9, 3.9]


def test_without_weights_nothing_is_weighted(values: np.ndarray) -> None:
    assert not [name for name in quick(made.scores_of(values)).shares.columns if name.startswith("weighted")]


# --- panels ---


def test_each_period_against_its_own(values: np.ndarray) -> None:
    rows = np.vstack([values[:60], values[:60] + 8])
    names = [f"u{row:03d}" for row in range(60)] * 2
    rule = "{id: top, when: {id: d1, quantile: 0.8}}"
    scores = made.scores_of(rows, rule, made.REST, units=names, periods=["2022"] * 60 + ["2023"] * 60)
    latest, pooled = quick(scores, runs=100), quick(scores, runs=100, period="all")
    assert (len(latest.units), len(pooled.units)) == (60, 120)
    assert set(latest.units["period"]) == {"2023"}
    own = pooled.units[pooled.units["period"] == "2023"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, latest.units)
    assert pooled.units["period"].tolist()[:2] == ["2022", "2023"]
    assert len(pooled.bounds) == 2
    with pytest.raises(dti.UsageError, match="no period '2024'"):
        quick(scores, period="2024")


# --- bad input ---


def codes(found: dti.Classification) -> list[str]:
    """Its codes; and no NaN in what is written."""
    assert "NaN" not in str(found.to_dict()).replace("nan", "NaN")
    return found.findings.codes


def test_no_classes(values: np.ndarray) -> None:
    with pytest.raises(dti.InputError, match="DT360"):
        quick(made.scores_of(values, ""))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"scheme": "clas"}, "DT024"),
        ({"of": "tip"}, "DT024"),
        ({"against": "class"}, "DT902"),
        ({"against": "other"}, "DT024"),
        ({"error": {"d3": 1.0}}, "DT024"),
        ({"error": {"d1": -1.0}}, "DT902"),
        ({"error": {"d1": float("nan")}}, "DT902"),
        ({"error": pd.DataFrame([[1.0]], index=["d1"], columns=["d1"])}, "DT902"),
        ({"error": pd.DataFrame([[1, 2], [2, 1]], index=["d1", "d2"], columns=["d1", "d2"])}, "DT902"),
        ({"error": pd.DataFrame([[1, 0.5], [0, 1]], index=["d1", "d2"], columns=["d1", "d2"])}, "DT902"),
        ({"runs": 0}, "DT902"),
        ({"seed": -1}, "DT902"),
        ({"target": 0.0}, "DT902"),
        ({"confidence": 1.0}, "DT902"),
        ({"period": "2023"}, "DT902"),
        ({"table": "x.csv"}, "DT902"),
    ],
)
def test_what_cannot_be_asked(values: np.ndarray, settings: dict, code: str) -> None:
    with pytest.raises(dti.UsageError) as raised:
        quick(made.scores_of(values), **settings)
    assert raised.value.code == code


def test_nobody_and_one(values: np.ndarray) -> None:
    nobody = quick(made.scores_of(values, made.BOTH.replace("60", "99"), made.REST))
    assert "DT361" in codes(nobody)
    row = nobody.shares.iloc[0]
    assert (row["count"], row["low"]) == (0, 0)
    assert row["exact_high"] == pytest.approx(1 - 0.025 ** (1 / 300))  # the rule of three, exactly
    high = values.copy()
    high[0, :6] = 99
    one = quick(made.scores_of(high, made.BOTH.replace("60", "98"), made.REST))
    assert "DT362" in codes(one)
    assert "1 unit of 300 is top" in str(one.findings)


def test_a_missing_dimension(values: np.ndarray) -> None:
    """Unknown, or known for another reason: either way there is no margin and no probability."""
    gaps = values.copy()
    gaps[0, 3:6], gaps[1, 3:6], gaps[0, :3], gaps[1, :3] = np.nan, np.nan, 90, 10
    found = quick(made.scores_of(gaps))
    assert found.units["class"].tolist()[:2] == ["unknown", "rest"]
    assert found.units[["margin", "probability"]].iloc[:2].isna().all(axis=None)
    assert found.units["word"].tolist()[:2] == ["", ""]
    assert found.units["probability"].notna().sum() == 298
    assert "DT365" in codes(found)
    assert found.shares["class"].tolist() == ["top", "rest", "unknown"]


def test_a_constant_dimension(values: np.ndarray) -> None:
    flat = values.copy()
    flat[:, 3:6] = 70
    found = dti.classify(made.scores_of(flat), resamples=2)
    assert {"DT363", "DT364", "DT366"} <= set(codes(found))
    assert found.units["probability"].isna().all()
    assert "d2: no variation in the reference" in str(found.findings)
    assert len(found.profiles) == 0
    assert "profiles not computable: no variation in d2" in str(found.findings)


def test_a_dimension_of_one_item(values: np.ndarray) -> None:
    found = quick(
        made.scores_of(values, "{id: top, when: {all: [{id: d1, at_least: 60}, {id: a1, at_least: 60}]}}", made.REST)
    )
    assert "DT363" in codes(found)
    assert found.units["probability"].isna().all()
    assert found.units["margin"].notna().all()


def test_what_is_only_measured(values: np.ndarray) -> None:
    scores = made.scores_of(values, "{id: lead, when: {id: m, above: 5}}", made.REST)
    found = quick(scores)
    assert "DT363" in codes(found)
    assert found.units["margin"].to_numpy() == pytest.approx((values[:, 6] - 5) / values[:, 6].std(ddof=1))
    given = quick(scores, error={"m": 0.5}).units["probability"].to_numpy()
    assert given == pytest.approx(norm.cdf((values[:, 6] - 5) / 0.5), abs=1e-9)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_hardly_a_row(values: np.ndarray, rows: int) -> None:
    found = dti.classify(made.scores_of(values[:rows]), resamples=2)
    assert "DT366" in codes(found)
    assert len(found.units) == rows


# --- the shipped index ---


@pytest.fixture(scope="module")
def accenture() -> dti.Scores:
    methodology = dti.load_methodology(ACCENTURE)
    sample = dti.sample(methodology, 2000, seed=1)
    table = dti.read_table(sample.table, methodology)
    return dti.CompositeIndex(methodology, assume="instrument-v1").fit(table).score()


def test_the_reinventors(accenture: dti.Scores) -> None:
    """2 % by construction; half of them champions; all of them in the profile with the highest mean."""
    found = dti.classify(accenture, resamples=2)
    shares = found.shares.set_index("class")
    assert shares["low"]["reinventor"] < 0.02 < shares["high"]["reinventor"]
    cross = found.crosstab.set_index(["class", "other"])
    assert cross["low"]["reinventor", "champion"] < 0.5 < cross["high"]["reinventor", "champion"]
    assert found.profiles["members"].iloc[0] == shares["count"]["reinventor"]
    last = found.calibration.iloc[-1]
    # A normal vector with the sample's shares and correlations makes as many as there are, within their interval.
    assert shares["low"]["reinventor"] < last["joint"] < shares["high"]["reinventor"]
    assert found.to_dict()["synthetic"].startswith("synthetic")
    assert repr(found).startswith(f"<Classification of {ACCENTURE}: ")
