"""What may be compared between which groups: nothing, correlations, or means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.validity.comparability_ladders import Climbed
from psychometrics.validity.comparability_samples import Grouped
from psychometrics.validity.criteria import CRITERIA, FIT_CRITERIA
from psychometrics.validity.factors import factor_of
from psychometrics.validity.invariance_verdicts import SIGNIFICANCE

COMPARABILITY_COLUMNS = (
    "grouping", "model", "scale", "group", "pooling", "group_a", "group_b", "may_compare",
    "n_items", "n_equal", "items", "bias", "low", "high", "reference", "n_obs", "method",
    "explanation", "reason",
)  # fmt: skip

NOTHING, CORRELATIONS, OPEN, PARTIAL, MEANS = (
    "nothing", "correlations", "undecided", "means_partial", "means",
)  # fmt: skip
UNAVAILABLE = "unavailable"
ORDER = (UNAVAILABLE, NOTHING, CORRELATIONS, OPEN, PARTIAL, MEANS)
"""From what allows least to what allows most; two groups may compare what both allow."""

FEWEST_EQUAL = 2
"""Equal items that a factor's scale needs; they also have to be more than half of the items."""

Row = dict[str, Any]


@dataclass(frozen=True)
class State:
    """What one scale of one group allows.

    Attributes
    ----------
    may_compare : str
        One of :data:`ORDER`.
    different : tuple of str
        Items with a parameter of their own there.
    n_items, n_equal : int
    explanation : Reason
    """

    may_compare: str
    different: tuple[str, ...]
    n_items: int
    n_equal: int
    explanation: Reason


def least(states: Sequence[str]) -> str:
    """Return what all allow.

    Examples
    --------
    >>> least(["means", "means_partial"]), least(["correlations", "undecided"])
    ('means_partial', 'correlations')
    """
    return min(states, key=ORDER.index) if states else UNAVAILABLE


def structure_holds(found: Climbed) -> bool:
    """Tell whether items go together as defined where everything is free."""
    if found.result is None or "configural" not in found.result.fits:
        return False
    return structure_fits(dict(found.result.table.loc["configural"]))


def structure_fits(row: Row) -> bool:
    """Tell whether any index meets its cut-off; nothing to tell without degrees of freedom."""
    if not float(row["df"]) > 0:
        return True
    values = {name: float(row[name]) for name in ("cfi", "tli", "rmsea", "srmr")}
    return any(CRITERIA[key].met_by(values[CRITERIA[key].statistic]) for key in FIT_CRITERIA)


def rest_differs(found: Climbed) -> bool:
    """Tell whether groups differ by more than single items account for."""
    if found.result is None or found.partial is None:
        return False
    verdicts = found.result.verdicts["verdict"]
    loadings = any(freed[1] == "=~" for freed in found.partial.freed)
    if verdicts.get("metric") == "differs" and not loadings:
        return True
    if verdicts.get("scalar") == "no_difference_found":
        return False
    tests = found.partial.tests
    rest = tests.loc[tests["wider"] == "metric", "delta_p"]
    if rest.empty:
        return verdicts.get("scalar") != "no_difference_found" and not found.partial.freed
    return bool((rest < SIGNIFICANCE).any())


def state_of(found: Climbed, scale: str, group: str, *, rest: bool, holds: bool) -> State:
    """Judge one scale in one group.

    Parameters
    ----------
    rest : bool
        Whether groups differ by more than single items account for.
    holds : bool
        Whether items go together as defined.
    """
    items = [item.removeprefix("-") for item in found.carried.scales[scale]]
    n_items = len(items)
    if found.result is None or found.partial is None:
        return State(UNAVAILABLE, (), n_items, 0, found.why)
    at = found.result.groups.index(group)
    own = {freed[:3] for freed in found.partial.freed if freed[3] == at}
    factor = factor_of(scale)
    steep = [item for item in items if (factor, "=~", item) in own]
    high = [item for item in items if (item, "~1", "") in own]
    different = tuple(item for item in items if item in steep or item in high)
    n_equal = n_items - len(different)
    told: dict[str, Any] = {
        "items": ", ".join(different), "n_items": n_items, "n_equal": n_equal, "group": group
    }  # fmt: skip

    def state(code: str, **more: Any) -> State:
        words = reason(f"may_compare_{code}", **told, **more)
        return State(code.removesuffix("_structure"), different, n_items, n_equal, words)

    if not holds:
        return state("nothing_structure")
    if not enough(n_items - len(steep), n_items):
        return state(NOTHING)
    if not enough(n_equal, n_items):
        return state(CORRELATIONS)
    if different:
        return state(PARTIAL)
    return state(OPEN) if rest else state(MEANS)


def enough(n_equal: int, n_items: int) -> bool:
    """Tell whether equal items give a factor its scale.

    Examples
    --------
    >>> enough(3, 4), enough(2, 4), enough(2, 3), enough(1, 1)
    (True, False, True, False)
    """
    return n_equal >= FEWEST_EQUAL and 2 * n_equal > n_items


def verdict_rows(data: Grouped, found: Climbed, method: str) -> list[Row]:
    """Return a row for all groups, one a group and one a pair, scale by scale."""
    rows: list[Row] = []
    for scale in found.carried.scales:
        rows += scale_rows(data, found, scale, method)
    return rows


def scale_rows(data: Grouped, found: Climbed, scale: str, method: str) -> Iterator[Row]:
    """Yield the rows of one scale."""
    carried = found.carried
    nan = float("nan")
    about: Row = {
        "grouping": data.grouping, "model": carried.model, "scale": scale, "group": None,
        "group_a": None, "group_b": None, "items": "", "bias": nan, "low": nan, "high": nan,
        "reference": found.reference, "method": method, "reason": NO_REASON,
    }  # fmt: skip
    n_items = len(carried.scales[scale])
    rest, holds = rest_differs(found), structure_holds(found)
    states = {
        group: state_of(found, scale, group, rest=rest, holds=holds) for group in carried.groups
    }
    biased = biases_of(found, scale)
    judged = found.partial is not None
    names = list(states) if judged else []
    all_of = least([states[name].may_compare for name in names])
    left_out = [name for name in data.groups if name not in names]
    yield about | {
        "pooling": "total", "may_compare": all_of, "n_items": n_items,
        "n_equal": n_items - len({item for one in states.values() for item in one.different})
        if judged else 0,
        "items": ", ".join(dict.fromkeys(i for s in states.values() for i in s.different)),
        "n_obs": sum(carried.n_obs.get(name, 0) for name in carried.groups),
        "explanation": all_words(data, found, states, left_out) if judged else found.why,
        "reason": NO_REASON if judged else found.why,
    }  # fmt: skip
    for name in data.groups:
        own = states.get(name)
        why = carried.refused.get(name, carried.why or found.why)
        row = about | {"group": name, "pooling": data.pooling, "n_items": n_items,
                       "n_obs": carried.n_obs.get(name, 0)}  # fmt: skip
        if own is None or not judged:
            told = reason("group_refused", why=str(why)) if why else why
            yield row | {"may_compare": UNAVAILABLE, "n_equal": 0, "explanation": told,
                         "reason": why}  # fmt: skip
            continue
        yield row | biased.get(name, {}) | {
            "may_compare": own.may_compare, "n_equal": own.n_equal,
            "items": ", ".join(own.different), "explanation": own.explanation,
        }  # fmt: skip
    for one, other in combinations(names, 2):
        both = (states[one], states[other])
        different = list(dict.fromkeys(item for each in both for item in each.different))
        code = least([each.may_compare for each in both])
        yield about | {
            "pooling": "pair", "group_a": one, "group_b": other, "may_compare": code,
            "n_items": n_items, "n_equal": n_items - len(different),
            "items": ", ".join(different),
            "n_obs": carried.n_obs[one] + carried.n_obs[other],
            "explanation": next(s for s in both if s.may_compare == code).explanation,
        }  # fmt: skip


def biases_of(found: Climbed, scale: str) -> dict[str, Row]:
    """Return how far the mean score of each group is off, in points of an answer."""
    if found.effects.empty:
        return {}
    of_scale = (found.effects["scale"] == factor_of(scale)) & found.effects["item"].isna()
    return {
        str(row["group"]): {
            name: float(row[name]) / int(row["n_items"]) for name in ("bias", "low", "high")
        }
        for row in found.effects[of_scale].to_dict("records")
    }


def all_words(
    data: Grouped, found: Climbed, states: dict[str, State], left_out: Sequence[str]
) -> Reason:
    """Say for which groups what may be compared."""
    parts = []
    for code in reversed(ORDER):
        names = [name for name, one in states.items() if one.may_compare == code]
        # Nobody compares means with themselves.
        if names and not (code == MEANS and len(names) == 1):
            parts.append(str(reason(f"groups_{code}", groups=data.listed(names))))
    if left_out:
        parts.append(str(reason("groups_unavailable", groups=data.listed(left_out))))
    parts.append(str(test_words(found)))
    return reason("may_compare_all", told=" ".join(parts))


def test_words(found: Climbed) -> Reason:
    """Say what the tests of the ladder found, and what they can't show."""
    if found.result is None:
        return NO_REASON
    verdicts = found.result.verdicts["verdict"]
    told = {
        level: str(reason(f"level_short_{verdicts.get(level, 'unavailable')}"))
        for level in ("metric", "scalar")
    }
    tested = found.result.permutation
    if tested is None:
        return reason("levels_told", **told)
    first = tested.omnibus["p_value"].get("configural", np.nan)
    return reason("levels_told_permuted", p_value=float(first), n_samples=tested.n_samples, **told)
