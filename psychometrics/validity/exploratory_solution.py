"""One exploratory solution with its labels: loadings, fit, standard errors and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.cfa.inference import wald
from psychometrics.stats.efa import implied_correlation
from psychometrics.stats.efa_errors import RotationErrors, rotation_errors
from psychometrics.stats.efa_sampling import casewise_gamma, incomplete_gamma
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation import Rotation, explained_variance
from psychometrics.validity.correlations import ItemCorrelations
from psychometrics.validity.hierarchy import Hierarchy, hierarchy_of
from psychometrics.validity.threads import one_blas_thread


@dataclass(frozen=True)
class EFAResult:
    """An exploratory factor solution.

    Attributes
    ----------
    loadings : DataFrame, shape (p, m)
        Standardised pattern, items by factors. Factors stand in the order of what they explain
        and are turned so that their loadings add up to a positive number.
    uniquenesses : Series
        One an item.
    factor_correlations : DataFrame, shape (m, m)
        Identity for orthogonal rotations.
    fit_indices : Series
        ``chi2 df p_value chi2_bartlett p_bartlett chi2_baseline df_baseline cfi tli rmsea rmsea_low
        rmsea_high rmsea_p srmr log_likelihood aic bic n_obs n_parameters``; with robust errors or
        EM also ``scaling_factor chi2_scaled ...`` as for :func:`psychometrics.cfa`.
    converged : bool
        Whether extraction and rotation ended at a minimum.
    problem : Reason
        Why the solution should not be interpreted (Heywood case, no convergence); else empty.
    n_obs : int
        People analysed.
    n_missing : int
        Rows left out.
    method : str
        Extraction, rotation and correlations.
    level : float
        Coverage of the parameters' intervals.
    rotation : Rotation
        Criterion values, ``n_starts``, ``n_best`` and ``n_minima`` of the search.
    extraction : str
        Method of extraction.
    sample : ItemCorrelations
        What was analysed.
    robust : bool
        Whether errors and test need no normal distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import Moments, efa
    >>> r = np.kron(np.eye(2), np.full((3, 3), 0.5)) + 0.5 * np.eye(6)
    >>> found = efa(Moments(r, None, 200), 2)
    >>> found.df, found.n_obs
    (4, 200)
    """

    loadings: pd.DataFrame
    uniquenesses: pd.Series
    factor_correlations: pd.DataFrame
    fit_indices: pd.Series
    converged: bool
    problem: Reason
    n_obs: int
    n_missing: int
    method: str
    level: float
    rotation: Rotation
    extraction: str
    sample: ItemCorrelations
    robust: bool

    @property
    def chi2(self) -> float:
        """Chi-square: n times the ML discrepancy; NaN where that is none."""
        return float(self.fit_indices["chi2"])

    @property
    def df(self) -> int:
        """Degrees of freedom."""
        return int(self.fit_indices["df"])

    @property
    def p_value(self) -> float:
        """P-value of `chi2`."""
        return float(self.fit_indices["p_value"])

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.loadings)

    @property
    def n_factors(self) -> int:
        """Number of factors."""
        return self.loadings.shape[1]

    @property
    def communalities(self) -> pd.Series:
        """What the factors explain of each item."""
        return (1 - self.uniquenesses).rename("communality")

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors: the pattern times the factor correlations."""
        return self.loadings @ self.factor_correlations

    @property
    def explained(self) -> pd.DataFrame:
        """What each factor explains: its variance, that as a share of all and of the common.

        Of oblique factors the shared part is split, as psych does: the variances add up to the
        sum of the communalities.
        """
        variance = explained_variance(self.rotation.loadings, self.rotation.factor_correlations)
        return pd.DataFrame(
            {
                "variance": variance,
                "share": variance / self.n_items,
                "common": variance / variance.sum(),
            },
            index=self.loadings.columns,
        )

    @cached_property
    def errors_reason(self) -> Reason:
        """Why there are no standard errors; empty if there are."""
        if self.problem:
            return reason("no_errors_of_improper")
        if self.sample.kind == "polychoric":
            return reason("no_errors_of_polychoric")
        if not np.isfinite(self._errors.covariance).all():
            return reason("rotation_not_determined")
        return NO_REASON

    @cached_property
    def _errors(self) -> RotationErrors:
        with one_blas_thread():
            return rotation_errors(
                self.rotation,
                self.uniquenesses.to_numpy(),
                self.sample.n,
                self.extraction,
                gamma=gamma_of(self.sample, robust=self.robust),
            )

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Loadings (``=~``), factor correlations and uniquenesses (``~~``) with standard errors.

        Columns ``lhs op rhs estimate se z p_value low high``; errors are NaN where `errors_reason`
        says why.
        """
        items, factors = self.loadings.index, self.loadings.columns
        below = [(i, j) for i in range(len(factors)) for j in range(i)]
        below = below if self.rotation.oblique else []
        known = not self.errors_reason
        empty = np.full(self.loadings.shape, np.nan)
        phi = self.factor_correlations.to_numpy()
        of_loadings = self._errors.loadings if known else empty
        of_phi = self._errors.factor_correlations if known else np.full_like(phi, np.nan)
        of_unique = self._errors.communalities if known else empty[:, 0]
        rows = [
            (factor, "=~", item, self.loadings.iat[i, f], of_loadings[i, f])
            for f, factor in enumerate(factors)
            for i, item in enumerate(items)
        ]
        rows += [(factors[j], "~~", factors[i], phi[i, j], of_phi[i, j]) for i, j in below]
        rows += [
            (item, "~~", item, self.uniquenesses.iat[i], of_unique[i])
            for i, item in enumerate(items)
        ]
        return with_wald(rows, self.level)

    def residuals(self) -> pd.DataFrame:
        """Observed less implied correlations, (p, p)."""
        implied = implied_correlation(
            self.rotation.loadings,
            self.uniquenesses.to_numpy(),
            self.rotation.factor_correlations,
        )
        names = self.loadings.index
        return pd.DataFrame(self.sample.correlation - implied, index=names, columns=names)

    def schmid_leiman(self) -> Hierarchy:
        """Split an oblique solution into a general factor and group factors, with its omegas.

        Raises
        ------
        DataError
            For orthogonal factors, which have nothing in common.
        """
        if not self.rotation.oblique or self.n_factors < 2:
            raise DataError(
                "A Schmid-Leiman solution needs two correlated factors or more; choose an oblique "
                "rotation such as 'oblimin'."
            )
        return hierarchy_of(
            self.loadings,
            self.factor_correlations,
            self.uniquenesses,
            self.sample.correlation,
            self.n_obs,
            self.method,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return loadings with communality and uniqueness, one row an item."""
        return (
            self.loadings.assign(communality=self.communalities, uniqueness=self.uniquenesses)
            .rename_axis("item")
            .reset_index()
        )

    def plot(self, **options: Any) -> Any:
        """Draw the loadings; see :func:`psychometrics.plots.plot_pattern`."""
        return import_module("psychometrics.plots").plot_pattern(self.to_frame(), **options)

    def __str__(self) -> str:
        f = self.fit_indices
        scaled = "chi2_scaled" in f.index
        chi2, p = (f["chi2_scaled"], f["p_scaled"]) if scaled else (f["chi2"], f["p_value"])
        head = f"EFA ({self.method}), {self.n_factors} factors, n = {self.n_obs}"
        if np.isnan(chi2):
            return f"{head}: SRMR {f['srmr']:.3f}"
        return (
            f"{head}: chi2({self.df}) = {chi2:.3f}{' (scaled)' if scaled else ''}, p = {p:.3g}, "
            f"CFI {f['cfi']:.3f}, RMSEA {f['rmsea']:.3f} [{f['rmsea_low']:.3f}, "
            f"{f['rmsea_high']:.3f}], SRMR {f['srmr']:.3f}"
        )

    def _repr_html_(self) -> str:
        from html import escape

        table = self.to_frame().to_html(index=False, float_format="{:.3f}".format)
        parts = [f"<p>{escape(str(self))}</p>", table]
        if self.rotation.oblique and self.n_factors > 1:
            parts.append(self.factor_correlations.to_html(float_format="{:.3f}".format))
        if self.problem:
            parts.insert(1, f"<p>{escape(self.problem)}</p>")
        return "".join(parts)


def gamma_of(sample: ItemCorrelations, *, robust: bool) -> FloatArray | None:
    """Return how the moments vary from sample to sample; None for normal theory."""
    if sample.patterns is not None and sample.saturated is not None:
        found = sample.saturated
        return incomplete_gamma(sample.patterns, found.mean, found.covariance)
    if robust and sample.rows is not None:
        return casewise_gamma(sample.rows)
    return None


def with_wald(rows: Sequence[tuple[Any, ...]], level: float) -> pd.DataFrame:
    """Return parameters with their tests and intervals."""
    frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "estimate", "se"])
    z, p_value = wald(frame["estimate"].to_numpy(), frame["se"].to_numpy())
    width = stats.norm.isf((1 - level) / 2) * frame["se"]
    return frame.assign(
        z=z, p_value=p_value, low=frame["estimate"] - width, high=frame["estimate"] + width
    )
