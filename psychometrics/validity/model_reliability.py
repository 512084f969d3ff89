"""Reliability of the sums of a fitted model: correlated factors, bifactor, higher order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError
from psychometrics.stats.cfa.composites import (
    Composite,
    composites,
    is_higher,
    own_share,
    share_of_factors,
    share_without_specifics,
    total_share,
)
from psychometrics.stats.cfa.inference import delta_method
from psychometrics.validity.arguments import check_level
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.reliability_factor import proportion
from psychometrics.validity.units import tidy

MODEL_COLUMNS = (
    "factor", "group", "coefficient", "estimate", "low", "high", "level", "n_obs", "n_items",
    "turned", "method", "reason",
)  # fmt: skip

Share = Callable[[Any, Any, Composite], Any]


def model_reliability(fit: CFAResult, *, level: float = 0.95) -> pd.DataFrame:
    """Estimate the reliability of the sum of the items of each factor of a fitted model.

    Parameters
    ----------
    fit : CFAResult
        Of continuous items: correlated factors, a bifactor model, a higher-order model; one group
        or several.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        One row a factor, group and coefficient. ``omega_total``: the share of the sum's variance
        due to all factors. ``omega_hierarchical``: of a factor whose items hold those of others (a
        general or a higher factor), the share that it alone brings in. ``omega_subscale``: of the
        others in such a model, what their own factor alone brings in. For a higher factor also
        ``omega_partial``, its share of what it and the items' errors make, and
        ``omega_second_order``, its share of the sum of the factors below it. Variances are those
        that the model implies; items that a factor lowers are turned, and named in ``turned``.

    Raises
    ------
    DataError
        A model of ordered items, or one without factors.

    References
    ----------
    Raykov, T., & Zinbarg, R. E. (2011). Proportion of general factor variance in a hierarchical
    multiple-component measuring instrument. British Journal of Mathematical and Statistical
    Psychology, 64, 193-207. doi:10.1348/000711009X479714
    Rodriguez, A., Reise, S. P., & Haviland, M. G. (2016). Evaluating bifactor models. Psychological
    Methods, 21, 137-150. doi:10.1037/met0000045

    Examples
    --------
    >>> from psychometrics import Moments, cfa
    >>> covariance = np.full((4, 4), 0.5) + np.diag([0.5, 0.4, 0.3, 0.5])
    >>> moments = Moments(covariance, np.zeros(4), 200, names=("a", "b", "c", "d"))
    >>> found = model_reliability(cfa("f =~ a + b + c + d", moments))
    >>> found["coefficient"].tolist(), found["estimate"].round(3).tolist()
    (['omega_total'], [0.825])
    """
    check_level(level)
    if (fit.parameters["op"] == "|").any():
        raise DataError(
            "The model is of ordered items; reliability(..., coefficients=['omega_categorical']) "
            "gives the reliability of the sum of their answers."
        )
    layout = fit.fits.layout
    z, covariance = fit.fits.optimum.z[0], fit.fits.covariance[0]
    found = composites(layout, z)
    if not found:
        raise DataError("The model has no factor with items, so there is no sum to speak of.")
    rows: list[dict[str, Any]] = []
    for composite in found:
        for name, share in shares_of(fit, composite, found):
            row: dict[str, Any] = {
                "factor": layout.variables[composite.factor],
                "group": fit.groups[composite.group] if fit.groups else None,
                "coefficient": name,
                "estimate": np.nan,
                "level": level,
                "n_obs": people(fit, composite.group),
                "n_items": int((composite.weights != 0).sum()),
                "turned": ", ".join(
                    layout.variables[i] for i in np.flatnonzero(composite.weights < 0)
                ),
                "method": f"{fit.method}, delta method on the logit",
                "reason": fit.problem or NO_REASON,
            }
            if not row["reason"]:
                value = delta_method(_column(share, layout, composite), z, covariance)
                row |= {
                    key: cell
                    for key, cell in proportion(*value, level).items()
                    if not key.startswith("transformed")
                }
            rows.append(row)
    return tidy(rows, MODEL_COLUMNS)


def _column(share: Share, layout: Any, composite: Composite) -> Callable[[Any], Any]:
    return lambda point: share(layout, point, composite)[:, None]


def shares_of(
    fit: CFAResult, composite: Composite, every: tuple[Composite, ...]
) -> list[tuple[str, Share]]:
    """Return the coefficients that a factor's sum has, and how each is computed."""
    found: list[tuple[str, Share]] = [("omega_total", total_share)]
    others = [one for one in every if one.group == composite.group and one is not composite]
    if any(holds(composite, one) for one in others):
        found.append(("omega_hierarchical", own_share))
    elif any(holds(one, composite) for one in others):
        found.append(("omega_subscale", own_share))
    if is_higher(fit.fits.layout, composite.factor):
        found += [
            ("omega_partial", share_without_specifics),
            ("omega_second_order", share_of_factors),
        ]
    return found


def holds(one: Composite, other: Composite) -> bool:
    """Tell whether the items of one composite are all of the other's, and more."""
    mine, theirs = one.weights != 0, other.weights != 0
    return bool((mine | ~theirs).all() and (mine & ~theirs).any())


def people(fit: CFAResult, group: int) -> int:
    """Return the people of a group."""
    return round(float(fit.fits.data.n[0, group]))
