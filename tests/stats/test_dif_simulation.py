"""Type I error and power of the score tests where groups differ in the trait.

Larger runs than these gave (uniform, non-uniform, at 5 %): graded items, 6 groups of 30 to 70
people whose means differ by 1.5 and standard deviations by .7 to 1.3: .052, .032; of 120 to 280:
.056, .044. Linear normal items of 30 to 70: .052, .043.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.dif_graded import GradedItems
from psychometrics.stats.dif_linear import LinearItems
from psychometrics.stats.dif_model import design, freeing_tests, maximize, starting_eta
from psychometrics.stats.dif_rows import GroupRows

pytestmark = pytest.mark.slow

LOADINGS = np.array([0.6, 0.8, 1.1, 1.4, 0.7])
N_GROUPS = 4
SAMPLES = 40


def sample(rng, ordered, shift=0.0):
    """Groups of unequal size, mean and variance; the second item is shifted in the last one."""
    found = []
    for g in range(N_GROUPS):
        n = 60 + 30 * g
        trait = rng.normal(0.4 * (g - 1.5), 0.7 + 0.2 * g, n)
        y = trait[:, None] * LOADINGS + rng.normal(size=(n, 5))
        y[:, 1] += shift * (g == N_GROUPS - 1)
        if ordered:
            # Most answers lie at the upper end.
            y = 1.0 + (y[..., None] > [-2.2, -1.2, -0.3, 0.7]).sum(axis=-1)
        found.append(GroupRows(y))
    return found


def p_values(model, ordered, shift=0.0):
    rng = np.random.default_rng(20)
    found = []
    for _ in range(SAMPLES):
        items = model(sample(rng, ordered, shift))
        made = design(items, np.eye(N_GROUPS, dtype=bool))
        fit = maximize(items, made, starting_eta(items, made))
        assert fit.converged
        found.append(stats.chi2.sf(freeing_tests(items, fit).statistic, 1))
    return np.array(found)


@pytest.mark.parametrize(("model", "ordered"), [(GradedItems, True), (LinearItems, False)])
def test_groups_that_differ_in_the_trait_alone_raise_no_alarm(model, ordered):
    rate = (p_values(model, ordered) < 0.05).mean(axis=(0, 1, 2))
    print(f"{model.__name__}: uniform {rate[0]:.3f}, non-uniform {rate[1]:.3f}")
    # 800 tests, alike within samples: a rate of .05 is known to about .012.
    assert 0.02 < rate[0] < 0.085
    assert 0.015 < rate[1] < 0.085


@pytest.mark.parametrize(("model", "ordered"), [(GradedItems, True), (LinearItems, False)])
def test_half_a_standard_deviation_is_found(model, ordered):
    # The item's standard deviation at 150 people is about 1.4.
    power = (p_values(model, ordered, shift=0.7)[:, 1, -1, 0] < 0.05).mean()
    print(f"{model.__name__}: power {power:.2f}")
    assert power > 0.9
