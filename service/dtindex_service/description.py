"""The description of the service (OpenAPI): what the framework writes, with problems in place of its own errors."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from dtindex_service.problems import Problem, answers

__all__ = ["describe"]

_OWN = {"HTTPValidationError", "ValidationError"}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        for name in _OWN:
            schemas.pop(name, None)
        for operation in _operations(made):
            _with_problems(operation)
        app.openapi_schema = made
    return app.openapi_schema


def _operations(description: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in description["paths"].values() for operation in methods.values()]


def _with_problems(operation: dict[str, Any]) -> None:
    """Whatever goes wrong is told as a problem, with or without a word of it in the route."""
    for status, answer in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            (content,) = answers(int(status)).values()
            answer["content"] = content["content"]
