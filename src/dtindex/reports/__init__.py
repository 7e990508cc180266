"""What people read of a result: a page in one file, and figures, which need the extra ``report``."""

from __future__ import annotations

from dtindex.reports import figures

__all__ = ["figures"]
