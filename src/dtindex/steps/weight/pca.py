"""Weights from the first principal component."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.spec.methods import PcaWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings
from dtindex.steps.weight.components import Components, components

__all__ = ["Pca", "too_few"]

_NOTHING = 1e-12


class Pca(Learning[PcaWeights]):
    """``w ~ max(v, 0)``, ``v`` the first eigenvector of the correlations, turned so that it sums to more than zero.

    Correlations are taken over the rows in which all children have a score, at least three (DT344). A child whose
    loading is negative runs against what the others have in common: it gets no weight, and DT342 says so.
    """

    method = "pca"
    reference = "OECD/JRC Handbook (2008), step 6, doi:10.1787/9789264043466-en; sign and floor are ours"

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        found = components(siblings, varying)
        importance = np.zeros(len(varying))
        if not found.eigenvalues.size:
            return importance, [too_few(self.method, siblings, found)]
        share = found.eigenvalues[0] / found.eigenvalues.sum()
        said = f"the first component explains {share:.1%} of {found.rows} complete rows"
        problems = [Problem("DT343", siblings.node, f"weights by `{self.method}`: {said}")]
        for position, loading in zip(found.positions, found.vectors[:, 0].tolist(), strict=True):
            if loading < -_NOTHING:
                message = f"loads {loading:.3f} on the first component, against the others: `pca` gives it no weight"
                problems.append(Problem("DT342", siblings.ids[position], message))
            importance[varying.index(position)] = max(loading, 0.0)
        return importance, problems


def too_few(method: str, siblings: Siblings, found: Components) -> Problem:
    """The problem of too few complete rows."""
    message = f"`{method}` weights need three rows at least in which every child has a score, found {found.rows}"
    return Problem("DT344", siblings.node, message)
