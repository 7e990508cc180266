"""Estimates of the population that an edition's sample was drawn from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from dtindex_service.answering import Form, Ref, answer_analysis, document_answers, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.routing import ServiceRoute

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["estimates"], route_class=ServiceRoute)

_MOST_REPLICATES = 5_000


async def _asked(
    of: Annotated[
        list[str] | None,
        Query(
            max_length=200, description="Nodes, indicators, questions, schemes or ratios a/b; all nodes, unless said."
        ),
    ] = None,
    by: Annotated[
        list[str] | None, Query(max_length=10, description="Columns, questions or schemes; several are crossed.")
    ] = None,
    kind: Literal["mean", "share", "total", "ratio", "quantile"] | None = None,
    quantile: Annotated[
        list[Annotated[float, Field(gt=0, lt=1)]] | None,
        Query(max_length=99, description="Shares; quartiles, unless said."),
    ] = None,
    weight: Annotated[
        str | None, Query(max_length=200, description="Column of weights, instead of the file's.")
    ] = None,
    method: Annotated[
        Literal["taylor", "jk1", "jkn", "brr", "bootstrap"] | None, Query(description="How variances are estimated.")
    ] = None,
    replicates: Annotated[
        int | None, Query(ge=2, le=_MOST_REPLICATES, description="So many bootstrap replicates; not with `method`.")
    ] = None,
    suppress_below: Annotated[int | None, Query(ge=0, le=10**6, description="Figures of fewer are suppressed.")] = None,
    confidence: Annotated[float, Query(ge=0.5, le=0.9999)] = 0.95,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 0,
    period: Annotated[str | None, Query(max_length=200, description="Of a panel; the latest, unless said.")] = None,
) -> dict[str, Any]:
    return {
        "of": of,
        "by": by,
        "kind": kind,
        "quantiles": quantile or [0.25, 0.5, 0.75],
        "weight": weight,
        "replicates": replicates if method is None else method,
        "suppress_below": suppress_below,
        "confidence": confidence,
        "seed": seed,
        "period": period,
    }


Asked = Annotated[dict[str, Any], Depends(_asked)]


@router.get("/{ref}/estimates", responses=document_answers("The estimates"), response_class=Response)
async def get_estimates(ref: Ref, who: Reader, service: Service, request: Request, asked: Asked) -> Response:
    """Means, shares, totals, ratios and quantiles of the population, with standard errors by the sample's design."""
    return await answer_analysis(service, who, request, ref, "estimates", asked, "json", rest="/estimates")


@router.get("/{ref}/estimates.{form}", response_class=Response, responses=table_answers())
async def get_estimates_as(
    ref: Ref, form: Form, who: Reader, service: Service, request: Request, asked: Asked
) -> Response:
    """The same as a table, a row a figure; `.csv` is what `dtindex estimate -o` writes."""
    chosen, rest = form_of(form), f"/estimates.{form}"
    return await answer_analysis(service, who, request, ref, "estimates", asked, chosen, table="estimates", rest=rest)
