"""``import dtindex`` is cheap, and what it promises is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import dtindex

HEAVY = {"numpy", "pandas", "pyarrow", "pydantic", "rich", "scipy", "sklearn", "statsmodels", "typer", "yaml"}


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(json.loads(run.stdout))


def test_import_loads_nothing_but_the_version() -> None:
    loaded = modules_after("import dtindex")
    assert not HEAVY & loaded
    assert {name for name in loaded if name.startswith("dtindex")} == {"dtindex", "dtindex._version"}


def test_a_finding_needs_no_numbers() -> None:
    assert not HEAVY & modules_after("import dtindex; dtindex.DtindexError; dtindex.Severity")


def test_what_is_lazy_stays_so_until_it_is_used() -> None:
    code = "import dtindex; dtindex.CompositeIndex; dtindex.read_table; dtindex.load_edition"
    assert not {"matplotlib", "sklearn", "statsmodels", "typer"} & modules_after(code)


@pytest.mark.parametrize("name", dtindex.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(dtindex, name) is not None
    assert name in dir(dtindex)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        dtindex.no_such_name  # noqa: B018


def test_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from dtindex import *", names)
    assert set(dtindex.__all__) <= set(names)


def test_the_service_is_of_the_same_version() -> None:
    import dtindex_service

    assert dtindex_service.__version__ == dtindex.__version__
