"""Alignment: factor means of many groups without exact invariance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, Reason, check_option, reason
from psychometrics.stats.alignment import (
    Aligned,
    Kind,
    align,
    explained_share,
    invariant_groups,
    total_variance_share,
)
from psychometrics.stats.cfa.batch import fit_many
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.kernel import SampleMoments, slot_values
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.solve import Estimator
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.resampling import Rng, percentile_interval, seed_of, stream
from psychometrics.validity.arguments import check_samples
from psychometrics.validity.cfa_bootstrap import resampled
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.comparability_frames import aligned_frame, draw
from psychometrics.validity.invariance_fits import (
    Ladder,
    analysed_by_group,
    n_own_parameters,
    prepare,
)
from psychometrics.validity.invariance_levels import refuse_small_groups
from psychometrics.validity.invariance_resampling import thin
from psychometrics.validity.invariance_samples import drawn, implied_moments
from psychometrics.validity.progress import stage
from psychometrics.validity.threads import one_blas_thread

MUTHEN_ASPAROUHOV = (
    "Muthén, B., & Asparouhov, T. (2014). IRT studies of many groups: The alignment method. "
    "Frontiers in Psychology, 5, 978. doi:10.3389/fpsyg.2014.00978"
)
# Simulated means that correlate less than this with those they were simulated from are not to be
# trusted, and alignment is at its limit where more than a quarter of the parameters differ: rules
# of thumb of Muthén and Asparouhov (2014).
LEAST_CORRELATION = 0.98
MOST_DIFFERENT = 0.25
# Samples start from the solution of the data, the least-squares one and so many random ones.
SAMPLE_STARTS = 2
# Their search ends sooner: what is left is far less than samples differ.
SAMPLE_FALL = 1e-7


@dataclass(frozen=True)
class AlignmentResult:
    """Factor means and variances of aligned groups.

    Attributes
    ----------
    means : DataFrame
        ``factor group mean sd``, in standard deviations of the first group (``metric="first"``) or
        in units in which the groups' SDs have the product 1; with samples ``mean_se mean_low
        mean_high sd_se sd_low sd_high``.
    parameters : DataFrame
        ``factor item parameter group estimate``: aligned loadings and intercepts; with samples
        ``se``, ``average`` over the groups in which it is the same, and ``invariant``, whether
        this group is one of them.
    summary : DataFrame
        One row a factor: ``loss``, how much of the groups' differences in loadings and intercepts
        their means and variances explain (``r2_loadings r2_intercepts``; of the parameters' total
        size ``r2_total_loadings r2_total_intercepts``, as sirt prints), ``share_different`` of the
        parameters, and ``advice``.
    monte_carlo : DataFrame
        One row a factor, where samples were asked for: ``correlation`` of simulated samples' means
        with those they were simulated from, over groups, ``rmse``, ``n_samples n_failed`` and
        ``advice``: whether the means can be trusted at this study's n.
    fit : CFAResult
        The configural model.
    groups : tuple of str
    n_by_group : tuple of int
    n_failed : int
        Bootstrap samples without a maximum, left out.
    method : str
    """

    means: pd.DataFrame
    parameters: pd.DataFrame
    summary: pd.DataFrame
    monte_carlo: pd.DataFrame
    fit: CFAResult
    groups: tuple[str, ...]
    n_by_group: tuple[int, ...]
    n_failed: int
    method: str
    ladder: Ladder = field(repr=False)

    def plot(
        self, what: Literal["means", "loadings", "intercepts"] = "means", **options: Any
    ) -> Any:
        """Draw aligned means, loadings or intercepts; what differs has a ring.

        See :func:`psychometrics.plots.plot_groups`.
        """
        check_option("what", what, ("means", "loadings", "intercepts"))
        level = self.ladder.settings.level
        return draw(aligned_frame(self.means, self.parameters, what, level), what, **options)

    def __str__(self) -> str:
        lines = [f"Alignment of {len(self.groups)} groups ({self.method}), n = {self.fit.n_obs}"]
        for table in (self.summary, self.monte_carlo):
            lines += [f"{row['factor']}: {row['advice']}" for row in table.to_dict("records")]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        head, *lines = str(self).split("\n")
        told = "".join(f"<li>{escape(line)}</li>" for line in lines)
        table = self.means.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(head)}</p>{table}<ul>{told}</ul>"


@dataclass(frozen=True)
class Configural:
    """The configural model as samples are fitted and aligned.

    Attributes
    ----------
    layout : Layout
        The model without means, which it reproduces.
    items : dict of str to list of int
        Each factor's items, by their places.
    slots : dict of str to list of int
        The slots of their loadings.
    """

    layout: Layout
    items: dict[str, list[int]]
    slots: dict[str, list[int]]

    def parameters(
        self, factor: str, z: FloatArray, mean: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return loadings and intercepts, (sample, group, item), mirrored where they are negative.

        With factor means of 0, intercepts are the means.
        """
        loadings = slot_values(self.layout, z)[..., self.slots[factor]]
        turned = np.where(loadings.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
        return loadings * turned, mean[..., self.items[factor]]


@dataclass(frozen=True)
class How:
    """What the groups are aligned by."""

    power: tuple[float, float]
    epsilon: float
    kind: Kind
    metric: str


@one_blas_thread()
def alignment(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    group: str | None,
    *,
    estimator: Estimator | None = None,
    missing: Literal["listwise", "fiml"] = "listwise",
    kind: Kind = "fixed",
    power: float | tuple[float, float] = 0.5,
    epsilon: float = 0.001,
    metric: Literal["first", "product"] = "first",
    n_starts: int = 30,
    n_boot: int = 0,
    monte_carlo: int = 0,
    small_groups: Literal["refuse", "fit"] = "refuse",
    level: float = 0.95,
    rng: Rng = None,
    progress: Callable[[int, int], None] | None = None,
) -> AlignmentResult:
    """Compare factor means over groups where most, not all, loadings and intercepts are alike.

    Parameters
    ----------
    model, data, group
        As for :func:`psychometrics.invariance`; every item loads on one factor.
    estimator : {"ML", "MLR", "MLM"}, optional
        Of the configural model.
    missing : {"listwise", "fiml"}
        As for :func:`psychometrics.cfa`; samples need complete rows.
    kind : {"fixed", "free"}
        Whether the first group's mean is 0 or estimated like the others. ``free`` is poorly
        determined unless some parameters clearly differ.
    power : float or tuple of float
        Exponent of the loss of differences in loadings and intercepts: .5 (Asparouhov & Muthén)
        prefers few large differences, 2 (least squares) spreads them.
    epsilon : float
        Smooths the loss at 0; .01 and .001 are usual.
    metric : {"first", "product"}
        Units of means and SDs: the first group's SD, or those in which the SDs' product is 1.
    n_starts : int
        Random starts of the search.
    n_boot : int
        Bootstrap samples, people drawn within groups: standard errors, intervals and which
        parameters differ.
    monte_carlo : int
        Samples drawn from the solution, at this study's n, that tell whether factor means can be
        trusted.
    small_groups : {"refuse", "fit"}
        Whether groups that are too small for the configural model are refused.
    level : float
        Coverage.
    rng : int or Generator, optional
        Where chance comes from; same seed, same numbers.
    progress : callable, optional
        Called with the samples done and all.

    Returns
    -------
    AlignmentResult

    Raises
    ------
    DataError
        An item of several factors, fewer than two groups, what :func:`psychometrics.cfa` refuses.

    References
    ----------
    Asparouhov, T., & Muthén, B. (2014). Multiple-group factor analysis alignment. Structural
    Equation Modeling, 21, 495-508. doi:10.1080/10705511.2014.919210
    Robitzsch, A. (2020). Lp loss functions in invariance alignment and Haberman linking with few
    or many groups. Stats, 3, 246-283. doi:10.3390/stats3030019

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> site = np.repeat(["ulm", "pune", "kampala"], 2000)
    >>> factor = rng.normal(size=6000) + np.repeat([0.0, 0.5, -0.5], 2000)
    >>> frame = pd.DataFrame(factor[:, None] + rng.normal(size=(6000, 4)), columns=list("abcd"))
    >>> found = alignment({"f": list("abcd")}, frame.assign(site=site), "site")
    >>> found.means["mean"].round(1).tolist()
    [0.0, 0.5, -0.5]
    """
    check_option("kind", kind, ("fixed", "free"))
    check_option("metric", metric, ("first", "product"))
    check_option("small_groups", small_groups, ("refuse", "fit"))
    for count in (n_starts, n_boot, monte_carlo):
        check_samples(count)
    powers = (power, power) if isinstance(power, int | float) else (power[0], power[1])
    if not all(0 < p <= 2 for p in powers) or not epsilon > 0:
        raise DataError(f"power={power!r}, epsilon={epsilon!r}: powers lie in 0 to 2, epsilon > 0.")
    if estimator not in (None, "ML", "MLR", "MLM"):
        raise DataError("Alignment here is one of maximum likelihood; use estimator='ML' or 'MLR'.")
    ladder = prepare(model, data, group, estimator=estimator, missing=missing, level=level)
    if small_groups == "refuse":
        refuse_small_groups(
            ladder.groups, analysed_by_group(ladder), len(ladder.base.observed),
            n_own_parameters(ladder.base), ordered=False,
        )  # fmt: skip
    if n_boot and (ladder.chosen.moments is not None or missing == "fiml"):
        raise DataError("The bootstrap draws people with complete rows; leave n_boot out.")
    how = How(powers, epsilon, kind, metric)
    fit = ladder.fit(ladder.table(()))
    if not fit.converged:
        raise DataError("The configural model has no maximum here; use fewer items or groups.")
    made, found = align_fit(ladder, fit, how, n_starts, seed_of(rng))
    boot = None
    if n_boot:
        rows = [part.values for part in fit.fitted.sample.rows]
        samples = resampled(rows, ladder.groups, n_boot, seed_of(rng), "alignment")
        told = stage(progress, 0, n_boot, n_boot + monte_carlo)
        boot = align_samples(ladder, made, samples, found, how, seed_of(rng), told)
    drawn_samples = None
    if monte_carlo:
        samples = drawn(implied_moments(fit), monte_carlo, stream(seed_of(rng), "alignment", "mc"))
        told = stage(progress, n_boot, monte_carlo, n_boot + monte_carlo)
        drawn_samples = align_samples(ladder, made, samples, found, how, seed_of(rng), told)
    parameters = parameter_frame(ladder, made, found, boot)
    result = AlignmentResult(
        mean_frame(ladder, found, boot, how, level),
        parameters,
        summary_frame(made, found, fit, parameters, boot is not None),
        monte_carlo_frame(found, drawn_samples, how),
        fit,
        ladder.groups,
        fit.fitted.n_by_group,
        0 if boot is None else int((~boot.usable).sum()),
        f"{kind}, power {powers[0]:g}, {powers[1]:g}, epsilon {epsilon:g}; {fit.method}",
        ladder,
    )
    ladder.tell()
    return result


def align_fit(
    ladder: Ladder, fit: CFAResult, how: How, n_starts: int, seed: int
) -> tuple[Configural, dict[str, Aligned]]:
    """Align the fitted configural model, factor by factor."""
    layout = fit.fits.layout
    items = items_of(ladder)
    own = Configural(layout, items, loading_slots(fit, items))
    mean = np.array([fit.implied_mean(group=name).to_numpy() for name in fit.groups])[None]
    n = np.array(fit.fitted.n_by_group, dtype=float)
    found = {
        factor: align(
            *own.parameters(factor, fit.fits.optimum.z[:1], mean), n, power=how.power,
            epsilon=how.epsilon, kind=how.kind, n_starts=n_starts,
            rng=stream(seed, "alignment", factor),
        )
        for factor in items
    }  # fmt: skip
    return own, found


def items_of(ladder: Ladder) -> dict[str, list[int]]:
    """Return each factor's items; refuse items of several factors."""
    table = ladder.base
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.op == "=~" and row.group == 0:
            if row.rhs not in table.observed:
                raise DataError(f"{row.lhs} is measured by factors; align first-order factors.")
            found.setdefault(row.lhs, []).append(table.observed.index(row.rhs))
    places = [at for own in found.values() for at in own]
    if len(set(places)) < len(places):
        double = sorted({table.observed[at] for at in places if places.count(at) > 1})
        raise DataError(f"Alignment needs items of one factor each; several have {double}.")
    return found


def loading_slots(fit: CFAResult, items: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return the slots of each factor's loadings."""
    names = fit.fits.table.observed
    return {
        factor: [fit.fits.slot(factor, "=~", names[i]) for i in own]
        for factor, own in items.items()
    }


@dataclass(frozen=True)
class Samples:
    """Aligned samples.

    Attributes
    ----------
    aligned : dict of str to Aligned
        By factor; the usable samples alone.
    usable : ndarray of bool, shape (sample,)
    """

    aligned: dict[str, Aligned]
    usable: BoolArray


def align_samples(
    ladder: Ladder,
    made: Configural,
    data: SampleMoments,
    near: Mapping[str, Aligned],
    how: How,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> Samples:
    """Fit the configural model to many samples and align each."""
    table, _ = thin(ladder.table(()), ())
    n = data.n[:1]
    covariance = data.covariance.mean(axis=0, keepdims=True) * (n / (n - 1))[..., None, None]
    begin = fit_moments(table, covariance, n, data.mean.mean(axis=0, keepdims=True))
    found = fit_many(table, begin.layout, data, begin.optimum.z[0], progress=progress)
    own = Configural(
        begin.layout,
        made.items,
        {
            factor: [begin.slot(factor, "=~", table.observed[i]) for i in items]
            for factor, items in made.items.items()
        },
    )
    usable = found.converged
    aligned = {
        factor: align(
            *own.parameters(factor, found.z[usable], data.mean[usable]), data.n[0],
            power=how.power, epsilon=how.epsilon, kind=how.kind, n_starts=SAMPLE_STARTS,
            rng=stream(seed, "alignment", factor, "samples"),
            start=(near[factor].mean[0], near[factor].sd[0]), least_fall=SAMPLE_FALL,
        )
        for factor in made.items
    }  # fmt: skip
    return Samples(aligned, usable)


def in_metric(found: Aligned, how: How) -> tuple[FloatArray, FloatArray]:
    """Return means and SDs, (sample, group), in the units asked for."""
    unit = found.sd[:, :1] if how.metric == "first" else np.ones_like(found.sd[:, :1])
    return found.mean / unit, found.sd / unit


def mean_frame(
    ladder: Ladder, found: Mapping[str, Aligned], boot: Samples | None, how: How, level: float
) -> pd.DataFrame:
    """Return factor means and SDs, with intervals where there are samples."""
    parts = []
    for factor, one in found.items():
        mean, sd = in_metric(one, how)
        part = {"factor": factor, "group": list(ladder.groups), "mean": mean[0], "sd": sd[0]}
        if boot is not None:
            samples = in_metric(boot.aligned[factor], how)
            for name, values in zip(("mean", "sd"), samples, strict=True):
                low, high = percentile_interval(values, level)
                part |= {
                    f"{name}_se": values.std(axis=0, ddof=1), f"{name}_low": low,
                    f"{name}_high": high,
                }  # fmt: skip
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def parameter_frame(
    ladder: Ladder, made: Configural, found: Mapping[str, Aligned], boot: Samples | None
) -> pd.DataFrame:
    """Return the aligned loadings and intercepts of every group."""
    rows: list[dict[str, Any]] = []
    for factor, one in found.items():
        for k, place in enumerate(made.items[factor]):
            for kind in ("loading", "intercept"):
                own = getattr(one, f"{kind}s")[0, :, k]
                about = {
                    "factor": factor, "item": ladder.base.observed[place], "parameter": kind,
                }  # fmt: skip
                extra: list[dict[str, Any]] = [{} for _ in own]
                if boot is not None:
                    samples = getattr(boot.aligned[factor], f"{kind}s")[:, :, k]
                    covariance = np.atleast_2d(np.cov(samples.T))
                    same = invariant_groups(own, covariance)
                    extra = [
                        {"se": float(np.sqrt(covariance[g, g])),
                         "average": float(own[same].mean()), "invariant": bool(same[g])}
                        for g in range(len(own))
                    ]  # fmt: skip
                rows += [
                    about | {"group": name, "estimate": float(own[g])} | extra[g]
                    for g, name in enumerate(ladder.groups)
                ]
    return pd.DataFrame(rows)


def summary_frame(
    made: Configural,
    found: Mapping[str, Aligned],
    fit: CFAResult,
    parameters: pd.DataFrame,
    tested: bool,
) -> pd.DataFrame:
    """Return how well alignment did, factor by factor."""
    mean = np.array([fit.implied_mean(group=name).to_numpy() for name in fit.groups])[None]
    rows = []
    for factor, one in found.items():
        given = made.parameters(factor, fit.fits.optimum.z[:1], mean)
        r2 = explained_share(given[0], given[1], one)
        whole = total_variance_share(given[0], given[1], one)
        row: dict[str, Any] = {
            "factor": factor, "loss": float(one.loss[0]), "r2_loadings": float(r2[0][0]),
            "r2_intercepts": float(r2[1][0]), "r2_total_loadings": float(whole[0][0]),
            "r2_total_intercepts": float(whole[1][0]),
        }  # fmt: skip
        different = float("nan")
        if tested:
            own = parameters[parameters["factor"] == factor]
            different = float((~own["invariant"].astype(bool)).mean())
        rows.append(row | {"share_different": different, "advice": share_advice(different)})
    return pd.DataFrame(rows)


def share_advice(different: float) -> Reason:
    """Say what the share of parameters that differ means."""
    if not np.isfinite(different):
        return reason("alignment_untested")
    code = "alignment_too_different" if different > MOST_DIFFERENT else "alignment_mostly_alike"
    return reason(code, share=different)


def monte_carlo_frame(
    found: Mapping[str, Aligned], samples: Samples | None, how: How
) -> pd.DataFrame:
    """Return how well factor means are recovered in samples of this study's size."""
    columns = ["factor", "correlation", "rmse", "n_samples", "n_failed", "advice"]
    rows: list[dict[str, Any]] = []
    for factor, one in found.items() if samples is not None else ():
        if samples is None:
            continue
        true = in_metric(one, how)[0][0]
        means = in_metric(samples.aligned[factor], how)[0]
        gap = means[:, 1:] - true[1:] if how.kind == "fixed" else means - true
        failed = int((~samples.usable).sum())
        each = correlations(means, true)
        value = float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")
        rows.append(
            {
                "factor": factor, "correlation": value, "rmse": float(np.sqrt((gap**2).mean())),
                "n_samples": len(samples.usable), "n_failed": failed,
                "advice": recovery_advice(value),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def correlations(means: FloatArray, true: FloatArray) -> FloatArray:
    """Return the correlation of each sample's means with the true ones; NaN for two groups."""
    if means.shape[1] < 3:
        return np.full(len(means), np.nan)
    one = means - means.mean(axis=1, keepdims=True)
    two = true - true.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(one @ two / np.sqrt((one**2).sum(axis=1) * (two**2).sum()))


def recovery_advice(correlation: float) -> Reason:
    """Say whether factor means can be trusted."""
    if not np.isfinite(correlation):
        return reason("alignment_recovery_unknown")
    good = correlation >= LEAST_CORRELATION
    code = "alignment_recovered" if good else "alignment_not_recovered"
    return reason(code, correlation=correlation, needed=LEAST_CORRELATION)
