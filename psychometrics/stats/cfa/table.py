"""The parameter table: the one representation of a model from text to result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psychometrics.stats.cfa.expressions import Node

Parameterization = Literal["delta", "theta"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the parameter table.

    Attributes
    ----------
    lhs, op, rhs : str
        ``=~``, ``~~``, ``~`` or ``~1`` between two names; ``|`` before the name of a threshold
        (``t1``), ``~*~`` for the scale of an ordered item.
    group : int
        Index of the group, from 0.
    free : bool
        Whether it is estimated.
    value : float or None
        The fixed value.
    start : float or None
        A starting value of the user's.
    label : str or None
        Parameters of one label are one parameter.
    exogenous : bool
        A moment of observed predictors: kept at its sample value, not counted as a parameter.
    freed : bool
        Set free by ``NA*``: an automatic marker must not fix it again.
    dependent : bool
        Follows from the others: the residual variance of an ordered item whose scale is given, or
        its scale where the residual variance is.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    free: bool
    value: float | None = None
    start: float | None = None
    label: str | None = None
    exogenous: bool = False
    freed: bool = False
    dependent: bool = False

    @property
    def name(self) -> str:
        """The parameter as one would write it."""
        return f"{self.lhs}{self.op}{self.rhs}"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A linear constraint: the weighted sum of some parameters is a constant.

    Attributes
    ----------
    terms : tuple of (int, float)
        Rows of the table and their weights.
    constant : float
        What the sum must be.
    text : str
        The constraint as one would write it.
    """

    terms: tuple[tuple[int, float], ...]
    constant: float
    text: str


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """A completed model.

    Attributes
    ----------
    rows : tuple of Parameter
        All parameters of all groups; the groups one after another, in the same order.
    observed, latent : tuple of str
        Names; observed in the order of their first appearance as indicators.
    exogenous : tuple of str
        Observed predictors that nothing in the model explains.
    n_groups : int
        Number of groups.
    mean_structure : bool
        Whether means are modelled.
    definitions : tuple of (str, Node)
        Names and expressions of the defined parameters.
    constraints : tuple of Constraint
        Linear constraints beyond equal labels.
    ordered : tuple of str
        Observed variables of which answers show between which thresholds they lie.
    parameterization : {"delta", "theta"}
        Whether the scales of ordered items are parameters, or their residual variances.
    """

    rows: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    n_groups: int
    mean_structure: bool
    definitions: tuple[tuple[str, Node], ...] = ()
    constraints: tuple[Constraint, ...] = ()
    ordered: tuple[str, ...] = ()
    parameterization: Parameterization = "delta"
