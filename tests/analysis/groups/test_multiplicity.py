"""Adjusted p-values as R has them."""

from __future__ import annotations

import pytest

from dtindex.analysis.groups.multiplicity import adjusted

FIVE = [0.01, 0.02, 0.03, 0.04, 0.05]


def test_r_p_adjust():
    """R: p.adjust(c(.01, .02, .03, .04, .05), "holm") and "BH" (METHODS, section 8)."""
    assert adjusted(FIVE, "holm") == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert adjusted(FIVE, "bh") == pytest.approx([0.05] * 5)


def test_what_is_not_computed_does_not_count():
    assert adjusted([None, 0.01, None, 0.04], "holm") == pytest.approx([None, 0.02, None, 0.04])
    assert adjusted([None], "bh") == [None]
    assert adjusted(FIVE, None) == FIVE
