"""Run every analysis of a validation once, over one selection of the answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import Finding, check_option, finding
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.responses.messages import public_message
from psychometrics.stats.resampling import Rng, seed_of
from psychometrics.validity.arguments import check_level, check_responses, check_samples
from psychometrics.validity.claims import claims
from psychometrics.validity.coefficients import (
    IntervalName,
    check_coefficients,
    check_interval,
)
from psychometrics.validity.comparators import comparator_correlations
from psychometrics.validity.convergent import CONVERGENT_COLUMNS, convergent_of
from psychometrics.validity.dependence import dependence
from psychometrics.validity.discriminant import discriminant_of
from psychometrics.validity.factorability import factorability
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.group_mean_reliability import GROUP_MEAN_COLUMNS, group_means_of
from psychometrics.validity.htmt import htmt_of
from psychometrics.validity.hypotheses import hypotheses_table
from psychometrics.validity.internal_consistency import reliability_of
from psychometrics.validity.items import item_analysis_of
from psychometrics.validity.known_groups import known_groups_table
from psychometrics.validity.model_fit import fit_table
from psychometrics.validity.reliability_call import cluster_codes
from psychometrics.validity.reliability_sample import Resampling
from psychometrics.validity.response_distribution import response_distribution
from psychometrics.validity.sample import sample_table
from psychometrics.validity.selection import Missing, Selection, select
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.unidimensionality import unidimensionality_of
from psychometrics.validity.units import tidy

Preset = Literal["standard", "quick"]
Progress = Callable[[str, int, int], None]

BOOTSTRAP_SAMPLES: dict[str, int] = {"standard": 2000, "quick": 200}
# What a standard error of omega needs; more move it by less than 2 %.
RELIABILITY_SAMPLES = 1000

PACKAGES = ("survey-psychometrics", "numpy", "scipy", "pandas", "factor_analyzer", "pingouin")


@dataclass(frozen=True, slots=True)
class Plan:
    """Choices of a validation that are made before looking at the answers.

    Attributes
    ----------
    coefficients : tuple of str
        Reliability coefficients.
    alpha_interval : {"feldt", "bonett", "adf", ...}
        Interval of alpha; see :func:`psychometrics.reliability`.
    missing : {"pairwise", "listwise"}
        Covariances for alpha and item statistics.
    correlation_cutoff : float
        Latent correlation that the chi-square difference tests against.
    """

    coefficients: tuple[str, ...] = ("alpha", "omega_total")
    alpha_interval: IntervalName = "feldt"
    missing: Missing = "pairwise"
    correlation_cutoff: float = 0.9


@dataclass(frozen=True)
class Study:
    """Everything a validation computed.

    Attributes
    ----------
    instrument : Instrument
        What was asked.
    tables : dict of str to DataFrame
        Tidy, unrounded; see :func:`run_study`.
    findings : tuple of Finding
        What was odd about the answers.
    simulated : bool
        Whether nobody answered.
    level : float
        Coverage of the intervals.
    n_boot : int
        Bootstrap samples.
    seed : int
        What all random numbers were derived from.
    plan : Plan
        The choices made.
    """

    instrument: Instrument
    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    simulated: bool
    level: float
    n_boot: int
    seed: int
    plan: Plan = field(default_factory=Plan)


@one_blas_thread()
def run_study(
    instrument: Instrument,
    responses: Responses,
    *,
    preset: Preset = "standard",
    plan: Plan | None = None,
    rng: Rng = 0,
    level: float = 0.95,
    n_boot: int | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run the analyses of a validation.

    Parameters
    ----------
    instrument : Instrument
        What was asked.
    responses : Responses
        What was answered.
    preset : {"standard", "quick"}
        2,000 or 200 bootstrap samples.
    plan : Plan, optional
        Choices made beforehand.
    rng : int or Generator
        Seed.
    level : float
        Coverage of all intervals.
    n_boot : int, optional
        Bootstrap samples, instead of the preset's.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    Study
        Tables ``sample findings items responses reliability unidimensionality group_means fit
        factorability convergent htmt discriminant hypotheses known_groups claims settings``.

    Raises
    ------
    DataError
        An unknown preset, a level or number of samples that can't be meant, answers that were
        not read or belong to another instrument.
    """
    check_option("preset", preset, tuple(BOOTSTRAP_SAMPLES))
    check_responses(instrument, responses)
    choices = plan or Plan()
    samples = BOOTSTRAP_SAMPLES[preset] if n_boot is None else n_boot
    check_level(level)
    check_samples(samples)
    check_coefficients(choices.coefficients)
    check_interval({"alpha": choices.alpha_interval}, clustered=False)
    seed = seed_of(rng)
    scales, left_out = answered_scales(instrument, responses)
    findings = (*responses.findings, *left_out, *dependence(responses))
    chosen = selection_of(instrument, responses, scales)
    barred = formative_scales(instrument)
    models = FactorModels(chosen, barred)
    tables: dict[str, pd.DataFrame] = {}

    def convergent() -> pd.DataFrame:
        internal = convergent_of(models, level)
        outside = comparator_correlations(responses, level=level)
        return pd.concat(
            [internal, outside.reindex(columns=list(CONVERGENT_COLUMNS))], ignore_index=True
        )

    def group_means() -> pd.DataFrame:
        if "cluster" not in responses.frame or not responses.frame["cluster"].notna().any():
            return tidy([], GROUP_MEAN_COLUMNS)
        clusters = cluster_codes(responses, "cluster", chosen)
        return group_means_of(chosen, clusters, level, ranges_of(instrument))

    stages: dict[str, Callable[[], pd.DataFrame]] = {
        "sample": lambda: sample_table(responses),
        "findings": lambda: findings_table(findings),
        "items": lambda: item_analysis_of(chosen, choices.missing, ranges_of(instrument), barred),
        "responses": lambda: response_distribution(responses),
        "reliability": lambda: reliability_of(
            models,
            choices.coefficients,
            level,
            {"alpha": choices.alpha_interval},
            choices.missing,
            Resampling(min(samples, RELIABILITY_SAMPLES), seed),
        ),
        "unidimensionality": lambda: unidimensionality_of(models),
        "group_means": group_means,
        "fit": lambda: fit_table(instrument, models),
        "factorability": lambda: factorability(chosen.without(barred)),
        "convergent": convergent,
        "htmt": lambda: htmt_of(chosen, ("htmt", "htmt2"), samples, level, seed, barred=barred),
        "discriminant": lambda: discriminant_of(
            models, tables["htmt"], choices.correlation_cutoff, level
        ),
        "hypotheses": lambda: hypotheses_table(tables["convergent"], instrument),
        "known_groups": lambda: known_groups_table(responses, level=level),
        "claims": lambda: claims(tables, instrument),
        "settings": lambda: settings_table(instrument, responses, seed, samples, level, choices),
    }
    for done, (name, compute) in enumerate(stages.items()):
        if progress:
            progress(name, done, len(stages))
        tables[name] = compute()
    if progress:
        progress("done", len(stages), len(stages))
    return Study(instrument, tables, findings, responses.simulated, level, samples, seed, choices)


def answered_scales(
    instrument: Instrument, responses: Responses
) -> tuple[dict[str, list[str]], tuple[Finding, ...]]:
    """Return the scales' keyed items that anybody answered, and findings about the others.

    An item without a single usable answer would take its whole scale with it; the scale is
    analysed with the items that are left, as long as two are, and the findings say so.
    """
    empty = {item for item in instrument.items if not responses.frame[item].notna().any()}
    scales: dict[str, list[str]] = {}
    left_out: list[Finding] = []
    for scale, members in instrument.keyed_items.items():
        kept = [member for member in members if member.removeprefix("-") not in empty]
        if len(kept) == len(members) or len(kept) < 2:
            scales[scale] = list(members)
            continue
        scales[scale] = kept
        gone = [m.removeprefix("-") for m in members if m not in kept]
        left_out.append(
            finding(
                "scale_without_some_items",
                "warning",
                scale,
                key=f"scale.{scale}",
                scale=scale,
                items=", ".join(gone),
                count=len(gone),
                n_items=len(kept),
            )
        )
    return scales, tuple(left_out)


def selection_of(
    instrument: Instrument, responses: Responses, scales: dict[str, list[str]] | None = None
) -> Selection:
    """Select the items of all scales, keyed, with every declared site.

    Sites stand in the definition's order; undeclared ones follow. A single declared site, or
    none, is no grouping.
    """
    declared = list(instrument.sites)
    order = [*declared, *(site for site in responses.sites if site not in declared)]
    grouped = len(order) > 1 and len(responses.sites) > 0
    return select(
        responses.frame,
        instrument.keyed_items if scales is None else scales,
        group="site" if grouped else None,
        weights="weight" if weighted(responses) else None,
        response_range=ranges_of(instrument),
        group_order=order if grouped else None,
    )


def weighted(responses: Responses) -> bool:
    """Tell whether there are case weights; a column without any is a finding, not a weight."""
    return "weight" in responses.frame and bool((responses.frame["weight"] > 0).any())


def ranges_of(instrument: Instrument) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest possible answer of every item."""
    return {item: instrument.response_range(item) for item in instrument.items}


def findings_table(findings: tuple[Finding, ...]) -> pd.DataFrame:
    """List findings without cells, ids or row numbers."""
    rows = [
        {
            "code": f.code,
            "severity": f.severity,
            "where": f.where,
            "message": public_message(f),
            "count": f.params.get("count"),
        }
        for f in findings
    ]
    return pd.DataFrame(rows, columns=["code", "severity", "where", "message", "count"])


def settings_table(
    instrument: Instrument,
    responses: Responses,
    seed: int,
    n_boot: int,
    level: float,
    plan: Plan,
) -> pd.DataFrame:
    """Return what it takes to get the same numbers again."""
    values: dict[str, Any] = {
        "instrument": f"{instrument.id} {instrument.version}",
        "definition_hash": instrument.definition_hash,
        "data_hash": data_hash(responses),
        "source": responses.source,
        "simulated": responses.simulated,
        "n_rows": responses.n_obs,
        "seed": seed,
        "n_boot": n_boot,
        "level": level,
        "coefficients": ", ".join(plan.coefficients),
        "alpha_interval": plan.alpha_interval,
        "missing_alpha_and_items": plan.missing,
        "missing_models": "listwise",
        "weights": weighted(responses),
        "correlation_cutoff": plan.correlation_cutoff,
        "python": python_version(),
    }
    for package in PACKAGES:
        try:
            values[package] = version(package)
        except PackageNotFoundError:
            values[package] = "not installed"
    return pd.DataFrame({"name": list(values), "value": [str(value) for value in values.values()]})


def data_hash(responses: Responses) -> str:
    """Return the SHA-256 of the answers and their sites."""
    items = list(responses.instrument.items)
    digest = hashlib.sha256()
    digest.update("\x1f".join(items).encode())
    answers = responses.frame[items].to_numpy(dtype=float)
    # One kind of zero and one of NaN: what isn't there has no sign and no payload.
    digest.update(np.where(np.isnan(answers), np.nan, answers + 0.0).tobytes())
    if "site" in responses.frame:
        digest.update("\x1f".join(responses.frame["site"].fillna("").astype(str)).encode())
    return digest.hexdigest()
