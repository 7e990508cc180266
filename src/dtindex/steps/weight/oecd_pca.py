"""Weights from rotated factors, the scheme of the OECD/JRC Handbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.rotation import varimax
from dtindex.spec.methods import OecdPcaWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings
from dtindex.steps.weight.components import components, signed
from dtindex.steps.weight.pca import too_few

__all__ = ["OecdPca", "factor_weights", "retained"]

_EACH, _TOGETHER = 0.10, 0.60
_NOTHING = 1e-12


def retained(eigenvalues: FloatArray, rule: int | Literal["eigenvalue", "variance"]) -> int:
    """How many factors to keep of ``eigenvalues`` ``(m,)``, largest first; one at least.

    ``eigenvalue``: those above 1. ``variance``: those that explain 10 % each, and more until 60 % are explained.
    """
    if isinstance(rule, int):
        return min(rule, eigenvalues.size)
    if rule == "eigenvalue":
        return max(1, int((eigenvalues > 1.0 + _NOTHING).sum()))
    explained = eigenvalues / eigenvalues.sum()
    enough = int(np.searchsorted(np.cumsum(explained), _TOGETHER - _NOTHING)) + 1
    return min(max(enough, int((explained >= _EACH - _NOTHING).sum())), eigenvalues.size)


def factor_weights(loadings: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Weights ``(m,)`` that sum to 1 from rotated ``loadings`` ``(m, k)``, and the factor ``(m,)`` that each counts in.

    ``w_j ~ l_jf^2`` of the factor ``f`` with the largest ``l_jf^2 / sum_i l_if^2``; the share of each factor's variance
    and its scaled loading multiply to that.
    """
    squared = loadings * loadings
    explained = squared.sum(axis=0)
    assigned = np.argmax(squared / np.where(explained > 0, explained, 1.0), axis=1)
    importance = squared[np.arange(len(squared)), assigned]
    return importance / importance.sum(), assigned


class OecdPca(Learning[OecdPcaWeights]):
    """Each child weighs its squared loading on the factor it belongs to, after varimax rotation of the factors kept.

    Correlations are taken over the rows in which all children have a score, at least three (DT344). Squares do not see
    signs: a child that loads against the others of its factor keeps its weight, and DT342 says so.
    """

    method = "oecd-pca"
    reference = (
        "Nicoletti, Scarpetta & Boylaud (2000), doi:10.1787/215182844604; OECD/JRC Handbook (2008), step 6, "
        "doi:10.1787/9789264043466-en"
    )

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        found = components(siblings, varying)
        importance = np.zeros(len(varying))
        if not found.eigenvalues.size:
            return importance, [too_few(self.method, siblings, found)]
        count = retained(found.eigenvalues, self.spec.factors)
        unrotated = found.vectors[:, :count] * np.sqrt(np.maximum(found.eigenvalues[:count], 0.0))
        loadings, settled = varimax(unrotated, kaiser=self.spec.kaiser)
        weights, assigned = factor_weights(loadings)
        importance[[varying.index(position) for position in found.positions]] = weights
        problems = [Problem("DT343", siblings.node, self._said(found.eigenvalues, loadings, found.rows))]
        if not settled:
            problems.append(Problem("DT344", siblings.node, "the rotation of the factors does not settle"))
        names = [siblings.ids[position] for position in found.positions]
        return importance, problems + _against(names, loadings, assigned)

    def _said(self, eigenvalues: FloatArray, loadings: FloatArray, rows: int) -> str:
        explained = np.sort((loadings * loadings).sum(axis=0))[::-1]
        parts = ", ".join(f"{part / eigenvalues.sum():.1%}" for part in explained)
        return f"weights by `{self.method}`: {explained.size} factors explain {parts} of {rows} complete rows"


def _against(names: Sequence[str], loadings: FloatArray, assigned: NDArray[np.intp]) -> list[Problem]:
    """DT342 for those who load with another sign than the others of their factor together."""
    problems = []
    own = np.where(assigned[:, None] == np.arange(loadings.shape[1]), loadings, 0.0)
    for name, factor, loading in zip(names, assigned, signed(own).tolist(), strict=True):
        if loading[factor] < -_NOTHING:
            message = f"loads {loading[factor]:.3f} on its factor, against the others of it; its weight is what it is"
            problems.append(Problem("DT342", name, message))
    return problems
