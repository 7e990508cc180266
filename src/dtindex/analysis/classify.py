"""Who is in a class, how firmly, how many that are, and whether the class is there without its rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.calibrated import calibration_table
from dtindex.analysis.classes.frames import (
    bound_table,
    candidate_table,
    profile_table,
    unit_table,
)
from dtindex.analysis.classes.membership import Membership, Settings, membership
from dtindex.analysis.classes.profiles import Profiles, Shape, profiles
from dtindex.analysis.classes.shares import crosstab, share_table
from dtindex.analysis.computable import NotComputable
from dtindex.analysis.plain import plain, records
from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.classes import SCHEME
from dtindex.steps.classify import UNKNOWN, schemes
from dtindex.steps.derive import period_order
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["Classification", "classify"]

_FEW = 10
_STABLE = 0.5
_TABLES = ("shares", "crosstab", "bounds", "profiles", "profile_numbers", "calibration")
_OF_SCHEME = ("class", "margin", "binding", "probability", "word")


@dataclass(frozen=True, eq=False, repr=False)
class Classification:
    """Answers as data frames; what could not be computed is missing there, and a finding says why."""

    scores: Scores
    scheme: str
    of: str
    """The class that margins and probabilities are about."""
    units: pd.DataFrame
    """A row a unit: unit, name, period, class, margin, binding, measurement, sampling, probability, word."""
    others: Mapping[str, pd.DataFrame]
    """The same of the other schemes, each asked of its first class."""
    shares: pd.DataFrame
    """A row a class of every scheme: count, share and its intervals, weighted where the table has weights."""
    crosstab: pd.DataFrame
    """A row a pair of classes of the two schemes; empty where there is one scheme."""
    bounds: pd.DataFrame
    """A row a bound: threshold, deviation in the reference, share that keeps it, reliability, standard error."""
    profiles: pd.DataFrame
    """A row a profile of the mixture: share, units, members of the class, stability, means of the dimensions."""
    profile_numbers: pd.DataFrame
    """A row a number of profiles: BIC, log-likelihood, parameters."""
    calibration: pd.DataFrame
    """A row a correlation: the share that passes all bounds, and the share of each dimension that would be needed."""
    against: str | None = None
    """The scheme that the cross table is with."""
    period: str | None = None
    entropy: float = float("nan")
    agreement: float = float("nan")
    """Adjusted Rand index of the profiles and the classes of the scheme."""
    stability: float = float("nan")
    """Mean adjusted Rand index of the profiles and those of bootstrap samples."""
    basis: Mapping[str, str] = field(default_factory=dict)
    """By scheme: the errors that its probabilities count."""
    findings: Findings = field(default_factory=Findings)
    runs: int = 2000
    seed: int = 0
    confidence: float = 0.95
    weighted: bool = False

    def __repr__(self) -> str:
        count = int((self.units["class"] == self.of).sum())
        return f"<Classification of {self.scores.methodology.id}: {count} of {len(self.units)} are {self.of}>"

    @property
    def wide(self) -> pd.DataFrame:
        """One row a unit, of all schemes: unit, name, period; what is of a scheme bears its name (``class:size``)."""
        import pandas as pd

        parts = [self.units[["unit", "name", "period"]]]
        for scheme, frame in ((self.scheme, self.units), *self.others.items()):
            parts.append(frame[list(_OF_SCHEME)].rename(columns={name: f"{name}:{scheme}" for name in _OF_SCHEME}))
        return pd.concat(parts, axis=1)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames by name, but for those of units."""
        return {name: getattr(self, name) for name in _TABLES}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what could not be computed."""
        methodology = self.scores.methodology
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "scheme": self.scheme,
            "of": self.of,
            "against": self.against,
            "period": self.period,
            "runs": self.runs,
            "seed": self.seed,
            "confidence": self.confidence,
            "weighted_reference": self.weighted,
            "basis": dict(self.basis),
            "entropy": plain(self.entropy),
            "agreement": plain(self.agreement),
            "stability": plain(self.stability),
            **{name: records(frame) for name, frame in self.tables.items()},
            "units": records(self.units),
            "others": {scheme: records(frame) for scheme, frame in self.others.items()},
            "findings": [one.to_dict() for one in self.findings],
        }


def classify(
    index: CompositeIndex | Edition | Scores,
    scheme: str = SCHEME,
    *,
    table: Table | pd.DataFrame | str | None = None,
    of: str | None = None,
    against: str | None = None,
    period: str | None = None,
    error: Mapping[str, float] | pd.DataFrame | None = None,
    runs: int = 2000,
    seed: int = 0,
    weighted: bool = False,
    most_profiles: int = 6,
    shape: Shape = "full",
    resamples: int = 50,
    target: float | None = None,
    confidence: float = 0.95,
) -> Classification:
    """Ask of every unit how it stands to a class, and of the class how firmly it stands.

    The margin is ``m_i = min_d (D_id - c_d) / sd_d`` over the bounds that every member keeps, sd that of the reference
    (of what is only measured, that of the units); the binding dimension is the one that gives it. The probability of
    membership is ``P(D_i + e >= c)``: under measurement error, e normal; under sampling error of the thresholds, where
    these are quantiles or relative to the best, by a bootstrap of the reference; under both. It is `firm` from 0.95,
    `likely` from 0.5, `borderline` from 0.05, else `no`. Uncertain weights and goalposts do not enter: they move all
    scores together, and join with the uncertainty analysis.

    Parameters
    ----------
    index, table
        A fitted index or an edition, and what to score; or scores, as they are.
    scheme, of
        Which classification, and which of its classes; the first that has a condition, unless said.
    against
        The scheme of the cross table; the first other one, unless said.
    period
        Period of a panel; its latest one unless said. ``"all"`` takes every unit against the reference of its period.
    error
        Standard errors of measurement by item, or a covariance with items as rows and columns. Of a node that is not
        named it is ``sd sqrt(1 - alpha)``, alpha from the leaves below it.
    runs, seed
        Draws of errors and of the reference, and where they start.
    weighted
        Whether the reference is drawn in proportion to sampling weights. The rule counts units alike, so that the
        thresholds of such draws need not lie about its own.
    most_profiles, shape, resamples
        The mixture: up to so many profiles (0 for none), their covariances, and samples for their stability.
    target
        The share of the class that the calibration is asked to make; the one observed, unless said.
    confidence
        Of the intervals of shares.

    Raises
    ------
    InputError
        DT360 where there are no classes; and as scoring does.
    UsageError
        DT024 for a scheme, class or item that there is not; DT902 for settings that cannot be.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7. doi:10.1787/9789264043466-en

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("accenture-reinvention-2023")
    >>> made = dti.sample(m, 400, seed=1)
    >>> index = dti.CompositeIndex(m, assume="instrument-v1").fit(dti.read_table(made.table, m))
    >>> c = dti.classify(index.score(), most_profiles=0)
    >>> c.of, c.against, sorted(c.basis)
    ('reinventor', 'leadership', ['class', 'leadership'])
    """
    if not isinstance(index, Scores):
        scores = index.score(table)
    elif table is not None:
        raise UsageError([finding("DT902", "scores were given, and a table besides; the scores have their own")])
    else:
        scores = index
    _check(scores, runs, seed, resamples, most_profiles, target, confidence)
    asked = _Question(scores, scheme, of, against, period)
    settings = Settings(error, runs, seed, weighted)
    notes: list[Finding] = []
    found = {name: asked.memberships(name, settings) for name in (scheme, *asked.others)}
    main = found[scheme]
    notes += asked.counted(main)
    notes += [note for name, parts in found.items() for note in _notes(name, asked.of[name], parts)]
    weights = None if scores.table.weights is None else scores.table.weights[asked.rows]
    classes = {name: scores.class_values[name][asked.rows] for name in found}
    levels = {name: asked.levels(name, classes[name]) for name in found}
    mixture = _mixture(asked, notes, shape, most_profiles, resamples, seed)
    return Classification(
        scores=scores,
        scheme=scheme,
        of=asked.of[scheme],
        units=unit_table(scores, main),
        others={name: unit_table(scores, found[name]) for name in asked.others},
        shares=_stacked([share_table(name, levels[name], classes[name], weights, confidence) for name in found]),
        crosstab=_crosstab(asked, classes, levels, weights, confidence),
        bounds=_stacked([bound_table(scores, part) for parts in found.values() for part in parts]),
        profiles=profile_table(mixture, asked.dimensions, asked.members(classes[scheme])),
        profile_numbers=candidate_table(mixture),
        calibration=_calibrated(asked, main, classes[scheme], target, notes),
        against=asked.against,
        period=asked.period,
        entropy=float("nan") if mixture is None else mixture.entropy,
        agreement=_agreement(asked, mixture, classes[scheme]),
        stability=float("nan") if mixture is None else mixture.agreement,
        basis={name: parts[0].basis if parts else "" for name, parts in found.items()},
        findings=Findings(dict.fromkeys(notes)),
        runs=runs,
        seed=seed,
        confidence=confidence,
        weighted=weighted,
    )


class _Question:
    """Which scheme, class and units; in the order of files."""

    def __init__(self, scores: Scores, scheme: str, of: str | None, against: str | None, period: str | None) -> None:
        self.scores = scores
        self.rules = schemes(scores.methodology.classes)
        self.scheme = _one_of(scheme, list(self.rules), "scheme")
        self.others = tuple(name for name in self.rules if name != scheme)
        if against == scheme:
            raise UsageError([finding("DT902", f"against={against!r}: a scheme across itself; name another")])
        self.against = _one_of(against, self.others, "scheme") if against else next(iter(self.others), None)
        self.of = {name: self._first(name) for name in self.rules}
        if of is not None:
            self.of[scheme] = _one_of(of, [rule.id for rule in self.rules[scheme]], "class")
        self.period = _period(scores, period)
        rows = scores.sorted_rows()
        rows = rows[scores.classified[rows]]
        if self.period is not None and scores.periods is not None:
            rows = rows[scores.periods[rows] == self.period]
        self.rows: NDArray[np.intp] = rows
        tree = scores.methodology.tree
        self.dimensions = tree.children[tree.roots[0]]
        self.values: FloatArray = np.column_stack([scores.column(one)[rows] for one in self.dimensions])
        self.complete = ~np.isnan(self.values).any(axis=1)

    def _first(self, scheme: str) -> str:
        rules = self.rules[scheme]
        return next((rule.id for rule in rules if rule.when is not None), rules[0].id)

    def memberships(self, scheme: str, settings: Settings) -> list[Membership]:
        """One a period, each against its own reference."""
        periods = self.scores.periods
        if periods is None:
            return [membership(self.scores, scheme, self.of[scheme], "", self.rows, settings)]
        own = periods[self.rows]
        return [
            membership(self.scores, scheme, self.of[scheme], str(one), self.rows[own == one], settings)
            for one in period_order(own)
        ]

    def levels(self, scheme: str, classes: TextArray) -> list[str]:
        """Classes in the order of the rules; then what is unknown, and units without a class, where there are any."""
        ids = [rule.id for rule in self.rules[scheme]]
        return [*ids, *(one for one in (UNKNOWN, "") if (classes == one).any())]

    def members(self, classes: TextArray) -> NDArray[np.bool_]:
        """Complete rows that are in the class."""
        return np.asarray(classes[self.complete] == self.of[self.scheme], dtype=np.bool_)

    def counted(self, parts: Sequence[Membership]) -> list[Finding]:
        """What is to be said of the numbers: nobody, a few, unknown ones."""
        of = self.of[self.scheme]
        count = sum(int((part.classes == of).sum()) for part in parts)
        unknown = sum(int((part.classes == UNKNOWN).sum()) for part in parts)
        total = sum(len(part.rows) for part in parts)
        notes = []
        if not count:
            notes.append(finding("DT361", f"no unit of {total:,} is {of}", Place(name=of)))
        elif count < _FEW:
            told = "1 unit" if count == 1 else f"{count} units"
            notes.append(finding("DT362", f"{told} of {total:,} {'is' if count == 1 else 'are'} {of}", Place(name=of)))
        if unknown:
            message = f"of {unknown:,} unit{'s' if unknown > 1 else ''} the class is unknown"
            notes.append(finding("DT365", message, Place(name=self.scheme)))
        return notes


def _notes(scheme: str, of: str, parts: Sequence[Membership]) -> list[Finding]:
    place = Place(name=of)
    notes = []
    for part in parts:
        if "margin" in part.reasons:
            notes.append(finding("DT364", f"{scheme}: {part.reasons['margin']}", place))
        if "measurement" in part.reasons:
            what = "measurement error does not enter the probability" if part.basis else "no probability of membership"
            notes.append(finding("DT363", f"{scheme}: {what}: {part.reasons['measurement']}", place))
        if part.marginal:
            notes.append(finding("DT368", f"{scheme}: thresholds were drawn item by item", place))
    return notes


def _mixture(
    asked: _Question, notes: list[Finding], shape: Shape, most: int, resamples: int, seed: int
) -> Profiles | None:
    if not most:
        return None
    values = asked.values[asked.complete]
    try:
        if len(asked.dimensions) < 2:
            raise NotComputable("the index has fewer than two dimensions")
        found = profiles(values, asked.dimensions, shape=shape, most=most, resamples=resamples, seed=seed)
    except NotComputable as reason:
        notes.append(finding("DT366", f"profiles not computable: {reason}"))
        return None
    weak = [f"{number + 1} ({value:.2f})" for number, value in enumerate(found.jaccard) if value < _STABLE]
    if weak and len(found.shares) > 1:
        notes.append(finding("DT367", f"profile {', '.join(weak)}: mean Jaccard similarity below {_STABLE}"))
    return found


def _agreement(asked: _Question, mixture: Profiles | None, classes: TextArray) -> float:
    if mixture is None or not asked.complete.any():
        return float("nan")
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(classes[asked.complete].astype(str), mixture.assigned))


def _crosstab(
    asked: _Question,
    classes: Mapping[str, TextArray],
    levels: Mapping[str, list[str]],
    weights: FloatArray | None,
    confidence: float,
) -> pd.DataFrame:
    if asked.against is None:
        import pandas as pd

        return pd.DataFrame(columns=["class", "other", "count", "units", "share"])
    pair = (asked.scheme, asked.against)
    (own, own_levels), (other, other_levels) = ((classes[name], levels[name]) for name in pair)
    return crosstab(own, own_levels, other, other_levels, weights, confidence)


def _calibrated(
    asked: _Question, parts: Sequence[Membership], classes: TextArray, target: float | None, notes: list[Finding]
) -> pd.DataFrame:
    share = float((classes == asked.of[asked.scheme]).mean()) if len(classes) else 0.0
    try:
        return calibration_table(asked.scores, parts, share if target is None else target)
    except NotComputable as reason:
        notes.append(finding("DT366", f"calibration not computable: {reason}"))
        return calibration_table(asked.scores, (), 0.0)


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    full = [frame for frame in frames if len(frame)]
    return pd.concat(full, ignore_index=True) if full else frames[0] if frames else pd.DataFrame()


def _check(
    scores: Scores,
    runs: int,
    seed: int,
    resamples: int,
    most: int,
    target: float | None,
    confidence: float,
) -> None:
    if not scores.methodology.classes:
        raise InputError([finding("DT360", f"the methodology {scores.methodology.id} has no `classes:`")])
    for name, value, least in (
        ("runs", runs, 1),
        ("seed", seed, 0),
        ("resamples", resamples, 0),
        ("most_profiles", most, 0),
    ):
        if value < least:
            raise UsageError([finding("DT902", f"{name}={value}: expected {least} or more")])
    for name, share in (("target", target), ("confidence", confidence)):
        if share is not None and not 0 < share < 1:
            raise UsageError([finding("DT902", f"{name}={share}: expected more than 0 and less than 1")])


def _one_of(word: str, known: Sequence[str], what: str) -> str:
    if word in known:
        return word
    guess = nearest(word, known)
    hint = f"nearest is {guess!r}" if guess else f"there are {', '.join(known)}" if known else "there is no other"
    raise UsageError([finding("DT024", f"no {what} {word!r}; {hint}")])


def _period(scores: Scores, wanted: str | None) -> str | None:
    """The period to look at; None for all rows."""
    if scores.periods is None:
        if wanted not in (None, "all"):
            raise UsageError([finding("DT902", f"period {wanted!r}: the table has no periods")])
        return None
    known = period_order(scores.periods)
    if wanted == "all" or not known:
        return None
    return known[-1] if wanted is None else _one_of(wanted, known, "period")
