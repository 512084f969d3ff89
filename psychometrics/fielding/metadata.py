"""What every form notes beside the answers, and under which names it comes back."""

from __future__ import annotations

from typing import Final

from psychometrics.errors import Finding, finding
from psychometrics.fielding.questionnaire import Questionnaire

SITE: Final = "site"
LANGUAGE: Final = "language"
RELEASE: Final = "form_version"
MODE: Final = "mode"
START: Final = "start"
END: Final = "end"
NAMES: Final = (SITE, LANGUAGE, RELEASE, MODE, START, END)


def taken_names(form: Questionnaire, names: tuple[str, ...] = NAMES) -> list[Finding]:
    """Return findings about questions that bear the name of a field that every form has."""
    return [
        finding("field_name_taken", "error", question.text_key, name=question.key)
        for question in form.questions
        if question.key.casefold() in {name.casefold() for name in names}
    ]
