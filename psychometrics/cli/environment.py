"""What this machine has of what the toolkit can make use of, and what to do about the rest."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final, Literal

DISTRIBUTION: Final = "survey-psychometrics"
OLDEST_PYTHON: Final = (3, 11)
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
# A letter of each script that instruments come along in, and what shows it.
SCRIPTS: Final = {
    "Latin of Luganda": ("ŋ", "DejaVu Sans, which matplotlib brings along"),
    "Hebrew": ("ש", "DejaVu Sans, which matplotlib brings along"),
    "Devanagari": ("क", "Noto Sans Devanagari (Debian: apt install fonts-noto-core)"),
}
EXTRAS: Final = {
    "openpyxl": ("excel", "Excel files, XLSForm, sheets for translators"),
    "pyarrow": ("parquet", "Parquet files"),
    "pyreadstat": ("spss", "SPSS files"),
    "polars": ("polars", "frames of Polars"),
    "duckdb": ("duckdb", "frames of DuckDB"),
    "ipykernel": ("notebook", "notebooks"),
}


@dataclass(frozen=True)
class Examined:
    """One thing that was looked for.

    Attributes
    ----------
    name : str
        What it is.
    state : {"there", "lacking", "wrong"}
        Whether it is there; lacking where only something optional can't be done; wrong where the
        toolkit can't work.
    told : str
        Its version or place, or what can't be done without it.
    advice : str
        What to do; empty where it is there.
    """

    name: str
    state: Literal["there", "lacking", "wrong"]
    told: str
    advice: str = ""


def examine() -> tuple[Examined, ...]:
    """Look for everything that the toolkit needs or can use.

    Returns
    -------
    tuple of Examined
        Python and packages first, then fonts, then programs.

    Examples
    --------
    >>> [each.name for each in examine()][:1]
    ['Python']
    """
    return (*_python(), *_packages(), *_extras(), *_fonts(), *_programs())


def _python() -> Iterator[Examined]:
    needed = ".".join(map(str, OLDEST_PYTHON))
    if sys.version_info >= OLDEST_PYTHON:
        yield Examined("Python", "there", platform.python_version())
    else:
        yield Examined("Python", "wrong", platform.python_version(), f"Install {needed} or newer.")


def _packages() -> Iterator[Examined]:
    """Compare the installed packages with what is declared."""
    from packaging.requirements import Requirement

    try:
        declared = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        yield Examined(
            DISTRIBUTION, "lacking", "runs from its source folder and isn't installed",
            "For the command everywhere: pip install .",
        )  # fmt: skip
        return
    yield Examined(DISTRIBUTION, "there", version(DISTRIBUTION))
    for line in declared:
        need = Requirement(line)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(need.name)
        except PackageNotFoundError:
            yield Examined(need.name, "wrong", "isn't installed", f'pip install "{line}"')
            continue
        if not need.specifier.contains(found, prereleases=True):
            told = f"{found} is installed, {need.specifier} is needed"
            yield Examined(need.name, "wrong", told, f'pip install --upgrade "{line}"')


def _extras() -> Iterator[Examined]:
    for package, (extra, what) in EXTRAS.items():
        try:
            yield Examined(package, "there", f"{version(package)}: {what}")
        except PackageNotFoundError:
            yield Examined(
                package, "lacking", f"no {what}", f'pip install "{DISTRIBUTION}[{extra}]"'
            )


def _fonts() -> Iterator[Examined]:
    """Look for a font that plots can write each script with, among those that they use."""
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    from psychometrics.plots.style import font_stack

    files = {name: findfont(FontProperties(family=name)) for name in font_stack()}
    for script, (letter, font) in SCRIPTS.items():
        having = [name for name, file in files.items() if FT2Font(file).get_char_index(ord(letter))]
        if having:
            yield Examined(f"Font for {script}", "there", having[0])
        else:
            told = "labels of plots show boxes"
            yield Examined(f"Font for {script}", "lacking", told, f"Install {font}.")


def _programs() -> Iterator[Examined]:
    wanted = (
        ("A browser", BROWSERS, "pages and previews have to be opened elsewhere",
         "Install Chromium or another browser."),
        ("Java", ("java",), "ODK Validate can't look at an XLSForm", "Install a Java runtime."),
        ("R", ("Rscript",), "benchmarks can't be run beside R; nothing else needs it",
         "Install R if you want them."),
    )  # fmt: skip
    for name, commands, without, advice in wanted:
        path = next((found for each in commands if (found := shutil.which(each))), None)
        if path is None:
            yield Examined(name, "lacking", without, advice)
        else:
            yield Examined(name, "there", path)
