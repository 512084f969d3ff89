"""The English sentence of every finding and reason, by code.

Each area keeps its own templates; this module looks a code up where it lives, so that
importing the numbers does not import the readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

GENERAL: dict[str, str] = {
    "unknown_option": "{name}={value!r} is not known here; choose one of {allowed}.",
    "too_few_items": "It needs at least {needed} items; there are {n_items}.",
    "too_few_cases": "It needs at least {needed} complete answers; there are {n_obs}.",
    "constant_items": ("These items do not vary here, so nothing can covary with them: {items}."),
    "never_answered_together": (
        "These items were never answered together, so their covariance is unknown: {items}."
    ),
    "negative_total_variance": "The sum score does not vary here.",
    "covariance_singular": (
        "The items' covariance matrix is singular with {n_obs} people and {n_items} items."
    ),
    "items_determined": (
        "Some items say the same as others, so that their covariance matrix is singular: {items}. "
        "Leave one of them out."
    ),
    "fewer_people_than_parameters": (
        "{n_obs} people can't carry a model with {n_parameters} free parameters."
    ),
    "no_convergence": "The search did not end at an optimum: no estimates fit best.",
    "improper_solution": (
        "The solution is improper: the estimated variance of {parameter} is {value:.3f}."
    ),
    "thresholds_out_of_order": (
        "The solution is improper: thresholds of {item} don't rise, so that an answer between them "
        "can't be given. Are they fixed or labelled in another order?"
    ),
    "not_identified": "The model is not identified by these data.",
}

AREAS = (
    "psychometrics.instrument.messages",
    "psychometrics.responses.messages",
    "psychometrics.translation.checks.messages",
    "psychometrics.validity.messages",
    "psychometrics.translation.messages",
    "psychometrics.fielding.messages",
)


def template(code: str) -> str:
    """Return the English template of a finding or reason code."""
    if code in GENERAL:
        return GENERAL[code]
    for area in AREAS:
        messages: dict[str, str] = import_module(area).MESSAGES
        if code in messages:
            return messages[code]
    raise KeyError(f"no message is written for the code {code!r}")


def english(code: str, params: Mapping[str, Any]) -> str:
    """Return the English sentence of a code with its parameters filled in."""
    return template(code).format(**params)
