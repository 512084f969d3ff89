"""Measurement invariance: whether a measure is the same in every group, level by level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from psychometrics.errors import ModelError, Reason, check_option, reason
from psychometrics.stats.cfa.solve import Estimator
from psychometrics.stats.resampling import Rng
from psychometrics.validity.arguments import check_samples
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.compare import METHODS, Method, difference
from psychometrics.validity.invariance_fits import (
    Ladder,
    analysed_by_group,
    n_own_parameters,
    prepare,
)
from psychometrics.validity.invariance_levels import (
    CONTINUOUS,
    ORDERED,
    Level,
    equal_kinds,
    refuse_small_groups,
)
from psychometrics.validity.invariance_resampling import (
    STANDARD_METHOD,
    ResamplingMethod,
    resample_ladder,
)
from psychometrics.validity.invariance_result import InvarianceResult
from psychometrics.validity.invariance_verdicts import cutoff_frame, verdict_frame
from psychometrics.validity.nesting import last_wider, not_nested

FIT = ("chi2", "df", "p_value", "cfi", "tli", "rmsea", "srmr")
ROBUST = (
    "chi2_scaled", "df_scaled", "p_scaled", "cfi_scaled", "tli_scaled", "rmsea_scaled",
    "cfi_robust", "tli_robust", "rmsea_robust",
)  # fmt: skip
CHANGES = ("delta_chi2", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr")
ROBUST_CHANGES = (
    "delta_chi2_scaled", "delta_p_scaled", "delta_cfi_scaled", "delta_rmsea_scaled",
    "delta_cfi_robust", "delta_rmsea_robust",
)  # fmt: skip


def invariance(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    group: str | None,
    *,
    estimator: Estimator | None = None,
    ordered: bool | Sequence[str] = False,
    levels: Sequence[Level] | None = None,
    missing: Literal["listwise", "fiml", "pairwise"] = "listwise",
    std_lv: bool = True,
    collapse: bool = True,
    small_groups: Literal["refuse", "fit"] = "refuse",
    difference_test: Method | None = None,
    permutations: int = 0,
    method: ResamplingMethod = STANDARD_METHOD,
    center_groups: bool = True,
    rng: Rng = None,
    progress: Callable[[int, int], None] | None = None,
    level: float = 0.95,
) -> InvarianceResult:
    """Fit a ladder of models in which more and more is equal over groups.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        Model text in lavaan's language, or items by scale (``"-A1"`` is turned first).
    data : frame, Responses or Moments
        Answers, or the moments of the groups.
    group : str or None
        Column of the groups, of any kind: site, language, form version, wave, role. None for
        Moments, which bring their own.
    estimator : {"ML", "MLR", "MLM", "ULS", "ULSM", "WLSMV", "ULSMV", "WLSM", "DWLS"}, optional
        As for :func:`psychometrics.cfa`: by default ML, with ordered items WLSMV.
    ordered : bool or sequence of str
        Which items are ordered categories. Their ladder follows Wu and Estabrook (2016), with the
        theta parameterization: thresholds first, then loadings, intercepts and residuals.
    levels : sequence of str, optional
        ``configural metric scalar strict`` by default, with ordered items ``configural thresholds
        metric scalar strict``; also ``lv_variances lv_covariances means``. Each level adds to what
        is equal in those before it.
    missing : {"listwise", "fiml", "pairwise"}
        As for :func:`psychometrics.cfa`.
    std_lv : bool
        Scale factors by their variance in the first group, so that no item has to be a marker. A
        marker that behaves differently in a group would pass its difference on to all others. The
        fit is the same from ``metric`` on whatever the marker.
    collapse : bool
        Where a group never gave some answer to an ordered item, join it with a neighbour in all
        groups alike; a finding says so.
    small_groups : {"refuse", "fit"}
        Whether a ladder is refused that the groups are too small for.
    difference_test : {"satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"}, optional
        How robust fits are tested, as for :func:`psychometrics.compare`.
    permutations : int
        Samples that each level is tested with, 0 for none. They decide the verdicts: difference
        tests and cut-offs both fail in small groups.
    method : {"permutation", "parametric", "bollen_stine"}
        Shuffle people over groups (Jorgensen et al., 2018), draw normal samples from the fitted
        model of each level, or draw people whose answers are turned so that this model holds
        (Bollen & Stine, 1992). All with maximum likelihood and complete rows, the first two with
        ordered items too. benchmarks/README.md says how often each is wrong.
    center_groups : bool
        Take each group's means off before shuffling, so that groups whose factor means differ can
        be exchanged all the same; False shuffles people as they answered.
    rng : int or Generator, optional
        Where chance comes from; same seed, same numbers.
    progress : callable, optional
        Called with the samples done and all.
    level : float
        Coverage of the parameters' intervals.

    Returns
    -------
    InvarianceResult

    Raises
    ------
    DataError
        Fewer than two groups, groups too small for the ladder, or what :func:`psychometrics.cfa`
        refuses.

    References
    ----------
    Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance.
    Psychometrika, 58, 525-543. doi:10.1007/BF02294825
    Wu, H., & Estabrook, R. (2016). Identification of confirmatory factor analysis models of
    different levels of invariance for ordered categorical outcomes. Psychometrika, 81, 1014-1045.
    doi:10.1007/s11336-016-9506-0
    Jorgensen, T. D., Kite, B. A., Chen, P.-Y., & Short, S. D. (2018). Permutation randomization
    methods for testing measurement equivalence and detecting differential item functioning in
    multiple-group confirmatory factor analysis. Psychological Methods, 23, 708-728.
    doi:10.1037/met0000152
    Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural
    equation models. Sociological Methods & Research, 21, 205-229.
    doi:10.1177/0049124192021002004

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import Moments
    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> moments = Moments([r, r], [[0, 0, 0, 0], [1, 1, 1, 1]], [200, 200], names=list("abcd"),
    ...                   groups=("ulm", "pune"))
    >>> invariance("f =~ a + b + c + d", moments, None).table["df"].tolist()
    [4.0, 7.0, 10.0, 14.0]
    """
    check_option("small_groups", small_groups, ("refuse", "fit"))
    check_option("method", method, get_args(ResamplingMethod))
    check_samples(permutations)
    if difference_test is not None:
        check_option("difference_test", difference_test, tuple(METHODS))
    ladder = prepare(
        model, data, group, estimator=estimator, ordered=ordered, missing=missing, std_lv=std_lv,
        collapse=collapse, level=level,
    )  # fmt: skip
    chosen = tuple(levels) if levels is not None else ORDERED if ladder.ordered else CONTINUOUS
    kinds = equal_kinds(chosen, ordered=ladder.ordered)
    sizes = analysed_by_group(ladder)
    if small_groups == "refuse":
        refuse_small_groups(
            ladder.groups, sizes, len(ladder.base.observed), n_own_parameters(ladder.base),
            ordered=ladder.ordered,
        )  # fmt: skip
    fits, problems = fit_levels(ladder, chosen, kinds)
    table = ladder_table(chosen, fits, problems, difference_test)
    cutoffs = cutoff_frame(table, sizes, ordered=ladder.ordered)
    first = next(iter(fits.values()), None)
    tests = None
    if permutations:
        tests = resample_ladder(
            ladder, fits, dict(zip(chosen, kinds, strict=True)), permutations, method=method,
            center_groups=center_groups, rng=rng, progress=progress,
        )  # fmt: skip
    result = InvarianceResult(
        table,
        verdict_frame(table, cutoffs, None if tests is None else tests.omnibus),
        cutoffs,
        fits,
        ladder.groups,
        sizes if first is None else first.fitted.n_by_group,
        0 if first is None else first.n_missing,
        "" if first is None else first.method,
        ladder,
        tests,
        () if first is None else first.findings,
    )
    ladder.tell()
    return result


def fit_levels(
    ladder: Ladder, levels: Sequence[str], kinds: Sequence[tuple[str, ...]]
) -> tuple[dict[str, CFAResult], dict[str, Reason | str]]:
    """Fit every level; a model that can't be fitted doesn't keep the others from it."""
    fits: dict[str, CFAResult] = {}
    problems: dict[str, Reason | str] = {}
    for name, equal in zip(levels, kinds, strict=True):
        try:
            found = ladder.fit(ladder.table(equal))
        except ModelError as why:
            problems[name] = reason("level_not_fitted", problem=str(why))
            continue
        if found.problem:
            problems[name] = found.problem
        if found.converged:
            fits[name] = found
    return fits, problems


def ladder_table(
    levels: Sequence[str],
    fits: Mapping[str, CFAResult],
    problems: Mapping[str, Reason | str],
    method: Method | None = None,
) -> pd.DataFrame:
    """Return fit and differences of the levels; each is tested against the last one before it.

    Items of two categories can make that one no wider model: then it is the last one that is.
    """
    robust = any("scaling_factor" in fit.fit_indices for fit in fits.values())
    columns = [*FIT, *CHANGES]
    if robust:
        columns += [*ROBUST, *ROBUST_CHANGES]
    rows = []
    before: list[str] = []
    for name in levels:
        row: dict[str, Any] = {"method": "", "reason": problems.get(name, "")}
        found = fits.get(name)
        if found is not None:
            row |= {key: found.fit_indices.get(key, np.nan) for key in (*FIT, *ROBUST)}
            if before:
                at = last_wider([*(fits[one].fits.table for one in before), found.fits.table])
                row |= changes(found, fits[before[at]], method)
                if at < len(before) - 1:
                    apart = not_nested(found.fits.table, fits[before[-1]].fits.table)
                    row["reason"] = row["reason"] or reason(
                        "level_not_nested", items=", ".join(apart), before=before[-1],
                        wider=before[at],
                    )  # fmt: skip
            before.append(name)
        rows.append(row)
    index = pd.Index(list(levels), name="level")
    table = pd.DataFrame(rows, index=index, columns=[*columns, "method", "reason"])
    table["reason"] = pd.Series([row["reason"] for row in rows], index=index, dtype=object)
    return table.astype(dict.fromkeys(columns, float))


def changes(restricted: CFAResult, less: CFAResult, method: Method | None) -> dict[str, Any]:
    """Return the differences of a level to the one before it."""
    shifted = restricted.fits.table.ordered != ()
    row = difference(restricted, less, method or default_method(shifted))
    robust = "scaling_factor" in restricted.fit_indices
    if robust and not shifted and method is None and np.isnan(row.get("delta_p", np.nan)):
        # The factor of a Satorra-Bentler difference can be negative; that of Satorra can't.
        if restricted.missing == "listwise" and row.get("delta_df", 0) > 0:
            row = difference(restricted, less, "satorra_2000")
    if robust:
        row["delta_chi2_scaled"] = row.get("delta_chi2", np.nan)
        row["delta_p_scaled"] = row.get("delta_p", np.nan)
        for index in ("cfi", "rmsea"):
            for kind in ("scaled", "robust"):
                one, other = (
                    f.fit_indices.get(f"{index}_{kind}", np.nan) for f in (restricted, less)
                )
                row[f"delta_{index}_{kind}"] = one - other
    return row


def default_method(shifted: bool) -> Method:
    """Return the difference test that belongs to the estimator."""
    return "satorra_2000" if shifted else "satorra_bentler_2001"
