"""Huber-White covariances of one model's estimates in many samples at once."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.fit import Fits
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import collect, derivatives, gather_from, imply
from psychometrics.stats.moments import FloatArray


def robust_covariances(fits: Fits, deviations: FloatArray) -> FloatArray:
    """Return the Huber-White covariance of the estimates of every sample.

    What :func:`psychometrics.stats.cfa.robust.robust_inference` is for one data set, for samples
    of one size, a model without means and one group.

    Parameters
    ----------
    fits : Fits
        Replicates are the samples.
    deviations : ndarray, shape (samples, n, p)
        Answers less the sample's means, variables in the order of the model.

    Returns
    -------
    ndarray, shape (samples, q, q)
        NaN where the observed information can't be inverted.

    References
    ----------
    White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50,
    1-25. doi:10.2307/1912526
    """
    layout, data = fits.layout, fits.moments
    implied = imply(layout, fits.optimum.z)
    pieces = gather_from(layout, implied, data)
    left, right, factor = layout.left, layout.right, layout.factor
    y = deviations @ pieces.solved[:, 0]
    scores = factor * (y[..., left] * y[..., right])
    scores -= factor * pieces.metric[:, 0][:, None, left, right]
    free = scores @ layout.selection[0]
    meat = np.swapaxes(free, 1, 2) @ free
    observed = collect(layout, derivatives(layout.narrow, implied, data, observed=True), data.n)[1]
    bread = parameter_covariance(observed)
    return np.asarray(bread @ meat @ bread)
