"""Inference from samples: the design, domains, variances and intervals behind :mod:`dtindex.analysis.estimate`."""
