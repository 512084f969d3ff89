"""The cut-offs in words: what a claim was held against, and who says so.

The cut-offs themselves live in :mod:`psychometrics.validity.criteria`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psychometrics.plots.labels import records, unique
from psychometrics.plots.numerals import is_missing, number
from psychometrics.report.wording import label, say
from psychometrics.validity.criteria import CRITERIA, FIT_CRITERIA, Criterion

if TYPE_CHECKING:
    from psychometrics.report.source import Source

HTMT_CRITERION = "htmt_085"

_AUTHOR = re.compile(r"(?:^|, |& )([^\W\d][^,&]*), (?:\w\.[ -]?)+")
_YEAR = re.compile(r"\((\d{4})\)")


def short_source(reference: str) -> str:
    """Return authors and year of a reference, as a sentence cites it.

    Examples
    --------
    >>> short_source("Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation ...")
    'Fornell & Larcker 1981'
    >>> short_source("Prinsen, C. A. C., Mokkink, L. B., Bouter, L. M., et al. (2018). COSMIN ...")
    'Prinsen et al. 2018'
    """
    year = _YEAR.search(reference)
    if year is None:
        return reference
    names = _AUTHOR.findall(reference[: year.start()])
    if len(names) == 2 and "et al." not in reference[: year.start()]:
        return f"{names[0]} & {names[1]} {year[1]}"
    first = names[0] if names else reference[: year.start()].strip()
    return f"{first} {year[1]}" if len(names) == 1 else f"{first} et al. {year[1]}"


def criterion_words(criterion: Criterion) -> str:
    """Return a criterion as a sentence with its source.

    Examples
    --------
    >>> criterion_words(CRITERIA["ave_050"])
    'Criterion: AVE of at least 0.50 (Fornell & Larcker 1981).'
    """
    return say(
        f"criterion.{criterion.direction}",
        statistic=label(criterion.statistic),
        threshold=number(criterion.threshold),
        source=short_source(criterion.source),
    )


def fit_cutoffs(known: Mapping[str, Criterion] = CRITERIA) -> dict[str, Criterion]:
    """Return the cut-off of each fit index, in the order in which they are told."""
    return {known[key].statistic: known[key] for key in FIT_CRITERIA}


def fit_numbers(known: Mapping[str, Criterion] = CRITERIA) -> dict[str, str]:
    """Return the cut-offs of the fit indices as readers see them."""
    return {index: number(one.threshold) for index, one in fit_cutoffs(known).items()}


def passes(criterion: Criterion, value: object) -> bool | None:
    """Say whether a value meets a criterion; None where there is no value."""
    return None if is_missing(value) else criterion.met_by(float(value))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Criteria:
    """The criteria that a study used: their sentences, and the references behind them."""

    claims: tuple[Mapping[str, Any], ...]
    with_fit: bool
    with_htmt: bool
    known: Mapping[str, Criterion] = field(default_factory=lambda: CRITERIA)

    @classmethod
    def of(cls, source: Source) -> Criteria:
        """Return the criteria that a study was held against."""
        return cls(
            tuple(records(source.frame("claims"))),
            not source.frame("fit").empty,
            not source.frame("htmt").empty,
            source.criteria,
        )

    def told(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Return the statistic of a claim and what it was held against, with the source."""
        found = self.known.get(str(row.get("criterion")))
        if found is not None:
            return label(found.statistic), criterion_words(found)
        if is_missing(row.get("threshold")):
            return "", ""
        return "", say("criterion.bare", threshold=number(row["threshold"]))

    def reliability_line(self) -> tuple[float | None, str]:
        """Return threshold and label of the line in the reliability figures."""
        for row in self.claims:
            found = self.known.get(str(row["criterion"]))
            if row["property"] == "internal_consistency" and found is not None:
                source = short_source(found.source)
                shown = say("criterion.line", threshold=number(found.threshold), source=source)
                return found.threshold, shown
        return None, ""

    @property
    def used(self) -> tuple[Criterion, ...]:
        """The criteria in use, in the order of the table of cut-offs."""
        keys = set(unique(row["criterion"] for row in self.claims))
        keys |= set(FIT_CRITERIA) if self.with_fit else set()
        keys |= {HTMT_CRITERION} if self.with_htmt else set()
        return tuple(one for key, one in self.known.items() if key in keys)
