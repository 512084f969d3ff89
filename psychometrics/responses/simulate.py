"""Answers that nobody gave, from a stated measurement model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument, load_instrument
from psychometrics.instrument.definition import ResponseSet
from psychometrics.responses.checks import check_items, check_rows
from psychometrics.responses.decode import ANSWERED, BLANK
from psychometrics.responses.responses import Responses
from psychometrics.responses.simulation_plan import (
    Clusters,
    Durations,
    NonInvariance,
    Plan,
    Vector,
    make_plan,
    refuse_unknown,
)
from psychometrics.responses.table import Spot, in_order

SOURCE = "simulated answers"

RANGE_SDS = 8.0
"""A numeric range is this many standard deviations of the latent answer wide."""

DESCRIPTION = (
    "Nobody gave these answers. Latent answer = loading x factor + residual, with variance 1 "
    "within site and group; cut at the thresholds into the options, or spread over the numeric "
    "range; turned round for items keyed negatively. Factors are normal, with the stated "
    "correlations within site and group and the stated site means; comparators are linear in the "
    "factors; answers are left out at random."
)


@dataclass(frozen=True, slots=True)
class _Draws:
    """Random numbers of one site: a stream for each purpose, whatever else is drawn."""

    root: int
    site: str

    def stream(self, purpose: str) -> np.random.Generator:
        key = (crc32(self.site.encode()), crc32(purpose.encode()))
        return np.random.default_rng(np.random.SeedSequence(self.root, spawn_key=key))

    def normal(self, purpose: str, *shape: int) -> Vector:
        return self.stream(purpose).standard_normal(shape)

    def chance(self, purpose: str, share: float, *shape: int) -> NDArray[np.bool_]:
        return self.stream(purpose).random(shape) < share


def simulate_responses(
    instrument: Instrument | str,
    n_per_site: int | Mapping[str, int],
    *,
    rng: int | np.random.Generator,
    loading: float | Mapping[str, float] = 0.7,
    factor_correlation: float | pd.DataFrame = 0.4,
    higher_order_loading: float = 0.8,
    thresholds: Sequence[float] | None = None,
    difficulty: float | Mapping[str, float] = 0.0,
    site_means: float | Mapping[str, Mapping[str, float]] = 0.2,
    noninvariance: Iterable[NonInvariance] = (),
    missing: float = 0.02,
    structural: float = 0.01,
    clusters: Clusters | None = None,
    durations: Durations | None = None,
) -> Responses:
    """Make answers to an instrument from a measurement model that is stated in full.

    The same `rng` gives the same answers; those of a site don't depend on the other sites.
    Relations with comparators and differences between known groups are made as the definition's
    hypotheses expect them, with some room.

    Parameters
    ----------
    instrument : Instrument or str
        What is answered.
    n_per_site : int or Mapping
        Number of people at every site of the definition, or by site id (others get none).
    rng : int or numpy.random.Generator
        Seed, or a generator that one seed is drawn from.
    loading : float or Mapping
        Standardised loading of all items, or by item (others 0.7).
    factor_correlation : float or pandas.DataFrame
        Correlation of the higher-order constructs and the scales outside them; or the whole
        matrix of the scales (and constructs, if wanted).
    higher_order_loading : float
        Loading of a scale on its higher-order construct.
    thresholds : sequence of float, optional
        Rising cuts of the latent answer, for response sets with one option more than cuts; left
        out, they are even between -1.5 and 1.5.
    difficulty : float or Mapping
        Added to the thresholds of all items, or by item: positive where high answers are rarer.
    site_means : float or Mapping
        Standard deviation of the sites' factor means, which are then drawn; or these means, by
        site and scale (others 0).
    noninvariance : iterable of NonInvariance
        Items that work differently at a site or in a language.
    missing, structural : float
        Shares of answers left blank, and of items that do not apply to a person (where the
        response set has such an answer).
    clusters : Clusters, optional
        Groups within sites; none if left out.
    durations : Durations, optional
        How long people take; left out, answers have no column ``duration``. Who hurries is drawn
        apart from the answers, which don't suffer from it.

    Returns
    -------
    Responses
        With `simulated` True and `truth` holding every parameter: items, thresholds,
        factor_correlations, site_means, noninvariance, comparators (weights on the factors),
        comparator_correlations, group_effects, missing, structural, clusters, durations,
        description.

    Raises
    ------
    DataError
        If a site, item or scale isn't the instrument's, or the parameters contradict each other.

    Examples
    --------
    >>> made = simulate_responses("hs1939", {"pasteur": 3}, rng=1)
    >>> made.simulated, made.sites, made.n_obs
    (True, ('pasteur',), 3)
    """
    known = instrument if isinstance(instrument, Instrument) else load_instrument(instrument)
    sizes = _sizes(known, n_per_site)
    plan = make_plan(
        known,
        loading=loading,
        factor_correlation=factor_correlation,
        higher_order_loading=higher_order_loading,
        thresholds=thresholds,
        difficulty=difficulty,
        noninvariance=tuple(noninvariance),
        missing=missing,
        structural=structural,
        clusters=clusters,
    )
    root = int(rng.integers(2**63)) if isinstance(rng, np.random.Generator) else int(rng)
    means = _site_means(plan, sizes, site_means, root)
    _refuse_durations(durations)
    parts = [
        _site(plan, _Draws(root, site), n, means.loc[site].to_numpy(), durations)
        for site, n in sizes.items()
        if n
    ]
    frame = pd.concat([part for part, _ in parts], ignore_index=True)
    status = pd.concat([part for _, part in parts], ignore_index=True)
    frame.insert(0, "row", np.arange(1, len(frame) + 1))
    spots = [Spot(item, f"{SOURCE}, {item}", at) for at, item in enumerate(known.items)]
    placed = check_items(frame, spots) + check_rows(frame, status, known, SOURCE)
    return Responses(
        known, frame, status, in_order(placed), SOURCE, True, _truth(plan, means, durations)
    )


def _sizes(instrument: Instrument, n_per_site: int | Mapping[str, int]) -> dict[str, int]:
    """Return the number of people by site, in the definition's order; "" where it has none."""
    if isinstance(n_per_site, Mapping):
        refuse_unknown(n_per_site, instrument.sites, "n_per_site: site")
        sizes = {site: int(n_per_site.get(site, 0)) for site in instrument.sites}
    else:
        sizes = dict.fromkeys(instrument.sites or ("",), int(n_per_site))
    if min(sizes.values(), default=0) < 0 or not any(sizes.values()):
        raise DataError(f"n_per_site={n_per_site!r} must be 0 or more, and not 0 everywhere.")
    return sizes


def _site_means(
    plan: Plan,
    sites: Iterable[str],
    given: float | Mapping[str, Mapping[str, float]],
    root: int,
) -> pd.DataFrame:
    """Return the factor means of each site: as given, or drawn from the site's own stream."""
    made = pd.DataFrame(0.0, index=list(sites), columns=list(plan.factors))
    for site in made.index:
        if not isinstance(given, Mapping):
            made.loc[site] = given * _Draws(root, site).normal("site means", len(plan.factors))
    if isinstance(given, Mapping):
        refuse_unknown(given, plan.instrument.sites, "site_means: site")
        for site, by_factor in given.items():
            refuse_unknown(by_factor, plan.factors, "site_means: scale")
            made.loc[site, list(by_factor)] = list(by_factor.values())
    return made


def _site(
    plan: Plan, draws: _Draws, n: int, means: Vector, durations: Durations | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frame (without row numbers) and the answer status of one site."""
    instrument = plan.instrument
    factors = _factors(plan, draws, n) + means
    grouped = {}
    for one in plan.groups:
        member = draws.stream(one.variable).integers(len(one.values), size=n)
        factors = factors + one.shifts[member]
        grouped[one.variable] = _written(one.values, member)
    items = {item: _item(plan, draws, factors, item) for item in instrument.items}
    answers, status = _left_out(plan, draws, pd.DataFrame(items))
    compared = {
        key: grouped[key] if key in grouped else _comparator(plan, draws, factors, key)
        for key in plan.comparators.index
    }
    roles = {name: held for name, held in grouped.items() if name not in compared}
    people = _people(plan, draws, n)
    if durations:
        people["duration"] = _seconds(draws, durations, (status == ANSWERED).sum(axis=1))
    columns = people | roles | dict(answers.items()) | compared
    typed = {name: pd.Series(held, dtype=held.dtype) for name, held in columns.items()}
    return pd.DataFrame(typed, index=range(n)), status


def _people(plan: Plan, draws: _Draws, n: int) -> dict[str, Any]:
    """Return site, language, respondent and cluster of each person."""
    instrument, clusters = plan.instrument, plan.clusters
    site = instrument.sites.get(draws.site)
    prefix = f"{draws.site}-" if site else ""
    ids = np.array([f"{prefix}{at + 1:05d}" for at in range(n)], dtype=object)
    made = {
        "site": np.full(n, draws.site if site else None, dtype=object),
        "language": _languages(plan, draws, n),
        "respondent": ids,
    }
    if clusters:
        made["cluster"] = np.array(
            [f"{prefix}c{at // clusters.size + 1}" for at in range(n)], dtype=object
        )
    return made


def _languages(plan: Plan, draws: _Draws, n: int) -> NDArray[Any]:
    """Return the language that each person of a site reads."""
    site = plan.instrument.sites.get(draws.site)
    known = site.locales if site else [plan.instrument.source_locale]
    locales = np.array(known, dtype=object)
    return np.asarray(locales[draws.stream("language").integers(len(locales), size=n)])


def _seconds(draws: _Draws, durations: Durations, answered: pd.Series[int]) -> Vector:
    """Return the seconds each person takes; somebody without an answer takes as long as for one."""
    n = len(answered)
    hasty = draws.chance("hasty", durations.hasty, n)
    median = np.where(hasty, durations.hasty_median, durations.median)
    each = median * np.exp(durations.spread * draws.normal("duration", n))
    seconds: Vector = np.round(each * np.maximum(answered.to_numpy(), 1), 1)
    return np.maximum(seconds, 0.1)


def _refuse_durations(durations: Durations | None) -> None:
    """Refuse times that nobody can take."""
    if durations is None:
        return
    if min(durations.median, durations.hasty_median) <= 0 or durations.spread < 0:
        raise DataError(f"{durations}: medians must be more than 0, the spread 0 or more.")
    if not 0 <= durations.hasty <= 1:
        raise DataError(f"hasty={durations.hasty} is no share; give 0 to 1.")


def _factors(plan: Plan, draws: _Draws, n: int) -> Vector:
    """Draw the factors; variance 1 within a site, part of it between clusters."""
    # The symmetric root is the one that doesn't depend on how a library orders eigenvectors.
    values, vectors = np.linalg.eigh(plan.correlations.to_numpy())
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    clusters = plan.clusters
    people: Vector = draws.normal("factors", n, len(root)) @ root
    if not clusters:
        return people
    shared = draws.normal("clusters", -(-n // clusters.size), len(root)) @ root
    among = shared[np.arange(n) // clusters.size]
    return np.sqrt(1 - clusters.icc) * people + np.sqrt(clusters.icc) * among


def _item(plan: Plan, draws: _Draws, factors: Vector, item: str) -> Vector:
    """Return everybody's answer to an item, as a code or value."""
    row = plan.items.loc[item].to_dict()
    loading = row["loading"]
    latent = np.sqrt(1 - loading**2) * draws.normal(f"item {item}", len(factors))
    latent -= row["difficulty"]
    slope, opposite = np.full(len(factors), loading), np.zeros(len(factors), dtype=bool)
    for one in plan.noninvariance:
        if one.item == item and one.site in (None, draws.site):
            here = _languages(plan, draws, len(factors)) == one.locale
            here |= one.locale is None
            slope[here] += one.loading
            latent[here] += one.shift
            opposite[here] ^= one.reversed
    if row["factor"] is not None:
        latent += slope * factors[:, plan.factors.index(row["factor"])]
    answers = plan.instrument.response_sets[plan.instrument.items[item].response_set]
    told = _answered(latent, answers, plan.thresholds, row["keyed"] == -1)
    return np.where(opposite, answers.minimum + answers.maximum - told, told)


def _answered(
    latent: Vector,
    answers: ResponseSet,
    thresholds: Mapping[str, Sequence[float]],
    turned: bool = False,
) -> Vector:
    """Turn latent answers into codes or values, the other way round where keyed negatively."""
    if answers.range is None:
        codes = np.array(sorted(answers.codes, reverse=turned), dtype=np.float64)
        return codes[np.searchsorted(thresholds[answers.key], latent)]
    low, high = answers.minimum, answers.maximum
    width = (low - high if turned else high - low) / RANGE_SDS
    value = (low + high) / 2 + width * latent
    return np.clip(value, low, high)


def _comparator(plan: Plan, draws: _Draws, factors: Vector, key: str) -> NDArray[Any]:
    """Return a comparator: linear in the factors, then written as its kind is."""
    n, comparator = len(factors), plan.instrument.comparators[key]
    weights = plan.comparators.loc[key]
    latent = factors @ weights[list(plan.factors)].to_numpy(dtype=np.float64)
    latent = latent + weights["residual"] * draws.normal(f"comparator {key}", n)
    blank = draws.chance(f"comparator blank {key}", plan.missing, n)
    if comparator.response_set is not None:
        answers = plan.instrument.response_sets[comparator.response_set]
        return np.where(blank, np.nan, _answered(latent, answers, plan.thresholds))
    if comparator.kind == "nominal":
        kinds = np.array(["a", "b", "c"], dtype=object)
        said = kinds[draws.stream(f"nominal {key}").integers(3, size=n)]
        said[blank] = None
        return said
    if comparator.kind == "binary":
        return np.where(blank, np.nan, (latent > 0).astype(np.float64))
    if comparator.kind == "ordinal":
        return np.where(blank, np.nan, 1.0 + np.searchsorted([-1.5, -0.5, 0.5, 1.5], latent))
    return np.where(blank, np.nan, 50.0 + 10.0 * latent)


def _left_out(
    plan: Plan, draws: _Draws, answers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answers with some left out, and the status of each."""
    values = answers.to_numpy(copy=True)
    status = np.full(values.shape, ANSWERED, dtype=object)
    status[draws.chance("blank", plan.missing, *values.shape)] = BLANK
    not_applicable = draws.chance("structural", plan.structural, *values.shape)
    for at, item in enumerate(plan.instrument.items.values()):
        possible = plan.instrument.response_sets[item.response_set].missing
        reasons = [one for one in possible if one.structural]
        if reasons:
            status[not_applicable[:, at], at] = reasons[0].key
    values[status != ANSWERED] = np.nan
    names = list(answers.columns)
    return pd.DataFrame(values, columns=names), pd.DataFrame(status, columns=names, dtype=object)


def _written(values: tuple[Any, ...], chosen: NDArray[np.intp]) -> NDArray[Any]:
    """Return the group of each person, as texts or codes."""
    kind = np.float64 if all(isinstance(value, float) for value in values) else object
    return np.array(values, dtype=kind)[chosen]


def _truth(plan: Plan, means: pd.DataFrame, durations: Durations | None) -> dict[str, Any]:
    """Return every parameter that the answers were made with."""
    weights = plan.comparators[list(plan.factors)]
    effects = [
        {"variable": one.variable, "value": value, "factor": factor, "shift": float(shift)}
        for one in plan.groups
        for value, shifts in zip(one.values, one.shifts, strict=True)
        for factor, shift in zip(plan.factors, shifts, strict=True)
        if shift
    ]
    deviations = [asdict(one) for one in plan.noninvariance]
    columns = ["site", "item", "loading", "shift", "locale", "reversed"]
    return {
        "items": plan.items.copy(),
        "thresholds": dict(plan.thresholds),
        "factor_correlations": plan.correlations.copy(),
        "site_means": means,
        "noninvariance": pd.DataFrame(deviations, columns=columns),
        "comparators": plan.comparators.copy(),
        "comparator_correlations": weights @ plan.correlations,
        "group_effects": pd.DataFrame(effects, columns=["variable", "value", "factor", "shift"]),
        "missing": plan.missing,
        "structural": plan.structural,
        "clusters": plan.clusters,
        "durations": durations,
        "description": DESCRIPTION,
    }
