"""Rows of one scale by group, and what their scores add up to, for models of one trait.

Whatever the model of an item, a person's score and the information come from the same two
identities of missing data: the score is the posterior mean of the complete-data score (Fisher),
and the information is what is expected of the complete data less what is lost (Louis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from psychometrics.stats.moments import FloatArray, IntArray

# Logits (or standard deviations of the trait) beyond which a parameter grows without end.
ENDLESS = 40.0


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The answers of one group.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        NaN where there is no answer.
    weights : ndarray, shape (n,), or None
        Case weights with a mean of 1.
    cluster : ndarray of int, shape (n,), or None
        Who is not independent of whom.
    """

    values: FloatArray
    weights: FloatArray | None = None
    cluster: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Log-likelihood and derivatives by group.

    Attributes
    ----------
    log_likelihood : ndarray, shape (group,)
    gradient : ndarray, shape (group, m)
    information : ndarray, shape (group, m, m)
        Minus the matrix of second derivatives.
    products : ndarray, shape (group, m, m)
        Sum of the products of the people's (or clusters') scores.
    """

    log_likelihood: FloatArray
    gradient: FloatArray
    information: FloatArray
    products: FloatArray


@dataclass(frozen=True, slots=True)
class Casewise:
    """What the two identities need of each person of a group.

    Attributes
    ----------
    log_likelihood : ndarray, shape (n,)
    score : ndarray, shape (n, m)
    expected : ndarray, shape (m, m), or None
        Sum over people of the expected second derivatives of the complete data plus the expected
        products of complete-data scores; None where curvature wasn't asked for.
    """

    log_likelihood: FloatArray
    score: FloatArray
    expected: FloatArray | None


class ItemModel(Protocol):
    """How the answers to the items of one scale depend on the trait in each group.

    Attributes
    ----------
    n_items, n_groups, n_parameters : int
        Items, groups, parameters a group.
    shared : ndarray of int
        Which parameters are equal in all groups unless an item is set free.
    own : ndarray of int
        Which belong to each group, without the trait's.
    mean_at, variance_at : int
        Where the trait's mean and the logarithm of its variance stand.
    directions : ndarray, shape (item, 2, m)
        How parameters move if an item is answered higher at every standing, and if its answers
        rise more steeply.
    lowest : ndarray, shape (len(own),)
        Bounds below of what belongs to each group.
    rows : tuple of GroupRows
    """

    n_items: int
    n_groups: int
    n_parameters: int
    shared: IntArray
    own: IntArray
    mean_at: int
    variance_at: int
    directions: FloatArray
    lowest: FloatArray
    rows: tuple[GroupRows, ...]

    def start(self) -> FloatArray:
        """Return a point to start from, (group, m)."""

    def sums(self, theta: FloatArray, *, curved: bool = True) -> Sums:
        """Return sums at parameters shaped (group, m); information is 0 unless `curved`."""

    def endless(self, theta: FloatArray) -> bool:
        """Tell whether a parameter grows without end, so that there is no maximum."""

    def standing(self, g: int, theta: FloatArray, without: int) -> FloatArray:
        """Return the posterior mean of each person of a group by all items but one, (n,)."""

    def expected_answer(self, theta: FloatArray, item: int, trait: FloatArray) -> FloatArray:
        """Return what is answered to an item on average at some standings, by one group."""


def add_up(
    rows: GroupRows, found: Casewise, n_own: int
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Return one group's log-likelihood, gradient, information and score products.

    The products are taken over people less the parameters that are the group's own: without, score
    tests reject 8 % at 30 to 70 people a group where 5 % are meant (linear items).
    """
    score = found.score
    weights = rows.weights
    weighted = score if weights is None else score * weights[:, None]
    information = np.zeros((score.shape[1],) * 2)
    if found.expected is not None:
        information = weighted.T @ score - found.expected
    n = len(score)
    if rows.cluster is None:
        products = weighted.T @ weighted * (n / max(n - n_own, 1))
    else:
        _, place = np.unique(rows.cluster, return_inverse=True)
        total = np.zeros((int(place.max(initial=-1)) + 1, score.shape[1]))
        np.add.at(total, place, weighted)
        few = len(total) / max(len(total) - 1, 1)
        products = total.T @ total * (few * (n - 1) / max(n - n_own, 1))
    loglik = found.log_likelihood
    size = float(loglik.sum() if weights is None else loglik @ weights)
    return size, weighted.sum(axis=0), information, products


def stack(parts: list[tuple[float, FloatArray, FloatArray, FloatArray]]) -> Sums:
    """Return the sums of all groups."""
    size, gradient, information, products = zip(*parts, strict=True)
    return Sums(np.array(size), np.array(gradient), np.array(information), np.array(products))
