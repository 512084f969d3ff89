"""Multitrait scaling: items with their own scale and with others, from one covariance matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.stats.correlation import fisher_interval, fisher_variance
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import NEGLIGIBLE, Interval


@dataclass(frozen=True, slots=True)
class ItemScaleCorrelations:
    """Correlations of items with sums of items, and of those sums with each other.

    Attributes
    ----------
    item_scale : ndarray, shape (..., p, s)
        Each item with each scale; with the sum of the other items where the scale has the item.
        NaN where one of the two does not vary.
    rest_scale : ndarray, shape (..., p, s, s)
        For item i: scale a without the item, with scale b without the item.
    """

    item_scale: FloatArray
    rest_scale: FloatArray


def item_scale_correlations(
    covariance: FloatArray, membership: FloatArray
) -> ItemScaleCorrelations:
    """Correlate items with scales, an item never with itself.

    Parameters
    ----------
    covariance : ndarray, shape (..., p, p)
        Of the items, keyed in one direction.
    membership : ndarray, shape (p, s)
        1 where a scale has an item, else 0.

    Examples
    --------
    >>> import numpy as np
    >>> r = np.full((4, 4), 0.2) + np.kron(np.eye(2), np.full((2, 2), 0.3)) + 0.5 * np.eye(4)
    >>> m = np.kron(np.eye(2), np.ones((2, 1)))
    >>> item_scale_correlations(r, m).item_scale[0].round(3).tolist()
    [0.5, 0.231]
    """
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with_scale = covariance @ membership
    between = np.swapaxes(membership, 0, 1) @ with_scale
    # Scale a without item i and scale b without item i, (..., p, a, b).
    first = with_scale[..., :, :, None] * membership[:, None, :]
    second = with_scale[..., :, None, :] * membership[:, :, None]
    both = membership[:, :, None] * membership[:, None, :] * variance[..., :, None, None]
    rest = between[..., None, :, :] - first - second + both
    rest_variance = np.diagonal(rest, axis1=-2, axis2=-1)
    # What is left of a scale without its only item is nothing but rounding.
    size = (variance[..., :, None] * membership).sum(axis=-2)
    left = np.where(rest_variance > NEGLIGIBLE * size[..., None, :], rest_variance, np.nan)
    item_rest = with_scale - variance[..., :, None] * membership
    spread = np.where(variance > 0, variance, np.nan)
    item_scale = item_rest / np.sqrt(spread[..., :, None] * left)
    rest_scale = rest / np.sqrt(left[..., :, None] * left[..., None, :])
    # Rounding may leave a little more than 1.
    return ItemScaleCorrelations(np.clip(item_scale, -1.0, 1.0), np.clip(rest_scale, -1.0, 1.0))


def difference_interval(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    between: npt.ArrayLike,
    n_obs: npt.ArrayLike,
    level: float = 0.95,
) -> Interval:
    """Interval of the difference of two correlations that have one variable in common.

    Parameters
    ----------
    first, second : array_like
        Correlations of the common variable with two others.
    between : array_like
        Correlation of those two.
    n_obs : array_like
        People; NaN limits for fewer than four.
    level : float
        Coverage.

    References
    ----------
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological
    Methods, 12, 399-413. doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> found = difference_interval(0.396, 0.179, 0.088, 66)
    >>> round(float(found.low), 3), round(float(found.high), 3)
    (-0.093, 0.517)
    """
    a, b, c = (np.asarray(value, dtype=float) for value in (first, second, between))
    variance = fisher_variance(n_obs)
    one, two = (fisher_interval(value, variance, level) for value in (a, b))
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = ((c - a * b / 2) * (1 - a**2 - b**2 - c**2) + c**3) / ((1 - a**2) * (1 - b**2))
        down_a, up_a = a - one.low, one.high - a
        down_b, up_b = b - two.low, two.high - b
        low = np.sqrt(np.maximum(down_a**2 + up_b**2 - 2 * alike * down_a * up_b, 0.0))
        high = np.sqrt(np.maximum(up_a**2 + down_b**2 - 2 * alike * up_a * down_b, 0.0))
    return Interval(np.asarray(a - b - low), np.asarray(a - b + high), level)
