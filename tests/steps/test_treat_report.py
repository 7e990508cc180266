"""The report of treated cells, and each way of fitting."""

from __future__ import annotations

import pytest

COLUMNS = ["unit", "period", "indicator", "before", "after", "method"]
PANEL = """\
    units: {{kind: unit, key: unit, period: year}}
    fit: {fit}
    {base}nodes: [{{id: index}}]
    indicators: [{{id: a, parent: index, scale: open, normalise: {{method: none}}, treat: {{method: {method}}}}}]
    """


def test_no_cell_no_row(score):
    scores = score(
        "nodes: [{id: index}]\nindicators: [{id: a, parent: index, treat: {method: tukey}}, {id: b, parent: index}]",
        {"a": [1, 2, 3], "b": [1, 2, 900]},
    )
    assert scores.treated.columns.tolist() == COLUMNS
    assert scores.treated.empty
    assert scores.treatments == ()


def test_an_imputed_value_that_is_treated_shows_what_was_imputed(score):
    """The mean of the rest, 21.2, lies above the fence 4 + 1.5 * 2 of five values, and of six."""
    blocks = (
        "nodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, scale: open, normalise: {method: none}, "
        "impute: {method: group-mean}, treat: {method: winsorise, high: 0.34}}]"
    )
    scores = score(blocks, {"a": [1, 2, 3, 4, 90, None]})
    assert scores.treated[["unit", "before", "after"]].to_numpy().tolist() == [["u4", 90, 4], ["u5", 20, 4]]
    assert scores.status["a"].iloc[5] == "imputed+treated"


def test_totals_are_not_treated(score):
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, treat: {method: tukey}}]"
    scores = score(blocks, {"a": [1, 2, 3, 4, 100, 110]}, totals=[False] * 5 + [True])
    assert scores.treated["unit"].tolist() == ["u4"]


@pytest.mark.parametrize(
    "method", ["tukey", "mad", "percentile, low: 0, high: 75", "winsorise, high: 0.2", "skew-kurtosis"]
)
@pytest.mark.parametrize("fit", ["pooled", "each_period", "base"])
def test_each_way_of_fitting(score, method, fit):
    """Period 2 is period 1 times 10: fitted apart, the same point is the outlier of each."""
    cells = [1, 2, 3, 4, 100]
    base = "base_period: 1\n    " if fit == "base" else ""
    scores = score(
        PANEL.format(fit=fit, base=base, method=method),
        {"a": cells + [10 * x for x in cells]},
        units=list("abcde") * 2,
        periods=["1"] * 5 + ["2"] * 5,
    )
    treated = scores.treated
    own = treated[treated["period"] == "2"]
    if fit == "each_period":
        assert treated["unit"].tolist() == ["e", "e"]
        assert treated["after"].iloc[1] == pytest.approx(10 * treated["after"].iloc[0], rel=1e-12)
    elif fit == "base":
        assert own["after"].nunique() == 1
        assert own["after"].iloc[0] == treated["after"].iloc[0]
    else:
        assert own["unit"].tolist()[-1:] == ["e"]
    assert treated["before"].tolist() == [
        scores.measured["a"].loc[tuple(key)] for key in treated[["unit", "period"]].to_numpy()
    ]
