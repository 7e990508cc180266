"""A methodology with what it learned from a reference table: fitting, and scoring any table with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import BLOCK_ROWS
from dtindex.engine.keys import Keys, open_width, round_half_up
from dtindex.findings import Finding, Findings, Place, Severity, finding
from dtindex.remarks import remarks
from dtindex.results import ReferenceKeys, Results, out_of_proportion, work_out
from dtindex.scores import Scores
from dtindex.spec.assume import unpublished
from dtindex.spec.methods import Goalposts, ThresholdTiers
from dtindex.spec.model import Methodology
from dtindex.spec.tree import Tree
from dtindex.status import Status, StatusArray
from dtindex.steps.across import Imputed, absent, by_column_or_row, over_time, screened, set_aside
from dtindex.steps.answers import Measured, Values, taken
from dtindex.steps.compared import Comparison
from dtindex.steps.derive import Column, Panel, derive
from dtindex.steps.indicator import IndicatorChain
from dtindex.steps.plan import Parameters, Plan, Rows, unavailable
from dtindex.steps.tier_learned import learned_tiers, resolved
from dtindex.steps.treated import Treated, treated_cells
from dtindex.steps.types import FloatArray, Grouping, Problem, Sample
from dtindex.tables.table import Table

__all__ = [
    "Fitted",
    "fit",
    "fit_and_score",
    "located",
    "measured_of",
    "merged",
    "nobody_left",
    "observed_of",
    "open_nodes",
    "ranked_rows",
    "samples_of",
    "score",
    "that_matter",
    "units_of",
    "width_of",
]

_MISSING = np.uint16(Status.MISSING)
_UNASKED = Column(np.zeros(0), np.zeros(0, dtype=np.uint16))
"""Stands for the values of answers until a block of them is asked for."""
_NAMED = 10


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves behind; enough to score any table, and all that an edition stores."""

    methodology: Methodology
    parameters: Parameters
    widths: Mapping[str, float]
    """Width of each item's scale; for open scales a power of ten that fit chose."""
    reference: Mapping[str, Mapping[str, Keys]]
    """By node and period: the sorted keys of the ranked reference units."""
    assumptions: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)

    @cached_property
    def plan(self) -> Plan:
        """The steps, built from the methodology."""
        return Plan(self.methodology, open_nodes(self.methodology.tree))

    @cached_property
    def tier_rules(self) -> tuple[ThresholdTiers, ...]:
        """The rules of tiers, with bounds that were learned."""
        return resolved(self.methodology.tiers, self.parameters.tiers)

    def rank_decimals(self, item: str) -> int | None:
        """Decimals that the item's score is rounded to before it is ranked, or None."""
        tree = self.methodology.tree
        return (tree.nodes[item].rank if tree.is_node(item) else self.methodology.rank).decimals

    def effective_weights(self, root: str | None = None) -> dict[str, float]:
        """Each leaf's share of the root's score under linear aggregation; the first root unless one is named."""
        return self.plan.effective_weights(self.parameters.weights, root or self.methodology.tree.roots[0])


def open_nodes(tree: Tree) -> frozenset[str]:
    """Nodes that cannot be computed since a weight or a goalpost below them is unpublished."""
    found: set[str] = set()
    for node in tree.bottom_up:
        for child in tree.children[node]:
            lacking = tree.items[child].weight == "unpublished" and len(tree.children[node]) > 1
            if child in found and tree.items[child].column is None:
                lacking = True
            if not tree.is_node(child):
                spec = tree.indicators[child].normalise
                lacking |= isinstance(spec, Goalposts) and "unpublished" in (spec.worst, spec.best)
            if lacking:
                found.add(node)
    return frozenset(found)


def fit(methodology: Methodology, table: Table, *, assumptions: Sequence[str] = ()) -> Fitted:
    """As :func:`fit_and_score`, for the parameters alone."""
    return fit_and_score(methodology, table, assumptions=assumptions)[0]


def fit_and_score(
    methodology: Methodology, table: Table, *, assumptions: Sequence[str] = (), threads: int = 1
) -> tuple[Fitted, Results | None]:
    """Learn every parameter of ``methodology`` from the reference ``table``; with the scores of its units, which
    :func:`score` takes as ``known``.

    Rows that are declared totals, and those that are left out, take no part.

    Raises
    ------
    InputError
        With every finding: DT030, DT050, DT051, DT301, DT302, DT304, DT306, DT313, DT314; DT316 where nobody is left.
    """
    tree = methodology.tree
    known = Findings(located(problem, table) for problem in unavailable(methodology)) + unpublished(methodology)
    known.raise_errors()
    plan = Plan(methodology, open_nodes(tree))
    measured, problems = measured_of(plan, table)
    reference = units_of(table) & ~screened(methodology, table, measured).out
    known += nobody_left(methodology, table, reference)
    known.raise_errors()
    filled, _ = over_time(plan.chains, table, measured, reference, set_aside(methodology, table))
    rows = _rows(plan, table, measured, filled).take(reference)
    parameters, results, found = _learned(plan, rows, reference, threads)
    problems += that_matter(found, results, tree, table)
    widths = {item: width_of(plan, item, results.column(item)) for item in plan.items}
    problems += [*results.problems, *out_of_proportion(results, widths)]
    ranked = ranked_rows(methodology, table) & reference
    for rule in methodology.tiers:
        if not isinstance(rule, ThresholdTiers):
            scores = results.column(rule.node)
            scores = scores[ranked & ~np.isnan(scores)]
            decimals = tree.nodes[rule.node].rank.decimals
            if decimals is not None:  # tiers go by what ranks go by
                scores = round_half_up(scores, decimals, widths[rule.node])
            bounds, said = learned_tiers(rule, scores)
            parameters.tiers[rule.node] = bounds
            problems += said
    findings = known + [located(problem, table) for problem in merged(problems)]
    findings.raise_errors()
    fitted = Fitted(methodology, parameters, widths, {}, tuple(assumptions), findings)
    keys = ReferenceKeys(results, widths, fitted.rank_decimals, reference, ranked, table.periods)
    # What was said of an indicator at fitting is not said of its scores, which are then to be worked out by themselves.
    return replace(fitted, reference=keys), None if found else results


def _learned(
    plan: Plan, rows: Rows, units: NDArray[np.bool_], threads: int
) -> tuple[Parameters, Results, list[Problem]]:
    """Parameters, scores, and what stands in the way. Block by block, unless a node learns from scores."""
    parameters = plan.learn(rows)
    if parameters is not None:
        return parameters, work_out(plan, parameters, rows, units, threads), []
    parameters, parts, found = plan.fit(rows)
    results = Results(plan, units, rows.observed)
    results.problems += results.put(slice(0, rows.count), parts)
    return (
        parameters,
        results.sealed(),
        [problem.at(results.rows(problem.rows)) if -1 not in problem.rows else problem for problem in found],
    )


def score(
    fitted: Fitted,
    table: Table,
    *,
    ranked_against: str = "table",
    threads: int = 1,
    block_rows: int = BLOCK_ROWS,
    known: Results | None = None,
) -> Scores:
    """Score ``table`` with frozen parameters. Threads and blocks change no bit of the result.

    ``known`` are the scores that fitting the same table left behind, which spare their computation.

    Raises
    ------
    InputError
        DT224, DT304, DT306, DT314: a value that a formula cannot take, with its cell.
    """
    plan = fitted.plan
    measured, problems = measured_of(plan, table)
    out = screened(fitted.methodology, table, measured)
    units = units_of(table) & ~out.out
    filled, imputations = over_time(plan.chains, table, measured, units, set_aside(fitted.methodology, table))
    rows = _rows(plan, table, measured, filled)
    results = known or work_out(plan, fitted.parameters, rows.take(units), units, threads, block_rows)
    problems += [*results.problems, *out_of_proportion(results, fitted.widths)]
    findings = Findings(located(problem, table) for problem in merged(problems))
    findings.raise_errors()
    scores = Scores(
        methodology=fitted.methodology,
        table=table,
        items=plan.items,
        values=results.values,
        flags=results.flags,
        node_coverage=results.coverage,
        widths=dict(fitted.widths),
        ranked=ranked_rows(fitted.methodology, table) & units,
        measured_columns=Values(measured),
        plan=plan,
        parameters=fitted.parameters,
        comparisons=_comparisons(fitted, table, results, measured),
        reference=fitted.reference if ranked_against == "reference" else None,
        fitted_reference=fitted.reference,
        weights={node: tuple(weights) for node, weights in fitted.parameters.weights.items()},
        effective=fitted.effective_weights(),
        assumptions=fitted.assumptions,
        findings=_once(fitted.methodology.findings + table.findings + fitted.findings + findings),
        screened=out,
        imputations=_imputations(fitted, rows, results, imputations),
        treatments=_treatments(fitted, rows, results),
    )
    return replace(scores, findings=scores.findings + remarks(scores))


def units_of(table: Table) -> NDArray[np.bool_]:
    """Rows ``(rows,)`` that are units, not totals."""
    return np.ones(len(table), dtype=bool) if table.totals is None else ~table.totals


def nobody_left(methodology: Methodology, table: Table, reference: NDArray[np.bool_]) -> Findings:
    """DT318 for units that `screening:` names in vain; DT316 as an error where nobody is left to fit on."""
    found = [finding("DT318", f"no unit {unit!r} in the reference table") for unit in absent(methodology, table)]
    leaves_out = methodology.screening is not None or methodology.survey is not None
    if leaves_out and units_of(table).any() and not reference.any():
        rules = "`screening:` and the rules on careless respondents" if methodology.survey else "`screening:`"
        message = f"{rules} {'leave' if methodology.survey else 'leaves'} no unit to fit on"
        found.append(finding("DT316", message, severity=Severity.ERROR))
    return Findings(found)


def _imputations(
    fitted: Fitted, rows: Rows, results: Results, over_the_years: Sequence[Imputed]
) -> tuple[Imputed, ...]:
    """What was filled in, indicator by indicator in file order."""
    found = {one.item: one for one in over_the_years}
    for item, chain in fitted.plan.chains.items():
        flags = results.flags[:, fitted.plan.items.index(item)]
        if chain.imputer.method in ("none", "panel"):
            continue
        own = by_column_or_row(item, chain, rows.sample(item), flags, fitted.parameters.indicators[item])
        if own is not None:
            found[item] = own
    return tuple(found[item] for item in fitted.plan.chains if item in found)


def _once(findings: Findings) -> Findings:
    """Findings without repetition: fitting and scoring one table say much the same of it."""
    return Findings(dict.fromkeys(findings))


def measured_of(plan: Plan, table: Table) -> tuple[Measured, list[Problem]]:
    """Raw values and flags of every indicator, read, answered or derived; missing where the table has none."""
    positions = {name: index for index, name in enumerate(table.names)}
    indicators = plan.methodology.indicators
    answers = {item.id: item.answer for item in indicators if item.answer is not None}
    own = taken(answers, plan.tree.questions, table.answers, len(table))
    columns: dict[str, Column] = {}
    for indicator in indicators:
        if indicator.derive is None and indicator.id not in own:
            position = positions.get(indicator.id)
            columns[indicator.id] = (
                Column(np.full(len(table), np.nan), np.full(len(table), _MISSING))
                if position is None
                else Column(table.values[:, position], table.status[:, position])
            )
    order = [item.id for item in indicators]
    derived = [indicator for indicator in indicators if indicator.derive is not None]
    if not derived:
        return Measured(columns, own, order), []
    known = Measured(columns, own, [item for item in order if item in columns or item in own])
    made, problems = derive(
        derived, known, Panel(table.units, table.periods, table.totals, set_aside(plan.methodology, table))
    )
    return Measured(columns | {item.id: made[item.id] for item in derived}, own, order), problems


def _rows(plan: Plan, table: Table, measured: Measured, filled: Mapping[str, Column]) -> Rows:
    """The table's rows; ``filled`` are columns of which gaps were filled over time."""
    own = {item: measured.taken[item] for item in plan.chains if item in measured.taken and item not in filled}
    samples = samples_of(plan.chains, table, measured, filled)
    coded = {item: scores for item, scores in table.coded.items() if item in plan.chains}
    return Rows(len(table), samples, coded, observed_of(plan.methodology, table), own)


def samples_of(
    chains: Mapping[str, IndicatorChain], table: Table, measured: Measured, filled: Mapping[str, Column]
) -> dict[str, Sample]:
    """The samples of some indicators, all rows of the table; an answer's lacks its values until it is asked for."""
    wanted = {name for chain in chains.values() for name in chain.groups}
    groups = {name: Grouping.of(table.texts[name]) for name in sorted(wanted)}
    samples = {}
    for item, chain in chains.items():
        answered = item in measured.taken and item not in filled
        column = _UNASKED if answered else filled.get(item) or measured[item]
        samples[item] = Sample(
            column.values,
            column.flags,
            units=table.units if chain.needs_keys else None,
            periods=table.periods,
            groups={name: groups[name] for name in chain.groups},
        )
    return samples


def observed_of(methodology: Methodology, table: Table) -> dict[str, tuple[FloatArray, StatusArray]]:
    """Values and flags ``(rows,)`` of the nodes whose value the table gives."""
    positions = {name: index for index, name in enumerate(table.names)}
    observed = {}
    for node in methodology.nodes:
        if node.column is not None and node.id in positions:
            values, flags = table.values[:, positions[node.id]], table.status[:, positions[node.id]]
            if not ((flags == _MISSING).all() and np.isnan(values).all()):  # else it is as if there were no column
                observed[node.id] = (values, flags)
    return observed


def that_matter(problems: Sequence[Problem], results: Results, tree: Tree, table: Table) -> list[Problem]:
    """Drop what is said of indicators whose score nobody needs; soften an empty one that its root can do without."""
    given = {name for name in table.names if tree.is_node(name) and not np.isnan(table.column(name)).all()}
    kept: list[Problem] = []
    for problem in problems:
        above = _ancestors(tree, problem.item)
        if given.intersection(above):
            continue
        if problem.code == "DT302" and not np.isnan(results.column(above[-1])).all():
            if table.raw is not None:
                continue  # said when the file was read
            kept.append(Problem("DT302", problem.item, "no unit has a value; its weight goes to its siblings", (-1,)))
        else:
            kept.append(problem)
    return kept


def _ancestors(tree: Tree, item: str) -> list[str]:
    found = []
    parent = tree.items[item].parent
    while parent is not None:
        found.append(parent)
        parent = tree.items[parent].parent
    return found


def width_of(plan: Plan, item: str, values: FloatArray) -> float:
    scale = plan.scales[item]
    return open_width(values) if scale == "open" else abs(scale[1] - scale[0])


def ranked_rows(methodology: Methodology, table: Table) -> NDArray[np.bool_]:
    """Rows that may be ranked: no totals, and what the `ranked` column says yes to."""
    ranked = units_of(table)
    column = methodology.units.ranked
    if column is not None and column in table.texts:
        ranked &= np.array([text.strip().casefold() not in _NOT_RANKED for text in table.texts[column]])
    return ranked


_NOT_RANKED = frozenset({"", "0", "no", "false", "否"})


def _treatments(fitted: Fitted, rows: Rows, results: Results) -> tuple[Treated, ...]:
    """Cells that were treated, by indicator in file order; nothing is computed again where none was."""
    plan, learned = fitted.plan, fitted.parameters.indicators
    found = [
        treated_cells(item, plan.chains[item], rows.sample(item), results.flags[:, column], learned[item])
        for column, item in enumerate(plan.items)
        if item in plan.chains and plan.chains[item].treatment.method != "none"
    ]
    return tuple(one for one in found if one is not None)


def _comparisons(
    fitted: Fitted, table: Table, results: Results, measured: Mapping[str, Column]
) -> tuple[Comparison, ...]:
    """Figures of the table against computed ones: published figures, and nodes whose value the table gives."""
    positions = {item: column for column, item in enumerate(fitted.plan.items)}
    values, computed = results.values, results.computed
    found = []
    for item, spec in fitted.methodology.tree.items.items():
        if item in table.published:
            own = values[:, positions[item]] if item in positions else measured[item].values
            printed = 0.5 * 10.0 ** -table.decimals.get(item, 0)
            found.append(
                Comparison(
                    item,
                    "published",
                    table.published[item],
                    own,
                    spec.tolerance if spec.tolerance is not None else printed,
                )
            )
        if item in computed and not np.isnan(computed[item]).all():
            tolerance = spec.tolerance if spec.tolerance is not None else 0.0
            found.append(Comparison(item, "column", table.column(item), computed[item], tolerance))
    return tuple(comparison for comparison in found if comparison.compared)


def _shifted(problem: Problem, positions: NDArray[np.intp]) -> Problem:
    return Problem(
        problem.code, problem.item, problem.message, tuple(int(positions[row]) for row in problem.rows if row >= 0)
    )


def merged(problems: Sequence[Problem]) -> list[Problem]:
    """One problem for each code, item and message, with the rows of all blocks."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    for problem in problems:
        rows.setdefault((problem.code, problem.item, problem.message), []).extend(problem.rows)
    return [Problem(*key, tuple(sorted(set(found)))) for key, found in rows.items()]


def located(problem: Problem, table: Table) -> Finding:
    """A problem as a finding: with the cell of its first row, and the units of the others."""
    rows = [row for row in problem.rows if row >= 0]
    severity = Severity.WARNING if problem.code == "DT302" and -1 in problem.rows else None
    if not rows:
        return finding(problem.code, problem.message, Place(name=problem.item), severity)
    names = ", ".join(_who(table, row) for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    message = f"{problem.message}: {names}{more}" if len(rows) > 1 else problem.message
    return finding(problem.code, message, _place(table, rows[0], problem.item), severity)


def _who(table: Table, row: int) -> str:
    return str(table.units[row]) if table.periods is None else f"{table.units[row]} {table.periods[row]}"


def _place(table: Table, row: int, item: str) -> Place:
    unit = str(table.units[row])
    period = None if table.periods is None else str(table.periods[row])
    if table.raw is not None:
        header = {name: column for column, name in enumerate(table.raw.header)}
        if item in header and len(table.raw) == len(table):
            return table.raw.place(row, header[item], unit, period)
    return Place(unit=unit, period=period, name=item)
