"""What people read of a result: figures today; tables and documents come beside them. Needs the extra ``report``."""

from __future__ import annotations

from dtindex.report import figures

__all__ = ["figures"]
