"""How alike two sets of loadings are: Tucker's phi, matched columns, Procrustes rotation."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from psychometrics.stats.moments import FloatArray, IntArray


def tucker_phi(one: FloatArray, other: FloatArray) -> FloatArray:
    """Tucker's coefficient of congruence of every column of one with every column of another.

    Parameters
    ----------
    one : ndarray, shape (..., p, m)
        Loadings.
    other : ndarray, shape (..., p, k)
        Loadings of the same items.

    Returns
    -------
    ndarray, shape (..., m, k)
        Sum of products over the root of the sums of squares; NaN for a column of zeros.

    References
    ----------
    Tucker, L. R. (1951). A method for synthesis of factor analysis studies. Personnel Research
    Section Report No. 984. Department of the Army.
    Lorenzo-Seva, U., & ten Berge, J. M. F. (2006). Tucker's congruence coefficient as a meaningful
    index of factor similarity. Methodology, 2, 57-64. doi:10.1027/1614-2241.2.2.57

    Examples
    --------
    >>> one, other = np.array([[0.8], [0.6]]), np.array([[0.6], [0.8]])
    >>> float(tucker_phi(one, other)[0, 0].round(2))
    0.96
    """
    length = (
        np.sqrt((one**2).sum(axis=-2))[..., :, None]
        * np.sqrt((other**2).sum(axis=-2))[..., None, :]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = np.swapaxes(one, -1, -2) @ other / length
    return np.asarray(np.where(length > 0, phi, np.nan))


def matched_columns(one: FloatArray, other: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return which column of the other belongs to each column of the one, and its sign.

    The assignment with the largest sum of absolute congruences (a column is used once).

    Examples
    --------
    >>> one = np.array([[0.8, 0.0], [0.7, 0.1], [0.0, 0.6]])
    >>> order, sign = matched_columns(one, -one[:, ::-1])
    >>> order.tolist(), sign.tolist()
    ([1, 0], [-1.0, -1.0])
    """
    phi = np.nan_to_num(tucker_phi(one, other))
    rows, columns = optimize.linear_sum_assignment(-np.abs(phi))
    sign = np.where(phi[rows, columns] < 0, -1.0, 1.0)
    return np.asarray(columns, dtype=np.int64), sign


def procrustes(loadings: FloatArray, goal: FloatArray) -> FloatArray:
    """Rotate loadings orthogonally, as near to a goal as they come.

    Parameters
    ----------
    loadings : ndarray, shape (..., p, m)
        Of orthogonal factors.
    goal : ndarray, shape (..., p, m)

    Returns
    -------
    ndarray, shape (..., p, m)

    References
    ----------
    Schönemann, P. H. (1966). A generalized solution of the orthogonal Procrustes problem.
    Psychometrika, 31, 1-10. doi:10.1007/BF02289451
    """
    return np.asarray(loadings @ procrustes_rotation(loadings, goal))


def procrustes_rotation(loadings: FloatArray, goal: FloatArray) -> FloatArray:
    """Return the orthogonal matrices (..., m, m) of :func:`procrustes`."""
    left, _, right = np.linalg.svd(np.swapaxes(loadings, -1, -2) @ goal)
    return np.asarray(left @ right)
