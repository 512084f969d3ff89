"""Quality of evidence: from high, down for risk of bias, few people, and sites that disagree."""

from __future__ import annotations

from collections.abc import Iterable

from psychometrics.validity.rating_rules import GRADES, LEVELS, Grade

ORDER: tuple[str, ...] = GRADES


def worst(grades: Iterable[str]) -> str:
    """Return the worst of some grades, as the worst counts; empty where there is none.

    Examples
    --------
    >>> worst(["adequate", "doubtful", "very_good"])
    'doubtful'
    """
    return max(grades, key=ORDER.index, default="")


def best(grades: Iterable[str]) -> str:
    """Return the best of some grades; empty where there is none."""
    return min(grades, key=ORDER.index, default="")


def lowered(
    rules: Grade, risk_of_bias: str, *, n_sites: int, n_obs: float | None, disagree: bool = False
) -> str:
    """Return the level of evidence.

    Parameters
    ----------
    rules : Grade
        How much each shortcoming costs.
    risk_of_bias : str
        Best grade among the sites; empty where nobody graded, which costs nothing.
    n_sites : int
        Sites of that grade.
    n_obs : float or None
        People in all; None where the size of the sample counts in the risk of bias already.
    disagree : bool
        Whether sites disagree.

    Examples
    --------
    >>> from psychometrics.validity.rating_rules import cosmin_rules
    >>> grade = cosmin_rules().grade
    >>> lowered(grade, "inadequate", n_sites=1, n_obs=None)
    'very_low'
    >>> lowered(grade, "inadequate", n_sites=2, n_obs=None), lowered(grade, "", n_sites=1, n_obs=80)
    ('low', 'moderate')
    """
    down = rules.inconsistency if disagree else 0
    if risk_of_bias:
        table = rules.risk_of_bias
        costs = table.several_sites if n_sites > 1 else table.one_site
        down += dict(costs)[risk_of_bias]  # type: ignore[index]
    if n_obs is not None:
        down += next((each.levels for each in rules.imprecision if n_obs < each.below), 0)
    return LEVELS[min(down, len(LEVELS) - 1)]


def supports(level: str) -> bool:
    """Tell whether evidence is low or better, which COSMIN asks before alpha counts."""
    return level in LEVELS[:3]
