"""Differential item functioning: whether people of the same standing answer an item alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.stats.dif_adjust import Adjust, adjusted_p_values
from psychometrics.stats.dif_search import Rule
from psychometrics.stats.moments import IntArray
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.dif_contrasts import OMNIBUS, Contrasts, make_contrasts
from psychometrics.validity.dif_matching import Matching, MatchOptions, observed_score_finding
from psychometrics.validity.dif_observed import logistic_rows, mantel_rows
from psychometrics.validity.dif_sample import DifMissing, scale_sample
from psychometrics.validity.dif_trait import TraitOptions, trait_rows
from psychometrics.validity.frames import check_columns, group_codes, to_narwhals
from psychometrics.validity.selection import ResponseRange, Scales, Selection, select
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

DifMethod = Literal["mimic", "ordinal_logistic", "mantel"]
METHODS: tuple[DifMethod, ...] = ("mimic", "ordinal_logistic", "mantel")
Family = Literal["call", "kind", "scale", "contrast"] | int

DIF_COLUMNS = (
    "scale", "item", "contrast", "group_a", "group_b", "kind", "estimate", "low", "high", "level",
    "estimate_points", "se", "chi2", "df", "p_value", "p_adjusted", "flag", "n_a", "n_b",
    "n_anchors", "method", "reason",
)  # fmt: skip
LOGISTIC_COLUMNS = (
    "scale", "item", "contrast", "group_a", "group_b", "estimate", "low", "high", "level",
    "estimate_points", "se", "max_difference", "log_odds", "log_odds_se", "log_odds_slope",
    "chi2_uniform", "df_uniform", "p_uniform", "p_uniform_adjusted", "chi2_nonuniform",
    "df_nonuniform", "p_nonuniform", "p_nonuniform_adjusted", "chi2_total", "df_total", "p_total",
    "p_total_adjusted", "r2_uniform", "r2_nonuniform", "r2_total", "flag", "n_a", "n_b",
    "n_anchors", "method", "reason",
)  # fmt: skip
MANTEL_COLUMNS = (
    "scale", "item", "contrast", "group_a", "group_b", "kind", "estimate", "low", "high", "level",
    "estimate_points", "se", "log_odds", "log_odds_low", "log_odds_high", "log_odds_se", "delta",
    "ets_class", "chi2", "df", "p_value", "p_adjusted", "chi2_general", "df_general", "p_general",
    "flag", "n_a", "n_b", "n_anchors", "method", "reason",
)  # fmt: skip


@one_blas_thread()
def dif(
    data: Any,
    scales: Scales,
    group: str,
    *,
    method: DifMethod = "mimic",
    contrasts: Contrasts = "others",
    anchors: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    purify: bool = True,
    matching: Matching = "total",
    min_anchors: int = 2,
    ordered: bool | None = None,
    missing: DifMissing | None = None,
    significance: float = 0.05,
    adjust: Adjust = "holm",
    family: Family = "call",
    level: float = 0.95,
    weights: str | None = None,
    cluster: str | None = None,
    response_range: ResponseRange = None,
    group_order: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Ask of every item whether people of the same standing answer it alike in all groups.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, and the column of the groups.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one. Each scale is taken to measure one trait.
    group : str
        Column of the groups: sites, languages, roles.
    method : {"mimic", "ordinal_logistic", "mantel"}
        A model in which groups differ in the mean and variance of the trait, and score tests of
        each item's direct effect. The other two match people by an observed sum of few items and
        find differences that aren't there: they are for comparison with work that did so.
    contrasts : {"others", "pairs", "omnibus"} or mapping of str to (groups, groups)
        Each group against all others; every two groups; all at once (not for ``mimic``); or sides
        of your own.
    anchors : sequence of str or mapping of scale to items, optional
        Items taken to be equal. By default they are found: all others are an item's anchors at
        first, and what differs most clearly is set free, one at a time.
    purify : bool
        Whether they are found so; without, all other items are anchors whatever they do. Items
        that differ leave the matching sum until the same ones differ twice.
    matching : {"total", "rest"}
        Whether the sum that people are matched by holds the item itself (not for ``mimic``).
    min_anchors : int
        Items of a scale that stay equal in each contrast.
    ordered : bool, optional
        Whether answers are ordered categories (graded response model) or numbers (linear factor
        model); by default ordered where a scale's items hold at most 7 different whole numbers.
    missing : {"fiml", "listwise"}, optional
        People who answered some items of a scale take part with these (the default of ``mimic``),
        or not (all that can be done with sums).
    significance : float
        Adjusted p-values below it are flagged.
    adjust : {"holm", "bh", "none"}
        Holm or Benjamini and Hochberg.
    family : {"call", "kind", "scale", "contrast"} or int
        Over which tests p-values are adjusted: all of the call, or those of the same kind, scale or
        contrast; or a number of tests that a plan fixed, of which the call holds some.
    level : float
        Coverage.
    weights, cluster : str, optional
        Columns of case weights, and of the clusters within which people are not independent.
    response_range : optional
        As for :func:`psychometrics.reliability`.
    group_order : sequence of str, optional
        Groups to come first.

    Returns
    -------
    DataFrame
        Two rows, uniform and non-uniform, for each item and contrast. ``estimate`` is in standard
        deviations of the item within groups, ``estimate_points`` in points of its answers. Uniform:
        how much higher ``group_a`` answers than people of the same standing in ``group_b``, on
        average over ``group_a``'s own trait. Non-uniform: by how much that gap grows with one
        standard deviation of the trait. ``group_b`` is ``others`` for all groups in which the item
        was not set free. ``n_a`` and ``n_b`` count answers to the item.

        ``ordinal_logistic``: one row an item and contrast, with likelihood-ratio tests of the
        groups (``uniform``), their slopes (``nonuniform``) and both (``total``, which ``flag`` goes
        by), changes of McFadden's R2, the difference of expected answers averaged over
        ``group_a``'s scores (``estimate``), and the largest one (``max_difference``, in points).

        ``mantel``: Mantel's test and the general one for unordered answers, the standardized mean
        difference (``estimate``), Liu and Agresti's common log-odds ratio (Mantel-Haenszel's for
        yes-no items, with ETS's ``delta`` and ``ets_class``; positive where ``group_a`` answers
        higher). For both, ``.attrs["findings"]`` warns of what matching on a sum does.

    Raises
    ------
    DataError
        Fewer than two groups, absent columns, sides or anchors that can't be.

    References
    ----------
    Jöreskog, K. G., & Goldberger, A. S. (1975). Estimation of a model with multiple indicators and
    multiple causes of a single latent variable. Journal of the American Statistical Association,
    70, 631-639. doi:10.1080/01621459.1975.10482485
    Glas, C. A. W. (1998). Detection of differential item functioning using Lagrange multiplier
    tests. Statistica Sinica, 8, 647-667.
    Woods, C. M. (2009). Evaluation of MIMIC-model methods for DIF testing with comparison to
    two-group analysis. Multivariate Behavioral Research, 44, 1-27. doi:10.1080/00273170802620121

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> site = np.repeat(["pune", "ulm"], 300)
    >>> trait = rng.normal(size=600) + np.repeat([0.5, 0.0], 300)
    >>> answer = trait[:, None] + rng.normal(size=(600, 5))
    >>> answer[site == "pune", 2] += 0.8
    >>> found = dif(pd.DataFrame(answer, columns=list("abcde")).assign(site=site),
    ...             {"S": list("abcde")}, "site")
    >>> found.loc[found["flag"] & (found["kind"] == "uniform"), ["item", "group_a"]].values.tolist()
    [['c', 'pune']]
    """
    check_option("method", method, METHODS)
    check_option("adjust", adjust, ("holm", "bh", "none"))
    check_option("matching", matching, ("total", "rest"))
    check_level(level)
    check_level(significance)
    how_missing = missing or ("fiml" if method == "mimic" else "listwise")
    check_option("missing", how_missing, ("fiml", "listwise"))
    check_family(family)
    need_answers(data, "dif()")
    if method != "mimic":
        refuse_for_tables(method, how_missing, weights, cluster)
    elif contrasts == OMNIBUS:
        raise DataError("contrasts='omnibus' is for method='ordinal_logistic' and 'mantel'.")
    chosen = select(
        data, scales, group=group, weights=weights, response_range=response_range,
        group_order=group_order,
    )  # fmt: skip
    own_clusters = cluster_codes(data, cluster)
    made = make_contrasts(contrasts, chosen.groups)
    given = checked_anchors(anchors, chosen)
    rule = Rule(significance, adjust, min_anchors, purify)
    on_trait = TraitOptions(rule, ordered, given, level)
    matched = MatchOptions(matching, purify, significance, adjust, min_anchors, given, level)
    rows: list[dict[str, Any]] = []
    for scale in chosen.keyed.scales:
        sample = scale_sample(chosen, scale, how_missing, own_clusters)
        if method == "mimic":
            rows += trait_rows(sample, made, on_trait)
        elif method == "mantel":
            rows += mantel_rows(sample, made, matched)
        else:
            rows += logistic_rows(sample, made, matched)
    rows = [row | {"level": level} for row in rows]
    if method == "ordinal_logistic":
        frame = logistic_frame(rows, adjust, family, significance)
    else:
        columns = DIF_COLUMNS if method == "mimic" else MANTEL_COLUMNS
        frame = adjusted_frame(tidy(rows, columns), adjust, family, significance)
    if method != "mimic":
        shortest = min(len(items) for items in chosen.keyed.scales.values())
        frame.attrs["findings"] = (observed_score_finding(method, shortest),)
    return frame


def refuse_for_tables(method: str, missing: str, weights: str | None, cluster: str | None) -> None:
    """Refuse what counts of people in tables can't do."""
    if missing != "listwise":
        raise DataError(f"method={method!r} needs all answers of a scale for its sum: 'listwise'.")
    if weights is not None or cluster is not None:
        raise DataError(
            f"method={method!r} counts people, and takes no weights or clusters; use 'mimic'."
        )


def adjusted_frame(
    frame: pd.DataFrame,
    adjust: Adjust,
    family: Family,
    significance: float,
    p_value: str = "p_value",
    p_adjusted: str = "p_adjusted",
) -> pd.DataFrame:
    """Return the frame with p-values adjusted over the family, and flags by them."""
    frame[p_adjusted] = frame[p_value]
    n_tests = family if isinstance(family, int) else 0
    by = frame[family] if family in frame else pd.Series(0, frame.index)
    for _, own in frame.groupby(by, sort=False):
        p_values = own[p_value].to_numpy(dtype=float)
        frame.loc[own.index, p_adjusted] = adjusted_p_values(p_values, adjust, n_tests)
    flags = (frame[p_adjusted] < significance).astype("boolean")
    frame["flag"] = flags.mask(frame[p_adjusted].isna())
    return frame


def logistic_frame(
    rows: list[dict[str, Any]], adjust: Adjust, family: Family, significance: float
) -> pd.DataFrame:
    """Return the frame of logistic regressions; flags go by the total test."""
    frame = tidy(rows, LOGISTIC_COLUMNS)
    for kind in ("uniform", "nonuniform", "total"):
        frame = adjusted_frame(
            frame, adjust, family, significance, f"p_{kind}", f"p_{kind}_adjusted"
        )
    return frame


def check_family(family: Any) -> None:
    """Refuse a family of tests that is none."""
    if isinstance(family, bool) or not (
        (isinstance(family, int) and family > 0) or family in ("call", "kind", "scale", "contrast")
    ):
        raise DataError(
            f"family={family!r}: name 'call', 'kind', 'scale' or 'contrast', or give the number of "
            "tests that the plan fixed."
        )


def cluster_codes(data: Any, cluster: str | None) -> IntArray | None:
    """Return each row's cluster; a row without one is alone."""
    if cluster is None:
        return None
    frame = to_narwhals(data)
    check_columns(frame, [cluster])
    codes, names = group_codes(frame, cluster, None)
    alone = codes < 0
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    return codes


def checked_anchors(
    given: Sequence[str] | Mapping[str, Sequence[str]] | None, chosen: Selection
) -> dict[str, tuple[str, ...]]:
    """Return anchors by scale; refuse items that are not of the scale."""
    if given is None:
        return {}
    scales = chosen.keyed.scales
    if isinstance(given, Mapping):
        lacking = sorted(set(given) - set(scales))
        if lacking:
            raise DataError(f"anchors names {', '.join(lacking)}; scales are {', '.join(scales)}.")
        found = {str(name): plain_names(items) for name, items in given.items()}
    else:
        names = plain_names(given)
        found = {name: tuple(i for i in names if i in items) for name, items in scales.items()}
        unknown = sorted(set(names) - {i for items in scales.values() for i in items})
        if unknown:
            raise DataError(f"anchors names {', '.join(unknown)}, which no scale has.")
    for name, items in found.items():
        absent = sorted(set(items) - set(scales[name]))
        if absent:
            raise DataError(f"anchors names {', '.join(absent)}, which {name} has not.")
    return found


def plain_names(items: Sequence[str]) -> tuple[str, ...]:
    """Return item names without their direction."""
    if isinstance(items, str):
        raise DataError(f"anchors={items!r}: give a list of item names.")
    return tuple(str(item).removeprefix("-") for item in items)
