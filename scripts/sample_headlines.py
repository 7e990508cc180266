"""What synthetic samples of the reinvention index show, over many seeds, beside what they are made to show.

    python scripts/sample_headlines.py [--seeds 20] [-n 100000] [--threads 2] [METHODOLOGY]

One line a figure: target, the least, the mean and the most over seeds, and the farthest from the target. The exit code
is 1 where a share or a mean is farther than one point from its target.
"""

from __future__ import annotations

import argparse
import sys

import pandas as pd

import dtindex

POINTS = 1.0


def shown(identifier: str, respondents: int, seeds: int, threads: int) -> pd.DataFrame:
    """Figures by seed ``(figures, seeds)`` behind the columns figure, study, target, unit."""
    methodology = dtindex.load_methodology(identifier)
    found = [
        dtindex.sample(methodology, respondents, seed=seed, threads=threads).headlines for seed in range(1, seeds + 1)
    ]
    table = found[0][["figure", "study", "target", "unit"]].copy()
    achieved = pd.DataFrame({seed: one["achieved"] for seed, one in enumerate(found, 1)})
    table["least"], table["mean"], table["most"] = achieved.min(axis=1), achieved.mean(axis=1), achieved.max(axis=1)
    table["farthest"] = achieved.sub(table["target"], axis=0).abs().max(axis=1)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methodology", nargs="?", default="accenture-reinvention-2023")
    parser.add_argument("-n", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    table = shown(given.methodology, given.n, given.seeds, given.threads)
    print(f"synthetic: {given.methodology}, {given.n:,} respondents, seeds 1 to {given.seeds}\n")
    width = max(len(figure) for figure in table["figure"])
    print(f"{'figure':<{width}}  {'target':>7} {'':2} {'least':>7} {'mean':>7} {'most':>7} {'off by':>7}  study")
    for row in table.itertuples():
        figures = " ".join(f"{value:7.2f}" for value in (row.least, row.mean, row.most, row.farthest))
        print(f"{row.figure:<{width}}  {row.target:7.4g} {row.unit:2} {figures}  {row.study}")
    far = table[(table["unit"] != "x") & (table["farthest"] > POINTS)]
    print(f"\n{len(far)} of {len(table)} figures farther than {POINTS:g} from their target")
    return int(not far.empty)


if __name__ == "__main__":
    sys.exit(main())
