"""Tests of a ladder of invariance by resampling: shuffled people, or samples of its models."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import DataError, Reason, reason
from psychometrics.stats.cfa.batch import BatchIndices, batch_indices, fit_many
from psychometrics.stats.cfa.equality import KINDS
from psychometrics.stats.cfa.estimate import CHI2_GAP, Optimum
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.group_scores import GroupScores, group_scores
from psychometrics.stats.cfa.inference import degrees_of_freedom
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.resampling import Rng, seed_of
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.invariance_fits import Ladder
from psychometrics.validity.invariance_samples import (
    Samples,
    drawn_from,
    population_of,
    shuffled,
)
from psychometrics.validity.nesting import last_wider
from psychometrics.validity.progress import Progress, stage
from psychometrics.validity.threads import one_blas_thread

ResamplingMethod = Literal["permutation", "parametric", "bollen_stine"]

# What is used where nothing is asked for: of the tests that resample, the one whose rate of false
# rejections, where it is worst, is nearest to 5 % (benchmarks/results/invariance_error_rates.json;
# the table is in benchmarks/README.md).
STANDARD_METHOD: ResamplingMethod = "permutation"

# A sample's chi-square may end this far from its minimum, in standard deviations of the smallest
# difference that is tested: no p-value hangs on it.
SAMPLE_GAP = 1e-3
PORTION = 20
TEST_NAMES = {
    "permutation": "permutation test of the chi-square difference",
    "parametric": "parametric bootstrap of the chi-square difference",
    "bollen_stine": "Bollen-Stine bootstrap of the chi-square difference",
}
# What misfit each index is turned to: more is always worse.
SIGNS = {"chi2": 1.0, "cfi": -1.0, "rmsea": 1.0, "srmr": 1.0}


@dataclass(frozen=True)
class PermutationTests:
    """Tests of each level by resampling.

    Attributes
    ----------
    table : DataFrame
        ``level index observed p_value critical n_samples n_failed method``: how fit changes from
        the level before (for the first level: its own fit) and the share of samples in which it
        is as bad or worse, the data among them. A sample without a maximum counts against the
        test, as one that is worse.
    parameters : DataFrame
        ``level lhs op rhs group chi2 df epc p_value p_family``: score tests of releasing what the
        level made equal, in one group or (``group`` None) in all. ``p_family`` holds the largest
        statistic of all parameters of the level against each, so that the chance of any false
        alarm in the level is bounded.
    method : str
        ``permutation``, ``parametric`` or ``bollen_stine``.
    n_samples : int
    assumption : Reason
        What has to hold beside invariance for the p-values to be right.
    """

    table: pd.DataFrame
    parameters: pd.DataFrame
    method: str
    n_samples: int
    assumption: Reason

    @property
    def omnibus(self) -> pd.DataFrame:
        """The tests of chi-square, one row a level."""
        own = self.table[self.table["index"] == "chi2"].set_index("level")
        return own[["p_value", "n_failed"]].assign(method=TEST_NAMES[self.method])

    def __str__(self) -> str:
        lines = [
            f"{row['level']!s}: p = {row['p_value']:.4g}"
            + (f" ({row['n_failed']} samples without a maximum)" if row["n_failed"] else "")
            for row in self.omnibus.reset_index().to_dict("records")
        ]
        return "\n".join([f"{self.n_samples} samples, {self.method}. {self.assumption}", *lines])

    def _repr_html_(self) -> str:
        from html import escape

        head = f"{self.n_samples} samples, {self.method}. {self.assumption}"
        table = self.table.to_html(index=False, float_format="{:.4f}".format, na_rep="")
        return f"<p>{escape(head)}</p>{table}"


@dataclass(frozen=True)
class Rung:
    """One level of a ladder as it is fitted to samples.

    Attributes
    ----------
    name : str
    kinds : tuple of str
        What is equal.
    fresh : tuple of str
        What this level made equal.
    table, layout
        The model, without means where these are not restricted: they add nothing to misfit.
    srmr_scale : float
        What its SRMR is multiplied by so that it counts the means too.
    gap : float
        How far from its minimum the chi-square of a sample may end.
    """

    name: str
    kinds: tuple[str, ...]
    fresh: tuple[str, ...]
    table: ParameterTable
    layout: Layout
    srmr_scale: float
    gap: float

    @property
    def released(self) -> IntArray:
        """The common parameters that the level made equal, as places among the free ones."""
        observed, latent = frozenset(self.table.observed), frozenset(self.table.latent)
        rows = [self.table.rows[at] for at in self.layout.free_rows]
        common = set(self.layout.plan.blocks.shared.tolist())
        return np.array(
            [
                i
                for i, row in enumerate(rows)
                if i in common and any(KINDS[kind](row, observed, latent) for kind in self.fresh)
            ],
            dtype=np.intp,
        )


@dataclass(frozen=True)
class Resampled:
    """One rung fitted to many samples."""

    indices: BatchIndices
    scores: GroupScores | None


def resample_ladder(
    ladder: Ladder,
    fits: Mapping[str, CFAResult],
    kinds: Mapping[str, tuple[str, ...]],
    n_samples: int,
    *,
    method: ResamplingMethod = STANDARD_METHOD,
    center_groups: bool = True,
    rng: Rng = None,
    progress: Progress | None = None,
) -> PermutationTests:
    """Test each level against samples in which it holds.

    Parameters
    ----------
    ladder, fits : Ladder, mapping of str to CFAResult
        The fitted ladder.
    kinds : mapping of str to tuple of str
        What is equal at each level.
    n_samples : int
        Shufflings, or drawn samples.
    method : {"permutation", "parametric", "bollen_stine"}
        Shuffle people over groups, draw normal samples from the fitted model of each level, or
        draw people whose answers are turned so that the model of each level holds.
    center_groups : bool
        Take each group's means off its rows before shuffling, so that unequal factor means are
        no violation.

    References
    ----------
    Jorgensen, T. D., Kite, B. A., Chen, P.-Y., & Short, S. D. (2018). Permutation randomization
    methods for testing measurement equivalence and detecting differential item functioning in
    multiple-group confirmatory factor analysis. Psychological Methods, 23, 708-728.
    doi:10.1037/met0000152
    Freedman, D., & Lane, D. (1983). A nonstochastic interpretation of reported significance
    levels. Journal of Business & Economic Statistics, 1, 292-298.
    doi:10.1080/07350015.1983.10509354
    Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural
    equation models. Sociological Methods & Research, 21, 205-229.
    doi:10.1177/0049124192021002004
    """
    refuse(ladder, fits, method)
    names = [name for name in kinds if name in fits]
    rungs = make_rungs(ladder, {name: kinds[name] for name in names})
    wider_of = [last_wider([one.table for one in rungs[: at + 1]]) for at in range(len(rungs))]
    seed = seed_of(rng)
    count = len(rungs) if method == "permutation" else 2 * len(rungs) - 1
    done = 0

    def tell() -> Progress | None:
        nonlocal done
        done += 1
        return stage(progress, (done - 1) * n_samples, n_samples, count * n_samples)

    samples: list[tuple[Resampled, Resampled | None]] = []
    with one_blas_thread():
        if method == "permutation":
            data, alike = shuffled(ladder, fits[names[0]], n_samples, center_groups, seed)
            made: list[Resampled] = []
            for rung in rungs:
                made.append(fit_rung(rung, data, alike, fits[rung.name], tell()))
            samples = [
                (own, made[at] if at >= 0 else None) for own, at in zip(made, wider_of, strict=True)
            ]
        else:
            for at, rung in enumerate(rungs):
                fit = fits[rung.name]
                population = population_of(fit)
                turned = method == "bollen_stine"
                data = drawn_from(fit, population, n_samples, seed, rung.name, turned=turned)
                own = fit_rung(rung, data, population, fit, tell())
                less_strict = rungs[wider_of[at]] if at else None
                wider = None
                if less_strict is not None:
                    wider = fit_rung(less_strict, data, population, fits[less_strict.name], tell())
                samples.append((own, wider))
        observed = [fit_observed(rung, fits[rung.name]) for rung in rungs]
    rows: list[dict[str, Any]] = []
    parameters: list[pd.DataFrame] = []
    for at, rung in enumerate(rungs):
        less = observed[wider_of[at]].indices if at else None
        wider_samples = samples[at][1]
        rows += level_rows(
            rung, observed[at].indices, less, samples[at][0].indices,
            None if wider_samples is None else wider_samples.indices, method,
        )  # fmt: skip
        parameters.append(
            parameter_rows(rung, ladder.groups, observed[at].scores, samples[at][0].scores)
        )
    raw = method == "permutation" and (ladder.ordered or not center_groups)
    told = f"{method}_assumes" + ("_raw" if raw else "")
    return PermutationTests(
        pd.DataFrame(rows),
        pd.concat([part for part in parameters if len(part)] or parameters[:1], ignore_index=True),
        method,
        n_samples,
        reason(told),
    )


def refuse(ladder: Ladder, fits: Mapping[str, CFAResult], method: str) -> None:
    """Refuse what can't be resampled."""
    if not fits:
        raise DataError("No level of the ladder could be fitted, so there is nothing to test.")
    if ladder.ordered:
        if method == "bollen_stine":
            raise DataError(
                "Ordered answers can't be turned so that a model holds; use method='parametric', "
                "which draws them from the model, or 'permutation'."
            )
        for fit in fits.values():
            refuse_ordered_samples(fit)
        return
    if ladder.settings.missing != "listwise":
        raise DataError(
            "Resampling refits moments, which incomplete rows don't have; use missing='listwise'."
        )
    if ladder.settings.estimator not in ("ML", "MLR", "MLM"):
        raise DataError("Tests by resampling are those of maximum likelihood; use estimator='ML'.")
    if method != "parametric" and ladder.chosen.moments is not None:
        raise DataError("Moments hold no people to shuffle or draw; use method='parametric'.")


def refuse_ordered_samples(fit: CFAResult) -> None:
    """Refuse models that are not of ordered items alone."""
    moments = fit.fitted.sample.ordinal
    if moments is None or not moments.layout.ordered.all():
        raise DataError(
            "Tests by resampling are not available for ordered and continuous items together."
        )


def make_rungs(ladder: Ladder, kinds: Mapping[str, tuple[str, ...]]) -> list[Rung]:
    """Lay out every level."""
    tables = {name: thin(ladder.table(equal), equal) for name, equal in kinds.items()}
    layouts = {name: lay_out(table) for name, (table, _) in tables.items()}
    df = [degrees_of_freedom(tables[name][0], layouts[name]) for name in kinds]
    steps = [high - low for low, high in pairwise(df) if high > low] or [1]
    gap = SAMPLE_GAP * float(np.sqrt(2 * min(steps)))
    found = []
    before: tuple[str, ...] = ()
    for name, equal in kinds.items():
        fresh = tuple(kind for kind in equal if kind not in before)
        found.append(Rung(name, equal, fresh, tables[name][0], layouts[name], tables[name][1], gap))
        before = equal
    return found


def thin(table: ParameterTable, kinds: Sequence[str]) -> tuple[ParameterTable, float]:
    """Leave the means out where they are reproduced whatever they are."""
    if table.ordered:
        return table, 1.0
    p = len(table.observed)
    levels = [row for row in table.rows if row.op == "~1"]
    saturated = all(
        row.free and row.label is None
        if row.lhs in table.observed
        else not row.free and not row.value
        for row in levels
    )
    if {"intercepts", "means"} & set(kinds) or not saturated or table.constraints:
        return table, 1.0
    kept = tuple(row for row in table.rows if row.op != "~1")
    cells = p * (p + 1) / 2
    return replace(table, rows=kept, mean_structure=False), float(np.sqrt(cells / (cells + p)))


def fit_rung(
    rung: Rung,
    data: Samples,
    near: SampleMoments | None,
    fit: CFAResult,
    progress: Progress | None,
) -> Resampled:
    """Fit one level to all samples, started at its fit to the moments they vary about."""
    if near is None:
        begin = fit.fits.optimum.z[0]
    else:
        scale = (near.n / (near.n - 1))[..., None, None]
        begin = fit_moments(rung.table, near.covariance * scale, near.n, near.mean).optimum.z[0]
    found = fit_many(rung.table, rung.layout, data, begin, gap=rung.gap, progress=progress)
    return Resampled(indices_of(rung, found, data), scores_of(rung, found, data))


def fit_observed(rung: Rung, fit: CFAResult) -> Resampled:
    """Fit one level to the data as the samples are fitted."""
    data = fit.fits.data
    if isinstance(data, OrdinalData):
        return Resampled(
            indices_of(rung, fit.fits.optimum, data), scores_of(rung, fit.fits.optimum, data)
        )
    scale = (data.n / (data.n - 1))[..., None, None]
    begin = fit_moments(rung.table, data.covariance * scale, data.n, data.mean)
    found = fit_many(rung.table, rung.layout, data, begin.optimum.z[0], gap=CHI2_GAP)
    return Resampled(indices_of(rung, found, data), scores_of(rung, found, data))


def indices_of(rung: Rung, found: Optimum, data: Samples) -> BatchIndices:
    """Return the fit indices of the samples."""
    made = batch_indices(rung.table, rung.layout, found, data)
    return replace(made, srmr=made.srmr * rung.srmr_scale)


def scores_of(rung: Rung, found: Optimum, data: Samples) -> GroupScores | None:
    """Return the score tests of what the level made equal; NaN where there is no maximum."""
    chosen = rung.released
    if not len(chosen):
        return None

    def portion(first: int) -> GroupScores:
        own = slice(first, first + PORTION)
        return group_scores(rung.layout, found.z[own], data.take(own), chosen)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(portion, range(0, len(found.z), PORTION)))
    lost = ~found.converged
    statistic = np.concatenate([part.statistic for part in parts])
    together = np.concatenate([part.together for part in parts])
    statistic[lost], together[lost] = np.nan, np.nan
    return GroupScores(chosen, statistic, np.concatenate([p.change for p in parts]), together)


def misfit(indices: BatchIndices, name: str, less: BatchIndices | None) -> FloatArray:
    """Return an index, or its change from the wider model, turned so that more is worse."""
    own = getattr(indices, name)
    return np.asarray(SIGNS[name] * (own if less is None else own - getattr(less, name)))


def level_rows(
    rung: Rung,
    observed: BatchIndices,
    less: BatchIndices | None,
    samples: BatchIndices,
    samples_less: BatchIndices | None,
    method: str,
) -> list[dict[str, Any]]:
    """Return the tests of one level."""
    rows = []
    for name in SIGNS:
        value = float(misfit(observed, name, less)[0])
        drawn_values = misfit(samples, name, samples_less)
        rows.append(
            {
                "level": rung.name,
                "index": name,
                "observed": SIGNS[name] * value,
                "p_value": resampling_p(value, drawn_values),
                "critical": SIGNS[name] * upper_quantile(drawn_values),
                "n_samples": len(drawn_values),
                "n_failed": int(np.isnan(drawn_values).sum()),
                "method": method,
            }
        )
    return rows


def resampling_p(value: float, samples: FloatArray) -> float:
    """Return the share of samples that are as large, the data and failed samples among them."""
    if not np.isfinite(value):
        return float("nan")
    at_least = (samples >= value - 1e-9 * max(1.0, abs(value))) | np.isnan(samples)
    return float((at_least.sum() + 1) / (len(samples) + 1))


def upper_quantile(samples: FloatArray, significance: float = 0.05) -> float:
    """Return what the given share of samples exceed; failed samples count as larger."""
    filled = np.sort(np.where(np.isnan(samples), np.inf, samples))
    return float(filled[min(len(filled) - 1, int(np.ceil((1 - significance) * len(filled))) - 1)])


def parameter_rows(
    rung: Rung,
    groups: tuple[str, ...],
    observed: GroupScores | None,
    samples: GroupScores | None,
) -> pd.DataFrame:
    """Return the score tests of one level with family-wise p-values."""
    columns = ["level", "lhs", "op", "rhs", "group", "chi2", "df", "epc", "p_value", "p_family"]
    if observed is None or samples is None:
        return pd.DataFrame(columns=columns)
    # A parameter that can't be released has no statistic in any sample: no part of the family.
    never = np.isnan(samples.statistic).all(axis=0)
    usable = np.where(never, -np.inf, samples.statistic)
    single = usable.reshape(len(usable), -1).max(axis=1)
    joint = samples.together.max(axis=1)
    df = len(groups) - 1
    rows: list[dict[str, Any]] = []
    # The score statistics of least squares follow no chi-square distribution.
    known = float("nan") if rung.table.ordered else 1.0
    for k, parameter in enumerate(observed.parameters):
        row = rung.table.rows[rung.layout.free_rows[int(parameter)]]
        about = {"level": rung.name, "lhs": row.lhs, "op": row.op, "rhs": row.rhs}
        for g, name in enumerate(groups):
            value = float(observed.statistic[0, g, k])
            rows.append(
                about | {
                    "group": name, "chi2": value, "df": 1, "epc": float(observed.change[0, g, k]),
                    "p_value": known * float(stats.chi2.sf(value, 1)),
                    "p_family": resampling_p(value, single),
                }
            )  # fmt: skip
        value = float(observed.together[0, k])
        rows.append(
            about | {
                "group": None, "chi2": value, "df": df, "epc": float("nan"),
                "p_value": known * float(stats.chi2.sf(value, df)),
                "p_family": resampling_p(value, joint),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
