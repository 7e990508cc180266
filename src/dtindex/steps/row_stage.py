"""Between leaves and nodes: indicators that are imputed from the unit's others, alone or beside other units."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import round_half_up
from dtindex.spec.methods import Scale
from dtindex.spec.tree import Tree
from dtindex.status import LEAVES_NO_VALUE, Status
from dtindex.steps.impute.base import FromOthers
from dtindex.steps.impute.chained import Chained, Keys, keys_of
from dtindex.steps.impute.row import ByRow
from dtindex.steps.impute.table import ByTable
from dtindex.steps.indicator import NOTHING, IndicatorChain, Learned
from dtindex.steps.node import Part, leaf_part
from dtindex.steps.types import FloatArray, Sample, State

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
        self.imputers = {item: chain.imputer for item, chain in chains.items() if isinstance(chain.imputer, FromOthers)}
        self.others = {
            item: tuple(leaf for leaf in tree.leaves(self.node(tree, item)) if leaf != item and leaf in chains)
            for item in self.imputers
        }
        # Those of one setting under one node are completed together; what is learned stands by the first.
        self.together: dict[tuple[str, str], tuple[str, ...]] = {}
        for item, imputer in self.imputers.items():
            if isinstance(imputer, Chained) and self.others[item]:
                key = (self.node(tree, item), imputer.spec.model_dump_json())
                self.together[key] = (*self.together.get(key, ()), item)
        self.columns = {
            items[0]: tuple(leaf for leaf in tree.leaves(node) if leaf in chains)
            for (node, _), items in self.together.items()
        }

    def node(self, tree: Tree, item: str) -> str:
        """The node whose indicators stand in for ``item``."""
        node = self.imputers[item].node or tree.items[item].parent
        assert node is not None
        return node

    @property
    def learns(self) -> bool:
        """Whether something is learned from the scores of other units."""
        return any(isinstance(imputer, ByTable | Chained) for imputer in self.imputers.values())

    def fit(self, parts: Mapping[str, Part], sample: Callable[[str], Sample], learned: dict[str, Learned]) -> None:
        """Put what is learned from the reference rows beside what each indicator learned by itself."""
        for item, imputer in self.imputers.items():
            if isinstance(imputer, ByTable) and self.others[item]:
                state = imputer.learn(self._matrix(item, parts, slice(None)))
                _put(learned, item, state, self.others[item])
        for items in self.together.values():
            imputer, columns = self.imputers[items[0]], self.columns[items[0]]
            assert isinstance(imputer, Chained)
            scores = np.column_stack([parts[column].values for column in columns])
            state = imputer.learn(scores, _keys(sample(items[0]))) if len(scores) else {}
            _put(learned, items[0], state, columns)

    def fill(
        self, parts: Mapping[str, Part], sample: Callable[[str], Sample], learned: Mapping[str, Learned]
    ) -> dict[str, Part]:
        """The parts that change; ``sample`` gives an indicator's."""
        filled = {}
        for item, imputer in self.imputers.items():
            part = parts[item]
            if part.complete or not self.others[item] or isinstance(imputer, Chained):
                continue
            gaps = _gaps(part, sample(item))
            if gaps.any():
                if isinstance(imputer, ByRow):
                    scores = [self._on_scale(item, other, parts[other].values[gaps]) for other in self.others[item]]
                    found = imputer.centre(scores)
                else:
                    assert isinstance(imputer, ByTable)
                    found = imputer.found(self._matrix(item, parts, gaps), _state(learned, item, self.others[item]))
                filled[item] = self._filled(item, part, gaps, found)
        for items in self.together.values():
            filled |= self._completed(items, parts, sample, learned)
        return filled

    def _completed(
        self,
        items: tuple[str, ...],
        parts: Mapping[str, Part],
        sample: Callable[[str], Sample],
        learned: Mapping[str, Learned],
    ) -> dict[str, Part]:
        """The parts that change of indicators that are completed together."""
        gaps = {item: _gaps(parts[item], sample(item)) for item in items if not parts[item].complete}
        gaps = {item: own for item, own in gaps.items() if own.any()}
        if not gaps:
            return {}
        rows = np.logical_or.reduce(list(gaps.values()))
        first, columns = items[0], self.columns[items[0]]
        imputer = self.imputers[first]
        assert isinstance(imputer, Chained)
        scores = np.column_stack([parts[column].values[rows] for column in columns])
        found = imputer.found(scores, _keys(sample(first), rows), _state(learned, first, columns))
        position = np.cumsum(rows) - 1
        return {
            item: self._filled(item, parts[item], own, found[position[own], columns.index(item)])
            for item, own in gaps.items()
        }

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


def _gaps(part: Part, sample: Sample) -> NDArray[np.bool_]:
    """What is missing: not a measured value whose score was lost, and withheld and not applicable are answers."""
    found: NDArray[np.bool_] = np.isnan(part.values) & np.isnan(sample.values) & (part.flags & _NO_VALUE == _MISSING)
    return found


def _keys(sample: Sample, rows: NDArray[np.bool_] | slice = slice(None)) -> Keys:
    assert sample.units is not None  # the chain asks for them
    return keys_of(sample.units[rows], None if sample.periods is None else sample.periods[rows])


def _put(learned: dict[str, Learned], item: str, state: State, of: tuple[str, ...]) -> None:
    """What an indicator learned may be shared with other variants of the index: it is not written to."""
    own = learned[item]
    period = min(own, default="")
    kept = {**state, "of": np.array(of, dtype=object)} if state else {}
    learned[item] = {**own, period: {**own.get(period, NOTHING), "impute": kept}}


def _state(learned: Mapping[str, Learned], item: str, of: tuple[str, ...]) -> State:
    """What was learned; nothing where a variant of an edition without its table has lost one that was looked at."""
    own = learned.get(item, {})
    state = own[min(own)].get("impute", {}) if own else {}
    return state if state and tuple(state["of"].tolist()) == of else {}
