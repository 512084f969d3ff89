"""What a fitted factor model tells: estimates, fit, weak spots, scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import DataError, Finding, Reason, check_option
from psychometrics.stats.cfa.fit import Fits
from psychometrics.stats.cfa.inference import modification_indices, parameter_covariance
from psychometrics.stats.cfa.kernel import Implied, imply
from psychometrics.stats.cfa.layout import REGRESSION
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_residuals import fitted_correlations, ordinal_residual_errors
from psychometrics.stats.cfa.residuals import residual_errors
from psychometrics.stats.cfa.score_tests import released_equalities
from psychometrics.stats.cfa.scores import determinacy, factor_scores
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.people_scores import ordinal_scores
from psychometrics.validity.samples import FittedSample
from psychometrics.validity.threads import one_blas_thread


@dataclass(frozen=True)
class CFAResult:
    """A fitted confirmatory factor model.

    Attributes
    ----------
    fit_indices : Series
        ``chi2 df p_value chi2_baseline df_baseline cfi tli rmsea rmsea_low rmsea_high rmsea_p
        srmr log_likelihood aic bic n_obs n_parameters``; the RMSEA interval covers 90 %. ML of
        complete rows adds ``chi2_bartlett p_bartlett`` (small-sample correction), robust
        estimators the scaled and robust indices, incomplete rows ``cfi_robust tli_robust
        rmsea_robust``.
    parameters : DataFrame
        ``lhs op rhs group free estimate se z p_value low high std_lv std_lv_se std_all std_se``:
        ``std_lv`` scales the factors alone, ``std_all`` all variables. A row that is not free has
        a standard error of 0, but for what follows from the others (residual variances or scales
        of ordered items): theirs is by the delta method.
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
    fits : Fits
        Layout, moments and optimum behind the tables.
    fitted : FittedSample
        What the model was fitted to.
    missing : str
        How rows with missing answers were treated.
    at_bounds : tuple of str
        Parameters that ended at one of their bounds, where bounds were asked for.
    findings : tuple of Finding
        What is odd about the answers to ordered items: gaps, categories answered once or joined.

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
    fitted: FittedSample
    groups: tuple[str, ...] = ()
    missing: str = "listwise"
    at_bounds: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return self.fits.layout.variables

    @cached_property
    def _implied(self) -> Implied:
        return imply(self.fits.layout, self.fits.optimum.z[:1])

    def _need_complete_rows(self, what: str) -> None:
        """Refuse what is not defined for incomplete rows."""
        if self.missing == "fiml":
            raise DataError(f"{what} need complete rows; fit with missing='listwise' to see them.")

    @one_blas_thread()
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
        self._need_complete_rows("Modification indices")
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

    @one_blas_thread()
    def released_equalities(self) -> pd.DataFrame:
        """Test each equality of labelled or group-equal parameters as if it alone were released.

        Returns
        -------
        DataFrame
            ``lhs op rhs group equal_to equal_to_group chi2 df p_value epc``, the largest first:
            what chi-square would fall by (1 df) and how the parameter would change.

        Raises
        ------
        DataError
            For a model fitted to incomplete rows.
        """
        self._need_complete_rows("Tests of released equalities")
        rows = self.fits.table.rows
        tests = released_equalities(self.fits.table, self.fits.optimum.z[0], self.fits.data)
        names = self.groups or (None,)
        frame = pd.DataFrame(
            [
                {
                    "lhs": rows[t.row].lhs, "op": rows[t.row].op, "rhs": rows[t.row].rhs,
                    "group": names[rows[t.row].group], "equal_to": rows[t.reference].name,
                    "equal_to_group": names[rows[t.reference].group], "chi2": t.statistic,
                    "df": 1, "p_value": t.p_value, "epc": t.change,
                }
                for t in tests
            ],
            columns=[
                "lhs", "op", "rhs", "group", "equal_to", "equal_to_group", "chi2", "df", "p_value",
                "epc",
            ],
        )  # fmt: skip
        return frame.sort_values("chi2", ascending=False, ignore_index=True, kind="stable")

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

    @one_blas_thread()
    def residuals(
        self,
        kind: Literal["raw", "correlation", "standardized"] = "correlation",
        *,
        group: str | None = None,
    ) -> pd.DataFrame:
        """Observed less implied covariances, or correlations, of one group.

        Parameters
        ----------
        kind : {"raw", "correlation", "standardized"}
            Standardized ones are divided by their standard errors under the model and normal
            answers (of ordered items: of polychoric correlations), so that they are read as z
            values; NaN where a residual can't vary.
        group : str, optional
            The group, where there are several.

        Returns
        -------
        DataFrame, shape (p, p)
        """
        check_option("kind", kind, ("raw", "correlation", "standardized"))
        at = self._group_index(group)
        observed = self.fits.data.covariance[0, at]
        data = self.fits.data
        if isinstance(data, OrdinalData):
            return self._ordinal_residuals(kind, at, data)
        implied = self._implied.covariance[0, at]
        if kind == "correlation":
            observed, implied = (scale_to_correlation(m) for m in (observed, implied))
        found = observed - implied
        if kind == "standardized":
            self._need_complete_rows("Standardized residuals")
            se = residual_errors(
                self.fits.layout, self._implied, data, self._expected_covariance, at
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                found = np.where(se > 0, found / se, np.nan)
        return self._square(found)

    def _ordinal_residuals(self, kind: str, at: int, data: OrdinalData) -> pd.DataFrame:
        """Return the residuals of polychoric correlations."""
        layout, z = self.fits.layout, self.fits.optimum.z[0]
        observed, implied = data.covariance[0, at], fitted_correlations(layout, z, data)[at]
        if kind == "correlation":
            observed, implied = (scale_to_correlation(m) for m in (observed, implied))
        found = observed - implied
        moments = self.fitted.sample.ordinal
        if kind == "standardized" and moments is not None:
            se = ordinal_residual_errors(layout, z, data, moments, at)
            with np.errstate(invalid="ignore", divide="ignore"):
                found = np.where(se > 0, found / se, np.nan)
        return self._square(found)

    def implied_covariance(self, *, group: str | None = None) -> pd.DataFrame:
        """Covariances that the model implies in one group, shape (p, p).

        Of ordered items, those of the variables behind them.
        """
        return self._square(self._implied.covariance[0, self._group_index(group)])

    def implied_mean(self, *, group: str | None = None) -> pd.Series:
        """Means that the model implies in one group; the observed ones where none are modelled."""
        at = self._group_index(group)
        modelled = self.fits.table.mean_structure
        mean = self._implied.mean[0, at] if modelled else self.fits.data.mean[0, at]
        return pd.Series(mean, index=list(self.fits.table.observed), name="mean")

    def _square(self, matrix: FloatArray) -> pd.DataFrame:
        names = list(self.fits.table.observed)
        return pd.DataFrame(matrix, index=names, columns=names)

    def factor_scores(
        self, method: Literal["regression", "bartlett", "EBM", "EAP"] | None = None
    ) -> Any:
        """Score every row that was analysed.

        Parameters
        ----------
        method : {"regression", "bartlett", "EBM", "EAP"}, optional
            Thurstone's regression scores (the default for continuous items), whose variance is too
            small, or Bartlett's, which are right on average for each person. With ordered items the
            mode (``"EBM"``, what lavaan gives) or the mean (``"EAP"``, the default) of the person's
            posterior. Incomplete rows are scored from what they hold.

        Returns
        -------
        DataFrame
            One row a row of the data, in their order, one column a factor; NaN for rows that were
            not analysed. With ordered items each factor has a second column, ``<factor>_se``: the
            standard deviation of the posterior.

        Raises
        ------
        DataError
            For a model fitted to moments: there is nobody to score. For a method that is not for
            these items.
        ModelError
            Ordered items of an improper solution, or (EBM) with residual covariances.
        """
        if method is None:
            method = "EAP" if self.fits.table.ordered else "regression"
        check_option("method", method, ("regression", "bartlett", "EBM", "EAP"))
        if method == "EBM" or method == "EAP":
            return ordinal_scores(self, method)
        if self.fits.table.ordered:
            raise DataError(
                "Regression and Bartlett scores are for continuous variables; with ordered items "
                "choose 'EAP' or 'EBM'."
            )
        if not self.fitted.sample.rows:
            raise DataError("Moments hold no people to score; fit the model to the answers.")
        count = self.n_obs + self.n_missing
        found = np.full((count, len(self.fits.table.latent)), np.nan)
        for g, (rows, place) in enumerate(
            zip(self.fitted.sample.rows, self.fitted.places, strict=True)
        ):
            found[place] = factor_scores(self._modelled_means(), g, rows.values, method)
        return pd.DataFrame(found, columns=list(self.fits.table.latent))

    def _modelled_means(self) -> Implied:
        """Return the implied moments, with the observed means where none are modelled."""
        if self.fits.table.mean_structure:
            return self._implied
        return replace(self._implied, mean=self.fits.data.mean)

    def determinacy(self, *, group: str | None = None) -> pd.Series:
        """Correlations of the regression scores with their factors, by factor (Grice, 2001)."""
        at = self._group_index(group)
        found = determinacy(self._implied, at, self.fits.layout.n_observed)
        return pd.Series(found, index=list(self.fits.table.latent), name="determinacy")

    def bootstrap(self, n_boot: int = 1000, **options: Any) -> Any:
        """Refit the model to bootstrap samples.

        See :func:`psychometrics.validity.cfa_bootstrap.bootstrap_cfa`: ``kind="ordinary"``,
        ``"parametric"`` or ``"bollen_stine"``, ``level``, ``rng``, ``progress``.
        """
        from importlib import import_module

        return import_module("psychometrics.validity.cfa_bootstrap").bootstrap_cfa(
            self, n_boot, **options
        )

    def effect_sizes(self, reference: str | None = None) -> pd.DataFrame:
        """Say how much each group's items differ from the reference group's: dMACS and bias.

        See :func:`psychometrics.validity.invariance_effects.effect_sizes`.
        """
        from importlib import import_module

        found = import_module("psychometrics.validity.invariance_effects").effect_sizes
        return pd.DataFrame(found(self, reference))

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
        if self.fits.table.ordered and "chi2_scaled" in f:
            # The unscaled statistic of least squares is no chi-square.
            fit = (
                f"scaled chi2({f.df:.0f}) = {f.chi2_scaled:.3f}, p = {f.p_scaled:.3g}, scaled CFI "
                f"{f.cfi_scaled:.3f}, scaled RMSEA {f.rmsea_scaled:.3f}, SRMR {f.srmr:.3f}"
            )
        else:
            fit = (
                f"chi2({f.df:.0f}) = {f.chi2:.3f}, p = {f.p_value:.3g}, CFI {f.cfi:.3f}, RMSEA "
                f"{f.rmsea:.3f} [{f.rmsea_low:.3f}, {f.rmsea_high:.3f}], SRMR {f.srmr:.3f}"
            )
        return f"CFA ({self.method}), n = {self.n_obs}: {fit}" + (
            f"; at a bound: {', '.join(self.at_bounds)}" if self.at_bounds else ""
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
