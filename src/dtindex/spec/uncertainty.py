"""What is uncertain about an index, as blocks of a methodology file: factors that vary, and named scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from dtindex.spec.base import Block, Id, Text
from dtindex.spec.methods import (
    Aggregate,
    AhpWeights,
    BudgetWeights,
    Impute,
    ImputeMice,
    Normalise,
    Positive,
    Share,
    Treat,
    Weights,
)

if TYPE_CHECKING:
    from dtindex.spec.tree import Tree

__all__ = [
    "WEIGHT_KINDS",
    "Bounds",
    "Expert",
    "Factor",
    "FactorKind",
    "Scenario",
    "ScenarioWeights",
    "Uncertainty",
    "WeightRatio",
    "own_experts",
]

FactorKind = Literal[
    "error",
    "dirichlet",
    "simplex",
    "box",
    "bounds",
    "noise",
    "ordinal",
    "ratios",
    "experts",
    "normalise",
    "treat",
    "impute",
    "imputation",
    "aggregate",
    "exclude",
    "cut",
]
KINDS: tuple[FactorKind, ...] = get_args(FactorKind)
WEIGHT_KINDS = frozenset({"dirichlet", "simplex", "box", "bounds", "noise", "ordinal", "ratios", "experts"})
"""Kinds that vary the weights of a node's children."""
# Kinds that name children, so that they hold for one node.
_OF_ONE_NODE = ("bounds", "ordinal", "ratios", "experts")
# The fields beside the kind, and the kinds that take them.
_TAKEN_BY: dict[str, frozenset[str]] = {
    "law": frozenset({"error"}),
    "relative": frozenset({"error"}),
    "of": frozenset({"error", "normalise", "treat", "impute", "aggregate"}),
    "node": WEIGHT_KINDS | {"aggregate"},
    "tiers": frozenset({"cut"}),
}

Ids = Annotated[tuple[Id, ...], Field(min_length=1)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Bounds: TypeAlias = tuple[Share, Share]


def _as_tuples(value: Any) -> Any:
    """Lists as tuples, however deep, as Python code writes them."""
    if isinstance(value, list | tuple):
        return tuple(_as_tuples(one) for one in value)
    return {key: _as_tuples(one) for key, one in value.items()} if isinstance(value, dict) else value


class _Written(Block):
    """A block that is also written in Python, where a list does as well as a tuple."""

    @model_validator(mode="before")
    @classmethod
    def _takes_lists(cls, value: Any) -> Any:
        return _as_tuples(value)


class Expert(_Written):
    """The weights that one expert gives the children of a node, in any unit; a child that is not named has none."""

    name: str
    weights: dict[Id, NotNegative]
    weight: Positive = 1


class WeightRatio(_Written):
    """How many times another's weight a child's weight is, at the least and at the most."""

    of: Id
    to: Id
    at_least: Positive | None = None
    at_most: Positive | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """At least, 0 unless said, and at most, without an end unless said."""
        return self.at_least or 0.0, float("inf") if self.at_most is None else self.at_most

    def __str__(self) -> str:
        low, high = self.ends
        if low == high:
            return f"{self.of} {low:g} times {self.to}"
        ends = [f"at least {low:g}"] * (low > 0) + [f"at most {high:g}"] * (high < float("inf"))
        return f"{self.of} {' and '.join(ends)} times {self.to}"

    @model_validator(mode="after")
    def _bounds_something(self) -> WeightRatio:
        if self.at_least is None and self.at_most is None:
            raise ValueError("expected `at_least`, `at_most`, or both")
        return self


class Factor(_Written):
    """One named thing that is uncertain, of exactly one kind.

    ``error``: an error of items. ``dirichlet``, ``simplex``, ``box``, ``bounds``, ``noise``, ``ordinal``,
    ``ratios``, ``experts``: the weights of a node's children. ``normalise``, ``treat``, ``impute``, ``aggregate``:
    alternatives of a step. ``imputation``: which of the tables that `mice` completed. ``exclude``: nothing, or one
    of these left out. ``cut``: the thresholds of a node's tiers.
    """

    id: Id
    label: Text | None = None
    error: Positive | None = None
    law: Literal["normal", "uniform"] = "normal"
    relative: bool = False
    of: Ids | None = None
    node: Id | None = None
    dirichlet: Positive | None = None
    simplex: Literal[True] | None = None
    box: PositiveShare | None = None
    bounds: dict[Id, Bounds] | None = None
    noise: PositiveShare | None = None
    ordinal: Ids | None = None
    ratios: Annotated[tuple[WeightRatio, ...], Field(min_length=1)] | None = None
    experts: Annotated[tuple[Expert, ...], Field(min_length=1)] | Literal["own"] | None = None
    normalise: Annotated[tuple[Normalise, ...], Field(min_length=1)] | None = None
    treat: Annotated[tuple[Treat, ...], Field(min_length=1)] | None = None
    impute: Annotated[tuple[Impute, ...], Field(min_length=1)] | None = None
    imputation: Literal[True] | None = None
    aggregate: Annotated[tuple[Aggregate, ...], Field(min_length=1)] | None = None
    exclude: Ids | None = None
    tiers: Id | None = None
    cut: Positive | None = None

    @property
    def kind(self) -> FactorKind:
        """Which kind it is: the name of the field that says what varies."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def held(self, tree: Tree) -> tuple[str, ...]:
        """Ids that it holds for, in the file's order where it names none.

        An error and alternatives of ``normalise``, ``treat`` and ``impute``: all scored indicators. Weights, and
        alternatives of ``aggregate``: all nodes that put together two members or more, and not by cases; ``experts:
        own``: those of them whose own weights are of experts. An exclusion: what may be left out. Completed
        tables: the indicators that are imputed by `mice`. A cut: the node.
        """
        if self.exclude is not None:
            return self.exclude
        if self.imputation:
            return tuple(item for item in tree.scored if isinstance(tree.indicators[item].impute, ImputeMice))
        named = self.of or tuple(name for name in (self.node, self.tiers) if name is not None)
        if named:
            return named
        if self.kind != "aggregate" and self.kind not in WEIGHT_KINDS:
            return tree.scored
        if self.kind == "aggregate":
            return tree.put_together
        if self.experts is None:
            return tree.weighing
        return tuple(node for node in tree.weighing if own_experts(tree.nodes[node].weights))

    @model_validator(mode="after")
    def _is_one_thing(self) -> Factor:
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            kinds = ", ".join(f"`{kind}`" for kind in KINDS)
            raise ValueError(f"expected exactly one of {kinds}; found {_named(found) if found else 'none'}")
        (kind,) = found
        for field, kinds_of_it in _TAKEN_BY.items():
            spelled = getattr(self, field) != type(self).model_fields[field].default
            if spelled and kind not in kinds_of_it:
                takers = _named([one for one in KINDS if one in kinds_of_it], "or")
                raise ValueError(f"`{field}` goes with {takers}, and this factor is of the kind `{kind}`")
        if kind in _OF_ONE_NODE and self.node is None and self.experts != "own":
            raise ValueError(f"`{kind}` names children, so it needs the `node` that they are of")
        if kind == "cut" and self.tiers is None:
            raise ValueError("`cut` needs `tiers`, the node whose thresholds are moved")
        if self.of is not None and self.node is not None:
            raise ValueError("`of` and `node` say the same; expected one of them")
        return self


def _kind_of_weights(value: object) -> str:
    """A block with a `method`, or numbers by child; the labels are those that pydantic gives such alternatives."""
    method = value.get("method") if isinstance(value, dict) else getattr(value, "method", None)
    return "tagged-union" if isinstance(method, str) else "dict"


ScenarioWeights = Annotated[
    Annotated[Weights, Tag("tagged-union")] | Annotated[dict[Id, NotNegative], Tag("dict")],
    Discriminator(_kind_of_weights),
]


class Scenario(_Written):
    """A named variant of the index: other settings of steps for some items, other weights, items left out."""

    id: Id
    label: Text | None = None
    normalise: Normalise | None = None
    treat: Treat | None = None
    impute: Impute | None = None
    of: Ids | None = None
    aggregate: Aggregate | None = None
    nodes: Ids | None = None
    weights: dict[Id, ScenarioWeights] = {}
    exclude: tuple[Id, ...] = ()

    def held_nodes(self, tree: Tree) -> tuple[str, ...]:
        """The nodes that ``aggregate`` holds for: those named, else as for a factor."""
        return self.nodes or tree.put_together

    @model_validator(mode="after")
    def _changes_something(self) -> Scenario:
        of_indicators = any(step is not None for step in (self.normalise, self.treat, self.impute))
        if not (of_indicators or self.aggregate is not None or self.weights or self.exclude):
            keys = ("normalise", "treat", "impute", "aggregate", "weights", "exclude")
            raise ValueError(f"expected at least one of {_named(keys)}: a scenario changes something")
        if self.of is not None and not of_indicators:
            raise ValueError("`of` goes with `normalise`, `treat` or `impute`, and none of them is given")
        if self.nodes is not None and self.aggregate is None:
            raise ValueError("`nodes` goes with `aggregate`, and none is given")
        return self


class Uncertainty(_Written):
    """What is uncertain about the index: factors of a simulation, and scenarios to be seen side by side."""

    factors: tuple[Factor, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Uncertainty:
        if not (self.factors or self.scenarios):
            raise ValueError("expected `factors`, `scenarios`, or both")
        return self


def own_experts(weights: Weights) -> int:
    """How many experts the weights of a node name; 0 where they are not of `ahp` or `budget` with experts."""
    return len(weights.experts) if isinstance(weights, AhpWeights | BudgetWeights) else 0


def _named(keys: Sequence[str], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    shown = [f"`{key}`" for key in keys]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"
