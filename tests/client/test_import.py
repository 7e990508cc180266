"""The client is loaded when it is asked for, and what it needs when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dtindex import UsageError
from dtindex.client import Client


def test_importing_it_loads_neither_pandas_nor_httpx() -> None:
    code = "import sys, dtindex.client; print(*sorted({'pandas', 'httpx2', 'pyarrow', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(UsageError, match=r"DT904 httpx2 is not installed.*pip install 'dtindex\[service\]'"):
        Client("http://127.0.0.1:8000")


def test_the_key_is_not_shown() -> None:
    with Client("http://127.0.0.1:8000", "dti_live_secret") as client:
        assert "secret" not in repr(client) + repr(vars(client))
