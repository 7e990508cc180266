"""The sample scored by its own methodology: the means that it shows, and who is in which class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import BLOCK_ROWS
from dtindex.index import CompositeIndex
from dtindex.spec.classes import Condition
from dtindex.spec.model import Methodology
from dtindex.spec.sample_plan import SamplePlan, ShareOutcome
from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.outcomes import column_of_outcome

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Classed", "classed", "depends_on_outcomes", "named_classes"]

_AT_ONCE = 2 * BLOCK_ROWS


@dataclass(frozen=True)
class Classed:
    """Mean scores of honest respondents by item, and members of classes among them ``(rows,)``."""

    means: dict[str, float]
    members: dict[str, NDArray[np.bool_]]


def named_classes(plan: SamplePlan) -> tuple[str, ...]:
    """Classes that the plan speaks of, each once."""
    found = [target.class_ for target in plan.classes]
    for outcome in plan.outcomes:
        found += outcome.shares if isinstance(outcome, ShareOutcome) else outcome.ratios
    return tuple(dict.fromkeys(found))


def classed(
    methodology: Methodology, plan: SamplePlan, table: pa.Table, honest: NDArray[np.bool_], threads: int
) -> Classed:
    """Score the table as anyone would who is given it; careless respondents are in no class.

    A million respondents are scored a part at a time; what the methodology learns, it learns from the first.
    """
    schemes = {rule.id: rule.scheme for rule in methodology.classes}
    items = tuple(target.item for target in plan.means)
    scores = {item: np.empty(len(honest)) for item in items}
    members = {name: np.zeros(len(honest), dtype=bool) for name in named_classes(plan)}
    index = CompositeIndex(methodology, assume=plan.assume, threads=threads).fit(table.slice(0, _AT_ONCE))
    for start in range(0, len(honest), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        found = index.score() if start == 0 else index.score(table.slice(start, _AT_ONCE))
        for item in items:
            scores[item][rows] = found.column(item)
        for name, of_class in members.items():
            of_class[rows] = (found.classes[schemes[name]] == name).to_numpy(dtype=bool, na_value=False)
    return Classed(
        {item: _mean(values[honest]) for item, values in scores.items()},
        {name: of_class & honest for name, of_class in members.items()},
    )


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def depends_on_outcomes(methodology: Methodology, plan: SamplePlan, questionnaire: Questionnaire) -> bool:
    """Whether a class whose share is shown rests on an outcome, so that it is only known when outcomes are there."""
    filled = {column_of_outcome(questionnaire, outcome) for outcome in plan.outcomes}
    items = {item for item in methodology.tree.items if questionnaire.column_of(item) in filled}
    shown = {rule.scheme for rule in methodology.classes if rule.id in {target.class_ for target in plan.classes}}
    rules = [rule for rule in methodology.classes if rule.scheme in shown and rule.when is not None]
    return any(not items.isdisjoint(_items([rule.when], methodology)) for rule in rules if rule.when is not None)


def _items(conditions: Iterable[Condition], methodology: Methodology) -> Iterator[str]:
    for condition in conditions:
        if condition.id is not None:
            yield condition.id
        if condition.count is not None:
            tag = condition.count.tag
            yield from condition.count.of or (item for item, spec in methodology.tree.items.items() if tag in spec.tags)
        yield from _items(condition.all or (), methodology)
        yield from _items(condition.any or (), methodology)
        yield from _items((condition.not_,) if condition.not_ is not None else (), methodology)
