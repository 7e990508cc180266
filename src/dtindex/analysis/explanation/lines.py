"""An item's line in an explanation, and the lines as a table for readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtindex.analysis.explanation.cells import shown
from dtindex.findings import Place
from dtindex.scores import Scores
from dtindex.spec.base import Language, text
from dtindex.spec.model import Source
from dtindex.status import status_text
from dtindex.steps.contribute import Contributions
from dtindex.steps.decompose import Differences, Walked

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Facts", "Line", "lines_alone", "lines_between", "source_text", "table_of"]

NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands behind an item's score on one side: the raw value, its flags (None of a mean), its cells."""

    score: float
    value: float = NOTHING
    flags: int | None = None
    cells: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What an item brings, or its part of a difference, in points of the node that is explained."""

    item: str
    depth: int
    weight: float
    """Effective weight under the node."""
    end: bool
    """Whether nothing below it is told: an indicator, or a node that is looked at as it stands."""
    own: Facts
    other: Facts | None = None
    full: float = NOTHING
    """Points that it could bring; of an explanation without another side."""
    contribution: float = NOTHING
    data: float = NOTHING
    weights: float = NOTHING
    rounding: float = NOTHING
    part: float = NOTHING
    """Its part of the difference: ``data + weights + rounding``, each of all that stands at it and below it."""
    alone: float = NOTHING
    """What of it stands at the item itself: of an end what its score did, of any item what its weight did, of a node
    what its rounding did. Over all items this sums to the difference, or of one side to the score."""

    @property
    def counts(self) -> float:
        """Its contribution, or its part."""
        return self.contribution if self.other is None else self.part


def lines_alone(
    state: Walked, node: str, found: Contributions, facts: dict[str, Facts], weights: dict[str, float]
) -> list[Line]:
    """Top-down: what each item brings to the node."""
    lines = []
    for item, depth, end, told in _walk(state, state, node):
        line = Line(item, depth, weights.get(item, NOTHING), end, facts[item])
        if told:
            points, full = float(found.points[item][0]), float(found.full[item][0])
            below = sum(float(found.points[child][0]) for child in state.plan.tree.children.get(item, ()))
            rounding = points - below if not end and _rounds(state, item) else 0.0
            alone = points if end else rounding
            line = replace(line, full=full, contribution=points, rounding=rounding, alone=alone)
        lines.append(line)
    return lines


def lines_between(
    first: Walked,
    second: Walked,
    node: str,
    found: Differences,
    facts: tuple[dict[str, Facts], dict[str, Facts]],
    weights: dict[str, float],
) -> list[Line]:
    """Top-down: each item's part of the difference, the second side less the first."""
    walked = _walk(first, second, node)
    own = {}
    for item, _, _, told in walked:
        if told:
            rounding = float(found.own[item][0]) if _rounds(second, item) else 0.0
            own[item] = np.array([found.data[item][0], found.weights[item][0], rounding])
    totals = {item: figures + 0.0 for item, figures in own.items()}  # and no zero is negative
    for item in [*own][:0:-1]:  # from the last one up; the first is the node itself
        totals[str(second.plan.tree.items[item].parent)] += totals[item]
    lines = []
    for item, depth, end, told in walked:
        line = Line(item, depth, weights.get(item, NOTHING), end, facts[1][item], facts[0][item])
        if told:
            data, moved, rounding = totals[item].tolist()
            part, alone = float(totals[item].sum()), float(own[item].sum()) + 0.0
            line = replace(line, data=data, weights=moved, rounding=rounding, part=part, alone=alone)
        lines.append(line)
    return lines


def _walk(first: Walked, second: Walked, node: str) -> list[tuple[str, int, bool, bool]]:
    """Items top-down: with their depth, whether nothing below them is told, and whether they are.

    What is below a node whose score the table gave is left out. What is below one without a score is listed, since it
    says why, and brings nothing.
    """
    found: list[tuple[str, int, bool, bool]] = []
    plan = second.plan

    def visit(item: str, depth: int, looked_past: bool, told: bool) -> None:
        children = plan.tree.children.get(item, ())
        passed = looked_past and bool(children)
        unknown = not passed and any(np.isnan(state.parts[item].values[0]) for state in (first, second))
        given = not passed and any(bool(state.given(item)[0]) for state in (first, second))
        end = given or not children or (not passed and second.step(item) is None)
        found.append((item, depth, end, told))
        if not end or (unknown and children):
            past = passed or plan.members.get(item) != children
            for child in children:
                visit(child, depth + 1, past, told and not end)

    visit(node, 0, False, True)
    return found


def _rounds(state: Walked, item: str) -> bool:
    """Whether a node is rounded on the way up; what else is left of one are the last bits."""
    return state.plan.tree.is_node(item) and state.plan.tree.nodes[item].round is not None


def table_of(scores: Scores, lines: Sequence[Line], language: Language) -> pd.DataFrame:
    """A row an item, in the order of the tree."""
    import pandas as pd

    tree = scores.methodology.tree
    sources = {source.id: source for source in scores.methodology.sources}
    rows = []
    for line in lines:
        spec = tree.items[line.item]
        row: dict[str, object] = {
            "item": line.item,
            "label": spec.name(language),
            "depth": line.depth,
            **_facts(line.own, "", language),
            "unit": text(spec.unit, language),
            "source": source_text(sources.get(spec.source or ""), language),
            "weight": line.weight,
        }
        if line.other is None:
            row |= {"full": line.full, "contribution": line.contribution, "rounding": line.rounding}
        else:
            row |= _facts(line.other, "_against", language)
            row |= {"data": line.data, "weights": line.weights, "rounding": line.rounding, "part": line.part}
        rows.append(row | {"alone": line.alone})
    return pd.DataFrame(rows)


def _facts(facts: Facts, mark: str, language: Language) -> dict[str, object]:
    status = "" if facts.flags is None else status_text(facts.flags, language)
    return {
        f"score{mark}": facts.score,
        f"value{mark}": facts.value,
        f"status{mark}": status,
        f"cell{mark}": "; ".join(shown(place) for place in facts.cells),
    }


def source_text(source: Source | None, language: Language) -> str:
    """A source in one line: title, publisher, year, pages; '' of none."""
    if source is None:
        return ""
    year = None if source.year is None else str(source.year)
    pages = None if source.pages is None else f"第 {source.pages} 页" if language == "zh" else f"pp. {source.pages}"
    parts = (text(source.title, language), text(source.publisher, language), year, pages)
    return ("，" if language == "zh" else ", ").join(part for part in parts if part)
