"""The recorded models of ordinal answers, each with the call that should give the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.structure import cfa
from tests.reference.load import BFI_ITEMS, BFI_REVERSED, HS_ITEMS, array, labels, load
from tests.stats.ordinal_cases import DATCAT_ITEMS, MIXED_ORDERED, NEUROTICISM, hs_case

RECORD = load("ordinal_models")
N = RECORD["models"]["n"]
BFI = RECORD["models"]["bfi"]
HS = RECORD["models"]["hs"]
DATCAT = RECORD["models"]["datcat"]
CORRELATED = N + "\nN1 ~~ N2"
BOTH = ["thresholds", "loadings"]
LEVELS: dict[str, list[str]] = {
    level: [equal] if isinstance(equal, str) else list(equal)
    for level, equal in RECORD["wu_estabrook_levels"].items()
}


@cache
def bfi(*, complete: bool = True, by: str | None = None, wide: bool = False) -> pd.DataFrame:
    """Return answers of bfi, of all 25 items (keyed) or of five."""
    items = BFI_ITEMS if wide else NEUROTICISM
    values = array("bfi", items, reverse=BFI_REVERSED if wide else ())
    frame = pd.DataFrame(values, columns=list(items))
    frame["weight"] = 0.5 + (np.arange(1, len(frame) + 1) % 5) / 2
    if by is not None:
        frame[by] = array("bfi", (by,))[:, 0]
        frame = frame.dropna(subset=[by])
    return frame.dropna(subset=list(items)) if complete else frame


@cache
def binary() -> pd.DataFrame:
    """Return five items as 0 and 1."""
    return (bfi()[list(NEUROTICISM)] >= 4).astype(int)


@cache
def hs_frame(ordered: tuple[str, ...], *, missing: bool = False) -> pd.DataFrame:
    """Return Holzinger and Swineford's tests, some of them cut into categories."""
    frame = pd.DataFrame(hs_case(ordered, missing=missing).values, columns=list(HS_ITEMS))
    frame["school"] = labels("hs", "school")
    return frame


@cache
def datcat() -> pd.DataFrame:
    """Return semTools' datCat."""
    frame = pd.DataFrame(array("datcat", DATCAT_ITEMS), columns=list(DATCAT_ITEMS))
    frame["g"] = labels("datcat", "g")
    return frame


def by_group(key: str, equal: list[str], **more: Any) -> Callable[[], CFAResult]:
    """Return the call of a model of N by gender or education."""
    return lambda: cfa(N, bfi(by=key), ordered=True, group=key, group_equal=equal, **more)


CALLS: dict[str, Callable[[], CFAResult]] = {
    **{
        f"one_factor/{estimator}_{form}": (
            lambda estimator=estimator, form=form: cfa(
                N, bfi(), ordered=True, estimator=estimator, parameterization=form
            )
        )
        for estimator in ("WLSMV", "DWLS", "WLSM", "ULSMV", "ULS", "ULSM")
        for form in ("delta", "theta")
    },
    "one_factor/WLSMV_std_lv": lambda: cfa(N, bfi(), ordered=True, std_lv=True),
    "one_factor/WLSMV_residual_covariance": lambda: cfa(CORRELATED, bfi(), ordered=True),
    "one_factor/WLSMV_residual_covariance_theta": lambda: cfa(
        CORRELATED, bfi(), ordered=True, parameterization="theta"
    ),
    "one_factor/WLSMV_pairwise": lambda: cfa(
        N, bfi(complete=False), ordered=True, missing="pairwise"
    ),
    "one_factor/WLSMV_weighted": lambda: cfa(N, bfi(), ordered=True, weights="weight"),
    "five_factors/WLSMV": lambda: cfa(BFI, bfi(wide=True), ordered=True),
    "five_factors/WLSMV_theta": lambda: cfa(
        BFI, bfi(wide=True), ordered=True, parameterization="theta"
    ),
    "five_factors/ULSMV": lambda: cfa(BFI, bfi(wide=True), ordered=True, estimator="ULSMV"),
    "five_factors/WLSMV_pairwise": lambda: cfa(
        BFI, bfi(wide=True, complete=False), ordered=True, missing="pairwise"
    ),
    "groups/n_by_gender/configural": by_group("gender", []),
    "groups/n_by_gender/loadings_thresholds": by_group("gender", BOTH),
    "groups/n_by_gender_theta/configural": by_group("gender", [], parameterization="theta"),
    "groups/n_by_gender_theta/loadings_thresholds": by_group(
        "gender", BOTH, parameterization="theta"
    ),
    "groups/n_by_education/configural": by_group("education", []),
    "groups/n_by_education/loadings_thresholds": by_group("education", BOTH),
    "groups/bfi_by_gender/configural": lambda: cfa(
        BFI, bfi(by="gender", wide=True), ordered=True, group="gender"
    ),
    "groups/bfi_by_gender/loadings_thresholds": lambda: cfa(
        BFI, bfi(by="gender", wide=True), ordered=True, group="gender", group_equal=BOTH
    ),
    **{
        f"datcat_{form}/{level}": (
            lambda form=form, level=level: cfa(
                DATCAT, datcat(), ordered=True, group="g", group_equal=LEVELS[level], std_lv=True,
                identification="wu_estabrook", parameterization=form,
            )
        )
        for form in ("theta", "delta")
        for level in LEVELS
        if level in RECORD[f"datcat_{form}"]
    },
    "kinds/mixed": lambda: cfa(HS, hs_frame(MIXED_ORDERED), ordered=MIXED_ORDERED),
    "kinds/mixed_theta": lambda: cfa(
        HS, hs_frame(MIXED_ORDERED), ordered=MIXED_ORDERED, parameterization="theta"
    ),
    "kinds/mixed_ulsmv": lambda: cfa(
        HS, hs_frame(MIXED_ORDERED), ordered=MIXED_ORDERED, estimator="ULSMV"
    ),
    "kinds/mixed_pairwise": lambda: cfa(
        HS, hs_frame(MIXED_ORDERED, missing=True), ordered=MIXED_ORDERED, missing="pairwise"
    ),
    "kinds/mixed_school": lambda: cfa(
        HS, hs_frame(MIXED_ORDERED), ordered=MIXED_ORDERED, group="school"
    ),
    "kinds/cut": lambda: cfa(HS, hs_frame(HS_ITEMS), ordered=True),
    "kinds/second_order": lambda: cfa(
        RECORD["kinds"]["models"]["second_order"], hs_frame(HS_ITEMS), ordered=True
    ),
    "kinds/binary": lambda: cfa(N, binary(), ordered=True),
    "kinds/binary_theta": lambda: cfa(N, binary(), ordered=True, parameterization="theta"),
}  # fmt: skip


def record_of(key: str) -> dict[str, Any]:
    """Return what lavaan had."""
    found: Any = RECORD
    for part in key.split("/"):
        found = found[part]
    return dict(found)


@cache
def fit(key: str) -> CFAResult:
    """Fit a recorded model, once a run."""
    return CALLS[key]()
