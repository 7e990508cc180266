"""Named scenarios of an index side by side: other steps, other weights, items left out, or another index altogether."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from dtindex.analysis.uncertainty.beside import (
    Ranking,
    SideBySide,
    as_json,
    beside,
    checked_node,
    ranking_of,
    workshop_of,
)
from dtindex.analysis.uncertainty.variants import Change, Failure, Workshop
from dtindex.edition import Edition
from dtindex.engine.keys import MISSING
from dtindex.findings import Finding, Findings, InputError, Place, Severity, UsageError, finding
from dtindex.index import CompositeIndex
from dtindex.scores import Scores
from dtindex.spec.base import Language, text
from dtindex.spec.tree import Tree
from dtindex.spec.uncertainty import Scenario
from dtindex.steps.types import TextArray
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scenarios", "change_of", "scenarios"]

Alternative: TypeAlias = Scenario | Change | CompositeIndex | Edition
Given: TypeAlias = "Table | pd.DataFrame | str | None"


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(SideBySide):
    """An index and its scenarios side by side.

    ``scores``, ``ranks``, ``tiers`` and ``shifts`` are frames of units by scenarios, the first three with the index as
    it is before them. A scenario that cannot be computed has no column: `summary` has its reason, and so have
    `findings` (DT391).
    """

    def __repr__(self) -> str:
        index = self.scores_of_index.methodology.id
        return f"<Scenarios of {index}: {self.node}, {len(self.variants)} of {len(self.labels)} scenarios>"

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the scenarios, computed or not."""
        return tuple(self.labels)

    @property
    def tiers(self) -> pd.DataFrame:
        """Tier ids of the node, None where a unit is not ranked; only scenarios on the scale of the thresholds."""
        every = {self.nominal_name: self.nominal, **self.rankings}
        scale = self.nominal.scale
        columns = {name: one.tiers for name, one in every.items() if one.tiers is not None and one.scale == scale}
        return self._frame({name: _or_none(column) for name, column in columns.items()}, object)

    @property
    def classes(self) -> dict[str, pd.DataFrame]:
        """By scheme, class ids as `tiers` are laid out; only scenarios that have the scheme."""
        every = {self.nominal_name: self.nominal, **self.rankings}
        found = {}
        for scheme in self.nominal.classes:
            columns = {name: one.classes[scheme] for name, one in every.items() if scheme in one.classes}
            found[scheme] = self._frame({name: _or_none(column) for name, column in columns.items()}, object)
        return found

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each scenario, by id, in the order of the file.

        ``label``, ``tau`` (Kendall's tau-b) and ``rho`` (Spearman) with the index's ranks, ``mean_shift`` and
        ``largest_shift`` (absolute, in ranks), ``moved_most`` (the unit that shifts furthest; of several the one that
        the index ranks best), ``units`` (ranked in both: all these figures are of them, ranked among themselves),
        ``lost`` and ``gained`` (ranked only by the index, only by the scenario), ``tiers`` and ``classes`` (units that
        are in another one), and ``reason`` where the scenario cannot be computed.
        """
        return self.summary_in("en")

    def summary_in(self, language: Language) -> pd.DataFrame:
        """The summary with labels in this language."""
        frame = self.places()
        frame.insert(0, "label", [text(label, language, name) for name, label in self.labels.items()])
        frame.index.name = "scenario"
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what there is not."""
        told, tiers = self.told(), self.tiers
        for name in tiers.columns:
            for row, tier in zip(told["units"], tiers[name].tolist(), strict=True):
                row.setdefault("tiers", {})[name] = tier
        return {**told, "scenarios": as_json(self.summary)}


def scenarios(
    index: CompositeIndex | Edition | Workshop,
    table: Table | pd.DataFrame | str | None = None,
    changes: Mapping[str, Alternative] | Sequence[Scenario] | None = None,
    *,
    node: str | None = None,
) -> Scenarios:
    """Score the same table by the index and by each scenario of it, everything that is learned fitted again.

    Parameters
    ----------
    index
        A fitted index, an edition, or a :class:`Workshop`, whose memory is then used.
    table
        What is scored; by default the table that was fitted.
    changes
        By name: a :class:`Change`, a `Scenario` as the file has them, or another index or edition; or a list of
        `Scenario`, each under its id; by default the scenarios of the methodology's `uncertainty:`. Another index
        scores ``table`` (without one, the table that it was fitted on; one that is not fitted is fitted on the index's
        reference table), and is held against the index unit by unit.
    node
        Whose ranking is looked at; the first root unless one is named. Another index is asked for the node of this id,
        and for its own first root where it has none.

    Raises
    ------
    UsageError
        DT391: there are no scenarios; DT024: no such node; DT420: the index is not fitted.
    InputError
        DT061: no table; what scoring the table as it is stops at.

    References
    ----------
    OECD/JRC Handbook (2008), step 7; COINr `compare_coins`.

    Examples
    --------
    >>> import dtindex as dti
    >>> from dtindex.analysis.scenarios import scenarios
    >>> from dtindex.analysis.uncertainty.variants import Change
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> scale_alone = Change(exclude=("environment", "application"))
    >>> scenarios(index, changes={"scale": scale_alone}).ranks.loc["北京"].to_dict()
    {'nominal': 2, 'scale': 1}
    """
    workshop = workshop_of(index, table)
    node = checked_node(workshop, node)
    given, labels = _named(workshop, changes)
    nominal = workshop.nominal
    own = ranking_of(nominal, node)
    rankings, variants, refused = {}, {}, {}
    findings: list[Finding] = []
    for name, alternative in given.items():
        try:
            rankings[name], said = _ranked(workshop, alternative, table, node)
        except InputError as reason:
            refused[name] = Failure(Change(), reason.findings).reason
            findings.append(finding("DT391", refused[name], Place(name=name), Severity.WARNING))
            continue
        variants[name] = beside(own, rankings[name], nominal.periods)
        findings += said
    unique = Findings(dict.fromkeys(findings))
    return Scenarios(nominal, node, own, rankings, variants, refused, labels, unique)


def change_of(scenario: Scenario, tree: Tree) -> Change:
    """The change that a scenario of the file makes: of the items that it names, else of all that it can hold for."""
    items = scenario.of or tree.scored
    steps = {
        step: tuple((item, spec) for item in items)
        for step in ("normalise", "treat", "impute")
        if (spec := getattr(scenario, step)) is not None
    }
    nodes = () if scenario.aggregate is None else scenario.held_nodes(tree)
    weights = tuple(
        (node, tuple(spec.items()) if isinstance(spec, dict) else spec) for node, spec in scenario.weights.items()
    )
    aggregate = tuple((node, scenario.aggregate) for node in nodes if scenario.aggregate is not None)
    return Change(**steps, aggregate=aggregate, weights=weights, exclude=scenario.exclude)


def _or_none(ids: TextArray) -> TextArray:
    return np.array([one or None for one in ids], dtype=object)


def _named(
    workshop: Workshop, changes: Mapping[str, Alternative] | Sequence[Scenario] | None
) -> tuple[dict[str, Alternative], dict[str, Any]]:
    """Scenarios and their labels, by name."""
    if changes is not None and not isinstance(changes, Mapping):
        changes = {scenario.id: scenario for scenario in changes}
    if changes is not None:
        labels = {name: one.label if isinstance(one, Scenario) else None for name, one in changes.items()}
        return dict(changes), labels
    uncertainty = workshop.methodology.uncertainty
    own = uncertainty.scenarios if uncertainty is not None else ()
    if not own:
        message = "no scenarios: the methodology has none under `uncertainty: scenarios:`, and none are given"
        raise UsageError([finding("DT391", message)])
    return {one.id: one for one in own}, {one.id: one.label for one in own}


def _ranked(workshop: Workshop, alternative: Alternative, table: Given, node: str) -> tuple[Ranking, list[Finding]]:
    """The alternative's ranking of the node, row by row of the workshop's table, and what is to be said of it."""
    if isinstance(alternative, CompositeIndex | Edition):
        return _of_other_index(workshop, alternative, table, node), []
    change = change_of(alternative, workshop.methodology.tree) if isinstance(alternative, Scenario) else alternative
    design = workshop.design(change)
    if isinstance(design, Failure):
        raise InputError(design.findings)
    if node not in design.items:
        raise InputError([finding("DT391", f"{node} is left out")])
    return ranking_of(design.result, node), [one for one in design.findings if one.code == "DT392"]


def _of_other_index(workshop: Workshop, index: CompositeIndex | Edition, table: Given, node: str) -> Ranking:
    """Another index's ranking, brought to the rows of the workshop's table by unit and period."""
    if isinstance(index, CompositeIndex) and not hasattr(index, "fitted_"):
        if workshop.reference is None:
            raise InputError([finding("DT391", "it is not fitted, and the edition was frozen without its table")])
        index = CompositeIndex(index.methodology, index.assume, index.threads).fit(workshop.reference)
    scores = index.score(table)
    tree = scores.methodology.tree
    return _brought(ranking_of(scores, node if node in tree.nodes else scores.root), scores, workshop.nominal)


def _brought(ranking: Ranking, scores: Scores, nominal: Scores) -> Ranking:
    """The ranking in the rows of the nominal scores; who is not in it has neither score, rank, tier nor class."""
    places = {scores.who(row): row for row in np.flatnonzero(scores.classified).tolist()}
    rows = np.array([places.get(nominal.who(row), -1) for row in range(len(nominal))], dtype=np.intp)
    here = rows >= 0
    if not here.any():
        raise InputError([finding("DT391", "it has no unit in common with the index")])

    def taken(column: Any, otherwise: Any) -> Any:
        return np.where(here, column[rows], otherwise)

    return Ranking(
        taken(ranking.scores, np.nan),
        taken(ranking.keys, MISSING),
        taken(ranking.ranked, False),
        taken(ranking.classified, False),
        ranking.scale,
        None if ranking.tiers is None else taken(ranking.tiers, ""),
        {scheme: taken(column, "") for scheme, column in ranking.classes.items()},
    )
