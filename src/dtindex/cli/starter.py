"""What `init` writes: a small index of one's own, or a copy of one that ships."""

from __future__ import annotations

import re

from dtindex.findings import UsageError, finding, nearest

__all__ = ["copied", "starter"]

_METHODOLOGY = """\
# A composite index in one file. After `dtindex schema -o methodology-1.json` editors check it as you type:
# yaml-language-server: $schema=methodology-1.json
schema_version: 1
id: my-index-1.0
title: {en: My index, zh: 我的指数}

# Every figure can name its source by this id.
sources:
  - {id: yearbook, title: {en: Statistical yearbook, zh: 统计年鉴}, year: 2025}

# What is scored: one row of the table each. `codelist: cn-province` would hold the keys against the list of provinces.
units: {kind: city, key: city}

# Scored when no table is named.
data: data.csv

# The tree, top-down: the index, its dimensions. Weights count among siblings only; they need not sum to anything.
nodes:
  - {id: index, label: {en: My index, zh: 我的指数}}
  - {id: infrastructure, parent: index, weight: 2, label: {en: Infrastructure, zh: 基础设施}}
  - {id: application, parent: index, weight: 1, label: {en: Application, zh: 应用}}

# The leaves: columns of the table. Each is brought to 0-100 before it is weighed.
indicators:
  - id: broadband
    parent: infrastructure
    unit: Mbit/s
    label: {en: Broadband speed, zh: 宽带速率}
    # Fixed goalposts: 0 scores 0, 500 scores 100, beyond it 100.
    normalise: {method: goalposts, worst: 0, best: 500, clip: both}
    # published, recovered, assumed or unpublished: where a parameter comes from is shown with every result.
    provenance: {best: assumed}
    source: yearbook
  - id: power_price
    parent: infrastructure
    unit: {en: yuan/kWh, zh: 元/千瓦时}
    label: {en: Price of power, zh: 电价}
    # A lower price is better, so the worse goalpost is the higher one.
    normalise: {method: goalposts, worst: 1.2, best: 0.4, clip: both}
    provenance: {worst: assumed, best: assumed}
    source: yearbook
  - id: online_services
    parent: application
    unit: "%"
    label: {en: Services that are online, zh: 政务服务网办率}
    # Goalposts from the data: the lowest city scores 0, the highest 100. `freeze` keeps them for next year.
    normalise: {method: min-max}
    source: yearbook

tiers:
  - node: index
    method: thresholds
    provenance: assumed
    levels:
      - {id: first, label: {en: First tier, zh: 第一梯队}, at_least: 60}
      - {id: others, label: {en: Others, zh: 其他}}
"""

_DATA = """\
city,broadband,power_price,online_services
甲市,410,0.62,93.1
乙市,355,0.55,88.4
丙市,290,0.48,71.9
丁市,180,0.81,64.0
戊市,220,0.70,
"""

_README = """\
# {title}

`methodology.yaml` says what the index is, `{data}` holds the figures. Next:

    dtindex check methodology.yaml
    dtindex score methodology.yaml -o out
    dtindex freeze methodology.yaml -o first.dtindex

`out/scores.csv` and `out/scores_wide.csv` open in Excel; `out/run.json` says how they came about. `dtindex show
methodology.yaml` prints the tree, `dtindex template methodology.yaml -o fill-in.xlsx` a sheet to fill in.

`methodology.yaml` 定义指数，`{data}` 存放数据。以上三条命令依次为：检查、打分、固化版本。加 `--language zh` 显示中文。
"""

_ID = re.compile(r"^id: .*$", re.MULTILINE)
_SCHEMA_LINE = re.compile(r"^# yaml-language-server: .*\n")


def starter() -> dict[str, str]:
    """Files of a small index of one's own, by name."""
    return {
        "methodology.yaml": _METHODOLOGY,
        "data.csv": _DATA,
        "README.md": _README.format(title="My index", data="data.csv"),
    }


def copied(name: str) -> dict[str, str]:
    """Files of a methodology that ships, under an id of one's own.

    Raises
    ------
    UsageError
        DT060 where none of that id ships.
    """
    from dtindex.spec import load_methodology, shipped_methodologies
    from dtindex.spec.base import text

    known = shipped_methodologies()
    if name not in known:
        guess = nearest(name, known)
        hint = f"nearest is {guess!r}" if guess else "`dtindex list` prints the ids"
        raise UsageError([finding("DT060", f"no methodology {name!r} ships; {hint}")])
    methodology = load_methodology(name)
    own = _ID.sub(f"id: my-{name}", _SCHEMA_LINE.sub("", methodology.source_text or ""), count=1)
    files = {"methodology.yaml": own}
    if methodology.data_ is not None:
        from dtindex.tables.read import data_of

        files[methodology.data_] = data_of(methodology).read_text(encoding="utf-8-sig")
    readme = _README.format(title=text(methodology.title), data=methodology.data_ or "a table of yours")
    return {**files, "README.md": readme}
