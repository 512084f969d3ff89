"""What people judged, and numbers from elsewhere: a small file, shown as theirs.

Content validity, risk of bias and the pragmatic side of a measure can't be read off the answers.
Whoever rated them signs with a pseudonym and a date, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from os import PathLike
from typing import Literal, Self

from pydantic import Field, StrictInt, model_validator

from psychometrics.errors import DocumentError
from psychometrics.instrument import Instrument
from psychometrics.instrument.document import Document, line_of, raise_faults, read_document
from psychometrics.instrument.parts import Frozen, Key, Number, Part, Text
from psychometrics.instrument.rules import Problem, did_you_mean
from psychometrics.validity.criteria import SampleRating
from psychometrics.validity.rating_rules import CosminRules, PapersRules

WHAT = "judgements"

CosminRating = Literal["+", "-", "?", "±"]


class Signed(Part):
    """What every entry says of itself."""

    by: Text = Field(description="Who rated: a pseudonym, such as rater_1.")
    date: Date = Field(description="When, as in 2026-11-02.")
    reason: Text = Field(description="What the rating rests on.")
    scale: Key | None = Field(default=None, description="Scale it is about; all where left out.")
    site: Key | None = Field(default=None, description="Site it is about; all where left out.")


class Judgement(Signed):
    """A rating of one property by one person."""

    property: Key = Field(description="Property of COSMIN.")
    rating: CosminRating | None = Field(default=None, description="+, -, ? or ±, in quotes.")
    risk_of_bias: SampleRating | None = Field(
        default=None, description="very_good, adequate, doubtful or inadequate."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """Refuse an entry without a rating."""
        if self.rating is None and self.risk_of_bias is None:
            raise ValueError("give `rating:`, `risk_of_bias:` or both")
        return self


class OutsideNumber(Signed):
    """A number that was computed elsewhere, such as a test-retest ICC."""

    property: Key = Field(description="Property of COSMIN.")
    index: Key = Field(description="Index of the property, such as icc.")
    estimate: Number = Field(description="The number.")
    low: Number | None = Field(default=None, description="Lower limit of its interval.")
    high: Number | None = Field(default=None, description="Upper limit of its interval.")
    n_obs: StrictInt = Field(description="People behind it (in the smallest group, if groups).")


class PapersScore(Signed):
    """A score of one criterion of PAPERS by one person."""

    criterion: Key = Field(description="Criterion of PAPERS.")
    score: Literal[-1, 0, 1, 2, 3, 4] = Field(description="From -1 (poor) to 4 (excellent).")


class Judgements(Frozen):
    """Everything that people entered."""

    cosmin: tuple[Judgement, ...] = Field(default=(), description="Ratings of properties.")
    numbers: tuple[OutsideNumber, ...] = Field(
        default=(), description="Numbers that were computed elsewhere."
    )
    papers: tuple[PapersScore, ...] = Field(default=(), description="Scores of PAPERS criteria.")


NOBODY = Judgements()


def read_judgements(
    given: Judgements | str | PathLike[str] | None,
    instrument: Instrument,
    cosmin: CosminRules,
    papers: PapersRules,
) -> Judgements:
    """Return judgements, checked against the measure and the rules they are about.

    Parameters
    ----------
    given : Judgements, path or None
        The file, or its content; None where nobody judged.
    instrument : Instrument
        Its scales and sites are those that may be named.
    cosmin : CosminRules
        Properties and indices that may be named.
    papers : PapersRules
        Criteria that may be named.

    Raises
    ------
    DocumentError
        With every fault, by file and line.
    """
    if given is None:
        return NOBODY
    if isinstance(given, Judgements):
        told = [p.message for p in judgement_problems(given, instrument, cosmin, papers)]
        if told:
            raise DocumentError("\n".join(told))
        return given
    document: Document[Judgements] = read_document(given, Judgements, WHAT)
    faults = list(document.findings)
    sound = document.sound(Judgements, {})
    if sound is not None:
        problems = judgement_problems(sound, instrument, cosmin, papers)
        faults += [document.finding(problem) for problem in problems]
    faults.sort(key=line_of)
    raise_faults(str(given), faults)
    return document.value or NOBODY


def judgement_problems(
    given: Judgements, instrument: Instrument, cosmin: CosminRules, papers: PapersRules
) -> Iterator[Problem]:
    """Yield names of scales, sites, properties, indices and criteria that there are not."""
    every = {one.key: one for one in (*cosmin.properties, *cosmin.formative)}
    criteria = [one.key for one in papers.criteria]
    for section in ("cosmin", "numbers", "papers"):
        for at, entry in enumerate(getattr(given, section)):
            here = (section, at)
            yield from _unknown(entry.scale, (*here, "scale"), list(instrument.scales))
            yield from _unknown(entry.site, (*here, "site"), list(instrument.sites))
            if isinstance(entry, PapersScore):
                yield from _unknown(entry.criterion, (*here, "criterion"), criteria)
                continue
            yield from _unknown(entry.property, (*here, "property"), list(every))
            if isinstance(entry, OutsideNumber) and entry.property in every:
                indices = [one.index for one in every[entry.property].thresholds]
                yield from _unknown(entry.index, (*here, "index"), indices)


def _unknown(name: str | None, path: tuple[str | int, ...], known: list[str]) -> Iterator[Problem]:
    """Yield that a name is none of those that are known."""
    if name is not None and name not in known:
        field = str(path[-1])
        hint = did_you_mean(name, known)
        yield Problem("judgement_unknown", path, {"field": field, "name": name, "known": hint})
