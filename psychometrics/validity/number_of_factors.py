"""How many factors: all criteria side by side, the fit of each number, and where they disagree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.comparison_data import SAMPLES, comparison_data
from psychometrics.stats.efa import most_factors
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.stats.retention import (
    empirical_kaiser,
    leading,
    minimum_average_partial,
    spectrum,
)
from psychometrics.validity.arguments import check_samples
from psychometrics.validity.correlations import (
    Correlation,
    ItemCorrelations,
    Items,
    item_correlations,
)
from psychometrics.validity.exploration import extracted, fit_series, solution_problem
from psychometrics.validity.factorability import FACTORABILITY_COLUMNS, factorability
from psychometrics.validity.parallel import ParallelAnalysis, parallel_of
from psychometrics.validity.progress import Progress
from psychometrics.validity.selection import Keyed, Selection
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

CRITERIA = {
    "parallel_components": "parallel analysis of components",
    "parallel_factors": "parallel analysis of factors",
    "map": "minimum average partial",
    "empirical_kaiser": "empirical Kaiser criterion",
    "comparison_data": "comparison data",
    "map_fourth": "minimum average partial, fourth powers",
    "bic": "lowest BIC",
    "rmsea_low": "lower limit of RMSEA below .05",
}
COUNTED = ("parallel_components", "parallel_factors", "map", "empirical_kaiser", "comparison_data")
"""Criteria whose votes are counted; the others are variants, or judge the fit of a model."""

CLOSE_FIT = 0.05

ADEQUACY_COLUMNS = FACTORABILITY_COLUMNS[2:]

CRITERION_COLUMNS = ("criterion", "n_factors", "counted", "n_obs", "method", "reason")

FIT_COLUMNS = (
    "n_factors", "chi2", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr",
    "bic", "n_obs", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class NumberOfFactors:
    """What the criteria say of the number of factors.

    Attributes
    ----------
    criteria : DataFrame
        One row a criterion: ``criterion``, ``n_factors`` (NaN where it can't be had), ``counted``,
        ``n_obs``, ``method``, ``reason``.
    fits : DataFrame
        One row a number of factors: fit indices of the exploratory model, and in ``reason`` why it
        should not be interpreted (a Heywood case).
    n_factors : int
        The number that most of the counted criteria name; among equals the one nearest to parallel
        analysis of components.
    low, high : int
        Lowest and highest number that a counted criterion names.
    summary : Reason
        How the criteria agree and disagree, in a sentence with its code.
    parallel : ParallelAnalysis
        Eigenvalues and thresholds.
    n_obs, n_missing : int
        People analysed; rows left out.
    method : str
        Of the correlations.
    sample : ItemCorrelations
        What was analysed.
    """

    criteria: pd.DataFrame
    fits: pd.DataFrame
    n_factors: int
    low: int
    high: int
    summary: Reason
    parallel: ParallelAnalysis
    n_obs: int
    n_missing: int
    method: str
    sample: ItemCorrelations

    @cached_property
    def factorability(self) -> pd.DataFrame:
        """Sampling adequacy (KMO) and Bartlett's test of sphericity, of complete rows.

        One row: ``kmo bartlett_chi2 bartlett_df bartlett_p n_obs method reason``.
        """
        rows, items = self.sample.rows, self.sample.items
        if rows is None or self.sample.pooling == "within":
            why = reason("needs_answers_of_one_group")
            return tidy([{"n_obs": self.n_obs, "reason": why}], ADEQUACY_COLUMNS)
        keyed = Keyed({"items": items}, items, np.ones(len(items)))
        nobody = np.full(len(rows), -1, dtype=np.int64)
        return factorability(Selection(keyed, rows, nobody, ()))[list(ADEQUACY_COLUMNS)]

    def plot(self, **options: Any) -> Any:
        """Draw the scree; see :func:`psychometrics.plots.plot_scree`."""
        return self.parallel.plot(**options)

    def __str__(self) -> str:
        return f"Number of factors ({self.method}), n = {self.n_obs}: {self.summary}"

    def _repr_html_(self) -> str:
        from html import escape

        shown = self.criteria.assign(criterion=self.criteria["criterion"].map(CRITERIA))
        shown = shown.drop(columns=["n_obs", "counted"])
        tables = shown.to_html(index=False, na_rep="", float_format="{:.0f}".format)
        fits = self.fits.to_html(index=False, na_rep="", float_format="{:.3f}".format)
        return f"<p>{escape(str(self))}</p>{tables}{fits}"


@one_blas_thread()
def number_of_factors(
    data: Any,
    *,
    correlation: Correlation = "pearson",
    items: Items = None,
    missing: str = "listwise",
    group: str | None = None,
    percentile: float = 95.0,
    n_replicates: int | None = None,
    n_samples: int = SAMPLES,
    rng: Rng = None,
    progress: Progress | None = None,
) -> NumberOfFactors:
    """Ask several criteria for the number of factors, and say how they disagree.

    Parameters
    ----------
    data : frame, Responses or Moments
        As for :func:`psychometrics.efa`, with `correlation`, `items`, `missing` and `group`.
    percentile, n_replicates
        Of parallel analysis, see :func:`psychometrics.parallel_analysis`.
    n_samples : int
        Samples of each population of comparison data; 0 leaves that criterion out. It needs
        complete answers.
    rng : int or Generator, optional
        Seed; 0 by default.
    progress : callable, optional
        Called with the numbers that comparison data tried, which takes longest, and all that it
        may try; it ends when one is found.

    Returns
    -------
    NumberOfFactors

    Raises
    ------
    DataError
        As for :func:`psychometrics.efa`.

    References
    ----------
    Auerswald, M., & Moshagen, M. (2019). How to determine the number of factors to retain in
    exploratory factor analysis: A comparison of extraction methods under realistic conditions.
    Psychological Methods, 24, 468-491. doi:10.1037/met0000200
    Preacher, K. J., Zhang, G., Kim, C., & Mels, G. (2013). Choosing the optimal number of factors
    in exploratory factor analysis: A model selection perspective. Multivariate Behavioral Research,
    48, 28-56. doi:10.1080/00273171.2012.710386

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=(300, 2)).repeat(4, axis=1)
    >>> frame = pd.DataFrame(person + rng.normal(size=(300, 8)), columns=list("abcdefgh"))
    >>> print(number_of_factors(frame, n_samples=100, rng=1).summary)
    All 5 criteria say 2 factors.
    """
    check_samples(n_samples)
    sample = item_correlations(
        data, items=items, correlation=correlation, missing=missing, group=group
    )
    seed = seed_of(rng)
    parallel = parallel_of(sample, seed, percentile=percentile, n_replicates=n_replicates)
    rows: list[dict[str, Any]] = [
        said(sample, "parallel_components", parallel.n_components, parallel.method),
        said(sample, "parallel_factors", parallel.n_factors, parallel.method),
        *eigenvalue_criteria(sample),
        comparison(sample, n_samples, seed, progress),
    ]
    named = [row["n_factors"] for row in rows if not np.isnan(row["n_factors"])]
    fits = fits_of(sample, int(max(named)) + 1)
    rows += fit_criteria(sample, fits)
    order = list(CRITERIA)
    rows.sort(key=lambda row: order.index(row["criterion"]))
    criteria = tidy(rows, CRITERION_COLUMNS)
    votes = criteria[criteria["counted"] & criteria["n_factors"].notna()]
    chosen = most_named(votes["n_factors"].astype(int).tolist(), parallel.n_components)
    return NumberOfFactors(
        criteria,
        fits,
        chosen,
        int(votes["n_factors"].min()),
        int(votes["n_factors"].max()),
        summary_of(votes, chosen),
        parallel,
        sample.n_obs,
        sample.n_missing,
        sample.method,
        sample,
    )


def said(
    sample: ItemCorrelations,
    criterion: str,
    n_factors: float,
    method: str,
    why: Reason = NO_REASON,
) -> dict[str, Any]:
    """Return the row of one criterion."""
    return {
        "criterion": criterion,
        "n_factors": float(n_factors),
        "counted": criterion in COUNTED,
        "n_obs": sample.n_obs,
        "method": method,
        "reason": why,
    }


def eigenvalue_criteria(sample: ItemCorrelations) -> list[dict[str, Any]]:
    """Return what follows from the eigenvalues and components without sampling."""
    partial = minimum_average_partial(sample.correlation)
    values = spectrum(sample.correlation)
    kaiser = leading(values > empirical_kaiser(values, sample.n))
    return [
        said(sample, "map", partial.n_factors, sample.method),
        said(sample, "map_fourth", partial.n_factors_fourth, sample.method),
        said(sample, "empirical_kaiser", kaiser, sample.method),
    ]


def comparison(
    sample: ItemCorrelations, n_samples: int, seed: int, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the row of comparison data."""
    why = NO_REASON
    if sample.rows is None or sample.kind != "pearson" or sample.pooling == "within":
        why = reason("needs_answers_of_one_group")
    elif not sample.complete:
        why = reason("needs_complete_answers")
    elif not n_samples:
        why = reason("not_asked_for")
    if why or sample.rows is None:
        return said(sample, "comparison_data", np.nan, sample.method, why)
    rng = stream(seed, "comparison data")
    found = comparison_data(sample.rows, rng, n_samples=n_samples, progress=progress)
    if not found.defined:
        why = reason("samples_without_variation")
        return said(sample, "comparison_data", np.nan, sample.method, why)
    method = f"{sample.method}, {n_samples} samples a number"
    return said(sample, "comparison_data", found.n_factors, method)


def fits_of(sample: ItemCorrelations, most: int) -> pd.DataFrame:
    """Return the fit of every number of factors up to one past the largest that is named."""
    method = "ml" if sample.positive_definite else "minres"
    rows = []
    for m in range(1, min(max(most, 2), most_factors(len(sample.items))) + 1):
        found = extracted(sample, m, method)
        fit = fit_series(sample, found, None, method)
        problem = solution_problem(sample, found)
        rows.append({"n_factors": m, **fit, "reason": problem})
    return tidy(rows, FIT_COLUMNS)


def fit_criteria(sample: ItemCorrelations, fits: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the numbers with the lowest BIC and with the first RMSEA that can be close."""
    method = f"ML, {sample.method}"
    usable = (fits["reason"] == "") & fits["chi2"].notna()
    numbers = fits["n_factors"].to_numpy(dtype=float)
    bic = fits["bic"].where(usable).to_numpy(dtype=float)
    low = fits["rmsea_low"].where(usable).to_numpy(dtype=float)
    best, first = np.nan, np.nan
    no_bic, no_close = NO_REASON, NO_REASON
    if np.isnan(bic).all():
        no_bic = reason("no_likelihood")
    else:
        best = float(numbers[np.nanargmin(bic)])
    if np.isnan(low).all():
        no_close = reason("no_likelihood")
    elif np.any(low < CLOSE_FIT):
        first = float(numbers[low < CLOSE_FIT].min())
    else:
        no_close = reason("none_fits_closely")
    return [
        said(sample, "bic", best, method, no_bic),
        said(sample, "rmsea_low", first, method, no_close),
    ]


def most_named(numbers: list[int], nearest_to: int) -> int:
    """Return the number named most often; among equals the nearest to a given one.

    Examples
    --------
    >>> most_named([5, 6, 5, 6, 9], 5)
    5
    """
    count = Counter(numbers)
    return min(count, key=lambda number: (-count[number], abs(number - nearest_to), number))


def summary_of(votes: pd.DataFrame, chosen: int) -> Reason:
    """Say how the counted criteria agree and disagree."""
    by_number: dict[int, list[str]] = {}
    for number in sorted(set(votes["n_factors"])):
        named = votes.loc[votes["n_factors"] == number, "criterion"]
        by_number[int(number)] = [CRITERIA[name] for name in named]
    if len(by_number) == 1:
        return reason("criteria_agree", n_criteria=len(votes), factors=factors_text(chosen))
    others = "; ".join(
        f"{factors_text(number)}: {', '.join(names)}"
        for number, names in by_number.items()
        if number != chosen
    )
    return reason(
        "criteria_disagree",
        n_for=len(by_number[chosen]),
        n_criteria=len(votes),
        factors=factors_text(chosen),
        names=", ".join(by_number[chosen]),
        others=others,
        low=min(by_number),
        high=max(by_number),
    )


def factors_text(number: int) -> str:
    """Return a number of factors in words that fit a sentence."""
    return "1 factor" if number == 1 else f"{number} factors"
