"""Claims: headline, counts of sites, criteria, and what can't be claimed."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from psychometrics import read_responses
from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.claims import CLAIM_COLUMNS, claims, interval_note
from psychometrics.validity.study import run_study
from psychometrics.validity.units import tidy
from tests.reference.load import bfi
from tests.validity.small_instrument import small_instrument

UNITS: list[tuple[str, str | None]] = [
    ("total", None), ("within", None), ("site", "north"), ("site", "south"), ("site", "east"),
    ("meta", None),
]  # fmt: skip
INTERVALS = {
    "total": (0.75, 0.85), "within": (0.65, 0.75), "north": (0.71, 0.80), "south": (0.40, 0.60),
    "east": (0.50, 0.80), "meta": (0.90, 0.95),
}  # fmt: skip


def rows(
    units: list[tuple[str, str | None]] = UNITS,
    intervals: dict[str, tuple[float, float]] = INTERVALS,
    why: Reason = NO_REASON,
    **about: Any,
) -> list[dict[str, Any]]:
    """Return one row a unit with its interval; the estimate lies in the middle."""
    made = []
    for pooling, group in units:
        low, high = intervals[group or pooling]
        value = {"estimate": (low + high) / 2, "low": low, "high": high}
        made.append(
            {"pooling": pooling, "group": group, "n_obs": 50, "reason": why, **value, **about}
        )
    return made


def tables(**given: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Return all tables that claims are made from, empty where not given."""
    unit = ("group", "pooling", "estimate", "low", "high", "n_obs", "reason")
    fit = ("cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
    columns = {
        "reliability": ("scale", "coefficient", *unit),
        "convergent": ("scale", "statistic", *unit),
        "discriminant": ("scale_a", "scale_b", "correlation", *unit),
        "htmt": ("scale_a", "scale_b", "variant", *unit),
        "fit": ("model", "group", "pooling", "n_obs", "reason", *fit),
        "hypotheses": ("group", "pooling", "verdict", "n_obs"),
    }
    return {name: tidy(given.get(name, []), names) for name, names in columns.items()}


def only(
    made: pd.DataFrame, name: str, subject: str = "a", criterion: str | None = None
) -> pd.Series[Any]:
    """Return the one claim on something."""
    mine = made[(made["property"] == name) & (made["subject"] == subject)]
    if criterion:
        mine = mine[mine["criterion"] == criterion]
    assert len(mine) == 1
    return mine.iloc[0]


def test_the_headline_is_within_and_sites_are_counted() -> None:
    made = claims(tables(reliability=rows(scale="a", coefficient="alpha")), small_instrument())
    claim = only(made, "internal_consistency")
    assert claim["pooling"] == "within"
    assert claim["verdict"] == "undecided"
    assert (claim["low"], claim["high"], claim["n_obs"]) == (0.65, 0.75, 50)
    assert (claim["threshold"], claim["criterion"]) == (0.70, "alpha_070")
    counts = [claim[f"sites_{one}"] for one in ("supported", "not_supported", "undecided")]
    assert counts == [1, 1, 1]
    assert claim["sites_unavailable"] == 0
    assert (claim["reason"], claim["note"]) == ("", "")
    assert list(made.columns) == list(CLAIM_COLUMNS)


@pytest.mark.parametrize("units", [UNITS[:1], [UNITS[0], UNITS[2]], UNITS[:3]])
def test_without_several_sites_the_claim_rests_on_total_and_says_so(
    units: list[tuple[str, str | None]],
) -> None:
    made = claims(
        tables(reliability=rows(units, scale="a", coefficient="alpha")), small_instrument()
    )
    claim = only(made, "internal_consistency")
    assert (claim["pooling"], claim["verdict"]) == ("total", "supported")
    assert claim["note"].code == "claim_rests_on_total"


@pytest.mark.parametrize(
    ("cfi", "code"), [(0.97, ""), (0.80, "consistency_without_structure")], ids=["fits", "misfits"]
)
def test_consistency_without_a_structure_says_so(cfi: float, code: str) -> None:
    apart = dict.fromkeys(INTERVALS, (0.75, 0.85)) | {"within": (0.72, 0.78)}
    fit = {"cfi": cfi, "tli": cfi, "rmsea": 0.05 if code == "" else 0.1, "srmr": 0.05}
    limits = {"rmsea_low": 0.03, "rmsea_high": 0.12}
    found = tables(
        reliability=rows(intervals=apart, scale="a", coefficient="alpha")
        + rows(scale="b", coefficient="alpha"),
        fit=rows(model="correlated_factors", **fit, **limits),
    )
    made = claims(found, small_instrument())
    supported = only(made, "internal_consistency")
    assert supported["verdict"] == "supported"
    assert getattr(supported["note"], "code", "") == code
    undecided = only(made, "internal_consistency", "b")
    assert (undecided["verdict"], undecided["note"]) == ("undecided", "")


def test_alpha_comes_before_omega() -> None:
    both = rows(scale="a", coefficient="omega_total") + rows(scale="a", coefficient="alpha")
    made = claims(tables(reliability=both), small_instrument())
    mine = made[(made["property"] == "internal_consistency") & (made["subject"] == "a")]
    assert mine["criterion"].tolist() == ["alpha_070", "omega_070"]


def test_a_reason_makes_a_claim_unavailable() -> None:
    why = reason("no_convergence")
    made = claims(tables(convergent=rows(why=why, scale="a", statistic="ave")), small_instrument())
    claim = only(made, "convergent")
    assert claim["verdict"] == "unavailable"
    assert claim["reason"].code == "no_convergence"
    assert claim["sites_unavailable"] == 3


def test_an_estimate_without_an_interval_is_no_claim() -> None:
    nothing = dict.fromkeys(INTERVALS, (math.nan, math.nan))
    ratio = rows(intervals=nothing, scale_a="a", scale_b="b", variant="htmt")
    latent = rows(scale_a="a", scale_b="b", correlation=0.5)
    made = claims(tables(htmt=ratio, discriminant=latent), small_instrument())
    claim = only(made, "discriminant", "a|b", "htmt_085")
    assert claim["verdict"] == "unavailable"
    assert claim["reason"].code == "no_interval"


def test_a_scale_the_study_has_no_row_for() -> None:
    claim = only(claims(tables(), small_instrument()), "convergent", "b")
    assert claim["verdict"] == "unavailable"
    assert claim["reason"].code == "nothing_to_judge"


def formative() -> Instrument:
    scales = [one.model_dump() for one in small_instrument().scales.values()]
    return small_instrument(scales=[scales[0] | {"measurement": "formative"}, scales[1]])


def test_a_formative_scale_is_not_judged_by_its_consistency() -> None:
    found = tables(
        reliability=rows(scale="a", coefficient="alpha"),
        convergent=rows(scale="a", statistic="ave"),
        discriminant=rows(scale_a="a", scale_b="b", correlation=0.5),
    )
    made = claims(found, formative())
    for name, subject in (("internal_consistency", "a"), ("convergent", "a")):
        claim = only(made, name, subject)
        assert claim["verdict"] == "unavailable"
        assert claim["reason"].code == "not_for_formative"
    assert only(made, "discriminant", "a|b", "latent_correlation_090")["reason"].code == (
        "not_for_formative"
    )


def test_the_size_of_a_latent_correlation_counts() -> None:
    near_minus_one = dict.fromkeys(INTERVALS, (-0.97, -0.92))
    latent = rows(intervals=near_minus_one, scale_a="a", scale_b="b", correlation=-0.95)
    made = claims(tables(discriminant=latent), small_instrument())
    claim = only(made, "discriminant", "a|b", "latent_correlation_090")
    assert claim["verdict"] == "not_supported"
    assert (claim["estimate"], claim["low"]) == (-0.95, -0.97)


def test_scales_of_one_construct_are_close_by_intention() -> None:
    node = {"key": "both", "title": "b", "description": "b", "scales": ["a", "b"],
            "measurement": "reflective"}  # fmt: skip
    found = tables(
        discriminant=rows(scale_a="a", scale_b="b", correlation=0.7),
        htmt=rows(scale_a="a", scale_b="b", variant="htmt"),
    )
    made = claims(found, small_instrument(higher_order=[node]))
    assert only(made, "discriminant", "a|b", "htmt_090")["verdict"] == "supported"


def test_only_declared_pairs_are_claimed_where_some_are_declared() -> None:
    found = tables(discriminant=rows(scale_a="a", scale_b="c", correlation=0.7))
    declared = [{"a": "b", "b": "a", "rationale": "r"}]
    made = claims(found, small_instrument(distinct_pairs=declared))
    assert made[made["property"] == "discriminant"].empty


GOOD = {"cfi": 0.96, "tli": 0.955, "rmsea": 0.05, "rmsea_low": 0.04, "rmsea_high": 0.07,
        "srmr": 0.05}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict", "criterion", "carried"),
    [
        ({}, "supported", "cfi_095", "Within their cut-offs: CFI, TLI, RMSEA, SRMR."),
        ({"cfi": 0.95, "tli": 0.9, "rmsea": 0.06}, "undecided", "cfi_095", "cut-offs: SRMR."),
        ({"cfi": 0.9, "tli": 0.9}, "supported", "rmsea_006", "cut-offs: RMSEA, SRMR."),
        ({"srmr": 0.09}, "undecided", "srmr_008", "cut-offs: CFI, TLI, RMSEA."),
        (
            {"cfi": 0.9, "tli": 0.9, "rmsea": 0.07, "srmr": 0.09},
            "not_supported", "cfi_095", "No index meets its cut-off.",
        ),
    ],
)  # fmt: skip
def test_structure_says_every_index_and_which_carried_it(
    changes: dict[str, float], verdict: str, criterion: str, carried: str
) -> None:
    row = {"model": "correlated_factors", "group": None, "pooling": "total", "n_obs": 28,
           "reason": NO_REASON} | GOOD | changes  # fmt: skip
    claim = only(claims(tables(fit=[row]), small_instrument()), "structure", "correlated_factors")
    assert (claim["verdict"], claim["criterion"]) == (verdict, criterion)
    assert carried in claim["note"]
    for index in ("CFI", "TLI", "RMSEA", "SRMR"):
        assert f"{index} {row[index.lower()]:.3f}" in claim["note"]
    assert "this sample is adequate for 4 items" in claim["note"]
    if criterion == "rmsea_006":
        assert (claim["low"], claim["high"]) == (0.04, 0.07)


def test_a_model_without_a_solution_has_no_rating() -> None:
    row = {"model": "m", "group": None, "pooling": "total", "n_obs": 3,
           "reason": reason("no_convergence")} | dict.fromkeys(GOOD, math.nan)  # fmt: skip
    claim = only(claims(tables(fit=[row]), small_instrument()), "structure", "m")
    assert claim["verdict"] == "unavailable"
    assert claim["reason"].code == "no_convergence"


def test_hypotheses_are_counted() -> None:
    found = [
        {"group": None, "pooling": "total", "verdict": word, "n_obs": n}
        for word, n in (("confirmed", 90), ("undecided", 80), ("unavailable", math.nan))
    ]
    claim = only(claims(tables(hypotheses=found), small_instrument()), "hypotheses", "")
    assert claim["verdict"] == "undecided"
    assert (claim["estimate"], claim["n_obs"]) == (0.5, 80)
    assert claim["note"] == ("1 of 2 confirmed, 0 refuted, 1 undecided; 1 could not be tried.")


def test_no_hypotheses() -> None:
    claim = only(claims(tables(), small_instrument(hypotheses=[])), "hypotheses", "")
    assert claim["verdict"] == "unavailable"
    assert claim["reason"].code == "no_hypotheses"


def test_bfi_by_education() -> None:
    answers = read_responses(bfi(), "ipip_bfi25", site="education")
    made = run_study(answers.instrument, answers, n_boot=100).tables["claims"]
    openness = only(made, "internal_consistency", "openness", "alpha_070")
    assert openness["verdict"] == "not_supported"
    structure = only(made, "structure", "correlated_factors")
    assert (structure["verdict"], structure["criterion"]) == ("undecided", "cfi_095")
    # Sites are compared all together; everything else is judged within them.
    assert set(made.loc[made["property"] != "comparability", "pooling"]) == {"within"}
    sites = made[[name for name in made.columns if name.startswith("sites_")]].sum(axis=1)
    assert set(sites) == {5}
    assert {type(cell) for cell in made["reason"]} == {Reason}


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("Wald interval, Huber-White, somewhat too narrow for fewer than 100 people",
         "interval_too_narrow"),
        ("percentile bootstrap, 200, too high for skewed answers", "interval_too_high"),
        ("Feldt interval", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_intervals_that_cover_too_little_say_so_beside_the_claim(method: str, code: str) -> None:
    assert interval_note(method).code == code
