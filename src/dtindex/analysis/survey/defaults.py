"""Which variance an estimate needs: what of the index was fitted on the sample itself, and what is not smooth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dtindex.analysis.survey.outcomes import Asked
from dtindex.engine.keys import MISSING
from dtindex.scores import Scores
from dtindex.spec.classes import Condition
from dtindex.spec.methods import (
    BaseIndex,
    Cases,
    FractionOfMaximum,
    FractionOfSum,
    Goalposts,
    ImputeGroupMean,
    ImputeGroupMedian,
    Logistic,
    MinMax,
    Normalise,
    NormalScores,
    Percentile,
    PercentileNormalise,
    RankNormalise,
    Reference,
    RobustZ,
    Target,
    Topsis,
    ZScore,
)

__all__ = ["fitted_on_sample", "not_smooth", "rests_on"]

_ALWAYS = (
    MinMax,
    ZScore,
    RobustZ,
    RankNormalise,
    PercentileNormalise,
    NormalScores,
    FractionOfMaximum,
    FractionOfSum,
)
_GIVEN = ("given", "equal", "ahp", "budget")


def fitted_on_sample(scores: Scores) -> bool:
    """Whether the scored table is the one that was fitted: its sorted keys are those of the reference."""
    for item in scores.items:
        reference = scores.fitted_reference.get(item)
        if reference is None:
            continue
        keys = scores.keys(item)[scores.ranked]
        own = np.sort(keys[keys != MISSING])
        known = np.sort(np.concatenate([np.asarray(one) for one in reference.values()] or [own[:0]]))
        if own.size or known.size:
            return bool(np.array_equal(own, known))
    return False


def rests_on(scores: Scores, wanted: Asked) -> str:
    """What of an estimate was learned from the reference table, in a few words; '' where all of it is fixed."""
    if wanted.source == "scheme":
        return next(_of_scheme(scores, wanted.item), "")
    return next(_below(scores, wanted.item), "") if wanted.source == "score" else ""


def not_smooth(scores: Scores, wanted: Asked) -> str:
    """The aggregation that jumps, in a few words; '' where there is none."""
    tree = scores.methodology.tree
    if wanted.source != "score" or not tree.is_node(wanted.item):
        return ""
    for node in _nodes_below(scores, wanted.item):
        if isinstance(tree.nodes[node].aggregate, Cases):
            return f"the aggregation of {node} by cases is not smooth"
    return ""


def _nodes_below(scores: Scores, item: str) -> Iterator[str]:
    tree = scores.methodology.tree
    if tree.is_node(item):
        yield item
        for child in tree.children[item]:
            yield from _nodes_below(scores, child)


def _below(scores: Scores, item: str) -> Iterator[str]:
    tree = scores.methodology.tree
    if not tree.is_node(item):
        yield from _of_indicator(scores, item)
        return
    for node in _nodes_below(scores, item):
        settings = tree.nodes[node]
        method = getattr(settings.weights, "method", "given")
        if method not in _GIVEN and len(tree.children[node]) > 1:
            yield f"the weights of {node} were learned ({method})"
        if isinstance(settings.aggregate, Topsis):
            yield f"the ideals of {node} were learned (topsis)"
    for leaf in tree.leaves(item):
        if not tree.is_node(leaf):
            yield from _of_indicator(scores, leaf)


def _of_indicator(scores: Scores, item: str) -> Iterator[str]:
    settings = scores.methodology.tree.indicators.get(item)
    if settings is None:
        return
    if _is_fitted(settings.normalise):
        yield f"the normalisation of {item} was fitted ({settings.normalise.method})"
    if getattr(settings.treat, "method", "none") != "none":
        yield f"the treatment of {item} was fitted ({getattr(settings.treat, 'method', '')})"
    if isinstance(settings.impute, ImputeGroupMean | ImputeGroupMedian):
        yield f"{item} was imputed from others ({settings.impute.method})"


def _is_fitted(spec: Normalise) -> bool:
    if isinstance(spec, Goalposts):
        return isinstance(spec.worst, Percentile) or isinstance(spec.best, Percentile)
    if isinstance(spec, Target):
        return not isinstance(spec.base, float | int)
    if isinstance(spec, Logistic):
        return spec.midpoint is None or spec.spread is None
    if isinstance(spec, Reference):
        return not isinstance(spec.to, float | int) or spec.form == "one-minus"
    return isinstance(spec, _ALWAYS) or (isinstance(spec, BaseIndex) and spec.of == "mean")


def _of_scheme(scores: Scores, scheme: str) -> Iterator[str]:
    tree = scores.methodology.tree
    for rule in scores.methodology.classes:
        if rule.scheme != scheme or rule.when is None:
            continue
        for condition in _conditions(rule.when):
            if condition.quantile is not None or getattr(condition, "of_best", None) is not None:
                yield f"the rule of class {rule.id} is relative to the sample"
            items = [condition.id] if condition.id else []
            if condition.count is not None:
                items += [*(condition.count.of or ()), *tree.tagged.get(condition.count.tag or "", ())]
            for item in items:
                if item in scores.items:
                    yield from _below(scores, item)


def _conditions(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in (*(condition.all or ()), *(condition.any or ()), *((condition.not_,) if condition.not_ else ())):
        yield from _conditions(part)
