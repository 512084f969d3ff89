"""No answers, one cluster, one person, items asked twice: a number with its n, or why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.errors import PsychometricsError, Reason
from tests.validity.small import ITEMS, SCALES, answers
from tests.validity.small_instrument import small_answers, small_instrument

# The run with the oldest versions leaves it out.
pytestmark = pytest.mark.slow

FACTORS = "calm =~ a1 + a2 + a3\nbold =~ b1 + b2 + b3"
COEFFICIENTS = (
    "alpha", "alpha_standardized", "alpha_ordinal", "omega_total", "omega_categorical", "lambda2",
    "lambda6", "coefficient_h", "split_half", "average_r",
)  # fmt: skip
FEWEST = 3
FEW: dict[str, Any] = {"n_boot": 10, "rng": 1}


def whole(n: int = 90) -> pd.DataFrame:
    frame = answers(n, sites=("N", "S", "W"))
    place = np.arange(n)
    return frame.assign(
        cluster=[f"c{at % 9}" for at in place],
        sex=np.where(place % 2, "f", "m"),
        outside=np.random.default_rng(3).normal(size=n),
    )


def site_without_answers() -> pd.DataFrame:
    frame = whole()
    frame.loc[frame["site"] == "W", list(ITEMS)] = np.nan
    return frame


def one_person_at_a_site() -> pd.DataFrame:
    frame = whole()
    frame.loc[0, "site"] = "alone"
    return frame


FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "a site without answers": site_without_answers,
    "one person at a site": one_person_at_a_site,
    "one cluster": lambda: whole().assign(cluster="all"),
    "one person": lambda: whole(1),
    "no answers": lambda: whole().assign(**dict.fromkeys(ITEMS, np.nan)),
    "an item twice": lambda: whole().assign(a2=lambda frame: frame["a1"]),
    "a scale of one item": lambda: whole().assign(
        a2=lambda frame: frame["a1"], a3=lambda frame: frame["a1"]
    ),
}

CALLS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "item_analysis": lambda frame: pm.item_analysis(frame, SCALES, group="site"),
    "reliability": lambda frame: pm.reliability(
        frame, SCALES, group="site", coefficients=COEFFICIENTS, threshold="cosmin", **FEW
    ),
    "reliability, clusters": lambda frame: pm.reliability(
        frame, SCALES, group="site", cluster="cluster", coefficients=["alpha", "lambda2"], **FEW
    ),
    "unidimensionality": lambda frame: pm.unidimensionality(frame, SCALES, group="site"),
    "reliability_differences": lambda frame: pm.reliability_differences(
        frame, SCALES, "site", coefficients=("alpha", "omega_total"), **FEW
    ),
    "group_mean_reliability": lambda frame: pm.group_mean_reliability(
        frame, SCALES, "cluster", group="site"
    ),
    "model_reliability": lambda frame: pm.model_reliability(pm.cfa(FACTORS, frame)),
    "convergent_validity": lambda frame: pm.convergent_validity(
        frame, SCALES, group="site", comparators=["outside"]
    ),
    "htmt": lambda frame: pm.htmt(frame, SCALES, group="site", **FEW),
    "discriminant_validity": lambda frame: pm.discriminant_validity(
        frame, SCALES, group="site", **FEW
    ),
    "distinctness": lambda frame: pm.distinctness(
        pm.discriminant_validity(frame, SCALES, group="site", **FEW)
    ),
    "cross_loadings": lambda frame: pm.cross_loadings(frame, SCALES, group="site"),
    "disattenuated_correlations": lambda frame: pm.disattenuated_correlations(
        frame, SCALES, group="site", **FEW
    ),
    "group_differences": lambda frame: pm.group_differences(
        frame, SCALES, "sex", higher="f", lower="m", group="site"
    ),
    "multitrait_scaling": lambda frame: (
        pm.multitrait_scaling(frame, SCALES, group="site").correlations
    ),
}

# Where a table has another name for what it estimates, and may leave all but the reason empty.
ESTIMATES = (
    "estimate", "correlation", "difference", "loading", "alpha", "htmt", "sd", "own_highest",
)  # fmt: skip


def told(table: pd.DataFrame) -> None:
    """Check that numbers have people behind them, and that what is missing has a reason."""
    shown = [name for name in ESTIMATES if name in table]
    assert shown
    known = table[shown].notna().any(axis=1)
    assert np.isfinite(table.loc[known, shown].fillna(0.0).to_numpy(dtype=float)).all()
    assert (table.loc[known, "n_obs"] > 0).all()
    if "reason" in table:
        assert table["reason"].map(lambda why: isinstance(why, Reason)).all()
        lost = table.loc[table[shown[0]].isna(), ["reason", *table.columns[:1]]]
        if "comparison" in table:  # the test of all sites is no estimate
            lost = lost[table.loc[lost.index, "comparison"] == "pair"]
        assert all(why.code and why.endswith((".", "?")) for why in lost["reason"])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.filterwarnings("ignore::psychometrics.errors.DegenerateDataWarning")
def test_a_number_with_its_people_or_why_there_is_none(frame: str, call: str) -> None:
    try:
        found = CALLS[call](FRAMES[frame]())
    except PsychometricsError as error:
        refused = str(error)
    else:
        told(found)
        return
    # Two groups are named that must be there, or there has to be a model: an error of ours.
    assert call in ("model_reliability", "group_differences")
    assert frame in ("one person", "no answers", "an item twice", "a scale of one item")
    assert refused.endswith(".")


ASKED = ("a1", "a2", "b1", "b2")


def small_case(case: str) -> Any:
    """Return answers to the small instrument, of which something is missing."""
    if case == "one person":
        return small_answers(n=1)
    if case == "no answers":
        return small_answers({name: pd.array([None] * 90, "Int64") for name in ASKED})
    known = small_answers().frame
    if case == "a site without answers":
        return small_answers({k: known[k].where(known["site"] != "north") for k in ASKED})
    return small_answers({"a2": 4 - known["a1"], "b2": known["b1"]})


@pytest.mark.parametrize(
    ("case", "scored"),
    [
        ("a site without answers", True), ("items twice", True), ("no answers", False),
        ("one person", False),
    ],
)  # fmt: skip
def test_a_validation_of_it_can_be_read(case: str, scored: bool) -> None:
    report = pm.validate(small_instrument(), small_case(case), n_boot=10, rng=1)
    for name in ("items", "reliability", "htmt", "discriminant", "multitrait"):
        if len(report.tables[name]):
            told(report.tables[name])
    scores = report.tables["papers"]
    given = scores[(scores["criterion"] != "brevity") & scores["score"].notna()]
    assert (given["n_obs"] >= FEWEST).all()
    assert (given["criterion"] == "convergent").any() == scored
    assert ">nan<" not in report.to_html()
