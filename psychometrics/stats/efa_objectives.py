"""What extraction minimises, as a function of the uniquenesses alone, with exact derivatives.

For given uniquenesses the best loadings are known from an eigendecomposition, so maximum likelihood
and least squares are searches over p numbers (Jöreskog, 1967; Harman & Jones, 1966). All functions
are batched over the leading axis of the correlations.

References
----------
Harman, H. H., & Jones, W. H. (1966). Factor analysis by minimizing residuals (minres).
Psychometrika, 31, 351-368. doi:10.1007/BF02289468
Jöreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. Psychometrika,
32, 443-482. doi:10.1007/BF02289658
Clarke, M. R. B. (1970). A rapidly convergent method for maximum-likelihood factor analysis. British
Journal of Mathematical and Statistical Psychology, 23, 43-52.
doi:10.1111/j.2044-8317.1970.tb00431.x
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import BoolArray, FloatArray

SMALLEST_GAP = 1e-8
"""Eigenvalues on either side of the cut are taken to be at least this far apart."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Value and derivatives of an objective; leading axis replicate.

    Attributes
    ----------
    value : ndarray, shape (replicate,)
    gradient : ndarray, shape (replicate, p)
    hessian : ndarray, shape (replicate, p, p)
    """

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


def eigen_descending(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return eigenvalues, the largest first, and their vectors in the columns."""
    values, vectors = np.linalg.eigh(matrix)
    return values[..., ::-1], vectors[..., ::-1]


def likelihood_objective(
    correlation: FloatArray, log_unique: FloatArray, n_factors: int
) -> Objective:
    """ML discrepancy at the best loadings, by the logarithms of the uniquenesses.

    With theta and omega the eigenvalues and vectors of ``Psi^-1/2 R Psi^-1/2`` it is the sum of
    ``theta - log(theta) - 1`` over all but the `n_factors` largest; of those only what is above
    1 belongs to a factor.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
        Positive definite.
    log_unique : ndarray, shape (replicate, p)
        Logarithms of the uniquenesses.
    n_factors : int
        m.
    """
    scale = np.exp(-0.5 * log_unique)
    theta, omega = eigen_descending(correlation * scale[:, :, None] * scale[:, None, :])
    theta = np.maximum(theta, np.finfo(float).tiny)
    dropped = _dropped(theta, n_factors, 1.0)
    value = np.where(dropped, theta - np.log(theta) - 1, 0.0).sum(axis=-1)
    gradient = ((omega**2) * np.where(dropped, 1 - theta, 0.0)[:, None, :]).sum(axis=-1)
    plain = _products(omega, dropped.astype(float))
    hessian = plain * _products(omega, np.where(dropped, theta, 0.0))
    for at in range(n_factors):
        own = theta[:, at, None]
        gap = np.maximum(own - theta, SMALLEST_GAP)
        weight = np.where(dropped, (1 - theta) * (own + theta) / gap, 0.0)
        hessian = hessian + _across(omega, at, weight, dropped)
    return Objective(value, gradient, hessian)


def residual_objective(correlation: FloatArray, unique: FloatArray, n_factors: int) -> Objective:
    """Half the sum of squared residuals at the best loadings, by the uniquenesses.

    With gamma and v the eigenvalues and vectors of ``R - Psi`` it is half the sum of ``gamma^2``
    over all but the `n_factors` largest, of which only positive ones belong to a factor. At its
    minimum the diagonal fits exactly, so minres and unweighted least squares are the same.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
        It need not be positive definite.
    unique : ndarray, shape (replicate, p)
        Uniquenesses.
    n_factors : int
        m.
    """
    reduced = correlation - unique[:, :, None] * np.eye(correlation.shape[-1])
    gamma, v = eigen_descending(reduced)
    dropped = _dropped(gamma, n_factors, 0.0)
    kept_out = np.where(dropped, gamma, 0.0)
    gradient = -((v**2) * kept_out[:, None, :]).sum(axis=-1)
    hessian = _products(v, dropped.astype(float)) ** 2
    for at in range(n_factors):
        gap = np.maximum(gamma[:, at, None] - gamma, SMALLEST_GAP)
        weight = np.where(dropped, -2 * gamma / gap, 0.0)
        hessian = hessian + _across(v, at, weight, dropped)
    return Objective(0.5 * (kept_out**2).sum(axis=-1), gradient, hessian)


def _dropped(values: FloatArray, n_factors: int, at_least: float) -> BoolArray:
    """Tell which eigenvalues belong to no factor: not the largest, or too small for one."""
    return np.asarray((np.arange(values.shape[-1]) >= n_factors) | (values <= at_least))


def _products(vectors: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the weighted sum of each vector's products with itself, (replicate, p, p)."""
    return np.asarray((vectors * weight[:, None, :]) @ np.swapaxes(vectors, -1, -2))


def _across(vectors: FloatArray, at: int, weight: FloatArray, dropped: BoolArray) -> FloatArray:
    """Return what the turning of a factor's vector against the others adds to the Hessian."""
    own = vectors[:, :, at] * ~dropped[:, at, None]
    return np.asarray(_products(vectors, weight) * own[:, :, None] * own[:, None, :])
