"""The answer in a few lines: for every property, what it holds for and what it doesn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psychometrics.report.claims import MARKS, VERDICTS, Claim
from psychometrics.report.wording import label, listed, say

NAMED_PAIRS = 2
"""So many pairs are named; more are counted, since a list of them is no longer short."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a property has one verdict for."""

    verdict: str
    mark: str
    heading: str
    subjects: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One property with its answers, in the order of the verdicts."""

    name: str
    answers: tuple[Answer, ...]


def overviews(claims: Sequence[Claim]) -> tuple[Overview, ...]:
    """Return one line a property, in the order in which the claims come.

    Parameters
    ----------
    claims : sequence of Claim
        All claims; a subject whose criteria disagree stands under each verdict, with the
        statistic that it is about.
    """
    by_property: dict[str, list[Claim]] = {}
    for claim in claims:
        by_property.setdefault(claim.property, []).append(claim)
    return tuple(
        Overview(label(name), tuple(_answers(name, mine))) for name, mine in by_property.items()
    )


def _answers(name: str, claims: Sequence[Claim]) -> list[Answer]:
    verdicts: dict[str, set[str]] = {}
    for claim in claims:
        verdicts.setdefault(claim.subject, set()).add(claim.verdict)
    found = []
    for verdict in VERDICTS:
        here = [claim for claim in claims if claim.verdict == verdict]
        if not here:
            continue
        subjects = list(dict.fromkeys(_subject(claim, verdicts) for claim in here))
        shown = listed(subjects)
        if name == "discriminant" and len(subjects) > NAMED_PAIRS:
            shown = say("overview.pairs", count=len({claim.subject for claim in here}))
        found.append(Answer(verdict, MARKS[verdict], say(f"heading.{verdict}"), shown))
    return found


def _subject(claim: Claim, verdicts: dict[str, set[str]]) -> str:
    """Return what a claim is about; with its statistic where another one says otherwise."""
    if len(verdicts[claim.subject]) == 1:
        return claim.subject
    return say("overview.subject", subject=claim.subject, statistic=claim.statistic)
