"""The answers of :mod:`dtindex.analysis.validity` as data frames; missing where something could not be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dtindex.analysis.components import retained
from dtindex.analysis.flags import Flag
from dtindex.analysis.pairs import Pair
from dtindex.analysis.scales import ScaleAnswers
from dtindex.analysis.shares import Share
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "correlation_table",
    "eigenvalue_table",
    "flag_table",
    "importance_table",
    "item_table",
    "reliability_table",
    "sampling_table",
]

NAN = float("nan")
Column: TypeAlias = Sequence[object] | FloatArray


def correlation_table(found: Sequence[Pair], p_values: Mapping[str, FloatArray]) -> pd.DataFrame:
    """One row a pair; of each method the coefficient, its p-value, and the latter adjusted after Holm."""
    columns: dict[str, Column] = {
        "node": [pair.node for pair in found],
        "relation": [pair.relation for pair in found],
        "level": [pair.level for pair in found],
        "first": [pair.first for pair in found],
        "second": [pair.second for pair in found],
        "rows": [pair.rows for pair in found],
    }
    for method, adjusted in p_values.items():
        columns[method] = np.array([pair.values.get(method, NAN) for pair in found], dtype=np.float64)
        columns[f"{method}_p"] = np.array([pair.p_values.get(method, NAN) for pair in found], dtype=np.float64)
        columns[f"{method}_holm"] = adjusted
    return _frame({**columns, "reason": [pair.reason for pair in found]})


def flag_table(flags: Sequence[Flag]) -> pd.DataFrame:
    """One row a flag, in the order of the tree."""
    names = ("node", "relation", "first", "second", "flag", "statistic", "value", "p_holm")
    return _frame({name: [getattr(flag, name) for flag in flags] for name in names})


def reliability_table(scales: Sequence[ScaleAnswers]) -> pd.DataFrame:
    """One row a node."""
    intervals = [scale.interval or (NAN, NAN) for scale in scales]
    levels = [scale.hierarchical for scale in scales]
    return _frame(
        {
            **_heads(scales),
            "alpha": _numbers([scale.alpha for scale in scales]),
            "alpha_low": _numbers([low for low, _ in intervals]),
            "alpha_high": _numbers([high for _, high in intervals]),
            "alpha_standardised": _numbers([scale.standardised for scale in scales]),
            "mean_correlation": _numbers([scale.mean_correlation for scale in scales]),
            "omega": _numbers([scale.omega for scale in scales]),
            "omega_total": _numbers([None if one is None else one.total for one in levels]),
            "omega_hierarchical": _numbers([None if one is None else one.general for one in levels]),
            "reason": ["; ".join(dict.fromkeys(scale.reasons.values())) for scale in scales],
        }
    )


def sampling_table(scales: Sequence[ScaleAnswers]) -> pd.DataFrame:
    """One row a node."""
    tests = [scale.bartlett for scale in scales]
    return _frame(
        {
            **_heads(scales),
            "kmo": _numbers([None if scale.kmo is None else scale.kmo[0] for scale in scales]),
            "bartlett": _numbers([None if test is None else test.statistic for test in tests]),
            "bartlett_df": [len(scale.block.items) * (len(scale.block.items) - 1) // 2 for scale in scales],
            "bartlett_p": _numbers([None if test is None else test.p_value for test in tests]),
            "reason": [scale.reasons.get("all", scale.reasons.get("regular", "")) for scale in scales],
        }
    )


def item_table(scales: Sequence[ScaleAnswers]) -> pd.DataFrame:
    """One row a member of a node."""
    return _stacked([_items(scale) for scale in scales], ("node", "item", "rows", *_ITEM_FIGURES))


def eigenvalue_table(scales: Sequence[ScaleAnswers]) -> pd.DataFrame:
    """One row a component of a node, largest first; ``retained`` by parallel analysis, missing where there is none."""
    names = ("node", "component", "eigenvalue", "share", "cumulative", "random_mean", "random_95", "retained")
    return _stacked([_components(scale) for scale in scales], names)


def importance_table(children: Sequence[Share]) -> pd.DataFrame:
    """One row a child; shares are among the siblings, where all of them have a figure."""
    squared = _numbers([child.squared for child in children])
    ratios = _numbers([child.ratio for child in children])
    nodes = [child.node for child in children]
    weights = _numbers([child.weight for child in children])
    shares = _among_siblings(squared, nodes)
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = np.where(weights > 0, shares / weights, NAN)
    return _frame(
        {
            "node": nodes,
            "item": [child.item for child in children],
            "rows": [child.rows for child in children],
            "weight": weights,
            "correlation": _numbers([child.correlation for child in children]),
            "r_squared": squared,
            "r_squared_share": shares,
            "share_over_weight": quotient,
            "correlation_ratio": ratios,
            "correlation_ratio_share": _among_siblings(ratios, nodes),
            "reason": [child.reason for child in children],
        }
    )


_ITEM_FIGURES = (
    "mean",
    "sd",
    "item_total",
    "alpha_if_deleted",
    "alpha_standardised_if_deleted",
    "loading",
    "kmo",
    "vif",
)


def _items(scale: ScaleAnswers) -> dict[str, Column]:
    items = scale.block.items
    nothing = np.full(len(items), NAN)
    raw, standardised = scale.if_deleted or (nothing, nothing)
    means, deviations = _spread(scale.block.values)
    figures = (
        means,
        deviations,
        scale.item_total,
        raw,
        standardised,
        scale.loadings,
        None if scale.kmo is None else scale.kmo[1],
        scale.inflation,
    )
    return {
        "node": [scale.block.node] * len(items),
        "item": list(items),
        "rows": [scale.rows] * len(items),
        **{name: nothing if one is None else one for name, one in zip(_ITEM_FIGURES, figures, strict=True)},
    }


def _spread(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation of what is known of each column of ``(rows, items)``."""
    known = [column[~np.isnan(column)] for column in values.T]
    means = np.array([own.mean() if own.size else NAN for own in known])
    return means, np.array([own.std(ddof=1) if own.size > 1 else NAN for own in known])


def _components(scale: ScaleAnswers) -> dict[str, Column]:
    found = scale.eigenvalues
    if found is None:
        return {}
    count = len(found)
    nothing = np.full(count, NAN)
    kept = None if scale.parallel is None else retained(found, scale.parallel.mean)
    return {
        "node": [scale.block.node] * count,
        "component": list(range(1, count + 1)),
        "eigenvalue": found,
        "share": found / count,
        "cumulative": np.cumsum(found) / count,
        "random_mean": nothing if scale.parallel is None else scale.parallel.mean,
        "random_95": nothing if scale.parallel is None else scale.parallel.high,
        "retained": [None if kept is None else position < kept for position in range(count)],
    }


def _among_siblings(values: FloatArray, nodes: Sequence[str]) -> FloatArray:
    own = np.array(nodes, dtype=object)
    found = np.full(values.shape, NAN)
    for node in dict.fromkeys(nodes):
        total = values[own == node].sum()
        if total > 0:
            found[own == node] = values[own == node] / total
    return found


def _heads(scales: Sequence[ScaleAnswers]) -> dict[str, Column]:
    return {
        "node": [scale.block.node for scale in scales],
        "items": [len(scale.block.items) for scale in scales],
        "rows": [scale.rows for scale in scales],
    }


def _numbers(values: Sequence[float | None]) -> FloatArray:
    return np.array([NAN if value is None else value for value in values], dtype=np.float64)


def _stacked(parts: Sequence[Mapping[str, Column]], names: Sequence[str]) -> pd.DataFrame:
    """Columns of several nodes one below the other; only ``names``, which there are even without a row."""
    columns: dict[str, list[object]] = {name: [] for name in names}
    for part in parts:
        for name, values in part.items():
            columns[name] += list(values)
    return _frame(columns)


def _frame(columns: Mapping[str, Column]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: list(values) for name, values in columns.items()})
