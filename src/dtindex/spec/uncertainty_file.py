"""What is uncertain, from a file of its own or a program: checked as the block `uncertainty:` of a methodology is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dtindex.findings import Place
from dtindex.spec.document import Document, Problem, Suggestions, merge
from dtindex.spec.identity import plain
from dtindex.spec.loader import checked, read_limited
from dtindex.spec.model import Methodology
from dtindex.spec.references import reference_problems
from dtindex.spec.rules_uncertainty import uncertainty_problems
from dtindex.spec.source import MAXIMUM_BYTES, read_yaml
from dtindex.spec.uncertainty import Factor, Uncertainty
from dtindex.spec.where import Where

__all__ = ["factor_problems", "load_uncertainty", "parse_factors"]

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
    return _read(read_limited(Path(path), MAXIMUM_BYTES + 1), str(path), methodology)


def parse_factors(factors: Sequence[Mapping[str, Any]], methodology: Methodology) -> tuple[Factor, ...]:
    """Factors as JSON values, spelled as in `uncertainty: {factors: [...]}`, checked as if the methodology held them.

    Raises
    ------
    InputError
        Everything that is wrong with them.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("caict-computing-power-1.0")
    >>> [one.id for one in dti.parse_factors([{"id": "w", "node": "index", "dirichlet": 50}], m)]
    ['w']
    """
    written = json.dumps({"factors": list(factors)}, ensure_ascii=False, allow_nan=False, indent=0)
    return _read(written.encode("utf-8", "replace"), "factors", methodology).factors


def _read(content: bytes, name: str, methodology: Methodology) -> Uncertainty:
    own = read_yaml(content, name)
    if own.broken:
        merge(own.problems).raise_errors()
    whole = Document(
        name,
        {**plain(methodology), _BLOCK: own.tree},
        {(_BLOCK, *place): at for place, at in own.values.items()},
        {(_BLOCK, *place): at for place, at in own.keys.items()},
        [type(one)((_BLOCK, *one.path), one.finding) for one in own.problems],
    )
    whole.values.setdefault((), Place(file=name))
    read, findings = checked(whole)
    findings.raise_errors()
    assert read is not None
    assert read.uncertainty is not None
    return read.uncertainty


def factor_problems(methodology: Methodology, factors: Sequence[Factor]) -> list[str]:
    """Errors that a file with these factors would be refused for, each with the factor's name before it."""
    written = [factor.model_dump(mode="json", exclude_defaults=True) for factor in factors]
    document = Document("", {**plain(methodology), _BLOCK: {"factors": written}}, {(): Place()})
    problems = [one for one in reference_problems(document, Suggestions()) if one.path[:1] == (_BLOCK,)]
    if not problems:
        block = Uncertainty(factors=tuple(factors))
        problems = list(uncertainty_problems(Where(methodology.model_copy(update={_BLOCK: block}), document)))
    return [f"{_whose(factors, one)}: {one.finding.message}" for one in problems if one.finding.severity == "error"]


def _whose(factors: Sequence[Factor], problem: Problem) -> str:
    position = problem.path[2]
    assert isinstance(position, int)
    return factors[position].id
