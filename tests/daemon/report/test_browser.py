"""The page in a real browser: light and dark, phone and desktop; it says nothing, asks nobody, and fits.

Needs what tests/editors/vscode/setup.sh fetches (``VSCODE`` names its folder), and Chromium.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ....daemon.report.page import page
from .samples import completion, full, nasty, of

LOOK = Path(__file__).with_name("look.mjs")
pytestmark = pytest.mark.timeout(300)
REPORTS = {"full": full(), "empty": of([]), "nasty": nasty(), "one": of([completion()])}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the browser says of every page in every form."""
    tools, chromium = os.environ.get("VSCODE"), shutil.which("chromium")
    if not tools or chromium is None:
        pytest.skip("VSCODE names no browser's tools: see tests/editors/vscode/setup.sh")
    folder = tmp_path_factory.mktemp("pages")
    files = []
    for name, report in REPORTS.items():
        files.append(folder / f"{name}.html")
        files[-1].write_text(page(report), encoding="utf-8")
    modules = Path(tools) / "node_modules"
    command = [
        str(modules / "node" / "bin" / "node"),
        str(LOOK),
        str(modules),
        chromium,
        str(folder),
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_it_says_nothing_and_asks_nobody(views: list[dict[str, Any]]) -> None:
    assert len(views) == 2 * (4 + 2 * (len(REPORTS) - 1))
    for view in views:
        assert view["said"] == [], view
        assert [url for url in view["asked"] if not url.endswith(view["file"])] in ([], ["data:,"]), view


def test_it_never_scrolls_sideways(views: list[dict[str, Any]]) -> None:
    assert [(view["file"], view["width"]) for view in views if view["sideways"] > 0] == []


def test_no_words_of_a_plot_meet(views: list[dict[str, Any]]) -> None:
    assert [(view["file"], view["width"], view["meets"]) for view in views if view["meets"]] == []


def test_no_words_leave_their_plot(views: list[dict[str, Any]]) -> None:
    own = [view for view in views if view["file"] != "nasty.html"]  # its names are longer than any
    assert [(view["file"], view["width"], view["beyond"]) for view in own if view["beyond"]] == []


def test_each_plot_is_shown_once(views: list[dict[str, Any]]) -> None:
    shown = {view["file"]: view["plots"] for view in views}
    assert (shown["full.html"], shown["empty.html"]) == (9, 1)
    assert all(view["plots"] == shown[view["file"]] for view in views)


def test_light_and_dark_differ(views: list[dict[str, Any]]) -> None:
    grounds = {(view["scheme"], view["ground"]) for view in views}
    assert grounds == {("light", "rgb(244, 243, 239)"), ("dark", "rgb(15, 18, 22)")}
