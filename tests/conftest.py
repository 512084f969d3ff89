"""What all tests share: the one browser, and settings that make a run repeatable.

It is read by the run with numpy and scipy alone too, so nothing else is imported here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No window may open, whatever the machine offers.
os.environ.setdefault("MPLBACKEND", "Agg")

ON_CI = bool(os.environ.get("CI"))

# A busy machine is no failure; in CI the same examples are drawn in every run.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if ON_CI else "here")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and fails in CI."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path is not None:
            return path
    message = f"No browser is installed (looked for {', '.join(BROWSERS)})."
    if ON_CI:
        pytest.fail(f"{message} CI must have one: see .ci/run.")
    pytest.skip(f"{message} On Debian: apt-get install chromium.")


@dataclass
class Opened:
    """A page in a browser, and everything it asked for or complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One browser for all tests that need one: Playwright runs once in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        found = running.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Open the text of a page in a window of a given size."""
    contexts = []

    def opened(text: str, *, width: int = 1280, height: int = 900, **settings: Any) -> Opened:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **settings
        )
        contexts.append(context)
        made = Opened(context.new_page())
        made.page.on("request", lambda request: made.requests.append(request.url))
        made.page.on("console", lambda message: made.complaints.append(message.text))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on("dialog", lambda dialog: made.complaints.append(dialog.message))
        made.page.goto(path.as_uri())
        return made

    yield opened
    for context in contexts:
        context.close()
