"""Whether reliability differs between sites: all at once, and two by two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.alpha_differences import (
    difference_limits,
    feldt_test,
    hakstian_whalen,
    holm,
    homogeneity,
)
from psychometrics.stats.moments import Moments
from psychometrics.stats.synthesis import TRANSFORMS
from psychometrics.validity.coefficients import IntervalChoice
from psychometrics.validity.internal_consistency import scale_rows
from psychometrics.validity.reliability_call import Call, prepare
from psychometrics.validity.selection import SITE, Missing, Scales
from psychometrics.validity.synthesis import SCALES, can_take_part
from psychometrics.validity.units import tidy

DIFFERENCE_COLUMNS = (
    "scale", "coefficient", "comparison", "group_a", "group_b", "estimate_a", "estimate_b",
    "difference", "low", "high", "level", "statistic", "df", "df2", "p_value", "p_adjusted",
    "n_obs", "n_a", "n_b", "n_groups", "method", "reason",
)  # fmt: skip

WITHOUT_ONE_VALUE = ("omega_subscale",)

Row = dict[str, Any]


def reliability_differences(
    data: Any,
    scales: Scales,
    group: str,
    *,
    coefficients: Sequence[str] = ("alpha",),
    level: float = 0.95,
    interval: IntervalChoice = "auto",
    missing: Missing = "pairwise",
    weights: str | None = None,
    cluster: str | None = None,
    n_boot: int = 1000,
    rng: Any = None,
) -> pd.DataFrame:
    """Compare the reliability of each scale between sites, all at once and two by two.

    Parameters
    ----------
    data : frame or Responses
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str
        Column of the sites.
    coefficients : sequence of str
        As for :func:`psychometrics.reliability`, but ``omega_subscale``.
    level : float
        Coverage of the intervals of differences.
    interval, missing, weights, cluster, n_boot, rng
        As for :func:`psychometrics.reliability`: how the sites' own intervals are made.

    Returns
    -------
    DataFrame
        For each scale and coefficient one row ``comparison == "all"`` with the test that all
        sites share one value, then a row for each pair: difference with its interval, test,
        p-value, and the p-value adjusted for the number of pairs (Holm). Sites without an
        estimate are left out of the first and have a reason in the others.

    Raises
    ------
    DataError
        As for :func:`psychometrics.reliability`; no groups.

    References
    ----------
    Feldt (1969), Hakstian & Whalen (1976), Bonett & Wright (2015), Holm (1979): see
    :mod:`psychometrics.stats.alpha_differences`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> noise = np.random.default_rng(2).normal(size=(200, 3))
    >>> frame = pd.DataFrame(person + noise, columns=["a", "b", "c"])
    >>> frame["site"] = ["x", "y"] * 100
    >>> found = reliability_differences(frame, {"S": ["a", "b", "c"]}, "site")
    >>> found["comparison"].tolist(), bool(found["p_value"].between(0, 1).all())
    (['all', 'pair'], True)
    """
    if isinstance(data, Moments):
        raise DataError("Differences between sites need the answers, with a column of the sites.")
    if any(name in coefficients for name in WITHOUT_ONE_VALUE):
        raise DataError("omega_subscale can't be compared here: it has a row a group factor.")
    call = prepare(
        data, scales, coefficients, group=group, level=level, interval=interval, missing=missing,
        weights=weights, cluster=cluster, n_boot=n_boot, rng=rng,
    )  # fmt: skip
    return differences_of(call, coefficients)


def differences_of(call: Call, coefficients: Sequence[str]) -> pd.DataFrame:
    """Return the differences of a call; see :func:`reliability_differences`.

    Nothing where there are no sites; coefficients without one value a site are left out.
    """
    rows: list[Row] = []
    compared = [name for name in coefficients if name not in WITHOUT_ONE_VALUE]
    scales = call.models.chosen.keyed.scales if call.models.chosen.groups else {}
    for scale in scales:
        for coefficient, (units, *_) in scale_rows(call, scale, compared).items():
            plain = coefficient == "alpha" and not call.settings.clustered
            made = scale_differences(units, call.settings.level, plain=plain)
            if scale in call.models.barred:
                # Nothing to compare: one row says why, not one a pair of sites.
                made = [made[0] | {"reason": call.models.barred[scale]}]
            rows += [{"scale": scale, "coefficient": coefficient, **row} for row in made]
    frame = tidy(rows, DIFFERENCE_COLUMNS)
    for name in ("group_a", "group_b"):
        frame[name] = pd.Series([row.get(name) for row in rows], index=frame.index, dtype=object)
    return frame


def scale_differences(units: list[Row], level: float, *, plain: bool) -> list[Row]:
    """Compare the sites of one scale and coefficient: all at once, then two by two."""
    sites = [row for row in units if row["pooling"] == SITE]
    pairs = [pair(a, b, level, plain=plain) for a, b in combinations(sites, 2)]
    adjusted = holm([row["p_value"] for row in pairs])
    for row, p in zip(pairs, adjusted, strict=True):
        row["p_adjusted"] = float(p)
    return [all_at_once(sites, level, plain=plain), *pairs]


def all_at_once(sites: list[Row], level: float, *, plain: bool) -> Row:
    """Test whether all sites with an estimate share one value."""
    used = [row for row in sites if not row["reason"] and can_take_part(row)]
    row: Row = {
        "comparison": "all", "n_groups": len(used), "level": level, "statistic": np.nan,
        "n_obs": sum(one["n_obs"] for one in used),
        "df": np.nan, "p_value": np.nan, "method": "", "reason": NO_REASON,
    }  # fmt: skip
    if len(used) < 2:
        return row | {"reason": reason("no_synthesis", n_sites=len(used))}
    estimates = np.array([one["estimate"] for one in used])
    if plain:
        k = np.array([one["n_items"] for one in used])
        found = hakstian_whalen(estimates, k, np.array([one["n_obs"] - 1 for one in used]))
        method = "Hakstian-Whalen test"
    else:
        scale = TRANSFORMS[used[0]["transformed"]]
        variances = np.array([one["transformed_variance"] for one in used])
        found = homogeneity(scale.forward(estimates), variances)
        method = f"Cochran's Q on the {SCALES[scale.name]} scale"
    return row | {
        "statistic": found.statistic, "df": found.df, "p_value": found.p_value, "method": method,
    }  # fmt: skip


def pair(a: Row, b: Row, level: float, *, plain: bool) -> Row:
    """Compare two sites."""
    row: Row = {
        "comparison": "pair", "group_a": a["group"], "group_b": b["group"],
        "estimate_a": a["estimate"], "estimate_b": b["estimate"], "n_a": a["n_obs"],
        "n_b": b["n_obs"], "n_obs": a["n_obs"] + b["n_obs"], "n_groups": 2, "level": level,
        "difference": np.nan, "low": np.nan,
        "high": np.nan, "p_value": np.nan, "method": "", "reason": missing_side(a, b),
    }  # fmt: skip
    if row["reason"]:
        return row
    low, high = difference_limits(*((one["estimate"], one["low"], one["high"]) for one in (a, b)))
    row |= {"difference": a["estimate"] - b["estimate"], "low": low, "high": high}
    test = feldt_row(a, b) if plain else wald_row(a, b)
    if not np.isfinite(test["p_value"]):
        test = wald_row(a, b)
    row |= test
    row["method"] = f"{row['method']}; interval from the sites' intervals (Bonett-Wright)"
    return row


def missing_side(a: Row, b: Row) -> Reason:
    """Say which site has no estimate or no interval."""
    for one in (a, b):
        if one["reason"] or not can_take_part(one):
            why = one["reason"] or reason("no_variance_on_scale")
            return reason("site_without_estimate", site=one["group"], why=str(why))
    return NO_REASON


def feldt_row(a: Row, b: Row) -> Row:
    """Return Feldt's F test of two alphas."""
    sides = (a, b)
    found = feldt_test(
        [one["estimate"] for one in sides],
        [one["n_items"] for one in sides],
        [one["n_obs"] - 1 for one in sides],
    )
    return {
        "statistic": found.statistic, "df": found.df1, "df2": found.df2,
        "p_value": found.p_value, "method": "Feldt F test",
    }  # fmt: skip


def wald_row(a: Row, b: Row) -> Row:
    """Return the test of the difference on the scale where the coefficients are near normal."""
    scale = TRANSFORMS[a["transformed"]]
    values = scale.forward(np.array([a["estimate"], b["estimate"]]))
    found = homogeneity(values, [a["transformed_variance"], b["transformed_variance"]])
    return {
        "statistic": found.statistic, "df": 1.0, "df2": np.nan, "p_value": found.p_value,
        "method": f"Wald test on the {SCALES[scale.name]} scale",
    }  # fmt: skip
