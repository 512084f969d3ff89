"""Exploratory factor analysis of any data: from answers to a labelled solution."""

from __future__ import annotations

import operator
import warnings
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import (
    NO_REASON,
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    LocalMinimaWarning,
    Reason,
    check_option,
    reason,
)
from psychometrics.stats.cfa.robust_indices import robust_indices
from psychometrics.stats.efa import (
    METHODS,
    Extraction,
    extract,
    implied_correlation,
    most_factors,
)
from psychometrics.stats.efa_errors import Pattern, structure_derivatives
from psychometrics.stats.efa_fit import ExploratoryFit, exploratory_fit
from psychometrics.stats.efa_sampling import scaling_factor
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.stats.rotation import (
    N_STARTS,
    ROTATIONS,
    Rotation,
    RotationName,
    RotationSettings,
    rotate,
)
from psychometrics.validity.arguments import check_level
from psychometrics.validity.correlations import (
    Correlation,
    ItemCorrelations,
    Items,
    item_correlations,
)
from psychometrics.validity.exploratory_solution import EFAResult, gamma_of
from psychometrics.validity.threads import one_blas_thread

Method = Literal["ml", "minres", "uls", "pa"]

METHOD_NAMES = {
    "ml": "ML", "minres": "minres", "uls": "ULS (minres)", "pa": "principal axes",
}  # fmt: skip

ALWAYS_KNOWN = ("df", "df_baseline", "srmr", "n_obs", "n_parameters")
OF_ANSWERS = ("log_likelihood", "aic", "bic")


@one_blas_thread()
def efa(
    data: Any,
    n_factors: int,
    *,
    method: Method = "ml",
    rotation: RotationName = "oblimin",
    correlation: Correlation = "pearson",
    items: Items = None,
    missing: str = "listwise",
    group: str | None = None,
    n_starts: int = N_STARTS,
    kaiser: bool = False,
    gamma: float = 0.0,
    epsilon: float = 0.01,
    power: float = 4.0,
    target: Any = None,
    robust: bool = False,
    level: float = 0.95,
    rng: Rng = None,
) -> EFAResult:
    """Extract and rotate factors, with fit indices and standard errors.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers to the items, or ``Moments(correlations, None, n)``.
    n_factors : int
        Number of factors; :func:`psychometrics.number_of_factors` helps to choose it.
    method : {"ml", "minres", "uls", "pa"}
        Maximum likelihood; minimum residuals, which is unweighted least squares; principal axes.
    rotation : str
        Oblique: ``oblimin quartimin geomin promax target biquartimin bigeomin``. Orthogonal:
        ``varimax quartimax equamax parsimax geomin_orthogonal target_orthogonal bifactor``.
        ``none`` leaves the factors as extracted.
    correlation : {"pearson", "polychoric", "em"}
        Of the answers as they are; of the normal variables behind ordered answers; of all answers
        there are, missing at random.
    items : sequence of str or mapping of scale to sequence of str, optional
        Columns to analyse, ``"-A1"`` turned; all of them (or of the instrument's) by default.
    missing : {"listwise", "pairwise"}
        For Pearson correlations: complete rows, or each pair over the people who answered both. The
        likelihood then counts the people of the scarcest pair.
    group : str, optional
        Column of the sites: correlations are pooled within them, so that differences between sites
        are no part of the factors.
    n_starts : int
        Starts of the rotation, all but the first random.
    kaiser : bool
        Scale items to equal communality before rotating, and back.
    gamma, epsilon, power : float
        Of oblimin, geomin and promax.
    target : array_like, shape (p, m), optional
        Of the target rotations; NaN where it leaves a loading open.
    robust : bool
        Standard errors and a scaled test (Satorra and Bentler's) that need no normal answers.
    level : float
        Coverage of the parameters' intervals.
    rng : int or Generator, optional
        Seed of the random starts; 0 by default.

    Returns
    -------
    EFAResult

    Raises
    ------
    DataError
        Too few items or people, constant or perfectly correlated items, more factors than the
        degrees of freedom allow, columns that hold text, options that contradict each other.

    Warns
    -----
    LocalMinimaWarning
        Starts of the rotation ended at different minima.
    DegenerateDataWarning, ConvergenceWarning
        A Heywood case; no minimum found.

    References
    ----------
    Jöreskog (1967), Harman and Jones (1966), Bernaards and Jennrich (2005): see
    :mod:`psychometrics.stats.efa_objectives`, :mod:`psychometrics.stats.rotation_criteria`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=(300, 2)).repeat(3, axis=1)
    >>> frame = pd.DataFrame(person + rng.normal(size=(300, 6)), columns=list("abcdef"))
    >>> found = efa(frame, 2)
    >>> found.loadings.abs().idxmax(axis=1).nunique(), found.df
    (2, 4)
    """
    check_option("method", method, METHODS)
    check_option("rotation", rotation, ROTATIONS)
    check_level(level)
    sample = item_correlations(
        data, items=items, correlation=correlation, missing=missing, group=group
    )
    refuse_robust(sample, robust=robust, method=method)
    m = checked_number(n_factors, len(sample.items))
    goal, names = target_of(target, sample.items, m, rotation)
    settings = RotationSettings(gamma, epsilon, power, kaiser, goal)
    found = extracted(sample, m, method)
    start = stream(seed_of(rng), "efa", "rotation")
    turned = rotate(found.loadings[0], rotation, settings=settings, n_starts=n_starts, rng=start)
    problem = solution_problem(sample, found, turned)
    warn_of(problem, turned)
    return EFAResult(
        pd.DataFrame(turned.loadings, index=list(sample.items), columns=names),
        pd.Series(found.uniquenesses[0], index=list(sample.items), name="uniqueness"),
        pd.DataFrame(turned.factor_correlations, index=names, columns=names),
        fit_series(sample, found, turned, method, robust=robust),
        bool(found.converged[0]) and turned.converged,
        problem,
        sample.n_obs,
        sample.n_missing,
        described(sample, method, turned),
        level,
        turned,
        method,
        sample,
        robust,
    )


def checked_number(n_factors: Any, n_items: int) -> int:
    """Return the number of factors, or refuse one that can't be had."""
    try:
        m = operator.index(n_factors)
    except TypeError as error:
        raise DataError(f"n_factors={n_factors!r} is no number of factors; give one.") from error
    if not 1 <= m <= most_factors(n_items):
        raise DataError(
            f"n_factors={m} can't be had from {n_items} items: their correlations carry "
            f"{most_factors(n_items)} factors at most, and at least one is needed."
        )
    return m


def refuse_robust(sample: ItemCorrelations, *, robust: bool, method: str) -> None:
    """Refuse robust errors where there are no complete answers to take them from."""
    if not robust:
        return
    if sample.kind != "pearson" or sample.pooling != "total" or not sample.complete:
        raise DataError(
            "Robust errors and tests need complete answers of one group and their Pearson "
            "correlations; leave robust out."
        )


def target_of(
    target: Any, items: tuple[str, ...], m: int, rotation: str
) -> tuple[FloatArray | None, list[str]]:
    """Return the target in the order of the items, and the names of the factors."""
    names = [f"F{f + 1}" for f in range(m)]
    if rotation in ("bifactor", "biquartimin", "bigeomin"):
        names = ["general", *names[:-1]]
    if target is None:
        return None, names
    if not rotation.startswith("target"):
        raise DataError("A target is for rotation='target' or 'target_orthogonal'.")
    if isinstance(target, pd.DataFrame):
        absent = [item for item in items if item not in target.index]
        if absent:
            raise DataError(f"The target has no row for {', '.join(absent[:5])}.")
        names = [str(name) for name in target.columns]
        target = target.loc[list(items)].to_numpy(dtype=float)
    goal = np.asarray(target, dtype=float)
    if goal.shape != (len(items), m):
        raise DataError(f"The target has shape {goal.shape}; {(len(items), m)} is needed.")
    return goal, names


def extracted(sample: ItemCorrelations, n_factors: int, method: str) -> Extraction:
    """Extract factors from one sample.

    Raises
    ------
    DataError
        Maximum likelihood of correlations that are not positive definite.
    """
    if method == "ml" and not sample.positive_definite:
        kind = "pairwise" if sample.missing == "pairwise" else "items'"
        raise DataError(str(reason("not_positive_definite", kind=kind)))
    return extract(sample.correlation[None], n_factors, method)


def solution_problem(
    sample: ItemCorrelations, found: Extraction, turned: Rotation | None = None
) -> Reason:
    """Say why a solution should not be interpreted; empty if it can be."""
    if sample.saturated is not None and not sample.saturated.converged:
        return reason("no_convergence")
    if found.improper[0].any():
        items = [name for name, bad in zip(sample.items, found.improper[0], strict=True) if bad]
        return reason("heywood_case", items=", ".join(items))
    if not found.converged[0]:
        return reason("no_convergence")
    if turned is not None and not turned.converged:
        return reason("rotation_no_minimum", rotation=turned.method)
    return NO_REASON


def warn_of(problem: Reason, turned: Rotation) -> None:
    """Warn of what is wrong with a solution, and of starts that disagree."""
    if problem:
        kind = DegenerateDataWarning if problem.code == "heywood_case" else ConvergenceWarning
        warnings.warn(str(problem), kind, stacklevel=4)
    if turned.n_minima > 1 and turned.converged:
        told = reason(
            "starts_disagree",
            n_best=turned.n_best,
            n_starts=turned.n_starts,
            n_others=turned.n_minima - 1,
            rotation=turned.method,
        )
        warnings.warn(str(told), LocalMinimaWarning, stacklevel=4)


def described(sample: ItemCorrelations, method: str, turned: Rotation) -> str:
    """Say how a solution was made."""
    rotation = "unrotated" if turned.method == "none" else turned.method
    kaiser = " with Kaiser normalisation" if turned.settings.kaiser else ""
    return f"{METHOD_NAMES[method]}, {rotation}{kaiser}, {sample.method}"


def fit_series(
    sample: ItemCorrelations,
    found: Extraction,
    turned: Rotation | None,
    method: str,
    *,
    robust: bool = False,
) -> pd.Series:
    """Return the fit indices under their public names, NaN where there is no likelihood."""
    m = found.loadings.shape[-1]
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    fit = exploratory_fit(sample.covariance, sample.n, implied, m, sample.n_obs)
    values = {name: float(value) for name, value in asdict(fit).items()}
    tested = sample.kind != "polychoric" and np.isfinite(fit.chi2)
    for name in values:
        if not tested and name not in ALWAYS_KNOWN:
            values[name] = np.nan
    if sample.kind == "em":
        # The likelihood of the EM moments is not that of the answers.
        values |= dict.fromkeys(OF_ANSWERS, np.nan)
    if tested and method == "ml" and turned is not None and fit.df > 0:
        values |= scaled(sample, turned, implied, fit, robust=robust)
    return pd.Series(values, name="fit")


def scaled(
    sample: ItemCorrelations,
    turned: Rotation,
    implied: FloatArray,
    fit: ExploratoryFit,
    *,
    robust: bool,
) -> dict[str, float]:
    """Return the scaled test and its indices; empty under normal theory."""
    gamma = gamma_of(sample, robust=robust)
    if gamma is None:
        return {}
    p, m = turned.loadings.shape
    # The loadings alone span what rotations leave: the factor correlations add nothing.
    derivatives = structure_derivatives(
        Pattern(p, m, False), turned.loadings, turned.factor_correlations
    )
    factor = scaling_factor(implied, derivatives, gamma, fit.df)
    base = scaling_factor(np.eye(p), np.empty((0, p, p)), gamma, fit.df_baseline)
    return asdict(
        robust_indices(fit.chi2, fit.df, factor, fit.chi2_baseline, fit.df_baseline, base, sample.n)
    )
