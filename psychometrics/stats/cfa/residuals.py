"""How far residual covariances vary by chance under the model."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.fiml import slot_covariance_change
from psychometrics.stats.cfa.kernel import Implied, SampleMoments, mean_change
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray


def residual_errors(
    layout: Layout, implied: Implied, data: SampleMoments, covariance: FloatArray, group: int
) -> FloatArray:
    """Return standard errors of residual covariances, shape (p, p); 0 where they can't vary.

    The residual is the sample covariance less what the estimates, being weighted sums of all
    sample moments, follow of it. Sample moments vary as those of normal answers with the observed
    covariances, and the weights are those of the model's (lavaan's convention).

    Parameters
    ----------
    implied, data
        One replicate.
    covariance : ndarray, shape (q, q)
        Of the estimates, from the expected information.
    group : int
        The group.

    References
    ----------
    Ogasawara, H. (2001). Standard errors of fit indices using residuals in structural equation
    modeling. Psychometrika, 66, 421-436. doi:10.1007/BF02294443
    """
    spread = np.zeros_like(covariance)
    slopes = moved = np.empty(0)
    for g in range(data.n.shape[1]):
        sample, n = data.covariance[0, g], data.n[0, g]
        precision = np.linalg.inv(implied.covariance[0, g])
        change = slot_covariance_change(layout, implied, g)
        own = np.tensordot(layout.selection[g], change, axes=(0, 0))
        weight = precision @ own @ precision
        sampled = sample @ weight @ sample
        spread += 0.5 * n * np.tensordot(weight, sampled, axes=([1, 2], [1, 2]))
        if layout.mean_structure:
            means = precision @ mean_change(layout, implied)[0, g] @ layout.selection[g]
            spread += n * means.T @ sample @ means
        if g == group:
            slopes, moved = own, sampled
    follow = np.tensordot(covariance, slopes, axes=(1, 0))
    sample, n = data.covariance[0, group], data.n[0, group]
    variance = np.diagonal(sample)
    total = (np.outer(variance, variance) + sample**2) / n
    shared = np.einsum("qij,qij->ij", follow, moved)
    taken = np.einsum("qij,qk,kij->ij", follow, spread, follow, optimize=True)
    left = total - 2 * shared + taken
    # Where nothing is left what remains is rounding.
    return np.sqrt(np.where(left > 1e-8 * total, left, 0.0))
