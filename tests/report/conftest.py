"""The hand-made study, its pages, and a browser to open them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from psychometrics.report import ValidityReport
from tests.report.study_fixture import FakeStudy, make_study


@pytest.fixture(scope="session")
def study() -> FakeStudy:
    return make_study()


@pytest.fixture(scope="session")
def simulated_study() -> FakeStudy:
    return make_study(simulated=True)


@pytest.fixture(scope="session")
def page(study: FakeStudy) -> str:
    return ValidityReport(study).to_html()


@pytest.fixture(scope="session")
def simulated_page(simulated_study: FakeStudy) -> str:
    return ValidityReport(simulated_study).to_html()


@dataclass
class Opened:
    """A page in a browser, and everything it asked for or complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One browser for all tests that need one."""
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
