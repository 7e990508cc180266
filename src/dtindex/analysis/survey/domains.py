"""Domains: whom a figure is about, by one group or the cross of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.survey.columns import Columns, codes_of
from dtindex.findings import Finding, Place, UsageError, finding
from dtindex.scores import Scores
from dtindex.spec.questions import SingleQuestion
from dtindex.steps.classify import UNKNOWN

__all__ = ["Domains", "Levels", "domains_of", "levels_of"]

Codes = NDArray[np.intp]
Levels = tuple[str, ...]
_MOST = 20_000


@dataclass(frozen=True, eq=False)
class Domains:
    """Disjoint domains of the respondents, in the order of their groups' levels."""

    groups: tuple[str, ...]
    labels: tuple[Levels, ...]
    """Levels of each domain, one a group."""
    codes: Codes
    """Domain of each respondent, -1 for none ``(respondents,)``."""

    def __len__(self) -> int:
        return len(self.labels)


def levels_of(scores: Scores, rows: Codes, by: Sequence[str]) -> dict[str, Levels]:
    """Levels of each group: options and classes in the order of the file, whether they occur or not; else sorted.

    Raises
    ------
    UsageError
        DT024 for a group that is no column; DT902 for too many domains.
    """
    columns = Columns(scores)
    found: dict[str, Levels] = {}
    for name in by:
        texts = columns.text(name)
        if texts is None:
            guess = columns.nearest(name)
            hint = f"; nearest is {guess!r}" if guess else ""
            raise UsageError([finding("DT024", f"no group {name!r} in the table{hint}")])
        occurring = [word for word in codes_of(texts[rows])[1] if word]
        declared = _declared(scores, name)
        found[name] = (*declared, *(word for word in occurring if word not in declared))
    count = int(np.prod([len(levels) for levels in found.values()], dtype=np.int64)) if found else 1
    if count > _MOST:
        raise UsageError([finding("DT902", f"{count:,} groups are more than {_MOST:,}: take columns of fewer values")])
    return found


def _declared(scores: Scores, name: str) -> list[str]:
    question = next((one for one in scores.methodology.questions if one.id == name), None)
    if isinstance(question, SingleQuestion):
        return [option.id for option in question.options if option.status is None]
    if name in scores.class_values and name not in scores.table.texts:
        ids = [rule.id for rule in scores.methodology.classes if rule.scheme == name]
        return [one for one in ids if one != UNKNOWN]
    return []


def domains_of(scores: Scores, rows: Codes, levels: dict[str, Levels]) -> tuple[Domains, list[Finding]]:
    """The domain of each of some ``rows``, and a note where respondents have no group."""
    columns = Columns(scores)
    codes = np.zeros(len(rows), dtype=np.intp)
    findings: list[Finding] = []
    for name, known in levels.items():
        texts = columns.text(name)
        assert texts is not None
        own, words = codes_of(texts[rows])
        positions = {word: position for position, word in enumerate(known)}
        placed = np.array([positions.get(word, -1) for word in words], dtype=np.intp)[own]
        lacking = int((placed < 0).sum())
        if lacking:
            message = f"{lacking:,} respondents have no {name!r}: they are in no group, and stay in the design"
            findings.append(finding("DT354", message, Place(name=name)))
        codes = np.where((codes < 0) | (placed < 0), -1, codes * len(known) + placed)
    labels = tuple(product(*levels.values()))
    return Domains(tuple(levels), labels, codes), findings
