"""What is told beside a question whose answer is a number: nothing that needs a translator."""

from __future__ import annotations

from psychometrics.fielding.questionnaire import AnswerSet
from psychometrics.translation.locales import Direction

LEFT_TO_RIGHT, END_OF_ISOLATE = "\u2066", "\u2069"


def number_told(value: float | None) -> str:
    """Return a limit as it is written in a form."""
    return "0" if value is None else f"{value:.15g}"


def expected(answers: AnswerSet, locale: str, direction: Direction) -> str:
    """Return the limits of a number, its unit, and the codes of no answer with their words."""
    limits = f"{number_told(answers.low)} … {number_told(answers.high)}"
    if direction == "rtl":
        # Else the two numbers change places.
        limits = f"{LEFT_TO_RIGHT}{limits}{END_OF_ISOLATE}"
    told = [f"{limits} {answers.units.get(locale, '')}".strip()]
    told += [f"{choice.code}: {choice.texts[locale]}" for choice in answers.missing]
    return "; ".join(told)
