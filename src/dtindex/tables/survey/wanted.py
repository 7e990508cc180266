"""Which columns a methodology has other uses for, and how much it weighs where a question has none."""

from __future__ import annotations

from dtindex.findings import Severity
from dtindex.spec.model import Methodology
from dtindex.spec.survey import Attention, StraightLining, Survey
from dtindex.tables.survey.by_name import ByName

__all__ = ["SYNTHETIC", "reserved", "wanted"]

SYNTHETIC = "synthetic"
"""The column in which a made-up sample says that it is one."""


def reserved(methodology: Methodology) -> list[str]:
    """Names of columns that are no answers: the unit's, a figure's, the survey's own."""
    survey = methodology.survey or Survey()
    units, tree = methodology.units, methodology.tree
    named = [units.key, units.name, units.period, units.ranked, *units.groups]
    named += [survey.weight, survey.duration, SYNTHETIC, *survey.columns_beside]
    named += [node.column for node in methodology.nodes]
    named += [settings.column for settings in tree.indicators.values()]
    named += [item.published for item in tree.items.values()]
    return [name for name in named if name]


def wanted(methodology: Methodology, by_name: ByName) -> dict[str, Severity]:
    """How much it weighs where a question is not in the export: scores need it, something else asks for it, or
    nothing does.
    """
    tree = methodology.tree
    questions = {question.id: question for question in methodology.questions}
    weights = dict.fromkeys(questions, Severity.NOTE)
    rank = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}

    def raise_to(name: str, severity: Severity) -> None:
        if name in weights and rank[severity] > rank[weights[name]]:
            weights[name] = severity
            rule = questions[name].skip_when
            if rule is not None:
                raise_to(rule.question, severity)

    for rule in (methodology.survey or Survey()).careless:
        for name in (
            rule.of if isinstance(rule, StraightLining) else (rule.question,) if isinstance(rule, Attention) else ()
        ):
            raise_to(name, Severity.WARNING)
    for indicator in methodology.indicators:
        if indicator.answer is not None:
            scored = indicator.parent is not None or indicator.id in tree.operands
            needed = scored and not _is_given_above(methodology, by_name, indicator.id)
            raise_to(indicator.answer.question, Severity.ERROR if needed else Severity.WARNING)
    answered = [item for item in methodology.indicators if item.answer is not None and item.parent is not None]
    if answered and all(_is_given_above(methodology, by_name, item.id) for item in answered):
        return dict.fromkeys(weights, Severity.NOTE)  # a table of dimensions, which holds no answers
    return weights


def _is_given_above(methodology: Methodology, by_name: ByName, item: str) -> bool:
    """Whether the table has the value of a node above."""
    items = methodology.tree.items
    parent = items[item].parent
    while parent is not None:
        column = items[parent].column
        if column is not None and column in by_name:
            return True
        parent = items[parent].parent
    return False
