"""What may be claimed, what may not, and what stays open: the tables held against criteria."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.comparability_claims import (
    judged_scales,
    share_equal,
    verdict_of_row,
)
from psychometrics.validity.criteria import (
    CRITERIA,
    FIT_CRITERIA,
    NOT_SUPPORTED,
    SUPPORTED,
    UNAVAILABLE,
    UNDECIDED,
    Criterion,
    Verdict,
    rate_structure_sample,
    size_limits,
    verdict,
)
from psychometrics.validity.formative import formative_scales, not_for_formative
from psychometrics.validity.hypotheses import share_confirmed
from psychometrics.validity.model_fit import judged_indices
from psychometrics.validity.selection import SITE, TOTAL, WITHIN
from psychometrics.validity.small_n import Statistic, in_force
from psychometrics.validity.units import tidy

CLAIM_COLUMNS = (
    "property", "subject", "pooling", "verdict", "estimate", "low", "high", "threshold",
    "criterion", "n_obs", "sites_supported", "sites_not_supported", "sites_undecided",
    "sites_unavailable", "reason", "note",
)  # fmt: skip

FACTORS = "correlated_factors"

POLICY_NAMES: dict[str, Statistic] = {
    "alpha": "alpha", "omega_total": "omega_total", "ave": "ave", "htmt": "htmt",
    "correlation": "latent_correlation",
}  # fmt: skip
"""What the small-n policy calls the statistics that claims rest on."""

Row = dict[str, Any]
Cutoffs = Mapping[str, Criterion]


@dataclass(frozen=True, slots=True)
class Judged:
    """One unit's value, held against a criterion.

    Attributes
    ----------
    pooling : str
        ``total``, ``within`` or ``site``.
    verdict : str
        What follows for this unit.
    criterion : Criterion
        What it was held against.
    estimate, low, high, n_obs : float
        Value, interval, people; NaN where there is none.
    why : Reason
        Why there is no verdict; empty where there is one.
    note : Reason
        What a reader should know besides; empty for nothing.
    """

    pooling: str
    verdict: Verdict
    criterion: Criterion
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n_obs: float = math.nan
    why: Reason = NO_REASON
    note: Reason = NO_REASON


def claims(
    tables: Mapping[str, pd.DataFrame], instrument: Instrument, criteria: Cutoffs = CRITERIA
) -> pd.DataFrame:
    """Hold the tables of a study against their criteria.

    The headline is the ``within`` row, where differences between sites can't pass for
    consistency or structure; without sites it is the ``total`` row, and a note says so. Sites
    are counted by their own verdicts. Where a property has two criteria, the usual one comes
    first: alpha before omega, the latent correlation before HTMT.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``reliability``, ``fit``, ``convergent``, ``discriminant``, ``htmt``, ``hypotheses`` and,
        where sites were compared, ``comparability``.
    instrument : Instrument
        Scales, which of them are formative, and the pairs declared distinct (all pairs where
        none is declared).
    criteria : mapping of str to Criterion
        Cut-offs by id; those of a plan may differ from the usual ones.

    Returns
    -------
    DataFrame
        One row a property, subject and criterion: verdict, value, threshold, criterion id,
        counts of sites by verdict, ``reason`` where there is no verdict, and a ``note``.
    """
    structure = _structure(_records(judged_indices(tables["fit"])), instrument, criteria)
    consistency = _internal_consistency(_records(tables["reliability"]), instrument, criteria)
    rows = [
        *_with_caveat(consistency, structure),
        *structure,
        *_convergent(_records(tables["convergent"]), instrument, criteria),
        *_discriminant(
            _records(tables["discriminant"]), _records(tables["htmt"]), instrument, criteria
        ),
        *_hypotheses(tables["hypotheses"], instrument, criteria),
        *_comparability(tables.get("comparability"), criteria),
    ]
    made = tidy(rows, CLAIM_COLUMNS)
    # pandas would turn a column of notes into plain strings, without their codes.
    made["note"] = pd.Series([row["note"] for row in rows], index=made.index, dtype=object)
    return made


def _claim(name: str, subject: str, judged: Sequence[Judged], criterion: Criterion) -> Row:
    """Make one row from the judged units of one subject."""
    sites = [one.verdict for one in judged if one.pooling == SITE]
    pooled = {one.pooling: one for one in judged if one.pooling != SITE}
    wanted = WITHIN if len(sites) > 1 and WITHIN in pooled else TOTAL
    nothing = Judged(wanted, UNAVAILABLE, criterion, why=reason("nothing_to_judge"))
    head = pooled.get(wanted, nothing)
    return {
        "property": name,
        "subject": subject,
        "pooling": head.pooling,
        "verdict": head.verdict,
        "estimate": head.estimate,
        "low": head.low,
        "high": head.high,
        "threshold": head.criterion.threshold,
        "criterion": head.criterion.id,
        "n_obs": head.n_obs,
        "sites_supported": sites.count(SUPPORTED),
        "sites_not_supported": sites.count(NOT_SUPPORTED),
        "sites_undecided": sites.count(UNDECIDED),
        "sites_unavailable": sites.count(UNAVAILABLE),
        "reason": head.why,
        "note": head.note or (NO_REASON if wanted == WITHIN else reason("claim_rests_on_total")),
    }


def _records(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of units; a synthesis of the sites is told, but no claim rests on it."""
    units = frame[frame["pooling"].isin((TOTAL, WITHIN, SITE))]
    return [{str(name): cell for name, cell in row.items()} for row in units.to_dict("records")]


def _of(rows: list[Row], **values: str) -> list[Row]:
    """Return the rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def _judge(
    row: Row, criterion: Criterion, value: str = "estimate", *, size: bool = False,
    barred: Reason = NO_REASON,
) -> Judged:  # fmt: skip
    """Hold the interval of a row against a criterion."""
    low, high = (float(row[name]) for name in ("low", "high"))
    held = size_limits(low, high) if size else (low, high)
    found = verdict(*held, criterion)
    why = barred or row["reason"]
    if not why and found == UNAVAILABLE:
        why = reason("no_interval")
    if not why:
        about = POLICY_NAMES.get(criterion.statistic)
        why = in_force().silence(about, row["pooling"], float(row["n_obs"])) if about else why
    if why:
        found = UNAVAILABLE
    note = NO_REASON if why else interval_note(row.get("method"))
    return Judged(
        row["pooling"], found, criterion, float(row[value]), low, high, float(row["n_obs"]), why,
        note,
    )  # fmt: skip


def interval_note(method: object) -> Reason:
    """Return what is known to be wrong with an interval, which its method says."""
    for fault in ("too narrow", "too high"):
        if fault in str(method):
            return reason(f"interval_{fault.replace(' ', '_')}")
    return NO_REASON


def _internal_consistency(
    reliability: list[Row], instrument: Instrument, criteria: Cutoffs
) -> list[Row]:
    """Hold alpha and omega of every scale against .70."""
    held = (("alpha", criteria["alpha_070"]), ("omega_total", criteria["omega_070"]))
    made = []
    for scale in instrument.scales:
        barred = not_for_formative(instrument, scale)
        for coefficient, criterion in held:
            rows = _of(reliability, scale=scale, coefficient=coefficient)
            judged = [_judge(row, criterion, barred=barred) for row in rows]
            if judged or coefficient == "alpha":
                made.append(_claim("internal_consistency", scale, judged, criterion))
    return made


def _with_caveat(consistency: list[Row], structure: list[Row]) -> list[Row]:
    """Say beside supported consistency that it is no evidence of one dimension, if there is none.

    COSMIN asks for some evidence of the structure before alpha counts for anything.
    """
    shown = [one["verdict"] == SUPPORTED for one in structure if one["subject"] == FACTORS]
    if not shown or all(shown):
        return consistency
    caveat = reason("consistency_without_structure")
    return [row | {"note": caveat} if row["verdict"] == SUPPORTED else row for row in consistency]


def _convergent(convergent: list[Row], instrument: Instrument, criteria: Cutoffs) -> list[Row]:
    """Hold the variance extracted of every scale against .50."""
    criterion = criteria["ave_050"]
    made = []
    for scale in instrument.scales:
        barred = not_for_formative(instrument, scale)
        rows = _of(convergent, scale=scale, statistic="ave")
        judged = [_judge(row, criterion, barred=barred) for row in rows]
        made.append(_claim("convergent", scale, judged, criterion))
    return made


def _discriminant(
    discriminant: list[Row], htmt: list[Row], instrument: Instrument, criteria: Cutoffs
) -> list[Row]:
    """Hold the latent correlation and the HTMT of every pair against their cut-offs."""
    declared = {frozenset((pair.a, pair.b)) for pair in instrument.distinct_pairs}
    pairs = dict.fromkeys((row["scale_a"], row["scale_b"]) for row in discriminant)
    made = []
    for a, b in pairs:
        if declared and frozenset((a, b)) not in declared:
            continue
        barred = not_for_formative(instrument, a, b)
        latent = criteria["latent_correlation_090"]
        rows = _of(discriminant, scale_a=a, scale_b=b)
        judged = [_judge(row, latent, "correlation", size=True, barred=barred) for row in rows]
        made.append(_claim("discriminant", f"{a}|{b}", judged, latent))
        ratio = criteria["htmt_090" if _close_by_intention(instrument, a, b) else "htmt_085"]
        rows = _of(htmt, scale_a=a, scale_b=b, variant="htmt")
        judged = [_judge(row, ratio, barred=barred) for row in rows]
        made.append(_claim("discriminant", f"{a}|{b}", judged, ratio))
    return made


def _close_by_intention(instrument: Instrument, a: str, b: str) -> bool:
    """Tell whether two scales are parts of one higher-order construct."""
    return any({a, b} <= set(node.scales) for node in instrument.higher_order.values())


def _structure(fit: list[Row], instrument: Instrument, criteria: Cutoffs) -> list[Row]:
    """Rate every model by its indices together; the note tells each of them."""
    barred = formative_scales(instrument)
    scales = [scale for name, scale in instrument.scales.items() if name not in barred]
    n_items = len({item for scale in scales for item in scale.items})
    made = []
    for model in dict.fromkeys(row["model"] for row in fit):
        judged = [_rate(row, n_items, criteria) for row in _of(fit, model=model)]
        made.append(_claim("structure", str(model), judged, criteria[FIT_CRITERIA[0]]))
    return made


def _rate(row: Row, n_items: int, cutoffs: Cutoffs) -> Judged:
    """Rate the fit of one model in one unit.

    Supported where two indices of different kinds agree, as Hu and Bentler advise: SRMR together
    with CFI, TLI or RMSEA. Not supported where none meets its cut-off; undecided where they
    disagree. COSMIN would call one index enough; the note says which would carry it.
    """
    criteria = [cutoffs[name] for name in FIT_CRITERIA]
    values = {one.id: float(row[one.statistic]) for one in criteria}
    n_obs = float(row["n_obs"])
    why = row["reason"]
    if not why and all(math.isnan(value) for value in values.values()):
        why = reason("nothing_to_judge")
    why = why or in_force().silence("fit", row["pooling"], n_obs)
    if why:
        return Judged(row["pooling"], UNAVAILABLE, criteria[0], n_obs=n_obs, why=why)
    met = [one for one in criteria if one.met_by(values[one.id])]
    missed = [one for one in criteria if one not in met]
    common = {
        "indices": ", ".join(_told_index(one, values[one.id]) for one in criteria),
        "n_items": n_items,
        "sample": rate_structure_sample(n_obs, n_items).replace("_", " "),
    }
    carried = ", ".join(one.statistic.upper() for one in met)
    absolute = any(one.statistic == "srmr" for one in met)
    found: Verdict
    if not met:
        found, note = NOT_SUPPORTED, reason("structure_not_carried", **common)
    elif absolute and len(met) > 1:
        found, note = SUPPORTED, reason("structure_carried", carried=carried, **common)
    else:
        found, note = UNDECIDED, reason("structure_mixed", carried=carried, **common)
    # The number shown speaks for the verdict: one that misses its cut-off unless it is supported.
    shown = met[0] if found == SUPPORTED else missed[0]
    limits = ("rmsea_low", "rmsea_high") if shown.statistic == "rmsea" else ()
    low, high = (float(row[name]) for name in limits) if limits else (math.nan, math.nan)
    return Judged(row["pooling"], found, shown, values[shown.id], low, high, n_obs, note=note)


def _told_index(criterion: Criterion, value: float) -> str:
    """Return an index with its cut-off, such as ``CFI .931 (above .95)``."""
    return (
        f"{criterion.statistic.upper()} {value:.3f} ({criterion.direction} "
        f"{criterion.threshold:.2f})"
    )


def _hypotheses(hypotheses: pd.DataFrame, instrument: Instrument, criteria: Cutoffs) -> list[Row]:
    """Hold the share of hypotheses confirmed against 75 %."""
    criterion = criteria["hypotheses_075"]
    if not instrument.hypotheses:
        nothing = Judged(TOTAL, UNAVAILABLE, criterion, why=reason("no_hypotheses"))
        return [_claim("hypotheses", "", [nothing], criterion)]
    judged = []
    for row in _records(share_confirmed(hypotheses, criterion)):
        at_unit = hypotheses["pooling"] == row["pooling"]
        if row["pooling"] == SITE:
            at_unit &= hypotheses["group"] == row["group"]
        people = hypotheses.loc[at_unit & (hypotheses["verdict"] != UNAVAILABLE), "n_obs"].min()
        counts = {name: row[name] for name in ("confirmed", "refuted", "undecided", "unavailable")}
        tried = sum(counts.values()) - counts["unavailable"]
        note = reason("hypotheses_counted", tried=tried, **counts)
        why = NO_REASON if tried else note
        judged.append(
            Judged(
                row["pooling"],
                row["verdict"],
                criterion,
                row["share"],
                n_obs=float(people),
                why=why,
                note=note,
            )
        )
    return [_claim("hypotheses", "", judged, criterion)]


def _comparability(comparability: pd.DataFrame | None, criteria: Cutoffs) -> list[Row]:
    """Say of every scale whether mean scores may be compared between sites as they stand."""
    if comparability is None:
        return []
    criterion = criteria["equal_items_100"]
    made = []
    for scale, rows in judged_scales(comparability):
        judged = [
            Judged(
                row["pooling"], verdict_of_row(row), criterion, share_equal(row),
                n_obs=float(row["n_obs"]), why=row["reason"], note=row["explanation"],
            )
            for row in rows
        ]  # fmt: skip
        made.append(_claim("comparability", scale, judged, criterion))
    return made
