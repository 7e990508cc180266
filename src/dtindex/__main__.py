"""``python -m dtindex``."""

from __future__ import annotations

import sys

from dtindex.cli import main

if __name__ == "__main__":
    sys.exit(main())
