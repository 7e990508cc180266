"""What an index owes to each of its parts: everything left out in turn, fitted again, and ranked anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from dtindex.analysis.uncertainty.beside import SideBySide, as_json, beside, checked_node, ranking_of, workshop_of
from dtindex.analysis.uncertainty.variants import Change, Failure, Workshop
from dtindex.edition import Edition
from dtindex.findings import Finding, Findings, Place, Severity, UsageError, finding
from dtindex.index import CompositeIndex
from dtindex.spec.base import Language
from dtindex.spec.tree import Tree
from dtindex.spec.words import quoted
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LeaveOneOut", "Level", "leave_one_out"]

Level = Literal["indicators", "dimensions", "both"]


@dataclass(frozen=True, eq=False, repr=False)
class LeaveOneOut(SideBySide):
    """One index beside itself without each of its parts.

    ``scores``, ``ranks`` and ``shifts`` are frames of units by items left out, the first two with the index as it is
    before them. What cannot be left out has no column: `summary` has its reason, and so have `findings` (DT391).
    """

    level: Level = "indicators"

    def __repr__(self) -> str:
        index = self.scores_of_index.methodology.id
        return f"<LeaveOneOut of {index}: {self.node}, {len(self.variants)} of {len(self.labels)} items>"

    @property
    def items(self) -> tuple[str, ...]:
        """What is left out, in the tree's order, computed or not."""
        return tuple(self.labels)

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each item, by id, in the tree's order.

        ``label``, ``level`` (node or indicator), ``weight`` (its effective weight under the node that is looked at),
        ``tau`` (Kendall's tau-b) and ``rho`` (Spearman) with the index's ranks, ``mean_shift`` and
        ``largest_shift`` (absolute, in ranks), ``moved_most`` (the unit that shifts furthest; of several the one that
        the index ranks best), ``units`` (ranked with the item and without it: all these figures are of them, ranked
        among themselves), ``lost`` and ``gained`` (ranked only with it, only without it), ``tiers`` and ``classes``
        (units that are in another one), and ``reason`` where the item cannot be left out.
        """
        return self.summary_in("en")

    def summary_in(self, language: Language) -> pd.DataFrame:
        """The summary with labels in this language."""
        frame = self.places()
        tree, plan = self.scores_of_index.methodology.tree, self.scores_of_index.plan
        effective = plan.effective_weights(self.scores_of_index.parameters.weights, self.node)
        frame.insert(0, "label", [tree.items[item].name(language) for item in self.labels])
        frame.insert(1, "level", ["node" if tree.is_node(item) else "indicator" for item in self.labels])
        weights = [sum(effective.get(below, 0.0) for below in tree.walk(item)) for item in self.labels]
        frame.insert(2, "weight", weights)
        frame.index.name = "item"
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what there is not."""
        return {**self.told(), "level": self.level, "items": as_json(self.summary)}


def leave_one_out(
    index: CompositeIndex | Edition | Workshop,
    table: Table | pd.DataFrame | str | None = None,
    *,
    node: str | None = None,
    level: Level = "indicators",
) -> LeaveOneOut:
    """Each indicator, each dimension, or everything below a node left out in turn, all learned parameters fitted again.

    The weights of what stays fill the place of what goes, as they do where a value is missing; weights that are learned
    are learned anew, judgements (`ahp`, `budget`) on what stays stand. An indicator that is left out stays measured, so
    that what is derived from it does not change; a node goes with all that is below it.

    Parameters
    ----------
    index
        A fitted index, an edition (without its table, only what nothing learned depends on can be left out), or a
        :class:`Workshop`, whose memory is then used.
    table
        What is scored; by default the table that was fitted.
    node
        Whose ranking is looked at, and below which things are left out; the first root unless one is named.
    level
        ``indicators``; ``dimensions``, the nodes right below ``node``; ``both``, indicators and nodes of any depth.

    Raises
    ------
    UsageError
        DT024: no such node; DT420: the index is not fitted; DT902: no such level.
    InputError
        DT061: no table; what scoring the table as it is stops at.

    References
    ----------
    OECD/JRC Handbook (2008), step 7; COINr `remove_elements`, which sets the weight of what is left out to zero.

    Examples
    --------
    >>> import dtindex as dti
    >>> from dtindex.analysis.leave_out import leave_one_out
    >>> index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    >>> leave_one_out(index, level="dimensions").summary["moved_most"].to_dict()
    {'computing_scale': '北京', 'environment': '天津', 'application': '天津'}
    """
    if level not in get_args(Level):
        raise UsageError([finding("DT902", f"level {level!r}: expected one of {', '.join(get_args(Level))}")])
    workshop = workshop_of(index, table)
    node = checked_node(workshop, node)
    tree, nominal = workshop.methodology.tree, workshop.nominal
    own = ranking_of(nominal, node)
    items = _items(tree, node, level)
    rankings, variants, refused = {}, {}, {}
    findings: list[Finding] = []
    for item in items:
        design = workshop.design(Change(exclude=(item,)))
        if isinstance(design, Failure) or node not in design.items:
            gone = f"nothing would be left of {quoted(node)}"
            refused[item] = design.reason if isinstance(design, Failure) else gone
            message = f"cannot be left out: {refused[item]}"
            findings.append(finding("DT391", message, Place(name=item), Severity.WARNING))
            continue
        rankings[item] = ranking_of(design.result, node)
        variants[item] = beside(own, rankings[item], nominal.periods)
        findings += [one for one in design.findings if one.code == "DT392"]
    labels = {item: tree.items[item].label for item in items}
    unique = Findings(dict.fromkeys(findings))
    return LeaveOneOut(nominal, node, own, rankings, variants, refused, labels, unique, level)


def _items(tree: Tree, node: str, level: Level) -> tuple[str, ...]:
    """What is left out: below the node, in the tree's order."""
    if level == "dimensions":
        return tuple(child for child in tree.children[node] if tree.is_node(child))
    below = tree.walk(node)[1:]
    return tuple(item for item in below if level == "both" or not tree.is_node(item))
