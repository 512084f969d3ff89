"""Groups whose measurement is invariant, or in which one item is not: what answers are drawn from.

Four items of one factor, as many as the scales of the peer support instrument have. Answers are
normal, skewed (gamma factor and residuals, skewness about 1, excess kurtosis about 1.5), or the
normal ones cut into five skewed categories (the shares of ordinal_coverage.py) and analysed as
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import special

from psychometrics.stats.moments import FloatArray

LOADINGS = np.array([0.7, 0.6, 0.8, 0.7])
RESIDUALS = 1 - LOADINGS**2
SHARES = (0.45, 0.25, 0.15, 0.10, 0.05)
GAMMA_SHAPE = 2.0
GROUPS, SIZES = (2, 6), (50, 200)
CONDITIONS = {
    "equal": "nothing",
    "means": "factor means, from -.5 to .5",
    "variances": "factor variances, from .5 to 1.5",
    "n": "n, from 60 to 140 % of the mean",
    "all": "means, variances and n, the smallest group varying most",
}
SHIFTS = {
    "loading_20": ("metric", -0.20, 0.0),
    "loading_30": ("metric", -0.30, 0.0),
    "intercept_25": ("scalar", 0.0, 0.25),
    "intercept_50": ("scalar", 0.0, 0.50),
}


@dataclass(frozen=True)
class Cell:
    """One condition.

    Attributes
    ----------
    answers : {"normal", "skewed", "categories"}
    n_groups, n : int
        Groups, and people a group on average.
    condition : str
        In what the groups differ, beside measurement.
    shift : str
        How the first item of the last group differs; empty where measurement is invariant.
    """

    answers: str
    n_groups: int
    n: int
    condition: str
    shift: str = ""

    @property
    def name(self) -> str:
        """A name for files."""
        parts = (self.answers, self.n_groups, self.n, self.condition, self.shift)
        return "_".join(str(part) for part in parts if part != "")

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are tested."""
        return (SHIFTS[self.shift][0],) if self.shift else ("metric", "scalar", "strict")

    @property
    def linear(self) -> bool:
        """Whether the linear model is invariant.

        Where groups differ, cutting an invariant latent answer into categories makes the
        parameters of the linear model differ.
        """
        return self.answers != "categories" or self.condition in ("equal", "n")

    def sizes(self) -> list[int]:
        """Return the people of each group."""
        if self.condition not in ("n", "all"):
            return [self.n] * self.n_groups
        return [round(self.n * share) for share in np.linspace(0.6, 1.4, self.n_groups)]

    def draw(self, rng: np.random.Generator) -> list[FloatArray]:
        """Draw the answers of each group."""
        spread = self.condition in ("means", "all")
        means = np.linspace(-0.5, 0.5, self.n_groups) if spread else np.zeros(self.n_groups)
        wide = self.condition in ("variances", "all")
        variances = np.linspace(1.5, 0.5, self.n_groups) if wide else np.ones(self.n_groups)
        found = []
        for g, n in enumerate(self.sizes()):
            loading, intercept = LOADINGS.copy(), np.zeros(len(LOADINGS))
            if self.shift and g == self.n_groups - 1:
                loading[0] += SHIFTS[self.shift][1]
                intercept[0] += SHIFTS[self.shift][2]
            factor = means[g] + np.sqrt(variances[g]) * self.standard(rng, (n, 1))
            noise = self.standard(rng, (n, len(LOADINGS))) * np.sqrt(RESIDUALS)
            found.append(self.cut(intercept + factor * loading + noise))
        return found

    def standard(self, rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
        """Draw numbers of mean 0 and variance 1."""
        if self.answers != "skewed":
            return rng.standard_normal(shape)
        return (rng.gamma(GAMMA_SHAPE, size=shape) - GAMMA_SHAPE) / np.sqrt(GAMMA_SHAPE)

    def cut(self, latent: FloatArray) -> FloatArray:
        """Return answers, those of every other item turned."""
        if self.answers != "categories":
            return latent
        cuts = special.ndtri(np.cumsum(SHARES)[:-1])
        codes = np.empty(latent.shape)
        codes[:, ::2] = np.digitize(latent[:, ::2], cuts)
        codes[:, 1::2] = np.digitize(latent[:, 1::2], -cuts[::-1])
        return codes


def invariant_cells() -> Iterator[Cell]:
    """Yield the conditions in which measurement is invariant."""
    for condition, answers, n_groups, n in product(
        CONDITIONS, ("normal", "skewed", "categories"), GROUPS, SIZES
    ):
        cell = Cell(answers, n_groups, n, condition)
        if cell.linear:
            yield cell


def bent_cells() -> Iterator[Cell]:
    """Yield the conditions in which cutting alone makes the linear model differ."""
    for condition, n_groups, n in product(("means", "variances"), GROUPS, SIZES):
        yield Cell("categories", n_groups, n, condition)


def shifted_cells() -> Iterator[Cell]:
    """Yield the conditions in which one item of one group differs."""
    for shift, answers, n_groups, n in product(SHIFTS, ("normal", "categories"), GROUPS, SIZES):
        yield Cell(answers, n_groups, n, "equal", shift)
