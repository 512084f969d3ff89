"""Multitrait scaling: whether each item goes with its own scale, and more so than with others."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.correlation import fisher_interval, fisher_variance
from psychometrics.stats.multitrait import (
    ItemScaleCorrelations,
    difference_interval,
    item_scale_correlations,
)
from psychometrics.validity.arguments import check_level, need_two_scales
from psychometrics.validity.selection import Missing, Scales, Selection, Units, select
from psychometrics.validity.units import tidy

CORRELATION_COLUMNS = (
    "scale", "item", "other", "group", "pooling", "own", "estimate", "low", "high", "difference",
    "difference_low", "difference_high", "outcome", "level", "n_obs", "method", "reason",
)  # fmt: skip
SCALE_COLUMNS = (
    "scale", "group", "pooling", "n_items", "own_lowest", "own_highest", "other_lowest",
    "other_highest", "n_convergent", "convergent_success", "n_tests", "definite_success",
    "probable_success", "probable_error", "definite_error", "scaling_success",
    "definite_scaling_success", "n_obs", "method", "reason",
)  # fmt: skip

OUTCOMES = ("definite_success", "probable_success", "probable_error", "definite_error")
PERFECT = 1 - 1e-9
CONVERGENT = 0.4
"""Correlation with the own scale, corrected for overlap, that counts as a success."""
DEFINITE = 2.0
"""Standard errors of a correlation from which a difference is definite."""
METHODS = {"listwise": "complete rows", "pairwise": "pairwise covariances"}

Row = dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class MultitraitScaling:
    """Item-scale correlations with their scaling tests, and how many of them succeed.

    Attributes
    ----------
    correlations : DataFrame
        One row an item, scale and unit. ``own`` rows hold the correlation with the rest of the
        item's own scale and whether it is high enough (``convergent``, ``not_convergent``);
        others the correlation with another scale, by how much the own one exceeds it, and the
        outcome of that test.
    scales : DataFrame
        One row a scale and unit: ranges of the correlations, and counts and shares of successes.
    convergent : float
        Correlation with the own scale that counts as convergent.
    standard_errors : float
        Difference, in standard errors of a correlation, from which a test is definite.
    """

    correlations: pd.DataFrame
    scales: pd.DataFrame
    convergent: float
    standard_errors: float

    def plot(self, **settings: Any) -> Any:
        """Draw the correlations; see :func:`psychometrics.plots.plot_multitrait`."""
        return import_module("psychometrics.plots").plot_multitrait(self, **settings)

    def to_frame(self) -> pd.DataFrame:
        """Return the scales."""
        return self.scales

    def __repr__(self) -> str:
        """Say how many tests succeeded in total."""
        total = self.scales[self.scales["pooling"] == "total"]
        tests = int(total["n_tests"].sum())
        fine = int((total["definite_success"] + total["probable_success"]).sum())
        return (
            f"<MultitraitScaling: {fine} of {tests} discriminant tests and "
            f"{int(total['n_convergent'].sum())} of {int(total['n_items'].sum())} convergent ones "
            "succeed>"
        )

    def _repr_html_(self) -> str:
        """Show the scales."""
        return str(self.scales.to_html(index=False))


def multitrait_scaling(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    level: float = 0.95,
    missing: Missing = "listwise",
    convergent: float = CONVERGENT,
    standard_errors: float = DEFINITE,
) -> MultitraitScaling:
    """Correlate every item with its own scale and with the others, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one; two scales or more.
    group : str, optional
        Column of the sites.
    level : float
        Coverage of the intervals.
    missing : {"listwise", "pairwise"}
        Rows complete on all items, or every covariance over the people who answered both.
    convergent : float
        Correlation with the own scale, corrected for overlap, that counts as a success.
    standard_errors : float
        How many standard errors of a correlation, 1/sqrt(n), make a difference definite.

    Returns
    -------
    MultitraitScaling

    Raises
    ------
    DataError
        Absent or non-numeric columns, fewer than two scales.

    References
    ----------
    Hays, R. D., & Hayashi, T. (1990). Beyond internal consistency reliability: rationale and
    user's guide for Multitrait Analysis Program on the microcomputer. Behavior Research Methods,
    Instruments, & Computers, 22, 167-175. doi:10.3758/BF03203140
    Ware, J. E., & Gandek, B. (1998). Methods for testing data quality, scaling assumptions, and
    reliability: the IQOLA Project approach. Journal of Clinical Epidemiology, 51, 945-952.
    doi:10.1016/S0895-4356(98)00085-7
    Campbell, D. T., & Fiske, D. W. (1959). Convergent and discriminant validation by the
    multitrait-multimethod matrix. Psychological Bulletin, 56, 81-105. doi:10.1037/h0046016

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> multitrait_scaling(frame, {"S": list("abc"), "T": list("def")})
    <MultitraitScaling: 6 of 6 discriminant tests and 6 of 6 convergent ones succeed>
    """
    check_level(level)
    check_option("missing", missing, ("listwise", "pairwise"))
    need_two_scales(scales)
    if not 0 < convergent < 1:
        raise DataError(f"convergent={convergent!r} is no size of a correlation; give 0.4, say.")
    if not standard_errors >= 0:
        raise DataError(f"standard_errors={standard_errors!r} must be 0 or more, such as 2.")
    chosen = select(data, scales, group=group)
    return multitrait_of(chosen, level, missing, convergent, standard_errors)


def multitrait_of(
    chosen: Selection,
    level: float,
    missing: Missing,
    convergent: float = CONVERGENT,
    standard_errors: float = DEFINITE,
) -> MultitraitScaling:
    """Correlate the items of a selection with all its scales; one scale alone has no tests."""
    if not chosen.keyed.scales:
        nothing = tidy([], CORRELATION_COLUMNS), tidy([], SCALE_COLUMNS)
        return MultitraitScaling(*nothing, convergent, standard_errors)
    units = chosen.units(np.arange(len(chosen.keyed.items)), missing)
    found = item_scale_correlations(units.covariance, chosen.keyed.membership)
    how = METHODS[missing]
    rows = [
        row
        for unit in range(len(units))
        for row in unit_rows(chosen, units, unit, found, level, convergent, standard_errors)
    ]
    for row in rows:
        row["method"] = f"{row['method']}, {how}"
    correlations = tidy(rows, CORRELATION_COLUMNS)
    correlations["other"] = pd.Series([row["other"] for row in rows], dtype=object)
    counted = tidy([*scale_rows(rows, units, standard_errors, how)], SCALE_COLUMNS)
    return MultitraitScaling(correlations, counted, convergent, standard_errors)


def unit_rows(
    chosen: Selection,
    units: Units,
    unit: int,
    found: ItemScaleCorrelations,
    level: float,
    convergent: float,
    standard_errors: float,
) -> list[Row]:
    """Return the rows of all items with all scales in one unit."""
    keyed, names = chosen.keyed, list(chosen.keyed.scales)
    # Within sites, what counts as people is one more than the degrees of freedom.
    n = max(min(float(units.n[unit]), float(units.df[unit]) + 1), 0.0)
    r, between = found.item_scale[unit], found.rest_scale[unit]
    limits = fisher_interval(r, fisher_variance(n), level)
    base = {"group": units.group[unit], "pooling": units.pooling[unit], "level": level,
            "n_obs": int(units.n[unit])}  # fmt: skip
    rows: list[Row] = []
    member = keyed.membership
    for s, scale in enumerate(names):
        for at in keyed.positions(scale):
            item = keyed.items[at]
            outsiders = [t for t in range(len(names)) if not member[at, t]]
            for t in (s, *outsiders):
                other = t != s
                why = correlation_problem(chosen, units, unit, at, names[s], names[t])
                lost = bool(why) or not np.isfinite(r[at, t])
                why = why if why or not lost else reason("rest_does_not_vary")
                row = {
                    **base, "scale": scale, "item": item, "other": names[t] if other else None,
                    "own": not other, "reason": why,
                    "estimate": np.nan if lost else float(r[at, t]),
                    "low": np.nan if lost else float(limits.low[at, t]),
                    "high": np.nan if lost else float(limits.high[at, t]),
                    "method": "corrected for overlap" if not other else
                    f"{standard_errors:g} standard errors of 1/sqrt(n)",
                    "outcome": "unavailable",
                }  # fmt: skip
                if not lost and not other:
                    row["outcome"] = "convergent" if r[at, t] >= convergent else "not_convergent"
                elif not lost:
                    row |= compared(r[at, s], r[at, t], between[at, s, t], n, level,
                                    standard_errors)  # fmt: skip
                rows.append(row)
    return rows


def compared(
    own: float, other: float, between: float, n: float, level: float, standard_errors: float
) -> Row:
    """Return by how much an item goes more with its own scale, and what that counts as."""
    if not np.isfinite(own):
        return {}
    limits = difference_interval(own, other, between, n, level)
    # Rounding may leave a perfect correlation just short of 1, and limits of nothing.
    perfect = max(abs(own), abs(other)) > PERFECT
    low, high = (np.nan, np.nan) if perfect else (float(limits.low), float(limits.high))
    return {
        "reason": reason("perfect_with_a_scale") if perfect else NO_REASON,
        "difference": float(own - other),
        "difference_low": low,
        "difference_high": high,
        "outcome": scaling_outcome(float(own - other), n, standard_errors),
    }


def scaling_outcome(difference: float, n: float, standard_errors: float = 2.0) -> str:
    """Name the outcome of one scaling test.

    Examples
    --------
    >>> [scaling_outcome(d, 100) for d in (0.25, 0.1, 0.0, -0.1, -0.25)][:3]
    ['definite_success', 'probable_success', 'probable_error']
    """
    definite = standard_errors / n**0.5
    if difference > 0:
        return "definite_success" if difference >= definite else "probable_success"
    return "definite_error" if -difference >= definite and difference < 0 else "probable_error"


def correlation_problem(
    chosen: Selection, units: Units, unit: int, at: int, own: str, other: str
) -> Reason:
    """Say why an item's correlation with a scale can't be had; empty if it can."""
    items = chosen.keyed.scales[own]
    if own == other and len(items) < 2:
        return reason("too_few_items", n_items=len(items), needed=2)
    if units.n[unit] < 4 or units.df[unit] < 3:
        n = units.n[unit]
        return reason("too_few_cases", n_obs=int(n) if np.isfinite(n) else 0, needed=4)
    if not units.covariance[unit][at, at] > 0:
        return reason("constant_items", items=chosen.keyed.items[at])
    return NO_REASON


def scale_rows(rows: list[Row], units: Units, standard_errors: float, how: str) -> list[Row]:
    """Count the successes of every scale and unit."""
    by_scale: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        by_scale.setdefault((row["scale"], row["pooling"], row["group"]), []).append(row)
    order = {key: at for at, key in enumerate(dict.fromkeys(key[0] for key in by_scale))}
    unit_order = {pair: at for at, pair in enumerate(zip(units.pooling, units.group, strict=True))}
    made = [count_scale(own, standard_errors, how) for own in by_scale.values()]
    return sorted(
        made, key=lambda row: (order[row["scale"]], unit_order[row["pooling"], row["group"]])
    )


def count_scale(rows: list[Row], standard_errors: float, how: str) -> Row:
    """Count the successes of one scale in one unit."""
    own = [row for row in rows if row["own"]]
    tests = [row for row in rows if not row["own"]]
    known_own = [row["estimate"] for row in own if row["outcome"] != "unavailable"]
    known_tests = [row for row in tests if row["outcome"] != "unavailable"]
    counts = {name: sum(row["outcome"] == name for row in known_tests) for name in OUTCOMES}
    n_tests, n_convergent = len(known_tests), sum(row["outcome"] == "convergent" for row in own)
    fine = counts["definite_success"] + counts["probable_success"]
    others = [row["estimate"] for row in known_tests]
    lost = [row["reason"] for row in rows if row["reason"] and row["outcome"] == "unavailable"]
    return {
        **{name: rows[0][name] for name in ("scale", "pooling", "group", "n_obs")},
        "n_items": len(own),
        "own_lowest": min(known_own, default=np.nan),
        "own_highest": max(known_own, default=np.nan),
        "other_lowest": min(others, default=np.nan), "other_highest": max(others, default=np.nan),
        "n_convergent": n_convergent,
        "convergent_success": n_convergent / len(known_own) if known_own else np.nan,
        "n_tests": n_tests, **counts,
        "scaling_success": fine / n_tests if n_tests else np.nan,
        "definite_scaling_success": counts["definite_success"] / n_tests if n_tests else np.nan,
        "method": f"{standard_errors:g} standard errors of 1/sqrt(n), {how}",
        "reason": lost[0] if lost else NO_REASON,
    }  # fmt: skip
