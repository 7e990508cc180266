"""Shifts of the normal variables that give nodes the mean scores that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scipy.optimize import brentq

from dtindex.findings import Finding, InputError, Place, finding
from dtindex.spec.model import Methodology
from dtindex.spec.sample_plan import SamplePlan
from dtindex.synthetic.expected import Expected, Mover

__all__ = ["MIDDLE", "calibrate"]

MIDDLE = 0.45
"""Where on its scale the mean of an indicator lies for which no figure is given."""
_FARTHEST = 8.0
_SLACK = 1e-6


def calibrate(
    methodology: Methodology, expected: Expected, plan: SamplePlan, effects: Mapping[str, float] | None = None
) -> None:
    """Settle the shifts in ``expected``.

    For each target, those inside others first, one shift ``s`` of everything below it that is still free solves
    ``E[score(s)] + effect = mean``, ``effects`` being what unasked questions do to a node. What has no target above it
    is put to 45 % of its scale, or as near as it can be.

    Raises
    ------
    InputError
        DT260 for each mean that cannot be reached, with the interval that can.
    """
    tree = methodology.tree
    settled: set[Mover] = set()
    problems: list[Finding] = []
    for target in sorted(plan.means, key=lambda one: -tree.depth(one.item)):
        movers = _free(expected, tree.leaves(target.item), settled)
        effect = (effects or {}).get(target.item, 0.0)
        low, high = (end + effect for end in _solve(expected, target.item, movers, target.mean - effect))
        if not low - _SLACK <= target.mean <= high + _SLACK:
            problems.append(_unreachable(target.item, target.mean, low, high, bool(movers)))
        settled |= set(movers)
    for leaf in (leaf for root in tree.roots for leaf in tree.leaves(root)):
        scale = tree.scale(leaf)
        movers = _free(expected, (leaf,), settled)
        if movers and scale != "open":
            _solve(expected, leaf, movers, scale[0] + MIDDLE * (scale[1] - scale[0]))
        settled |= set(movers)
    if problems:
        raise InputError(problems)


def _free(expected: Expected, leaves: Iterable[str], settled: set[Mover]) -> tuple[Mover, ...]:
    found = dict.fromkeys(mover for leaf in leaves for mover in expected.movers(leaf))
    return tuple(mover for mover in found if mover not in settled)


def _solve(expected: Expected, item: str, movers: tuple[Mover, ...], mean: float) -> tuple[float, float]:
    """Settle the movers' common shift, at an end where the mean is out of reach; the interval within reach."""

    def excess(shift: float) -> float:
        expected.shifts.update(dict.fromkeys(movers, shift))
        return expected.of(item) - mean

    below, above = excess(-_FARTHEST), excess(_FARTHEST)
    low, high = min(below, above) + mean, max(below, above) + mean
    if below * above < 0:
        excess(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-10))
    else:
        excess(-_FARTHEST if abs(below) < abs(above) else _FARTHEST)
    return low, high


def _unreachable(item: str, mean: float, low: float, high: float, moves: bool) -> Finding:
    if moves:
        reach = f"the answers that are free below it allow {low:.1f} to {high:.1f}"
    else:
        reach = f"every answer below it is given by other figures, which make it {low:.1f}"
    message = f'the mean {mean:g} of "{item}" is out of reach: {reach}; change the mean, or give fewer shares'
    return finding("DT260", message, Place(name=item))
