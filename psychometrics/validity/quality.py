"""Data quality first: what is missing, how people answered, and how much of a scale is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, Finding
from psychometrics.responses import Responses
from psychometrics.stats.missing_completely import LittleTest, little_test
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.response_style import (
    intra_individual_sd,
    longest_run,
    same_answers,
    wilson_interval,
)
from psychometrics.validity.arguments import check_level
from psychometrics.validity.frames import (
    check_columns,
    group_codes,
    numeric_columns,
    to_narwhals,
)
from psychometrics.validity.imputation import structural_mask
from psychometrics.validity.quality_findings import quality_findings
from psychometrics.validity.quality_form import Form, read_form
from psychometrics.validity.selection import SITE, TOTAL, ResponseRange, Scales, parse_scales
from psychometrics.validity.units import tidy

ITEM_COLUMNS = (
    "item", "group", "pooling", "n_rows", "n_answered", "n_missing", "n_structural",
    "share_missing", "n_categories", "n_used", "rarest_count", "most_used_share",
)  # fmt: skip
SCALE_COLUMNS = (
    "scale", "group", "pooling", "n_scored", "lowest_possible", "highest_possible", "floor",
    "floor_low", "floor_high", "ceiling", "ceiling_low", "ceiling_high", "level", "method",
)  # fmt: skip
COUNT_COLUMNS = ("flag", "group", "pooling", "count", "n_rows", "share", "rule")
FLAGS = ("no_answers", "mostly_missing", "straight_line", "same_as_another", "fast")


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """From where on something is told. Nothing is left out by it.

    Attributes
    ----------
    run_share : float
        Straight-lining: one answer in a row to at least this share of the items (Curran, 2016).
    fewest_items : int
        And to at least so many, as short runs come about by chance; also the fewest answers that
        are compared with those of others.
    missing_share : float
        Of the answers that could exist, the share that a person lacks.
    seconds_per_item : float
        Faster than this nobody reads (Huang et al., 2012).
    item_missing : float
        Share of answers to an item that are missing.
    floor_ceiling : float
        Share of people with the lowest or the highest possible score (Terwee et al., 2007).
    """

    run_share: float = 0.5
    fewest_items: int = 8
    missing_share: float = 0.5
    seconds_per_item: float = 2.0
    item_missing: float = 0.1
    floor_ceiling: float = 0.15


DEFAULT_LIMITS = QualityLimits()


@dataclass(frozen=True, eq=False, repr=False)
class DataQuality:
    """What the answers give reason to look at.

    Attributes
    ----------
    findings : tuple of Finding
        In words, with counts.
    items : DataFrame
        Missing answers and use of categories, by item, in total and by site.
    patterns : DataFrame
        Which items are missing together: the items, how many people, the most frequent first.
    scales : DataFrame
        Shares of people at the lowest and highest possible score, with intervals.
    counts : DataFrame
        People flagged, by flag, in total and by site, with the rule.
    people : DataFrame
        One row a person: what the flags rest on, and the flags. For whoever holds the data.
    exclusions : Mapping of str to ndarray of bool
        Whom each flag marks; nobody has been left out. See :func:`effect_of_exclusion`.
    little : LittleTest or None
        Test that answers are missing completely at random, where it was asked for.
    """

    findings: tuple[Finding, ...]
    items: pd.DataFrame
    patterns: pd.DataFrame
    scales: pd.DataFrame
    counts: pd.DataFrame
    people: pd.DataFrame
    exclusions: Mapping[str, BoolArray]
    little: LittleTest | None

    def to_frame(self) -> pd.DataFrame:
        """Return the counts."""
        return self.counts

    def __repr__(self) -> str:
        """Say how many were flagged; never who."""
        told = ", ".join(f"{name} {int(mask.sum())}" for name, mask in self.exclusions.items())
        return f"<DataQuality: {len(self.people)} rows; flagged: {told or 'nobody'}>"

    def _repr_html_(self) -> str:
        """Show counts; never a person."""
        return str(self.counts.to_html(index=False))


def data_quality(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    response_range: ResponseRange = None,
    structural: Any = None,
    response_time: str | None = None,
    little: bool = False,
    limits: QualityLimits = DEFAULT_LIMITS,
    level: float = 0.95,
) -> DataQuality:
    """Look at the answers before any model does.

    Nothing is changed and nobody is left out: flags are counted, and
    :func:`effect_of_exclusion` says what leaving people out would do to a result.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, not turned, items in the order of the form: that of the frame's columns,
        or of the definition.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites; for Responses with several sites ``"site"`` by default.
    response_range : (low, high) or mapping of item to (low, high), optional
        Lowest and highest possible answer. Responses know it; for a frame by default the lowest
        and highest answer found among all items.
    structural : array_like of bool, shape (n, p), optional
        For a frame: which answers can't exist, items in the order of the scales.
    response_time : str, optional
        Column of seconds for the whole form.
    little : bool
        Test whether answers are missing completely at random.
    limits : QualityLimits
        From where on something is told.
    level : float
        Coverage of the intervals of shares.

    Returns
    -------
    DataQuality

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data.
    Journal of Experimental Social Psychology, 66, 4-19. doi:10.1016/j.jesp.2015.07.006
    Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M., & DeShon, R. P. (2012). Detecting and
    deterring insufficient effort responding to surveys. Journal of Business and Psychology, 27,
    99-114. doi:10.1007/s10869-011-9231-8
    Terwee, C. B., et al. (2007). Quality criteria were proposed for measurement properties of
    health status questionnaires. Journal of Clinical Epidemiology, 60, 34-42.
    doi:10.1016/j.jclinepi.2006.03.012

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x = np.random.default_rng(1).integers(1, 6, (100, 8)).astype(float)
    >>> x[:3] = 4
    >>> frame = pd.DataFrame(x, columns=list("abcdefgh"))
    >>> data_quality(frame, {"S": list("abcd"), "T": list("efgh")})
    <DataQuality: 100 rows; flagged: straight_line 3>
    """
    check_level(level)
    keyed = parse_scales(scales)
    if group is None and isinstance(data, Responses) and len(data.sites) > 1:
        group = "site"
    native = to_narwhals(data)
    named = [name for name in (group, response_time) if name is not None]
    check_columns(native, [*keyed.items, *named])
    answers = numeric_columns(native, keyed.items)
    if not len(answers):
        raise DataError("There are no answers: the data have no rows.")
    cannot = structural_mask(data, keyed.items, structural, answers) & np.isnan(answers)
    codes, groups = group_codes(native, group, None)
    form = read_form(data, native.columns, keyed, answers, response_range)
    seconds = None if response_time is None else numeric_columns(native, [response_time])[:, 0]
    people = people_table(data, answers, cannot, form, seconds, limits)
    places: list[tuple[str, str | None, BoolArray]] = [
        (TOTAL, None, np.ones(len(codes), dtype=bool))
    ]
    places += [(SITE, name, np.asarray(codes == g)) for g, name in enumerate(groups)]
    items = item_table(form, answers, cannot, places)
    scored = scale_table(form, answers, places, level)
    flags = {name: people[name].to_numpy(dtype=bool) for name in FLAGS if name in people}
    counts = count_flags(flags, places, rules_of(form, limits))
    people.insert(
        1, "group", pd.Series([None if g < 0 else groups[g] for g in codes], dtype=object)
    )
    tested = little_of(answers[:, form.varies(answers)]) if little else None
    return DataQuality(
        tuple(quality_findings(items, scored, counts, form, tested, limits, seconds)),
        items, pattern_table(form.items, answers, cannot), scored, counts, people,
        MappingProxyType({name: mask for name, mask in flags.items() if mask.any()}), tested,
    )  # fmt: skip


def people_table(
    data: Any,
    answers: FloatArray,
    cannot: BoolArray,
    form: Form,
    seconds: FloatArray | None,
    limits: QualityLimits,
) -> pd.DataFrame:
    """Return what the flags rest on, and the flags, one row a person."""
    n, p = answers.shape
    ordered = answers[:, form.order]
    answered, possible = (~np.isnan(answers)).sum(axis=1), p - cannot.sum(axis=1)
    blocks = [form.blocks[at] for at in form.order]
    run, twins = longest_run(ordered, blocks), same_answers(answers)
    straight = run >= max(limits.run_share * p, limits.fewest_items)
    share = 1 - answered / np.maximum(possible, 1)
    rows = data.frame["row"].to_numpy() if isinstance(data, Responses) else np.arange(1, n + 1)
    made = pd.DataFrame(
        {
            "row": rows, "n_answered": answered, "n_possible": possible,
            "share_missing": np.where(possible > 0, share, np.nan), "longest_run": run,
            "answer_sd": intra_individual_sd(ordered, blocks), "n_same_answers": twins,
        }
    )  # fmt: skip
    if seconds is not None:
        made["seconds"] = seconds
    made["no_answers"] = answered == 0
    made["mostly_missing"] = (answered > 0) & (share > limits.missing_share)
    made["straight_line"] = straight
    made["same_as_another"] = (twins > 1) & (answered >= limits.fewest_items) & ~straight
    if seconds is not None:
        made["fast"] = (seconds < limits.seconds_per_item * answered) & (answered > 0)
    return made


def rules_of(form: Form, limits: QualityLimits) -> dict[str, str]:
    """Return in words what each flag marks."""
    p = len(form.items)
    return {
        "no_answers": "no answer to any item",
        "mostly_missing": f"more than {limits.missing_share:.0%} of the possible answers missing",
        "straight_line": f"one answer in a row to "
        f"{int(np.ceil(max(limits.run_share * p, limits.fewest_items)))} items or more",
        "same_as_another": f"the answers of somebody else, {limits.fewest_items} or more",
        "fast": f"less than {limits.seconds_per_item:g} seconds an answer",
    }


def item_table(
    form: Form,
    answers: FloatArray,
    cannot: BoolArray,
    places: list[tuple[str, str | None, BoolArray]],
) -> pd.DataFrame:
    """Count missing answers and categories used, by item and place."""
    rows = []
    for at, item in enumerate(form.items):
        possible = form.categories(at)
        for pooling, name, mine in places:
            own = answers[mine, at]
            given = own[~np.isnan(own)]
            apart = int(cannot[mine, at].sum())
            values, counts = np.unique(given, return_counts=True)
            every = len(own) - apart
            used = counts if possible is None else (given[:, None] == possible).sum(axis=0)
            rows.append(
                {
                    "item": item, "group": name, "pooling": pooling, "n_rows": len(own),
                    "n_answered": len(given), "n_missing": every - len(given),
                    "n_structural": apart,
                    "share_missing": (every - len(given)) / every if every else np.nan,
                    "n_categories": np.nan if possible is None else len(possible),
                    "n_used": len(values),
                    "rarest_count": int(used.min()) if len(given) else 0,
                    "most_used_share": counts.max() / len(given) if len(given) else np.nan,
                }
            )  # fmt: skip
    return tidy(rows, ITEM_COLUMNS)


def pattern_table(items: tuple[str, ...], answers: FloatArray, cannot: BoolArray) -> pd.DataFrame:
    """Count which items are missing together, the most frequent pattern first."""
    gaps = np.isnan(answers) & ~cannot
    found, times = np.unique(gaps, axis=0, return_counts=True)
    order = np.lexsort((found.sum(axis=1), -times))
    rows = [
        (", ".join(item for item, gone in zip(items, found[at], strict=True) if gone),
         int(found[at].sum()), int(times[at]), times[at] / len(answers))
        for at in order
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["missing", "n_missing", "count", "share"])


def scale_table(
    form: Form,
    answers: FloatArray,
    places: list[tuple[str, str | None, BoolArray]],
    level: float,
) -> pd.DataFrame:
    """Return the shares of people at the ends of every scale."""
    rows = []
    for scale, columns in form.scales.items():
        low, high = form.lowest[columns], form.highest[columns]
        signs = form.signs[columns]
        at_floor = np.where(signs > 0, low, high)
        at_ceiling = np.where(signs > 0, high, low)
        own = answers[:, columns]
        complete = ~np.isnan(own).any(axis=1)
        ends = [(own == end).all(axis=1) for end in (at_floor, at_ceiling)]
        for pooling, name, mine in places:
            n = int((complete & mine).sum())
            counts = [int((end & mine).sum()) for end in ends]
            limits = [wilson_interval(count, n, level) for count in counts]
            shares = [count / n if n else np.nan for count in counts]
            rows.append(
                {
                    "scale": scale, "group": name, "pooling": pooling, "n_scored": n,
                    "lowest_possible": float(low.mean()), "highest_possible": float(high.mean()),
                    "floor": shares[0], "floor_low": float(limits[0].low),
                    "floor_high": float(limits[0].high), "ceiling": shares[1],
                    "ceiling_low": float(limits[1].low), "ceiling_high": float(limits[1].high),
                    "level": level, "method": "scale answered completely, Wilson interval",
                }
            )  # fmt: skip
    return tidy(rows, SCALE_COLUMNS)


def count_flags(
    flags: Mapping[str, BoolArray],
    places: list[tuple[str, str | None, BoolArray]],
    rules: Mapping[str, str],
) -> pd.DataFrame:
    """Count the people of every flag and place."""
    rows = [
        {
            "flag": flag, "group": name, "pooling": pooling, "count": int((mask & mine).sum()),
            "n_rows": int(mine.sum()), "rule": rules[flag],
            "share": float(mask[mine].mean()) if mine.any() else np.nan,
        }
        for flag, mask in flags.items()
        for pooling, name, mine in places
    ]  # fmt: skip
    return tidy(rows, COUNT_COLUMNS)


def little_of(answers: FloatArray) -> LittleTest:
    """Return Little's test of the items that vary; NaN where it can't be had."""
    there = answers[~np.isnan(answers).all(axis=1)]
    seen = (~np.isnan(there)).astype(float)
    apart = there.shape[1] < 2 or len(there) < 3 or (seen.T @ seen).min(initial=np.inf) < 2
    if apart:
        return LittleTest(np.nan, np.nan, np.nan, len(there), 0, False)
    try:
        return little_test(there)
    except np.linalg.LinAlgError:
        return LittleTest(np.nan, np.nan, np.nan, len(there), 0, False)
