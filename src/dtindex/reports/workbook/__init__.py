"""The workbook: an index as a spreadsheet that computes its scores and ranks itself, from the raw values on."""

from __future__ import annotations

from dtindex.reports.workbook.write import Workbook, workbook

__all__ = ["Workbook", "workbook"]
