from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import KINDS, constrain_groups
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.fit_indices import FitIndices
from psychometrics.stats.cfa.inference import infer, summarize_fit
from tests.reference.load import load
from tests.stats.cfa.cases import HS_GROUPS, HS_MODEL, answers, row_of

RECORD = load("engine_groups")
LEVELS = {
    level: [] if kinds == "none" else [kinds] if isinstance(kinds, str) else kinds
    for level, kinds in RECORD["group_equal"].items()
}


@cache
def ladder(level: str, *, std_lv: bool = False, partial: tuple[str, ...] = ()) -> Fits:
    table = complete(HS_MODEL, n_groups=2, mean_structure=True, std_lv=std_lv)
    rows = [answers("hs", school, table.observed) for school in HS_GROUPS[1:]]
    return fit_moments(
        constrain_groups(table, LEVELS[level], partial),
        np.array([np.cov(r.T) for r in rows])[None],
        np.array([[float(len(r)) for r in rows]]),
        np.array([r.mean(axis=0) for r in rows])[None],
    )


@cache
def level_indices(level: str, *, std_lv: bool = False) -> FitIndices:
    return indices(ladder(level, std_lv=std_lv))


def indices(fits: Fits) -> FitIndices:
    return summarize_fit(
        fits.table, fits.layout, fits.optimum.z[0], fits.optimum.fmin[0], fits.data
    )


@pytest.mark.parametrize("std_lv", [False, True])
@pytest.mark.parametrize("level", LEVELS)
class TestLadderAgainstLavaan:
    def test_chi_square_and_degrees_of_freedom(self, level: str, std_lv: bool) -> None:
        found, recorded = level_indices(level, std_lv=std_lv), RECORD["ML"][level]["fit"]
        assert found.df == recorded["df"]
        np.testing.assert_allclose(found.chi2, recorded["chisq"], rtol=0, atol=1e-4)

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ("cfi", "cfi"),
            ("tli", "tli"),
            ("rmsea", "rmsea"),
            ("rmsea_low", "rmsea.ci.lower"),
            ("rmsea_high", "rmsea.ci.upper"),
            ("srmr", "srmr"),
        ],
    )
    def test_indices(self, level: str, std_lv: bool, ours: str, theirs: str) -> None:
        found = getattr(level_indices(level, std_lv=std_lv), ours)
        np.testing.assert_allclose(found, RECORD["ML"][level]["fit"][theirs], rtol=0, atol=1e-5)

    @pytest.mark.parametrize(("ours", "theirs"), [("log_likelihood", "logl"), ("bic", "bic")])
    def test_likelihood(self, level: str, std_lv: bool, ours: str, theirs: str) -> None:
        if std_lv and level in ("variances", "covariances", "means"):
            assert "lv.variances" in LEVELS[level]  # equal to 1 in all groups: the same model
        found = getattr(level_indices(level, std_lv=std_lv), ours)
        np.testing.assert_allclose(found, RECORD["ML"][level]["fit"][theirs], rtol=0, atol=1e-4)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance"), [("estimate", "est", 1e-4), ("se", "se", 1e-3)]
)
def test_parameters_of_the_ladder(level: str, ours: str, theirs: str, tolerance: float) -> None:
    fits = ladder(level)
    found = getattr(infer(fits.table, fits.layout, fits.optimum.z[0], fits.covariance[0]), ours)
    for row in RECORD["ML"][level]["parameters"]:
        at = row_of(fits.table, row["lhs"], row["op"], row["rhs"], row["group"] - 1)
        np.testing.assert_allclose(found[at], row[theirs], rtol=tolerance, atol=1e-4)


def test_published_ladder_of_the_lavaan_tutorial() -> None:
    printed = {
        "configural": (115.851, 48), "metric": (124.044, 54), "scalar": (164.103, 60),
        "strict": (181.511, 69),
    }  # fmt: skip
    found = {level: level_indices(level) for level in printed}
    assert {k: (round(f.chi2, 3), f.df) for k, f in found.items()} == printed


def test_partial_equality_of_the_lavaan_tutorial() -> None:
    # Intercepts of x3 and x7 free: chi-square 129.422 with 58 df, factor means .051 .576 -.071.
    fits = ladder("scalar", partial=("x3~1", "x7~1"))
    found = indices(fits)
    assert (round(found.chi2, 3), found.df) == (129.422, 58)
    estimate = infer(fits.table, fits.layout, fits.optimum.z[0], fits.covariance[0]).estimate
    means = [
        round(float(estimate[row_of(fits.table, factor, "~1", "", 1)]), 3)
        for factor in ("visual", "textual", "speed")
    ]
    assert sorted(np.abs(means)) == [0.051, 0.071, 0.576]


def test_equal_factor_means_are_freed_by_equal_intercepts() -> None:
    table = complete(HS_MODEL, n_groups=2, mean_structure=True)
    scalar = constrain_groups(table, ["loadings", "intercepts"])
    assert [r.free for r in scalar.rows if r.name == "visual~1"] == [False, True]
    assert [r.free for r in table.rows if r.name == "visual~1"] == [False, False]


def test_what_is_written_free_by_group_stays_free() -> None:
    text = HS_MODEL.replace("x2", "c(a, b)*x2")
    table = constrain_groups(complete(text, n_groups=2), ["loadings"])
    assert [r.label for r in table.rows if r.name == "visual=~x2"] == ["a", "b"]


def test_an_unknown_kind_is_named() -> None:
    table = complete(HS_MODEL, n_groups=2)
    with pytest.raises(ModelError, match=r"does not know 'slopes'; it knows loadings, intercepts"):
        constrain_groups(table, ["loadings", "slopes"])


def test_thresholds_need_ordered_items() -> None:
    with pytest.raises(ModelError, match="no item of the model is ordered"):
        constrain_groups(complete(HS_MODEL, n_groups=2), ["thresholds"])


@pytest.mark.parametrize("text", ["visual =~ x4", "x10 ~ 1"])
def test_an_exception_must_be_a_parameter(text: str) -> None:
    table = complete(HS_MODEL, n_groups=2, mean_structure=True)
    with pytest.raises(ModelError, match="group_partial names what the model doesn't have"):
        constrain_groups(table, ["loadings"], [text])


def test_every_kind_is_a_kind_of_parameter() -> None:
    table = complete(HS_MODEL + "\nx1 ~~ x4\nspeed ~ visual", n_groups=2, mean_structure=True)
    observed, latent = frozenset(table.observed), frozenset(table.latent)
    for kind, rule in KINDS.items():
        if kind == "thresholds":
            continue
        assert any(rule(row, observed, latent) for row in table.rows), kind
