"""Cut-offs as data: what a statistic is held against, in which direction, and who says so.

A verdict needs an interval: a claim is supported where the whole interval meets the criterion,
not supported where none of it does, and undecided in between. Nothing is claimed from a point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Direction = Literal["at_least", "above", "below", "at_most"]
Verdict = Literal["supported", "not_supported", "undecided", "unavailable"]
SampleRating = Literal["very_good", "adequate", "doubtful", "inadequate"]

SUPPORTED: Verdict = "supported"
NOT_SUPPORTED: Verdict = "not_supported"
UNDECIDED: Verdict = "undecided"
UNAVAILABLE: Verdict = "unavailable"

COSMIN = (
    "Prinsen, C. A. C., Mokkink, L. B., Bouter, L. M., et al. (2018). COSMIN guideline for "
    "systematic reviews of patient-reported outcome measures. Quality of Life Research, 27, "
    "1147-1157. doi:10.1007/s11136-018-1798-3"
)
COSMIN_BIAS = (
    "Mokkink, L. B., de Vet, H. C. W., Prinsen, C. A. C., et al. (2018). COSMIN Risk of Bias "
    "checklist for systematic reviews of patient-reported outcome measures. Quality of Life "
    "Research, 27, 1171-1179. doi:10.1007/s11136-017-1765-4"
)
FORNELL_LARCKER = (
    "Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with "
    "unobservable variables and measurement error. Journal of Marketing Research, 18, 39-50. "
    "doi:10.1177/002224378101800104"
)
HENSELER = (
    "Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing "
    "discriminant validity in variance-based structural equation modeling. Journal of the Academy "
    "of Marketing Science, 43, 115-135. doi:10.1007/s11747-014-0403-8"
)
HU_BENTLER = (
    "Hu, L., & Bentler, P. M. (1999). Cutoff criteria for fit indexes in covariance structure "
    "analysis. Structural Equation Modeling, 6, 1-55. doi:10.1080/10705519909540118"
)
KAISER = (
    "Kaiser, H. F. (1974). An index of factorial simplicity. Psychometrika, 39, 31-36. "
    "doi:10.1007/BF02291575"
)
MEREDITH = (
    "Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance. "
    "Psychometrika, 58, 525-543. doi:10.1007/BF02294825"
)
RONKKO_CHO = (
    "Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity. "
    "Organizational Research Methods, 25, 6-47. doi:10.1177/1094428120968614"
)
SARIS = (
    "Saris, W. E., Satorra, A., & van der Veld, W. M. (2009). Testing structural equation models "
    "or detection of misspecifications? Structural Equation Modeling, 16, 561-582. "
    "doi:10.1080/10705510903203433"
)


def meets(value: float, threshold: float, direction: Direction) -> bool:
    """Tell whether a value is on the right side of a threshold.

    Examples
    --------
    >>> meets(0.95, 0.95, "above"), meets(0.70, 0.70, "at_least")
    (False, True)
    """
    match direction:
        case "at_least":
            return value >= threshold
        case "above":
            return value > threshold
        case "below":
            return value < threshold
        case "at_most":
            return value <= threshold


@dataclass(frozen=True, slots=True)
class Criterion:
    """A cut-off with its source.

    Attributes
    ----------
    id : str
        Stable name.
    statistic : str
        What is held against it.
    threshold : float
        The cut-off.
    direction : {"at_least", "above", "below", "at_most"}
        On which side of it a value meets the criterion.
    source : str
        Whose cut-off it is.
    note : str
        What it doesn't say, or how it is applied here.
    """

    id: str
    statistic: str
    threshold: float
    direction: Direction
    source: str
    note: str

    def met_by(self, value: float) -> bool:
        """Tell whether one value meets the criterion.

        Examples
        --------
        >>> CRITERIA["cfi_095"].met_by(0.95), CRITERIA["alpha_070"].met_by(0.70)
        (False, True)
        """
        return meets(value, self.threshold, self.direction)


_FIT = (
    "COSMIN asks for any one of CFI, TLI, RMSEA and SRMR, after Hu & Bentler (1999), whose "
    "cut-offs belong to their models and sample sizes; read all four."
)
_GRADE = "A grade by the limit of the latent correlation's interval that is furthest from 0."

_ALL = (
    Criterion(
        "alpha_070", "alpha", 0.70, "at_least", COSMIN,
        "For a scale of one dimension; says nothing of one whose structure isn't supported.",
    ),
    Criterion(
        "omega_070", "omega_total", 0.70, "at_least", COSMIN,
        "COSMIN names alpha; held against omega because both estimate the same reliability.",
    ),
    Criterion(
        "ave_050", "ave", 0.50, "at_least", FORNELL_LARCKER,
        "The factor carries at least as much of the items' variance as error does.",
    ),
    Criterion("latent_correlation_080", "correlation", 0.80, "below", RONKKO_CHO, _GRADE),
    Criterion(
        "latent_correlation_090", "correlation", 0.90, "below", RONKKO_CHO,
        _GRADE + " Below it a pair counts as distinct here.",
    ),
    Criterion("latent_correlation_100", "correlation", 1.00, "below", RONKKO_CHO, _GRADE),
    Criterion(
        "htmt_085", "htmt", 0.85, "below", HENSELER,
        "For scales that are meant to be different things.",
    ),
    Criterion(
        "htmt_090", "htmt", 0.90, "below", HENSELER,
        "For scales that are close by intention: parts of one higher-order construct.",
    ),
    Criterion(
        "cross_loading_040", "epc", 0.40, "below", SARIS,
        "In size, completely standardised, as expected if the loading were free. It has no "
        "interval, so no claim rests on it.",
    ),
    Criterion("cfi_095", "cfi", 0.95, "above", COSMIN, _FIT),
    Criterion("tli_095", "tli", 0.95, "above", COSMIN, _FIT),
    Criterion("rmsea_006", "rmsea", 0.06, "below", COSMIN, _FIT),
    Criterion("srmr_008", "srmr", 0.08, "below", COSMIN, _FIT),
    Criterion(
        "hypotheses_075", "share_confirmed", 0.75, "at_least", COSMIN,
        "Of the hypotheses that could be tried. A hypothesis is confirmed where the whole "
        "interval is as expected, so an undecided one is not counted as confirmed.",
    ),
    Criterion(
        "equal_items_100", "share_equal", 1.00, "at_least", MEREDITH,
        "Of the scale's items, those found to have the same loading and intercept in all groups "
        "compared. Finding no difference is no proof that there is none.",
    ),
    Criterion(
        "kmo_060", "kmo", 0.60, "at_least", KAISER,
        "Kaiser calls .60 to .69 mediocre and less than .50 unacceptable.",
    ),
)  # fmt: skip

CRITERIA: Mapping[str, Criterion] = MappingProxyType({one.id: one for one in _ALL})
"""All cut-offs, by id."""

FIT_CRITERIA = ("cfi_095", "tli_095", "rmsea_006", "srmr_008")
"""Indices of structural validity, in the order they are told."""


def verdict(low: float, high: float, criterion: Criterion) -> Verdict:
    """Judge an interval by whether all of it, none of it, or part of it meets the criterion.

    Parameters
    ----------
    low, high : float
        Limits; NaN where there is no interval.
    criterion : Criterion
        The cut-off.

    Returns
    -------
    {"supported", "not_supported", "undecided", "unavailable"}

    Examples
    --------
    >>> verdict(0.66, 0.83, CRITERIA["alpha_070"]), verdict(0.71, 0.83, CRITERIA["alpha_070"])
    ('undecided', 'supported')
    """
    if math.isnan(low) or math.isnan(high):
        return UNAVAILABLE
    meets = (criterion.met_by(low), criterion.met_by(high))
    if all(meets):
        return SUPPORTED
    return UNDECIDED if any(meets) else NOT_SUPPORTED


def size_limits(low: float, high: float) -> tuple[float, float]:
    """Return the interval of the size of a signed quantity from its own interval.

    Examples
    --------
    >>> size_limits(-0.5, -0.2), size_limits(-0.1, 0.3)
    ((0.2, 0.5), (0.0, 0.3))
    """
    largest = max(abs(low), abs(high))
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high))), largest


def rate_structure_sample(n_obs: float, n_items: int) -> SampleRating:
    """Rate the sample of a factor analysis as COSMIN's risk of bias checklist does.

    Parameters
    ----------
    n_obs : float
        People analysed.
    n_items : int
        Items in the model.

    Returns
    -------
    {"very_good", "adequate", "doubtful", "inadequate"}
        Seven people an item and 100 in all are very good. Five an item and 100 in all, or six
        an item, are adequate. Five an item are doubtful.

    References
    ----------
    Mokkink et al. (2018), box 3. doi:10.1007/s11136-017-1765-4

    Examples
    --------
    >>> rate_structure_sample(282, 24), rate_structure_sample(47, 24)
    ('very_good', 'inadequate')
    """
    each = n_obs / n_items
    if each >= 7 and n_obs >= 100:
        return "very_good"
    if (each >= 5 and n_obs >= 100) or each >= 6:
        return "adequate"
    return "doubtful" if each >= 5 else "inadequate"
