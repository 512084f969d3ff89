"""The parameters that simulated answers are made with, worked out before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from psychometrics.errors import DataError
from psychometrics.instrument import Comparator, Hypothesis, Instrument, KnownGroups
from psychometrics.instrument.definition import ResponseSet

Vector = NDArray[np.float64]

MARGIN = 0.2
"""How much stronger than its hypothesis a simulated relation is: observed scores weaken it."""

EXPLAINED = 0.9
"""Largest share of a comparator that the factors may explain."""


@dataclass(frozen=True, slots=True)
class NonInvariance:
    """One item that works differently at one site, or in one language.

    Attributes
    ----------
    site : str or None
        Where; None for every site.
    item : str
        Which.
    loading : float
        Added to the item's loading there (-0.3: it reflects the factor less).
    shift : float
        Added to the latent answer there, in its standard deviations elsewhere: positive where
        people answer higher although they stand the same.
    locale : str or None
        For those who read this language alone; None for all languages there.
    reversed : bool
        Whether people answer the opposite, as where a text lost its negation.
    """

    site: str | None
    item: str
    loading: float = 0.0
    shift: float = 0.0
    locale: str | None = None
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups within a site, such as services, whose members resemble each other.

    Attributes
    ----------
    size : int
        People in each; the last one of a site may be smaller.
    icc : float
        Share of each factor's variance within a site that lies between the groups.
    """

    size: int
    icc: float = 0.05


@dataclass(frozen=True, slots=True)
class Durations:
    """How long people take, in seconds an answer, log-normal between people.

    Attributes
    ----------
    median : float
        Seconds an answer of the median person.
    spread : float
        Standard deviation of the logarithms.
    hasty : float
        Share of people who hardly read.
    hasty_median : float
        Seconds an answer of their median person.
    """

    median: float = 7.0
    spread: float = 0.35
    hasty: float = 0.03
    hasty_median: float = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class GroupEffects:
    """Values of a grouping variable, and how far each moves the factors.

    Attributes
    ----------
    variable : str
        A role such as "role", or a comparator.
    values : tuple
        What is written: texts, or codes.
    shifts : ndarray, shape (n_values, n_factors)
        Added to the factors of a member.
    """

    variable: str
    values: tuple[Any, ...]
    shifts: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A measurement model with all its numbers.

    Attributes
    ----------
    instrument : Instrument
        What is answered.
    factors : tuple of str
        Scales, then higher-order constructs.
    correlations : DataFrame, (n_factors, n_factors)
        Of the factors, within site and group.
    items : DataFrame
        By item: factor, loading, difficulty, keyed.
    thresholds : Mapping
        By response set with options, on the scale of the latent answer.
    comparators : DataFrame
        By comparator, its weights on the factors (columns) and `residual`, a standard deviation.
    groups : tuple of GroupEffects
        Effects of known groups.
    noninvariance : tuple of NonInvariance
        Items that work differently at a site or in a language.
    missing, structural : float
        Shares of answers left blank, and of items that do not apply.
    clusters : Clusters or None
        Groups within sites.
    """

    instrument: Instrument
    factors: tuple[str, ...]
    correlations: pd.DataFrame
    items: pd.DataFrame
    thresholds: Mapping[str, tuple[float, ...]]
    comparators: pd.DataFrame
    groups: tuple[GroupEffects, ...]
    noninvariance: tuple[NonInvariance, ...]
    missing: float
    structural: float
    clusters: Clusters | None


def make_plan(
    instrument: Instrument,
    *,
    loading: float | Mapping[str, float],
    factor_correlation: float | pd.DataFrame,
    higher_order_loading: float,
    thresholds: Sequence[float] | None,
    difficulty: float | Mapping[str, float],
    noninvariance: tuple[NonInvariance, ...],
    missing: float,
    structural: float,
    clusters: Clusters | None,
) -> Plan:
    """Work out all parameters from the definition and the few numbers a caller gives."""
    shares = {"missing": missing, "structural": structural}
    _refuse_impossible(instrument, noninvariance, shares, clusters)
    if isinstance(factor_correlation, pd.DataFrame):
        correlations = _checked(factor_correlation, instrument)
    else:
        correlations = factor_correlations(instrument, factor_correlation, higher_order_loading)
    factors = tuple(correlations.columns)
    return Plan(
        instrument,
        factors,
        correlations,
        _items(instrument, loading, difficulty),
        {
            answers.key: option_thresholds(answers, thresholds)
            for answers in instrument.response_sets.values()
            if answers.options
        },
        _comparators(instrument, correlations),
        _groups(instrument, factors),
        noninvariance,
        missing,
        structural,
        clusters,
    )


def factor_correlations(
    instrument: Instrument, correlation: float, higher_order_loading: float
) -> pd.DataFrame:
    """Return the correlations that a definition's structure implies.

    Scales of one higher-order construct correlate as the square of their loading on it; the
    constructs and the scales outside them correlate by `correlation`, and a scale with anything
    outside its construct by that times its loading.
    """
    parent = {key: node.key for node in instrument.higher_order.values() for key in node.scales}
    names = [*instrument.scales, *instrument.higher_order]
    top = [parent.get(name, name) for name in names]
    weight = np.array([higher_order_loading if name in parent else 1.0 for name in names])
    same = np.equal.outer(np.array(top), np.array(top))
    matrix = np.outer(weight, weight) * np.where(same, 1.0, correlation)
    np.fill_diagonal(matrix, 1.0)
    return _checked(pd.DataFrame(matrix, index=names, columns=names), instrument)


def option_thresholds(
    answers: ResponseSet, thresholds: Sequence[float] | None
) -> tuple[float, ...]:
    """Return the cuts between a set's options: the given ones if their number fits, else even."""
    n_cuts = len(answers.options) - 1
    if thresholds is not None and len(thresholds) == n_cuts:
        if list(thresholds) != sorted(thresholds):
            raise DataError(f"thresholds={tuple(thresholds)} must rise from left to right.")
        return tuple(map(float, thresholds))
    return tuple(np.linspace(-1.5, 1.5, n_cuts).tolist()) if n_cuts > 1 else (0.0,) * n_cuts


def _refuse_impossible(
    instrument: Instrument,
    deviations: Iterable[NonInvariance],
    shares: Mapping[str, float],
    clusters: Clusters | None,
) -> None:
    for one in deviations:
        if one.site is not None:
            refuse_unknown([one.site], instrument.sites, "noninvariance: site")
        if one.locale is not None:
            refuse_unknown([one.locale], instrument.locales, "noninvariance: locale")
        refuse_unknown([one.item], instrument.items, "noninvariance: item")
    for name, share in {**shares, "icc": clusters.icc if clusters else 0.0}.items():
        if not 0 <= share <= 1:
            raise DataError(f"{name}={share} must be a share between 0 and 1.")
    if clusters and clusters.size < 1:
        raise DataError(f"A cluster of size {clusters.size} has no members; 1 or more is needed.")


def _checked(correlations: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Refuse a matrix that is no correlation matrix of at least all scales."""
    missing = [key for key in instrument.scales if key not in correlations.columns]
    if missing or list(correlations.index) != list(correlations.columns):
        raise DataError(
            "factor_correlation must have every scale as row and as column, in the same order; "
            f"missing: {', '.join(missing) or 'none'}."
        )
    matrix = correlations.to_numpy(dtype=np.float64)
    square = np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
    if not square or np.linalg.eigvalsh(matrix).min() < -1e-8:
        raise DataError(
            "The factor correlations contradict each other: they must be symmetric with ones on "
            "the diagonal and no negative eigenvalue. Choose smaller correlations."
        )
    return correlations.astype(np.float64)


def _items(
    instrument: Instrument,
    loading: float | Mapping[str, float],
    difficulty: float | Mapping[str, float],
) -> pd.DataFrame:
    """Return factor, loading, difficulty and keying of each item."""
    factor = {item: scale.key for scale in instrument.scales.values() for item in scale.items}
    loadings = _by_item(instrument, loading, 0.7, "loading")
    difficulties = _by_item(instrument, difficulty, 0.0, "difficulty")
    rows = [
        {
            "item": item.key,
            "factor": factor.get(item.key),
            "loading": loadings[item.key] if item.key in factor else 0.0,
            "difficulty": difficulties[item.key],
            "keyed": item.keyed,
        }
        for item in instrument.items.values()
    ]
    made = pd.DataFrame(rows).set_index("item")
    if (made["loading"].abs() > 1).any():
        raise DataError("A loading can't be larger than 1: the latent answer has variance 1.")
    return made


def _by_item(
    instrument: Instrument, given: float | Mapping[str, float], usual: float, name: str
) -> dict[str, float]:
    if not isinstance(given, Mapping):
        return dict.fromkeys(instrument.items, float(given))
    refuse_unknown(given, instrument.items, f"{name}: item")
    return {item: float(given.get(item, usual)) for item in instrument.items}


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise where a name isn't known.

    Raises
    ------
    DataError
        Naming the unknown and the known ones.
    """
    names = list(known)
    unknown = [name for name in given if name not in names]
    if unknown:
        raise DataError(f"{what} {', '.join(unknown)} isn't known; known are {', '.join(names)}.")


def _comparators(instrument: Instrument, correlations: pd.DataFrame) -> pd.DataFrame:
    """Return each respondent-level comparator's weights on the factors and its residual."""
    factors = list(correlations.columns)
    rows = {}
    for comparator in instrument.comparators.values():
        if comparator.level == "respondent":
            targets = {
                hypothesis.scale: _target(hypothesis)
                for hypothesis in instrument.hypotheses
                if hypothesis.comparator == comparator.key and hypothesis.scale in factors
            }
            rows[comparator.key] = _weights(targets, correlations)
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*factors, "residual"])


def _target(hypothesis: Hypothesis) -> float:
    """Return the latent correlation that makes a hypothesis true with some room."""
    if hypothesis.kind == "convergent":
        size = min((hypothesis.minimum or 0.0) + MARGIN, EXPLAINED)
    else:
        size = (hypothesis.maximum or 0.0) / 2
    return {"positive": size, "negative": -size, "none": 0.0}[hypothesis.direction]


def _weights(targets: Mapping[str, float], correlations: pd.DataFrame) -> list[float]:
    """Return regression weights that give the comparator its correlations, and the residual sd.

    Where the targets together would explain more than `EXPLAINED` of it, all are made smaller.
    """
    weights = pd.Series(0.0, index=correlations.columns)
    explained = 0.0
    if targets:
        among = correlations.loc[list(targets), list(targets)].to_numpy()
        wanted = np.array(list(targets.values()))
        solved = np.linalg.lstsq(among, wanted, rcond=None)[0]
        explained = float(solved @ among @ solved)
        if explained > EXPLAINED:
            solved, explained = solved * np.sqrt(EXPLAINED / explained), EXPLAINED
        weights[list(targets)] = solved
    return [*weights.tolist(), float(np.sqrt(1.0 - explained))]


def _groups(instrument: Instrument, factors: Sequence[str]) -> tuple[GroupEffects, ...]:
    """Return the effects of the known groups that the comparators' own relations don't give."""
    related = {hypothesis.comparator for hypothesis in instrument.hypotheses}
    made = []
    for variable in dict.fromkeys(known.variable for known in instrument.known_groups):
        comparator = instrument.comparators.get(variable)
        at_site = variable == "language" or (comparator is not None and comparator.level == "site")
        if variable in related or at_site:
            continue  # hypotheses already say how it goes with the scales, or the site decides
        told = [known for known in instrument.known_groups if known.variable == variable]
        values = tuple(dict.fromkeys(value for one in told for value in (one.higher, one.lower)))
        shifts = np.zeros((len(values), len(factors)))
        for known in told:
            for scale in _scales(known, instrument):
                at, half = list(factors).index(scale), (known.minimum_d + MARGIN) / 2
                shifts[values.index(known.higher), at] += half
                shifts[values.index(known.lower), at] -= half
        written = tuple(_written(value, comparator, instrument) for value in values)
        made.append(GroupEffects(variable, written, shifts))
    return tuple(made)


def _scales(known: KnownGroups, instrument: Instrument) -> tuple[str, ...]:
    """Return the scales that two groups differ in; a construct stands for its scales."""
    nodes = instrument.higher_order
    parts = [nodes[key].scales if key in nodes else (key,) for key in known.scales]
    return tuple(dict.fromkeys(scale for part in parts for scale in part))


def _written(value: int | str, comparator: Comparator | None, instrument: Instrument) -> Any:
    """Return a group's value as the frame holds it: a code, or a text."""
    if comparator is None or (comparator.kind == "nominal" and comparator.response_set is None):
        return str(value)
    if isinstance(value, int) or comparator.response_set is None:
        return float(value)
    options = instrument.response_sets[comparator.response_set].options
    return next((float(one.code) for one in options if value in (one.key, one.text)), np.nan)
