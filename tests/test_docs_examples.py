"""Every Python example of the pages about analyses runs and prints what the page shows."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = (
    "agreement.md",
    "analyses.md",
    "coming_from_r.md",
    "comparability.md",
    "data_quality.md",
    "dif.md",
    "exploration.md",
    "fielding.md",
    "missing_answers.md",
    "multitrait.md",
    "ordinal.md",
    "precision.md",
    "ratings.md",
    "reliability.md",
)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF


@pytest.mark.parametrize("page", PAGES)
def test_examples_print_what_the_page_shows(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks, f"{page} has no examples"
    parser, names, told = doctest.DocTestParser(), {}, []
    for block in blocks:
        line = text.count("\n", 0, block.start(1))
        # One session a page: later blocks use the names of earlier ones.
        test = parser.get_doctest(block.group(1), names, page, page, line)
        assert test.examples, f"{page}, line {line}: write examples with the prompt >>>"
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=told.append, clear_globs=False)
        names = test.globs
    assert not told, "".join(told)
