"""The correlated-uniqueness model of traits by methods, and what it is compared with.

Traits are factors; whatever the measures of one method share beyond them are covariances of
their residuals. No factor stands for a method, so that methods need not be alike for all traits,
and the model is identified and proper far more often than one with method factors.

References
----------
Marsh, H. W. (1989). Confirmatory factor analyses of multitrait-multimethod data: many problems
and a few solutions. Applied Psychological Measurement, 13, 335-361.
doi:10.1177/014662168901300402
Widaman, K. F. (1985). Hierarchically nested covariance structure models for
multitrait-multimethod data. Applied Psychological Measurement, 9, 1-26.
doi:10.1177/014662168500900101
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.syntax import ModelText, Modifier, Term
from psychometrics.validity.difference_tests import correlation_place, difference_tests
from psychometrics.validity.discriminant import classify
from psychometrics.validity.factors import factor_of
from psychometrics.validity.model_fit import FIT_COLUMNS, fit_rows
from psychometrics.validity.selection import Units
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import UnitFits, fit_units, tidy

TRAIT_COLUMNS = (
    "trait_a", "trait_b", "group", "pooling", "estimate", "low", "high", "level", "class_",
    "chi2_difference", "df_difference", "p_value", "cutoff", "n_obs", "method", "reason",
    "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "kind", "trait", "other_trait", "measured_by", "group", "pooling", "estimate", "low", "high",
    "level", "n_obs", "method", "reason",
)  # fmt: skip
MODEL_COLUMNS = (*FIT_COLUMNS, "chi2_difference", "df_difference", "p_difference")

METHOD = "correlated uniquenesses, ML, complete rows"
FEWEST_METHODS = 3

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Design:
    """Traits and methods, every trait by every method.

    Attributes
    ----------
    traits, methods : tuple of str
        Names, in order.
    """

    traits: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of measures."""
        return len(self.traits) * len(self.methods)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures, methods one after the other."""
        return tuple(measure_of(t, m) for m in self.methods for t in self.traits)

    def place(self, at: int) -> tuple[str, str]:
        """Return method and trait of a measure."""
        method, trait = divmod(at, len(self.traits))
        return self.methods[method], self.traits[trait]


def measure_of(trait: str, method: str) -> str:
    """Name the measure of a trait by a method."""
    return f"{trait} by {method}"


def model_of(design: Design, *, traits: str = "correlated", uniquenesses: bool = True) -> ModelText:
    """Make the model; `traits` may be ``correlated``, ``one`` or ``none``."""
    terms: list[Term] = []

    def add(left: str, op: str, right: str) -> None:
        terms.append(Term(left, op, right, Modifier(), 0))

    if traits != "none":
        for trait in design.traits:
            factor = factor_of(trait) if traits == "correlated" else factor_of("all traits")
            for method in design.methods:
                add(factor, "=~", measure_of(trait, method))
    if uniquenesses:
        for method in design.methods:
            for a, b in combinations(design.traits, 2):
                add(measure_of(a, method), "~~", measure_of(b, method))
    return ModelText(tuple(terms))


COMPARED: dict[str, dict[str, Any]] = {
    "correlated_uniquenesses": {},
    "no_method_effects": {"uniquenesses": False},
    "one_trait": {"traits": "one"},
    "no_traits": {"traits": "none"},
}
"""The models of the fit table, by name."""


def model_frames(
    design: Design,
    units: Units,
    problems: Sequence[Reason],
    n_groups: int,
    level: float,
    cutoff: float,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return trait correlations, parameters, and fits of every unit."""
    few = NO_REASON
    if len(design.methods) < FEWEST_METHODS:
        few = reason("too_few_methods", n_methods=len(design.methods), needed=FEWEST_METHODS)
    fits = {name: fit_model(design, units, problems, few, how) for name, how in COMPARED.items()}
    main = fits["correlated_uniquenesses"]
    return (
        tidy(trait_rows(design, main, n_groups, level, cutoff), TRAIT_COLUMNS),
        tidy(parameter_rows(design, main, level), PARAMETER_COLUMNS),
        tidy(compared_fits(fits), MODEL_COLUMNS),
    )


def fit_model(
    design: Design, units: Units, problems: Sequence[Reason], few: Reason, how: dict[str, Any]
) -> UnitFits:
    """Fit one model to the units whose measures allow it."""
    if few:
        return UnitFits(units, None, (-1,) * len(units), (few,) * len(units))
    wanted = [unit for unit, why in enumerate(problems) if not why]
    table = complete(model_of(design, **how), std_lv=True)
    fitted = fit_units(table, units, design.measures, wanted=wanted)
    both = zip(problems, fitted.reasons, strict=True)
    return replace(fitted, reasons=tuple(before or after for before, after in both))


def trait_rows(
    design: Design, fitted: UnitFits, n_groups: int, level: float, cutoff: float
) -> list[Row]:
    """Return the correlations of the traits, with their synthesis."""
    pairs = list(combinations(design.traits, 2))
    tests = difference_tests(fitted, pairs, cutoff)
    rows: list[Row] = []
    for a, b in pairs:
        own = [
            {"trait_a": a, "trait_b": b, "cutoff": cutoff}
            | unit_row(fitted, unit, level)
            | trait_correlation(fitted, unit, a, b, level)
            | tests.get((unit, a, b), {})
            for unit in range(len(fitted.units))
        ]
        made = synthesize(own, level, at_least=n_groups)
        for row in made:
            row |= dict.fromkeys(("chi2_difference", "df_difference", "p_value"), np.nan)
            row["class_"] = "unavailable" if row["reason"] else classify(row["low"], row["high"])
        rows += own + made
    return rows


def unit_row(fitted: UnitFits, unit: int, level: float) -> Row:
    """Begin the row of a unit."""
    return {
        "group": fitted.units.group[unit], "pooling": fitted.units.pooling[unit],
        "estimate": np.nan, "low": np.nan, "high": np.nan, "level": level,
        "n_obs": int(fitted.units.n[unit]), "method": METHOD, "reason": fitted.reasons[unit],
    }  # fmt: skip


def trait_correlation(fitted: UnitFits, unit: int, a: str, b: str, level: float) -> Row:
    """Return the correlation of two traits with its Wald interval."""
    if fitted.reasons[unit]:
        return {"class_": "unavailable"}
    z, covariance = fitted.parameters(unit)
    place = correlation_place(fitted, a, b)
    estimate, se = float(z[place]), float(np.sqrt(max(covariance[place, place], 0.0)))
    width = float(stats.norm.isf((1 - level) / 2)) * se
    inside = abs(estimate) < 1 and se > 0
    return {
        "estimate": estimate, "low": estimate - width, "high": estimate + width,
        "class_": classify(estimate - width, estimate + width),
        "method": f"{METHOD}, Wald interval", "transformed": "fisher_z",
        "transformed_variance": (se / (1 - estimate**2)) ** 2 if inside else np.nan,
    }  # fmt: skip


def parameter_rows(design: Design, fitted: UnitFits, level: float) -> list[Row]:
    """Return standardised loadings and correlations of uniquenesses."""
    named: list[tuple[Row, tuple[str, str, str]]] = []
    for method in design.methods:
        for trait in design.traits:
            about = {"kind": "trait_loading", "trait": trait, "measured_by": method}
            named.append((about, (factor_of(trait), "=~", measure_of(trait, method))))
    for method in design.methods:
        for a, b in combinations(design.traits, 2):
            about = {"kind": "uniqueness_correlation", "trait": a, "other_trait": b,
                     "measured_by": method}  # fmt: skip
            named.append((about, (measure_of(a, method), "~~", measure_of(b, method))))
    rows: list[Row] = []
    for about, parameter in named:
        for unit in range(len(fitted.units)):
            row: Row = {"other_trait": None, **about, **unit_row(fitted, unit, level)}
            if not row["reason"]:
                value, se = (every[fitted.slot(*parameter)] for every in fitted.standardized(unit))
                width = float(stats.norm.isf((1 - level) / 2)) * float(se)
                row |= {"estimate": float(value), "low": float(value) - width,
                        "high": float(value) + width,
                        "method": f"{METHOD}, standardised, delta method"}  # fmt: skip
            rows.append(row)
    return rows


def compared_fits(fits: dict[str, UnitFits]) -> list[Row]:
    """Return the fit of every model, with its chi-square difference from the main one."""
    found = {name: fit_rows(name, fitted) for name, fitted in fits.items()}
    main = found["correlated_uniquenesses"]
    for name, own in found.items():
        for row, free in zip(own, main, strict=True):
            empty = dict.fromkeys(("chi2_difference", "df_difference", "p_difference"), np.nan)
            row |= empty
            if name == "correlated_uniquenesses" or row["reason"] or free["reason"]:
                continue
            chi2, df = row["chi2"] - free["chi2"], row["df"] - free["df"]
            row |= {"chi2_difference": chi2, "df_difference": df,
                    "p_difference": float(stats.chi2.sf(max(chi2, 0.0), df))}  # fmt: skip
    return [row for own in found.values() for row in own]
