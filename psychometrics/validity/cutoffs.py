"""Cut-offs of fit indices for one model at its own sample size, by simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.stats.cfa.batch import BatchIndices, batch_indices, draw_moments, fit_many
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.kernel import Implied, SampleMoments
from psychometrics.stats.cfa.misspecification import (
    Omission,
    default_omissions,
    misspecified_covariance,
)
from psychometrics.stats.cfa.ordinal_batch import drawn_tables, samples_of_tables
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, implied_statistics
from psychometrics.stats.cfa.syntax import parse_model
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.progress import Progress, stage, tally
from psychometrics.validity.threads import one_blas_thread

# Indices of which less is better, then those of which more is.
LOW_IS_GOOD, HIGH_IS_GOOD = ("chi2", "rmsea", "srmr"), ("cfi", "tli")


@dataclass(frozen=True)
class Cutoffs:
    """Cut-offs of fit indices for one model, its loadings and its n.

    Attributes
    ----------
    table : DataFrame
        One row an index: ``index observed flexible low_misspecified high_misspecified dynamic
        false_alarm power n_correct n_misspecified reason``.

        ``flexible`` is what 95 % (``level``) of samples keep to where the model holds (Niemand &
        Mai, 2018). ``dynamic`` is what at least 95 % of samples with the stated misspecification
        miss; it exists only where that costs at most 5 % of the samples in which the model holds
        (McNeish & Wolf, 2023). ``power`` is the share of misspecified samples that miss
        ``flexible``.
    correct, misspecified : DataFrame
        The simulated indices, one row a sample.
    omissions : tuple of str
        The misspecification, as used.
    n_failed : tuple of (int, int)
        Samples without a maximum, where the model holds and where it doesn't; they are left out.
    n_obs : int
        People a sample.
    method : str
    """

    table: pd.DataFrame
    correct: pd.DataFrame
    misspecified: pd.DataFrame
    omissions: tuple[str, ...]
    n_failed: tuple[int, int]
    n_obs: int
    method: str

    def __str__(self) -> str:
        return f"Cut-offs at n = {self.n_obs} ({self.method}); wrong by {'; '.join(self.omissions)}"

    def _repr_html_(self) -> str:
        from html import escape

        table = self.table.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(str(self))}</p>{table}"


def simulate_cutoffs(
    fit: CFAResult,
    *,
    misspecification: Mapping[str, float] | None = None,
    n_samples: int = 1000,
    level: float = 0.95,
    rng: Rng = None,
    progress: Progress | None = None,
) -> Cutoffs:
    """Simulate what fit indices a model gets at its own loadings and n, right and wrong.

    Parameters
    ----------
    fit : CFAResult
        A fitted model. Samples are normal (of ordered items: cut at its thresholds, and the indices
        are those of the unscaled statistic) and complete, of its groups and their sizes.
    misspecification : mapping of str to float, optional
        What the population has and the model leaves out, as ``{"visual =~ x7": 0.3}`` (a
        standardised cross-loading) or ``{"x1 ~~ x2": 0.3}`` (a correlation of residuals). By
        default the weakest item of the first factor loads on the second as on its own; with one
        factor, residuals of a third of the items correlate by .3 in pairs.
    n_samples : int
        Samples of each kind.
    level : float
        Share of right samples that keep to the flexible cut-off, and of wrong ones that miss the
        dynamic one.
    rng : int or Generator, optional
        Where chance comes from; same seed, same numbers.
    progress : callable, optional
        Called with the samples done and all.

    Returns
    -------
    Cutoffs

    Raises
    ------
    DataError
        If the model is saturated, or its own solution can't be used.
    ModelError
        A misspecification that the model doesn't leave out, or that no population can have.

    References
    ----------
    McNeish, D., & Wolf, M. G. (2023). Dynamic fit index cutoffs for confirmatory factor analysis
    models. Psychological Methods, 28, 61-88. doi:10.1037/met0000425
    Niemand, T., & Mai, R. (2018). Flexible cutoff values for fit indices in the evaluation of
    structural equation models. Journal of the Academy of Marketing Science, 46, 1148-1172.
    doi:10.1007/s11747-018-0602-9

    Examples
    --------
    >>> from psychometrics import Moments, cfa
    >>> r = [[1, .6, .5, .4], [.6, 1, .5, .4], [.5, .5, 1, .4], [.4, .4, .4, 1]]
    >>> fit = cfa("f =~ a + b + c + d", Moments(r, None, 200, names=("a", "b", "c", "d")))
    >>> found = simulate_cutoffs(fit, n_samples=100, rng=1)
    >>> found.table["index"].tolist()
    ['chi2', 'rmsea', 'srmr', 'cfi', 'tli']
    """
    check_level(level)
    check_samples(n_samples)
    if n_samples < 20:
        raise DataError(f"n_samples={n_samples!r}: a quantile needs 20 samples or more.")
    if fit.problem:
        raise DataError(f"The model's own solution can't be simulated from: {fit.problem}")
    if fit.fit_indices["df"] == 0:
        raise DataError("A saturated model fits every sample; there is nothing to cut off.")
    refuse_mixed(fit)
    slots, implied = complete_slots(fit.fits.layout, fit.fits.optimum.z[:1])
    asked = omissions_of(fit, misspecification)
    wrong, used = misspecified_covariance(fit.fits.layout, slots[0], implied, asked)
    base = seed_of(rng)

    def simulated(covariance: FloatArray, kind: str, done: int) -> BatchIndices:
        own = stream(base, "simulate_cutoffs", kind)
        # Ordered answers take longer to draw and count than models to fit.
        drawing, total = n_samples // 2 if fit.fits.table.ordered else 0, 2 * n_samples
        told = stage(progress, done, drawing, total)
        drawn = draw_samples(fit, implied, covariance, n_samples, own, told)
        fitting = stage(progress, done + drawing, n_samples - drawing, total)
        begin = fit.fits.optimum.z[0]
        found = fit_many(fit.fits.table, fit.fits.layout, drawn, begin, progress=fitting)
        return batch_indices(fit.fits.table, fit.fits.layout, found, drawn)

    with one_blas_thread():
        right = as_frame(simulated(implied.covariance[0], "correct", 0))
        other = as_frame(simulated(wrong, "misspecified", n_samples))
    return Cutoffs(
        cutoff_table(fit, right, other, level),
        right,
        other,
        tuple(str(o) for o in used),
        (int(right["chi2"].isna().sum()), int(other["chi2"].isna().sum())),
        fit.n_obs,
        f"{n_samples} {'ordered' if fit.fits.table.ordered else 'normal'} samples each, "
        f"{fit.method.split(',')[0] if fit.fits.table.ordered else 'ML'}, level {level:g}",
    )


def refuse_mixed(fit: CFAResult) -> None:
    """Refuse what no samples can be drawn of."""
    if fit.fits.table.ordered and fit.fits.table.ordered != fit.fits.table.observed:
        raise DataError("Cut-offs are not available for ordered and continuous items together.")


def draw_samples(
    fit: CFAResult,
    implied: Implied,
    covariance: FloatArray,
    n_samples: int,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> SampleMoments | OrdinalData:
    """Draw samples of a population with the model's means or thresholds, (group, p, p)."""
    data, layout = fit.fits.data, fit.fits.layout
    if not isinstance(data, OrdinalData):
        means = implied.mean[0] if fit.fits.table.mean_structure else data.mean[0]
        return draw_moments(covariance, means, np.round(data.n[0]), n_samples, rng)
    levels = implied_statistics(layout, data.layout, fit.fits.optimum.z[:1])[0]
    sizes = np.array(fit.fitted.n_by_group)
    tables = []
    for g, n in enumerate(sizes):
        sd = np.sqrt(np.diagonal(covariance[g]))
        own = levels[g][: data.layout.n_thresholds]
        cuts = [own[data.layout.threshold_variable == i] for i in range(len(sd))]
        correlation = covariance[g] / np.outer(sd, sd)
        tables.append(drawn_tables(correlation, cuts, int(n), n_samples, rng))
    weighted = not fit.method.startswith("ULS")
    told = tally(progress, n_samples * len(sizes))
    return samples_of_tables(data.layout, tables, sizes, weighted=weighted, progress=told)


def omissions_of(
    fit: CFAResult, misspecification: Mapping[str, float] | None
) -> tuple[Omission, ...]:
    """Read the stated misspecification, or choose the default one."""
    if misspecification is None:
        sizes = fit.parameters["std_all"].to_numpy(dtype=float)
        rows = [
            (row.lhs, row.rhs, float(size))
            for row, size in zip(fit.fits.table.rows, sizes, strict=False)
            if row.op == "=~" and row.group == 0
        ]
        return default_omissions(fit.fits.layout, rows)
    found = []
    for text, size in misspecification.items():
        terms = parse_model(text).terms
        if len(terms) != 1 or terms[0].op not in ("=~", "~~"):
            raise DataError(f"{text!r} is no cross-loading 'f =~ x' or correlation 'x ~~ y'.")
        if not -1 < float(size) < 1:
            raise DataError(f"{text!r}: {size!r} is no standardised size between -1 and 1.")
        found.append(Omission(terms[0].op, terms[0].lhs, terms[0].rhs, float(size)))
    if not found:
        raise DataError("misspecification is empty; name a parameter, or leave it out.")
    return tuple(found)


def as_frame(indices: BatchIndices) -> pd.DataFrame:
    """Return simulated indices as columns."""
    return pd.DataFrame({name: getattr(indices, name) for name in (*LOW_IS_GOOD, *HIGH_IS_GOOD)})


def cutoff_table(
    fit: CFAResult, right: pd.DataFrame, wrong: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Return the cut-offs of every index."""
    rows = []
    for name in (*LOW_IS_GOOD, *HIGH_IS_GOOD):
        # Signs turned so that more is always worse.
        sign = 1.0 if name in LOW_IS_GOOD else -1.0
        a, b = sign * right[name].dropna().to_numpy(), sign * wrong[name].dropna().to_numpy()
        flexible, dynamic = np.quantile(a, level), np.quantile(b, 1 - level)
        false_alarm = float((a > dynamic).mean())
        apart = false_alarm <= 1 - level
        low, high = sorted((sign * np.quantile(b, 1 - level), sign * np.quantile(b, level)))
        rows.append(
            {
                "index": name,
                "observed": float(fit.fit_indices[name]),
                "flexible": sign * float(flexible),
                "low_misspecified": float(low),
                "high_misspecified": float(high),
                "dynamic": sign * float(dynamic) if apart else float("nan"),
                "false_alarm": false_alarm,
                "power": float((b > flexible).mean()),
                "n_correct": len(a),
                "n_misspecified": len(b),
                "reason": ""
                if apart
                else "At this n, samples with and without the misspecification overlap too much.",
            }
        )
    return pd.DataFrame(rows)
