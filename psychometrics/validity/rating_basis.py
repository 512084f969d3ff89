"""What ratings are made by: the rules of COSMIN and PAPERS, and what people judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike

from psychometrics.instrument import Instrument
from psychometrics.validity.judgements import NOBODY, Judgements, read_judgements
from psychometrics.validity.rating_rules import (
    CosminRules,
    PapersRules,
    cosmin_rules,
    papers_rules,
)

File = str | PathLike[str] | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """Rules and judgements.

    Attributes
    ----------
    cosmin : CosminRules
        Properties and their thresholds.
    papers : PapersRules
        Criteria and their anchors.
    judgements : Judgements
        What people entered.
    """

    cosmin: CosminRules = field(default_factory=cosmin_rules)
    papers: PapersRules = field(default_factory=papers_rules)
    judgements: Judgements = NOBODY

    def replaced(
        self,
        instrument: Instrument,
        *,
        cosmin: CosminRules | File = None,
        papers: PapersRules | File = None,
        judgements: Judgements | File = None,
    ) -> Ratings:
        """Return ratings with some parts read from files, checked against the measure.

        Raises
        ------
        DocumentError
            If a file has faults.
        """
        properties = self.cosmin if cosmin is None else cosmin_rules(cosmin)
        criteria = self.papers if papers is None else papers_rules(papers)
        told = self.judgements if judgements is None else judgements
        return Ratings(
            properties, criteria, read_judgements(told, instrument, properties, criteria)
        )
