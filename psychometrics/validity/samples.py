"""From selected answers to the sample that a factor model is fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from psychometrics.errors import NO_REASON, DataError, reason
from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.fit import sample_problem
from psychometrics.stats.cfa.kernel import sample_moments
from psychometrics.stats.cfa.solve import (
    Sample,
    complete_sample,
    incomplete_sample,
    normal_log_likelihood,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.selection import Selection


@dataclass(frozen=True)
class OrdinalAnswers:
    """The answers to ordered items that a model was fitted to, to score people from.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        All rows of the data: categories 0, 1, 2, ... of ordered items, values of others.
    categories : mapping of str to tuple of tuple of float
        The answers that each category of an ordered item stands for.
    """

    values: FloatArray
    categories: Mapping[str, tuple[tuple[float, ...], ...]]


@dataclass(frozen=True)
class FittedSample:
    """A sample with what the answers around it were.

    Attributes
    ----------
    sample : Sample
        What the model is fitted to.
    groups : tuple of str or None
        Names of the groups; None for answers without groups.
    n_by_group : tuple of int
        Rows analysed in each group.
    n_missing : int
        Rows left out: an answer is missing (or, with ``fiml``, all are), or the group is.
    places : tuple of ndarray of int
        Which rows of the data each group's are; empty for given moments.
    answers : OrdinalAnswers or None
        Of a model of ordered items.
    """

    sample: Sample
    groups: tuple[str | None, ...]
    n_by_group: tuple[int, ...]
    n_missing: int
    places: tuple[IntArray, ...] = ()
    answers: OrdinalAnswers | None = None


def sample_of(
    chosen: Selection,
    columns: IntArray,
    names: tuple[str, ...],
    missing: str,
    clusters: IntArray | None = None,
) -> FittedSample:
    """Reduce selected answers to a sample, or say of every group why that can't be done.

    Parameters
    ----------
    chosen : Selection
        Keyed answers.
    columns : ndarray of int, shape (p,)
        Their columns, in the order of the model's variables.
    names : tuple of str
        Names of these columns.
    missing : {"listwise", "fiml"}
        Leave incomplete rows out, or use what they hold.
    clusters : ndarray of int, shape (n,), optional
        Cluster of each row.

    Raises
    ------
    DataError
        Constant items, too few people, singular covariances; all groups at once.
    """
    if chosen.moments is not None:
        return sample_of_moments(chosen, columns, names)
    values = chosen.values[:, columns]
    usable = ~np.isnan(values)
    keep = usable.all(axis=1) if missing == "listwise" else usable.any(axis=1)
    parts = [keep & (chosen.group == g) for g in range(len(chosen.groups))] or [keep]
    labels: tuple[str | None, ...] = chosen.groups or (None,)
    refuse_problems(values, parts, labels, names)
    groups = [rows_of(chosen, values, mine, clusters) for mine in parts]
    make = complete_sample if missing == "listwise" else incomplete_sample
    counts = tuple(int(mine.sum()) for mine in parts)
    places = tuple(np.flatnonzero(mine) for mine in parts)
    return FittedSample(make(groups), labels, counts, len(values) - sum(counts), places)


def rows_of(
    chosen: Selection, values: FloatArray, mine: BoolArray, clusters: IntArray | None
) -> Rows:
    """Return one group's rows with their weights and clusters."""
    weights = None if chosen.weights is None else chosen.weights[mine]
    if weights is not None:
        weights = weights * (len(weights) / weights.sum())
    return Rows(values[mine], weights, None if clusters is None else clusters[mine])


def refuse_problems(
    values: FloatArray,
    parts: list[BoolArray],
    labels: tuple[str | None, ...],
    names: tuple[str, ...],
) -> None:
    """Raise one error that tells what is wrong with each group's answers."""
    faults = []
    for mine, label in zip(parts, labels, strict=True):
        own = values[mine]
        observed = ~np.isnan(own)
        if observed.all():
            n = len(own)
            covariance = np.cov(own.T) if n > 1 else np.zeros((len(names), len(names)))
            why = sample_problem(np.atleast_2d(covariance), n, names, 0)
        else:
            spread = [np.unique(column[~np.isnan(column)]).size for column in own.T]
            constant = [name for name, k in zip(names, spread, strict=True) if k < 2]
            why = reason("constant_items", items=", ".join(constant)) if constant else NO_REASON
        if why:
            faults.append(f"{label}: {why}" if label is not None else str(why))
    if faults:
        raise DataError("\n".join(faults))


def sample_of_moments(chosen: Selection, columns: IntArray, names: tuple[str, ...]) -> FittedSample:
    """Use given moments as the sample of one group or several."""
    if chosen.moments is None:
        raise DataError("There are no moments here.")
    moments = chosen.moments
    p = moments.n_variables
    covariance = moments.covariance.reshape(-1, p, p)[:, columns[:, None], columns]
    n = np.atleast_1d(moments.n)
    labels: tuple[str | None, ...] = chosen.groups or (None,)
    faults = []
    for matrix, size, label in zip(covariance, n, labels, strict=True):
        why = sample_problem(matrix, float(size), names, 0)
        if why:
            faults.append(f"{label}: {why}" if label is not None else str(why))
    if faults:
        raise DataError("\n".join(faults))
    mean = None if moments.mean is None else moments.mean.reshape(-1, p)[None][..., columns]
    found = sample_moments(covariance[None], mean, n[None])
    sample = Sample(found, found, (), normal_log_likelihood(found))
    return FittedSample(sample, labels, tuple(round(float(size)) for size in n), 0)
