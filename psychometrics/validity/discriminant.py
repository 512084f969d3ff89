"""Discriminant validity: whether two scales are measures of two things."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, DataError, check_option, reason
from psychometrics.stats.reliability import average_variance_extracted
from psychometrics.stats.resampling import Rng, seed_of
from psychometrics.validity.arguments import check_level, check_samples, need_two_scales
from psychometrics.validity.coverage import short_words
from psychometrics.validity.difference_tests import Tests, correlation_place, difference_tests
from psychometrics.validity.factors import (
    ALL_SCALES,
    TWO_SCALES,
    FactorModels,
    factor_of,
)
from psychometrics.validity.htmt import htmt_of
from psychometrics.validity.robust_units import with_robust_errors
from psychometrics.validity.selection import Scales, Units, select
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import UnitFits, tidy

StandardErrors = Literal["standard", "robust"]

WORDS = {"standard": "Wald interval", "robust": "Wald interval, Huber-White"}

DISCRIMINANT_COLUMNS = (
    "scale_a", "scale_b", "group", "pooling", "correlation", "low", "high", "level", "class_",
    "htmt", "htmt_low", "htmt_high", "htmt2", "htmt2_low", "htmt2_high", "chi2_difference",
    "df_difference", "p_value", "cutoff", "ave_a", "ave_b", "shared_variance", "fornell_larcker",
    "n_obs", "method", "reason",
)  # fmt: skip


def discriminant_validity(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    cutoff: float = 0.9,
    level: float = 0.95,
    n_boot: int = 2000,
    rng: Rng = None,
    se: StandardErrors | None = None,
) -> pd.DataFrame:
    """Judge for every pair of scales, pooled and per site, whether they are two things.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.
    cutoff : float
        Size of the correlation that the chi-square difference tests against: a small p says that
        the correlation is smaller.
    level : float
        Coverage of the intervals.
    n_boot : int
        Bootstrap samples for HTMT; 0 for no interval.
    rng : int or Generator, optional
        Seed; 0 by default.
    se : {"robust", "standard"}, optional
        Standard errors of the correlations: Huber and White's, which hold for skewed answers, or
        by normal theory, as semTools has them. Robust by default, except for moments, which
        don't tell how answers are spread.

    Returns
    -------
    DataFrame
        One row a pair and unit: correlation of the factors with its interval, ``class_`` from
        the limit furthest from 0 (``none`` below .8, ``marginal`` below .9, ``moderate`` below 1,
        ``severe``), HTMT and HTMT2, chi-square difference against the cutoff, average variances
        extracted beside the shared variance (Fornell-Larcker).

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity.
    Organizational Research Methods, 25, 6-47. doi:10.1177/1094428120968614

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> discriminant_validity(frame, {"S": list("abc"), "T": list("def")}, n_boot=0)["class_"][0]
    'none'
    """
    if not 0 < cutoff <= 1:
        raise DataError(f"cutoff={cutoff!r} is no size of a correlation; give 0.9, say.")
    check_level(level)
    check_samples(n_boot)
    if se is not None:
        check_option("se", se, tuple(WORDS))
    need_two_scales(scales)
    chosen = select(data, scales, group=group)
    if se == "robust" and chosen.moments is not None:
        raise DataError("Moments can't tell how answers are spread; se='robust' needs answers.")
    ratios = htmt_of(chosen, ("htmt", "htmt2"), n_boot, level, seed_of(rng))
    errors: StandardErrors = se or ("robust" if chosen.moments is None else "standard")
    return discriminant_of(FactorModels(chosen), ratios, cutoff, level, errors)


@one_blas_thread()
def discriminant_of(
    models: FactorModels,
    ratios: pd.DataFrame,
    cutoff: float = 0.9,
    level: float = 0.95,
    se: StandardErrors = "robust",
) -> pd.DataFrame:
    """Judge the pairs from fitted models and HTMT; see :func:`discriminant_validity`."""
    chosen = models.chosen
    rows: list[dict[str, Any]] = []
    found = {
        (r["scale_a"], r["scale_b"], r["pooling"], r["group"], r["variant"]): r
        for r in ratios.to_dict("records")
    }
    tests = difference_tests(models.together, list(combinations(models.scales, 2)), cutoff)
    together = with_errors(models.together, models, se)
    for a, b in combinations(chosen.keyed.scales, 2):
        own = pair_rows(models, together, a, b, cutoff, level, tests, se)
        for row in own:
            row |= {"scale_a": a, "scale_b": b}
            for variant in ("htmt", "htmt2"):
                key = (a, b, row["pooling"], row["group"], variant)
                ratio_row = found.get(key, {})
                row[variant] = ratio_row.get("estimate", np.nan)
                row[f"{variant}_low"] = ratio_row.get("low", np.nan)
                row[f"{variant}_high"] = ratio_row.get("high", np.nan)
                # Sites without a correlation may have ratios, and ratios are of somebody.
                row["n_obs"] = row["n_obs"] or int(ratio_row.get("n_obs", 0))
        rows += own
    return tidy(rows, DISCRIMINANT_COLUMNS)


def with_errors(fitted: UnitFits, models: FactorModels, se: StandardErrors) -> UnitFits:
    """Return solutions with the standard errors asked for."""
    if se != "robust":
        return fitted
    return with_robust_errors(fitted, models.chosen, models.clusters)


def classify(low: float, high: float) -> str:
    """Name the problem by the limit of the correlation's interval furthest from 0.

    Examples
    --------
    >>> classify(0.3, 0.7), classify(-0.95, -0.5), classify(0.7, 1.02)
    ('none', 'moderate', 'severe')
    """
    furthest = max(abs(low), abs(high))
    for bound, name in ((0.8, "none"), (0.9, "marginal"), (1.0, "moderate")):
        if furthest < bound:
            return name
    return "severe"


def pair_rows(
    models: FactorModels,
    together: UnitFits,
    a: str,
    b: str,
    cutoff: float,
    level: float,
    tests: Tests,
    se: StandardErrors,
) -> list[dict[str, Any]]:
    """Return the rows of one pair: every unit, then the synthesis."""
    short = [s for s in (a, b) if s not in models.scales]
    barred = [models.barred[s] for s in (a, b) if s in models.barred]
    rows: list[dict[str, Any]] = []
    fallback, fallback_tests = None, tests
    if not short and any(together.reasons):
        fallback = with_errors(models.alone(a, b), models, se)
        fallback_tests = difference_tests(fallback, [(a, b)], cutoff)
    for unit in range(len(together.units)):
        row = blank_row(together.units, unit, cutoff, level)
        if barred:
            row["reason"] = barred[0]
        elif short:
            n_items = len(models.chosen.keyed.scales[short[0]])
            row["reason"] = reason("too_few_items", n_items=n_items, needed=2)
        elif not together.reasons[unit]:
            row |= latent_pair(together, unit, a, b, models, level, ALL_SCALES, se)
            row |= tests.get((unit, a, b), {})
        elif fallback is not None and not fallback.reasons[unit]:
            row["n_obs"] = int(fallback.units.n[unit])
            row |= latent_pair(fallback, unit, a, b, models, level, TWO_SCALES, se)
            row |= fallback_tests.get((unit, a, b), {})
        else:
            row["reason"] = (fallback or together).reasons[unit]
        rows.append(row)
    return rows + pooled_pair(rows, level, 0 if barred else len(models.chosen.groups))


def pooled_pair(rows: list[dict[str, Any]], level: float, n_groups: int) -> list[dict[str, Any]]:
    """Return the synthesis of the sites' correlations."""
    renamed = [{**row, "estimate": row["correlation"]} for row in rows]
    made = synthesize(renamed, level, at_least=n_groups)
    empty = ("chi2_difference", "df_difference", "p_value", "ave_a", "ave_b", "shared_variance")
    for row in made:
        row["correlation"] = row["estimate"]
        row |= dict.fromkeys(empty, np.nan) | {"fornell_larcker": None}
        row["class_"] = "unavailable" if row["reason"] else classify(row["low"], row["high"])
    return made


def blank_row(units: Units, unit: int, cutoff: float, level: float) -> dict[str, Any]:
    """Begin the row of a pair in a unit."""
    empty = (
        "correlation", "low", "high", "chi2_difference", "df_difference", "p_value", "ave_a",
        "ave_b", "shared_variance",
    )  # fmt: skip
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        **dict.fromkeys(empty, np.nan),
        "fornell_larcker": None,
        "class_": "unavailable",
        "cutoff": cutoff,
        "level": level,
        "n_obs": int(units.n[unit]),
        "method": "",
        "reason": NO_REASON,
    }


def latent_pair(
    fitted: UnitFits,
    unit: int,
    a: str,
    b: str,
    models: FactorModels,
    level: float,
    method: str,
    se: StandardErrors,
) -> dict[str, Any]:
    """Return the correlation of two factors, its class, and the variances beside it."""
    z, covariance = fitted.parameters(unit)
    place = correlation_place(fitted, a, b)
    estimate, error = float(z[place]), float(np.sqrt(np.maximum(covariance[place, place], 0.0)))
    width = float(stats.norm.isf((1 - fitted.normal_level(unit, level)) / 2)) * error
    extracted = {}
    for name, scale in (("ave_a", a), ("ave_b", b)):
        items, factor = models.scales[scale], factor_of(scale)
        loadings, _ = fitted.slots(unit, [fitted.slot(factor, "=~", item) for item in items])
        residuals, _ = fitted.slots(unit, [fitted.slot(item, "~~", item) for item in items])
        extracted[name] = float(average_variance_extracted(loadings, residuals))
    inside, known = abs(estimate) < 1 and error > 0, np.isfinite(error)
    short = short_words("correlation", se, float(fitted.units.n[unit]))
    errors = f"{WORDS[se]}{fitted.errors_told(unit)}{f', {short}' if short else ''}"
    return {
        "correlation": estimate,
        "low": estimate - width,
        "high": estimate + width,
        "class_": classify(estimate - width, estimate + width) if known else "unavailable",
        **extracted,
        "shared_variance": estimate**2,
        "fornell_larcker": bool(min(extracted.values()) > estimate**2),
        "method": f"{fitted.told(method, unit)}, {errors}",
        "reason": NO_REASON if known else fitted.no_errors(unit),
        "transformed": "fisher_z",
        "transformed_variance": (error / (1 - estimate**2)) ** 2 if inside else np.nan,
    }
