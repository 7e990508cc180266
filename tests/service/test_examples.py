"""Every operation of the description has an example, and it works: here they are all carried out."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dtindex import CompositeIndex, sample
from dtindex_service.app import create_app
from dtindex_service.settings import Settings
from dtindex_service.stock import stock
from dtindex_service.store import Store

INDEX = "caict-computing-power-1.0"
SURVEY = "accenture-reinvention-2023"


def _description() -> dict[str, Any]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=folder)).openapi()


DESCRIPTION = _description()
OPERATIONS = {
    one["operationId"]: (method, path, one)
    for path, methods in DESCRIPTION["paths"].items()
    for method, one in methods.items()
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory):
    """A service with what the examples speak of."""
    from starlette.testclient import TestClient

    folder = tmp_path_factory.mktemp("examples")
    settings = Settings(data_dir=folder / "data", log_level="error", read_only=False)
    survey = CompositeIndex(SURVEY, assume="instrument-v1").fit(sample(SURVEY, 60, seed=1).table)
    path = survey.freeze("survey-2023").save(folder / "survey.dtindex")
    store = Store(settings.database, settings.data_dir)
    store.open()
    stock(store, [INDEX, str(path)])
    store.close()
    with TestClient(create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as made:
        made.app.state.key = None
        yield made


def example(parameter: dict[str, Any]) -> Any:
    """What the description gives for a parameter; None where it is not needed and has none."""
    schema = parameter["schema"]
    found = [
        *([parameter["example"]] if "example" in parameter else []),
        *parameter.get("examples", {}).values(),
        *schema.get("examples", ()),
        *schema.get("enum", ()),
    ]
    assert found or not parameter["required"], f"{parameter['name']} has no example"
    one = found[0] if found and parameter["required"] else None
    return one["value"] if isinstance(one, dict) else one


def body(operation: dict[str, Any]) -> dict[str, Any]:
    """What the description gives for a body, as a request has it."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}
    for kind, told in content.items():
        schema = told["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        known = DESCRIPTION["components"]["schemas"].get(name, schema)
        found = [*([told["example"]] if "example" in told else []), *known.get("examples", ())]
        if found:
            return (
                {"json": found[0]}
                if kind == "application/json"
                else {
                    "content": found[0].encode(),
                    "headers": {"Content-Type": kind},
                }
            )
    raise AssertionError("the body has no example")


def ordered() -> list[str]:
    """What makes something first, what removes something last."""
    rank = {"post": 0, "get": 1, "delete": 2}
    return sorted(OPERATIONS, key=lambda name: rank[OPERATIONS[name][0]])


@pytest.mark.parametrize("name", ordered())
def test_the_example_works(client, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    query: dict[str, Any] = {}
    for parameter in operation.get("parameters", ()):
        value = example(parameter)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(value))
        elif value is not None:
            query[parameter["name"]] = value
    headers = {}
    if "keys" in operation["tags"]:
        headers, id_ = _key(client)
        path = path.replace("0123456789abcdef", id_)  # nobody can tell beforehand what a key's id will be
    if "jobs" in operation["tags"]:
        path = path.replace("0123456789abcdef" * 4, _job(client))  # nor the hash of what is asked by which version
    sent = body(operation)
    sent["headers"] = {**_everyones(client), **headers, **sent.get("headers", {})}
    answer = client.request(method.upper(), path, params=query, **sent)
    assert answer.status_code in {200, 201, 202, 204}, (method, path, answer.text)
    assert str(answer.status_code) in operation["responses"]


def _everyones(client: Any) -> dict[str, str]:
    """Once a key is made, everybody needs one."""
    return client.app.state.key or {}


def _job(client: Any) -> str:
    """The job of the example, when it is done."""
    asked = body(OPERATIONS["create_job"][2]) | {"headers": _everyones(client)}
    while True:
        answer = client.post("/v1/jobs", **asked)
        if answer.status_code == 200:
            found: str = answer.json()["id"]
            return found
        assert answer.status_code == 202, answer.text
        time.sleep(0.05)


def _key(client: Any) -> tuple[dict[str, str], str]:
    from dtindex_service.keys import make
    from dtindex_service.store.base import LOCAL, Actor
    from dtindex_service.store.clock import now

    services = client.app.state.services
    made = make(services.keyring.pepper)
    scopes = ("read", "score", "write", "admin")
    row = services.store.keys.create(
        Actor(LOCAL), name="examples", prefix=made.prefix, digest=made.digest, scopes=scopes, now=now()
    )
    services.keyring.forget()
    client.app.state.key = {"Authorization": f"Bearer {made.token}"}
    return client.app.state.key, row.id
