"""The coupling coordination degree: `coupling-coordination`, original and modified."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.aggregate.coupling import coupling, modified_coupling


def blocks(form="original", names="ab", scale="[0, 1]", coverage=1):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        scale: {scale}
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - id: index
            aggregate: {{method: coupling-coordination, form: {form}}}
            coverage: {{at_least: {coverage}}}
        indicators: [{indicators}]
        """


# METHODS.md, section 4.
CASES = [
    ((0.4, 0.9), 0.9230769, 0.7745967, 0.4714045, 0.5535458),
    ((0.3, 0.5, 0.8), 0.9248295, 0.7023122, 0.5681097, 0.5504469),
]


@pytest.mark.parametrize(("u", "c", "d", "modified", "modified_d"), CASES)
def test_degrees(score, u, c, d, modified, modified_d):
    column = np.array(u)[:, None]
    assert coupling(column, np.ones(column.shape))[0] == pytest.approx(c, abs=5e-8)
    assert modified_coupling(column, np.ones(column.shape))[0] == pytest.approx(modified, abs=5e-8)
    names = "abc"[: len(u)]
    cells = {name: [value] for name, value in zip(names, u, strict=True)}
    assert score(blocks(names=names), cells).column("index")[0] == pytest.approx(d, abs=5e-8)
    assert score(blocks("modified", names), cells).column("index")[0] == pytest.approx(modified_d, abs=5e-8)


def test_with_equal_weights_it_is_the_root_of_the_geometric_mean(score):
    rng = np.random.default_rng(1)
    cells = {name: rng.uniform(0.1, 1, 9).tolist() for name in "abc"}
    found = score(blocks(names="abc"), cells).column("index")
    geometric = np.exp(np.log(np.array(list(cells.values()))).mean(axis=0))
    assert found == pytest.approx(np.sqrt(geometric))


def test_of_a_scale_and_with_gaps(score):
    found = score(blocks(scale="[0, 100]", coverage=0), {"a": [40, 40, 0], "b": [90, None, 50]}).column("index")
    assert found == pytest.approx([77.45967, 100 * 0.4**0.5, 0], abs=1e-5)


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=5))
def test_between_nothing_and_whole_and_one_where_all_are_equal(u):
    column = np.array(u)[:, None]
    known = np.ones(column.shape)
    for form in (coupling, modified_coupling):
        assert 0 <= form(column, known)[0] <= 1 + 1e-12
        assert form(column[::-1], known)[0] == pytest.approx(form(column, known)[0])
        assert form(np.full(column.shape, u[0]), known)[0] == pytest.approx(1.0)
