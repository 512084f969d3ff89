"""What all tests share: where the browser is, and settings that make a run repeatable.

It is read by the run with numpy and scipy alone too, so nothing else is imported here.
"""

from __future__ import annotations

import os
import shutil

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
