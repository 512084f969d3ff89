from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from psychometrics.errors import DataError
from psychometrics.stats.kappa import agreement_weights, cohen_kappa, fleiss_kappa, pair_counts
from tests.reference.load import load

RECORDED: dict[str, Any] = load("agreement")["kappa"]

# Fleiss's kappa of the textbook table: 10 targets, 14 raters, 5 categories.
FLEISS = np.array(
    [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]],
    dtype=float,
)  # fmt: skip


@pytest.mark.parametrize("name", list(RECORDED))
@pytest.mark.parametrize("kind", ["unweighted", "linear", "quadratic"])
def test_kappas_are_those_of_psych(name: str, kind: Any) -> None:
    counts = np.array(RECORDED[name]["counts"], dtype=float)
    recorded = RECORDED[name]["linear" if kind == "unweighted" else kind]
    found = cohen_kappa(counts, agreement_weights(np.arange(len(counts)) + 1.0, kind))
    value = recorded["kappa" if kind == "unweighted" else "weighted"]
    assert found.estimate == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("name", list(RECORDED))
def test_the_interval_without_weights_is_that_of_psych(name: str) -> None:
    recorded = RECORDED[name]["linear"]
    found = cohen_kappa(
        np.array(RECORDED[name]["counts"], dtype=float), np.eye(len(RECORDED[name]["counts"]))
    )
    half = special.ndtri(0.975) * recorded["variance"] ** 0.5
    assert (found.low, found.high) == pytest.approx(
        (recorded["kappa"] - half, recorded["kappa"] + half), rel=1e-10
    )


@pytest.mark.parametrize("name", list(RECORDED))
@pytest.mark.parametrize("kind", ["unweighted", "linear", "quadratic"])
def test_the_variance_is_that_of_the_delta_method(name: str, kind: Any) -> None:
    """By numerical derivatives; psych's weighted variance is another number, see the README."""
    counts = np.array(RECORDED[name]["counts"], dtype=float)
    n, q = counts.sum(), len(counts)
    weights = agreement_weights(np.arange(q) + 1.0, kind)
    slope = np.zeros_like(counts)
    for at in np.ndindex(q, q):
        step = np.zeros_like(counts)
        step[at] = 1e-5 * n
        up, down = (cohen_kappa(counts + s * step, weights).estimate for s in (1, -1))
        slope[at] = (up - down) / 2e-5
    share = counts / n
    variance = ((share * slope**2).sum() - (share * slope).sum() ** 2) / n
    found = cohen_kappa(counts, weights)
    half = (found.high - found.low) / 2 / special.ndtri(0.975)
    assert half**2 == pytest.approx(variance, rel=1e-6)


def test_cohen_prints_these() -> None:
    counts = np.array(RECORDED["cohen"]["counts"], dtype=float)
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6
    assert round(cohen_kappa(counts, np.eye(3)).estimate, 3) == 0.492
    assert round(cohen_kappa(counts, 1 - disagreement).estimate, 3) == 0.348


def test_fleiss_s_table() -> None:
    assert round(fleiss_kappa(FLEISS).estimate, 3) == 0.210


def test_quadratic_kappa_is_the_concordance_of_the_codes() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 5, 80)
    y = np.clip(x + rng.integers(-1, 2, 80), 0, 4)
    weights = agreement_weights(np.arange(5.0), "quadratic")
    found = cohen_kappa(pair_counts(x, y, 5), weights).estimate
    both = np.cov(x, y, ddof=0)
    concordance = 2 * both[0, 1] / (both[0, 0] + both[1, 1] + (x.mean() - y.mean()) ** 2)
    assert found == pytest.approx(concordance, rel=1e-12)


def test_two_categories_have_one_kappa_whatever_the_weights() -> None:
    counts = np.array([[20.0, 5.0], [10.0, 15.0]])
    values = [
        cohen_kappa(counts, agreement_weights(np.array([0.0, 7.0]), kind)).low
        for kind in ("unweighted", "linear", "quadratic")
    ]
    assert values == pytest.approx([values[0]] * 3)


def test_fleiss_of_two_raters_is_scott_s_pi() -> None:
    counts = np.array([[20.0, 5.0], [10.0, 15.0]])
    pairs = [(i, j) for i in range(2) for j in range(2) for _ in range(int(counts[i, j]))]
    table = np.array([[(i == c) + (j == c) for c in range(2)] for i, j in pairs], dtype=float)
    share = (counts.sum(axis=0) + counts.sum(axis=1)) / 100
    chance = float(share @ share)
    pi = (np.trace(counts) / 50 - chance) / (1 - chance)
    assert fleiss_kappa(table).estimate == pytest.approx(pi)


def test_fleiss_variance_is_near_the_jackknife_s() -> None:
    rng = np.random.default_rng(2)
    true = rng.integers(0, 3, 200)
    said = np.where(rng.random((200, 4)) < 0.6, true[:, None], rng.integers(0, 3, (200, 4)))
    counts = np.stack([(said == c).sum(axis=1) for c in range(3)], axis=1).astype(float)
    found = fleiss_kappa(counts)
    without = np.array([fleiss_kappa(np.delete(counts, i, axis=0)).estimate for i in range(200)])
    jackknife = (199 / 200 * ((without - without.mean()) ** 2).sum()) ** 0.5
    half = (found.high - found.low) / 2 / special.ndtri(0.975)
    assert half == pytest.approx(jackknife, rel=0.02)


def test_unused_categories_do_not_matter_and_their_distance_stays() -> None:
    counts = np.array([[5.0, 2.0], [1.0, 6.0]])
    wide = np.zeros((3, 3))
    wide[np.ix_([0, 2], [0, 2])] = counts
    one = cohen_kappa(counts, agreement_weights(np.array([1.0, 3.0]), "linear"))
    two = cohen_kappa(wide, agreement_weights(np.array([1.0, 2.0, 3.0]), "linear"))
    assert (one.estimate, one.low) == pytest.approx((two.estimate, two.low))


def test_one_category_alone_has_no_kappa_and_full_agreement_no_interval() -> None:
    assert np.isnan(cohen_kappa(np.array([[9.0, 0.0], [0.0, 0.0]]), np.eye(2)).estimate)
    assert np.isnan(cohen_kappa(np.zeros((2, 2)), np.eye(2)).estimate)
    assert np.isnan(fleiss_kappa(np.array([[3.0, 0.0], [3.0, 0.0]])).estimate)
    assert np.isnan(fleiss_kappa(np.array([[3.0, 0.0]])).estimate)
    full = cohen_kappa(np.array([[9.0, 0.0], [0.0, 4.0]]), np.eye(2))
    assert full.estimate == 1
    assert np.isnan(full.low)


def test_unknown_weights_are_refused() -> None:
    with pytest.raises(DataError, match="weights='cubic' is not known here"):
        agreement_weights(np.arange(3.0), "cubic")  # type: ignore[arg-type]
