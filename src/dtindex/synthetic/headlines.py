"""What the sample was made to show, and what it shows, each figure with the study that prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.base import Language, Origin, Provenance, ProvenanceNote, Text, text
from dtindex.spec.model import Methodology
from dtindex.spec.questions import MatrixQuestion
from dtindex.spec.sample_plan import NormalOutcome, Outcome, SamplePlan, ShareOutcome
from dtindex.synthetic.asked import Questionnaire, name_of
from dtindex.synthetic.classed import Classed
from dtindex.synthetic.columns import Chosen, Column, Numbers, Ticked
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.outcomes import column_of_outcome, parts_of
from dtindex.synthetic.shapes import option_position

__all__ = ["Headline", "Shown", "headlines"]


@dataclass(frozen=True)
class Headline:
    """One figure; shares are in per cent, means in points of their scale or units of their indicator."""

    figure: str
    study: str
    """Id of the source, empty where the figure is ours."""
    study_title: str
    provenance: str
    target: float
    achieved: float
    unit: str
    bound: str = ""
    """``below`` where the study prints only an upper bound, and the target is our reading."""


@dataclass(frozen=True)
class Shown:
    """The sample as its figures are read from it: over honest respondents, unweighted."""

    questionnaire: Questionnaire
    plan: SamplePlan
    columns: dict[str, Column]
    honest: NDArray[np.bool_]
    classed: Classed


def headlines(shown: Shown, language: Language = "en") -> tuple[Headline, ...]:
    """Every target of the plan, in its order: classes, means, shares, outcomes."""
    methodology, plan = shown.questionnaire.methodology, shown.plan
    found: list[Headline] = []
    names = {rule.id: text(rule.label, language, rule.id) for rule in methodology.classes}
    for of_class in plan.classes:
        achieved = _percent(shown.classed.members[of_class.class_][shown.honest])
        target = _Target(text(of_class.label, language, names[of_class.class_]), of_class.study, of_class.provenance)
        found.append(target.headline(methodology, language, 100 * of_class.share, achieved, "%"))
    for mean in plan.means:
        label = text(mean.label, language, methodology.tree.items[mean.item].name(language))
        target = _Target(label, mean.study, mean.provenance, "below" if mean.below else "")
        found.append(target.headline(methodology, language, mean.mean, shown.classed.means[mean.item], ""))
    for share in plan.shares:
        name = name_of(share.question, share.row)
        label = _label(share.label, methodology, share.question, share.row, share.option, language)
        achieved = _percent(_chose(shown, name, share.option, shown.honest))
        target = _Target(label, share.study, share.provenance)
        found.append(target.headline(methodology, language, 100 * share.share, achieved, "%"))
    for outcome in plan.outcomes:
        found += _of_outcome(shown, outcome, names, language)
    return tuple(found)


@dataclass(frozen=True)
class _Target:
    label: str
    study: str | None
    provenance: Provenance | None
    bound: str = ""

    def headline(
        self, methodology: Methodology, language: Language, target: float, achieved: float, unit: str
    ) -> Headline:
        titles = {source.id: text(source.title, language) for source in methodology.sources}
        study = self.study or ""
        origin = _origin(self.provenance)
        return Headline(self.label, study, titles.get(study, ""), origin, target, achieved, unit, self.bound)


def _origin(provenance: Provenance | None) -> str:
    if provenance is None:
        return str(Origin.ASSUMED)
    return str(provenance.origin if isinstance(provenance, ProvenanceNote) else provenance)


def _percent(rows: NDArray[np.bool_]) -> float:
    return 100 * float(rows.mean()) if rows.size else float("nan")


def _label(
    label: Text | None, methodology: Methodology, name: str, row: str | None, option: str, language: Language
) -> str:
    if label is not None:
        return text(label, language)
    question = methodology.tree.questions[name]
    options = {one.id: one for one in getattr(question, "options", ())}
    told = text(options[option].label, language, option)
    where = f", {row}" if isinstance(question, MatrixQuestion) and row is not None else ""
    return f"{name}{where}: {told}"


def _chose(shown: Shown, name: str, option: str, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of those of the rows who answer, who chose the option."""
    column = shown.columns[name]
    position = option_position(shown.questionnaire.by_name[name], option)
    answered = rows & column.answered
    if isinstance(column, Ticked):
        return column.has(position)[answered]
    assert isinstance(column, Chosen)
    chose: NDArray[np.bool_] = column.data[answered] == position
    return chose


def _of_outcome(shown: Shown, outcome: Outcome, names: dict[str, str], language: Language) -> Iterator[Headline]:
    """The figure of all others, then that of each class: a share, or a mean over that of the others."""
    methodology = shown.questionnaire.methodology
    parts = parts_of(outcome, shown.classed.members, shown.honest)
    others = "others" if language == "en" else "其他"
    if isinstance(outcome, ShareOutcome):
        label = _outcome_label(outcome, methodology, language)
        for name, share in {"": outcome.share, **outcome.shares}.items():
            who = f"{label}: {names.get(name, others)}" if outcome.shares else label
            study = outcome.study_of_classes if name else None
            target = _Target(who, study or outcome.study, outcome.provenance)
            achieved = _percent(_shows(shown, outcome, parts[name]))
            yield target.headline(methodology, language, 100 * share, achieved, "%")
        return
    values = _values(shown, outcome)
    base = _mean(values[parts[""]])
    label = text(outcome.label, language, methodology.tree.items[outcome.item].name(language))
    ours = Origin.ASSUMED if outcome.ratios else outcome.provenance
    own_study = None if outcome.ratios else outcome.study
    yield _Target(f"{label}: {others}" if outcome.ratios else label, own_study, ours).headline(
        methodology, language, outcome.mean, base, ""
    )
    for name, ratio in outcome.ratios.items():
        study = outcome.study_of_classes or outcome.study
        target = _Target(f"{label}: {names[name]} / {others}", study, outcome.provenance)
        yield target.headline(methodology, language, ratio, _mean(values[parts[name]]) / base, "x")


def _outcome_label(outcome: ShareOutcome, methodology: Methodology, language: Language) -> str:
    if outcome.question is not None:
        return _label(outcome.label, methodology, outcome.question, None, str(outcome.option), language)
    item = methodology.tree.items[str(outcome.item)].name(language)
    return text(outcome.label, language, f"{item} > {outcome.above:g}")


def _shows(shown: Shown, outcome: ShareOutcome, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if outcome.question is not None:
        return _chose(shown, outcome.question, str(outcome.option), rows)
    values = _values(shown, outcome)[rows]
    assert outcome.above is not None
    above: NDArray[np.bool_] = values[~np.isnan(values)] > outcome.above
    return above


def _values(shown: Shown, outcome: NormalOutcome | ShareOutcome) -> FloatArray:
    column = shown.columns[column_of_outcome(shown.questionnaire, outcome)]
    assert isinstance(column, Numbers)
    return column.data


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
