"""Polychoric correlations and thresholds of ordinal items, with their standard errors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import (
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    Finding,
    check_option,
)
from psychometrics.stats.moments import FloatArray, IntArray, Moments
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.polychoric import EmptyCells
from psychometrics.validity.arguments import check_level
from psychometrics.validity.frames import to_narwhals
from psychometrics.validity.ordinal_items import ordinal_items, scaled_weights
from psychometrics.validity.polychoric_frames import (
    matrix_frame,
    pair_findings,
    pair_frame,
    standard_error_matrices,
    standard_errors,
    threshold_frame,
)
from psychometrics.validity.selection import Missing, Selection, select
from psychometrics.validity.threads import one_blas_thread

METHODS = {
    "pairwise": "two-step polychoric, pairwise answers",
    "listwise": "two-step polychoric, complete rows",
}


@dataclass(frozen=True)
class PolychoricResult:
    """Polychoric correlations of items, with the thresholds they rest on.

    With groups the frames of items x items have one block of rows a group: their index is
    (group, item).

    Attributes
    ----------
    correlations : DataFrame, items x items
        NaN where there is none; `pairs` says why.
    standard_errors : DataFrame, items x items
        Of the correlations, with what the estimated thresholds add to them.
    n_obs : DataFrame, items x items
        People who answered both items; on the diagonal, the item.
    thresholds : DataFrame
        ``item group threshold below above estimate se low high level n_obs``: the number of the
        threshold from 1 up, and the answers on either side of it.
    pairs : DataFrame
        ``item_a item_b group estimate se low high level n_obs empty_cells method reason``: the
        same correlations as rows, with intervals.
    findings : tuple of Finding
        What is odd about the answers: gaps, categories answered once or joined, items that follow
        from each other.
    method : str
        How it was estimated, and which answers were used.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import polychoric
    >>> latent = np.random.default_rng(1).normal(size=(400, 1)).repeat(2, axis=1)
    >>> latent += np.random.default_rng(2).normal(size=(400, 2))
    >>> found = polychoric(pd.DataFrame(latent > 0, columns=["a", "b"]).astype(int))
    >>> found.thresholds[["item", "threshold"]].values.tolist()
    [['a', 1], ['b', 1]]
    """

    correlations: pd.DataFrame
    standard_errors: pd.DataFrame
    n_obs: pd.DataFrame
    thresholds: pd.DataFrame
    pairs: pd.DataFrame
    findings: tuple[Finding, ...]
    method: str

    def __str__(self) -> str:
        n = self.n_obs.to_numpy()
        people = f"n = {n.min()}" if n.min() == n.max() else f"n = {n.min()} to {n.max()}"
        return f"Polychoric correlations of {n.shape[1]} items ({self.method}), {people}"

    def _repr_html_(self) -> str:
        told = "".join(f"<li>{escape(str(each))}</li>" for each in self.findings)
        table = self.correlations.to_html(float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(str(self))}</p>{table}" + (f"<ul>{told}</ul>" if told else "")


def polychoric(
    data: Any,
    items: Sequence[str] | None = None,
    *,
    group: str | None = None,
    weights: str | None = None,
    missing: Missing = "pairwise",
    collapse: bool = False,
    empty_cells: EmptyCells = "half",
    level: float = 0.95,
) -> PolychoricResult:
    """Estimate polychoric correlations and thresholds, over all people or in each group.

    A polychoric correlation is that of two normal variables, of which an answer tells between
    which thresholds they lie. The thresholds come from each item's own answers; then each
    correlation is the most likely one.

    Parameters
    ----------
    data : frame or Responses
        Answers as codes, any whole numbers.
    items : sequence of str, optional
        The items, ``"-A1"`` for one to be turned. By default all columns but `group` and
        `weights`, or the items of the instrument.
    group : str, optional
        Column of the groups; each has its own thresholds and correlations. Rows without a group
        are left out.
    weights : str, optional
        Column of case weights, scaled to a mean of 1 in each group.
    missing : {"pairwise", "listwise"}
        A threshold over all answers to its item and a correlation over the people who answered
        both, or everything over the people who answered all items.
    collapse : bool
        Where a group never gave some answer, join it with a neighbour in all groups; a finding
        says so. Without it such an answer is refused.
    empty_cells : {"half", "keep"}
        Count half a person in an empty cell of a two-by-two table, as lavaan does, or leave it.
    level : float
        Coverage of the intervals.

    Returns
    -------
    PolychoricResult

    Raises
    ------
    DataError
        Absent or non-numeric columns; answers that are no whole numbers, more than 20 categories,
        a constant item, an answer that a group never gave: all items at once.

    Warns
    -----
    DegenerateDataWarning
        The answers to one item follow from those to another; their correlation is set to .999.
    ConvergenceWarning
        A search did not end.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika, 44, 443-460. doi:10.1007/BF02296207
    Jöreskog, K. G. (1994). On the estimation of polychoric correlations and their asymptotic
    covariance matrix. Psychometrika, 59, 381-389. doi:10.1007/BF02296131

    Examples
    --------
    >>> import pandas as pd
    >>> answers = [(1, 1)] * 30 + [(1, 2)] * 5 + [(2, 1)] * 8 + [(2, 2)] * 12
    >>> found = polychoric(pd.DataFrame(answers, columns=["a", "b"]))
    >>> round(float(found.correlations.loc["a", "b"]), 4)
    0.6945
    """
    check_option("missing", missing, tuple(METHODS))
    check_level(level)
    if isinstance(data, Moments):
        raise DataError(
            "polychoric() needs the answers: moments don't tell how often each was given."
        )
    names = default_items(data, group, weights) if items is None else list(items)
    chosen = select(data, {"items": names}, group=group, weights=weights)
    return polychoric_of(chosen, missing, empty_cells, level, collapse=collapse)


def default_items(data: Any, group: str | None, weights: str | None) -> list[str]:
    """Return the items of an instrument, or all columns that aren't something else."""
    if hasattr(data, "instrument"):
        return list(data.instrument.items)
    return [name for name in to_narwhals(data).columns if name not in (group, weights)]


@one_blas_thread()
def polychoric_of(
    chosen: Selection,
    missing: Missing = "pairwise",
    empty_cells: EmptyCells = "half",
    level: float = 0.95,
    *,
    collapse: bool = False,
) -> PolychoricResult:
    """Estimate polychoric correlations of a selection; see :func:`polychoric`."""
    label = analysed_rows(chosen, missing)
    items = ordinal_items(
        chosen.values, chosen.keyed.items, label, chosen.groups, collapse=collapse
    )
    weights = scaled_weights(chosen.weights, label)
    moments = ordinal_moments(
        items.clean.codes, groups=label, weights=weights, empty_cells=empty_cells
    )
    errors = standard_errors(moments)
    n_obs = people(items.clean.codes, label, len(moments.groups))
    pairs = pair_frame(moments, errors, items, n_obs, level, METHODS[missing])
    warn(pairs)
    return PolychoricResult(
        matrix_frame(moments.correlations.correlation, items, chosen.groups),
        matrix_frame(standard_error_matrices(moments, errors), items, chosen.groups),
        matrix_frame(n_obs, items, chosen.groups),
        threshold_frame(moments, errors, items, n_obs, level),
        pairs,
        items.findings + pair_findings(pairs),
        METHODS[missing],
    )


def analysed_rows(chosen: Selection, missing: Missing) -> IntArray:
    """Return the group of each row, 0 without groups; -1 for a row that is left out."""
    label = chosen.group if chosen.groups else np.zeros(len(chosen.values), dtype=np.int64)
    answered = chosen.observed
    keep = answered.all(axis=1) if missing == "listwise" else answered.any(axis=1)
    if chosen.weights is not None:
        keep &= chosen.weights > 0
    return np.where(keep, label, -1)


def people(codes: FloatArray, label: IntArray, n_groups: int) -> IntArray:
    """Return how many people answered both items, (group, p, p)."""
    seen = (~np.isnan(codes)).astype(float)
    counts = [seen[label == g].T @ seen[label == g] for g in range(n_groups)]
    return np.stack(counts).astype(np.int64)


def warn(pairs: pd.DataFrame) -> None:
    """Warn of correlations at the boundary, and of searches that did not end."""
    for code, kind in (
        ("pair_perfectly_predicted", DegenerateDataWarning),
        ("no_convergence", ConvergenceWarning),
    ):
        some = [why for why in pairs["reason"] if why.code == code]
        if some:
            more = f" ({len(some) - 1} more such pairs; see .findings)" if some[1:] else ""
            # Up to the caller of polychoric(): one frame is the decorator's.
            warnings.warn(f"{some[0]}{more}", kind, stacklevel=5)
