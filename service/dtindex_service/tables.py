"""The tables of an edition: what each holds, as a frame of its scores, and as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex import UsageError, finding
from dtindex_service.rendering import Format, render
from dtindex_service.words import Words, both

if TYPE_CHECKING:
    import pandas as pd

    from dtindex import Scores

__all__ = ["TABLES", "Asked", "Kind", "Language", "indexed", "rows_of", "written"]

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table, and which part of it. What does not concern a table is left as it is here."""

    table: str
    node: str | None = None
    """Rankings: the node; the index, unless said."""
    period: str | None = None
    """Rankings: the period; the latest, unless said; ``all`` for every one."""
    group: str | None = None
    """Rankings: a text column of the table, for ranks among the units of the same group."""
    language: Language = "en"
    """Rankings: of the names."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """A table that every edition has."""

    title: Words
    frame: Callable[[Scores, Asked], pd.DataFrame]
    measure: Words | None = None
    """Unit of measure of the columns that bear the name of an item; None where each has its own."""
    csv: Callable[[Scores], bytes] | None = None
    """Its bytes as `dtindex score` writes them; None where that writes no such file."""


def written(scores: Scores, asked: Asked, form: Format, start: int = 0, stop: int | None = None) -> tuple[bytes, int]:
    """A table, or rows ``start`` to ``stop`` of it, as bytes; and how many rows the whole has."""
    kind = TABLES[asked.table]
    if form == "csv" and kind.csv is not None and start == 0 and stop is None:
        return kind.csv(scores), -1
    frame = kind.frame(scores, asked)
    part = indexed(frame if start == 0 and stop is None else frame.iloc[start:stop])
    return render(part, form), len(frame)


def rows_of(scores: Scores, asked: Asked) -> int:
    """How many rows a table has."""
    count = len(scores)
    known = {"scores": count * len(scores.items), "scores_wide": count}
    return known[asked.table] if asked.table in known else len(TABLES[asked.table].frame(scores, asked))


def indexed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with its first column for an index, as tables are rendered."""
    if frame.columns.empty:
        frame = frame.assign(item=[])
    return frame.set_index(frame.columns[0])


# --- rows that are units ---


def _keyed(scores: Scores, rows: NDArray[np.intp], language: Language = "en") -> dict[str, object]:
    columns: dict[str, object] = {"unit": scores.units[rows], "name": scores.names(language)[rows]}
    if scores.periods is not None:
        columns["period"] = scores.periods[rows]
    return columns


def _by_unit(scores: Scores, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with the table's rows, in the order of files, its keys as columns."""
    import pandas as pd

    rows = scores.sorted_rows()
    keys = pd.DataFrame(_keyed(scores, rows))
    return pd.concat([keys, frame.iloc[rows].reset_index(drop=True)], axis=1)


def _wide(scores: Scores, asked: Asked) -> pd.DataFrame:
    import pandas as pd

    rows = scores.sorted_rows()
    columns = _keyed(scores, rows)
    columns |= {item: scores.column(item)[rows] for item in scores.items}
    for root in scores.methodology.tree.roots:
        columns[f"rank:{root}"] = _ranks(scores.rank(root)[rows])
    for node, tiers in scores.tier_values.items():
        columns[f"tier:{node}"] = [tier or None for tier in tiers[rows]]
    for scheme, classes in scores.class_values.items():
        columns[f"class:{scheme}"] = [one or None for one in classes[rows]]
    return pd.DataFrame(columns)


def _ranks(ranks: NDArray[np.int64]) -> object:
    import pandas as pd

    return pd.array([int(rank) or None for rank in ranks], dtype="Int64")


def _rankings(scores: Scores, asked: Asked) -> pd.DataFrame:
    """Units from the best rank down; who has none comes after, in the order of files."""
    import pandas as pd

    node = asked.node or scores.root
    if node not in scores.items:
        raise UsageError([finding("DT396", f"no node or indicator {node!r} has scores")])
    rows = _ranking_rows(scores, node, asked.period)
    position = scores.items.index(node)
    columns: dict[str, object] = {"rank": _ranks(scores.rank(node)[rows])} | _keyed(scores, rows, asked.language)
    columns |= {
        "node": node,
        "score": scores.column(node)[rows],
        "percentile": scores.percentiles.iloc[rows, position].to_numpy(),
        "coverage": scores.coverage.iloc[rows, position].to_numpy(),
        "status": scores.status.iloc[rows, position].to_numpy(),
    }
    if node in scores.tier_values:
        columns["tier"] = [tier or None for tier in scores.tier_values[node][rows]]
    if asked.group is not None:
        within = scores.ranks_within(asked.group)
        columns["group"] = scores.table.texts[asked.group][rows]
        columns["rank_in_group"] = within.iloc[rows, position].array
    return pd.DataFrame(columns)


def _ranking_rows(scores: Scores, node: str, wanted: str | None) -> NDArray[np.intp]:
    rows = scores.sorted_rows()
    rows = rows[scores.classified[rows]]
    known = scores.periods_in_order
    if wanted not in (None, "all", *known):
        said = f"there are {', '.join(known[-20:])}" if known else "the table has no periods"
        raise UsageError([finding("DT396", f"no period {wanted!r}; {said}")])
    ranks = scores.rank(node)
    last = np.iinfo(np.int64).max
    order = np.where(ranks[rows] == 0, last, ranks[rows])
    if scores.periods is None:
        return rows[np.argsort(order, kind="stable")]
    place = {period: index for index, period in enumerate(known)}
    when = np.array([place[period] for period in scores.periods[rows]], dtype=np.int64)
    chosen = np.argsort(order, kind="stable") if wanted != "all" else np.lexsort((order, -when))
    found = rows[chosen]
    return found if wanted == "all" else found[scores.periods[found] == (wanted or known[-1])]


# --- rows that are something else ---


def _findings(scores: Scores, asked: Asked) -> pd.DataFrame:
    import pandas as pd

    places = ("file", "line", "column", "sheet", "cell", "unit", "period", "name")
    rows = [
        (one.code, str(one.severity), one.message, *(getattr(one.place, name) for name in places))
        for one in scores.findings
    ]
    frame = pd.DataFrame(rows, columns=["code", "severity", "message", *places], dtype=object)
    return frame.astype({"line": "Int64", "column": "Int64"})


def _weights(scores: Scores, asked: Asked) -> pd.DataFrame:
    import pandas as pd

    from dtindex import Run, run_record

    told = run_record(scores, scores.findings, Run())["weights"]
    effective = told["effective"]
    rows = [
        (node, item, weight, effective.get(item))
        for node, members in told["nodes"].items()
        for item, weight in members.items()
    ]
    frame = pd.DataFrame(rows, columns=["node", "item", "weight", "effective_weight"])
    return frame.astype({"weight": "float64", "effective_weight": "float64"})


def _comparison(scores: Scores, asked: Asked) -> pd.DataFrame:
    return scores.comparison_table()


def _methodology(scores: Scores, asked: Asked) -> pd.DataFrame:
    """Nodes and indicators, in the order of the file."""
    import pandas as pd

    tree = scores.methodology.tree
    depths: dict[str, int] = {}
    rows = []
    for item, spec in tree.items.items():
        depths[item] = 0 if spec.parent is None else depths.get(spec.parent, 0) + 1
        label, unit = both(spec.label, item), both(spec.unit)
        is_node = tree.is_node(item)
        kind = "node" if is_node else "indicator" if spec.parent is not None else "measured"
        weight = spec.weight if isinstance(spec.weight, int | float) else None
        direction = None if is_node else getattr(spec, "direction", None)
        words = (label["en"], label["zh"], spec.column, unit["en"] or None, unit["zh"] or None)
        rows.append((item, spec.parent, kind, depths[item], *words, direction, weight, spec.source))
    names = ["item", "parent", "kind", "depth", "label_en", "label_zh", "column", "unit_en", "unit_zh"]
    frame = pd.DataFrame(rows, columns=[*names, "direction", "weight", "source"])
    texts = [name for name in frame.columns if name not in ("depth", "weight")]
    return frame.astype({"weight": "float64"} | dict.fromkeys(texts, object))


def _long_csv(scores: Scores) -> bytes:
    from dtindex import long_csv

    return long_csv(scores)


def _wide_csv(scores: Scores) -> bytes:
    from dtindex import wide_csv

    return wide_csv(scores)


TABLES: Mapping[str, Kind] = {
    "scores": Kind({"en": "Scores", "zh": "得分"}, lambda scores, asked: scores.to_long(), csv=_long_csv),
    "scores_wide": Kind(
        {"en": "Scores, a row a unit", "zh": "得分(宽表)"}, _wide, {"en": "points", "zh": "分"}, csv=_wide_csv
    ),
    "rankings": Kind({"en": "Ranking", "zh": "排名"}, _rankings),
    "percentiles": Kind(
        {"en": "Percentiles", "zh": "百分位"},
        lambda scores, asked: _by_unit(scores, scores.percentiles),
        {"en": "per cent of ranked units that score lower", "zh": "得分较低的参评单位占比(%)"},
    ),
    "contributions": Kind(
        {"en": "Contributions to the index", "zh": "对总指数的贡献"},
        lambda scores, asked: _by_unit(scores, scores.contributions),
        {"en": "points of the index", "zh": "总指数得分"},
    ),
    "coverage": Kind(
        {"en": "Coverage", "zh": "数据覆盖率"},
        lambda scores, asked: _by_unit(scores, scores.coverage),
        {"en": "share, 0 to 1", "zh": "比例(0-1)"},
    ),
    "status": Kind(
        {"en": "Status of each score", "zh": "得分状态"},
        lambda scores, asked: _by_unit(scores, scores.status),
        {"en": "words", "zh": "状态词"},
    ),
    "measured": Kind({"en": "Raw values", "zh": "原始数据"}, lambda scores, asked: _by_unit(scores, scores.measured)),
    "imputed": Kind(
        {"en": "Cells that were filled in", "zh": "填补的数据"},
        lambda scores, asked: scores.imputed.astype({"value": "float64", "score": "float64"}),
    ),
    "treated": Kind(
        {"en": "Cells that were treated", "zh": "处理过的数据"},
        lambda scores, asked: scores.treated.astype({"before": "float64", "after": "float64"}),
    ),
    "screening": Kind(
        {"en": "Who is left out", "zh": "未参评单位"},
        lambda scores, asked: scores.screening.astype({"share": "float64", "needed": "float64"}),
    ),
    "weights": Kind({"en": "Weights", "zh": "权重"}, _weights),
    "comparison": Kind({"en": "Comparison with published figures", "zh": "与公布数据的比较"}, _comparison),
    "methodology": Kind({"en": "Nodes and indicators", "zh": "指标体系"}, _methodology),
    "findings": Kind({"en": "Findings", "zh": "检查结果"}, _findings),
}
"""By name, as addresses have it."""
