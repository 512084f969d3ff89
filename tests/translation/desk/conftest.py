"""A browser to open sheets and previews in."""

from __future__ import annotations

from tests.report.conftest import browser as browser
from tests.report.conftest import open_page as open_page
