"""Check the types of the page's scripts, which are plain JavaScript with types in their comments.

The compiler comes from npm, pinned by its hash, into the virtual environment; the browser's driver brings the Node that
runs it. Nothing of either is part of a wheel.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import urllib.request
from hashlib import sha256
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

VERSION = "5.9.3"
DIGEST = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
ADDRESS = f"https://registry.npmjs.org/typescript/-/typescript-{VERSION}.tgz"
ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "src" / "dtindex" / "reports" / "explorer" / "assets" / "js"
OPTIONS = (
    *("--noEmit", "--allowJs", "--checkJs", "--strict"),
    *("--target", "es2023", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom,dom.iterable"),
)


def compiler() -> Path:
    """The compiler's folder, fetched where it is not there yet."""
    folder = Path(sys.prefix) / f"typescript-{VERSION}"
    if not folder.is_dir():
        with urllib.request.urlopen(ADDRESS, timeout=120) as answer:
            content = answer.read()
        if sha256(content).hexdigest() != DIGEST:
            raise SystemExit(f"{ADDRESS} does not have the hash that is pinned")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package" / "lib" / "tsc.js"


def main() -> int:
    node = compute_driver_executable()[0]
    files = sorted(str(path) for path in SCRIPTS.glob("*.js"))
    done = subprocess.run([node, str(compiler()), *OPTIONS, *files], check=False)
    if done.returncode == 0:
        print(f"{len(files)} scripts: no type is wrong")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
