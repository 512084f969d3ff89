"""What the item response view rests on: arrays of a fitted model, in one metric or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.cfa.latent_model import latent_model
from psychometrics.stats.item_information import ScaleReliability, membership, scale_reliability
from psychometrics.stats.item_response import Graded, graded_parameters, standard_errors
from psychometrics.stats.latent_responses import LatentResponses
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.validity.people_scores import model_of_groups

if TYPE_CHECKING:
    from psychometrics.validity.cfa_result import CFAResult

SAME = 1e-6
"""Parameters that are held equal differ by rounding alone."""


@dataclass(frozen=True)
class Slopes:
    """How graded parameters move with those of the fitted model, and their standard errors.

    Attributes
    ----------
    own : ndarray, shape (group, p, K, q)
        Derivatives of slope and intercepts in each group's own metric.
    slope_se : ndarray, shape (group, p)
        In the metric that is used.
    difficulty_se : ndarray, shape (group, p, K - 1)
    """

    own: FloatArray
    slope_se: FloatArray
    difficulty_se: FloatArray


@dataclass(frozen=True)
class ResponseModel:
    """An ordinal factor model with its names, estimates and their covariance.

    Attributes
    ----------
    items, factors : tuple of str
    groups : tuple of str or None
        ``(None,)`` without groups.
    n_by_group : tuple of int
        People that the model was fitted to.
    latent : LatentResponses
        Leading axis group.
    codes : ndarray, shape (p, K)
        Answers that the categories stand for; NaN where an item has fewer.
    method : str
        How the model was fitted.
    problem : Reason
        Why its solution should not be used; empty where it can.
    at : callable
        From parameters (replicate, q) to the model there, with axes (replicate, group).
    z, covariance : ndarray, shape (q,) and (q, q)
        Estimates and their covariance.
    grid : ndarray, shape (t,)
        Trait values that are shown.
    reference : int or None
        Group whose metric is used; None for each group's own.
    """

    items: tuple[str, ...]
    factors: tuple[str, ...]
    groups: tuple[str | None, ...]
    n_by_group: tuple[int, ...]
    latent: LatentResponses
    codes: FloatArray
    method: str
    problem: Reason
    at: Callable[[Any], LatentResponses]
    z: FloatArray
    covariance: FloatArray
    grid: FloatArray
    reference: int | None = None

    @cached_property
    def graded(self) -> Graded:
        """Items of one factor in the metric that is used."""
        return graded_parameters(self.latent, self.reference)

    @cached_property
    def own(self) -> Graded:
        """Items of one factor in each group's own metric."""
        return graded_parameters(self.latent)

    @cached_property
    def reliability(self) -> ScaleReliability:
        """Reliability of each scale over the group's own trait."""
        return scale_reliability(self.own, len(self.factors))

    @cached_property
    def by_parameters(self) -> Slopes:
        """How the items' parameters move with those of the fitted model."""

        def parameters(z: Any) -> Any:
            latent = self.at(z)
            own = graded_parameters(latent)
            used = own if self.reference is None else graded_parameters(latent, self.reference)
            parts = (own.slope[..., None], own.intercepts, used.slope[..., None], used.difficulties)
            return np.concatenate(parts, axis=-1)

        with np.errstate(invalid="ignore", divide="ignore"):
            slopes, se = standard_errors(parameters, self.z, self.covariance)
        half = se.shape[-1] // 2
        return Slopes(slopes[..., :half, :], se[..., half], se[..., half + 1 :])

    @cached_property
    def members(self) -> BoolArray:
        """Which items make up each factor's scale, (m, p)."""
        return membership(self.own, len(self.factors))

    @property
    def reference_name(self) -> str | None:
        """Name of the group whose metric is used; None for each group's own."""
        return None if self.reference is None else self.groups[self.reference]

    @property
    def unidimensional(self) -> list[str]:
        """Items that load on one factor."""
        return [item for item, f in zip(self.items, self.own.factor, strict=True) if f >= 0]

    @cached_property
    def turned(self) -> BoolArray:
        """Items that point against their factor, (p,): their answers are turned in scores."""
        slope = np.nan_to_num(self.own.slope)
        first = slope[np.argmax(slope != 0, axis=0), np.arange(len(self.items))]
        return np.asarray(first < 0)

    @property
    def score_codes(self) -> FloatArray:
        """The answers as they count in a score, (p, K): turned where the item is."""
        scores = self.codes.copy()
        for item in np.flatnonzero(self.turned & self.latent.ordered):
            own = scores[item]
            scores[item] = np.nanmin(own) + np.nanmax(own) - own
        return scores

    def factor_name(self, item: int) -> str:
        """Return the factor of an item of one factor."""
        return self.factors[self.own.factor[item]]

    def item_problem(self, item: int, group: int) -> Reason:
        """Say why an item has no parameters on one trait; empty where it has."""
        name, factor = self.items[item], self.own.factor[item]
        if factor == -1:
            return reason("loads_on_several", item=name)
        if factor == -2:
            return reason("loads_on_none", item=name)
        residual = float(self.latent.residual_variance[group, item])
        if abs(residual) < SAME:
            return reason("residual_fixed_at_zero", item=name)
        if not residual > 0:
            return reason("no_residual_variance", item=name, value=residual)
        if np.isnan(self.own.slope[group, item]):
            return reason("no_trait_variance", factor=self.factor_name(item))
        return NO_REASON

    def scale_problem(self, factor: int, group: int) -> Reason:
        """Say why the information of a scale can't be had; empty where it can."""
        mine = np.flatnonzero(self.members[factor])
        if not mine.size:
            return reason("no_items_of_its_own", factor=self.factors[factor])
        for item in mine:
            why = self.item_problem(int(item), group)
            if why:
                return why
        pairs = np.argwhere(np.triu(self.latent.dependent[np.ix_(mine, mine)]))
        if pairs.size:
            named = [f"{self.items[mine[a]]} and {self.items[mine[b]]}" for a, b in pairs]
            return reason("answers_depend", pairs="; ".join(named))
        return NO_REASON


def response_model(fit: CFAResult, grid: FloatArray, reference: str | None) -> ResponseModel:
    """Take from a fitted model what the item response view needs.

    Raises
    ------
    DataError
        A model without ordered items; a reference group that gives no common metric.
    """
    answers = fit.fitted.answers
    if answers is None:
        raise DataError(
            "The item response view needs a model of ordered items: fit it with "
            "cfa(..., ordered=True), or name the items."
        )
    layout = fit.fits.layout
    items, latent = layout.variables[: layout.n_observed], model_of_groups(fit)
    found = ResponseModel(
        items,
        layout.variables[layout.n_observed :],
        fit.groups or (None,),
        fit.fitted.n_by_group,
        latent,
        answer_codes(items, answers.categories, latent.thresholds.shape[-1] + 1),
        fit.method,
        fit.problem,
        partial(latent_model, layout),
        fit.fits.optimum.z[0],
        fit.fits.covariance[0],
        grid,
        reference_group(fit, latent, reference),
    )
    return found


def answer_codes(
    items: tuple[str, ...], categories: Mapping[str, tuple[tuple[float, ...], ...]], most: int
) -> FloatArray:
    """Return the answer of each category, (p, K); the mean of answers that were joined."""
    found = np.full((len(items), most), np.nan)
    for i, item in enumerate(items):
        for k, members in enumerate(categories.get(item, ())):
            found[i, k] = np.mean(members)
    return found


def reference_group(fit: CFAResult, latent: LatentResponses, reference: str | None) -> int | None:
    """Return the place of the reference group, or say why groups have no common metric."""
    if reference is None:
        return None
    if not fit.groups:
        raise DataError("reference names a group, and the model was fitted without groups.")
    check_option("reference", reference, fit.groups)
    linked = linking_items(latent)
    apart = [
        name
        for f, name in enumerate(fit.fits.table.latent)
        if (latent.loadings[..., f] != 0).any()
        and not (linked & (latent.loadings[..., f] != 0).any(axis=0)).any()
    ]
    if apart:
        raise DataError(
            f"The groups have no common metric of {', '.join(apart)}: no item has the same "
            "loading, intercept and thresholds in all groups. Fit the model with "
            "group_equal=('thresholds', 'loadings'), after testing that they are equal; or leave "
            "reference out."
        )
    return fit.groups.index(reference)


def linking_items(latent: LatentResponses) -> BoolArray:
    """Return which items have the same loadings, intercepts and thresholds in all groups, (p,)."""
    same = np.ptp(latent.loadings, axis=0).max(axis=-1) < SAME
    same &= np.ptp(latent.intercepts, axis=0) < SAME
    gaps = np.nan_to_num(latent.thresholds)
    return np.asarray(same & (np.ptp(gaps, axis=0).max(axis=-1, initial=0.0) < SAME))
