"""T-size fit indices and their cut-offs."""

from __future__ import annotations

from math import exp, log, sqrt

import pytest
from scipy import stats

from psychometrics.stats.equivalence import (
    adjusted_cfi_cutoffs,
    adjusted_rmsea_cutoffs,
    grade,
    t_size_cfi,
    t_size_rmsea,
)


def test_t_size_rmsea_is_what_the_statistic_rejects_at_five_percent():
    value = t_size_rmsea(40.0, 30, 250)
    noncentrality = value**2 * 30 * 249
    assert stats.ncx2.cdf(40.0, 30, noncentrality) == pytest.approx(0.05, abs=1e-8)
    in_two = t_size_rmsea(40.0, 30, 251, 2)
    assert in_two == pytest.approx(value * sqrt(2))


def test_t_size_rmsea_is_the_upper_limit_of_the_ninety_percent_interval():
    # HS: RMSEA .092 [.071, .114] with n in place of n - 1.
    assert t_size_rmsea(85.306, 24, 302) == pytest.approx(0.114, abs=5e-4)


@pytest.mark.parametrize(("df", "n"), [(24, 200), (200, 1000), (23, 145), (100, 500), (10, 2000)])
def test_cutoffs_are_those_of_the_published_regressions_of_one_group(df, n):
    a, b = log(df), log(n - 1)
    published = (
        1.34863 - 0.51999 * a + 0.01925 * a * a - 0.59811 * b + 0.00902 * exp(b / 2)
        + 0.01796 * a * b,
        2.06034 - 0.62974 * a + 0.02512 * a * a - 0.98388 * b + 0.05442 * b * b
        - 0.00005188 * (n - 1) + 0.05260 * a * b,
        2.84129 - 0.54809 * a + 0.02296 * a * a - 0.76005 * b + 0.10229 * b * b
        - 1.11167 * exp(b / 5) + 0.04845 * a * b,
        2.36352 - 0.49440 * a + 0.02131 * a * a - 0.64445 * b + 0.09043 * b * b
        - 1.01634 * exp(b / 5) + 0.04422 * a * b,
    )  # fmt: skip
    for ours, theirs in zip(adjusted_rmsea_cutoffs(df, n), published, strict=True):
        # What the regressions leave over: up to 4.5 % of a value, at the ends of their range.
        assert ours == pytest.approx(exp(theirs), rel=0.045)


def test_cutoffs_are_those_of_the_published_regression_of_five_groups():
    a, b = log(100), log(1000 - 5)
    published = (
        2.12615 - 0.65419 * a + 0.02468 * a * a - 0.94634 * b + 0.69787 * exp(b / 5)
        + 0.04390 * a * b
    )  # fmt: skip
    assert adjusted_rmsea_cutoffs(100, 1000, 5)[1] == pytest.approx(exp(published), rel=0.04)


def test_t_size_cfi_is_more_careful_than_cfi():
    value = t_size_cfi(85.306, 24, 918.852, 36)
    assert value < 1 - (85.306 - 24) / (918.852 - 36)
    cutoffs = adjusted_cfi_cutoffs(24, 918.852, 36)
    assert list(cutoffs) == sorted(cutoffs, reverse=True)
    assert grade(value, cutoffs, high_is_good=True) == "fair"


def test_no_degrees_of_freedom_no_value():
    assert t_size_rmsea(0.0, 0, 100) != t_size_rmsea(0.0, 0, 100)
    assert grade(float("nan"), (0.1, 0.2, 0.3, 0.4)) == ""
