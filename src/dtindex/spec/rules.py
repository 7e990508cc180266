"""Rules of a valid methodology: what its settings mean together, each remark at its line and column."""

from __future__ import annotations

from dtindex.spec.document import Document, Problem
from dtindex.spec.model import Methodology
from dtindex.spec.rules_classes import class_problems
from dtindex.spec.rules_goalposts import goalpost_problems
from dtindex.spec.rules_normalise import normalise_problems
from dtindex.spec.rules_questions import question_problems
from dtindex.spec.rules_sample import sample_problems
from dtindex.spec.rules_scales import scale_problems
from dtindex.spec.rules_screening import screening_problems
from dtindex.spec.rules_settings import setting_problems
from dtindex.spec.rules_uncertainty import uncertainty_problems
from dtindex.spec.rules_weights import weight_problems
from dtindex.spec.rules_words import word_problems
from dtindex.spec.where import Where

__all__ = ["rule_problems"]


def rule_problems(methodology: Methodology, document: Document) -> list[Problem]:
    """Every remark on a methodology whose types and references are right."""
    where = Where(methodology, document)
    return [
        *weight_problems(where),
        *goalpost_problems(where),
        *normalise_problems(where),
        *scale_problems(where),
        *setting_problems(where),
        *screening_problems(where),
        *question_problems(where),
        *word_problems(where),
        *class_problems(where),
        *sample_problems(where),
        *uncertainty_problems(where),
    ]
