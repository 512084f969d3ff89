"""Chained predictive mean matching, all data sets at once.

Each item in turn is regressed on all others and on who belongs where; coefficients are drawn from
their posterior, and a missing answer becomes the answer of somebody whose prediction is near.
So what is imputed has been answered: five categories stay five, however skewed. The loop runs
over items and iterations, never over people or sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import BoolArray, FloatArray

# Keeps the regression solvable where items repeat each other: this share of each sum of squares.
RIDGE = 1e-5


@dataclass(frozen=True, slots=True)
class ChainedSets:
    """Completed data sets, and how the chains went.

    Attributes
    ----------
    values : ndarray, shape (m, n, p)
        Completed answers; NaN where nothing was to be imputed.
    means, sds : ndarray, shape (iterations, m, p)
        Mean and standard deviation of what was imputed; NaN for items without a gap.
    """

    values: FloatArray
    means: FloatArray
    sds: FloatArray


@dataclass(frozen=True, slots=True)
class DrawnRegression:
    """A regression in every set: estimated and drawn.

    Attributes
    ----------
    estimate, coefficients : ndarray, shape (m, k)
        Least squares; a draw from their posterior.
    sigma : ndarray, shape (m,)
        A draw of the residual standard deviation.
    """

    estimate: FloatArray
    coefficients: FloatArray
    sigma: FloatArray


def chained_matching(
    answers: FloatArray,
    design: FloatArray,
    wanted: BoolArray,
    *,
    n_sets: int,
    n_iterations: int,
    n_donors: int,
    rng: np.random.Generator,
) -> ChainedSets:
    """Impute missing answers by chained predictive mean matching.

    Parameters
    ----------
    answers : ndarray, shape (n, p)
        NaN where there is none; every item has an answer.
    design : ndarray, shape (n, q)
        What is known of everybody: a constant and indicators of the sites, and whatever else.
    wanted : ndarray of bool, shape (n, p)
        Missing answers that are to be imputed. The others (a question that did not apply) get
        working values, which predict other items, and are taken out at the end.
    n_sets, n_iterations, n_donors : int
        Data sets; rounds through the items; people one of whom gives the answer.
    rng : Generator
        Where all draws come from.

    Returns
    -------
    ChainedSets

    Notes
    -----
    Matching is of type 1: predictions of the people with an answer use the estimated
    coefficients, those of the others drawn ones (van Buuren, 2018, section 3.4). Residual
    degrees of freedom are the answers less the predictors.

    References
    ----------
    van Buuren, S. (2018). Flexible imputation of missing data (2nd ed.). doi:10.1201/9780429492259
    Little, R. J. A. (1988). Missing-data adjustments in large surveys. Journal of Business &
    Economic Statistics, 6, 287-296. doi:10.1080/07350015.1988.10509663

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, np.nan], [4.0, 4.0], [5.0, 5.0], [3.0, 3.0]])
    >>> made = chained_matching(x, np.ones((6, 1)), np.isnan(x), n_sets=3, n_iterations=2,
    ...                         n_donors=2, rng=np.random.default_rng(1))
    >>> made.values.shape, bool(np.isin(made.values, [1, 2, 3, 4, 5]).all())
    ((3, 6, 2), True)
    """
    missing = np.isnan(answers)
    gaps = missing.sum(axis=0)
    order = [int(j) for j in np.argsort(gaps, kind="stable") if gaps[j]]
    filled = start_values(answers, n_sets, rng)
    shape = (n_iterations, n_sets, answers.shape[1])
    means, sds = np.full(shape, np.nan), np.full(shape, np.nan)
    for iteration in range(n_iterations):
        for item in order:
            gap = missing[:, item]
            made = match_item(filled, design, item, gap, n_donors, rng)
            filled[:, gap, item] = made
            told = made[:, wanted[gap, item]]
            record_imputed(means[iteration, :, item], sds[iteration, :, item], told)
    filled[:, missing & ~wanted] = np.nan
    return ChainedSets(filled, means, sds)


def record_imputed(mean: FloatArray, sd: FloatArray, told: FloatArray) -> None:
    """Write down mean and standard deviation of what was imputed (m, c), if anything was."""
    if told.shape[1]:
        mean[:] = told.mean(axis=1)
        sd[:] = told.std(axis=1)


def start_values(answers: FloatArray, n_sets: int, rng: np.random.Generator) -> FloatArray:
    """Fill every gap with an answer drawn from those to the item, in each set, (m, n, p)."""
    filled = np.repeat(answers[None], n_sets, axis=0)
    for item in range(answers.shape[1]):
        gap = np.isnan(answers[:, item])
        if gap.any():
            seen = answers[~gap, item]
            filled[:, gap, item] = seen[rng.integers(0, len(seen), (n_sets, int(gap.sum())))]
    return filled


def match_item(
    filled: FloatArray,
    design: FloatArray,
    item: int,
    gap: BoolArray,
    n_donors: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw the missing answers to one item in every set, (m, missing)."""
    others = np.delete(filled, item, axis=2)
    known = np.broadcast_to(design, (len(filled), *design.shape))
    x = np.concatenate([known, others], axis=2)
    y = filled[:, ~gap, item]
    drawn = draw_coefficients(x[:, ~gap], y, rng)
    near = (x[:, ~gap] @ drawn.estimate[..., None])[..., 0]
    wanted = (x[:, gap] @ drawn.coefficients[..., None])[..., 0]
    donor = nearest_donors(near, wanted, n_donors, rng)
    return np.asarray(np.take_along_axis(y, donor, axis=1))


def draw_coefficients(x: FloatArray, y: FloatArray, rng: np.random.Generator) -> DrawnRegression:
    """Regress y (m, n) on x (m, n, k) in every set, and draw from the posterior.

    The prior is flat but for a ridge; a predictor that is 0 for everybody here is left at 0.
    """
    m, n, k = x.shape
    turned = np.swapaxes(x, 1, 2)
    cross = turned @ x
    size = np.diagonal(cross, axis1=1, axis2=2)
    ridge = np.where(size > 0, RIDGE * size, 1.0)
    precision = cross + np.eye(k) * ridge[:, None, :]
    root = np.linalg.cholesky(precision)
    estimate = np.linalg.solve(precision, turned @ y[..., None])[..., 0]
    square = ((y - (x @ estimate[..., None])[..., 0]) ** 2).sum(axis=1)
    sigma = np.sqrt(square / rng.chisquare(max(n - k, 1), m))
    noise = np.linalg.solve(np.swapaxes(root, 1, 2), rng.normal(size=(m, k))[..., None])[..., 0]
    noise = np.where(size > 0, noise, 0.0)
    return DrawnRegression(np.asarray(estimate), estimate + sigma[:, None] * noise, sigma)


def nearest_donors(
    near: FloatArray, wanted: FloatArray, n_donors: int, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return for each wanted prediction one of the donors with the nearest ones, at random.

    Parameters
    ----------
    near : ndarray, shape (m, n)
        Predictions of the people with an answer.
    wanted : ndarray, shape (m, c)
        Predictions of those without.
    n_donors : int
        How many of the nearest the one is drawn from.
    """
    m, n = near.shape
    d = min(n_donors, n)
    order = np.argsort(near, axis=1, kind="stable")
    ranked = np.take_along_axis(near, order, axis=1)
    # One search for all sets: each set's predictions are moved behind those of the one before.
    both = np.concatenate([ranked, wanted], axis=1)
    low = both.min(axis=1, keepdims=True)
    width = float((both.max(axis=1, keepdims=True) - low).max()) + 1.0
    start = np.arange(m)[:, None] * width
    line = (ranked - low + start).ravel()
    place = np.searchsorted(line, (wanted - low + start).ravel()).reshape(wanted.shape)
    place -= np.arange(m)[:, None] * n
    window = place[..., None] + np.arange(-d, d)
    inside = (window >= 0) & (window < n)
    at = np.clip(window, 0, n - 1)
    values = np.take_along_axis(ranked, at.reshape(m, -1), axis=1).reshape(at.shape)
    distance = np.where(inside, np.abs(values - wanted[..., None]), np.inf)
    best = np.argsort(distance, axis=-1, kind="stable")[..., :d]
    pick = np.take_along_axis(best, rng.integers(0, d, (*wanted.shape, 1)), axis=-1)
    chosen = np.take_along_axis(at, pick, axis=-1)[..., 0]
    return np.asarray(np.take_along_axis(order, chosen, axis=1), dtype=np.int64)


def potential_scale_reduction(chains: FloatArray) -> FloatArray:
    """Say how far chains are from having forgotten where they began; 1 for not at all.

    Parameters
    ----------
    chains : ndarray, shape (iterations, m, ...)
        A statistic along each chain; the first half is left out.

    References
    ----------
    Gelman, A., & Rubin, D. B. (1992). Inference from iterative simulation using multiple
    sequences. Statistical Science, 7, 457-472. doi:10.1214/ss/1177011136

    Examples
    --------
    >>> import numpy as np
    >>> bool(potential_scale_reduction(np.random.default_rng(1).normal(size=(400, 5))) < 1.02)
    True
    """
    later = chains[len(chains) // 2 :]
    n = len(later)
    if n < 2:
        return np.full(chains.shape[2:], np.nan)
    within = later.var(axis=0, ddof=1).mean(axis=0)
    between = later.mean(axis=0).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((n - 1) / n + between / within))
