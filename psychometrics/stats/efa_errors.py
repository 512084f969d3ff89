"""Standard errors of rotated loadings and factor correlations.

An estimate solves ``sum of U_a (S - P) = 0`` for one weight matrix U_a a parameter, together with
the conditions that make a rotation stationary. Linearised, that is a bordered system; whatever is
known of the sampling of S goes into its middle: normal theory, or the people's own products
(robust). All of it is for standardised variables: the derivatives leave the diagonal out, since
uniquenesses fill it, and what the items' scales take up is taken out.

References
----------
Cudeck, R., & O'Dell, L. L. (1994). Applications of standard error estimates in unrestricted factor
analysis: Significance tests for factor loadings and correlations. Psychological Bulletin, 115,
475-487. doi:10.1037/0033-2909.115.3.475
Jennrich, R. I. (1973). Standard errors for obliquely rotated factor loadings. Psychometrika, 38,
593-604. doi:10.1007/BF02291497
Browne, M. W. (1984). Asymptotically distribution-free methods for the analysis of covariance
structures. British Journal of Mathematical and Statistical Psychology, 37, 62-83.
doi:10.1111/j.2044-8317.1984.tb00789.x
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.stats.efa import implied_correlation
from psychometrics.stats.efa_sampling import packed_weights
from psychometrics.stats.gradient_projection import project, retract
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation import Rotation, criterion_of, promax_transformation
from psychometrics.stats.rotation_criteria import COMPLEX_STEP, Array, Criterion

WORST_CONDITION = 1e13
"""A bordered system worse than this has no solution: a rotation that is not determined."""


@dataclass(frozen=True, slots=True)
class RotationErrors:
    """Sampling covariance of what a rotation gives.

    Attributes
    ----------
    covariance : ndarray, shape (q, q)
        Of the loadings, row by row, and then the factor correlations below the diagonal; NaN where
        the rotation is not determined.
    loadings : ndarray, shape (p, m)
        Standard errors.
    factor_correlations : ndarray, shape (m, m)
        Standard errors; 0 on the diagonal and for orthogonal factors.
    communalities : ndarray, shape (p,)
        Standard errors, which are also those of the uniquenesses.
    """

    covariance: FloatArray
    loadings: FloatArray
    factor_correlations: FloatArray
    communalities: FloatArray


@dataclass(frozen=True, slots=True)
class Pattern:
    """Loadings and factor correlations as one vector, and back; complex ones too."""

    n_items: int
    n_factors: int
    oblique: bool

    @property
    def pairs(self) -> tuple[Any, Any]:
        """Return rows and columns of the free factor correlations."""
        rows, columns = np.tril_indices(self.n_factors, -1)
        return (rows, columns) if self.oblique else (rows[:0], columns[:0])

    def pack(self, loadings: Array, phi: Array) -> Array:
        """Return the vector."""
        return np.concatenate([loadings.ravel(), phi[self.pairs]])

    def unpack(self, vector: Array) -> tuple[Array, Array]:
        """Return loadings and factor correlations."""
        size = self.n_items * self.n_factors
        phi = np.eye(self.n_factors, dtype=vector.dtype)
        rows, columns = self.pairs
        phi[rows, columns] = phi[columns, rows] = vector[size:]
        return vector[:size].reshape(self.n_items, self.n_factors), phi


def rotation_errors(
    rotation: Rotation,
    uniquenesses: FloatArray,
    n: float,
    method: str = "ml",
    *,
    gamma: FloatArray | None = None,
) -> RotationErrors:
    """Estimate the sampling covariance of rotated loadings of a correlation matrix.

    Parameters
    ----------
    rotation : Rotation
        As :func:`psychometrics.stats.rotation.rotate` returns it.
    uniquenesses : ndarray, shape (p,)
    n : float
        People.
    method : {"ml", "minres", "uls", "pa"}
        How the factors were extracted.
    gamma : ndarray, shape (p*, p*), optional
        How the moments vary from sample to sample, see :mod:`psychometrics.stats.efa_sampling`;
        normal theory if left out.
    """
    loadings, phi = rotation.loadings, rotation.factor_correlations
    if rotation.method == "promax":
        return _promax_errors(rotation, uniquenesses, n, method, gamma)
    p, m = loadings.shape
    shape = Pattern(p, m, rotation.oblique)
    condition = stationarity(rotation, method)
    covariance = bordered_covariance(
        shape, loadings, phi, uniquenesses, condition, method, gamma
    ) / float(n)
    return _collect(shape, loadings, phi, covariance)


def stationarity(rotation: Rotation, method: str) -> Callable[[Array, Array], Array]:
    """Return the function that is zero where a rotation is at its minimum.

    Oblique rotations have ``L' dQ/dL inv(Phi)`` diagonal (Jennrich, 1973), orthogonal ones
    ``L' dQ/dL`` symmetric. Unrotated factors have ``L' inv(Psi) L`` (maximum likelihood) or
    ``L'L`` diagonal.
    """
    m = rotation.loadings.shape[1]
    below = np.tril_indices(m, -1)
    if rotation.method == "none" or m == 1:
        return lambda loadings, phi: _canonical(loadings, method)[below]
    name = "varimax" if rotation.method == "promax" else rotation.method
    criterion = criterion_of(name, rotation.settings, *rotation.loadings.shape)
    kaiser = rotation.settings.kaiser
    if not rotation.oblique or rotation.method == "promax":

        def orthogonal(loadings: Array, phi: Array) -> Array:
            pull = _pull(loadings, phi, criterion, kaiser=kaiser)
            return np.asarray((pull - pull.T)[below])

        return orthogonal
    off = ~np.eye(m, dtype=bool)

    def oblique(loadings: Array, phi: Array) -> Array:
        pull = _pull(loadings, phi, criterion, kaiser=kaiser)
        return np.asarray((pull @ np.linalg.inv(phi))[off])

    return oblique


def _canonical(loadings: Array, method: str) -> Array:
    """Return what is diagonal for unrotated factors."""
    weight = 1 - (loadings**2).sum(axis=1) if method == "ml" else np.ones(len(loadings))
    return np.asarray(loadings.T @ (loadings / weight[:, None]))


def _pull(loadings: Array, phi: Array, criterion: Criterion, *, kaiser: bool) -> Array:
    """Return ``L' dQ/dL`` of the loadings that the criterion sees."""
    seen = loadings
    if kaiser:
        seen = loadings / np.sqrt(((loadings @ phi) * loadings).sum(axis=1, keepdims=True))
    return np.asarray(seen.T @ criterion(seen)[1])


def complex_jacobian(function: Callable[[Array], Array], at: FloatArray) -> FloatArray:
    """Return the derivatives of an analytic function, (outputs, inputs), to the last digit."""
    columns = []
    for index in range(len(at)):
        stepped = at.astype(complex)
        stepped[index] += 1j * COMPLEX_STEP
        columns.append(function(stepped).imag / COMPLEX_STEP)
    return np.stack(columns, axis=-1)


def structure_derivatives(shape: Pattern, loadings: FloatArray, phi: FloatArray) -> FloatArray:
    """Return the derivative of the correlations by each parameter, (q, p, p), zero diagonals."""
    p, m = loadings.shape
    half = np.zeros((p, m, p, p))
    weighted = (loadings @ phi).T
    for item in range(p):
        half[item, :, item, :] = weighted
    rows, columns = shape.pairs
    by_phi = loadings.T[rows][:, :, None] * loadings.T[columns][:, None, :]
    made = np.concatenate([half.reshape(p * m, p, p), by_phi])
    made = made + np.swapaxes(made, -1, -2)
    made[:, np.arange(p), np.arange(p)] = 0.0
    return np.asarray(made)


def weight_matrices(derivatives: FloatArray, implied: FloatArray, method: str) -> FloatArray:
    """Return U, (q, p, p): what each parameter's equation weighs the moments with.

    For maximum likelihood the derivatives between two inverses of the correlations, after what
    the items' scales can do has been taken out of them; for least squares the derivatives
    themselves, with the diagonal that scales the moments to correlations.
    """
    p = len(implied)
    if method != "ml":
        total = np.einsum("aij,ij->ai", derivatives, implied)
        return np.asarray(derivatives - total[:, :, None] * np.eye(p))
    scale = np.zeros((p, p, p))
    scale[np.arange(p), np.arange(p), :] = implied
    scale = scale + np.swapaxes(scale, -1, -2)
    precision = np.linalg.inv(implied)
    of_scale = precision @ scale @ precision
    among = traces(of_scale, scale)
    with_scale = traces(of_scale, derivatives)
    cleared = derivatives - np.einsum("ia,ijk->ajk", np.linalg.solve(among, with_scale), scale)
    return np.asarray(precision @ cleared @ precision)


def traces(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return half the traces of the products of symmetric matrices, (a, b)."""
    return np.asarray(0.5 * left.reshape(len(left), -1) @ right.reshape(len(right), -1).T)


def bordered_covariance(
    shape: Pattern,
    loadings: FloatArray,
    phi: FloatArray,
    uniquenesses: FloatArray,
    condition: Callable[[Array, Array], Array],
    method: str,
    gamma: FloatArray | None,
) -> FloatArray:
    """Return the sampling covariance of loadings and factor correlations times n, (q, q)."""
    implied = implied_correlation(loadings, uniquenesses, phi)
    derivatives = structure_derivatives(shape, loadings, phi)
    weights = weight_matrices(derivatives, implied, method)
    bread = traces(weights, derivatives)
    if gamma is not None:
        pulled = packed_weights(weights)
        middle = pulled @ gamma @ pulled.T
    elif method == "ml":
        middle = bread
    else:
        turned = implied @ weights @ implied
        middle = traces(turned, weights)
    border = complex_jacobian(
        lambda vector: condition(*shape.unpack(vector)), shape.pack(loadings, phi)
    )
    q, extra = len(bread), len(border)
    system = np.zeros((q + extra, q + extra))
    size = np.sqrt(np.maximum((border**2).sum(axis=1, keepdims=True), np.finfo(float).tiny))
    system[:q, :q] = bread
    system[q:, :q] = border / size
    system[:q, q:] = system[q:, :q].T
    if not np.isfinite(system).all() or np.linalg.cond(system) > WORST_CONDITION:
        return np.full((q, q), np.nan)
    inverse = np.linalg.inv(system)[:q, :q]
    return np.asarray(inverse @ middle @ inverse.T)


def _promax_errors(
    rotation: Rotation,
    uniquenesses: FloatArray,
    n: float,
    method: str,
    gamma: FloatArray | None,
) -> RotationErrors:
    """Carry the errors of the varimax loadings over to the promax loadings made of them."""
    unrotated = rotation.loadings @ rotation.transformation.T
    kaiser = rotation.settings.kaiser
    length = np.sqrt((unrotated**2).sum(axis=1, keepdims=True)) if kaiser else 1.0
    criterion = criterion_of("varimax", rotation.settings, *unrotated.shape)
    start = retract(rotation.transformation[None], oblique=False)
    turn = project(unrotated / length, criterion, start, oblique=False).transformation[0]
    varimax = unrotated @ turn
    p, m = varimax.shape
    inner, outer = Pattern(p, m, False), Pattern(p, m, True)
    covariance = bordered_covariance(
        inner, varimax, np.eye(m), uniquenesses, stationarity(rotation, method), method, gamma
    )

    def promax(vector: Array) -> Array:
        loadings = vector.reshape(p, m)
        seen = loadings
        if kaiser:
            seen = loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))
        made = promax_transformation(seen, rotation.settings.power)
        return outer.pack(loadings @ np.linalg.inv(made).T, made.T @ made)

    jacobian = complex_jacobian(promax, varimax.ravel())
    spread = jacobian @ covariance @ jacobian.T / float(n)
    return _collect(outer, rotation.loadings, rotation.factor_correlations, spread)


def _collect(
    shape: Pattern, loadings: FloatArray, phi: FloatArray, covariance: FloatArray
) -> RotationErrors:
    """Return the standard errors of everything that is made of the parameters."""
    p, m = loadings.shape
    se = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    of_phi = np.zeros((m, m))
    rows, columns = shape.pairs
    of_phi[rows, columns] = of_phi[columns, rows] = se[p * m :]
    slope = np.zeros((p, len(covariance)))
    for item in range(p):
        slope[item, item * m : (item + 1) * m] = 2 * loadings[item] @ phi
    slope[:, p * m :] = 2 * loadings[:, rows] * loadings[:, columns]
    common = np.sqrt(np.maximum(np.einsum("ia,ab,ib->i", slope, covariance, slope), 0.0))
    return RotationErrors(covariance, se[: p * m].reshape(p, m), of_phi, common)
