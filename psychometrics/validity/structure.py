"""Confirmatory factor models with labels: one model, its estimates, fit and weak spots."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import (
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    ModelError,
    Reason,
    check_option,
)
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem
from psychometrics.stats.cfa.fit_indices import FitIndices
from psychometrics.stats.cfa.inference import (
    Inference,
    degrees_of_freedom,
    infer,
    information_matrix,
    modification_indices,
    summarize_fit,
    wald,
)
from psychometrics.stats.cfa.kernel import imply
from psychometrics.stats.cfa.layout import REGRESSION, lay_out
from psychometrics.stats.cfa.table import ParameterTable, complete
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.selection import Selection, select

FIT_NAMES = (
    "chi2", "df", "p_value", "chi2_baseline", "df_baseline", "cfi", "tli", "rmsea", "rmsea_low",
    "rmsea_high", "rmsea_p", "srmr", "log_likelihood", "aic", "bic", "n_obs", "n_parameters",
)  # fmt: skip


@dataclass(frozen=True)
class CFAResult:
    """A fitted confirmatory factor model.

    Attributes
    ----------
    fit_indices : Series
        ``chi2 df p_value chi2_baseline df_baseline cfi tli rmsea rmsea_low rmsea_high rmsea_p
        srmr log_likelihood aic bic n_obs n_parameters``; the RMSEA interval covers 90 %.
    parameters : DataFrame
        ``lhs op rhs group free estimate se z p_value low high std_all std_se``.
    converged : bool
        Whether the search ended at a maximum.
    problem : Reason
        Why the solution should not be used (not converged, negative variance); else empty.
    n_obs : int
        Complete rows analysed.
    n_missing : int
        Rows left out because an answer to one of the items is missing.
    method : str
        Estimator, information and treatment of missing answers.
    level : float
        Coverage of the parameters' intervals.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import Moments, cfa
    >>> covariance = np.full((4, 4), 0.5) + np.diag([0.5, 0.4, 0.3, 0.5])
    >>> moments = Moments(covariance, np.zeros(4), 200, names=("a", "b", "c", "d"))
    >>> found = cfa("f =~ a + b + c + d", moments)
    >>> found.converged, found.n_obs
    (True, 200)
    """

    fit_indices: pd.Series
    parameters: pd.DataFrame
    converged: bool
    problem: Reason
    n_obs: int
    n_missing: int
    method: str
    level: float
    fits: Fits

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return self.fits.layout.variables

    def modification_indices(self, *, minimum: float = 0.0) -> pd.DataFrame:
        """List what chi-square would fall by if a loading or residual covariance were freed.

        Parameters
        ----------
        minimum : float
            Leave out smaller ones.

        Returns
        -------
        DataFrame
            ``lhs op rhs group mi epc``, the largest first; epc is the expected change.
        """
        found = modification_indices(
            self.fits.layout, self.fits.optimum.z[0], self.fits.data, self.fits.covariance[0]
        )
        names = np.array(self._names, dtype=object)
        loading = found.kind == REGRESSION
        frame = pd.DataFrame(
            {
                "lhs": np.where(loading, names[found.column], names[found.row]),
                "op": np.where(loading, "=~", "~~"),
                "rhs": np.where(loading, names[found.row], names[found.column]),
                "group": None,
                "mi": found.statistic,
                "epc": found.change,
            }
        )
        frame = frame[frame["mi"] >= minimum]
        return frame.sort_values("mi", ascending=False, ignore_index=True, kind="stable")

    def residuals(self, kind: Literal["raw", "correlation"] = "correlation") -> pd.DataFrame:
        """Observed less implied covariances, or correlations.

        Returns
        -------
        DataFrame, shape (p, p)
        """
        check_option("kind", kind, ("raw", "correlation"))
        observed = self.fits.data.covariance[0, 0]
        implied = imply(self.fits.layout, self.fits.optimum.z[:1]).covariance[0, 0]
        if kind == "correlation":
            observed, implied = (scale_to_correlation(m) for m in (observed, implied))
        names = list(self.fits.table.observed)
        return pd.DataFrame(observed - implied, index=names, columns=names)

    def implied_covariance(self) -> pd.DataFrame:
        """Covariances that the model implies, shape (p, p)."""
        implied = imply(self.fits.layout, self.fits.optimum.z[:1]).covariance[0, 0]
        names = list(self.fits.table.observed)
        return pd.DataFrame(implied, index=names, columns=names)

    def plot(self, **options: Any) -> Any:
        """Draw the standardised loadings; see :func:`psychometrics.plots.plot_loadings`."""
        from importlib import import_module

        return import_module("psychometrics.plots").plot_loadings(self.loadings(), **options)

    def loadings(self) -> pd.DataFrame:
        """Standardised loadings with intervals, in the form that the plots take."""
        own = self.parameters[self.parameters["op"] == "=~"]
        width = stats.norm.isf((1 - self.level) / 2) * own["std_se"]
        return pd.DataFrame(
            {
                "scale": own["lhs"],
                "group": None,
                "pooling": "total",
                "statistic": "loading",
                "item": own["rhs"],
                "comparator": None,
                "estimate": own["std_all"],
                "low": own["std_all"] - width,
                "high": own["std_all"] + width,
                "level": self.level,
                "n_obs": self.n_obs,
                "method": self.method,
                "reason": "",
            }
        ).reset_index(drop=True)

    def __str__(self) -> str:
        f = self.fit_indices
        return (
            f"CFA ({self.method}), n = {self.n_obs}: chi2({f.df:.0f}) = {f.chi2:.3f}, "
            f"p = {f.p_value:.3g}, CFI {f.cfi:.3f}, RMSEA {f.rmsea:.3f} "
            f"[{f.rmsea_low:.3f}, {f.rmsea_high:.3f}], SRMR {f.srmr:.3f}"
        )

    def _repr_html_(self) -> str:
        from html import escape

        table = self.parameters.drop(columns=["group"]).to_html(
            index=False, float_format="{:.3f}".format, na_rep=""
        )
        return f"<p>{escape(str(self))}</p>{table}"


def scale_to_correlation(matrix: FloatArray) -> FloatArray:
    """Scale a covariance matrix to correlations."""
    sd = np.sqrt(np.diagonal(matrix))
    return np.asarray(matrix / np.outer(sd, sd))


def cfa(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    *,
    group: str | None = None,
    group_equal: Sequence[str] = (),
    group_partial: Sequence[str] = (),
    estimator: str = "ML",
    ordered: bool | Sequence[str] = False,
    missing: str = "listwise",
    std_lv: bool = False,
    parameterization: str = "delta",
    se: str = "standard",
    cluster: str | None = None,
    weights: str | None = None,
    bounds: str | None = None,
    mean_structure: bool = False,
    level: float = 0.95,
) -> CFAResult:
    """Fit a confirmatory factor model by maximum likelihood.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        Model text in lavaan's language, or items by scale (``"-A1"`` is turned first).
    data : frame, Responses or Moments
        Answers, or their covariance matrix with names and n.
    estimator : {"ML"}
        Normal-theory maximum likelihood with N (lavaan's default).
    missing : {"listwise"}
        Rows with a missing answer are left out and counted in the result.
    std_lv : bool
        Fix the factors' variances to 1 instead of the first loadings.
    se : {"standard"}
        From the expected information.
    mean_structure : bool
        Model intercepts too.
    level : float
        Coverage of the intervals.
    group, group_equal, group_partial, ordered, parameterization, cluster, weights, bounds
        Several groups, ordered items, clusters, weights and bounds are not available yet: any
        other value than the default is refused.

    Returns
    -------
    CFAResult

    Raises
    ------
    ModelSyntaxError
        A model text that can't be read, with the place.
    ModelError
        A model that is not identified.
    DataError
        Data that can't carry the model: absent columns, constant items, too few people.

    Warns
    -----
    ConvergenceWarning, DegenerateDataWarning
        No convergence, or a negative variance, with the parameter's name.

    References
    ----------
    Jöreskog, K. G. (1969). A general approach to confirmatory maximum likelihood factor
    analysis. Psychometrika, 34, 183-202. doi:10.1007/BF02289343

    Examples
    --------
    >>> from psychometrics import Moments
    >>> r = [[1, .6, .5, .3], [.6, 1, .5, .3], [.5, .5, 1, .3], [.3, .3, .3, 1]]
    >>> data = Moments(r, None, 200, names=("a", "b", "c", "d"))
    >>> fit = cfa("f =~ a + b + c + d", data)
    >>> round(float(fit.fit_indices.cfi), 3)
    1.0
    """
    check_option("estimator", estimator, ("ML",))
    check_option("missing", missing, ("listwise",))
    check_option("se", se, ("standard",))
    check_option("parameterization", parameterization, ("delta",))
    refuse_unavailable(
        group=group, group_equal=tuple(group_equal), group_partial=tuple(group_partial),
        ordered=ordered, cluster=cluster, weights=weights, bounds=bounds,
    )  # fmt: skip
    table = complete(model, std_lv=std_lv, mean_structure=mean_structure)
    scales = model if isinstance(model, Mapping) else {"model": list(table.observed)}
    chosen = select(data, scales)
    return fit_selection(table, chosen, level)


def refuse_unavailable(**options: Any) -> None:
    """Refuse options that nothing answers to yet, all at once."""
    used = [name for name, value in options.items() if value not in (None, False, ())]
    if used:
        raise DataError(
            f"cfa() can't use {', '.join(used)} yet: it fits one group of continuous, "
            "unweighted, independent answers. For sites, convergent_validity(..., group=) and "
            "discriminant_validity(..., group=) fit each site on its own."
        )


def fit_selection(table: ParameterTable, chosen: Selection, level: float) -> CFAResult:
    """Fit a completed model to selected answers, as one group."""
    order = np.array([chosen.keyed.items.index(name) for name in table.observed])
    units = chosen.units(order)
    covariance, n = units.covariance[0], float(units.n[0])
    layout = lay_out(table)
    if degrees_of_freedom(table, layout) < 0:
        moments = layout.n_free + degrees_of_freedom(table, layout)
        raise ModelError(
            f"The model has {layout.n_free} free parameters for {moments} moments; fix some, or "
            "add items."
        )
    why = sample_problem(covariance, n, table.observed, 0)
    if why:
        raise DataError(str(why))
    mean = units.mean[:1] if table.mean_structure else None
    if mean is not None and np.isnan(mean).any():
        raise DataError("A model with intercepts needs means; these moments have none.")
    fits = fit_moments(table, covariance[None], units.n[:1], mean)
    problem = fits.problem(0)
    if problem.code == "not_identified":
        raise ModelError(f"{problem} {unidentified(fits)}")
    if problem:
        kind = ConvergenceWarning if problem.code == "no_convergence" else DegenerateDataWarning
        warnings.warn(str(problem), kind, stacklevel=3)
    inference = infer(table, layout, fits.optimum.z[0], fits.covariance[0])
    indices = summarize_fit(table, layout, fits.optimum.z[0], fits.optimum.fmin[0], fits.data)
    return CFAResult(
        fit_series(indices),
        parameter_frame(table, inference, level),
        bool(fits.optimum.converged[0]),
        problem,
        int(n),
        len(chosen.values) - int(n) if chosen.moments is None else 0,
        "ML, expected information, complete rows",
        level,
        fits,
    )


def unidentified(fits: Fits) -> str:
    """Name the parameters that can move without changing the fit."""
    information = information_matrix(fits.layout, fits.optimum.z[:1], fits.data)[0]
    scale = np.sqrt(np.maximum(np.diagonal(information), 1e-300))
    _, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    weak = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)
    names = [fits.table.rows[fits.layout.free_rows[i]].name for i in weak]
    return f"These can change together without any effect: {', '.join(names[:8])}."


def fit_series(indices: FitIndices) -> pd.Series:
    """Return the fit indices under their public names."""
    values = asdict(indices)
    return pd.Series({name: float(values[name]) for name in FIT_NAMES}, name="fit")


def parameter_frame(table: ParameterTable, inference: Inference, level: float) -> pd.DataFrame:
    """Return one row a parameter."""
    se = np.where([row.free for row in table.rows], inference.se, 0.0)
    z, p_value = wald(inference.estimate, se)
    width = stats.norm.isf((1 - level) / 2) * se
    return pd.DataFrame(
        {
            "lhs": [row.lhs for row in table.rows],
            "op": [row.op for row in table.rows],
            "rhs": [row.rhs for row in table.rows],
            "group": pd.Series([None] * len(table.rows), dtype=object),
            "free": [row.free for row in table.rows],
            "estimate": inference.estimate,
            "se": se,
            "z": z,
            "p_value": p_value,
            "low": inference.estimate - width,
            "high": inference.estimate + width,
            "std_all": inference.standardized,
            "std_se": inference.standardized_se,
        }
    )


