"""parallel_analysis(): against psych, its options, and bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, parallel_analysis
from psychometrics.errors import DataError
from psychometrics.stats.moments import FloatArray
from tests.reference.load import BFI_ITEMS, HS_ITEMS, bfi_keyed, hs, hs_missing, load, values
from tests.validity.exploratory import coded, pearson_for_polychoric, two_factors

__all__ = ["pearson_for_polychoric"]

RECORDED = load("exploration")["number"]
HS, BFI = list(HS_ITEMS), list(BFI_ITEMS)


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("parallel_hs_default", {}),
        ("parallel_hs_default", {"reference": "permuted"}),
        ("parallel_hs_smc", {"communalities": "smc"}),
        ("parallel_bfi_default", {"n_replicates": 200}),
        ("parallel_bfi_pairwise", {"missing": "pairwise", "n_replicates": 100}),
        ("parallel_bfi_smc", {"communalities": "smc", "n_replicates": 200}),
    ],
)
def test_eigenvalues_and_numbers_are_psych_s(key: str, options: dict[str, Any]) -> None:
    recorded = RECORDED[key]
    data, items = (hs(), HS) if "hs" in key else (bfi_keyed(), BFI)
    found = parallel_analysis(data, items=items, rng=1, **options)
    own = found.frame.pivot(index="number", columns="basis", values="eigenvalue")
    np.testing.assert_allclose(own["components"], recorded["pc_values"], atol=1e-6)
    np.testing.assert_allclose(own["factors"], recorded["fa_values"], atol=1e-6)
    assert (found.n_factors, found.n_components) == (recorded["nfact"], recorded["ncomp"])


def test_thresholds_are_psych_s_within_monte_carlo_error() -> None:
    recorded = RECORDED["parallel_hs"]
    found = parallel_analysis(hs(), items=HS, rng=1).frame
    for basis in ("components", "factors"):
        own, theirs = found[found["basis"] == basis], recorded[f"{basis}_normal"]
        error = np.array(theirs["sd"]) * np.sqrt(1 / 1000 + 1 / recorded["n_iter"])
        assert np.all(np.abs(own["mean"] - theirs["mean"]) < 4 * error)
        # The 95th percentile of a normal variable has 2.1 times the error of its mean.
        assert np.all(np.abs(own["percentile"] - theirs["percentile"]) < 4 * 2.1 * error)


def test_the_frame_is_tidy() -> None:
    found = parallel_analysis(two_factors(), n_replicates=50)
    assert list(found.frame.columns) == [
        "basis", "number", "eigenvalue", "mean", "sd", "percentile",
    ]  # fmt: skip
    assert len(found.frame) == 16
    assert (found.frame["percentile"] > found.frame["mean"]).all()
    components = found.frame[found.frame["basis"] == "components"]
    assert components["eigenvalue"].sum() == pytest.approx(8)
    assert components["mean"].sum() == pytest.approx(8)
    assert (found.n_obs, found.n_missing, found.n_replicates) == (400, 0, 50)


def test_the_mean_keeps_at_least_as_many() -> None:
    found = parallel_analysis(bfi_keyed(), items=BFI, n_replicates=50)
    assert found.n_factors_mean >= found.n_factors
    assert found.n_components_mean >= found.n_components
    strict = parallel_analysis(bfi_keyed(), items=BFI, n_replicates=50, percentile=99)
    assert strict.n_components <= found.n_components


def test_moments_are_enough_for_normal_items() -> None:
    frame = two_factors()
    from_rows = parallel_analysis(frame, rng=2)
    from_moments = parallel_analysis(Moments(frame.corr(), None, 400), rng=2)
    pd.testing.assert_frame_equal(from_rows.frame, from_moments.frame, rtol=1e-9)


def test_harman_s_published_matrix_has_two_factors() -> None:
    r = values(load("exploration")["correlations"]["harman8"])
    assert parallel_analysis(Moments(r, None, 305)).n_components == 2


def test_incomplete_answers() -> None:
    frame = hs_missing()[HS]
    em = parallel_analysis(frame, correlation="em")
    pairwise = parallel_analysis(frame, missing="pairwise", reference="permuted", n_replicates=60)
    listwise = parallel_analysis(frame)
    assert em.n_components == pairwise.n_components == listwise.n_components == 3
    assert em.n_obs == 300
    assert listwise.n_missing == 301 - listwise.n_obs


def test_polychoric_correlations_are_those_of_shuffled_columns(
    pearson_for_polychoric: list[FloatArray],
) -> None:
    frame = coded(200)
    frame.iloc[:9, 2] = np.nan
    found = parallel_analysis(frame, correlation="polychoric", n_replicates=15, rng=4)
    assert found.n_factors == 2
    assert "permuted reference" in found.method
    own, *shuffled = pearson_for_polychoric
    assert len(shuffled) == 15
    for made in shuffled:
        np.testing.assert_array_equal(np.sort(made, axis=0), np.sort(own, axis=0))
    assert parallel_analysis(frame.dropna(), correlation="polychoric").n_replicates == 100


def test_sites_of_different_level_are_pooled_within() -> None:
    frame = pd.concat([two_factors(150, seed=2), two_factors(150, seed=3) + 2.0])
    frame["site"] = ["ulm"] * 150 + ["pune"] * 150
    assert parallel_analysis(frame, group="site").n_components == 2
    assert "pooled-within" in parallel_analysis(frame, group="site", n_replicates=5).method


def test_the_same_seed_gives_the_same_bytes_and_another_another() -> None:
    one, same, other = (
        parallel_analysis(two_factors(), n_replicates=30, rng=seed).frame["mean"].to_numpy()
        for seed in (1, 1, 2)
    )
    assert one.tobytes() == same.tobytes()
    assert not np.array_equal(one, other)


def test_text_and_html() -> None:
    found = parallel_analysis(two_factors(), n_replicates=30)
    assert str(found).startswith("Parallel analysis (Pearson correlations, complete rows")
    assert "2 factors, 2 components above the 95th percentile of 30 sets" in str(found)
    assert found._repr_html_().count("<tr") == 2 * 5 + 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_replicates": 1}, "whole number of at least 2"),
        ({"n_replicates": 2.5}, "whole number of at least 2"),
        ({"percentile": 0.95}, "give one between 50 and 100"),
        ({"reference": "bootstrap"}, "reference='bootstrap' is not known"),
        ({"communalities": "h2"}, "communalities='h2' is not known"),
        ({"correlation": "em", "reference": "permuted"}, "choose reference='normal'"),
        ({"rng": -1}, "rng must be a whole number"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        parallel_analysis(two_factors(), **options)


def test_bad_data_are_named() -> None:
    with pytest.raises(DataError, match="do not vary here"):
        parallel_analysis(two_factors().assign(a=1.0))
    with pytest.raises(DataError, match="more complete answers than items"):
        parallel_analysis(two_factors(8))
    with pytest.raises(DataError, match="at least 3 items"):
        parallel_analysis(two_factors()[["a"]])
    with pytest.raises(DataError, match="need positive definite correlations"):
        parallel_analysis(two_factors().assign(h=lambda f: f["a"] + f["b"]), communalities="smc")
    with pytest.raises(DataError, match="choose reference='normal'"):
        parallel_analysis(Moments(np.eye(4), None, 50), reference="permuted")


def test_normal_reference_is_refused_for_polychoric(
    pearson_for_polychoric: list[FloatArray],
) -> None:
    with pytest.raises(DataError, match="choose reference='permuted'"):
        parallel_analysis(coded(), correlation="polychoric", reference="normal")
