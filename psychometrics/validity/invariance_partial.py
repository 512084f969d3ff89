"""Partial invariance: what had to be set free, and factor means that don't rest on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import DataError, check_option
from psychometrics.stats.cfa.fiml import PatternData
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.resampling import Rng, percentile_interval, seed_of
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.cfa_bootstrap import ordinal_samples, resampled
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.comparability_frames import draw, fitted_frame
from psychometrics.validity.compare import difference
from psychometrics.validity.invariance_candidates import stages_of
from psychometrics.validity.invariance_fits import Freed, Ladder
from psychometrics.validity.invariance_search import (
    Adjust,
    Rules,
    Search,
    Searched,
    forward_search,
)
from psychometrics.validity.invariance_trials import SearchData
from psychometrics.validity.threads import one_blas_thread

STEP_COLUMNS = (
    "step", "level", "lhs", "op", "rhs", "group", "chi2", "epc", "p_value", "p_adjusted",
    "n_tests", "fall", "consequence",
)  # fmt: skip

TEST_COLUMNS = (
    "delta_chi2", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr",
)  # fmt: skip


@dataclass(frozen=True)
class PartialInvariance:
    """A model in which most is equal, and what is not.

    Attributes
    ----------
    steps : DataFrame
        What was set free, in order: ``step level lhs op rhs group``; its score test ``chi2`` (1
        df, for ordered items scaled by the answers' own sampling covariance), expected change
        ``epc``, ``p_value`` and ``p_adjusted`` over ``n_tests`` equalities; ``fall``, by how much
        chi-square really fell, scaled likewise; ``consequence``, an intercept set free because
        its loading is. With resampling ``share``: in what share of the samples the same parameter
        was set free.
    fit : CFAResult
        The model at the end.
    tests : DataFrame
        The difference of the partial model to the level before (with the same loadings and
        thresholds free) and to full invariance.
    means : DataFrame
        Factor means: ``factor group estimate se low high p_value``, in standard deviations of the
        first group (whose mean is 0). With resampling ``low`` and ``high`` are percentiles of
        samples in which the search was repeated, else they take the freed parameters as given.
        Empty for ``until="metric"``.
    groups : tuple of str
    until : str
    method : str
        Significance, adjustment, number of samples.
    n_failed : int
        Resampled searches without a maximum, left out of the intervals.
    freed : frozenset
        The freed parameters, with the groups' places.
    """

    steps: pd.DataFrame
    fit: CFAResult
    tests: pd.DataFrame
    means: pd.DataFrame
    groups: tuple[str, ...]
    until: str
    method: str
    n_failed: int
    freed: frozenset[Freed] = field(repr=False)
    ladder: Ladder = field(repr=False)

    def effect_sizes(self, reference: str | None = None) -> pd.DataFrame:
        """Say how much what was set free matters: dMACS and bias of items and scales.

        Parameters
        ----------
        reference : str, optional
            The group that others are held against; the first by default.

        Returns
        -------
        DataFrame
            See :func:`psychometrics.validity.invariance_effects.effect_sizes`. Items whose
            parameters are equal have effects of exactly 0; ordered items may have small ones, as
            their residual variances are not equal.

        Raises
        ------
        DataError
            For a search that stopped at loadings: factor means are not on one scale then.
        """
        if self.until != "scalar":
            raise DataError("Effect sizes need a partial scalar model; use until='scalar'.")
        return self.fit.effect_sizes(reference)

    def plot(
        self, what: Literal["means", "loadings", "intercepts"] = "means", **options: Any
    ) -> Any:
        """Draw factor means, loadings or intercepts of every group.

        See :func:`psychometrics.plots.plot_groups`.
        """
        check_option("what", what, ("means", "loadings", "intercepts"))
        if what == "means" and self.means.empty:
            raise DataError("A search that stopped at loadings has no factor means.")
        frame = self.means if what == "means" else fitted_frame(self.fit, what)
        return draw(frame, what, **options)

    def __str__(self) -> str:
        if self.steps.empty:
            return f"Partial invariance ({self.method}): nothing was set free."
        names = [
            f"{row['lhs']}{row['op']}{row['rhs']} ({row['group']})"
            for row in self.steps.to_dict("records")
        ]
        return f"Partial invariance ({self.method}): free are, in this order, {', '.join(names)}."

    def _repr_html_(self) -> str:
        from html import escape

        parts = [f"<p>{escape(str(self))}</p>"]
        for table in (self.steps, self.means):
            if len(table):
                parts.append(table.to_html(index=False, float_format="{:.3f}".format, na_rep=""))
        return "".join(parts)


@one_blas_thread()
def search_partial(
    ladder: Ladder,
    fits: dict[str, CFAResult],
    *,
    until: Literal["metric", "scalar"] = "scalar",
    significance: float = 0.05,
    adjust: Adjust = "holm",
    min_anchors: int = 2,
    resample: int = 0,
    level: float | None = None,
    rng: Rng = None,
) -> PartialInvariance:
    """Search for what is not equal; see ``InvarianceResult.partial``."""
    check_option("until", until, ("metric", "scalar"))
    check_option("adjust", adjust, ("holm", "bh"))
    check_level(significance)
    check_samples(resample)
    coverage = ladder.settings.level if level is None else level
    check_level(coverage)
    if min_anchors < 1:
        raise DataError(f"min_anchors={min_anchors!r}: every factor needs an equal item or more.")
    refuse(ladder, resample)
    stages = stages_of(ladder.base)
    levels = tuple(stages)[: tuple(stages).index(until) + 1]
    rules = Rules(significance, adjust, min_anchors)
    start = ladder.fit(ladder.table(()))
    wanted = mean_names(ladder) if until == "scalar" else []
    found = forward_search(ladder, answers_of(start), levels, rules, wanted)
    state = found.states[0]
    if state.failed:
        raise DataError(
            "The search came to a model without a maximum: "
            f"{', '.join(name_of(step.freed, ladder) for step in state.steps) or 'at its start'}. "
            "Use fewer items, or join groups."
        )
    final = ladder.fit(ladder.table(stages[until][1], state.freed))
    steps = step_frame(state, ladder)
    means = mean_frame(final, ladder, coverage) if wanted else pd.DataFrame()
    told = f"{adjust}, significance {significance:g}, {min_anchors} equal items a factor or more"
    n_failed = 0
    if resample:
        again = repeat(ladder, start, levels, rules, wanted, resample, seed_of(rng))
        n_failed = sum(one.failed for one in again.states)
        steps["share"] = [freed_share(again, ladder, row) for row in steps.to_dict("records")]
        if wanted:
            replace_limits(means, again, wanted, ladder, coverage)
        told += f"; {resample} samples in which the search was repeated"
    return PartialInvariance(
        steps,
        final,
        held_against(ladder, fits, final, until, state.freed),
        means,
        ladder.groups,
        until,
        told,
        n_failed,
        state.freed,
        ladder,
    )


def refuse(ladder: Ladder, resample: int) -> None:
    """Refuse what can't be searched."""
    if ladder.ordinal is not None:
        refuse_two_categories(ladder)
        return
    if ladder.settings.estimator not in ("ML", "MLR", "MLM"):
        raise DataError("The search is one of maximum likelihood; use estimator='ML' or 'MLR'.")
    if resample and ladder.chosen.moments is not None:
        raise DataError("Moments hold no people to draw again; leave resample out.")
    if resample and ladder.settings.missing != "listwise":
        raise DataError(
            "The search is repeated in samples of moments, which incomplete rows don't have; leave "
            "resample out, or use missing='listwise'."
        )


def refuse_two_categories(ladder: Ladder) -> None:
    """Refuse ordered items with one threshold, which no level can be searched for alone."""
    counts: dict[str, int] = {}
    for row in ladder.base.rows:
        if row.op == "|" and row.group == 0:
            counts[row.lhs] = counts.get(row.lhs, 0) + 1
    two = [item for item, count in counts.items() if count == 1]
    if two:
        raise DataError(
            f"Items of two categories ({', '.join(two)}) can't be searched: with one threshold, "
            "loadings and intercepts of a group can't be told apart from its scale (Wu & "
            "Estabrook, 2016). Free parameters yourself with cfa(group_partial=...)."
        )


def answers_of(fit: CFAResult) -> SearchData:
    """Return the answers that a model was fitted to, as one sample."""
    sample = fit.fitted.sample
    if isinstance(sample.likelihood, SampleMoments | OrdinalData | PatternData):
        return SearchData(sample.likelihood, sample)
    raise DataError("These answers can't be searched.")


def name_of(freed: Freed, ladder: Ladder) -> str:
    """Name a freed parameter with its group."""
    return f"{freed[0]}{freed[1]}{freed[2]} ({ladder.groups[freed[3]]})"


def step_frame(state: Search, ladder: Ladder) -> pd.DataFrame:
    """Return what was set free, in order."""
    rows = [
        {
            "step": at + 1, "level": one.level, "lhs": one.freed[0], "op": one.freed[1],
            "rhs": one.freed[2], "group": ladder.groups[one.freed[3]], "chi2": one.statistic,
            "epc": one.change, "p_value": one.p_value, "p_adjusted": one.p_adjusted,
            "n_tests": one.n_tests, "fall": one.fall, "consequence": one.consequence,
        }
        for at, one in enumerate(state.steps)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(STEP_COLUMNS))


def mean_names(ladder: Ladder) -> list[tuple[str, str, str, int]]:
    """Name the factor means of the later groups."""
    return [
        (factor, "~1", "", g) for factor in ladder.base.latent for g in range(1, len(ladder.groups))
    ]


def mean_frame(fit: CFAResult, ladder: Ladder, coverage: float) -> pd.DataFrame:
    """Return the factor means with the intervals of the model at the end."""
    own = fit.parameters
    own = own[(own["op"] == "~1") & own["lhs"].isin(ladder.base.latent)]
    width = special.ndtri((1 + coverage) / 2) * own["se"]
    return pd.DataFrame(
        {
            "factor": own["lhs"], "group": own["group"], "estimate": own["estimate"],
            "se": own["se"], "low": own["estimate"] - width, "high": own["estimate"] + width,
            "p_value": own["p_value"], "level": coverage,
        }
    ).reset_index(drop=True)  # fmt: skip


def repeat(
    ladder: Ladder,
    start: CFAResult,
    levels: tuple[str, ...],
    rules: Rules,
    wanted: list[tuple[str, str, str, int]],
    count: int,
    seed: int,
) -> Searched:
    """Repeat the search in samples of people drawn within groups."""
    sample = start.fitted.sample
    samples: SampleMoments | OrdinalData
    if sample.ordinal is not None:
        samples = ordinal_samples(start, sample.ordinal, count, "ordinary", seed, None)
    else:
        groups = [rows.values for rows in sample.rows]
        samples = resampled(groups, ladder.groups, count, seed, "invariance_partial")
    return forward_search(ladder, SearchData(samples, sample), levels, rules, wanted)


def freed_share(again: Searched, ladder: Ladder, row: Any) -> float:
    """Return in what share of the samples a parameter was set free too.

    With two groups it doesn't matter which of them is named.
    """
    name = (row["lhs"], row["op"], row["rhs"], ladder.groups.index(row["group"]))
    usable = [one for one in again.states if not one.failed]
    if not usable:
        return float("nan")
    return float(np.mean([name in one.freed for one in usable]))


def replace_limits(
    means: pd.DataFrame,
    again: Searched,
    wanted: list[tuple[str, str, str, int]],
    ladder: Ladder,
    coverage: float,
) -> None:
    """Take the intervals of factor means from the repeated searches."""
    low, high = percentile_interval(again.values, coverage)
    usable = np.isfinite(again.values).all(axis=1)
    spread = again.values[usable].std(axis=0, ddof=1) if usable.sum() > 1 else np.nan * low
    for k, (factor, _, _, g) in enumerate(wanted):
        at = (means["factor"] == factor) & (means["group"] == ladder.groups[g])
        means.loc[at, ["se", "low", "high"]] = [spread[k], low[k], high[k]]
        means.loc[at, "p_value"] = np.nan


def held_against(
    ladder: Ladder,
    fits: dict[str, CFAResult],
    final: CFAResult,
    until: str,
    freed: frozenset[Freed],
) -> pd.DataFrame:
    """Hold the partial model against the level before and against full invariance.

    The level before is fitted with the same parameters free: else it would not be the wider one.
    """
    stages = stages_of(ladder.base)
    names = ("configural", *stages)
    before = names[names.index(until) - 1]
    kept = {one for one in freed if one[1] != stages[until][0]}
    other = fits.get(before)
    if kept:
        other = ladder.fit(ladder.table(stages[before][1] if before in stages else (), kept))
        before = f"{before}, partial"
    pairs = [(until, fits.get(until), "partial", final), ("partial", final, before, other)]
    rows = []
    for name, one, wider_name, wider in pairs:
        if one is None or wider is None or one.fit_indices["df"] <= wider.fit_indices["df"]:
            continue
        ordered = one.fits.table.ordered != ()
        found = difference(one, wider, "satorra_2000" if ordered else "satorra_bentler_2001")
        changes = {key: found.get(key, np.nan) for key in TEST_COLUMNS}
        rows.append({"restricted": name, "wider": wider_name, **changes, "method": found["method"]})
    return pd.DataFrame(rows, columns=["restricted", "wider", *TEST_COLUMNS, "method"])
