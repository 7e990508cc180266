"""A check of our own for schemathesis: a request that the description allows is never refused for its form."""

from __future__ import annotations

import schemathesis

_FORM = {"DT700", "DT708", "DT709", "DT710", "DT711", "DT712", "DT713"}
_RELATED = {"score"}
"""Operations whose parts have to fit each other: one of two is named, a matrix has as many rows as it has units."""


@schemathesis.check
def refused_for_its_form(ctx: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """422 to a valid request has a finding of the library: about what the words mean, not about how they are put."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in {400, 415, 422}:
        return
    if case.operation.definition.raw.get("operationId") in _RELATED:
        return
    problem = response.json()
    assert problem["code"] not in _FORM, f"a valid request is refused for its form: {problem['detail']}"
