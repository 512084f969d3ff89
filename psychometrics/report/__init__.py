"""How it is told: one page, tables and a short summary, from a study that has been computed.

Nothing here computes a statistic. The names load when they are first used, so that importing
this package brings in neither matplotlib nor great_tables nor jinja2.

Examples
--------
>>> from psychometrics.report import ValidityReport
>>> ValidityReport.__name__
'ValidityReport'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychometrics.report.validity_report import ValidityReport as ValidityReport
    from psychometrics.report.validity_report import validate as validate

__all__ = ["ValidityReport", "validate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'psychometrics.report' has no attribute {name!r}")
    return getattr(import_module("psychometrics.report.validity_report"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
