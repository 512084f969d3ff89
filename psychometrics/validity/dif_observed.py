"""Rows of ordinal logistic regression and of Mantel's tests, people matched by a score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy import special

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.dif_logistic import expected_gaps, logistic_dif
from psychometrics.stats.mantel import (
    DELTA,
    common_log_odds,
    ets_class,
    mantel_tests,
    standardized_mean_difference,
)
from psychometrics.validity.dif_contrasts import Contrast
from psychometrics.validity.dif_matching import (
    Match,
    MatchOptions,
    Tables,
    n_other_anchors,
    purified,
    tables_of,
)
from psychometrics.validity.dif_sample import ScaleSample

Row = dict[str, Any]
NAN = float("nan")
KINDS = ("uniform", "nonuniform", "total")


def logistic_rows(
    sample: ScaleSample, contrasts: Sequence[Contrast], options: MatchOptions
) -> list[Row]:
    """Return one row an item and contrast, with tests of the groups and of their slopes."""
    matches = purified(
        sample,
        contrasts,
        options,
        lambda made: logistic_dif(made.counts, made.scores).p_value[:, 2],
    )
    if not any(one.open for one in matches):
        return [row for row, _ in rows_of(matches, "ordinal logistic regression", options)]
    made = tables_of(matches, options)
    found = logistic_dif(made.counts, made.scores)
    two = made.counts.shape[2] == 2
    gaps = expected_gaps(found, made.counts, made.scores, made.codes) if two else None
    more = made.counts.shape[2] - 1
    rows = []
    for row, at in rows_of(matches, "ordinal logistic regression", options):
        rows.append(row)
        if at is None:
            continue
        if not found.usable[at]:
            row["reason"] = reason("dif_no_maximum")
            continue
        row |= {"log_likelihood": float(found.log_likelihood[at, 1])}
        for k, kind in enumerate(KINDS):
            row |= {
                f"chi2_{kind}": float(found.chi2[at, k]), f"df_{kind}": float(found.df[at, k]),
                f"p_{kind}": float(found.p_value[at, k]), f"r2_{kind}": float(found.r2[at, k]),
            }  # fmt: skip
        row["p_value"] = row["p_total"]
        if gaps is None:
            continue
        separated = bool(found.level.separated[at])
        row["reason"] = reason("dif_separated") if separated else NO_REASON
        if separated:
            continue
        k = made.counts.shape[3] - 1
        row |= {
            "log_odds": float(found.level.effects[at, 1]),
            "log_odds_se": float(np.sqrt(found.level.covariance[at, k + 1, k + 1])),
        }
        if not found.slope.separated[at]:
            row["log_odds_slope"] = float(found.slope.effects[at, 1 + more] / made.unit[at])
            row["max_difference"] = float(gaps.most[at])
        row |= effect(row["sd"], float(gaps.estimate[at]), float(gaps.se[at]), options.level)
    return rows


def mantel_rows(
    sample: ScaleSample, contrasts: Sequence[Contrast], options: MatchOptions
) -> list[Row]:
    """Return one row an item and contrast, with Mantel's and the general test."""
    matches = purified(
        sample, contrasts, options, lambda made: mantel_tests(made.counts, made.codes).p_value
    )
    if not any(one.open for one in matches):
        return [row for row, _ in rows_of(matches, "Mantel", options)]
    made = tables_of(matches, options)
    tests = mantel_tests(made.counts, made.codes)
    two = made.counts.shape[2] == 2
    rows = []
    for row, at in rows_of(matches, "Mantel" if two else "generalized Mantel-Haenszel", options):
        rows.append(row)
        if at is None:
            continue
        if not np.isfinite(tests.p_value[at]):
            row["reason"] = reason("dif_nothing_to_match")
            continue
        row |= {
            "chi2": float(tests.statistic[at]), "df": float(tests.df[at]),
            "p_value": float(tests.p_value[at]), "chi2_general": float(tests.general[at]),
            "df_general": float(tests.df_general[at]), "p_general": float(tests.p_general[at]),
        }  # fmt: skip
        if two:
            row |= mantel_effect(made, at, row, options.level)
    return rows


def mantel_effect(made: Tables, at: int, row: Row, level: float) -> Row:
    """Return the mean difference, the common odds ratio, and ETS's class of a yes-no item."""
    own = slice(at, at + 1)
    gap = standardized_mean_difference(made.counts[own], made.codes[own])
    odds = common_log_odds(made.counts[own])
    found = effect(row["sd"], float(gap.estimate[0]), float(gap.se[0]), level)
    value, se = float(odds.estimate[0]), float(odds.se[0])
    width = special.ndtri((1 + level) / 2) * se
    found |= {
        "log_odds": value, "log_odds_se": se, "log_odds_low": value - width,
        "log_odds_high": value + width,
    }  # fmt: skip
    if not np.isfinite(value):
        found["reason"] = reason("dif_separated")
    if len(np.unique(made.codes[at])) == 2:
        found["delta"] = DELTA * value
        p = np.array([row["p_value"]])
        found["ets_class"] = ets_class(odds.estimate, odds.se, p)[0]
    return found


def effect(sd: float, points: float, se: float, level: float) -> Row:
    """Return an effect in points and in standard deviations of the item."""
    width = special.ndtri((1 + level) / 2) * se / sd
    return {
        "estimate": points / sd, "estimate_points": points, "se": se / sd,
        "low": points / sd - width, "high": points / sd + width,
    }  # fmt: skip


def rows_of(
    matches: Sequence[Match], method: str, options: MatchOptions
) -> Iterator[tuple[Row, int | None]]:
    """Yield each item's row in each contrast, and its table's place; None where there is none."""
    at = 0
    for one in matches:
        for item, why in enumerate(one.problems):
            row = blank(one, item, method, options, why)
            yield row, None if why else at
            at += not why


def blank(one: Match, item: int, method: str, options: MatchOptions, why: Reason) -> Row:
    """Return a row that says what it is about."""
    sample, contrast = one.sample, one.contrast
    n_anchors = n_other_anchors(one, item)
    summed = f"{n_anchors} other items" + (
        " and the item itself" if options.matching == "total" else ""
    )
    purified_in = f", purified (rounds: {one.rounds})" if one.rounds else ""
    row: Row = {
        "scale": sample.scale, "item": sample.items[item], "contrast": contrast.name,
        "group_a": contrast.label_a, "group_b": contrast.label_b, "kind": "uniform",
        "n_a": sample.count(contrast.side_a, item), "n_b": sample.count(contrast.side_b, item),
        "n_anchors": n_anchors, "sd": sample.pooled_sd(contrast, item), "p_value": NAN,
        "method": f"{method}, matched on the sum of {summed}{purified_in}", "reason": why,
        "ets_class": "",
    }  # fmt: skip
    return row
