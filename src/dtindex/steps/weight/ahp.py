"""Analytic hierarchy process: weights of pairwise judgements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dtindex.spec.judgements import Rows, matrix_of
from dtindex.spec.methods import AhpWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares

__all__ = ["RANDOM_INDEX", "Ahp", "Consistency", "consistency", "eigenvector", "geometric", "joined"]

RANDOM_INDEX = {
    "saaty": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    "alonso-lamata": (0.5245, 0.8815, 1.1086, 1.2479, 1.3417, 1.4056, 1.4499, 1.4854),
}
"""Mean consistency index of random reciprocal matrices of order 3 to 10, by name of the table."""
_NAMES = {"saaty": "Saaty", "alonso-lamata": "Alonso & Lamata"}
_TOLERATED = 0.10
_GEOMETRIC = (0.31, 0.35, 0.37)
_WORST = 3
_LAST_BITS = 1e-9


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far judgements contradict each other; NaN where a measure is not defined."""

    largest_eigenvalue: float
    index: float
    """``CI = (lambda - n) / (n - 1)``."""
    ratio: float
    """``CR = CI / RI``."""
    geometric: float
    """``GCI``: the mean of ``ln^2(a_ij w_j / w_i)`` over the judgements beyond those that fix the weights."""
    worst: tuple[tuple[int, int, float, float], ...]
    """Row, column, judgement, and what the weights imply instead, of the three that are furthest apart."""


def eigenvector(matrix: FloatArray) -> tuple[FloatArray, float]:
    """The positive eigenvector ``(n,)`` of a positive matrix ``(n, n)``, summing to 1, and its eigenvalue."""
    values, vectors = np.linalg.eig(matrix)
    largest = int(np.argmax(values.real))
    return shares(np.abs(vectors[:, largest].real)), float(values[largest].real)


def geometric(matrix: FloatArray) -> FloatArray:
    """Logarithmic least squares ``(n,)``: ``min sum (ln a_ij - y_i + y_j)^2``, ``w ~ exp y``, NaN where not judged.

    The judgements, a reciprocal matrix ``(n, n)``, must lead from each item to each other. The normal equations have
    the Laplacian of that graph; of a full matrix the solution is the geometric mean of each row.
    """
    judged = ~np.isnan(matrix) & ~np.eye(len(matrix), dtype=bool)
    logarithms = np.where(judged, np.log(np.where(judged, matrix, 1.0)), 0.0)
    laplacian = np.diag(judged.sum(axis=1)) - judged.astype(np.float64)
    solution = np.zeros(len(matrix))
    # The solution is free up to a constant: the first item is set to zero.
    solution[1:] = np.linalg.solve(laplacian[1:, 1:], logarithms.sum(axis=1)[1:])
    return shares(np.exp(solution - solution.max()))


def consistency(matrix: FloatArray, weights: FloatArray, table: str = "saaty") -> Consistency:
    """How consistent a reciprocal matrix ``(n, n)`` is with ``weights`` ``(n,)``; NaN where not judged.

    The consistency ratio is of full matrices of order 3 to 10; beyond and for gaps there is the geometric index alone.
    """
    size = len(matrix)
    full = not np.isnan(matrix).any()
    largest = eigenvector(matrix)[1] if full else math.nan
    index = (largest - size) / (size - 1)
    random = RANDOM_INDEX[table]
    ratio = index / random[size - 3] if 3 <= size < 3 + len(random) else (0.0 if size < 3 else math.nan)
    errors = []
    for row in range(size):
        for column in range(row + 1, size):
            if not math.isnan(judged := float(matrix[row, column])):
                implied = float(weights[row] / weights[column])
                errors.append((abs(math.log(judged / implied)), row, column, judged, implied))
    free = len(errors) - (size - 1)
    spread = math.fsum(error[0] ** 2 for error in errors) / free if free else 0.0
    worst = sorted((error for error in errors if error[0] > _LAST_BITS), key=lambda error: (-error[0], error[1:]))
    return Consistency(largest, index, ratio, spread, tuple(error[1:] for error in worst[:_WORST]))


def joined(matrices: Sequence[FloatArray], weights: FloatArray) -> FloatArray:
    """The weighted geometric mean ``(n, n)`` of several experts' judgements, over those who judged a pair; NaN where
    none did. It keeps a matrix reciprocal, which the arithmetic mean does not.
    """
    total = np.zeros(matrices[0].shape)
    voices = np.zeros(matrices[0].shape)
    for matrix, weight in zip(matrices, weights.tolist(), strict=True):
        judged = ~np.isnan(matrix)
        total = total + np.where(judged, weight * np.log(np.where(judged, matrix, 1.0)), 0.0)
        voices = voices + np.where(judged, weight, 0.0)
    mean: FloatArray = np.divide(total, voices, out=np.full(total.shape, np.nan), where=voices > 0)
    return np.exp(mean)


class Ahp(Weighting[AhpWeights]):
    """Weights that fit pairwise judgements best: their eigenvector, or the geometric mean of each row.

    A matrix with gaps is solved by logarithmic least squares, whatever ``solve`` says. Several experts are joined
    before (``aij``: the geometric mean of each judgement) or after (``aip``: of each weight). A consistency ratio above
    0.1 is DT340, with the three judgements that fit worst; it is otherwise told in DT343.
    """

    method = "ahp"
    reference = (
        "Saaty (1977), doi:10.1016/0022-2496(77)90033-5; Crawford & Williams (1985), doi:10.1016/0022-2496(85)90002-1; "
        "Aguarón & Moreno-Jiménez (2003), doi:10.1016/S0377-2217(02)00255-2; Alonso & Lamata (2006), "
        "doi:10.1142/S0218488506004114; Forman & Peniwati (1998), doi:10.1016/S0377-2217(97)00244-0; "
        "Bozóki, Fülöp & Rónyai (2010), doi:10.1016/j.mcm.2010.02.047"
    )

    def fit(self, siblings: Siblings) -> Weighed:
        spec = self.spec
        problems: list[Problem] = []
        if spec.judgements is not None:
            found = self._judge("", spec.judgements, siblings, problems)[1]
        else:
            found = self._group(siblings, problems)
        by_id = dict(zip(spec.order, found.tolist(), strict=True))
        return Weighed(np.array([by_id[item] for item in siblings.ids]), problems)

    def _group(self, siblings: Siblings, problems: list[Problem]) -> FloatArray:
        experts = self.spec.experts
        judged = [
            self._judge(f"{expert.name}: ", expert.judgements, siblings, problems, self.spec.group == "aip")
            for expert in experts
        ]
        voices = np.array([expert.weight for expert in experts])
        if self.spec.group == "aip":
            logarithms = [np.log(weights) for _, weights in judged]
            return shares(np.exp(sum(v * column for v, column in zip(shares(voices), logarithms, strict=True))))
        matrix = joined([matrix for matrix, _ in judged], voices)
        weights = self._solved(matrix)
        self._report("all experts: ", matrix, weights, siblings, problems)
        return weights

    def _judge(
        self, who: str, rows: Rows, siblings: Siblings, problems: list[Problem], alone: bool = True
    ) -> tuple[FloatArray, FloatArray]:
        """Matrix and weights of one expert; ``alone``: whether these judgements must lead to weights by themselves."""
        cells = matrix_of(len(self.spec.order), rows)
        assert cells is not None, "refused at loading"
        matrix = np.array([[math.nan if cell is None else cell for cell in row] for row in cells])
        if not alone and np.isnan(matrix).any():
            return matrix, np.full(len(matrix), math.nan)
        weights = self._solved(matrix)
        self._report(who, matrix, weights, siblings, problems)
        return matrix, weights

    def _solved(self, matrix: FloatArray) -> FloatArray:
        if self.spec.solve == "eigenvector" and not np.isnan(matrix).any():
            return eigenvector(matrix)[0]
        return geometric(matrix)

    def _report(
        self, who: str, matrix: FloatArray, weights: FloatArray, siblings: Siblings, problems: list[Problem]
    ) -> None:
        found = consistency(matrix, weights, self.spec.random_index)
        if math.isnan(found.ratio):
            limit = _GEOMETRIC[min(len(matrix), 5) - 3] if len(matrix) >= 3 else math.inf
            bad, measure = found.geometric > limit, f"geometric consistency index {found.geometric:.3f}"
        else:
            bad = found.ratio > _TOLERATED
            table = _NAMES[self.spec.random_index]
            measure = f"consistency ratio {found.ratio:.3f} (random index of {table}), λ {found.largest_eigenvalue:.4f}"
        message = f"{who}{measure}"
        if bad:
            names = self.spec.order
            told = ", ".join(
                f"{names[row]} to {names[column]} {_ratio(judged)}, where the weights say {_ratio(implied)}"
                for row, column, judged, implied in found.worst
            )
            message += f"; what fits worst: {told}"
        problems.append(Problem("DT340" if bad else "DT343", siblings.node, message))


def _ratio(value: float) -> str:
    return f"{value:.3g}" if value >= 1 else f"1/{1 / value:.3g}"
