"""Tables of what invariance_error_rates.py found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from invariance_populations import CONDITIONS, SHIFTS, Cell

# A rate is a count of rejections among data sets with a decision.
Rates = dict[str, tuple[int, int]]
Record = dict[str, Any]
LEVELS = ("metric", "scalar", "strict")
NAMES = {
    "permutation": "permutation",
    "parametric": "parametric bootstrap",
    "bollen_stine": "Bollen-Stine bootstrap",
    "chi2": "chi-square difference",
    "chi2_robust": "the same, MLR",
    "cfi_010": "CFI -.010",
    "rmsea_015": "RMSEA +.015",
    "nearest": "Chen (2007), by n",
}
NOMINAL, LOWEST, HIGHEST = 0.05, 0.03, 0.07


def summed(portions: list[Record]) -> Record:
    """Add portions of one condition up."""
    found: Record = {
        "data_sets": sum(part["data_sets"] for part in portions),
        "samples": portions[0]["samples"],
        "levels": {},
    }
    for level in portions[0]["levels"]:
        found["levels"][level] = {}
        for rule in portions[0]["levels"][level]:
            # Not every portion was bootstrapped.
            parts = [part for part in portions if rule in part["levels"][level]]
            total = {
                key: sum(part["levels"][level][rule][key] for part in parts)
                for key in ("rejected", "decided", "samples", "failed")
            }
            total["data_sets"] = sum(part["data_sets"] for part in parts)
            found["levels"][level][rule] = total
    return found


def collect(folder: Path, cells: Iterable[Cell]) -> Record:
    """Return the sums of every condition that was run."""
    found = {}
    for cell in cells:
        file = folder / f"{cell.name}.json"
        if file.exists():
            found[cell.name] = summed(json.loads(file.read_text()))
    return found


def rate(found: Record, cell: Cell, level: str, rule: str) -> tuple[float, float, int]:
    """Return a rate in percent, its Monte Carlo error and the data sets behind it."""
    one = found[cell.name]["levels"][level][rule]
    n = one["decided"]
    if not n:
        return float("nan"), float("nan"), 0
    share = one["rejected"] / n
    return 100 * share, 100 * float(np.sqrt(share * (1 - share) / n)), n


def shown(value: tuple[float, float, int]) -> str:
    """Return a rate as it is printed."""
    return f"{value[0]:.1f} ± {value[1]:.1f}" if value[2] else "-"


def pooled(found: Record, cells: list[Cell], level: str, rule: str) -> tuple[float, float, int]:
    """Return the rate over several conditions, as :func:`rate`."""
    parts = [found[cell.name]["levels"][level][rule] for cell in cells]
    n = sum(part["decided"] for part in parts)
    if not n:
        return float("nan"), float("nan"), 0
    share = sum(part["rejected"] for part in parts) / n
    return 100 * share, 100 * float(np.sqrt(share * (1 - share) / n)), n


def by_condition(cells: list[Cell]) -> dict[str, list[Cell]]:
    """Sort conditions by answers and by what differs, over groups and people."""
    found: dict[str, list[Cell]] = {}
    for answers in ("normal", "skewed", "categories"):
        for condition in CONDITIONS:
            own = [c for c in cells if (c.answers, c.condition) == (answers, condition)]
            if own:
                found[f"{answers}, {condition}"] = own
    return found


def error_lines(found: Record, cells: list[Cell]) -> list[str]:
    """Return the table of error rates over all conditions in which measurement is invariant."""
    done = [cell for cell in cells if cell.name in found]
    lines = [
        "| rule | level | mean % | lowest % | highest % | conditions within 3 to 7 % |",
        "|---|---|---|---|---|---|",
    ]
    for rule, name in NAMES.items():
        for level in LEVELS:
            rates = [(rate(found, cell, level, rule), cell) for cell in done]
            low = min(rates, key=lambda one: one[0][0])
            high = max(rates, key=lambda one: one[0][0])
            within = sum(100 * LOWEST <= one[0][0] <= 100 * HIGHEST for one in rates)
            mean = np.mean([one[0][0] for one in rates])
            lines.append(
                f"| {name} | {level} | {mean:.1f} | {shown(low[0])} ({told(low[1])}) "
                f"| {shown(high[0])} ({told(high[1])}) | {within} of {len(done)} |"
            )
    return lines


def told(cell: Cell) -> str:
    """Name a condition in words."""
    apart = "" if cell.condition == "equal" else f", unequal {cell.condition}"
    return f"{cell.answers}, {cell.n_groups} x {cell.n}{apart}"


def condition_lines(found: Record, cells: list[Cell]) -> list[str]:
    """Return the rates of each rule and level by condition, over groups and people."""
    rules = ("permutation", "parametric", "bollen_stine", "chi2", "chi2_robust", "nearest")
    lines = [
        "| answers, unequal | level | " + " | ".join(NAMES[rule] for rule in rules) + " |",
        "|---|---|" + "---|" * len(rules),
    ]
    for head, own in by_condition([cell for cell in cells if cell.name in found]).items():
        for level in LEVELS:
            rates = " | ".join(shown(pooled(found, own, level, rule)) for rule in rules)
            lines.append(f"| {head} | {level} | {rates} |")
    return lines


def size_lines(found: Record, cells: list[Cell]) -> list[str]:
    """Return the rates of each rule and level by groups and people, over conditions."""
    done = [cell for cell in cells if cell.name in found]
    lines = [
        "| groups x n | level | " + " | ".join(NAMES.values()) + " |",
        "|---|---|" + "---|" * len(NAMES),
    ]
    for n_groups, n in sorted({(cell.n_groups, cell.n) for cell in done}):
        own = [cell for cell in done if (cell.n_groups, cell.n) == (n_groups, n)]
        for level in LEVELS:
            rates = " | ".join(shown(pooled(found, own, level, rule)) for rule in NAMES)
            lines.append(f"| {n_groups} x {n} | {level} | {rates} |")
    return lines


def power_lines(found: Record, cells: list[Cell]) -> list[str]:
    """Return the table of power."""
    done = [cell for cell in cells if cell.name in found]
    lines = [
        "| one item in one group | answers | groups x n | " + " | ".join(NAMES.values()) + " |",
        "|---|---|---|" + "---|" * len(NAMES),
    ]
    for cell in done:
        level, loading, intercept = SHIFTS[cell.shift]
        what = f"loading {loading:+.1f}" if loading else f"intercept {intercept:+.2f}"
        rates = " | ".join(shown(rate(found, cell, level, rule)) for rule in NAMES)
        lines.append(f"| {what} | {cell.answers} | {cell.n_groups} x {cell.n} | {rates} |")
    return lines


def bent_lines(found: Record, cells: list[Cell]) -> list[str]:
    """Return how often levels are rejected where only the cutting makes groups differ."""
    done = [cell for cell in cells if cell.name in found]
    rules = ("permutation", "parametric", "bollen_stine", "chi2", "chi2_robust", "nearest")
    lines = [
        "| unequal | groups x n | level | " + " | ".join(NAMES[rule] for rule in rules) + " |",
        "|---|---|---|" + "---|" * len(rules),
    ]
    for cell in done:
        for level in LEVELS:
            rates = " | ".join(shown(rate(found, cell, level, rule)) for rule in rules)
            size = f"{cell.n_groups} x {cell.n}"
            lines.append(f"| {cell.condition} | {size} | {level} | {rates} |")
    return lines


def failure_lines(found: Record) -> list[str]:
    """Say how many fits failed."""
    samples: dict[str, list[int]] = {}
    undecided: dict[str, list[int]] = {}
    for one in found.values():
        for level in one["levels"].values():
            for rule, counts in level.items():
                mine = undecided.setdefault(rule, [0, 0])
                mine[0] += counts["data_sets"] - counts["decided"]
                mine[1] += counts["data_sets"]
                if counts["samples"]:
                    own = samples.setdefault(rule, [0, 0])
                    own[0] += counts["failed"]
                    own[1] += counts["samples"]
    lines = ["| rule | samples without a maximum | tests not available |", "|---|---|---|"]
    for rule, name in NAMES.items():
        failed = samples.get(rule)
        of = "-" if failed is None else f"{failed[0]:,} of {failed[1]:,}"
        lines.append(f"| {name} | {of} | {undecided[rule][0]:,} of {undecided[rule][1]:,} |")
    return lines


def worst_rates(found: Record, cells: list[Cell]) -> dict[str, tuple[float, float, str]]:
    """Return each rule's rate where it is farthest from 5 %, its error, and where that is.

    Over groups and people: of single conditions the farthest would be the least lucky one.
    """
    heads = by_condition([cell for cell in cells if cell.name in found])
    worst = {}
    for rule in NAMES:
        rates = [
            (*pooled(found, own, level, rule)[:2], f"{level}, {head}")
            for head, own in heads.items()
            for level in LEVELS
        ]
        worst[rule] = max(rates, key=lambda one: abs(one[0] - 100 * NOMINAL))
    return worst


def choice(worst: dict[str, tuple[float, float, str]]) -> str:
    """Return the resampling method whose worst rate is nearest to 5 %."""
    kinds = ("permutation", "parametric", "bollen_stine")
    return min(kinds, key=lambda rule: abs(worst[rule][0] - 100 * NOMINAL))
