"""Internal consistency: reliability coefficients, pooled and per site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from psychometrics.validity.alpha_bootstrap import with_bootstrap
from psychometrics.validity.coefficients import COEFFICIENTS, IntervalChoice, interval_of
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.reliability_call import FACTOR_COLUMN, Call, ScaleCall, prepare
from psychometrics.validity.reliability_factor import proportion as proportion
from psychometrics.validity.reliability_hierarchy import Subscales
from psychometrics.validity.reliability_rows import Row, Settings
from psychometrics.validity.reliability_sample import Resampling
from psychometrics.validity.selection import Missing, Scales
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.thresholds import Threshold, threshold_of, with_verdicts
from psychometrics.validity.units import tidy

RELIABILITY_COLUMNS = (
    "scale", "group", "pooling", "coefficient", "estimate", "low", "high", "level", "n_obs",
    "n_items", "method", "reason", "n_groups", "tau2", "tau2_low", "tau2_high", "i2",
    "prediction_low", "prediction_high",
)  # fmt: skip
SPLIT_COLUMNS = ("split_min", "split_max", "n_splits")

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
        reason; for ``meta`` rows also n_groups, tau2 with its interval, i2 and a prediction
        interval. With
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
    if threshold is not None:
        threshold_of(threshold)
    call = prepare(
        data, scales, coefficients, group=group, level=level, interval=interval, missing=missing,
        weights=weights, cluster=cluster, n_boot=n_boot, rng=rng, bifactor=bifactor,
    )  # fmt: skip
    table = call_table(call, coefficients)
    return table if threshold is None else with_verdicts(table, threshold)


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
    return call_table(Call(models, Settings(level, interval, how), missing, bifactor), coefficients)


def by_small_n_policy(call: Call, scale: str, rows: list[Row]) -> list[Row]:
    """Put bootstrap intervals where the small-n policy asks for them instead of a formula's."""
    settings, chosen = call.settings, call.models.chosen
    about = COEFFICIENTS["alpha"]
    how = settings.how
    formula = interval_of(about, settings.interval, 0, clustered=False, n_boot=how.n_boot)
    if settings.clustered or formula not in about.analytic or scale in call.models.barred:
        return rows
    columns = chosen.keyed.positions(scale)
    return with_bootstrap(rows, chosen, columns, scale, how.n_boot, how.seed, call.missing)


def scale_rows(call: Call, scale: str, coefficients: Sequence[str]) -> dict[str, list[list[Row]]]:
    """Return the units' rows of a scale's coefficients, made once a call.

    One list for each coefficient, and one for each group factor of ``omega_subscale``.
    """
    mine = ScaleCall(call, scale)
    for coefficient in coefficients:
        if (scale, coefficient) not in call.rows:
            parts = mine.parts(coefficient)
            if coefficient == "alpha":
                parts = [by_small_n_policy(call, scale, units) for units in parts]
            call.rows[scale, coefficient] = parts
    return {coefficient: call.rows[scale, coefficient] for coefficient in coefficients}


def call_table(call: Call, coefficients: Sequence[str]) -> pd.DataFrame:
    """Return the table of a call: all units of all scales and coefficients, and the syntheses."""
    rows: list[Row] = []
    n_sites = len(call.models.chosen.groups)
    for scale in call.models.chosen.keyed.scales:
        for coefficient, parts in scale_rows(call, scale, coefficients).items():
            for units in parts:
                made = units
                if scale not in call.models.barred:
                    made = units + synthesize(units, call.settings.level, at_least=n_sites)
                rows += [{"scale": scale, "coefficient": coefficient, **row} for row in made]
    columns = list(RELIABILITY_COLUMNS)
    if "split_half" in coefficients:
        columns += SPLIT_COLUMNS
    if "omega_subscale" in coefficients:
        columns.append(FACTOR_COLUMN)
    return tidy(rows, columns)
