"""What was done to the texts of a locale, by whom: the events of the record.

An event is never changed. Its id is made of its content, so a file that was edited afterwards is
found out, and two people who add events at the same time never write the same file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from psychometrics.translation.text_hash import text_hash

EventKind = Literal[
    "preparation",
    "forward",
    "reconciliation",
    "back_translation",
    "back_review",
    "review",
    "harmonisation",
    "debriefing",
    "debriefing_review",
    "proofreading",
    "adaptation",
    "permission",
    "final_report",
    "query",
    "answer",
    "sign_off",
    "form_sign_off",
    "confirmation",
    "waiver",
    "external",
    "feedback",
]
Origin = Literal["human", "machine", "published"]
UNKNOWN: Final = "unknown"
CHANGING: Final[tuple[EventKind, ...]] = (
    "reconciliation", "adaptation", "review", "harmonisation", "debriefing_review", "proofreading",
)  # fmt: skip
"""Events by which words of the catalog may change."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
InstrumentId = Annotated[
    str, StringConstraints(pattern=r"^(response_sets\.)?[a-z][a-z0-9_]*$", max_length=100)
]
TextKeyName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, max_length=1_000_000)]
Person = Annotated[str, StringConstraints(pattern=r"^([A-Z]{1,4}[0-9]{1,4}|unknown)$")]
When = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z$"),
]

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "forward": ("texts", "origin", "draft"),
    "reconciliation": ("texts", "reason"),
    "back_translation": ("texts", "blind"),
    "back_review": ("texts",),
    "review": ("texts", "category"),
    "harmonisation": ("texts",),
    "debriefing": ("texts", "respondents"),
    "debriefing_review": ("texts",),
    "proofreading": ("texts",),
    "adaptation": ("texts", "reason"),
    "permission": ("reason",),
    "query": ("texts", "comment"),
    "answer": ("answers", "comment"),
    "sign_off": ("texts",),
    "form_sign_off": ("form",),
    "confirmation": ("changes",),
    "waiver": ("texts", "code", "reason"),
    "external": ("texts",),
    "feedback": ("texts", "shown"),
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextState(_Model):
    """The wording that an event is about.

    Attributes
    ----------
    source, target : str
        Hashes of the source text, and of the translation after the event.
    before : str or None
        Hash of the translation before, where the event changed it.
    text : str or None
        The words themselves, where they stand nowhere else: of a forward translation, of a
        back-translation.
    source_text : str or None
        The source text, with a sign-off: so that a later change of it can be judged.
    """

    source: Hash
    target: Hash
    before: Hash | None = None
    text: str | None = None
    source_text: str | None = None


class SourceChange(_Model):
    """A change of a source text that leaves its translations valid."""

    key: TextKeyName
    old: Words
    new: Words


class ShownByAnswers(_Model):
    """What answers show of a text, in words. It says what to look at, and never who is to blame.

    Attributes
    ----------
    verdict : str
        What kind of difference it is, as far as the design can tell.
    signals : tuple of str
        Which signs there are: reversed, lower, higher, slope, missing, with the groups.
    shows : tuple of str
        What the answers show, with numbers.
    because : str
        The verdict in words.
    check : tuple of str
        What to look at in the text, the likeliest first.
    more : str
        What would tell more.
    text : str or None
        What speaks against the text apart from the answers.
    beside : str or None
        How much two sites differ with the same words.
    simulated : bool
        Whether nobody gave the answers.
    answers : str
        Name of the file.
    releases : tuple of str
        Releases that the answers name.
    """

    verdict: Name
    signals: tuple[Words, ...]
    shows: tuple[Words, ...]
    because: Words
    check: tuple[Words, ...]
    more: Words
    text: Words | None = None
    beside: Words | None = None
    simulated: StrictBool = False
    answers: Words
    releases: tuple[Words, ...] = ()


class Event(_Model):
    """One thing that somebody did; see :data:`NEEDED` for what each kind must say.

    Attributes
    ----------
    kind : str
        What was done.
    who : str
        Pseudonym: letters and a number, such as T1; "unknown" for an external edit alone.
    when : str
        UTC, such as "2026-01-02T03:04:05Z".
    instrument, locale : str
        About which catalog; the locale is None for what holds for all.
    version : str
        Version of the definition.
    texts : Mapping
        State of each text by its key.
    origin : {"human", "machine", "published"} or None
        Where a translation comes from.
    draft : str or None
        Which of the independent forward translations: A, B ...
    blind : bool or None
        Whether a back-translator had not seen the source.
    category, decision, reason, comment, code, answers, form, site, respondents, changes, shown
        What else the kinds need.

    Examples
    --------
    >>> Event(kind="permission", who="M1", when="2026-01-02T03:04:05Z", instrument="mood",
    ...       version="1.0", reason="Granted by the author.").id
    '...'
    """

    kind: EventKind
    who: Person
    when: When
    instrument: InstrumentId
    version: Words
    locale: str | None = Field(default=None, max_length=40)
    texts: Mapping[TextKeyName, TextState] = Field(default_factory=dict)
    origin: Origin | None = None
    draft: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")] | None = None
    blind: StrictBool | None = None
    category: Name | None = None
    decision: Literal["accepted", "changed", "rejected"] | None = None
    reason: Words | None = None
    comment: Words | None = None
    code: Name | None = None
    answers: Hash | None = None
    form: Hash | None = None
    site: Name | None = None
    respondents: Annotated[StrictInt, Field(ge=1)] | None = None
    changes: tuple[SourceChange, ...] = ()
    shown: ShownByAnswers | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        lacking = [
            name for name in NEEDED.get(self.kind, ()) if getattr(self, name) in (None, (), {})
        ]
        if lacking:
            told = {"kind": self.kind, "lacking": ", ".join(lacking)}
            raise PydanticCustomError("lacking", "{kind} needs {lacking}", told)
        if (self.who == UNKNOWN) != (self.kind == "external"):
            raise PydanticCustomError("author", "only an external edit has an unknown author")
        return self

    @cached_property
    def id(self) -> str:
        """The fingerprint of what the event says."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        raw = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def file_name(self) -> str:
        """Name of its file: the day, the kind, and the id."""
        return f"{self.when[:10]}-{self.kind}-{self.id}.json"

    def dump(self) -> bytes:
        """Return the content of its file."""
        told: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def text_state(
    source: str, target: str, *, before: str | None = None, keep: bool = False
) -> TextState:
    """Return the state of a text, from the words.

    Parameters
    ----------
    source, target : str
        The source text, and the translation after the event.
    before : str, optional
        The translation before, where it was changed.
    keep : bool
        Whether the words of the target are kept with the event.
    """
    return TextState(
        source=text_hash(source),
        target=text_hash(target),
        before=None if before is None else text_hash(before),
        text=target if keep else None,
    )
