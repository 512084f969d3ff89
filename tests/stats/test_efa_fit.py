"""Fit indices of exploratory models against lavaan, psych and the printed tutorial."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.efa import extract, implied_correlation
from psychometrics.stats.efa_fit import ExploratoryFit, exploratory_fit, residual_size
from psychometrics.stats.moments import FloatArray
from tests.reference.load import HS_ITEMS, array, load

RECORDED = load("exploration")
ROWS = array("hs", HS_ITEMS)
NAMES = {
    "chi2": "chisq", "p_value": "pvalue", "chi2_baseline": "baseline.chisq", "cfi": "cfi",
    "tli": "tli", "rmsea": "rmsea", "rmsea_p": "rmsea.pvalue", "srmr": "srmr",
    "log_likelihood": "logl", "aic": "aic", "bic": "bic",
}  # fmt: skip


def fitted(m: int, covariance: FloatArray | None = None) -> ExploratoryFit:
    found = extract(np.corrcoef(ROWS, rowvar=False)[None], m)
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    given = np.cov(ROWS, rowvar=False) if covariance is None else covariance
    return exploratory_fit(given, 301, implied, m, 301)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_indices_against_lavaan(m: int) -> None:
    found, recorded = fitted(m), RECORDED["lavaan_efa"][f"hs_{m}"]["fit"]
    for ours, theirs in NAMES.items():
        # lavaan's search stops a little short of the minimum.
        assert getattr(found, ours) == pytest.approx(recorded[theirs], rel=2e-6, abs=1e-9), ours
    assert (found.df, found.df_baseline) == (recorded["df"], recorded["baseline.df"])
    assert found.n_parameters == recorded["npar"]
    # R's search for the limits ends at six digits.
    assert found.rmsea_low == pytest.approx(recorded["rmsea.ci.lower"], abs=1e-5)
    assert found.rmsea_high == pytest.approx(recorded["rmsea.ci.upper"], abs=1e-5)


# The lavaan tutorial and Mplus print these for Holzinger and Swineford's nine tests.
@pytest.mark.parametrize(("m", "chi2", "df"), [(1, 312.264, 27), (2, 130.306, 19), (3, 22.897, 12)])
def test_printed_chi_squares(m: int, chi2: float, df: int) -> None:
    found = fitted(m)
    assert found.chi2 == pytest.approx(chi2, abs=5e-4)
    assert found.df == df


def test_printed_rmsea() -> None:
    assert round(fitted(3).rmsea, 3) == 0.055
    assert round(fitted(3).p_value, 3) == 0.029


@pytest.mark.parametrize("m", [1, 2, 3])
def test_bartlett_s_chi_square_is_factanal_s(m: int) -> None:
    found, recorded = fitted(m), RECORDED["extraction"][f"hs_{m}"]["factanal"]
    assert found.chi2_bartlett == pytest.approx(recorded["statistic"], rel=1e-9)
    assert found.p_bartlett == pytest.approx(recorded["pvalue"], rel=1e-7)
    assert found.chi2_bartlett < found.chi2


def test_indices_don_t_depend_on_the_items_units() -> None:
    scale = np.arange(1, 10.0)
    moved = fitted(3, np.cov(ROWS * scale, rowvar=False))
    plain = fitted(3)
    for name in NAMES:
        if name in ("log_likelihood", "aic", "bic"):
            continue  # of the answers in their units
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-9), name
    jump = 301 * np.log(scale).sum()
    assert moved.log_likelihood == pytest.approx(plain.log_likelihood - jump, rel=1e-12)


def test_no_degrees_of_freedom_leave_no_p_value() -> None:
    r = np.array([[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]])
    found = extract(r[None], 1)
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    fit = exploratory_fit(r, 100, implied, 1, 100)
    assert (fit.df, fit.rmsea, fit.tli) == (0, 0.0, 1.0)
    assert np.isnan(fit.p_value)
    assert fit.chi2 == pytest.approx(0.0, abs=1e-10)


def test_psych_s_rms_is_srmr_without_the_diagonal() -> None:
    # psych divides by the pairs, lavaan counts the diagonal, which fits, as well.
    found = extract(np.corrcoef(ROWS, rowvar=False)[None], 3, "minres")
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    ours = residual_size(np.cov(ROWS, rowvar=False), implied)
    rms = RECORDED["extraction"]["hs_3"]["minres"]["rms"]
    assert ours * np.sqrt(10 / 8) == pytest.approx(rms, rel=1e-5)
