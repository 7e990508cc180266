"""Weights brought into line with what is known of the population; what stands in the way is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import listed
from dtindex.analysis.survey.columns import Columns, codes_of
from dtindex.engine.calibration import NotMet, calibrated, indicators, post_stratified, raked, regression_residuals
from dtindex.engine.groups import group_sums
from dtindex.findings import Finding, Findings, InputError, Place, Severity, finding
from dtindex.scores import Scores
from dtindex.spec.design import Calibrate, Logit, PostStratify, Rake
from dtindex.steps.types import FloatArray, TextArray

__all__ = ["Calibration", "calibration_of"]

Codes = NDArray[np.intp]
_AGREE = 1e-9


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibrated weights ``(respondents,)`` and how they come about, so that replicates can do it again."""

    weights: FloatArray
    design_weights: FloatArray
    auxiliary: FloatArray
    """What the totals are of ``(respondents, totals)``."""
    again: Callable[[FloatArray], FloatArray]
    """From other design weights to their calibrated ones; raises NotMet."""
    findings: tuple[Finding, ...] = ()

    def residuals(self, influences: FloatArray) -> FloatArray:
        """What the auxiliaries do not explain of influences ``(respondents, columns)``, by design weights."""
        return regression_residuals(influences, self.auxiliary, self.design_weights)


def calibration_of(scores: Scores, rows: Codes, weights: FloatArray, calibrate: Calibrate) -> Calibration:
    """Calibrate the design ``weights`` of some ``rows`` of a table.

    Raises
    ------
    InputError
        DT350 for columns that are not there; DT356 for totals that cannot be met, each with what stands in the way.
    """
    return _Totals(scores, rows, weights, calibrate).calibration()


class _Totals:
    def __init__(self, scores: Scores, rows: Codes, weights: FloatArray, calibrate: Calibrate) -> None:
        self.columns = Columns(scores)
        self.rows = rows
        self.weights = weights
        self.calibrate = calibrate
        self.findings: list[Finding] = []

    def calibration(self) -> Calibration:
        margins = [self._margin(name, totals) for name, totals in self.calibrate.margins.items()]
        numbers = [self._number(name) for name in getattr(self.calibrate, "numbers", {})]
        self._sizes()
        Findings(self.findings).raise_errors(InputError)
        known = [margin for margin in margins if margin is not None]
        auxiliary, totals = self._matrix(known, [column for column in numbers if column is not None])
        again = self._method(known, auxiliary, totals)
        try:
            found = again(self.weights)
        except NotMet as error:
            raise InputError([self._not_met(error)]) from error
        negative = int((found < 0).sum())
        if negative:
            message = f"{negative:,} calibrated weights are negative; `multiplicative` or `logit` have none"
            self._say(message, severity=Severity.WARNING)
        return Calibration(found, self.weights, auxiliary, again, tuple(self.findings))

    def _say(
        self, message: str, name: str | None = None, code: str = "DT356", severity: Severity | None = None
    ) -> None:
        self.findings.append(finding(code, message, Place(name=name), severity))

    # --- what is known of the population ---

    def _margin(self, name: str, totals: dict[str, float]) -> tuple[Codes, FloatArray] | None:
        texts = self._texts(name)
        if texts is None:
            return None
        codes, words = codes_of(texts)
        unknown = [word for word in words if word not in totals]
        if unknown:
            which = codes[:, None] == [words.index(word) for word in unknown]
            count = int(which.any(axis=1).sum())
            said = listed([word or "(empty)" for word in unknown])
            self._say(f"{count:,} respondents are in categories of {name!r} without a total: {said}", name)
        sums = dict(zip(words, group_sums(codes, self.weights, len(words)).tolist(), strict=True))
        absent = [category for category in totals if sums.get(category, 0.0) <= 0]
        if absent:
            self._say(f"no respondent with a weight in {listed(absent)} of {name!r}: merge categories", name)
        if unknown or absent:
            return None
        positions = {category: position for position, category in enumerate(totals)}
        renumbered = np.array([positions[word] for word in words], dtype=np.intp)
        return renumbered[codes], np.array(list(totals.values()))

    def _texts(self, name: str) -> TextArray | None:
        column = self.columns.text(name)
        if column is None and ":" in name:
            parts = [self._texts(part) for part in name.split(":")]
            if any(part is None for part in parts):
                return None
            crossed = np.empty(len(self.rows), dtype=object)
            crossed[:] = [":".join(cells) for cells in zip(*(part for part in parts if part is not None), strict=True)]
            return crossed
        if column is None:
            guess = self.columns.nearest(name)
            hint = f"nearest is {guess!r}" if guess else "add it"
            self._say(f"no column {name!r} in the table to calibrate by; {hint}", name, "DT350")
            return None
        return column[self.rows]

    def _number(self, name: str) -> FloatArray | None:
        column = self.columns.numbers(name)
        if column is None:
            guess = self.columns.nearest(name)
            hint = f"nearest is {guess!r}" if guess else "add it"
            self._say(f"no column {name!r} in the table to calibrate by; {hint}", name, "DT350")
            return None
        own = column[self.rows]
        lacking = int(np.isnan(own).sum())
        if lacking:
            self._say(f"{lacking:,} respondents have no number in {name!r}, whose total is to be met", name)
            return None
        return own

    def _sizes(self) -> None:
        """Margins are all of one population."""
        sizes = {name: math.fsum(totals.values()) for name, totals in self.calibrate.margins.items()}
        size = getattr(self.calibrate, "size", None)
        if size is not None:
            sizes["size"] = size
        if sizes and max(sizes.values()) - min(sizes.values()) > _AGREE * max(sizes.values()):
            said = ", ".join(f"{name} {size:,.12g}" for name, size in sizes.items())
            self._say(f"totals contradict each other, since populations differ: {said}")

    def _matrix(
        self, margins: list[tuple[Codes, FloatArray]], numbers: list[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        columns = [indicators(codes, len(totals)) for codes, totals in margins]
        wanted = [totals for _, totals in margins]
        size = getattr(self.calibrate, "size", None)
        if size is not None:
            columns.append(np.ones((len(self.rows), 1)))
            wanted.append(np.array([size]))
        columns += [column[:, None] for column in numbers]
        wanted.append(np.array(list(getattr(self.calibrate, "numbers", {}).values()), dtype=np.float64))
        return np.concatenate(columns, axis=1), np.concatenate(wanted)

    def _method(
        self, margins: list[tuple[Codes, FloatArray]], auxiliary: FloatArray, totals: FloatArray
    ) -> Callable[[FloatArray], FloatArray]:
        calibrate = self.calibrate
        if isinstance(calibrate, PostStratify):
            codes, cells = margins[0]
            return lambda weights: post_stratified(weights, codes, cells)
        if isinstance(calibrate, Rake):
            tolerance = calibrate.tolerance
            return lambda weights: raked(weights, margins, tolerance)
        bounds = calibrate.bounds if isinstance(calibrate, Logit) else None
        method = calibrate.method
        return lambda weights: weights * calibrated(weights, auxiliary, totals, bounds, method)

    def _not_met(self, error: NotMet) -> Finding:
        names = [f"{name}: {category}" for name, totals in self.calibrate.margins.items() for category in totals]
        names += ["size"] if getattr(self.calibrate, "size", None) is not None else []
        names += list(getattr(self.calibrate, "numbers", {}))
        furthest = np.argsort(-error.distances, kind="stable")[:3].tolist()
        said = ", ".join(f"{names[one]} by {error.distances[one]:.3g} of it" for one in furthest if one < len(names))
        hint = "widen `bounds`" if isinstance(self.calibrate, Logit) else "correct the totals, or merge categories"
        return finding("DT356", f"`{self.calibrate.method}` does not reach the totals ({said}): {hint}")
