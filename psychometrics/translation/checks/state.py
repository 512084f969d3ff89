"""Is there a finished translation of this source: missing, stale, fuzzy, unsigned."""

from __future__ import annotations

from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import shown
from psychometrics.translation.checks.pair import Pair, error, warning


def missing(pair: Pair) -> Iterator[Finding]:
    """There is a source and no target, or one without anything to read."""
    if pair.source.strip() and not pair.target.strip():
        yield error(pair, "translation_missing")


def stale(pair: Pair) -> Iterator[Finding]:
    """The target was made from another source than the present one."""
    before = pair.previous_source
    if pair.target.strip() and before is not None and _wrapped(before) != _wrapped(pair.source):
        yield error(pair, "translation_stale", before=shown(before), now=shown(pair.source))


def fuzzy(pair: Pair) -> Iterator[Finding]:
    """The target is marked as fuzzy, for another reason than a changed source."""
    if pair.fuzzy and pair.target.strip() and not any(stale(pair)):
        yield error(pair, "translation_fuzzy")


def unsigned(pair: Pair) -> Iterator[Finding]:
    """There is a record, and it has no sign-off of the target as it stands."""
    if pair.signed is False and pair.target.strip():
        yield warning(pair, "translation_unsigned")


def _wrapped(text: str) -> str:
    """Return a text with every run of white space as one space, since wrapping is no change."""
    return " ".join(text.split())
