"""From any data to one correlation matrix of items, with who is behind it and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, Reason, check_option, reason
from psychometrics.stats.moments import FloatArray, Moments, correlation_of
from psychometrics.stats.patterns import Patterns, Saturated, find_patterns, saturated_moments
from psychometrics.stats.retention import pairwise_correlations
from psychometrics.validity.frames import to_narwhals
from psychometrics.validity.selection import Selection, select

Correlation = Literal["pearson", "polychoric", "em"]
CORRELATIONS = ("pearson", "polychoric", "em")
MISSING = ("listwise", "pairwise")

Items = Sequence[str] | Mapping[str, Sequence[str]] | None

PERFECT = 1 - 1e-8
SINGULAR = 1e-8


@dataclass(frozen=True)
class ItemCorrelations:
    """Correlations of items, and what an analysis needs to say about them.

    Attributes
    ----------
    items : tuple of str
        Names, without the minus of turned ones.
    correlation : ndarray, shape (p, p)
    covariance : ndarray, shape (p, p)
        Denominator n - 1; the correlations where nothing else is known.
    n : float
        People, as the likelihood counts them: N - G + 1 for pooled-within covariances, the scarcest
        pair for pairwise ones.
    n_obs : int
        People analysed.
    n_missing : int
        Rows left out.
    kind : str
        ``pearson``, ``polychoric`` or ``em``.
    missing : str
        ``listwise``, ``pairwise``, or ``em``.
    pooling : str
        ``total`` or ``within``.
    rows : ndarray, shape (n, p), or None
        Answers, turned; None where only moments were given.
    patterns, saturated
        What EM started from and found; None for other correlations.
    """

    items: tuple[str, ...]
    correlation: FloatArray
    covariance: FloatArray
    n: float
    n_obs: int
    n_missing: int
    kind: str
    missing: str
    pooling: str
    rows: FloatArray | None = None
    patterns: Patterns | None = None
    saturated: Saturated | None = None

    @property
    def complete(self) -> bool:
        """Whether there are answers, and none of those analysed is missing."""
        return self.rows is not None and not bool(np.isnan(self.rows).any())

    @property
    def positive_definite(self) -> bool:
        """Whether the correlations could be those of complete answers."""
        return bool(np.linalg.eigvalsh(self.correlation)[0] > SINGULAR)

    @property
    def method(self) -> str:
        """Say how the correlations were made."""
        name = {"pearson": "Pearson", "polychoric": "polychoric", "em": "EM-estimated"}[self.kind]
        rows = {"listwise": "complete rows", "pairwise": "pairs", "em": "all answers there are"}
        within = "pooled-within " if self.pooling == "within" else ""
        return f"{within}{name} correlations, {rows[self.missing]}"


def item_correlations(
    data: Any,
    *,
    items: Items = None,
    correlation: Correlation = "pearson",
    missing: str = "listwise",
    group: str | None = None,
    needed: int = 3,
) -> ItemCorrelations:
    """Reduce data to the correlations of its items.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers of items alone, or `items` says which columns are items.
    items : sequence of str or mapping of scale to sequence of str, optional
        Columns; ``"-A1"`` is turned. All columns (but the group's), or all items of the instrument,
        if left out.
    correlation : {"pearson", "polychoric", "em"}
        Of the answers; of the normal variables behind ordered answers; from all answers there
        are, by the EM algorithm.
    missing : {"listwise", "pairwise"}
        For Pearson correlations. Polychoric ones are pairwise.
    group : str, optional
        Column of the sites: correlations are then pooled within them.
    needed : int
        Items at least.

    Raises
    ------
    DataError
        Options that contradict each other; columns that are absent or hold text; constant items,
        perfectly correlated ones, no more people than items, pairs that nobody answered.
    """
    check_option("correlation", correlation, CORRELATIONS)
    check_option("missing", missing, MISSING)
    refuse_contradictions(data, correlation, missing, group)
    chosen = chosen_items(data, items, group)
    p = len(chosen.keyed.items)
    if p < needed:
        raise DataError(str(reason("too_few_items", n_items=p, needed=needed)))
    if correlation == "polychoric":
        found = polychoric_items(chosen)
    elif correlation == "em":
        found = em_items(chosen)
    else:
        found = pearson_items(chosen, missing, within=group is not None)
    why = correlation_problem(found)
    if why:
        raise DataError(str(why))
    return found


def refuse_contradictions(data: Any, correlation: str, missing: str, group: str | None) -> None:
    """Refuse options that can't be had together, each with what to do."""
    if group is not None and correlation != "pearson":
        raise DataError(
            "Correlations pooled within groups are Pearson's; choose correlation='pearson', or "
            "leave group out and analyse one group at a time."
        )
    if correlation == "em" and missing == "pairwise":
        raise DataError("correlation='em' uses all answers there are; leave missing out.")
    if isinstance(data, Moments) and (correlation != "pearson" or missing != "listwise"):
        raise DataError(
            f"correlation={correlation!r}, missing={missing!r} needs the answers themselves; from "
            "moments take correlation='pearson', missing='listwise'. Polychoric correlations that "
            "you have go in as Moments(correlations, None, n)."
        )


def chosen_items(data: Any, items: Items, group: str | None) -> Selection:
    """Select the columns of the items, turned where asked."""
    if isinstance(items, str):
        raise DataError(f"items must be a list of names, such as [{items!r}].")
    if isinstance(data, Moments) and data.names is None:
        names = tuple(f"x{i + 1}" for i in range(data.n_variables))
        data = Moments(data.covariance, data.mean, data.n, names)
    if isinstance(items, Mapping):
        named: Mapping[str, Sequence[str]] = items
    else:
        named = {"items": list(items) if items is not None else all_items(data, group)}
    return select(data, named, group=group)


def all_items(data: Any, group: str | None) -> list[str]:
    """Return the items of an instrument, or all columns but the group's."""
    if isinstance(data, Moments):
        return list(data.names or ())
    if hasattr(data, "instrument"):
        return list(data.instrument.items)
    frame = to_narwhals(data)
    refuse_matrix(data)
    names = [name for name in frame.columns if name != group]
    if not names:
        raise DataError("The data have no columns to analyse.")
    return names


def refuse_matrix(data: Any) -> None:
    """Refuse a correlation matrix that is passed as if its rows were people."""
    if not isinstance(data, pd.DataFrame) or data.shape[0] != data.shape[1] or len(data) < 2:
        return
    try:
        values = data.to_numpy(dtype=float)
    except (TypeError, ValueError):
        return
    if np.allclose(values, values.T) and np.allclose(np.diagonal(values), 1.0):
        raise DataError(
            "data looks like a correlation matrix; pass Moments(matrix, None, n) with n, the "
            "number of people behind it."
        )


def pearson_items(chosen: Selection, missing: str, *, within: bool) -> ItemCorrelations:
    """Return product-moment correlations, of all rows or pooled within groups."""
    columns = np.arange(len(chosen.keyed.items))
    units = chosen.units(columns, "pairwise" if missing == "pairwise" else "listwise")
    if within and "within" not in units.pooling:
        raise DataError("Pooling within groups needs two groups or more with answers.")
    at = units.pooling.index("within" if within else "total")
    covariance = units.covariance[at]
    rows = None
    if chosen.moments is None:
        whole = chosen.complete(columns) if missing == "listwise" else chosen.observed.any(axis=1)
        rows = chosen.values[whole & (chosen.group >= 0) if within else whole]
    n_obs = int(units.n[at])
    with np.errstate(invalid="ignore"):
        correlation = correlation_of(covariance)
    if missing == "pairwise" and rows is not None and not within:
        # Each pair with its own standard deviations, as R's cor(use = "pairwise") has it.
        correlation = pairwise_correlations(rows[None])[0]
        sd = np.sqrt(np.diagonal(covariance))
        covariance = correlation * np.outer(sd, sd)
    return ItemCorrelations(
        chosen.keyed.items,
        correlation,
        covariance,
        float(units.df[at]) + 1,
        n_obs,
        0 if rows is None else len(chosen.values) - len(rows),
        "pearson",
        missing,
        "within" if within else "total",
        rows,
    )


def em_items(chosen: Selection) -> ItemCorrelations:
    """Return correlations by the EM algorithm: normal answers, missing at random."""
    some = chosen.observed.any(axis=1)
    rows = chosen.values[some]
    names = chosen.keyed.items
    if not len(rows):
        raise DataError("No row has an answer to any of the items.")
    refuse_unseen(rows, names)
    n = len(rows)
    if n <= len(names):
        raise DataError(str(reason("more_items_than_people", n_obs=n, n_items=len(names))))
    patterns = find_patterns(rows)
    saturated = estimated_moments(patterns, n)
    covariance = saturated.covariance * n / max(n - 1, 1)
    return ItemCorrelations(
        names, correlation_of(covariance), covariance, float(n), n, int((~some).sum()), "em", "em",
        "total", rows, patterns, saturated,
    )  # fmt: skip


def estimated_moments(patterns: Patterns, n: int) -> Saturated:
    """Estimate moments by EM, or refuse answers too few to have a positive definite covariance."""
    p = patterns.observed.shape[1]
    why = str(reason("covariance_singular", n_obs=n, n_items=p))
    try:
        with np.errstate(all="ignore"):
            found = saturated_moments(patterns)
    except np.linalg.LinAlgError as error:
        raise DataError(why) from error
    if not np.isfinite(found.covariance).all() or np.linalg.eigvalsh(found.covariance)[0] <= 0:
        raise DataError(why)
    return found


def refuse_unseen(rows: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse items that nobody answered, that don't vary, or pairs that nobody answered."""
    seen = ~np.isnan(rows)
    constant = [
        name
        for name, column, known in zip(names, rows.T, seen.T, strict=True)
        if np.unique(column[known]).size < 2
    ]
    if constant:
        raise DataError(str(reason("constant_items", items=", ".join(constant))))
    together = seen.T.astype(float) @ seen
    apart = [f"{names[i]} and {names[j]}" for i, j in np.argwhere(np.triu(together < 2, 1))]
    if apart:
        raise DataError(str(reason("never_answered_together", items="; ".join(apart[:5]))))


def polychoric_items(chosen: Selection) -> ItemCorrelations:
    """Return polychoric correlations, each pair over the people who answered both."""
    if chosen.moments is not None:
        raise DataError("Polychoric correlations need the answers themselves, not moments.")
    some = chosen.observed.any(axis=1)
    rows = chosen.values[some]
    refuse_unseen(rows, chosen.keyed.items)
    correlation, pairs = polychoric_matrix(rows)
    n = float(pairs.min())
    return ItemCorrelations(
        chosen.keyed.items, correlation, correlation, n, int(n), int((~some).sum()), "polychoric",
        "pairwise", "total", rows,
    )  # fmt: skip


def polychoric_matrix(codes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return polychoric correlations (p, p) and the people behind each pair (p, p)."""
    found = import_module("psychometrics.stats.polychoric").polychoric_correlations(codes)
    return np.asarray(found.correlation, dtype=float), np.asarray(found.n_obs, dtype=float)


def correlation_problem(found: ItemCorrelations) -> Reason:
    """Say why correlations can't be factored at all; empty if they can."""
    names, r = found.items, found.correlation
    variance = np.diagonal(found.covariance)
    if found.missing == "listwise" and found.n_obs < 2:
        return reason("too_few_cases", n_obs=found.n_obs, needed=2)
    constant = [name for name, v in zip(names, variance, strict=True) if v == 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if np.isnan(r).any():
        apart = [name for name, row in zip(names, r, strict=True) if np.isnan(row).any()]
        return reason("never_answered_together", items=", ".join(apart))
    if found.n <= len(names):
        return reason("more_items_than_people", n_obs=found.n_obs, n_items=len(names))
    same = [f"{names[i]} and {names[j]}" for i, j in np.argwhere(np.triu(np.abs(r) > PERFECT, 1))]
    if same:
        return reason("perfectly_correlated", pairs="; ".join(same[:5]))
    return Reason()
