"""What is asked: the definition of a measure, its file, and the check of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychometrics.instrument.definition import (
    Comparator,
    DistinctPair,
    HigherOrder,
    Hypothesis,
    Instrument,
    Item,
    KnownGroups,
    MissingAnswer,
    NumericRange,
    Option,
    ResponseSet,
    Scale,
    Site,
)
from psychometrics.instrument.shipped import available_instruments

if TYPE_CHECKING:
    from psychometrics.instrument.file import check_instrument as check_instrument
    from psychometrics.instrument.file import load_instrument as load_instrument
    from psychometrics.instrument.schema import json_schema as json_schema
    from psychometrics.instrument.shared_set import SharedSet as SharedSet
    from psychometrics.instrument.shared_set import load_shared_set as load_shared_set
    from psychometrics.instrument.shared_set import shared_sets as shared_sets

__all__ = [
    "Comparator",
    "DistinctPair",
    "HigherOrder",
    "Hypothesis",
    "Instrument",
    "Item",
    "KnownGroups",
    "MissingAnswer",
    "NumericRange",
    "Option",
    "ResponseSet",
    "Scale",
    "SharedSet",
    "Site",
    "available_instruments",
    "check_instrument",
    "json_schema",
    "load_instrument",
    "load_shared_set",
    "shared_sets",
]
_LATER = {
    "SharedSet": "psychometrics.instrument.shared_set",
    "check_instrument": "psychometrics.instrument.file",
    "json_schema": "psychometrics.instrument.schema",
    "load_instrument": "psychometrics.instrument.file",
    "load_shared_set": "psychometrics.instrument.shared_set",
    "shared_sets": "psychometrics.instrument.shared_set",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'psychometrics.instrument' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value
