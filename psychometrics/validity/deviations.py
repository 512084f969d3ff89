"""What was planned beside what was done: every part of a plan, and every deviation from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.analysis_plan import ANALYSES, TABLES, AnalysisPlan
from psychometrics.validity.criteria import CRITERIA
from psychometrics.validity.exclusions import Excluded
from psychometrics.validity.selection import META

PLAN_COLUMNS = ("part", "planned", "done", "status", "note")
FOLLOWED, DEVIATION, NOT_DONE, UNPLANNED, UNKNOWN = (
    "followed", "deviation", "not_done", "not_planned", "unknown",
)  # fmt: skip
DEVIATIONS = (DEVIATION, NOT_DONE, UNPLANNED)
"""Statuses that a reader has to be told of."""


@dataclass(frozen=True)
class Done:
    """What a validation did, to be held against its plan.

    Attributes
    ----------
    settings : mapping
        ``level n_boot seed coefficients alpha_interval missing missing_models correlation_cutoff
        groupings``.
    tables : mapping of str to DataFrame
        What came out.
    excluded : sequence of Excluded
        People whom a rule of the plan left out.
    weightless : int
        People without a case weight, who took no part.
    without_site : int
        People who count for no site.
    own_rules : bool
        Whether ratings were made by other criteria than those that come along.
    collected : date or None
        When the first answer was given, if that is known.
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    excluded: Sequence[Excluded] = ()
    weightless: int = 0
    without_site: int = 0
    own_rules: bool = False
    collected: Date | None = None


def plan_table(plan: AnalysisPlan | None, instrument: Instrument, done: Done) -> pd.DataFrame:
    """Hold what was done against the plan.

    Parameters
    ----------
    plan : AnalysisPlan or None
        The plan; without one there is nothing to hold.
    instrument : Instrument
        The measure as it is now.
    done : Done
        What was done.

    Returns
    -------
    DataFrame
        part, planned, done, status (``followed``, ``deviation``, ``not_done``, ``not_planned``,
        ``unknown``), note.
    """
    rows = [] if plan is None else list(_rows(plan, instrument, done))
    frame = pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
    frame["note"] = pd.Series([row["note"] for row in rows], index=frame.index, dtype=object)
    return frame


def _row(
    part: str, planned: object, done: object, status: str, note: Reason = NO_REASON
) -> dict[str, Any]:
    told = {"planned": str(planned), "done": str(done)}
    return {"part": part, **told, "status": status, "note": note}


def _same(part: str, planned: object, done: object, note: Reason = NO_REASON) -> dict[str, Any]:
    """Return a row that is followed where both are the same."""
    same = str(planned) == str(done)
    return _row(part, planned, done, FOLLOWED if same else DEVIATION, NO_REASON if same else note)


def _rows(plan: AnalysisPlan, instrument: Instrument, done: Done) -> Iterator[dict[str, Any]]:
    yield _same("version", plan.version, instrument.version, reason("plan_definition_changed"))
    if plan.definition_hash is None:
        yield _row("definition_hash", "", instrument.definition_hash, UNKNOWN)
    else:
        note = reason("plan_definition_changed")
        yield _same("definition_hash", plan.definition_hash, instrument.definition_hash, note)
    yield _collected(plan, done)
    planned = {
        "coefficients": ", ".join(plan.coefficients), "alpha_interval": plan.alpha_interval,
        "missing": plan.missing, "missing_models": plan.missing_models,
        "level": plan.level, "n_boot": plan.n_boot, "seed": plan.seed,
        "correlation_cutoff": plan.correlation_cutoff, "groupings": ", ".join(plan.groupings),
    }  # fmt: skip
    for name, value in planned.items():
        yield _same(name, value, done.settings[name], reason("plan_option_of_the_call"))
    yield from _analyses(plan, done.tables)
    yield _model(plan, done.tables)
    yield from _thresholds(plan, done)
    for contrast in plan.contrasts:
        name = f"contrast {contrast.key}"
        sites = f"{contrast.a} - {contrast.b} ({plan.family})"
        table = done.tables.get("contrasts", pd.DataFrame())
        mine = table[table["contrast"] == contrast.key] if len(table) else table
        n_done = int(mine["p_value"].notna().sum()) if len(mine) else 0
        if n_done:
            yield _row(name, sites, f"{n_done} of {len(mine)}", FOLLOWED)
        else:
            yield _row(name, sites, "", NOT_DONE, reason("plan_contrast_not_done"))
    yield from _exclusions(plan, done)


def _collected(plan: AnalysisPlan, done: Done) -> dict[str, Any]:
    """Say whether the answers came after the plan."""
    frozen = plan.date.isoformat()
    if done.collected is None:
        return _row("date", frozen, "", UNKNOWN, reason("plan_date_unknown"))
    later = done.collected >= plan.date
    note = NO_REASON if later else reason("plan_after_data")
    status = FOLLOWED if later else DEVIATION
    return _row("date", frozen, done.collected.isoformat(), status, note)


def _analyses(plan: AnalysisPlan, tables: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """Say which analyses were planned and done, or only one of the two."""
    for name in ANALYSES:
        frames = [tables[table] for table in TABLES[name]]
        found = sum(_numbers(frame) for frame in frames)
        if name in plan.analyses:
            status = FOLLOWED if found else NOT_DONE
            note = NO_REASON if found else _why(frames)
            yield _row(name, "planned", "done" if found else "", status, note)
        elif found:
            yield _row(name, "", "done", UNPLANNED, reason("plan_exploratory"))


def _numbers(frame: pd.DataFrame) -> int:
    """Count the rows that hold a number; hypotheses are tried if one has a verdict."""
    for column in ("estimate", "correlation", "chi2"):
        if column in frame:
            return int(frame[column].notna().sum())
    return len(frame)


def _why(frames: Sequence[pd.DataFrame]) -> Reason:
    """Return the first reason why there is no number."""
    told = [why for frame in frames if "reason" in frame for why in frame["reason"] if why]
    return told[0] if told else reason("nothing_to_judge")


def _model(plan: AnalysisPlan, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Say whether the planned model could be fitted, pooled."""
    fit = tables["fit"]
    mine = fit[(fit["model"] == plan.model) & ~fit["pooling"].isin(("site", META))]
    there = mine[mine["chi2"].notna()]
    if len(there):
        return _row("model", plan.model, plan.model, FOLLOWED)
    why = _why([mine])
    return _row("model", plan.model, "", NOT_DONE, why)


def _thresholds(plan: AnalysisPlan, done: Done) -> Iterator[dict[str, Any]]:
    """Say which cut-offs claims were held against, and by which rules ratings were made."""
    claims = done.tables["claims"]
    held = dict(zip(claims["criterion"], claims["threshold"], strict=True))
    for key, threshold in plan.thresholds.items():
        if key in held:
            yield _same(f"threshold {key}", float(threshold), float(held[key]))
        else:
            why = reason("plan_threshold_unused")
            yield _row(f"threshold {key}", float(threshold), "", NOT_DONE, why)
    for key, value in held.items():
        if key not in plan.thresholds and float(value) != CRITERIA[key].threshold:
            yield _row(f"threshold {key}", CRITERIA[key].threshold, float(value), DEVIATION)
    if done.own_rules:
        yield _row("rating rules", "shipped", "own", DEVIATION, reason("plan_own_rules"))


def _exclusions(plan: AnalysisPlan, done: Done) -> Iterator[dict[str, Any]]:
    """Say who was left out, by which rule, and whom no rule foresaw."""
    counts = {one.key: one.count for one in done.excluded}
    for rule in plan.exclusions:
        name = f"exclusion {rule.key}"
        if rule.rule == "by_hand":
            yield _row(name, rule.reason, "", UNKNOWN, reason("plan_by_hand"))
        else:
            yield _row(name, rule.reason, counts.get(rule.key, 0), FOLLOWED)
    findings = done.tables["findings"]
    for row in findings[findings["code"] == "scale_without_some_items"].to_dict("records"):
        yield _row(f"exclusion {row['where']}", "", row["message"], UNPLANNED)
    if done.weightless:
        note = reason("plan_without_weight", count=done.weightless)
        yield _row("exclusion without_weight", "", done.weightless, UNPLANNED, note)
    if done.without_site:
        note = reason("plan_without_site", count=done.without_site)
        yield _row("exclusion without_site", "", done.without_site, UNPLANNED, note)


def deviations(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a plan's table that a reader has to be told of."""
    return table[table["status"].isin(DEVIATIONS)]
