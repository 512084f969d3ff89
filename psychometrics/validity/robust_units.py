"""Standard errors of the units' models that don't need normal answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.selection import Selection, Units
from psychometrics.validity.units import UnitFits


def with_robust_errors(fitted: UnitFits, chosen: Selection) -> UnitFits:
    """Return the same solutions with Huber-White covariances of their estimates.

    Within sites people deviate from their own site's means, which is what that covariance is
    made of. Solutions that can't be used keep what they have.

    References
    ----------
    White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50,
    1-25. doi:10.2307/1912526
    """
    if fitted.fits is None:
        return fitted
    fits = fitted.fits
    index = {item: i for i, item in enumerate(chosen.keyed.items)}
    columns = np.array([index[name] for name in fits.table.observed])
    usable = dict(fitted.usable())
    covariance = np.array(fits.covariance)
    for unit, rows in rows_of_units(chosen, fitted.units, columns, usable):
        at = usable[unit]
        found = robust_inference(
            fits.layout, fits.optimum.z[at], fits.moments.take(np.array([at])), [rows]
        )
        # An observed information that is not positive definite leaves no covariance.
        if np.isfinite(found.sandwich).all() and (np.diagonal(found.sandwich) >= 0).all():
            covariance[at] = found.sandwich
        else:
            covariance[at] = np.nan
    return replace(fitted, fits=replace(fits, by_estimator=covariance))


def rows_of_units(
    chosen: Selection, units: Units, columns: IntArray, wanted: dict[int, int]
) -> Iterator[tuple[int, Rows]]:
    """Yield the complete rows behind each unit's covariance; weights have a mean of 1."""
    keep = chosen.complete(columns)
    x, label = chosen.values[keep][:, columns], chosen.group[keep]
    weights = None if chosen.weights is None else chosen.weights[keep]
    for unit in wanted:
        pooling, group = units.pooling[unit], units.group[unit]
        if pooling == "total":
            mine = np.ones(len(x), dtype=bool)
        elif pooling == "within":
            mine = label >= 0
        else:
            mine = label == chosen.groups.index(str(group))
        own = None if weights is None else weights[mine] / weights[mine].mean()
        values = x[mine]
        if pooling == "within":
            values = centred(values, label[mine], own)
        yield unit, Rows(values, own)


def centred(values: FloatArray, label: IntArray, weights: FloatArray | None) -> FloatArray:
    """Return deviations from the means of people's own sites."""
    weight = np.ones(len(values)) if weights is None else weights
    site, place = np.unique(label, return_inverse=True)
    total = np.zeros((len(site), values.shape[1]))
    np.add.at(total, place, values * weight[:, None])
    size = np.bincount(place, weights=weight, minlength=len(site))
    return np.asarray(values - (total / size[:, None])[place])
