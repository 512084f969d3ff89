"""Bivariate normal probabilities by plain quadrature: slow, and another way than the package's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import integrate, special

FloatArray = npt.NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)
# Where the conditional probability of a cell rises and falls, in standard deviations.
BREAKS = np.array([-9.0, -3.0, 0.0, 3.0, 9.0])


def distribution_by_angle(h: float, k: float, r: float) -> float:
    """Return Phi2 from the density integrated over the correlation, from 0 or from 1.

    The correlation is the cosine of an angle; near 1 all change may happen at tiny angles.
    """
    if r < 0:
        return float(special.ndtr(h)) - distribution_by_angle(h, -k, -r)

    def rise(angle: float) -> float:
        sine2 = np.sin(angle) ** 2
        power = ((h - k) ** 2 + 4 * h * k * np.sin(angle / 2) ** 2) / (2 * sine2)
        return float(np.exp(-power) / (2 * np.pi))

    own = 2 * np.arcsin(np.sqrt((1 - r) / 2))
    if r < 0.9:
        start, cuts = special.ndtr(h) * special.ndtr(k), np.linspace(np.pi / 2, own, 12)
    else:
        start, cuts = special.ndtr(min(h, k)), np.append(0.0, np.geomspace(own * 1e-10, own, 40))
    change = sum(
        integrate.quad(rise, *piece, epsabs=0, epsrel=1e-13)[0] for piece in pairwise(cuts)
    )
    return float(start - change)


def cell_probabilities(h: FloatArray, k: FloatArray, r: float) -> FloatArray:
    """Return the probabilities of all cells between thresholds, small ones with their digits.

    The conditional probability of the column is integrated over the row's interval.
    """
    s = np.sqrt((1 - r) * (1 + r))
    columns = np.concatenate([[-np.inf], k, [np.inf]])
    rows = np.concatenate([[-9.0], h, [9.0]])
    ridge = ((k + s * BREAKS[:, None]) / r).ravel() if abs(r) > 0.05 else np.zeros(1)
    found = np.zeros((len(h) + 1, len(k) + 1))
    for a in range(len(h) + 1):
        cuts = np.unique(np.clip([rows[a], *ridge, rows[a + 1]], rows[a], rows[a + 1]))
        for low, high in pairwise(cuts):
            x = (high - low) / 2 * NODES + (high + low) / 2
            weight = WEIGHTS * (high - low) / 2 * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
            z = (columns[:, None] - r * x) / s
            above = z[:-1] > 0
            upper = special.ndtr(np.where(above, -z[:-1], z[1:]))
            lower = special.ndtr(np.where(above, -z[1:], z[:-1]))
            found[a] += (upper - lower) @ weight
    return found


def log_likelihood(r: float, counts: FloatArray, h: FloatArray, k: FloatArray) -> float:
    """Return the log-likelihood of a table."""
    used = counts > 0
    return float((counts[used] * np.log(cell_probabilities(h, k, r)[used])).sum())


def score(r: float, counts: FloatArray, h: FloatArray, k: FloatArray) -> float:
    """Return the derivative of the log-likelihood by the correlation."""
    s2 = (1 - r) * (1 + r)
    rows, columns = h[:, None], k[None, :]
    density = np.zeros((len(h) + 2, len(k) + 2))
    density[1:-1, 1:-1] = np.exp(-(rows**2 - 2 * r * rows * columns + columns**2) / (2 * s2)) / (
        2 * np.pi * np.sqrt(s2)
    )
    change = np.diff(np.diff(density, axis=0), axis=1)
    used = counts > 0
    return float((counts[used] * change[used] / cell_probabilities(h, k, r)[used]).sum())
