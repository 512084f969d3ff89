from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl

from psychometrics.plots.style import (
    font_stack,
    look,
    new_axes,
    series_style,
    tint,
    write,
)


def test_the_look_leaves_the_settings_of_the_caller_alone() -> None:
    before = dict(mpl.rcParams)
    with look():
        assert mpl.rcParams["text.parse_math"] is False
    assert dict(mpl.rcParams) == before


def test_plots_never_import_pyplot() -> None:
    code = (
        "import sys, psychometrics.plots.reliability, psychometrics.plots.responses, "
        "psychometrics.plots.loadings, psychometrics.plots.htmt, psychometrics.plots.svg; "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_the_package_is_imported_without_matplotlib() -> None:
    code = "import sys, psychometrics.plots; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_no_two_of_many_series_look_the_same() -> None:
    assert len({series_style(index) for index in range(63)}) == 63


def test_fonts_are_those_that_exist() -> None:
    from matplotlib.font_manager import get_font_names

    assert set(font_stack()) <= set(get_font_names())
    assert font_stack()[0] == "DejaVu Sans"


def test_a_dollar_stays_a_dollar() -> None:
    axes = new_axes(1, left=0.1, right=0.1, top=0.1, bottom=0.1)
    assert write(axes, 0, 0, "from $5 to $6").get_parse_math() is False


def test_tints_go_from_white_to_the_colour() -> None:
    assert tint("#0072b2", 0) == "#ffffff"
    assert tint("#0072b2", 1) == "#0072b2"
