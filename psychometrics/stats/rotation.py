"""Rotations by name: criterion, random starts, promax, and the order and signs of the columns."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from psychometrics.errors import DataError, check_option
from psychometrics.stats import rotation_criteria as criteria
from psychometrics.stats.gradient_projection import near_identity, project, random_rotations
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation_criteria import Array, Criterion

RotationName = Literal[
    "none", "varimax", "quartimax", "equamax", "parsimax", "geomin_orthogonal",
    "target_orthogonal", "bifactor", "promax", "oblimin", "quartimin", "geomin", "target",
    "biquartimin", "bigeomin",
]  # fmt: skip

N_STARTS = 30
SAME_VALUE = 1e-6
"""Criterion values closer than this, relative to 1 or the value, are the same minimum."""


@dataclass(frozen=True, slots=True)
class RotationSettings:
    """Constants of the rotations.

    Attributes
    ----------
    gamma : float
        Of oblimin; 0 is quartimin.
    epsilon : float
        Of geomin and bigeomin. 0.01 is GPArotation's and psych's; lavaan takes 0.001, Mplus 0.0001
        for two factors, 0.001 for three and 0.01 for more.
    power : float
        Of promax: the target is the varimax loadings to this power, signs kept.
    kaiser : bool
        Scale each item's loadings to length one before rotating, and back (Kaiser, 1958).
    target : ndarray, shape (p, m), or None
        Of the target rotations; NaN where the target leaves a loading open.
    """

    gamma: float = 0.0
    epsilon: float = 0.01
    power: float = 4.0
    kaiser: bool = False
    target: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse constants with which a criterion has no sense."""
        if not self.epsilon > 0:
            raise DataError(f"epsilon={self.epsilon!r}: geomin needs a small positive number.")
        if not self.power > 1:
            raise DataError(f"power={self.power!r}: promax needs a power above 1, such as 4.")


PLAIN = RotationSettings()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotated loadings and how the starts of the search agreed.

    Attributes
    ----------
    method : str
        Name of the rotation.
    settings : RotationSettings
        Its constants.
    loadings : ndarray, shape (p, m)
        Pattern of the best start, columns in order.
    factor_correlations : ndarray, shape (m, m)
        Identity for orthogonal rotations.
    transformation : ndarray, shape (m, m)
        T, such that ``loadings = A inv(T)'`` and ``factor_correlations = T'T``.
    values : ndarray, shape (start,)
        Criterion at the end of each start; empty where nothing is searched.
    n_best : int
        Starts that ended at the lowest value.
    n_minima : int
        Different values at which starts ended.
    converged : bool
        Whether the best start ended at a stationary point.
    """

    method: str
    settings: RotationSettings
    loadings: FloatArray
    factor_correlations: FloatArray
    transformation: FloatArray
    values: FloatArray
    n_best: int
    n_minima: int
    converged: bool

    @property
    def n_starts(self) -> int:
        """Number of starts."""
        return len(self.values)

    @property
    def oblique(self) -> bool:
        """Whether factors may correlate."""
        return is_oblique(self.method)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a rotation minimises, and which columns keep their place and sign."""

    oblique: bool
    criterion: Callable[[RotationSettings, int, int], Criterion]
    kept: Literal["none", "first", "all"] = "none"


def _target(settings: RotationSettings, p: int, m: int) -> Criterion:
    if settings.target is None:
        raise DataError("A target rotation needs its target: the loadings, NaN where left open.")
    if settings.target.shape != (p, m):
        raise DataError(
            f"The target has shape {settings.target.shape}; the loadings have {(p, m)}."
        )
    stated = ~np.isnan(settings.target)
    return criteria.target(np.where(stated, settings.target, 0.0), stated.astype(float))


def _cf(kappa: Callable[[int, int], float]) -> Callable[[RotationSettings, int, int], Criterion]:
    return lambda settings, p, m: criteria.crawford_ferguson(kappa(p, m))


def _geomin(settings: RotationSettings, p: int, m: int) -> Criterion:
    return criteria.geomin(settings.epsilon)


def _grouped(simple: Criterion) -> Criterion:
    return criteria.on_group_factors(simple)


_KINDS: dict[str, _Kind] = {
    "varimax": _Kind(False, lambda settings, p, m: criteria.varimax),
    "quartimax": _Kind(False, lambda settings, p, m: criteria.quartimax),
    "equamax": _Kind(False, _cf(lambda p, m: m / (2 * p))),
    "parsimax": _Kind(False, _cf(lambda p, m: (m - 1) / (p + m - 2))),
    "geomin_orthogonal": _Kind(False, _geomin),
    "target_orthogonal": _Kind(False, _target, "all"),
    "bifactor": _Kind(False, lambda s, p, m: _grouped(criteria.oblimin()), "first"),
    "oblimin": _Kind(True, lambda settings, p, m: criteria.oblimin(settings.gamma)),
    "quartimin": _Kind(True, lambda settings, p, m: criteria.oblimin()),
    "geomin": _Kind(True, _geomin),
    "target": _Kind(True, _target, "all"),
    "biquartimin": _Kind(True, lambda s, p, m: _grouped(criteria.oblimin()), "first"),
    "bigeomin": _Kind(True, lambda s, p, m: _grouped(criteria.geomin(s.epsilon)), "first"),
}

ROTATIONS: tuple[str, ...] = ("none", "promax", *_KINDS)


def is_oblique(method: str) -> bool:
    """Tell whether a rotation lets factors correlate."""
    return method == "promax" or (method in _KINDS and _KINDS[method].oblique)


def criterion_of(method: str, settings: RotationSettings, p: int, m: int) -> Criterion:
    """Return the criterion that a rotation minimises; promax's is varimax's."""
    return _KINDS["varimax" if method == "promax" else method].criterion(settings, p, m)


def rotate(
    loadings: FloatArray,
    method: str = "oblimin",
    *,
    settings: RotationSettings = PLAIN,
    n_starts: int = N_STARTS,
    rng: np.random.Generator | None = None,
) -> Rotation:
    """Rotate loadings, and say how often the lowest value of the criterion was reached.

    Columns come in the order of the variance they explain (the diagonal of ``Phi L'L``), the most
    first, and each is turned so that its loadings add up to a positive number. The general factor
    of a bifactor rotation stays first, and a target keeps its own order and signs.

    Parameters
    ----------
    loadings : ndarray, shape (p, m)
        Unrotated, orthogonal factors.
    method : str
        One of `ROTATIONS`.
    settings : RotationSettings
        Constants of the criterion, Kaiser normalisation, target.
    n_starts : int
        Starts of the search. The first is next to the unrotated matrix, the others are random.
    rng : Generator, optional
        Where random starts come from; a fixed seed by default.

    Raises
    ------
    DataError
        An unknown rotation, a target that is missing or of another shape, no start.

    Examples
    --------
    >>> found = rotate(np.array([[0.6, 0.5], [0.5, 0.6], [0.6, -0.5], [0.5, -0.6]]), "varimax")
    >>> found.n_best, found.loadings.round(2).tolist()[0]
    (30, [0.78, 0.07])
    """
    check_option("rotation", method, ROTATIONS)
    count = start_count(n_starts)
    p, m = loadings.shape
    if method == "none" or m == 1:
        stay, none = np.eye(m), np.empty(0)
        return arranged(Rotation(method, settings, loadings, stay, stay, none, 0, 0, True))
    generator = np.random.default_rng(0) if rng is None else rng
    starts = np.concatenate([near_identity(m)[None], random_rotations(count - 1, m, generator)])
    length = item_lengths(loadings) if settings.kaiser else np.ones((p, 1))
    base = _KINDS["varimax" if method == "promax" else method]
    found = project(loadings / length, base.criterion(settings, p, m), starts, oblique=base.oblique)
    usable = found.converged if found.converged.any() else np.ones(count, dtype=bool)
    best = int(np.nanargmin(np.where(usable, found.value, np.inf)))
    n_best, n_minima = count_minima(found.value[usable])
    turn = found.transformation[best]
    if method == "promax":
        turn = turn @ promax_transformation(loadings / length @ turn, settings.power)
    pattern = loadings @ np.linalg.inv(turn).T
    ended = bool(found.converged[best])
    made = Rotation(
        method, settings, pattern, turn.T @ turn, turn, found.value, n_best, n_minima, ended
    )
    return arranged(made)


def start_count(n_starts: Any) -> int:
    """Return the number of starts, or refuse what is none."""
    try:
        count = operator.index(n_starts)
    except TypeError:
        count = 0
    if count < 1:
        raise DataError(f"n_starts={n_starts!r}: a rotation needs one start at least.")
    return count


def item_lengths(loadings: FloatArray) -> FloatArray:
    """Return the length of each item's loadings, (p, 1); 1 for an item without any."""
    length = np.sqrt((loadings**2).sum(axis=-1, keepdims=True))
    return np.asarray(np.where(length > 0, length, 1.0))


def count_minima(values: FloatArray) -> tuple[int, int]:
    """Return how many values are the lowest, and how many different ones there are."""
    ordered = np.sort(values)
    gap = SAME_VALUE * max(1.0, abs(float(ordered[0])))
    return int((ordered <= ordered[0] + gap).sum()), 1 + int((np.diff(ordered) > gap).sum())


def promax_transformation(varimax: Array, power: float) -> Array:
    """Return T, (m, m), that takes varimax loadings to promax loadings as ``V inv(T)'``.

    The columns of the target are regressed on the varimax loadings, and the factors scaled to
    variance one. It takes complex loadings too.

    References
    ----------
    Hendrickson, A. E., & White, P. O. (1964). Promax: A quick method for rotation to oblique simple
    structure. British Journal of Statistical Psychology, 17, 65-70.
    doi:10.1111/j.2044-8317.1964.tb00244.x
    """
    goal = varimax * (varimax**2) ** ((power - 1) / 2)
    coefficients = np.linalg.solve(varimax.T @ varimax, varimax.T @ goal)
    inverse = np.linalg.inv(coefficients)
    # Factors scores change with inv(U)'; their variances, diag(inv(U'U)), are made 1.
    scale = np.sqrt((inverse * inverse).sum(axis=1))
    return np.asarray(inverse.T / scale)


def arranged(rotation: Rotation) -> Rotation:
    """Put the columns in order and turn them; see :func:`rotate`."""
    kind = _KINDS.get(rotation.method)
    kept = "none" if kind is None else kind.kept
    if kept == "all":
        return rotation
    loadings, phi = rotation.loadings, rotation.factor_correlations
    explained = explained_variance(loadings, phi)
    order = np.argsort(-explained, kind="stable")
    if kept == "first":
        order = np.concatenate([[0], order[order != 0]])
    total = loadings[:, order].sum(axis=0)
    sign = np.where(total < 0, -1.0, 1.0)
    values: dict[str, Any] = {
        "loadings": loadings[:, order] * sign,
        "factor_correlations": phi[np.ix_(order, order)] * np.outer(sign, sign),
        "transformation": rotation.transformation[:, order] * sign,
    }
    return Rotation(
        rotation.method, rotation.settings, values=rotation.values, n_best=rotation.n_best,
        n_minima=rotation.n_minima, converged=rotation.converged, **values,
    )  # fmt: skip


def explained_variance(loadings: FloatArray, factor_correlations: FloatArray) -> FloatArray:
    """Return what each factor explains, (m,): the diagonal of ``Phi L'L``.

    It adds up to the sum of the communalities; for oblique factors the shared part is split.
    """
    return np.asarray(np.einsum("jk,ij,ik->j", factor_correlations, loadings, loadings))
