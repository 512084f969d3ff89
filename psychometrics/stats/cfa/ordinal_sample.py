"""From the moments of ordered items to the sample that a model is fitted to."""

from __future__ import annotations

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.solve import ORDINAL, Estimator, Sample
from psychometrics.stats.ordinal_moments import OrdinalMoments


def ordinal_sample(moments: OrdinalMoments, estimator: Estimator) -> Sample:
    """Weigh thresholds and correlations as an estimator does.

    Parameters
    ----------
    moments : OrdinalMoments
        Of each group.
    estimator : {"DWLS", "WLSM", "WLSMV", "ULS", "ULSM", "ULSMV"}
        Weights are one over the asymptotic variances, or 1.

    Raises
    ------
    ModelError
        Another estimator.
    """
    if estimator not in ORDINAL:
        raise ModelError(f"{estimator} is no estimator of models with ordered items.")
    statistics = moments.statistics
    weight = np.ones(statistics.shape)
    if not estimator.startswith("ULS"):
        weight = 1 / moments.diagonal()
    data = OrdinalData(moments.layout, statistics[None], weight[None], moments.n[None] - 1)
    with np.errstate(invalid="ignore"):
        sign, size = np.linalg.slogdet(data.covariance)
    seen = SampleMoments(
        data.covariance, data.mean, data.n, np.where(sign > 0, size, np.nan), "identity"
    )
    return Sample(seen, data, (), 0.0, moments)
