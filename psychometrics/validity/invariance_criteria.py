"""Cut-offs for changes of fit between levels of invariance, as data with their sources.

None of them holds at every n, model and number of groups (Jorgensen et al., 2018): they are shown
beside a test, with what they were derived from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHEN = (
    "Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance. "
    "Structural Equation Modeling, 14, 464-504. doi:10.1080/10705510701301834"
)
CHEUNG_RENSVOLD = (
    "Cheung, G. W., & Rensvold, R. B. (2002). Evaluating goodness-of-fit indexes for testing "
    "measurement invariance. Structural Equation Modeling, 9, 233-255. "
    "doi:10.1207/S15328007SEM0902_5"
)
RUTKOWSKI_SVETINA_2014 = (
    "Rutkowski, L., & Svetina, D. (2014). Assessing the hypothesis of measurement invariance in "
    "the context of large-scale international surveys. Educational and Psychological Measurement, "
    "74, 31-57. doi:10.1177/0013164413498257"
)
RUTKOWSKI_SVETINA_2017 = (
    "Rutkowski, L., & Svetina, D. (2017). Measurement invariance in international surveys: "
    "Categorical indicators and fit measure performance. Applied Measurement in Education, 30, "
    "39-51. doi:10.1080/08957347.2016.1243540"
)


@dataclass(frozen=True, slots=True)
class ChangeCutoffs:
    """How far fit may change from one level to the next, after one source.

    Attributes
    ----------
    id : str
        Stable name.
    source : str
    levels : tuple of str
        Levels that the cut-offs are about.
    cfi : float
        CFI may fall by no more than this (a negative number).
    rmsea, srmr : float or None
        RMSEA and SRMR may rise by no more than this; None where the source says nothing.
    derived_from : str
        The conditions of the source's simulations.
    checked : str
        Where the figures were read, and which are not confirmed.
    """

    id: str
    source: str
    levels: tuple[str, ...]
    cfi: float
    rmsea: float | None
    srmr: float | None
    derived_from: str
    checked: str


LATER = ("scalar", "strict")
CHEN_SMALL = "two groups of normal answers, 300 people or fewer in all, or groups of unequal size"
CHEN_LARGE = "two groups of normal answers of equal size, more than 300 people in all"

# None of the papers could be had; what quotes them is named.
PSYCMODEL = "CFI and RMSEA as quoted in the manual of the R package psycModel"
CHEN_CHECKED = f"{PSYCMODEL}; SRMR not confirmed"
CHEN_METRIC = f"{PSYCMODEL}, and SRMR at this level"
QUOTED = "quoted by nearly every study of invariance"
NOT_CONFIRMED = "not confirmed"

CUTOFFS: tuple[ChangeCutoffs, ...] = (
    ChangeCutoffs(
        "chen_2007_small", CHEN, ("metric",), -0.005, 0.010, 0.025, CHEN_SMALL, CHEN_CHECKED
    ),
    ChangeCutoffs("chen_2007_small", CHEN, LATER, -0.005, 0.010, 0.005, CHEN_SMALL, CHEN_CHECKED),
    ChangeCutoffs(
        "chen_2007_large", CHEN, ("metric",), -0.010, 0.015, 0.030, CHEN_LARGE, CHEN_METRIC
    ),
    ChangeCutoffs("chen_2007_large", CHEN, LATER, -0.010, 0.015, 0.010, CHEN_LARGE, CHEN_CHECKED),
    ChangeCutoffs(
        "cheung_rensvold_2002", CHEUNG_RENSVOLD, ("metric", *LATER), -0.010, None, None,
        "two groups of normal answers, 150 or 300 people each", QUOTED,
    ),
    ChangeCutoffs(
        "rutkowski_svetina_2014", RUTKOWSKI_SVETINA_2014, ("metric",), -0.020, 0.030, None,
        "10 or 20 groups of normal answers, 600 people or more each", PSYCMODEL,
    ),
    ChangeCutoffs(
        "rutkowski_svetina_2014", RUTKOWSKI_SVETINA_2014, ("scalar",), -0.010, 0.010, None,
        "10 or 20 groups of normal answers, 600 people or more each", NOT_CONFIRMED,
    ),
    # The study freed loadings first and thresholds then; here thresholds come first, so the wide
    # limit is that of the first step and the narrow one of the step that adds the other.
    ChangeCutoffs(
        "rutkowski_svetina_2017", RUTKOWSKI_SVETINA_2017, ("thresholds",), -0.004, 0.050, None,
        "10 or 20 groups of ordered answers, 750 people or more each", NOT_CONFIRMED,
    ),
    ChangeCutoffs(
        "rutkowski_svetina_2017", RUTKOWSKI_SVETINA_2017, ("metric", "scalar"), -0.004, 0.010, None,
        "10 or 20 groups of ordered answers, 750 people or more each", NOT_CONFIRMED,
    ),
)  # fmt: skip

# What the sources are called in a sentence.
NAMES = {
    "chen_2007_small": "Chen (2007) for small or unequal groups",
    "chen_2007_large": "Chen (2007) for larger groups of equal size",
    "cheung_rensvold_2002": "Cheung and Rensvold (2002)",
    "rutkowski_svetina_2014": "Rutkowski and Svetina (2014)",
    "rutkowski_svetina_2017": "Rutkowski and Svetina (2017)",
}

# From this many groups on the cut-offs derived for many groups are nearer than those for two.
MANY_GROUPS = 10
SMALL_SAMPLE = 300
# Groups count as of equal size where the largest is at most this many times the smallest.
EQUAL_SIZES = 1.5


def nearest_source(n_by_group: Sequence[int], *, ordered: bool) -> str:
    """Return which source's conditions are nearest to a sample's.

    Examples
    --------
    >>> nearest_source([156, 145], ordered=False), nearest_source([90] * 6, ordered=False)
    ('chen_2007_large', 'chen_2007_large')
    >>> nearest_source([500] * 12, ordered=True)
    'rutkowski_svetina_2017'
    """
    if len(n_by_group) >= MANY_GROUPS:
        return "rutkowski_svetina_2017" if ordered else "rutkowski_svetina_2014"
    unequal = max(n_by_group) > EQUAL_SIZES * min(n_by_group)
    small = sum(n_by_group) <= SMALL_SAMPLE or unequal
    return "chen_2007_small" if small else "chen_2007_large"


def cutoffs_of(level: str) -> tuple[ChangeCutoffs, ...]:
    """Return the cut-offs of all sources for one level."""
    return tuple(one for one in CUTOFFS if level in one.levels)


def exceeded(cutoffs: ChangeCutoffs, cfi: float, rmsea: float, srmr: float) -> bool:
    """Tell whether fit changes by more than a source allows.

    CFI has to fall too far and, where the source names them, RMSEA or SRMR to rise too far as
    well: Chen (2007) supplements the one by either of the others.
    """
    if not cfi < cutoffs.cfi:
        return False
    others = [
        change > limit
        for change, limit in ((rmsea, cutoffs.rmsea), (srmr, cutoffs.srmr))
        if limit is not None
    ]
    return any(others) or not others
