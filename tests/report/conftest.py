"""The hand-made study and its pages."""

from __future__ import annotations

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
