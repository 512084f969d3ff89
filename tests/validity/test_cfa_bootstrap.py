"""Bootstrap of a factor model: what must hold, and what R's would say."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import Moments, cfa
from psychometrics.errors import DataError
from psychometrics.stats.cfa.batch import bollen_stine_rows, draw_moments
from psychometrics.stats.cfa.kernel import imply
from psychometrics.validity.cfa_bootstrap import samples
from tests.reference.load import HS_ITEMS, HS_SCALES, array, hs, hs_missing


@pytest.fixture(scope="module")
def fit():
    return cfa(HS_SCALES, hs())


@pytest.mark.parametrize("kind", ["ordinary", "parametric", "bollen_stine"])
def test_same_seed_same_numbers(fit, kind):
    one, two = (fit.bootstrap(60, kind=kind, rng=3) for _ in range(2))
    np.testing.assert_array_equal(one.chi2, two.chi2)
    assert not np.array_equal(one.chi2, fit.bootstrap(60, kind=kind, rng=4).chi2)


def test_the_parametric_bootstrap_varies_as_the_expected_information_says(fit):
    found = fit.bootstrap(1000, kind="parametric", rng=1)
    free = fit.parameters["free"]
    ratio = found.parameters["se"][free] / fit.parameters["se"][free]
    # Monte Carlo error of a standard deviation of 1,000 is 2.2 %; second-order terms add some.
    assert 0.88 < ratio.min() < ratio.max() < 1.25
    assert ratio.mean() == pytest.approx(1.0, abs=0.06)
    assert found.chi2.mean() == pytest.approx(24, abs=1)


def test_the_ordinary_bootstrap_varies_as_huber_and_white_say(fit):
    robust = cfa(HS_SCALES, hs(), estimator="MLR").parameters
    found = fit.bootstrap(1000, rng=1).parameters
    ratio = found["se"][robust["free"]] / robust["se"][robust["free"]]
    assert ratio.median() == pytest.approx(1.0, abs=0.1)


def test_bollen_and_stine_turn_rows_so_that_the_model_holds(fit):
    rows = array("hs", HS_ITEMS)
    sigma = imply(fit.fits.layout, fit.fits.optimum.z[:1]).covariance[0, 0]
    turned = bollen_stine_rows(rows, sigma)
    np.testing.assert_allclose(np.cov(turned.T, bias=True), sigma, atol=1e-12)
    np.testing.assert_allclose(turned.mean(axis=0), rows.mean(axis=0), atol=1e-12)


def test_bollen_stine_refutes_what_the_chi_square_refutes(fit):
    found = fit.bootstrap(999, kind="bollen_stine", rng=1)
    assert found.p_value == 1 / 1000  # lavaan's test = "bollen.stine" prints 0
    # Skewed answers spread it a little wider than chi-square.
    assert found.chi2.mean() == pytest.approx(25, abs=2.5)
    assert "bollen_stine bootstrap, 999 samples of 301 people, 0 without a maximum" in str(found)


def test_groups_keep_their_sizes():
    fit = cfa(HS_SCALES, hs(), group="school", group_equal=("loadings",))
    data = samples(fit, 5, "ordinary", 1)
    np.testing.assert_array_equal(data.n, np.tile([156.0, 145.0], (5, 1)))
    found = fit.bootstrap(40, rng=1).parameters
    loadings = found.query("op == '=~' and rhs == 'x2'")
    assert loadings["low"].nunique() == 1  # one parameter, one interval


def test_fixed_parameters_have_no_interval(fit):
    found = fit.bootstrap(50, rng=1).parameters
    marker = found.iloc[0]
    assert np.isnan(marker["se"])
    assert np.isnan(marker["low"])
    assert marker["std_low"] < marker["std_all"] < marker["std_high"]


def test_drawn_moments_are_those_of_normal_samples():
    sigma = np.array([[[2.0, 0.6], [0.6, 1.0]]])
    drawn = draw_moments(sigma, np.array([[1.0, -1.0]]), np.array([20.0]), 20_000,
                         np.random.default_rng(1))  # fmt: skip
    unbiased = drawn.covariance[:, 0] * 20 / 19
    np.testing.assert_allclose(unbiased.mean(axis=0), sigma[0], atol=0.02)
    variance = (sigma[0, 0, 0] * sigma[0, 1, 1] + sigma[0, 0, 1] ** 2) / 19
    assert unbiased[:, 0, 1].var() == pytest.approx(variance, rel=0.05)
    np.testing.assert_allclose(drawn.mean[:, 0].mean(axis=0), [1, -1], atol=0.02)
    assert drawn.mean[:, 0, 0].var() == pytest.approx(2 / 20, rel=0.05)


def test_what_cant_be_resampled_says_why(fit):
    with pytest.raises(DataError, match="incomplete rows don't have"):
        cfa(HS_SCALES, hs_missing(), missing="fiml").bootstrap(10)
    moments = cfa(HS_SCALES, Moments(hs()[list(HS_ITEMS)].cov(), None, 301))
    with pytest.raises(DataError, match="use kind='parametric'"):
        moments.bootstrap(10)
    assert moments.bootstrap(20, kind="parametric", rng=1).n_failed == 0
    weighted = cfa(HS_SCALES, hs().assign(w=1.0), estimator="MLR", weights="w")
    with pytest.raises(DataError, match="not drawn alike"):
        weighted.bootstrap(10)
    with pytest.raises(DataError, match="kind='jackknife' is not known here"):
        fit.bootstrap(10, kind="jackknife")


def test_progress_is_told(fit):
    told = []
    fit.bootstrap(45, rng=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(20, 45), (40, 45), (45, 45)]
