"""Cut-offs with their sources: data, applied when a result is told and never before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psychometrics.plots.numerals import is_missing, number
from psychometrics.report.wording import say

COSMIN = (
    "Prinsen, C. A. C., Mokkink, L. B., Bouter, L. M., Alonso, J., Patrick, D. L., de Vet, H. C. "
    "W., & Terwee, C. B. (2018). COSMIN guideline for systematic reviews of patient-reported "
    "outcome measures. Quality of Life Research, 27, 1147–1157. "
    "https://doi.org/10.1007/s11136-018-1798-3"
)
FORNELL_LARCKER = (
    "Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with "
    "unobservable variables and measurement error. Journal of Marketing Research, 18, 39–50. "
    "https://doi.org/10.1177/002224378101800104"
)
HENSELER = (
    "Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing "
    "discriminant validity in variance-based structural equation modeling. Journal of the "
    "Academy of Marketing Science, 43, 115–135. https://doi.org/10.1007/s11747-014-0403-8"
)
RONKKO_CHO = (
    "Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity. "
    "Organizational Research Methods, 25, 6–47. https://doi.org/10.1177/1094428120968614"
)
STATED = "stated in the definition before any data were seen"


@dataclass(frozen=True, slots=True)
class FitCutoff:
    """The cut-off of one fit index, and on which side of it a model passes."""

    index: str
    value: float
    above: bool

    def passes(self, value: object) -> bool | None:
        """Say whether a value passes; None where there is none.

        Examples
        --------
        >>> FitCutoff("cfi", 0.95, True).passes(0.96), FitCutoff("rmsea", 0.06, False).passes(0.09)
        (True, False)
        """
        if is_missing(value):
            return None
        found = float(value)  # type: ignore[arg-type]
        return found > self.value if self.above else found < self.value


FIT_CUTOFFS = (
    FitCutoff("cfi", 0.95, True),
    FitCutoff("tli", 0.95, True),
    FitCutoff("rmsea", 0.06, False),
    FitCutoff("srmr", 0.08, False),
)
"""COSMIN's cut-offs; any one that passes is enough for its rule."""

HTMT_CUTOFF = 0.85
