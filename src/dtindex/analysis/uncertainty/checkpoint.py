"""A run on disk, block by block, so that it can be taken up where it was left."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dtindex.analysis.parts import packed, unpacked
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.atomic import write_bytes
from dtindex.engine.rank_counts import RankCounts
from dtindex.findings import InputError, Place, finding
from dtindex.spec.identity import canonical_json

__all__ = ["Checkpoint"]

_FORMAT = 1
_SECONDS = 10.0


class Checkpoint:
    """The tally of the finished blocks in one file, written whole or not at all, at most every ten seconds.

    ``identity`` says what is run: with another one, the file belongs to something else.
    """

    def __init__(self, path: Path, identity: Mapping[str, object]) -> None:
        self.path = path
        self.identity = canonical_json({"format": _FORMAT, **identity})
        self._saved = time.monotonic()

    def load(self) -> tuple[Tally | None, int]:
        """The tally and how many blocks it holds; None and 0 where there is no file.

        Raises
        ------
        InputError
            DT388 where the file is damaged, or of another run.
        """
        if not self.path.exists():
            return None, 0
        place = Place(file=str(self.path))
        try:
            head, arrays = unpacked(self.path.read_bytes())
            identity = head["identity"]
            theirs = json.loads(identity)
        except (InputError, OSError, ValueError, KeyError, TypeError) as reason:
            raise InputError([finding("DT388", "the file is no checkpoint, or damaged", place)]) from reason
        if identity != self.identity:
            different = _different(theirs, json.loads(self.identity))
            message = f"the file is of another run ({different}); give another path, or remove it"
            raise InputError([finding("DT388", message, place)])
        ranks = RankCounts(head["units"], head["width"], arrays["table"], head["runs"])
        tally = Tally(
            ranks,
            arrays["total"],
            arrays["first"],
            arrays["central"],
            arrays["tiers"],
            {scheme: arrays[f"class-{position}"] for position, scheme in enumerate(head["schemes"])},
            head["classified"],
            [arrays["sample"]],
            {int(key): count for key, count in head["failed"].items()},
            {int(key): count for key, count in head["unscored"].items()},
            head["full"],
            arrays["block_means"],
            arrays["block_squares"],
        )
        return tally, head["blocks"]

    def save(self, tally: Tally, blocks: int, last: bool) -> None:
        """Write what is finished, unless that was done just now and more is to come."""
        if not last and time.monotonic() - self._saved < _SECONDS:
            return
        head = {
            "identity": self.identity,
            "units": tally.ranks.units,
            "width": tally.ranks.width,
            "runs": tally.ranks.runs,
            "schemes": list(tally.classes),
            "classified": tally.classified,
            "failed": tally.failed,
            "unscored": tally.unscored,
            "full": tally.blocks,
            "blocks": blocks,
        }
        arrays: dict[str, Any] = {
            "table": tally.ranks.table,
            "total": tally.total,
            "first": tally.first,
            "central": tally.central,
            "tiers": tally.tiers,
            "sample": tally.sample,
            "block_means": tally.block_means,
            "block_squares": tally.block_squares,
        }
        arrays |= {f"class-{position}": counts for position, counts in enumerate(tally.classes.values())}
        write_bytes(self.path, packed(head, arrays))
        self._saved = time.monotonic()


def _different(theirs: Mapping[str, object], ours: Mapping[str, object]) -> str:
    names = [name for name in ours if theirs.get(name) != ours[name]]
    return "other " + ", ".join(names) if names else "another version"
