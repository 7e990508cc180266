"""Between leaves and nodes: indicators that are imputed from the unit's others, alone or beside other units."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import round_half_up
from dtindex.spec.methods import Scale
from dtindex.spec.tree import Tree
from dtindex.status import LEAVES_NO_VALUE, Status
from dtindex.steps.impute.row import ByRow
from dtindex.steps.impute.table import ByTable
from dtindex.steps.indicator import NOTHING, IndicatorChain, Learned
from dtindex.steps.node import Part, leaf_part
from dtindex.steps.types import FloatArray, Sample

__all__ = ["RowStage"]

_NO_VALUE = np.uint16(LEAVES_NO_VALUE)
_MISSING = np.uint16(Status.MISSING)
_IMPUTED = np.uint16(Status.IMPUTED)


class RowStage:
    """Gives each missing score of an indicator with a row method the centre of the row's other scores under its node.

    Scores of others are mapped to the indicator's scale first. All gaps are filled from the scores as they stood before
    the stage, so no order matters and nothing that it filled fills another. A row's result depends on no other row.
    """

    def __init__(self, tree: Tree, chains: Mapping[str, IndicatorChain], scales: Mapping[str, Scale]) -> None:
        self.scales = scales
        self.settings = {item: chain.settings for item, chain in chains.items()}
        self.imputers = {
            item: chain.imputer for item, chain in chains.items() if isinstance(chain.imputer, ByRow | ByTable)
        }
        self.others = {
            item: tuple(leaf for leaf in tree.leaves(self.node(tree, item)) if leaf != item and leaf in chains)
            for item in self.imputers
        }

    def node(self, tree: Tree, item: str) -> str:
        """The node whose indicators stand in for ``item``."""
        node = self.imputers[item].node or tree.items[item].parent
        assert node is not None
        return node

    @property
    def learns(self) -> bool:
        """Whether something is learned from the scores of other units."""
        return any(isinstance(imputer, ByTable) for imputer in self.imputers.values())

    def fit(self, parts: Mapping[str, Part], learned: dict[str, Learned]) -> None:
        """Put what is learned from the reference rows beside what each indicator learned by itself."""
        for item, imputer in self.imputers.items():
            if isinstance(imputer, ByTable) and self.others[item]:
                own = learned[item]
                period = min(own, default="")
                state = imputer.learn(self._matrix(item, parts, slice(None)))
                if state:
                    state["of"] = np.array(self.others[item], dtype=object)
                # What an indicator learned may be shared with other variants of the index: it is not written to.
                learned[item] = {**own, period: {**own.get(period, NOTHING), "impute": state}}

    def fill(
        self, parts: Mapping[str, Part], sample: Callable[[str], Sample], learned: Mapping[str, Learned]
    ) -> dict[str, Part]:
        """The parts that change; ``sample`` gives an indicator's."""
        filled = {}
        for item, imputer in self.imputers.items():
            part = parts[item]
            if part.complete or not self.others[item]:
                continue
            # A measured value whose score was lost is not missing, and withheld and not applicable are answers.
            gaps = np.isnan(part.values) & np.isnan(sample(item).values) & (part.flags & _NO_VALUE == _MISSING)
            if gaps.any():
                if isinstance(imputer, ByRow):
                    scores = [self._on_scale(item, other, parts[other].values[gaps]) for other in self.others[item]]
                    found = imputer.centre(scores)
                else:
                    own = learned.get(item, {})
                    state = own[min(own)].get("impute", {}) if own else {}
                    # A variant of an edition without its table may have lost one of those that were looked at.
                    fits = state and tuple(state["of"].tolist()) == self.others[item]
                    found = imputer.found(self._matrix(item, parts, gaps), state if fits else {})
                filled[item] = self._filled(item, part, gaps, found)
        return filled

    def _matrix(self, item: str, parts: Mapping[str, Part], rows: slice | NDArray[np.bool_]) -> FloatArray:
        """Scores ``(rows, 1 + others)`` on the indicator's scale, its own first."""
        columns = [self._on_scale(item, other, parts[other].values[rows]) for other in self.others[item]]
        return np.column_stack([parts[item].values[rows], *columns])

    def _filled(
        self, item: str, part: Part, gaps: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], scores: FloatArray
    ) -> Part:
        settings, scale = self.settings[item], self.scales[item]
        if settings.round is not None:
            scores = round_half_up(scores, settings.round, 1.0 if scale == "open" else abs(scale[1] - scale[0]))
        values, flags = part.values.copy(), part.flags.copy()
        values[gaps] = scores
        filled = gaps & ~np.isnan(values)
        flags[filled] = flags[filled] & ~_MISSING | _IMPUTED
        return leaf_part(values, flags, part.problems)

    def _on_scale(self, item: str, other: str, scores: FloatArray) -> FloatArray:
        own, whole = self.scales[other], self.scales[item]
        if own == whole or own == "open" or whole == "open":
            return scores
        return whole[0] + (whole[1] - whole[0]) * ((scores - own[0]) / (own[1] - own[0]))
