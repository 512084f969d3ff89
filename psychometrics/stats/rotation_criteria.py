"""What rotations minimise: each criterion with its gradient, for many loading matrices at once.

A criterion takes loadings shaped (..., p, m) and returns its value (...) and its derivative by the
loadings (..., p, m). The functions are analytic, so they take complex loadings too: a step of
1e-20 i gives second derivatives to the last digit (see :func:`gradient_derivative`).

References
----------
Bernaards, C. A., & Jennrich, R. I. (2005). Gradient projection algorithms and software for
arbitrary rotation criteria in factor analysis. Educational and Psychological Measurement, 65,
676-696. doi:10.1177/0013164404272507
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from psychometrics.stats.moments import FloatArray

Array = npt.NDArray[Any]
Criterion = Callable[[Array], tuple[Array, Array]]

COMPLEX_STEP = 1e-20


def oblimin(gamma: float = 0.0) -> Criterion:
    """Return the direct oblimin criterion; quartimin for ``gamma=0``.

    Parameters
    ----------
    gamma : float
        0 is quartimin; positive values allow more correlated factors, negative ones fewer.

    References
    ----------
    Jennrich, R. I., & Sampson, P. F. (1966). Rotation for simple loadings. Psychometrika, 31,
    313-323. doi:10.1007/BF02289465

    Examples
    --------
    >>> value, slope = oblimin()(np.array([[0.8, 0.0], [0.0, 0.6]]))
    >>> float(value)
    0.0
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        square = loadings**2
        others = square.sum(axis=-1, keepdims=True) - square
        if gamma:
            others = others - gamma * others.mean(axis=-2, keepdims=True)
        return (square * others).sum(axis=(-2, -1)) / 4, loadings * others

    return criterion


def crawford_ferguson(kappa: float) -> Criterion:
    """Return the Crawford-Ferguson criterion: complexity of rows, and `kappa` of it of columns.

    Over orthogonal rotations, 0 is quartimax, 1/p varimax, m/(2p) equamax and
    (m - 1)/(p + m - 2) parsimax.

    References
    ----------
    Crawford, C. B., & Ferguson, G. A. (1970). A general rotation criterion and its use in
    orthogonal rotation. Psychometrika, 35, 321-332. doi:10.1007/BF02310792
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        square = loadings**2
        in_row = square.sum(axis=-1, keepdims=True) - square
        in_column = square.sum(axis=-2, keepdims=True) - square
        mixed = (1 - kappa) * in_row + kappa * in_column
        return (square * mixed).sum(axis=(-2, -1)) / 4, loadings * mixed

    return criterion


def varimax(loadings: Array) -> tuple[Array, Array]:
    """Minus the variances of the squared loadings in the columns, p/4 times their sum.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    Psychometrika, 23, 187-200. doi:10.1007/BF02289233
    """
    square = loadings**2
    centred = square - square.mean(axis=-2, keepdims=True)
    return -(centred**2).sum(axis=(-2, -1)) / 4, -loadings * centred


def quartimax(loadings: Array) -> tuple[Array, Array]:
    """Minus a quarter of the sum of fourth powers.

    References
    ----------
    Neuhaus, J. O., & Wrigley, C. (1954). The quartimax method. British Journal of Statistical
    Psychology, 7, 81-91. doi:10.1111/j.2044-8317.1954.tb00147.x
    """
    return -(loadings**4).sum(axis=(-2, -1)) / 4, -(loadings**3)


def geomin(epsilon: float = 0.01) -> Criterion:
    """Return the geomin criterion: the rows' geometric means of squared loadings plus `epsilon`.

    References
    ----------
    Browne, M. W. (2001). An overview of analytic rotation in exploratory factor analysis.
    Multivariate Behavioral Research, 36, 111-150. doi:10.1207/S15327906MBR3601_05
    Yates, A. (1987). Multivariate exploratory data analysis: A perspective on exploratory factor
    analysis.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        raised = loadings**2 + epsilon
        mean = np.exp(np.log(raised).mean(axis=-1, keepdims=True))
        slope = (2 / loadings.shape[-1]) * loadings / raised * mean
        return mean[..., 0].sum(axis=-1), slope

    return criterion


def target(values: FloatArray, weights: FloatArray) -> Criterion:
    """Return the weighted sum of squared distances from a target.

    Parameters
    ----------
    values : ndarray, shape (p, m)
        Where the loadings should be.
    weights : ndarray, shape (p, m)
        0 where the target leaves the loading open.

    References
    ----------
    Browne, M. W. (1972). Oblique rotation to a partially specified target. British Journal of
    Mathematical and Statistical Psychology, 25, 207-212. doi:10.1111/j.2044-8317.1972.tb00492.x
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        gap = weights * (loadings - values)
        return (gap * (loadings - values)).sum(axis=(-2, -1)), 2 * gap

    return criterion


def on_group_factors(simple: Criterion) -> Criterion:
    """Return a criterion on all columns but the first: the bifactor form of a rotation.

    References
    ----------
    Jennrich, R. I., & Bentler, P. M. (2011). Exploratory bi-factor analysis. Psychometrika, 76,
    537-549. doi:10.1007/s11336-011-9218-4
    Jennrich, R. I., & Bentler, P. M. (2012). Exploratory bi-factor analysis: The oblique case.
    Psychometrika, 77, 442-454. doi:10.1007/s11336-012-9269-1
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        value, of_groups = simple(loadings[..., 1:])
        slope = np.zeros_like(loadings)
        slope[..., 1:] = of_groups
        return value, slope

    return criterion


def gradient_derivative(criterion: Criterion, loadings: FloatArray) -> FloatArray:
    """Return the second derivatives of a criterion at one loading matrix.

    Returns
    -------
    ndarray, shape (p, m, p, m)
        Change of the gradient (first two axes) with each loading (last two).

    References
    ----------
    Squire, W., & Trapp, G. (1998). Using complex variables to estimate derivatives of real
    functions. SIAM Review, 40, 110-112. doi:10.1137/S003614459631241X
    """
    p, m = loadings.shape
    steps = np.eye(p * m).reshape(p * m, p, m) * (1j * COMPLEX_STEP)
    _, slope = criterion(loadings + steps)
    return np.asarray(np.moveaxis(slope.imag / COMPLEX_STEP, 0, -1).reshape(p, m, p, m))
