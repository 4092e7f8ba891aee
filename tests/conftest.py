"""What every test of the suite starts from: a checkout pytest can import, and no state of the user's own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: small products only wait for more threads
settings.register_profile(
    "paceline",
    deadline=None,  # a busy machine is no failure
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,  # the same examples on every machine; --hypothesis-seed looks for others
)
settings.load_profile("paceline")


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what would otherwise be hundreds of failed relative imports; let Ctrl-C reach children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell starts background jobs so, and our own children would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    name = config.rootpath.name
    if not name.isidentifier():
        pytest.exit(
            f"the checkout is the package, and its folder {name!r} has no Python identifier for a name: "
            "run `python -m paceline.tests`, which works from any folder",
            returncode=4,
        )


@pytest.fixture(scope="session", autouse=True)
def _no_user_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point settings, logs and sockets of this process and its children away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PACELINE_")]:
            patch.delenv(name)
        home = tmp_path_factory.mktemp("home")
        for name, folder in (("CONFIG", "config"), ("CACHE", "cache"), ("STATE", "state"), ("DATA", "data")):
            patch.setenv(f"XDG_{name}_HOME", str(_private(home / folder)))
        patch.setenv("XDG_RUNTIME_DIR", str(_private(home / "run")))
        patch.setenv("PACELINE_COMPILE", "off")  # each home would compile anew
        yield


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder
