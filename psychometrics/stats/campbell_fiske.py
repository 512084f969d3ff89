"""Campbell and Fiske's criteria, counted in a matrix of correlations of traits by methods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from psychometrics.stats.correlation import fisher_interval, fisher_variance
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.multitrait import difference_interval

CRITERIA = ("validity", "heterotrait_heteromethod", "heterotrait_monomethod", "pattern")
"""In the order in which Campbell and Fiske (1959, p. 82) name them."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """How often a criterion is met.

    Attributes
    ----------
    n_comparisons, n_met : int
        Comparisons, and those that turn out as they should.
    n_definite : float
        Those whose interval lies on the right side of 0; NaN for the pattern.
    mean : float
        Mean validity; mean difference; Kendall's W. NaN where there is no comparison.
    """

    n_comparisons: int
    n_met: int
    n_definite: float
    mean: float


def campbell_fiske(
    correlation: FloatArray, n_traits: int, n_obs: float, level: float = 0.95
) -> dict[str, Criterion]:
    """Count the four criteria.

    Parameters
    ----------
    correlation : ndarray, shape (m t, m t)
        Methods one after the other, the traits of each in one order.
    n_traits : int
        t, two or more.
    n_obs : float
        People behind the correlations.
    level : float
        Coverage of the intervals behind `n_definite`.

    Returns
    -------
    dict of str to Criterion
        ``validity``: correlations of a trait by two methods, above 0.
        ``heterotrait_heteromethod``: validities with the correlations in their row and column,
        of other traits by other methods. ``heterotrait_monomethod``: validities with the
        correlations of either measure with other traits by its own method. ``pattern``: pairs of
        heterotrait correlations that stand in the same order in two triangles.

    References
    ----------
    Campbell, D. T., & Fiske, D. W. (1959). Convergent and discriminant validation by the
    multitrait-multimethod matrix. Psychological Bulletin, 56, 81-105. doi:10.1037/h0046016

    Examples
    --------
    >>> import numpy as np
    >>> r = np.array([[1, 0.3, 0.6, 0.2], [0.3, 1, 0.2, 0.1], [0.6, 0.2, 1, 0.4],
    ...               [0.2, 0.1, 0.4, 1]])
    >>> found = campbell_fiske(r, 2, 100)
    >>> found["heterotrait_heteromethod"].n_met, found["heterotrait_heteromethod"].n_comparisons
    (2, 4)
    """
    first, second = validity_places(len(correlation), n_traits)
    validity = correlation[first, second]
    found = {"validity": _validity(validity, n_obs, level)}
    for name in CRITERIA[1:3]:
        a, b, c = compared_places(len(correlation), n_traits, mono=name == CRITERIA[2])
        own, other, rest = correlation[a, b], correlation[a, c], correlation[b, c]
        limits = difference_interval(own, other, rest, n_obs, level)
        definite = float((limits.low > 0).sum()) if np.isfinite(limits.low).all() else np.nan
        mean = float(np.mean(own - other))
        found[name] = Criterion(len(a), int((own > other).sum()), definite, mean)
    found["pattern"] = _pattern(heterotrait_triangles(correlation, n_traits))
    return found


def _validity(validity: FloatArray, n_obs: float, level: float) -> Criterion:
    """Count validities above 0, and those whose interval is."""
    low = fisher_interval(validity, fisher_variance(n_obs), level).low
    definite = float((low > 0).sum()) if np.isfinite(low).all() else np.nan
    return Criterion(len(validity), int((validity > 0).sum()), definite, float(validity.mean()))


def validity_places(size: int, n_traits: int) -> tuple[IntArray, IntArray]:
    """Return the two measures of every trait by every two methods."""
    pairs = [
        (m * n_traits + t, k * n_traits + t)
        for t in range(n_traits)
        for m, k in combinations(range(size // n_traits), 2)
    ]
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def compared_places(size: int, n_traits: int, *, mono: bool) -> tuple[IntArray, IntArray, IntArray]:
    """Return a, b, c of every comparison: validity (a, b) with heterotrait (a, c).

    Each validity meets 2 (t - 1) correlations in the heteromethod block it lies in, or as many in
    the monomethod triangles of its two methods.
    """
    first, second = validity_places(size, n_traits)
    made = []
    for one, two in ((first, second), (second, first)):
        for step in range(1, n_traits):
            base = one if mono else two
            start = base // n_traits * n_traits
            made.append((one, two, start + (base - start + step) % n_traits))
    a, b, c = (np.concatenate(part) for part in zip(*made, strict=True))
    return a, b, c


def heterotrait_triangles(correlation: FloatArray, n_traits: int) -> FloatArray:
    """Return the correlations of every two traits in every triangle, (triangles, pairs).

    Monomethod blocks have one triangle, heteromethod blocks have two.
    """
    low, high = np.triu_indices(n_traits, 1)
    methods = range(len(correlation) // n_traits)
    rows = []
    for m in methods:
        for k in methods:
            # Below the diagonal of blocks stand the other triangles of those above.
            rows.append(correlation[m * n_traits + low, k * n_traits + high])
    return np.array(rows)


def _pattern(triangles: FloatArray) -> Criterion:
    """Count equal orders of two trait pairs in two triangles; Kendall's W of all."""
    n_triangles, n_pairs = triangles.shape
    if n_pairs < 2:
        return Criterion(0, 0, np.nan, np.nan)
    one, two = np.triu_indices(n_pairs, 1)
    order = np.sign(triangles[:, one] - triangles[:, two])
    a, b = np.triu_indices(n_triangles, 1)
    same = (order[a] == order[b]) & (order[a] != 0)
    ranks = stats.rankdata(triangles, axis=1)
    ties = sum(
        float((times**3 - times).sum())
        for times in (np.unique(row, return_counts=True)[1] for row in triangles)
    )
    spread = float(((ranks.sum(axis=0) - ranks.sum() / n_pairs) ** 2).sum())
    below = n_triangles**2 * (n_pairs**3 - n_pairs) - n_triangles * ties
    concordance = 12 * spread / below if below > 0 else np.nan
    return Criterion(same.size, int(same.sum()), np.nan, concordance)
