"""One table out of the tables of several completed data sets, by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.rubin import pool
from psychometrics.stats.synthesis import TRANSFORMS
from psychometrics.validity.arguments import check_level
from psychometrics.validity.selection import META, SITE
from psychometrics.validity.synthesis import SCALES, interval_variance, synthesize

PoolingScale = Literal["auto", "identity", "fisher_z", "log", "log_complement", "logit"]

# Words that are computed from the answers: they say nothing of what a row is about.
COMPUTED = frozenset({"method", "reason", "class_", "outcome", "verdict", "fornell_larcker"})
POOLED_COLUMNS = (
    "estimate", "low", "high", "level", "n_obs", "n_sets", "df", "fmi", "riv", "method", "reason",
    "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip

OF_COEFFICIENT = (("omega", "logit"), ("coefficient_h", "logit"), ("", "log_complement"))
OF_STATISTIC = {
    "ave": "logit", "composite_reliability": "logit", "correlation": "fisher_z",
    "rank_correlation": "fisher_z", "robust_correlation": "fisher_z", "icc": "fisher_z",
    "kappa": "fisher_z", "fleiss_kappa": "fisher_z", "standard_error_of_measurement": "log",
    "smallest_detectable_change": "log",
}  # fmt: skip

Row = dict[str, Any]


def over_imputations(
    function: Callable[[pd.DataFrame], pd.DataFrame],
    sets: Iterable[pd.DataFrame],
    *,
    level: float = 0.95,
    scale: PoolingScale = "auto",
    columns: tuple[str, str, str] = ("estimate", "low", "high"),
) -> pd.DataFrame:
    """Run an analysis on every completed data set, and pool estimates and intervals.

    Parameters
    ----------
    function : callable
        From a frame to a table with one row a statistic, such as
        ``lambda frame: reliability(frame, scales, group="site")``.
    sets : Imputations or iterable of frames
        Completed data sets, two or more.
    level : float
        Coverage of the pooled intervals; also of the table's where it has no column ``level``.
    scale : {"auto", "identity", "fisher_z", "log", "log_complement", "logit"}
        Where estimates are near normal. By default log(1 - x) for alpha, logit for omega, AVE and
        composite reliability, Fisher's z for correlations, log for HTMT, and else as they are.
    columns : (str, str, str)
        Names of estimate and limits in the table, ``("correlation", "low", "high")`` for
        :func:`discriminant_validity`.

    Returns
    -------
    DataFrame
        The columns that say what a row is about, with ``estimate``, ``low``, ``high``, ``df``
        (Barnard and Rubin), ``fmi`` (fraction of missing information), ``riv``. ``meta`` rows are
        synthesised from the pooled sites.

    Raises
    ------
    DataError
        Fewer than two sets, or tables whose rows are about different things.

    References
    ----------
    Rubin (1987), Barnard & Rubin (1999): see :mod:`psychometrics.stats.rubin`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import impute, reliability
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> x = np.round(person + np.random.default_rng(2).normal(size=(200, 4)))
    >>> x[np.random.default_rng(3).random((200, 4)) < 0.1] = np.nan
    >>> scales = {"S": list("abcd")}
    >>> sets = impute(pd.DataFrame(x, columns=list("abcd")), scales, m=5)
    >>> table = over_imputations(lambda frame: reliability(frame, scales), sets)
    >>> table["coefficient"].tolist(), table["n_sets"].tolist()
    (['alpha', 'omega_total'], [5, 5])
    """
    check_level(level)
    check_option("scale", scale, ("auto", *TRANSFORMS))
    tables = [function(frame).reset_index(drop=True) for frame in sets]
    about = common_rows(tables, columns)
    rows = [
        pooled_row(about.iloc[at], [table.iloc[at] for table in tables], level, scale, columns)
        for at in range(len(about))
    ]
    if "pooling" in about:
        rows = resynthesised(rows, list(about.columns), level)
    made = pd.DataFrame(rows, columns=[*about.columns, *POOLED_COLUMNS])
    for name in about.columns:
        made[name] = pd.Series([row[name] for row in rows], index=made.index, dtype=object)
    made["reason"] = pd.Series([row["reason"] for row in rows], index=made.index, dtype=object)
    return made


def common_rows(tables: list[pd.DataFrame], columns: tuple[str, str, str]) -> pd.DataFrame:
    """Return what the rows are about, which every table must agree on.

    Raises
    ------
    DataError
        Fewer than two tables, columns that are not there, rows that differ.
    """
    if len(tables) < 2:
        raise DataError(f"Pooling needs two completed data sets or more; there are {len(tables)}.")
    names = described_rows(tables[0], columns)
    first = tables[0][names].astype(object).where(tables[0][names].notna(), None)
    for table in tables[1:]:
        own = table.reindex(columns=names).astype(object)
        if not first.equals(own.where(own.notna(), None)):
            raise DataError(
                "The tables of the data sets have different rows; the function must give the same "
                "rows for every set."
            )
    return first


def described_rows(table: pd.DataFrame, columns: tuple[str, str, str]) -> list[str]:
    """Return the columns that say what a row of a table is about.

    Raises
    ------
    DataError
        If the table lacks estimates or limits of these names.
    """
    absent = [name for name in columns if name not in table]
    if absent:
        raise DataError(
            f"The table has no column {', '.join(map(repr, absent))}; columns= names estimate and "
            f"limits among {', '.join(map(str, table.columns))}."
        )
    return [
        str(name)
        for name, kind in table.dtypes.items()
        if name not in COMPUTED
        and name not in columns
        and (not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind))
    ]


def pooled_row(
    about: pd.Series, own: list[pd.Series], level: float, scale: str, columns: tuple[str, str, str]
) -> Row:
    """Pool one statistic."""
    value, low, high = columns
    counts = [int(row["n_obs"]) for row in own if "n_obs" in row and np.isfinite(row["n_obs"])]
    row: Row = {
        **{str(name): cell for name, cell in about.items()},
        **dict.fromkeys(POOLED_COLUMNS, np.nan), "level": level,
        "n_obs": min(counts, default=0), "n_sets": len(own), "method": own[0].get("method", ""),
        "reason": NO_REASON,
    }  # fmt: skip
    why = set_problem(own, value, low, high)
    if why:
        return row | {"reason": why}
    name = scale if scale != "auto" else scale_for(about)
    transform = TRANSFORMS[name]
    estimates = np.array([one[value] for one in own], dtype=float)
    limits = np.array([(one[low], one[high]) for one in own], dtype=float)
    inner = float(own[0].get("level", level))
    variances = interval_variance(limits[:, 0], limits[:, 1], name, inner)
    with np.errstate(invalid="ignore", divide="ignore"):
        there = transform.forward(estimates)
    if not (np.isfinite(there).all() and np.isfinite(variances).all()):
        return row | {"reason": reason("outside_the_scale", scale=SCALES[name])}
    found = pool(there, variances, row["n_obs"] or np.inf)
    ends = sorted(float(transform.backward(end)) for end in found.limits(level))
    return row | {
        "estimate": float(transform.backward(found.estimate)), "low": ends[0], "high": ends[1],
        "df": float(found.df), "fmi": float(found.fmi), "riv": float(found.riv),
        "method": f"{row['method']}; Rubin's rules over {len(own)} sets, {SCALES[name]} scale",
        "transformed": name, "transformed_variance": float(found.variance),
    }  # fmt: skip


def set_problem(own: list[pd.Series], value: str, low: str, high: str) -> Reason:
    """Say why a statistic can't be pooled; empty if it can."""
    lacking = [row for row in own if not np.isfinite(row[value])]
    if lacking:
        first = lacking[0].get("reason", NO_REASON)
        if len(lacking) == len(own) and isinstance(first, Reason) and first:
            return first
        return reason("not_in_every_set", count=len(lacking), n_sets=len(own))
    if not all(np.isfinite(row[low]) and np.isfinite(row[high]) for row in own):
        return reason("no_interval_in_every_set")
    return NO_REASON


def scale_for(about: pd.Series) -> str:
    """Return the scale on which a statistic is near normal.

    Examples
    --------
    >>> scale_for(pd.Series({"coefficient": "alpha"})), scale_for(pd.Series({"variant": "htmt"}))
    ('log_complement', 'log')
    """
    if "coefficient" in about:
        word = str(about["coefficient"])
        return next(name for start, name in OF_COEFFICIENT if word.startswith(start))
    if "statistic" in about:
        return OF_STATISTIC.get(str(about["statistic"]), "identity")
    if "variant" in about:
        return "log"
    pairs = ({"scale_a", "scale_b"}, {"trait_a", "trait_b"})
    return "fisher_z" if any(pair <= set(about.index) for pair in pairs) else "identity"


def resynthesised(rows: list[Row], names: list[str], level: float) -> list[Row]:
    """Replace meta rows by the synthesis of the pooled sites."""
    keys = [name for name in names if name not in ("group", "pooling")]
    families: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        families.setdefault(tuple(row[name] for name in keys), []).append(row)
    made: list[Row] = []
    for own in families.values():
        kept = [row for row in own if row["pooling"] != META]
        made += kept
        if len(kept) < len(own):
            n_sites = sum(row["pooling"] == SITE for row in kept)
            again = synthesize(kept, level, at_least=n_sites)
            made += [row | dict.fromkeys(("df", "fmi", "riv"), np.nan) for row in again]
    return made
