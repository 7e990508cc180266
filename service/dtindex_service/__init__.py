"""dtindex over HTTP: the same scores, from the public names of ``dtindex`` and nothing else of it."""

from dtindex import __version__

__all__ = ["__version__"]
