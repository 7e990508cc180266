"""What a factor and a scenario both ask for: other settings of a step, items left out. Whether they can be computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dtindex.spec.document import Path, Problem
from dtindex.spec.methods import (
    Aggregate,
    BaseIndex,
    Cases,
    Goalposts,
    Impute,
    ImputeFromOthers,
    ImputePanel,
    Normalise,
    Treat,
)
from dtindex.spec.tree import Tree
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = [
    "aggregate_problems",
    "excluded_problems",
    "repeated_problems",
    "scored_problems",
    "setting_problems",
    "together_problems",
]


def scored_problems(where: Where, items: Sequence[str], path: Path) -> Iterator[Problem]:
    """DT034 for each of a list of items that is measured and not scored, DT035 for one that stands twice."""
    for position, item in enumerate(items):
        if not where.tree.is_node(item) and where.tree.items[item].parent is None:
            yield where.problem("DT034", f'"{item}" is measured, not scored', *path, position)
    yield from repeated_problems(where, items, path)


def together_problems(where: Where, node: str, path: Path) -> Iterator[Problem]:
    """DT034 for a node that puts fewer than two members together."""
    members = where.tree.members(node)
    if len(members) < 2:
        found = f"one child, {members[0]}" if members else "no children"
        yield where.problem("DT034", f'"{node}" has {found}; expected a node with two children or more', *path)


def repeated_problems(where: Where, entries: Sequence[object], path: Path) -> Iterator[Problem]:
    """DT035 for each entry of a list that stands there before."""
    first: dict[object, int] = {}
    for position, entry in enumerate(entries):
        if entry in first:
            message = f"the same as entry {first[entry] + 1} of this list, which makes it count twice"
            yield where.problem("DT035", message, *path, position)
        first.setdefault(entry, position)


def setting_problems(
    where: Where, setting: Normalise | Treat | Impute, indicators: Iterable[str], path: Path
) -> Iterator[Problem]:
    """DT034 for another normalisation, treatment or imputation of these indicators that can never be computed."""
    methodology = where.methodology
    if isinstance(setting, Goalposts):
        if "unpublished" in (setting.worst, setting.best):
            yield where.problem("DT034", "a goalpost to compute with is a number or a percentile", *path)
        elif setting.worst == setting.best:
            yield where.problem("DT034", "`worst` and `best` coincide", *path)
    if isinstance(setting, BaseIndex) and methodology.base_period is None:
        yield where.problem("DT034", "`base-index` needs `base_period:` at the top of the file", *path)
    if isinstance(setting, BaseIndex | ImputePanel) and methodology.units.period is None:
        yield where.problem("DT034", f"`{setting.method}` needs `units: {{period: ...}}`", *path)
    if isinstance(setting, ImputeFromOthers) and setting.of is not None:
        below = set(where.tree.leaves(setting.of))
        others = [item for item in indicators if item not in below]
        if others:
            message = f'"{setting.of}" is not above {listed(others)}; `of` names the node whose indicators stand in'
            yield where.problem("DT034", message, *path, "of")


def aggregate_problems(where: Where, setting: Aggregate, nodes: Sequence[str], path: Path) -> Iterator[Problem]:
    """DT034 for cases that take what is no child of each of these nodes."""
    for position, case in enumerate(setting.cases if isinstance(setting, Cases) else ()):
        stranger = next((node for node in nodes if case.take not in where.tree.children[node]), None)
        if stranger is not None:
            message = f'"{case.take}" is not a child of "{stranger}"'
            yield where.problem("DT034", message, *path, "cases", position, "take")


def excluded_problems(where: Where, excluded: Sequence[str], together: bool, path: Path) -> Iterator[Problem]:
    """DT034 for what cannot be left out: a root, what is not scored, and all that a root has.

    ``together``: whether all of them are left out at once, or one at a time.
    """
    tree = where.tree
    yield from scored_problems(where, excluded, path)
    only = _only(tree)
    for position, item in enumerate(excluded):
        if item in tree.roots:
            yield where.problem("DT034", f'"{item}" is the index itself and cannot be left out', *path, position)
        elif item in only:
            yield where.problem("DT034", f'without "{item}" nothing is left of "{only[item]}"', *path, position)
    if together and not any(item in only for item in excluded) and (emptied := _emptied(tree, set(excluded))):
        yield where.problem("DT034", f'without these nothing is left of "{emptied}"', *path)


def _only(tree: Tree) -> dict[str, str]:
    """The root of every item that is all that a root has: an only child, or one of an only child."""
    found: dict[str, str] = {}
    for root in tree.roots:
        item = root
        while len(children := tree.children.get(item, ())) == 1 and tree.items[item].column is None:
            (item,) = children
            found[item] = root
    return found


def _emptied(tree: Tree, excluded: set[str]) -> str | None:
    """The first root of which every leaf is left out or below what is left out."""

    def remains(item: str) -> bool:
        children = tree.children.get(item, ())
        if not children or tree.items[item].column is not None:
            return True
        return any(child not in excluded and remains(child) for child in children)

    return next((root for root in tree.roots if not remains(root)), None)
