"""Sampling adequacy and sphericity against psych, and data that won't do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics.validity.factorability import adequacy, factorability
from psychometrics.validity.selection import select
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, hs, load


@pytest.fixture(scope="module")
def of_bfi() -> pd.DataFrame:
    return factorability(select(bfi(), BFI_SCALES, group="education"))


@pytest.fixture(scope="module")
def of_hs() -> pd.DataFrame:
    return factorability(select(hs(), HS_SCALES, group="school"))


@pytest.mark.parametrize("data", ["bfi", "hs"])
def test_agrees_with_psych(data: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(f"of_{data}")
    for _, row in found.iterrows():
        unit = "total" if row["pooling"] == "total" else row["group"]
        recorded = load("items")[data]["factorability"][unit]["all_items"]
        assert row["n_obs"] == recorded["n_obs"]
        assert row["kmo"] == pytest.approx(recorded["kmo"], abs=1e-10)
        assert row["bartlett_chi2"] == pytest.approx(recorded["bartlett_chisq"], rel=1e-10)
        assert row["bartlett_df"] == recorded["bartlett_df"]
        assert row["bartlett_p"] == pytest.approx(recorded["bartlett_p"], rel=1e-6)
    assert len(found) == len(load("items")[data]["factorability"])


def test_the_unit_of_the_answers_doesn_t_matter() -> None:
    # Small units make the determinant of the covariances small, which isn't singular.
    small = hs()
    small[["x1", "x5", "x9"]] *= 1e-4
    plain, scaled = (factorability(select(frame, HS_SCALES)) for frame in (hs(), small))
    assert scaled["kmo"][0] == pytest.approx(plain["kmo"][0], abs=1e-10)
    assert not scaled["reason"][0]


def frame_of(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(30, 4)), columns=list("abcd"))
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (frame_of().head(4), "more_items_than_people"),
        (frame_of(d=2.5), "constant_items"),
        (frame_of(d=lambda f: f["a"] + f["b"]), "covariance_singular"),
        (frame_of(d=np.nan), "more_items_than_people"),
    ],
)
def test_what_can_t_be_had_says_why(frame: pd.DataFrame, code: str) -> None:
    found = factorability(select(frame, {"s": list("abcd")})).iloc[0]
    assert found["reason"].code == code
    assert np.isnan(found["kmo"])


def test_one_item() -> None:
    found = factorability(select(frame_of(), {"s": ["a"]})).iloc[0]
    assert found["reason"] == "It needs at least 2 items; there are 1."


def test_all_answers_are_used_where_some_are_missing() -> None:
    whole = hs()
    gaps = whole.copy()
    gaps.loc[gaps.index[::7], "x1"] = np.nan
    found = factorability(select(gaps, HS_SCALES, group="school"), "fiml")
    complete = factorability(select(whole, HS_SCALES, group="school"), "fiml")
    listwise = factorability(select(whole, HS_SCALES, group="school"))
    pd.testing.assert_frame_equal(complete, listwise)
    for mine, theirs in zip(found.to_dict("records"), listwise.to_dict("records"), strict=True):
        assert mine["n_obs"] == theirs["n_obs"]
        assert "all answers" in mine["method"]
        assert mine["kmo"] == pytest.approx(theirs["kmo"], abs=0.03)
        # Bartlett's statistic has a factor that the likelihood ratio has not.
        n, p = theirs["n_obs"], 9
        ratio = theirs["bartlett_chi2"] * n / (n - 1 - (2 * p + 5) / 6)
        assert mine["bartlett_chi2"] == pytest.approx(ratio, rel=0.06)


def test_adequacy_is_psychs() -> None:
    rows = hs()[[item for items in HS_SCALES.values() for item in items]].to_numpy()
    recorded = load("items")["hs"]["factorability"]["total"]["all_items"]["kmo"]
    assert adequacy(np.corrcoef(rows, rowvar=False)) == pytest.approx(recorded, abs=1e-10)
