"""Items whose answers rise linearly with one trait, by group; missing answers are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from psychometrics.stats.dif_rows import ENDLESS, Casewise, GroupRows, Sums, add_up, stack
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.one_factor import one_factor_communalities

# Three points give the moments of a normal distribution up to the fourth exactly.
NODES = np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])
NODE_WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6.0
# A residual variance stays above this share of the item's variance.
LEAST_RESIDUAL = 0.005


class LinearItems:
    """One-factor model of groups: ``y = intercept + loading * trait + residual``.

    The parameters of a group are intercepts, loadings, logarithms of residual variances, the
    trait's mean and the logarithm of its variance. Residual variances differ between groups.

    Parameters
    ----------
    rows : sequence of GroupRows

    References
    ----------
    Jöreskog, K. G. (1971). Simultaneous factor analysis in several populations. Psychometrika, 36,
    409-426. doi:10.1007/BF02291366
    Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm.
    Journal of the Royal Statistical Society, Series B, 44, 226-233.
    """

    def __init__(self, rows: Sequence[GroupRows]) -> None:
        self.rows = tuple(rows)
        p = self.rows[0].values.shape[1]
        self.n_items, self.n_groups, self.n_parameters = p, len(self.rows), 3 * p + 2
        self.shared, self.own = np.arange(2 * p), np.arange(2 * p, 3 * p)
        self.mean_at, self.variance_at = 3 * p, 3 * p + 1
        self.directions = np.zeros((p, 2, self.n_parameters))
        item = np.arange(p)
        self.directions[item, 0, item] = 1.0
        self.directions[item, 1, p + item] = 1.0
        self.known = [~np.isnan(part.values) for part in self.rows]
        self.filled = [np.where(np.isnan(part.values), 0.0, part.values) for part in self.rows]
        _, deviations = self._centred()
        self.lowest = np.log(LEAST_RESIDUAL * np.nanvar(deviations, axis=0))

    def _centred(self) -> tuple[FloatArray, FloatArray]:
        """Return the groups' means, and answers about them."""
        count = np.array([part.sum(axis=0) for part in self.known])
        total = np.array([part.sum(axis=0) for part in self.filled])
        # Where nobody answered an item, everybody's mean stands in.
        overall = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1)
        means = np.where(count > 0, total / np.maximum(count, 1), overall)
        deviations = [part.values - mean for part, mean in zip(self.rows, means, strict=True)]
        return means, np.concatenate(deviations)

    def start(self) -> FloatArray:
        """Return the pooled one-factor solution, with the groups' means on the trait."""
        p = self.n_items
        means, deviations = self._centred()
        sd = np.nanstd(deviations, axis=0)
        known = ~np.isnan(deviations)
        z = np.where(known, deviations / sd, 0.0)
        both = known.astype(float).T @ known
        common = one_factor_communalities(((z.T @ z) / np.maximum(both, 1.0))[None])[0]
        common = np.clip(common, 0.05, 0.95)
        sign = np.where((z.T @ z).sum(axis=1) < 0, -1.0, 1.0)
        loadings = sign * sd * np.sqrt(common)
        trait = ((means - means[0]) * loadings).sum(axis=1) / (loadings**2).sum()
        found = np.zeros((self.n_groups, self.n_parameters))
        found[:, :p] = (means - trait[:, None] * loadings).mean(axis=0)
        found[:, p : 2 * p] = loadings
        found[:, self.own] = np.log(sd**2 * (1 - common))
        found[:, self.mean_at] = trait
        return found

    def sums(self, theta: FloatArray, *, curved: bool = True) -> Sums:
        """Return sums at parameters shaped (group, m); information is 0 unless `curved`."""
        found = (self.casewise(g, theta[g], curved=curved) for g in range(self.n_groups))
        return stack(
            [add_up(*pair, self.n_items + 2) for pair in zip(self.rows, found, strict=True)]
        )

    def casewise(self, g: int, theta: FloatArray, *, curved: bool = True) -> Casewise:
        """Return what each person of a group adds."""
        p = self.n_items
        intercepts, loadings, residual = theta[:p], theta[p : 2 * p], np.exp(theta[self.own])
        mean, variance = theta[self.mean_at], float(np.exp(theta[self.variance_at]))
        known, y = self.known[g].astype(float), self.filled[g]
        left = known * (y - intercepts - loadings * mean)
        pull = loadings / residual
        precision = known @ (loadings * pull) + 1 / variance
        moved = left @ pull
        trait = mean + moved / precision
        size = (
            known @ (np.log(residual) + np.log(2 * np.pi)) + np.log(variance * precision)
            + left**2 @ (1 / residual) - moved**2 / precision
        )  # fmt: skip
        node = trait[:, None] + NODES / np.sqrt(precision)[:, None]
        error = known[:, None] * (y[:, None] - intercepts - loadings * node[..., None])
        own = error / residual
        spread = error * own
        away = node - mean
        score = np.concatenate(
            [
                own, own * node[..., None], 0.5 * (spread - known[:, None]),
                away[..., None] / variance, 0.5 * (away[..., None] ** 2 / variance - 1),
            ], axis=-1,
        )  # fmt: skip
        mean_score = np.einsum("q,nqm->nm", NODE_WEIGHTS, score)
        if not curved:
            return Casewise(-0.5 * size, mean_score, None)
        weights = self.rows[g].weights
        case = np.ones(len(y)) if weights is None else weights
        joint = np.sqrt(NODE_WEIGHTS * case[:, None])[..., None]
        flat = (score * joint).reshape(-1, self.n_parameters)
        expected = flat.T @ flat + self._second(score, known, node, case, residual, variance, away)
        return Casewise(-0.5 * size, mean_score, expected)

    def _second(
        self,
        score: FloatArray,
        known: FloatArray,
        node: FloatArray,
        case: FloatArray,
        residual: FloatArray,
        variance: float,
        away: FloatArray,
    ) -> FloatArray:
        """Return the sum of the expected second derivatives of the complete data."""
        p, m = self.n_items, self.n_parameters
        joint = NODE_WEIGHTS * case[:, None]
        item = np.arange(p)
        found = np.zeros((m, m))
        for power, (a, b) in enumerate(((0, 0), (0, p), (p, p))):
            found[a + item, b + item] = -((joint * node**power).sum(axis=1) @ known) / residual
        total = np.einsum("nq,nqm->m", joint, score)
        found[item, 2 * p + item] = -total[:p]
        found[p + item, 2 * p + item] = -total[p : 2 * p]
        # e^2/(2 theta) is the score of the logarithm and half the number of answers.
        found[2 * p + item, 2 * p + item] = -total[2 * p : 3 * p] - 0.5 * case @ known
        at, log_at = self.mean_at, self.variance_at
        found[at, at] = -case.sum() / variance
        found[at, log_at] = -(joint * away).sum() / variance
        found[log_at, log_at] = -0.5 * (joint * away**2).sum() / variance
        lower = np.tril_indices(m, -1)
        found[lower] = found.T[lower]
        return found

    def endless(self, theta: FloatArray) -> bool:
        """Tell whether a parameter grows without end, so that there is no maximum."""
        away = np.abs(theta[:, self.mean_at]).max()
        return bool(away > ENDLESS or np.abs(theta[:, self.variance_at]).max() > ENDLESS)

    def standing(self, g: int, theta: FloatArray, without: int) -> FloatArray:
        """Return the posterior mean of each person of a group by all items but one, (n,)."""
        p = self.n_items
        known = self.known[g].astype(float)
        known[:, without] = 0.0
        loadings, mean = theta[p : 2 * p], theta[self.mean_at]
        pull = loadings / np.exp(theta[self.own])
        precision = known @ (loadings * pull) + np.exp(-theta[self.variance_at])
        left = known * (self.filled[g] - theta[:p] - loadings * mean)
        return np.asarray(mean + left @ pull / precision)

    def expected_answer(self, theta: FloatArray, item: int, trait: FloatArray) -> FloatArray:
        """Return what is answered to an item on average at some standings."""
        return np.asarray(theta[item] + theta[self.n_items + item] * trait)
