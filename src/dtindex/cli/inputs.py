"""What a verb works on: a methodology or an edition, a table, and the scores of one by the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dtindex.cli.options import TableSource
from dtindex.cli.remarks import merged
from dtindex.findings import Findings, InputError, UsageError, finding

if TYPE_CHECKING:
    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.scores import Scores
    from dtindex.spec.model import Methodology
    from dtindex.tables.table import Table

__all__ = [
    "Indexed",
    "RankedAgainst",
    "Scored",
    "Subject",
    "fitted",
    "freed",
    "indexed",
    "is_edition",
    "load_subject",
    "read",
    "refuse_assumption",
    "scored",
]

RankedAgainst = Literal["table", "reference"]


@dataclass(frozen=True)
class Subject:
    """A methodology; or an edition, with the methodology that it freezes."""

    methodology: Methodology
    edition: Edition | None = None

    @property
    def edition_named(self) -> dict[str, str] | None:
        """Name and hash of the edition, as documents hold them."""
        return None if self.edition is None else {"name": self.edition.name, "hash": self.edition.hash}


@dataclass(frozen=True)
class Scored:
    """Scores, what they were made by, and all that was found on the way."""

    subject: Subject
    scores: Scores
    findings: Findings


def is_edition(name: str) -> bool:
    """Whether a name is that of an edition's file."""
    return name.casefold().endswith(".dtindex")


def load_subject(name: str) -> Subject:
    """The methodology of an id or a path, or the edition of a path."""
    if is_edition(name):
        from dtindex.edition import load_edition

        edition = load_edition(name)
        return Subject(edition.methodology, edition)
    from dtindex.spec import load_methodology

    return Subject(load_methodology(name))


def read(methodology: Methodology, source: TableSource) -> tuple[Table | None, Findings]:
    """The table of a path, or the methodology's own, with what was found; None where a finding is an error."""
    from dtindex.tables.read import check_table

    return check_table(source.path, methodology, layout=source.layout.literal, **source.arguments())


def fitted(
    methodology: Methodology, source: TableSource, assume: str | None = None, threads: int = 1
) -> CompositeIndex:
    """The index fitted on a table.

    What is unpublished is said before the table is opened: nothing in the table could help.
    """
    from dtindex.index import CompositeIndex
    from dtindex.spec.assume import apply_assumption, unpublished

    wanted = methodology if assume is None else apply_assumption(methodology, assume)[0]
    unpublished(wanted).raise_errors()
    table = _whole(methodology, source)
    return CompositeIndex(methodology, assume=assume, threads=threads).fit(table)


def _whole(methodology: Methodology, source: TableSource) -> Table:
    table, findings = read(methodology, source)
    if table is None:
        raise InputError(findings)
    return table


def refuse_assumption(assume: str | None) -> None:
    """An edition has its assumption inside.

    Raises
    ------
    UsageError
        DT902 where another one is named.
    """
    if assume is not None:
        message = "an edition is frozen with its assumption; --assume belongs to `dtindex freeze`"
        raise UsageError([finding("DT902", message)])


@dataclass(frozen=True)
class Indexed:
    """A fitted index or an edition, and the table that it is asked of; None for its own."""

    subject: Subject
    index: CompositeIndex | Edition
    table: Table | None
    findings: Findings
    """What was found on the way."""

    def scored(self, scores: Scores, *findings: Findings) -> Scored:
        """The scores that came of it, with everything that was found."""
        return Scored(self.subject, scores, merged(self.findings, scores.findings, *findings))


def indexed(name: str, source: TableSource, *, assume: str | None = None, threads: int = 1) -> Indexed:
    """A methodology fitted on a table, or an edition and the table to be scored."""
    subject = load_subject(name)
    if subject.edition is not None:
        refuse_assumption(assume)
        table = None if source.path is None else _whole(subject.methodology, source)
        return Indexed(subject, subject.edition, table, subject.methodology.findings)
    index = fitted(subject.methodology, source, assume, threads)
    found = merged(index.methodology_.findings, index.fitted_.findings)
    return Indexed(Subject(index.methodology_), index, None, found)


def freed(name: str, source: TableSource, *, assume: str | None = None) -> Indexed:
    """As :func:`indexed`, for what needs no unpublished weight: an index that has some is not fitted."""
    from dtindex.spec.assume import with_any_weights

    subject = load_subject(name)
    if subject.edition is not None or assume is not None or not with_any_weights(subject.methodology)[1]:
        return indexed(name, source, assume=assume)
    from dtindex.index import CompositeIndex

    table = _whole(subject.methodology, source)
    return Indexed(subject, CompositeIndex(subject.methodology), table, subject.methodology.findings)


def scored(
    name: str,
    source: TableSource,
    *,
    assume: str | None = None,
    ranked_against: RankedAgainst = "table",
    threads: int = 1,
) -> Scored:
    """Scores of a table by a methodology, which is fitted on it, or by an edition."""
    subject = load_subject(name)
    if subject.edition is not None:
        refuse_assumption(assume)
        table = None if source.path is None else _whole(subject.methodology, source)
        scores = subject.edition.score(table, ranked_against=ranked_against, threads=threads)
        return Scored(subject, scores, merged(subject.methodology.findings, scores.findings))
    index = fitted(subject.methodology, source, assume, threads)
    scores = index.score(ranked_against=ranked_against)
    found = merged(index.methodology_.findings, index.fitted_.findings, scores.findings)
    return Scored(Subject(index.methodology_), scores, found)
