"""Rules on the scenarios of `uncertainty:`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dtindex.findings import Severity
from dtindex.spec.document import Path, Problem
from dtindex.spec.methods import SumAggregate, Weights
from dtindex.spec.rules_varied import (
    aggregate_problems,
    excluded_problems,
    repeated_problems,
    scored_problems,
    setting_problems,
    together_problems,
)
from dtindex.spec.rules_weight_factors import named_problems, weighted_problems
from dtindex.spec.rules_weights import method_problems, share_problems, uses_given_weights
from dtindex.spec.uncertainty import Scenario
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["scenario_problems"]


def scenario_problems(where: Where, scenario: Scenario, path: Path) -> Iterator[Problem]:
    """DT034 and DT035 on one scenario, and what `rules_weights` says of its weights."""
    yield from scored_problems(where, scenario.of or (), (*path, "of"))
    for key in ("normalise", "treat", "impute"):
        setting = getattr(scenario, key)
        if setting is not None:
            yield from setting_problems(where, setting, scenario.of or where.tree.scored, (*path, key))
    yield from repeated_problems(where, scenario.nodes or (), (*path, "nodes"))
    for position, node in enumerate(scenario.nodes or ()):
        yield from together_problems(where, node, (*path, "nodes", position))
    if scenario.aggregate is not None:
        nodes = scenario.held_nodes(where.tree)
        yield from aggregate_problems(where, scenario.aggregate, nodes, (*path, "aggregate"))
    for node in scenario.weights:
        yield from _weights(where, scenario, node, (*path, "weights", node))
    yield from excluded_problems(where, scenario.exclude, True, (*path, "exclude"))


def _weights(where: Where, scenario: Scenario, node: str, path: Path) -> Iterator[Problem]:
    weights = scenario.weights[node]
    told = list(weighted_problems(where, node, path))
    yield from told
    if told:
        return
    if not isinstance(weights, dict):
        yield from _method(where, node, weights, path)
        return
    children = where.tree.children[node]
    needed = [child for child in children if child not in scenario.exclude]
    yield from named_problems(where, node, children, weights, needed, path)
    if weights and not any(weights.values()):
        yield where.problem("DT034", f'all weights below "{node}" are zero', *path)


def _method(where: Where, node: str, weights: Weights, path: Path) -> Iterator[Problem]:
    settings = where.tree.nodes[node]
    spec = settings.spec.model_copy(update={"weights": weights})
    yield from method_problems(_Moved(where, path), weights, replace(settings, weights=weights, spec=spec))
    yield from share_problems(where, weights, path)
    lacking = [child for child in settings.children if where.tree.items[child].weight is None]
    if lacking and uses_given_weights(weights) and not isinstance(settings.aggregate, SumAggregate):
        yield where.problem("DT034", f"no `weight:` is given to {listed(lacking)}", *path)


class _Moved(Where):
    """As another, but that remarks on the weights of a node stand where a scenario says them."""

    def __init__(self, where: Where, root: Path) -> None:
        self.__dict__.update(where.__dict__)
        self._root = root

    def of_method(
        self, code: str, message: str, item: str, *inside: str | int, severity: Severity | None = None
    ) -> Problem:
        """A remark at what ``inside``, which begins with `weights`, leads to in the scenario."""
        return self.problem(code, message, *self._root, *inside[1:], severity=severity)
