"""The index as a tree: from the index at the left to its indicators at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dtindex.analysis.explanation.rows import node_of
from dtindex.reports.figures.page import Page, drawing
from dtindex.reports.figures.palette import INK, WHISKER, on, ordered
from dtindex.reports.figures.results import one_line, refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex.spec.tree import Tree

__all__ = ["framework_tree"]

_MOST = 120
"""Leaves that a page may hold."""
_STEP = 0.24
"""Inches a leaf."""
_SIZE = 7.0


def framework_tree(
    scores: Scores, *, node: str | None = None, language: Language = "en", title: str | None = None
) -> Figure:
    """Every node and indicator below a node, with its weight among its siblings as it entered the scores.

    Parameters
    ----------
    scores, node, language, title
        As for :func:`ranking_bars`.

    Raises
    ------
    UsageError
        DT396 (no such node), DT902 (nothing below it, or more than 120 leaves), DT385 (no font for a character), DT904
        (no matplotlib).
    """
    wanted, tree = node_of(scores, node), scores.methodology.tree
    leaves = [item for item in _walk(tree, wanted) if not tree.children.get(item)]
    if leaves == [wanted] or len(leaves) > _MOST:
        raise refuse(f"node {wanted!r} has {len(leaves)} leaves; a tree is drawn of 1 to {_MOST}")
    down = _places(tree, wanted, {leaf: float(at) for at, leaf in enumerate(leaves)})
    depths = _depths(tree, wanted)
    levels = 1 + max(depths.values())
    names = {item: one_line(item_name(scores, item, language)) for item in down}
    shares = _shares(scores, down)
    with drawing():
        page = Page(
            language,
            title or say("framework tree", language, name=names[wanted]),
            subtitle_of(scores, None, language),
            [],
            [say("tree note", language)],
            plot=len(leaves) * _STEP,
            texts=[*names.values()],
        )
        page.axes.set_xlim(0, page.across)
        page.axes.set_ylim(len(leaves) - 0.5, -0.5)
        page.axes.set_xticks([])
        column = page.across / levels
        colours = ordered(max(3, levels))
        for item, y in down.items():
            _box(page, item, names[item], shares.get(item), (depths[item] * column, y), column - 0.24, colours)
            for child in tree.children.get(item, ()):
                left, right = (depths[item] + 1) * column - 0.24, (depths[item] + 1) * column
                middle = right - 0.1
                page.axes.plot(
                    [left, middle, middle, right],
                    [y, y, down[child], down[child]],
                    color=WHISKER,
                    linewidth=0.8,
                    zorder=1,
                )
    return page.figure


def _box(
    page: Page,
    item: str,
    name: str,
    share: float | None,
    corner: tuple[float, float],
    wide: float,
    colours: tuple[str, ...],
) -> None:
    from matplotlib.patches import Rectangle

    x, y = corner
    depth = round(x / (wide + 0.24))
    colour = colours[min(depth, len(colours) - 1)]
    page.axes.add_patch(Rectangle((x, y - 0.4), wide, 0.8, facecolor=colour, edgecolor=INK, linewidth=0.5, zorder=2))
    told = "" if share is None else f"{100 * share:.3g}%"
    used = page.font.width(told, _SIZE) + 0.08 if told else 0.0
    label = page.cut(name, wide - used - 0.1, _SIZE)
    page.write(x + 0.05, y, label, _SIZE, ha="left", color=on(colour), zorder=3, gid=item)
    if told:
        page.write(x + wide - 0.05, y, told, _SIZE, ha="right", color=on(colour), zorder=3)


def _walk(tree: Tree, item: str) -> list[str]:
    return [item, *(below for child in tree.children.get(item, ()) for below in _walk(tree, child))]


def _depths(tree: Tree, root: str) -> dict[str, int]:
    found = {root: 0}
    for item in _walk(tree, root):
        found |= dict.fromkeys(tree.children.get(item, ()), found[item] + 1)
    return found


def _places(tree: Tree, item: str, leaves: dict[str, float]) -> dict[str, float]:
    """The height of each item: a leaf's own, a node's in the middle of its first and last part."""
    children = tree.children.get(item, ())
    if not children:
        return {item: leaves[item]}
    below: dict[str, float] = {}
    for child in children:
        below |= _places(tree, child, leaves)
    return {item: (below[children[0]] + below[children[-1]]) / 2, **below}


def _shares(scores: Scores, items: dict[str, float]) -> dict[str, float]:
    """Weights among siblings, where a node weighs its own children."""
    found: dict[str, float] = {}
    for node in items:
        members, weights = scores.plan.members.get(node, ()), scores.weights.get(node, ())
        if members and len(members) == len(weights) and sum(weights) > 0:
            found |= {member: weight / sum(weights) for member, weight in zip(members, weights, strict=True)}
    return found
