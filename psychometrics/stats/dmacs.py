"""How much an unequal item matters: dMACS and the bias of its mean, over a group's own factor.

The same people are scored by two groups' parameters: what is expected of them as members of their
own group, less what would be expected of them by the reference group's parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from psychometrics.stats.moments import FloatArray

# Points of the quadrature over the factor; enough for steep items in wide groups.
POINTS = 81


@dataclass(frozen=True, slots=True)
class ItemEffects:
    """Effects of unequal parameters, each of shape (item,).

    Attributes
    ----------
    dmacs : ndarray
        Root mean square difference of the expected answers, over the pooled standard deviation.
    signed : ndarray
        Mean difference over the pooled standard deviation: positive where the group answers higher
        than people of the same standing in the reference group.
    bias : ndarray
        Mean difference in score points.
    """

    dmacs: FloatArray
    signed: FloatArray
    bias: FloatArray


def pooled_sd(
    sd: FloatArray, n: FloatArray | float, sd_reference: FloatArray, n_reference: FloatArray | float
) -> FloatArray:
    """Return the standard deviations of two groups, averaged by their degrees of freedom.

    References
    ----------
    Nye, C. D., & Drasgow, F. (2011), equation 4; see :func:`continuous_effects`.
    """
    total = (n - 1) * sd + (n_reference - 1) * sd_reference
    return np.asarray(total / (n + n_reference - 2))


def continuous_effects(
    intercepts: FloatArray,
    loadings: FloatArray,
    reference_intercepts: FloatArray,
    reference_loadings: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    sd: FloatArray,
) -> ItemEffects:
    """Effects of unequal loadings and intercepts of continuous items, in closed form.

    Parameters
    ----------
    intercepts, reference_intercepts : ndarray, shape (item,)
    loadings, reference_loadings : ndarray, shape (item, factor)
    mean, covariance : ndarray, shape (factor,) and (factor, factor)
        Of the factors in the group.
    sd : ndarray, shape (item,)
        Pooled standard deviations.

    References
    ----------
    Nye, C. D., & Drasgow, F. (2011). Effect size indices for analyses of measurement equivalence:
    Understanding the practical importance of differences between groups. Journal of Applied
    Psychology, 96, 966-980. doi:10.1037/a0022955
    Nye, C. D., Bradburn, J., Olenick, J., Bialko, C., & Drasgow, F. (2019). How big are my effects?
    Examining the magnitude of effect sizes in studies of measurement equivalence. Organizational
    Research Methods, 22, 678-709. doi:10.1177/1094428118761122

    Examples
    --------
    >>> one = np.array([1.0])
    >>> found = continuous_effects(one, one[:, None], one, 0.5 * one[:, None], np.zeros(1),
    ...                            np.eye(1), one)
    >>> found.dmacs.tolist(), found.bias.tolist()
    ([0.5], [0.0])
    """
    slope = loadings - reference_loadings
    bias = intercepts - reference_intercepts + slope @ mean
    spread = np.einsum("if,fg,ig->i", slope, covariance, slope)
    return ItemEffects(np.sqrt(bias**2 + spread) / sd, bias / sd, bias)


@lru_cache(maxsize=4)
def normal_quadrature(points: int = POINTS) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    return nodes, weights / weights.sum()


def expected_score(
    factor: FloatArray, intercept: Any, loading: Any, thresholds: Any, residual_sd: Any
) -> Any:
    """Return the expected category (0 to K - 1) of an ordered item at factor values.

    Parameters
    ----------
    factor : ndarray, shape (point,)
    intercept, loading, residual_sd : float
    thresholds : ndarray, shape (K - 1,)
    """
    centre = intercept + loading * factor
    return special.ndtr((centre[:, None] - thresholds) / residual_sd).sum(axis=-1)


@dataclass(frozen=True, slots=True)
class OrderedItem:
    """The parameters of an ordered item of one factor in one group."""

    intercept: float
    loading: float
    thresholds: FloatArray
    residual_sd: float

    def expected(self, factor: FloatArray) -> FloatArray:
        """Return the expected category at factor values."""
        return np.asarray(
            expected_score(factor, self.intercept, self.loading, self.thresholds, self.residual_sd)
        )


def ordered_effects(
    item: OrderedItem, reference: OrderedItem, mean: float, variance: float, sd: float
) -> tuple[float, float, float]:
    """Return dMACS, its signed form and the bias of an ordered item, by quadrature.

    Parameters
    ----------
    item, reference : OrderedItem
        In the group and in the reference group.
    mean, variance : float
        Of the factor in the group.
    sd : float
        Pooled standard deviation of the answers.

    Examples
    --------
    >>> one = OrderedItem(0.0, 1.0, np.array([-1.0, 1.0]), 1.0)
    >>> ordered_effects(one, one, 0.0, 1.0, 1.0)
    (0.0, 0.0, 0.0)
    """
    nodes, weights = normal_quadrature()
    factor = mean + np.sqrt(variance) * nodes
    gap = item.expected(factor) - reference.expected(factor)
    bias = float(weights @ gap)
    return float(np.sqrt(weights @ gap**2) / sd), bias / sd, bias
