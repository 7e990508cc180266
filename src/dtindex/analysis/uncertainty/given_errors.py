"""Standard errors of figures that a caller gives: which they are of, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dtindex.findings import Finding, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray, TextArray
from dtindex.tables.read import codelist_of
from dtindex.tables.units import canonical_key

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GivenErrors", "standard_errors"]

GivenErrors: TypeAlias = "pd.DataFrame | Mapping[str, Mapping[str, float]]"
"""Units by items: a frame, or by item a mapping from units."""

_NAMED = 5


def standard_errors(errors: GivenErrors, scores: Scores, units: TextArray) -> dict[str, FloatArray]:
    """By item, standard errors of ``units`` ``(n,)``: NaN where none is given.

    Units are named as in the table, or in any way that the codelist knows; who is in the table and not among ``units``
    takes no part.

    Raises
    ------
    UsageError
        DT024: no such item; DT902: no such unit, a unit that stands twice, an item that is not scored, or what is no
        standard error.
    """
    import pandas as pd

    frame = errors if isinstance(errors, pd.DataFrame) else pd.DataFrame({k: dict(v) for k, v in errors.items()})
    problems = [one for item in frame.columns if (one := _no_item(str(item), scores)) is not None]
    names = [canonical_key(codelist_of(scores.methodology))(str(unit)) for unit in frame.index]
    problems += _no_units(names, scores)
    found = {}
    for item in frame.columns:
        try:
            column = frame[item].to_numpy(dtype=np.float64)
        except (TypeError, ValueError):
            problems.append(finding("DT902", f"errors: those of {str(item)!r} are not all numbers"))
            continue
        if (column < 0).any() or np.isinf(column).any():
            problems.append(finding("DT902", f"errors: a standard error of {str(item)!r} is negative or infinite"))
        own = dict(zip(names, column.tolist(), strict=True))
        found[str(item)] = np.array([own.get(str(unit), np.nan) for unit in units])
    if problems:
        raise UsageError(problems)
    return found


def _no_item(item: str, scores: Scores) -> Finding | None:
    tree = scores.methodology.tree
    if item not in tree.items:
        near = nearest(item, list(tree.items))
        return finding("DT024", f"no node or indicator {item!r}" + (f"; nearest is {near!r}" if near else ""))
    if not tree.is_node(item) and tree.items[item].parent is None:
        return finding("DT902", f"errors: {item!r} is measured, not scored")
    return None


def _no_units(names: list[str], scores: Scores) -> list[Finding]:
    known = dict.fromkeys(str(unit) for unit in scores.units)
    problems = [
        finding("DT902", f"errors: unit {name!r} stands twice")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    strangers = [name for name in dict.fromkeys(names) if name not in known]
    if strangers:
        more = f" and {len(strangers) - _NAMED} more" if len(strangers) > _NAMED else ""
        near = nearest(strangers[0], list(known))
        hint = f"; nearest to the first is {near!r}" if near else ""
        told = ", ".join(repr(name) for name in strangers[:_NAMED])
        problems.append(finding("DT902", f"errors: the table has no unit {told}{more}{hint}"))
    return problems
