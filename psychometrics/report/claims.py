"""The first screen: claims in order of verdict and property, each with what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from psychometrics.plots.labels import Labels, records
from psychometrics.plots.numerals import count, interval, is_missing
from psychometrics.report.wording import SENTENCES, label, say
from psychometrics.validity.criteria import CRITERIA

VERDICTS = ("supported", "not_supported", "undecided", "unavailable")
PROPERTIES = ("internal_consistency", "structure", "convergent", "discriminant", "hypotheses")
MARKS = {"supported": "✓", "not_supported": "✗", "undecided": "?", "unavailable": "–"}
LONG = 20
HEADLINE_ORDER = ("within", "total", "meta", "site")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """In how many sites a claim holds, doesn't, can't be decided, has no result."""

    supported: int
    not_supported: int
    undecided: int
    unavailable: int

    @property
    def marks(self) -> list[tuple[str, str]]:
        """One (verdict, mark) for every site."""
        counts = (self.supported, self.not_supported, self.undecided, self.unavailable)
        return [
            (verdict, MARKS[verdict])
            for verdict, size in zip(VERDICTS, counts, strict=True)
            for _ in range(size)
        ]

    @property
    def sentence(self) -> str:
        """The counts in words."""
        return say(
            "claims.sites",
            supported=self.supported,
            not_supported=self.not_supported,
            undecided=self.undecided,
            unavailable=self.unavailable,
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the table of claims, as readers see it.

    Attributes
    ----------
    key : tuple of (str, str, str)
        Subject and statistic by their keys, and how it is pooled.
    property, verdict : str
        What is claimed, and whether it may be.
    subject : str
        The scale or pair it is about, as readers know it.
    statistic : str
        What the value is, such as alpha; empty if that isn't known.
    value : str
        Estimate and interval; a dash where there is none.
    size : float
        Size of the estimate without its sign; 0 where there is none.
    n_obs : str
        How many people; empty where that isn't known.
    pooling : str
        How it is pooled: within, total, meta.
    sites : SiteCounts or None
        None where there are no sites, or their count is withheld.
    criterion : str
        What it was held against, with the source, as a sentence.
    reason, note : str
        Why there is no result, and what a reader should know besides; empty for nothing.
    """

    key: tuple[str, str, str]
    property: str
    verdict: str
    subject: str
    statistic: str
    value: str
    size: float
    n_obs: str
    pooling: str
    sites: SiteCounts | None
    criterion: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """The claims on one subject that share property and verdict: one line of the first screen."""

    subject: str
    claims: tuple[Claim, ...]

    @property
    def is_long(self) -> bool:
        """Whether the subject needs a row of its own: it is long, or what stands beside it is."""
        pooled_otherwise = any(claim.pooling != HEADLINE_ORDER[0] for claim in self.claims)
        return pooled_otherwise or len(self.subject) > LONG

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there is no result, each reason once."""
        return tuple(dict.fromkeys(claim.reason for claim in self.claims if claim.reason))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know besides, each note once."""
        return tuple(dict.fromkeys(claim.note for claim in self.claims if claim.note))


@dataclass(frozen=True, slots=True)
class PropertyClaims:
    """The claims on one property that share a verdict; `notes` are those that all share."""

    property: str
    name: str
    sentence: str
    criteria: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """All claims that share a verdict."""

    verdict: str
    heading: str
    mark: str
    size: int
    properties: tuple[PropertyClaims, ...]


def read_claims(
    frame: pd.DataFrame,
    labels: Labels,
    criterion: Callable[[Mapping[str, Any]], tuple[str, str]],
) -> list[Claim]:
    """Return one claim for each property, subject and criterion, from its headline row.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table `claims`.
    labels : Labels
        Titles of scales.
    criterion : callable
        From a row to the name of the statistic and the sentence that says what it was held
        against.
    """
    chosen: dict[tuple[str, str, str], Row] = {}
    order: dict[tuple[str, str, str], int] = {}
    rows = records(frame)
    for row in sorted(rows, key=_headline_rank):
        chosen.setdefault(_key(row), row)
    for at, row in enumerate(rows):
        order.setdefault(_key(row), at)
    keys = sorted(chosen, key=lambda key: (_property_rank(key[0]), order[key]))
    return [_claim(chosen[key], labels, criterion) for key in keys]


def _headline_rank(row: Row) -> int:
    pooling = str(row["pooling"])
    return HEADLINE_ORDER.index(pooling) if pooling in HEADLINE_ORDER else len(HEADLINE_ORDER)


def _property_rank(name: str) -> int:
    return PROPERTIES.index(name) if name in PROPERTIES else len(PROPERTIES)


def _key(row: Row) -> tuple[str, str, str]:
    return str(row["property"]), _text(row["subject"]), _text(row["criterion"])


def _text(value: object) -> str:
    return "" if is_missing(value) else str(value)


def _claim(
    row: Row,
    labels: Labels,
    criterion: Callable[[Mapping[str, Any]], tuple[str, str]],
) -> Claim:
    """Return the claim of one row."""
    verdict = str(row["verdict"])
    counts = [row.get(f"sites_{name}") for name in VERDICTS]
    counted = not any(is_missing(size) for size in counts)
    sites = SiteCounts(*(int(float(str(size))) for size in counts)) if counted else None
    statistic, held = criterion(row)
    decimals = 3 if str(row["property"]) == "structure" else 2
    known = CRITERIA.get(str(row["criterion"]))
    about = "" if known is None else known.statistic
    return Claim(
        key=(_text(row["subject"]), about, str(row["pooling"])),
        property=str(row["property"]),
        verdict=verdict if verdict in VERDICTS else "unavailable",
        subject=subject_name(_text(row["subject"]), str(row["property"]), labels),
        statistic=statistic,
        value=interval(row["estimate"], row["low"], row["high"], decimals),
        size=0.0 if is_missing(row["estimate"]) else abs(float(row["estimate"])),
        n_obs="" if is_missing(row["n_obs"]) else count(row["n_obs"]),
        pooling=str(row["pooling"]),
        sites=sites if sites is not None and sites.marks else None,
        criterion=held,
        reason=_text(row["reason"]),
        note=_text(row.get("note")),
    )


def subject_name(subject: str, kind: str, labels: Labels) -> str:
    """Return what a claim is about, as readers know it.

    Examples
    --------
    >>> subject_name("a|b", "discriminant", Labels(scales={"a": "Training"}))
    'Training and b'
    """
    if "|" in subject:
        first, second = subject.split("|", 1)
        return say("pair", a=labels.scale(first), b=labels.scale(second))
    if not subject:
        return say("subject.hypotheses" if kind == "hypotheses" else "subject.whole")
    if f"subject.{subject}" in SENTENCES:
        return say(f"subject.{subject}")
    return labels.scale(subject)


def group_claims(claims: Sequence[Claim]) -> list[VerdictGroup]:
    """Return the claims by verdict, then by property; a verdict without claims is there, empty."""
    groups = []
    for verdict in VERDICTS:
        here = [claim for claim in claims if claim.verdict == verdict]
        names = sorted({claim.property for claim in here}, key=_property_rank)
        parts = tuple(
            _property(name, verdict, [claim for claim in here if claim.property == name])
            for name in names
        )
        heading = say(f"heading.{verdict}")
        groups.append(VerdictGroup(verdict, heading, MARKS[verdict], len(here), parts))
    return groups


def _property(name: str, verdict: str, claims: Sequence[Claim]) -> PropertyClaims:
    """Return the claims of one property under one verdict."""
    code = f"{name}.{verdict}"
    sentence = say(code) if code in SENTENCES else label(verdict)
    criteria = tuple(dict.fromkeys(claim.criterion for claim in claims if claim.criterion))
    by_subject: dict[str, list[Claim]] = {}
    for claim in claims:
        by_subject.setdefault(claim.subject, []).append(claim)
    lines = tuple(Line(subject, tuple(found)) for subject, found in by_subject.items())
    if name == "discriminant":
        lines = tuple(sorted(lines, key=lambda line: -line.claims[0].size))
    shared = set.intersection(*({claim.note} for claim in claims)) - {""}
    if len(lines) > 1 and shared:
        lines = tuple(
            Line(line.subject, tuple(replace(claim, note="") for claim in line.claims))
            for line in lines
        )
        return PropertyClaims(name, label(name), sentence, criteria, tuple(shared), lines)
    return PropertyClaims(name, label(name), sentence, criteria, (), lines)


def headline(claims: Sequence[Claim]) -> str:
    """Return how many claims have which verdict, in a sentence."""
    if not claims:
        return say("claims.none")
    sizes = {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in VERDICTS}
    return say("claims.headline", total=len(claims), **sizes)
