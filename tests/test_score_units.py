"""Several units from values: each scores as :meth:`Edition.score_unit` scores it, and as the same table would."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.output import twelve, twelve_each
from dtindex.spec import parse_methodology

TEXT = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
tiers: [{node: index, method: thresholds, levels: [{id: high, at_least: 50}, {id: low}]}]
indicators:
  - id: a
    parent: index
    normalise: {method: goalposts, worst: 0, best: 10}
    range: [0, 20]
    codes: {"99": {score: 25}}
  - {id: b, parent: index, normalise: {method: goalposts, worst: 0, best: 10}, status: estimated}
"""


@pytest.fixture(scope="module")
def edition() -> dti.Edition:
    methodology, findings = parse_methodology(TEXT.encode(), "made-up.yaml")
    findings.raise_errors()
    assert methodology is not None
    frame = pd.DataFrame({"id": ["p", "q", "r"], "a": [1, 5, 9], "b": [2, 4, 6]})
    return dti.CompositeIndex(methodology).fit(frame).freeze("x")


VALUES = {"a": [3, None, "4", 99, dti.Status.WITHHELD, "99"], "b": [1.5, 2, 3, None, 5, "7"]}


def test_as_one_by_one_and_as_a_table(edition):
    """A code may give a score, a declared status is a flag, a text is read as a cell: alone, together, in a table."""
    units = [f"u{row}" for row in range(6)]
    found = edition.score_units(VALUES, units)
    cells = {
        name: ["" if one is None or isinstance(one, dti.Status) else str(one) for one in own]
        for name, own in VALUES.items()
    }
    table = edition.score(pd.DataFrame({"id": units, **cells}), ranked_against="reference")
    for row in range(6):
        alone = edition.score_unit({name: own[row] for name, own in VALUES.items()})
        for column, item in enumerate(found.items):
            score = found.values[row, column]
            assert alone.scores[item] == (None if np.isnan(score) else score)
            assert alone.status[item] == found.status[item].iloc[row]
            assert (alone.ranks[item] or 0) == found.rank(item)[row]
            share = found.percentiles[item].iloc[row]
            assert alone.percentiles[item] == (None if np.isnan(share) else share)
        assert alone.tiers["index"] == (found.tier_values["index"][row] or None)
        if row != 4:  # a cell has no status of its own
            assert np.array_equal(found.values[row], table.values[row], equal_nan=True)
            assert found.flags[row].tolist() == table.flags[row].tolist()
    assert found.status["a"].tolist() == ["normal", "missing", "normal", "normal", "withheld", "normal"]


def test_numbers_may_be_arrays(edition):
    listed = edition.score_units({"a": [1.0, None], "b": [2.0, 3.0]}, ["u", "v"])
    arrays = edition.score_units({"a": np.array([1.0, np.nan]), "b": np.array([2.0, 3.0])}, ["u", "v"])
    assert listed.values.tobytes() == arrays.values.tobytes()


@pytest.mark.parametrize(
    ("value", "code"), [(21, "DT223"), ("word", "DT220"), ([1], "DT902"), (True, "DT902"), (10**400, "DT222")]
)
def test_what_cannot_be_read_says_which_unit(edition, value, code):
    with pytest.raises(dti.DtindexError) as together:
        edition.score_units({"a": [1, value], "b": [1, 1]}, ["u", "v"])
    assert together.value.code == code
    assert together.value.findings[0].place.line == 2
    with pytest.raises(dti.DtindexError) as alone:
        edition.score_unit({"a": value})
    assert alone.value.code == code


def test_a_status_that_leaves_a_value_is_none(edition):
    with pytest.raises(dti.UsageError):
        edition.score_unit({"a": dti.Status.CLIPPED})


def test_twelve_digits_of_arrays_are_those_of_python():
    """``float(f"{x:.12g}")`` is the definition; halves and powers of ten are where a product could round otherwise."""
    draw = np.random.default_rng(1)
    values = np.concatenate(
        [
            draw.uniform(-100, 100, 20_000),
            10 ** draw.uniform(-14, 15, 20_000),
            draw.integers(1, 10**12, 20_000) / 1e10 + 5e-12,
            [0.0, -0.0, np.nan, np.inf, 1e-300, 999999999999.5, 99.9999999999995, 1e11, 1e12],
        ]
    )
    expected = [np.nan if (own := twelve(value)) is None else own for value in values.tolist()]
    assert twelve_each(values).tobytes() == np.array(expected).tobytes()
