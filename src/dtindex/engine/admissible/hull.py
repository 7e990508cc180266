"""All mixtures of some weights: the whole simplex, an order of the weights, ratios, or what experts say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.admissible.base import FloatArray, Flow
from dtindex.engine.simplex.base import proportions

__all__ = ["Hull"]


@dataclass(frozen=True, eq=False)
class Hull:
    """``{V' c : c >= 0, sum c = 1}``, where a linear function is largest at one of the vertices.

    Parameters
    ----------
    vertices
        ``V`` ``(k, m)``, rows of weights 0 or more, which are divided by their sums. Rows that are no vertices do no
        harm.

    Raises
    ------
    ValueError
        A row that is negative, not finite or all 0.
    """

    vertices: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", proportions(np.atleast_2d(np.array(self.vertices, dtype=np.float64))))

    @classmethod
    def simplex(cls, items: int) -> Hull:
        """All weights that sum to 1."""
        return cls(np.eye(items))

    @classmethod
    def ordinal(cls, places: tuple[int, ...]) -> Hull:
        """All weights that fall along an order: ``places[j]`` is where member ``j`` stands in it, 0 for the weightiest.

        Its vertices weigh the first ``k`` alike and the others nothing, ``k = 1..m``.
        """
        steps = np.tril(np.ones((len(places), len(places))))
        return cls(steps[:, list(places)])

    @property
    def items(self) -> int:
        return int(self.vertices.shape[1])

    @property
    def point(self) -> bool:
        return bool((np.ptp(self.vertices, axis=0) == 0.0).all())

    @property
    def whole(self) -> bool:
        """Whether it is the whole simplex."""
        return self.vertices.shape == (self.items, self.items) and bool((self.vertices == np.eye(self.items)).all())

    def largest(self, values: FloatArray) -> FloatArray:
        if self.whole:
            found: FloatArray = values.max(axis=1)
            return found
        # By columns in order: sums of the same terms in the same order, whatever stands beside.
        best = np.full(len(values), -np.inf)
        for vertex in self.vertices:
            best = np.maximum(best, _weighed(values, vertex))
        return best

    def largest_at(self, values: FloatArray) -> FloatArray:
        best: FloatArray = self.vertices[int(np.argmax(_weighed(self.vertices, values)))]
        return best

    def flow(self) -> Flow:
        items = self.items
        if self.whole:
            return Flow(0, np.concatenate([[-1.0], np.ones(items)])[None, :], np.zeros(1), np.zeros(1))
        count = len(self.vertices)
        rows = np.zeros((items + 1, 1 + items + count))
        rows[:items, 1 : 1 + items] = -np.eye(items)
        rows[:items, 1 + items :] = self.vertices.T
        rows[items, 0], rows[items, 1 + items :] = -1.0, 1.0
        return Flow(count, rows, np.zeros(items + 1), np.zeros(items + 1))

    def some(self, count: int, rng: np.random.Generator) -> FloatArray:
        mixed = rng.dirichlet(np.full(len(self.vertices), 0.5), size=max(count - len(self.vertices), 0))
        found: FloatArray = np.concatenate([self.vertices, mixed @ self.vertices])[:count]
        return found


def _weighed(values: FloatArray, weights: FloatArray) -> FloatArray:
    """``values @ weights``, added up in order of the columns."""
    total = np.zeros(len(values))
    for column, weight in enumerate(weights.tolist()):
        if weight != 0.0:
            total += values[:, column] * weight
    return total
