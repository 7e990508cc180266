"""Synthetic answers to a questionnaire: correlated, calibrated to given figures, and labelled as what they are."""

from __future__ import annotations

from dtindex.synthetic.generate import sample
from dtindex.synthetic.result import SyntheticSample

__all__ = ["SyntheticSample", "sample"]
