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
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.frames import (
    check_columns,
    group_codes,
    numeric_columns,
    to_narwhals,
)
from psychometrics.validity.imputation import structural_mask
from psychometrics.validity.quality_findings import quality_findings
from psychometrics.validity.quality_form import read_form
from psychometrics.validity.quality_tables import (
    DEFAULT_LIMITS,
    FLAGS,
    Places,
    QualityLimits,
    count_flags,
    item_table,
    pattern_table,
    people_table,
    rules_of,
    scale_table,
)
from psychometrics.validity.response_times import read_times, time_table
from psychometrics.validity.selection import SITE, TOTAL, ResponseRange, Scales, parse_scales


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
    times : DataFrame
        How long people took, in total, by site and by mode; no rows where nothing is known of it.
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
    times: pd.DataFrame
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
    mode: str | None = None,
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
        Column of seconds for the whole form; of Responses ``duration``, if they have it.
    mode : str, optional
        Column of the mode (paper, web, interview): speed is compared within modes. Of Responses
        ``mode``, if they have it.
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
    Leiner, D. J. (2019). Too fast, too straight, too weird: Non-reactive indicators for
    meaningless data in internet surveys. Survey Research Methods, 13(3), 229-248.
    doi:10.18148/srm/2019.v13i3.7403
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
    need_answers(data, "data_quality()")
    keyed = parse_scales(scales)
    if group is None and isinstance(data, Responses) and len(data.sites) > 1:
        group = "site"
    native = to_narwhals(data)
    named = [name for name in (group, response_time, mode) if name is not None]
    check_columns(native, [*keyed.items, *named])
    answers = numeric_columns(native, keyed.items)
    if not len(answers):
        raise DataError("There are no answers: the data have no rows.")
    cannot = structural_mask(data, keyed.items, structural, answers) & np.isnan(answers)
    declared = data.sites if isinstance(data, Responses) and group == "site" else None
    codes, groups = group_codes(native, group, declared)
    form = read_form(data, native.columns, keyed, answers, response_range)
    times = read_times(data, native, response_time, mode)
    people = people_table(data, answers, cannot, form, times, limits)
    places: Places = [(TOTAL, None, np.ones(len(codes), dtype=bool))]
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
        tuple(quality_findings(items, scored, counts, form, tested, limits, times)),
        items, pattern_table(form.items, answers, cannot), scored,
        time_table(times, people, places), counts, people,
        MappingProxyType({name: mask for name, mask in flags.items() if mask.any()}), tested,
    )  # fmt: skip


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
