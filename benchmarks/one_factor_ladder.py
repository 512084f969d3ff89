"""One factor in several groups, fitted to hundreds of thousands of samples.

Simulations of tests by resampling fit one small model again and again. Written out for one factor,
scoring takes a fifth of the time of the general kernel; what doesn't converge here is handed to the
kernel, and `check` holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.stats.cfa.batch import fit_many
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.estimate import maximize_likelihood
from psychometrics.stats.cfa.inference import degrees_of_freedom
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.invariance_resampling import thin

LEVELS = ("configural", "metric", "scalar", "strict")
EQUAL: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
# What can be shared by the groups at each level; where intercepts differ, means are left out.
SHARED = {"configural": "", "metric": "l", "scalar": "ln", "strict": "lnt"}
# The search ends where chi-square is still expected to fall by this; what it would fall by is taken
# off, and `check` says how far from the minimum that ends.
GAP, KERNEL_GAP = 0.005, 1e-3
# Groups worked on together.
AT_ONCE = 2400
MAX_STEPS, MAX_HALVINGS, RETRIED = 25, 6, 60


@dataclass(frozen=True)
class Level:
    """One level of the ladder of a one-factor model.

    Attributes
    ----------
    name : str
    n_items, n_groups : int
    """

    name: str
    n_items: int
    n_groups: int

    @cached_property
    def with_means(self) -> ParameterTable:
        """The model as a user fits it."""
        base = complete(
            {"f": [f"y{i + 1}" for i in range(self.n_items)]},
            std_lv=True, mean_structure=True, n_groups=self.n_groups,
        )  # fmt: skip
        return constrain_groups(base, EQUAL[self.name], (), "lavaan")

    @cached_property
    def table(self) -> ParameterTable:
        """The model without means that it reproduces anyway."""
        return thin(self.with_means, EQUAL[self.name])[0]

    @cached_property
    def layout(self) -> Layout:
        """The layout of `table`."""
        return lay_out(self.table)

    @cached_property
    def df(self) -> int:
        """Degrees of freedom."""
        return degrees_of_freedom(self.table, self.layout)

    @property
    def means(self) -> bool:
        """Whether means are part of the model here."""
        return "n" in SHARED[self.name]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where loadings, residuals, variance, intercepts and mean stand in a group's vector."""
        p = self.n_items
        found = {"l": list(range(p)), "t": list(range(p, 2 * p)), "v": [2 * p]}
        if self.means:
            found |= {"n": list(range(2 * p + 1, 3 * p + 1)), "m": [3 * p + 1]}
        return found

    @cached_property
    def shared(self) -> list[int]:
        """Places that all groups share."""
        return [at for kind in SHARED[self.name] for at in self.places[kind]]

    @cached_property
    def local(self) -> list[int]:
        """Places that each group has its own of."""
        size = max(at for own in self.places.values() for at in own) + 1
        return [at for at in range(size) if at not in self.shared]

    @cached_property
    def held(self) -> BoolArray:
        """What is fixed, (group, place): the factor's variance and mean in the first group."""
        size = len(self.shared) + len(self.local)
        found = np.zeros((self.n_groups, size), dtype=bool)
        first = slice(None) if self.name == "configural" else slice(0, 1)
        found[first, self.places["v"][0]] = True
        if self.means:
            found[0, self.places["m"][0]] = True
        return found

    @cached_property
    def order(self) -> list[tuple[int, int]]:
        """The group and place of each free parameter of the kernel."""
        p, names = self.n_items, self.table.observed
        found = []
        for at in self.layout.free_rows:
            row = self.table.rows[at]
            if row.op == "=~":
                place = names.index(row.rhs)
            elif row.op == "~~":
                place = p + names.index(row.lhs) if row.lhs in names else 2 * p
            else:
                place = 2 * p + 1 + names.index(row.lhs) if row.lhs in names else 3 * p + 1
            found.append((row.group, place))
        return found

    def to_kernel(self, point: FloatArray) -> FloatArray:
        """Return the kernel's parameters, (replicate, q), of points (replicate, group, place)."""
        groups, places = zip(*self.order, strict=True)
        return point[:, list(groups), list(places)]

    def from_kernel(self, z: FloatArray) -> FloatArray:
        """Return points of the kernel's parameters."""
        size = len(self.shared) + len(self.local)
        point = np.zeros((len(z), self.n_groups, size))
        point[..., self.places["v"][0]] = 1.0
        for k, (group, place) in enumerate(self.order):
            if place in self.shared:
                point[:, :, place] = z[:, k, None]
            else:
                point[:, group, place] = z[:, k]
        return point

    def from_level(self, other: Level, point: FloatArray) -> FloatArray:
        """Return a point of this level at the values of another level's."""
        p = self.n_items
        size = len(self.shared) + len(self.local)
        found = np.zeros((*point.shape[:2], size))
        kept = min(size, point.shape[-1])
        found[..., :kept] = point[..., :kept]
        if self.name == "configural":
            variance = np.maximum(point[..., 2 * p], 0.05)
            found[..., :p] *= np.sqrt(variance)[..., None]
            found[..., 2 * p] = 1.0
        return found


@dataclass(frozen=True)
class Fitted:
    """Many fits.

    Attributes
    ----------
    point : ndarray, shape (replicate, group, place)
    chi2 : ndarray, shape (replicate,)
        NaN where there is no maximum.
    """

    point: FloatArray
    chi2: FloatArray

    @property
    def converged(self) -> BoolArray:
        """Which have a maximum."""
        return np.isfinite(self.chi2)


@dataclass(frozen=True)
class State:
    """Inverse, determinant and mean residual at a point."""

    inverse: FloatArray
    gap: FloatArray
    value: FloatArray


def at_point(level: Level, point: FloatArray, data: SampleMoments) -> State:
    """Return the state at a point; the value, n F, is infinite where Sigma is not positive."""
    p = level.n_items
    loading, residual, variance = point[..., :p], point[..., p : 2 * p], point[..., 2 * p]
    with np.errstate(all="ignore"):
        scaled = loading / residual
        left = 1 + variance * (scaled * loading).sum(-1)
        inverse = -(variance / left)[..., None, None] * scaled[..., :, None] * scaled[..., None, :]
        inverse[..., range(p), range(p)] += 1 / residual
        determinant = residual.prod(-1) * left
        negative = (residual < 0).sum(-1)
        positive = (determinant > 0) & (negative <= (variance > 0))
        value = (
            np.log(determinant) - data.log_determinant - p
            + (inverse * data.covariance).sum((-2, -1))
        )  # fmt: skip
        gap = np.zeros_like(data.mean)
        if level.means:
            gap = data.mean - point[..., 2 * p + 1 : 3 * p + 1] - loading * point[..., 3 * p + 1 :]
            value = value + (gap * (inverse @ gap[..., None])[..., 0]).sum(-1)
        value = np.where(positive, value, np.inf)
    return State(inverse, gap, (data.n * value).sum(-1))


def slopes(
    level: Level, point: FloatArray, data: SampleMoments, state: State
) -> tuple[FloatArray, FloatArray]:
    """Return gradient of half n F and expected information of each group."""
    p = level.n_items
    loading, variance = point[..., :p], point[..., 2 * p, None]
    inverse = state.inverse
    a = (inverse @ loading[..., None])[..., 0]
    c = (a * loading).sum(-1)[..., None, None]
    target = data.covariance + state.gap[..., :, None] * state.gap[..., None, :]
    pull = inverse - inverse @ target @ inverse
    pulled = (pull @ loading[..., None])[..., 0]
    size = point.shape[-1]
    gradient = np.zeros((*point.shape[:2], size))
    gradient[..., :p] = variance * pulled
    gradient[..., p : 2 * p] = pull[..., range(p), range(p)] / 2
    gradient[..., 2 * p] = (pulled * loading).sum(-1) / 2
    found = np.zeros((*point.shape[:2], size, size))
    wide = variance[..., None]
    found[..., :p, :p] = wide**2 * (c * inverse + a[..., :, None] * a[..., None, :])
    found[..., :p, p : 2 * p] = wide * inverse * a[..., None, :]
    found[..., p : 2 * p, p : 2 * p] = inverse**2 / 2
    found[..., :p, 2 * p] = variance * c[..., 0] * a
    found[..., p : 2 * p, 2 * p] = a**2 / 2
    found[..., 2 * p, 2 * p] = c[..., 0, 0] ** 2 / 2
    if level.means:
        weighed = (inverse @ state.gap[..., None])[..., 0]
        mean = point[..., 3 * p + 1 :]
        gradient[..., :p] -= mean * weighed
        gradient[..., 2 * p + 1 : 3 * p + 1] = -weighed
        gradient[..., 3 * p + 1] = -(a * state.gap).sum(-1)
        found[..., :p, :p] += (mean**2)[..., None] * inverse
        found[..., :p, 2 * p + 1 : 3 * p + 1] = mean[..., None] * inverse
        found[..., 2 * p + 1 : 3 * p + 1, 2 * p + 1 : 3 * p + 1] = inverse
        found[..., :p, 3 * p + 1] = mean * a
        found[..., 2 * p + 1 : 3 * p + 1, 3 * p + 1] = a
        found[..., 3 * p + 1, 3 * p + 1] = c[..., 0, 0]
    lower = np.tril_indices(size, -1)
    found[..., lower[0], lower[1]] = found[..., lower[1], lower[0]]
    return gradient * data.n[..., None], found * data.n[..., None, None]


def scoring_step(
    level: Level, gradient: FloatArray, information: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return steps, (replicate, group, place), and by how much chi-square should fall."""
    for g, place in zip(*np.nonzero(level.held), strict=True):
        gradient[:, g, place] = 0.0
        information[:, g, place, :] = information[:, g, :, place] = 0.0
        information[:, g, place, place] = 1.0
    step = np.zeros_like(gradient)
    local, shared = level.local, level.shared
    own = gradient[..., local, None]
    if not shared:
        step[..., local] = -np.linalg.solve(information, own)[..., 0]
        return step, -(step * gradient).sum((-2, -1))
    cross = information[..., np.array(local)[:, None], shared]
    inner = information[..., np.array(local)[:, None], local]
    solved = np.linalg.solve(inner, np.concatenate([cross, own], axis=-1))
    through = np.swapaxes(cross, -1, -2) @ solved
    both = information[..., np.array(shared)[:, None], shared] - through[..., :-1]
    right = gradient[..., shared] - through[..., -1]
    common = -np.linalg.solve(both.sum(1), right.sum(1)[..., None])
    step[..., local] = -solved[..., -1] - (solved[..., :-1] @ common[:, None])[..., 0]
    step[..., shared] = common[:, None, :, 0]
    return step, -(step * gradient).sum((-2, -1))


def fit_level(level: Level, data: SampleMoments, start: FloatArray) -> Fitted:
    """Fit one level to samples, leading axes (replicate, group), each from its own start."""
    size = max(1, AT_ONCE // level.n_groups)
    parts = [
        fit_portion(level, data.take(slice(i, i + size)), start[i : i + size])
        for i in range(0, len(start), size)
    ]
    return Fitted(
        np.concatenate([part.point for part in parts]),
        np.concatenate([part.chi2 for part in parts]),
    )


def fit_portion(level: Level, data: SampleMoments, start: FloatArray) -> Fitted:
    """Fit one level to so many samples that the arrays stay in the cache."""
    point = np.array(start)
    value = at_point(level, point, data).value
    done = np.zeros(len(point), dtype=bool)
    active: IntArray = np.flatnonzero(np.isfinite(value))
    for _ in range(MAX_STEPS):
        if not len(active):
            break
        mine = data.take(active)
        state = at_point(level, point[active], mine)
        gradient, information = slopes(level, point[active], mine, state)
        try:
            step, fall = scoring_step(level, gradient, information)
        except np.linalg.LinAlgError:
            break  # the kernel knows what to do with a singular one among them
        ended = (np.abs(fall) < GAP) & np.isfinite(fall)
        done[active[ended]] = True
        value[active[ended]] -= fall[ended]
        stay = ~ended & (fall > 0)
        active, step = active[stay], step[stay]
        if len(active):
            active = walk(level, point, value, active, step, data)
    chi2 = np.where(done, value, np.nan)
    again: IntArray = np.flatnonzero(~done)
    if len(again):
        retry(level, data, start, again, point, chi2)
    return Fitted(point, chi2)


def walk(
    level: Level,
    point: FloatArray,
    value: FloatArray,
    active: IntArray,
    step: FloatArray,
    data: SampleMoments,
) -> IntArray:
    """Take the steps, halved until the value falls; return who could."""
    moved = np.zeros(len(active), dtype=bool)
    factor = 1.0
    for _ in range(MAX_HALVINGS):
        open_ = np.flatnonzero(~moved)
        index = active[open_]
        trial = point[index] + factor * step[open_]
        got = at_point(level, trial, data.take(index)).value
        fine = got < value[index] + 1e-9
        point[index[fine]], value[index[fine]] = trial[fine], got[fine]
        moved[open_[fine]] = True
        if moved.all():
            break
        factor /= 2
    return active[moved]


def retry(
    level: Level,
    data: SampleMoments,
    start: FloatArray,
    again: IntArray,
    point: FloatArray,
    chi2: FloatArray,
) -> None:
    """Leave what is hard to the kernel: from the same start, then from one of its own."""
    rest = data.take(again)
    begin = level.to_kernel(start[again])
    found = maximize_likelihood(level.layout, rest, begin, max_iterations=RETRIED, gap=KERNEL_GAP)
    lost = np.flatnonzero(~found.converged)
    if len(lost):
        own = rest.take(lost)
        second = fit_many(level.table, level.layout, own, begin[lost].mean(axis=0), gap=KERNEL_GAP)
        found.z[lost], found.fmin[lost] = second.z, second.fmin
        found.converged[lost] = second.converged
    point[again] = level.from_kernel(found.z)
    chi2[again] = np.where(found.converged, (rest.n * found.fmin).sum(1), np.nan)


def check(level: Level, data: SampleMoments, start: FloatArray) -> float:
    """Return the largest difference of a chi-square from the kernel's."""
    mine = fit_level(level, data, start)
    kernel = maximize_likelihood(level.layout, data, level.to_kernel(start), gap=1e-9)
    both = mine.converged & kernel.converged
    chi2 = (data.n * kernel.fmin).sum(1)
    return float(np.abs(mine.chi2 - chi2)[both].max())
