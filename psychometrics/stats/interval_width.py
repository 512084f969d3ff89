"""How wide intervals are over many samples, from the samples' moments alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit

from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.layout import COVARIANCE
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_sampling import covariances
from psychometrics.stats.reliability import cronbach_alpha, feldt_interval
from psychometrics.stats.robust_samples import robust_covariances

# In samples of a few dozen people a search that is not over by then mostly never ends.
ENOUGH_STEPS = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an interval in every sample; NaN where a sample has none.

    Attributes
    ----------
    low, high : ndarray, shape (samples,)
    """

    low: FloatArray
    high: FloatArray


def alpha_limits(covariance: FloatArray, n: int, level: float) -> Limits:
    """Return Feldt's limits of alpha; none where the sum doesn't vary."""
    usable = covariance.sum(axis=(-2, -1)) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = np.where(usable, cronbach_alpha(covariance), np.nan)
    found = feldt_interval(estimate, covariance.shape[-1], np.full(len(estimate), n - 1.0), level)
    return Limits(np.asarray(found.low), np.asarray(found.high))


def usable(fits: Fits) -> FloatArray:
    """Tell which solutions can be used, as :meth:`Fits.problem` does one by one, shape (r,)."""
    values = complete_slots(fits.layout, fits.optimum.z)[0]
    layout = fits.layout
    variances = (layout.kind == COVARIANCE) & (layout.row == layout.column)
    proper = ~np.any(values[..., variances] < 0, axis=(1, 2))
    identified = np.isfinite(fits.covariance).all(axis=(1, 2))
    return np.asarray(fits.optimum.converged & identified & proper)


def fit_samples(table: ParameterTable, covariance: FloatArray, n: int) -> tuple[Fits, FloatArray]:
    """Fit a model to every sample that can carry it; which ones have a usable solution.

    Samples in which an item doesn't vary, or which have no more people than parameters, are put
    in as unrelated items, so that the others keep their places, and have no solution.
    """
    p = covariance.shape[-1]
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    able = np.all(variance > 0, axis=1)
    shown = np.where(able[:, None, None], covariance, np.eye(p))
    spread = np.sqrt(np.diagonal(shown, axis1=-2, axis2=-1))
    least = np.linalg.eigvalsh(shown / (spread[:, :, None] * spread[:, None, :]))[:, 0]
    able &= least > 1e-8
    shown = np.where(able[:, None, None], covariance, np.eye(p))
    fits = fit_moments(table, shown, np.full(len(shown), float(n)), max_iterations=ENOUGH_STEPS)
    return fits, np.asarray(able & usable(fits))


def omega_limits(table: ParameterTable, covariance: FloatArray, n: int, level: float) -> Limits:
    """Return the limits of omega total of a one-factor model with variance 1.

    The delta method on the logit, in closed form: with S the sum of loadings and T that of
    residual variances, logit omega is 2 log S - log T.
    """
    fits, good = fit_samples(table, covariance, n)
    p = covariance.shape[-1]
    factor = next(row.lhs for row in table.rows if row.op == "=~")
    names = table.observed
    slots = [fits.slot(factor, "=~", name) for name in names]
    slots += [fits.slot(name, "~~", name) for name in names]
    chosen = fits.layout.selection[0, slots]
    values = fits.optimum.z @ chosen.T + fits.layout.fixed[0, slots]
    total, error = np.abs(values[:, :p].sum(axis=1)), values[:, p:].sum(axis=1)
    sign = np.sign(values[:, :p].sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        gradient = np.concatenate(
            [
                np.repeat((2 * sign / total)[:, None], p, axis=1),
                np.repeat((-1 / error)[:, None], p, axis=1),
            ],
            axis=1,
        )
        # Of the slots' gradient only its product with the free parameters is needed.
        gradient = gradient @ chosen
        spread = np.einsum("ri,rij,rj->r", gradient, fits.covariance, gradient)
        logit = 2 * np.log(total) - np.log(error)
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(np.maximum(spread, 0.0))
    good = good & (error > 0) & (total > 0) & np.isfinite(half)
    return Limits(
        np.where(good, expit(logit - half), np.nan), np.where(good, expit(logit + half), np.nan)
    )


def correlation_limits(table: ParameterTable, answers: FloatArray, level: float) -> Limits:
    """Return limits of the correlation of the two factors of a model with variances 1.

    Wald's with Huber-White errors, as discriminant validity has them.

    Parameters
    ----------
    answers : ndarray, shape (samples, n, p)
        Each less its mean.
    """
    fits, good = fit_samples(table, covariances(answers), answers.shape[1])
    a, b = dict.fromkeys(row.lhs for row in table.rows if row.op == "=~")
    chosen = fits.layout.selection[0, fits.slot(a, "~~", b)]
    variance = np.einsum("i,rij,j->r", chosen, robust_covariances(fits, answers), chosen)
    return _wald(fits.optimum.z @ chosen, variance, good, level)


def loading_limits(table: ParameterTable, answers: FloatArray, level: float) -> Limits:
    """Return limits of the first item's standardised loading in a model of one factor.

    Wald's with Huber-White errors, by the delta method: with loading l and residual variance t the
    standardised loading is l / sqrt(l^2 + t).

    Parameters
    ----------
    answers : ndarray, shape (samples, n, p)
        Each less its mean.
    """
    fits, good = fit_samples(table, covariances(answers), answers.shape[1])
    factor = next(row.lhs for row in table.rows if row.op == "=~")
    item = table.observed[0]
    slots = [fits.slot(factor, "=~", item), fits.slot(item, "~~", item)]
    chosen = fits.layout.selection[0, slots]
    loading, rest = (fits.optimum.z @ chosen.T).T
    total = loading**2 + rest
    good = good & (total > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = np.stack([rest / total**1.5, -loading / (2 * total**1.5)], axis=1) @ chosen
        value = np.abs(loading) / np.sqrt(total)
    variance = np.einsum("ri,rij,rj->r", slopes, robust_covariances(fits, answers), slopes)
    return _wald(value, variance, good, level)


def _wald(value: FloatArray, variance: FloatArray, good: FloatArray, level: float) -> Limits:
    """Return Wald's limits; none where there is no solution or no error."""
    with np.errstate(invalid="ignore"):
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(variance)
    good = good & np.isfinite(half)
    return Limits(np.where(good, value - half, np.nan), np.where(good, value + half, np.nan))


def htmt_values(covariance: FloatArray, membership: FloatArray) -> FloatArray:
    """Return the heterotrait-monotrait ratio of two scales in every sample; NaN without one."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(np.where(variance > 0, variance, np.nan))
        correlation = covariance / (sd[:, :, None] * sd[:, None, :])
    return np.asarray(heterotrait_monotrait(correlation, membership)[:, 0, 1])


def icc_limits(ratio: FloatArray, n: int, n_times: int, level: float) -> Limits:
    """Return the limits of ICC(C,1) from the ratio of the mean squares of people and of error.

    References
    ----------
    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation
    coefficients. Psychological Methods, 1, 30-46 (table 7). doi:10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> found = icc_limits(np.array([11.027248]), 6, 4, 0.95)  # Shrout and Fleiss (1979)
    >>> round(float(found.low[0]), 2), round(float(found.high[0]), 2)
    (0.34, 0.95)
    """
    df_people, df_error = n - 1, (n - 1) * (n_times - 1)
    tail = (1 + level) / 2
    low = ratio / stats.f.ppf(tail, df_people, df_error)
    high = ratio * stats.f.ppf(tail, df_error, df_people)
    return Limits((low - 1) / (low + n_times - 1), (high - 1) / (high + n_times - 1))


def draw_mean_square_ratios(
    icc: float, n: int, n_times: int, n_samples: int, rng: np.random.Generator
) -> FloatArray:
    """Draw the ratio of mean squares in samples of a population with this ICC.

    Mean squares are drawn as what they are for normal scores, multiples of chi-squares.
    """
    df_people, df_error = n - 1, (n - 1) * (n_times - 1)
    people = (1 + (n_times - 1) * icc) * rng.chisquare(df_people, n_samples) / df_people
    error = (1 - icc) * rng.chisquare(df_error, n_samples) / df_error
    return np.asarray(people / error)


def median_error(values: FloatArray) -> float:
    """Return the standard error of a median, from order statistics one binomial SD around it."""
    ordered = np.sort(values)
    n = len(ordered)
    if n < 4:
        return float("nan")
    low, high = int(np.floor(n / 2 - np.sqrt(n) / 2)), int(np.ceil(n / 2 + np.sqrt(n) / 2))
    return float(ordered[min(high, n - 1)] - ordered[max(low, 0)]) / 2
