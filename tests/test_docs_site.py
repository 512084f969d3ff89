"""The site holds every page and every public name; `make docs` finds broken links."""

from __future__ import annotations

import re
from pathlib import Path

import psychometrics

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMES = re.compile(r"^   ([A-Za-z_]+)$", re.MULTILINE)


def test_the_reference_names_every_public_name_once():
    named = NAMES.findall((DOCS / "reference.md").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(psychometrics.__all__)


def test_every_page_is_in_one_table_of_contents():
    listed: list[Path] = []
    pages = {path.relative_to(ROOT) for path in DOCS.rglob("*.md")}
    pages = {page for page in pages if "_build" not in page.parts}
    for page in pages:
        for tree in TREE.findall((ROOT / page).read_text(encoding="utf-8")):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            listed += [(ROOT / page.parent / entry).resolve() for entry in entries]
    names = [str(path) for path in listed]
    assert len(names) == len(set(names)), "a page stands in two tables of contents"
    notebooks = {path.relative_to(ROOT) for path in (ROOT / "notebooks").glob("*.ipynb")}
    # docs/reference/ is made from docstrings when the site is built.
    written = {page for page in pages if page.parts[:2] != ("docs", "reference")}
    for page in (written - {Path("docs/index.md")}) | notebooks:
        assert str((ROOT / page).with_suffix("")) in names, f"{page}: add it to a toctree of docs/"
