"""A map of the reader's own: its outlines and its approval number, without which China lets no map be shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dtindex.findings import Findings, Place, UsageError, finding

__all__ = ["MAP_BYTES", "geography_of"]

MAP_BYTES = 20_000_000
"""Most bytes of a map's file."""
_AREAS = ("Polygon", "MultiPolygon")


def geography_of(path: Path | str, approval_no: str | None) -> tuple[dict[str, Any], Findings]:
    """The areas of a GeoJSON file, as the page draws them, with the number under which the map was approved.

    Names and codes of areas are taken from ``name`` and ``adcode`` or ``code`` of their properties; coordinates are
    degrees, kept to five decimals (a metre or so).

    Raises
    ------
    UsageError
        DT521 where the file is not a GeoJSON FeatureCollection with areas, cannot be read, or is over 20 MB.
    """
    place = Place(file=str(path))
    try:
        if Path(path).stat().st_size > MAP_BYTES:
            raise UsageError([finding("DT521", f"{Path(path).name} is over {MAP_BYTES // 1_000_000} MB", place)])
        document = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise UsageError([finding("DT521", f"cannot read {Path(path).name}: {said}", place)]) from error
    features = document.get("features") if isinstance(document, dict) else None
    areas = [one for one in map(_area, features if isinstance(features, list) else []) if one is not None]
    if not areas:
        message = f"{Path(path).name}: no FeatureCollection with a Polygon or MultiPolygon"
        raise UsageError([finding("DT521", message, place)])
    given = "" if approval_no is None else approval_no.strip()
    findings = Findings()
    if not given:
        message = (
            "no approval number (审图号) was given for the map; a map of China that is shown in public must bear one"
        )
        findings = Findings([finding("DT520", message, place)])
    return {"approval_no": given, "areas": areas}, findings


def _area(feature: object) -> dict[str, Any] | None:
    """Name, code and rings of an area; None for what is none, such as a line or a point."""
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        return None
    geometry = feature["geometry"]
    if geometry.get("type") not in _AREAS:
        return None
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    try:
        rings = [_ring(ring) for polygon in polygons for ring in polygon]
    except (TypeError, ValueError):
        return None
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    code = properties.get("adcode", properties.get("code", ""))
    drawn = [ring for ring in rings if len(ring) > 2]
    return {"name": str(properties.get("name") or ""), "code": str(code or ""), "rings": drawn}


def _ring(points: Any) -> list[list[float]]:
    return [[_degrees(x, 180.0), _degrees(y, 89.0)] for x, y, *_ in points]


def _degrees(value: object, most: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -most <= value <= most:
        raise ValueError
    return round(float(value), 5)
