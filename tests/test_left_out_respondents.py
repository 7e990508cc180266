"""Respondents who are left out leave no trace in the figures of others, though they may bear the same key.

Expected values are closed forms: growth is 100 (x_t / x_(t-1) - 1), a share 100 x / sum, goalposts 100 x / 10.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.output import long_csv
from dtindex.spec import Methodology, parse_methodology
from dtindex.tables.read import check_table

TEXT = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id, period: year}
defaults: {normalise: {method: goalposts, worst: 0, best: 10}}
nodes: [{id: index}]
indicators:
  - {id: a, parent: index, from: Q, impute: {method: panel, fill: last}}
  - {id: growth, derive: {method: growth, of: a}}
  - {id: share, derive: {method: share, of: a}}
questions: [{id: Q, type: number}, {id: note, type: text}]
survey: {careless: [{id: tests, method: test-rows, column: note, action: exclude}]}
"""
ROWS = pd.DataFrame(
    {
        "id": ["x", "x", "x", "y", "y"],
        "year": ["1", "1", "2", "1", "2"],
        "Q": ["3", "9", "6", "7", ""],
        "note": ["", "test", "", "", ""],
    }
)


@pytest.fixture
def wanted() -> Methodology:
    found, findings = parse_methodology(TEXT.encode(), "made-up.yaml")
    assert found is not None, list(findings)
    return found


def scored(frame: pd.DataFrame, wanted: Methodology) -> tuple[dti.CompositeIndex, dti.Scores]:
    table, findings = check_table(frame.reset_index(drop=True), wanted)
    assert table is not None, list(findings)
    index = dti.CompositeIndex(wanted).fit(table)
    return index, index.score()


def kept(scores: dti.Scores) -> pd.DataFrame:
    frame = scores.measured.assign(score=scores.scores["a"])
    return frame[scores.classified].sort_index()


def test_growth_shares_and_gaps_are_as_if_they_were_not_there(wanted: Methodology) -> None:
    _, without = scored(ROWS[ROWS["note"] == ""], wanted)
    expected = kept(without)
    np.testing.assert_array_equal(expected["growth"], [np.nan, 100, np.nan, np.nan])
    np.testing.assert_array_equal(expected["share"].iloc[[0, 2]], [30, 70])
    np.testing.assert_array_equal(expected["score"], [30, 60, 70, 70])
    for order in itertools.permutations(range(5)):
        _, scores = scored(ROWS.iloc[list(order)], wanted)
        pd.testing.assert_frame_equal(kept(scores), expected)


def test_a_gap_is_not_filled_from_one_who_is_left_out(wanted: Methodology) -> None:
    rows = ROWS.assign(Q=["3", "9", "", "7", "8"])
    for order in itertools.permutations(range(5)):
        _, scores = scored(rows.iloc[list(order)], wanted)
        np.testing.assert_array_equal(kept(scores)["score"], [30, 30, 70, 80])


def test_hash_and_files_do_not_depend_on_the_order_of_rows(wanted: Methodology) -> None:
    rows = pd.concat([ROWS, ROWS.iloc[[1]].assign(Q="2"), ROWS.iloc[[1]].assign(note="a test")], ignore_index=True)
    hashes, files = set(), set()
    for order in itertools.islice(itertools.permutations(range(len(rows))), 0, None, 97):
        index, scores = scored(rows.iloc[list(order)], wanted)
        hashes.add(index.freeze("made up").hash)
        files.add(long_csv(scores))
    assert len(hashes) == 1
    assert len(files) == 1
