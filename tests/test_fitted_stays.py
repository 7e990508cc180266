"""What was fitted stays what it was: neither a table nor a result can be written to behind an index's back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec import Methodology, parse_methodology
from dtindex.tables.read import check_table

TEXT = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
defaults: {normalise: {method: goalposts, worst: 0, best: 10}}
nodes: [{id: index}]
indicators: [{id: a, parent: index}, {id: b, parent: index, from: Q}]
questions: [{id: Q, type: number}]
"""


@pytest.fixture
def wanted() -> Methodology:
    found, findings = parse_methodology(TEXT.encode(), "made-up.yaml")
    assert found is not None, list(findings)
    return found


@pytest.fixture
def table(wanted: Methodology) -> dti.Table:
    found, findings = check_table(pd.DataFrame({"id": ["x", "y", "z"], "a": [1, 2, 3], "Q": [1, 2, 3]}), wanted)
    assert found is not None, list(findings)
    return found


def test_a_table_that_was_fitted_cannot_be_written_to(wanted: Methodology, table: dti.Table) -> None:
    dti.CompositeIndex(wanted).fit(table)
    for array in (table.values, table.status, table.answers["Q", ""].values, table.answers["Q", ""].status):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


def test_the_array_that_a_table_was_made_from_may_change() -> None:
    wanted, _ = parse_methodology(TEXT.replace(", {id: b, parent: index, from: Q}", "").encode(), "made-up.yaml")
    assert wanted is not None
    values = np.asfortranarray([[1.0], [2.0], [3.0]])
    index = dti.CompositeIndex(wanted).fit(dti.Table.from_arrays(["x", "y", "z"], ["a"], values))
    values[:] = 9
    for _ in range(2):  # first what fitting worked out, then scored anew
        assert index.score().scores["a"].tolist() == [10, 20, 30]


def test_frames_may_be_written_to_and_scores_and_references_do_not_change(
    wanted: Methodology, table: dti.Table
) -> None:
    index = dti.CompositeIndex(wanted).fit(table)
    scores = index.score()
    scores.scores.iloc[:, :] = 0.0
    scores.measured.iloc[:, :] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        scores.values[:] = 0
    assert scores.column("index").tolist() == [10, 20, 30]
    edition = index.freeze("made up")
    assert edition.score_unit({"a": 2.5, "Q": 2.5}).ranks["index"] == 2
    assert edition.verify().holds
