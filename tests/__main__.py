"""``python -m paceline.tests``: the test suite, from a checkout folder of any name.

The repository root is the package, so pytest can resolve the tests' relative imports only when that folder's
name is a Python identifier. A link called ``paceline`` makes every checkout look alike. The files are
shared out to as many processes as there are cores; ``-n 0`` keeps all in one.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

SHARED_OUT = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")


def main(arguments: list[str]) -> int:
    """Run pytest on the whole suite, passing ``arguments`` on, and return its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "paceline"
        root.symlink_to(Path(__file__).resolve().parents[1], target_is_directory=True)
        command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "--rootdir", str(root)]
        command += [*SHARED_OUT, *arguments, str(root / "tests")]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
