"""Checks of translations: one rule a function, all findings at once.

A rule looks at one :class:`Pair` of source and target, or at all :class:`LocaleTexts` of a locale.
It knows nothing of files; :mod:`psychometrics.translation.checks.run` makes the pairs.
"""

from psychometrics.translation.checks.pair import LocaleTexts, Pair
from psychometrics.translation.checks.rules import (
    CODES,
    check_pair,
    check_texts,
    chosen_codes,
    is_hint,
)

__all__ = [
    "CODES",
    "LocaleTexts",
    "Pair",
    "check_pair",
    "check_texts",
    "chosen_codes",
    "is_hint",
]
