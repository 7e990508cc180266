"""Problems of the service (RFC 9457) as the library's errors, with the findings rebuilt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dtindex.findings import CATALOGUE, DtindexError, Finding, InputError, LimitError, Place, Severity, UsageError

__all__ = ["failed", "refusal", "to_findings", "unreachable"]

_BY_KIND: dict[str, type[DtindexError]] = {"input": InputError, "usage": UsageError, "limit": LimitError}
_PLACES = frozenset({"file", "line", "column", "sheet", "cell", "unit", "period", "name"})
_NO_PROBLEM = "DT717"
_SEVERITIES = {str(one): one for one in Severity}


def refusal(status: int, body: bytes) -> DtindexError:
    """The error that a refused request raises.

    Its class is that of the error which the library raised on the other side; what the service itself refuses is a
    :class:`~dtindex.UsageError`, or a :class:`~dtindex.LimitError` where less, later or elsewhere would do. A place in
    the request's body is named as a JSON pointer. The id of the request, which finds it in the service's log, is a
    note of the error.
    """
    problem = _problem(body)
    if problem is None:
        return unreachable(f"status {status}, and no problem of this service: something stands in between")
    findings = _findings(problem)
    error = _BY_KIND.get(str(problem.get("kind")), UsageError)(findings)
    error.add_note(f"status {status}, request {problem.get('trace_id')}")
    return error


def failed(problem: Mapping[str, Any]) -> DtindexError:
    """The error that a job failed with: what the library would have raised here."""
    return _BY_KIND.get(str(problem.get("kind")), DtindexError)(_findings(problem))


def unreachable(why: str) -> LimitError:
    """What is raised where the service does not answer."""
    return LimitError([Finding(_NO_PROBLEM, Severity.ERROR, f"the service does not answer: {why}")])


def to_findings(items: list[dict[str, Any]]) -> list[Finding]:
    """Findings as an answer lists them (``message`` and ``place``)."""
    return [_finding(item, str(item["message"]), item.get("place") or {}) for item in items]


def _problem(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"code", "status", "detail"} <= found.keys() else None


def _findings(problem: Mapping[str, Any]) -> list[Finding]:
    errors = problem.get("errors") or []
    if not errors:
        return [Finding(str(problem["code"]), Severity.ERROR, str(problem["detail"]))]
    return [_finding(item, str(item["detail"]), _place(item)) for item in errors]


def _place(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where in a table or a methodology; else where in the request."""
    where = item.get("pointer") or item.get("parameter")
    return item.get("place") or ({"name": where} if where else {})


def _finding(item: Mapping[str, Any], message: str, place: Mapping[str, Any]) -> Finding:
    code = str(item["code"])
    known = CATALOGUE.get(code)
    severity = _SEVERITIES.get(str(item.get("severity")), known.severity if known else Severity.ERROR)
    return Finding(code, severity, message, Place(**{name: place[name] for name in _PLACES & place.keys()}))
