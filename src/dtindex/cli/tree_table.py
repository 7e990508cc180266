"""The tree as a table: who belongs to whom, with what weight, computed how, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from dtindex.cli.console import new_table
from dtindex.cli.words import say
from dtindex.spec.base import Language, Origin, ProvenanceNote, text
from dtindex.spec.methods import Cases, EqualWeights, GivenWeights, Goalposts, Percentile, SumAggregate
from dtindex.spec.model import Methodology, Node

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dtindex.spec.tree import Tree

__all__ = ["TreeTable", "effective_weights", "how", "marks", "shares"]

_HEADS = ("item", "id", "weight", "share", "effective", "computed", "unit", "column", "provenance")
_NUMBERS = ("weight", "share", "effective")

_UNPUBLISHED = "unpublished"
_GUIDES = {True: ("├─ ", "└─ ", "│  "), False: ("|- ", "`- ", "|  ")}


def shares(tree: Tree, node: str) -> dict[str, float] | None:
    """The normalised weight of each child; None where it is unpublished, fitted, or nothing is weighed.

    Of a node that aggregates its leaves, a child's is that of the leaves below it.
    """
    found = _member_shares(tree, node)
    if found is None or tree.members(node) == tree.children[node]:
        return found
    return {child: sum(found[leaf] for leaf in tree.leaves(child)) for child in tree.children[node]}


def _member_shares(tree: Tree, node: str) -> dict[str, float] | None:
    settings, members = tree.nodes[node], tree.members(node)
    if isinstance(settings.aggregate, Cases):
        return None
    if len(members) == 1:
        return dict.fromkeys(members, 1.0)
    if not isinstance(settings.weights, EqualWeights | GivenWeights) or tree.weighed_by(node) is not None:
        return None
    weighed = settings.children if members == settings.children else tree.walk(node)[1:]
    given = isinstance(settings.weights, GivenWeights)
    if given and any(tree.items[item].weight == _UNPUBLISHED for item in weighed):
        return None
    numbers = tree.given_weights(node)
    if isinstance(settings.aggregate, SumAggregate):  # which does not level the scales of what it adds up
        numbers = {member: weight * _width(tree, member) for member, weight in numbers.items()}
    total = sum(numbers.values())
    return {member: weight / total for member, weight in numbers.items()} if total else None


def _width(tree: Tree, item: str) -> float:
    scale = tree.scale(item)
    return 1.0 if scale == "open" else abs(scale[1] - scale[0])


def effective_weights(tree: Tree) -> dict[str, float]:
    """The product of normalised weights down to each item, as far as they are known without data."""
    found: dict[str, float] = dict.fromkeys(tree.roots, 1.0)
    passed_by: set[str] = set()
    for item in tree.walk():
        if item not in found or item in passed_by or not tree.children.get(item):
            continue
        own = _member_shares(tree, item) or {}
        if tree.members(item) == tree.children[item]:
            found |= {child: found[item] * share for child, share in own.items()}
            continue
        below = tree.walk(item)[1:]
        passed_by.update(below)
        if own:
            found |= {one: found[item] * sum(own[leaf] for leaf in tree.leaves(one)) for one in below}
    return found


@dataclass(frozen=True)
class TreeTable:
    """The scored items, top-down, for a terminal of any width."""

    methodology: Methodology
    language: Language
    draws: bool = True
    """Whether branches can be drawn."""
    fitted: Mapping[str, float] = field(default_factory=dict)
    """Effective weights that an edition knows better than the file."""

    def table(self) -> RichTable:
        """One row an item."""
        table = new_table()
        for word in _HEADS:
            table.add_column(say(word, self.language), justify="right" if word in _NUMBERS else "left")
        for item in self.methodology.tree.walk():
            guide = _guide(self.methodology.tree, item, self.draws)
            table.add_row(guide + _label(self.methodology.tree, item, self.language), item, *self._facts(item))
        return table

    def lines(self) -> list[str]:
        """Two lines an item, for where the table is too wide."""
        tree, found = self.methodology.tree, []
        for item in tree.walk():
            guide = _guide(tree, item, self.draws)
            found.append(f"{guide}{tree.items[item].name(self.language)} ({item})")
            told = zip(_HEADS[2:], self._facts(item), strict=True)
            named = ("weight", "effective", "column")
            facts = [f"{say(head, self.language)} {fact}" if head in named else fact for head, fact in told if fact]
            found.append(" " * (3 * tree.depth(item) + 3) + ", ".join(facts))
        return found

    def _facts(self, item: str) -> list[str]:
        """Weight, share, effective weight, how it is computed, unit, column, provenance."""
        tree, language = self.methodology.tree, self.language
        spec = tree.items[item]
        share = None if spec.parent is None else (shares(tree, spec.parent) or {}).get(item)
        return [
            _weight(tree, item, language),
            _per_cent(share, 1),
            _per_cent(self._effective.get(item), 2) if spec.parent is not None else "",
            how(tree, item, language),
            text(spec.unit, language),
            _column(tree, item),
            marks(self.methodology, item, language),
        ]

    @cached_property
    def _effective(self) -> dict[str, float]:
        tree, fitted = self.methodology.tree, self.fitted
        found = {**effective_weights(tree), **fitted}
        for node in tree.children:
            leaves = tree.leaves(node)
            if node not in found and all(leaf in fitted for leaf in leaves):
                found[node] = sum(fitted[leaf] for leaf in leaves)
        return found


def how(tree: Tree, item: str, language: Language) -> str:
    """How the score of an item comes about, in a few words."""
    if tree.is_node(item):
        settings = tree.nodes[item]
        words: list[str] = [settings.aggregate.method] if settings.children else []
        if settings.children and not isinstance(settings.weights, GivenWeights | EqualWeights):
            words.append(f"{settings.weights.method} weights")
        return ", ".join([*words, *_scale(tree, item, language)])
    return ", ".join([*_indicator_words(tree, item, language), *_scale(tree, item, language)])


def _indicator_words(tree: Tree, item: str, language: Language) -> list[str]:
    own = tree.indicators[item]
    words: list[str] = [] if own.transform is None else [own.transform.method]
    words += [part.method for part in (own.impute, own.treat) if part.method != "none"]
    normalise = own.normalise
    if isinstance(normalise, Goalposts):
        ends = f"{_goalpost(normalise.worst, language)} → {_goalpost(normalise.best, language)}"
        words.append(f"{ends}, clip {normalise.clip}")
    else:
        words.append("as it is" if normalise.method == "none" else f"{normalise.method}, {own.direction}")
    return words


def marks(methodology: Methodology, item: str, language: Language) -> str:
    """Where the parameters of an item come from, the unusual first: ``assumed: clip; recovered: best``."""
    spec = methodology.tree.items[item]
    by_origin: dict[Origin, list[str]] = {}
    for parameter, provenance in spec.provenance.items():
        origin = provenance.origin if isinstance(provenance, ProvenanceNote) else provenance
        by_origin.setdefault(origin, []).append(parameter)
    order = (Origin.ASSUMED, Origin.RECOVERED, Origin.UNPUBLISHED, Origin.PUBLISHED)
    return "; ".join(
        f"{say(str(origin), language)}: {', '.join(by_origin[origin])}" for origin in order if origin in by_origin
    )


def _guide(tree: Tree, item: str, draws: bool) -> str:
    branch, last, bar = _GUIDES[draws]
    parent = tree.items[item].parent
    if parent is None:
        return ""
    guide = last if tree.children[parent][-1] == item else branch
    above = tree.items[parent]
    while above.parent is not None:
        guide = ("   " if tree.children[above.parent][-1] == above.id else bar) + guide
        above = tree.items[above.parent]
    return guide


def _label(tree: Tree, item: str, language: Language) -> str:
    """The label in the reader's language, with the other one behind it where there is room for both to be short."""
    spec = tree.items[item]
    own, other = spec.name(language), spec.name("zh" if language == "en" else "en")
    return own if other in (own, item) else f"{own} {other}"


def _weight(tree: Tree, item: str, language: Language) -> str:
    spec = tree.items[item]
    if spec.parent is None:
        return ""
    settings = tree.nodes[spec.parent]
    if spec.weight == _UNPUBLISHED:
        return say("unpublished", language)
    if isinstance(spec.weight, float):
        return f"{spec.weight:g}"
    as_it_stands = isinstance(settings.weights, EqualWeights | GivenWeights)
    if as_it_stands and tree.weighed_by(spec.parent) is None:
        return "1" if not isinstance(settings.aggregate, Cases) else ""
    return say("fitted", language)


def _scale(tree: Tree, item: str, language: Language) -> list[str]:
    """The scale, where it is not the file's."""
    scale = tree.scale(item)
    if scale == tree.methodology.scale:
        return []
    if scale == "open":
        return [f"{say('scale', language)} {say('open', language)}"]
    return [f"{say('scale', language)} {scale[0]:g}–{scale[1]:g}"]


def _goalpost(end: object, language: Language) -> str:
    if isinstance(end, Percentile):
        return f"P{end.percentile:g}"
    return say("unpublished", language) if end == _UNPUBLISHED else f"{end:g}"


def _column(tree: Tree, item: str) -> str:
    spec = tree.items[item]
    if isinstance(spec, Node):
        return spec.column or ""
    if spec.derive is not None:
        return f"= {spec.derive.method}"
    if spec.answer is not None:
        return " ".join(part for part in (spec.answer.question, spec.answer.row, spec.answer.option) if part)
    return spec.column or item


def _per_cent(share: float | None, decimals: int) -> str:
    return "" if share is None else f"{100 * share:.{decimals}f} %"
