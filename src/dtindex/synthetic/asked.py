"""The columns of answers that a questionnaire makes, each with the dimension whose latent variable is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dtindex.spec.methods import Goalposts
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
    SkipRule,
    TextQuestion,
)

__all__ = ["Asked", "AskedQuestion", "Questionnaire", "measured_name", "name_of"]

AskedQuestion = SingleQuestion | MultipleQuestion | ScaleQuestion | NumberQuestion | RankingQuestion | TextQuestion

_PERCENT = (0.0, 100.0)


def name_of(question: str, row: str | None = None) -> str:
    """The name of a column: the question's id, with the row of a matrix in brackets."""
    return question if row is None else f"{question}[{row}]"


def measured_name(item: str) -> str:
    """The name of a measured column, which no question bears."""
    return f"item:{item}"


@dataclass(frozen=True)
class Asked:
    """One column: a question, a row of a matrix, or a measured column of an indicator or node."""

    name: str
    head: str
    """The heading of the column in the table."""
    question: AskedQuestion
    """What is asked; of a matrix, the question that the row is; of a measured column, a number."""
    owner: str | None = None
    """Id of the question; None for a measured column."""
    dimension: int | None = None
    """Position of the dimension; None where no scored indicator takes the answer."""
    option_dimensions: tuple[int | None, ...] = ()
    """Of a ranking: the dimension of each option."""
    skip_when: SkipRule | None = None


class Questionnaire:
    """All columns of a methodology, in the order of the table, and who takes them.

    A dimension is a child of a root; an answer belongs to that of the first scored indicator that takes it.
    """

    def __init__(self, methodology: Methodology) -> None:
        self.methodology = methodology
        self.tree = methodology.tree

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Ids of the dimensions, in file order."""
        return tuple(child for root in self.tree.roots for child in self.tree.children[root])

    @cached_property
    def columns(self) -> tuple[Asked, ...]:
        """Questions in file order, then measured columns."""
        return (*self._questions(), *self._measured())

    @cached_property
    def by_name(self) -> dict[str, Asked]:
        """Columns by name."""
        return {asked.name: asked for asked in self.columns}

    def taken(self, asked: Asked) -> tuple[Indicator, ...]:
        """The scored indicators that take a column, in file order."""
        return tuple(
            indicator
            for indicator in self.methodology.indicators
            if indicator.parent is not None and self.column_of(indicator.id) == asked.name
        )

    def column_of(self, item: str) -> str | None:
        """The name of the column that an indicator or node takes; None for what is derived or aggregated."""
        spec = self.tree.items[item]
        if isinstance(spec, Node):
            return measured_name(item) if spec.column is not None and not self.tree.children[item] else None
        if spec.answer is not None:
            return name_of(spec.answer.question, spec.answer.row)
        return measured_name(item) if self.tree.indicators[item].column is not None else None

    def _questions(self) -> Iterator[Asked]:
        for question in self.methodology.questions:
            head = question.column or question.id
            if isinstance(question, MatrixQuestion):
                for row in question.rows:
                    name = name_of(question.id, row.id)
                    yield Asked(
                        name, name_of(head, row.id), question.row(row.id), question.id, self._dimension(name),
                        skip_when=question.skip_when,
                    )  # fmt: skip
                continue
            options: tuple[int | None, ...] = ()
            if isinstance(question, RankingQuestion):
                options = tuple(self._dimension(question.id, option.id) for option in question.options)
            dimension = self._dimension(question.id)
            yield Asked(question.id, head, question, question.id, dimension, options, question.skip_when)

    def _measured(self) -> Iterator[Asked]:
        heads = {question.column or question.id for question in self.methodology.questions}
        for item in self.tree.items.values():
            name = measured_name(item.id)
            if self.column_of(item.id) != name:
                continue
            head = self.tree.indicators[item.id].column if isinstance(item, Indicator) else item.column
            if head is None or head in heads:
                continue
            heads.add(head)
            number = NumberQuestion(id=item.id, type="number", range=self._range(item))
            yield Asked(name, head, number, None, self._above(item.id) if item.parent is not None else None)

    def _range(self, item: Indicator | Node) -> tuple[float, float]:
        """Where a measured value may lie: between its goalposts, in its range, or on its scale."""
        if isinstance(item, Indicator):
            settings = self.tree.indicators[item.id]
            posts = settings.normalise
            if isinstance(posts, Goalposts) and isinstance(posts.worst, float) and isinstance(posts.best, float):
                return min(posts.worst, posts.best), max(posts.worst, posts.best)
            bounds = settings.range
            if bounds is not None:
                return (float(bounds[0]), float(bounds[1]))
            return _PERCENT
        scale = self.tree.scale(item.id)
        return _PERCENT if scale == "open" else (min(scale), max(scale))

    def _dimension(self, name: str, option: str | None = None) -> int | None:
        for indicator in self.methodology.indicators:
            answer = indicator.answer
            if indicator.parent is None or answer is None or name_of(answer.question, answer.row) != name:
                continue
            if option is None or answer.option == option:
                return self._above(indicator.id)
        return None

    def _above(self, item: str) -> int | None:
        """The position of the dimension that an item is below, or is."""
        while item not in self.dimensions:
            parent = self.tree.items[item].parent
            if parent is None:
                return None
            item = parent
        return self.dimensions.index(item)
