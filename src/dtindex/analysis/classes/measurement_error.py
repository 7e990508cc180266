"""How far the items of a rule may be from what they measure: standard errors by reliability, and their covariance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.blocks import Block, moments, on_scale
from dtindex.analysis.computable import NotComputable
from dtindex.analysis.reliability import cronbach_alpha
from dtindex.findings import UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Errors", "ItemError", "measurement_errors"]

_LEAST = -1e-9


@dataclass(frozen=True)
class ItemError:
    """The error of one item: ``sem = sd sqrt(1 - alpha)``; of what was given, the standard error alone."""

    item: str
    sem: float | None = None
    deviation: float | None = None
    alpha: float | None = None
    origin: str = "reliability"
    """``reliability``, ``given``, or ``parts`` where it follows from the errors of items below."""
    reason: str = ""


@dataclass(frozen=True)
class Errors:
    """The covariance of the errors of ``items`` ``(items, items)``; None where one of them is not known."""

    items: tuple[str, ...]
    each: tuple[ItemError, ...]
    covariance: FloatArray | None

    @property
    def reason(self) -> str:
        """Why there is none."""
        return "; ".join(f"{one.item}: {one.reason}" for one in self.each if one.reason)


def measurement_errors(
    scores: Scores,
    items: Sequence[str],
    rows: NDArray[np.intp],
    spread: Callable[[str], float],
    given: Mapping[str, float] | pd.DataFrame | None,
) -> Errors:
    """The errors of ``items``, among which an item may lie above others; ``spread`` is an item's sd in the reference.

    An item without any of the others below it is a source of its own: its error has the standard deviation given, or
    ``sd sqrt(1 - alpha)``, alpha that of the leaves below it over the complete ``rows``. Sources are independent, as
    the errors of answers to different questions are taken to be. An item above others has the error ``sum w_c e_c`` of
    its children, w their weights: exact of arithmetic means.

    Raises
    ------
    UsageError
        DT902, DT024 for errors given that cannot be.
    """
    if given is not None and not isinstance(given, Mapping):
        return _of_matrix(items, given)
    sources = _Sources(scores, frozenset(items), rows, spread, _checked(scores, given or {}))
    parts_of = [sources.parts(item) for item in items]
    found = sources.found
    each = tuple(
        found[item] if item in found else _of_parts(item, parts, found)
        for item, parts in zip(items, parts_of, strict=True)
    )
    if any(one.reason for one in each):
        return Errors(tuple(items), each, None)
    matrix = np.array([[parts.get(one, 0.0) * _sem(error) for one, error in found.items()] for parts in parts_of])
    return Errors(tuple(items), each, np.asarray(matrix @ matrix.T, dtype=np.float64))


class _Sources:
    """The independent errors that those of some items are made of."""

    def __init__(
        self,
        scores: Scores,
        items: frozenset[str],
        rows: NDArray[np.intp],
        spread: Callable[[str], float],
        named: Mapping[str, float],
    ) -> None:
        self.scores, self.items, self.rows, self.spread, self.named = scores, items, rows, spread, named
        self.tree = scores.methodology.tree
        self.found: dict[str, ItemError] = {}

    def parts(self, item: str) -> dict[str, float]:
        """What part of each source's error enters the item's."""
        weights = self.scores.weights.get(item, ())
        children = self.tree.children[item] if self.tree.is_node(item) else ()
        # A node over its leaves, or one without weights, has no parts to speak of.
        if item in self.named or len(weights) != len(children) or not self.items.intersection(self._below(item)):
            if item not in self.found:
                self.found[item] = self._source(item)
            return {item: 1.0}
        found: dict[str, float] = {}
        for child, weight in zip(children, weights, strict=True):
            share = self._stretch(child, item) * weight / sum(weights)
            for one, part in self.parts(child).items():
                found[one] = found.get(one, 0.0) + share * part
        return found

    def _below(self, item: str) -> Iterator[str]:
        for child in self.tree.children[item] if self.tree.is_node(item) else ():
            yield child
            yield from self._below(child)

    def _stretch(self, child: str, parent: str) -> float:
        """How much longer the parent's scale is than the child's; 1 where one of them is open."""
        own, whole = self.tree.scale(child), self.tree.scale(parent)
        return 1.0 if own == "open" or whole == "open" else (whole[1] - whole[0]) / (own[1] - own[0])

    def _source(self, item: str) -> ItemError:
        if item in self.named:
            return ItemError(item, sem=self.named[item], origin="given")
        leaves = self.tree.leaves(item) if self.tree.is_node(item) else ()
        if len(leaves) < 2:
            return ItemError(item, reason="no items whose agreement would tell its reliability; give its error")
        spread = self.spread(item)
        if not spread > 0:
            return ItemError(item, reason="no variation in the reference")
        block = Block(item, leaves, np.column_stack([on_scale(self.scores, leaf, item)[self.rows] for leaf in leaves]))
        try:
            alpha = cronbach_alpha(moments(block, "complete").covariances)
        except NotComputable as reason:
            return ItemError(item, deviation=spread, reason=f"reliability not computable: {reason}")
        # Items that contradict each other tell nothing: all that varies is then error.
        return ItemError(item, spread * sqrt(1 - max(alpha, 0.0)), spread, alpha)


def _of_parts(item: str, parts: Mapping[str, float], sources: Mapping[str, ItemError]) -> ItemError:
    lacking = [one for one in parts if sources[one].reason]
    if lacking:
        return ItemError(item, origin="parts", reason=f"the error of {', '.join(lacking)} below it is not known")
    variance = sum((part * _sem(sources[one])) ** 2 for one, part in parts.items())
    return ItemError(item, sem=sqrt(variance), origin="parts")


def _sem(one: ItemError) -> float:
    return one.sem if one.sem is not None else float("nan")


def _checked(scores: Scores, given: Mapping[str, float]) -> Mapping[str, float]:
    known = [*scores.items, *scores.measured_columns]
    for item, sem in given.items():
        if item not in known:
            guess = nearest(item, known)
            hint = f"; nearest is {guess!r}" if guess else ""
            raise UsageError([finding("DT024", f"error={item!r}: no node or indicator of that id{hint}")])
        if not (np.isfinite(sem) and sem >= 0):
            raise UsageError([finding("DT902", f"error of {item!r} is {sem}: expected a standard error, 0 or more")])
    return {item: float(sem) for item, sem in given.items()}


def _of_matrix(items: Sequence[str], given: pd.DataFrame) -> Errors:
    """A covariance by item; those that the rule does not look at are left aside."""
    lacking = [item for item in items if item not in given.index or item not in given.columns]
    if lacking:
        message = f"the error covariance lacks {', '.join(lacking)}; its rows and columns are items"
        raise UsageError([finding("DT902", message)])
    matrix = given.loc[list(items), list(items)].to_numpy(dtype=np.float64)
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T):
        raise UsageError([finding("DT902", "the error covariance is not symmetric, or not all of it is a number")])
    least = float(np.linalg.eigvalsh(matrix)[0]) if len(matrix) else 0.0
    if least < _LEAST * max(float(np.trace(matrix)), 1.0):
        raise UsageError([finding("DT902", "the error covariance has a negative eigenvalue, which no errors have")])
    spreads = np.sqrt(np.clip(np.diag(matrix), 0.0, None))
    each = (ItemError(item, sem=float(sem), origin="given") for item, sem in zip(items, spreads, strict=True))
    return Errors(tuple(items), tuple(each), matrix)
