"""Rules on methods of normalisation that a block alone cannot know to be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.document import Problem
from dtindex.spec.methods import Categories, Maturity, Normalise, Reference
from dtindex.spec.where import Where

__all__ = ["normalise_problems"]


def normalise_problems(where: Where) -> Iterator[Problem]:
    """DT028 on tables of scores that leave the scale, DT029 on a direction that a method does not have."""
    for item, settings in where.tree.indicators.items():
        yield from _outside(where, item, settings.normalise)
        if where.tree.indicators[item].spec.direction is not None and _has_no_direction(settings.normalise):
            message = f"`direction` has no effect: `{settings.normalise.method}` says itself what is better"
            yield where.of_item("DT029", message, item, "direction")


def _outside(where: Where, item: str, normalise: Normalise) -> Iterator[Problem]:
    scale = where.tree.scale(item)
    if scale == "open":
        return
    if isinstance(normalise, Categories):
        scores, key = [level.score for level in normalise.levels], "levels"
    elif isinstance(normalise, Maturity) and normalise.scores is not None:
        scores, key = list(normalise.scores), "scores"
    else:
        return
    beyond = [score for score in scores if not scale[0] <= score <= scale[1]]
    if beyond:
        message = f"a score of {beyond[0]:g} is outside the scale [{scale[0]:g}, {scale[1]:g}]"
        yield where.of_method("DT028", message, item, "normalise", key)


def _has_no_direction(normalise: Normalise) -> bool:
    return isinstance(normalise, Categories) or (isinstance(normalise, Reference) and normalise.form == "one-minus")
