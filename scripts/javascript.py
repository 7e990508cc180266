"""Check the types of the page's scripts, which are plain JavaScript with types in their comments.

The compiler is the npm package `typescript`, which npm fetches from whatever registry it is set to, pinned by its hash,
into the virtual environment; the browser's driver brings the Node that runs it. Nothing of either is part of a wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

VERSION = "5.9.3"
DIGEST = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
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
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is needed to fetch the compiler, and is not installed")
        with tempfile.TemporaryDirectory() as fetched:
            command = [npm, "pack", "--silent", "--pack-destination", fetched, f"typescript@{VERSION}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (package,) = Path(fetched).glob("*.tgz")
            if sha256(package.read_bytes()).hexdigest() != DIGEST:
                raise SystemExit(f"typescript {VERSION} does not have the hash that is pinned")
            with tarfile.open(package) as archive:
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
