"""The plan of analysis: what was decided before the data, frozen, and known by its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date as Date
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, StrictInt

from psychometrics.errors import DocumentError, Finding
from psychometrics.instrument import Instrument
from psychometrics.instrument.document import Document, line_of, raise_faults, read_document
from psychometrics.instrument.parts import Frozen, Key, Number, Part, Text
from psychometrics.instrument.rules import Problem, did_you_mean
from psychometrics.instrument.yaml_tree import read_tree
from psychometrics.validity.criteria import CRITERIA, Criterion

WHAT = "a plan of analysis"

STAND_INS: dict[str, Any] = {
    "instrument": "x",
    "version": "x",
    "date": "2000-01-01",
    "by": "x",
    "analyses": (),
    "smallest_effects": {"reliability": 1, "correlation": 1, "standardised_difference": 1},
}
"""For fields that are faulty, so that the others can be checked all the same."""

Analysis = Literal[
    "structure", "internal_consistency", "convergent", "discriminant", "hypotheses", "known_groups",
    "comparability",
]  # fmt: skip
ANALYSES: tuple[Analysis, ...] = (
    "structure", "internal_consistency", "convergent", "discriminant", "hypotheses", "known_groups",
    "comparability",
)  # fmt: skip
"""What a validation does that a claim can rest on."""

TABLES: dict[str, tuple[str, ...]] = {
    "structure": ("fit",),
    "internal_consistency": ("reliability",),
    "convergent": ("convergent",),
    "discriminant": ("discriminant", "htmt"),
    "hypotheses": ("hypotheses",),
    "known_groups": ("known_groups",),
    "comparability": ("invariance",),
}
"""Tables of a study that each analysis fills."""


class Contrast(Part):
    """A comparison of two sites, planned beforehand."""

    key: Key = Field(description="Stable name.")
    a: Key = Field(description="One site.")
    b: Key = Field(description="The other site.")
    rationale: Text = Field(description="Why it is made.")


class Exclusion(Part):
    """A rule by which people are left out, foreseen beforehand."""

    key: Key = Field(description="Stable name.")
    rule: Literal["few_answers", "flagged", "site", "by_hand"] = Field(
        description="few_answers: too few items answered; flagged: by a flag of data quality; "
        "site: a whole site; "
        "by_hand: done before the answers are read, and told in words."
    )
    answered: Number | None = Field(
        default=None, description="Share of items that must be answered, for few_answers."
    )
    flag: (
        Literal[
            "no_answers",
            "mostly_missing",
            "straight_line",
            "same_as_another",
            "fast",
            "faster_than_others",
        ]
        | None
    ) = Field(default=None, description="The flag of data quality, for flagged.")
    site: Key | None = Field(default=None, description="The site, for a whole site.")
    reason: Text = Field(description="Why.")


class SmallestEffects(Part):
    """What is too small to matter."""

    reliability: Number = Field(
        description="Smallest distance of a coefficient from its threshold that matters, such as "
        "0.05."
    )
    correlation: Number = Field(
        description="Smallest distance of a correlation from its threshold that matters, such as "
        "0.10."
    )
    standardised_difference: Number = Field(
        description="Smallest difference between groups that matters, in standard deviations."
    )


class AnalysisPlan(Frozen):
    """Everything that a validation decides before it looks at the answers."""

    instrument: Key = Field(description="Id of the measure.")
    version: Text = Field(description='Version of its definition, in quotes, such as "1.0".')
    definition_hash: Text | None = Field(
        default=None, description="Hash of the definition, hypotheses included, when it was frozen."
    )
    date: Date = Field(description="When the plan was frozen, as in 2026-03-01.")
    by: Text = Field(description="Who froze it: a pseudonym.")
    analyses: tuple[Analysis, ...] = Field(
        description="What is planned; everything else that a report holds is exploratory."
    )
    model: Literal["correlated_factors", "higher_order"] = Field(
        default="correlated_factors", description="The model that structure is judged by."
    )
    coefficients: tuple[Literal["alpha", "omega_total"], ...] = Field(
        default=("alpha", "omega_total"), description="Coefficients, the primary one first."
    )
    alpha_interval: Literal["feldt", "bonett"] = Field(
        default="feldt", description="Interval of alpha."
    )
    missing: Literal["pairwise", "listwise"] = Field(
        default="pairwise", description="Covariances for alpha and item statistics."
    )
    missing_models: Literal["fiml", "listwise"] = Field(
        default="fiml",
        description="Factor models, omega and HTMT: all answers there are, or complete rows.",
    )
    level: Number = Field(default=0.95, description="Coverage of all intervals.")
    n_boot: StrictInt = Field(default=2000, description="Bootstrap samples.")
    seed: StrictInt = Field(default=0, description="What random numbers are derived from.")
    correlation_cutoff: Number = Field(
        default=0.9, description="Latent correlation that the chi-square difference tests against."
    )
    thresholds: Mapping[Key, Number] = Field(
        default_factory=dict, description="Cut-offs of claims that differ from the usual, by id."
    )
    groupings: tuple[Literal["site", "language", "form_version", "mode", "wave", "role"], ...] = (
        Field(default=("site",), description="What answers are compared over.")
    )
    contrasts: tuple[Contrast, ...] = Field(default=(), description="Sites to be compared.")
    family: Literal["holm", "benjamini_hochberg", "none"] = Field(
        default="holm", description="How the p-values of all contrasts are adjusted together."
    )
    exclusions: tuple[Exclusion, ...] = Field(default=(), description="Who is left out.")
    smallest_effects: SmallestEffects = Field(description="What is too small to matter.")

    def criteria(self) -> Mapping[str, Criterion]:
        """Return the cut-offs that claims are held against, with the planned thresholds."""
        made = dict(CRITERIA)
        for key, threshold in self.thresholds.items():
            usual = made[key]
            if threshold != usual.threshold:
                note = f"In the place of {usual.threshold:g} ({usual.source}) {usual.note}"
                source = f"The plan of this validation, frozen on {self.date.isoformat()}."
                made[key] = replace(usual, threshold=threshold, source=source, note=note)
        return made


def check_plan(path: str | PathLike[str], instrument: Instrument | None) -> list[Finding]:
    """Return everything that is wrong with a plan, by line; empty if nothing is.

    Parameters
    ----------
    path : path
        The plan.
    instrument : Instrument or None
        The measure it is for; None to look at the fields alone.
    """
    return _examined(path, instrument)[1]


def planned_id(path: str | PathLike[str]) -> str | None:
    """Return the id of the measure that a plan names, if it can be read at all."""
    data = read_tree(Path(path)).data
    named = data.get("instrument") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named else None


def read_plan(given: AnalysisPlan | str | PathLike[str], instrument: Instrument) -> AnalysisPlan:
    """Return a plan that fits a measure.

    Parameters
    ----------
    given : AnalysisPlan or path
        The plan, or its file.
    instrument : Instrument
        The measure that is validated.

    Raises
    ------
    DocumentError
        With every fault, by file and line. That the definition has changed since is no fault,
        but a deviation.
    """
    if isinstance(given, AnalysisPlan):
        told = [problem.message for problem in plan_problems(given, instrument)]
        if told:
            raise DocumentError("\n".join(told))
        return given
    document, findings = _examined(given, instrument)
    raise_faults(str(given), findings)
    if document.value is None:
        raise LookupError("a document without a value has an error")
    return document.value


def _examined(
    path: str | PathLike[str], instrument: Instrument | None
) -> tuple[Document[AnalysisPlan], list[Finding]]:
    document: Document[AnalysisPlan] = read_document(path, AnalysisPlan, WHAT)
    findings = list(document.findings)
    plan = document.sound(AnalysisPlan, STAND_INS)
    if plan is not None and instrument is not None:
        told = [
            problem
            for problem in plan_problems(plan, instrument)
            if str(problem.path[0]) in document.tree.data
            and str(problem.path[0]) not in document.faulty
        ]
        findings += [document.finding(problem) for problem in told]
    findings.sort(key=line_of)
    return document, findings


def plan_problems(plan: AnalysisPlan, instrument: Instrument) -> Iterator[Problem]:
    """Yield everything about a plan that can't be meant for this measure."""
    if plan.instrument != instrument.id:
        told = {"planned": plan.instrument, "given": instrument.id}
        yield Problem("plan_of_another_measure", ("instrument",), told)
    for key in plan.thresholds:
        yield from _unknown(key, ("thresholds", key), CRITERIA)
    above = [one for one in instrument.higher_order.values() if one.measurement == "reflective"]
    if plan.model == "higher_order" and not above:
        yield Problem("plan_without_factor", ("model",), {"instrument": instrument.id})
    yield from _numbers(plan)
    for section in ("contrasts", "exclusions"):
        keys = [one.key for one in getattr(plan, section)]
        for at, key in enumerate(keys):
            if key in keys[:at]:
                yield Problem("plan_key_twice", (section, at, "key"), {"key": key})
    for field in ("analyses", "coefficients", "groupings"):
        names = getattr(plan, field)
        for at, name in enumerate(names):
            if name in names[:at]:
                yield Problem("plan_key_twice", (field, at), {"key": name})
    for at, contrast in enumerate(plan.contrasts):
        for side in ("a", "b"):
            name = getattr(contrast, side)
            yield from _unknown(name, ("contrasts", at, side), instrument.sites)
        if contrast.a == contrast.b:
            yield Problem("plan_same_site", ("contrasts", at), {"key": contrast.key})
    for at, one in enumerate(plan.exclusions):
        yield from _exclusion(one, at, instrument)


def _numbers(plan: AnalysisPlan) -> Iterator[Problem]:
    """Yield numbers that are out of their range."""
    ranges: list[tuple[tuple[str, ...], float, float, float]] = [
        (("level",), plan.level, 0.5, 0.999),
        (("correlation_cutoff",), plan.correlation_cutoff, 0.0, 1.0),
        (("n_boot",), plan.n_boot, 0, 1e6),
        (("seed",), plan.seed, 0, 2**63),
    ]
    effects = plan.smallest_effects
    for name, most in (("reliability", 1), ("correlation", 1), ("standardised_difference", 5)):
        ranges.append((("smallest_effects", name), getattr(effects, name), 0.001, most))
    for path, value, low, high in ranges:
        if not low <= value <= high:
            told = {"field": path[-1], "found": value, "low": low, "high": high}
            yield Problem("plan_number_out_of_range", path, told)


def _exclusion(one: Exclusion, at: int, instrument: Instrument) -> Iterator[Problem]:
    """Yield a rule of exclusion that lacks what it needs, or has what it doesn't."""
    needs = {"few_answers": "answered", "flagged": "flag", "site": "site"}.get(one.rule)
    for field in ("answered", "flag", "site"):
        given = getattr(one, field) is not None
        if given != (field == needs):
            code = "plan_exclusion_needs" if not given else "plan_exclusion_without"
            yield Problem(
                code, ("exclusions", at), {"key": one.key, "rule": one.rule, "field": field}
            )
    if one.site is not None:
        yield from _unknown(one.site, ("exclusions", at, "site"), instrument.sites)
    if one.answered is not None and not 0 < one.answered <= 1:
        told = {"field": "answered", "found": one.answered, "low": 0, "high": 1}
        yield Problem("plan_number_out_of_range", ("exclusions", at, "answered"), told)


def _unknown(name: str, path: tuple[str | int, ...], known: Mapping[str, Any]) -> Iterator[Problem]:
    if name not in known:
        told = {"name": name, "known": did_you_mean(name, known)}
        yield Problem("plan_unknown", path, told)
