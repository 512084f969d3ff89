"""Run every analysis of a validation once, over one selection of the answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.responses.messages import public_message
from psychometrics.stats.resampling import Rng
from psychometrics.validity.analysis_plan import AnalysisPlan
from psychometrics.validity.arguments import check_responses
from psychometrics.validity.claims import claims
from psychometrics.validity.coefficients import check_coefficients, check_interval
from psychometrics.validity.comparability import TABLES as COMPARABILITY
from psychometrics.validity.comparability import Comparability
from psychometrics.validity.comparability_ladders import effort_of
from psychometrics.validity.comparators import comparator_correlations
from psychometrics.validity.convergent import CONVERGENT_COLUMNS, convergent_of
from psychometrics.validity.cosmin import cosmin_table
from psychometrics.validity.criteria import CRITERIA, Criterion
from psychometrics.validity.cross_loadings import cross_loadings_of
from psychometrics.validity.dependence import dependence, in_clusters, interval_by_cluster
from psychometrics.validity.deviations import Done, plan_table
from psychometrics.validity.discriminant import discriminant_of
from psychometrics.validity.distinctness import declared_distinctness
from psychometrics.validity.exclusion_effects import exclusion_effects
from psychometrics.validity.exclusions import Excluded, exclude
from psychometrics.validity.factorability import factorability
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.formative_evidence import formative_evidence
from psychometrics.validity.group_mean_reliability import GROUP_MEAN_COLUMNS, group_means_of
from psychometrics.validity.htmt import htmt_of
from psychometrics.validity.hypotheses import hypotheses_table
from psychometrics.validity.internal_consistency import call_table
from psychometrics.validity.items import item_analysis_of
from psychometrics.validity.known_groups import known_groups_table
from psychometrics.validity.missing_rows import missing_findings, missing_table
from psychometrics.validity.model_fit import fit_table
from psychometrics.validity.multitrait import multitrait_of
from psychometrics.validity.papers import papers_table
from psychometrics.validity.planned_contrasts import contrast_table
from psychometrics.validity.rating_basis import Ratings
from psychometrics.validity.reliability_call import Call, cluster_codes
from psychometrics.validity.reliability_differences import differences_of
from psychometrics.validity.reliability_rows import Settings
from psychometrics.validity.reliability_sample import Resampling
from psychometrics.validity.response_distribution import response_distribution
from psychometrics.validity.retest import retest_table
from psychometrics.validity.run_settings import Plan, Preset, RunSettings, run_settings
from psychometrics.validity.sample import forms_table, sample_table, structural_of
from psychometrics.validity.selection import ModelMissing, Selection, select
from psychometrics.validity.small_n import SmallN, in_force, put_in_force
from psychometrics.validity.small_n import small_n as shipped_policy
from psychometrics.validity.study_quality import study_quality
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.unidimensionality import unidimensionality_of
from psychometrics.validity.units import tidy

Progress = Callable[[str, int, int], None]

# What a standard error of omega needs; more move it by less than 2 %.
RELIABILITY_SAMPLES = 1000

PACKAGES = ("survey-psychometrics", "numpy", "scipy", "pandas", "factor_analyzer", "pingouin")


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
    ratings : Ratings
        What COSMIN and PAPERS ratings were made by.
    criteria : mapping of str to Criterion
        What claims were held against.
    frozen : AnalysisPlan or None
        The plan that was frozen before the data.
    small_n : SmallN
        What was done with how few people.
    """

    instrument: Instrument
    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]
    simulated: bool
    level: float
    n_boot: int
    seed: int
    plan: Plan = field(default_factory=Plan)
    ratings: Ratings = field(default_factory=Ratings)
    criteria: Mapping[str, Criterion] = field(default_factory=lambda: CRITERIA)
    frozen: AnalysisPlan | None = None
    small_n: SmallN = field(default_factory=in_force)


@one_blas_thread()
def run_study(
    instrument: Instrument,
    responses: Responses,
    *,
    preset: Preset = "standard",
    plan: Plan | AnalysisPlan | None = None,
    rng: Rng | None = None,
    level: float | None = None,
    n_boot: int | None = None,
    missing: ModelMissing | None = None,
    ratings: Ratings | None = None,
    collected: Date | None = None,
    small_n: SmallN | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run the analyses of a validation.

    Parameters
    ----------
    instrument : Instrument
        What was asked.
    responses : Responses
        What was answered.
    preset : {"quick", "standard", "full"}
        200, 2,000 or 10,000 bootstrap samples; whether groups may be compared is tested by
        difference tests alone, by 500 permutations too, or by 1,000 with the search repeated.
    plan : Plan or AnalysisPlan, optional
        Choices made beforehand. A plan that was frozen is followed where the call doesn't say
        otherwise, and what wasn't done as planned is in the table ``plan``.
    rng : int or Generator, optional
        Seed; the plan's, or 0.
    level : float, optional
        Coverage of all intervals; the plan's, or 0.95.
    n_boot : int, optional
        Bootstrap samples, instead of the plan's or the preset's.
    missing : {"fiml", "listwise"}, optional
        Factor models, omega and HTMT use all answers there are (``fiml``; the plan's, or this), or
        everything that has the choice uses complete rows (``listwise``).
    ratings : Ratings, optional
        Rules of COSMIN and PAPERS ratings, and what people judged; those that come along, and
        nothing, if left out.
    collected : date, optional
        When the first answer was given, to say whether that was after the plan.
    small_n : SmallN, optional
        What is done with how few people; the policy that comes along if left out.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    Study
        Tables ``quality quality_items quality_patterns quality_scales quality_times sample
        sample_forms findings missing items responses reliability reliability_differences
        unidimensionality group_means retest fit factorability convergent multitrait
        multitrait_items htmt discriminant distinctness cross_loadings formative hypotheses
        known_groups invariance invariance_parameters invariance_effects latent_means alignment
        congruence comparability dif attribution claims cosmin papers contrasts exclusions plan
        settings``.

    Raises
    ------
    DataError
        An unknown preset, a level or number of samples that can't be meant, answers that were
        not read or belong to another instrument.
    """
    check_responses(instrument, responses)
    run = run_settings(instrument, preset, plan, rng, level, n_boot, missing)
    level, samples, seed = run.level, run.n_boot, run.seed
    choices, frozen, rated = run.choices, run.frozen, ratings or Ratings()
    check_coefficients(choices.coefficients)
    check_interval({"alpha": choices.alpha_interval}, clustered=False)
    everybody = responses
    responses, excluded = exclude(responses, frozen.exclusions if frozen else ())
    scales, left_out = answered_scales(instrument, responses)
    quality = study_quality(responses, level)
    chosen = selection_of(instrument, responses, scales)
    findings = (*responses.findings, *left_out, *quality.findings, *dependence(responses))
    findings += missing_findings(chosen, choices.missing_models)
    barred = formative_scales(instrument)
    clusters = cluster_codes(responses, "cluster", chosen) if in_clusters(responses) else None
    alpha_interval = interval_by_cluster(choices.alpha_interval, clustered=clusters is not None)
    models = FactorModels(chosen, barred, choices.missing_models, clusters)
    how = Resampling(min(samples, RELIABILITY_SAMPLES), seed, clusters)
    coefficients = Call(models, Settings(level, {"alpha": alpha_interval}, how), choices.missing)
    scaling = multitrait_of(chosen.without(barred), level, choices.missing)
    compared = Comparability(
        instrument, responses, scales, preset, samples, level, seed, choices.groupings,
        None if progress is None else partial(progress, "comparability"),
    )  # fmt: skip
    tables: dict[str, pd.DataFrame] = {}
    policy = small_n or in_force()

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

    def with_everybody() -> dict[str, pd.DataFrame] | None:
        """Run the same again with nobody left out, where somebody was."""
        if frozen is None or not any(one.count for one in excluded):
            return None
        open_plan = frozen.model_copy(update={"exclusions": ()})
        again = run_study(
            instrument, everybody, plan=open_plan, rng=seed, level=level, n_boot=samples,
            ratings=rated, small_n=policy,
        )  # fmt: skip
        return again.tables

    stages: dict[str, Callable[[], pd.DataFrame]] = {
        **{name: partial(quality.tables.__getitem__, name) for name in quality.tables},
        "sample": lambda: sample_table(responses),
        "sample_forms": lambda: forms_table(responses),
        "findings": lambda: findings_table(findings),
        "missing": lambda: missing_table(models, structural_of(responses, chosen), level),
        "items": lambda: item_analysis_of(
            chosen, choices.missing, ranges_of(instrument), barred, choices.missing_models
        ),
        "responses": lambda: response_distribution(responses),
        "reliability": lambda: call_table(coefficients, choices.coefficients),
        "reliability_differences": lambda: differences_of(coefficients, choices.coefficients),
        "unidimensionality": lambda: unidimensionality_of(models),
        "group_means": group_means,
        "retest": lambda: retest_table(responses, level),
        "fit": lambda: fit_table(instrument, models),
        "factorability": lambda: factorability(chosen.without(barred), choices.missing_models),
        "convergent": convergent,
        "multitrait": lambda: scaling.scales,
        "multitrait_items": lambda: scaling.correlations,
        "htmt": lambda: htmt_of(
            chosen,
            ("htmt", "htmt2"),
            samples,
            level,
            seed,
            barred=barred,
            missing=choices.missing_models,
            clusters=clusters,
        ),
        "discriminant": lambda: discriminant_of(
            models, tables["htmt"], choices.correlation_cutoff, level
        ),
        "distinctness": lambda: declared_distinctness(
            tables["discriminant"], tables["htmt"], instrument
        ),
        "cross_loadings": lambda: cross_loadings_of(models),
        "formative": lambda: formative_evidence(
            chosen, tables["convergent"], instrument, choices.missing_models
        ),
        "hypotheses": lambda: hypotheses_table(tables["convergent"], instrument),
        "known_groups": lambda: known_groups_table(responses, level=level),
        **{name: partial(compared.table, name) for name in COMPARABILITY},
        "claims": lambda: claims(tables, instrument, run.criteria),
        "cosmin": lambda: cosmin_table(tables, instrument, rated.cosmin, rated.judgements),
        "papers": lambda: papers_table(tables, instrument, rated.papers, rated.judgements),
        "contrasts": lambda: contrast_table(frozen, tables["reliability_differences"]),
        "exclusions": lambda: exclusion_effects(with_everybody(), tables),
        "plan": lambda: plan_table(
            frozen, instrument, done_by(run, responses, tables, excluded, rated, collected)
        ),
        "settings": lambda: settings_table(instrument, responses, run, rated),
    }
    with put_in_force(policy):
        for done, (name, compute) in enumerate(stages.items()):
            if progress:
                progress(name, done, len(stages))
            tables[name] = compute()
    if progress:
        progress("done", len(stages), len(stages))
    return Study(
        instrument, tables, findings, responses.simulated, level, samples, seed, choices, rated,
        run.criteria, frozen, policy,
    )  # fmt: skip


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


def done_by(
    run: RunSettings,
    responses: Responses,
    tables: Mapping[str, pd.DataFrame],
    excluded: Sequence[Excluded],
    ratings: Ratings,
    collected: Date | None,
) -> Done:
    """Return what a study did, to be held against its plan."""
    frame = responses.frame
    weightless = int((~(frame["weight"] > 0)).sum()) if weighted(responses) else 0
    without_site = int(frame["site"].isna().sum()) if responses.sites else 0
    usual, policy = Ratings(), shipped_policy()
    own_rules = (ratings.cosmin, ratings.papers, in_force()) != (usual.cosmin, usual.papers, policy)
    settings = run.told()
    return Done(settings, tables, excluded, weightless, without_site, own_rules, collected)


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
    instrument: Instrument, responses: Responses, run: RunSettings, ratings: Ratings
) -> pd.DataFrame:
    """Return what it takes to get the same numbers again."""
    plan, frozen = run.choices, run.frozen
    values: dict[str, Any] = {
        "instrument": f"{instrument.id} {instrument.version}",
        "definition_hash": instrument.definition_hash,
        "data_hash": data_hash(responses),
        "source": responses.source,
        "simulated": responses.simulated,
        "n_rows": responses.n_obs,
        "seed": run.seed,
        "n_boot": run.n_boot,
        "level": run.level,
        "coefficients": ", ".join(plan.coefficients),
        "alpha_interval": plan.alpha_interval,
        "missing_alpha_and_items": plan.missing,
        "missing_models": plan.missing_models,
        "weights": weighted(responses),
        "correlation_cutoff": plan.correlation_cutoff,
        "groupings": ", ".join(plan.groupings),
        "permutations": effort_of(run.preset, run.n_boot).permutations,
        "plan_hash": frozen.hash if frozen else "no plan",
        "plan_date": frozen.date.isoformat() if frozen else "no plan",
        "cosmin_rules": f"{ratings.cosmin.edition}, {ratings.cosmin.hash}",
        "papers_rules": f"{ratings.papers.edition}, {ratings.papers.hash}",
        "small_n": f"{in_force().edition}, {in_force().hash}",
        "judgements": ratings.judgements.hash,
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
