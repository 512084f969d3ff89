"""A factor model of the variables behind ordinal answers, as arrays.

Behind the answer to item i stands y* = nu + Lambda eta + epsilon, with factors eta of mean alpha
and covariance Psi, and a residual of variance theta; the answer is the number of thresholds below
y*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.moments import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class LatentResponses:
    """The model of one group or more; any identification.

    Leading axes are group, or replicate and group; complex entries are allowed, so that functions
    of the parameters can be differentiated by complex steps.

    Attributes
    ----------
    loadings : ndarray, shape (..., p, m)
        Lambda.
    thresholds : ndarray, shape (..., p, K - 1)
        Ascending; NaN after the last one of an item with fewer categories; NaN for continuous ones.
    residual_variance : ndarray, shape (..., p)
        Theta's diagonal.
    factor_covariance : ndarray, shape (..., m, m)
        Psi.
    factor_mean : ndarray, shape (..., m)
        Alpha.
    intercepts : ndarray, shape (..., p)
        Nu.
    ordered : ndarray of bool, shape (p,)
        False for continuous items, whose y* is the answer itself.
    residual_covariance : ndarray, shape (..., p, p)
        Covariances of residuals, with zeros on the diagonal.
    """

    loadings: Any
    thresholds: Any
    residual_variance: Any
    factor_covariance: Any
    factor_mean: Any
    intercepts: Any
    ordered: BoolArray
    residual_covariance: Any

    @property
    def dependent(self) -> BoolArray:
        """Pairs of items whose residuals covary in any group, (p, p)."""
        nonzero = np.asarray(self.residual_covariance) != 0
        return np.asarray(nonzero.any(axis=tuple(range(nonzero.ndim - 2))))

    @property
    def residual_sd(self) -> Any:
        """Square roots of the residual variances; NaN where not positive."""
        variance = np.asarray(self.residual_variance)
        return np.sqrt(np.where(variance.real > 0, variance, np.nan))

    @property
    def factor_variance(self) -> Any:
        """Diagonal of Psi, (..., m); NaN where not positive."""
        own = np.diagonal(self.factor_covariance, axis1=-2, axis2=-1)
        return np.where(own.real > 0, own, np.nan)


def latent_responses(
    loadings: Any,
    thresholds: Any,
    residual_variance: Any = None,
    factor_covariance: Any = None,
    *,
    factor_mean: Any = None,
    intercepts: Any = None,
    ordered: BoolArray | None = None,
    residual_covariance: Any = None,
    scale: Any = None,
) -> LatentResponses:
    """Complete the arrays of a model; shapes are those of :class:`LatentResponses`.

    Parameters
    ----------
    loadings, thresholds
        Without leading axes they are of one group.
    residual_variance
        Left out, they are what the scales leave: the delta parameterisation.
    factor_covariance
        Uncorrelated factors of variance 1 by default.
    factor_mean, intercepts
        0 by default.
    ordered
        All items by default.
    residual_covariance
        0 by default.
    scale
        Delta parameterisation: one over the standard deviation of each y*, (..., p); 1 by default.

    Examples
    --------
    >>> model = latent_responses(np.array([[0.6], [0.8]]), np.array([[0.0], [0.5]]))
    >>> model.residual_variance.round(2)
    array([[0.64, 0.36]])
    """
    loadings, thresholds = (_with_group(np.asarray(x), 3) for x in (loadings, thresholds))
    p, m = loadings.shape[-2:]
    lead = loadings.shape[:-2]
    psi = np.eye(m) if factor_covariance is None else np.asarray(factor_covariance)
    psi = np.broadcast_to(psi, (*lead, m, m))
    if residual_variance is None:
        residual_variance = delta_residuals(loadings, psi, 1.0 if scale is None else scale)
    mean = np.zeros(m) if factor_mean is None else np.asarray(factor_mean)
    level = np.zeros(p) if intercepts is None else np.asarray(intercepts)
    between = np.zeros((p, p)) if residual_covariance is None else np.asarray(residual_covariance)
    return LatentResponses(
        loadings,
        np.broadcast_to(thresholds, (*lead, *thresholds.shape[-2:])),
        np.broadcast_to(residual_variance, (*lead, p)),
        psi,
        np.broadcast_to(mean, (*lead, m)),
        np.broadcast_to(level, (*lead, p)),
        np.ones(p, dtype=bool) if ordered is None else ordered,
        np.broadcast_to(between, (*lead, p, p)),
    )


def _with_group(values: Any, n_axes: int) -> Any:
    """Give arrays of one group their leading axis."""
    return values if values.ndim >= n_axes else values[None]


def delta_residuals(loadings: Any, factor_covariance: Any, scale: Any) -> Any:
    """Return the delta parameterisation's residual variances: what the factors leave of y*."""
    explained = np.einsum("...pf,...fg,...pg->...p", loadings, factor_covariance, loadings)
    return 1.0 / np.asarray(scale) ** 2 - explained


def only_factor(loadings: Any) -> IntArray:
    """Return the factor that each item loads on, (p,); -1 for several, -2 for none.

    An item that loads on a factor in any group loads on it.
    """
    nonzero = np.asarray(loadings) != 0
    loads = nonzero.any(axis=tuple(range(nonzero.ndim - 2)))
    count = loads.sum(axis=-1)
    found = np.where(count == 1, loads.argmax(axis=-1), np.where(count == 0, -2, -1))
    return np.asarray(found, dtype=np.int64)


def with_pair_factors(model: LatentResponses, group: int) -> LatentResponses:
    """Return the same model of one group with a factor in place of each residual covariance.

    A factor of variance 1 on which items i and j load by l_i and l_j makes a covariance of l_i l_j
    and takes l_i^2 and l_j^2 from the residual variances: the same distribution of the answers,
    which are then independent given all factors. With l_i^2 = |r| theta_i, r the correlation of the
    residuals, the share taken is the same for both.

    Raises
    ------
    ModelError
        If the covariances of an item leave nothing of its residual variance.
    """
    theta = np.asarray(model.residual_variance[group], dtype=float)
    covariance = np.asarray(model.residual_covariance[group], dtype=float)
    first, second = np.nonzero(np.triu(covariance, 1))
    r = covariance[first, second] / np.sqrt(theta[first] * theta[second])
    p, m, k = len(theta), model.loadings.shape[-1], len(r)
    loadings = np.zeros((p, m + k))
    loadings[:, :m] = model.loadings[group]
    at = m + np.arange(k)
    loadings[first, at] = np.sqrt(np.abs(r) * theta[first])
    loadings[second, at] = np.sign(r) * np.sqrt(np.abs(r) * theta[second])
    left = theta - (loadings[:, m:] ** 2).sum(axis=1)
    if not (left > 0).all():
        raise ModelError(
            "The residual covariances of an item take up all of its residual variance, so that its "
            "answers can't be made independent by a factor for each pair; people can't be scored."
        )
    between = np.eye(m + k)
    between[:m, :m] = model.factor_covariance[group]
    return latent_responses(
        loadings,
        model.thresholds[group],
        left,
        between,
        factor_mean=np.concatenate([model.factor_mean[group], np.zeros(k)]),
        intercepts=model.intercepts[group],
        ordered=model.ordered,
    )
