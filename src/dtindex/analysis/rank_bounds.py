"""What holds of a ranking whatever the weights: exact bounds of ranks, certain orders, the distance to others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.bounds.extreme_ranks import Answer, Extremes, Search, ordered_for_certain
from dtindex.analysis.bounds.free import Freedom, freedom_of
from dtindex.analysis.bounds.linear import Linear
from dtindex.analysis.bounds.sets import likely
from dtindex.analysis.bounds.stability import crossings, stable_interval
from dtindex.analysis.parts import packed, shared_out, unpacked
from dtindex.analysis.plain import plain, records
from dtindex.analysis.simulate import Simulation, simulate
from dtindex.analysis.uncertainty.factors import described
from dtindex.analysis.uncertainty.running import Progress
from dtindex.engine.halfspace import expected_ranks
from dtindex.findings import Finding, Findings, InputError, LimitError, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.spec.uncertainty import Factor
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.spec.model import Methodology
    from dtindex.tables.table import Table

__all__ = ["RankBounds", "RankBoundsParts", "rank_bounds", "rank_bounds_parts"]

_MOST_UNITS = 5_000
_SEARCHED = 300
"""Units up to which programmes are solved unless it is said."""
_EFFORT = 200
_RUNS = 10_000
_TIE = 1e-12
_NAMED = 10
_LEAST_PROGRAMMES, _MOST_PARTS = 4, 64


@dataclass(frozen=True, eq=False, repr=False)
class RankBounds:
    """What no weights can do to a ranking; frames are made when they are asked for."""

    scores: Scores
    """The index as it stands; with unpublished weights no score of it stands for anything (``known`` is False)."""
    node: str
    period: str | None
    units: TextArray
    """Keys of the units that are ranked ``(n,)``, in the order of files."""
    names: TextArray
    known: bool
    """Whether the weights are published or assumed, so that there are ranks and scores to set beside the bounds."""
    factors: tuple[Factor, ...]
    """Which weights are free, and how far."""
    held: tuple[str, ...]
    """Nodes whose weights are free and were held where they are: they lie below another form of mean."""
    chance: str
    """How the chances of pairs were worked out: recursion, characteristic function, count; '' where they were not."""
    simulation: Simulation | None
    findings: Findings
    _freedom: Freedom = field(repr=False, kw_only=True)
    _pairs: FloatArray = field(repr=False, kw_only=True)
    _extremes: Extremes = field(repr=False, kw_only=True)
    _likely: FloatArray | None = field(repr=False, kw_only=True)

    def __repr__(self) -> str:
        return f"<RankBounds of {self.scores.methodology.id}, {self.node}: {len(self.units)} units>"

    @cached_property
    def bounds(self) -> pd.DataFrame:
        """By unit: name, rank, score, best, worst, best_attained, worst_attained, low, high, expected, radius.

        ``best`` and ``worst`` hold for all admissible weights; attained means that weights are known that give them.
        ``low`` and ``high`` are the ends of the score. ``expected`` is the mean rank under the law of the weights.
        ``radius`` is the largest share ``e`` of other weights that can be mixed in, ``(1 - e) w + e v`` with any
        admissible ``v``, before the unit may change places with anybody (contamination; before rounding). With a
        simulation also ``least`` and ``most``, which it observed.
        """
        import pandas as pd

        found, freedom = self._extremes, self._freedom
        columns: dict[str, Any] = {"name": self.names}
        if self.known:
            columns |= {"rank": freedom.study.reference_ranks, "score": freedom.study.reference_scores}
        columns |= {
            "best": found.best,
            "worst": found.worst,
            "best_attained": found.best_seen == found.best,
            "worst_attained": found.worst_seen == found.worst,
            "low": freedom.ends[0],
            "high": freedom.ends[1],
        }
        if self._likely is not None:
            columns["expected"] = expected_ranks(self._likely)
        if self.known:
            columns["radius"] = self.radii.min(axis=1)
        if self.simulation is not None:
            observed = self.simulation.rank_intervals
            columns |= {name: observed[name].to_numpy() for name in ("least", "most")}
        return pd.DataFrame(columns, index=self._index)

    def first(self, k: int) -> pd.DataFrame:
        """By unit: whether it is among the first ``k`` with all admissible weights (``certain``), or with some
        (``possible``, of which weights are known where ``attained``).
        """
        import pandas as pd

        if not 1 <= k <= len(self.units) or k != int(k):
            raise UsageError([finding("DT902", f"k = {k}: expected 1 to {len(self.units)}, the number of units")])
        found = self._extremes
        columns = {
            "name": self.names,
            "certain": found.worst <= k,
            "possible": found.best <= k,
            "attained": found.best_seen <= k,
        }
        return pd.DataFrame(columns, index=self._index)

    @cached_property
    def ahead(self) -> NDArray[np.bool_]:
        """``A[a, b]`` ``(n, n)``: whether ``a`` ranks before ``b`` with all admissible weights (dominance)."""
        return ordered_for_certain(self._pairs, self._linear.spread, self._freedom.step, self._freedom.slack)

    @cached_property
    def dominance(self) -> pd.DataFrame:
        """:attr:`ahead` as a frame, units by units."""
        import pandas as pd

        return pd.DataFrame(self.ahead, index=self._index, columns=self.units)

    @cached_property
    def edges(self) -> list[tuple[int, int]]:
        """Dominance without what follows from it: pairs of positions between which no third unit lies (Hasse)."""
        ahead = self.ahead
        between = (ahead.astype(np.float32) @ ahead.astype(np.float32)) > 0
        return [(int(a), int(b)) for a, b in zip(*np.nonzero(ahead & ~between), strict=True)]

    @cached_property
    def pairwise(self) -> pd.DataFrame | None:
        """``P(row beats column)`` under the law of the weights, ties counted half; None where no exact way is known."""
        import pandas as pd

        return None if self._likely is None else pd.DataFrame(self._likely, index=self._index, columns=self.units)

    @cached_property
    def radii(self) -> FloatArray:
        """``r[a, b]`` ``(n, n)``: the share of other weights up to which the order of the two cannot change.

        ``r = A / (A - B)`` with ``A`` the difference at the index's own weights and ``B`` its least; 1 where that is
        not negative, 0 where ``A`` is none. Foster, McGillivray & Seth (2013), doi:10.1080/07474938.2012.690647.
        """
        linear, tie = self._linear, _TIE * self._linear.spread
        own = linear.tree.effective(self._freedom.nominal)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            low, high = linear.low @ own, linear.high @ own
            leads = low[:, None] - high[None, :]  # a ahead of b at the least
            least = -self._pairs.T
            shares = np.where(least >= -tie, 1.0, leads / (leads - least))
        found = np.where(leads > tie, shares, np.where(tie < leads.T, shares.T, 0.0))
        alike = (np.abs(self._pairs) <= tie) & (np.abs(self._pairs.T) <= tie)
        found[alike] = 1.0  # level whatever the weights
        np.fill_diagonal(found, 1.0)
        return np.clip(found, 0.0, 1.0)

    @cached_property
    def stability(self) -> pd.DataFrame:
        """By node and member: weight, and the interval low to high in which it can be, the others in proportion,
        before any two units change places, with who does at each end; likewise first_low to first_high before
        the first is no longer first. Before rounding; units with missing values below the node take no part.
        """
        import pandas as pd

        columns = ["node", "member", "weight", "low", "high", "at_low", "at_high", "first_low", "first_high"]
        if not self.known:
            return pd.DataFrame(columns=columns)
        tie = _TIE * self._linear.spread
        rows = []
        for node, member, weight in self._weights:
            without, alone = self._lines(node, member)
            if np.isnan(without).all():  # everybody lacks a value below the node
                continue
            whole = stable_interval(without, alone, weight, tie)
            leader = int(np.nanargmax((1.0 - weight) * without + weight * alone))
            first = stable_interval(without, alone, weight, tie, leader)
            pairs = [self._pair(one) for one in (whole.at_low, whole.at_high)]
            rows.append((node, member, weight, whole.low, whole.high, *pairs, first.low, first.high))
        return pd.DataFrame(rows, columns=columns)

    def crossings(self, member: str, node: str | None = None) -> pd.DataFrame:
        """All points at which two units change places as one weight goes from 0 to 1: weight, one, other.

        Raises
        ------
        UsageError
            DT024 where no such member has a free weight.
        """
        import pandas as pd

        known = [(own, name) for own, name, _ in self._weights if node in (None, own)]
        found = next(((own, name) for own, name in known if name == member), None)
        if found is None:
            near = nearest(member, [name for _, name in known])
            hint = f"; nearest is {near!r}" if near else ""
            raise UsageError([finding("DT024", f"no weight of {member!r} is free{hint}")])
        first, second, points = crossings(*self._lines(*found), _TIE * self._linear.spread)
        return pd.DataFrame({"weight": points, "one": self.units[first], "other": self.units[second]})

    @cached_property
    def witnesses(self) -> pd.DataFrame:
        """Weights at which each unit has its best and its worst rank: unit, extreme, rank, node, member, weight.

        The rank is that of the index scored with these weights.
        """
        import pandas as pd

        found, rows = self._extremes, []
        for unit in range(len(self.units)):
            for extreme, rank, weights in (
                ("best", found.best_seen[unit], found.best_at[unit]),
                ("worst", found.worst_seen[unit], found.worst_at[unit]),
            ):
                rows += [
                    (self.units[unit], extreme, int(rank), node, member, float(weight))
                    for node, members in self._freedom.members.items()
                    if node in weights
                    for member, weight in zip(members, weights[node], strict=True)
                ]
        return pd.DataFrame(rows, columns=["unit", "extreme", "rank", "node", "member", "weight"])

    @cached_property
    def tiers(self) -> pd.DataFrame | None:
        """By unit: the tiers that it can be in, from the best, and whether there is one only; None without tiers."""
        import pandas as pd

        possible = self._freedom.tiers
        if possible is None:
            return None
        columns = {
            "name": self.names,
            "certain": [len(own) == 1 for own in possible],
            "possible": [" ".join(own) for own in possible],
        }
        return pd.DataFrame(columns, index=self._index)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything by name, as `dtindex rank-bounds -o` writes it; what is not there is left out."""
        found = {
            "rank_bounds": self.bounds,
            "dominance": self.dominance,
            "witnesses": self.witnesses.set_index("unit"),
            "stability": self.stability.set_index("node") if len(self.stability) else None,
            "pairwise": self.pairwise,
            "tier_bounds": self.tiers,
        }
        return {name: frame for name, frame in found.items() if frame is not None}

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what is not there; pairs as edges."""
        methodology = self.scores.methodology
        tiers = self.tiers
        return {
            "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
            "assumptions": list(self.scores.assumptions),
            "synthetic": self.scores.synthetic,
            "node": self.node,
            "period": self.period,
            "known": self.known,
            "weights": [{"id": factor.id, "what": described(factor)} for factor in self.factors],
            "held": list(self.held),
            "bounds": records(self.bounds.reset_index()),
            "certain_pairs": int(self.ahead.sum()),
            "pairs": len(self.units) * (len(self.units) - 1) // 2,
            "dominance": [[str(self.units[a]), str(self.units[b])] for a, b in self.edges],
            "chance": self.chance or None,
            "stability": records(self.stability),
            "witnesses": records(self.witnesses),
            "tiers": None if tiers is None else records(tiers.reset_index()),
            "simulation": None
            if self.simulation is None
            else {"runs": self.simulation.runs, "seed": self.simulation.seed},
            "mean_radius": plain(float(self.radii.min(axis=1).mean())) if self.known else None,
            "findings": [one.to_dict() for one in self.findings],
        }

    @property
    def _linear(self) -> Linear:
        return self._freedom.linear

    @cached_property
    def _index(self) -> pd.Index[Any]:
        import pandas as pd

        return pd.Index(self.units, name="unit")

    @property
    def _weights(self) -> list[tuple[str, str, float]]:
        """Node, member and own weight of all weights that are free and not held."""
        freedom = self._freedom
        return [
            (node, member, float(weight))
            for node, members in freedom.members.items()
            if node not in self.held
            for member, weight in zip(members, freedom.nominal[node], strict=True)
        ]

    def _lines(self, node: str, member: str) -> tuple[FloatArray, FloatArray]:
        """Sums ``(n,)`` without a weight and with it alone; NaN for units with gaps."""
        return self._freedom.lines(node, self._freedom.members[node].index(member))

    def _pair(self, pair: tuple[int, int]) -> str:
        return "" if pair[0] < 0 else f"{self.names[pair[0]]} / {self.names[pair[1]]}"


def rank_bounds(
    index: CompositeIndex | Edition | Methodology | str,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    within: float | None = None,
    effort: int | None = None,
    runs: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RankBounds:
    """What holds of the ranks whatever the weights are, as far as they are free. Nothing is simulated.

    For two units the largest difference ``max_w (s_a - s_b)`` over the admissible weights decides who can be ahead;
    best and worst ranks are mixed-integer programmes over these pairs, whose weights are scored again. Scores that are
    means of one form through all levels (arithmetic, geometric, harmonic, one power) are ordered as weighted sums of
    transformed values, for which all this is exact. Where forms are mixed it is exact for the weights above the first
    change of form, the others are held (DT320), and a simulation says what was observed with all of them free.

    Parameters
    ----------
    index
        A fitted index or an edition. A methodology, an id, or an index that is not fitted does too: then weights that
        are unpublished need no assumption, and all that sum to 1 are admissible for them.
    table
        What is ranked; by default the table that was fitted, or the methodology's own.
    factors
        Which weights are free: factors of the kinds ``simplex``, ``box``, ``bounds``, ``noise``, ``ordinal``,
        ``ratios``, ``experts`` and ``dirichlet`` (all weights that it gives any chance). By default the unpublished
        weights; else those kinds in the methodology's ``uncertainty:``; else all weights of ``node``'s members (DT319).
    node
        Whose ranks; the first root unless said.
    period
        Period of a panel; its latest one unless said.
    within
        Instead of ``factors``: every weight of every node within this share of what it is.
    effort
        How many nodes of branch and bound the programme of a rank may take; by default 200 for up to 300 units, and 0
        for more. What is stopped leaves a bound that holds and may be too wide (DT324); with 0 nothing but pairs bounds
        the ranks.
    runs, seed
        Of a simulation of the same weights beside the bounds; by default 10,000 where something is held, missing, or
        not searched, else none.
    workers
        Threads that solve programmes; every processor unless said. No result depends on it.
    progress
        Called with the programmes that are done and their number.

    Raises
    ------
    UsageError
        DT024: no such node or period; DT902: settings that cannot be.
    InputError
        DT051: goalposts that are unpublished; DT322: the node is no mean whose weights are free; DT382, DT386, DT389;
        and as scoring does.
    LimitError
        DT903: more than 5,000 units.

    Notes
    -----
    Ranks are those that the methodology gives: ties share the better one, after the rounding that it ranks by.
    Differences up to 1e-7 of the largest one between two units are taken for ties by the programmes. A unit with a
    missing value below a free weight has bounds that hold, and that may be too wide (DT321).

    References
    ----------
    Salo & Punkka (2011), Management Science 57; Kadziński, Greco & Słowiński (2012), Omega 40; Foster,
    McGillivray & Seth (2013), doi:10.1080/07474938.2012.690647; Mareschal (1988), doi:10.1016/0377-2217(88)90254-8.

    Examples
    --------
    >>> import dtindex as dti
    >>> b = dti.rank_bounds("caict-computing-power-1.0")
    >>> b.bounds.loc["广东", ["rank", "best", "worst"]].tolist()
    [1, 1, 2]
    """
    _check(within, factors, {"runs": runs, "seed": seed, "effort": effort, "workers": workers})
    asked = rank_bounds_parts(
        index, table, factors, node=node, period=period, within=within, effort=effort, runs=runs, seed=seed
    )
    return asked.told(asked.search.answers(workers, progress))


def rank_bounds_parts(
    index: CompositeIndex | Edition | Methodology | str,
    table: Table | pd.DataFrame | str | None = None,
    factors: Sequence[Factor] | None = None,
    *,
    node: str | None = None,
    period: str | None = None,
    within: float | None = None,
    effort: int | None = None,
    runs: int | None = None,
    seed: int = 0,
) -> RankBoundsParts:
    """Rank bounds in parts, each of some programmes: for whoever has them solved elsewhere.

    ``parts.join([parts.work(part) for part in range(len(parts.sizes))])`` is ``rank_bounds(...)``. Arguments and errors
    are those of :func:`dtindex.rank_bounds`.

    Examples
    --------
    >>> import dtindex as dti
    >>> parts = dti.rank_bounds_parts("caict-computing-power-1.0")
    >>> joined = parts.join([parts.work(part) for part in range(len(parts.sizes))])
    >>> joined.to_dict() == dti.rank_bounds("caict-computing-power-1.0").to_dict()
    True
    """
    _check(within, factors, {"runs": runs, "seed": seed, "effort": effort})
    freedom = freedom_of(index, table, factors, node, period, within)
    linear, count = freedom.linear, len(freedom.study.units)
    if count > _MOST_UNITS:
        message = f"{count:,} units: pairs are compared up to {_MOST_UNITS:,}; `simulate` takes more"
        raise LimitError(Findings([finding("DT903", message)]))
    taken = effort if effort is not None else _EFFORT if count <= _SEARCHED else 0
    with np.errstate(over="ignore", invalid="ignore"):
        pairs = linear.tree.pairs(linear.low, linear.high)
    search = Search(linear, pairs, freedom.step, freedom.slack, freedom.ranks_of, taken)
    return RankBoundsParts(freedom, pairs, search, period, runs, seed)


@dataclass(frozen=True, eq=False)
class RankBoundsParts:
    """Rank bounds that were asked for; see :func:`rank_bounds_parts`."""

    freedom: Freedom
    pairs: FloatArray
    search: Search
    period: str | None
    runs: int | None
    seed: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Programmes of each part."""
        return tuple(len(own) for own in self._parts)

    def work(self, part: int) -> bytes:
        """Ranks and weights that the part's programmes give, as bytes."""
        own = self._parts[part]
        answers = [self.search.solve(self.search.waiting[at]) for at in own]
        arrays = {
            f"{position}:{name}": values
            for position, (_, weights) in enumerate(answers)
            for name, values in (weights or {}).items()
        }
        nodes = [None if weights is None else list(weights) for _, weights in answers]
        return packed({"first": own.start, "ranks": [rank for rank, _ in answers], "nodes": nodes}, arrays)

    def join(self, made: Iterable[bytes]) -> RankBounds:
        """The bounds, from what all parts gave, in their order.

        Raises
        ------
        InputError
            DT388 where parts are missing, or out of order.
        """
        found: list[Answer] = []
        for content in made:
            head, arrays = unpacked(content)
            if head["first"] != len(found):
                raise InputError([finding("DT388", "the parts are not in their order")])
            for position, (rank, nodes) in enumerate(zip(head["ranks"], head["nodes"], strict=True)):
                weights = None if nodes is None else {name: arrays[f"{position}:{name}"] for name in nodes}
                found.append((rank, weights))
        if len(found) != len(self.search.waiting):
            message = f"parts of {len(found):,} programmes of {len(self.search.waiting):,}"
            raise InputError([finding("DT388", message)])
        return self.told(found)

    @property
    def _parts(self) -> list[range]:
        count = len(self.search.waiting)
        return shared_out([1] * count, max(_LEAST_PROGRAMMES, -(-count // _MOST_PARTS)))

    def told(self, answers: Sequence[Answer]) -> RankBounds:
        """What holds, given the answers to all programmes."""
        freedom, linear = self.freedom, self.freedom.linear
        study, searched = freedom.study, bool(self.search.effort)
        found = self.search.settled(answers)
        chances = _chances(freedom)
        notes = [*freedom.notes, *_gaps(freedom), *_open(freedom, found, searched)]
        if chances is None:
            reason = (
                "several nodes' weights are free"
                if len(freedom.free) != 1
                else "values are missing"
                if linear.gaps.any()
                else "this law has none"
            )
            notes.append(finding("DT325", f"no exact chance of pairs: {reason}"))
        wanted = self.runs
        if wanted is None:
            wanted = _RUNS if linear.held or linear.gaps.any() or not searched else 0
        simulated = None
        if wanted:
            own = (freedom.index, freedom.table, freedom.factors)
            simulated = simulate(*own, node=study.node, period=self.period, runs=wanted, seed=self.seed)
        return RankBounds(
            scores=study.scores,
            node=study.node,
            period=study.period,
            units=study.units,
            names=study.names,
            known=freedom.known,
            factors=freedom.factors,
            held=linear.held,
            chance="" if chances is None else chances[1],
            simulation=simulated,
            findings=Findings(notes),
            _freedom=freedom,
            _pairs=self.pairs,
            _extremes=found,
            _likely=None if chances is None else chances[0],
        )


def _check(within: float | None, factors: Sequence[Factor] | None, counts: dict[str, int | None]) -> None:
    wrong = [f"{name}={own!r}" for name, own in counts.items() if own is not None and own < (name == "workers")]
    told = ""
    if within is not None and factors is not None:
        told = "within, and factors besides: expected one of them"
    elif within is not None and not 0 < within <= 1:
        told = f"within={within!r}: expected a share of more than 0 and up to 1"
    elif wrong:
        told = f"{', '.join(wrong)}: expected 0 or more, and 1 or more workers"
    if told:
        raise UsageError([finding("DT902", told)])


def _chances(freedom: Freedom) -> tuple[FloatArray, str] | None:
    """The chances of pairs, where one node's weights are free by a law with an exact way."""
    linear = freedom.linear
    if len(freedom.free) != 1 or linear.gaps.any() or linear.held:
        return None
    (node,) = freedom.free
    values = np.stack([freedom.lines(node, at)[1] for at in range(len(freedom.members[node]))], axis=1)
    if not np.isfinite(values).all() or (np.abs(values) > 1e250).any():
        return None
    return likely(freedom.laws[node], values)


def _gaps(freedom: Freedom) -> list[Finding]:
    gaps = freedom.linear.gaps
    if not gaps.any():
        return []
    return [finding("DT321", f"values missing below free weights: {_listed(freedom.study.units[gaps])}")]


def _open(freedom: Freedom, found: Extremes, searched: bool) -> list[Finding]:
    """A note on bounds of which no weights are known that attain them."""
    wider = (found.best_seen != found.best) | (found.worst_seen != found.worst)
    if not wider.any():
        return []
    why = "" if searched else "; no programme was solved"
    units = freedom.study.units[wider]
    return [finding("DT324", f"{len(units):,} units with bounds that may be too wide{why}: {_listed(units)}")]


def _listed(units: Sequence[object] | TextArray) -> str:
    more = f" and {len(units) - _NAMED:,} more" if len(units) > _NAMED else ""
    return ", ".join(str(unit) for unit in units[:_NAMED]) + more
