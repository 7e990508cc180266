"""A synthetic sample: its table, and the figures that it was made to show."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Findings
from dtindex.spec.base import Language
from dtindex.spec.model import Methodology
from dtindex.spec.sample_plan import SamplePlan
from dtindex.synthetic.headlines import Headline, Shown, headlines
from dtindex.synthetic.write import write_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SyntheticSample"]


@dataclass(frozen=True, eq=False)
class SyntheticSample:
    """Made-up answers of made-up respondents.

    Attributes
    ----------
    table
        One row a respondent, in the layout that :func:`dtindex.read_table` takes: texts are dictionary-encoded, and the
        column ``synthetic`` says in every row what it is.
    label
        What that column says.
    careless
        Rows of careless respondents by the id of the rule that looks for them.
    """

    methodology: Methodology
    plan: SamplePlan
    seed: int
    label: str
    table: pa.Table
    careless: dict[str, NDArray[np.intp]]
    shown: Shown
    findings: Findings = field(default_factory=Findings)
    """DT262 where the methodology cannot score the sample."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        return f"<{self.label}: {len(self):,} respondents, {self.table.num_columns} columns>"

    @property
    def frame(self) -> pd.DataFrame:
        """The table as a data frame; texts are categorical."""
        frame: pd.DataFrame = self.table.to_pandas()
        return frame

    @cached_property
    def headlines(self) -> pd.DataFrame:
        """Each figure of the plan: figure, study, study_title, provenance, target, achieved, unit, bound.

        Over respondents who are not careless, unweighted; shares in per cent. ``label`` says in every row that the
        achieved figures are synthetic.
        """
        import pandas as pd

        rows = [{**asdict(one), "label": self.label} for one in self.told()]
        columns = [*Headline.__dataclass_fields__, "label"]
        return pd.DataFrame(rows, columns=columns)

    def told(self, language: Language = "en") -> tuple[Headline, ...]:
        """The same as values, in a language."""
        return headlines(self.shown, language)

    def write(self, path: str | PathLike[str]) -> Path:
        """Write the table as ``.csv``, ``.parquet`` or ``.xlsx``, whole or not at all.

        Raises
        ------
        UsageError
            DT902 for another ending, or more rows than a sheet holds; DT410 where the file cannot be written.
        """
        return write_table(self.table, path, self.label)
