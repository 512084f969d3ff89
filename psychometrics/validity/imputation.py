"""Missing answers: several completed data sets, and one result out of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, Finding, check_option, finding
from psychometrics.responses import Responses
from psychometrics.stats.imputation import (
    ChainedSets,
    chained_matching,
    potential_scale_reduction,
)
from psychometrics.stats.latent_imputation import chained_latent_normal
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.validity.arguments import need_answers
from psychometrics.validity.frames import (
    check_columns,
    group_codes,
    numeric_columns,
    to_narwhals,
)
from psychometrics.validity.sample import structural_cells
from psychometrics.validity.selection import SITE, TOTAL, Scales, parse_scales
from psychometrics.validity.threads import one_blas_thread

ImputationMethod = Literal["latent_normal", "matching"]
METHODS: dict[str, str] = {
    "latent_normal": "chained latent normal variables",
    "matching": "chained predictive mean matching",
}

IMPUTED_COLUMNS = (
    "item", "group", "pooling", "n_rows", "n_answered", "n_imputed", "n_structural", "n_left",
    "share_imputed",
)  # fmt: skip
CONVERGENCE_COLUMNS = ("item", "n_imputed", "reduction_mean", "reduction_sd")

# Answers to an item beyond the predictors, so that the residual variance is known at all.
SPARE_ANSWERS = 10


@dataclass(frozen=True, eq=False, repr=False)
class Imputations:
    """Completed data sets.

    Attributes
    ----------
    items : tuple of str
        What was completed.
    values : ndarray, shape (m, n, p)
        Answers as given or imputed, not turned; NaN where nothing was imputed.
    imputed : ndarray of bool, shape (n, p)
        Which answers were imputed.
    frame : pandas.DataFrame
        The data before.
    counts : DataFrame
        By item, in total and by site: answered, imputed, structurally missing, left missing.
    convergence : DataFrame
        Potential scale reduction of mean and standard deviation of what was imputed, by item; far
        above 1 (1.2, say) means too few iterations.
    findings : tuple of Finding
        What could not be imputed, and why.
    method : str
        How it was imputed.
    """

    items: tuple[str, ...]
    values: FloatArray
    imputed: BoolArray
    frame: pd.DataFrame
    counts: pd.DataFrame
    convergence: pd.DataFrame
    findings: tuple[Finding, ...]
    method: str

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield the completed frames, with all other columns as they were."""
        for own in self.values:
            yield self.frame.assign(**{item: own[:, at] for at, item in enumerate(self.items)})

    def __repr__(self) -> str:
        """Say how much was imputed."""
        cells = int(self.imputed.sum())
        return (
            f"<Imputations: {len(self)} sets, {cells} of {self.imputed.size} answers to "
            f"{len(self.items)} items imputed>"
        )

    def _repr_html_(self) -> str:
        """Show counts; never an answer."""
        return str(self.counts.to_html(index=False))


@one_blas_thread()
def impute(
    data: Any,
    scales: Scales,
    m: int = 20,
    *,
    group: str | None = None,
    auxiliary: Sequence[str] = (),
    structural: Any = None,
    method: ImputationMethod = "latent_normal",
    iterations: int = 10,
    donors: int = 5,
    rng: Rng = None,
) -> Imputations:
    """Complete the missing answers several times, as chained equations do.

    Every item is predicted from all others, the auxiliary columns and the site. What is imputed
    is always an answer that somebody gave to that item. Answers are taken to be missing at random
    given all of these. Nothing is imputed for a question that did not apply, for somebody who
    answered none of the items, and for an item that nobody at the site answered.

    Parameters
    ----------
    data : frame or Responses
        Answers as given. Responses tell which questions did not apply, and their site.
    scales : mapping of str to sequence of str
        Items by scale; a minus says nothing here.
    m : int
        Number of sets.
    group : str, optional
        Column of the sites; for Responses with several sites ``"site"`` by default.
    auxiliary : sequence of str
        Columns of numbers that help to predict, such as age; gaps in them are filled on the way.
    structural : array_like of bool, shape (n, p), optional
        For a frame: which answers can't exist, in the order of the items.
    method : {"latent_normal", "matching"}
        A normal variable behind every item, cut by thresholds that are drawn too: right for few
        skewed categories and small samples. Or predictive mean matching, as mice does it by
        default: its intervals are too short where few people have answers like those that are
        missing.
    iterations : int
        Rounds through the items.
    donors : int
        For matching: people one of whom gives the answer.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    Imputations

    Raises
    ------
    DataError
        Absent or non-numeric columns; too few answers to an item for so many predictors.

    References
    ----------
    Albert & Chib (1993), Wu, Jia & Enders (2015): see
    :mod:`psychometrics.stats.latent_imputation`. van Buuren (2018), Little (1988): see
    :mod:`psychometrics.stats.imputation`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> x = np.round(person + np.random.default_rng(2).normal(size=(200, 4)))
    >>> x[np.random.default_rng(3).random((200, 4)) < 0.1] = np.nan
    >>> made = impute(pd.DataFrame(x, columns=list("abcd")), {"S": list("abcd")}, m=5)
    >>> len(made), int(made.imputed.sum()) == int(np.isnan(x).sum())
    (5, True)
    """
    check_option("method", method, METHODS)
    need_answers(data, "impute()")
    _check_numbers(m=m, iterations=iterations, donors=donors)
    keyed = parse_scales(scales)
    if group is None and isinstance(data, Responses) and len(data.sites) > 1:
        group = "site"
    native = to_narwhals(data)
    check_columns(native, [*keyed.items, *auxiliary, *([group] if group is not None else [])])
    answers = numeric_columns(native, keyed.items)
    extra = numeric_columns(native, list(auxiliary))
    codes, groups = group_codes(native, group, None)
    cannot = structural_mask(data, keyed.items, structural, answers)
    asked: BoolArray = np.asarray(~np.isnan(answers).all(axis=1))
    elsewhere = unanswered_places(answers, codes, len(groups), asked)
    wanted = np.isnan(answers) & ~cannot & asked[:, None] & ~elsewhere
    design = site_design(codes[asked], len(groups))
    both = np.column_stack([answers, extra])[asked]
    refuse_too_few(both, (*keyed.items, *auxiliary), design.shape[1])
    gaps = np.column_stack([wanted[asked], np.isnan(extra[asked])])
    numbers = stream(seed_of(rng), "impute", *keyed.items)
    if method == "matching":
        made = chained_matching(
            both, design, gaps, n_sets=m, n_iterations=iterations, n_donors=donors, rng=numbers
        )
    else:
        made = chained_latent_normal(
            both, design, gaps, n_sets=m, n_iterations=iterations, rng=numbers
        )
    p = len(keyed.items)
    values = np.repeat(answers[None], m, axis=0)
    values[:, asked] = made.values[..., :p]
    return Imputations(
        keyed.items, values, wanted, native.to_pandas(),
        count_table(keyed.items, answers, wanted, cannot, codes, groups),
        convergence_table(keyed.items, made, wanted),
        tuple(imputation_findings(keyed.items, codes, groups, asked, elsewhere & ~cannot)),
        f"{METHODS[method]}, {m} sets, {iterations} iterations",
    )  # fmt: skip


def _check_numbers(**given: int) -> None:
    """Refuse numbers of sets, iterations and donors that are none."""
    least = {"m": 2, "iterations": 1, "donors": 1}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise DataError(f"{name}={value!r} is no whole number.")
        if value < least[name]:
            raise DataError(f"{name}={value!r} is too few; give {least[name]} or more.")


def structural_mask(data: Any, items: Sequence[str], given: Any, answers: FloatArray) -> BoolArray:
    """Return which answers can't exist.

    Raises
    ------
    DataError
        A mask of another shape, or one beside Responses, which tell it themselves.
    """
    if isinstance(data, Responses):
        if given is not None:
            raise DataError("Responses tell which questions did not apply; leave structural out.")
        order = list(data.instrument.items)
        lacking = [item for item in items if item not in order]
        if lacking:
            raise DataError(f"These are no items of the instrument: {', '.join(lacking)}.")
        return np.asarray(structural_cells(data)[:, [order.index(item) for item in items]])
    if given is None:
        return np.zeros(answers.shape, dtype=bool)
    mask = np.asarray(given, dtype=bool)
    if mask.shape != answers.shape:
        raise DataError(f"structural has the shape {mask.shape}; the answers have {answers.shape}.")
    return mask


def unanswered_places(
    answers: FloatArray, codes: IntArray, n_groups: int, asked: BoolArray
) -> BoolArray:
    """Return cells of items that nobody at the site answered: the site's level is unknown."""
    made = np.zeros(answers.shape, dtype=bool)
    for g in range(n_groups):
        mine = (codes == g) & asked
        made[mine] = np.isnan(answers[mine]).all(axis=0)
    made[asked] |= np.isnan(answers[asked]).all(axis=0)
    return made


def site_design(codes: IntArray, n_groups: int) -> FloatArray:
    """Return a constant and an indicator of every site but the first; no site is one too."""
    present = [g for g in range(-1, n_groups) if (codes == g).any()]
    columns = [np.ones(len(codes)), *((codes == g).astype(float) for g in present[1:])]
    return np.column_stack(columns)


def refuse_too_few(values: FloatArray, names: Sequence[str], n_known: int) -> None:
    """Refuse items with hardly more answers than there are predictors."""
    predictors = n_known + values.shape[1] - 1
    needed = predictors + SPARE_ANSWERS
    few = [
        f"{name} ({int(n)})"
        for name, n, gaps in zip(
            names, (~np.isnan(values)).sum(axis=0), np.isnan(values).sum(axis=0), strict=True
        )
        if gaps and 0 < n < needed
    ]
    if few:
        raise DataError(
            f"With {predictors} predictors an item needs {needed} answers; too few have: "
            f"{', '.join(few)}. Impute fewer scales at once, or leave auxiliary columns out."
        )
    empty = [name for name, column in zip(names, values.T, strict=True) if np.isnan(column).all()]
    if empty:
        raise DataError(f"Nobody answered {', '.join(empty)}; leave it out.")


def count_table(
    items: Sequence[str],
    answers: FloatArray,
    wanted: BoolArray,
    structural: BoolArray,
    codes: IntArray,
    groups: tuple[str, ...],
) -> pd.DataFrame:
    """Count what was answered, imputed and left, by item and site."""
    rows = []
    places: list[tuple[str, str | None, BoolArray]] = [
        (TOTAL, None, np.ones(len(codes), dtype=bool))
    ]
    places += [(SITE, name, codes == g) for g, name in enumerate(groups)]
    seen = ~np.isnan(answers)
    for at, item in enumerate(items):
        for pooling, name, mine in places:
            n, answered = int(mine.sum()), int(seen[mine, at].sum())
            imputed = int(wanted[mine, at].sum())
            apart = int((structural & ~seen)[mine, at].sum())
            possible = answered + imputed
            rows.append(
                (item, name, pooling, n, answered, imputed, apart,
                 n - answered - imputed - apart, imputed / possible if possible else np.nan)
            )  # fmt: skip
    made = pd.DataFrame(rows, columns=list(IMPUTED_COLUMNS))
    made["group"] = pd.Series([row[1] for row in rows], dtype=object)
    return made


def convergence_table(items: Sequence[str], made: ChainedSets, wanted: BoolArray) -> pd.DataFrame:
    """Say by item how far the chains are from having forgotten where they began."""
    mean, sd = potential_scale_reduction(made.means), potential_scale_reduction(made.sds)
    rows = [
        (item, int(wanted[:, at].sum()), float(mean[at]), float(sd[at]))
        for at, item in enumerate(items)
        if wanted[:, at].any()
    ]
    return pd.DataFrame(rows, columns=list(CONVERGENCE_COLUMNS))


def imputation_findings(
    items: Sequence[str],
    codes: IntArray,
    groups: tuple[str, ...],
    asked: BoolArray,
    elsewhere: BoolArray,
) -> Iterator[Finding]:
    """Tell what was left missing."""
    nobody = int((~asked).sum())
    if nobody:
        yield finding("nothing_to_impute_from", "warning", "rows", count=nobody)
    for at, item in enumerate(items):
        for g, name in enumerate(groups):
            count = int(elsewhere[codes == g, at].sum())
            if count:
                yield finding(
                    "not_imputed_at_site", "warning", item, key=item, item=item, site=name,
                    count=count,
                )  # fmt: skip
