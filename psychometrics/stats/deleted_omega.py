"""Omega total of a scale without each item in turn."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.efa import extract
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.reliability import omega_from_loadings


def omega_if_deleted(covariance: FloatArray) -> FloatArray:
    """Return omega total, by one-factor maximum likelihood, without each item.

    Parameters
    ----------
    covariance : ndarray, shape (unit, k, k)
        Positive definite, k at least 4.

    Returns
    -------
    ndarray, shape (unit, k)
        NaN where one factor of the other items has no proper solution.

    Examples
    --------
    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> omega_if_deleted(r[None])[0].round(6).tolist()
    [0.75, 0.75, 0.75, 0.75]
    """
    n, k = covariance.shape[:2]
    kept = np.array([[j for j in range(k) if j != i] for i in range(k)])
    parts = covariance[:, kept[:, :, None], kept[:, None, :]].reshape(n * k, k - 1, k - 1)
    found = extract(correlation_of(parts), 1, "ml")
    sd = np.sqrt(np.diagonal(parts, axis1=-2, axis2=-1))
    omega = omega_from_loadings(found.loadings[..., 0] * sd, found.uniquenesses * sd**2)
    usable = found.converged & ~found.improper.any(axis=-1)
    return np.where(usable, omega, np.nan).reshape(n, k)
