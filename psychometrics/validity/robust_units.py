"""Standard errors of the units' models that don't need normal answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.selection import WITHIN, Selection, Units
from psychometrics.validity.units import Clusters, UnitFits


def with_robust_errors(
    fitted: UnitFits, chosen: Selection, clusters: IntArray | None = None
) -> UnitFits:
    """Return the same solutions with Huber-White covariances of their estimates.

    Within sites people deviate from their own site's means, which is what that covariance is
    made of. Solutions that can't be used keep what they have. With `clusters` (one a row, -1 for
    a row that is alone) scores are summed by cluster first.

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
    counted = {} if clusters is None else clusters_of_units(fitted, chosen, columns, clusters)
    for unit, at in usable.items():
        if unit in counted and counted[unit].df < 1:
            covariance[at] = np.nan
            continue
        if unit in fitted.incomplete:
            mine = chosen.some(columns) & chosen.members(*place_of(fitted.units, unit))
            own = None if clusters is None else clusters_of(clusters[mine])
            sandwich = fitted.incomplete[unit].sandwich(fits.layout, fits.optimum.z[at], own)
        else:
            rows = rows_of_unit(chosen, fitted.units, columns, unit, clusters)
            sandwich = robust_inference(
                fits.layout, fits.optimum.z[at], fits.moments.take(np.array([at])), [rows]
            ).sandwich
        # An observed information that is not positive definite leaves no covariance.
        known = np.isfinite(sandwich).all() and (np.diagonal(sandwich) >= 0).all()
        covariance[at] = sandwich if known else np.nan
    return replace(fitted, fits=replace(fits, by_estimator=covariance), clusters=counted)


def clusters_of_units(
    fitted: UnitFits, chosen: Selection, columns: IntArray, clusters: IntArray
) -> dict[int, Clusters]:
    """Count the clusters of the people behind each unit's model."""
    found = {}
    for unit in range(len(fitted.units)):
        keep = chosen.some(columns) if unit in fitted.incomplete else chosen.complete(columns)
        mine = keep & chosen.members(*place_of(fitted.units, unit))
        count = len(np.unique(clusters_of(clusters[mine])))
        sites = len(np.unique(chosen.group[mine])) if fitted.units.pooling[unit] == WITHIN else 1
        found[unit] = Clusters(count, count - max(sites, 1))
    return found


def place_of(units: Units, unit: int) -> tuple[str, str | None]:
    """Return what a unit is: its pooling and its site."""
    return units.pooling[unit], units.group[unit]


def clusters_of(clusters: IntArray) -> IntArray:
    """Return the clusters of some rows; a row without one is alone."""
    alone = clusters.max(initial=-1) + 1 + np.arange(len(clusters))
    return np.asarray(np.where(clusters < 0, alone, clusters))


def rows_of_unit(
    chosen: Selection,
    units: Units,
    columns: IntArray,
    unit: int,
    clusters: IntArray | None = None,
) -> Rows:
    """Return the complete rows behind a unit's covariance; weights have a mean of 1."""
    pooling, group = place_of(units, unit)
    mine = chosen.complete(columns) & chosen.members(pooling, group)
    values = chosen.values[mine][:, columns]
    weights = None
    if chosen.weights is not None:
        own = chosen.weights[mine]
        weights = own / own.mean()
    if pooling == WITHIN:
        values = centred(values, chosen.group[mine], weights)
    return Rows(values, weights, None if clusters is None else clusters_of(clusters[mine]))


def centred(values: FloatArray, label: IntArray, weights: FloatArray | None) -> FloatArray:
    """Return deviations from the means of people's own sites."""
    weight = np.ones(len(values)) if weights is None else weights
    site, place = np.unique(label, return_inverse=True)
    total = np.zeros((len(site), values.shape[1]))
    np.add.at(total, place, values * weight[:, None])
    size = np.bincount(place, weights=weight, minlength=len(site))
    return np.asarray(values - (total / size[:, None])[place])
