"""What a validation is run with: the plan's choices, the call's, and the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from psychometrics.errors import check_option
from psychometrics.instrument import Instrument
from psychometrics.stats.resampling import Rng, seed_of
from psychometrics.validity.analysis_plan import AnalysisPlan, read_plan
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.coefficients import IntervalName
from psychometrics.validity.criteria import CRITERIA, Criterion
from psychometrics.validity.selection import SITE, Missing, ModelMissing

Preset = Literal["quick", "standard", "full"]

BOOTSTRAP_SAMPLES: dict[str, int] = {"quick": 200, "standard": 2000, "full": 10_000}
"""A percentile limit of 2,000 samples still moves in the second decimal with another seed."""

USUAL_LEVEL = 0.95


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
    missing_models : {"fiml", "listwise"}
        Factor models, omega and HTMT: all answers there are, or complete rows.
    correlation_cutoff : float
        Latent correlation that the chi-square difference tests against.
    groupings : tuple of str
        What answers are compared over: site, language, form_version, mode, wave, role.
    """

    coefficients: tuple[str, ...] = ("alpha", "omega_total")
    alpha_interval: IntervalName = "feldt"
    missing: Missing = "pairwise"
    correlation_cutoff: float = 0.9
    missing_models: ModelMissing = "fiml"
    groupings: tuple[str, ...] = (SITE,)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Everything that is decided before a study looks at the answers.

    Attributes
    ----------
    choices : Plan
        Choices of the analyses.
    criteria : mapping of str to Criterion
        What claims are held against.
    level : float
        Coverage of intervals.
    n_boot : int
        Bootstrap samples.
    seed : int
        What random numbers are derived from.
    frozen : AnalysisPlan or None
        The plan that was frozen before the data.
    preset : str
        How much is computed.
    """

    choices: Plan
    criteria: Mapping[str, Criterion]
    level: float
    n_boot: int
    seed: int
    frozen: AnalysisPlan | None = None
    preset: Preset = "standard"

    def told(self) -> dict[str, Any]:
        """Return what was chosen, by the names of a plan's fields."""
        return {
            "coefficients": ", ".join(self.choices.coefficients),
            "alpha_interval": self.choices.alpha_interval,
            "missing": self.choices.missing,
            "missing_models": self.choices.missing_models,
            "level": self.level,
            "n_boot": self.n_boot,
            "seed": self.seed,
            "correlation_cutoff": self.choices.correlation_cutoff,
            "groupings": ", ".join(self.choices.groupings),
        }


def run_settings(
    instrument: Instrument,
    preset: Preset,
    plan: Plan | AnalysisPlan | None,
    rng: Rng | None,
    level: float | None,
    n_boot: int | None,
    missing: ModelMissing | None = None,
) -> RunSettings:
    """Decide between the call, the plan and what is usual, in this order.

    With `missing` given, ``listwise`` means complete rows for everything that has the choice.

    Raises
    ------
    DataError
        An unknown preset, a level or a number of samples that can't be meant.
    DocumentError
        A plan that is not for this measure.
    """
    check_option("preset", preset, tuple(BOOTSTRAP_SAMPLES))
    if isinstance(plan, AnalysisPlan):
        frozen = read_plan(plan, instrument)
        choices = Plan(
            frozen.coefficients,
            frozen.alpha_interval,
            frozen.missing,
            frozen.correlation_cutoff,
            frozen.missing_models,
            frozen.groupings,
        )
        usual = (frozen.level, frozen.n_boot, frozen.seed)
        criteria = frozen.criteria()
    else:
        frozen, choices, criteria = None, plan or Plan(), CRITERIA
        usual = (USUAL_LEVEL, BOOTSTRAP_SAMPLES[preset], 0)
    if missing is not None:
        check_option("missing", missing, ("fiml", "listwise"))
        covariances: Missing = "listwise" if missing == "listwise" else choices.missing
        choices = replace(choices, missing=covariances, missing_models=missing)
    level = usual[0] if level is None else level
    n_boot = usual[1] if n_boot is None else n_boot
    check_level(level)
    check_samples(n_boot)
    seed = seed_of(usual[2] if rng is None else rng)
    return RunSettings(choices, criteria, level, n_boot, seed, frozen, preset)
