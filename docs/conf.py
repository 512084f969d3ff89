"""How the documentation site is built; `make docs` calls it.

The source directory is the root of the repository, so that every link between pages, notebooks and
files is the same on the site as in the tree.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.r import SLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from psychometrics import __version__  # noqa: E402 - after the path is set

project = "survey-psychometrics"
author = "The survey-psychometrics authors"
version = release = __version__
language = "en"

root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "notebooks/*.ipynb",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "translations/README.md",
    "benchmarks/README.md",
]
exclude_patterns = ["docs/_build/**", "**/.ipynb_checkpoints"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
]

# Headings are link targets, as they are where the pages are read as plain Markdown.
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_in_temp = False

autosummary_generate = True
autodoc_typehints = "none"  # the numpydoc sections say it in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = f"survey-psychometrics {release}"
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"


def setup(app: Sphinx) -> None:
    """Colour models in lavaan's syntax as the formulas of R that they look like."""
    app.add_lexer("lavaan", SLexer)
