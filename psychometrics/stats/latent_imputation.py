"""Chained imputation of ordinal answers by latent normal variables, all data sets at once.

Behind every answer stands a normal variable, cut by thresholds. Each item's variable in turn is
regressed on those of all others and on who belongs where; thresholds, coefficients and the
variables themselves are drawn, and a missing answer is the category that its variable falls into.
So what is imputed is one of the categories, however skewed they are, and nothing is taken to be
known that the answers only suggest. The loop runs over items and iterations, never over people
or sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.imputation import (
    ChainedSets,
    draw_coefficients,
    record_imputed,
    start_values,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

# Beyond this many standard deviations the normal tail is a point.
FURTHEST = 8.0


@dataclass(frozen=True, slots=True)
class Coded:
    """Answers as places among the values that an item has.

    Attributes
    ----------
    codes : ndarray of int, shape (m, n, p)
        Completed answers, counted from 0.
    values : list of ndarray
        What the codes of each item stand for.
    """

    codes: IntArray
    values: list[FloatArray]


def chained_latent_normal(
    answers: FloatArray,
    design: FloatArray,
    wanted: BoolArray,
    *,
    n_sets: int,
    n_iterations: int,
    rng: np.random.Generator,
) -> ChainedSets:
    """Impute missing answers by chained regressions of latent normal variables.

    Parameters
    ----------
    answers : ndarray, shape (n, p)
        NaN where there is none; every item has an answer.
    design : ndarray, shape (n, q)
        What is known of everybody: a constant and indicators of the sites, and whatever else.
    wanted : ndarray of bool, shape (n, p)
        Missing answers that are to be imputed. The others (a question that did not apply) get
        working values, which predict other items, and are taken out at the end.
    n_sets, n_iterations : int
        Data sets; rounds through the items.
    rng : Generator
        Where all draws come from.

    Returns
    -------
    ChainedSets

    Notes
    -----
    Thresholds are the normal quantiles of shares drawn from their posterior given the completed
    answers (a Dirichlet distribution; Rubin's Bayesian bootstrap). Variables of given answers are
    drawn between their thresholds (Albert and Chib, 1993), those of missing answers without.

    References
    ----------
    Albert, J. H., & Chib, S. (1993). Bayesian analysis of binary and polychotomous response data.
    Journal of the American Statistical Association, 88, 669-679. doi:10.2307/2290350
    Wu, W., Jia, F., & Enders, C. (2015). A comparison of imputation strategies for ordinal missing
    data on Likert scale variables. Multivariate Behavioral Research, 50, 484-503.
    doi:10.1080/00273171.2015.1022644

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, np.nan], [4.0, 4.0], [5.0, 5.0], [3.0, 3.0]])
    >>> made = chained_latent_normal(x, np.ones((6, 1)), np.isnan(x), n_sets=3, n_iterations=2,
    ...                              rng=np.random.default_rng(1))
    >>> made.values.shape, bool(np.isin(made.values, [1, 2, 3, 4, 5]).all())
    ((3, 6, 2), True)
    """
    missing = np.isnan(answers)
    coded = encode(start_values(answers, n_sets, rng))
    latent = np.stack(
        [
            draw_between(
                0.0, 1.0, *bounds(coded.codes[..., j], draw_thresholds(coded, j, rng)), rng
            )
            for j in range(answers.shape[1])
        ],
        axis=2,
    )
    shape = (n_iterations, n_sets, answers.shape[1])
    means, sds = np.full(shape, np.nan), np.full(shape, np.nan)
    for iteration in range(n_iterations):
        for item in range(answers.shape[1]):
            gap = missing[:, item]
            redraw_item(latent, coded, design, item, gap, rng)
            told = coded.values[item][coded.codes[:, gap & wanted[:, item], item]]
            record_imputed(means[iteration, :, item], sds[iteration, :, item], told)
    filled = np.stack(
        [own[coded.codes[..., item]] for item, own in enumerate(coded.values)], axis=2
    )
    filled[:, missing & ~wanted] = np.nan
    return ChainedSets(filled, means, sds)


def encode(filled: FloatArray) -> Coded:
    """Count the values of each item from 0."""
    codes = np.zeros(filled.shape, dtype=np.int64)
    values = []
    for item in range(filled.shape[2]):
        own, place = np.unique(filled[..., item], return_inverse=True)
        codes[..., item] = place.reshape(filled.shape[:2])
        values.append(own)
    return Coded(codes, values)


def redraw_item(
    latent: FloatArray,
    coded: Coded,
    design: FloatArray,
    item: int,
    gap: BoolArray,
    rng: np.random.Generator,
) -> None:
    """Draw thresholds, coefficients, latent values and missing answers of one item, in place."""
    thresholds = draw_thresholds(coded, item, rng)
    others = np.delete(latent, item, axis=2)
    x = np.concatenate([np.broadcast_to(design, (len(latent), *design.shape)), others], axis=2)
    drawn = draw_coefficients(x[:, ~gap], latent[:, ~gap, item], rng)
    mean = (x @ drawn.coefficients[..., None])[..., 0]
    sigma = drawn.sigma[:, None]
    low, high = bounds(coded.codes[:, ~gap, item], thresholds)
    latent[:, ~gap, item] = draw_between(mean[:, ~gap], sigma, low, high, rng)
    if gap.any():
        free = mean[:, gap] + sigma * rng.normal(size=(len(latent), int(gap.sum())))
        latent[:, gap, item] = free
        above = free[..., None] > thresholds[:, None, :]
        coded.codes[:, gap, item] = above.sum(axis=2)


def draw_thresholds(coded: Coded, item: int, rng: np.random.Generator) -> FloatArray:
    """Draw the thresholds of an item given its completed answers, (m, categories - 1)."""
    own = coded.codes[..., item]
    m, k = len(own), len(coded.values[item])
    flat = own + np.arange(m)[:, None] * k
    counts = np.bincount(flat.ravel(), minlength=m * k).reshape(m, k)
    weight = rng.standard_gamma(counts.astype(float))
    share = np.cumsum(weight, axis=1)[:, :-1] / weight.sum(axis=1, keepdims=True)
    return np.asarray(special.ndtri(share))


def bounds(codes: IntArray, thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return between which thresholds each answer lies, each (m, n)."""
    ends = np.full((len(thresholds), 1), np.inf)
    edges = np.concatenate([-ends, thresholds, ends], axis=1)
    return np.take_along_axis(edges, codes, axis=1), np.take_along_axis(edges, codes + 1, axis=1)


def draw_between(
    mean: FloatArray | float,
    sigma: FloatArray | float,
    low: FloatArray,
    high: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw normal values that lie between two bounds.

    Examples
    --------
    >>> import numpy as np
    >>> z = draw_between(0.0, 1.0, np.full(5, 1.0), np.full(5, 1.5), np.random.default_rng(1))
    >>> bool(((z > 1.0) & (z < 1.5)).all())
    True
    """
    a, b = (low - mean) / sigma, (high - mean) / sigma
    # The upper tail is drawn as the lower one, where probabilities keep their digits.
    turned = a > 0
    first = np.clip(np.where(turned, -b, a), -np.inf, FURTHEST)
    second = np.clip(np.where(turned, -a, b), -FURTHEST, np.inf)
    p, q = special.ndtr(first), special.ndtr(second)
    z = special.ndtri(p + (q - p) * rng.random(p.shape))
    # So far out that the interval holds no probability, the nearer bound is the value.
    z = np.where(np.isfinite(z), z, second)
    z = np.where(turned, -z, z)
    return np.asarray(np.clip(mean + sigma * z, low, high))
