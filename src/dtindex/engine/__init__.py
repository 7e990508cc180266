"""The hot loops: arrays in, arrays out. Imports NumPy and SciPy only."""
