"""Tests of invariance by resampling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, invariance
from psychometrics.errors import DataError
from psychometrics.stats.cfa.batch import BatchIndices
from psychometrics.validity.invariance_resampling import resampling_p, upper_quantile
from tests.reference.load import HS_SCALES, hs, hs_missing, load
from tests.validity.ordinal_models import DATCAT, datcat


@pytest.fixture(scope="module")
def schools():
    return invariance(HS_SCALES, hs(), "school", permutations=99, rng=3)


def test_permutation_of_two_schools(schools):
    tests = schools.permutation
    own = tests.table.set_index(["level", "index"])
    table = schools.table
    assert own.loc[("scalar", "chi2"), "observed"] == pytest.approx(
        table.loc["scalar", "delta_chi2"], abs=1e-5
    )
    for index in ("cfi", "rmsea", "srmr"):
        assert own.loc[("metric", index), "observed"] == pytest.approx(
            table.loc["metric", f"delta_{index}"], abs=1e-6
        )
    # The smallest p-value that 99 samples can give.
    assert own.loc[("scalar", "chi2"), "p_value"] == pytest.approx(0.01)
    assert own.loc[("metric", "chi2"), "p_value"] > 0.1
    assert (own["n_samples"] == 99).all()
    assert schools.verdicts.loc["scalar", "verdict"] == "differs"
    assert schools.verdicts.loc["metric", "verdict"] == "no_difference_found"
    assert "could be exchanged" in str(tests)


def test_score_tests_are_lavaans_and_families_are_levels(schools):
    rows = schools.permutation.parameters
    scalar = rows[(rows["level"] == "scalar") & rows["group"].notna()]
    assert set(scalar["op"]) == {"~1"}
    assert set(rows[rows["level"] == "metric"]["op"]) == {"=~"}
    x3 = scalar[(scalar["lhs"] == "x3") & (scalar["group"] == "Grant-White")].iloc[0]
    assert x3["chi2"] == pytest.approx(19.193, abs=1e-3)
    assert x3["p_family"] == pytest.approx(0.01)
    # Holding the largest of a family against each can only be more careful than a test alone.
    assert (scalar["p_family"] >= scalar["p_value"] - 0.05).all()
    recorded = load("engine_groups")["ML"]["score_scalar"]["univariate"]
    largest = sorted((row["X2"] for row in recorded), reverse=True)[:1]
    assert x3["chi2"] == pytest.approx(largest[0], abs=1e-3)


def test_same_seed_same_numbers(schools):
    again = invariance(HS_SCALES, hs(), "school", permutations=99, rng=3)
    pd.testing.assert_frame_equal(schools.permutation.table, again.permutation.table)
    other = invariance(HS_SCALES, hs(), "school", permutations=99, rng=4)
    assert not schools.permutation.table.equals(other.permutation.table)


def test_parametric_bootstrap_from_answers_and_from_moments():
    kept = {"levels": ["metric", "scalar"], "permutations": 60, "method": "parametric", "rng": 1}
    found = invariance(HS_SCALES, hs(), "school", **kept)
    own = found.permutation.table.set_index(["level", "index"])
    assert own.loc[("scalar", "chi2"), "p_value"] == pytest.approx(1 / 61)
    assert "normal answers" in found.permutation.assumption
    items = [item for part in HS_SCALES.values() for item in part]
    parts = [part[items] for _, part in hs().groupby("school", sort=False)]
    moments = Moments(
        np.array([p.cov().to_numpy() for p in parts]),
        np.array([p.mean().to_numpy() for p in parts]),
        np.array([len(p) for p in parts]),
        names=items,
        groups=found.groups,
    )
    same = invariance(HS_SCALES, moments, None, **kept).permutation.table
    np.testing.assert_allclose(same["p_value"], found.permutation.table["p_value"], atol=0.02)
    with pytest.raises(DataError, match="no people to shuffle"):
        invariance(HS_SCALES, moments, None, permutations=20)


def test_bollen_stine_bootstrap_needs_people_and_no_normal_answers():
    kept = {"levels": ["configural", "metric", "scalar"], "permutations": 60, "rng": 1}
    found = invariance(HS_SCALES, hs(), "school", method="bollen_stine", **kept)
    own = found.permutation.table.set_index(["level", "index"])
    assert own.loc[("scalar", "chi2"), "p_value"] == pytest.approx(1 / 61)
    assert own.loc[("metric", "chi2"), "p_value"] > 0.05
    assert "need not be normal" in found.permutation.assumption
    assert "Bollen-Stine" in found.verdicts.loc["scalar", "explanation"]
    with pytest.raises(DataError, match="can't be turned"):
        invariance(
            {"f": ["u1", "u2", "u3", "u4"]}, datcat(), "g", ordered=True,
            levels=["thresholds"], permutations=20, method="bollen_stine",
        )  # fmt: skip


def test_turned_people_keep_their_tails():
    # Heavy tails make residual variances vary more than normal samples have it.
    rng = np.random.default_rng(2)
    answers = rng.normal(size=(400, 1)) + rng.standard_t(4, size=(400, 4))
    frame = pd.DataFrame(answers, columns=list("wxyz")).assign(group=["a", "b"] * 200)
    kept = {"levels": ["scalar", "strict"], "permutations": 80, "rng": 1}
    critical = {
        method: invariance("f =~ w + x + y + z", frame, "group", method=method, **kept)
        .permutation.table.set_index(["level", "index"])
        .loc[("strict", "chi2"), "critical"]
        for method in ("parametric", "bollen_stine")
    }
    assert critical["bollen_stine"] > 1.2 * critical["parametric"]


def test_failed_samples_count_against_the_test():
    samples = np.array([1.0, 2.0, np.nan, 4.0])
    assert resampling_p(3.0, samples) == pytest.approx((2 + 1) / 5)
    assert resampling_p(100.0, samples) == pytest.approx((1 + 1) / 5)
    assert np.isnan(resampling_p(float("nan"), samples))
    assert upper_quantile(samples) == np.inf
    assert upper_quantile(np.arange(1.0, 101.0)) == 95.0
    assert set(BatchIndices.__slots__) >= {"chi2", "cfi", "rmsea", "srmr"}


def test_means_of_factors_need_no_exchange():
    # Group means that differ by what one factor explains: no violation of invariance.
    rng = np.random.default_rng(8)
    group = np.repeat(["a", "b"], [60, 120])
    factor = rng.normal(size=180) + 3.0 * (group == "b")
    answers = factor[:, None] + rng.normal(size=(180, 4))
    frame = pd.DataFrame(answers, columns=list("wxyz")).assign(group=group)
    model = "f =~ w + x + y + z"
    kept = {"levels": ["configural", "metric", "scalar"], "permutations": 199, "rng": 1}
    centred = invariance(model, frame, "group", **kept).permutation.omnibus["p_value"]
    raw = invariance(model, frame, "group", center_groups=False, **kept)
    assert (centred[["metric", "scalar"]] > 0.05).all()
    assert "equal factor means" in raw.permutation.assumption


def test_what_cant_be_resampled():
    with pytest.raises(DataError, match="incomplete rows"):
        invariance(HS_SCALES, hs_missing(), "school", missing="fiml", permutations=20)
    mixed = [f"u{k}" for k in range(1, 8)]
    with pytest.raises(DataError, match="ordered and continuous items together"):
        invariance(DATCAT, datcat(), "g", ordered=mixed, levels=["configural"], permutations=20)
    with pytest.raises(DataError, match="maximum likelihood"):
        invariance(HS_SCALES, hs(), "school", estimator="ULSM", permutations=20)
    with pytest.raises(DataError, match="method"):
        invariance(HS_SCALES, hs(), "school", method="jackknife")


@pytest.mark.parametrize("method", ["permutation", "parametric"])
def test_ordered_items(method):
    model = {"f": ["u1", "u2", "u3", "u4"]}
    found = invariance(
        model, datcat(), "g", ordered=True, levels=["thresholds", "metric", "scalar"],
        permutations=40, method=method, rng=1,
    )  # fmt: skip
    own = found.permutation.table.set_index(["level", "index"])
    change = found.table.loc["metric", "chi2"] - found.table.loc["thresholds", "chi2"]
    assert own.loc[("metric", "chi2"), "observed"] == pytest.approx(change, abs=1e-6)
    assert own["p_value"].between(1 / 41, 1).all()
    assert own.loc[("metric", "chi2"), "p_value"] > 0.05
    rows = found.permutation.parameters
    assert rows["p_value"].isna().all()
    assert rows["p_family"].between(1 / 41, 1).all()
    assert ("equal factor means" in found.permutation.assumption) == (method == "permutation")


def test_p_values_are_uniform_where_groups_are_random():
    rng = np.random.default_rng(5)
    p_values = []
    for at in range(20):
        factor = rng.normal(size=120)
        answers = factor[:, None] + rng.normal(size=(120, 4))
        frame = pd.DataFrame(answers, columns=list("wxyz")).assign(group=["a", "b"] * 60)
        found = invariance(
            "f =~ w + x + y + z", frame, "group", levels=["configural", "metric", "scalar"],
            permutations=19, rng=at,
        )  # fmt: skip
        p_values.append(found.permutation.omnibus["p_value"].to_numpy())
    mean = np.array(p_values).mean(axis=0)
    # The mean of 20 uniform numbers has a standard error of .065.
    assert np.abs(mean - 0.5).max() < 0.22


@pytest.mark.parametrize("method", ["permutation", "parametric"])
def test_progress_rises_to_all_samples_of_all_levels(method):
    told: list[tuple[int, int]] = []
    invariance(
        HS_SCALES, hs(), "school", levels=["metric", "scalar"], permutations=25, method=method,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    total = 50 if method == "permutation" else 75
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
