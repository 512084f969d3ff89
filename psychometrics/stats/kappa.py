"""Agreement on categories beyond chance: Cohen's kappa, weighted or not, and Fleiss's kappa."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import special

from psychometrics.errors import check_option
from psychometrics.stats.agreement import Bounded
from psychometrics.stats.moments import FloatArray, IntArray

KappaWeights = Literal["unweighted", "linear", "quadratic"]
WEIGHTS: tuple[KappaWeights, ...] = ("unweighted", "linear", "quadratic")


def agreement_weights(values: FloatArray, weights: KappaWeights) -> FloatArray:
    """Return how much each pair of categories counts as agreement, from 1 down to 0.

    Parameters
    ----------
    values : ndarray, shape (q,)
        What the categories stand for. Distances are those of the values, so a category that
        nobody used doesn't bring its neighbours together.
    weights : {"unweighted", "linear", "quadratic"}
        One less the distance, or the squared distance, over the largest one.

    Examples
    --------
    >>> import numpy as np
    >>> agreement_weights(np.array([1.0, 2.0, 3.0]), "quadratic")[0].tolist()
    [1.0, 0.75, 0.0]
    """
    check_option("weights", weights, WEIGHTS)
    if weights == "unweighted":
        return np.eye(len(values))
    apart = np.abs(values[:, None] - values)
    scaled = apart / max(float(apart.max(initial=0.0)), np.finfo(float).tiny)
    return np.asarray(1 - (scaled if weights == "linear" else scaled**2))


def cohen_kappa(counts: FloatArray, weights: FloatArray, level: float = 0.95) -> Bounded:
    """Agreement of two raters beyond chance.

    Parameters
    ----------
    counts : ndarray, shape (q, q)
        Targets by the category that the first and the second rater gave.
    weights : ndarray, shape (q, q)
        See :func:`agreement_weights`.
    level : float
        Coverage of the large-sample interval.

    Returns
    -------
    Bounded
        NaN where both raters always gave the same one category, so that chance agrees as well.

    References
    ----------
    Cohen, J. (1968). Weighted kappa: nominal scale agreement with provision for scaled
    disagreement or partial credit. Psychological Bulletin, 70, 213-220. doi:10.1037/h0026256
    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin, 72, 323-327. doi:10.1037/h0028106

    Examples
    --------
    >>> import numpy as np
    >>> round(cohen_kappa(np.array([[20.0, 5.0], [10.0, 15.0]]), np.eye(2)).estimate, 3)
    0.4
    """
    n = float(counts.sum())
    if not n > 0:
        return Bounded(np.nan, np.nan, np.nan)
    share = counts / n
    first, second = share.sum(axis=1), share.sum(axis=0)
    observed = float((weights * share).sum())
    chance = float(first @ weights @ second)
    if not 1 - chance > 1e-14:
        return Bounded(np.nan, np.nan, np.nan)
    kappa = (observed - chance) / (1 - chance)
    # Fleiss, Cohen and Everitt (1969), equation 8: mean weights of the row and of the column.
    mean = (weights @ second)[:, None] + weights.T @ first
    about = weights * (1 - chance) - mean * (1 - observed)
    centre = observed * chance - 2 * chance + observed
    variance = (float((share * about**2).sum()) - centre**2) / (n * (1 - chance) ** 4)
    return _large_sample(kappa, variance, level)


def fleiss_kappa(counts: FloatArray, level: float = 0.95) -> Bounded:
    """Agreement beyond chance of any raters, the same number of them for every target.

    Parameters
    ----------
    counts : ndarray, shape (n, q)
        How many of a target's raters gave each category; rows of one sum, 2 or more.
    level : float
        Coverage. The variance is that of the targets' contributions (Gwet, 2008, with all
        possible targets many), which holds at any kappa, not under chance agreement alone.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin, 76, 378-382. doi:10.1037/h0031619
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of
    high agreement. British Journal of Mathematical and Statistical Psychology, 61, 29-48.
    doi:10.1348/000711006X126600

    Examples
    --------
    >>> import numpy as np
    >>> round(fleiss_kappa(np.array([[3.0, 0.0], [0.0, 3.0], [2.0, 1.0], [0.0, 3.0]])).estimate, 3)
    0.657
    """
    n = len(counts)
    if n < 2:
        return Bounded(np.nan, np.nan, np.nan)
    k = float(counts[0].sum())
    share = counts.mean(axis=0) / k
    agreed = (counts * (counts - 1)).sum(axis=1) / (k * (k - 1))
    observed, chance = float(agreed.mean()), float(share @ share)
    if not 1 - chance > 1e-14:
        return Bounded(np.nan, np.nan, np.nan)
    kappa = (observed - chance) / (1 - chance)
    by_chance = counts @ share / k
    own = (agreed - chance) / (1 - chance) - 2 * (1 - kappa) * (by_chance - chance) / (1 - chance)
    return _large_sample(kappa, float(own.var(ddof=1)) / n, level)


def pair_counts(first: IntArray, second: IntArray, n_categories: int) -> FloatArray:
    """Count the pairs of categories that two raters gave, (q, q)."""
    at = np.bincount(first * n_categories + second, minlength=n_categories**2)
    return at.reshape(n_categories, n_categories).astype(float)


def _large_sample(kappa: float, variance: float, level: float) -> Bounded:
    """Return kappa with its normal interval, which ends at 1; none where nothing disagrees."""
    if not variance > 1e-16:
        return Bounded(kappa, np.nan, np.nan)
    half = float(special.ndtri((1 + level) / 2)) * variance**0.5
    return Bounded(kappa, max(kappa - half, -1.0), min(kappa + half, 1.0))
