"""From the columns of a table to the design that variances are computed by: strata, clusters, populations, weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import listed
from dtindex.analysis.survey.columns import Columns, codes_of
from dtindex.engine.clusters import Clusters, Stage
from dtindex.findings import Finding, Findings, InputError, Place, Severity, finding
from dtindex.scores import Scores
from dtindex.spec.design import Design
from dtindex.steps.types import FloatArray, TextArray

__all__ = ["SampleDesign", "design_of"]

Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class SampleDesign:
    """The respondents that take part, in an order that does not depend on the table's, and how they were drawn."""

    rows: Codes
    """Their positions in the table."""
    weights: FloatArray
    """Design weights ``(respondents,)``."""
    clusters: Clusters
    finite: bool
    """Whether the population at the first stage is known."""
    weighted: bool
    """Whether weights are known at all."""
    left_out: int = 0
    """Rows that take no part: careless respondents, totals, other periods."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def kish(self) -> float:
        """``n sum w^2 / (sum w)^2``: what unequal weights alone cost (Kish 1965), of respondents with a weight."""
        own = self.weights[self.weights > 0]
        return float(len(own) * (own * own).sum() / own.sum() ** 2)


def design_of(scores: Scores, rows: Codes, design: Design, weight: str | None) -> SampleDesign:
    """The design of some ``rows`` of a table.

    Raises
    ------
    InputError
        DT350 to DT353, all of them at once.
    """
    return _Drawn(scores, rows, design, weight).read()


class _Drawn:
    def __init__(self, scores: Scores, rows: Codes, design: Design, weight: str | None) -> None:
        self.scores = scores
        self.rows = rows
        self.design = design
        self.weight = weight
        self.columns = Columns(scores)
        self.findings: list[Finding] = []

    def read(self) -> SampleDesign:
        strata, names = self._strata()
        stages = self._stages(strata, len(names))
        weights = self._weights(stages)
        self._stop()
        clusters = Clusters(tuple(stages), self.design.lonely)
        self._lonely(clusters, names)
        self._stop()
        left_out = len(self.scores) - len(self.rows)
        weighted = self._own_weights() is not None or self.weight is not None or self._has_sizes
        if not weighted and not self.design.columns:
            message = "neither weights nor a design are known: every respondent counts alike, as in a random sample"
            self._say("DT358", f"{message}; totals are those of the respondents")
        return SampleDesign(
            self.rows, weights, clusters, bool((stages[0].fractions > 0).any()), weighted, left_out, self.findings
        )

    @property
    def _has_sizes(self) -> bool:
        return bool(self.design.population or self.design.fractions)

    def _say(self, code: str, message: str, name: str | None = None, severity: Severity | None = None) -> None:
        self.findings.append(finding(code, message, Place(name=name), severity))

    def _stop(self) -> None:
        Findings(self.findings).raise_errors(InputError)

    # --- columns ---

    def _text(self, name: str) -> TextArray | None:
        column = self.columns.text(name)
        if column is None:
            self._missing(name)
            return None
        own = column[self.rows]
        empty = np.flatnonzero(own == "")
        if empty.size:
            self._say("DT352", f"{empty.size:,} respondents have no {name!r}: {self._who(empty)}", name)
        return own

    def _numbers(self, name: str) -> FloatArray | None:
        column = self.columns.numbers(name)
        if column is None:
            self._missing(name)
            return None
        return column[self.rows]

    def _missing(self, name: str) -> None:
        guess = self.columns.nearest(name)
        hint = f"nearest is {guess!r}" if guess else "add it, or change the design"
        self._say("DT350", f"no column {name!r} in the table; {hint}", name)

    def _who(self, positions: Codes) -> str:
        return listed([str(self.scores.units[self.rows[position]]) for position in positions[:20].tolist()])

    # --- stages ---

    def _strata(self) -> tuple[Codes, list[str]]:
        column = None if self.design.strata is None else self._text(self.design.strata)
        return (np.zeros(len(self.rows), dtype=np.intp), [""]) if column is None else codes_of(column)

    def _stages(self, strata: Codes, count: int) -> list[Stage]:
        sizes = self.design.population or self.design.fractions
        number = max(len(self.design.clusters), len(sizes), 1)
        above, parents = strata, count
        factors = np.ones(count)
        stages: list[Stage] = []
        for position in range(number):
            named = position < len(self.design.clusters)
            units, of_units = self._units(self.design.clusters[position] if named else None, above, parents, position)
            fractions = np.zeros(parents)
            if position < len(sizes):
                fractions = self._fractions(sizes[position], above, of_units, parents, bool(self.design.population))
            stages.append(Stage(units, of_units, fractions, factors))
            factors = (factors * fractions)[of_units]
            above, parents = units, len(of_units)
        return stages

    def _units(self, name: str | None, above: Codes, parents: int, position: int) -> tuple[Codes, Codes]:
        """Unit of each respondent at a stage, and what each unit was drawn from."""
        if name is None:  # the respondents themselves
            return np.arange(len(self.rows), dtype=np.intp), above
        column = self._text(name)
        if column is None:
            return np.arange(len(self.rows), dtype=np.intp), above
        codes, words = codes_of(column)
        if position == 0 and not self.design.nest:
            lows, highs = np.full(len(words), parents), np.full(len(words), -1)
            np.minimum.at(lows, codes, above)
            np.maximum.at(highs, codes, above)
            split = np.flatnonzero(lows != highs)
            if split.size:
                named = listed([words[code] for code in split.tolist()])
                message = (
                    f"{split.size:,} clusters of {name!r} lie in several strata of {self.design.strata!r}: {named}"
                )
                self._say("DT352", f"{message}; say `nest: true` if their names begin anew in each stratum", name)
        _, first, units = np.unique(above * len(words) + codes, return_index=True, return_inverse=True)
        return units.astype(np.intp), above[first]

    def _fractions(self, name: str, above: Codes, of_units: Codes, parents: int, sizes: bool) -> FloatArray:
        """Share of each parent's units that was drawn; a population or a share is one for all of a parent."""
        column = self._numbers(name)
        nothing = np.zeros(parents)
        if column is None:
            return nothing
        lacking = np.flatnonzero(np.isnan(column))
        if lacking.size:
            self._say("DT352", f"{lacking.size:,} respondents have no {name!r}: {self._who(lacking)}", name)
            return nothing
        own, lows, highs = np.zeros(parents), np.full(parents, np.inf), np.full(parents, -np.inf)
        own[above] = column
        np.minimum.at(lows, above, column)
        np.maximum.at(highs, above, column)
        if (lows < highs).any():
            kind = "stratum" if parents == 1 or name == (self.design.population or self.design.fractions)[0] else "unit"
            example = np.flatnonzero(lows < highs)[0]
            message = f"{name!r} is not one number within a {kind}: {lows[example]:g} and {highs[example]:g}"
            self._say("DT352", message, name)
            return nothing
        sampled = np.bincount(of_units, minlength=parents)
        with np.errstate(divide="ignore", invalid="ignore"):
            fractions = sampled / own if sizes else own
        wrong = np.flatnonzero(~((fractions > 0) & (fractions <= 1 + 1e-12)))
        if wrong.size:
            example = wrong[0]
            what = f"{own[example]:g}, and {sampled[example]:,} were drawn of it" if sizes else f"{own[example]:g}"
            expected = "at least as many as were drawn" if sizes else "a share above 0, up to 1"
            self._say("DT352", f"{name!r} is {what}: expected {expected}", name)
            return nothing
        return np.minimum(fractions, 1.0)

    def _lonely(self, clusters: Clusters, names: Sequence[str]) -> None:
        """DT353 for strata with one PSU, and for units with one unit of the next stage; what was done about it else."""
        if not self.design.columns:
            return
        for position, stage in enumerate(clusters.stages):
            single = np.flatnonzero((stage.sampled == 1) & (stage.fractions < 1) & (stage.factors > 0))
            if not single.size:
                continue
            many = single.size > 1
            if position:
                what = f"{single.size:,} units of stage {position} with a single unit of stage {position + 1}"
            else:
                named = f": {listed([names[code] for code in single.tolist()])}" if self.design.strata else ""
                what = f"{single.size:,} strat{'a' if many else 'um'} with a single PSU{named}"
            if self.design.lonely == "fail":
                self._say("DT353", f"{what}; merge, or say `lonely: certainty`, `adjust` or `average`")
            else:
                adds = {
                    "certainty": "nothing to the variance",
                    "adjust": "their squared total",
                    "average": "the mean of the other strata",
                }[self.design.lonely]
                self._say("DT353", f"{what}: by `lonely: {self.design.lonely}` adds {adds}", None, Severity.NOTE)

    # --- weights ---

    def _own_weights(self) -> FloatArray | None:
        return self.scores.table.weights

    def _weights(self, stages: Sequence[Stage]) -> FloatArray:
        """Of the column that is named, else of the table, else what the populations say, else 1."""
        weights: FloatArray | None
        if self.weight is not None:
            weights = self._numbers(self.weight)
            if weights is None:
                return np.ones(len(self.rows))
        else:
            own = self._own_weights()
            weights = None if own is None else own[self.rows]
        if weights is None:
            return self._by_populations(stages)
        for which, what in ((np.isnan(weights), "no weight"), (weights < 0, "a negative weight")):
            found = np.flatnonzero(which)
            if found.size:
                self._say("DT351", f"{found.size:,} respondents with {what}: {self._who(found)}", self.weight)
        if len(weights) and not (weights > 0).any():
            self._say("DT351", "all weights are zero", self.weight)
        zero = int((weights == 0).sum())
        if zero and (weights > 0).any():
            message = f"{zero:,} respondents with a weight of 0 stay in the design and count in no estimate"
            self._say("DT351", message, self.weight, Severity.WARNING)
        return weights

    def _by_populations(self, stages: Sequence[Stage]) -> FloatArray:
        weights = np.ones(len(self.rows))
        for stage in stages:
            drawn = stage.fractions[stage.parents[stage.units]]
            weights = weights / np.where(drawn > 0, drawn, 1.0)
        return weights
