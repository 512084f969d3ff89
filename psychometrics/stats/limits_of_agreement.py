"""Limits of agreement of two measurements: mean difference, and where most differences lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special, stats

from psychometrics.errors import check_option
from psychometrics.stats.agreement import Bounded
from psychometrics.stats.correlation import NEGLIGIBLE
from psychometrics.stats.moments import FloatArray

LimitsInterval = Literal["exact", "approximate"]
INTERVALS: tuple[LimitsInterval, ...] = ("exact", "approximate")


@dataclass(frozen=True, slots=True)
class LimitsOfAgreement:
    """Mean difference and the two limits, each with its interval.

    Attributes
    ----------
    bias, lower, upper : Bounded
        The mean difference; the limits.
    sd : float
        Standard deviation of the differences, n - 1 below the line.
    n_obs : int
        Differences.
    """

    bias: Bounded
    lower: Bounded
    upper: Bounded
    sd: float
    n_obs: int


def limits_of_agreement(
    differences: FloatArray,
    *,
    coverage: float = 0.95,
    level: float = 0.95,
    interval: LimitsInterval = "exact",
) -> LimitsOfAgreement:
    """Where the given share of differences lies, if they are normal.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        First measurement minus second; two at least, complete.
    coverage : float
        Share of differences between the limits: mean ± 1.96 standard deviations for .95.
    level : float
        Coverage of the intervals.
    interval : {"exact", "approximate"}
        Of the limits: by the noncentral t distribution, each limit by itself, or symmetric with
        the variance ``s**2 (1 / n + z**2 / (2 (n - 1)))`` and t.

    Returns
    -------
    LimitsOfAgreement
        Without intervals where the differences don't vary.

    References
    ----------
    Bland, J. M., & Altman, D. G. (1986). Statistical methods for assessing agreement between two
    methods of clinical measurement. The Lancet, 327, 307-310. doi:10.1016/S0140-6736(86)90837-8
    Bland, J. M., & Altman, D. G. (1999). Measuring agreement in method comparison studies.
    Statistical Methods in Medical Research, 8, 135-160. doi:10.1177/096228029900800204
    Carkeet, A. (2015). Exact parametric confidence intervals for Bland-Altman limits of
    agreement. Optometry and Vision Science, 92, e71-e80. doi:10.1097/OPX.0000000000000513

    Examples
    --------
    >>> import numpy as np
    >>> found = limits_of_agreement(np.array([-1.0, 0.0, 2.0, 1.0, -2.0, 3.0]))
    >>> round(found.bias.estimate, 2), round(found.upper.estimate, 2)
    (0.5, 4.17)
    """
    check_option("interval", interval, INTERVALS)
    n = len(differences)
    bias = float(differences.mean())
    about = differences - bias
    rounding = NEGLIGIBLE**2 * float((differences**2).sum())
    square = float((about**2).sum())
    sd = float(np.sqrt(square / (n - 1))) if square > rounding else 0.0
    z = float(special.ndtri((1 + coverage) / 2))
    if not sd > 0:
        flat = Bounded(bias, np.nan, np.nan)
        return LimitsOfAgreement(flat, flat, flat, 0.0, n)
    half = float(stats.t.isf((1 - level) / 2, n - 1)) * sd / n**0.5
    inner, outer = limit_factors(n, z, level, interval)
    return LimitsOfAgreement(
        Bounded(bias, bias - half, bias + half),
        Bounded(bias - z * sd, bias - outer * sd, bias - inner * sd),
        Bounded(bias + z * sd, bias + inner * sd, bias + outer * sd),
        sd,
        n,
    )


def limit_factors(
    n: int, z: float, level: float = 0.95, interval: LimitsInterval = "exact"
) -> tuple[float, float]:
    """Return by how many standard deviations the limits of a limit lie from the mean.

    Parameters
    ----------
    n : int
        Differences.
    z : float
        The limit itself, in standard deviations.
    level, interval
        As for :func:`limits_of_agreement`.

    Examples
    --------
    >>> [round(value, 3) for value in limit_factors(50, 1.96)]
    [1.551, 2.536]
    """
    tail = (1 - level) / 2
    if interval == "approximate":
        half = float(stats.t.isf(tail, n - 1)) * (1 / n + z**2 / (2 * (n - 1))) ** 0.5
        return z - half, z + half
    # Older versions of scipy divide by zero on their way to the quantile.
    with np.errstate(divide="ignore"):
        low, high = (float(stats.nct.ppf(p, n - 1, z * n**0.5)) / n**0.5 for p in (tail, 1 - tail))
    return low, high
