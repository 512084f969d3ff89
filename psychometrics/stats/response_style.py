"""How people answered: runs of one answer, variability, and answers that are the same as another's.

All at once for everybody: the loop runs over items.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.reliability import Interval


def longest_run(answers: FloatArray, blocks: Sequence[int] | None = None) -> IntArray:
    """Return how often in a row each person gave one and the same answer, at most.

    Parameters
    ----------
    answers : ndarray, shape (n, p)
        As answered, in the order of the form; a missing answer ends a run.
    blocks : sequence of int, shape (p,), optional
        Items with the same kind of answers share a number; a run ends where it changes.

    Returns
    -------
    ndarray of int, shape (n,)
        0 for somebody without an answer.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from Web-based
    personality inventories. Journal of Research in Personality, 39, 103-129.
    doi:10.1016/j.jrp.2004.09.009

    Examples
    --------
    >>> import numpy as np
    >>> longest_run(np.array([[1.0, 1, 2, 2, 2, 3], [1, 2, 1, 2, 1, 2]])).tolist()
    [3, 1]
    """
    n, p = answers.shape
    run, longest = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for item in range(p):
        given = ~np.isnan(answers[:, item])
        begins = item == 0 or (blocks is not None and blocks[item] != blocks[item - 1])
        same = np.zeros(n, dtype=bool) if begins else answers[:, item] == answers[:, item - 1]
        run = np.where(same, run + 1, given.astype(np.int64))
        longest = np.maximum(longest, run)
    return longest


def intra_individual_sd(answers: FloatArray, blocks: Sequence[int] | None = None) -> FloatArray:
    """Return the standard deviation of each person's answers.

    Parameters
    ----------
    answers, blocks
        As for :func:`longest_run`; with several blocks, about the person's mean in each.

    Returns
    -------
    ndarray, shape (n,)
        NaN where there are not two answers in a block.

    References
    ----------
    Dunn, A. M., Heggestad, E. D., Shanock, L. R., & Theilgard, N. (2018). Intra-individual response
    variability as an indicator of insufficient effort responding. Journal of Business and
    Psychology, 33, 105-121. doi:10.1007/s10869-016-9479-0

    Examples
    --------
    >>> import numpy as np
    >>> intra_individual_sd(np.array([[1.0, 3, 5], [4, 4, 4]])).tolist()
    [2.0, 0.0]
    """
    kinds = np.zeros(answers.shape[1], dtype=np.int64) if blocks is None else np.asarray(blocks)
    square, df = np.zeros(len(answers)), np.zeros(len(answers))
    for kind in np.unique(kinds):
        own = answers[:, kinds == kind]
        given = ~np.isnan(own)
        n = given.sum(axis=1)
        filled = np.where(given, own, 0.0)
        mean = filled.sum(axis=1) / np.maximum(n, 1)
        square += (np.where(given, own - mean[:, None], 0.0) ** 2).sum(axis=1)
        df += np.maximum(n - 1, 0)
    return np.where(df > 0, np.sqrt(square / np.maximum(df, 1)), np.nan)


def same_answers(answers: FloatArray) -> IntArray:
    """Return how many people gave exactly the answers of each person, who counts too.

    Missing answers are the same as missing answers.

    Examples
    --------
    >>> import numpy as np
    >>> same_answers(np.array([[1.0, 2], [2, 1], [1, 2]])).tolist()
    [2, 1, 2]
    """
    filled = np.where(np.isnan(answers), -np.inf, answers)
    _, place, times = np.unique(filled, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(times[place.reshape(-1)], dtype=np.int64)


def wilson_interval(count: npt.ArrayLike, n_obs: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Interval of a share, inside 0 and 1 whatever the count.

    Parameters
    ----------
    count, n_obs : array_like
        How many of how many.
    level : float
        Coverage.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association, 22, 209-212.
    doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> found = wilson_interval(0, 20)
    >>> float(found.low), round(float(found.high), 3)
    (0.0, 0.161)
    """
    k, n = np.asarray(count, dtype=float), np.asarray(n_obs, dtype=float)
    z2 = float(special.ndtri((1 + level) / 2)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = k / n
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    # At the ends rounding would leave a hair below 0 or above 1.
    low, high = np.where(k == 0, 0.0, centre - half), np.where(k == n, 1.0, centre + half)
    known = n > 0
    return Interval(np.where(known, low, np.nan), np.where(known, high, np.nan), level)


def relative_speed(times: FloatArray, groups: IntArray, fewest: int = 20) -> FloatArray:
    """Return how many times as fast as the median of their group people are.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Time taken for the same work, such as an answer; NaN where it isn't known.
    groups : ndarray of int, shape (n,)
        Whom each person is compared with, such as those who answered in the same mode.
    fewest : int
        People with a time that a median needs.

    Returns
    -------
    ndarray, shape (n,)
        Median of the group divided by the person's own time: 2 is twice as fast. NaN without a
        time, or where too few have one.

    References
    ----------
    Leiner, D. J. (2019). Too fast, too straight, too weird: Non-reactive indicators for
    meaningless data in internet surveys. Survey Research Methods, 13(3), 229-248.
    doi:10.18148/srm/2019.v13i3.7403

    Examples
    --------
    >>> import numpy as np
    >>> relative_speed(np.array([10.0, 10, 5, 20]), np.zeros(4, dtype=int), fewest=4).tolist()
    [1.0, 1.0, 2.0, 0.5]
    """
    speed = np.full(len(times), np.nan)
    for group in np.unique(groups):
        mine = (groups == group) & ~np.isnan(times)
        if mine.sum() >= fewest:
            speed[mine] = np.median(times[mine]) / times[mine]
    return speed
