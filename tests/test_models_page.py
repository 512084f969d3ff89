"""The examples of docs/models.md run, and its models can be read."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from psychometrics.stats.cfa.completion import complete
from tests.reference.load import hs
from tests.stats.cfa.cases import CASES

PAGE = Path(__file__).parents[1] / "docs" / "models.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, flags=re.DOTALL)
MODELS = [block for language, block in BLOCKS if language == "lavaan"]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_examples_show_what_they_give(capsys: pytest.CaptureFixture[str]) -> None:
    source = "\n".join(block for language, block in BLOCKS if language == "python")
    examples = doctest.DocTestParser().get_doctest(source, {"hs": hs()}, "models.md", None, 0)
    assert len(examples.examples) > 10
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(examples)
    assert runner.failures == 0, capsys.readouterr().out


@pytest.mark.parametrize("model", MODELS)
def test_models_can_be_read(model: str) -> None:
    assert complete(model).observed


def test_the_number_of_compared_fits_is_right() -> None:
    for number in re.findall(r"(\d+) (?:one-group )?fits", TEXT):
        assert int(number) == len(CASES)
