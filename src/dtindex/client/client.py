"""The client: a method for each thing that the service can be asked."""

from __future__ import annotations

import io
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from dtindex.atomic import write_bytes
from dtindex.client.refusals import failed, to_findings, unreachable
from dtindex.client.results import Dataset, Job, NewKey, Profile, ScoredUnits, Stored
from dtindex.client.scoring import as_sent, of_matrix, of_record, profile, record
from dtindex.client.transport import Answer, Transport
from dtindex.findings import DtindexError, Findings, InputError, LimitError, UsageError, finding

if TYPE_CHECKING:
    from types import TracebackType

    import httpx2
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.spec.model import Methodology
    from dtindex.unit import UnitScore

__all__ = ["Client"]

_ARROW = "application/vnd.apache.arrow.stream"
_YAML = "application/yaml"
_HASH_IN_ADDRESS = re.compile(r"/([0-9a-f]{64})(?=[/.?]|$)")
_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".sav": "application/x-spss-sav",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
}
_ANY = "application/octet-stream"


class Client:
    """A service at an address, asked as whoever the key speaks for.

    Parameters
    ----------
    url
        Address of the service, such as ``http://127.0.0.1:8000``.
    key
        An API key; none for a service on this machine that has none configured.
    timeout
        Seconds that connecting, and each piece of an answer, may take.
    retries
        How often a request that got no answer, or is to come later, is sent again. What changes something bears an
        ``Idempotency-Key``, so that it is carried out once.

    Raises
    ------
    UsageError, InputError, LimitError
        From every method, with the findings of the service: what the library would raise if it were asked here.

    Examples
    --------
    >>> client = Client("http://127.0.0.1:8000")  # doctest: +SKIP
    >>> client.score_unit({"compute": 22.4}, edition="caict-computing-power-1.0").ranks["compute"]  # doctest: +SKIP
    2
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 3,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._sent = Transport(url, key, timeout=timeout, retries=retries, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sent.close()

    # --- scoring ---

    def score_unit(
        self,
        values: Mapping[str, Any],
        *,
        edition: str | None = None,
        methodology: str | None = None,
        assume: str | None = None,
        unit: str = "",
        period: str | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> UnitScore:
        """Score one unit, as :meth:`dtindex.Edition.score_unit` does; ranks are among the reference units."""
        body = _subject(edition, methodology, assume) | {"units": [record(values, unit, period, groups)]}
        return of_record(_json(self._sent.post("/v1/score", json=body, changes=False)))

    def score(
        self,
        units: pd.DataFrame,
        *,
        edition: str | None = None,
        methodology: str | None = None,
        assume: str | None = None,
        ranked_against: Literal["table", "reference"] = "reference",
        contributions: bool = False,
        groups: Sequence[str] = (),
    ) -> ScoredUnits:
        """Score units: a frame indexed by unit, or by unit and period, with a column for each indicator or question.

        ``groups`` names columns that are text by which units are grouped. NaN and None are missing; a
        :class:`dtindex.Status` in a cell says why there is no value.
        """
        body = _subject(edition, methodology, assume) | as_sent(units, groups)
        body |= {"ranked_against": ranked_against, "contributions": contributions}
        return of_matrix(_json(self._sent.post("/v1/score", json=body, changes=False)))

    # --- methodologies ---

    def methodologies(self) -> pd.DataFrame:
        """Those that ship and those of the project: id, hash, origin, created."""
        return self._list("/v1/methodologies", ["id", "hash", "origin", "created"])

    def methodology(self, reference: str) -> Methodology:
        """A methodology by id or hash; what came is checked against its hash."""
        from dtindex.spec import parse_methodology

        answer = self._sent.get(f"/v1/methodologies/{_part(reference)}.yaml", accept=_YAML)
        found, findings = parse_methodology(answer.content, f"{reference}.yaml")
        if found is None:
            raise InputError(findings)
        _check("methodology", found.hash, _hash_of(answer, reference))
        return found

    def template(self, reference: str, form: Literal["xlsx", "csv"] = "xlsx", *, periods: Sequence[str] = ()) -> bytes:
        """A sheet to fill in, as the contents of a file."""
        path = f"/v1/methodologies/{_part(reference)}/template.{form}"
        return self._sent.get(path, {"period": list(periods) or None}, accept="*/*").content

    def validate(self, methodology: Path | str | bytes) -> Findings:
        """All that there is to say about a methodology file (a path, or its text). Nothing is stored."""
        content, _ = _content(methodology)
        answer = self._sent.post("/v1/methodologies:validate", content=content, media_type=_YAML, changes=False)
        return Findings(to_findings(_json(answer)["findings"]))

    def store_methodology(self, methodology: Path | str | bytes) -> Stored:
        """Store a methodology file (a path, or its text) for the project."""
        content, _ = _content(methodology)
        answer = self._sent.post("/v1/methodologies", content=content, media_type=_YAML)
        told = _json(answer)
        return Stored(told["id"], told["hash"], answer.status == _CREATED, Findings(to_findings(told["findings"])))

    # --- datasets ---

    def datasets(self) -> pd.DataFrame:
        """The project's tables: id, name, rows, columns, created, expires."""
        return self._list("/v1/datasets", ["id", "name", "rows", "columns", "created", "expires"])

    def upload(
        self,
        table: pd.DataFrame | Path | str | bytes,
        *,
        methodology: str | None = None,
        name: str | None = None,
        media_type: str | None = None,
        **reading: object,
    ) -> Dataset:
        """Upload a table: a frame, a path, or the bytes of a file.

        Parameters
        ----------
        methodology
            What it is held against: then all findings of :func:`dtindex.read_table` come back.
        name
            What to call it; else the name of the file.
        media_type
            What the bytes are, if neither a name nor a look at them says so.
        reading
            ``layout``, ``sheet``, ``delimiter``, ``encoding``, ``header_rows``, as readers of tables take them.

        Raises
        ------
        InputError
            With every finding, where one is an error; then nothing is kept.
        """
        content, called = _content(table)
        kind = media_type or _TYPES.get(Path(called or name or "").suffix.lower(), _ANY)
        asked = {"methodology": methodology, "name": name or called, **reading}
        return _dataset(_json(self._sent.post("/v1/datasets", asked, content=content, media_type=kind)))

    def dataset(self, id: str) -> Dataset:  # noqa: A002
        """What is known of a table; none of its cells."""
        return _dataset(_json(self._sent.get(f"/v1/datasets/{_part(id)}")))

    def delete_dataset(self, id: str) -> None:  # noqa: A002
        """Remove a table that no edition rests on."""
        self._sent.delete(f"/v1/datasets/{_part(id)}")

    # --- editions ---

    def editions(self) -> pd.DataFrame:
        """The project's editions: name, hash, methodology, dataset, units, created."""
        frame = self._list("/v1/editions", ["name", "hash", "methodology", "dataset", "units", "created"])
        frame["methodology"] = [one["id"] for one in frame["methodology"]]
        return frame

    def freeze(self, name: str, methodology: str, *, dataset: str | None = None, assume: str | None = None) -> Edition:
        """Freeze a methodology on a table that was uploaded, or on its own data; the edition, as :meth:`edition`."""
        body = {"name": name, "methodology": methodology, "dataset": dataset, "assume": assume}
        return self.edition(_json(self._sent.post("/v1/editions", json=body))["hash"])

    def edition(self, reference: str) -> Edition:
        """An edition by name or hash, to score with here.

        Raises
        ------
        InputError
            DT402 where what came is not the edition of that hash, or a part of it was altered.
        """
        from dtindex.edition import load_edition

        answer = self._sent.get(f"/v1/editions/{_part(reference)}.dtindex", accept="*/*")
        with tempfile.TemporaryDirectory(prefix="dtindex-client-") as folder:
            path = Path(folder) / "edition.dtindex"
            path.write_bytes(answer.content)
            found = load_edition(path)
        _check("edition", found.hash, _hash_of(answer, reference))
        return found

    def table(self, edition: str, name: str, **asked: object) -> pd.DataFrame:
        """A table of an edition, whole: ``scores``, ``scores_wide``, ``rankings``, ``weights``, ``coverage`` ..."""
        return self._frame(f"/v1/editions/{_part(edition)}/{_part(name)}", asked)

    def metadata(self, edition: str, name: str) -> dict[str, Any]:
        """What is to be known about a table: columns, units of measure, sources, licences, assumptions."""
        return _json(self._sent.get(f"/v1/editions/{_part(edition)}/{_part(name)}.metadata.json"))

    def figure(self, edition: str, name: str, form: Literal["svg", "png"] = "svg", **asked: object) -> bytes:
        """A figure, as the contents of a file: ``rank_intervals``, ``rank_heatmap`` ..."""
        path = f"/v1/editions/{_part(edition)}/figures/{_part(name)}.{form}"
        return self._sent.get(path, asked, accept="*/*").content

    def rankings(
        self,
        edition: str,
        *,
        node: str | None = None,
        period: str | None = None,
        group: str | None = None,
        language: Literal["en", "zh"] = "en",
    ) -> pd.DataFrame:
        """Units from the best rank down, by the index or by ``node``; ``group``: among units of the same group."""
        asked = {"node": node, "period": period, "group": group, "language": language}
        return self._frame(f"/v1/editions/{_part(edition)}/rankings", asked)

    def units(self, edition: str) -> pd.DataFrame:
        """Units that the edition scores: unit, names (by language), periods, address."""
        return self._list(f"/v1/editions/{_part(edition)}/units", ["unit", "names", "periods", "address"])

    def unit(self, edition: str, key: str, *, period: str | None = None, node: str | None = None) -> Profile:
        """Everything that an edition says of a unit, by its key, its name or another spelling of it."""
        path = f"/v1/editions/{_part(edition)}/units/{_part(key)}"
        return profile(_json(self._sent.get(path, {"period": period, "node": node})))

    def explain(
        self,
        edition: str,
        key: str,
        *,
        against: str | None = None,
        period: str | None = None,
        against_period: str | None = None,
        node: str | None = None,
        language: Literal["en", "zh"] = "en",
    ) -> pd.DataFrame:
        """Why a unit's score is what it is; or what sets it apart from ``against``: a unit, ``mean`` or ``best``."""
        asked = {"against": against, "period": period, "against_period": against_period, "node": node}
        path = f"/v1/editions/{_part(edition)}/units/{_part(key)}/explanation.arrow"
        return self._frame(path, asked | {"language": language})

    def compare(
        self,
        edition: str,
        other: str,
        table: Literal["units", "items", "summary"] = "units",
        *,
        node: str | None = None,
        periods: tuple[str, str] | None = None,
    ) -> pd.DataFrame:
        """What changed from an edition to another, and whether data, weights or the method made it so."""
        asked = {"other": other, "node": node, "periods": periods}
        return self._frame(f"/v1/editions/{_part(edition)}/compare/{table}.arrow", asked)

    def estimates(self, edition: str, **asked: object) -> pd.DataFrame:
        """Figures of the population with standard errors; ``of``, ``by``, ``kind`` ... as :func:`dtindex.estimate`."""
        return self._frame(f"/v1/editions/{_part(edition)}/estimates.arrow", asked)

    def classes(self, edition: str, table: str = "units", **asked: object) -> pd.DataFrame:
        """Who is in a class and how firmly (``units``), ``shares``, ``crosstab`` ...; as :func:`dtindex.classify`."""
        return self._frame(f"/v1/editions/{_part(edition)}/classes/{_part(table)}.arrow", asked)

    def validity(self, edition: str, table: str = "reliability", **asked: object) -> pd.DataFrame:
        """Whether indicators belong together: ``reliability``, ``correlations`` ...; as :func:`dtindex.validity`."""
        return self._frame(f"/v1/editions/{_part(edition)}/validity/{_part(table)}.arrow", asked)

    def rank_bounds(self, edition: str, table: str = "bounds", **asked: object) -> pd.DataFrame:
        """What holds whatever the weights: ``bounds``, ``witnesses`` ...; as :func:`dtindex.rank_bounds`."""
        return self._frame(f"/v1/editions/{_part(edition)}/rank-bounds/{_part(table)}.arrow", asked)

    def rank_sets(self, edition: str, table: str = "sets", **asked: object) -> pd.DataFrame:
        """Which ranks can be told apart: ``sets``, ``above``, ``rank_law``; as :func:`dtindex.rank_sets`."""
        return self._frame(f"/v1/editions/{_part(edition)}/rank-sets/{_part(table)}.arrow", asked)

    # --- jobs ---

    def submit(self, kind: str, edition: str, *, dataset: str | None = None, **parameters: object) -> Job:
        """Ask for something that takes long: `simulation`, `sensitivity`, `rank-bounds`, `rank-sets`, `estimates`,
        `scores` (of a dataset) or `report`, with the parameters of the library's function of that name.

        The same request is the same job: asked again, it is the one that is there, done or not.
        """
        body: dict[str, object] = {"kind": kind, "edition": edition, "parameters": parameters}
        if dataset is not None:
            body["dataset"] = dataset
        return _job(_json(self._sent.post("/v1/jobs", json=body, changes=False)))

    def jobs(self) -> pd.DataFrame:
        """The project's jobs: id, kind, state, edition, created, ended."""
        return self._list("/v1/jobs", ["id", "kind", "state", "edition", "created", "ended"])

    def job(self, id: str) -> Job:  # noqa: A002
        """How a job stands."""
        return _job(_json(self._sent.get(f"/v1/jobs/{_part(id)}")))

    def wait(
        self, job: Job | str, *, timeout: float | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Job:
        """The job, when it is done; ``progress`` is told how much is, and of how much.

        Raises
        ------
        InputError, UsageError, LimitError
            What the library would raise where it was asked here; DT722 where the job was cancelled.
        LimitError
            DT903 where it is not done after ``timeout`` seconds. It goes on over there.
        """
        until = None if timeout is None else time.monotonic() + timeout
        found, pause = self.job(job if isinstance(job, str) else job.id), _FIRST_LOOK
        while not found.has_ended:
            if progress is not None and found.size:
                progress(found.done, found.size)
            if until is not None and time.monotonic() >= until:
                raise LimitError([finding("DT903", f"the job is not done after {timeout:g} s")])
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK)
            found = self.job(found.id)
        if found.state == "cancelled":
            raise UsageError([finding("DT722", "the job was cancelled")])
        if found.state == "failed":
            assert found.problem is not None
            raise failed(found.problem)
        return found

    def cancel(self, job: Job | str) -> Job:
        """Give up what is not done of a job; one that has ended stays as it is."""
        path = f"/v1/jobs/{_part(job if isinstance(job, str) else job.id)}/cancel"
        return _job(_json(self._sent.post(path, changes=False)))

    def forget_job(self, job: Job | str) -> None:
        """Forget a job, with what it gave; one that has not ended is cancelled before."""
        self._sent.delete(f"/v1/jobs/{_part(job if isinstance(job, str) else job.id)}")

    def result(self, job: Job | str) -> dict[str, Any]:
        """What an analysis gave, as the library's ``to_dict`` tells it."""
        return _json(self._sent.get(f"/v1/jobs/{_part(job if isinstance(job, str) else job.id)}/result"))

    def result_table(self, job: Job | str, table: str) -> pd.DataFrame:
        """A table that it gave, such as ``rank_intervals``."""
        return self._frame(f"/v1/jobs/{_part(job if isinstance(job, str) else job.id)}/{_part(table)}.arrow", {})

    def result_file(self, job: Job | str, path: Path | str) -> Path:
        """Save what it gave first of all: a report, or the JSON of an analysis."""
        answer = self._sent.get(f"/v1/jobs/{_part(job if isinstance(job, str) else job.id)}/result", accept="*/*")
        return write_bytes(path, answer.content)

    # --- keys and health ---

    def keys(self) -> pd.DataFrame:
        """The project's keys, revoked ones too; none of them as a whole."""
        heads = ["id", "name", "prefix", "scopes", "created", "expires", "revoked", "last_used"]
        return self._list("/v1/keys", heads)

    def create_key(self, name: str, scopes: Iterable[str], *, expires: datetime | None = None) -> NewKey:
        """Make a key of the project."""
        until = None if expires is None else expires.isoformat()
        told = _json(self._sent.post("/v1/keys", json={"name": name, "scopes": list(scopes), "expires": until}))
        return NewKey(told["id"], told["name"], tuple(told["scopes"]), _time(told["expires"]), told["key"])

    def revoke_key(self, id: str) -> None:  # noqa: A002
        """Close a key for good."""
        self._sent.delete(f"/v1/keys/{_part(id)}")

    def version(self) -> dict[str, Any]:
        """Versions of dtindex, Python and libraries over there."""
        return _json(self._sent.get("/version"))

    def is_ready(self) -> bool:
        """Whether the service answers and can work."""
        try:
            self._sent.get("/readyz")
        except DtindexError:
            return False
        return True

    # --- how ---

    def _list(self, path: str, columns: list[str]) -> pd.DataFrame:
        import pandas as pd

        items = [item for page in self._sent.pages(path, {"limit": 1000}) for item in _json(page)["items"]]
        frame = pd.DataFrame([[item[name] for name in columns] for item in items], columns=columns)
        for name in frame.columns.intersection(["created", "expires", "revoked", "last_used"]):
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
        return frame

    def _frame(self, path: str, asked: Mapping[str, object]) -> pd.DataFrame:
        import pyarrow as pa

        answer = self._sent.get(path, asked, accept=_ARROW)
        frame: pd.DataFrame = pa.ipc.open_stream(answer.content).read_pandas()
        return frame


_CREATED = 201
_FIRST_LOOK, _LONGEST_LOOK = 0.1, 5.0


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise unreachable("what came is no answer of this service: something stands in between")
    return found


def _subject(edition: str | None, methodology: str | None, assume: str | None) -> dict[str, Any]:
    if (edition is None) == (methodology is None):
        raise UsageError([finding("DT902", "name an edition or a methodology: one of the two")])
    asked = {"edition": edition, "methodology": methodology, "assume": assume}
    return {name: value for name, value in asked.items() if value is not None}


def _part(reference: str) -> str:
    """A name as a part of an address."""
    return quote(reference, safe="")


def _hash_of(answer: Answer, reference: str) -> str | None:
    """The hash that an answer is addressed by: it was asked for, or the answer says where it stands for good."""
    found = _HASH_IN_ADDRESS.search("/" + reference) or _HASH_IN_ADDRESS.search(
        answer.headers.get("content-location", "")
    )
    return found[1] if found else None


def _check(what: str, found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise InputError([finding("DT402", f"the {what} that came is {found[:12]}, and {wanted[:12]} was asked for")])


def _content(given: pd.DataFrame | Path | str | bytes) -> tuple[bytes, str | None]:
    """Bytes to send, and what the file is called. A text that ends in no line and names a file is a path."""
    if isinstance(given, bytes):
        return given, None
    if isinstance(given, str) and "\n" in given:
        return given.encode(), None
    if isinstance(given, (str, Path)):
        path = Path(given)
        try:
            return path.read_bytes(), path.name
        except OSError as error:
            raise UsageError([finding("DT103", f"cannot read {path}: {error.strerror}")]) from error
    sink = io.BytesIO()
    given.reset_index(drop=given.index.names == [None]).to_parquet(sink)
    return sink.getvalue(), "table.parquet"


def _dataset(told: Mapping[str, Any]) -> Dataset:
    import pandas as pd

    heads = ["name", "position", "looks", "filled", "distinct", "matched", "nearest"]
    described = pd.DataFrame([[one[head] for head in heads] for one in told["described"]], columns=heads)
    return Dataset(
        id=told["id"],
        name=told["name"],
        rows=told["rows"],
        created=datetime.fromisoformat(told["created"]),
        expires=_time(told["expires"]),
        findings=Findings(to_findings(told["findings"])),
        columns=described,
    )


def _job(told: Mapping[str, Any]) -> Job:
    return Job(
        id=told["id"],
        kind=told["kind"],
        state=told["state"],
        edition=told["edition"],
        dataset=told["dataset"],
        parameters=told["parameters"],
        created=datetime.fromisoformat(told["created"]),
        started=_time(told["started"]),
        ended=_time(told["ended"]),
        done=told["progress"]["size_done"],
        size=told["progress"]["size"],
        results=tuple(told["results"] or ()),
        problem=told["problem"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
