"""May groups be compared? All that a study says of it: ladders, items, effects, means, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.validity.comparability_items import TABLES as ITEM_TABLES
from psychometrics.validity.comparability_items import item_tables
from psychometrics.validity.comparability_ladders import (
    Climbed,
    Effort,
    climb,
    climb_ordered,
    effort_of,
    first_level,
)
from psychometrics.validity.comparability_others import (
    ALIGNMENT_COLUMNS,
    CONGRUENCE_COLUMNS,
    aligned_rows,
    congruence_rows,
)
from psychometrics.validity.comparability_rows import (
    EFFECT_COLUMNS,
    LADDER_COLUMNS,
    MEAN_COLUMNS,
    PARAMETER_COLUMNS,
    about,
    effect_rows,
    ladder_rows,
    mean_rows,
    method_of,
    parameter_rows,
)
from psychometrics.validity.comparability_samples import (
    WHOLE,
    Carried,
    Grouped,
    Scales,
    grouped,
    left_out,
    models_of,
)
from psychometrics.validity.comparability_verdicts import (
    COMPARABILITY_COLUMNS,
    structure_fits,
    verdict_rows,
)
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.progress import Progress, stage
from psychometrics.validity.selection import SITE

LADDER_TABLES: dict[str, tuple[str, ...]] = {
    "invariance": LADDER_COLUMNS,
    "invariance_parameters": PARAMETER_COLUMNS,
    "invariance_effects": EFFECT_COLUMNS,
    "latent_means": MEAN_COLUMNS,
    "alignment": ALIGNMENT_COLUMNS,
    "congruence": CONGRUENCE_COLUMNS,
    "comparability": COMPARABILITY_COLUMNS,
}
TABLES: dict[str, tuple[str, ...]] = LADDER_TABLES | ITEM_TABLES
"""Columns of the tables, in the order in which a study holds them."""

COUNTS = ("n_obs", "n_a", "n_b", "n_items", "n_equal", "n_groups", "n_left_out")
TEXTS = frozenset({
    "grouping", "model", "scale", "item", "group", "pooling", "group_a", "group_b", "statistic",
    "parameter", "reference", "method", "verdict", "equivalence", "cutoffs", "adjusted_by",
    "may_compare", "items",
})  # fmt: skip
FLAGS = ("flag", "freed", "different")
LEVELS = ("invariance", "invariance_parameters")
"""Tables whose level is one of the ladder, not a coverage."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Comparability:
    """The tables on whether groups may be compared, computed when first asked for.

    Attributes
    ----------
    instrument, responses
        What was asked and answered.
    scales : mapping of str to sequence of str
        Keyed items of the scales that have answers.
    preset : str
    n_boot : int
        Bootstrap samples of the study; permutations follow it.
    level : float
    seed : int
    groupings : sequence of str
        Columns whose values are the groups, in order.
    progress : callable, optional
        Called with the samples done and all.
    """

    instrument: Instrument
    responses: Responses
    scales: Scales
    preset: str
    n_boot: int
    level: float
    seed: int
    groupings: Sequence[str] = (SITE,)
    progress: Callable[[int, int], None] | None = None
    _made: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> pd.DataFrame:
        """Return one of :data:`TABLES`."""
        if not self._made:
            self._made = self._compute()
        return self._made[name]

    def _compute(self) -> dict[str, pd.DataFrame]:
        rows: Rows = {name: [] for name in LADDER_TABLES}
        effort = effort_of(self.preset, self.n_boot)
        barred = formative_scales(self.instrument)
        scales = {s: list(items) for s, items in self.scales.items() if s not in barred}
        for at, grouping in enumerate(self.groupings):
            sites = self.instrument.sites if grouping == SITE else {}
            names = {key: site.name for key, site in sites.items()}
            data = grouped(self.responses.frame, grouping, tuple(sites), names)
            told = stage(self.progress, at * 100, 100, len(self.groupings) * 100)
            for name, found in compare(data, scales, effort, self, told).items():
                rows[name] += found
        made = {name: framed(name, rows[name]) for name in LADDER_TABLES}
        return made | item_tables(self.responses, scales, self.preset, self.level)


def compare(
    data: Grouped,
    scales: Mapping[str, list[str]],
    effort: Effort,
    study: Comparability,
    progress: Progress | None,
) -> Rows:
    """Return the rows of all tables for one grouping."""
    rows: Rows = {name: [] for name in LADDER_TABLES}
    why = nothing_to_compare(data, scales)
    if why:
        return rows | {
            "invariance": [unavailable(data, why, level="configural", verdict="unavailable")],
            "comparability": [
                unavailable(data, why, scale=scale, may_compare="unavailable", n_items=len(items))
                for scale, items in scales.items()
            ],
        }
    together, alone = models_of(data, scales)
    against = against_whole(data, together, alone)
    models = alone if against else [together]
    if against:
        whole = Climbed(together, None, None, pd.DataFrame(), "", against)
        rows["invariance"] += ladder_rows(data, whole)
    for at, model in enumerate(models):
        found = climb(
            data, model, effort, study.level, study.seed,
            stage(progress, 80 * at // len(models), 80 // len(models), 100),
        )  # fmt: skip
        rows["invariance"] += ladder_rows(data, found)
        rows["invariance_parameters"] += parameter_rows(data, found)
        rows["invariance_effects"] += effect_rows(data, found)
        rows["latent_means"] += mean_rows(data, found)
        rows["comparability"] += verdict_rows(data, found, method_of(found))
        if effort.ordered:
            ordered = climb_ordered(data, model, study.level)
            rows["invariance"] += ladder_rows(data, ordered)
        if effort.align:
            told = stage(progress, 80 + 20 * at // len(models), 20 // len(models), 100)
            aligned, means = aligned_rows(data, model, effort, study.level, study.seed, told)
            rows["alignment"] += aligned
            rows["latent_means"] += means
        else:
            later = reason("not_in_preset", preset=study.preset)
            rows["alignment"].append(unaligned(data, model, later))
    rows["congruence"] = congruence_rows(data, scales, effort, study.level, study.seed)
    return rows


def nothing_to_compare(data: Grouped, scales: Mapping[str, list[str]]) -> Reason:
    """Say why there is nothing to compare; empty where there is."""
    if not data.groups:
        return reason("no_grouping", grouping=data.grouping)
    if len(data.groups) == 1:
        return reason("one_group", grouping=data.grouping, group=data.groups[0])
    return NO_REASON if scales else reason("no_scales_to_compare")


def unavailable(data: Grouped, why: Reason, **cells: Any) -> dict[str, Any]:
    """Return a row that says why there is nothing."""
    return {
        "grouping": data.grouping, "model": WHOLE, "group": None, "pooling": "total",
        "n_obs": sum(data.n_rows), "explanation": why, "reason": why, **cells,
    }  # fmt: skip


def unaligned(data: Grouped, model: Carried, why: Reason) -> dict[str, Any]:
    """Return the row of a model that is not aligned."""
    return about(data, model) | {
        "statistic": "loading", "group": None, "pooling": "total", "reason": why,
        "n_obs": sum(model.n_obs.values()), "explanation": NO_REASON,
    }  # fmt: skip


def against_whole(data: Grouped, together: Carried, alone: list[Carried]) -> Reason:
    """Say why each scale has a ladder of its own; empty where all of them have one together.

    Either the groups are too small for the model of all scales, or it fits in none of them: then
    every later level would be held against a model that is wrong already.
    """
    if len(together.scales) < 2:
        return reason("one_scale") if together.scales else together.why
    out = left_out(together, alone)
    if out or together.why:
        return reason("one_scale_at_a_time", groups=data.listed(out)) if out else together.why
    row = first_level(data, together)
    if row is None or structure_fits(row):
        return NO_REASON
    told = {name: float(row[name]) for name in ("cfi", "tli", "rmsea", "srmr")}
    return reason("whole_misfits", **told)


def framed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame of a table: numbers, words and counts as what they are."""
    columns = LADDER_TABLES[name]
    frame = pd.DataFrame(
        {column: pd.Series([row.get(column) for row in rows], dtype=object) for column in columns}
    )
    for column in columns:
        cells = frame[column]
        if column in ("reason", "explanation"):
            told = [cell if isinstance(cell, Reason) else NO_REASON for cell in cells]
            frame[column] = pd.Series(told, dtype=object)
        elif column in COUNTS:
            frame[column] = cells.where(cells.notna(), 0).astype(int)
        elif column in FLAGS:
            frame[column] = [bool(cell) and not pd.isna(cell) for cell in cells]
        elif column not in TEXTS and not (column == "level" and name in LEVELS):
            frame[column] = cells.astype(float)
    return frame
