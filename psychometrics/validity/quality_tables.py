"""The frames of data quality: people, items, patterns of gaps, scales, and counts of flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.responses import Responses
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.response_style import (
    intra_individual_sd,
    longest_run,
    same_answers,
    wilson_interval,
)
from psychometrics.validity.quality_form import Form
from psychometrics.validity.response_times import Times
from psychometrics.validity.units import tidy

Places = list[tuple[str, str | None, BoolArray]]
"""Pooling, group and rows of the total and of every site."""

ITEM_COLUMNS = (
    "item", "group", "pooling", "n_rows", "n_answered", "n_missing", "n_structural",
    "share_missing", "n_categories", "n_used", "rarest_count", "most_used_share",
)  # fmt: skip
SCALE_COLUMNS = (
    "scale", "group", "pooling", "n_scored", "lowest_possible", "highest_possible", "floor",
    "floor_low", "floor_high", "ceiling", "ceiling_low", "ceiling_high", "level", "method",
)  # fmt: skip
COUNT_COLUMNS = ("flag", "group", "pooling", "count", "n_rows", "share", "rule")
PATTERN_COLUMNS = ("missing", "n_missing", "count", "share")
FLAGS = (
    "no_answers", "mostly_missing", "straight_line", "same_as_another", "fast",
    "faster_than_others",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """From where on something is told. Nothing is left out by it.

    Attributes
    ----------
    run_share : float
        Straight-lining: one answer in a row to at least this share of the items (Curran, 2016).
    fewest_items : int
        And to at least so many, as short runs come about by chance; also the fewest answers that
        are compared with those of others.
    missing_share : float
        Of the answers that could exist, the share that a person lacks.
    seconds_per_item : float
        Faster than this nobody reads (Huang et al., 2012).
    times_as_fast : float
        From so many times as fast as the median person of the same mode on somebody stands out
        (relative speed index; Leiner, 2019).
    fewest_timed : int
        People of a mode whose time is known that such a median needs.
    item_missing : float
        Share of answers to an item that are missing.
    floor_ceiling : float
        Share of people with the lowest or the highest possible score (Terwee et al., 2007).
    """

    run_share: float = 0.5
    fewest_items: int = 8
    missing_share: float = 0.5
    seconds_per_item: float = 2.0
    times_as_fast: float = 2.0
    fewest_timed: int = 20
    item_missing: float = 0.1
    floor_ceiling: float = 0.15


DEFAULT_LIMITS = QualityLimits()


def people_table(
    data: Any,
    answers: FloatArray,
    cannot: BoolArray,
    form: Form,
    times: Times | None,
    limits: QualityLimits,
) -> pd.DataFrame:
    """Return what the flags rest on, and the flags, one row a person."""
    n, p = answers.shape
    ordered = answers[:, form.order]
    answered, possible = (~np.isnan(answers)).sum(axis=1), p - cannot.sum(axis=1)
    blocks = [form.blocks[at] for at in form.order]
    run, twins = longest_run(ordered, blocks), same_answers(answers)
    straight = run >= max(limits.run_share * p, limits.fewest_items)
    share = 1 - answered / np.maximum(possible, 1)
    rows = data.frame["row"].to_numpy() if isinstance(data, Responses) else np.arange(1, n + 1)
    made = pd.DataFrame(
        {
            "row": rows, "n_answered": answered, "n_possible": possible,
            "share_missing": np.where(possible > 0, share, np.nan), "longest_run": run,
            "answer_sd": intra_individual_sd(ordered, blocks), "n_same_answers": twins,
        }
    )  # fmt: skip
    if times is not None:
        each, speed = times.per_answer(answered), times.speed(answered, limits.fewest_timed)
        made["seconds"], made["seconds_per_answer"] = times.seconds, each
        made["relative_speed"] = speed
    made["no_answers"] = answered == 0
    made["mostly_missing"] = (answered > 0) & (share > limits.missing_share)
    made["straight_line"] = straight
    made["same_as_another"] = (twins > 1) & (answered >= limits.fewest_items) & ~straight
    if times is not None:
        made["fast"] = each < limits.seconds_per_item
        made["faster_than_others"] = speed >= limits.times_as_fast
    return made


def rules_of(form: Form, limits: QualityLimits) -> dict[str, str]:
    """Return in words what each flag marks."""
    p = len(form.items)
    return {
        "no_answers": "no answer to any item",
        "mostly_missing": f"more than {limits.missing_share:.0%} of the possible answers missing",
        "straight_line": f"one answer in a row to "
        f"{int(np.ceil(max(limits.run_share * p, limits.fewest_items)))} items or more",
        "same_as_another": f"the answers of somebody else, {limits.fewest_items} or more",
        "fast": f"less than {limits.seconds_per_item:g} seconds an answer",
        "faster_than_others": f"at most 1/{limits.times_as_fast:g} of the median time an answer of "
        f"those who answered in the same mode, {limits.fewest_timed} or more of whom have a time",
    }


def item_table(
    form: Form,
    answers: FloatArray,
    cannot: BoolArray,
    places: Places,
) -> pd.DataFrame:
    """Count missing answers and categories used, by item and place."""
    rows = []
    for at, item in enumerate(form.items):
        possible = form.categories(at)
        for pooling, name, mine in places:
            own = answers[mine, at]
            given = own[~np.isnan(own)]
            apart = int(cannot[mine, at].sum())
            values, counts = np.unique(given, return_counts=True)
            every = len(own) - apart
            used = counts if possible is None else (given[:, None] == possible).sum(axis=0)
            rows.append(
                {
                    "item": item, "group": name, "pooling": pooling, "n_rows": len(own),
                    "n_answered": len(given), "n_missing": every - len(given),
                    "n_structural": apart,
                    "share_missing": (every - len(given)) / every if every else np.nan,
                    "n_categories": np.nan if possible is None else len(possible),
                    "n_used": len(values),
                    "rarest_count": int(used.min()) if len(given) else 0,
                    "most_used_share": counts.max() / len(given) if len(given) else np.nan,
                }
            )  # fmt: skip
    return tidy(rows, ITEM_COLUMNS)


def pattern_table(items: tuple[str, ...], answers: FloatArray, cannot: BoolArray) -> pd.DataFrame:
    """Count which items are missing together, the most frequent pattern first."""
    gaps = np.isnan(answers) & ~cannot
    found, times = np.unique(gaps, axis=0, return_counts=True)
    order = np.lexsort((found.sum(axis=1), -times))
    rows = [
        (", ".join(item for item, gone in zip(items, found[at], strict=True) if gone),
         int(found[at].sum()), int(times[at]), times[at] / len(answers))
        for at in order
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(PATTERN_COLUMNS))


def scale_table(
    form: Form,
    answers: FloatArray,
    places: Places,
    level: float,
) -> pd.DataFrame:
    """Return the shares of people at the ends of every scale."""
    rows = []
    for scale, columns in form.scales.items():
        low, high = form.lowest[columns], form.highest[columns]
        signs = form.signs[columns]
        at_floor = np.where(signs > 0, low, high)
        at_ceiling = np.where(signs > 0, high, low)
        own = answers[:, columns]
        complete = ~np.isnan(own).any(axis=1)
        ends = [(own == end).all(axis=1) for end in (at_floor, at_ceiling)]
        for pooling, name, mine in places:
            n = int((complete & mine).sum())
            counts = [int((end & mine).sum()) for end in ends]
            limits = [wilson_interval(count, n, level) for count in counts]
            shares = [count / n if n else np.nan for count in counts]
            rows.append(
                {
                    "scale": scale, "group": name, "pooling": pooling, "n_scored": n,
                    "lowest_possible": float(low.mean()), "highest_possible": float(high.mean()),
                    "floor": shares[0], "floor_low": float(limits[0].low),
                    "floor_high": float(limits[0].high), "ceiling": shares[1],
                    "ceiling_low": float(limits[1].low), "ceiling_high": float(limits[1].high),
                    "level": level, "method": "scale answered completely, Wilson interval",
                }
            )  # fmt: skip
    return tidy(rows, SCALE_COLUMNS)


def count_flags(
    flags: Mapping[str, BoolArray],
    places: Places,
    rules: Mapping[str, str],
) -> pd.DataFrame:
    """Count the people of every flag and place."""
    rows = [
        {
            "flag": flag, "group": name, "pooling": pooling, "count": int((mask & mine).sum()),
            "n_rows": int(mine.sum()), "rule": rules[flag],
            "share": float(mask[mine].mean()) if mine.any() else np.nan,
        }
        for flag, mask in flags.items()
        for pooling, name, mine in places
    ]  # fmt: skip
    return tidy(rows, COUNT_COLUMNS)
