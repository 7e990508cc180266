"""What a derived indicator is computed from."""

from __future__ import annotations

from dtindex.spec.model import Indicator
from dtindex.spec.tree import Tree

__all__ = ["operands_of"]

_NAMES = ("of", "to", "per", "within", "since", "minus", "growth")


def operands_of(tree: Tree, indicator: Indicator) -> tuple[str, ...]:
    """Ids of the indicators that the ``derive:`` block names, each once."""
    values = [getattr(indicator.derive, name, None) for name in _NAMES]
    named = [part for value in values if value for part in ((value,) if isinstance(value, str) else value)]
    return tuple(dict.fromkeys(part for part in named if part in tree.items))
