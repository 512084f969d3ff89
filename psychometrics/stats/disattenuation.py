"""Correlations of what two measures have without their error, for many data sets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import cronbach_alpha


@dataclass(frozen=True, slots=True)
class Disattenuated:
    """An observed correlation, the reliabilities, and what is left after them.

    Attributes
    ----------
    observed, first_reliability, second_reliability, estimate : ndarray
        Arrays of one shape; `estimate` may be beyond 1, and is NaN where a reliability is not
        above 0.
    """

    observed: FloatArray
    first_reliability: FloatArray
    second_reliability: FloatArray
    estimate: FloatArray


def disattenuate(
    covariance: FloatArray,
    n_first: int,
    first_reliability: float | None = None,
    second_reliability: float | None = None,
) -> Disattenuated:
    """Correlate two sums of items, and correct for their unreliability.

    Parameters
    ----------
    covariance : ndarray, shape (..., p, p)
        Of the items of the first measure, then those of the second.
    n_first : int
        Items of the first.
    first_reliability, second_reliability : float, optional
        Known from elsewhere; coefficient alpha of these items if left out.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American
    Journal of Psychology, 15, 72-101. doi:10.2307/1412159

    Examples
    --------
    >>> import numpy as np
    >>> r = np.full((4, 4), 0.2) + np.kron(np.eye(2), np.full((2, 2), 0.3)) + 0.5 * np.eye(4)
    >>> found = disattenuate(r, 2)
    >>> round(float(found.observed), 4), round(float(found.estimate), 4)
    (0.2667, 0.4)
    """
    first = covariance[..., :n_first, :n_first]
    second = covariance[..., n_first:, n_first:]
    between = covariance[..., :n_first, n_first:].sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = between / np.sqrt(first.sum(axis=(-2, -1)) * second.sum(axis=(-2, -1)))
    shape = observed.shape
    one, two = (
        cronbach_alpha(own) if known is None else np.full(shape, known)
        for own, known in ((first, first_reliability), (second, second_reliability))
    )
    usable = (one > 0) & (two > 0)
    product = np.where(usable, one * two, 1.0)
    estimate = np.where(usable, observed / np.sqrt(product), np.nan)
    return Disattenuated(np.asarray(observed), one, two, np.asarray(estimate))
