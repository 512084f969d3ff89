"""Loadings, intercepts and means of every group, in the form that the plots take."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

import pandas as pd
from scipy import special

from psychometrics.errors import check_option
from psychometrics.validity.cfa_result import CFAResult

Shown = Literal["loadings", "intercepts", "means"]
TITLES = {
    "loadings": ("loadings_by_site", "in_first_sd_items"),
    "intercepts": ("intercepts_by_site", "in_item_units"),
    "means": ("means_by_site", "in_first_sd"),
}


def fitted_frame(fit: CFAResult, what: str) -> pd.DataFrame:
    """Return one kind of parameter of a fitted model, by group."""
    rows = fit.parameters
    latent = rows["lhs"].isin(fit.fits.table.latent)
    if what == "loadings":
        own = rows[rows["op"] == "=~"]
        name = own["rhs"]
    else:
        own = rows[(rows["op"] == "~1") & (latent if what == "means" else ~latent)]
        name = own["lhs"]
    return pd.DataFrame(
        {
            ("factor" if what == "means" else "item"): name, "group": own["group"],
            "estimate": own["estimate"], "low": own["low"], "high": own["high"],
        }
    ).reset_index(drop=True)  # fmt: skip


def aligned_frame(
    means: pd.DataFrame, parameters: pd.DataFrame, what: str, level: float
) -> pd.DataFrame:
    """Return means, loadings or intercepts of aligned groups."""
    nan = float("nan")
    if what == "means":
        columns = {"mean": "estimate", "mean_low": "low", "mean_high": "high"}
        found = means.rename(columns=columns)
        for end in ("low", "high"):
            if end not in found:
                found[end] = nan
        return found[["factor", "group", "estimate", "low", "high"]]
    found = parameters[parameters["parameter"] == what[:-1]].copy()
    tested = "se" in found
    width = special.ndtri((1 + level) / 2) * found["se"] if tested else nan
    found["low"], found["high"] = found["estimate"] - width, found["estimate"] + width
    found["different"] = ~found["invariant"].astype(bool) if tested else False
    return found[["item", "group", "estimate", "low", "high", "different"]]


def draw(frame: pd.DataFrame, what: str, **options: Any) -> Any:
    """Draw such a frame; see :func:`psychometrics.plots.plot_groups`."""
    check_option("what", what, tuple(TITLES))
    words = import_module("psychometrics.plots.labels").WORDS
    title, axis = TITLES[what]
    shown = {"title": words[title], "axis": words[axis], **options}
    by = "factor" if what == "means" else "item"
    return import_module("psychometrics.plots").plot_groups(frame, by=by, **shown)
