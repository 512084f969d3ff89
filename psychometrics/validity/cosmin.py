"""COSMIN ratings of a study: per property, subject and unit, and per language version.

A rating follows COSMIN's rule and rests on the estimate, as COSMIN's does; what may be claimed
from its interval is the business of :mod:`psychometrics.validity.claims`, and the two can differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.cosmin_evidence import (
    FACTORS,
    WHOLE,
    Evidence,
    Value,
    study_evidence,
)
from psychometrics.validity.cosmin_versions import by_version
from psychometrics.validity.evidence_quality import lowered, supports, worst
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.judgements import Judgement, Judgements
from psychometrics.validity.rating_rules import (
    CosminRules,
    Property,
    Threshold,
)
from psychometrics.validity.selection import SITE, TOTAL
from psychometrics.validity.units import tidy

COSMIN_COLUMNS = (
    "property", "subject", "group", "pooling", "rating", "met", "carried_by", "index", "estimate",
    "low", "high", "direction", "threshold", "n_obs", "n_items", "sample", "risk_of_bias",
    "quality", "quality_is", "basis", "by", "date", "source", "reason", "note",
)  # fmt: skip

PLUS, MINUS, OPEN, MIXED = "+", "-", "?", "±"
NOT_APPLICABLE, NOT_ASSESSED = "not_applicable", "not_assessed"
DATA, ENTERED, PEOPLE, NOBODY = "data", "entered", "people", "nobody"

Row = dict[str, Any]


def cosmin(
    study: Any,
    *,
    criteria: CosminRules | str | PathLike[str] | None = None,
    judgements: Judgements | str | PathLike[str] | None = None,
) -> pd.DataFrame:
    """Rate a validation as COSMIN does: +, -, ? or ±, with what carried each rating.

    Parameters
    ----------
    study : ValidityReport or Study
        What :func:`psychometrics.validate` returned.
    criteria : path, optional
        Thresholds in a file of one's own, a copy of ``cosmin.yaml``; those of the validation if
        left out.
    judgements : path, optional
        What people judged, and numbers from elsewhere; those of the validation if left out.

    Returns
    -------
    DataFrame
        One row a property, subject and unit: ``pooling`` is ``site``, ``within``, ``total``, or
        ``version`` for the sites that share a language, where ± says that they disagree.
        ``rating`` may also be ``not_applicable`` or ``not_assessed``. ``met`` says whether the
        criterion is met, ``carried_by`` by which indices; ``sample`` is the grade of the sample
        size, ``risk_of_bias`` the worse of that and of what people judged, and ``quality`` the
        level of evidence, an ``upper_limit`` until people have judged the risk of bias. ``basis``
        says whether data, an entered number, people or nobody rated.

    Raises
    ------
    DocumentError
        If a file has faults.

    Examples
    --------
    >>> from psychometrics import simulate_responses, validate
    >>> report = validate("hs1939", simulate_responses("hs1939", 60, rng=1), n_boot=20)
    >>> table = cosmin(report)
    >>> row = table.query("property == 'content_validity'").iloc[0]
    >>> row["rating"], str(row["reason"])
    ('not_assessed', 'Nobody has rated it, and these answers can not.')
    """
    made = getattr(study, "study", study)
    used = made.ratings.replaced(made.instrument, cosmin=criteria, judgements=judgements)
    units = cosmin_table(made.tables, made.instrument, used.cosmin, used.judgements)
    versions = by_version(units, made.instrument, used.cosmin)
    return units if versions.empty else pd.concat([units, versions], ignore_index=True)


def cosmin_table(
    tables: Mapping[str, pd.DataFrame],
    instrument: Instrument,
    rules: CosminRules,
    judgements: Judgements,
) -> pd.DataFrame:
    """Return the ratings of every unit; :func:`cosmin` adds those of the language versions."""
    evidence = study_evidence(tables, instrument, judgements)
    barred = formative_scales(instrument)
    rows: list[Row] = []
    for one in (*rules.properties, *rules.formative):
        mine = [each for each in evidence if each.property == one.key]
        made = [_rated(one, each, rules, judgements, rows) for each in mine]
        if one.reflective_only:
            made += [_not_applicable(one, scale, why) for scale, why in barred.items()]
        told = [_judged(one, each) for each in judgements.cosmin if each.property == one.key]
        made += [row for row in told if row["rating"]]
        if not made and one in rules.properties:
            made = [_row(one, WHOLE, TOTAL, None, NOT_ASSESSED, NOBODY, why=_nobody(one))]
        rows += made
    return finished(rows)


def finished(rows: list[Row]) -> pd.DataFrame:
    """Return rows as a frame, with notes and unmet criteria as the objects they are."""
    frame = tidy(rows, COSMIN_COLUMNS)
    for name in ("note", "met"):
        cells = [row.get(name) for row in rows]
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _nobody(one: Property) -> Reason:
    return reason("not_assessed" if not one.thresholds else "not_assessed_here")


def _row(
    one: Property, subject: str, pooling: str, group: str | None, rating: str, basis: str,
    *, why: Reason = NO_REASON, note: Reason = NO_REASON, **cells: Any,
) -> Row:  # fmt: skip
    """Return a row with nothing in the cells that aren't given."""
    numbers = dict.fromkeys(("estimate", "low", "high", "threshold", "n_obs", "n_items"), math.nan)
    words = dict.fromkeys(
        ("carried_by", "index", "direction", "sample", "risk_of_bias", "quality", "quality_is",
         "by", "date"), "",
    )  # fmt: skip
    about = {"property": one.key, "subject": subject, "group": group, "pooling": pooling}
    told = {"rating": rating, "basis": basis, "source": one.source, "reason": why, "note": note}
    return {**about, "met": None, **numbers, **words, **told, **cells}


def _not_applicable(one: Property, scale: str, why: Reason) -> Row:
    return _row(one, scale, TOTAL, None, NOT_APPLICABLE, NOBODY, why=why)


def _judged(one: Property, judgement: Judgement) -> Row:
    """Return what one person judged."""
    where = (SITE if judgement.site else TOTAL, judgement.site)
    return _row(
        one, judgement.scale or WHOLE, *where, judgement.rating or "", PEOPLE,
        note=reason("judged", told=judgement.reason), by=judgement.by,
        date=judgement.date.isoformat(), risk_of_bias=judgement.risk_of_bias or "",
    )  # fmt: skip


def _rated(
    one: Property, found: Evidence, rules: CosminRules, judgements: Judgements, before: list[Row]
) -> Row:
    """Return the rating of one property in one unit, after the properties `before` it."""
    met, carried, shown, value = weigh(one, found)
    why, note = found.why, _note(one, found)
    rating = OPEN if met is None else PLUS if met else MINUS
    if met is not None and one.requires and not _supported(one.requires, found, before):
        rating, why = OPEN, reason("requires_structure")
    sample = one.grade_of(found.n_obs, found.n_items) or ""
    judged = [each for each in judgements.cosmin if _about(each, one, found)]
    grades = [each.risk_of_bias for each in judged if each.risk_of_bias]
    bias = worst([*([sample] if sample else []), *grades])
    level = ""
    if rating != OPEN:
        level = lowered(
            rules.grade, bias, n_sites=1, n_obs=found.n_obs if one.imprecision else None
        )
    return _row(
        one, found.subject, found.pooling, found.group, rating,
        ENTERED if found.by else DATA, why=why, note=note, met=met,
        carried_by=", ".join(carried), index=shown.index if shown else "",
        direction=shown.direction if shown else "",
        threshold=shown.threshold if shown else math.nan,
        source=(shown.source if shown else None) or one.source,
        estimate=value.estimate, low=value.low, high=value.high,
        n_obs=found.n_obs, n_items=float(found.n_items), sample=sample, risk_of_bias=bias,
        quality=level, quality_is=("judged" if grades else "upper_limit") if level else "",
        by=found.by, date=found.date,
    )  # fmt: skip


def weigh(one: Property, found: Evidence) -> tuple[bool | None, list[str], Threshold | None, Value]:
    """Hold evidence against the thresholds of a property.

    Returns
    -------
    tuple
        Whether the criterion is met (None if that is open), the indices that meet theirs, the
        threshold that is shown and its value: one that decided.
    """
    tried = [
        (each, found.values[each.index]) for each in one.thresholds if each.index in found.values
    ]
    if not tried:
        return None, [], None, Value()
    good = [each for each, value in tried if each.met_by(value.estimate)]
    whole = any if one.met_by == "any" else all
    met: bool | None = whole(each in good for each, _ in tried)
    if found.open_ and not met:
        # It may still be reached: by the upper limit it would be.
        met = None if whole(each.met_by(value.high) for each, value in tried) else False
    decided = [pair for pair in tried if (pair[0] in good) is bool(met)] or tried
    return met, [each.index for each in good], *decided[0]


def _note(one: Property, found: Evidence) -> Reason:
    """Tell every index with its threshold, or where a number comes from."""
    if found.told:
        return reason("judged", told=found.told)
    tried = [each for each in one.thresholds if each.index in found.values]
    if len(tried) < 2:
        return NO_REASON
    told = [
        f"{each.index.upper()} {found.values[each.index].estimate:.3f} "
        f"({each.direction.replace('_', ' ')} {each.threshold:g})"
        for each in tried
    ]
    return reason("indices_told", indices=", ".join(told))


def _about(judgement: Judgement, one: Property, found: Evidence) -> bool:
    """Tell whether a judgement of the risk of bias counts for some evidence."""
    return (
        judgement.property == one.key
        and judgement.scale in (None, found.subject)
        and (judgement.site is None or judgement.site == found.group)
    )


def _supported(needed: str, found: Evidence, before: Iterable[Row]) -> bool:
    """Tell whether there is low evidence or better of a property, in the unit or by people."""
    for row in before:
        if row["property"] != needed or row["rating"] != PLUS:
            continue
        by_people = row["basis"] == PEOPLE and row["subject"] in (WHOLE, found.subject)
        if by_people and row["group"] in (None, found.group):
            if row["risk_of_bias"] not in ("", "inadequate"):
                return True
        elif row["subject"] in (FACTORS, found.subject):
            here = (row["pooling"], row["group"]) == (found.pooling, found.group)
            if here and supports(row["quality"]):
                return True
    return False
