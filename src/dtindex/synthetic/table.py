"""The columns as one table, in the layout that the readers know as plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.careless import Careless
from dtindex.synthetic.columns import Column
from dtindex.synthetic.latents import FloatArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["METADATA", "SYNTHETIC", "keys", "synthetic_table"]

SYNTHETIC = "synthetic"
"""The column that says in every row what it is."""
METADATA = b"dtindex.synthetic"
"""The same in the metadata of the table and of Parquet files."""
_DIGITS = 7


def keys(rows: int, careless: Careless) -> pa.Array:
    """``E0000001`` and so on; with the word of a test before it where a respondent is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.cast(pa.array(np.arange(1, rows + 1)), pa.string())
    width = max(_DIGITS, len(str(rows)))
    prefix = np.zeros(rows, dtype=np.int8)
    prefix[careless.tests] = 1
    words = pa.DictionaryArray.from_arrays(pa.array(prefix), pa.array(["E", f"{careless.test_word}E"]))
    return pc.binary_join_element_wise(words.dictionary_decode(), pc.utf8_lpad(numbers, width, "0"), "")


def synthetic_table(
    questionnaire: Questionnaire,
    columns: dict[str, Column],
    careless: Careless,
    *,
    taken: FloatArray,
    weights: FloatArray | None,
    label: str,
) -> pa.Table:
    """Key, period, answers, measured values, seconds taken, weights, and the label in every row."""
    import pyarrow as pa

    methodology = questionnaire.methodology
    units, survey = methodology.units, methodology.survey
    rows = len(taken)
    found: dict[str, pa.Array] = {units.key: keys(rows, careless)}
    if units.period is not None:
        found[units.period] = _constant(str(methodology.base_period or 1), rows)
    for asked in questionnaire.columns:
        # A question that is the key itself, or a second one that reads the same column, is not written twice.
        if asked.head not in found:
            found[asked.head] = columns[asked.name].arrow()
    found.setdefault((survey.duration if survey else None) or "duration", pa.array(taken.astype(np.int64)))
    if weights is not None:
        found.setdefault((survey.weight if survey else None) or "weight", pa.array(weights))
    found[SYNTHETIC] = _constant(label, rows)
    return pa.table(found).replace_schema_metadata({METADATA: label.encode("utf-8")})


def _constant(word: str, rows: int) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([word]))
