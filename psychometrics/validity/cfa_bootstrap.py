"""Bootstrap of a fitted factor model: intervals, and the fit without normal answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.stats.cfa.batch import bollen_stine_rows, draw_moments, fit_many
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.inference import standardize
from psychometrics.stats.cfa.kernel import SampleMoments, sample_moments
from psychometrics.stats.cfa.ordinal_batch import (
    drawn_tables,
    resampled_tables,
    samples_of_tables,
)
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, implied_statistics
from psychometrics.stats.cfa.ordinal_kernel import covariance_of as covariance_of_statistics
from psychometrics.stats.moments import FloatArray, Sums, covariance_of
from psychometrics.stats.ordinal_layout import StatisticLayout
from psychometrics.stats.ordinal_moments import OrdinalMoments
from psychometrics.stats.resampling import (
    Rng,
    bootstrap_sums,
    percentile_interval,
    seed_of,
    stream,
)
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.progress import Progress, stage, tally
from psychometrics.validity.threads import one_blas_thread

Kind = Literal["ordinary", "parametric", "bollen_stine"]


@dataclass(frozen=True)
class CFABootstrap:
    """Bootstrap samples of a fitted factor model.

    Attributes
    ----------
    kind : str
        ``ordinary``, ``parametric`` or ``bollen_stine``.
    parameters : DataFrame
        ``lhs op rhs group estimate se low high std_all std_low std_high``: the estimates with the
        standard deviations and percentile intervals of the samples; a row that is not free has
        neither.
    chi2 : ndarray, shape (n_boot,)
        Statistic of each sample; NaN where the search found no maximum.
    p_value : float
        Bollen-Stine and parametric: the share of samples, with the data's own, whose chi-square is
        at least the data's. NaN for the ordinary bootstrap, whose samples don't obey the model.
    n_boot, n_failed : int
        Samples, and those without a maximum: they are left out, and where they are more than 5 %
        there are no intervals.
    n_obs : int
        People analysed.
    level : float
        Coverage of the intervals.
    """

    kind: str
    parameters: pd.DataFrame
    chi2: FloatArray
    p_value: float
    n_boot: int
    n_failed: int
    n_obs: int
    level: float

    def __str__(self) -> str:
        p = "" if np.isnan(self.p_value) else f", p = {self.p_value:.3g}"
        return (
            f"{self.kind} bootstrap, {self.n_boot} samples of {self.n_obs} people, "
            f"{self.n_failed} without a maximum{p}"
        )

    def _repr_html_(self) -> str:
        from html import escape

        table = self.parameters.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(str(self))}</p>{table}"


def bootstrap_cfa(
    fit: CFAResult,
    n_boot: int = 1000,
    *,
    kind: Kind = "ordinary",
    level: float | None = None,
    rng: Rng = None,
    progress: Progress | None = None,
) -> CFABootstrap:
    """Fit a model again to bootstrap samples, people drawn within groups.

    Parameters
    ----------
    fit : CFAResult
        A model fitted to complete rows, or for ``parametric`` to moments.
    n_boot : int
        Number of samples.
    kind : {"ordinary", "parametric", "bollen_stine"}
        Draw people; draw normal answers from the fitted model (of ordered items, cut at its
        thresholds); or draw people whose answers were turned so that the model holds exactly, for
        a test of fit without normality.
    level : float, optional
        Coverage of the percentile intervals; the fit's own by default.
    rng : int or Generator, optional
        Where chance comes from; same seed, same numbers.
    progress : callable, optional
        Called with the samples done and all.

    Returns
    -------
    CFABootstrap

    Raises
    ------
    DataError
        For incomplete rows, weights or clusters, or if the model itself found no maximum.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap.
    Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural
    equation models. Sociological Methods & Research, 21, 205-229.
    doi:10.1177/0049124192021002004

    Examples
    --------
    >>> from psychometrics import Moments, cfa
    >>> r = [[1, .6, .5, .3], [.6, 1, .5, .3], [.5, .5, 1, .3], [.3, .3, .3, 1]]
    >>> fit = cfa("f =~ a + b + c + d", Moments(r, None, 200, names=("a", "b", "c", "d")))
    >>> found = bootstrap_cfa(fit, 100, kind="parametric", rng=1)
    >>> found.n_failed, found.p_value > 0.05
    (0, True)
    """
    check_option("kind", kind, ("ordinary", "parametric", "bollen_stine"))
    check_samples(n_boot)
    level = fit.level if level is None else level
    check_level(level)
    refuse(fit, kind)
    layout, z = fit.fits.layout, fit.fits.optimum.z[0]
    with one_blas_thread():
        # Ordered answers take longer to draw and count than models to fit.
        drawing = n_boot // 2 if fit.fits.table.ordered else 0
        drawn = stage(progress, 0, drawing, n_boot)
        data = samples(fit, n_boot, kind, seed_of(rng), drawn)
        fitting = stage(progress, drawing, n_boot - drawing, n_boot)
        found = fit_many(fit.fits.table, layout, data, z, progress=fitting)
    usable = found.converged
    chi2 = np.where(usable, (data.n * found.fmin).sum(axis=1), np.nan)
    own = float(fit.fit_indices["chi2"])
    larger = int((chi2[usable] >= own - 1e-14 * abs(own)).sum())
    p_value = float("nan") if kind == "ordinary" else (larger + 1) / (int(usable.sum()) + 1)
    points = np.where(usable[:, None], found.z, np.nan)
    return CFABootstrap(
        kind,
        bootstrap_frame(fit, points, level),
        chi2,
        p_value,
        n_boot,
        int((~usable).sum()),
        fit.n_obs,
        level,
    )


def refuse(fit: CFAResult, kind: Kind) -> None:
    """Refuse what can't be resampled this way."""
    if fit.missing == "fiml":
        raise DataError(
            "The bootstrap refits moments, which incomplete rows don't have; fit with "
            "missing='listwise'."
        )
    if not fit.converged:
        raise DataError("The model found no maximum, so there is nothing to repeat.")
    if fit.fitted.sample.ordinal is not None:
        refuse_ordered(fit.fitted.sample.ordinal, kind)
        return
    rows = fit.fitted.sample.rows
    if not rows and kind != "parametric":
        raise DataError("Moments hold no people to draw; use kind='parametric'.")
    if any(one.weights is not None or one.clusters is not None for one in rows):
        raise DataError(
            "With weights or clusters, people are not drawn alike and alone; use the standard "
            "errors of estimator='MLR'."
        )


def refuse_ordered(moments: OrdinalMoments, kind: Kind) -> None:
    """Refuse what can't be resampled of ordered items."""
    if kind == "bollen_stine":
        raise DataError(
            "Ordered answers can't be turned so that a model holds; use kind='parametric', which "
            "draws them from the model."
        )
    if not moments.layout.ordered.all():
        raise DataError("The bootstrap is not available for ordered and continuous items together.")
    if any(group.weights is not None for group in moments.groups):
        raise DataError("With weights, people are not drawn alike; use the standard errors.")


def samples(
    fit: CFAResult, n_boot: int, kind: Kind, seed: int, progress: Progress | None = None
) -> SampleMoments | OrdinalData:
    """Return the moments of the samples, axes (replicate, group)."""
    if fit.fitted.sample.ordinal is not None:
        return ordinal_samples(fit, fit.fitted.sample.ordinal, n_boot, kind, seed, progress)
    data, implied = fit.fits.moments, fit._implied
    means = fit.fits.table.mean_structure
    if kind == "parametric":
        centre = implied.mean[0] if means else data.mean[0]
        rng = stream(seed, "cfa_bootstrap", kind)
        return draw_moments(implied.covariance[0], centre, data.n[0], n_boot, rng)
    groups = [rows.values for rows in fit.fitted.sample.rows]
    if kind == "bollen_stine":
        groups = [
            bollen_stine_rows(x, implied.covariance[0, g], implied.mean[0, g] if means else None)
            for g, x in enumerate(groups)
        ]
    return resampled(groups, fit.groups or ("",), n_boot, seed, f"cfa_bootstrap_{kind}")


def ordinal_samples(
    fit: CFAResult,
    moments: OrdinalMoments,
    n_boot: int,
    kind: Kind,
    seed: int,
    progress: Progress | None,
) -> OrdinalData:
    """Return the thresholds and correlations of samples of ordered answers."""
    data, names = fit.fits.data, fit.groups or ("",)
    if not isinstance(data, OrdinalData):
        raise DataError("There are no ordered items here.")
    rngs = [stream(seed, f"cfa_bootstrap_{kind}", name) for name in names]
    if kind == "ordinary":
        tables = [
            resampled_tables(group, n_boot, rng)
            for group, rng in zip(moments.groups, rngs, strict=True)
        ]
    else:
        implied = implied_statistics(fit.fits.layout, data.layout, fit.fits.optimum.z[:1])[0]
        tables = [
            drawn_tables(*population(data.layout, implied[g]), len(group.codes), n_boot, rng)
            for g, (group, rng) in enumerate(zip(moments.groups, rngs, strict=True))
        ]
    weighted = not fit.method.startswith("ULS")
    return samples_of_tables(
        data.layout,
        tables,
        np.rint(moments.n).astype(int),
        weighted=weighted,
        progress=tally(progress, n_boot * len(names)),
    )


def population(layout: StatisticLayout, implied: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
    """Return the correlations and thresholds that a group's answers are drawn from."""
    correlation = covariance_of_statistics(layout, implied)
    if np.linalg.eigvalsh(correlation)[0] <= 0:
        raise DataError(
            "The model implies correlations that nothing can have, so no answers can be drawn "
            "from it; see the solution's problem, or use kind='ordinary'."
        )
    levels = implied[: layout.n_thresholds]
    cuts = [
        np.sort(levels[layout.threshold_variable == item]) for item in range(len(layout.ordered))
    ]
    return correlation, cuts


def resampled(
    groups: list[FloatArray], names: tuple[str, ...], n_boot: int, seed: int, analysis: str
) -> SampleMoments:
    """Return the moments of samples of people drawn within groups."""
    strata = np.repeat(np.arange(len(groups)), [len(x) for x in groups])
    rows = np.concatenate(groups)
    parts: list[Sums] = list(bootstrap_sums(rows, strata, names, n_boot, seed, analysis))
    moments = [covariance_of(part) for part in parts]
    n, mean, covariance = (np.concatenate(pieces) for pieces in zip(*moments, strict=True))
    return sample_moments(covariance, mean, n)


def bootstrap_frame(fit: CFAResult, points: FloatArray, level: float) -> pd.DataFrame:
    """Return estimates with the spread of the samples; undefined samples are NaN."""
    table, layout = fit.fits.table, fit.fits.layout
    groups = np.array([row.group for row in table.rows])
    at = groups * len(layout.kind) + layout.row_slots
    with np.errstate(all="ignore"):
        raw = complete_slots(layout, points)[0].reshape(len(points), -1)[:, at]
        scaled = standardize(layout, points)[:, at]
    scaled[~np.isfinite(points).all(axis=1)] = np.nan
    free = fit.parameters["free"].to_numpy(dtype=bool)[: len(at)]
    (low, high), (std_low, std_high) = (percentile_interval(x, level) for x in (raw, scaled))
    known = np.isfinite(raw).all(axis=1)
    frame = fit.parameters.iloc[: len(at)][["lhs", "op", "rhs", "group", "estimate"]].copy()
    spread = raw[known].std(axis=0, ddof=1) if known.sum() > 1 else np.full(len(at), np.nan)
    frame["se"] = np.where(free & np.isfinite(low), spread, np.nan)
    frame["low"], frame["high"] = np.where(free, low, np.nan), np.where(free, high, np.nan)
    frame["std_all"] = fit.parameters["std_all"].to_numpy()[: len(at)]
    moves = scaled[known].std(axis=0) > 1e-9 if known.any() else np.zeros(len(at), dtype=bool)
    frame["std_low"] = np.where(moves, std_low, np.nan)
    frame["std_high"] = np.where(moves, std_high, np.nan)
    return frame
