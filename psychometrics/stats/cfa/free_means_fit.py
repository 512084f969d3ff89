"""Fit of a covariance model to incomplete rows whose means are free.

The chi-square is the likelihood ratio against the saturated moments. Indices built on it drift
with the share missing; those of Zhang and Savalei (2023) estimate what complete rows would show.
With the means taken out, ``R`` is the covariance that the saturated estimates keep when the model's
part is taken off, and means follow the covariances by the information that both share.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from scipy import special

from psychometrics.stats.cfa.arrow import whole
from psychometrics.stats.cfa.fiml import slot_covariance_change
from psychometrics.stats.cfa.fit_indices import (
    FitIndices,
    close_fit_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
    srmr,
    tucker_lewis,
)
from psychometrics.stats.cfa.free_means import FreeMeans
from psychometrics.stats.cfa.inference import degrees_of_freedom
from psychometrics.stats.cfa.kernel import SampleMoments, imply
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.robust_indices import Corrected, corrected_indices
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class IncompleteFit:
    """Fit of a model in one unit.

    Attributes
    ----------
    indices : FitIndices
        The usual ones; means count as parameters nowhere.
    corrected : Corrected or None
        CFI, TLI and RMSEA that estimate what complete rows would show; None for a saturated model,
        or where the information about the covariances has no inverse.
    rmsea_low, rmsea_high : float
        90 % interval of the corrected RMSEA; NaN without it.
    """

    indices: FitIndices
    corrected: Corrected | None
    rmsea_low: float = float("nan")
    rmsea_high: float = float("nan")


def incomplete_fit(
    table: ParameterTable,
    layout: Layout,
    z: FloatArray,
    fmin: float,
    data: FreeMeans,
    moments: SampleMoments,
) -> IncompleteFit:
    """Return the fit of a model of incomplete rows.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates.
    fmin : float
        Likelihood ratio against the saturated moments, a person.
    data : FreeMeans
    moments : SampleMoments
        The saturated moments, one replicate.

    References
    ----------
    Zhang, X., & Savalei, V. (2023). New computations for RMSEA and CFI following FIML and TS
    estimation with missing data. Psychological Methods, 28, 263-283. doi:10.1037/met0000445
    """
    n, df = data.n, degrees_of_freedom(table, layout)
    chi2 = max(n * fmin, 0.0) if df > 0 else 0.0
    best = -2 * data.saturated.log_likelihood
    base, p = data.independence(), len(table.observed)
    df_base = p * (p - 1) // 2
    cells = float(data.patterns.n @ data.patterns.observed.sum(axis=1))
    likelihood = -0.5 * (best + cells * float(np.log(2 * np.pi)) + chi2)
    low, high = rmsea_interval(chi2, df, n)
    q = layout.n_free
    indices = FitIndices(
        chi2=chi2,
        df=df,
        p_value=float(special.chdtrc(df, chi2)) if df > 0 else float("nan"),
        chi2_baseline=base,
        df_baseline=df_base,
        cfi=comparative_fit(chi2, df, base, df_base),
        tli=tucker_lewis(chi2, df, base, df_base),
        rmsea=rmsea(chi2, df, n),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, n),
        srmr=float(srmr(imply(layout, z[None, :]), moments, mean_structure=False)[0]),
        log_likelihood=likelihood,
        aic=-2 * likelihood + 2 * q,
        bic=-2 * likelihood + float(np.log(n)) * q,
        n_obs=data.n_rows,
        n_parameters=q,
    )
    return corrected(indices, layout, z, data, moments)


def corrected(
    usual: FitIndices,
    layout: Layout,
    z: FloatArray,
    data: FreeMeans,
    moments: SampleMoments,
) -> IncompleteFit:
    """Add the indices that estimate what complete rows would show."""
    apart = data.apart
    seen = saturated_information(data) if usual.df > 0 else None
    if seen is None:
        return IncompleteFit(usual, None)
    change = covariance_slopes(layout, z)
    low, high = np.triu_indices(len(apart))
    alone = np.eye(len(low))[:, low == high]
    misfit, expected = complete_misfit(layout_covariance(layout, z), change, data, moments, seen)
    worst, expected_worst = complete_misfit(apart, alone, data, moments, seen)
    factor = expected / usual.df
    made = corrected_indices(
        misfit, usual.df, factor,
        worst, usual.df_baseline, expected_worst / usual.df_baseline, data.n,
    )  # fmt: skip
    limits = rmsea_interval(misfit / factor, usual.df, data.n / factor)
    return IncompleteFit(usual, made, *limits)


@dataclass(frozen=True, slots=True)
class SaturatedInformation:
    """Observed information about the saturated covariances, packed by rows.

    Attributes
    ----------
    left : ndarray, shape (s, s)
        What is left of it when that about the means is taken out.
    spread : ndarray, shape (s, s)
        Its inverse.
    follow : ndarray, shape (level, p, s)
        How the best means of a level move with the covariances.
    weight : ndarray, shape (s, s)
        Information of complete rows.
    """

    left: FloatArray
    spread: FloatArray
    follow: FloatArray
    weight: FloatArray


_KNOWN: WeakKeyDictionary[FreeMeans, SaturatedInformation | None] = WeakKeyDictionary()


def saturated_information(data: FreeMeans) -> SaturatedInformation | None:
    """Return the information at the saturated moments; None if it has no inverse.

    It is the same for every model of the same rows, and kept as long as they are.
    """
    if data not in _KNOWN:
        _KNOWN[data] = information_of(data)
    return _KNOWN[data]


def information_of(data: FreeMeans) -> SaturatedInformation | None:
    """Compute the information at the saturated moments."""
    p = data.rows.shape[1]
    covariance = data.saturated.covariance
    sums = data.sums(covariance)
    left = packed_kronecker(data.curvature(sums), sums.inverse, data.patterns.n)
    low, high = np.triu_indices(p)
    change = np.zeros((len(low), p, p))
    at = np.arange(len(low))
    change[at, low, high] = change[at, high, low] = 1.0
    flat = change.reshape(len(low), p * p)
    follow = []
    for weights, beside in zip(sums.weights, data.beside_means(flat, sums), strict=True):
        follow.append(np.linalg.solve(weights, beside.T))
        left -= beside @ follow[-1]
    spread = whole(left[None]).inverse()[0]
    if not np.isfinite(spread).all():
        return None
    precision = np.asarray(np.linalg.inv(covariance)[None], dtype=float)
    weight = packed_kronecker(0.5 * precision, precision, np.array([data.n]))
    return SaturatedInformation(left, spread, np.array(follow), weight)


def packed_kronecker(first: FloatArray, second: FloatArray, n: FloatArray) -> FloatArray:
    """Return the information ``sum n tr(first D_a second D_b)`` about packed covariances, (s, s).

    D_a changes one entry of the covariance and its mirror image.
    """
    p = first.shape[-1]
    low, high = np.tril_indices(p)
    product = (n[:, None] * first[:, low, high]).T @ second[:, low, high]
    place = np.zeros((p, p), dtype=np.intp)
    place[low, high] = place[high, low] = np.arange(len(low))
    i, j = np.triu_indices(p)
    both = place[np.ix_(i, i)], place[np.ix_(j, j)]
    across = place[np.ix_(i, j)], place[np.ix_(j, i)]
    total = product[both] + product[both[::-1]] + product[across] + product[across[::-1]]
    # A variance has no mirror image.
    half = np.where(i == j, 0.5, 1.0)
    return np.asarray(half[:, None] * total * half)


def complete_misfit(
    covariance: FloatArray,
    change: FloatArray,
    data: FreeMeans,
    moments: SampleMoments,
    seen: SaturatedInformation,
) -> tuple[float, float]:
    """Return the discrepancy of complete rows at a model's estimates, and its mean under it.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        What the model implies.
    change : ndarray, shape (s, q)
        Derivatives of its packed entries by the parameters.
    """
    p, n = len(covariance), data.n
    sample = moments.covariance[0, 0]
    precision = np.linalg.inv(covariance)
    fit = np.linalg.slogdet(covariance)[1] - moments.log_determinant[0, 0]
    fit += float(np.sum(precision * sample)) - p
    size = np.add.reduceat(data.patterns.n, data.bounds[:-1])
    best = data.sums(data.saturated.covariance).mean
    gap = data.sums(covariance).mean - best
    misfit = n * fit + float(size @ ((gap @ precision) * gap).sum(axis=1))
    kept = seen.spread - change @ np.linalg.solve(change.T @ seen.left @ change, change.T)
    expected = float(np.sum(seen.weight * kept))
    inverse = np.linalg.inv(sample)
    for share, follow in zip(size, seen.follow, strict=True):
        expected += float(share * np.sum(inverse * (follow @ kept @ follow.T)))
    return max(misfit, 0.0), expected


def layout_covariance(layout: Layout, z: FloatArray) -> FloatArray:
    """Return the covariance that a model implies, shape (p, p)."""
    return np.asarray(imply(layout, z[None, :]).covariance[0, 0])


def covariance_slopes(layout: Layout, z: FloatArray) -> FloatArray:
    """Return derivatives of the packed implied covariance by the parameters, shape (s, q)."""
    change = slot_covariance_change(layout, imply(layout, z[None, :]), 0)
    low, high = np.triu_indices(layout.n_observed)
    return np.asarray(change[:, low, high].T @ layout.selection[0])
