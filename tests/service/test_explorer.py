"""The explorer at its address: the library's own page, under its own policy, and by parts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dtindex as dti
from dtindex.reports.explorer import payload as payloads

if TYPE_CHECKING:
    from tests.service.conftest import Stocked


def asked(stocked: Stocked, edition: str = "2020", **more: Any) -> Any:
    return stocked.client.get(f"/v1/editions/{edition}/explorer", params={"runs": 64} | more)


def payload_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="payload">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    payload: dict[str, Any] = json.loads(found[1])
    return payload


def test_the_page_is_the_librarys(stocked: Stocked, tmp_path: Path) -> None:
    answer = asked(stocked, seed=3, language="en")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    kept = dti.load_edition(stocked.editions["2020"].save(tmp_path / "2020.dtindex"))
    own = dti.explorer(kept, runs=64, seed=3, language="en", workers=1)
    served, written = payload_of(answer.text), payload_of(own.html)
    assert served.pop("part")["address"].startswith("?part={part}&language=en")
    written.pop("part")
    assert served == written


def test_its_policy_lets_its_scripts_run_and_nothing_else(stocked: Stocked) -> None:
    policy = asked(stocked).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert f'content="{dti.Explorer.policy()}"' in asked(stocked).text


def test_by_hash_it_stays(stocked: Stocked) -> None:
    named = asked(stocked)
    exact = stocked.client.get(named.headers["content-location"])
    assert exact.content == named.content
    assert exact.headers["cache-control"].endswith("immutable")
    again = stocked.client.get(named.headers["content-location"], headers={"If-None-Match": exact.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_edition_tells_where_it_is(stocked: Stocked) -> None:
    detail = stocked.client.get("/v1/editions/2020").json()
    assert stocked.client.get(detail["explorer"], params={"runs": 0}).status_code == 200


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"runs": 10**9}, {"language": "fr"}, {"part": 0}])
def test_what_it_does_not_take(stocked: Stocked, wrong: dict[str, Any]) -> None:
    assert asked(stocked, **wrong).status_code == 422


def test_a_part_that_is_not_there(stocked: Stocked) -> None:
    answer = asked(stocked, part=2)
    assert answer.status_code == 422
    assert answer.json()["code"] == "DT902"


def test_rows_beyond_a_page_are_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages hold all rows once, the better ranks first. The limit is made small, so that the index may be real."""
    monkeypatch.setattr(payloads, "MOST_UNITS", 20)
    scores = dti.CompositeIndex(dti.load_methodology("caict-computing-power-1.0")).fit().score()
    monkeypatch.setattr(payloads.shown_rows, "__defaults__", (1, 20))
    pages = [payload_of(dti.explorer(scores, part=part, part_address="?part={part}").html) for part in (1, 2)]
    ranks = [page["ranks"]["index"] for page in pages]
    assert [len(one) for one in ranks] == [20, 11]
    assert max(ranks[0]) <= min(ranks[1])
    keys = [key for page in pages for key in page["units"]["keys"]]
    assert sorted(keys) == sorted(scores.units.tolist())
    assert [page["part"] for page in pages] == [{"at": at, "all": 2, "address": "?part={part}"} for at in (1, 2)]
    assert any(one["code"] == "DT522" for one in pages[0]["findings"])
