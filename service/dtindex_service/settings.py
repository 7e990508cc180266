"""Settings of the service: each may be set by a variable of the environment that begins with ``DTINDEX_``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["LOOPBACK", "Settings", "is_loopback", "listening_host"]

LOOPBACK = "127.0.0.1"
_LEAST_SECRET = 32

Positive = Annotated[int, Field(gt=0)]


def _home() -> Path:
    """Where data of programs belong on this system (XDG base directory specification)."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "dtindex"


class Settings(BaseSettings):
    """What an operator may choose. ``Settings()`` reads the environment; nothing else of the service does."""

    model_config = SettingsConfigDict(env_prefix="DTINDEX_", extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Path = Field(default_factory=_home)
    """Folder of the blobs, of the database unless another is named, and of the secret."""
    database_url: SecretStr | None = None
    """``sqlite:///PATH`` or ``postgresql+psycopg://...``, with a password or not; SQLite in ``data_dir`` if not set."""
    secret: SecretStr | None = None
    """Key of the HMAC under which API keys are stored: 32 characters or more. Made once, into ``data_dir/secret``."""

    host: str = LOOPBACK
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Positive = 1
    shutdown_seconds: Positive = 20
    """How long requests that run may take to end after SIGTERM."""

    read_only: bool | None = None
    """True: nobody may write. False: without a key configured, callers from this machine may write too. None: they may
    read and score; keys do what their scopes say."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 60_000
    """Cost units a minute of one key (a plain request costs 1); 0 for no limit."""
    failed_keys_per_minute: Annotated[int, Field(ge=0)] = 600
    """Refused keys a minute of one address; 0 for no limit."""

    max_body_bytes: Positive = 16 * 2**20
    """Largest body that is no upload."""
    max_upload_bytes: Positive = 256 * 2**20
    max_json_depth: Positive = 64
    max_units_per_request: Positive = 5_000
    parse_processes: Positive = 2
    """Uploads that are parsed at a time, each in a process of its own; others wait."""
    parse_seconds: Positive = 60
    parse_memory_bytes: Positive = 2 * 2**30
    max_cached_bytes: Annotated[int, Field(ge=0)] = 64 * 2**20
    """Rendered tables of editions that are kept in memory."""
    max_open_bytes: Positive = 512 * 2**20
    """Editions and their scores that are kept in memory."""
    analysis_seconds: Positive = 60
    """How long freezing, an analysis or a figure may take."""
    analysis_memory_bytes: Positive = 4 * 2**30
    """Address space of a process that freezes and analyses."""
    analysis_processes: Positive = 2
    """How many of these there are at most; they start when they are needed."""

    job_processes: Annotated[int, Field(ge=0)] = 2
    """Chunks of jobs that this process has worked on at a time; 0 where `dtindex worker` works on them alone."""
    job_seconds: Positive = 3_600
    """How long a chunk of a job may take."""
    job_memory_bytes: Positive = 8 * 2**30
    """Address space of a process that works on one."""
    max_job_size: Positive = 10**9
    """Runs, evaluations, programmes or replicates of a job; one of more is refused when it is planned."""
    stream_seconds: Positive = 600
    """How long a stream of events lasts; whoever follows a job opens it again, from where it was."""
    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    """A chunk whose worker was not heard of for so long is given to another."""
    job_days: Positive | None = None
    """How long a job that has ended is kept, with what it gave; None for ever."""

    retention_days: Positive | None = None
    """How long an upload is kept if no edition needs it; None for ever."""
    idempotency_hours: Positive = 24

    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_token: SecretStr | None = None
    """Who may read ``/metrics`` from elsewhere: the bearer of this token. From this machine it needs none."""

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < _LEAST_SECRET:
            raise ValueError(f"the secret needs {_LEAST_SECRET} characters or more")
        return secret

    @property
    def database(self) -> str:
        """The address of the database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'dtindex.sqlite'}"

    def pepper(self) -> bytes:
        """The secret's bytes; made and kept in ``data_dir/secret``, for its owner only, where none is set."""
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        path = self.data_dir / "secret"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            return _read_secret(path)
        except FileNotFoundError:
            return _make_secret(path)


def _read_secret(path: Path) -> bytes:
    found = path.read_bytes().strip()
    if len(found) < _LEAST_SECRET:
        raise ValueError(f"{path} is damaged: it holds fewer than {_LEAST_SECRET} characters")
    return found


def _make_secret(path: Path) -> bytes:
    """Several processes may start at once: the first whose link succeeds names the secret, whole."""
    made = secrets.token_urlsafe(48).encode()
    waiting = path.with_name(f".dtindex-secret-{secrets.token_hex(8)}")
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(made)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(waiting, path)
        except FileExistsError:
            return _read_secret(path)
    finally:
        waiting.unlink()
    return made


def is_loopback(host: str | None) -> bool:
    """Whether an address or a name leads to this machine only."""
    if host is None:
        return False
    name = host.strip("[]").lower()
    return name in {"localhost", "::1"} or (name.startswith("127.") and name.replace(".", "").isdigit())


def listening_host(settings: Settings, *, keyed: bool) -> str:
    """The address to bind to: the one that is set where a key is configured, and this machine's own where none is."""
    return settings.host if keyed or is_loopback(settings.host) else LOOPBACK
