"""What stands on a previewed form, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from psychometrics.translation.locales import Direction, ScaleDisplay


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the form, and whether it is in the form's language or still in the source's."""

    key: str
    text: str
    translated: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What a question is answered with, in the order in which it is read.

    Attributes
    ----------
    key : str
        Of the response set.
    options, beside : tuple of (int, Words)
        Codes and words of the answers, and of the choices that are no answer.
    unit : Words or None
        Of a numeric answer.
    """

    key: str
    options: tuple[tuple[int, Words], ...]
    beside: tuple[tuple[int, Words], ...]
    unit: Words | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers."""

    words: Words
    answers: Answers


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A form as it is read.

    Attributes
    ----------
    instrument_id, version, locale, source_locale : str
        Of what, in which language.
    direction : {"ltr", "rtl"}
        Direction of the writing.
    title : Words
        Its heading.
    before : tuple of Words
        What is read before the questions.
    questions : tuple of Question
        In order.
    display : ScaleDisplay
        How answer scales are meant to be shown.
    display_recorded : bool
        Whether the brief says so.
    draft : str or None
        Why it is a draft; None where it is signed.
    form_hash : str
        Of the whole form, as sign-offs and releases know it.
    """

    instrument_id: str
    version: str
    locale: str
    source_locale: str
    direction: Direction
    title: Words
    before: tuple[Words, ...]
    questions: tuple[Question, ...]
    display: ScaleDisplay
    display_recorded: bool
    draft: str | None
    form_hash: str
