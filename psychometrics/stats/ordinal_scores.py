"""Scores of people from ordinal answers: the most likely factors given the answers (EBM).

The posterior is a normal prior times the probability of each answer that was given; an unanswered
item drops out. People with the same answers have the same scores, so answers are reduced to their
distinct patterns once, and all patterns are solved together.

References
----------
Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters:
Application of an EM algorithm. Psychometrika, 46, 443-459. doi:10.1007/BF02293801
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.latent_responses import LatentResponses
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.normal_cells import normal_cells

MAX_STEPS, TOLERANCE = 60, 1e-10
HALVINGS = 30
AT_ONCE = 10_000
"""Patterns that are searched together: enough for speed, few enough for memory."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the people of one group, in the metric of the model's factors.

    Attributes
    ----------
    estimate : ndarray, shape (n, m)
        NaN for a person who answered nothing.
    se : ndarray, shape (n, m)
        Posterior standard deviation (EAP), or what the curvature at the mode says of it (EBM).
    converged : ndarray of bool, shape (n,)
        Whether the search ended.
    """

    estimate: FloatArray
    se: FloatArray
    converged: BoolArray


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What distinct patterns of answers say of standardised, uncorrelated factors u.

    Attributes
    ----------
    mean : ndarray, shape (m,)
    root : ndarray, shape (m, m)
        Factors are ``mean + root @ u``.
    slopes : ndarray, shape (p, m)
        Of the ordinal items' predictors on u, in residual standard deviations.
    upper, lower : ndarray, shape (patterns, p)
        Limits of the answer for the residual where u is 0; both infinite where there is none.
    line : ndarray, shape (c, m)
        Slopes of the continuous items.
    gap, weight : ndarray, shape (patterns, c)
        Their answers less what is expected where u is 0, in residual standard deviations; weight is
        1 where there is an answer, else 0.
    member : ndarray of int, shape (n,)
        Pattern of each person.
    answered : ndarray of bool, shape (patterns,)
        Whether a pattern holds any answer.
    """

    mean: FloatArray
    root: FloatArray
    slopes: FloatArray
    upper: FloatArray
    lower: FloatArray
    line: FloatArray
    gap: FloatArray
    weight: FloatArray
    member: IntArray
    answered: BoolArray

    def part(self, chosen: BoolArray | IntArray | slice) -> Likelihood:
        """Return some of the patterns."""
        return replace(
            self,
            upper=self.upper[chosen],
            lower=self.lower[chosen],
            gap=self.gap[chosen],
            weight=self.weight[chosen],
        )


def likelihood(model: LatentResponses, answers: FloatArray, group: int = 0) -> Likelihood:
    """Reduce the answers of one group to patterns, and standardise the model.

    Parameters
    ----------
    model : LatentResponses
        Of one group or more.
    answers : ndarray, shape (n, p)
        Categories 0, 1, 2, ... of ordinal items, values of continuous ones; NaN where unanswered.
    group : int
        Whose parameters.

    Raises
    ------
    ModelError
        If the answers depend on each other given the factors, a residual variance is not positive,
        the factors' covariance matrix is not positive definite, or an answer is no category.
    """
    if model.dependent.any():
        raise ModelError(
            "Some residuals covary, so the answers to these items are not independent given the "
            "factors, and the posterior's mode can't be had from the product of their "
            "probabilities. Choose EAP, which integrates over what the pairs share."
        )
    sd = refuse_heywood(model, group)
    mean = np.asarray(model.factor_mean[group], dtype=float)
    root = prior_root(np.asarray(model.factor_covariance[group], dtype=float))
    loadings = np.asarray(model.loadings[group], dtype=float)
    slopes = loadings @ root / sd[:, None]
    level = np.asarray(model.intercepts[group], dtype=float) + loadings @ mean
    patterns, member = distinct(answers)
    ordinal, continuous = np.flatnonzero(model.ordered), np.flatnonzero(~model.ordered)
    limits = (level[:, None] - np.asarray(model.thresholds[group], dtype=float)) / sd[:, None]
    upper, lower = answer_limits(limits[ordinal], patterns[:, ordinal])
    values = patterns[:, continuous]
    known = ~np.isnan(values)
    gap = np.where(known, (values - level[continuous]) / sd[continuous], 0.0)
    answered = np.asarray(~np.isnan(patterns).all(axis=1))
    return Likelihood(
        mean, root, slopes[ordinal], upper, lower, slopes[continuous], gap, known.astype(float),
        member, answered,
    )  # fmt: skip


def refuse_heywood(model: LatentResponses, group: int) -> FloatArray:
    """Return the residual standard deviations of a group, or refuse such as are none."""
    sd = np.asarray(model.residual_sd[group], dtype=float)
    if np.isnan(sd).any():
        raise ModelError(
            "A residual variance is not positive (a Heywood case, or a factor of a single item), "
            "so an answer would tell the factor without error; people can't be scored by such a "
            "solution."
        )
    return sd


def prior_root(covariance: FloatArray) -> FloatArray:
    """Return the Cholesky root of the factors' covariance matrix."""
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        raise ModelError(
            "The factors' covariance matrix is not positive definite, so they have no density and "
            "people can't be scored. Are two factors the same?"
        ) from None


def distinct(answers: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the distinct rows, and which of them each row is."""
    if not answers.size:
        return answers[:0], np.zeros(len(answers), dtype=np.int64)
    # All missing answers are alike, though NaN is not equal to NaN; -0.0 is equal to 0.0.
    filled = np.ascontiguousarray(np.where(np.isnan(answers), np.inf, answers) + 0.0)
    keys = filled.view(np.dtype((np.void, filled.dtype.itemsize * filled.shape[1])))[:, 0]
    _, first, member = np.unique(keys, return_index=True, return_inverse=True)
    return answers[first], member.reshape(-1)


def answer_limits(limits: FloatArray, codes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return between which limits each answer lies; infinite ones where there is none.

    Parameters
    ----------
    limits : ndarray, shape (p, K - 1)
        Descending, NaN where an item has fewer categories.
    codes : ndarray, shape (n, p)

    Raises
    ------
    ModelError
        If a code is no category of its item.
    """
    p = len(limits)
    count = (~np.isnan(limits)).sum(axis=1)
    known = ~np.isnan(codes)
    wrong = known & ((codes < 0) | (codes > count) | (codes != np.floor(codes)))
    if wrong.any():
        at_fault = int(np.argmax(wrong.any(axis=0)))
        raise ModelError(
            f"Ordinal item {at_fault} holds the code {codes[wrong[:, at_fault], at_fault][0]:g}; "
            f"its categories are 0 to {count[at_fault]}."
        )
    ends = np.full((p, 1), np.inf)
    edges = np.concatenate([ends, np.where(np.isnan(limits), -np.inf, limits), -ends], axis=1)
    at = np.where(known, codes, 0.0).astype(np.intp)
    item = np.arange(p)
    upper = np.where(known, edges[item, at], np.inf)
    lower = np.where(known, edges[item, at + 1], -np.inf)
    return upper, lower


def log_posterior(part: Likelihood, u: FloatArray) -> FloatArray:
    """Return the log-posterior density of u, (patterns, m), up to a constant of each pattern."""
    moved = u @ part.slopes.T
    cells = normal_cells(part.upper + moved, part.lower + moved)
    rest = part.gap - u @ part.line.T
    found = cells.log_probability.sum(axis=1) - 0.5 * (part.weight * rest**2).sum(axis=1)
    return np.asarray(found - 0.5 * (u**2).sum(axis=1))


def slope_and_precision(part: Likelihood, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return gradient (patterns, m) and minus the Hessian (patterns, m, m) of the log-posterior."""
    moved = u @ part.slopes.T
    cells = normal_cells(part.upper + moved, part.lower + moved)
    rest = part.weight * (part.gap - u @ part.line.T)
    gradient = cells.slope @ part.slopes + rest @ part.line - u
    return gradient, precision(part, cells.curvature)


def precision(part: Likelihood, curvature: FloatArray) -> FloatArray:
    """Return the identity plus what answers of given curvatures add, (patterns, m, m)."""
    m = part.slopes.shape[1]
    found = curvature @ squares(part.slopes) + part.weight @ squares(part.line)
    return np.asarray(found.reshape(-1, m, m) + np.eye(m))


def squares(slopes: FloatArray) -> FloatArray:
    """Return each row's product with itself, (p, m * m)."""
    p, m = slopes.shape
    return (slopes[:, :, None] * slopes[:, None, :]).reshape(p, m * m)


def modal_scores(model: LatentResponses, answers: FloatArray, group: int = 0) -> Scores:
    """Return the mode of each person's posterior (EBM), and its standard error.

    The posterior has one mode, as every cell's log-probability is concave. Newton's steps are
    halved where they would lead down; patterns leave the search when they have arrived.

    Parameters
    ----------
    model : LatentResponses
        Of one group or more.
    answers : ndarray, shape (n, p)
        Categories 0, 1, 2, ... of ordinal items, values of continuous ones; NaN where unanswered.
    group : int
        Whose parameters.

    Raises
    ------
    ModelError
        See :func:`likelihood`.

    Examples
    --------
    >>> from psychometrics.stats.latent_responses import latent_responses
    >>> model = latent_responses(np.full((3, 1), 0.8), np.zeros((3, 1)))
    >>> modal_scores(model, np.array([[0.0, 0, 0], [1, 1, 1]])).estimate.round(3)[:, 0]
    array([-0.892,  0.892])
    """
    whole = likelihood(model, answers, group)
    n, m = len(whole.upper), whole.slopes.shape[1]
    centred, se, arrived = np.empty((n, m)), np.empty((n, m)), np.empty(n, dtype=bool)
    for block in blocks(n, AT_ONCE):
        part = whole.part(block)
        u, arrived[block] = climb(part)
        _, sharpness = slope_and_precision(part, u)
        spread = np.einsum("fa,nab,fb->nf", whole.root, np.linalg.inv(sharpness), whole.root)
        centred[block], se[block] = u @ whole.root.T, np.sqrt(spread)
    return factors_of_people(whole, centred, se, arrived)


def blocks(n: int, size: int) -> Iterator[slice]:
    """Cut n patterns into blocks."""
    return (slice(start, start + size) for start in range(0, n, size))


def climb(whole: Likelihood) -> tuple[FloatArray, BoolArray]:
    """Return the mode of each pattern's posterior of u, and whether it was reached."""
    n, m = len(whole.upper), whole.slopes.shape[1]
    u, arrived = np.zeros((n, m)), np.zeros(n, dtype=bool)
    for _ in range(MAX_STEPS):
        left = np.flatnonzero(~arrived)
        if not left.size:
            break
        part = whole.part(left)
        gradient, sharpness = slope_and_precision(part, u[left])
        step = np.linalg.solve(sharpness, gradient[..., None])[..., 0]
        u[left] += uphill(part, u[left], np.asarray(step))
        arrived[left] = np.abs(step).max(axis=1, initial=0.0) < TOLERANCE
    return u, arrived


def uphill(part: Likelihood, u: FloatArray, step: FloatArray) -> FloatArray:
    """Halve the steps that lead down."""
    here = log_posterior(part, u)
    step = step.copy()
    for _ in range(HALVINGS):
        there = log_posterior(part, u + step)
        down = ~(there >= here - 1e-9 * (1 + np.abs(here)))
        if not down.any():
            break
        step[down] /= 2
    return step


def factors_of_people(
    whole: Likelihood, centred: FloatArray, se: FloatArray, arrived: BoolArray
) -> Scores:
    """Add the factors' means to scores of patterns, and bring them to the people who gave them."""
    answered = whole.answered[:, None]
    estimate = np.where(answered, whole.mean[: centred.shape[1]] + centred, np.nan)
    member = whole.member
    return Scores(estimate[member], np.where(answered, se, np.nan)[member], arrived[member])
