"""A comparison as one long data frame: a row an outcome, pair of groups and statistic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dtindex.analysis.groups.figure import Figure
from dtindex.analysis.groups.multiplicity import Adjust, adjusted
from dtindex.analysis.groups.outcome import OutcomeComparison

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "long_frame", "records", "told_p"]

COLUMNS = (
    *("outcome", "group", "against", "statistic", "of", "n", "value", "low", "high", "error", "df", "p", "p_adjusted"),
    *("weighted", "clustered", "method", "reason"),
)
_FIGURES = ("value", "low", "high", "error", "df", "p", "p_adjusted")
_ORDER = (
    *("difference", "ratio", "per_cent", "two_proportions", "odds_ratio", "regression", "adjusted"),
    *("bootstrap_difference", "bootstrap_ratio", "welch_t", "mann_whitney_u", "permutation"),
    *("hedges_g", "cliffs_delta", "superiority"),
)


def told_p(found: Sequence[OutcomeComparison], adjust: Adjust | None) -> list[float | None]:
    """The p-values that are told, adjusted for their number."""
    return adjusted([one.p for one in found], adjust)


def records(found: Sequence[OutcomeComparison], adjust: Adjust | None) -> list[dict[str, Any]]:
    """Rows of the frame; None for what is not computed. P-values are adjusted among those of the same statistic."""
    rows = [row for one, p in zip(found, told_p(found, adjust), strict=True) for row in _rows(one, p)]
    for statistic in dict.fromkeys(row["statistic"] for row in rows if row["statistic"] != "told"):
        own = [row for row in rows if row["statistic"] == statistic]
        for row, value in zip(own, adjusted([row["p"] for row in own], adjust), strict=True):
            row["p_adjusted"] = value
    return rows


def long_frame(found: Sequence[OutcomeComparison], adjust: Adjust | None) -> pd.DataFrame:
    """The rows as a frame with nullable numbers: missing is missing, and there is no NaN."""
    import pandas as pd

    rows = records(found, adjust)
    kinds = {"n": "Int64", **dict.fromkeys(_FIGURES, "Float64"), **dict.fromkeys(("weighted", "clustered"), "boolean")}
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kinds.get(name, "object")) for name in COLUMNS}
    )


def _rows(one: OutcomeComparison, p_told: float | None) -> Iterator[dict[str, Any]]:
    for position, side in enumerate(("group", "against")):
        level = "share" if one.binary else "mean"
        yield _row(one, level, side, one.levels[position])
        yield _row(one, "sd", side, one.spreads[position])
        yield _row(one, "missing", side, Figure(float(one.missing[position])))
    for statistic in _ORDER:
        if statistic in one.figures:
            yield _row(one, statistic, "", one.figures[statistic])
    test = Figure() if one.test is None else one.figures[one.test]
    method = "" if one.test is None else f"{one.test}: {test.method}"
    told = _row(one, "told", one.form, one.told, one.test or "told")
    yield told | {"p": test.p, "p_adjusted": p_told, "method": method, "df": test.freedom}


def _row(one: OutcomeComparison, statistic: str, of: str, found: Figure, rests_on: str = "") -> dict[str, Any]:
    """A row; whether weights and clusters enter is said of the statistic that it ``rests_on``, itself unless named."""
    return {
        "outcome": one.outcome,
        "group": one.group,
        "against": one.against,
        "statistic": statistic,
        "of": of,
        "n": found.n,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "error": found.error,
        "df": found.freedom,
        "p": found.p,
        "p_adjusted": None,
        "weighted": one.uses_weights(rests_on or statistic),
        "clustered": one.uses_clusters(rests_on or statistic),
        "method": found.method,
        "reason": found.reason,
    }
