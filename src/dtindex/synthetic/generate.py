"""A seeded generator of answers to any questionnaire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding
from dtindex.spec import load_methodology, parse_methodology
from dtindex.spec.assume import apply_assumption
from dtindex.spec.model import Methodology
from dtindex.spec.questions import TextQuestion
from dtindex.spec.sample_plan import SamplePlan
from dtindex.spec.survey import StraightLining
from dtindex.spec.written import methodology_yaml
from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.asking import leave_out, skip
from dtindex.synthetic.calibrate import calibrate
from dtindex.synthetic.careless import Careless, Respondents, make_careless, who_is_careless
from dtindex.synthetic.classed import Classed, classed, depends_on_outcomes, named_classes
from dtindex.synthetic.columns import Chosen, Column
from dtindex.synthetic.drawing import Recipe, draw_answers
from dtindex.synthetic.duration import durations
from dtindex.synthetic.expected import Expected
from dtindex.synthetic.headlines import Shown
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.outcomes import Draws, bounded, column_of_outcome, fill_outcome, outcome_columns, parts_of
from dtindex.synthetic.pilot import effect_of_skips, skips_anything
from dtindex.synthetic.result import SyntheticSample
from dtindex.synthetic.rules import careless_rules, shortest
from dtindex.synthetic.shapes import Shapes, shapes_of
from dtindex.synthetic.table import synthetic_table
from dtindex.synthetic.ticks import MOST_OPTIONS, tick_rule
from dtindex.synthetic.weights import sampling_weights

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["recipe_for", "sample"]

_ROUNDS = 2


def sample(
    methodology: Methodology | str,
    n: int,
    *,
    seed: int,
    plan: SamplePlan | None = None,
    threads: int = 1,
) -> SyntheticSample:
    """Answers of ``n`` made-up respondents to the questionnaire of a methodology.

    Behind the answers of respondent i stand normal variables: ``Z_id`` of each dimension d, any two of which correlate
    by ``plan.correlation``, and ``x_iq = l Z_id + sqrt(1 - l^2) e_iq`` of each answer, ``l`` being ``plan.loading``. An
    answer is ``x_iq`` cut at normal quantiles of the shares of its options, the best at the top. Shares that the plan
    gives are met in expectation; all others are shifted until nodes have the means that it gives.

    Parameters
    ----------
    methodology
        One with ``questions:``, or the id or path of one.
    n
        Respondents, 1 or more.
    seed
        Where the random numbers start, 0 or more. The sample depends on methodology, n, seed and plan only.
    plan
        What the sample is to look like; else the ``sample:`` block of the methodology, else an even one.
    threads
        Threads that draw; no result depends on it.

    Returns
    -------
    SyntheticSample
        Labelled as synthetic in every row.

    Raises
    ------
    UsageError
        DT902 (n, seed), DT261 (nothing to sample), DT052.
    InputError
        DT260 (a mean out of reach); DT010 to DT028 on a plan that does not fit the methodology.

    Examples
    --------
    >>> import dtindex as dti
    >>> made = dti.sample("accenture-reinvention-2023", 100, seed=1)
    >>> made.table["synthetic"][0].as_py()
    'synthetic: dtindex sample accenture-reinvention-2023 seed 1'
    """
    methodology = load_methodology(methodology) if isinstance(methodology, str) else methodology
    _check(methodology, n, seed)
    if plan is not None:
        _check_plan(methodology, plan)
    plan = plan or methodology.sample or SamplePlan()
    return _Maker(methodology, plan, n, seed, threads).make()


def recipe_for(methodology: Methodology, plan: SamplePlan) -> Recipe:
    """The calibrated shares of all columns.

    Raises
    ------
    InputError
        DT260.
    """
    assumed = methodology if plan.assume is None else apply_assumption(methodology, plan.assume)[0]
    questionnaire = Questionnaire(assumed)
    shapes = shapes_of(questionnaire, plan)
    expected = Expected(assumed, questionnaire, shapes, plan.loading)
    _check_ticks(expected, shapes, plan)
    items = tuple(target.item for target in plan.means)
    effects = dict.fromkeys(items, 0.0)
    for _ in range(_ROUNDS if items and skips_anything(questionnaire) else 0):
        calibrate(assumed, expected, plan, effects)
        effects = effect_of_skips(_recipe(questionnaire, plan, shapes, expected), items)
    calibrate(assumed, expected, plan, effects)
    return _recipe(questionnaire, plan, shapes, expected)


def _recipe(questionnaire: Questionnaire, plan: SamplePlan, shapes: Shapes, expected: Expected) -> Recipe:
    ordinals = {name: (ordinal, expected.ordinal_shares(name)) for name, ordinal in shapes.ordinals.items()}
    rules = {name: tick_rule(ticks, expected.tick_shares(name), plan.loading) for name, ticks in shapes.ticks.items()}
    return Recipe(questionnaire, plan, ordinals, rules, outcome_columns(questionnaire, plan))


class _Maker:
    def __init__(self, methodology: Methodology, plan: SamplePlan, rows: int, seed: int, threads: int) -> None:
        self.methodology = methodology
        self.plan = plan
        self.rows = rows
        self.seed = seed
        self.threads = threads
        self.label = f"synthetic: dtindex sample {methodology.id} seed {seed}"
        self.recipe = recipe_for(methodology, plan)
        self.questionnaire = self.recipe.questionnaire
        self.rules = careless_rules(methodology)
        self.findings = Findings()

    def make(self) -> SyntheticSample:
        self.columns = draw_answers(self.recipe, self.rows, self.seed, self.threads)
        asked = len(self.questionnaire.columns)
        taken = durations(self.rows, asked, shortest(self.rules), self.seed, self.threads)
        self.respondents = Respondents(self.questionnaire, self.columns, taken)
        self.careless = self._careless()
        self.honest = ~self.careless.rows
        self._outcomes(Classed({}, dict.fromkeys(named_classes(self.plan), np.zeros(self.rows, dtype=bool))))
        self.respondents.repeat(self.careless.copies)
        found = Classed({}, {})
        if self.plan.means or self.plan.classes or self.plan.outcomes:
            found = self._classed()
            self._outcomes(found)
            self.respondents.repeat(self.careless.copies)
            if depends_on_outcomes(self.methodology, self.plan, self.questionnaire):
                shown = {target.class_ for target in self.plan.classes}
                again = self._classed().members
                found = replace(found, members=found.members | {name: again[name] for name in shown})
        shown_by = Shown(self.questionnaire, self.plan, self.columns, self.honest, found)
        return SyntheticSample(
            self.methodology,
            self.plan,
            self.seed,
            self.label,
            self._table(),
            self.careless.by_rule,
            shown_by,
            self.findings,
        )

    def _careless(self) -> Careless:
        chosen, kinds = who_is_careless(self.rows, self.plan.careless, self.seed, self.threads)
        self.respondents.break_up(self.rules, ~chosen)
        careless = make_careless(self.respondents, self.rules, chosen, kinds)
        skip(self.questionnaire, self.columns)
        numbers = {
            asked.name: number
            for number, asked in enumerate(self.questionnaire.columns)
            if asked.name not in self.plan.strata
            and asked.name not in self.recipe.without
            and not isinstance(asked.question, TextQuestion)
        }
        leave_out(self.columns, numbers, careless.complete, self.plan.missing, self.seed, self.threads)
        if any(isinstance(rule, StraightLining) for rule in self.rules):
            # What is left out between two runs joins them.
            self.respondents.break_up(self.rules, ~careless.rows)
            skip(self.questionnaire, self.columns)
        return careless

    def _outcomes(self, found: Classed) -> None:
        rest = self.careless.rows & ~self.careless.unfinished
        for number, outcome in enumerate(self.plan.outcomes):
            name = column_of_outcome(self.questionnaire, outcome)
            parts = parts_of(outcome, found.members, self.honest)
            draws = Draws(self.rows, self.seed, number, self.threads)
            asked = self.questionnaire.by_name[name]
            fill_outcome(self.columns[name], asked, bounded(self.questionnaire, outcome), parts, rest, draws)
        skip(self.questionnaire, self.columns)

    def _classed(self) -> Classed:
        try:
            return classed(self.methodology, self.plan, self._table(), self.honest, self.threads)
        except InputError as error:
            # A handful of respondents, or hardly an answer.
            reason = next(iter(error.findings.errors or error.findings))
            message = f"the sample cannot be scored: {reason.code} {reason.message}"
            self.findings = Findings([finding("DT262", message)])
        nobody = np.zeros(self.rows, dtype=bool)
        means = {target.item: float("nan") for target in self.plan.means}
        return Classed(means, dict.fromkeys(named_classes(self.plan), nobody))

    def _table(self) -> pa.Table:
        return synthetic_table(
            self.questionnaire,
            self.columns,
            self.careless,
            taken=self.respondents.taken,
            weights=self._weights(),
            label=self.label,
        )

    def _weights(self) -> FloatArray | None:
        survey, weights = self.methodology.survey, self.plan.weights
        if weights is None:
            return None if survey is None or survey.weight is None else np.ones(self.rows)
        column = self.columns[weights.by]
        assert isinstance(column, Chosen)
        population = np.array([weights.population.get(option, 0.0) for option in column.words])
        return sampling_weights(_groups(column), population)


def _groups(column: Column) -> NDArray[np.int64]:
    """Groups ``(rows,)``; who has no answer is in the first."""
    return np.maximum(column.data.astype(np.int64), 0)


def _check_ticks(expected: Expected, shapes: Shapes, plan: SamplePlan) -> None:
    problems: list[Finding] = []
    for name, ticks in shapes.ticks.items():
        try:
            tick_rule(ticks, expected.tick_shares(name), plan.loading)
        except ValueError as reason:
            message = f'the shares given for "{name}" are out of reach: {reason}; give other shares'
            problems.append(finding("DT260", message, Place(name=name)))
    if problems:
        raise InputError(problems)


def _check(methodology: Methodology, n: int, seed: int) -> None:
    problems: list[Finding] = []
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        problems.append(finding("DT902", f"n={n!r}: expected a number of respondents, 1 or more"))
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        problems.append(finding("DT902", f"seed={seed!r}: expected a whole number, 0 or more"))
    place = Place(file=None if methodology.file is None else str(methodology.file))
    if not methodology.questions:
        message = f"the methodology {methodology.id} has no `questions:`, so there is nothing to answer"
        problems.append(finding("DT261", f"{message}: write a questionnaire, or score its own data", place))
    elif methodology.units.codelist is not None:
        message = f"the units of {methodology.id} are those of the codelist {methodology.units.codelist!r}"
        problems.append(finding("DT261", f"{message}, and a sample makes up its own: remove `codelist:`", place))
    for question in methodology.questions:
        if question.type == "multiple" and len(question.options) > MOST_OPTIONS:
            message = f'"{question.id}" has {len(question.options)} options, and at most {MOST_OPTIONS} can be sampled'
            problems.append(finding("DT261", f"{message}: part the question", place))
    if problems:
        raise UsageError(problems)


def _check_plan(methodology: Methodology, plan: SamplePlan) -> None:
    """Hold a plan against the methodology as if it stood in its file."""
    text = methodology_yaml(methodology.model_copy(update={"sample": plan}))
    _, findings = parse_methodology(text, "plan")
    findings.raise_errors()
