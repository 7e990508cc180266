"""The files that scoring leaves behind: two tables, the findings, and the record of the run.

The same scores give the same bytes, whatever the order of the table's rows and columns and the number of threads: rows
come in the order of the codelist or of the keys, and numbers in 12 significant digits.
"""

from __future__ import annotations

import csv
import io
import json
import math
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex._version import __version__
from dtindex.atomic import write_files
from dtindex.findings import Findings
from dtindex.scores import Comparison, Scores
from dtindex.spec.provenance import provenances
from dtindex.status import StatusArray, status_text
from dtindex.steps.classify import UNKNOWN
from dtindex.steps.registered import registered
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Run",
    "class_counts",
    "comparison_dict",
    "frame_csv",
    "json_text",
    "long_csv",
    "neutral",
    "run_record",
    "table_csv",
    "twelve",
    "twelve_each",
    "wide_csv",
    "write_scores",
]

_SMALL, _LARGE = 1e-9, 1e12
_NEAR = 1e-3
_POWERS = np.array([float(f"1e{power}") for power in range(23)])
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True)
class Run:
    """What the scores alone do not know of the run that made them."""

    command: tuple[str, ...] = ()
    """The command line, without the program's name."""
    table_hash: str = ""
    edition: tuple[str, str] | None = None
    """Name and hash of the edition that scored."""
    ranked_against: str = "table"


def write_scores(folder: Path | str, scores: Scores, findings: Findings, run: Run) -> list[Path]:
    """Write ``scores.csv``, ``scores_wide.csv``, ``findings.json`` and ``run.json``: all of them, or none.

    The tables begin with a byte-order mark, without which Excel in China would read UTF-8 as GBK.

    Raises
    ------
    UsageError
        DT410 where the folder or a file cannot be written.
    """
    contents = {
        "scores.csv": long_csv(scores),
        "scores_wide.csv": wide_csv(scores),
        "findings.json": _json_bytes(_findings(findings)),
        "run.json": _json_bytes(run_record(scores, findings, run)),
    }
    return write_files(folder, contents)


# --- tables ---


def long_csv(scores: Scores) -> bytes:
    """One row a unit (and period) and item: :meth:`Scores.to_long` as CSV."""
    order = scores.sorted_rows()
    count = len(scores.items)
    periods = [""] * len(order) if scores.periods is None else _texts(scores.periods[order])
    columns = {
        "unit": _each(_texts(scores.units[order]), count),
        "name": _each(_texts(scores.names()[order]), count),
        "period": _each(periods, count),
        "node": _texts(scores.items) * len(order),
        "score": _numbers(scores.values[order].ravel()),
        "rank": _ranks(scores.rank_values[order].ravel()),
        "coverage": _few(scores.coverage_values[order].ravel()),
        "status": _statuses(scores.flags[order].ravel()),
    }
    return _csv(columns)


def wide_csv(scores: Scores) -> bytes:
    """One row a unit (and period): each item's score, its rank under each root, tiers of nodes, classes of schemes."""
    order = scores.sorted_rows()
    columns: dict[str, list[str]] = {"unit": _texts(scores.units[order]), "name": _texts(scores.names()[order])}
    if scores.periods is not None:
        columns["period"] = _texts(scores.periods[order])
    for item in scores.items:
        columns[item] = _numbers(scores.column(item)[order])
    for root in scores.methodology.tree.roots:
        columns[f"rank:{root}"] = _ranks(scores.rank(root)[order])
    for node, tiers in scores.tier_values.items():
        columns[f"tier:{node}"] = _texts(tiers[order])
    for scheme, classes in scores.class_values.items():
        columns[f"class:{scheme}"] = _texts(classes[order])
    return _csv(columns)


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _texts(values: Iterable[object]) -> list[str]:
    return [neutral(str(value)) for value in values]


def _each(values: Sequence[str], count: int) -> list[str]:
    """Each value so many times."""
    return [value for value in values for _ in range(count)]


def _numbers(values: FloatArray) -> list[str]:
    # Adding zero makes -0 a 0, which it equals.
    return ["" if value != value else f"{value:.12g}" for value in (values + 0.0).tolist()]


def _few(values: FloatArray) -> list[str]:
    """Numbers of which few are different, so that few have to be printed."""
    different, positions = np.unique(values, return_inverse=True)
    printed = _numbers(different)
    return [printed[position] for position in positions.ravel().tolist()]


def _ranks(ranks: NDArray[np.int64]) -> list[str]:
    return ["" if rank == 0 else str(rank) for rank in ranks.tolist()]


def _statuses(flags: StatusArray) -> list[str]:
    words = {flag: status_text(flag) for flag in np.unique(flags).tolist()}
    return [words[flag] for flag in flags.tolist()]


def _csv(columns: Mapping[str, Sequence[str]]) -> bytes:
    return _written(columns, zip(*columns.values(), strict=True))


def table_csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Any table as scores are written.

    UTF-8 with a byte-order mark, numbers in 12 significant digits, ``true`` and ``false``, nothing where a value is
    None or no number, and no text that a spreadsheet takes for a formula.
    """
    return _written(columns, ([_cell(value) for value in row] for row in rows))


def frame_csv(frame: pd.DataFrame) -> bytes:
    """A frame as :func:`table_csv` writes it, its index first."""
    import pandas as pd

    whole = frame.reset_index()
    rows = ([None if value is pd.NA else value for value in row] for row in whole.itertuples(index=False, name=None))
    return table_csv([str(name) for name in whole.columns], rows)


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return f"{value + 0.0:.12g}" if isinstance(value, float) else str(value).lower()


def _written(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig", "surrogatepass")


# --- records ---


def run_record(scores: Scores, findings: Findings, run: Run) -> dict[str, Any]:
    """Everything that is needed to say a year later what these figures are. No clock and no folder enters it."""
    import pandas as pd

    methodology = scores.methodology
    return {
        "dtindex": __version__,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__},
        "packages": _packages(scores),
        "command": ["dtindex", *run.command],
        "seed": None,
        "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
        "edition": None if run.edition is None else dict(zip(("name", "hash"), run.edition, strict=True)),
        "table": {"hash": run.table_hash, "rows": len(scores)},
        "ranked_against": run.ranked_against,
        "assumptions": list(scores.assumptions),
        "synthetic": scores.synthetic,
        "classes": class_counts(scores),
        "left_out": _left_out(scores),
        "weights": {"effective": _rounded(scores.effective), "nodes": _node_weights(scores)},
        "comparisons": [comparison_dict(one) for one in scores.comparisons],
        "provenance": _provenance(scores),
        "counts": {"errors": len(findings.errors), "warnings": len(findings.warnings), "notes": len(findings.notes)},
    }


def _packages(scores: Scores) -> dict[str, str]:
    """Other packages whose methods made the scores, with their versions."""
    tree = scores.methodology.tree
    named = [("normalise", tree.indicators[item].normalise) for item in tree.scored]
    for node in tree.nodes.values():
        named += [("aggregate", node.aggregate), ("weights", node.weights)]  # type: ignore[list-item]
    found = [registered(family, spec.name) for family, spec in named if getattr(spec, "method", "") == "registered"]  # type: ignore[union-attr]
    return {one.package: one.version for one in sorted(found, key=lambda one: one.package)}


def class_counts(scores: Scores) -> dict[str, dict[str, int]]:
    """By scheme, how many units are in each class, in the order of the rules; ``unknown`` last."""
    found = {}
    for scheme, classes in scores.class_values.items():
        ids = [rule.id for rule in scores.methodology.classes if rule.scheme == scheme]
        counts = Counter(classes.tolist())
        found[scheme] = {one: counts[one] for one in [*ids, UNKNOWN] if one in ids or counts[one]}
    return found


def _left_out(scores: Scores) -> dict[str, int]:
    """Rows that take no part, by the rule that leaves them out."""
    failures = () if scores.screened is None else scores.screened.failures
    return {f"{one.rule}:{one.kind}": len(one.rows) for one in failures}


def comparison_dict(one: Comparison) -> dict[str, Any]:
    """A comparison in figures."""
    return {
        "item": one.item,
        "kind": one.kind,
        "compared": one.compared,
        "largest_error": twelve(one.largest_error),
        "tolerance": twelve(one.tolerance),
        "mismatches": one.mismatches,
    }


def twelve(value: float) -> float | None:
    """A number as files hold it: 12 significant digits, None for what is no number."""
    return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else None


def twelve_each(values: FloatArray) -> FloatArray:
    """:func:`twelve` of each number, but that NaN stays NaN; any shape.

    ``rint(x 10**k) / 10**k`` with the power that leaves 12 digits before the point is the float nearest to the decimal
    number, since both are whole numbers that a float holds. Where the product lies so near to a half that its own
    rounding could decide, or the power is not one that a float holds, the number is printed and read.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    size = np.abs(flat)
    plain = (size >= _SMALL) & (size < _LARGE)
    power = 11 - np.floor(np.log10(np.where(plain, size, 1.0))).astype(np.intp)
    scale = _POWERS[power]
    scaled = np.where(plain, flat, 0.0) * scale
    whole = np.rint(scaled)
    digits = np.abs(whole)
    sure = plain & (np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) > _NEAR) & (digits >= 1e11) & (digits <= 1e12)
    rounded = whole / scale
    for position in np.flatnonzero(~sure).tolist():
        value = float(flat[position])
        rounded[position] = float(f"{value:.12g}") + 0.0 if math.isfinite(value) else np.nan
    shaped: FloatArray = rounded.reshape(np.shape(values))
    return shaped


def json_text(content: object) -> str:
    """JSON for people and programs."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _json_bytes(content: object) -> bytes:
    return json_text(content).encode("utf-8", "surrogatepass")


def _findings(findings: Findings) -> dict[str, Any]:
    counts = {"errors": len(findings.errors), "warnings": len(findings.warnings), "notes": len(findings.notes)}
    return {**counts, "findings": [finding.to_dict() for finding in findings]}


def _node_weights(scores: Scores) -> dict[str, dict[str, float | None]]:
    """Weights of each node's members, as they entered the score."""
    return {
        node: _rounded(dict(zip(_members(scores, node), weights, strict=True)))
        for node, weights in scores.weights.items()
    }


def _members(scores: Scores, node: str) -> tuple[str, ...]:
    tree = scores.methodology.tree
    over = getattr(tree.nodes[node].aggregate, "over", "children")
    return tree.leaves(node) if over == "leaves" else tree.children[node]


def _rounded(weights: Mapping[str, float]) -> dict[str, float | None]:
    return {name: twelve(weight) for name, weight in weights.items()}


def _provenance(scores: Scores) -> dict[str, list[dict[str, str]]]:
    """What was not published as such: recovered, assumed, unpublished; each with its check or reason."""
    found: dict[str, list[dict[str, str]]] = {"recovered": [], "assumed": [], "unpublished": []}
    for origin, entry in _entries(scores):
        if origin in found:
            found[origin].append(entry)
    return found


def _entries(scores: Scores) -> Iterator[tuple[str, dict[str, str]]]:
    for one in provenances(scores.methodology):
        check = {"check": one.check} if one.check else {}
        yield str(one.origin), {"item": one.item, "parameter": one.parameter, **check}
