"""From what is said of weights to the set of those that are admissible, and the law that they are drawn by."""

from __future__ import annotations

import numpy as np

from dtindex.engine.admissible import Admissible, Between, Hull, Proportions
from dtindex.engine.halfspace import beats
from dtindex.engine.pair_probability import above_box, above_dirichlet, beats_by
from dtindex.engine.simplex import Box, Choice, Dirichlet, Fixed, Law, Mixture, Noise, Reordered, Uniform
from dtindex.steps.types import FloatArray

__all__ = ["admissible", "likely"]

_MOST_PARTS = 64
"""Simplices of a mixture that the chances of pairs are added up over."""
_WHOLE = 40.0
"""Whole numbers of a Dirichlet law that sum to more than so many a member are rather integrated."""


def admissible(law: Law) -> Admissible:
    """All weights that a law may draw, and what lies between them."""
    if isinstance(law, Box):
        return Between(law.lower, law.upper)
    if isinstance(law, Noise):
        return Proportions(law.weights * (1.0 - law.share), law.weights * (1.0 + law.share))
    if isinstance(law, Reordered):
        return Hull.ordinal(law.places)
    if isinstance(law, Choice):
        return Hull(law.rows[law.shares > 0.0])
    if isinstance(law, Mixture):
        return Hull(law.vertices)
    if isinstance(law, Dirichlet):
        return Hull(np.eye(law.items)[law.alphas > 0.0])
    if isinstance(law, Fixed):
        return Hull(law.weights[None, :])
    return Hull.simplex(law.items)


def likely(law: Law, values: FloatArray) -> tuple[FloatArray, str] | None:
    """``P(a beats b)`` ``(n, n)`` of sums ``values @ w`` ``(n, m)`` under a law, and the method; None where none is
    known.
    """
    units = len(values)
    rows, columns = np.triu_indices(units, 1)
    if isinstance(law, Uniform):
        return beats(values), "recursion"
    if isinstance(law, Dirichlet):
        drawn = law.alphas > 0.0
        alphas, own = law.alphas[drawn], values[:, drawn]
        if (alphas == np.floor(alphas)).all() and alphas.sum() <= _WHOLE * alphas.size:
            return beats(own, alphas), "recursion"
        return beats_by(above_dirichlet(own[rows] - own[columns], alphas), units), "characteristic function"
    if isinstance(law, Reordered):
        return beats(values @ Hull.ordinal(law.places).vertices.T), "recursion"
    if isinstance(law, Noise):
        spans, middles = law.weights * law.share, law.weights
        return beats_by(above_box(values[rows] - values[columns], spans, middles), units), "characteristic function"
    if isinstance(law, Choice):
        differences = (values[rows] - values[columns]) @ law.rows.T
        return beats_by((0.5 + 0.5 * np.sign(differences)) @ law.shares, units), "count"
    if isinstance(law, Mixture) and len(law.shares) <= _MOST_PARTS:
        found = sum(share * beats(values @ part.T) for share, part in zip(law.shares, law.parts, strict=True))
        return np.asarray(found), "recursion"
    return None
