"""The levels of measurement invariance: what is equal at each, and which samples carry them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from psychometrics.errors import DataError

Level = Literal[
    "configural", "thresholds", "metric", "scalar", "strict",
    "lv_variances", "lv_covariances", "means",
]  # fmt: skip

CONTINUOUS: tuple[Level, ...] = ("configural", "metric", "scalar", "strict")
ORDERED: tuple[Level, ...] = ("configural", "thresholds", "metric", "scalar", "strict")

# What becomes equal at each level, with what has to be equal before that means anything. For
# ordered items every level but the first needs equal thresholds too (Wu & Estabrook, 2016).
EQUAL: dict[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "lv_variances": ("loadings", "lv.variances"),
    "lv_covariances": ("loadings", "lv.covariances"),
    "means": ("loadings", "intercepts", "means"),
}

# The smallest groups that robust least squares on polychoric correlations was found to work with:
# Flora, D. B., & Curran, P. J. (2004). An empirical evaluation of alternative methods of estimation
# for confirmatory factor analysis with ordinal data. Psychological Methods, 9, 466-491.
LEAST_ORDERED = 100
# Below this a factor model of one group is not worth fitting: standard errors and chi-square are
# not to be relied on whatever the model.
LEAST_CONTINUOUS = 30
TOO_FEW = "Too few people for this ladder"


def equal_kinds(levels: Sequence[str], *, ordered: bool) -> list[tuple[str, ...]]:
    """Return what is equal at each level: what was equal before, and what the level adds.

    Raises
    ------
    DataError
        A level that doesn't exist, that stands twice, or that is for ordered items only.
    """
    if not levels:
        raise DataError("levels is empty; name one or more of " + ", ".join(EQUAL) + ".")
    unknown = [level for level in levels if level not in EQUAL]
    if unknown:
        raise DataError(
            f"levels holds {', '.join(map(repr, unknown))}; there are {', '.join(EQUAL)}."
        )
    if len(set(levels)) < len(levels):
        raise DataError(f"levels names a level twice: {', '.join(levels)}.")
    if "thresholds" in levels and not ordered:
        raise DataError(
            "The level 'thresholds' is for ordered items; say which they are (ordered=True for "
            "all), or leave it out."
        )
    found: list[tuple[str, ...]] = []
    so_far: tuple[str, ...] = ()
    for level in levels:
        own = EQUAL[level]
        if ordered and level != "configural":
            own = ("thresholds", *own)
        so_far = (*so_far, *(kind for kind in own if kind not in so_far))
        found.append(so_far)
    return found


def refuse_small_groups(
    groups: Sequence[str],
    n_by_group: Sequence[int],
    n_items: int,
    n_parameters: int,
    *,
    ordered: bool,
) -> None:
    """Refuse a ladder that the groups are too small for, with what can be done instead.

    Parameters
    ----------
    n_parameters : int
        Free parameters of one group where nothing is equal.

    Raises
    ------
    DataError
        Naming each group with its size.
    """
    if ordered:
        needed = max(LEAST_ORDERED, n_parameters + 1)
    else:
        needed = max(LEAST_CONTINUOUS, n_items + 2)
    small = [f"{name} {n}" for name, n in zip(groups, n_by_group, strict=True) if n < needed]
    if not small:
        return
    if ordered:
        why = (
            f"thresholds and polychoric correlations of {n_items} items ({n_parameters} parameters "
            f"a group) need {needed} people or more in every group"
        )
        instead = (
            "treat the answers as continuous with estimator='MLR' and ordered=False (five "
            "categories or more, not too skewed)"
        )
    else:
        why = f"a factor model of {n_items} items needs {needed} people or more in every group"
        instead = "compare factors by factor_congruence()"
    raise DataError(
        f"{TOO_FEW}: {why}; there are {', '.join(small)}. Instead {instead}, "
        "join groups that belong together, or leave the small ones out. With "
        "small_groups='fit' it is fitted all the same."
    )
