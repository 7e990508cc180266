"""From the factors of a methodology, or of a caller, to what is drawn in each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtindex.analysis.uncertainty.change import Change
from dtindex.analysis.uncertainty.imputed import completing
from dtindex.analysis.uncertainty.inputs import Alternatives, Cut, Errors, Input, Inputs, Weights
from dtindex.engine.admissible import Ratio, vertices_of_ratios
from dtindex.engine.simplex import Box, Choice, Dirichlet, Law, Mixture, Noise, Ordinal, Reordered, Uniform
from dtindex.findings import Finding, InputError, UsageError, finding
from dtindex.spec.methods import AhpWeights, BudgetWeights, ThresholdTiers
from dtindex.spec.model import Methodology
from dtindex.spec.uncertainty import WEIGHT_KINDS, Factor
from dtindex.spec.uncertainty_file import factor_problems
from dtindex.steps.types import FloatArray
from dtindex.steps.weight import Siblings, weighting

if TYPE_CHECKING:
    from dtindex.analysis.uncertainty.variants import Design

__all__ = ["DEFAULT_SHARE", "GIVEN_ERRORS", "Resolved", "default_factors", "described", "factors_of", "resolve"]

DEFAULT_SHARE = 0.25
"""How far weights are moved where a methodology does not say what is uncertain about it."""
GIVEN_ERRORS = "errors"
"""The name of the factor that the standard errors of a caller are."""


@dataclass(frozen=True, eq=False)
class Resolved:
    """Factors as they are drawn, and what each combination of alternatives changes."""

    factors: tuple[Factor, ...]
    inputs: Inputs
    changes: Mapping[str, tuple[Change, ...]]
    """By input that chooses, the change of each alternative."""
    tiers: frozenset[str]
    """Nodes whose thresholds are moved."""

    def change(self, design: int) -> Change:
        """What a combination of alternatives changes."""
        change = Change()
        for one, level in zip(self.inputs.alternatives, self.inputs.levels(design), strict=True):
            change = change + self.changes[one.name][level]
        return change

    def name(self, design: int) -> str:
        """A combination of alternatives in words."""
        chosen = zip(self.inputs.alternatives, self.inputs.levels(design), strict=True)
        return ", ".join(f"{one.name}: {one.labels[level]}" for one, level in chosen)


def default_factors(methodology: Methodology) -> tuple[Factor, ...]:
    """Weights of every node within a quarter of what they are: what is drawn where a methodology says nothing."""
    factor = Factor(id="weights", box=DEFAULT_SHARE)
    return (factor,) if factor.held(methodology.tree) else ()


def factors_of(
    methodology: Methodology, factors: Sequence[Factor] | None, errors: bool = False
) -> tuple[tuple[Factor, ...], bool]:
    """The caller's factors, else the methodology's, else the default; and whether it is the default.

    None at all are enough where ``errors`` of a caller join.

    Raises
    ------
    UsageError
        DT902 for what is no factor.
    InputError
        DT382 where nothing varies; DT386 for two factors of one name, and for what a file of factors is refused for.
    """
    if factors is not None:
        known, default = tuple(factors), False
        if strange := [type(one).__name__ for one in known if not isinstance(one, Factor)]:
            raise UsageError([finding("DT902", f"factors: expected a list of `Factor`, found {strange[0]}")])
    elif methodology.uncertainty is not None and methodology.uncertainty.factors:
        known, default = methodology.uncertainty.factors, False
    else:
        known, default = default_factors(methodology), True
    if not known and not errors:
        alone = "no node puts two members together, so there are no weights to vary"
        raise InputError([finding("DT382", alone if default else "no factor is given")])
    names = [*([GIVEN_ERRORS] if errors else []), *(one.id for one in known)]
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        whose = ", as the standard errors that are given" if errors and twice[0] == GIVEN_ERRORS else ""
        raise InputError([finding("DT386", f"two factors are called {twice[0]!r}{whose}")])
    if factors is not None and known and (wrong := factor_problems(methodology, known)):
        raise InputError([finding("DT386", one) for one in wrong])
    return known, default


def described(factor: Factor) -> str:
    """A factor in a line."""
    where = f" of {', '.join(factor.of)}" if factor.of else f" of {factor.node}" if factor.node else ""
    kind = factor.kind
    if kind == "error":
        share = " of the figure" if factor.relative else ""
        law = "normal, standard deviation" if factor.law == "normal" else "uniform, plus or minus"
        return f"error ({law} {factor.error:g}{share}){where or ' of every scored indicator'}"
    if kind in WEIGHT_KINDS:
        return f"weights{where or ' of every node'}: {_law_in_words(factor)}"
    if kind == "exclude":
        return f"nothing or one of {', '.join(factor.exclude or ())} left out"
    if kind == "cut":
        return f"thresholds of {factor.tiers} moved together by up to {factor.cut:g}"
    if kind == "imputation":
        return "one of the completed tables"
    methods = " | ".join(_label(spec) for spec in getattr(factor, kind))
    return f"{kind}{where}: {methods}"


def _law_in_words(factor: Factor) -> str:
    kind = factor.kind
    if kind == "dirichlet":
        return f"Dirichlet, concentration {factor.dirichlet:g}"
    if kind == "simplex":
        return "uniform over all that sum to 1"
    if kind in ("box", "noise"):
        share = f"{100 * (factor.box or factor.noise or 0):g} %"
        return f"uniform within {share} of each and summing to 1" if kind == "box" else f"each times 1 +- {share}"
    if kind == "bounds":
        return ", ".join(f"{item} {low:g} to {high:g}" for item, (low, high) in (factor.bounds or {}).items())
    if kind == "ordinal":
        return " >= ".join(factor.ordinal or ())
    if kind == "ratios":
        return ", ".join(str(one) for one in factor.ratios or ())
    experts = "the node's own experts" if factor.experts == "own" else f"{len(factor.experts or ())} experts"
    return f"one of {experts}"


def _label(spec: object) -> str:
    """A setting in short: its method, and what else it says."""
    fields: dict[str, object] = spec.model_dump(mode="json", exclude_defaults=True)  # type: ignore[attr-defined]
    method = str(fields.pop("method", ""))
    more = ", ".join(f"{key} {value}" for key, value in fields.items())
    return f"{method} ({more})" if more else method


def resolve(
    factors: Sequence[Factor],
    nominal: Design,
    figures: Callable[[str], FloatArray],
    errors: Mapping[str, FloatArray] | None = None,
) -> Resolved:
    """What is drawn, for the units whose figures ``(n,)`` of an item ``figures`` gives.

    ``errors`` are standard errors ``(n,)`` by item, as estimates or laboratories give them, which join as a factor of
    their own.

    Raises
    ------
    InputError
        DT382 where nothing varies; DT386 where a factor does not fit the index.
    """
    problems: list[Finding] = []
    inputs: list[Input] = []
    changes: dict[str, tuple[Change, ...]] = {}
    tiers: set[str] = set()
    tree = nominal.methodology.tree
    for factor in factors:
        strangers = [item for item in factor.held(tree) if item not in tree.items]
        if strangers:
            problems.append(finding("DT386", f"{factor.id}: the index has no {', '.join(strangers)}"))
        elif factor.kind in WEIGHT_KINDS:
            made, found = _weights(factor, nominal)
            inputs += made
            problems += found
        elif factor.kind == "error":
            inputs.append(_error(factor, tree.scored, figures))
        elif factor.kind == "cut":
            rule = next((one for one in nominal.methodology.tiers if one.node == factor.tiers), None)
            if not isinstance(rule, ThresholdTiers):
                problems.append(finding("DT386", f"{factor.id}: {factor.tiers!r} has no tiers with thresholds"))
            tiers.add(str(factor.tiers))
            inputs.append(Cut(factor.id, factor.id, str(factor.tiers), float(factor.cut or 0)))
        else:
            labels, own = _alternatives(factor, nominal.methodology)
            inputs.append(Alternatives(factor.id, factor.id, labels))
            changes[factor.id] = own
    inputs += _given(errors, figures)
    nodes = [one.node for one in inputs if isinstance(one, Weights)]
    twice = sorted({node for node in nodes if nodes.count(node) > 1})
    problems += [finding("DT386", f"two factors draw the weights of {node!r}") for node in twice]
    if not problems and not any(_varies(one) for one in inputs):
        told = [*(described(factor) for factor in factors), *(["standard errors that are given"] if errors else [])]
        problems.append(finding("DT382", "; ".join(told) + ": nothing varies"))
    if problems:
        raise InputError(problems)
    return Resolved(tuple(factors), Inputs(tuple(inputs)), changes, frozenset(tiers))


def _varies(one: Input) -> bool:
    if isinstance(one, Weights):
        return one.law.items > 1
    if isinstance(one, Alternatives):
        return len(one.labels) > 1
    if isinstance(one, Errors):
        return bool((np.nan_to_num(one.spread) > 0).any())
    return True


def _weights(factor: Factor, nominal: Design) -> tuple[list[Input], list[Finding]]:
    inputs: list[Input] = []
    problems = []
    tree = nominal.methodology.tree
    several = factor.node is None
    for node in factor.held(tree):
        weights = nominal.parameters.weights.get(node)
        if weights is None or len(weights) < 2 or not sum(weights) > 0:
            if not several:
                problems.append(finding("DT386", f"{factor.id}: {node!r} has no weights that could vary"))
            continue
        try:
            law = _law(factor, nominal, node, np.array(weights) / sum(weights))
        except (ValueError, KeyError) as reason:
            problems.append(finding("DT386", f"{factor.id}, weights of {node!r}: {reason}"))
            continue
        name = f"{factor.id}.{node}" if several else factor.id
        inputs.append(Weights(name, factor.id, node, law, tuple(nominal.plan.members[node])))
    return inputs, problems


def _law(factor: Factor, nominal: Design, node: str, weights: FloatArray) -> Law:
    members = nominal.plan.members[node]
    if factor.dirichlet is not None:
        return Dirichlet(factor.dirichlet * weights)
    if factor.simplex is not None:
        return Uniform(len(members))
    if factor.box is not None:
        return Box(weights * (1 - factor.box), np.minimum(weights * (1 + factor.box), 1.0))
    if factor.noise is not None:
        return Noise(weights, factor.noise)
    if factor.bounds is not None:
        ends = np.array([factor.bounds[member] for member in members])
        return Box(ends[:, 0], ends[:, 1])
    if factor.ordinal is not None:
        return Reordered(Ordinal(len(members)), tuple(factor.ordinal.index(member) for member in members))
    if factor.ratios is not None:
        places = {member: place for place, member in enumerate(members)}
        bounds = [Ratio(places[one.of], places[one.to], *one.ends) for one in factor.ratios]
        return Mixture(vertices_of_ratios(len(members), bounds))
    rows, shares = _experts(factor, nominal, node, members)
    return Choice(rows, shares)


def _experts(factor: Factor, nominal: Design, node: str, members: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Weights ``(experts, members)`` and how often each expert is asked ``(experts,)``."""
    if not isinstance(factor.experts, str):
        assert factor.experts is not None
        rows = [[expert.weights.get(member, 0.0) for member in members] for expert in factor.experts]
        return np.array(rows), np.array([expert.weight for expert in factor.experts])
    spec = nominal.methodology.tree.nodes[node].weights
    if not isinstance(spec, AhpWeights | BudgetWeights) or not spec.experts:
        raise ValueError("they are not of experts")
    siblings = Siblings(node, tuple(members), dict.fromkeys(members, 1.0), [], [1.0] * len(members))
    found = [weighting(spec.model_copy(update={"experts": (expert,)})).fit(siblings).weights for expert in spec.experts]
    return np.array(found), np.array([expert.weight for expert in spec.experts])


def _error(factor: Factor, scored: Sequence[str], figures: Callable[[str], FloatArray]) -> Errors:
    items = factor.of or tuple(scored)
    values = np.array([figures(item) for item in items])
    size = float(factor.error or 0)
    spread = size * np.abs(values) if factor.relative else np.where(np.isnan(values), np.nan, size)
    return Errors(factor.id, factor.id, tuple(items), spread, factor.law)


def _given(errors: Mapping[str, FloatArray] | None, figures: Callable[[str], FloatArray]) -> list[Input]:
    if not errors:
        return []
    spread = np.array([np.where(np.isnan(figures(item)), np.nan, own) for item, own in errors.items()])
    return [Errors(GIVEN_ERRORS, GIVEN_ERRORS, tuple(errors), spread, "normal")]


def _alternatives(factor: Factor, methodology: Methodology) -> tuple[tuple[str, ...], tuple[Change, ...]]:
    """Labels and changes of a factor that chooses."""
    held = factor.held(methodology.tree)
    if factor.exclude is not None:
        return ("none", *factor.exclude), (Change(), *(Change(exclude=(item,)) for item in factor.exclude))
    if factor.imputation:
        tables = completing(methodology)
        return tuple(f"table {number}" for number in range(1, len(tables) + 1)), tables
    specs = getattr(factor, factor.kind)
    changes = tuple(_set(factor, tuple((item, spec) for item in held)) for spec in specs)
    return tuple(_label(spec) for spec in specs), changes


def _set(factor: Factor, pairs: tuple[tuple[str, Any], ...]) -> Change:
    """The change that gives items these settings of the factor's step."""
    if factor.normalise is not None:
        return Change(normalise=pairs)
    if factor.treat is not None:
        return Change(treat=pairs)
    return Change(impute=pairs) if factor.impute is not None else Change(aggregate=pairs)
