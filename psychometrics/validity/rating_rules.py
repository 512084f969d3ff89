"""The rules of ratings as data: what COSMIN and PAPERS ask, read from a file and checked.

The files that come along are ``cosmin.yaml`` and ``papers.yaml`` beside this module; a user may
give a copy with other figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import Field, StrictBool, StrictInt, model_validator

from psychometrics.instrument.document import load_document
from psychometrics.instrument.parts import Frozen, Key, Number, Part, Text
from psychometrics.validity.criteria import Direction, SampleRating, meets

WHAT_COSMIN = "COSMIN's criteria"
WHAT_PAPERS = "the anchors of PAPERS"

GRADES: tuple[SampleRating, ...] = ("very_good", "adequate", "doubtful", "inadequate")
"""Risk of bias, from the best."""
LEVELS = ("high", "moderate", "low", "very_low")
"""Quality of evidence, from the best."""


class Threshold(Part):
    """One index of a property, and when it is good enough."""

    index: Key = Field(description="Name of the index, such as cfi.")
    direction: Direction = Field(description="On which side of the threshold it is met.")
    threshold: Number = Field(description="The cut-off.")
    source: Key | None = Field(default=None, description="Whose it is, if not the property's.")

    def met_by(self, value: float) -> bool:
        """Tell whether a value meets it."""
        return meets(value, self.threshold, self.direction)


class Rung(Part):
    """One rung of a ladder of sample sizes; the first that a sample reaches counts."""

    grade: SampleRating = Field(description="What a sample that reaches it is.")
    at_least: StrictInt = Field(description="People needed.")
    per_item: Number = Field(default=0.0, description="People needed for each item.")


class Property(Part):
    """What is asked of one measurement property."""

    key: Key = Field(description="Stable name.")
    title: Text = Field(description="Name for readers.")
    reflective_only: StrictBool = Field(
        default=False, description="Whether it makes sense for reflective scales only."
    )
    requires: Key | None = Field(
        default=None, description="Property of which there must be low evidence first."
    )
    met_by: Literal["any", "all"] = Field(
        default="all", description="Whether one of the thresholds is enough."
    )
    thresholds: tuple[Threshold, ...] = Field(
        default=(), description="Indices that can carry the rating; none if only people can rate."
    )
    sample: tuple[Rung, ...] = Field(
        default=(), description="Sample sizes of the risk of bias checklist, the best first."
    )
    people: Literal["in_all", "in_the_smallest_group"] = Field(
        default="in_all", description="Which people the sample sizes count."
    )
    imprecision: StrictBool = Field(
        default=True, description="Whether a small total lowers the quality of evidence."
    )
    source: Key = Field(description="Whose criterion it is.")
    checked: Text = Field(description="Where the figures were read.")

    def grade_of(self, n_obs: float, n_items: int) -> SampleRating | None:
        """Grade a sample; None where the checklist sets no size."""
        if not self.sample or n_obs != n_obs:
            return None
        for rung in self.sample:
            if n_obs >= rung.at_least and n_obs >= rung.per_item * n_items:
                return rung.grade
        return "inadequate"


class Bias(Part):
    """Levels that a risk of bias costs."""

    one_site: Mapping[SampleRating, StrictInt] = Field(description="Where one site tells of it.")
    several_sites: Mapping[SampleRating, StrictInt] = Field(
        description="Where several sites of the best grade do."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse a grade without its levels."""
        for table in (self.one_site, self.several_sites):
            missing = [grade for grade in GRADES if grade not in table]
            if missing:
                raise ValueError(f"no levels are given for {', '.join(missing)}")
        return self


class Shortage(Part):
    """Levels that a small total of people costs."""

    below: StrictInt = Field(description="People.")
    levels: StrictInt = Field(description="Levels down.")


class Grade(Part):
    """How the quality of evidence goes down from high."""

    source: Key = Field(description="Whose rules they are.")
    checked: Text = Field(description="Where the figures were read.")
    risk_of_bias: Bias = Field(description="Levels for risk of bias.")
    inconsistency: StrictInt = Field(description="Levels where sites disagree.")
    imprecision: tuple[Shortage, ...] = Field(description="Levels for few people, worst first.")


class Sourced(Frozen):
    """A file of rules with its references."""

    edition: Text = Field(description="Which edition of the rules this is.")
    sources: Mapping[Key, Text] = Field(description="References by key.")

    def check_sources(self, used: Iterable[str | None]) -> None:
        """Refuse a reference that isn't listed."""
        for key in used:
            if key is not None and key not in self.sources:
                raise ValueError(f"the source {key} is not under `sources:`")


class CosminRules(Sourced):
    """What COSMIN asks of every property."""

    properties: tuple[Property, ...] = Field(description="In the order in which they are told.")
    formative: tuple[Property, ...] = Field(
        default=(), description="What stands in the place of internal structure."
    )
    grade: Grade = Field(description="How the quality of evidence is lowered.")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        """Refuse repeated keys, and what names something that isn't there."""
        every = (*self.properties, *self.formative)
        refuse_repeated([one.key for one in every])
        self.check_sources(one.source for one in every)
        self.check_sources(each.source for one in every for each in one.thresholds)
        self.check_sources([self.grade.source])
        before: list[str] = []
        for one in every:
            if one.requires is not None and one.requires not in before:
                raise ValueError(f"{one.key} requires {one.requires}, which must stand before it")
            before.append(one.key)
        return self


class Step(Part):
    """One step of an anchor: the first that a value doesn't exceed counts."""

    score: Literal[-1, 0, 1, 2, 3, 4] = Field(description="Score.")
    below: Number | None = Field(default=None, description="For values below this.")
    up_to: Number | None = Field(default=None, description="For values up to this.")

    def holds(self, value: float) -> bool:
        """Tell whether a value is on this step or below it."""
        return (self.below is None or value < self.below) and (
            self.up_to is None or value <= self.up_to
        )


class PapersCriterion(Part):
    """One criterion of PAPERS, with its anchors where numbers can be held against them."""

    key: Key = Field(description="Stable name.")
    title: Text = Field(description="Name for readers.")
    domain: Literal["psychometric", "pragmatic"] = Field(description="Which half it belongs to.")
    statistic: Literal["alpha", "cohens_d", "n_items"] | None = Field(
        default=None, description="What is held against the steps; people rate where left out."
    )
    together: Literal["worst", "most_frequent"] = Field(
        default="worst", description="How several values make one score."
    )
    steps: tuple[Step, ...] = Field(default=(), description="Anchors, from the lowest value.")
    source: Key = Field(description="Whose criterion it is.")

    def score(self, value: float) -> int | None:
        """Return the score of a value; None where no anchor holds it."""
        return next((step.score for step in self.steps if step.holds(value)), None)


class PapersRules(Sourced):
    """The criteria of PAPERS."""

    criteria: tuple[PapersCriterion, ...] = Field(
        description="In the order in which they are told."
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        """Refuse repeated keys, steps without a statistic, and unlisted sources."""
        refuse_repeated([one.key for one in self.criteria])
        self.check_sources(one.source for one in self.criteria)
        for one in self.criteria:
            if bool(one.steps) != (one.statistic is not None):
                raise ValueError(f"{one.key} needs both `statistic:` and `steps:`, or neither")
        return self


R = TypeVar("R", bound=Sourced)
File = str | PathLike[str] | None


def refuse_repeated(keys: Sequence[str]) -> None:
    """Refuse a key that comes twice."""
    for at, key in enumerate(keys):
        if key in keys[:at]:
            raise ValueError(f"the key {key} comes twice")


def cosmin_rules(given: CosminRules | File = None) -> CosminRules:
    """Return COSMIN's criteria: those that come along, of a file, or as they are.

    Raises
    ------
    DocumentError
        If the file has faults.

    Examples
    --------
    >>> [one.key for one in cosmin_rules().properties][:3]
    ['content_validity', 'structural_validity', 'internal_consistency']
    """
    return _rules(given, CosminRules, WHAT_COSMIN, "cosmin.yaml")


def papers_rules(given: PapersRules | File = None) -> PapersRules:
    """Return the anchors of PAPERS: those that come along, of a file, or as they are.

    Raises
    ------
    DocumentError
        If the file has faults.

    Examples
    --------
    >>> papers_rules().criteria[1].score(0.74)
    2
    """
    return _rules(given, PapersRules, WHAT_PAPERS, "papers.yaml")


def _rules(given: R | File, model: type[R], what: str, shipped: str) -> R:
    """Return rules that are given, those of a file, or those that come along."""
    if isinstance(given, model):
        return given
    if given is None:
        return _shipped(model, what, shipped)
    if isinstance(given, Sourced):
        raise TypeError(f"{type(given).__name__} is not {model.__name__}")
    return load_document(given, model, what)


@cache
def _shipped(model: type[R], what: str, name: str) -> R:
    return load_document(Path(str(files("psychometrics.validity") / name)), model, what)
