"""Imputation by the mean or the median of a unit's group."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from dtindex.engine.order import median
from dtindex.engine.sums import mean
from dtindex.spec.methods import ImputeGroupMean, ImputeGroupMedian
from dtindex.steps.impute.base import Imputer
from dtindex.steps.types import FloatArray, Grouping, Sample, State

__all__ = ["GroupMean", "GroupMedian", "by_group"]

_ALL = ""


def by_group(values: FloatArray, groups: Grouping | None) -> dict[str, FloatArray]:
    """Observed ``values`` ``(n,)`` split by ``groups``, under the group's label; without groups, all under ''."""
    known = ~np.isnan(values)
    if groups is None:
        return {_ALL: values[known]}
    codes = groups.codes[known]
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(groups.labels)), side="right")
    return dict(zip(groups.labels, np.split(values[known][order], ends[:-1]), strict=False))  # no label without a row


class _ByGroup(Imputer[ImputeGroupMean | ImputeGroupMedian]):
    @property
    def group(self) -> str | None:
        return self.spec.by

    @staticmethod
    @abstractmethod
    def centre(values: FloatArray) -> float:
        """The statistic of a group's observed values; NaN for none."""

    def fit(self, sample: Sample) -> State:
        split = by_group(sample.values, self._groups(sample))
        return {
            "group": np.array(list(split), dtype=object),
            "value": np.array([self.centre(values) for values in split.values()], dtype=np.float64),
        }

    def propose(self, sample: Sample, state: State) -> FloatArray:
        values = dict(zip(state["group"], state["value"].tolist(), strict=True))
        groups = self._groups(sample)
        if groups is None:
            return np.full(sample.values.shape, values[_ALL])
        proposed = np.full(sample.values.shape, np.nan)
        gaps = np.isnan(sample.values)
        of_label = np.array([values.get(label, np.nan) for label in groups.labels])
        proposed[gaps] = of_label[groups.codes[gaps]]
        return proposed

    def _groups(self, sample: Sample) -> Grouping | None:
        return None if self.spec.by is None else sample.groups[self.spec.by]


class GroupMean(_ByGroup):
    """``mean of the observed x_k, k in the group of i``; the sum is order-free."""

    method = "group-mean"
    reference = "OECD/JRC Handbook (2008), step 3: unconditional mean imputation"
    centre = staticmethod(mean)


class GroupMedian(_ByGroup):
    """``median of the observed x_k, k in the group of i``."""

    method = "group-median"
    reference = "OECD/JRC Handbook (2008), step 3: unconditional median imputation"
    centre = staticmethod(median)
