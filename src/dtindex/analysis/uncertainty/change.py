"""A change of a methodology: steps exchanged, weights set, items left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from dtindex.findings import Finding, Findings, InputError, Place, finding
from dtindex.spec.classes import ClassRule, Condition
from dtindex.spec.document import Document
from dtindex.spec.judgements import matrix_of
from dtindex.spec.methods import (
    Aggregate,
    AhpPart,
    AhpWeights,
    BestWorstWeights,
    BudgetPart,
    BudgetWeights,
    Cases,
    DelphiWeights,
    EqualWeights,
    GivenWeights,
    ImportanceWeights,
    Impute,
    MixedWeights,
    Normalise,
    OrdinalWeights,
    PlainPart,
    Treat,
    Weights,
)
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.spec.rules import rule_problems
from dtindex.spec.tree import Tree
from dtindex.spec.words import listed, quoted

__all__ = ["Change", "GivenNumbers", "changed", "varied"]

GivenNumbers: TypeAlias = tuple[tuple[str, float], ...]
"""Weights by child; a child that is not named has none."""

Item = TypeVar("Item", Indicator, Node)
Judged = TypeVar("Judged", AhpWeights, AhpPart)
Allotted = TypeVar("Allotted", BudgetWeights, BudgetPart)


@dataclass(frozen=True, slots=True)
class Change:
    """What a variant does otherwise than its methodology; an empty one changes nothing.

    ``normalise``, ``treat`` and ``impute`` are pairs of an indicator's id and the setting it takes, ``aggregate`` of a
    node's id and its; ``weights`` of a node's id and a method, or its children's weights as pairs of id and number, a
    child that is not named having none. ``exclude`` are ids of nodes and indicators that are left out.
    """

    normalise: tuple[tuple[str, Normalise], ...] = ()
    treat: tuple[tuple[str, Treat], ...] = ()
    impute: tuple[tuple[str, Impute], ...] = ()
    aggregate: tuple[tuple[str, Aggregate], ...] = ()
    weights: tuple[tuple[str, Weights | GivenNumbers], ...] = ()
    exclude: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Of ids and methods alone: some settings are dictionaries, which have no hash."""
        steps = (self.normalise, self.treat, self.impute, self.aggregate)
        named = tuple((item, spec.method) for step in steps for item, spec in step)
        weighed = tuple((node, spec if isinstance(spec, tuple) else spec.method) for node, spec in self.weights)
        return hash((named, weighed, self.exclude))

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return any((self.normalise, self.treat, self.impute, self.aggregate, self.weights, self.exclude))

    def __add__(self, other: Change) -> Change:
        """Both changes; of one item's settings of one kind, the other's holds."""
        steps = {
            name: tuple({**dict(getattr(self, name)), **dict(getattr(other, name))}.items())
            for name in ("normalise", "treat", "impute", "aggregate", "weights")
        }
        return Change(**steps, exclude=tuple(dict.fromkeys((*self.exclude, *other.exclude))))


def varied(methodology: Methodology, change: Change) -> Methodology:
    """The methodology with the change applied; it is left as it is, and its `uncertainty:` and `sample:` stay behind.

    A setting goes onto the item, so that it stands before the file's default. What is left out is out of the tree: an
    indicator stays measured, for what is derived from it; a node goes with all that is below it. A node whose last
    child goes is gone too, unless the table may have its value (`column:`). Tiers of what is gone, its caps and the
    judgements on it go as well, and so do classes that ask for its score.

    Raises
    ------
    InputError
        DT391 where it cannot be: unknown ids, a root left out, a case, a condition or an imputation that needs what is
        gone; beside it whatever a file with these settings would be refused for.
    """
    return changed(methodology, change)[0]


def changed(methodology: Methodology, change: Change) -> tuple[Methodology, Findings]:
    """As :func:`varied`, with what is to be said of it: DT392 where classes stay behind."""
    tree = methodology.tree
    _refuse(_unknown(tree, change))
    gone = _gone(tree, change.exclude)
    items: dict[str, dict[str, Any]] = {item: {"parent": None, "weight": None, "published": None} for item in gone}
    for step in ("normalise", "treat", "impute", "aggregate"):
        for item, spec in getattr(change, step):
            items.setdefault(item, {})[step] = spec
    for node, weights in change.weights:
        _weigh(tree, node, weights, items)
    _refuse(_needed(tree, gone, items))
    rules, findings = _classes(tree, gone)
    nodes = tuple(_with(node, items) for node in methodology.nodes if node.id not in gone)
    indicators = tuple(_with(indicator, items) for indicator in methodology.indicators)
    update: dict[str, Any] = {
        "nodes": tuple(_reduced(node, gone) for node in nodes) if gone else nodes,
        "indicators": indicators,
        "tiers": tuple(tiers for tiers in methodology.tiers if tiers.node not in gone),
        "classes": rules,
        "uncertainty": None,
        "sample": None,
    }
    if methodology.screening is not None:
        bounds = {node: bound for node, bound in methodology.screening.nodes.items() if node not in gone}
        update["screening"] = methodology.screening.model_copy(update={"nodes": bounds})
    found = methodology.model_copy(update=update)
    _refuse(_without_sense(found.tree))
    _refuse(_broken(methodology, found))
    return found, Findings(findings)


def _with(item: Item, items: Mapping[str, dict[str, Any]]) -> Item:
    return item.model_copy(update=items[item.id]) if item.id in items else item


def _refuse(reasons: Iterable[str | Finding]) -> None:
    found = [finding("DT391", reason) if isinstance(reason, str) else reason for reason in reasons]
    if found:
        raise InputError(found)


# --- what is named ---


def _unknown(tree: Tree, change: Change) -> Iterator[str]:
    """Ids that the change cannot be made to."""
    for step in ("normalise", "treat", "impute"):
        for item, _ in getattr(change, step):
            if item not in tree.scored:
                yield f"`{step}` of {quoted(item)}: {_is_not(tree, item, 'a scored indicator')}"
    for step in ("aggregate", "weights"):
        for item, _ in getattr(change, step):
            if not tree.is_node(item):
                yield f"`{step}` of {quoted(item)}: {_is_not(tree, item, 'a node')}"
    for node, weights in change.weights:
        if isinstance(weights, tuple) and tree.is_node(node):
            strangers = [child for child, _ in weights if child not in tree.children[node]]
            if strangers:
                yield f"weights of {quoted(node)}: {listed(strangers)} is no child of it"
    for item in change.exclude:
        if item in tree.roots:
            yield f"{quoted(item)} is a root: without it there is no index"
        elif not tree.is_node(item) and item not in tree.scored:
            yield f"{quoted(item)} cannot be left out: {_is_not(tree, item, 'a node or a scored indicator')}"


def _is_not(tree: Tree, item: str, expected: str) -> str:
    return f"it is not {expected}" if item in tree.items else "no node or indicator has this id"


# --- what is gone ---


def _gone(tree: Tree, exclude: Sequence[str]) -> frozenset[str]:
    """What is left out, all below it, and nodes that it leaves without a child and without a column."""
    gone = {below for item in exclude for below in tree.walk(item)} if exclude else set()
    if not gone:
        return frozenset()
    for node in tree.bottom_up:
        children = tree.children[node]
        if children and gone.issuperset(children) and (tree.items[node].column is None or node in gone):
            gone.add(node)
    lost = [root for root in tree.roots if root in gone]
    _refuse([f"nothing would be left of {quoted(root)}" for root in lost])
    return frozenset(gone)


def _needed(tree: Tree, gone: frozenset[str], items: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What stays and cannot be computed without what is gone."""
    for node in tree.nodes.values() if gone else ():
        aggregate = items.get(node.id, {}).get("aggregate", node.aggregate)
        if node.id in gone or not isinstance(aggregate, Cases):
            continue
        taken = [case.take for case in aggregate.cases if case.take in gone]
        asked = [case.when.id for case in aggregate.cases if case.when is not None and case.when.id in gone]
        if taken or asked:
            named = listed(list(dict.fromkeys([*taken, *asked])))
            yield f"{named} cannot be left out: the cases of {quoted(node.id)} need it"
    for item in tree.scored:
        impute = items.get(item, {}).get("impute", tree.indicators[item].impute)
        of = getattr(impute, "of", None)
        if item not in gone and of is not None and (of in gone or not tree.is_node(of)):
            yield f"{quoted(item)} is imputed from the scores below {quoted(of)}, which is not there"


def _classes(tree: Tree, gone: frozenset[str]) -> tuple[tuple[ClassRule, ...], list[Finding]]:
    """The rules of the schemes that ask for nothing that is gone, and DT392 on the others."""
    rules = tree.methodology.classes
    if not gone or not rules:
        return rules, []
    asked = {rule.scheme: set[str]() for rule in rules}
    for rule in rules:
        asked[rule.scheme].update(item for item in _asked(rule.when, tree) if item in gone)
    findings = [
        finding("DT392", f"`{scheme}` asks for {listed(sorted(items))}", Place(name=scheme))
        for scheme, items in asked.items()
        if items
    ]
    return tuple(rule for rule in rules if not asked[rule.scheme]), findings


def _asked(condition: Condition | None, tree: Tree) -> Iterator[str]:
    if condition is None:
        return
    if condition.id is not None:
        yield condition.id
    if condition.count is not None:
        yield from condition.count.of or tree.tagged.get(str(condition.count.tag), ())
    for one in (*(condition.all or ()), *(condition.any or ()), condition.not_):
        yield from _asked(one, tree)


# --- weights ---


def _weigh(tree: Tree, node: str, weights: Weights | GivenNumbers, items: dict[str, dict[str, Any]]) -> None:
    if not isinstance(weights, tuple):
        items.setdefault(node, {})["weights"] = weights
        return
    items.setdefault(node, {})["weights"] = GivenWeights(method="given")
    numbers = {child: float(number) for child, number in weights}
    for child in tree.children[node]:
        own = items.setdefault(child, {})
        if own.get("parent", "") is not None:  # else it is left out
            own["weight"] = numbers.get(child, 0.0)


def _reduced(node: Node, gone: frozenset[str]) -> Node:
    """The node without caps and judgements on what is gone."""
    weights = node.weights
    if isinstance(weights, AhpWeights):
        weights = _judged(weights, gone) or EqualWeights(method="equal")
    elif isinstance(weights, BudgetWeights):
        weights = _allotted(weights, gone) or EqualWeights(method="equal")
    elif isinstance(weights, OrdinalWeights | DelphiWeights | BestWorstWeights):
        weights = _in_order(weights, gone)
    elif isinstance(weights, ImportanceWeights) and not gone.isdisjoint(weights.targets):
        targets = {item: target for item, target in weights.targets.items() if item not in gone}
        weights = weights.model_copy(update={"targets": targets})
    elif isinstance(weights, MixedWeights):
        parts = tuple(_part(part, gone) for part in weights.of)
        weights = weights.model_copy(update={"of": parts})
    caps = getattr(weights, "at_most", None)
    if weights is not None and caps and not gone.isdisjoint(caps):
        weights = weights.model_copy(update={"at_most": {item: cap for item, cap in caps.items() if item not in gone}})
    return node if weights is node.weights else node.model_copy(update={"weights": weights})


def _part(part: Any, gone: frozenset[str]) -> Any:
    equal = PlainPart(method="equal", share=part.share)
    if isinstance(part, AhpPart):
        return _judged(part, gone) or equal
    return (_allotted(part, gone) or equal) if isinstance(part, BudgetPart) else part


def _judged(spec: Judged, gone: frozenset[str]) -> Judged | None:
    """Judgements on what stays, as they stand; None where fewer than two items do."""
    stays = [position for position, item in enumerate(spec.order) if item not in gone]
    if len(stays) == len(spec.order):
        return spec
    if len(stays) < 2:
        return None

    def kept(rows: Any) -> Any:
        matrix = matrix_of(len(spec.order), rows)
        assert matrix is not None, "refused at loading"
        return tuple(tuple(matrix[row][column] for column in stays) for row in stays)

    experts = tuple(one.model_copy(update={"judgements": kept(one.judgements)}) for one in spec.experts)
    own = None if spec.judgements is None else kept(spec.judgements)
    order = tuple(spec.order[position] for position in stays)
    return spec.model_copy(update={"order": order, "judgements": own, "experts": experts})


def _in_order(spec: OrdinalWeights | DelphiWeights | BestWorstWeights, gone: frozenset[str]) -> Weights:
    """The same of what stays; equal weights where too little does, or the best or the worst is gone."""
    stays = [position for position, item in enumerate(spec.order) if item not in gone]
    if len(stays) == len(spec.order):
        return spec
    if len(stays) < 2 or not gone.isdisjoint({getattr(spec, "best", ""), getattr(spec, "worst", "")}):
        return EqualWeights(method="equal")

    def kept(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(values[position] for position in stays)

    update: dict[str, Any] = {"order": tuple(spec.order[position] for position in stays)}
    if isinstance(spec, BestWorstWeights):
        update |= {name: kept(getattr(spec, name)) for name in ("best_to_others", "others_to_worst")}
    if isinstance(spec, DelphiWeights):
        update["rounds"] = tuple(
            one.model_copy(
                update={"experts": tuple(own.model_copy(update={"points": kept(own.points)}) for own in one.experts)}
            )
            for one in spec.rounds
        )
    return spec.model_copy(update=update)


def _allotted(spec: Allotted, gone: frozenset[str]) -> Allotted | None:
    """Points on what stays, which are shares of what each expert gave it; None where fewer than two items do."""
    stays = [position for position, item in enumerate(spec.order) if item not in gone]
    if len(stays) == len(spec.order):
        return spec
    if len(stays) < 2:
        return None
    experts = tuple(
        one.model_copy(update={"points": tuple(one.points[position] for position in stays)}) for one in spec.experts
    )
    return spec.model_copy(update={"order": tuple(spec.order[position] for position in stays), "experts": experts})


# --- what a file would be refused for ---


def _without_sense(tree: Tree) -> Iterator[str]:
    """A mean to be taken within an interval of a scale that has no ends; weights that leave nothing."""
    for node in tree.nodes.values():
        if node.children and node.scale == "open" and getattr(node.aggregate, "within", None) is not None:
            yield f"{quoted(node.id)} is a {node.aggregate.method} mean `within` an interval, and its scale is open"
        idle = all(tree.items[child].weight == 0 for child in node.children)
        if node.children and idle and isinstance(node.weights, GivenWeights):
            yield f"all weights below {quoted(node.id)} are zero"


def _broken(before: Methodology, after: Methodology) -> list[Finding]:
    """Errors of the rules that every file keeps, those aside that the methodology has had before."""
    known = {(one.code, one.message) for one in _errors(before)} if (found := _errors(after)) else set()
    new = [one for one in found if (one.code, one.message) not in known]
    return [finding("DT391", "a methodology with these settings breaks a rule"), *new] if new else []


def _errors(methodology: Methodology) -> list[Finding]:
    problems = rule_problems(methodology, Document(""))
    items: dict[tuple[str | int, ...], str] = {
        ("nodes", position): item.id for position, item in enumerate(methodology.nodes)
    }
    items |= {("indicators", position): item.id for position, item in enumerate(methodology.indicators)}
    return [
        finding(one.finding.code, one.finding.message, Place(name=items.get(one.path[:2])), one.finding.severity)
        for one in problems
        if one.finding.severity == "error"
    ]
