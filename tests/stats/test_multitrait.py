from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.multitrait import difference_interval, item_scale_correlations
from psychometrics.stats.reliability import item_rest
from tests.reference.load import (
    BFI_ITEMS,
    BFI_REVERSED,
    BFI_SCALES,
    HS_ITEMS,
    HS_SCALES,
    array,
    load,
    values,
)

RECORDED: dict[str, Any] = load("multitrait")


def membership(items: tuple[str, ...], scales: dict[str, list[str]]) -> Any:
    names = [[item.lstrip("-") for item in members] for members in scales.values()]
    return np.array([[float(item in members) for members in names] for item in items])


@pytest.mark.parametrize(
    ("name", "items", "scales", "turned"),
    [("hs", HS_ITEMS, HS_SCALES, ()), ("bfi", BFI_ITEMS, BFI_SCALES, BFI_REVERSED)],
)
def test_items_with_scales_are_those_of_sums_in_r(
    name: str, items: Any, scales: Any, turned: Any
) -> None:
    x = array(name, items, reverse=turned)
    x = x[~np.isnan(x).any(axis=1)]
    recorded = RECORDED["scaling"][name]["total"]
    found = item_scale_correlations(np.cov(x.T), membership(items, scales)).item_scale
    assert len(x) == recorded["n"]
    assert found == pytest.approx(values(recorded["correlations"]), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("recorded", RECORDED["differences"])
def test_intervals_of_differences_are_those_written_out_in_r(recorded: Any) -> None:
    found = difference_interval(
        *(recorded[key] for key in ("r12", "r13", "r23", "n")), level=recorded["level"]
    )
    assert found.low == pytest.approx(recorded["low"], rel=1e-10)
    assert found.high == pytest.approx(recorded["high"], rel=1e-10)


def test_zou_prints_this() -> None:
    """Zou (2007), the example of overlapping correlations."""
    found = difference_interval(0.396, 0.179, 0.088, 66)
    assert (round(float(found.low), 3), round(float(found.high), 3)) == (-0.093, 0.517)


def test_the_interval_of_a_difference_holds_what_it_promises() -> None:
    truth = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.4], [0.3, 0.4, 1.0]])
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4000, 40, 3)) @ np.linalg.cholesky(truth).T
    x -= x.mean(axis=1, keepdims=True)
    cross = np.swapaxes(x, 1, 2) @ x
    size = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
    r = cross / (size[:, :, None] * size[:, None, :])
    found = difference_interval(r[:, 0, 1], r[:, 0, 2], r[:, 1, 2], 40)
    inside = np.mean((found.low <= 0.3) & (found.high >= 0.3))
    # Three binomial standard errors are .010.
    assert inside == pytest.approx(0.95, abs=0.011)


def test_the_own_scale_is_the_item_rest_correlation() -> None:
    rng = np.random.default_rng(1)
    covariance = np.cov((rng.normal(size=(50, 2)).repeat(3, 1) + rng.normal(size=(50, 6))).T)
    m = np.kron(np.eye(2), np.ones((3, 1)))
    found = item_scale_correlations(covariance, m).item_scale
    assert found[:3, 0] == pytest.approx(item_rest(covariance[:3, :3]))
    assert found[3:, 1] == pytest.approx(item_rest(covariance[3:, 3:]))


def test_rests_correlate_as_their_sums_do() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 1)) + rng.normal(size=(60, 5))
    m = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1]], dtype=float)
    found = item_scale_correlations(np.cov(x.T), m)
    without = np.corrcoef(x[:, 0] + x[:, 1], x[:, 3] + x[:, 4])[0, 1]
    assert found.rest_scale[2, 0, 1] == pytest.approx(without)
    first = np.corrcoef(x[:, 1] + x[:, 2], x[:, 2] + x[:, 3] + x[:, 4])[0, 1]
    assert found.rest_scale[0, 0, 1] == pytest.approx(first)
    own = np.corrcoef(x[:, 2], x[:, 3] + x[:, 4])[0, 1]
    assert found.item_scale[2, 1] == pytest.approx(own)


def test_what_does_not_vary_has_no_correlation() -> None:
    covariance = np.diag([1.0, 1.0, 0.0, 1.0])
    m = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=float)
    found = item_scale_correlations(covariance, m).item_scale
    assert np.isnan(found[0, 0])  # nothing is left of its scale
    assert np.isnan(found[2]).all()
    assert found[1, 1] == 0
