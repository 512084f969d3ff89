"""Items whose ordered answers depend on one trait by the graded response model, by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from psychometrics.stats.dif_rows import ENDLESS, Casewise, GroupRows, Sums, add_up, stack
from psychometrics.stats.moments import FloatArray

# Standings in a group's standard deviations. The rule of equal steps is exact for practical
# purposes while people's posterior spread exceeds half a step.
NODES = np.linspace(-5.8, 5.8, 59)
LOG_NODE_WEIGHTS = -0.5 * NODES**2 - special.logsumexp(-0.5 * NODES**2)
# People whose score products are held at once.
BLOCK_ROWS = 2_000


class GradedItems:
    """Graded response model of groups: ``P(y >= k) = logistic(slope * trait - threshold_k)``.

    The parameters of a group are thresholds item after item, slopes, the trait's mean and the
    logarithm of its variance.

    Parameters
    ----------
    rows : sequence of GroupRows
        Codes; an item's categories are those that anybody gave in any group.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph Supplement, 17.
    Bock, R. D., & Zimowski, M. F. (1997). Multiple group IRT. In W. J. van der Linden & R. K.
    Hambleton (Eds.), Handbook of modern item response theory (pp. 433-448). Springer.
    """

    def __init__(self, rows: Sequence[GroupRows]) -> None:
        self.rows = tuple(rows)
        everybody = np.concatenate([part.values for part in self.rows])
        p = everybody.shape[1]
        seen = [np.unique(column[~np.isnan(column)]) for column in everybody.T]
        self.categories = seen
        counts = np.array([len(one) for one in seen])
        n_thresholds = int((counts - 1).sum())
        self.n_items, self.n_groups = p, len(self.rows)
        self.n_parameters = n_thresholds + p + 2
        self.shared, self.own = np.arange(n_thresholds + p), np.empty(0, dtype=np.int64)
        self.mean_at, self.variance_at = n_thresholds + p, n_thresholds + p + 1
        self.first = np.concatenate([[0], np.cumsum(counts - 1)])
        self.slopes = n_thresholds + np.arange(p)
        self.lowest = np.empty(0)
        self.directions = np.zeros((p, 2, self.n_parameters))
        for j in range(p):
            self.directions[j, 0, self.first[j] : self.first[j + 1]] = -1.0
            self.directions[j, 1, self.slopes[j]] = 1.0
        # One row a category of an item: its thresholds below and above (m: there is none).
        absent = self.n_parameters
        self.item = np.repeat(np.arange(p), counts)
        self.below = np.concatenate(
            [[absent, *range(self.first[j], self.first[j + 1])] for j in range(p)]
        ).astype(np.int64)
        self.above = np.concatenate(
            [[*range(self.first[j], self.first[j + 1]), absent] for j in range(p)]
        ).astype(np.int64)
        self.chosen = [self._indicators(part.values) for part in self.rows]

    def _indicators(self, values: FloatArray) -> FloatArray:
        """Return which categories each person chose, (n, categories of all items)."""
        columns = [
            (column[:, None] == seen).astype(float)
            for column, seen in zip(values.T, self.categories, strict=True)
        ]
        return np.concatenate(columns, axis=1)

    def start(self) -> FloatArray:
        """Return thresholds from the margins, slopes of 1.5 and the groups' mean answers."""
        everybody = np.concatenate([part.values for part in self.rows])
        sd = np.nanstd(everybody, axis=0)
        centre = np.nanmean(everybody, axis=0)
        scored = [(part.values - centre) / sd for part in self.rows]
        # A group that answered none of these items starts where everybody is.
        level = np.array([float(z[np.isfinite(z)].mean()) if np.isfinite(z).any() else 0.0
                          for z in scored])  # fmt: skip
        found = np.zeros((self.n_groups, self.n_parameters))
        found[:, self.slopes] = 1.5
        found[:, self.mean_at] = 1.2 * (level - level[0])
        total = sum(part.sum(axis=0) for part in self.chosen)
        for j in range(self.n_items):
            share = total[self.item == j] / total[self.item == j].sum()
            above = 1 - np.cumsum(share)[:-1]
            # A margin of a logistic and a normal part is wider than logistic.
            found[:, self.first[j] : self.first[j + 1]] = (
                -1.35 * special.logit(above) - 1.5 * 1.2 * level[0]
            )
        return found

    def sums(self, theta: FloatArray, *, curved: bool = True) -> Sums:
        """Return sums at parameters shaped (group, m); information is 0 unless `curved`."""
        found = (self.casewise(g, theta[g], curved=curved) for g in range(self.n_groups))
        return stack([add_up(*pair, 2) for pair in zip(self.rows, found, strict=True)])

    def curves(
        self, theta: FloatArray, trait: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the chances to lie above a category's lower and upper threshold, and ``r``.

        A category's probability is ``below * (1 - above) * (1 - exp(-gap))``; ``r`` is the
        derivative of the logarithm of the last factor.
        """
        padded = np.append(theta, np.nan)
        slope = theta[self.slopes][self.item]
        line = slope[:, None] * trait
        lower, upper = padded[self.below], padded[self.above]
        below = np.where(np.isnan(lower)[:, None], 1.0, special.expit(line - lower[:, None]))
        above = np.where(np.isnan(upper)[:, None], 0.0, special.expit(line - upper[:, None]))
        gap = np.where(np.isnan(lower) | np.isnan(upper), np.inf, upper - lower)
        with np.errstate(over="ignore", divide="ignore"):
            r = 1 / np.expm1(gap)
        return below, above, r

    def log_probabilities(self, theta: FloatArray, trait: FloatArray) -> FloatArray:
        """Return the logarithm of each category's probability, (category, node)."""
        padded = np.append(theta, np.nan)
        line = theta[self.slopes][self.item][:, None] * trait
        lower, upper = padded[self.below], padded[self.above]
        none = np.isnan(lower)[:, None], np.isnan(upper)[:, None]
        gap = np.where(np.isnan(lower) | np.isnan(upper), np.inf, upper - lower)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.log(-np.expm1(-gap))
        first = np.where(none[0], 0.0, special.log_expit(line - lower[:, None]))
        second = np.where(none[1], 0.0, special.log_expit(upper[:, None] - line))
        return np.asarray(first + second + width[:, None])

    def casewise(self, g: int, theta: FloatArray, *, curved: bool = True) -> Casewise:
        """Return what each person of a group adds; thresholds out of order are impossible."""
        mean, variance = theta[self.mean_at], float(np.exp(theta[self.variance_at]))
        trait = mean + np.sqrt(variance) * NODES
        m = self.n_parameters
        gap = np.diff(theta[self.shared[: self.first[-1]]])
        inner = np.setdiff1d(np.arange(len(gap)), self.first[1:-1] - 1)
        chosen = self.chosen[g]
        if np.any(gap[inner] <= 0):
            worst = np.full(len(chosen), -np.inf)
            return Casewise(worst, np.zeros((len(chosen), m)), np.zeros((m, m)))
        below, above, r = self.curves(theta, trait)
        away = trait - mean
        prior = np.stack([away / variance, 0.5 * (away**2 / variance - 1)], axis=-1)
        joint = chosen @ self.log_probabilities(theta, trait) + LOG_NODE_WEIGHTS
        most = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - most)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        log_likelihood = (most + np.log(total))[:, 0]
        score = self._score(chosen, posterior, (below, above, r), trait, prior)
        if not curved:
            return Casewise(log_likelihood, score, None)
        weights = self.rows[g].weights
        case = np.ones(len(chosen)) if weights is None else weights
        expected = self._second(
            chosen.T @ (posterior * case[:, None]), below, above, r, trait
        ) + self._trait_second(case @ posterior, away, variance)
        slopes = self._slopes(below, above, r, trait)
        table = slopes.reshape(len(slopes), -1)
        for begin in range(0, len(chosen), BLOCK_ROWS):
            own = slice(begin, begin + BLOCK_ROWS)
            made = (chosen[own] @ table).reshape(-1, len(trait), m)
            made[..., self.mean_at :] += prior
            made *= np.sqrt(posterior[own] * case[own, None])[..., None]
            flat = made.reshape(-1, m)
            expected += flat.T @ flat
        return Casewise(log_likelihood, score, expected)

    def _score(
        self,
        chosen: FloatArray,
        posterior: FloatArray,
        curves: tuple[FloatArray, FloatArray, FloatArray],
        trait: FloatArray,
        prior: FloatArray,
    ) -> FloatArray:
        """Return the people's scores, each parameter's from the answer that it belongs to."""
        below, above, r = curves
        row = np.arange(len(below))
        found = np.zeros((len(chosen), self.n_parameters + 1))
        for where, slope in (
            (self.below, -(1 - below) - r[:, None]),
            (self.above, above + r[:, None]),
            (self.slopes[self.item], trait * (1 - below - above)),
        ):
            belongs = np.zeros((len(below), self.n_parameters + 1))
            belongs[row, where] = 1.0
            found += (chosen * (posterior @ slope.T)) @ belongs
        found = found[:, :-1]
        found[:, self.mean_at :] = posterior @ prior
        return found

    def _slopes(
        self, below: FloatArray, above: FloatArray, r: FloatArray, trait: FloatArray
    ) -> FloatArray:
        """Return derivatives of the categories' log-probabilities, (category, node, m)."""
        found = np.zeros((len(below), len(trait), self.n_parameters + 1))
        row = np.arange(len(below))
        found[row, :, self.below] = -(1 - below) - r[:, None]
        found[row, :, self.above] = above + r[:, None]
        found[row, :, self.slopes[self.item]] = trait * (1 - below - above)
        return found[..., :-1]

    def _second(
        self,
        count: FloatArray,
        below: FloatArray,
        above: FloatArray,
        r: FloatArray,
        trait: FloatArray,
    ) -> FloatArray:
        """Return second derivatives of the items' part, weighed with expected counts."""
        bend, total = r * (1 + r), count.sum(axis=1)
        lower, upper = count * below * (1 - below), count * above * (1 - above)
        found = np.zeros((self.n_parameters + 1,) * 2)
        slope = self.slopes[self.item]
        for a, b, value in (
            (self.below, self.below, -lower.sum(axis=1) - bend * total),
            (self.above, self.above, -upper.sum(axis=1) - bend * total),
            (self.below, self.above, bend * total),
            (self.above, self.below, bend * total),
            (slope, slope, -(lower + upper) @ trait**2),
            (self.below, slope, lower @ trait),
            (slope, self.below, lower @ trait),
            (self.above, slope, upper @ trait),
            (slope, self.above, upper @ trait),
        ):
            np.add.at(found, (a, b), value)
        return found[:-1, :-1]

    def _trait_second(self, count: FloatArray, away: FloatArray, variance: float) -> FloatArray:
        """Return second derivatives of the trait's distribution."""
        found = np.zeros((self.n_parameters,) * 2)
        at, log_at = self.mean_at, self.variance_at
        found[at, at] = -count.sum() / variance
        found[at, log_at] = found[log_at, at] = -(count @ away) / variance
        found[log_at, log_at] = -0.5 * (count @ away**2) / variance
        return found

    def endless(self, theta: FloatArray) -> bool:
        """Tell whether a parameter grows without end, so that there is no maximum."""
        return bool(np.abs(theta).max() > ENDLESS)

    def standing(self, g: int, theta: FloatArray, without: int) -> FloatArray:
        """Return the posterior mean of each person of a group by all items but one, (n,)."""
        trait = theta[self.mean_at] + np.exp(0.5 * theta[self.variance_at]) * NODES
        others = self.item != without
        tables = self.log_probabilities(theta, trait)[others]
        joint = self.chosen[g][:, others] @ tables + LOG_NODE_WEIGHTS
        posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(posterior @ trait / posterior.sum(axis=1))

    def expected_answer(self, theta: FloatArray, item: int, trait: FloatArray) -> FloatArray:
        """Return what is answered to an item on average at some standings."""
        thresholds = theta[self.first[item] : self.first[item + 1]]
        chance = special.expit(theta[self.slopes[item]] * trait[..., None] - thresholds)
        seen = self.categories[item]
        return np.asarray(seen[0] + chance @ np.diff(seen))
