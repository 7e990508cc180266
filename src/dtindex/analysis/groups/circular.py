"""Whether an outcome is also an input of what made the groups: then their difference is in part the rule itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dtindex.spec.classes import Condition
from dtindex.spec.model import Indicator, Methodology

__all__ = ["shared_inputs"]


def shared_inputs(methodology: Methodology, by: str, outcome: str) -> list[str]:
    """What a class scheme or text column ``by`` and an outcome have in common: ids, columns, questions; none is well.

    An item rests on itself, on all below it, on what they are derived from, on their columns, and on the questions (of
    a matrix: the rows) that they take answers from.
    """
    made_by = set(_of_groups(methodology, by))
    own = dict.fromkeys(_rests_on(methodology, [outcome]))
    return _readable([one for one in own if one in made_by])


def _of_groups(methodology: Methodology, by: str) -> Iterator[tuple[str, str]]:
    rules = [rule for rule in methodology.classes if rule.scheme == by]
    if rules:
        conditions = [rule.when for rule in rules if rule.when is not None]
        yield from _rests_on(methodology, [item for one in conditions for item in _named(methodology, one)])
        return
    yield "column", by
    for question in methodology.questions:
        if by in (question.id, question.column):
            yield "question", question.id


def _named(methodology: Methodology, condition: Condition) -> Iterator[str]:
    """The items that a condition looks at."""
    for several in (condition.all, condition.any, None if condition.not_ is None else (condition.not_,)):
        for one in several or ():
            yield from _named(methodology, one)
    if condition.id is not None:
        yield condition.id
    if condition.count is not None:
        counted = condition.count
        yield from counted.of if counted.of is not None else methodology.tree.tagged.get(str(counted.tag), ())


def _rests_on(methodology: Methodology, items: Iterable[str]) -> Iterator[tuple[str, str]]:
    tree, waiting, met = methodology.tree, list(items), set[str]()
    while waiting:
        item = waiting.pop(0)
        if item in met or item not in tree.items:
            continue
        met.add(item)
        spec = tree.items[item]
        yield "item", item
        waiting += tree.children.get(item, ())
        if not isinstance(spec, Indicator):
            if spec.column is not None:
                yield "column", spec.column
            continue
        if spec.derive is not None:
            waiting += _operands(spec.derive.model_dump())
        elif spec.answer is not None:
            yield (
                "question",
                spec.answer.question if spec.answer.row is None else f"{spec.answer.question}[{spec.answer.row}]",
            )
        else:
            yield "column", spec.column or item


def _operands(block: dict[str, object]) -> Iterator[str]:
    """Every word of a derived indicator's block; those that are ids are its operands."""
    for value in block.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from (one for one in value if isinstance(one, str))


def _readable(shared: list[tuple[str, str]]) -> list[str]:
    """Items by id; a column or question only where no item that is shared says it already."""
    items = [name for kind, name in shared if kind == "item"]
    return items or [f"{kind} {name}" for kind, name in shared]
