"""Normal probabilities between two limits, with their derivatives, safe far out in the tails.

An ordinal answer says that a normal variable lies between two thresholds. Everything that item
response functions, their information and people's scores need of it is here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.moments import FloatArray

LOG_SQRT_2PI = float(0.5 * np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Cells:
    """Probabilities of cells whose limits both move along with a predictor.

    Attributes
    ----------
    log_probability : ndarray
        Of P = Phi(upper) - Phi(lower); -inf for an empty cell.
    slope, bend : ndarray
        First and second derivative of P by the predictor, divided by P; 0 for an empty cell.
    """

    log_probability: FloatArray
    slope: FloatArray
    bend: FloatArray

    @property
    def curvature(self) -> FloatArray:
        """Minus the second derivative of the log-probability; never negative (Burridge, 1981).

        References
        ----------
        Burridge, J. (1981). A note on maximum likelihood estimation for regression models using
        grouped data. Journal of the Royal Statistical Society B, 43, 41-45.
        """
        return np.asarray(np.maximum(self.slope**2 - self.bend, 0.0))


def normal_cells(upper: FloatArray, lower: FloatArray) -> Cells:
    """Return log-probability and derivatives of the cells between two limits.

    Parameters
    ----------
    upper, lower : ndarray
        Limits, infinite ones included; they broadcast. A cell with ``upper <= lower`` is empty.

    Examples
    --------
    >>> cells = normal_cells(np.array([np.inf]), np.array([0.0]))
    >>> float(np.exp(cells.log_probability[0]).round(12))
    0.5
    """
    upper, lower = np.broadcast_arrays(upper, lower)
    # A cell on the right is the mirror of one on the left, where small probabilities have digits.
    turned = lower > -upper
    high, low = np.where(turned, -lower, upper), np.where(turned, -upper, lower)
    empty = ~(high > low)
    high, low = np.where(empty, np.inf, high), np.where(empty, -np.inf, low)
    below = special.log_ndtr(high)
    log_p = below + np.log1p(-np.exp(special.log_ndtr(low) - below))
    at_high = np.exp(-0.5 * high**2 - LOG_SQRT_2PI - log_p)
    at_low = np.exp(-0.5 * low**2 - LOG_SQRT_2PI - log_p)
    slope = np.where(turned, at_low - at_high, at_high - at_low)
    bend = _finite(low) * at_low - _finite(high) * at_high
    return Cells(np.where(empty, -np.inf, log_p), slope, bend)


def _finite(limit: FloatArray) -> FloatArray:
    """Return limits with 0 for infinite ones, whose density is 0."""
    return np.where(np.isinf(limit), 0.0, limit)


def log_cells(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Return log(Phi(upper) - Phi(lower)) alone, for limits with ``upper > lower``."""
    turned = lower > -upper
    below = special.log_ndtr(np.where(turned, -lower, upper))
    rest = special.log_ndtr(np.where(turned, -upper, lower))
    return np.asarray(below + np.log1p(-np.exp(rest - below)))
