"""What is uncertain, from a file of its own: the block `uncertainty:` of a methodology that does not say it."""

from __future__ import annotations

from pathlib import Path

from dtindex.findings import Place
from dtindex.spec.document import Document, merge
from dtindex.spec.identity import plain
from dtindex.spec.loader import checked, read_limited
from dtindex.spec.model import Methodology
from dtindex.spec.source import MAXIMUM_BYTES, read_yaml
from dtindex.spec.uncertainty import Uncertainty

__all__ = ["load_uncertainty"]

_BLOCK = "uncertainty"


def load_uncertainty(path: Path | str, methodology: Methodology) -> Uncertainty:
    """The block of a YAML file with the keys `factors:` and `scenarios:`, checked as if the methodology held it.

    Raises
    ------
    UsageError
        DT103: the file cannot be read.
    InputError
        Everything that is wrong with it, each with its line and column.
    """
    own = read_yaml(read_limited(Path(path), MAXIMUM_BYTES + 1), str(path))
    if own.broken:
        merge(own.problems).raise_errors()
    whole = Document(
        str(path),
        {**plain(methodology), _BLOCK: own.tree},
        {(_BLOCK, *place): at for place, at in own.values.items()},
        {(_BLOCK, *place): at for place, at in own.keys.items()},
        [type(one)((_BLOCK, *one.path), one.finding) for one in own.problems],
    )
    whole.values.setdefault((), Place(file=str(path)))
    read, findings = checked(whole)
    findings.raise_errors()
    assert read is not None
    assert read.uncertainty is not None
    return read.uncertainty
