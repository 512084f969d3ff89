"""Internal consistency: reliability coefficients, pooled and per site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option, reason
from psychometrics.stats.alpha_variance import as_clusters
from psychometrics.stats.moments import IntArray, Moments
from psychometrics.stats.resampling import seed_of
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.coefficients import (
    COEFFICIENTS,
    IntervalChoice,
    check_coefficients,
    check_interval,
)
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.frames import check_columns, group_label, is_missing, to_narwhals
from psychometrics.validity.reliability_factor import FactorCoefficients
from psychometrics.validity.reliability_hierarchy import (
    N_GROUP_FACTORS,
    HierarchyCoefficients,
    Subscales,
    check_bifactor,
)
from psychometrics.validity.reliability_moments import MomentCoefficients
from psychometrics.validity.reliability_ordinal import OrdinalCoefficients
from psychometrics.validity.reliability_rows import (
    Row,
    Settings,
    Source,
    barred_rows,
    coefficient_rows,
)
from psychometrics.validity.reliability_sample import Resampling, ScaleSample
from psychometrics.validity.selection import Missing, Scales, Selection, select
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.thresholds import Threshold, threshold_of, with_verdicts
from psychometrics.validity.units import tidy

RELIABILITY_COLUMNS = (
    "scale", "group", "pooling", "coefficient", "estimate", "low", "high", "level", "n_obs",
    "n_items", "method", "reason", "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip
SPLIT_COLUMNS = ("split_min", "split_max", "n_splits")
FACTOR_COLUMN = "factor"

DEFAULT = ("alpha", "omega_total")
NO_RESAMPLING = Resampling()


def reliability(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    coefficients: Sequence[str] = DEFAULT,
    level: float = 0.95,
    interval: IntervalChoice = "auto",
    missing: Missing = "pairwise",
    weights: str | None = None,
    cluster: str | None = None,
    bifactor: Mapping[str, Subscales] | None = None,
    threshold: Threshold = None,
    n_boot: int = 1000,
    rng: Any = None,
) -> pd.DataFrame:
    """Estimate how consistently the items of each scale measure, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given; items to be turned are marked in `scales`.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one. A whole instrument can be a scale too.
    group : str, optional
        Column of the sites. Adds a row a site, the pooled-within row and the synthesis.
    coefficients : sequence of str
        What to estimate: ``alpha alpha_standardized alpha_ordinal omega_total
        omega_total_observed omega_hierarchical omega_subscale omega_categorical
        omega_categorical_observed lambda2 lambda6 coefficient_h split_half average_r``.
    level : float
        Coverage of the intervals.
    interval : str, or mapping of coefficient to str
        ``auto``, ``feldt``, ``bonett``, ``adf`` (alpha), ``delta`` (omega total, H),
        ``bootstrap`` (percentile), ``bca``, ``normal_bootstrap``, ``jackknife``. A coefficient
        that has not got the one named takes its own default.
    missing : {"pairwise", "listwise"}
        Covariances, and polychoric correlations; ``n_obs`` is then the size of the scarcest pair,
        or of the complete rows. Factor models always use the rows complete on the scale.
    weights : str, optional
        Column of case weights.
    cluster : str, optional
        Column of the clusters (services) that people come in, numbered within sites or throughout:
        intervals then count clusters and not people.
    bifactor : mapping of scale to mapping of str to sequence of str, optional
        For omega hierarchical and subscale of a scale: the items of each group factor. Without it
        the group factors are found in the data.
    threshold : float or "cosmin", optional
        What the intervals are held against: adds ``threshold threshold_source verdict``, where the
        verdict is ``above`` (or at it), ``below``, ``undecided`` or, without an interval,
        ``unavailable``. ``"cosmin"`` is .70, with its source.
    n_boot : int
        Bootstrap samples, where an interval needs them.
    rng : int or Generator, optional
        Where they come from; the same by default.

    Returns
    -------
    DataFrame
        One row a scale, unit and coefficient: estimate, low, high, n_obs, n_items, method,
        reason; for ``meta`` rows also n_groups, tau2, i2 and a prediction interval. With
        ``split_half`` also ``split_min split_max n_splits``; with ``omega_subscale`` also
        ``factor``.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense, unknown options.

    References
    ----------
    The papers stand at the functions in :mod:`psychometrics.stats`: ``reliability``, ``guttman``,
    ``split_half``, ``maximal``, ``categorical_omega``, ``schmid_leiman``, ``alpha_variance``,
    ``replicate_intervals``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> noise = np.random.default_rng(2).normal(size=(200, 3))
    >>> frame = pd.DataFrame(person + noise, columns=["a", "b", "c"])
    >>> table = reliability(frame, {"S": ["a", "b", "c"]})
    >>> list(table["coefficient"]), list(table["n_obs"])
    (['alpha', 'omega_total'], [200, 200])
    """
    check_interval(interval, clustered=cluster is not None)
    check_option("missing", missing, ("pairwise", "listwise"))
    check_level(level)
    check_samples(n_boot)
    check_coefficients(coefficients)
    chosen = select(data, scales, group=group, weights=weights)
    check_bifactor(chosen, bifactor)
    clusters = None if cluster is None else cluster_codes(data, cluster, chosen)
    how = Resampling(n_boot, seed_of(rng), clusters)
    if threshold is not None:
        threshold_of(threshold)
    table = reliability_of(
        FactorModels(chosen), coefficients, level, interval, missing, how, bifactor
    )
    return table if threshold is None else with_verdicts(table, threshold)


def cluster_codes(data: Any, cluster: str, chosen: Selection) -> IntArray:
    """Return the cluster of each row; services numbered anew at each site are different ones."""
    if isinstance(data, Moments):
        raise DataError("Moments hold no clusters; leave cluster out.")
    frame = to_narwhals(data)
    check_columns(frame, [cluster])
    cells = frame[cluster].to_list()
    found = np.full(len(cells), -1, dtype=np.int64)
    known = np.array([not is_missing(cell) for cell in cells], dtype=bool)
    if known.any():
        # A text that sorts alike whatever the order of the rows.
        labels = [
            f"{group_label(cell)}\x00{site}"
            for cell, site, there in zip(cells, chosen.group, known, strict=True)
            if there
        ]
        found[known] = as_clusters(labels)
    return found


def reliability_of(
    models: FactorModels,
    coefficients: Sequence[str] = DEFAULT,
    level: float = 0.95,
    interval: IntervalChoice = "auto",
    missing: Missing = "pairwise",
    how: Resampling = NO_RESAMPLING,
    bifactor: Mapping[str, Subscales] | None = None,
) -> pd.DataFrame:
    """Estimate the coefficients of a selection; see :func:`reliability`."""
    settings = Settings(level, interval, how)
    rows: list[Row] = []
    for scale in models.chosen.keyed.scales:
        known: dict[str, Any] = {}
        for coefficient in coefficients:
            for part in _parts_of(models, scale, coefficient, settings, missing, bifactor, known):
                part += synthesize(part, level, at_least=len(models.chosen.groups))
                rows += [{"scale": scale, "coefficient": coefficient, **row} for row in part]
    columns = list(RELIABILITY_COLUMNS)
    if "split_half" in coefficients:
        columns += SPLIT_COLUMNS
    if "omega_subscale" in coefficients:
        columns.append(FACTOR_COLUMN)
    return tidy(rows, columns)


def _parts_of(
    models: FactorModels,
    scale: str,
    coefficient: str,
    settings: Settings,
    missing: Missing,
    bifactor: Mapping[str, Subscales] | None,
    known: dict[str, Any],
) -> list[list[Row]]:
    """Return the rows of a coefficient of a scale: one list, or one for each group factor."""
    chosen, items = models.chosen, models.chosen.keyed.scales[scale]
    columns, k = chosen.keyed.positions(scale), len(items)
    about = COEFFICIENTS[coefficient]
    pairwise: Missing = missing if about.kind in ("moments", "ordinal") else "listwise"
    if scale in models.barred:
        return [barred_rows(chosen.units(columns), k, settings.level, models.barred[scale])]
    if about.kind != "moments" and k < about.needed and not (bifactor or {}).get(scale):
        short = reason("too_few_items", n_items=k, needed=about.needed)
        return [barred_rows(chosen.units(columns), k, settings.level, short)]

    def sample(name: Missing) -> ScaleSample | None:
        if chosen.moments is not None:
            return None
        key = f"sample {name}"
        if key not in known:
            known[key] = ScaleSample(chosen, columns, name, scale, settings.how)
        found: ScaleSample = known[key]
        return found

    if about.kind not in known:
        source: Source
        if about.kind == "factor":
            source = FactorCoefficients(scale, items, models.alone(scale), sample("listwise"))
        else:
            units = chosen.units(columns, pairwise)
            if about.kind == "moments":
                source = MomentCoefficients(items, units, missing, sample(pairwise))
            elif about.kind == "ordinal":
                source = OrdinalCoefficients(items, units, sample(pairwise))
            else:
                subscales = keyless((bifactor or {}).get(scale))
                source = HierarchyCoefficients(items, units, sample("listwise"), subscales, 0, {})
        known[about.kind] = source
    found = known[about.kind]
    if coefficient != "omega_subscale":
        return [coefficient_rows(found, coefficient, k, settings)]
    names = list(found.subscales or [f"F{at + 1}" for at in range(N_GROUP_FACTORS)])
    return [
        [
            row | {FACTOR_COLUMN: name}
            for row in coefficient_rows(replace(found, at=at), coefficient, k, settings)
        ]
        for at, name in enumerate(names)
    ]


def keyless(subscales: Subscales | None) -> Subscales | None:
    """Take the directions off the names of items."""
    if not subscales:
        return None
    return {name: [item.removeprefix("-") for item in own] for name, own in subscales.items()}
