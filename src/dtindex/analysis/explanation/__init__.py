"""What an explanation and a difference are made of. :mod:`dtindex.analysis.explain` and ``diff`` join it."""
