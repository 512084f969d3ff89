"""From selected answers to the sample that a model of ordered items is fitted to."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.errors import DataError, DegenerateDataWarning, Finding, ModelError
from psychometrics.stats.cfa.ordinal_sample import ordinal_sample
from psychometrics.stats.cfa.solve import ORDINAL, PLAIN, Estimator
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray, Moments
from psychometrics.stats.ordinal_moments import OrdinalMoments, ordinal_moments
from psychometrics.validity.ordinal_items import OrdinalItems, ordinal_items, scaled_weights
from psychometrics.validity.samples import FittedSample, OrdinalAnswers
from psychometrics.validity.selection import Selection

# A weight of least squares is one over a variance; a smaller variance than this is none.
LEAST_VARIANCE = 1e-10


@dataclass(frozen=True)
class OrdinalInput:
    """Answers in the order of a model's variables, ordered ones as categories.

    Attributes
    ----------
    names : tuple of str
        The variables.
    ordered : ndarray of bool, shape (p,)
    values : ndarray, shape (n, p)
        Categories 0 to K - 1, values of continuous variables; NaN where missing.
    label : ndarray of int, shape (n,)
        Group of each row; -1 where it is left out.
    groups : tuple of str
        Empty without groups.
    weights : ndarray, shape (n,), or None
        Scaled to a mean of 1 in each group.
    items : OrdinalItems
        The ordered items, with what is odd about their answers.
    """

    names: tuple[str, ...]
    ordered: BoolArray
    values: FloatArray
    label: IntArray
    groups: tuple[str, ...]
    weights: FloatArray | None
    items: OrdinalItems

    @property
    def n_categories(self) -> dict[str, int]:
        """Categories of each ordered item."""
        return {
            name: len(categories)
            for name, categories in zip(self.items.names, self.items.clean.categories, strict=True)
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What should be known about the answers."""
        return self.items.findings


def ordered_names(ordered: bool | Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return which variables are ordered.

    Raises
    ------
    ModelError
        A name that the model doesn't have.
    DataError
        Neither a bool nor names.
    """
    if isinstance(ordered, bool):
        return tuple(names) if ordered else ()
    if not isinstance(ordered, Collection):
        raise DataError(f"ordered={ordered!r}: give True for all items, or the names of some.")
    wanted = (ordered,) if isinstance(ordered, str) else tuple(ordered)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ModelError(f"ordered names what the model doesn't have: {', '.join(unknown)}.")
    return tuple(name for name in names if name in wanted)


def refuse_ordered(
    data: object,
    estimator: Estimator,
    missing: str,
    information: str | None,
    bounds: str | None,
    weights: str | None,
    cluster: str | None,
    mimic: str = "lavaan",
) -> None:
    """Refuse what models of ordered items can't be fitted with, each with what to do."""
    if isinstance(data, Moments):
        raise DataError(
            "Ordered items need the answers: moments don't tell how often each was given."
        )
    if estimator not in ORDINAL:
        raise DataError(
            f"{estimator} takes answers as continuous; with ordered items use 'WLSMV' (the "
            "default), 'ULSMV', 'WLSM', 'ULSM', 'DWLS' or 'ULS'."
        )
    if missing == "fiml":
        raise DataError(
            "missing='fiml' is for continuous variables; with ordered items use 'pairwise', which "
            "takes answers as missing completely at random, or 'listwise'."
        )
    if information == "observed":
        raise DataError("Least squares has expected information only; leave information= out.")
    if bounds is not None:
        raise DataError(
            "bounds are for continuous variables. A residual variance of an ordered item can't be "
            "negative with parameterization='theta', where it is 1."
        )
    if mimic != "lavaan":
        raise DataError(
            f"mimic={mimic!r} is about MLM; with ordered items there is one convention. Leave it "
            "out."
        )
    if cluster is not None:
        raise DataError("Clusters with ordered items are not available; see docs on ordered items.")
    if weights is not None and estimator in PLAIN:
        raise DataError(
            f"{estimator} takes people as equal, which is wrong with weights; use 'WLSMV' or "
            "'ULSMV'."
        )


def ordinal_input(
    chosen: Selection,
    names: tuple[str, ...],
    ordered: tuple[str, ...],
    missing: str,
    *,
    collapse: bool = False,
) -> OrdinalInput:
    """Turn answers into categories and say which rows are analysed.

    Raises
    ------
    DataError
        Everything at once that keeps the answers from being analysed.
    """
    columns = np.array([chosen.keyed.items.index(name) for name in names])
    values = chosen.values[:, columns].copy()
    answered = ~np.isnan(values)
    keep = answered.all(axis=1) if missing == "listwise" else answered.any(axis=1)
    if chosen.weights is not None:
        keep &= chosen.weights > 0
    label = chosen.group if chosen.groups else np.zeros(len(values), dtype=np.int64)
    label = np.where(keep, label, -1)
    if not (label >= 0).any():
        raise DataError(f"No row has {'all' if missing == 'listwise' else 'any'} of the answers.")
    mask = np.array([name in ordered for name in names])
    items = ordinal_items(
        values[:, mask], ordered, label if chosen.groups else np.minimum(label, 0),
        chosen.groups, collapse=collapse,
    )  # fmt: skip
    values[:, mask] = items.clean.codes
    refuse_constant(values[:, ~mask], [n for n in names if n not in ordered], label, chosen.groups)
    return OrdinalInput(
        names, mask, values, label, chosen.groups, scaled_weights(chosen.weights, label), items
    )


def refuse_constant(
    values: FloatArray, names: Sequence[str], label: IntArray, groups: tuple[str, ...]
) -> None:
    """Refuse continuous variables that don't vary in some group."""
    faults = []
    for g, group in enumerate(groups or ("",)):
        own = values[label == g]
        for name, column in zip(names, own.T, strict=True):
            if len(np.unique(column[~np.isnan(column)])) < 2:
                faults.append(f"{name} does not vary{f' in {group}' if group else ''}")
    if faults:
        raise DataError("; ".join(faults) + ". Leave it out of the model.")


def ordinal_fitted(given: OrdinalInput, estimator: Estimator) -> FittedSample:
    """Reduce answers to thresholds and correlations with their sampling covariance.

    Raises
    ------
    DataError
        A pair of items of which one follows from the other, or that nobody answered together.
    """
    moments = ordinal_moments(
        given.values, given.ordered, groups=given.label, weights=given.weights
    )
    refuse_pairs(given, moments)
    count = max(1, len(given.groups))
    places = tuple(np.flatnonzero(given.label == g) for g in range(count))
    sizes = tuple(len(place) for place in places)
    names: tuple[str | None, ...] = given.groups or (None,)
    left_out = len(given.values) - sum(sizes)
    categories = dict(zip(given.items.names, given.items.clean.categories, strict=True))
    answers = OrdinalAnswers(given.values, categories)
    return FittedSample(ordinal_sample(moments, estimator), names, sizes, left_out, places, answers)


def refuse_pairs(given: OrdinalInput, moments: OrdinalMoments) -> None:
    """Refuse pairs of variables that have no correlation that could be weighed."""
    found = moments.correlations
    faults, slow = [], []
    for g, group in enumerate(given.groups or ("",)):
        place = f" in {group}" if group else ""
        variances = moments.groups[g].diagonal()[moments.layout.covariances]
        pairs = zip(moments.layout.first, moments.layout.second, variances, strict=True)
        for a, b, variance in pairs:
            both = f"{given.names[a]} and {given.names[b]}{place}"
            if not np.isfinite(found.correlation[g, a, b]):
                faults.append(f"{both}: too few people answered both")
            elif found.boundary[g, a, b] or not variance > LEAST_VARIANCE:
                faults.append(f"{both}: the answers to one follow from those to the other")
            elif not found.converged[g, a, b]:
                slow.append(both)
    if faults:
        shown = "; ".join(faults[:8]) + (f"; and {len(faults) - 8} more" if faults[8:] else "")
        raise DataError(f"{shown}. Leave an item of each pair out, or join sparse categories.")
    if slow:
        warnings.warn(
            f"The search for the correlation did not end: {'; '.join(slow[:8])}.",
            DegenerateDataWarning,
            stacklevel=5,
        )
