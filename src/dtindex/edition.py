"""Editions: a fitted index, frozen, with what is needed to score with it and to prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dtindex import fitted as fitting
from dtindex.archive import Contents, identity, pack, parameter_lines, score_lines, table_hash, unpack
from dtindex.atomic import write_bytes
from dtindex.findings import Finding, Findings, InputError, Place, UsageError, finding
from dtindex.spec.identity import sha256
from dtindex.spec.model import Methodology
from dtindex.steps.types import Frozen
from dtindex.tables import read_table
from dtindex.tables.given import Values
from dtindex.tables.survey.one import AnswerValue
from dtindex.tables.table import Table
from dtindex.unit import UnitScore, UnitScorer

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.scores import Scores

__all__ = ["Check", "Edition", "Verification", "load_edition"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `verify` looked at."""

    what: str
    holds: bool
    detail: str


@dataclass(frozen=True)
class Verification:
    """What `verify` found: each check, and findings (DT402, DT403, DT406)."""

    checks: tuple[Check, ...]
    findings: Findings = field(default_factory=Findings)

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, eq=False)
class Edition(Contents):
    """A fitted index under a name. Two editions are equal when their hashes are."""

    @classmethod
    def freeze(cls, name: str, fitted: fitting.Fitted, table: Table, *, include_table: bool = True) -> Edition:
        """Freeze what `fit` learned; see :meth:`CompositeIndex.freeze`."""
        stuck = [item for item, kind in fitted.plan.frozen.items() if kind is Frozen.NO]
        if stuck:
            raise InputError(
                [
                    finding("DT405", "the method ranks a set as a whole and cannot be frozen", Place(name=item))
                    for item in stuck
                ]
            )
        return cls(name, fitted, table if include_table else None, table_hash(table))

    @property
    def methodology(self) -> Methodology:
        """The methodology, with its assumption applied."""
        return self.fitted.methodology

    @cached_property
    def hash(self) -> str:
        """Identity of the edition: SHA-256 over methodology, table and parameters to 12 significant digits."""
        return identity(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edition) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        return f"<Edition {self.name!r} of {self.methodology.id}, {self.hash[:12]}>"

    def save(self, path: Path | str) -> Path:
        """Write the edition to ``path``, atomically; the same edition gives the same bytes."""
        return write_bytes(path, pack(self))

    def score(
        self,
        table: Table | pd.DataFrame | str | None = None,
        *,
        ranked_against: Literal["table", "reference"] = "table",
        threads: int = 1,
    ) -> Scores:
        """Score a table with the frozen parameters; without one, the reference table.

        Raises
        ------
        InputError
            DT061 where no table is given and the edition was frozen without its own; findings of reading and scoring.
        """
        if table is None:
            if self.table is None:
                raise InputError([finding("DT061", "the edition was frozen without its table; give one to score")])
            table = self.table
        scored = table if isinstance(table, Table) else read_table(table, self.methodology)
        return fitting.score(self.fitted, scored, ranked_against=ranked_against, threads=threads)

    @cached_property
    def _unit_scorer(self) -> UnitScorer:
        return UnitScorer(self.fitted)

    def score_unit(
        self,
        values: Mapping[str, AnswerValue],
        *,
        unit: str = "",
        period: str | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> UnitScore:
        """Score one unit from raw values by indicator (or node with a column) id and answers by question id.

        What is not named is missing.

        An answer is a number, an option (its id, label or code), a list of options (ticked, or in order of rank), or
        for a matrix a dictionary of these by row; skip rules hold here too.

        ``unit`` and ``period`` matter to index numbers with a base period, ``groups`` (text by column name) to
        imputation
        by group. Shares of all units and growth since the period before cannot be derived from one unit: they are
        missing (DT315).

        Ranks and percentiles are among the reference units: the rank that the unit would take if it were put among
        them.
        """
        return self._unit_scorer(values, unit, period, groups)

    def score_units(
        self,
        values: Mapping[str, Values],
        units: Sequence[str],
        *,
        periods: Sequence[str | None] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        ranked_against: Literal["table", "reference"] = "reference",
    ) -> Scores:
        """Score several units from values, each as :meth:`score_unit` takes it: by name, one of each unit, numbers also
        as arrays.

        The units are a table then: shares of all units are among them, and growth is found where they have periods.
        ``ranked_against`` is as in :meth:`score`.

        Raises
        ------
        UsageError, InputError
            As :meth:`score_unit`. The place of a finding says by its line, from 1, which unit it is.
        """
        scorer = self._unit_scorer
        nameless = next((row for row, period in enumerate(periods or [None] * len(units)) if not period), None)
        if scorer.each_period and nameless is not None:
            message = f"parameters were fitted for each period; name the period, for {scorer.each_period[0]}"
            raise UsageError([finding("DT215", message, Place(line=nameless + 1, name=scorer.each_period[0]))])
        table = scorer.given.table(values, units, periods, groups)
        return fitting.score(self.fitted, table, ranked_against=ranked_against)

    def verify(self) -> Verification:
        """Check every recorded hash, then fit and score anew and compare to 12 significant digits."""
        checks: list[Check] = []
        findings: list[Finding] = []

        def note(what: str, holds: bool, detail: str, code: str) -> None:
            checks.append(Check(what, holds, detail))
            if not holds:
                findings.append(finding(code, f"{what}: {detail}"))

        if self.recorded:
            recorded = str(self.recorded["hash"])
            note(
                "identity",
                identity(self) == recorded,
                f"recorded {recorded[:12]}, contents give {self.hash[:12]}",
                "DT402",
            )
        if self.table is None:
            findings.append(finding("DT406", "frozen without its table: nothing was recomputed"))
            return Verification(tuple(checks), Findings(findings))
        own = table_hash(self.table)
        note("table", own == self.table_hash, f"recorded {self.table_hash[:12]}, rows give {own[:12]}", "DT402")
        again = fitting.fit(self.methodology, self.table, assumptions=self.fitted.assumptions)
        different = parameter_lines(again) != parameter_lines(self.fitted)
        note(
            "parameters",
            not different,
            "fitted anew, " + ("they differ" if different else "equal to 12 digits"),
            "DT403",
        )
        scored = score_lines(fitting.score(again, self.table))
        same = scored == score_lines(self.score())
        if "scores" in self.recorded:
            same = same and sha256("\n".join(scored)) == self.recorded["scores"]
        note(
            "scores",
            same,
            f"{len(scored)} figures scored anew, " + ("equal to 12 digits" if same else "they differ"),
            "DT403",
        )
        return Verification(tuple(checks), Findings(findings))


def load_edition(path: Path | str) -> Edition:
    """Read an edition and check the hash of each of its parts.

    Raises
    ------
    UsageError
        DT103, DT401: no such file, or not an edition; DT404: written by a newer version.
    InputError
        DT402: a part was altered.
    """
    contents = unpack(path)
    return Edition(contents.name, contents.fitted, contents.table, contents.table_hash, contents.recorded)
