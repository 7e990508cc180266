"""Big Five Inventory (psychTools' bfi): reliabilities of 2,800 respondents as the documentation of psych prints them.

25 Likert items with gaps; which are reversed the dictionary says (`Keying`), and the methodology: `direction: lower`.
"""

from __future__ import annotations

import pandas as pd
import pytest

import dtindex as dti

# psych::alpha's, to the three decimals of the folder's README and the two of the documentation.
PRINTED = {
    "agreeableness": (0.703, 0.70),
    "conscientiousness": (0.727, 0.73),
    "extraversion": (0.762, 0.76),
    "stability": (0.814, 0.81),
    "openness": (0.600, 0.60),
}


@pytest.fixture(scope="module")
def scores(methodology, frame, score):
    return score(methodology("bfi.yaml"), frame("psych_bfi/bfi.csv"))


@pytest.fixture(scope="module")
def pairwise(scores):
    return dti.validity(scores, rows="pairwise").reliability.set_index("node")


def test_directions_are_those_of_the_dictionary(scores, frame):
    keying = frame("psych_bfi/dictionary.csv").set_index("rownames")["Keying"]
    for item, settings in scores.methodology.tree.indicators.items():
        assert keying[item] == ("-1" if settings.direction == "lower" else "1")


@pytest.mark.parametrize("node", PRINTED)
def test_alpha_as_printed(pairwise, node):
    """psych takes covariances pair by pair."""
    alpha = pairwise.loc[node, "alpha"]
    assert (round(alpha, 3), round(alpha, 2)) == PRINTED[node]


def test_alpha_of_complete_rows(scores):
    """psych on the 2,709 respondents who answered A1 to A5: .7038 (METHODS of the reference folder, section 5)."""
    found = dti.validity(scores).reliability.set_index("node").loc["agreeableness"]
    assert (found["rows"], round(found["alpha"], 4)) == (2709, 0.7038)


def test_no_item_goes_against_its_scale(scores):
    flags = dti.validity(scores, methods=["pearson"]).flags
    assert not set(flags["flag"]) & {"negative-keyed", "high", "collinear"}
    assert not ((flags["relation"] == "parent") & (flags["flag"] == "low")).any()


def test_an_item_whose_direction_was_forgotten_is_found(methodology, frame, score):
    wrong = methodology(
        "bfi.yaml", ("id: A1, parent: agreeableness, direction: lower", "id: A1, parent: agreeableness")
    )
    flags = dti.validity(score(wrong, frame("psych_bfi/bfi.csv")), methods=["pearson"]).flags
    assert flags.loc[flags["flag"] == "negative-keyed", "first"].tolist() == ["A1"]


def test_item_statistics_are_those_of_pandas(scores, frame):
    """An independent computation: C1 to C5, item-total correlation and alpha without each, over complete rows."""
    items = [f"C{number}" for number in range(1, 6)]
    answers = frame("psych_bfi/bfi.csv")[items].apply(pd.to_numeric).dropna()
    answers[["C4", "C5"]] = 7 - answers[["C4", "C5"]]
    own = dti.validity(scores, methods=["pearson"]).items.set_index("item").loc[items]
    for item in items:
        rest = answers.drop(columns=item)
        variance = rest.sum(axis=1).var()
        assert own.loc[item, "item_total"] == pytest.approx(answers[item].corr(rest.sum(axis=1)), abs=1e-12)
        assert own.loc[item, "alpha_if_deleted"] == pytest.approx(4 / 3 * (1 - rest.var().sum() / variance), abs=1e-12)
