"""Multiple imputation by chained equations with predictive mean matching; learned, then frozen."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.one_thread import one_blas_thread
from dtindex.spec.methods import ImputeMice
from dtindex.steps.impute.base import FromOthers
from dtindex.steps.types import FloatArray, State, TextArray

__all__ = ["Chained", "Keys", "keys_of"]

Keys = NDArray[np.uint64]
_BLOCK = 100_000


class Chained(FromOthers[ImputeMice]):
    """An observed score of one of the `donors` units of the nearest expected score, ``|x_i b* - x_k b|``; of M tables.

    Each indicator under the node is regressed in turn on all others, `cycles` times, for each of the M tables on its
    own: ``A = X'X + r diag X'X``, ``b = A^-1 X'y``, ``s*^2 = RSS / chi^2(n - p)``, ``b* = b + s* chol(A^-1) z``. What
    the last cycle found is frozen, and every unit, of the reference or later, is filled by `cycles` cycles of it.
    What is drawn for a unit depends on its key, the seed and the table, and on no other unit that is scored beside
    it. The index takes the mean over the M tables; `table` is one of them, and `imputation: true` simulates with all.
    """

    method = "mice"
    needs_keys = True
    reference = "van Buuren & Groothuis-Oudshoorn (2011), doi:10.18637/jss.v045.i03; Little (1988), doi:10.2307/1391878"

    @property
    def tables(self) -> tuple[int, ...]:
        """Numbers of the tables that are completed, from 1."""
        return tuple(range(1, self.spec.tables + 1)) if self.spec.table is None else (self.spec.table,)

    def learn(self, scores: FloatArray, keys: Keys) -> State:
        """From reference scores ``(rows, indicators)``; nothing where fewer than two indicators have two figures."""
        known = (~np.isnan(scores)).sum(axis=0)
        used = np.flatnonzero(known >= 2)
        if used.size < 2:
            return {}
        # In the order of keys, so that none of the table's matters.
        rows = np.argsort(keys, kind="stable")
        values = scores[np.ix_(rows, used)]
        values = values[~np.isnan(values).all(axis=1)]
        mean = np.nanmean(values, axis=0)
        spread = np.nanstd(values, axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        with one_blas_thread():  # else the number of threads would show in the last bits
            chains = [self._chain((values - mean) / spread, number) for number in self.tables]
        return {
            "used": used.astype(np.float64),
            "mean": mean,
            "spread": spread,
            "counts": known[used].astype(np.float64),
            "slopes": np.concatenate([slopes.ravel() for slopes, _ in chains]),
            "expected": np.concatenate([pair[0] for _, donors in chains for pair in donors]),
            "donors": np.concatenate([pair[1] for _, donors in chains for pair in donors]),
        }

    def _chain(self, values: FloatArray, number: int) -> tuple[FloatArray, list[tuple[FloatArray, FloatArray]]]:
        """Drawn slopes ``(m, m)``, the intercept first; of each column what was expected of its donors, and they."""
        rng = np.random.default_rng(np.random.SeedSequence(self.spec.seed, spawn_key=(number,)))
        known = ~np.isnan(values)
        width = values.shape[1]
        full = values.copy()
        gaps: list[int] = np.flatnonzero(~known.all(axis=0)).tolist()
        for column in gaps:
            own = known[:, column]
            full[~own, column] = rng.choice(values[own, column], size=int((~own).sum()))
        for _ in range(self.spec.cycles):
            for column in gaps:
                own = known[:, column]
                slopes, expected, donors = self._regressed(full, values, own, column, rng)
                others = np.delete(full[~own], column, axis=1)
                uniforms = rng.random(int((~own).sum()))
                full[~own, column] = _matched(_expected(others, slopes), expected, donors, self.spec.donors, uniforms)
        found = [self._regressed(full, values, known[:, column], column, rng) for column in range(width)]
        return np.array([slopes for slopes, _, _ in found]), [(expected, donors) for _, expected, donors in found]

    def _regressed(
        self, full: FloatArray, values: FloatArray, own: NDArray[np.bool_], column: int, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Drawn slopes, and what is expected of each unit that has the indicator, beside what it has, in that order."""
        others = np.delete(full[own], column, axis=1)
        design = np.column_stack([np.ones(len(others)), others])
        y = values[own, column]
        cross = design.T @ design
        diagonal = np.diag(cross)
        cross = cross + np.diag(self.spec.ridge * np.where(diagonal > 0, diagonal, 1.0))
        slopes = np.linalg.solve(cross, design.T @ y)
        expected = _expected(others, slopes)
        freedom = max(len(y) - design.shape[1], 1)
        sigma = np.sqrt(((y - expected) ** 2).sum() / rng.chisquare(freedom))
        factor = np.linalg.cholesky(cross)
        drawn = slopes + sigma * np.linalg.solve(factor.T, rng.standard_normal(design.shape[1]))
        order = np.lexsort((y, expected))
        return drawn, expected[order], y[order]

    def found(self, scores: FloatArray, keys: Keys, state: State) -> FloatArray:
        """Scores ``(rows, indicators)``, gaps filled by the mean over the tables; left where nothing is learned."""
        found = scores.copy()
        if not state:
            return found
        used = state["used"].astype(np.intp)
        for start in range(0, len(scores), _BLOCK):
            rows = slice(start, start + _BLOCK)
            values = (scores[rows][:, used] - state["mean"]) / state["spread"]
            total = np.zeros(values.shape)
            for position, number in enumerate(self.tables):
                total = total + self._filled(values, keys[rows], state, position, number)
            completed = total / len(self.tables) * state["spread"] + state["mean"]
            gaps = np.isnan(values)
            part = found[rows]
            part[:, used] = np.where(gaps, completed, part[:, used])
            found[rows] = part
        return found

    def _filled(self, values: FloatArray, keys: Keys, state: State, position: int, number: int) -> FloatArray:
        """One completed table."""
        width = values.shape[1]
        slopes = state["slopes"].reshape(-1, width, width)[position]
        each = len(state["donors"]) // len(self.tables)
        expected = state["expected"][position * each : (position + 1) * each]
        donors = state["donors"][position * each : (position + 1) * each]
        ends = np.cumsum(state["counts"].astype(np.intp))
        full = values.copy()
        gaps = np.isnan(values)
        columns = [column for column in range(width) if gaps[:, column].any()]
        for cycle in range(self.spec.cycles + 1):
            for column in columns:
                own = gaps[:, column]
                at = slice(ends[column] - int(state["counts"][column]), ends[column])
                uniforms = _uniforms(keys[own], self.spec.seed, number, cycle, column)
                if cycle == 0:
                    full[own, column] = donors[at][(uniforms * (at.stop - at.start)).astype(np.intp)]
                    continue
                wanted = _expected(np.delete(full[own], column, axis=1), slopes[column])
                full[own, column] = _matched(wanted, expected[at], donors[at], self.spec.donors, uniforms)
        return full


def _expected(others: FloatArray, slopes: FloatArray) -> FloatArray:
    """``b_0 + sum_k b_k x_k`` of each row, added column by column, so that no row depends on those beside it."""
    total = np.full(len(others), slopes[0])
    for column in range(others.shape[1]):
        total = total + slopes[1 + column] * others[:, column]
    return total


def _matched(
    wanted: FloatArray, expected: FloatArray, donors: FloatArray, count: int, uniforms: FloatArray
) -> FloatArray:
    """For each of ``wanted`` ``(r,)`` one of the ``count`` donors of the nearest ``expected``, which ascends.

    Those as near as the last of them have the same chance, so that no order of equals matters.
    """
    count = min(count, len(expected))
    at = np.searchsorted(expected, wanted)
    first = np.clip(at - count, 0, max(len(expected) - 2 * count, 0))
    window = first[:, None] + np.arange(min(2 * count, len(expected)))[None, :]
    apart = np.abs(expected[window] - wanted[:, None])
    furthest = np.partition(apart, count - 1, axis=1)[:, count - 1]
    near = apart <= furthest[:, None]
    rows = np.arange(len(wanted))
    low = np.searchsorted(expected, expected[window[rows, near.argmax(axis=1)]], side="left")
    last = near.shape[1] - 1 - near[:, ::-1].argmax(axis=1)
    high = np.searchsorted(expected, expected[window[rows, last]], side="right")
    found: FloatArray = donors[np.minimum(low + (uniforms * (high - low)).astype(np.intp), high - 1)]
    return found


def keys_of(units: TextArray, periods: TextArray | None) -> Keys:
    """A number for each unit, or unit and period."""
    texts = units if periods is None else [f"{unit}\0{period}" for unit, period in zip(units, periods, strict=True)]
    digests = [blake2b(str(text).encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _uniforms(keys: Keys, *of: int) -> FloatArray:
    """Numbers in [0, 1) that keys and whole numbers determine, by the mixing function of SplitMix64."""
    found = keys
    for number in of:
        found = _mixed(found + np.uint64((number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64))
    return (found >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(found: Keys) -> Keys:
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))
