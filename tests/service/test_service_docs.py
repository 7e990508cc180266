"""What README and docs/service.md tell a reader to do with the service works, in the order of the page."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from dtindex_service.settings import Settings

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.checkout
PAGES = [
    [ROOT / "README.md"],
    [ROOT / "docs" / "service.md", ROOT / "docs" / "jobs.md"],
    [ROOT / "docs" / "tutorials" / "service.md"],
    [ROOT / "docs" / "tutorials" / "service.zh.md"],
]
"""Where there are two, the second goes on where the first ends."""
_BLOCK = re.compile(r"^```(shell|py)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# The service starts while the next line is typed; a refusal ends the script.
PREAMBLE = """
set -euo pipefail
curl() {
    echo "curl $*" >&2
    command curl --silent --show-error --fail-with-body --retry 60 --retry-delay 1 --retry-connrefused "$@" >answer ||
        { cat answer >&2; return 1; }
}
kill() { command kill "${1/\\%1/$server}"; }
trap 'builtin kill $(jobs -p) 2>/dev/null; wait' EXIT
server=
"""


def script(pages: Sequence[Path], port: int) -> str:
    """All blocks of some pages as one script of bash, at another port."""
    parts = [PREAMBLE]
    for language, block in _BLOCK.findall("\n".join(page.read_text(encoding="utf-8") for page in pages)):
        moved = block.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        if language == "py":
            parts.append(f"python - <<'END_OF_PYTHON'\n{moved}END_OF_PYTHON\n")
        else:
            parts.append(re.sub(r" &$", " >served 2>said & server=$!", moved, flags=re.MULTILINE))
    return "\n".join(parts)


@pytest.mark.parametrize("pages", PAGES, ids=lambda pages: str(pages[-1].relative_to(ROOT)))
def test_every_line_works(pages: Sequence[Path], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bash = shutil.which("bash")
    assert bash is not None
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name, words in (("dtindex", "-m dtindex"), ("python", "")):
        program = bin_ / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DTINDEX_")}
    text = script(pages, port).replace("KEY=$(dtindex", "export KEY; KEY=$(dtindex")
    done = subprocess.run(
        [bash, "-c", text],
        cwd=tmp_path,
        env={**kept, "PATH": f"{bin_}:{kept['PATH']}", "DTINDEX_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_the_row_of_guangdong(served_in_memory) -> None:
    """The figures that README sends are those of the white paper, which prints 73.9 and rank 1."""
    answer = served_in_memory
    index = answer["units"][0]["items"]["index"]
    assert index["rank"] == 1
    assert round(index["score"], 1) == 73.9


@pytest.fixture
def served_in_memory(serve) -> dict[str, object]:
    (line,) = re.findall(r"--json '(\{.*?\})'", PAGES[0][0].read_text(encoding="utf-8"), re.DOTALL)
    sent = line.replace('"edition"', '"methodology"')
    answer = serve().client.post("/v1/score", content=sent.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_every_setting_is_told_with_its_default() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    rows = {
        name: default
        for names, default in re.findall(r"^\| (`DTINDEX_[^|]*) \| ([^|]*)\|", text, re.MULTILINE)
        for name, default in zip(
            re.findall(r"`DTINDEX_([A-Z_]+)`", names),
            default.split(",") if names.count("`DTINDEX_") > 1 else [default],
            strict=True,
        )
    }
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    units = {"MiB": 2**20, "GiB": 2**30}
    for name, told in rows.items():
        known = Settings.model_fields[name.lower()].default
        if isinstance(known, int) and known is not PydanticUndefined:
            number, _, unit = told.strip().partition(" ")
            assert int(number) * units.get(unit, 1) == known, name
