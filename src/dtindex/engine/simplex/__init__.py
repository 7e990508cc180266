"""Laws of weights: numbers that are not negative and sum to 1, drawn many rows at a time.

Every law says how many of the ``dimensions`` of a low-discrepancy sequence a draw takes, and turns points of that many
uniforms into rows of weights. A row depends on its own uniforms (for `Box`, which takes none, on the generator) and on
nothing else: not on the rows beside it, and not on how many there are.
"""

from __future__ import annotations

from dtindex.engine.simplex.base import Law
from dtindex.engine.simplex.box import Box
from dtindex.engine.simplex.choice import Choice, Fixed
from dtindex.engine.simplex.dirichlet import Dirichlet
from dtindex.engine.simplex.mixture import Mixture
from dtindex.engine.simplex.noise import Noise
from dtindex.engine.simplex.ordinal import Ordinal, Reordered
from dtindex.engine.simplex.uniform import Uniform

__all__ = ["Box", "Choice", "Dirichlet", "Fixed", "Law", "Mixture", "Noise", "Ordinal", "Reordered", "Uniform"]
