"""How two groups differ, one method a file: arrays in, a figure out. :mod:`dtindex.analysis.compare` joins them."""
