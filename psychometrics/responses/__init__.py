"""What was answered: readers, decoding, data quality, scores and simulated answers.

The public names load when they are first used, so that the messages of this area can be
looked up where pandas isn't installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Clusters": "psychometrics.responses.simulation_plan",
    "Durations": "psychometrics.responses.simulation_plan",
    "NonInvariance": "psychometrics.responses.simulation_plan",
    "Responses": "psychometrics.responses.responses",
    "public_message": "psychometrics.responses.messages",
    "read_responses": "psychometrics.responses.read",
    "scale_scores": "psychometrics.responses.scoring",
    "simulate_responses": "psychometrics.responses.simulate",
}

if TYPE_CHECKING:
    from psychometrics.responses.messages import public_message as public_message
    from psychometrics.responses.read import read_responses as read_responses
    from psychometrics.responses.responses import Responses as Responses
    from psychometrics.responses.scoring import scale_scores as scale_scores
    from psychometrics.responses.simulate import simulate_responses as simulate_responses
    from psychometrics.responses.simulation_plan import Clusters as Clusters
    from psychometrics.responses.simulation_plan import Durations as Durations
    from psychometrics.responses.simulation_plan import NonInvariance as NonInvariance

__all__ = [
    "Clusters",
    "Durations",
    "NonInvariance",
    "Responses",
    "public_message",
    "read_responses",
    "scale_scores",
    "simulate_responses",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'psychometrics.responses' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
