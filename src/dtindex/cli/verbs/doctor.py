"""``dtindex doctor``."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from dtindex._version import __version__
from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.cli.stream import can_say, is_terminal
from dtindex.findings import ExitCode
from dtindex.shipped import shipped

__all__ = ["run"]

_LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "pydantic", "scikit-learn", "statsmodels", "PyYAML")
_BORDER = ("python-calamine", "pyreadstat", "xlsxwriter", "typer", "rich")
_EXTRAS = {"service": ("fastapi", "uvicorn")}
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at; ``holds`` is None for what is only told."""

    what: str
    found: str
    holds: bool | None = None


def run(
    context: typer.Context,
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="A service's store to look at; or DTINDEX_DATA_DIR.")
    ] = None,
) -> int:
    """Versions, shipped files, the terminal's encoding, the temporary folder, threads, and which extras are installed.

    Of a store that is named also: whether its database, its files, its audit log and its jobs are whole. The exit code
    is 1 where something is lacking that dtindex cannot do without, or a store is damaged.
    """
    console = console_of(context)
    lines = [*_programs(), *_files(), *_terminal(), *_threads(), *_extras(), *_store(data_dir)]
    width = max(len(one.what) for one in lines)
    for one in lines:
        mark = {True: "ok", False: "NO", None: ""}[one.holds]
        console.say(f"{mark:<3}{one.what:<{width}}  {one.found}", "bold red" if one.holds is False else None)
    code = ExitCode.FINDINGS if any(one.holds is False for one in lines) else ExitCode.FINE
    told = [{"what": one.what, "found": one.found, "holds": one.holds} for one in lines]
    console.document({"verb": "doctor", "lines": told, "exit_code": int(code)})
    return code


def _programs() -> Iterator[Line]:
    yield Line("dtindex", __version__)
    yield Line(
        "Python", f"{platform.python_version()} ({platform.python_implementation()})", sys.version_info >= (3, 11)
    )
    yield Line("system", platform.platform())
    for name in (*_LIBRARIES, *_BORDER):
        found = _version(name)
        yield Line(name, found or "not installed", found is not None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _files() -> Iterator[Line]:
    for folder, pattern in (("methodology", "*.yaml"), ("data", "*.csv"), ("schema", "*.json")):
        path = shipped(folder)
        count = sum(1 for _ in path.rglob(pattern))
        yield Line(f"shipped {folder}", f"{count} files in {path}", count > 0)
    folder, problem = tempfile.gettempdir(), None
    try:
        with tempfile.NamedTemporaryFile(prefix="dtindex-doctor-") as probe:
            probe.write(b"dtindex")
    except OSError as error:
        problem = error.strerror or str(error)
    yield Line("temporary folder", f"{folder}: {problem}" if problem else folder, problem is None)


def _terminal() -> Iterator[Line]:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    speaks = "can show Chinese" if can_say(sys.stdout, "算力梯队▇") else "cannot show Chinese: set PYTHONUTF8=1"
    yield Line("standard output", f"{'terminal' if is_terminal(sys.stdout) else 'no terminal'}, {encoding}, {speaks}")


def _threads() -> Iterator[Line]:
    yield Line("processors", str(os.cpu_count() or "unknown"))
    for name in _THREADS:
        yield Line(name, os.environ.get(name, "not set"))


def _extras() -> Iterator[Line]:
    for extra, packages in _EXTRAS.items():
        lacking = [name for name in packages if _version(name) is None]
        found = f"lacks {', '.join(lacking)}: pip install 'dtindex[{extra}]'" if lacking else "installed"
        yield Line(f"extra {extra}", found)


def _store(data_dir: str | None) -> Iterator[Line]:
    """What the service says of the store that is named; nothing where none is."""
    if data_dir is None and not {"DTINDEX_DATA_DIR", "DTINDEX_DATABASE_URL"} & os.environ.keys():
        return
    for line in offered("check")(data_dir=data_dir):
        yield Line(line.what, line.found, line.holds)
