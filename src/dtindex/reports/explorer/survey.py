"""What a survey's page tells beside its scores: how many are in each class, and what sets the first class apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtindex.analysis.classes.shares import share_table
from dtindex.analysis.compare import compare
from dtindex.findings import Findings, UsageError
from dtindex.output import class_counts, twelve
from dtindex.scores import Scores
from dtindex.spec.classes import SCHEME

__all__ = ["survey_of"]

_CONFIDENCE = 0.95


def survey_of(scores: Scores, *, seed: int = 0) -> tuple[dict[str, Any] | None, Findings]:
    """Shares of the classes with intervals, and the comparison table in both languages; None without classes.

    Shares are those of :func:`dtindex.classify`, weighted where the table has weights, over the rows of the latest
    period that take part. The comparison is that of :func:`dtindex.compare` of the first class with all others over
    what is tagged ``outcome``; where it cannot be made, the finding that says why is kept, and the table is left out.
    """
    if not scores.class_values:
        return None, Findings()
    rows = scores.classified
    if scores.periods is not None:
        rows = rows & (scores.periods == scores.periods_in_order[-1])
    weights = None if scores.table.weights is None else scores.table.weights[rows]
    shares = {}
    for scheme, counts in class_counts(scores).items():
        found = share_table(scheme, list(counts), scores.class_values[scheme][rows], weights, _CONFIDENCE)
        shares[scheme] = {row["class"]: _share(row, weighted=weights is not None) for row in found.to_dict("records")}
    told: dict[str, Any] = {
        "confidence": _CONFIDENCE,
        "weighted": weights is not None,
        "period": None if scores.periods is None else str(scores.periods_in_order[-1]),
        "shares": shares,
        "comparison": None,
    }
    if SCHEME not in scores.class_values:
        return told, Findings()
    try:
        compared = compare(scores, SCHEME, seed=seed)
    except UsageError as error:
        return told, error.findings
    tables = {language: compared.table(language) for language in ("en", "zh")}
    told["comparison"] = {
        "group": compared.pairs[0][0],
        "columns": {language: [str(name) for name in table.columns] for language, table in tables.items()},
        "rows": [
            {language: [str(cell) for cell in table.iloc[at]] for language, table in tables.items()}
            for at in range(len(tables["en"]))
        ],
    }
    return told, compared.findings


def _share(row: dict[Any, Any], *, weighted: bool) -> dict[str, float | None]:
    head = "weighted_" if weighted else ""
    cells = {name: float(row[f"{head}{name}"]) for name in ("share", "low", "high")}
    return {name: None if np.isnan(value) else twelve(value) for name, value in cells.items()}
