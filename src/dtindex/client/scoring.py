"""Units as the service takes them, and its answers as frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from dtindex.client.refusals import to_findings
from dtindex.client.results import Profile, ScoredUnits
from dtindex.findings import Findings
from dtindex.status import Status

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.unit import UnitScore

__all__ = ["as_sent", "of_matrix", "of_record", "profile", "record"]

Kind = Literal["float64", "Int64", "object"]
_MATRICES = ("scores", "ranks", "percentiles", "coverage", "status")


def record(
    values: Mapping[str, Any], unit: str = "", period: str | None = None, groups: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One unit as a record."""
    made: dict[str, Any] = {"values": {name: _plain(value) for name, value in values.items()}}
    optional = {"unit": unit or None, "period": period, "groups": dict(groups) if groups else None}
    return made | {name: value for name, value in optional.items() if value is not None}


def as_sent(frame: pd.DataFrame, groups: Sequence[str]) -> dict[str, Any]:
    """A frame, indexed by unit or by unit and period, as a matrix."""
    import pandas as pd

    values = frame.drop(columns=list(groups))
    index = frame.index
    has_periods = isinstance(index, pd.MultiIndex)
    body: dict[str, Any] = {
        "units": [str(one) for one in index.get_level_values(0)],
        "indicators": [str(name) for name in values.columns],
        "values": [
            list(row) for row in zip(*(map(_plain, values[name].tolist()) for name in values.columns), strict=True)
        ],
    }
    if has_periods:
        body["periods"] = [str(one) for one in index.get_level_values(1)]
    if groups:
        body["groups"] = {name: [str(one) for one in frame[name]] for name in groups}
    return body


def _plain(value: Any) -> Any:
    """A value as JSON knows it: no number is missing, a status says why."""
    if isinstance(value, Status):
        return {"status": str(value.name).lower()}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    plain = value.item() if hasattr(value, "item") else None  # a number of NumPy's
    return None if plain is None or plain != plain else plain


def of_record(answer: Mapping[str, Any]) -> UnitScore:
    """The one unit of an answer, as :meth:`dtindex.Edition.score_unit` gives it."""
    from dtindex.unit import UnitScore

    (unit,) = answer["units"]
    items: Mapping[str, Mapping[str, Any]] = unit["items"]

    def each(what: str) -> dict[str, Any]:
        return {item: told[what] for item, told in items.items()}

    return UnitScore(
        scores=each("score"),
        ranks=each("rank"),
        percentiles=each("percentile"),
        coverage=each("coverage"),
        status=each("status"),
        classes=dict(unit["classes"]),
        tiers=dict(unit["tiers"]),
        findings=Findings(to_findings(answer["findings"])),
    )


def of_matrix(answer: Mapping[str, Any]) -> ScoredUnits:
    """An answer in matrices, as frames."""
    import pandas as pd

    periods = answer["periods"]
    units = pd.Index(answer["units"], name="unit")
    index = units if periods is None else pd.MultiIndex.from_arrays([units, periods], names=["unit", "period"])

    def frame(rows: Any, columns: Sequence[str], kind: Kind) -> pd.DataFrame:
        return pd.DataFrame(rows, index=index, columns=list(columns)).astype(kind)

    items = answer["items"]
    kinds: dict[str, Kind] = {"status": "object", "ranks": "Int64"}
    matrices = {name: frame(answer[name], items, kinds.get(name, "float64")) for name in _MATRICES}
    told = answer["contributions"]
    return ScoredUnits(
        **matrices,
        tiers=frame(answer["tiers"], list(answer["tiers"]), "object"),
        classes=frame(answer["classes"], list(answer["classes"]), "object"),
        contributions=None if told is None else frame(told, items, "float64"),
        findings=Findings(to_findings(answer["findings"])),
        edition=answer["edition"]["hash"],
        methodology=answer["methodology"]["id"],
        assumptions=tuple(answer["assumptions"]),
        ranked_against=answer["ranked_against"],
    )


def profile(told: Mapping[str, Any]) -> Profile:
    """An answer about one unit of an edition."""
    import pandas as pd

    plain = ("unit", "names", "period", "score", "rank", "ranked", "tiers", "classes")
    return Profile(
        **{name: told[name] for name in plain},
        items=pd.DataFrame(told["items"]).set_index("item"),
        strengths=tuple(told["strengths"]),
        weaknesses=tuple(told["weaknesses"]),
        findings=Findings(to_findings(told["findings"])),
    )
