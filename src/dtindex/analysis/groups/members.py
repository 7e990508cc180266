"""Who is in which group: by a class scheme, or by a text column of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.base import Language, Text, text
from dtindex.steps.classify import UNKNOWN
from dtindex.steps.types import TextArray

__all__ = ["EACH", "OTHERS", "Groups", "Pair", "groups_by", "pairs_of"]

OTHERS, EACH = "others", "each"
_REST = {"enterprise": ("Others", "其他企业"), "respondent": ("Others", "其他受访者")}


@dataclass(frozen=True)
class Groups:
    """Groups of the rows that take part."""

    by: str
    names: tuple[str, ...]
    """Ids of classes in the order of their rules, members or not; or the words of the column, options first."""
    labels: Mapping[str, Text | None]
    of_row: TextArray
    """The group of each row ``(rows,)``; '' where there is none, `unknown` where that could not be told."""
    rest: tuple[str, str] = ("Others", "其他")

    def label(self, name: str, language: Language) -> str:
        """A group as readers are told; all others together under ``others``."""
        if name == OTHERS and name not in self.names:
            return self.rest[language == "zh"]
        return text(self.labels.get(name), language, name)


@dataclass(frozen=True)
class Pair:
    """Two groups that are compared, as members ``(rows,)``."""

    group: str
    against: str
    first: NDArray[np.bool_]
    second: NDArray[np.bool_]


def groups_by(scores: Scores, by: str, rows: NDArray[np.intp]) -> Groups:
    """The groups of ``rows``, by a scheme of classes or a text column.

    Raises
    ------
    UsageError
        DT024 where there is neither of that name.
    """
    rest = _REST.get(scores.methodology.units.kind, ("Others", "其他"))
    rules = [rule for rule in scores.methodology.classes if rule.scheme == by]
    if rules:
        labels = {rule.id: rule.label for rule in rules}
        return Groups(by, tuple(labels), labels, scores.class_values[by][rows], rest)
    texts = scores.table.texts
    if by not in texts:
        schemes = list(dict.fromkeys(rule.scheme for rule in scores.methodology.classes))
        near = nearest(by, [*schemes, *texts])
        hint = f"nearest is {near!r}" if near else f"there are {', '.join([*schemes, *texts][:10]) or 'none'}"
        raise UsageError([finding("DT024", f"no class scheme and no text column {by!r}; {hint}")])
    words = texts[by][rows]
    labels = _options(scores, by)
    known = sorted(set(words.tolist()) - {"", *labels})
    names = (*(name for name in labels if name in set(words.tolist())), *known)
    return Groups(by, names, labels, words, rest)


def pairs_of(groups: Groups, group: str | None, against: str) -> list[Pair]:
    """One group against all others or another one; or each pair.

    Raises
    ------
    UsageError
        DT024 for a group that there is not, DT902 for a group against itself and where there is only one.
    """
    for name in (group, against):
        if name is not None and name not in (*groups.names, OTHERS, EACH):
            near = nearest(name, groups.names)
            hint = f"nearest is {near!r}" if near else f"there are {', '.join(groups.names[:10]) or 'none'}"
            raise UsageError([finding("DT024", f"no group {name!r} by {groups.by!r}; {hint}")])
    if not groups.names:
        raise UsageError([finding("DT902", f"no row has a word in {groups.by!r}")])
    first = groups.names[0] if group is None else group
    if first == against:
        raise UsageError([finding("DT902", f"group {first!r} against itself")])
    if against != EACH:
        return [_pair(groups, first, against)]
    names: Sequence[tuple[str, str]] = [
        (one, other)
        for position, one in enumerate(groups.names)
        for other in groups.names[position + 1 :]
        if group is None
    ]
    if group is not None:
        names = [(group, other) for other in groups.names if other != group]
    if not names:
        raise UsageError([finding("DT902", f"there is one group only by {groups.by!r}")])
    return [_pair(groups, *one) for one in names]


def _pair(groups: Groups, group: str, against: str) -> Pair:
    first = groups.of_row == group
    if against == OTHERS:
        return Pair(group, against, first, ~first & (groups.of_row != "") & (groups.of_row != UNKNOWN))
    return Pair(group, against, first, groups.of_row == against)


def _options(scores: Scores, by: str) -> dict[str, Text | None]:
    """Options of the question that a column holds the answers of."""
    for question in scores.methodology.questions:
        if by in (question.id, question.column):
            return {option.id: option.label for option in getattr(question, "options", ())}
    return {}
