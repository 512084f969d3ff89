"""What the answers to each item look like: centre, spread, shape, and pile-ups at the ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.stats.correlation import NEGLIGIBLE
from psychometrics.stats.moments import FloatArray, integer_centres


@dataclass(frozen=True, slots=True)
class Description:
    """Statistics of each column, over the answers there are.

    Attributes
    ----------
    n_obs, missing : ndarray, shape (p,)
        How many answers there are, and how many there are not.
    mean, sd : ndarray, shape (p,)
        Mean, and standard deviation with denominator n - 1.
    skew : ndarray, shape (p,)
        Third central moment (denominator n) over ``sd**3``.
    floor, ceiling : ndarray, shape (p,)
        Share of the answers at the lowest and at the highest possible value.
    """

    n_obs: FloatArray
    missing: FloatArray
    mean: FloatArray
    sd: FloatArray
    skew: FloatArray
    floor: FloatArray
    ceiling: FloatArray


def describe(values: FloatArray, minimum: npt.ArrayLike, maximum: npt.ArrayLike) -> Description:
    """Describe each column of a block of answers.

    Skewness is the third of the three common kinds (psych's and MINITAB's), which uses the
    sample standard deviation as it is; SPSS and SAS print the second, a little further from 0:
    multiply by ``n**2 / ((n - 1) * (n - 2))`` to have theirs.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Answers; NaN where there is none.
    minimum, maximum : array_like, shape (p,) or scalar
        Lowest and highest possible answer.

    Returns
    -------
    Description
        NaN where a statistic needs more answers, or answers that differ.

    References
    ----------
    Joanes, D. N., & Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis.
    The Statistician, 47, 183-189. doi:10.1111/1467-9884.00122

    Examples
    --------
    >>> import numpy as np
    >>> found = describe(np.array([[1.0], [1.0], [5.0], [np.nan]]), 1, 5)
    >>> float(found.mean[0].round(3)), float(found.skew[0].round(3)), float(found.missing[0])
    (2.333, 0.385, 1.0)
    """
    seen = ~np.isnan(values)
    n = seen.sum(axis=0).astype(float)
    centre = integer_centres(values)
    x = np.where(seen, values - centre, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = x.sum(axis=0) / n
        about = np.where(seen, x - shift, 0.0)
        # Equal values leave rounding behind, because their mean isn't always exactly theirs.
        size = np.where(seen, np.abs(values), 0.0).max(axis=0, initial=0.0)
        about = np.where(np.abs(about).max(axis=0, initial=0.0) > NEGLIGIBLE * size, about, 0.0)
        sd = np.sqrt((about**2).sum(axis=0) / (n - 1))
        skew = (about**3).sum(axis=0) / n / sd**3
        floor = (seen & (values <= np.asarray(minimum))).sum(axis=0) / n
        ceiling = (seen & (values >= np.asarray(maximum))).sum(axis=0) / n
    return Description(
        n_obs=n,
        missing=len(values) - n,
        mean=np.where(n > 0, centre + shift, np.nan),
        sd=np.where(n > 1, sd, np.nan),
        skew=skew,
        floor=np.asarray(floor),
        ceiling=np.asarray(ceiling),
    )
