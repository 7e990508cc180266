"""All answers of a block of respondents, drawn one column after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import map_blocks
from dtindex.spec.questions import NumberQuestion, RankingQuestion, TextQuestion
from dtindex.spec.sample_plan import SamplePlan
from dtindex.synthetic.asked import Asked, Questionnaire
from dtindex.synthetic.columns import Column, Ordered, column_for
from dtindex.synthetic.latents import FloatArray, answer_latent, dimension_latents
from dtindex.synthetic.numbers import draw_numbers, number_edges
from dtindex.synthetic.ordinal import Ordinal, draw_ordinal
from dtindex.synthetic.streams import Purpose, block_number, stream
from dtindex.synthetic.ticks import TickRule, draw_ticks

__all__ = ["Recipe", "draw_answers"]


@dataclass(frozen=True)
class Recipe:
    """What is to be drawn: columns with their calibrated shares and rules."""

    questionnaire: Questionnaire
    plan: SamplePlan
    ordinals: dict[str, tuple[Ordinal, FloatArray]]
    rules: dict[str, TickRule]
    without: frozenset[str] = frozenset()
    """Columns that are filled later."""


def draw_answers(recipe: Recipe, rows: int, seed: int, threads: int) -> dict[str, Column]:
    """Every column, by name; what is filled later is empty."""
    asked = recipe.questionnaire.columns
    columns = {one.name: column_for(one.question, rows) for one in asked}

    def work(block: slice) -> None:
        count = block.stop - block.start
        number = block_number(block)
        rng = stream(seed, number, Purpose.FACTORS)
        factors = dimension_latents(rng, count, len(recipe.questionnaire.dimensions), recipe.plan.correlation)
        for position, one in enumerate(asked):
            if one.name not in recipe.without and not isinstance(one.question, TextQuestion):
                own = stream(seed, number, Purpose.ANSWERS, position)
                columns[one.name].data[block] = _draw(recipe, one, own, factors, count, columns[one.name])

    map_blocks(work, rows, threads)
    return columns


def _draw(
    recipe: Recipe, asked: Asked, rng: np.random.Generator, factors: FloatArray, rows: int, column: Column
) -> NDArray[np.generic]:
    factor = None if asked.dimension is None else factors[asked.dimension]
    loading = recipe.plan.loading
    if asked.name in recipe.rules:
        return draw_ticks(rng, recipe.rules[asked.name], rng.standard_normal(rows) if factor is None else factor)
    if isinstance(asked.question, RankingQuestion):
        assert isinstance(column, Ordered)
        return column.encoded(_draw_order(rng, asked, factors, rows, loading))
    ordinal, shares = recipe.ordinals[asked.name]
    positions = draw_ordinal(rng, ordinal, shares, answer_latent(rng, factor, rows, loading))
    if isinstance(asked.question, NumberQuestion):
        return draw_numbers(rng, number_edges(asked.question), positions)
    return positions


def _draw_order(
    rng: np.random.Generator, asked: Asked, factors: FloatArray, rows: int, loading: float
) -> NDArray[np.intp]:
    """Positions of the options ``(rows, options)`` by falling utility, which is normal and loads on a dimension."""
    utilities = np.empty((rows, len(asked.option_dimensions)))
    for option, dimension in enumerate(asked.option_dimensions):
        factor = None if dimension is None else factors[dimension]
        utilities[:, option] = answer_latent(rng, factor, rows, loading)
    return np.argsort(-utilities, axis=1, kind="stable")
