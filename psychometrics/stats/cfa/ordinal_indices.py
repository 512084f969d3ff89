"""Pieces of fit indices of ordered items, of many samples at once."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.fit_indices import srmr
from psychometrics.stats.cfa.kernel import Implied, SampleMoments
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, covariance_of, implied_statistics
from psychometrics.stats.moments import FloatArray


def ordinal_baseline(data: OrdinalData) -> tuple[FloatArray, int]:
    """Fit the baseline: thresholds, means and variances are as observed, covariances are 0.

    Returns
    -------
    chi2 : ndarray, shape (replicate,)
    df : int
    """
    at = data.layout.covariances
    misfit = (data.weight * data.statistics**2)[..., at].sum(axis=-1)
    df = len(data.layout.first) * data.n.shape[1]
    return np.asarray((data.n * misfit).sum(axis=-1)), df


def correlation_srmr(layout: Layout, z: FloatArray, data: OrdinalData) -> FloatArray:
    """Return the SRMR of correlations, (replicate,); variances of ordered items fit exactly.

    Parameters
    ----------
    z : ndarray, shape (replicate, q)
    """
    fitted = covariance_of(data.layout, implied_statistics(layout, data.layout, z))
    seen = Implied(None, None, fitted, None, None)
    observed = SampleMoments(data.covariance, data.mean, data.n, np.zeros(data.n.shape))
    return srmr(seen, observed, mean_structure=False)
