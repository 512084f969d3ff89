"""What the tables of a study say about each of COSMIN's properties, unit by unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.comparability_claims import invariance_evidence
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.judgements import Judgements
from psychometrics.validity.model_fit import judged_indices
from psychometrics.validity.selection import SITE, TOTAL, WITHIN

Row = dict[str, Any]
FIT_INDICES = ("cfi", "tli", "rmsea", "srmr")
FACTORS = "correlated_factors"
WHOLE = ""
"""Subject of what is about the whole measure."""


@dataclass(frozen=True)
class Value:
    """One index: estimate and limits, NaN where there are none."""

    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Evidence:
    """What there is on one property, subject and unit.

    Attributes
    ----------
    property, subject : str
        What it is about: a scale, a model, or nothing for the whole.
    pooling, group
        The unit.
    values : mapping of str to Value
        Indices that were found.
    n_obs : float
        People.
    n_items : int
        Items that a sample is weighed against.
    why : Reason
        Why there is no value; empty where there is one.
    by, date, told : str
        Who entered it, when and on what grounds; empty for what the study computed.
    """

    property: str
    subject: str
    pooling: str
    group: str | None
    values: Mapping[str, Value]
    n_obs: float
    n_items: int = 0
    why: Reason = NO_REASON
    by: str = ""
    date: str = ""
    told: str = ""
    open_: bool = field(default=False)
    """Whether the limits, and not the estimate, say whether a threshold is met."""


def study_evidence(
    tables: Mapping[str, pd.DataFrame], instrument: Instrument, judgements: Judgements
) -> list[Evidence]:
    """Return everything that the tables of a study, and numbers from elsewhere, say.

    A synthesis of the sites (``meta``) is left out: COSMIN rates studies, and the sites are told
    each for itself and together.
    """
    return [
        *_structure(_units(judged_indices(tables["fit"])), instrument),
        *_consistency(_units(tables["reliability"]), instrument),
        *_invariance(tables, instrument),
        *_hypotheses(tables, instrument),
        *_retest(_units(tables.get("retest", pd.DataFrame())), instrument),
        *_formative(_units(tables.get("formative", pd.DataFrame()))),
        *_entered(judgements, instrument),
    ]


def _units(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame that are about a unit, and not a synthesis."""
    if frame.empty:
        return []
    units = frame[frame["pooling"].isin((TOTAL, WITHIN, SITE))]
    return [{str(name): cell for name, cell in row.items()} for row in units.to_dict("records")]


def _place(row: Row) -> tuple[str, str | None]:
    return str(row["pooling"]), row["group"] if isinstance(row["group"], str) else None


def _structure(fit: list[Row], instrument: Instrument) -> Iterator[Evidence]:
    """Yield the fit of each model; sites count for both, the items are the model's."""
    barred = formative_scales(instrument)
    members = [one.items for name, one in instrument.scales.items() if name not in barred]
    n_items = len({item for items in members for item in items})
    for row in fit:
        values = {name: Value(float(row[name])) for name in FIT_INDICES}
        if not math.isnan(float(row["rmsea"])):
            limits = (float(row["rmsea_low"]), float(row["rmsea_high"]))
            values["rmsea"] = Value(float(row["rmsea"]), *limits)
        found = {name: one for name, one in values.items() if not math.isnan(one.estimate)}
        yield Evidence(
            "structural_validity", str(row["model"]), *_place(row), found,
            float(row["n_obs"]), n_items, row["reason"],
        )  # fmt: skip


def _consistency(reliability: list[Row], instrument: Instrument) -> Iterator[Evidence]:
    """Yield alpha of each reflective scale."""
    barred = formative_scales(instrument)
    for row in reliability:
        if row["coefficient"] != "alpha" or row["scale"] in barred:
            continue
        value = Value(float(row["estimate"]), float(row["low"]), float(row["high"]))
        found = {} if math.isnan(value.estimate) else {"alpha": value}
        n_items = len(instrument.scales[row["scale"]].items)
        yield Evidence(
            "internal_consistency", str(row["scale"]), *_place(row), found,
            float(row["n_obs"]), n_items, row["reason"] if not found else NO_REASON,
        )  # fmt: skip


def _invariance(tables: Mapping[str, pd.DataFrame], instrument: Instrument) -> Iterator[Evidence]:
    """Yield the largest drop of CFI over sites; the smallest site is the sample that counts."""
    if not {"invariance", "comparability"} <= set(tables):
        return
    barred = formative_scales(instrument)
    n_items = len({i for s, one in instrument.scales.items() if s not in barred for i in one.items})
    for model, drop, n_obs, why in invariance_evidence(
        tables["invariance"], tables["comparability"]
    ):
        found = {} if math.isnan(drop) else {"cfi_drop": Value(drop)}
        scale = instrument.scales.get(model)
        size = len(scale.items) if scale else n_items
        yield Evidence("measurement_invariance", model, TOTAL, None, found, n_obs, size, why)


def _hypotheses(tables: Mapping[str, pd.DataFrame], instrument: Instrument) -> Iterator[Evidence]:
    """Yield the share of each scale's hypotheses, and known-group differences, confirmed.

    A hypothesis that is undecided is neither: the share is at least that of the confirmed, at
    most that of the confirmed and undecided.
    """
    rows = [*_units(tables["hypotheses"]), *_units(tables["known_groups"])]
    found: dict[tuple[str, str, str | None], list[Row]] = {}
    for row in rows:
        found.setdefault((str(row["scale"]), *_place(row)), []).append(row)
    for (scale, pooling, group), mine in found.items():
        verdicts = [str(row["verdict"]) for row in mine]
        tried = [one for one in verdicts if one != "unavailable"]
        common = ("hypotheses_testing", scale, pooling, group)
        node = instrument.scales.get(scale)
        n_items = len(node.items) if node else 0
        if not tried:
            yield Evidence(*common, {}, math.nan, n_items, reason("no_hypothesis_tried"))
            continue
        least = tried.count("confirmed") / len(tried)
        most = least + tried.count("undecided") / len(tried)
        n_obs = min(float(row["n_obs"]) for row in mine if str(row["verdict"]) != "unavailable")
        value = {"share_confirmed": Value(least, least, most)}
        yield Evidence(*common, value, n_obs, n_items, open_=True)


def _formative(rows: list[Row]) -> Iterator[Evidence]:
    """Yield the largest variance inflation factor of a scale, and its redundancy."""
    found: dict[tuple[str, str, str, str | None], list[Row]] = {}
    for row in rows:
        found.setdefault((row["statistic"], row["scale"], *_place(row)), []).append(row)
    names = {"vif": "indicator_collinearity", "redundancy": "redundancy"}
    for (statistic, scale, pooling, group), mine in found.items():
        usable = [row for row in mine if not math.isnan(float(row["estimate"]))]
        why = NO_REASON if usable else mine[0]["reason"]
        n_obs = min(float(row["n_obs"]) for row in mine)
        # The worst indicator, and the best of several global ratings, carry the rating.
        best = max(usable, key=lambda row: float(row["estimate"]), default=None)
        values = {}
        if best is not None:
            limits = (float(best["low"]), float(best["high"]))
            values = {statistic: Value(float(best["estimate"]), *limits)}
        yield Evidence(names[statistic], scale, pooling, group, values, n_obs, len(mine), why)


def _retest(retest: list[Row], instrument: Instrument) -> Iterator[Evidence]:
    """Yield the agreement of waves: occasions are a sample of occasions, and their level counts."""
    for row in retest:
        if row["statistic"] != "icc" or row["model"] != "ICC(2,1)":
            continue
        if row["scale"] not in instrument.scales:
            continue
        value = Value(float(row["estimate"]), float(row["low"]), float(row["high"]))
        found = {} if math.isnan(value.estimate) else {"icc": value}
        n_items = len(instrument.scales[row["scale"]].items)
        yield Evidence(
            "reliability", str(row["scale"]), *_place(row), found, float(row["n_targets"]), n_items,
            row["reason"] if not found else NO_REASON,
        )  # fmt: skip


def _entered(judgements: Judgements, instrument: Instrument) -> Iterator[Evidence]:
    """Yield the numbers that people entered, each a study of its own."""
    for one in judgements.numbers:
        scale = instrument.scales.get(one.scale or "")
        n_items = len(scale.items) if scale else len(instrument.items)
        low = math.nan if one.low is None else one.low
        high = math.nan if one.high is None else one.high
        yield Evidence(
            one.property, one.scale or WHOLE, SITE if one.site else TOTAL, one.site,
            {one.index: Value(one.estimate, low, high)}, float(one.n_obs), n_items,
            by=one.by, date=one.date.isoformat(), told=one.reason,
        )  # fmt: skip


def units_of(evidence: Iterable[Evidence]) -> list[tuple[str, str | None]]:
    """Return the units that occur, in order of appearance."""
    return list(dict.fromkeys((one.pooling, one.group) for one in evidence))
