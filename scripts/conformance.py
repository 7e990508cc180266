"""Published indices recomputed from their published inputs: figures compared, largest error, mismatches.

`make conformance` runs it. The methodology files are those of `tests/conformance/`, the data those of the folder that
DTINDEX_REFERENCE_DATA names, or `../shared/data`. Exits 1 on a mismatch, 2 where the data are not there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

import dtindex as dti
from dtindex.spec import parse_methodology

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("DTINDEX_REFERENCE_DATA", ROOT.parent / "shared" / "data"))


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    index: str
    what: str
    compared: int
    largest_error: float
    mismatches: int


def frame(name: str) -> pd.DataFrame:
    """A file of the reference data, cells as text."""
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


def scored(name: str, rows: pd.DataFrame, *changes: tuple[str, str]) -> dti.Scores:
    """Scores of a frame by a methodology file, some of its text replaced."""
    text = (ROOT / "tests" / "conformance" / name).read_text(encoding="utf-8")
    for old, new in changes:
        text = text.replace(old, new)
    methodology, findings = parse_methodology(text, name)
    if methodology is None:
        raise SystemExit(str(findings))
    table = dti.read_table(rows.reset_index(drop=True), methodology)
    return dti.CompositeIndex(methodology).fit(table).score(table)


def compared(index: str, what: str, own: ArrayLike, published: ArrayLike, tolerance: float) -> Line:
    """Computed figures against published ones; where either is missing nothing is compared."""
    difference = np.abs(np.asarray(own, dtype=float) - np.asarray(published, dtype=float))
    known = difference[~np.isnan(difference)]
    return Line(index, what, known.size, float(known.max()), int((known > tolerance).sum()))


def own_comparisons(index: str, scores: dti.Scores) -> Line:
    """What the methodology's own `published:` columns say."""
    ones = scores.comparisons
    largest = max(one.largest_error for one in ones)
    what = f"{len(ones)} levels" if len(ones) > 1 else "index"
    return Line(index, what, sum(one.compared for one in ones), largest, sum(one.mismatches for one in ones))


def numbers(column: pd.Series[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Text as numbers, empty as NaN."""
    return pd.to_numeric(column).to_numpy(dtype=float)


def hdi() -> Iterator[Line]:
    """Both series of the Human Development Index, at the third decimal."""
    for series, latest in (("hdr2021_22", "2021"), ("hdr2023_24", "2022")):
        rows = frame(f"hdi/{series}.csv").drop(columns="country")
        rows["ranked"] = np.where(rows["iso3"].str.startswith("ZZ"), "no", "yes")
        scores = scored("hdi.yaml", rows)
        yield own_comparisons(f"HDI {series}", scores)
        ranks = np.where(rows["year"] == latest, numbers(rows["hdi_rank"]), np.nan)
        yield compared(f"HDI {series}", "ranks", scores.rank("hdi"), ranks, 0)


def desi() -> Iterator[Line]:
    """The Digital Economy and Society Index 2022, back to 2017."""
    rows = frame("desi2022/indicators_completed.csv")
    rows["ranked"] = np.where(rows["country"] == "EU", "no", "yes")
    scores = scored("desi.yaml", rows)
    order = pd.MultiIndex.from_arrays([scores.units, scores.periods])
    for what, name, factor in (("15 levels", "scores_published", 1), ("33 normalised", "indicators_normalised", 100)):
        figures = frame(f"desi2022/{name}.csv").set_index(["country", "year"]).apply(pd.to_numeric).reindex(order)
        ids = [code if code == "DESI" else ("d" if factor == 1 else "i") + code for code in figures]
        own = np.column_stack([scores.column(item) for item in ids])
        yield compared("DESI 2022", what, own, factor * figures.to_numpy(), 1e-9)


def egdi() -> Iterator[Line]:
    """The UN E-Government Development Index, with the weights of each edition."""
    rows = frame("egdi/egdi.csv")
    weights = [
        (f"{{id: {item}, parent: egdi,", f"{{id: {item}, parent: egdi, weight: {weight},")
        for item, weight in (("osi", 0.34), ("tii", 0.33), ("hci", 0.33))
    ]
    first, later = rows[rows["year"] == "2010"], rows[rows["year"] != "2010"]
    for name, scores in (
        ("EGDI 2010", scored("egdi.yaml", first, *weights)),
        ("EGDI 2012-2022", scored("egdi.yaml", later)),
    ):
        yield own_comparisons(name, scores)
        without = scores.units[np.isnan(scores.comparisons[0].given)]
        print(f"{name}: published as 0 for want of data, so missing: {', '.join(without)}")


def inform() -> Iterator[Line]:
    """The INFORM Global Risk Index from its components, rounded at every node."""
    rows = frame("inform2020/inform2020.csv")
    scores = scored("inform.yaml", rows)
    yield own_comparisons("INFORM 2020", scores)
    yield compared("INFORM 2020", "ranks", scores.rank("risk"), numbers(rows["Rank"]), 0)
    labels = {level.id: level.label for level in scores.methodology.tiers[0].levels}
    same = np.array([labels[tier] for tier in scores.tier_values["risk"]]) == rows["RISK CLASS"].to_numpy()
    yield Line("INFORM 2020", "classes", same.size, 0.0, int((~same).sum()))


def green() -> Iterator[Line]:
    """Green computing-power carrying capacity: min-max, entropy, CRITIC, capped mixture, TOPSIS, dimensions."""
    scores = scored("green.yaml", frame("cn_green_compute/indicators_raw.csv"))
    order = pd.MultiIndex.from_arrays([scores.units, scores.periods])

    def published(name: str) -> pd.DataFrame:
        table = frame(f"cn_green_compute/{name}.csv").set_index(["province", "year"])
        return table.reindex(order)

    normalised = published("indicators_normalised_published").apply(pd.to_numeric)
    own = np.column_stack([scores.column(code) for code in normalised])
    yield compared("Green compute", "34 normalised", own, normalised, 1e-12)
    weights = frame("cn_green_compute/weights_published.csv").set_index("code")
    final = numbers(weights["w_combined"])
    yield compared("Green compute", "weights", [scores.effective[code] for code in weights.index], final, 1e-12)
    dimensions = published("dimension_scores_published").apply(pd.to_numeric)
    ids = {node.name("zh"): node.id for node in scores.methodology.nodes}
    own = np.column_stack([scores.column(ids[name]) for name in dimensions])
    yield compared("Green compute", "7 dimensions", own, dimensions, 1e-12)
    topsis = published("topsis_scores_published")
    yield compared("Green compute", "TOPSIS", scores.column("index"), numbers(topsis["score"]), 1e-12)
    yield compared("Green compute", "ranks", scores.rank("index"), numbers(topsis["rank"]), 0)


def main() -> int:
    """Print the table."""
    if not DATA.is_dir():
        print(f"reference data not found: {DATA}", file=sys.stderr)
        return 2
    lines = [line for index in (hdi, desi, egdi, inform, green) for line in index()]
    print(f"{'index':<20}{'what':<16}{'compared':>10}{'largest error':>16}{'mismatches':>12}")
    for line in lines:
        print(f"{line.index:<20}{line.what:<16}{line.compared:>10,}{line.largest_error:>16.3g}{line.mismatches:>12,}")
    return int(any(line.mismatches for line in lines))


if __name__ == "__main__":
    sys.exit(main())
