from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.latent_imputation import (
    bounds,
    chained_latent_normal,
    draw_between,
    draw_thresholds,
    encode,
)
from psychometrics.stats.rubin import pool
from tests.reference.load import array, load

RECORDED: dict[str, Any] = load("imputation")["blanked"]
ITEMS = ("E3", "E4", "E5", "N1", "N2", "N3", "N4", "N5")


def complete(x: Any, *, wanted: Any = None, n_sets: int = 10, seed: int = 1, n: int = 10) -> Any:
    missing = np.isnan(x) if wanted is None else wanted
    return chained_latent_normal(
        x, np.ones((len(x), 1)), missing, n_sets=n_sets, n_iterations=n,
        rng=np.random.default_rng(seed),
    )  # fmt: skip


def test_pooled_means_are_near_those_of_mice_and_of_the_answers_blanked() -> None:
    x = array("bfi_blanked", ITEMS)
    sets = complete(x, n_sets=50).values
    for item in ("N1", "N3", "N5"):
        column = sets[:, :, ITEMS.index(item)]
        found = pool(column.mean(axis=1), column.var(axis=1, ddof=1) / 500, 500)
        recorded = RECORDED[item]
        spread = float(found.between) ** 0.5
        # Another model than mice's matching: within half the spread of what is not known.
        assert float(found.estimate) == pytest.approx(recorded["qbar"], abs=0.5 * spread)
        assert abs(float(found.estimate) - recorded["whole"]) < 1.5 * spread
        assert float(found.between) > 0.7 * recorded["b"]


def test_only_gaps_change_and_only_answers_are_given() -> None:
    rng = np.random.default_rng(2)
    x = np.clip(np.round(rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)) + 2), 1, 5)
    gap = rng.random(x.shape) < 0.2
    x[gap] = np.nan
    made = complete(x).values
    assert np.array_equal(made[:, ~gap], np.broadcast_to(x[~gap], (10, (~gap).sum())))
    for item in range(4):
        given = set(x[~gap[:, item], item].tolist())
        assert set(made[:, gap[:, item], item].ravel().tolist()) <= given


def test_what_is_not_wanted_stays_missing() -> None:
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)))
    x[:10, 0] = x[20:30, 1] = np.nan
    wanted = np.isnan(x)
    wanted[:, 0] = False
    found = complete(x, wanted=wanted)
    assert np.isnan(found.values[:, :10, 0]).all()
    assert np.isfinite(found.values[:, 20:30, 1]).all()
    assert np.isnan(found.means[:, :, 0]).all()
    assert np.isfinite(found.means[:, :, 1]).all()


def test_the_same_seed_gives_the_same_sets() -> None:
    x = array("bfi_blanked", ITEMS)[:100]
    assert np.array_equal(complete(x).values, complete(x).values)
    assert not np.array_equal(complete(x).values, complete(x, seed=2).values)


def test_strong_relations_are_found() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(200, 1)) + 0.15 * rng.normal(size=(200, 4))
    x = np.digitize(z, [-1, -0.3, 0.3, 1]).astype(float)
    truth = x[:40, 0].copy()
    x[:40, 0] = np.nan
    made = complete(x).values[:, :40, 0]
    assert np.mean(np.abs(made - truth) <= 1) > 0.99
    # Somebody who knew the model would hit .72.
    assert np.mean(made == truth) > 0.62


def test_correlations_keep_their_size() -> None:
    """What is imputed neither flattens nor sharpens a correlation of .6."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=(1500, 2)) @ np.linalg.cholesky([[1, 0.6], [0.6, 1]]).T
    x = np.digitize(z, [-0.5, 0.3, 1, 1.7]).astype(float)
    whole = np.corrcoef(x.T)[0, 1]
    x[rng.random(1500) < 0.4, 0] = np.nan
    made = [np.corrcoef(one.T)[0, 1] for one in complete(x, n_sets=20).values]
    assert np.mean(made) == pytest.approx(whole, abs=0.03)


def test_draws_between_bounds_are_truncated_normal() -> None:
    rng = np.random.default_rng(6)
    for low, high in ((-0.5, 1.0), (1.5, np.inf), (-np.inf, -2.0), (5.0, 6.0), (-6.0, -5.0)):
        z = draw_between(0.0, 1.0, np.full(4000, low), np.full(4000, high), rng)
        assert ((z >= low) & (z <= high)).all()
        assert stats.kstest(z, stats.truncnorm(low, high).cdf).pvalue > 1e-3


def test_draws_far_out_stay_at_their_bound() -> None:
    rng = np.random.default_rng(7)
    z = draw_between(
        0.0, 1.0, np.array([30.0, -np.inf, 40.0]), np.array([31.0, -30.0, np.inf]), rng
    )
    assert np.isfinite(z).all()
    assert (z >= [30, -np.inf, 40]).all()
    assert (z <= [31, -30, np.inf]).all()


def test_thresholds_are_in_order_and_near_the_quantiles() -> None:
    rng = np.random.default_rng(8)
    x = rng.integers(1, 6, (1, 2000, 1)).astype(float)
    coded = encode(np.repeat(x, 30, axis=0))
    thresholds = draw_thresholds(coded, 0, rng)
    assert (np.diff(thresholds, axis=1) > 0).all()
    assert thresholds.mean(axis=0) == pytest.approx(stats.norm.ppf([0.2, 0.4, 0.6, 0.8]), abs=0.1)
    low, high = bounds(coded.codes[..., 0], thresholds)
    assert (low < high).all()
    assert np.isneginf(low[coded.codes[..., 0] == 0]).all()


def test_an_item_without_variation_is_imputed_as_it_is() -> None:
    x = np.column_stack([np.full(30, 2.0), np.random.default_rng(1).normal(size=(30, 2)).round()])
    x[:5, 0] = np.nan
    assert (complete(x).values[:, :5, 0] == 2).all()


def test_intervals_of_means_cover_where_complete_rows_do_not() -> None:
    """60 samples of 100, an item of five skewed answers missing where another is high."""
    rng = np.random.default_rng(11)
    inside, bias, bias_listwise = 0, [], []
    cuts = np.array([0.3, 1.0, 1.6, 2.2])
    truth = float(stats.norm.sf(cuts).sum())
    for sample in range(60):
        z = rng.normal(size=(100, 1)) * 0.8 + rng.normal(size=(100, 4)) * 0.6
        x = np.searchsorted(cuts, z).astype(float)
        x[(rng.random(100) < 0.6) & (x[:, 1:].sum(axis=1) >= 2), 0] = np.nan
        made = complete(x, seed=sample, n_sets=8, n=8).values[:, :, 0]
        found = pool(made.mean(axis=1), made.var(axis=1, ddof=1) / 100, 100)
        low, high = found.limits()
        inside += bool(low <= truth <= high)
        bias.append(float(found.estimate) - truth)
        bias_listwise.append(np.nanmean(x[:, 0]) - truth)
    assert abs(np.mean(bias)) < abs(np.mean(bias_listwise)) / 4
    # Below .88 in one run of a hundred if the coverage is .95.
    assert inside / 60 >= 0.88
