"""Models of ordered items against lavaan's and semTools' record."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.validity.compare import compare
from tests.validity.ordinal_models import CALLS, LEVELS, RECORD, fit, record_of

pytestmark = pytest.mark.filterwarnings("ignore::psychometrics.errors.DegenerateDataWarning")

INDICES = {
    "chi2": "chisq", "df": "df", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "srmr": "srmr",
    "chi2_baseline": "baseline.chisq", "df_baseline": "baseline.df", "n_parameters": "npar",
    "chi2_scaled": "chisq.scaled", "df_scaled": "df.scaled", "p_scaled": "pvalue.scaled",
    "scaling_factor": "chisq.scaling.factor", "cfi_scaled": "cfi.scaled",
    "tli_scaled": "tli.scaled", "rmsea_scaled": "rmsea.scaled", "rmsea_robust": "rmsea.robust",
}  # fmt: skip
ROBUST = {"cfi_robust": "cfi.robust", "tli_robust": "tli.robust"}
KEYS = tuple(CALLS)


def one_group(key: str) -> bool:
    return not record_of(key)["groups"]


@pytest.mark.parametrize("key", KEYS)
def test_fit_indices(key: str) -> None:
    found, wanted = fit(key).fit_indices, record_of(key)["fit"]
    names = INDICES | (ROBUST if one_group(key) else {})
    compared = 0
    for name, theirs in names.items():
        value = wanted.get(theirs)
        # lavaan has robust indices for models of ordered items alone.
        if name not in found or value is None:
            continue
        # With groups lavaan's corrections weigh them by n, not by the n - 1 of its chi-square.
        limit = (1e-5 if one_group(key) else 1e-4) * max(1.0, abs(value))
        assert found[name] == pytest.approx(value, abs=limit), name
        compared += 1
    assert compared >= 11


@pytest.mark.parametrize("key", KEYS)
def test_estimates_and_standard_errors(key: str) -> None:
    # With groups lavaan weighs them by n, not by the n - 1 that its chi-square counts.
    se_limit = 1e-5 if one_group(key) else 2e-4
    record = record_of(key)
    names = fit(key).groups
    own = {
        (row.lhs, row.op, row.rhs, 1 if row.group is None else names.index(row.group) + 1): row
        for row in fit(key).parameters.itertuples(index=False)
    }
    assert len(own) == len(record["parameters"])
    scaled = record.get("standardized") or [None] * len(record["parameters"])
    for theirs, std in zip(record["parameters"], scaled, strict=True):
        place = theirs["lhs"], theirs["op"], theirs["rhs"], theirs.get("group") or 1
        mirrored = place[2], place[1], place[0], place[3]
        row = own.get(place) or own[mirrored]
        assert row.estimate == pytest.approx(theirs["est"], abs=5e-5), place
        if row.free:
            assert row.se == pytest.approx(theirs["se"], abs=se_limit, rel=2e-5), place
        if std is not None:
            assert row.std_all == pytest.approx(std["est.std"], abs=1e-5), place
            # lavaan 0.6-14 leaves blank what doesn't vary.
            assert row.std_se == pytest.approx(std["se"] or 0.0, abs=se_limit), place


@pytest.mark.parametrize("key", [key for key in KEYS if record_of(key).get("modification_indices")])
def test_modification_indices(key: str) -> None:
    # lavaan's gradient is (n - 1) / n of that of its chi-square, and so is its expected change.
    found = fit(key).modification_indices()
    people = np.array([*record_of(key)["n_by_group"]])
    names = fit(key).groups
    own = {
        (row.lhs, row.op, row.rhs, 1 if row.group is None else names.index(row.group) + 1): row
        for row in found.itertuples(index=False)
    }
    compared = 0
    for theirs in record_of(key)["modification_indices"]:
        place = theirs["lhs"], theirs["op"], theirs["rhs"], theirs.get("group") or 1
        row = own.get(place) or own.get((place[2], place[1], place[0], place[3]))
        if row is None or theirs["mi"] is None or not np.isfinite(row.mi):
            continue
        n = people[place[3] - 1]
        assert row.mi * (n - 1) / n == pytest.approx(theirs["mi"], rel=1e-3, abs=1e-3), place
        assert row.epc * (n - 1) / n == pytest.approx(theirs["epc"], rel=1e-3, abs=1e-3), place
        compared += 1
    assert compared >= 9


@pytest.mark.parametrize("key", [key for key in KEYS if record_of(key).get("residuals_cor")])
def test_residuals(key: str) -> None:
    record = record_of(key)["residuals_cor"]
    for name in fit(key).groups or (None,):
        if name is not None and name not in record:
            continue
        own = record if name is None else record[name]
        found = fit(key).residuals(group=name)
        rows = own["cov"]["rows"]
        wanted = np.array(own["cov"]["values"], dtype=float)
        np.testing.assert_allclose(found.loc[rows, rows].to_numpy(), wanted, atol=1e-5)


def rows_of_record(tests: dict) -> list[tuple[float, int, float]]:
    return [
        (row["chisq_diff"], row["df_diff"], row["pvalue"]) for row in tests["default"]["rows"][1:]
    ]


@pytest.mark.parametrize("form", ["theta", "delta"])
def test_difference_tests_of_the_wu_estabrook_ladder(form: str) -> None:
    levels = [level for level in LEVELS if level in RECORD[f"datcat_{form}"]]
    table = compare(*(fit(f"datcat_{form}/{level}") for level in levels), names=levels)
    wanted = rows_of_record(RECORD[f"datcat_{form}"]["tests_between"])
    assert len(wanted) == len(levels) - 1
    for (_, row), (chi2, df, p_value) in zip(table.iloc[1:].iterrows(), wanted, strict=True):
        assert row["delta_df"] == df
        assert row["delta_chi2"] == pytest.approx(chi2, abs=1e-5)
        assert row["delta_p"] == pytest.approx(p_value, abs=1e-6)


@pytest.mark.parametrize(
    "key", ["n_by_gender", "n_by_gender_theta", "n_by_education", "bfi_by_gender"]
)
def test_difference_tests_of_groups(key: str) -> None:
    both = [fit(f"groups/{key}/{level}") for level in ("configural", "loadings_thresholds")]
    row = compare(*both).iloc[1]
    ((chi2, df, p_value),) = rows_of_record(RECORD["groups"][key]["tests_between"])
    assert row["delta_df"] == df
    assert row["delta_chi2"] == pytest.approx(chi2, rel=1e-5)
    assert row["delta_p"] == pytest.approx(p_value, rel=1e-3)


def test_difference_tests_of_one_group() -> None:
    from psychometrics.validity.structure import cfa
    from tests.validity.ordinal_models import bfi

    record = RECORD["nested_one_factor"]
    equal = cfa(record["models"]["equal_loadings"], bfi(), ordered=True)
    table = compare(
        fit("one_factor/WLSMV_residual_covariance"), fit("one_factor/WLSMV_delta"), equal
    )
    for (_, row), (chi2, df, _) in zip(
        table.iloc[1:].iterrows(), rows_of_record(record["tests"]), strict=True
    ):
        assert row["delta_df"] == df
        assert row["delta_chi2"] == pytest.approx(chi2, rel=1e-5)


def test_lavaan_adds_up_baselines_of_groups_in_another_way() -> None:
    """Its robust CFI takes a group's expected misfit N / n_g times.

    The expected misfit of the baseline is the sum over groups of the variances of their
    correlations; with that in lavaan's way our number would be lavaan's.
    """
    found = fit("groups/n_by_education/configural")
    moments = found.fitted.sample.ordinal
    assert moments is not None
    at = moments.layout.covariances
    own = np.array([group.diagonal()[at].sum() for group in moments.groups])
    n = moments.n
    apart = -(n * np.linalg.slogdet(moments.correlations.correlation)[1]).sum()
    excess = (1 - found.fit_indices["cfi_robust"]) * (apart - own.sum())
    theirs = 1 - excess / (apart - (own * n.sum() / n).sum())
    wanted = record_of("groups/n_by_education/configural")["fit"]["cfi.robust"]
    assert theirs == pytest.approx(wanted, abs=1e-6)
