"""What is to be said of scores: who is not ranked, what was clipped, what disagrees, what is assumed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dtindex.findings import Finding, Place, Severity, finding
from dtindex.scores import Scores
from dtindex.spec.provenance import assumed
from dtindex.status import Status

__all__ = ["remarks"]

_NAMED = 10
_USUAL_DECIMALS = 2
_SLACK = 1e-9


def remarks(scores: Scores) -> list[Finding]:
    """Findings about scores: DT316, DT317, DT307, DT308, DT309, DT310, DT303, DT053, in this order."""
    before = [*_screened(scores), *_weak(scores), *_unranked(scores), *_unfilled(scores)]
    return [*before, *_clipped(scores), *_outside(scores), *_disagreements(scores), *_alike(scores), *_assumed(scores)]


def _unranked(scores: Scores) -> Iterator[Finding]:
    for root in scores.methodology.tree.roots:
        column = scores.items.index(root)
        rows = np.flatnonzero(scores.ranked & np.isnan(scores.values[:, column]))
        if rows.size:
            needed = scores.methodology.tree.nodes[root].coverage.at_least
            known = scores.node_coverage[:, column]
            shown = ", ".join(f"{scores.who(row)} ({known[row]:.2f})" for row in rows[:_NAMED])
            more = f" and {rows.size - _NAMED} more" if rows.size > _NAMED else ""
            message = f"not ranked for want of data (coverage, {needed:g} is needed): {shown}{more}"
            yield finding("DT307", message, Place(name=root))


_FAILS = {"at_least": "too little is known", "nonzero": "too much is zero"}


def _screened(scores: Scores) -> Iterator[Finding]:
    for failure in scores.screened.failures if scores.screened is not None else ():
        shares = failure.shares.tolist()
        if failure.kind == "careless":
            continue  # DT235 said so when the table was read
        if failure.kind == "drop":
            who = [scores.who(row) for row in failure.rows.tolist()]
            yield finding("DT316", f"screened out by name: {_named(who)}")
            continue
        who = [f"{scores.who(row)} ({share:.2f})" for row, share in zip(failure.rows.tolist(), shares, strict=True)]
        message = f"screened out, {_FAILS[failure.kind]} (share, {failure.needed:g} is needed): {_named(who)}"
        yield finding("DT316", message, None if failure.rule == "units" else Place(name=failure.rule))


def _weak(scores: Scores) -> Iterator[Finding]:
    for one in scores.screened.weak if scores.screened is not None else ():
        message = f"{_FAILS[one.kind]}: a share of {one.share:.2f}, {one.needed:g} is needed; it is not dropped"
        yield finding("DT317", message, Place(name=one.item))


def _unfilled(scores: Scores) -> Iterator[Finding]:
    tree = scores.methodology.tree
    for item in tree.scored:
        if tree.indicators[item].impute.method == "none":
            continue
        flags = scores.flags[:, scores.items.index(item)]
        rows = np.flatnonzero((flags & Status.MISSING != 0) & np.isnan(scores.measured_columns[item]))
        if rows.size:
            who = _named([scores.who(row) for row in rows.tolist()])
            yield finding("DT308", f"{tree.indicators[item].impute.method} found no value for {who}", Place(name=item))


def _named(who: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(who[:_NAMED]) + (f" and {len(who) - _NAMED} more" if len(who) > _NAMED else "")


def _clipped(scores: Scores) -> Iterator[Finding]:
    for item in scores.methodology.tree.scored:
        flags = scores.flags[:, scores.items.index(item)]
        if len(flags) and np.bitwise_or.reduce(flags) & Status.CLIPPED:
            count = int((flags & Status.CLIPPED != 0).sum())
            yield finding("DT309", f"{count} of {len(scores)} values clipped to the scale", Place(name=item))


def _outside(scores: Scores) -> Iterator[Finding]:
    """What the table gives as scores already, and lies beyond the scale: a slip of units, most likely."""
    tree = scores.methodology.tree
    given = [item for item in tree.scored if tree.indicators[item].normalise.method == "none"]
    given += [node for node in tree.nodes if tree.nodes[node].spec.column is not None]
    for item in given:
        scale, column = tree.scale(item), scores.column(item)
        if scale == "open" or not column.size:
            continue
        slack = _SLACK * (scale[1] - scale[0])
        if np.fmin.reduce(column) < scale[0] - slack or np.fmax.reduce(column) > scale[1] + slack:
            rows = np.flatnonzero((column < scale[0] - slack) | (column > scale[1] + slack))
            who = _named([f"{scores.who(int(row))} ({column[row]:g})" for row in rows])
            message = f"{rows.size} values beyond the scale {scale[0]:g} to {scale[1]:g}, taken as they are: {who}"
            yield finding("DT223", message, Place(name=item), Severity.WARNING)


def _disagreements(scores: Scores) -> Iterator[Finding]:
    for one in scores.comparisons:
        if one.mismatches:
            apart = np.where(np.isnan(one.difference) | one.agrees, 0.0, np.abs(one.difference))
            worst = int(np.argmax(apart))
            kind = "published" if one.kind == "published" else "given"
            most = f"{scores.who(worst)}: {one.computed[worst]:.6g} against {one.given[worst]:.6g}"
            message = f"{one.mismatches} of {one.compared} computed figures differ from the {kind} ones by more than"
            yield finding("DT310", f"{message} {one.tolerance:g}; most, {most}", Place(name=one.item))


def _alike(scores: Scores) -> Iterator[Finding]:
    decimals = scores.rank_decimals(scores.root)
    usual = _USUAL_DECIMALS if decimals is None else decimals
    needed = scores.printed_decimals(scores.root)
    if needed > usual:
        message = f"different ranks print the same score at {usual} decimals; {needed} tell them apart"
        yield finding("DT303", message, Place(name=scores.root))


def _assumed(scores: Scores) -> Iterator[Finding]:
    for name in scores.assumptions:
        yield finding("DT053", f"the scores rest on assumption {name!r}")
    stated: dict[str, list[str]] = {}
    for one in assumed(scores.methodology):
        stated.setdefault(one.parameter, []).append(one.item)
    for parameter, items in stated.items():
        yield finding("DT053", f"assumed, not published: {parameter} of {', '.join(items)}")
