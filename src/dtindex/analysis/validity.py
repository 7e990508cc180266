"""Does the index measure what its tree says: reliability, dimensions, correlations by level, importance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.blocks import Members, RowsUsed, node_blocks, used_rows
from dtindex.analysis.correlation import METHODS
from dtindex.analysis.flags import Flag, Thresholds, flagged
from dtindex.analysis.pairs import Pair, adjusted, pairs
from dtindex.analysis.plain import records
from dtindex.analysis.scales import ScaleAnswers, answers
from dtindex.analysis.shares import Share, shares
from dtindex.analysis.tables import (
    correlation_table,
    eigenvalue_table,
    flag_table,
    importance_table,
    item_table,
    reliability_table,
    sampling_table,
)
from dtindex.findings import Finding, Findings, Place, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["Validity", "validity"]

Method = Literal["pearson", "spearman", "kendall"]
_METHODS: tuple[Method, ...] = ("pearson", "spearman", "kendall")
_TABLES = ("correlations", "flags", "reliability", "items", "sampling", "eigenvalues", "importance")
_MEANS = {
    "all": "reliability, sampling adequacy, eigenvalues and omega",
    "alpha": "alpha",
    "alpha_standardised": "standardised alpha",
    "regular": "KMO, Bartlett's test, VIF, parallel analysis and omega",
    "omega": "omega",
    "omega_hierarchical": "omega hierarchical",
}


@dataclass(frozen=True, eq=False, repr=False)
class Validity:
    """Answers as data frames; what could not be computed is missing there, and a finding DT311 says why."""

    scores: Scores
    correlations: pd.DataFrame
    """A row a pair of siblings, or of an item and a node above it: coefficients, p-values, Holm's p-values."""
    flags: pd.DataFrame
    """What is too high, too low or negative."""
    reliability: pd.DataFrame
    """A row a node: alpha with its Feldt interval, standardised alpha, omega."""
    items: pd.DataFrame
    """A row a member of a node: item-total correlation, alpha without it, loading, KMO, VIF."""
    sampling: pd.DataFrame
    """A row a node: KMO and Bartlett's test."""
    eigenvalues: pd.DataFrame
    """A row a component of a node: eigenvalue, share of variance, eigenvalues of random data."""
    importance: pd.DataFrame
    """A row a child: its weight, squared correlation and correlation ratio with its parent."""
    findings: Findings = field(default_factory=Findings)
    period: str | None = None
    of: Members = "children"
    rows: RowsUsed = "complete"
    runs: int = 1000
    seed: int = 1
    thresholds: Thresholds = field(default_factory=Thresholds)
    units: int = 0
    """Rows that were looked at, complete or not."""

    def __repr__(self) -> str:
        return f"<Validity of {self.scores.methodology.id}: {len(self.reliability)} nodes, {len(self.flags)} flags>"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames by name."""
        return {name: getattr(self, name) for name in _TABLES}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what could not be computed."""
        methodology = self.scores.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "units": self.units,
            "period": self.period,
            "of": self.of,
            "rows": self.rows,
            "runs": self.runs,
            "seed": self.seed,
            "thresholds": asdict(self.thresholds),
            **{name: records(frame) for name, frame in self.tables.items()},
            "findings": [one.to_dict() for one in self.findings],
        }


def validity(
    index: CompositeIndex | Edition | Scores,
    table: Table | pd.DataFrame | str | None = None,
    *,
    period: str | None = None,
    of: Members = "children",
    rows: RowsUsed = "complete",
    methods: Sequence[Method] = _METHODS,
    thresholds: Thresholds | None = None,
    runs: int = 1000,
    seed: int = 1,
) -> Validity:
    """Ask of every node with two children or more whether its children belong together.

    Everything is asked of normalised scores, in which higher is better and missing values are imputed where the
    methodology says so. Correlations and importance take, pair by pair, the rows in which both have scores.
    Reliability, sampling adequacy, eigenvalues and factors need one matrix of all children, and rest on the rows
    without a gap.

    Parameters
    ----------
    index
        A fitted index, an edition, or scores.
    table
        What to score; without it, the table that was fitted. Not with scores.
    period
        Period of a panel; its latest one unless said, since years of one unit are no independent rows. ``"all"``
        pools them.
    of
        ``children`` of each node, or all ``leaves`` below it (reliability, sampling, eigenvalues and items).
    rows
        ``complete`` rows for the matrices, or ``pairwise`` complete covariances (as COINr and psych have them), which
        need not be positive semi-definite; their interval takes the number of rows of the poorest pair.
    methods
        Correlation coefficients; flags go by the first.
    thresholds
        Where correlations and variance inflation factors are flagged.
    runs, seed
        Random matrices of the parallel analysis, and where they start; nothing else is random.

    Raises
    ------
    InputError
        As scoring does. What cannot be computed is no error: it is missing in the frames, and a note DT311 says why.
    UsageError
        DT902 for a period that the table does not have, and for settings that do not exist.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4. doi:10.1787/9789264043466-en

    Examples
    --------
    >>> import dtindex as dti
    >>> v = dti.validity(dti.CompositeIndex("caict-computing-power-1.0").fit())
    >>> index = v.reliability.set_index("node").loc["index"]
    >>> f"{index['alpha']:.3f} of {index['rows']} rows"
    '0.849 of 31 rows'
    """
    scores = _scores(index, table)
    _check(of, rows, methods, runs)
    shown = _period(scores, period)
    positions = used_rows(scores, shown)
    limits = thresholds or Thresholds()
    found = pairs(scores, positions, methods)
    p_values: dict[str, FloatArray] = {method: adjusted(found, method) for method in methods}
    blocks = node_blocks(scores, positions, of)
    scales = [answers(block, rows, runs=runs, seed=seed) for block in blocks]
    children = shares(scores, positions)
    flags = [*flagged(found, p_values[methods[0]], methods[0], limits), *_item_flags(scales, limits)]
    return Validity(
        scores=scores,
        correlations=correlation_table(found, p_values),
        flags=flag_table(flags),
        reliability=reliability_table(scales),
        items=item_table(scales),
        sampling=sampling_table(scales),
        eigenvalues=eigenvalue_table(scales),
        importance=importance_table(children),
        findings=_notes(scores, positions, found, scales, children),
        period=shown,
        of=of,
        rows=rows,
        runs=runs,
        seed=seed,
        thresholds=limits,
        units=len(positions),
    )


def _scores(index: CompositeIndex | Edition | Scores, table: Table | pd.DataFrame | str | None) -> Scores:
    if not isinstance(index, Scores):
        return index.score(table)
    if table is not None:
        raise UsageError([finding("DT902", "scores were given, and a table besides; the scores have their own")])
    return index


def _check(of: str, rows: str, methods: Sequence[str], runs: int) -> None:
    for name, words, known in (
        ("of", [of], ("children", "leaves")),
        ("rows", [rows], ("complete", "pairwise")),
        ("methods", methods, tuple(METHODS)),
    ):
        unknown = [word for word in words if word not in known]
        if unknown or not words:
            raise UsageError([finding("DT902", f"{name}={', '.join(unknown)!r}: expected {' or '.join(known)}")])
    if runs < 1:
        raise UsageError([finding("DT902", f"runs={runs}: expected 1 or more")])


def _period(scores: Scores, wanted: str | None) -> str | None:
    """The period to look at; None for all rows."""
    if scores.periods is None:
        if wanted not in (None, "all"):
            raise UsageError([finding("DT902", f"period {wanted!r}: the table has no periods")])
        return None
    from dtindex.steps.derive import period_order

    known = period_order(scores.periods)
    if wanted is None or wanted == "all":
        return None if wanted == "all" or not known else known[-1]
    if wanted not in known:
        guess = nearest(wanted, known)
        hint = f"nearest is {guess!r}" if guess else f"there are {', '.join(known[-10:])}"
        raise UsageError([finding("DT902", f"period {wanted!r}: not in the table; {hint}")])
    return wanted


def _item_flags(scales: Sequence[ScaleAnswers], thresholds: Thresholds) -> Iterable[Flag]:
    """Items that go against the rest of their scale, and items that the rest determines."""
    for scale in scales:
        node, nothing = scale.block.node, float("nan")
        for position, item in enumerate(scale.block.items):
            if scale.item_total is not None and scale.item_total[position] < 0:
                value = float(scale.item_total[position])
                yield Flag(node, item, "", "siblings", "item_total", value, nothing, "negative-keyed")
            if scale.inflation is not None and scale.inflation[position] > thresholds.inflation:
                yield Flag(node, item, "", "siblings", "vif", float(scale.inflation[position]), nothing, "collinear")


def _notes(
    scores: Scores,
    rows: NDArray[np.intp],
    found: Sequence[Pair],
    scales: Sequence[ScaleAnswers],
    children: Sequence[Share],
) -> Findings:
    """What could not be computed, and why. An item without any score is named once, not in every statistic."""
    empty = [item for item in scores.items if np.isnan(scores.column(item)[rows]).all()]
    notes = [_note(item, "no scores: nothing is computable of it, nor of its siblings together") for item in empty]
    notes += _pair_notes([pair for pair in found if not {pair.first, pair.second}.intersection(empty)])
    notes += _scale_notes([scale for scale in scales if not set(scale.block.items).intersection(empty)])
    notes += [
        _note(child.item, child.reason)
        for child in children
        if child.reason and not {child.item, child.node}.intersection(empty)
    ]
    return Findings(dict.fromkeys(notes))


def _pair_notes(found: Sequence[Pair]) -> list[Finding]:
    """One note for each node and reason, with the number of its pairs."""
    counts = Counter((pair.node, pair.reason) for pair in found if pair.reason)
    return [
        _note(node, f"{count} correlation{'s' if count > 1 else ''} not computable: {reason}")
        for (node, reason), count in counts.items()
    ]


def _scale_notes(scales: Sequence[ScaleAnswers]) -> list[Finding]:
    return [
        _note(scale.block.node, f"{_MEANS[statistic]} not computable: {reason}")
        for scale in scales
        for statistic, reason in scale.reasons.items()
    ]


def _note(name: str, message: str) -> Finding:
    return finding("DT311", message, Place(name=name))
