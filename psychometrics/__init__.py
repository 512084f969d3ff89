"""Validate a questionnaire across sites and languages.

The public names load when they are first used, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "CFAResult": "psychometrics.validity.cfa_result",
    "EFAResult": "psychometrics.validity.exploratory_solution",
    "Finding": "psychometrics.errors",
    "Instrument": "psychometrics.instrument",
    "ItemResponse": "psychometrics.validity.item_response",
    "Moments": "psychometrics.stats.moments",
    "PolychoricResult": "psychometrics.validity.polychoric",
    "PsychometricsError": "psychometrics.errors",
    "Responses": "psychometrics.responses",
    "ValidityReport": "psychometrics.report",
    "agreement": "psychometrics.validity.agreement",
    "alignment": "psychometrics.validity.alignment",
    "bland_altman": "psychometrics.validity.differences",
    "cfa": "psychometrics.validity.structure",
    "check_translations": "psychometrics.translation.checks.run",
    "compare": "psychometrics.validity.compare",
    "convergent_validity": "psychometrics.validity.convergent",
    "cosmin": "psychometrics.validity.cosmin",
    "cross_loadings": "psychometrics.validity.cross_loadings",
    "data_quality": "psychometrics.validity.quality",
    "dif": "psychometrics.validity.dif",
    "dif_curves": "psychometrics.validity.dif_curves",
    "disattenuated_correlations": "psychometrics.validity.disattenuation",
    "discriminant_validity": "psychometrics.validity.discriminant",
    "distinctness": "psychometrics.validity.distinctness",
    "efa": "psychometrics.validity.exploration",
    "effect_of_exclusion": "psychometrics.validity.exclusion",
    "factor_congruence": "psychometrics.validity.congruence",
    "group_differences": "psychometrics.validity.group_differences",
    "group_mean_reliability": "psychometrics.validity.group_mean_reliability",
    "htmt": "psychometrics.validity.htmt",
    "impute": "psychometrics.validity.imputation",
    "invariance": "psychometrics.validity.invariance",
    "item_analysis": "psychometrics.validity.items",
    "item_site_icc": "psychometrics.validity.item_site_icc",
    "load_catalog": "psychometrics.translation.catalog",
    "item_response": "psychometrics.validity.item_response",
    "load_instrument": "psychometrics.instrument",
    "mimic": "psychometrics.validity.mimic",
    "model_reliability": "psychometrics.validity.model_reliability",
    "multitrait_multimethod": "psychometrics.validity.multimethod",
    "multitrait_scaling": "psychometrics.validity.multitrait",
    "number_of_factors": "psychometrics.validity.number_of_factors",
    "over_imputations": "psychometrics.validity.over_imputations",
    "papers": "psychometrics.validity.papers",
    "parallel_analysis": "psychometrics.validity.parallel",
    "polychoric": "psychometrics.validity.polychoric",
    "precision": "psychometrics.validity.precision",
    "read_responses": "psychometrics.responses",
    "reliability": "psychometrics.validity.internal_consistency",
    "reliability_differences": "psychometrics.validity.reliability_differences",
    "simulate_cutoffs": "psychometrics.validity.cutoffs",
    "simulate_responses": "psychometrics.responses",
    "unidimensionality": "psychometrics.validity.unidimensionality",
    "validate": "psychometrics.report",
}

if TYPE_CHECKING:
    from psychometrics.errors import Finding as Finding
    from psychometrics.errors import PsychometricsError as PsychometricsError
    from psychometrics.instrument import Instrument as Instrument
    from psychometrics.instrument import load_instrument as load_instrument
    from psychometrics.report import ValidityReport as ValidityReport
    from psychometrics.report import validate as validate
    from psychometrics.responses import Responses as Responses
    from psychometrics.responses import read_responses as read_responses
    from psychometrics.responses import simulate_responses as simulate_responses
    from psychometrics.stats.moments import Moments as Moments
    from psychometrics.translation.catalog import load_catalog as load_catalog
    from psychometrics.translation.checks.run import check_translations as check_translations
    from psychometrics.validity.agreement import agreement as agreement
    from psychometrics.validity.alignment import alignment as alignment
    from psychometrics.validity.cfa_result import CFAResult as CFAResult
    from psychometrics.validity.compare import compare as compare
    from psychometrics.validity.congruence import factor_congruence as factor_congruence
    from psychometrics.validity.convergent import convergent_validity as convergent_validity
    from psychometrics.validity.cosmin import cosmin as cosmin
    from psychometrics.validity.cross_loadings import cross_loadings as cross_loadings
    from psychometrics.validity.cutoffs import simulate_cutoffs as simulate_cutoffs
    from psychometrics.validity.dif import dif as dif
    from psychometrics.validity.dif_curves import dif_curves as dif_curves
    from psychometrics.validity.differences import bland_altman as bland_altman
    from psychometrics.validity.disattenuation import (
        disattenuated_correlations as disattenuated_correlations,
    )
    from psychometrics.validity.discriminant import discriminant_validity as discriminant_validity
    from psychometrics.validity.distinctness import distinctness as distinctness
    from psychometrics.validity.exclusion import effect_of_exclusion as effect_of_exclusion
    from psychometrics.validity.exploration import efa as efa
    from psychometrics.validity.exploratory_solution import EFAResult as EFAResult
    from psychometrics.validity.group_differences import group_differences as group_differences
    from psychometrics.validity.group_mean_reliability import (
        group_mean_reliability as group_mean_reliability,
    )
    from psychometrics.validity.htmt import htmt as htmt
    from psychometrics.validity.imputation import impute as impute
    from psychometrics.validity.internal_consistency import reliability as reliability
    from psychometrics.validity.invariance import invariance as invariance
    from psychometrics.validity.item_response import ItemResponse as ItemResponse
    from psychometrics.validity.item_response import item_response as item_response
    from psychometrics.validity.item_site_icc import item_site_icc as item_site_icc
    from psychometrics.validity.items import item_analysis as item_analysis
    from psychometrics.validity.mimic import mimic as mimic
    from psychometrics.validity.model_reliability import model_reliability as model_reliability
    from psychometrics.validity.multimethod import (
        multitrait_multimethod as multitrait_multimethod,
    )
    from psychometrics.validity.multitrait import multitrait_scaling as multitrait_scaling
    from psychometrics.validity.number_of_factors import number_of_factors as number_of_factors
    from psychometrics.validity.over_imputations import over_imputations as over_imputations
    from psychometrics.validity.papers import papers as papers
    from psychometrics.validity.parallel import parallel_analysis as parallel_analysis
    from psychometrics.validity.polychoric import PolychoricResult as PolychoricResult
    from psychometrics.validity.polychoric import polychoric as polychoric
    from psychometrics.validity.precision import precision as precision
    from psychometrics.validity.quality import data_quality as data_quality
    from psychometrics.validity.reliability_differences import (
        reliability_differences as reliability_differences,
    )
    from psychometrics.validity.structure import cfa as cfa
    from psychometrics.validity.unidimensionality import unidimensionality as unidimensionality

__all__ = [
    "CFAResult",
    "EFAResult",
    "Finding",
    "Instrument",
    "ItemResponse",
    "Moments",
    "PolychoricResult",
    "PsychometricsError",
    "Responses",
    "ValidityReport",
    "agreement",
    "alignment",
    "bland_altman",
    "cfa",
    "check_translations",
    "compare",
    "convergent_validity",
    "cosmin",
    "cross_loadings",
    "data_quality",
    "dif",
    "dif_curves",
    "disattenuated_correlations",
    "discriminant_validity",
    "distinctness",
    "efa",
    "effect_of_exclusion",
    "factor_congruence",
    "group_differences",
    "group_mean_reliability",
    "htmt",
    "impute",
    "invariance",
    "item_analysis",
    "item_response",
    "item_site_icc",
    "load_catalog",
    "load_instrument",
    "mimic",
    "model_reliability",
    "multitrait_multimethod",
    "multitrait_scaling",
    "number_of_factors",
    "over_imputations",
    "papers",
    "parallel_analysis",
    "polychoric",
    "precision",
    "read_responses",
    "reliability",
    "reliability_differences",
    "simulate_cutoffs",
    "simulate_responses",
    "unidimensionality",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'psychometrics' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
