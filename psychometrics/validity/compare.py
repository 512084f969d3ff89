"""Models side by side, with difference tests of neighbours."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.stats.cfa.fiml_robust import implied_statistics
from psychometrics.stats.cfa.inference import jacobian
from psychometrics.stats.cfa.nested import Difference, difference_test, restriction, shifted_test
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_robust import group_slopes, ordinal_robust
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.nesting import not_nested
from psychometrics.validity.threads import one_blas_thread

COMPARE_COLUMNS = (
    "model", "df", "chi2", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "n_parameters", "n_obs",
    "delta_chi2", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr", "method",
)  # fmt: skip
PLAIN = "chi-square difference"
METHODS = {
    "satorra_bentler_2001": "Satorra-Bentler (2001) scaled difference",
    "satorra_bentler_2010": "Satorra-Bentler (2010) strictly positive scaled difference",
    "satorra_2000": "Satorra (2000) difference, scaled and shifted",
}
Method = Literal["satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"]


@one_blas_thread()
def compare(
    *fits: CFAResult,
    names: tuple[str, ...] | list[str] | None = None,
    method: Method | None = None,
) -> pd.DataFrame:
    """Set nested models side by side, each tested against the one with fewer restrictions.

    Parameters
    ----------
    *fits : CFAResult
        Two fits or more of nested models to the same answers by the same estimator, in any order.
    names : sequence of str, optional
        Names of the models; ``model 1``, ``model 2`` ... by default.
    method : {"satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"}, optional
        How robust fits are tested: by the two scaling factors (lavaan's and our default; the factor
        of the difference can be negative); with the wider model's factor at the restricted
        estimates; or by the distribution of the difference itself, which is safest in small samples
        and where a single parameter is tested, and the only one for ordered items. The last two
        need complete rows.

    Returns
    -------
    DataFrame
        One row a model, from the fewest restrictions to the most: fit indices, the difference to
        the row above (scaled after Satorra and Bentler, 2001, for robust fits) and changes of CFI,
        RMSEA and SRMR. Whether the models are nested is not checked, but for items of two
        categories, whose levels of invariance may not be (Wu & Estabrook, 2016).

    Raises
    ------
    DataError
        Fewer than two fits, fits to other answers, or by different estimators.

    References
    ----------
    Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment
    structure analysis. Psychometrika, 66, 507-514. doi:10.1007/BF02296192
    Satorra, A., & Bentler, P. M. (2010). Ensuring positiveness of the scaled difference chi-square
    test statistic. Psychometrika, 75, 243-248. doi:10.1007/s11336-009-9135-y
    Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of moment
    structures.

    Examples
    --------
    >>> from psychometrics import Moments, cfa, compare
    >>> r = [[1, .6, .5, .3], [.6, 1, .5, .3], [.5, .5, 1, .3], [.3, .3, .3, 1]]
    >>> data = Moments(r, None, 200, names=("a", "b", "c", "d"))
    >>> free, equal = cfa("f =~ a + b + c + d", data), cfa("f =~ a + k*b + k*c + k*d", data)
    >>> compare(free, equal, names=("free", "equal"))["delta_df"].tolist()
    [nan, 2.0]
    """
    if method is not None:
        check_option("method", method, tuple(METHODS))
    check_comparable(fits, names)
    shifted = fits[0].fits.table.ordered != ()
    chosen: Method = method or ("satorra_2000" if shifted else "satorra_bentler_2001")
    if shifted and chosen != "satorra_2000":
        raise DataError(
            "Tests of ordered items are scaled and shifted, which has no Satorra-Bentler "
            "difference; use method='satorra_2000'."
        )
    labels = names or [f"model {i + 1}" for i in range(len(fits))]
    order = sorted(range(len(fits)), key=lambda i: fits[i].fit_indices["df"])
    rows: list[dict[str, Any]] = []
    before: CFAResult | None = None
    for i in order:
        found = fits[i].fit_indices
        row: dict[str, Any] = {"model": labels[i], "method": ""}
        row |= {name: found[name] for name in COMPARE_COLUMNS if name in found}
        if before is not None:
            row |= difference(fits[i], before, chosen)
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
        refuse_other_answers(first, fit)


def refuse_other_answers(first: CFAResult, fit: CFAResult) -> None:
    """Refuse fits of ordered items that rest on other thresholds and correlations."""
    if first.fits.table.ordered != fit.fits.table.ordered:
        raise DataError(
            "The fits take other items as ordered: "
            f"{', '.join(first.fits.table.ordered) or 'none'}; "
            f"{', '.join(fit.fits.table.ordered) or 'none'}."
        )
    one, other = first.fits.data, fit.fits.data
    if not isinstance(one, OrdinalData) or not isinstance(other, OrdinalData):
        return
    if first.fits.table.observed != fit.fits.table.observed:
        raise DataError("The models name their variables in another order; name them alike.")
    if not np.array_equal(one.statistics, other.statistics):
        raise DataError(
            "The fits are not to the same answers: their thresholds or correlations differ. Are "
            "categories joined, rows other ones, or weights others?"
        )


def difference(restricted: CFAResult, less: CFAResult, method: Method) -> dict[str, Any]:
    """Return the difference of a model to the one before it."""
    one, other = restricted.fit_indices, less.fit_indices
    changes = {f"delta_{name}": one[name] - other[name] for name in ("cfi", "rmsea", "srmr")}
    apart = not_nested(restricted.fits.table, less.fits.table)
    if apart:
        return changes | {
            "delta_df": one["df"] - other["df"],
            "method": f"no test: not nested, as {', '.join(apart)} have two categories",
        }
    if one["df"] == other["df"]:
        return changes | {"delta_df": 0.0, "method": "the same degrees of freedom: no test"}
    robust = "scaling_factor" in one
    if restricted.fits.table.ordered and not robust:
        return changes | {
            "delta_df": one["df"] - other["df"],
            "method": "no test: the statistic is no chi-square; use 'WLSMV' or 'ULSMV'",
        }
    if robust and method == "satorra_2000":
        test = satorra_2000(restricted, less)
    else:
        factor = other.get("scaling_factor", 1.0)
        if robust and method == "satorra_bentler_2010":
            factor = factor_at_restricted(restricted, less)
            if other["df"] and not np.isfinite(factor):
                return changes | {
                    "delta_df": one["df"] - other["df"],
                    "method": METHODS[method] + ": no value, as the wider model has no maximum "
                    "near the restricted estimates; use satorra_2000",
                }
        test = difference_test(
            one["chi2"],
            int(one["df"]),
            other["chi2"],
            int(other["df"]),
            one["scaling_factor"] if robust else 1.0,
            factor if robust and np.isfinite(factor) else 1.0,
        )
    return changes | {
        "delta_chi2": test.chi2,
        "delta_df": float(test.df),
        "delta_p": test.p_value,
        "method": METHODS[method] if robust else PLAIN,
    }


def need_complete_rows(fit: CFAResult) -> None:
    """Refuse what has no formula for incomplete rows here."""
    if fit.missing == "fiml":
        raise DataError(
            "This difference test needs complete rows; use method='satorra_bentler_2001' with "
            "missing='fiml'."
        )


def satorra_2000(restricted: CFAResult, less: CFAResult) -> Difference:
    """Test a difference by its own distribution."""
    need_complete_rows(less)
    if restricted.fits.table.observed != less.fits.table.observed:
        raise DataError("The models name their variables in another order; name them alike.")
    layout, z, data = less.fits.layout, less.fits.optimum.z[0], less.fits.data
    gap = restricted.fit_indices["chi2"] - less.fit_indices["chi2"]
    moments = less.fitted.sample.ordinal
    if isinstance(data, OrdinalData) and moments is not None:
        mine = ordinal_robust(layout, z, data, moments.groups)
        slopes = implied_slopes(less), implied_slopes(restricted)
        return shifted_test(gap, restriction(*slopes, mine.bread, mine.meat))
    robust = robust_inference(layout, z, less.fits.moments, less.fitted.sample.rows)
    observed = less.method.startswith("MLR")
    found = restriction(
        implied_slopes(less),
        implied_slopes(restricted),
        robust.bread if observed else robust.smooth,
        robust.meat,
    )
    return shifted_test(gap, found)


def implied_slopes(fit: CFAResult) -> FloatArray:
    """Return the derivatives of the implied moments by the free parameters, shape (s, q)."""
    layout, data = fit.fits.layout, fit.fits.data
    if isinstance(data, OrdinalData):
        chosen = group_slopes(layout, fit.fits.optimum.z[0], data)
        full = np.zeros((len(chosen), data.layout.size, layout.n_free))
        for g, change in enumerate(chosen):
            full[g][:, layout.plan.blocks.members(g)] = change
        return full.reshape(-1, layout.n_free)
    return jacobian(lambda point: implied_statistics(layout, point), fit.fits.optimum.z[0])


def factor_at_restricted(restricted: CFAResult, less: CFAResult) -> float:
    """Return the wider model's scaling factor at the restricted model's estimates."""
    need_complete_rows(less)
    known = {}
    for lhs, op, rhs, group, value in restricted.parameters[
        ["lhs", "op", "rhs", "group", "estimate"]
    ].itertuples(index=False):
        known[lhs, op, rhs, group] = value
    names = less.groups or (None,)
    point = []
    for at in less.fits.layout.free_rows:
        row = less.fits.table.rows[at]
        group = names[row.group]
        value = known.get((row.lhs, row.op, row.rhs, group))
        if value is None and row.op == "~~":
            value = known.get(
                (row.rhs, row.op, row.lhs, group), 0.0 if row.lhs != row.rhs else None
            )
        if value is None:
            raise DataError(
                f"{row.name} of the wider model is no parameter of the restricted one, so that its "
                "estimates can't be carried over; use method='satorra_2000'."
            )
        point.append(value)
    layout = less.fits.layout
    robust = robust_inference(layout, np.array(point), less.fits.moments, less.fitted.sample.rows)
    trace = robust.yuan_bentler if less.method.startswith("MLR") else robust.satorra_bentler
    return trace / float(less.fit_indices["df"]) if less.fit_indices["df"] else float("nan")
