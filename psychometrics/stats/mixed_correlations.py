"""The correlations and covariances of ordinal and continuous variables together.

Polychoric between two ordinal items, polyserial between an ordinal and a continuous variable,
Pearson between two continuous ones: what lavaan calls ``lavCor(ordered = )``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.errors import DataError, check_option
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray, integer_centres
from psychometrics.stats.pair_tables import PairTables, tabulate_pairs, whole_codes
from psychometrics.stats.polychoric import (
    EmptyCells,
    case_weights,
    group_index,
    pair_matrix,
    solve_pairs,
    thresholds_of,
)
from psychometrics.stats.polyserial import (
    MixedRows,
    solve_pearson,
    solve_polyserial,
    with_infinite_ends,
)


@dataclass(frozen=True, slots=True)
class MixedSample:
    """Answers sorted into ordinal items and continuous variables.

    Attributes
    ----------
    ordered : ndarray of bool, shape (p,)
        Which variables are ordinal items.
    codes : ndarray of int, shape (n, o)
        Their categories, K where missing.
    n_categories : ndarray of int, shape (o,)
    values : ndarray, shape (n, c)
        The continuous variables; NaN where missing.
    group : ndarray of int, shape (n,)
        -1 for a row that is in no group, weighs nothing or has no value at all.
    n_groups : int
    weights : ndarray, shape (n,), or None
    """

    ordered: BoolArray
    codes: IntArray
    n_categories: IntArray
    values: FloatArray
    group: IntArray
    n_groups: int
    weights: FloatArray | None

    @property
    def size(self) -> FloatArray:
        """Return the people of each group, or the sums of their weights."""
        mine = self.group >= 0
        weights = None if self.weights is None else self.weights[mine]
        return np.bincount(self.group[mine], weights, self.n_groups).astype(float)


@dataclass(frozen=True, slots=True)
class MixedFit:
    """Two-step estimates of each group, ordinal and continuous parts apart.

    Attributes
    ----------
    tables : PairTables
        Of the ordinal items.
    thresholds : ndarray, shape (group, o, K - 1)
        Infinite beyond an item's last.
    mean, variance : ndarray, shape (group, c)
        Of the continuous variables; the variance has denominator n.
    polychoric : ndarray, shape (group, pair)
    polyserial : ndarray, shape (group, c, o)
    pearson : ndarray, shape (group, c, c)
    converged, boundary : ndarray of bool, shape (group, p, p)
        In the order of the variables.
    """

    tables: PairTables
    thresholds: FloatArray
    mean: FloatArray
    variance: FloatArray
    polychoric: FloatArray
    polyserial: FloatArray
    pearson: FloatArray
    converged: BoolArray
    boundary: BoolArray


@dataclass(frozen=True, slots=True)
class MixedCorrelations:
    """Correlations and covariances of ordinal and continuous variables.

    With groups every array but `ordered` has the group as its first axis.

    Attributes
    ----------
    ordered : ndarray of bool, shape (p,)
    correlation, covariance : ndarray, shape (p, p)
        The variance of the variable behind an ordinal item is 1.
    mean, variance : ndarray, shape (p,)
        0 and 1 for ordinal items; the others' variance has denominator n.
    thresholds : ndarray, shape (p, K - 1)
        NaN where there is none.
    n_obs : ndarray, shape (p, p)
        People (sum of weights) who have both.
    converged, boundary : ndarray of bool, shape (p, p)
    """

    ordered: BoolArray
    correlation: FloatArray
    covariance: FloatArray
    mean: FloatArray
    variance: FloatArray
    thresholds: FloatArray
    n_obs: FloatArray
    converged: BoolArray
    boundary: BoolArray


def mixed_correlations(
    values: npt.ArrayLike,
    ordered: npt.ArrayLike,
    *,
    groups: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    empty_cells: EmptyCells = "half",
) -> MixedCorrelations:
    """Estimate the correlations and covariances of ordinal and continuous variables.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Categories 0, 1, 2, ... of ordinal items and values of continuous variables; NaN where
        missing. Thresholds, means and variances use all of a variable's values, a correlation the
        people who have both.
    ordered : array_like of bool, shape (p,)
        Which variables are ordinal.
    groups, weights, empty_cells
        As for :func:`psychometrics.stats.polychoric.polychoric_correlations`.

    Returns
    -------
    MixedCorrelations

    Raises
    ------
    DataError
        Codes of ordinal items that are negative or not whole, lengths that differ.

    References
    ----------
    Olsson, U., Drasgow, F., & Dorans, N. J. (1982). The polyserial correlation coefficient.
    Psychometrika, 47, 337-347. doi:10.1007/BF02294164

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([-1.2, -0.3, 0.1, 0.4, 0.9, 1.6, -0.5, 0.2])
    >>> item = np.array([0, 0, 1, 1, 1, 1, 0, 0])
    >>> found = mixed_correlations(np.column_stack([x, item]), [False, True])
    >>> bool(found.correlation[0, 1] > 0.8)
    True
    """
    sample = mixed_sample(values, ordered, groups, weights)
    found = assemble(sample, fit_mixed(sample, empty_cells))
    return found if groups is not None else _only_group(found)


def mixed_sample(
    values: npt.ArrayLike,
    ordered: npt.ArrayLike | None,
    groups: npt.ArrayLike | None,
    weights: npt.ArrayLike | None,
) -> MixedSample:
    """Sort answers into ordinal and continuous; all are ordinal where `ordered` is None."""
    given = np.asarray(values, dtype=float)
    if given.ndim != 2:
        raise DataError(f"values must be a table (people, variables); their shape is {given.shape}")
    mask = np.ones(given.shape[1], dtype=bool) if ordered is None else np.asarray(ordered)
    if mask.dtype != np.bool_ or mask.shape != (given.shape[1],):
        raise DataError(f"ordered must say True or False for each of {given.shape[1]} variables.")
    group, n_groups = group_index(groups, len(given))
    weight = case_weights(weights, len(given))
    present = ~np.isnan(given).all(axis=1)
    if weight is not None:
        present &= weight > 0
    group = np.where(present, group, -1)
    codes, n_categories = whole_codes(given[:, mask], group)
    return MixedSample(
        mask,
        codes,
        n_categories,
        given[:, ~mask],
        group,
        n_groups,
        weight,
    )


def fit_mixed(sample: MixedSample, empty_cells: EmptyCells = "half") -> MixedFit:
    """Estimate everything in two steps, group by group where rows are needed."""
    check_option("empty_cells", empty_cells, ("half", "keep"))
    tables = tabulate_pairs(
        sample.codes, sample.n_categories, sample.group, sample.n_groups, sample.weights
    )
    thresholds = thresholds_of(tables.margins)
    solved = solve_pairs(tables, thresholds, empty_cells)
    n_groups, n_ordinal = thresholds.shape[:2]
    n_continuous = sample.values.shape[1]
    mean, variance = (np.zeros((n_groups, n_continuous)) for _ in range(2))
    polyserial = np.zeros((n_groups, n_continuous, n_ordinal))
    serial_ok, serial_end = (np.zeros(polyserial.shape, dtype=bool) for _ in range(2))
    pearson = np.zeros((n_groups, n_continuous, n_continuous))
    for g in range(n_groups if n_continuous else 0):
        mean[g], variance[g] = _mean_and_variance(sample, g)
        rows = group_rows(sample, g, mean[g], variance[g], thresholds[g])
        pearson[g] = solve_pearson(rows)
        serial = solve_polyserial(rows)
        polyserial[g] = serial.correlation
        serial_ok[g], serial_end[g] = serial.converged, serial.boundary
    shape = (n_groups, len(tables.first))
    own = (tables.margins[..., :-1] > 0).sum(axis=-1) > 1
    return MixedFit(
        tables,
        thresholds,
        mean,
        variance,
        solved.correlation.reshape(shape),
        polyserial,
        pearson,
        _flags(sample, solved.converged.reshape(shape), serial_ok, ~np.isnan(pearson), own),
        _flags(sample, solved.boundary.reshape(shape), serial_end, pearson < -1, own & ~own),
    )


def _flags(
    sample: MixedSample, oo: BoolArray, co: BoolArray, cc: BoolArray, own: BoolArray
) -> BoolArray:
    """Put flags of the three kinds of pairs into matrices in the order of the variables."""
    parts = (flag.astype(float) for flag in (oo, co, cc, own))
    return _in_order(sample, *parts) > 0


def group_rows(
    sample: MixedSample, g: int, mean: FloatArray, variance: FloatArray, thresholds: FloatArray
) -> MixedRows:
    """Return the rows of a group with the continuous variables standardised."""
    mine = sample.group == g
    values = sample.values[mine]
    seen = ~np.isnan(values)
    sd = np.sqrt(np.where(variance > 0, variance, 1.0))
    z = np.where(seen & (variance > 0), (values - mean) / sd, 0.0)
    weights = np.ones(int(mine.sum())) if sample.weights is None else sample.weights[mine]
    return MixedRows(z, seen, sample.codes[mine], with_infinite_ends(thresholds), weights)


def _mean_and_variance(sample: MixedSample, g: int) -> tuple[FloatArray, FloatArray]:
    """Return means and variances (denominator n) of a group's continuous variables."""
    mine = sample.group == g
    values = sample.values[mine]
    seen = ~np.isnan(values)
    weight = seen * (1.0 if sample.weights is None else sample.weights[mine][:, None])
    n = weight.sum(axis=0)
    centre = integer_centres(values)
    about = np.where(seen, values - centre, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (weight * about).sum(axis=0) / n
        variance = (weight * np.where(seen, about - shift, 0.0) ** 2).sum(axis=0) / n
    return centre + shift, variance


def _in_order(
    sample: MixedSample, oo: FloatArray, co: FloatArray, cc: FloatArray, own: FloatArray
) -> FloatArray:
    """Put values of the three kinds of pairs into matrices in the order of the variables."""
    ordinal, continuous = np.flatnonzero(sample.ordered), np.flatnonzero(~sample.ordered)
    matrix = np.zeros((len(own), len(sample.ordered), len(sample.ordered)))
    first, second = np.triu_indices(len(ordinal), 1)
    matrix[:, ordinal[:, None], ordinal] = pair_matrix(oo, own, first, second)
    matrix[:, continuous[:, None], ordinal] = co
    matrix[:, ordinal[:, None], continuous] = np.swapaxes(co, 1, 2)
    matrix[:, continuous[:, None], continuous] = cc
    return matrix


def assemble(sample: MixedSample, fit: MixedFit) -> MixedCorrelations:
    """Lay the parts of a fit out in the order of the variables."""
    n_groups, p = len(fit.thresholds), len(sample.ordered)
    varies = (fit.tables.margins[..., :-1] > 0).sum(axis=-1) > 1
    own = np.where(varies, 1.0, np.nan)
    correlation = _in_order(sample, fit.polychoric, fit.polyserial, fit.pearson, own)
    mean, variance = np.zeros((n_groups, p)), np.ones((n_groups, p))
    mean[:, ~sample.ordered], variance[:, ~sample.ordered] = fit.mean, fit.variance
    sd = np.sqrt(variance)
    thresholds = np.full((n_groups, p, fit.thresholds.shape[-1]), np.nan)
    number = np.arange(thresholds.shape[-1]) < sample.n_categories[:, None] - 1
    thresholds[:, sample.ordered] = np.where(number, fit.thresholds, np.nan)
    return MixedCorrelations(
        sample.ordered,
        correlation,
        correlation * sd[:, :, None] * sd[:, None, :],
        mean,
        variance,
        thresholds,
        pair_counts(sample),
        fit.converged,
        fit.boundary,
    )


def pair_counts(sample: MixedSample) -> FloatArray:
    """Return how many people (sum of weights) of each group have both variables."""
    seen = np.zeros((len(sample.codes), len(sample.ordered)))
    seen[:, sample.ordered] = sample.codes < sample.n_categories.max(initial=1)
    seen[:, ~sample.ordered] = ~np.isnan(sample.values)
    weighted = seen if sample.weights is None else seen * sample.weights[:, None]
    groups = [sample.group == g for g in range(sample.n_groups)]
    return np.stack([weighted[mine].T @ seen[mine] for mine in groups])


def _only_group(found: MixedCorrelations) -> MixedCorrelations:
    """Take the axis of groups away where there are none."""
    return MixedCorrelations(
        found.ordered,
        found.correlation[0],
        found.covariance[0],
        found.mean[0],
        found.variance[0],
        found.thresholds[0],
        found.n_obs[0],
        found.converged[0],
        found.boundary[0],
    )
