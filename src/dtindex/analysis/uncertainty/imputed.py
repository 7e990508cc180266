"""The tables that multiple imputation completed, as changes of a methodology."""

from __future__ import annotations

from dtindex.analysis.uncertainty.change import Change
from dtindex.spec.methods import ImputeMice
from dtindex.spec.model import Methodology

__all__ = ["completing"]


def completing(methodology: Methodology) -> tuple[Change, ...]:
    """For each completed table, the change that takes it alone; none where no indicator is imputed by `mice`.

    Where some indicators have fewer tables than others, theirs come round again.
    """
    settings = methodology.tree.indicators
    specs = [(item, settings[item].impute) for item in methodology.tree.scored]
    several = [(item, spec) for item, spec in specs if isinstance(spec, ImputeMice)]
    most = max((len(_numbers(spec)) for _, spec in several), default=0)
    return tuple(
        Change(impute=tuple((item, spec.model_copy(update={"table": _nth(spec, number)})) for item, spec in several))
        for number in range(most)
    )


def _numbers(spec: ImputeMice) -> range:
    return range(1, spec.tables + 1) if spec.table is None else range(spec.table, spec.table + 1)


def _nth(spec: ImputeMice, number: int) -> int:
    numbers = _numbers(spec)
    return numbers[number % len(numbers)]
