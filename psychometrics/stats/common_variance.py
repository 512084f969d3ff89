"""How much of what items share is one thing."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.moments import FloatArray, correlation_of


def explained_common_variance(covariance: FloatArray) -> FloatArray:
    """Return the share of the common variance that the first common factor explains.

    Communalities are squared multiple correlations; the share is the largest eigenvalue of the
    correlations with them on the diagonal, over the sum of the positive ones.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
        Covariances or correlations.

    Returns
    -------
    ndarray, shape (...)
        1 where one factor accounts for all that is shared; NaN for fewer than three items, an
        item that does not vary, or items that determine each other.

    Examples
    --------
    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> round(float(explained_common_variance(r)), 3)
    1.0
    """
    k = covariance.shape[-1]
    if k < 3:
        return np.full(covariance.shape[:-2], np.nan)
    correlation = correlation_of(covariance)
    known = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    safe = np.where(known[..., None, None], correlation, np.eye(k))
    values, vectors = np.linalg.eigh(safe)
    regular = known & (values[..., 0] > 1e-10)
    spread = np.where(regular[..., None], values, 1.0)
    inverse = ((vectors**2) / spread[..., None, :]).sum(axis=-1)
    own = np.arange(k)
    reduced = safe.copy()
    reduced[..., own, own] = 1 - 1 / inverse
    shared = np.linalg.eigvalsh(reduced)
    positive = np.where(shared > 0, shared, 0.0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(regular & (positive > 0), shared[..., -1] / positive, np.nan))
