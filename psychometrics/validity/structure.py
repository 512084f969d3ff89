"""Confirmatory factor models: from a model and answers to a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from psychometrics.errors import (
    DataError,
    check_option,
)
from psychometrics.stats.cfa.completion import complete, observed_names
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.ordinal_identification import Identification
from psychometrics.stats.cfa.solve import (
    Estimator,
    Information,
)
from psychometrics.stats.cfa.table import Parameterization
from psychometrics.stats.moments import IntArray, Moments
from psychometrics.validity.arguments import check_level
from psychometrics.validity.cfa_fit import Settings, fit_ordinal, fit_selection
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.frames import appearance_order, group_codes, to_narwhals
from psychometrics.validity.ordinal_model import (
    ordered_names,
    ordinal_input,
    refuse_ordered,
)
from psychometrics.validity.selection import select

ESTIMATORS = ("ML", "MLR", "MLM", "ULS", "ULSM", "DWLS", "WLSM", "WLSMV", "ULSMV")
OPTIONS = {
    "estimator": ESTIMATORS,
    "missing": ("listwise", "fiml", "pairwise"),
    "se": ("standard",),
    "parameterization": ("delta", "theta"),
    "identification": ("lavaan", "wu_estabrook"),
    "bounds": ("pos_var", "standard", "wide"),
    "information": ("expected", "observed"),
    "mimic": ("lavaan", "Mplus"),
}
BY_DEFAULT = ("estimator", "bounds", "information")
"""Options that are chosen for the caller, or left off, where they are None."""


def cfa(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    *,
    group: str | None = None,
    group_equal: Sequence[str] = (),
    group_partial: Sequence[str] = (),
    estimator: Estimator | None = None,
    ordered: bool | Sequence[str] = False,
    missing: Literal["listwise", "fiml", "pairwise"] = "listwise",
    std_lv: bool = False,
    parameterization: Parameterization = "delta",
    identification: Identification = "lavaan",
    collapse: bool = False,
    se: str = "standard",
    cluster: str | None = None,
    weights: str | None = None,
    bounds: Literal["pos_var", "standard", "wide"] | None = None,
    mean_structure: bool = False,
    effect_coding: Sequence[str] = (),
    mimic: Literal["lavaan", "Mplus"] = "lavaan",
    information: Literal["expected", "observed"] | None = None,
    level: float = 0.95,
) -> CFAResult:
    """Fit a confirmatory factor model, to one group or several.

    Continuous answers are fitted by maximum likelihood; ordered ones by diagonally weighted least
    squares on thresholds and polychoric correlations.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        Model text in lavaan's language, or items by scale (``"-A1"`` is turned first).
    data : frame, Responses or Moments
        Answers, or their covariance matrix with names and n; with a leading axis, those of groups.
    group : str, optional
        Column of the groups, which are taken in the order in which they appear, as lavaan does. The
        model is fitted to all groups at once, with means.
    group_equal : sequence of str
        Kinds of parameters that are equal over the groups: ``loadings intercepts means residuals
        residual.covariances lv.variances lv.covariances regressions``, and ``thresholds`` of
        ordered items.
    group_partial : sequence of str
        Parameters that are free in spite of that, such as ``"x3~1"`` or ``"visual=~x2"``.
    estimator : {"ML", "MLR", "MLM", "ULS", "ULSM", "WLSMV", "ULSMV", "WLSM", "DWLS"}, optional
        By default ``ML``, with ordered items ``WLSMV``.
        Normal-theory maximum likelihood with N (lavaan's default); with Huber-White standard
        errors and the Yuan-Bentler test (MLR); with Satorra-Bentler standard errors and test (MLM).
        Unweighted least squares, whose standard errors and test hold for no real answers (ULS) or
        are made right as for MLM (ULSM). For ordered items: weights are one over the asymptotic
        variances (DWLS), with robust standard errors and a test that is divided by its mean
        (WLSM) or scaled and shifted to the mean and variance of a chi-square (WLSMV); the same
        without weights (ULS, ULSM, ULSMV).
    ordered : bool or sequence of str
        Which variables are ordered categories: all, or those named. Their answers are whole
        numbers; gaps between them are closed.
    missing : {"listwise", "fiml", "pairwise"}
        Leave rows with a missing answer out, or use what they hold: by full-information maximum
        likelihood (answers missing at random), or with ordered items each threshold from all
        answers to its item and each correlation from all who answered both (``pairwise``: missing
        completely at random). What was left out is counted in the result.
    std_lv : bool
        Fix the factors' variances to 1 instead of the first loadings.
    se : {"standard"}
        The estimator's own.
    information : {"expected", "observed"}, optional
        What ML's standard errors come from; by default the expected information, with ``fiml`` the
        observed.
    cluster : str, optional
        Column of the clusters, such as services, in which people are not independent; needs MLR.
    weights : str, optional
        Column of case weights; needs MLR.
    mean_structure : bool
        Model intercepts too; always so with groups or ``fiml``.
    level : float
        Coverage of the intervals.
    effect_coding : sequence of {"loadings", "intercepts"}
        Scale the factors by loadings that are 1 on average, and their means by intercepts that are
        0 on average, instead of a marker.
    bounds : {"pos_var", "standard", "wide"}, optional
        Keep variances at 0 or more, or all parameters in what the observed variances allow, or in
        a little more than that. What ends at a bound is named in ``at_bounds``.
    mimic : {"lavaan", "Mplus"}
        Whose convention MLM follows where they differ: lavaan takes its weights at the fitted
        moments, Mplus at the sample's, with means.
    parameterization : {"delta", "theta"}
        Whether the variables behind ordered items have variance 1 (in the first group), or their
        residuals. Fit and standardised solution are the same.
    identification : {"lavaan", "wu_estabrook"}
        What equal thresholds set free in the later groups: scales and factor means, or what Wu and
        Estabrook (2016) show to be identified, intercepts first; see docs on ordered items.
    collapse : bool
        Where a group never gave some answer, join it with a neighbour in all groups; a finding
        says so. Without it such an answer is refused.

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
    Muthén, B. (1984). A general structural equation model with dichotomous, ordered categorical,
    and continuous latent variable indicators. Psychometrika, 49, 115-132. doi:10.1007/BF02294210

    Examples
    --------
    >>> from psychometrics import Moments
    >>> r = [[1, .6, .5, .3], [.6, 1, .5, .3], [.5, .5, 1, .3], [.3, .3, .3, 1]]
    >>> data = Moments(r, None, 200, names=("a", "b", "c", "d"))
    >>> fit = cfa("f =~ a + b + c + d", data)
    >>> round(float(fit.fit_indices.cfi), 3)
    1.0
    """
    check_options(
        estimator=estimator,
        missing=missing,
        se=se,
        parameterization=parameterization,
        identification=identification,
        bounds=bounds,
        information=information,
        mimic=mimic,
    )
    for part in effect_coding:
        check_option("effect_coding", part, ("loadings", "intercepts"))
    check_level(level)
    names = observed_names(model)
    categories = ordered_names(ordered, names)
    chosen_estimator: Estimator = estimator or ("WLSMV" if categories else "ML")
    if categories:
        refuse_ordered(
            data, chosen_estimator, missing, information, bounds, weights, cluster, mimic
        )
    else:
        refuse_combinations(data, chosen_estimator, missing, weights, cluster)
        refuse_idle(parameterization, identification, collapse)
    own_groups = isinstance(data, Moments) and bool(data.groups)
    if group is None and tuple(group_equal) and not own_groups:
        raise DataError("group_equal says what is equal over groups; name their column: group=.")
    if std_lv and tuple(effect_coding):
        raise DataError("std_lv and effect_coding both scale the factors; choose one.")
    scales = model if isinstance(model, Mapping) else {"model": list(names)}
    order = appearance_order(data, group)
    chosen = select(data, scales, group=group, weights=weights, group_order=order)
    default: Information = "observed" if missing == "fiml" else "expected"
    settings = Settings(
        chosen_estimator, missing, information or default, bounds, mimic, level, parameterization
    )
    if categories:
        given = ordinal_input(chosen, names, categories, missing, collapse=collapse)
        table = complete(
            model,
            std_lv=std_lv,
            n_groups=max(len(chosen.groups), 1),
            effect_coding=effect_coding,
            ordered=given.n_categories,
            parameterization=parameterization,
        )
        table = constrain_groups(table, group_equal, group_partial, identification)
        return fit_ordinal(table, given, settings)
    if group is None and not chosen.groups:
        means = mean_structure or missing == "fiml" or cluster is not None
        means = means or "intercepts" in effect_coding or mimic == "Mplus"
        table = complete(model, std_lv=std_lv, mean_structure=means, effect_coding=effect_coding)
    else:
        table = complete(
            model,
            std_lv=std_lv,
            mean_structure=not isinstance(data, Moments) or data.mean is not None,
            n_groups=max(len(chosen.groups), 1),
            effect_coding=effect_coding,
        )
        table = constrain_groups(table, group_equal, group_partial)
    clusters = None if cluster is None else cluster_codes(data, cluster)
    return fit_selection(table, chosen, settings, clusters)


def check_options(**given: str | None) -> None:
    """Refuse values of options that they don't have."""
    for name, value in given.items():
        if value is not None or name not in BY_DEFAULT:
            check_option(name, str(value), OPTIONS[name])


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


def refuse_idle(parameterization: str, identification: str, collapse: bool) -> None:
    """Refuse options of ordered items where nothing is ordered and they would do nothing."""
    idle = {
        "parameterization='theta'": parameterization == "theta",
        "identification='wu_estabrook'": identification == "wu_estabrook",
        "collapse=True": collapse,
    }
    asked = [name for name, is_asked in idle.items() if is_asked]
    if asked:
        raise DataError(
            f"{', '.join(asked)} is for ordered items; say which they are (ordered=True for all), "
            "or leave it out."
        )


def refuse_combinations(
    data: Any,
    estimator: str,
    missing: str,
    weights: str | None,
    cluster: str | None,
) -> None:
    """Refuse options that contradict each other, each with what to do."""
    if estimator in ("DWLS", "WLSM", "WLSMV", "ULSMV"):
        raise DataError(
            f"{estimator} is for ordered items; say which they are (ordered=True for all), or use "
            "'MLR' for continuous answers that are not normal."
        )
    if missing == "pairwise":
        raise DataError(
            "missing='pairwise' is for ordered items; with continuous answers use 'fiml'."
        )
    if estimator in ("MLM", "ULS", "ULSM") and missing == "fiml":
        raise DataError(
            f"{estimator} needs complete rows; with missing='fiml' choose estimator='MLR'."
        )
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
    if isinstance(data, Moments) and (estimator not in ("ML", "ULS") or missing != "listwise"):
        raise DataError(
            f"estimator={estimator!r}, missing={missing!r} needs the answers themselves: moments "
            "don't tell how single people differ. Use estimator='ML', missing='listwise'."
        )
