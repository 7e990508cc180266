"""The version, said once: the build reads it here, and so does ``dtindex.__version__``."""

__version__ = "0.1.0"
