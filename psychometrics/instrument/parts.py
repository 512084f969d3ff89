"""The parts of an instrument: answers, items, scales, comparators, expectations and sites.

The models are frozen, and each refuses what it can judge alone.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, to_json

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
ItemKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Measurement = Literal["reflective", "formative"]
Meaning = Literal["refused", "dont_know", "not_applicable", "not_asked", "other"]


class Part(BaseModel):
    """Base of every part of a definition: frozen, and no field but the declared ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Frozen(Part):
    """Base of what a whole file holds: known by its content, however that was written."""

    @property
    def hash(self) -> str:
        """SHA-256 of the content.

        Comments, the order of the fields and how a number is written don't matter; a field at
        its default counts as if it stood there.
        """
        return sha256(to_json(_canonical(self.model_dump(mode="json")))).hexdigest()


def _canonical(value: Any) -> Any:
    """Return JSON-like data with sorted keys, and whole numbers as other numbers are."""
    if isinstance(value, dict):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


class Option(Part):
    """One answer that counts, such as "Agree"."""

    key: Key = Field(description="Stable name of the answer; never reused for another meaning.")
    code: StrictInt = Field(description="The whole number that stands for it in data files.")
    text: Text = Field(description="What the respondent reads, in the source language.")


class MissingAnswer(Part):
    """One way of giving no usable answer, with its meaning."""

    key: Key = Field(description="Stable name, such as not_applicable.")
    code: StrictInt = Field(description="The whole number that stands for it in data files.")
    text: Text = Field(description="What the respondent reads, in the source language.")
    meaning: Meaning = Field(description="Why there is no answer.")
    structural: StrictBool = Field(
        default=False,
        description="True where no answer can exist (the question does not apply); "
        "false where one exists and was not given.",
    )


class NumericRange(Part):
    """The lowest and highest possible value of a numeric answer."""

    minimum: Number = Field(description="Lowest possible value.")
    maximum: Number = Field(description="Highest possible value.")
    unit: Text | None = Field(default=None, description="Unit of measurement, such as points.")


class SharedVersion(Part):
    """Which version of a shared response set an instrument has taken up."""

    version: Text = Field(description="Version of the shared definition.")
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(
        description="Fingerprint of its answers: keys, codes, texts and order."
    )
    moved_from: tuple[Key, ...] = Field(
        default=(),
        exclude=True,
        description="Ids of the instruments that held it before it was shared.",
    )


class ResponseSet(Part):
    """The answers a respondent can choose from: either options in order, or a range."""

    key: Key = Field(description="Stable name that items refer to.")
    options: tuple[Option, ...] = Field(
        default=(), description="The answers, in the order in which they are shown."
    )
    range: NumericRange | None = Field(
        default=None, description="For numeric answers: lowest and highest value."
    )
    missing: tuple[MissingAnswer, ...] = Field(
        default=(), description="Codes that mean that there is no usable answer."
    )
    shared: SharedVersion | None = Field(
        default=None,
        description="Filled in where the set is one that several instruments share (`use:`).",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.options) == (self.range is not None):
            raise PydanticCustomError("options_or_range", "options or range", {"key": self.key})
        return self

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes of the options, as ordered in the definition; empty for a range."""
        return tuple(option.code for option in self.options)

    @property
    def minimum(self) -> float:
        """Lowest code or value."""
        return self.range.minimum if self.range else float(min(self.codes))

    @property
    def maximum(self) -> float:
        """Highest code or value."""
        return self.range.maximum if self.range else float(max(self.codes))

    @property
    def missing_codes(self) -> dict[int, MissingAnswer]:
        """Missing answers by their code."""
        return {answer.code: answer for answer in self.missing}


class Item(Part):
    """One question or statement."""

    key: ItemKey = Field(description="Stable name; never reused for another meaning.")
    text: Text = Field(description="What the respondent reads, in the source language.")
    concept: Text = Field(description="For the translator: what is meant, and what is not meant.")
    rationale: Text = Field(description="Why the item belongs to the measure.")
    response_set: Key = Field(description="Key of the response set it is answered with.")
    keyed: Literal[1, -1] = Field(
        default=1, description="1, or -1 where a higher answer means less of what is measured."
    )
    renamed_from: tuple[ItemKey, ...] = Field(
        default=(), description="Earlier keys of the same question, for older data files."
    )
    translatable: StrictBool = Field(
        default=True, description="False where the text must stay as it is in every language."
    )

    @field_validator("keyed", mode="before")
    @classmethod
    def _no_truth_value(cls, value: object) -> object:
        """Refuse true, which Python takes for 1."""
        if isinstance(value, bool):
            raise PydanticCustomError("literal_error", "not true", {"expected": "1 or -1"})
        return value


class Scale(Part):
    """Items that are scored together."""

    key: Key = Field(description="Stable name.")
    title: Text = Field(description="Name for readers.")
    description: Text = Field(description="What a high score means.")
    items: tuple[ItemKey, ...] = Field(description="Keys of its items, in order.")
    score: Literal["mean", "sum"] = Field(
        default="mean", description="How the answers become a score."
    )
    min_valid: StrictInt = Field(
        description="How many of its items must be answered for a score to be given."
    )
    measurement: Measurement = Field(
        description="reflective: the construct shows in its items; "
        "formative: the items together make the construct."
    )


class HigherOrder(Part):
    """A construct made of scales."""

    key: Key = Field(description="Stable name.")
    title: Text = Field(description="Name for readers.")
    description: Text = Field(description="What it stands for.")
    scales: tuple[Key, ...] = Field(description="Keys of its scales.")
    measurement: Measurement = Field(
        description="reflective: the construct shows in its scales; "
        "formative: the scales together make the construct."
    )


class DistinctPair(Part):
    """Two scales that are declared to be different things."""

    a: Key = Field(description="One scale.")
    b: Key = Field(description="The other scale.")
    rationale: Text = Field(description="Why they should be told apart.")


class Comparator(Part):
    """A variable outside the scales that they are compared with."""

    key: Key = Field(description="Stable name.")
    text: Text = Field(description="The question, or what the variable is.")
    kind: Literal["numeric", "ordinal", "binary", "nominal"] = Field(
        description="What its values are."
    )
    level: Literal["respondent", "site"] = Field(
        description="respondent: it varies between people; site: it is the same for a whole site."
    )
    response_set: Key | None = Field(
        default=None, description="Key of its response set, where it has one."
    )
    global_rating_of: tuple[Key, ...] = Field(
        default=(), description="Keys of the scales that it rates as a whole, if it does."
    )


class Hypothesis(Part):
    """What was expected of a scale and a comparator before any data were seen."""

    key: Key = Field(description="Stable name.")
    scale: Key = Field(description="Key of the scale or higher-order construct.")
    comparator: Key = Field(description="Key of the comparator.")
    kind: Literal["convergent", "discriminant"] = Field(
        description="convergent: the two go together, at least so much; "
        "discriminant: they do not, at most so much."
    )
    direction: Literal["positive", "negative", "none"] = Field(
        description="Sign of the expected correlation."
    )
    minimum: Number | None = Field(
        default=None, description="Smallest size of the correlation, for a convergent one."
    )
    maximum: Number | None = Field(
        default=None, description="Largest size of the correlation, for a discriminant one."
    )
    rationale: Text = Field(description="Why it is expected.")


class KnownGroups(Part):
    """Two groups of respondents that the scales should tell apart."""

    key: Key = Field(description="Stable name.")
    variable: Key = Field(description="A comparator, or a column role such as role.")
    higher: StrictInt | Text = Field(description="Value of the group expected to score higher.")
    lower: StrictInt | Text = Field(description="Value of the group expected to score lower.")
    scales: tuple[Key, ...] = Field(description="Keys of the scales it is expected of.")
    minimum_d: Number = Field(description="Smallest standardised mean difference expected.")
    rationale: Text = Field(description="Why it is expected.")


class Site(Part):
    """A place where the measure is fielded."""

    id: Key = Field(description="Stable name.")
    name: Text = Field(description="Name for readers.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(
        description="Country, as two capital letters (ISO 3166), such as DE."
    )
    locales: tuple[Text, ...] = Field(
        description="Languages it is fielded in, such as de_DE.", min_length=1
    )
    aliases: tuple[Text, ...] = Field(
        default=(), description="Values that stand for this site in data files."
    )
    facts: dict[Key, Text] = Field(
        default_factory=dict, description="What is true of the whole site, such as its setting."
    )
