"""What sets one group apart from the others: outcomes in classes, with intervals and tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.groups.circular import shared_inputs
from dtindex.analysis.groups.frame import long_frame, records
from dtindex.analysis.groups.members import OTHERS, Groups, groups_by, pairs_of
from dtindex.analysis.groups.multiplicity import ADJUSTMENTS, Adjust
from dtindex.analysis.groups.outcome import (
    FORMS,
    SMALL,
    Form,
    OutcomeComparison,
    Rows,
    Settings,
    compare_outcomes,
)
from dtindex.analysis.groups.regression import Control
from dtindex.analysis.groups.told import told_table
from dtindex.analysis.plain import plain
from dtindex.engine.sums import constant
from dtindex.findings import Finding, Findings, Place, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.base import Language
from dtindex.spec.classes import SCHEME
from dtindex.spec.model import Methodology
from dtindex.steps.classify import UNKNOWN
from dtindex.steps.derive import period_order
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GroupComparison", "compare"]

_TAG, _TIMES = "outcome", "times"


@dataclass(frozen=True, eq=False, repr=False)
class GroupComparison:
    """Answers by outcome and pair of groups; what could not be computed says why, and is never NaN."""

    methodology: Methodology
    scores: Scores
    groups: Groups
    pairs: tuple[tuple[str, str], ...]
    outcomes: tuple[str, ...]
    answers: tuple[OutcomeComparison, ...]
    """Pair by pair, outcome by outcome."""
    confidence: float
    adjust: Adjust | None
    seed: int
    permutations: int
    resamples: int
    weighted: bool
    controls: tuple[str, ...] = ()
    cluster: str | None = None
    period: str | None = None
    rows: int = 0
    """Rows that take part: those in a group, with a weight."""
    findings: Findings = field(default_factory=Findings)

    def __repr__(self) -> str:
        pairs = ", ".join(f"{group} against {other}" for group, other in self.pairs[:3])
        return f"<GroupComparison of {self.methodology.id}: {pairs}; {len(self.outcomes)} outcomes>"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Everything: a row an outcome, pair and statistic, with interval, test, adjusted p; a reason where missing."""
        return long_frame(self.answers, self.adjust)

    def table(self, language: Language = "en") -> pd.DataFrame:
        """A row an outcome, as text: both figures, how it is told (per cent, times, shares), interval and stars."""
        return told_table(
            self.answers,
            self.methodology,
            self.groups,
            adjust=self.adjust,
            confidence=self.confidence,
            controlled=bool(self.controls),
            language=language,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what could not be computed."""
        methodology = self.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "by": self.groups.by,
            "pairs": [{"group": group, "against": against} for group, against in self.pairs],
            "outcomes": list(self.outcomes),
            "rows": self.rows,
            "period": self.period,
            "weighted": self.weighted,
            "controls": list(self.controls),
            "cluster": self.cluster,
            "confidence": self.confidence,
            "adjust": self.adjust,
            "seed": self.seed,
            "permutations": self.permutations,
            "resamples": self.resamples,
            "inputs": {one.outcome: list(one.shared) for one in self.answers if one.shared},
            "comparison": [
                {name: plain(value) for name, value in row.items()} for row in records(self.answers, self.adjust)
            ],
            "table": {language: self.table(language).to_dict(orient="records") for language in ("en", "zh")},
            "findings": [one.to_dict() for one in self.findings],
        }


def compare(
    scores: Scores,
    by: str = SCHEME,
    outcomes: Sequence[str] | None = None,
    group: str | None = None,
    against: str = OTHERS,
    *,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    weights: bool = True,
    confidence: float = 0.95,
    adjust: Adjust | None = "holm",
    seed: int = 0,
    permutations: int = 10_000,
    resamples: int = 2_000,
    forms: Mapping[str, Form] | None = None,
    period: str | None = None,
) -> GroupComparison:
    """Compare outcomes between groups: one class against all others, or each pair.

    Units that take part and whose group is known are compared; an outcome leaves out those of which it is not known.
    Means, shares, differences, ratios, regression and bootstrap use the sampling weights of the table, the other tests
    do not and say so. A group of fewer than ten is told by a permutation test.

    Parameters
    ----------
    scores
        What :meth:`CompositeIndex.score` or :meth:`Edition.score` returned.
    by
        A scheme of `classes:`, or a text column of the table.
    outcomes
        Ids of nodes and indicators: scores where they are scored, else values as measured. Without it the measured
        indicators with the tag `outcome`.
    group, against
        Two groups; the first class of the scheme unless said. ``"others"``: everyone else whose group is known;
        ``"each"``: ``group`` against each other one, or without it each pair.
    controls
        What the regression holds equal: text columns (as dummies), or ids of items.
    cluster
        Text column of clusters, within which rows are not independent: means, shares, differences, ratios and the
        regression then have cluster-robust errors, the other tests do not. Rows without one are left out.
    weights
        Whether sampling weights are used, where the table has them.
    confidence
        Of intervals, between 0 and 1.
    adjust
        ``holm``, ``bh`` (Benjamini and Hochberg) or None, over the outcomes and pairs.
    seed, permutations, resamples
        Random splits and resamples, and where they start.
    forms
        How an outcome is told: ``per cent``, ``times``, ``shares`` (of 0 and 1) or ``difference``. Unless said: shares
        of 0 and 1, times with the tag `times`, else per cent.
    period
        Period of a panel; its latest one unless said, since years of one unit are no independent rows.

    Raises
    ------
    UsageError
        DT024 for names that there are not, DT902 for settings that do not exist. What cannot be computed is no error:
        it says why in the frame, and findings DT370 to DT376 speak of it.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("accenture-reinvention-2023")
    >>> answers = dti.read_table(dti.sample(m, 2000, seed=2).table, m)
    >>> scores = dti.CompositeIndex(m, assume="instrument-v1").fit(answers).score()
    >>> found = dti.compare(scores, outcomes=["financial_value"], resamples=200, permutations=200)
    >>> found.answers[0].members
    (37, 1898)
    """
    _check(confidence, adjust, permutations, resamples, forms)
    shown = _period(scores, period)
    rows = _rows(scores, shown)
    own = _weights(scores, rows) if weights else None
    dropped = np.zeros(len(rows), dtype=bool) if own is None else ~(own > 0)
    alone = np.zeros(len(rows), dtype=bool) if cluster is None else _text(scores, cluster)[rows] == ""
    taken = ~dropped & ~alone
    rows, own = rows[taken], None if own is None else own[taken]
    groups = groups_by(scores, by, rows)
    pairs = pairs_of(groups, group, against)
    names = _outcomes(scores, outcomes)
    columns = {name: _column(scores, name)[rows] for name in names}
    binary = frozenset(name for name, values in columns.items() if _is_binary(values))
    told = _forms(scores, names, binary, forms or {})
    held = tuple(_control(scores, name, rows) for name in controls)
    clusters = None if cluster is None else _codes(_text(scores, cluster)[rows])
    settings = Settings(confidence, permutations, resamples, seed)
    shared = {name: tuple(shared_inputs(scores.methodology, by, name)) for name in names}
    answers = [
        replace(answer, shared=shared[answer.outcome])
        for pair in pairs
        for answer in compare_outcomes(
            (pair.group, pair.against),
            columns,
            (pair.first, pair.second),
            told,
            binary,
            settings,
            Rows(own, clusters, held),
        )
    ]
    compared = np.logical_or.reduce([pair.first | pair.second for pair in pairs])
    counts = {(pair.group, pair.against): (int(pair.first.sum()), int(pair.second.sum())) for pair in pairs}
    return GroupComparison(
        methodology=scores.methodology,
        scores=scores,
        groups=groups,
        pairs=tuple(counts),
        outcomes=tuple(names),
        answers=tuple(answers),
        confidence=confidence,
        adjust=adjust,
        seed=seed,
        permutations=permutations,
        resamples=resamples,
        weighted=own is not None,
        controls=tuple(controls),
        cluster=cluster,
        period=shown,
        rows=int(compared.sum()),
        findings=Findings(
            dict.fromkeys(
                [
                    *_left_out(groups, int(dropped.sum()), int((alone & ~dropped).sum())),
                    *_circular(groups, shared),
                    *_of_groups(counts),
                    *_of_answers(answers),
                    *_unweighted(own is not None, clusters is not None),
                ]
            )
        ),
    )


# --- what is asked for ---


def _check(
    confidence: float, adjust: str | None, permutations: int, resamples: int, forms: Mapping[str, Form] | None
) -> None:
    wrong = []
    if not 0 < confidence < 1:
        wrong.append(f"confidence={confidence}: expected a number between 0 and 1")
    if adjust is not None and adjust not in ADJUSTMENTS:
        wrong.append(f"adjust={adjust!r}: expected {', '.join(ADJUSTMENTS)} or None")
    wrong += [
        f"{name}={count}: expected 1 or more"
        for name, count in (("permutations", permutations), ("resamples", resamples))
        if count < 1
    ]
    wrong += [
        f"form {form!r} of {name!r}: expected {', '.join(FORMS)}"
        for name, form in (forms or {}).items()
        if form not in FORMS
    ]
    if wrong:
        raise UsageError([finding("DT902", one) for one in wrong])


def _period(scores: Scores, wanted: str | None) -> str | None:
    """The period to look at; None for all rows."""
    if scores.periods is None:
        if wanted is not None:
            raise UsageError([finding("DT902", f"period {wanted!r}: the table has no periods")])
        return None
    known = period_order(scores.periods)
    if wanted is not None and wanted not in known:
        raise UsageError([finding("DT902", f"period {wanted!r}: not in the table; there are {', '.join(known[-10:])}")])
    return wanted or known[-1]


def _rows(scores: Scores, period: str | None) -> NDArray[np.intp]:
    """Positions of the units that take part, in the order of files: so the order of the table changes no bit."""
    rows = scores.sorted_rows()
    rows = rows[scores.classified[rows]]
    return rows if period is None or scores.periods is None else rows[scores.periods[rows] == period]


def _weights(scores: Scores, rows: NDArray[np.intp]) -> FloatArray | None:
    return None if scores.table.weights is None else np.nan_to_num(scores.table.weights[rows], nan=0.0)


def _outcomes(scores: Scores, wanted: Sequence[str] | None) -> list[str]:
    tree = scores.methodology.tree
    if wanted is None:
        names = [
            name for name in tree.tagged.get(_TAG, ()) if name in scores.measured_columns and name not in scores.items
        ]
        if not names:
            raise UsageError([finding("DT902", f"no measured indicator bears the tag {_TAG!r}; name the outcomes")])
        return names
    for name in wanted:
        if name not in scores.items and name not in scores.measured_columns:
            near = nearest(name, [*scores.items, *scores.measured_columns])
            raise UsageError([finding("DT024", f"no outcome {name!r}" + (f"; nearest is {near!r}" if near else ""))])
    if not wanted:
        raise UsageError([finding("DT902", "no outcome was named")])
    return list(dict.fromkeys(wanted))


def _column(scores: Scores, name: str) -> FloatArray:
    return scores.column(name) if name in scores.items else scores.measured_columns[name]


def _is_binary(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return bool(known.size) and bool(((known == 0) | (known == 1)).all())


def _forms(scores: Scores, names: Sequence[str], binary: frozenset[str], wanted: Mapping[str, Form]) -> dict[str, Form]:
    items = scores.methodology.tree.items
    found: dict[str, Form] = {}
    for name in names:
        usual: Form = "shares" if name in binary else "times" if _TIMES in items[name].tags else "per cent"
        found[name] = wanted.get(name, usual)
    wrong = [name for name, form in found.items() if form == "shares" and name not in binary]
    unknown = [name for name in wanted if name not in found]
    if wrong or unknown:
        said = [f"{name!r} has no shares: its values are not 0 and 1" for name in wrong]
        said += [f"a form of {name!r}, which is no outcome here" for name in unknown]
        raise UsageError([finding("DT902", one) for one in said])
    return found


def _control(scores: Scores, name: str, rows: NDArray[np.intp]) -> Control:
    if name in scores.items or name in scores.measured_columns:
        values = _column(scores, name)[rows]
        known = values[~np.isnan(values)]
        scale = 1.0 if constant(known) else float(known.std())
        return Control(name, ((values - (known.mean() if known.size else 0.0)) / scale)[:, None])
    words = _text(scores, name)[rows]
    known_words = sorted(set(words.tolist()) - {""})
    dummies = np.column_stack([words == word for word in known_words[1:]] or [np.empty((len(rows), 0))]).astype(float)
    dummies[words == ""] = np.nan
    return Control(name, dummies.reshape(len(rows), -1))


def _text(scores: Scores, name: str) -> TextArray:
    if name not in scores.table.texts:
        near = nearest(name, [*scores.table.texts, *scores.measured_columns, *scores.items])
        hint = f"; nearest is {near!r}" if near else ""
        raise UsageError([finding("DT024", f"no text column and no item {name!r}{hint}")])
    return scores.table.texts[name]


def _codes(words: TextArray) -> NDArray[np.int64]:
    """A number a word ``(rows,)``."""
    return np.unique(words.astype(str), return_inverse=True)[1].astype(np.int64)


# --- what is to be said ---


def _left_out(groups: Groups, without_weight: int, without_cluster: int) -> Iterator[Finding]:
    unknown = int((groups.of_row == UNKNOWN).sum()) if UNKNOWN not in groups.names else 0
    none = int((groups.of_row == "").sum())
    parts = [f"{unknown} whose {groups.by} is unknown"] * bool(unknown) + [f"{none} without one"] * bool(none)
    parts += [f"{without_weight} without a weight above zero"] * bool(without_weight)
    parts += [f"{without_cluster} without a cluster"] * bool(without_cluster)
    if parts:
        yield finding("DT374", f"not compared: {', '.join(parts)}", Place(name=groups.by))


def _circular(groups: Groups, shared: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for outcome, common in shared.items():
        if common:
            through = "" if list(common) == [outcome] else f" (through {', '.join(list(common)[:6])})"
            message = f"the outcome is also an input of the groups by {groups.by!r}{through}"
            yield finding("DT370", f"{message}: part of the difference is the rule", Place(name=outcome))


def _of_groups(counts: Mapping[tuple[str, str], tuple[int, int]]) -> Iterator[Finding]:
    for pair, sizes in counts.items():
        for name, size in zip(pair, sizes, strict=True):
            if size == 0:
                yield finding("DT372", "nobody is in this group: nothing is computable", Place(name=name))
            elif size == 1:
                yield finding("DT372", "one member alone: no interval, a permutation test only", Place(name=name))
            elif size < SMALL:
                yield finding("DT371", f"{size} members: a permutation test is told", Place(name=name))


def _of_answers(answers: Sequence[OutcomeComparison]) -> Iterator[Finding]:
    for one in answers:
        if not min(size + gap for size, gap in zip(one.members, one.missing, strict=True)):
            continue
        empty = [name for name, size in zip((one.group, one.against), one.members, strict=True) if not size]
        if empty:
            yield finding("DT373", f"no value in {' and '.join(empty)}: not computable", Place(name=one.outcome))
            continue
        if one.test is None:
            yield finding("DT373", f"all values are the same in {one.group} and {one.against}", Place(name=one.outcome))
            continue
        if one.small and min(size + gap for size, gap in zip(one.members, one.missing, strict=True)) >= SMALL:
            message = f"values of {one.members[0]} against {one.members[1]}: a permutation test is told"
            yield finding("DT371", message, Place(name=one.outcome))
        found = one.figures["ratio"]
        if found.value is None and not one.binary:
            yield finding("DT375", f"{one.group} against {one.against}: {found.reason}", Place(name=one.outcome))


def _unweighted(weighted: bool, clustered: bool) -> Iterator[Finding]:
    used = ["weights"] * weighted + ["clusters"] * clustered
    if used:
        message = "the columns `weighted` and `clustered` say which figures take them"
        yield finding("DT376", f"{' and '.join(used)} are used, not by every test; {message}")
