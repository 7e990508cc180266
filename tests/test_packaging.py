"""What the packaging files say of each other is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import dtindex

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).parents[1]
LOCKS = ("lock.txt", "run.txt")
USED = ("service", "postgres", "report", "distributed")
EXTRAS = {"lock.txt": (*USED, "dev"), "run.txt": ()}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def required(*extras: str) -> dict[str, Requirement]:
    described = project()
    lines = [
        *described["dependencies"],
        *(line for extra in extras for line in described["optional-dependencies"][extra]),
    ]
    return {canonicalize_name(item.name): item for item in map(Requirement, lines)}


def pinned(name: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)
    return {canonicalize_name(package): Version(version) for package, version in pins}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_every_dependency_within_its_bound(lock: str) -> None:
    pins = pinned(lock)
    for name, requirement in required(*EXTRAS[lock]).items():
        assert name in pins, f"{name} is not in {lock}: make lock"
        assert pins[name] in requirement.specifier


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|@", text)
    assert len(re.findall(r"==.*\\\n    --hash=sha256:", text)) == len(pinned(lock))


def test_both_locks_agree() -> None:
    run, everything = pinned("run.txt"), pinned("lock.txt")
    assert run == {name: everything[name] for name in run}


def test_lowest_versions_are_the_lower_bounds() -> None:
    bounds = {}
    for name, requirement in required(*USED).items():
        (specifier,) = requirement.specifier
        assert specifier.operator == ">="
        bounds[name] = Version(specifier.version)
    assert pinned("lowest.txt") == bounds


def test_changelog_knows_the_version() -> None:
    assert f"## [{dtindex.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
