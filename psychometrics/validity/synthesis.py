"""The ``meta`` row of a table: what the sites' own estimates say together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.errors import NO_REASON, reason
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.synthesis import TRANSFORMS, random_effects
from psychometrics.validity.selection import META, SITE

# What readers call the scales that estimates are averaged on.
SCALES = {
    "identity": "their own",
    "fisher_z": "Fisher's z",
    "log": "log",
    "log_complement": "log(1 - x)",
    "logit": "logit",
}
METHOD = (
    "random effects (REML, Hartung-Knapp with a factor of 1 or more) of the sites' estimates, "
    "{scale} scale"
)

SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-14, 1e10


def synthesize(rows: list[dict[str, Any]], level: float, *, at_least: int) -> list[dict[str, Any]]:
    """Return the meta row of one statistic's rows, or nothing where there are no sites.

    Parameters
    ----------
    rows : list of dict
        Rows of one statistic; site rows that can take part carry ``transformed`` (the name of a
        scale) and ``transformed_variance``.
    level : float
        Coverage.
    at_least : int
        Number of sites in the data; a single one needs no synthesis.
    """
    if at_least < 2:
        return []
    sites = [row for row in rows if row["pooling"] == SITE]
    estimated = [row for row in sites if np.isfinite(row["estimate"])]
    used = [row for row in estimated if not row["reason"] and can_take_part(row)]
    made: dict[str, Any] = {
        key: value for key, value in rows[0].items() if not key.startswith("transformed")
    }
    made |= {
        "group": None, "pooling": META, "estimate": np.nan, "low": np.nan, "high": np.nan,
        "n_obs": int(sum(row["n_obs"] for row in used)), "n_groups": len(used),
        "reason": NO_REASON,
    }  # fmt: skip
    if len(used) < 2:
        code = "no_synthesis" if len(estimated) < 2 else "no_synthesis_of_variances"
        return [made | {"reason": reason(code, n_sites=len(used)), "method": ""}]
    scale = TRANSFORMS[used[0]["transformed"]]
    found = random_effects(
        scale.forward(np.array([row["estimate"] for row in used])),
        np.array([row["transformed_variance"] for row in used]),
        level,
    )
    # A falling scale such as log(1 - x) turns the limits round.
    low, high = sorted((float(scale.backward(found.low)), float(scale.backward(found.high))))
    ahead = sorted(
        (float(scale.backward(found.prediction_low)), float(scale.backward(found.prediction_high)))
    )
    return [
        made
        | {
            "estimate": float(scale.backward(found.estimate)),
            "low": low,
            "high": high,
            "tau2": found.tau2,
            "tau2_low": found.tau2_low,
            "tau2_high": found.tau2_high,
            "i2": found.i2,
            "prediction_low": ahead[0],
            "prediction_high": ahead[1],
            "method": METHOD.format(scale=SCALES[scale.name]),
        }
    ]


def can_take_part(row: dict[str, Any]) -> bool:
    """Tell whether a site's estimate has a place and a variance on the scale of the synthesis.

    An alpha of 1, say, is infinitely far out there. A variance that is rounding alone, or beyond
    all bounds, is none.
    """
    if not SMALLEST_VARIANCE < row.get("transformed_variance", np.nan) < LARGEST_VARIANCE:
        return False
    with np.errstate(invalid="ignore", divide="ignore"):
        return bool(np.isfinite(TRANSFORMS[row["transformed"]].forward(row["estimate"])))


def interval_variance(
    low: npt.ArrayLike, high: npt.ArrayLike, scale: str, level: float
) -> FloatArray:
    """Return the sampling variance that an interval's width on a scale stands for.

    Parameters
    ----------
    low, high : array_like
        Limits of the statistic itself.
    scale : str
        A key of :data:`~psychometrics.stats.synthesis.TRANSFORMS`.
    level : float
        Coverage of the interval.

    Returns
    -------
    ndarray
        NaN where a limit has no place on the scale.
    """
    forward = TRANSFORMS[scale].forward
    with np.errstate(invalid="ignore", divide="ignore"):
        width = forward(np.asarray(high, dtype=float)) - forward(np.asarray(low, dtype=float))
        variance = (width / (2 * special.ndtri((1 + level) / 2))) ** 2
    return np.where(np.isfinite(variance), variance, np.nan)
