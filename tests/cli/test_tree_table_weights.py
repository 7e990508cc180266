"""Effective weights as `dtindex show` prints them: from the file as far as it says, from an edition for the rest."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti
from dtindex.cli.tree_table import TreeTable, effective_weights, shares
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

HEAD = "schema_version: 1\nid: shown\ntitle: Shown\nunits: {kind: u, key: u}\ndefaults: {normalise: {method: none}}\n"
TREE = """\
nodes:
  - {{id: index, aggregate: {{method: {aggregate}}}, weights: {{method: {weights}}}}}
  - {{id: p, parent: index{p}}}
  - {{id: q, parent: p}}
indicators:
  - {{id: a, parent: q}}
  - {{id: b, parent: q}}
  - {{id: c, parent: p}}
  - {{id: d, parent: index}}
"""


def methodology(aggregate: str, weights: str = "equal", p: str = "") -> dti.Methodology:
    found, findings = parse_methodology(HEAD + TREE.format(aggregate=aggregate, weights=weights, p=p), "a.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def test_over_leaves_equal_is_equal_among_leaves() -> None:
    tree = methodology("arithmetic, over: leaves").tree
    assert effective_weights(tree) == pytest.approx(
        {"index": 1, "p": 0.75, "q": 0.5, "a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}
    )
    assert shares(tree, "index") == pytest.approx({"p": 0.75, "d": 0.25})


def test_below_sums_each_leaf_counts_by_its_scale() -> None:
    """(q + c) + d, where q is a mean: one third each of q, c and d."""
    found = effective_weights(methodology("sum", p=", aggregate: {method: sum}").tree)
    assert found == pytest.approx({"index": 1, "p": 2 / 3, "q": 1 / 3, "a": 1 / 6, "b": 1 / 6, "c": 1 / 3, "d": 1 / 3})


def test_what_is_learned_is_known_to_an_edition() -> None:
    definition = methodology("arithmetic, over: leaves", "entropy", ", aggregate: {method: sum}")
    assert set(effective_weights(definition.tree)) == {"index"}
    values = np.random.default_rng(5).uniform(1, 100, size=(9, 4))
    fitted = dti.CompositeIndex(definition).fit(Table.from_arrays([f"u{k}" for k in range(9)], "abcd", values)).fitted_
    leaves = fitted.effective_weights()
    shown = TreeTable(definition, "en", fitted=leaves)._effective
    assert shown["p"] == pytest.approx(leaves["a"] + leaves["b"] + leaves["c"])
    assert shown["d"] == leaves["d"]
    weights = [TreeTable(definition, "en")._facts(item)[0] for item in ("p", "c", "d", "a")]
    assert weights == ["fitted", "fitted", "fitted", "1"]


def test_the_file_and_the_fit_agree() -> None:
    for aggregate in ("arithmetic", "sum", "geometric, over: leaves, zeros: allow"):
        definition = methodology(aggregate, p=", aggregate: {method: sum}")
        table = Table.from_arrays(["u", "v"], "abcd", np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]))
        fitted = dti.CompositeIndex(definition).fit(table).fitted_.effective_weights()
        from_file = effective_weights(definition.tree)
        assert {leaf: from_file[leaf] for leaf in fitted} == pytest.approx(fitted)
