"""Fill the template of the computing-power index 2.0 from open statistics of 2023.

Provinces' yearbook figures stand in for what a regional institute would enter; what open statistics lack stays empty.
Run it as `python tests/conformance/fill_open_statistics.py TEMPLATE.xlsx FIGURES.csv`; the sheet is never committed.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import openpyxl

YEAR = "2023"
# The template's column, and the official series in the same unit of measure.
SERIES = {
    "software_revenue": "软件业务收入 (万元)",
    "broadband_ports": "互联网宽带接入端口 (万个)",
    "long_distance_fibre": "长途光缆线路长度 (万公里)",
    "mobile_traffic": "移动互联网接入流量 (万GB)",
    "ecommerce_sales": "电子商务销售额 (亿元)",
    "gdp": "地区生产总值 (亿元)",
}


def fill(template: Path, figures: Path) -> int:
    """Put the year's figures into the template's sheet; how many cells were filled."""
    with figures.open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["province"]: row for row in csv.DictReader(stream) if row["year"] == YEAR}
    book = openpyxl.load_workbook(template)
    sheet = book["data"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    filled = 0
    # Hong Kong, Macao and Taiwan have no figures in these tables: their rows go.
    for line in range(sheet.max_row, 1, -1):
        unit = str(sheet.cell(line, heads["province"]).value)
        official = next((row for name, row in rows.items() if name.startswith(unit)), None)
        if official is None:
            sheet.delete_rows(line)
            continue
        for column, series in SERIES.items():
            if official[series] != "":
                sheet.cell(line, heads[column]).value = float(official[series])
                filled += 1
    book.save(template)
    return filled


if __name__ == "__main__":
    print(fill(Path(sys.argv[1]), Path(sys.argv[2])), "cells filled")
