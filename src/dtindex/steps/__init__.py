"""The arithmetic of an index, one room a step: derive, impute, treat, normalise, weight, aggregate, rank. No reading,
no printing.
"""
