"""Write service/openapi.json, the description of the service, from its routes; `python scripts/openapi.py`.

A test fails when it is stale: what callers rely on changes when somebody means it to, and is seen in the difference.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from dtindex_service.app import create_app
from dtindex_service.settings import Settings

PAGE = Path(__file__).parents[1] / "service" / "openapi.json"


def page() -> str:
    """The description, in an order that depends on nothing but the routes."""
    with tempfile.TemporaryDirectory() as folder:
        made = create_app(Settings(data_dir=folder)).openapi()
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
