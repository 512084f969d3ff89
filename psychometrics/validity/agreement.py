"""Agreement: whether raters, occasions or forms give the same person the same value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.agreement import (
    Bounded,
    IntraclassForm,
    error_variance,
    intraclass_correlation,
    mean_squares,
)
from psychometrics.stats.kappa import (
    WEIGHTS,
    KappaWeights,
    agreement_weights,
    cohen_kappa,
    fleiss_kappa,
    pair_counts,
)
from psychometrics.stats.limits_of_agreement import INTERVALS, LimitsInterval, limits_of_agreement
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.arguments import check_level
from psychometrics.validity.ratings import Ratings, RatingTable, read_ratings
from psychometrics.validity.synthesis import interval_variance, synthesize
from psychometrics.validity.units import tidy

AGREEMENT_COLUMNS = (
    "statistic", "model", "rater_a", "rater_b", "group", "pooling", "estimate", "low", "high",
    "level", "n_targets", "n_raters", "n_dropped", "method", "reason", "n_groups", "tau2", "i2",
    "prediction_low", "prediction_high",
)  # fmt: skip

ICC, SEM, SDC = "icc", "standard_error_of_measurement", "smallest_detectable_change"
FORM_WORDS: dict[IntraclassForm, str] = {
    "1": "one-way random",
    "A": "two-way random, absolute agreement",
    "C": "two-way mixed, consistency",
}
FORM_NAMES: dict[IntraclassForm, str] = {"1": "ICC(1,{})", "A": "ICC(2,{})", "C": "ICC(3,{})"}
FORM_OF_ERROR: dict[IntraclassForm, str] = {"1": "one-way", "A": "agreement", "C": "consistency"}
FORM_INTERVALS: dict[IntraclassForm, str] = {
    "1": "exact F interval",
    "A": "F interval, Satterthwaite df",
    "C": "exact F interval",
}
ERROR_INTERVALS: dict[IntraclassForm, str] = {
    "1": "exact chi-square interval",
    "A": "modified large-sample interval",
    "C": "exact chi-square interval",
}

GROUP_MEAN = "group mean"
FEWEST_TARGETS = 2

Row = dict[str, Any]


def agreement(
    data: Any,
    targets: str,
    raters: str,
    ratings: str,
    *,
    level: float = 0.95,
    group: str | None = None,
    categorical: bool = False,
    weights: KappaWeights = "quadratic",
    interval: LimitsInterval = "exact",
) -> pd.DataFrame:
    """Estimate how well repeated ratings of the same targets agree, in total and per site.

    Parameters
    ----------
    data : frame
        One row a rating.
    targets, raters, ratings : str
        Columns of who is rated, of who or what rates (a person, an occasion, a form), and of the
        rating.
    level : float
        Coverage of the intervals, and the certainty behind a smallest detectable change.
    group : str, optional
        Column of the sites. Adds a row a site and the synthesis of the sites.
    categorical : bool
        The ratings are categories: kappa instead of intraclass correlations, errors and limits.
    weights : {"quadratic", "linear", "unweighted"}
        How near misses count in Cohen's kappa; texts have no distance and need "unweighted".
    interval : {"exact", "approximate"}
        Of the limits of agreement: noncentral t (Carkeet, 2015), or Bland and Altman's (1999).

    Returns
    -------
    DataFrame
        One row a statistic, model, pair of raters where it is about a pair, and unit. ``icc``
        (six models), ``standard_error_of_measurement``, ``smallest_detectable_change``,
        ``mean_difference``, ``lower_limit``, ``upper_limit``; or ``kappa``, ``fleiss_kappa``.
        ``n_dropped`` counts targets that some rating is missing of.

    Raises
    ------
    DataError
        Absent columns, text in place of numbers, a target that a rater rated twice, one rater.

    References
    ----------
    Shrout & Fleiss (1979), McGraw & Wong (1996), de Vet et al. (2006): see
    :mod:`psychometrics.stats.agreement`. Fleiss, Cohen & Everitt (1969), Fleiss (1971), Gwet
    (2008): see :mod:`psychometrics.stats.kappa`. Bland & Altman (1986, 1999), Carkeet (2015): see
    :mod:`psychometrics.stats.limits_of_agreement`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"person": [1, 1, 2, 2, 3, 3, 4, 4], "occasion": [1, 2] * 4,
    ...                       "score": [9, 8, 6, 5, 8, 8, 2, 3]})
    >>> table = agreement(frame, "person", "occasion", "score")
    >>> table.loc[table["statistic"] == "icc", ["model", "estimate"]].round(3).values.tolist()[:2]
    [['ICC(1,1)', 0.952], ['ICC(1,k)', 0.975]]
    """
    check_level(level)
    check_option("weights", weights, WEIGHTS)
    check_option("interval", interval, INTERVALS)
    given = read_ratings(data, targets, raters, ratings, group, categorical=categorical)
    refuse_unfit(given, raters, weights, categorical=categorical)
    units = []
    for pooling, name, table in given.units():
        if categorical:
            own = kappa_rows(table, given, level, weights)
        else:
            own = [*component_rows(table, level), *limit_rows(table, level, interval)]
        units.append([{"group": name, "pooling": pooling, "level": level, **row} for row in own])
    rows = with_synthesis(units, level, len(given.groups))
    made = tidy(rows, AGREEMENT_COLUMNS)
    for name in ("rater_a", "rater_b"):
        made[name] = pd.Series([row[name] for row in rows], index=made.index, dtype=object)
    return made


def refuse_unfit(given: Ratings, raters: str, weights: str, *, categorical: bool) -> None:
    """Refuse ratings of a single rater, and distances between texts."""
    if len(given.raters) < 2:
        raise DataError(
            f"Agreement needs two raters or more; the column {raters!r} holds {len(given.raters)}."
        )
    if categorical and given.categories and weights != "unweighted":
        raise DataError(
            f"The ratings are texts such as {given.categories[0]!r}, between which there is no "
            f"distance for weights={weights!r}. Code them as numbers, or use weights='unweighted'."
        )


def with_synthesis(units: list[list[Row]], level: float, n_groups: int) -> list[Row]:
    """Return the rows statistic by statistic, each with its units and their synthesis."""
    by_statistic: dict[tuple[Any, ...], list[Row]] = {}
    for own in units:
        for row in own:
            key = (row["statistic"], row["model"], row["rater_a"], row["rater_b"])
            by_statistic.setdefault(key, []).append(row)
    rows: list[Row] = []
    for own in by_statistic.values():
        # How small a change of a mean can be seen depends on the people behind it: each site's own.
        at_least = 0 if own[0]["model"].endswith(GROUP_MEAN) else n_groups
        made = synthesize([{**row, "n_obs": row["n_targets"]} for row in own], level,
                          at_least=at_least)  # fmt: skip
        for row in made:
            used = [one for one in own if one["group"] is not None and not one["reason"]]
            row["n_targets"] = row.pop("n_obs")
            row["n_dropped"] = sum(one["n_dropped"] for one in used)
        rows += own + made
    return rows


def blank(
    statistic: str, model: str, n_targets: int, n_raters: int, n_dropped: int, method: str
) -> Row:
    """Begin the row of a statistic."""
    return {
        "statistic": statistic, "model": model, "rater_a": None, "rater_b": None,
        "estimate": np.nan, "low": np.nan, "high": np.nan, "n_targets": n_targets,
        "n_raters": n_raters, "n_dropped": n_dropped, "method": method, "reason": NO_REASON,
    }  # fmt: skip


def filled(row: Row, found: Bounded, scale: str, level: float, empty: Reason) -> Row:
    """Put estimate and limits into a row, or say why there are none."""
    row |= {"estimate": found.estimate, "low": found.low, "high": found.high}
    if not np.isfinite(found.estimate):
        return row | {"estimate": np.nan, "reason": empty}
    if not np.isfinite(found.low):
        return row | {"reason": reason("ratings_without_error")}
    return row | {
        "transformed": scale,
        "transformed_variance": float(interval_variance(found.low, found.high, scale, level)),
    }


def ratings_problem(values: FloatArray) -> Reason:
    """Say why ratings can't be analysed; empty if they can."""
    n, k = values.shape
    if k < 2 or n < FEWEST_TARGETS:
        return reason("too_few_targets", n_targets=n, needed=FEWEST_TARGETS)
    return NO_REASON if np.ptp(values) > 0 else reason("ratings_do_not_vary")


def component_rows(table: RatingTable, level: float) -> list[Row]:
    """Return the intraclass correlations and the errors of measurement of one unit."""
    correlations: list[Row] = []
    errors: list[Row] = []
    z = float(special.ndtri((1 + level) / 2))
    for form in ("1", "A", "C"):
        values = table.nested() if form == "1" else table.crossed()
        n, k = values.shape
        why = ratings_problem(values)
        squares = None if why else mean_squares(values)
        about = (n, k, len(table.values) - n)
        for average in (False, True):
            words = f"{FORM_WORDS[form]}, {'mean of all raters' if average else 'single rating'}"
            row = blank(ICC, FORM_NAMES[form].format("k" if average else 1), *about,
                        f"{words}; {FORM_INTERVALS[form]}")  # fmt: skip
            if squares is None:
                correlations.append(row | {"reason": why})
                continue
            found = intraclass_correlation(squares, form, average=average, level=level)
            empty = reason("icc_undefined")
            correlations.append(filled(row, found, "fisher_z", level, empty))
        for statistic, model, factor in error_kinds(FORM_OF_ERROR[form], z, n):
            words = f"{FORM_WORDS[form]}; {ERROR_INTERVALS[form]}"
            row = blank(statistic, model, *about, words)
            if squares is None:
                errors.append(row | {"reason": why})
                continue
            found = rooted(error_variance(squares, form, level=level), factor)
            errors.append(filled(row, found, "log", level, NO_REASON))
    return correlations + sorted(errors, key=lambda row: row["statistic"] == SDC)


def error_kinds(form: str, z: float, n: int) -> tuple[tuple[str, str, float], ...]:
    """Return statistic, model, and what the standard error of measurement is multiplied by."""
    change = z * 2**0.5
    return (
        (SEM, form, 1.0),
        (SDC, f"{form}, individual", change),
        (SDC, f"{form}, {GROUP_MEAN}", change / max(n, 1) ** 0.5),
    )


def rooted(found: Bounded, factor: float) -> Bounded:
    """Return a multiple of the root of a variance."""
    root = [factor * max(v, 0.0) ** 0.5 for v in (found.estimate, found.low, found.high)]
    return Bounded(*root) if np.isfinite(found.low) else Bounded(root[0], np.nan, np.nan)


def limit_rows(table: RatingTable, level: float, interval: LimitsInterval) -> list[Row]:
    """Return mean difference and limits of agreement of every pair of raters."""
    rows: list[Row] = []
    ends = {"exact": "noncentral t interval", "approximate": "approximate interval"}[interval]
    for a, b, both in table.pairs():
        about = (len(both), 2, len(table.values) - len(both))
        pair = {"rater_a": a, "rater_b": b}
        why = ratings_problem(both)
        if why.code == "ratings_do_not_vary":  # equal ratings have a difference all the same
            why = NO_REASON
        found = None if why else limits_of_agreement(
            both[:, 0] - both[:, 1], coverage=level, level=level, interval=interval
        )  # fmt: skip
        for statistic, part, how in (
            ("mean_difference", "bias", "t interval"),
            ("lower_limit", "lower", ends),
            ("upper_limit", "upper", ends),
        ):
            model = "first less second" if part == "bias" else f"{level:g} of differences"
            row = blank(statistic, model, *about, how) | pair
            if found is None:
                rows.append(row | {"reason": why})
            else:
                rows.append(filled(row, getattr(found, part), "identity", level, NO_REASON))
    return rows


def kappa_rows(
    table: RatingTable, given: Ratings, level: float, weights: KappaWeights
) -> list[Row]:
    """Return Cohen's kappa of every pair of raters, and Fleiss's of all."""
    values = given.values[~np.isnan(given.values)]
    known = np.unique(values)
    wanted = dict.fromkeys(("unweighted", weights))
    rows: list[Row] = []
    for kind in wanted:
        for a, b, both in table.pairs():
            row = blank("kappa", kind, len(both), 2, len(table.values) - len(both), KAPPA_METHOD)
            row |= {"rater_a": a, "rater_b": b}
            if len(both) < FEWEST_TARGETS:
                why = reason("too_few_targets", n_targets=len(both), needed=FEWEST_TARGETS)
                rows.append(row | {"reason": why})
                continue
            first, second = np.searchsorted(known, both.T)
            counts = pair_counts(first, second, len(known))
            found = cohen_kappa(counts, agreement_weights(known, kind), level)
            rows.append(filled(row, found, "fisher_z", level, reason("one_category")))
    return [*rows, fleiss_row(table.nested(), known, len(table.values), level)]


KAPPA_METHOD = "Cohen's kappa, Fleiss-Cohen-Everitt variance"


def fleiss_row(values: FloatArray, known: FloatArray, n_all: int, level: float) -> Row:
    """Return Fleiss's kappa, which doesn't ask who gave which rating."""
    n, k = values.shape
    row = blank("fleiss_kappa", "unweighted", n, k, n_all - n, "Fleiss's kappa, Gwet variance")
    if n < FEWEST_TARGETS:
        return row | {"reason": reason("too_few_targets", n_targets=n, needed=FEWEST_TARGETS)}
    counts = (values[:, :, None] == known).sum(axis=1).astype(float)
    return filled(row, fleiss_kappa(counts, level), "fisher_z", level, reason("one_category"))
