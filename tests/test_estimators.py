"""scikit-learn's own checks on every method that works row by row, and the reasons for those that cannot pass."""

from __future__ import annotations

from unittest import SkipTest

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import dtindex as dti
from dtindex.estimators import Imputer, Normaliser, Transformer, Treater
from dtindex.steps.impute import METHODS as IMPUTATIONS
from dtindex.steps.normalise import METHODS as NORMALISATIONS
from dtindex.steps.transform import METHODS as TRANSFORMATIONS
from dtindex.steps.treat import METHODS as TREATMENTS

# Settings that a method cannot do without.
OPTIONS = {
    "goalposts": {"worst": -3, "best": 3},
    "target": {"base": 0, "target": 1000},
    "reference": {"to": "mean", "form": "one-minus"},
}
# Methods that the generic checks cannot exercise, and why.
NOT_CHECKED = {
    "base-index": "needs the units and the base period, which a matrix does not have",
    "categories": "takes declared codes only; the checks feed it arbitrary numbers",
    "maturity": "takes declared levels only; the checks feed it arbitrary numbers",
    "gii-log": "needs values that reach above 1; the checks feed it smaller ones",
    "likert": "takes whole answers only; the checks feed it arbitrary numbers",
    "top-box": "takes whole answers only; the checks feed it arbitrary numbers",
    "panel": "needs units and periods",
    "row-mean": "needs the tree",
    "row-median": "needs the tree",
    "knn": "needs the tree",
    "em": "needs the tree",
    "mice": "needs the tree, and units",
}


# Checks that a method fails by design, and why.
FAILS = {
    "fraction-of-maximum": {"check_positive_only_tag_during_fit": "refuses negative columns itself, for every caller"},
    "fraction-of-sum": {"check_positive_only_tag_during_fit": "refuses negative columns itself, for every caller"},
    "box-cox": {"check_positive_only_tag_during_fit": "refuses columns that are not positive itself, for every caller"},
}


def _expected(estimator: Normaliser | Transformer) -> dict[str, str]:
    return FAILS.get(estimator.method, {})


def _checked(methods: object, estimator: type) -> list[object]:
    return [estimator(name, options=OPTIONS.get(name)) for name in methods if name not in NOT_CHECKED]  # type: ignore[attr-defined]


@parametrize_with_checks(
    [
        Normaliser(),
        Treater(),
        Transformer(),
        Imputer(),
        *_checked(NORMALISATIONS, Normaliser),
        *_checked(TREATMENTS, Treater),
        *_checked(TRANSFORMATIONS, Transformer),
        *_checked(IMPUTATIONS, Imputer),
    ],
    expected_failed_checks=_expected,
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn(estimator, check):
    try:
        check(estimator)
    except SkipTest as reason:
        if "SCIPY_ARRAY_API" not in str(reason):  # the one check that asks for a mode nobody switched on
            raise


def test_nothing_is_excused_that_does_not_exist() -> None:
    assert set(NOT_CHECKED) <= {*NORMALISATIONS, *TREATMENTS, *TRANSFORMATIONS, *IMPUTATIONS}


def test_a_pipeline_gives_what_a_methodology_gives() -> None:
    """The same steps through `Pipeline` and through a file, to the bit."""
    raw = np.random.default_rng(0).lognormal(size=(50, 3))
    raw[3, 1] = np.nan
    pipeline = make_pipeline(
        Imputer("group-median"), Treater("winsorise", options={"high": 0.1}), Normaliser("z-score")
    )
    found = pipeline.fit_transform(raw)
    text = """
schema_version: 1
id: pipeline
title: Pipeline
units: {kind: unit, key: unit}
defaults:
  impute: {method: group-median}
  treat: {method: winsorise, high: 0.1}
  normalise: {method: z-score}
nodes: [{id: index}]
indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]
"""
    methodology, _ = dti.spec.parse_methodology(text, "pipeline.yaml")
    table = dti.Table.from_arrays([str(row) for row in range(50)], ["a", "b", "c"], raw)
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    assert np.array_equal(found, scores.scores[["a", "b", "c"]].to_numpy())


def test_directions_of_columns() -> None:
    raw = np.array([[1.0, 1.0], [2.0, 2.0]])
    assert Normaliser(direction=["higher", "lower"]).fit_transform(raw).tolist() == [[0.0, 100.0], [100.0, 0.0]]


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (Normaliser("no-such"), "method 'no-such'"),
        (Normaliser("goalposts", options={"worst": 0}), "best"),
        (Normaliser("min-max", options={"clop": "both"}), "clop"),
        (Imputer("panel"), "needs units"),
        (Imputer("mice"), "or a tree"),
    ],
)
def test_what_is_wrong_is_said(estimator, message) -> None:
    with pytest.raises(ValueError, match=message):
        estimator.fit(np.array([[1.0], [2.0]]))


def test_a_constant_column_is_refused() -> None:
    with pytest.raises(ValueError, match="every value is 1"):
        Normaliser().fit(np.ones((3, 1)))
