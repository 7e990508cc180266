"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import dtindex


def modules() -> list[str]:
    found = pkgutil.walk_packages(dtindex.__path__, "dtindex.", onerror=lambda name: None)
    return [module.name for module in found if not module.name.endswith("__main__") and "._shipped" not in module.name]


@pytest.mark.parametrize("name", modules())
def test_examples(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert not failed
