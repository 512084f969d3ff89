"""Item response parameters of an ordinal factor model.

A factor model of the variables behind ordinal answers is the normal-ogive graded response model
in other coordinates (Takane & de Leeuw, 1987): discriminations and difficulties are functions of
loadings, thresholds and variances, whatever the identification.

References
----------
Takane, Y., & de Leeuw, J. (1987). On the relationship between item response theory and factor
analysis of discretized variables. Psychometrika, 52, 393-408. doi:10.1007/BF02294363
Kamata, A., & Bauer, D. J. (2008). A note on the relation between factor analytic and item response
theory models. Structural Equation Modeling, 15, 136-153. doi:10.1080/10705510701758406
Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
Psychometrika Monograph Supplement, 17.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from psychometrics.stats.cfa.inference import jacobian
from psychometrics.stats.latent_responses import LatentResponses, only_factor
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

LOGISTIC = 1.702
"""What a normal-ogive slope is multiplied by for the logistic curve closest to it (Haley, 1952)."""


@dataclass(frozen=True, slots=True)
class Graded:
    """Items that load on one factor, as graded responses to its trait.

    The probability of an answer above category c is Phi(slope * trait + intercept_c), also
    Phi(slope * (trait - difficulty_c)). Leading axes as in the model.

    Attributes
    ----------
    slope : ndarray, shape (..., p)
        Discrimination in the normal-ogive metric, negative for an item that points the other way;
        NaN for items that load on several factors or none, or without residual variance.
    intercepts, difficulties : ndarray, shape (..., p, K - 1)
        NaN where an item has fewer categories.
    factor : ndarray of int, shape (p,)
        Which factor; -1 for several, -2 for none.
    ordered : ndarray of bool, shape (p,)
        False for continuous items, which have a slope (in residual standard deviations) and no
        thresholds.
    trait_mean, trait_sd : ndarray, shape (..., m)
        Distribution of each group's traits in the metric used: 0 and 1 in its own.
    """

    slope: Any
    intercepts: Any
    difficulties: Any
    factor: IntArray
    ordered: BoolArray
    trait_mean: Any
    trait_sd: Any


def graded_parameters(model: LatentResponses, reference: int | None = None) -> Graded:
    """Return the graded response parameters of items that load on one factor.

    Parameters
    ----------
    model : LatentResponses
        Of one group or more.
    reference : int, optional
        Group whose traits have mean 0 and standard deviation 1: parameters of all groups are then
        in its metric, which means something where loadings, intercepts and thresholds are held
        equal over groups. By default each group's traits are standardised by themselves.

    Examples
    --------
    >>> from psychometrics.stats.latent_responses import latent_responses
    >>> model = latent_responses(np.array([[0.6], [0.8]]), np.array([[0.0], [0.4]]))
    >>> found = graded_parameters(model)
    >>> found.slope.round(3), found.difficulties[..., 0].round(3)
    (array([[0.75 , 1.333]]), array([[0. , 0.5]]))
    """
    factor = only_factor(model.loadings)
    at = np.maximum(factor, 0)
    loading = np.take_along_axis(
        model.loadings, np.broadcast_to(at[:, None], (*model.loadings.shape[:-1], 1)), axis=-1
    )[..., 0]
    loading = np.where(factor >= 0, loading, np.nan)
    mean, sd = model.factor_mean, np.sqrt(model.factor_variance)
    zero, unit = mean, sd
    if reference is not None:
        zero, unit = (np.broadcast_to(x[..., [reference], :], x.shape) for x in (mean, sd))
    steep, centre = loading * unit[..., at], model.intercepts + loading * zero[..., at]
    gap = model.thresholds - centre[..., None]
    residual = model.residual_sd
    with np.errstate(divide="ignore", invalid="ignore"):
        difficulties = gap / np.where((steep == 0) | np.isnan(residual), np.nan, steep)[..., None]
    return Graded(
        steep / residual, -gap / residual[..., None], difficulties, factor, model.ordered,
        (mean - zero) / unit, sd / unit,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MultidimensionalItems:
    """Items on any number of factors.

    Attributes
    ----------
    slopes : ndarray, shape (..., p, m)
        On factors with mean 0 and variance 1 in each group, in residual standard deviations.
    intercepts : ndarray, shape (..., p, K - 1)
        The probability of an answer above category c is Phi(slopes @ traits + intercept_c).
    discrimination : ndarray, shape (..., p)
        MDISC: slope along the direction in which the item discriminates most.
    difficulties : ndarray, shape (..., p, K - 1)
        MDIFF: distance from the mean along that direction at which the probability is one half.
    """

    slopes: Any
    intercepts: Any
    discrimination: Any
    difficulties: Any


def multidimensional_items(model: LatentResponses) -> MultidimensionalItems:
    """Return Reckase's multidimensional discrimination and difficulty of each item.

    The traits correlate, so lengths are measured in their own metric: the slope is that on the
    composite of factors that the item reflects, standardised. It doesn't change when factors are
    rotated, and for uncorrelated factors it is the root of the summed squared slopes.

    References
    ----------
    Reckase, M. D., & McKinley, R. L. (1991). The discriminating power of items that measure more
    than one dimension. Applied Psychological Measurement, 15, 361-373.
    doi:10.1177/014662169101500407
    """
    residual = model.residual_sd
    sd = np.sqrt(model.factor_variance)
    composite = np.einsum(
        "...pf,...fg,...pg->...p", model.loadings, model.factor_covariance, model.loadings
    )
    composite = np.sqrt(np.where(composite.real > 0, composite, np.nan))
    level = model.intercepts + np.einsum("...pf,...f->...p", model.loadings, model.factor_mean)
    gap = level[..., None] - model.thresholds
    return MultidimensionalItems(
        model.loadings * sd[..., None, :] / residual[..., None],
        gap / residual[..., None],
        composite / residual,
        -gap / composite[..., None],
    )


PARAMETERS_AT_A_TIME = 64
"""Models that are held at once when they are differentiated."""


def _moved(function: Callable[[Any], Any], z: FloatArray, some: IntArray, step: Any) -> Any:
    """Return values as rows, at points that differ from z in some parameters."""
    points = np.repeat(z[None, :].astype(step.dtype), len(step), axis=0)
    points[:, some] = step
    return function(points).reshape(len(step), -1)


def standard_errors(
    function: Callable[[Any], Any], z: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return slopes (..., q) and standard errors (...) of an array of functions of the estimates.

    Parameters
    ----------
    function : callable
        From parameters (replicate, q), complex allowed, to values (replicate, ...).
    z : ndarray, shape (q,)
        The estimates.
    covariance : ndarray, shape (q, q)
        Their covariance.

    Returns
    -------
    slopes, se : ndarray
        NaN where there is no value.
    """
    value = np.asarray(function(z[None, :])[0])
    slopes = np.empty((value.size, len(z)))
    for start in range(0, len(z), PARAMETERS_AT_A_TIME):
        some = np.arange(start, min(start + PARAMETERS_AT_A_TIME, len(z)))
        slopes[:, some] = jacobian(partial(_moved, function, z, some), z[some])
    slopes[~np.isfinite(value).reshape(-1)] = np.nan
    variance = ((slopes @ covariance) * slopes).sum(axis=-1)
    # A function that no parameter moves is known; rounding must not leave it a negative variance.
    se = np.sqrt(np.maximum(variance, 0.0))
    return slopes.reshape(*value.shape, len(z)), se.reshape(value.shape)
