"""The reliability coefficients by name, and which interval belongs to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from psychometrics.errors import DataError, check_option

Kind = Literal["moments", "factor", "ordinal", "hierarchy"]
IntervalName = Literal[
    "auto", "feldt", "bonett", "adf", "delta", "bootstrap", "bca", "normal_bootstrap", "jackknife"
]
IntervalChoice = IntervalName | Mapping[str, IntervalName]

# Fewer people than this, and resampled intervals of omega are the normal ones (Padilla & Divers).
SMALL_SAMPLE = 100

RESAMPLED = ("bootstrap", "bca", "normal_bootstrap")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient and what is known of its sampling.

    Attributes
    ----------
    name : str
        Stable name.
    kind : {"moments", "factor", "ordinal", "hierarchy"}
        What it is made from: covariances, a one-factor model, polychoric correlations, a general
        factor with group factors.
    needed : int
        Items at least.
    scale : str
        Scale on which it is synthesised over sites, and jackknifed.
    how : str
        What to say of the estimate beside its number.
    analytic : tuple of str
        Intervals it has from a formula, the usual one first.
    """

    name: str
    kind: Kind
    needed: int
    scale: str
    how: str = ""
    analytic: tuple[str, ...] = ()


_ALL = (
    Coefficient("alpha", "moments", 2, "log_complement", "", ("feldt", "bonett", "adf")),
    Coefficient(
        "alpha_standardized", "moments", 2, "log_complement", "items scaled to equal variance"
    ),
    Coefficient("alpha_ordinal", "ordinal", 2, "log_complement", "of polychoric correlations"),
    Coefficient("omega_total", "factor", 3, "logit", "one-factor ML", ("delta",)),
    Coefficient("omega_total_observed", "factor", 3, "logit", "one-factor ML, observed variance"),
    Coefficient("omega_hierarchical", "hierarchy", 6, "logit"),
    Coefficient("omega_subscale", "hierarchy", 6, "logit"),
    Coefficient(
        "omega_categorical", "ordinal", 3, "logit", "one factor of polychoric correlations, DWLS"
    ),
    Coefficient(
        "omega_categorical_observed", "ordinal", 3, "logit",
        "one factor of polychoric correlations, DWLS, observed variance",
    ),
    Coefficient("lambda2", "moments", 2, "log_complement"),
    Coefficient("lambda6", "moments", 2, "log_complement", "items scaled to equal variance"),
    Coefficient("coefficient_h", "factor", 3, "logit", "one-factor ML", ("delta",)),
    Coefficient("split_half", "moments", 2, "log_complement"),
    Coefficient("average_r", "moments", 2, "fisher_z"),
)  # fmt: skip

COEFFICIENTS: Mapping[str, Coefficient] = MappingProxyType({one.name: one for one in _ALL})
"""All coefficients, by name."""

INTERVALS = (
    "auto", "feldt", "bonett", "adf", "delta", "bootstrap", "bca", "normal_bootstrap", "jackknife",
)  # fmt: skip

NAMES: Mapping[str, str] = MappingProxyType({
    "feldt": "Feldt interval",
    "bonett": "Bonett interval",
    "adf": "distribution-free (ADF) interval",
    "delta": "delta method on the logit",
    "bootstrap": "percentile bootstrap, {n_boot} samples",
    "bca": "BCa bootstrap, {n_boot} samples",
    "normal_bootstrap": "normal-theory bootstrap, {n_boot} samples",
    "jackknife": "jackknife",
})  # fmt: skip
"""How intervals are named in the column ``method``."""


def check_interval(interval: IntervalChoice, *, clustered: bool) -> None:
    """Refuse intervals that don't exist, or that take people of one cluster as independent.

    Raises
    ------
    DataError
        Unknown names; a formula that needs independent people where clusters are given.
    """
    asked = interval if isinstance(interval, Mapping) else {"": interval}
    for coefficient, name in asked.items():
        if coefficient:
            check_option("interval", coefficient, COEFFICIENTS)
        check_option("interval", name, INTERVALS)
        if clustered and name in ("feldt", "bonett", "delta"):
            raise DataError(
                f"interval={name!r} takes people as independent; with cluster= choose 'auto' or "
                "'jackknife' (clusters left out in turn), 'bootstrap' (clusters drawn), or 'adf' "
                "for alpha."
            )


def check_coefficients(coefficients: Sequence[str]) -> None:
    """Refuse names that are no coefficient.

    Raises
    ------
    DataError
        An unknown name, or a text in the place of a list.
    """
    if isinstance(coefficients, str):
        raise DataError(f"coefficients must be a list of names, such as [{coefficients!r}].")
    for name in coefficients:
        check_option("coefficients", name, COEFFICIENTS)


def interval_of(
    coefficient: Coefficient, asked: IntervalChoice, n_obs: float, *, clustered: bool, n_boot: int
) -> str:
    """Return which interval a coefficient gets.

    What was asked for, where the coefficient has it; else its own default: Feldt's for alpha; for
    omega and H the delta method from 100 people on and the normal-theory bootstrap below; for what
    has no formula the percentile bootstrap from 100 people on and the normal-theory one below, but
    the percentile bootstrap throughout for ordinal items; a jackknife of clusters where people come
    in clusters.

    Examples
    --------
    >>> interval_of(COEFFICIENTS["omega_total"], "auto", 47, clustered=False, n_boot=1000)
    'normal_bootstrap'
    >>> interval_of(COEFFICIENTS["omega_total"], "feldt", 470, clustered=False, n_boot=1000)
    'delta'
    """
    wanted = asked.get(coefficient.name, "auto") if isinstance(asked, Mapping) else asked
    if wanted in coefficient.analytic or wanted in (*RESAMPLED, "jackknife"):
        return wanted
    if clustered:
        return "jackknife"
    if coefficient.name == "alpha":
        return "feldt"
    if coefficient.analytic and (n_obs >= SMALL_SAMPLE or not n_boot):
        return coefficient.analytic[0]
    small = n_obs < SMALL_SAMPLE and coefficient.kind != "ordinal"
    return "normal_bootstrap" if small else "bootstrap"
