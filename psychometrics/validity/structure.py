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
from psychometrics.stats.cfa.assess import Fit, assess
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.defined import defined_values
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.fit import Fits
from psychometrics.stats.cfa.inference import (
    Inference,
    degrees_of_freedom,
    delta_method,
    infer,
    information_matrix,
    modification_indices,
    parameter_covariance,
    wald,
)
from psychometrics.stats.cfa.kernel import imply
from psychometrics.stats.cfa.layout import REGRESSION, lay_out
from psychometrics.stats.cfa.solve import Solved, solve
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray, IntArray, Moments
from psychometrics.validity.arguments import check_level
from psychometrics.validity.frames import appearance_order, group_codes, to_narwhals
from psychometrics.validity.samples import sample_of
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
    groups : tuple of str
        Names of the groups, in the order of the parameters; empty for one group.
    missing : str
        How rows with missing answers were treated.

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
    groups: tuple[str, ...] = ()
    missing: str = "listwise"

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

        Raises
        ------
        DataError
            For a model fitted to incomplete rows.
        """
        if self.missing != "listwise":
            raise DataError(
                "Modification indices need complete rows; fit with missing='listwise' to see them."
            )
        parts = [self._score_tests(g, name) for g, name in enumerate(self.groups or (None,))]
        frame = pd.concat(parts, ignore_index=True)
        frame = frame[frame["mi"] >= minimum]
        return frame.sort_values("mi", ascending=False, ignore_index=True, kind="stable")

    def _score_tests(self, group: int, name: str | None) -> pd.DataFrame:
        """Return the score tests of one group."""
        found = modification_indices(
            self.fits.layout,
            self.fits.optimum.z[0],
            self.fits.data,
            self._expected_covariance,
            group,
        )
        names = np.array(self._names, dtype=object)
        loading = found.kind == REGRESSION
        return pd.DataFrame(
            {
                "lhs": np.where(loading, names[found.column], names[found.row]),
                "op": np.where(loading, "=~", "~~"),
                "rhs": np.where(loading, names[found.row], names[found.column]),
                "group": pd.Series([name] * len(found.statistic), dtype=object),
                "mi": found.statistic,
                "epc": found.change,
            }
        )

    @cached_property
    def _expected_covariance(self) -> FloatArray:
        fits = self.fits
        information = fits.data.slopes(fits.layout, fits.optimum.z[:1], observed=False)[1]
        return parameter_covariance(information)[0]

    def _group_index(self, group: str | None) -> int:
        """Return the place of a group."""
        if group is None and len(self.groups) < 2:
            return 0
        check_option("group", str(group), self.groups)
        return self.groups.index(str(group))

    def residuals(
        self, kind: Literal["raw", "correlation"] = "correlation", *, group: str | None = None
    ) -> pd.DataFrame:
        """Observed less implied covariances, or correlations, of one group.

        Returns
        -------
        DataFrame, shape (p, p)
        """
        check_option("kind", kind, ("raw", "correlation"))
        at = self._group_index(group)
        observed = self.fits.data.covariance[0, at]
        implied = imply(self.fits.layout, self.fits.optimum.z[:1]).covariance[0, at]
        if kind == "correlation":
            observed, implied = (scale_to_correlation(m) for m in (observed, implied))
        names = list(self.fits.table.observed)
        return pd.DataFrame(observed - implied, index=names, columns=names)

    def implied_covariance(self, *, group: str | None = None) -> pd.DataFrame:
        """Covariances that the model implies in one group, shape (p, p)."""
        at = self._group_index(group)
        implied = imply(self.fits.layout, self.fits.optimum.z[:1]).covariance[0, at]
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
                "group": own["group"],
                "pooling": own["group"].map(lambda name: "total" if name is None else "site"),
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

        shown = self.parameters if self.groups else self.parameters.drop(columns=["group"])
        table = shown.to_html(index=False, float_format="{:.3f}".format, na_rep="")
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
    """Fit a confirmatory factor model by maximum likelihood, to one group or several.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        Model text in lavaan's language, or items by scale (``"-A1"`` is turned first).
    data : frame, Responses or Moments
        Answers, or their covariance matrix with names and n.
    group : str, optional
        Column of the groups, which are taken in the order in which they appear, as lavaan does. The
        model is fitted to all groups at once, with means.
    group_equal : sequence of str
        Kinds of parameters that are equal over the groups: ``loadings intercepts means residuals
        residual.covariances lv.variances lv.covariances regressions``.
    group_partial : sequence of str
        Parameters that are free in spite of that, such as ``"x3~1"`` or ``"visual=~x2"``.
    estimator : {"ML", "MLR", "MLM"}
        Normal-theory maximum likelihood with N (lavaan's default); with Huber-White standard
        errors and the Yuan-Bentler test (MLR); with Satorra-Bentler standard errors and test (MLM).
    missing : {"listwise", "fiml"}
        Leave rows with a missing answer out, or use what they hold (full-information maximum
        likelihood: answers missing at random). What was left out is counted in the result.
    std_lv : bool
        Fix the factors' variances to 1 instead of the first loadings.
    se : {"standard"}
        The estimator's own: for ML from the expected information, with ``fiml`` from the observed.
    cluster : str, optional
        Column of the clusters, such as services, in which people are not independent; needs MLR.
    weights : str, optional
        Column of case weights; needs MLR.
    mean_structure : bool
        Model intercepts too; always so with groups or ``fiml``.
    level : float
        Coverage of the intervals.
    ordered, parameterization, bounds
        Ordered items and bounds are not available yet: any other value than the default is refused.

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
    check_option("estimator", estimator, ("ML", "MLR", "MLM"))
    check_option("missing", missing, ("listwise", "fiml"))
    check_option("se", se, ("standard",))
    check_option("parameterization", parameterization, ("delta",))
    refuse_unavailable(ordered=ordered, bounds=bounds)
    check_level(level)
    refuse_combinations(data, group, group_equal, estimator, missing, weights, cluster)
    first = complete(model, std_lv=std_lv, mean_structure=mean_structure)
    scales = model if isinstance(model, Mapping) else {"model": list(first.observed)}
    order = appearance_order(data, group)
    chosen = select(data, scales, group=group, weights=weights, group_order=order)
    if group is None:
        means = mean_structure or missing == "fiml" or cluster is not None
        table = complete(model, std_lv=std_lv, mean_structure=means)
    else:
        table = complete(
            model, std_lv=std_lv, mean_structure=True, n_groups=max(len(chosen.groups), 1)
        )
        table = constrain_groups(table, group_equal, group_partial)
    clusters = None if cluster is None else cluster_codes(data, cluster)
    return fit_selection(table, chosen, level, estimator, missing, clusters)


def cluster_codes(data: Any, cluster: str) -> IntArray:
    """Return the cluster of each row as a number.

    Raises
    ------
    DataError
        If a row has no cluster, or all are in one.
    """
    codes, names = group_codes(to_narwhals(data), cluster, None)
    if np.any(codes < 0):
        raise DataError(
            f"{int((codes < 0).sum())} rows have no value in {cluster!r}; every row needs its "
            "cluster. Give people who belong to none a cluster of their own."
        )
    if len(names) < 2:
        raise DataError(f"{cluster!r} holds one cluster; standard errors need two or more.")
    return codes


def refuse_unavailable(**options: Any) -> None:
    """Refuse options that nothing answers to yet, all at once."""
    used = [name for name, value in options.items() if value not in (None, False, ())]
    if used:
        raise DataError(
            f"cfa() can't use {', '.join(used)} yet: it takes answers as continuous and sets "
            "no bounds. Leave these options out."
        )


def refuse_combinations(
    data: Any,
    group: str | None,
    group_equal: Sequence[str],
    estimator: str,
    missing: str,
    weights: str | None,
    cluster: str | None,
) -> None:
    """Refuse options that contradict each other, each with what to do."""
    if group is None and tuple(group_equal):
        raise DataError("group_equal says what is equal over groups; name their column: group=.")
    if estimator == "MLM" and missing == "fiml":
        raise DataError("MLM needs complete rows; with missing='fiml' choose estimator='MLR'.")
    if (weights is not None or cluster is not None) and estimator != "MLR":
        raise DataError(
            "Standard errors that take people as equal and independent are wrong with weights or "
            "clusters; choose estimator='MLR'."
        )
    if weights is not None and cluster is not None:
        raise DataError("Weights and clusters together are not available yet; choose one.")
    if weights is not None and missing == "fiml":
        raise DataError(
            "Weights with missing='fiml' are not available yet: their test has not been checked "
            "against another program. Choose missing='listwise', or leave weights out."
        )
    if isinstance(data, Moments) and (estimator != "ML" or missing != "listwise"):
        raise DataError(
            f"estimator={estimator!r}, missing={missing!r} needs the answers themselves: moments "
            "don't tell how single people differ. Use estimator='ML', missing='listwise'."
        )


INFORMATION = {"ML": "expected information", "MLR": "Huber-White", "MLM": "Satorra-Bentler"}


def fit_selection(
    table: ParameterTable,
    chosen: Selection,
    level: float,
    estimator: Any = "ML",
    missing: str = "listwise",
    clusters: IntArray | None = None,
) -> CFAResult:
    """Fit a completed model to selected answers."""
    order = np.array([chosen.keyed.items.index(name) for name in table.observed])
    layout = lay_out(table)
    if degrees_of_freedom(table, layout) < 0:
        moments = layout.n_free + degrees_of_freedom(table, layout)
        raise ModelError(
            f"The model has {layout.n_free} free parameters for {moments} moments; fix some, or "
            "add items."
        )
    fitted = sample_of(chosen, order, table.observed, missing, clusters)
    sample = fitted.sample
    if table.mean_structure and not sample.rows and not np.any(sample.moments.mean):
        raise DataError("A model with intercepts needs means; these moments have none.")
    fiml = missing == "fiml"
    solved = solve(table, sample, estimator, "observed" if fiml else "expected")
    fits = Fits(table, solved.layout, sample.moments, solved.optimum, solved.covariance[None])
    problem = fits.problem(0)
    if problem.code == "not_identified":
        raise ModelError(f"{problem} {unidentified(fits)}")
    if problem:
        kind = ConvergenceWarning if problem.code == "no_convergence" else DegenerateDataWarning
        warnings.warn(str(problem), kind, stacklevel=3)
    inference = infer(table, solved.layout, solved.z, solved.covariance)
    n_obs = sum(fitted.n_by_group)
    fit = assess(solved, sample, estimator, n_obs)
    information = "observed information" if fiml and estimator == "ML" else INFORMATION[estimator]
    information += ", by cluster" if clusters is not None else ""
    rows = "all answers there are (FIML)" if fiml else "complete rows"
    return CFAResult(
        fit_series(fit),
        with_definitions(parameter_frame(table, inference, level, fitted.groups), solved, level),
        bool(solved.optimum.converged[0]),
        problem,
        n_obs,
        fitted.n_missing,
        f"{estimator}, {information}, {rows}",
        level,
        fits,
        tuple(name for name in fitted.groups if name is not None),
        missing,
    )


def unidentified(fits: Fits) -> str:
    """Name the parameters that can move without changing the fit."""
    information = information_matrix(fits.layout, fits.optimum.z[:1], fits.data)[0]
    scale = np.sqrt(np.maximum(np.diagonal(information), 1e-300))
    _, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    weak = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)
    names = [fits.table.rows[fits.layout.free_rows[i]].name for i in weak]
    return f"These can change together without any effect: {', '.join(names[:8])}."


def fit_series(fit: Fit) -> pd.Series:
    """Return the fit indices under their public names."""
    values = asdict(fit.indices)
    found = {name: float(values[name]) for name in FIT_NAMES}
    if fit.robust is not None:
        found |= asdict(fit.robust)
    elif fit.corrected is not None:
        found |= asdict(fit.corrected)
    return pd.Series(found, name="fit")


def with_definitions(frame: pd.DataFrame, solved: Solved, level: float) -> pd.DataFrame:
    """Add the defined parameters, with delta-method standard errors."""
    table = solved.table
    if not table.definitions:
        return frame
    value, spread = delta_method(
        lambda point: defined_values(table, solved.layout, point), solved.z, solved.covariance
    )
    se = np.sqrt(np.maximum(np.diagonal(spread), 0.0))
    z, p_value = wald(value, se)
    width = stats.norm.isf((1 - level) / 2) * se
    names = [name for name, _ in table.definitions]
    added = pd.DataFrame(
        {
            "lhs": names, "op": ":=", "rhs": "", "free": False, "estimate": value, "se": se,
            "z": z, "p_value": p_value, "low": value - width, "high": value + width,
            "std_all": np.nan, "std_se": np.nan,
        }
    )  # fmt: skip
    added.insert(3, "group", pd.Series([None] * len(names), dtype=object))
    return pd.concat([frame, added[list(frame.columns)]], ignore_index=True)


def parameter_frame(
    table: ParameterTable,
    inference: Inference,
    level: float,
    groups: tuple[str | None, ...] = (None,),
) -> pd.DataFrame:
    """Return one row a parameter and group."""
    se = np.where([row.free for row in table.rows], inference.se, 0.0)
    z, p_value = wald(inference.estimate, se)
    width = stats.norm.isf((1 - level) / 2) * se
    return pd.DataFrame(
        {
            "lhs": [row.lhs for row in table.rows],
            "op": [row.op for row in table.rows],
            "rhs": [row.rhs for row in table.rows],
            "group": pd.Series([groups[row.group] for row in table.rows], dtype=object),
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
