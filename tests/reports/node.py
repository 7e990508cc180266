"""Node as the browser's driver brings it: it runs the page's modules as they ship, without a page."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

SCRIPTS = Path(str(files("dtindex.reports.explorer"))) / "assets" / "js"


def run(program: str, given: object) -> Any:
    """What a program prints as JSON: `given` is there under that name, and `load(name)` imports a module."""
    node = compute_driver_executable()[0]
    head = (
        'import { readFileSync } from "node:fs";\n'
        f"const load = (name) => import({json.dumps(SCRIPTS.as_uri())} + '/' + name);\n"
        'const given = JSON.parse(readFileSync(0, "utf8"));\n'
    )
    done = subprocess.run(
        [node, "--input-type=module", "--no-warnings", "-e", head + program],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
