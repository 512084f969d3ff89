"""Small models of ordered items on arrays alone, for the tests of their kernels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_sample import ordinal_sample
from psychometrics.stats.cfa.solve import Estimator, Sample, Solved, solve
from psychometrics.stats.cfa.table import Parameterization, ParameterTable
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_moments import OrdinalMoments, ordinal_moments

MODEL = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
CUTS = (-0.4, 0.5, 1.3)


@dataclass(frozen=True)
class Fitted:
    """A model with what it was fitted to."""

    table: ParameterTable
    layout: Layout
    sample: Sample
    data: OrdinalData
    moments: OrdinalMoments
    solved: Solved


def latent_answers(n: int, rng: np.random.Generator, *, shift: float = 0.0) -> FloatArray:
    """Draw the variables behind six items of two correlated factors."""
    factors = rng.standard_normal((n, 2)) @ np.array([[1.0, 0.5], [0.0, np.sqrt(0.75)]]) + shift
    loadings = np.array([0.8, 0.7, 0.6, 0.75, 0.65, 0.55])
    noise = rng.standard_normal((n, 6)) * np.sqrt(1 - loadings**2)
    return np.asarray(np.repeat(factors, 3, axis=1) * loadings + noise)


def answers(n: int, seed: int, *, shift: float = 0.0) -> FloatArray:
    """Draw answers 0 to 3 to six items."""
    rng = np.random.default_rng(seed)
    return np.digitize(latent_answers(n, rng, shift=shift), CUTS).astype(float)


@cache
def two_groups() -> tuple[FloatArray, IntArray]:
    """Return the answers of two groups that differ in their means."""
    values = np.concatenate([answers(300, 1), answers(200, 2, shift=0.4)])
    return values, np.repeat([0, 1], [300, 200])


def fit(
    values: FloatArray,
    group: IntArray | None = None,
    *,
    model: str = MODEL,
    form: Parameterization = "delta",
    estimator: Estimator = "WLSMV",
    equal: tuple[str, ...] = (),
    ordered: tuple[str, ...] = ("x1", "x2", "x3", "x4", "x5", "x6"),
    **options: Any,
) -> Fitted:
    """Fit a model of x1 to x6."""
    names = [f"x{i}" for i in range(1, 7)]
    counts = {
        name: int(np.nanmax(values[:, i])) + 1 for i, name in enumerate(names) if name in ordered
    }
    n_groups = 1 if group is None else int(group.max()) + 1
    identification = options.pop("identification", "lavaan")
    table = complete(model, n_groups=n_groups, ordered=counts, parameterization=form, **options)
    table = constrain_groups(table, equal, (), identification)
    mask = np.array([name in ordered for name in names])
    moments = ordinal_moments(values, mask, groups=group)
    sample = ordinal_sample(moments, estimator)
    data = sample.data
    assert isinstance(data, OrdinalData)
    solved = solve(table, sample, estimator)
    return Fitted(table, lay_out(table), sample, data, moments, solved)
