"""The same figures to the bit: whatever the order of rows and columns, the blocks and the threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex import fitted as fitting
from dtindex.archive import parameter_lines


def bits(fitted):
    """Every learned array and weight, as bytes."""
    arrays = {
        (item, period, step, name): array.astype(str).tolist() if array.dtype == object else array.tobytes()
        for item, learned in fitted.parameters.indicators.items()
        for period, steps in learned.items()
        for step, state in steps.items()
        for name, array in state.items()
    }
    keys = {(item, period): found.tobytes() for item, by in fitted.reference.items() for period, found in by.items()}
    return arrays, keys, dict(fitted.parameters.weights), dict(fitted.widths)


@pytest.mark.parametrize("rows", [5, 200, 4096, 5000])
def test_shuffled_rows_refit_to_the_same_bits(everything, draw, take, same, rows):
    """4,096 terms is where the sum changes its algorithm."""
    table = draw(everything, rows, seed=rows)
    fitted = fitting.fit(everything, table)
    order = np.random.default_rng(1).permutation(rows)
    shuffled = take(table, order)
    again = fitting.fit(everything, shuffled)
    assert bits(again) == bits(fitted)
    assert parameter_lines(again) == parameter_lines(fitted)
    back = np.argsort(order)
    assert fitting.score(again, shuffled).values[back].tobytes() == fitting.score(fitted, table).values.tobytes()


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_shuffled_small_tables(everything, draw, take, seed, rows):
    table = draw(everything, rows, seed=seed, gaps=0.4)
    order = np.random.default_rng(seed).permutation(rows)
    assert bits(fitting.fit(everything, take(table, order))) == bits(fitting.fit(everything, table))


def test_zeros_of_both_signs_are_one_zero(methodology):
    """Which of 0.0 and -0.0 a minimum takes depends on the order."""
    index = methodology(
        nodes=[{"id": "index"}],
        indicators=[
            {"id": "a", "parent": "index"},
            {"id": "b", "parent": "index", "normalise": {"method": "percentile"}},
        ],
    )
    column = [0.0, -0.0, 5.0, 0.0, -0.0]
    first = fitting.fit(index, dti.Table.from_arrays(list("uvwxy"), ["a", "b"], np.column_stack([column, column])))
    column = column[::-1]
    second = fitting.fit(index, dti.Table.from_arrays(list("yxwvu"), ["a", "b"], np.column_stack([column, column])))
    assert bits(first) == bits(second)


def test_the_order_of_columns_makes_no_difference(everything, draw, take, same):
    table = draw(everything, 300, seed=7)
    turned = take(table, np.arange(300), slice(None, None, -1))
    assert turned.names == table.names[::-1]
    fitted, again = fitting.fit(everything, table), fitting.fit(everything, turned)
    assert bits(fitted) == bits(again)
    assert same(fitting.score(fitted, table), fitting.score(again, turned))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("block_rows", [1, 7, 64, 333, 65_536])
def test_blocks_and_threads(everything, draw, same, threads, block_rows):
    """Vector instructions take eight rows at a time: a logarithm of the last ones of an odd block must not differ."""
    table = draw(everything, 500, seed=11)
    fitted = fitting.fit(everything, table)
    whole = fitting.score(fitted, table)
    assert same(fitting.score(fitted, table, threads=threads, block_rows=block_rows), whole)


@pytest.mark.parametrize("rows", [1, 2, 3, 8, 250])
def test_a_subset_scores_as_it_does_in_the_whole(everything, draw, take, rows):
    table = draw(everything, 500, seed=13)
    fitted = fitting.fit(everything, table)
    whole = fitting.score(fitted, table)
    chosen = np.random.default_rng(rows).choice(500, rows, replace=False)
    part = fitting.score(fitted, take(table, chosen))
    assert part.values.tobytes() == whole.values[chosen].tobytes()
    assert part.flags.tolist() == whole.flags[chosen].tolist()
    assert part.coverage_values.tolist() == whole.coverage_values[chosen].tolist()
    for item in whole.items:
        assert part.keys(item).tolist() == whole.keys(item)[chosen].tolist()


def test_one_unit_scores_as_a_table_of_one_row(everything, draw, take):
    """To the bit, with ranks and percentiles among the reference."""
    table = draw(everything, 60, seed=17)
    index = dti.CompositeIndex(everything).fit(table)
    edition = index.freeze("x")
    blank = {"region": np.array([""], dtype=object)}
    for row in range(60):
        unit = dict(zip(table.names, table.values[row].tolist(), strict=True))
        one = dti.Table.from_arrays(["u"], table.names, table.values[[row]], texts=blank)
        scores = edition.score(one, ranked_against="reference")
        found = edition.score_unit(unit)
        for column, item in enumerate(scores.items):
            value = scores.values[0, column]
            assert found.scores[item] == (None if np.isnan(value) else value)
            assert (found.ranks[item] or 0) == scores.rank(item)[0]
            assert found.coverage[item] == scores.coverage_values[0, column]
            assert found.status[item] == scores.status[item].iloc[0]
            expected = scores.percentiles[item].iloc[0]
            assert found.percentiles[item] == (None if np.isnan(expected) else expected)


def test_fitting_twice_is_fitting_once(everything, draw):
    table = draw(everything, 100, seed=19)
    assert bits(fitting.fit(everything, table)) == bits(fitting.fit(everything, table))


def test_scoring_changes_no_parameter(everything, draw):
    table = draw(everything, 100, seed=23)
    fitted = fitting.fit(everything, table)
    before = bits(fitted)
    fitting.score(fitted, draw(everything, 50, seed=29))
    assert bits(fitted) == before
