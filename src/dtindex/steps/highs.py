"""HiGHS as it is used here: silent, on one thread, so that the same programme gives the same answer."""

from __future__ import annotations

from typing import Any

__all__ = ["solver"]


def solver() -> Any:
    """A new solver of linear programmes. highspy is imported when the first is made."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    made = Quiet()  # type: ignore[no-untyped-call]
    for option, value in (("threads", 1), ("presolve", "off"), ("solver", "simplex")):
        made.setOptionValue(option, value)
    return made
