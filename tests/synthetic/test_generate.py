"""The sample as a whole: what it depends on, what it says of itself, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import dtindex
from dtindex.engine.blocks import BLOCK_ROWS
from dtindex.spec import Methodology
from dtindex.spec.sample_plan import SamplePlan

Toy = Callable[..., Methodology]
Plan = Callable[..., SamplePlan]
REINVENTION = "accenture-reinvention-2023"
PLAN = """\
sample:
  missing: 0.05
  careless: 0.05
  strata: {q_sector: {food: 0.5, steel: 0.2, trade: 0.3}}
  weights: {by: q_sector, population: {food: 0.2, steel: 0.2, trade: 0.6}}
  shares:
    - {question: q_choice, option: best, share: 0.14, study: paper, provenance: published}
    - {question: q_ticks, option: b, share: 0.37}
  means: [{item: right, mean: 58}]
  classes: [{class: top, share: 0.1}]
"""


def test_no_result_depends_on_threads(toy: Toy) -> None:
    methodology = toy(PLAN)
    one, many = (dtindex.sample(methodology, BLOCK_ROWS + 5000, seed=7, threads=threads) for threads in (1, 4))
    assert one.table.equals(many.table)
    assert one.headlines.equals(many.headlines)


def test_another_process_gives_the_same(toy: Toy) -> None:
    code = (
        "import dtindex, hashlib; s = dtindex.sample('accenture-reinvention-2023', 300, seed=5);"
        "print(hashlib.sha256(s.frame.to_csv().encode()).hexdigest())"
    )
    prints = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(prints) == 1


def test_another_seed_gives_others(toy: Toy) -> None:
    one, two = (dtindex.sample(toy(PLAN), 500, seed=seed) for seed in (1, 2))
    assert not one.table["q_choice"].equals(two.table["q_choice"])


def test_given_shares_strata_and_weights(toy: Toy) -> None:
    rows = 50_000
    made = dtindex.sample(toy(PLAN), rows, seed=1)
    shown = made.headlines.set_index("figure")
    for figure, share in (("q_choice: best", 0.14), ("q_ticks: b", 0.37)):
        assert shown.loc[figure, "achieved"] == pytest.approx(
            100 * share, abs=500 * np.sqrt(share * (1 - share) / rows)
        )
    frame = made.frame
    for option, share in {"food": 0.5, "steel": 0.2, "trade": 0.3}.items():
        assert (frame["q_sector"] == option).mean() == pytest.approx(share, abs=0.011)
    assert frame["w"].sum() == pytest.approx(rows)
    assert (frame["w"] * (frame["q_sector"] == "trade")).sum() / rows == pytest.approx(0.6)


def test_without_a_plan(toy: Toy) -> None:
    made = dtindex.sample(toy(), 20_000, seed=1)
    sector = made.frame["q_sector"].value_counts(normalize=True)
    assert sector.to_numpy() == pytest.approx(1 / 3, abs=0.017)
    assert made.headlines.empty
    assert list(made.headlines.columns)[:2] == ["figure", "study"]
    assert not made.careless or not any(len(rows) for rows in made.careless.values())
    assert made.frame["w"].eq(1).all()


def test_what_is_not_asked_is_empty_and_all_else_is_answered(toy: Toy) -> None:
    frame = dtindex.sample(toy(), 5000, seed=1).frame
    assert np.array_equal(frame["q_why"].isna(), frame["q_choice"] == "none")
    asked = frame.drop(columns=["q_why", "q_word"])
    assert not asked.isna().any().any()


def test_answers_are_left_out_by_chance_alone(toy: Toy, plan: Plan) -> None:
    frame = dtindex.sample(
        toy(), 20_000, seed=1, plan=plan(missing=0.1, strata={"q_sector": {"food": 0.6, "steel": 0.2, "trade": 0.2}})
    ).frame
    assert frame["q_choice"].isna().mean() == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / 20_000))
    assert not frame["q_sector"].isna().any()
    both = (frame["q_choice"].isna() & frame["q_number"].isna()).mean()
    assert both == pytest.approx(0.01, abs=5 * np.sqrt(0.0099 / 20_000))


def test_the_layout_is_read_without_an_error(toy: Toy) -> None:
    methodology = toy(PLAN)
    made = dtindex.sample(methodology, 2000, seed=1)
    table = dtindex.read_table(made.table, methodology)
    assert not table.findings.errors
    assert len(table) == 2000
    head = made.table.slice(0, 3).to_pylist()[0]
    assert head["firm"] == "E0000001"
    assert list(made.table.column_names) == [
        "firm", "q_sector", "q_choice", "q_ticks", "q_number", "q_grid[turned]", "q_grid[straight]", "q_grid[third]",
        "q_grid[fourth]", "q_order", "q_why", "q_fresh", "q_word", "growth_pct", "seconds", "w", "synthetic",
    ]  # fmt: skip
    orders = made.frame["q_order"].dropna().unique()
    assert set(orders) == {"a→b→c", "a→c→b", "b→a→c", "b→c→a", "c→a→b", "c→b→a"}
    ticks = made.frame["q_ticks"].dropna().unique()
    assert "nothing" in set(ticks)
    assert not any("nothing" in one and "┋" in one for one in ticks)


def test_it_says_what_it_is(toy: Toy) -> None:
    made = dtindex.sample(toy(PLAN), 50, seed=3)
    label = "synthetic: dtindex sample toy seed 3"
    assert made.label == label
    assert set(made.frame["synthetic"]) == {label}
    assert made.table.schema.metadata[b"dtindex.synthetic"] == label.encode()
    assert set(made.headlines["label"]) == {label}
    assert label in repr(made)


def test_one_respondent(toy: Toy) -> None:
    assert len(dtindex.sample(toy(), 1, seed=1)) == 1
    assert len(dtindex.sample(toy(), 1, seed=1, plan=SamplePlan(careless=1.0))) == 1


@pytest.mark.parametrize(("n", "seed", "missing"), [(1, 1, 0.9), (500, 1, 1.0)])
def test_a_sample_that_cannot_be_scored_says_so(n: int, seed: int, missing: float) -> None:
    methodology = dtindex.load_methodology(REINVENTION)
    assert methodology.sample is not None
    made = dtindex.sample(methodology, n, seed=seed, plan=methodology.sample.model_copy(update={"missing": missing}))
    assert made.findings.codes == ["DT262"]
    assert made.headlines.set_index("figure")["achieved"].isna()["Optimise operations"]
    assert len(made) == n


@pytest.mark.parametrize(
    ("n", "seed", "said"),
    [
        (0, 1, "DT902 n=0"),
        (-5, 1, "DT902 n=-5"),
        (True, 1, "DT902 n=True"),
        (10, -1, "DT902 seed=-1"),
        (10, 0.5, "seed"),
    ],
)
def test_bad_numbers(toy: Toy, n: int, seed: int, said: str) -> None:
    with pytest.raises(dtindex.UsageError, match=said):
        dtindex.sample(toy(), n, seed=seed)


def test_nothing_to_sample() -> None:
    with pytest.raises(dtindex.UsageError, match=r"DT261 .*no `questions:`"):
        dtindex.sample("nbs-new-drivers-2022", 10, seed=1)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"strata": {"nowhere": {"a": 1.0}}}, "DT024"),
        ({"strata": {"q_sector": {"food": 0.5}}}, "DT028"),
        ({"shares": [{"question": "q_choice", "option": "bets", "share": 0.1}]}, "DT024"),
        ({"shares": [{"question": "q_choice", "option": o, "share": 0.6} for o in ("best", "none")]}, "DT028"),
        ({"means": [{"item": "growth", "mean": 3}]}, "DT028"),
        ({"assume": "nobody"}, "DT024"),
        ({"outcomes": [{"method": "normal", "item": "choice", "mean": 1, "sd": 1}]}, "DT028"),
        ({"outcomes": [{"method": "share", "question": "q_choice", "option": "best", "share": 0.1}]}, "DT028"),
        ({"correlation": 2.0}, "DT011"),
    ],
)
def test_a_plan_that_does_not_fit(toy: Toy, values: dict[str, object], code: str) -> None:
    methodology = toy()
    plan = SamplePlan().model_copy(update=_parts(values))
    with pytest.raises(dtindex.InputError) as caught:
        dtindex.sample(methodology, 10, seed=1, plan=plan)
    assert code in caught.value.findings.codes


def _parts(values: dict[str, object]) -> dict[str, object]:
    """Parts of a plan as they would be, without the checks of their range."""
    if "correlation" in values:
        return values
    whole = SamplePlan.model_validate(values, strict=False)
    return {name: getattr(whole, name) for name in values}


def test_the_reinvention_index_shows_its_headlines() -> None:
    """A smaller version of scripts/sample_headlines.py: 3 seeds, 20,000 respondents, of whom 19,400 are honest.

    The standard error of a share p is sqrt(p (1 - p) / 19,400), at most 0.36 points; of a mean score of deviation 30,
    0.22 points. Four of them, and no figure farther than 1.5 points.
    """
    methodology = dtindex.load_methodology(REINVENTION)
    for seed in (1, 2, 3):
        made = dtindex.sample(methodology, 20_000, seed=seed, threads=2)
        for row in made.headlines.itertuples():
            if row.unit == "x":
                continue
            error = np.sqrt(row.target * (100 - row.target) / 19_400) if row.unit == "%" else 30 / np.sqrt(19_400)
            assert row.achieved == pytest.approx(row.target, abs=min(4 * error, 1.5)), row.figure
        assert {"china2023", "global1516", "edition2022", "fccihk2023"} <= set(made.headlines["study"])
