"""The tallies of some blocks as bytes, so that another process can merge them block by block.

What is counted adds up in any order, and is added up here already. Sums of scores and weights do not to the last bit:
they are kept by block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dtindex.analysis.parts import packed, unpacked
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.findings import InputError, finding

__all__ = ["merge_part", "pack_part"]


def pack_part(first: int, tallies: Sequence[Tally], whole: Sequence[bool]) -> bytes:
    """The tallies of blocks from ``first`` on; ``whole`` says of each whether it is a full one."""
    one = tallies[0]
    table = np.sum([own.ranks.table for own in tallies], axis=0)
    runs = sum(own.ranks.runs for own in tallies)
    averaged = [own.ranks.mean() for own, full in zip(tallies, whole, strict=True) if full and own.ranks.runs]
    arrays: dict[str, Any] = {
        "table": table.astype(np.int32) if runs < 1 << 31 else table,
        "total": np.stack([own.total for own in tallies]),
        "first": np.sum([own.first for own in tallies], axis=0),
        "central": np.stack([own.central for own in tallies]),
        "tiers": np.sum([own.tiers for own in tallies], axis=0),
        "sample": np.concatenate([own.sample for own in tallies]),
        "means": np.stack(averaged) if averaged else np.empty((0, one.ranks.units)),
    }
    for position, scheme in enumerate(one.classes):
        arrays[f"class-{position}"] = np.sum([own.classes[scheme] for own in tallies], axis=0)
    head = {
        "first": first,
        "blocks": len(tallies),
        "runs": runs,
        "classified": sum(own.classified for own in tallies),
        "failed": _added([own.failed for own in tallies]),
        "unscored": _added([own.unscored for own in tallies]),
    }
    return packed(head, arrays)


def merge_part(tally: Tally, first: int, content: bytes) -> int:
    """Add what :func:`pack_part` kept to the tally of the blocks before ``first``; how many blocks that is.

    Raises
    ------
    InputError
        DT388 where it is of other blocks, or of another index.
    """
    head, arrays = unpacked(content)
    if head["first"] != first or arrays["table"].shape != tally.ranks.table.shape:
        raise InputError([finding("DT388", "the parts are not of this simulation, or not in their order")])
    tally.ranks.table += arrays["table"]
    tally.ranks.runs += head["runs"]
    for total, central in zip(arrays["total"], arrays["central"], strict=True):
        tally.total += total
        tally.central += central
    tally.first += arrays["first"]
    tally.tiers += arrays["tiers"]
    for position, counts in enumerate(tally.classes.values()):
        counts += arrays[f"class-{position}"]
    tally.classified += head["classified"]
    tally.samples.append(arrays["sample"])
    for mine, theirs in ((tally.failed, head["failed"]), (tally.unscored, head["unscored"])):
        for key, runs in theirs:
            mine[key] = mine.get(key, 0) + runs
    for mean in arrays["means"]:
        tally.blocks += 1
        tally.block_means = tally.block_means + mean
        tally.block_squares = tally.block_squares + mean * mean
    blocks: int = head["blocks"]
    return blocks


def _added(counts: Sequence[dict[int, int]]) -> list[list[int]]:
    found: dict[int, int] = {}
    for own in counts:
        for key, runs in own.items():
            found[key] = found.get(key, 0) + runs
    return [[key, runs] for key, runs in found.items()]
