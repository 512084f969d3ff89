"""Models side by side, with difference tests of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.stats.cfa.nested import difference_test
from psychometrics.validity.cfa_result import CFAResult

COMPARE_COLUMNS = (
    "model", "df", "chi2", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "n_parameters", "n_obs",
    "delta_chi2", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr", "method",
)  # fmt: skip
PLAIN = "chi-square difference"
SCALED = "Satorra-Bentler (2001) scaled difference"


def compare(*fits: CFAResult, names: tuple[str, ...] | list[str] | None = None) -> pd.DataFrame:
    """Set nested models side by side, each tested against the one with fewer restrictions.

    Parameters
    ----------
    *fits : CFAResult
        Two fits or more of nested models to the same answers by the same estimator, in any order.
    names : sequence of str, optional
        Names of the models; ``model 1``, ``model 2`` ... by default.

    Returns
    -------
    DataFrame
        One row a model, from the fewest restrictions to the most: fit indices, the difference to
        the row above (scaled after Satorra and Bentler, 2001, for robust fits) and changes of CFI,
        RMSEA and SRMR. Whether the models are nested is not checked.

    Raises
    ------
    DataError
        Fewer than two fits, fits to other answers, or by different estimators.

    References
    ----------
    Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment
    structure analysis. Psychometrika, 66, 507-514. doi:10.1007/BF02296192

    Examples
    --------
    >>> from psychometrics import Moments, cfa, compare
    >>> r = [[1, .6, .5, .3], [.6, 1, .5, .3], [.5, .5, 1, .3], [.3, .3, .3, 1]]
    >>> data = Moments(r, None, 200, names=("a", "b", "c", "d"))
    >>> free, equal = cfa("f =~ a + b + c + d", data), cfa("f =~ a + k*b + k*c + k*d", data)
    >>> compare(free, equal, names=("free", "equal"))["delta_df"].tolist()
    [nan, 2.0]
    """
    check_comparable(fits, names)
    labels = names or [f"model {i + 1}" for i in range(len(fits))]
    order = sorted(range(len(fits)), key=lambda i: fits[i].fit_indices["df"])
    rows: list[dict[str, Any]] = []
    before: CFAResult | None = None
    for i in order:
        found = fits[i].fit_indices
        row: dict[str, Any] = {"model": labels[i], "method": ""}
        row |= {name: found[name] for name in COMPARE_COLUMNS if name in found}
        if before is not None:
            row |= difference(fits[i], before)
        rows.append(row)
        before = fits[i]
    return pd.DataFrame(rows, columns=list(COMPARE_COLUMNS))


def check_comparable(fits: tuple[CFAResult, ...], names: Any) -> None:
    """Refuse fits that can't be set side by side."""
    if len(fits) < 2:
        raise DataError(f"compare() needs two fits or more; it was given {len(fits)}.")
    if names is not None and len(names) != len(fits):
        raise DataError(f"{len(names)} names for {len(fits)} fits; give one each.")
    kinds = {fit.method for fit in fits}
    if len(kinds) > 1:
        raise DataError("The fits differ in how they were made: " + "; ".join(sorted(kinds)) + ".")
    first = fits[0]
    for fit in fits[1:]:
        same = set(fit.fits.table.observed) == set(first.fits.table.observed)
        if fit.n_obs != first.n_obs or not same or fit.groups != first.groups:
            raise DataError(
                f"The fits are not to the same answers: n is {first.n_obs} and {fit.n_obs}, or the "
                "variables or groups differ."
            )


def difference(restricted: CFAResult, less: CFAResult) -> dict[str, Any]:
    """Return the difference of a model to the one before it."""
    one, other = restricted.fit_indices, less.fit_indices
    changes = {f"delta_{name}": one[name] - other[name] for name in ("cfi", "rmsea", "srmr")}
    robust = "scaling_factor" in one
    if one["df"] == other["df"]:
        return changes | {"delta_df": 0.0, "method": "the same degrees of freedom: no test"}
    test = difference_test(
        one["chi2"],
        int(one["df"]),
        other["chi2"],
        int(other["df"]),
        one["scaling_factor"] if robust else 1.0,
        other["scaling_factor"] if robust and np.isfinite(other["scaling_factor"]) else 1.0,
    )
    return changes | {
        "delta_chi2": test.chi2,
        "delta_df": float(test.df),
        "delta_p": test.p_value,
        "method": SCALED if robust else PLAIN,
    }
