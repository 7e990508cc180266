"""A questionnaire as columns to fill in: the plain dialect, one column a question, a row of a matrix each its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtindex.spec.base import Text, text
from dtindex.spec.model import Methodology
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.spec.survey import TooFast

__all__ = ["Asked", "asked_columns"]

_LONGEST_LIST = 255
"""Characters of a list of choices that Excel keeps in a cell's rule."""

_KINDS = {
    "single": ("one of the codes", "单选，填代码之一"),
    "multiple": ("codes joined by ┋", "多选，代码之间用 ┋ 分隔"),
    "ranking": ("codes joined by →, first place first", "排序，代码之间用 → 连接，首位在前"),
    "scale": ("whole number", "整数"),
    "number": ("plain number", "普通数字"),
    "percent": ("per cent: 45 for 45%", "百分数：45% 填 45"),
    "thousands": ("number, 1,234.5 allowed", "数字，可写千分位 1,234.5"),
    "text": ("text", "文字"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A column for the answers to a question, or to a row of a matrix."""

    name: str
    question: Question
    """Of a matrix its row."""
    zh: str
    en: str
    skipped: str = ""

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest number; None where text is entered."""
        if isinstance(self.question, ScaleQuestion):
            return float(self.question.first), float(self.question.first + self.question.points - 1)
        if isinstance(self.question, NumberQuestion):
            return self.question.range or (-1e300, 1e300)
        return None

    def facts(self) -> tuple[str, ...]:
        """Column, id, names, unit, direction, range, type, codes, source, as the notes have them."""
        english, chinese = self._kind()
        bounds = self.range
        interval = "" if bounds is None or abs(bounds[1]) >= 1e300 else f"{bounds[0]:.15g} … {bounds[1]:.15g}"
        return (
            self.name, self.question.id, self.zh, self.en, "", "", interval,
            f"{chinese} / {english}{self.skipped}", "; ".join(self._codes()), "",
        )  # fmt: skip

    def _codes(self) -> Iterator[str]:
        if isinstance(self.question, SingleQuestion | MultipleQuestion | RankingQuestion):
            yield from (f"{option.id} = {_both(option.label, option.id)}" for option in self.question.options)
        elif isinstance(self.question, ScaleQuestion):
            labels = enumerate(self.question.labels, self.question.first)
            yield from (f"{value} = {_both(label, '')}" for value, label in labels)

    def _kind(self) -> tuple[str, str]:
        kind = self.question.format if isinstance(self.question, NumberQuestion) else self.question.type
        return _KINDS[kind]

    def validation(self) -> dict[str, object]:
        """A rule for the cells: a list to choose from, a number in its range, or only what is to be entered."""
        english, chinese = self._kind()
        expected = "; ".join((f"{chinese} / {english}", *self._codes()))
        told = {
            "ignore_blank": True,
            "input_title": self.name[:32],
            "input_message": f"{self.zh}\n{self.en}\n{expected}"[:255],
            "error_title": "dtindex",
            "error_message": f"expected / 应填: {expected}"[:255],
        }
        if isinstance(self.question, SingleQuestion):
            choices = [option.id for option in self.question.options]
            if len(",".join(choices)) <= _LONGEST_LIST:
                return {"validate": "list", "source": choices, **told}
        if self.range is None:
            return {"validate": "any", **told}
        # Codes such as 9 for "don't know" may stand where a number is asked for: they are questioned, not refused.
        codes = bool(getattr(self.question, "codes", None))
        kind = "integer" if isinstance(self.question, ScaleQuestion) else "decimal"
        low, high = self.range
        bounds = {"criteria": "between", "minimum": low, "maximum": high}
        return {"validate": kind, **bounds, **told, "error_type": "warning" if codes else "stop"}


def asked_columns(methodology: Methodology) -> list[Asked]:
    """The columns of a questionnaire, with those that rules on careless respondents and weights look at."""
    found: list[Asked] = []
    for question in methodology.questions:
        head = question.column or question.id
        rule = question.skip_when
        skipped = (
            ""
            if rule is None
            else f"; empty where / 以下情况不填: {rule.question} = {', '.join(map(str, rule.answers))}"
        )
        zh, en = text(question.label, "zh", question.id), text(question.label, "en", question.id)
        if isinstance(question, MatrixQuestion):
            for row in question.rows:
                chinese, english = text(row.label, "zh", row.id), text(row.label, "en", row.id)
                inner = question.row(row.id)
                found.append(Asked(f"{head}[{row.id}]", inner, f"{zh}: {chinese}", f"{en}: {english}", skipped))
        else:
            found.append(Asked(head, question, zh, en, skipped))
    return [*found, *_beside(methodology)]


def _beside(methodology: Methodology) -> Iterator[Asked]:
    survey = methodology.survey
    if survey is None:
        return
    if survey.duration is not None or any(isinstance(rule, TooFast) for rule in survey.careless):
        seconds = NumberQuestion(id="duration", type="number", range=(0.0, 1e7))
        yield Asked(survey.duration or "duration", seconds, "答题用时（秒）", "time taken, in seconds")
    if survey.weight is not None:
        weight = NumberQuestion(id="weight", type="number", range=(0.0, 1e9))
        yield Asked(survey.weight, weight, "抽样权重", "sampling weight")


def _both(label: Text | None, default: str) -> str:
    return " / ".join(dict.fromkeys((text(label, "zh", default), text(label, "en", default))))
