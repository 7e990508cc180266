"""Variants, factors and draws of an index whose making is uncertain. :mod:`dtindex.analysis.simulate` joins them."""
