"""What is to be known about a table of an edition, beside the table: columns, units of measure, sources, licences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dtindex import __version__
from dtindex_service.rendering import MEDIA_TYPES
from dtindex_service.tables import TABLES, Asked
from dtindex_service.words import COLUMNS, Words, both

if TYPE_CHECKING:
    import pandas as pd

    from dtindex import Edition, Methodology, Scores

__all__ = ["analysis_metadata", "metadata_of"]

_MEASURES: dict[str, Words] = {
    "score": {"en": "points", "zh": "分"},
    "percentile": {"en": "per cent of ranked units that score lower", "zh": "得分较低的参评单位占比(%)"},
    "coverage": {"en": "share, 0 to 1", "zh": "比例(0-1)"},
    "share": {"en": "share, 0 to 1", "zh": "比例(0-1)"},
    "weight": {"en": "share among siblings", "zh": "同级权重"},
    "effective_weight": {"en": "share of the index", "zh": "占总指数权重"},
}


_WORDS = {"floating": "number", "mixed-integer-float": "number", "integer": "integer", "boolean": "boolean"}


def metadata_of(edition: Edition, scores: Scores, asked: Asked) -> dict[str, Any]:
    """The metadata of a table, as JSON-ready values."""
    kind = TABLES[asked.table]
    frame = kind.frame(scores, asked)
    address = f"/v1/editions/{edition.hash}/{asked.table}"
    return {
        "table": asked.table,
        "title": dict(kind.title),
        "files": {form: {"address": f"{address}.{form}", "media_type": media} for form, media in MEDIA_TYPES.items()},
        "rows": len(frame),
        "columns": [_column(edition.methodology, kind.measure, str(name), frame[name]) for name in frame.columns],
        **_origin(edition, scores),
    }


def analysis_metadata(
    edition: Edition, scores: Scores, kind: str, table: str, frame: pd.DataFrame, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The same of a table of an analysis, with what was asked."""
    return {
        "analysis": kind,
        "table": table,
        "asked": dict(asked),
        "rows": len(frame),
        "columns": [_column(edition.methodology, None, str(name), frame[name]) for name in frame.columns],
        **_origin(edition, scores),
    }


def _origin(edition: Edition, scores: Scores) -> dict[str, Any]:
    """What is the same of every table of an edition: where its figures come from, and by what rules."""
    from dtindex import Run, run_record

    methodology = edition.methodology
    run = Run(table_hash=edition.table_hash, edition=(edition.name, edition.hash))
    record = run_record(scores, scores.findings, run)
    return {
        "edition": record["edition"],
        "methodology": record["methodology"] | {"title": both(methodology.title)},
        "table_hash": edition.table_hash,
        "dtindex": __version__,
        "missing": {"json": None, "csv": "", "arrow": None, "parquet": None},
        "items": list(_items(methodology, scores)),
        "periods": scores.periods_in_order,
        "rank_rule": _rank_rule(methodology, scores),
        "ranked_against": record["ranked_against"],
        "assumptions": record["assumptions"],
        "provenance": record["provenance"],
        "synthetic": record["synthetic"],
        "sources": [_source(one) for one in methodology.sources],
        "licences": sorted({one.licence for one in methodology.sources if one.licence}),
    }


def _column(methodology: Methodology, common: Words | None, name: str, values: pd.Series[Any]) -> dict[str, Any]:
    own = methodology.tree.items.get(name)
    prefix, _, of = name.partition(":")
    if (own is not None and name not in COLUMNS) or (own is not None and common is not None):
        label: Words = both(own.label, name)
        measure = dict(common) if common is not None else _measure(own.unit)
    elif of and prefix in COLUMNS:
        target = methodology.tree.items.get(of)
        words = both(target.label, of) if target is not None else {"en": of, "zh": of}
        label = {language: f"{COLUMNS[prefix][language]}: {words[language]}" for language in ("en", "zh")}
        measure = None
    else:
        label = COLUMNS.get(name, {"en": name, "zh": name})
        measure = dict(_MEASURES[name]) if name in _MEASURES else None
    return {"name": name, "type": _type(values), "label": dict(label), "unit": measure}


def _measure(unit: Any) -> dict[str, str] | None:
    return None if unit is None else both(unit)


def _type(values: pd.Series[Any]) -> str:
    """A JSON word for what a column holds."""
    from pandas.api.types import infer_dtype

    held = infer_dtype(values, skipna=True)
    return _WORDS.get(held, "string")


def _items(methodology: Methodology, scores: Scores) -> Iterator[dict[str, Any]]:
    tree = methodology.tree
    for item, spec in tree.items.items():
        scale = spec.scale or methodology.scale
        yield {
            "id": item,
            "kind": "node" if tree.is_node(item) else "indicator",
            "parent": spec.parent,
            "scored": item in scores.items,
            "label": both(spec.label, item),
            "unit": _measure(spec.unit),
            "scale": scale if isinstance(scale, str) else list(scale),
            "source": spec.source,
        }


def _rank_rule(methodology: Methodology, scores: Scores) -> dict[str, Any]:
    """How ranks are taken: 1 is best, ties share the better rank, after rounding to so many decimals (None: to 12
    digits)."""
    decimals = {item: scores.rank_decimals(item) for item in scores.items}
    whole = methodology.rank.decimals
    return {
        "best": 1,
        "ties": "share the better rank",
        "decimals": whole,
        "exceptions": {item: own for item, own in decimals.items() if own != whole},
        "not_ranked": "null: no score, a total, or left out",
    }


def _source(source: Any) -> dict[str, Any]:
    return {
        "id": source.id,
        "title": both(source.title),
        "publisher": None if source.publisher is None else both(source.publisher),
        "year": source.year,
        "pages": source.pages,
        "url": source.url,
        "licence": source.licence,
    }
