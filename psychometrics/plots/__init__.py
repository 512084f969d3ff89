"""How it looks: a result frame in, a matplotlib Axes out.

Each plot takes the frame of one analysis and returns the Axes it drew on; nothing here computes
a statistic, and nothing touches pyplot or the global settings of matplotlib. The names load
when they are first used.

Examples
--------
>>> from psychometrics.plots import plot_reliability
>>> plot_reliability.__name__
'plot_reliability'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Labels": "psychometrics.plots.labels",
    "figure_svg": "psychometrics.plots.svg",
    "plot_agreement": "psychometrics.plots.agreement",
    "plot_category_curves": "psychometrics.plots.item_curves",
    "plot_effects": "psychometrics.plots.effects",
    "plot_dif": "psychometrics.plots.dif",
    "plot_dif_curves": "psychometrics.plots.dif",
    "plot_groups": "psychometrics.plots.comparability",
    "plot_half_widths": "psychometrics.plots.half_widths",
    "plot_htmt": "psychometrics.plots.htmt",
    "plot_item_curve": "psychometrics.plots.item_curve",
    "plot_item_information": "psychometrics.plots.item_curves",
    "plot_ladder": "psychometrics.plots.comparability",
    "plot_loadings": "psychometrics.plots.loadings",
    "plot_multitrait": "psychometrics.plots.multitrait",
    "plot_pattern": "psychometrics.plots.pattern",
    "plot_precision": "psychometrics.plots.precision",
    "plot_reliability": "psychometrics.plots.reliability",
    "plot_responses": "psychometrics.plots.responses",
    "plot_scree": "psychometrics.plots.scree",
}

if TYPE_CHECKING:
    from psychometrics.plots.agreement import plot_agreement as plot_agreement
    from psychometrics.plots.comparability import plot_groups as plot_groups
    from psychometrics.plots.comparability import plot_ladder as plot_ladder
    from psychometrics.plots.dif import plot_dif as plot_dif
    from psychometrics.plots.dif import plot_dif_curves as plot_dif_curves
    from psychometrics.plots.effects import plot_effects as plot_effects
    from psychometrics.plots.half_widths import plot_half_widths as plot_half_widths
    from psychometrics.plots.htmt import plot_htmt as plot_htmt
    from psychometrics.plots.item_curve import plot_item_curve as plot_item_curve
    from psychometrics.plots.item_curves import plot_category_curves as plot_category_curves
    from psychometrics.plots.item_curves import plot_item_information as plot_item_information
    from psychometrics.plots.labels import Labels as Labels
    from psychometrics.plots.loadings import plot_loadings as plot_loadings
    from psychometrics.plots.multitrait import plot_multitrait as plot_multitrait
    from psychometrics.plots.pattern import plot_pattern as plot_pattern
    from psychometrics.plots.precision import plot_precision as plot_precision
    from psychometrics.plots.reliability import plot_reliability as plot_reliability
    from psychometrics.plots.responses import plot_responses as plot_responses
    from psychometrics.plots.scree import plot_scree as plot_scree
    from psychometrics.plots.svg import figure_svg as figure_svg

__all__ = [
    "Labels",
    "figure_svg",
    "plot_agreement",
    "plot_category_curves",
    "plot_dif",
    "plot_dif_curves",
    "plot_effects",
    "plot_groups",
    "plot_half_widths",
    "plot_htmt",
    "plot_item_curve",
    "plot_item_information",
    "plot_ladder",
    "plot_loadings",
    "plot_multitrait",
    "plot_pattern",
    "plot_precision",
    "plot_reliability",
    "plot_responses",
    "plot_scree",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'psychometrics.plots' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
