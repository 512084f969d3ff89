"""Whether sites have the same factors: congruence of loadings after Procrustes rotation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.congruence import procrustes, tucker_phi
from psychometrics.stats.efa import METHODS, extract
from psychometrics.stats.moments import BoolArray, FloatArray, Sums, correlation_of, scatter_of
from psychometrics.stats.resampling import (
    Rng,
    bootstrap_sums,
    percentile_interval,
    seed_of,
    stream,
)
from psychometrics.stats.rotation import N_STARTS, is_oblique, rotate
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.correlations import Items, chosen_items
from psychometrics.validity.exploration import METHOD_NAMES, Method, checked_number
from psychometrics.validity.selection import Selection, Units
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

CONGRUENCE_COLUMNS = (
    "group", "other", "factor", "estimate", "low", "high", "level", "n_obs", "n_other", "method",
    "reason",
)  # fmt: skip

WITHIN = "within"
ALL_FACTORS = "all"


@one_blas_thread()
def factor_congruence(
    data: Any,
    n_factors: int,
    group: str,
    *,
    items: Items = None,
    method: Method = "minres",
    rotation: str = "varimax",
    n_boot: int = 0,
    level: float = 0.95,
    rng: Rng = None,
) -> pd.DataFrame:
    """Compare the factors of every site with the pooled ones and with every other site's.

    The factors of the correlations pooled within sites are rotated; every site's own factors are
    rotated orthogonally as near to them as they come (Procrustes), and Tucker's phi is computed
    factor by factor. Phi is descriptive: around .95 and above factors count as equal, from .85 as
    fairly similar (Lorenzo-Seva & ten Berge, 2006). Rotating to a target raises it, chance
    in small samples lowers it.

    Parameters
    ----------
    data : frame or Responses
        Answers; rows complete on all items are analysed.
    n_factors : int
        Number of factors, the same everywhere.
    group : str
        Column of the sites.
    items : sequence of str or mapping of scale to sequence of str, optional
        Columns to analyse; all but `group` by default.
    method : {"minres", "uls", "ml", "pa"}
        Extraction.
    rotation : str
        An orthogonal rotation of the pooled solution.
    n_boot : int
        Bootstrap samples for the interval; 0 for none. People are drawn within sites. Limits are
        those of the basic bootstrap: 2 phi minus the percentiles of phi in the samples, since phi
        is too low in samples, and percentiles would be too low twice.
    level : float
        Coverage.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    DataFrame
        One row a factor and pair: ``group``; ``other``, a site or ``within`` for the pooled
        solution; ``factor``, or ``all`` for the loadings of all factors together; ``estimate``,
        ``low``, ``high``, ``level``, ``n_obs``, ``n_other``, ``method``, ``reason``.

    Raises
    ------
    DataError
        Fewer than two sites, an oblique rotation, what :func:`psychometrics.efa` refuses.

    References
    ----------
    Fischer, R., & Karl, J. A. (2019). A primer to (cross-cultural) multi-group invariance testing
    possibilities in R. Frontiers in Psychology, 10, 1507. doi:10.3389/fpsyg.2019.01507
    Lorenzo-Seva, U., & ten Berge, J. M. F. (2006): see :mod:`psychometrics.stats.congruence`.
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application (section 5.2).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=(300, 2)).repeat(3, axis=1)
    >>> frame = pd.DataFrame(person + rng.normal(size=(300, 6)), columns=list("abcdef"))
    >>> table = factor_congruence(frame.assign(site=["ulm", "pune"] * 150), 2, "site")
    >>> bool((table["estimate"] > 0.95).all())
    True
    """
    check_option("method", method, METHODS)
    check_level(level)
    check_samples(n_boot)
    if is_oblique(rotation) or rotation == "none" or rotation.startswith("target"):
        raise DataError(
            f"rotation={rotation!r}: sites are compared after orthogonal rotation; choose one such "
            "as 'varimax' or 'quartimax'."
        )
    chosen = chosen_items(data, items, group)
    if chosen.moments is not None or len(chosen.groups) < 2:
        raise DataError("Congruence between sites needs the answers of two sites or more.")
    m = checked_number(n_factors, len(chosen.keyed.items))
    seed = seed_of(rng)
    units = chosen.units(np.arange(len(chosen.keyed.items)))
    at = units.pooling.index(WITHIN)
    why = unit_problem(units, at, chosen.keyed.items)
    if why:
        raise DataError(str(why))
    pooled = extract(correlation_of(units.covariance[at])[None], m, method).loadings
    target = rotate(
        pooled[0], rotation, n_starts=N_STARTS, rng=stream(seed, "efa", "rotation")
    ).loadings
    made = Comparison(chosen, units, target, method)
    return tidy(
        made.rows(f"{METHOD_NAMES[method]}, {rotation}", n_boot, level, seed), CONGRUENCE_COLUMNS
    )


@dataclass(frozen=True)
class Comparison:
    """Sites whose factors are compared, and the pooled factors they are rotated to."""

    chosen: Selection
    units: Units
    target: FloatArray
    method: str

    @property
    def sites(self) -> tuple[int, ...]:
        """Return which units are sites."""
        return tuple(i for i, pooling in enumerate(self.units.pooling) if pooling == "site")

    def reasons(self) -> list[Reason]:
        """Say of each site why it can't be compared."""
        return [unit_problem(self.units, at, self.chosen.keyed.items) for at in self.sites]

    def loadings(self, correlation: FloatArray, usable: BoolArray) -> FloatArray:
        """Return the pooled and the sites' loadings, aligned, (replicate, 1 + site, p, m).

        The pooled loadings of each replicate are turned to the target, and the sites' to those.
        """
        count, units, p, _ = correlation.shape
        m = self.target.shape[1]
        found = np.full((count, units, p, m), np.nan)
        flat = correlation[:, usable].reshape(-1, p, p)
        own = extract(flat, m, self.method).loadings.reshape(count, -1, p, m)
        found[:, usable] = own
        found[:, 0] = procrustes(found[:, 0], self.target)
        goal = np.broadcast_to(found[:, :1], own[:, 1:].shape)
        sites = usable.copy()
        sites[0] = False
        found[:, sites] = procrustes(found[:, sites], goal)
        return found

    def rows(self, method: str, n_boot: int, level: float, seed: int) -> list[dict[str, Any]]:
        """Return the rows of all pairs."""
        reasons = self.reasons()
        usable = np.array([True, *(not why for why in reasons)])
        places = [self.units.pooling.index(WITHIN), *self.sites]
        correlation = np.stack([safe_correlation(self.units.covariance[at]) for at in places])
        names = [WITHIN, *(self.units.group[at] for at in self.sites)]
        pairs = [(i, 0) for i in range(1, len(names))]
        pairs += list(combinations(range(1, len(names)), 2))
        estimate = congruences(self.loadings(correlation[None], usable), pairs)[0]
        spread = self.bootstrap(usable, pairs, n_boot, seed) if n_boot else None
        limits = None if spread is None else percentile_interval(spread, level)
        told = "no interval" if spread is None else f"basic bootstrap, {n_boot}"
        factors = [*(f"F{f + 1}" for f in range(self.target.shape[1])), ALL_FACTORS]
        rows = []
        for at, (one, other) in enumerate(pairs):
            why = reasons[one - 1] or (reasons[other - 1] if other else NO_REASON)
            about = {
                "group": names[one],
                "other": names[other],
                "level": level,
                "n_obs": int(self.units.n[places[one]]),
                "n_other": int(self.units.n[places[other]]),
                "method": f"{method}, Procrustes, {told}",
            }
            for f, factor in enumerate(factors):
                value = float(estimate[at, f])
                own = None if limits is None else (limits[0][at, f], limits[1][at, f])
                rows.append(about | {"factor": factor} | with_limits(value, own, why))
        return rows

    def bootstrap(
        self, usable: BoolArray, pairs: list[tuple[int, int]], n_boot: int, seed: int
    ) -> FloatArray:
        """Return bootstrap replicates of the congruences, (n_boot, pair, m + 1)."""
        keep = self.chosen.complete(np.arange(len(self.chosen.keyed.items)))
        keep &= self.chosen.group >= 0
        x, label = self.chosen.values[keep], self.chosen.group[keep]
        parts = []
        for sums in bootstrap_sums(x, label, self.chosen.groups, n_boot, seed, "congruence"):
            parts.append(congruences(self.loadings(correlations_of(sums), usable), pairs))
        return np.concatenate(parts)


def with_limits(
    estimate: float, percentiles: tuple[float, float] | None, why: Reason
) -> dict[str, Any]:
    """Return a congruence with its basic bootstrap limits, or why there is none.

    Chance makes loadings less alike, and once more in every sample: so the percentiles of the
    samples are reflected about the estimate.
    """
    found: dict[str, Any] = {"estimate": estimate, "low": np.nan, "high": np.nan, "reason": why}
    if percentiles is None or why:
        return found
    if np.isnan(percentiles).any():
        return found | {"reason": reason("interval_undefined")}
    low, high = 2 * estimate - percentiles[1], 2 * estimate - percentiles[0]
    return found | {"low": float(low), "high": min(float(high), 1.0)}


def unit_problem(units: Units, at: int, items: tuple[str, ...]) -> Reason:
    """Say why a unit has no factors to compare; empty if it has."""
    if units.n[at] <= len(items):
        return reason("more_items_than_people", n_obs=int(units.n[at]), n_items=len(items))
    variance = np.diagonal(units.covariance[at])
    constant = [item for item, v in zip(items, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if np.linalg.eigvalsh(correlation_of(units.covariance[at]))[0] < 1e-8:
        return reason("covariance_singular", n_obs=int(units.n[at]), n_items=len(items))
    return NO_REASON


def safe_correlation(covariance: FloatArray) -> FloatArray:
    """Return correlations, the identity where there are none: such a unit is left out later."""
    with np.errstate(invalid="ignore"):
        r = correlation_of(covariance)
    return r if np.isfinite(r).all() else np.eye(len(r))


def correlations_of(sums: Sums) -> FloatArray:
    """Return correlations pooled within sites and of each site, (replicate, 1 + site, p, p)."""
    own = scatter_of(sums)
    scatter = np.concatenate([own.sum(axis=1, keepdims=True), own], axis=1)
    variance = np.diagonal(scatter, axis1=-2, axis2=-1)
    varies = np.asarray((variance > 0).all(axis=-1))[..., None, None]
    # A sample in which an item is constant says nothing of that site.
    return correlation_of(np.where(varies, scatter, np.eye(scatter.shape[-1])))


def congruences(loadings: FloatArray, pairs: list[tuple[int, int]]) -> FloatArray:
    """Return phi of each pair by factor, then of all loadings, (replicate, pair, m + 1)."""
    one = loadings[:, [pair[0] for pair in pairs]]
    other = loadings[:, [pair[1] for pair in pairs]]
    by_factor = np.diagonal(tucker_phi(one, other), axis1=-2, axis2=-1)
    shape = (*one.shape[:2], -1, 1)
    whole = tucker_phi(one.reshape(shape), other.reshape(shape))[..., 0]
    return np.concatenate([by_factor, whole], axis=-1)
