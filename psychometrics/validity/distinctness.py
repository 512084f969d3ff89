"""Whether pairs of scales are distinct, not distinct, or undecided, by whole intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.criteria import CRITERIA, size_limits, verdict
from psychometrics.validity.units import tidy

Decision = Literal["distinct", "not_distinct", "undecided", "unavailable"]

DECISIONS: dict[str, Decision] = {
    "supported": "distinct",
    "not_supported": "not_distinct",
    "undecided": "undecided",
    "unavailable": "unavailable",
}
LIMITS = tuple(CRITERIA[name].threshold for name in ("htmt_085", "htmt_090"))
COLUMNS_OF = {
    "correlation": ("correlation", "low", "high"),
    "htmt": ("htmt", "htmt_low", "htmt_high"),
    "htmt2": ("htmt2", "htmt2_low", "htmt2_high"),
}
DISTINCTNESS_COLUMNS = (
    "scale_a", "scale_b", "group", "pooling", "statistic", "estimate", "low", "high", "level",
    "n_obs", "threshold", "decision", "method", "reason",
)  # fmt: skip


def distinctness(
    pairs: pd.DataFrame,
    *,
    distinct: Iterable[tuple[str, str]] | None = None,
    ratios: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Decide in three ways whether pairs of scales are distinct, against .85 and .90.

    A pair is distinct where the whole interval lies below the threshold in size, not distinct
    where none of it does, and undecided otherwise. An upper limit alone would fail two pairs in
    three at 30 people from imprecision.

    Parameters
    ----------
    pairs : DataFrame
        What :func:`~psychometrics.validity.discriminant.discriminant_validity` gives.
    distinct : iterable of (str, str), optional
        The pairs that are meant to be distinct, such as those of a definition
        (``[(p.a, p.b) for p in instrument.distinct_pairs]``); about others there is nothing to
        decide. All pairs by default.
    ratios : DataFrame, optional
        What :func:`~psychometrics.validity.htmt.htmt` gives, for people, method and reason of the
        HTMT rows; those of the correlation, and no method, if left out.

    Returns
    -------
    DataFrame
        One row a pair, unit, statistic (``correlation`` first, then ``htmt`` and ``htmt2``) and
        threshold: the interval and the ``decision``.

    Raises
    ------
    DataError
        A frame of something else, or a declared pair that it doesn't hold.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import discriminant_validity
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> pairs = discriminant_validity(frame, {"S": list("abc"), "T": list("def")}, n_boot=200)
    >>> set(distinctness(pairs)["decision"])
    {'distinct'}
    """
    needed = {"scale_a", "scale_b", *(c for own in COLUMNS_OF.values() for c in own)}
    absent = sorted(needed - set(pairs.columns))
    if absent:
        raise DataError(
            f"pairs has no {', '.join(absent)}; give the frame of discriminant_validity()."
        )
    declared = None if distinct is None else checked(pairs, distinct)
    about = {} if ratios is None else {ratio_key(row): row for row in ratios.to_dict("records")}
    rows: list[dict[str, Any]] = []
    for row in pairs.to_dict("records"):
        if declared is None or frozenset((row["scale_a"], row["scale_b"])) in declared:
            named = {str(name): cell for name, cell in row.items()}
            for statistic in COLUMNS_OF:
                ratio = about.get(ratio_key(named | {"variant": statistic}))
                rows += [decided(named, statistic, limit, ratio) for limit in LIMITS]
    return tidy(rows, DISTINCTNESS_COLUMNS)


def declared_distinctness(
    pairs: pd.DataFrame, ratios: pd.DataFrame, instrument: Instrument
) -> pd.DataFrame:
    """Decide about the pairs that a definition declares distinct; about all where it names none."""
    declared = [(pair.a, pair.b) for pair in instrument.distinct_pairs]
    return distinctness(pairs, distinct=declared or None, ratios=ratios)


def ratio_key(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Return what a row of ratios is about."""
    return tuple(row[name] for name in ("scale_a", "scale_b", "pooling", "group", "variant"))


def checked(pairs: pd.DataFrame, distinct: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """Return the declared pairs; refuse one that was not analysed."""
    known = {frozenset(pair) for pair in zip(pairs["scale_a"], pairs["scale_b"], strict=True)}
    declared = {frozenset(pair) for pair in distinct}
    unknown = [" and ".join(sorted(pair)) for pair in declared - known]
    if unknown:
        raise DataError(f"No rows are about {', '.join(sorted(unknown))}; check the scales' names.")
    return declared


def decided(
    row: dict[str, Any], statistic: str, limit: float, ratio: Mapping[Any, Any] | None = None
) -> dict[str, Any]:
    """Hold one interval of a pair against one threshold."""
    estimate, low, high = (float(row[name]) for name in COLUMNS_OF[statistic])
    criterion = CRITERIA["htmt_085" if limit == LIMITS[0] else "htmt_090"]
    decision = DECISIONS[verdict(*size_limits(low, high), criterion)]
    own = row if statistic == "correlation" else ratio
    why = own["reason"] if own else (row["reason"] if np.isnan(estimate) else NO_REASON)
    if decision == "unavailable":
        why = why or reason("no_interval")
    return {
        **{name: row[name] for name in ("scale_a", "scale_b", "group", "pooling", "level")},
        "statistic": statistic, "estimate": estimate, "low": low, "high": high,
        "n_obs": (own or row)["n_obs"], "threshold": limit, "decision": decision,
        "method": own["method"] if own else "", "reason": why,
    }  # fmt: skip
