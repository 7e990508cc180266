"""Rules on classes: which items a condition can ask about, and that a last resort comes last."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.classes import Condition
from dtindex.spec.document import Path, Problem
from dtindex.spec.where import Where

__all__ = ["class_problems"]


def class_problems(where: Where) -> Iterator[Problem]:
    """DT028 on rules that never come to their turn and on conditions that nothing can answer."""
    last = {rule.scheme: position for position, rule in enumerate(where.methodology.classes)}
    for position, rule in enumerate(where.methodology.classes):
        if rule.when is None and position != last[rule.scheme]:
            message = f'only the last class may lack `when`, and "{rule.id}" is not the last of its scheme'
            yield where.problem("DT028", message, "classes", position)
        if rule.when is not None:
            yield from _condition(where, rule.when, ("classes", position, "when"))


def _condition(where: Where, condition: Condition, path: Path) -> Iterator[Problem]:
    for key, inner in (("all", condition.all), ("any", condition.any)):
        for position, one in enumerate(inner or ()):
            yield from _condition(where, one, (*path, key, position))
    if condition.not_ is not None:
        yield from _condition(where, condition.not_, (*path, "not"))
    if condition.quantile is not None and condition.id is not None and not _is_scored(where, condition.id):
        message = f'`quantile` is among the scores of the reference, and "{condition.id}" is measured, not scored'
        yield where.problem("DT028", message, *path, "quantile")
    if condition.quantile is not None and any(
        bound is not None for bound in (condition.above, condition.at_least, condition.below, condition.at_most)
    ):
        yield where.problem("DT028", "`quantile` is a bound of its own; put another into `all`", *path, "quantile")


def _is_scored(where: Where, item: str) -> bool:
    return where.tree.is_node(item) or item in where.tree.scored
