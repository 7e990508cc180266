"""Rules on `screening:` and on imputation by row or over time."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.document import Problem
from dtindex.spec.methods import ImputeFromOthers, ImputePanel
from dtindex.spec.where import Where

__all__ = ["screening_problems"]


def screening_problems(where: Where) -> Iterator[Problem]:
    """DT028 and DT029 on `screening:`, and DT028 on imputation that lacks what it looks across."""
    yield from _units(where)
    for item in where.tree.scored:
        yield from _imputation(where, item)


def _units(where: Where) -> Iterator[Problem]:
    screening = where.methodology.screening
    if screening is None:
        return
    for position, unit in enumerate(screening.drop):
        if unit in screening.keep:
            message = f'"{unit}" is both kept and dropped'
            yield where.problem("DT028", message, "screening", "drop", position)
    if screening.keep and screening.units is None and not screening.nodes:
        message = "`keep` has no effect: no bound on units would leave one out"
        yield where.problem("DT029", message, "screening", "keep", key=True)


def _imputation(where: Where, item: str) -> Iterator[Problem]:
    spec = where.tree.indicators[item].impute
    if isinstance(spec, ImputePanel) and where.methodology.units.period is None:
        message = "`panel` looks over time and needs `units: {period: ...}`"
        yield where.of_method("DT028", message, item, "impute")
    if isinstance(spec, ImputeFromOthers):
        yield from _row(where, item, spec)


def _row(where: Where, item: str, spec: ImputeFromOthers) -> Iterator[Problem]:
    tree = where.tree
    node = spec.of or tree.items[item].parent
    assert node is not None
    leaves = tree.leaves(node)
    if item not in leaves:
        message = f'"{node}" is not above "{item}"; `of` names the node whose indicators stand in'
        yield where.of_method("DT028", message, item, "impute", "of")
        return
    kinds = {tree.scale(leaf) == "open" for leaf in leaves if not tree.is_node(leaf)}
    if len(kinds) > 1:
        message = f'the indicators under "{node}" are on bounded and open scales, which have no common mean'
        yield where.of_method("DT041", message, item, "impute")
