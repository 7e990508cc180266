"""The explorer: an index as a page that opens anywhere, asks no server, and scores again under other weights."""

from __future__ import annotations

from dtindex.reports.explorer.write import Explorer, explorer

__all__ = ["Explorer", "explorer"]
