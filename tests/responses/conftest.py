"""The small instrument of `tiny`, and a way to read answers that are written in a test."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from psychometrics.instrument import Instrument, load_instrument
from psychometrics.responses import Responses, read_responses
from tests.responses.tiny import DEFINITION, Read


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    file = tmp_path_factory.mktemp("instrument") / "tiny.yaml"
    file.write_text(DEFINITION, encoding="utf-8")
    return load_instrument(file)


@pytest.fixture
def read(tiny: Instrument, tmp_path: Path) -> Read:
    """Read answers from a text, written to a file; lines may be indented."""

    def read_text(text: str | bytes, name: str = "answers.csv", **options: Any) -> Responses:
        file = tmp_path / name
        raw = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
        file.write_bytes(raw)
        return read_responses(file, tiny, **options)

    return read_text
