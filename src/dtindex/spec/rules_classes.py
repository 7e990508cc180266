"""Rules on classes: which items a condition can ask about, and that a last resort comes last."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.classes import ClassRule, Condition, Counted
from dtindex.spec.document import Path, Problem
from dtindex.spec.where import Where

__all__ = ["class_problems"]

_UNKNOWN = "unknown"
"""The class of a unit of which too little is known; `dtindex.steps.classify` gives it."""


def class_problems(where: Where) -> Iterator[Problem]:
    """DT028 on rules that never come to their turn and on conditions that nothing can answer."""
    last = {rule.scheme: position for position, rule in enumerate(where.methodology.classes)}
    for position, rule in enumerate(where.methodology.classes):
        yield from _reserved(where, rule, position)
        if rule.when is None and position != last[rule.scheme]:
            message = f'only the last class may lack `when`, and "{rule.id}" is not the last of its scheme'
            yield where.problem("DT028", message, "classes", position)
        if rule.when is not None:
            yield from _condition(where, rule.when, ("classes", position, "when"))


def _reserved(where: Where, rule: ClassRule, position: int) -> Iterator[Problem]:
    if rule.id == _UNKNOWN:
        message = f'"{_UNKNOWN}" is what a unit is called of which too little is known; give the class another id'
        yield where.problem("DT028", message, "classes", position, "id")


def _condition(where: Where, condition: Condition, path: Path) -> Iterator[Problem]:
    for key, inner in (("all", condition.all), ("any", condition.any)):
        for position, one in enumerate(inner or ()):
            yield from _condition(where, one, (*path, key, position))
    if condition.not_ is not None:
        yield from _condition(where, condition.not_, (*path, "not"))
    if condition.count is not None:
        yield from _counted(where, condition.count, (*path, "count"))
    for key in ("quantile", "of_best"):
        if condition.id is not None and getattr(condition, key) is not None:
            yield from _relative(where, condition, condition.id, key, path)


def _relative(where: Where, condition: Condition, item: str, key: str, path: Path) -> Iterator[Problem]:
    """A bound that the reference gives: of a score, and by itself."""
    if not _is_scored(where, item):
        message = f'`{key}` is among the scores of the reference, and "{item}" is measured, not scored'
        yield where.problem("DT028", message, *path, key)
    elif key == "of_best" and where.tree.scale(item) == "open":
        message = f'`of_best` is measured from the low end of the scale, and that of "{item}" is open'
        yield where.problem("DT028", message, *path, key)
    others = ("above", "at_least", "below", "at_most", *(["of_best"] if key == "quantile" else []))
    if any(getattr(condition, other) is not None for other in others):
        yield where.problem("DT028", f"`{key}` is a bound of its own; put another into `all`", *path, key)


def _counted(where: Where, counted: Counted, path: Path) -> Iterator[Problem]:
    if counted.of == ():
        yield where.problem("DT028", "there is nothing to count", *path, "of")
    for position, item in enumerate(counted.of or ()):
        if item in (counted.of or ())[:position]:
            yield where.problem("DT028", f'"{item}" would be counted twice', *path, "of", position)


def _is_scored(where: Where, item: str) -> bool:
    return where.tree.is_node(item) or item in where.tree.scored
