"""COINr's ASEM example as one methodology, from raw figures: denominated, imputed, treated, min-max, three levels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import dtindex as dti
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table


def read(folder: Path, name: str, key: str = "uCode") -> pd.DataFrame:
    return pd.read_csv(folder / "asem_coinr" / name).set_index(key)


def asem_index(folder: Path, **blocks: Any) -> tuple[dti.CompositeIndex, pd.DataFrame]:
    """The index, fitted, and the table of what is in it (iMeta)."""
    raw, meta = read(folder, "raw/iData.csv"), read(folder, "raw/iMeta.csv", "iCode")
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    leaves, nodes = meta[meta["Level"] == 1], meta[meta["Level"] > 1]
    indicators: list[dict[str, Any]] = [
        {"id": f"den_{name}", "column": name} for name in sorted(set(leaves["Denominator"].dropna()))
    ]
    for code, row in leaves.iterrows():
        scored = {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
        scored["direction"] = "higher" if row["Direction"] == 1 else "lower"
        if isinstance(row["Denominator"], str):
            indicators.append({"id": f"raw_{code}", "column": code})
            scored["derive"] = {"method": "ratio", "of": f"raw_{code}", "to": f"den_{row['Denominator']}"}
        indicators.append(scored)
    head = {"schema_version": 1, "id": "asem", "title": "ASEM"}
    units = {"kind": "country", "key": "uCode", "groups": ["EurAsia_group"]}
    defaults = {
        "impute": {"method": "group-mean", "by": "EurAsia_group"},
        "treat": {"method": "skew-kurtosis"},
        "normalise": {"method": "min-max"},
    }
    above = [
        {"id": code}
        if not isinstance(row["Parent"], str)
        else {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
        for code, row in nodes.iterrows()
    ]
    whole = {**head, "units": units, "defaults": defaults, "nodes": above, "indicators": indicators, **blocks}
    methodology = Methodology.model_validate_json(json.dumps(whole), strict=True)
    columns = {one["id"]: one.get("column", one["id"]) for one in indicators if "derive" not in one}
    values = raw[list(columns.values())].to_numpy(dtype=float)
    texts = {"EurAsia_group": raw["EurAsia_group"].tolist()}
    table = Table.from_arrays(raw.index.tolist(), list(columns), values, texts=texts)
    return dti.CompositeIndex(methodology).fit(table), meta
