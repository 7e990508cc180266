"""Classes of an edition: who is in one, by what margin and how firmly, and how many that are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from dtindex_service.analyses import ANALYSES
from dtindex_service.answering import Form, answer_analysis, document_answers, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.problems import not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.metadata import AnalysisMetadata

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["classes"], route_class=ServiceRoute)

Ref = Annotated[
    str, Path(max_length=200, description="Name or hash of an edition that has classes.", examples=["survey-2023"])
]


async def _asked(
    scheme: Annotated[str | None, Query(max_length=200, description="`class`, or the first, unless said.")] = None,
    of: Annotated[str | None, Query(max_length=200, description="Which class; the first with a condition.")] = None,
    against: Annotated[str | None, Query(max_length=200, description="Scheme of the cross table.")] = None,
    period: Annotated[str | None, Query(max_length=200, description="Of a panel, or `all`; else the latest.")] = None,
    runs: Annotated[int, Query(ge=1, le=20_000, description="Draws of errors and of the reference.")] = 2_000,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 0,
    profiles: Annotated[int, Query(ge=0, le=12, description="Most profiles of the mixture; 0 for none.")] = 6,
    resamples: Annotated[int, Query(ge=0, le=500, description="Samples for the stability of profiles.")] = 50,
    target: Annotated[float | None, Query(gt=0, lt=1, description="Share that the calibration is to make.")] = None,
    confidence: Annotated[float, Query(ge=0.5, le=0.9999)] = 0.95,
) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "of": of,
        "against": against,
        "period": period,
        "runs": runs,
        "seed": seed,
        "most_profiles": profiles,
        "resamples": resamples,
        "target": target,
        "confidence": confidence,
    }


Asked = Annotated[dict[str, Any], Depends(_asked)]


@router.get("/{ref}/classes", responses=document_answers("The classes"), response_class=Response)
async def get_classes(ref: Ref, who: Reader, service: Service, request: Request, asked: Asked) -> Response:
    """Margins and probabilities of membership, shares, profiles, and what other thresholds would make."""
    return await answer_analysis(service, who, request, ref, "classes", asked, "json", rest="/classes")


@router.get("/{ref}/classes/{table}.metadata.json", response_model=AnalysisMetadata)
async def get_classes_metadata(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["classes"])})],
    who: Reader,
    service: Service,
    request: Request,
    asked: Asked,
) -> Response:
    """What is to be known about one table of it."""
    if table not in ANALYSES["classes"]:
        raise not_found()
    rest = f"/classes/{table}.metadata.json"
    return await answer_analysis(service, who, request, ref, "classes", asked, "metadata", table=table, rest=rest)


@router.get("/{ref}/classes/{table}.{form}", response_class=Response, responses=table_answers())
async def get_classes_as(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["classes"])})],
    form: Form,
    who: Reader,
    service: Service,
    request: Request,
    asked: Asked,
) -> Response:
    """One table of it; `units.csv` and `crosstab.csv` are what `dtindex classify -o` writes."""
    if table not in ANALYSES["classes"]:
        raise not_found()
    rest = f"/classes/{table}.{form}"
    return await answer_analysis(service, who, request, ref, "classes", asked, form_of(form), table=table, rest=rest)
