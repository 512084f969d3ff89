"""How often somebody of one group scores above somebody of another, whatever the scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special, stats

from psychometrics.stats.agreement import Bounded
from psychometrics.stats.moments import FloatArray

BISECTIONS = 100


def probability_of_superiority(
    higher: FloatArray, lower: FloatArray, level: float = 0.95
) -> Bounded:
    """Chance that one of the first group scores above one of the second, ties counting half.

    It is the area under the ROC curve, and Mann and Whitney's U over the number of pairs.

    Parameters
    ----------
    higher, lower : ndarray, shapes (m,), (n,)
        Scores, complete; two of each at least.
    level : float
        Coverage. The interval is Newcombe's (2006) fifth, which takes its variance at the limit
        and so stays inside 0 and 1, also where the groups don't overlap.

    References
    ----------
    Newcombe, R. G. (2006). Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic. Part 2: asymptotic methods and evaluation. Statistics in Medicine, 25,
    559-573. doi:10.1002/sim.2324
    Hanley, J. A., & McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology, 143, 29-36.

    Examples
    --------
    >>> import numpy as np
    >>> found = probability_of_superiority(np.array([3.0, 4, 5, 5]), np.array([1.0, 2, 3, 4]))
    >>> found.estimate, found.low < 0.875 < found.high
    (0.875, True)
    """
    estimate = superiority(higher, lower)
    z2 = float(special.ndtri((1 + level) / 2)) ** 2
    m, n = len(higher), len(lower)

    def outside(at: float) -> float:
        return (estimate - at) ** 2 - z2 * hanley_mcneil_variance(at, m, n)

    low = 0.0 if estimate == 0 else _edge(outside, 0.0, estimate)
    high = 1.0 if estimate == 1 else _edge(outside, 1.0, estimate)
    return Bounded(estimate, low, high)


def superiority(higher: FloatArray, lower: FloatArray) -> float:
    """Return the share of pairs in which the first group's score is above, ties half."""
    ranks = stats.rankdata(np.concatenate([higher, lower]))
    m, n = len(higher), len(lower)
    return float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))


def hanley_mcneil_variance(at: float, m: int, n: int) -> float:
    """Return the variance at a true value, the groups' sizes in the numerator at their mean."""
    mean = (m + n) / 2 - 1
    spread = 1 + mean * (1 - at) / (2 - at) + mean * at / (1 + at)
    return at * (1 - at) * spread / (m * n)


def _edge(outside: Callable[[float], float], end: float, inside: float) -> float:
    """Return where the sign changes between an end, which is outside, and the estimate."""
    for _ in range(BISECTIONS):
        middle = (end + inside) / 2
        if outside(middle) > 0:
            end = middle
        else:
            inside = middle
    return (end + inside) / 2


def placement_variance(higher: FloatArray, lower: FloatArray) -> float:
    """Return the large-sample variance that makes no assumption about the scores.

    References
    ----------
    DeLong, E. R., DeLong, D. M., & Clarke-Pearson, D. L. (1988). Comparing the areas under two or
    more correlated receiver operating characteristic curves: a nonparametric approach.
    Biometrics, 44, 837-845. doi:10.2307/2531595
    """
    m, n = len(higher), len(lower)
    ranks = stats.rankdata(np.concatenate([higher, lower]))
    first = (ranks[:m] - stats.rankdata(higher)) / n
    second = 1 - (ranks[m:] - stats.rankdata(lower)) / m
    return float(first.var(ddof=1) / m + second.var(ddof=1) / n)


def stratified_superiority(
    pairs: list[tuple[FloatArray, FloatArray]], level: float = 0.95
) -> Bounded:
    """Chance of superiority within strata, each weighing by the precision of its comparison.

    Parameters
    ----------
    pairs : list of (higher, lower)
        Scores of the two groups in each stratum; strata with fewer than two of a group take no
        part.
    level : float
        Coverage of the interval, on the logit from the placements' variance. None where the
        groups don't overlap in any stratum.

    References
    ----------
    van Elteren, P. H. (1960). On the combination of independent two sample tests of Wilcoxon.
    Bulletin of the International Statistical Institute, 37, 351-361.
    """
    usable = [(a, b) for a, b in pairs if min(len(a), len(b)) > 1]
    if not usable:
        return Bounded(np.nan, np.nan, np.nan)
    weight = np.array([len(a) * len(b) / (len(a) + len(b) + 1) for a, b in usable])
    share = weight / weight.sum()
    estimate = float(share @ [superiority(a, b) for a, b in usable])
    variance = float(share**2 @ [placement_variance(a, b) for a, b in usable])
    if not (0 < estimate < 1 and variance > 0):
        return Bounded(estimate, np.nan, np.nan)
    half = float(special.ndtri((1 + level) / 2)) * variance**0.5 / (estimate * (1 - estimate))
    centre = float(special.logit(estimate))
    return Bounded(
        estimate, float(special.expit(centre - half)), float(special.expit(centre + half))
    )
