"""How the moments of standardised items vary from sample to sample, without a normal distribution.

Both functions return n times the sampling covariance of the covariances of standardised items, as
pairs below and on the diagonal. Standard errors and scaled tests of exploratory models are made of
it.
"""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.fiml import group_sums
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.patterns import Patterns


def casewise_gamma(rows: FloatArray) -> FloatArray:
    """Return the covariance of people's products of standardised answers, (p*, p*).

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        Complete answers.

    References
    ----------
    Browne, M. W. (1984). Asymptotically distribution-free methods for the analysis of covariance
    structures. British Journal of Mathematical and Statistical Psychology, 37, 62-83.
    doi:10.1111/j.2044-8317.1984.tb00789.x
    """
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    low, high = np.tril_indices(rows.shape[1])
    products = z[:, low] * z[:, high]
    products -= products.mean(axis=0)
    return np.asarray(products.T @ products / len(z))


def incomplete_gamma(patterns: Patterns, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return it for the moments that EM estimates from incomplete rows, (p*, p*).

    Normal answers, missing at random: the inverse of the observed information about the
    covariances, after that about the means has been taken out.

    Parameters
    ----------
    patterns : Patterns
        Moments of the rows by what is missing.
    mean : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        Estimates by EM.

    References
    ----------
    Savalei, V., & Bentler, P. M. (2009). A two-stage approach to missing data: Theory and
    application to auxiliary variables. Structural Equation Modeling, 16, 477-497.
    doi:10.1080/10705510903008238
    """
    p = len(mean)
    low, high = np.tril_indices(p)
    sums = group_sums(patterns, covariance, mean)
    own, n = sums.inverse, patterns.n
    weight = 0.5 * own - sums.weight_pull
    product = (n[:, None] * packed(weight)).T @ packed(own)
    information = symmetrised(product, p)
    of_mean = np.tensordot(n, own, axes=1)
    reach = np.einsum("k,kij,kl->ijl", n, own, sums.gaps, optimize=True)
    mixed = ((reach[:, low, high] + reach[:, high, low]) * half_diagonal(p)).T
    information -= mixed @ np.linalg.solve(of_mean, mixed.T)
    sd = np.sqrt(np.diagonal(covariance))
    size = sd[low] * sd[high]
    return np.asarray(n.sum() * np.linalg.inv(information) / np.outer(size, size))


def symmetrised(product: FloatArray, size: int) -> FloatArray:
    """Return how two symmetric matrices act on changes of a covariance, (p*, p*).

    Parameters
    ----------
    product : ndarray, shape (p*, p*)
        Sum of the products of packed matrices A and B; rows are A's entries.
    size : int
        p.

    Returns
    -------
    ndarray, shape (p*, p*)
        Sum of ``tr(A E_a B E_b)``, where E_a is the change of one entry and its mirror image.
    """
    low, high = np.tril_indices(size)
    place = np.zeros((size, size), dtype=np.intp)
    place[low, high] = place[high, low] = np.arange(len(low))
    straight, crossed = place[np.ix_(low, low)], place[np.ix_(low, high)]
    back = place[np.ix_(high, high)]
    total = product[straight, back] + product[back, straight]
    total += product[crossed, crossed.T] + product[crossed.T, crossed]
    share = half_diagonal(size)
    return np.asarray(total * share[:, None] * share)


def half_diagonal(size: int) -> FloatArray:
    """Return 1 for the packed entries off the diagonal and a half for those on it."""
    low, high = np.tril_indices(size)
    return np.where(low == high, 0.5, 1.0)


def packed(matrices: FloatArray) -> FloatArray:
    """Return symmetric matrices as their entries below and on the diagonal, (..., p*)."""
    low, high = np.tril_indices(matrices.shape[-1])
    return np.asarray(matrices[..., low, high])


def packed_weights(weights: FloatArray) -> FloatArray:
    """Return what symmetric weights do to packed moments in half the trace of the product."""
    return np.asarray(packed(weights) * half_diagonal(weights.shape[-1]))


def scaling_factor(
    implied: FloatArray, derivatives: FloatArray, gamma: FloatArray, df: int
) -> float:
    """Return what the ML chi-square is divided by: the mean of its distribution over df.

    Parameters
    ----------
    implied : ndarray, shape (p, p)
        Correlations that the model implies.
    derivatives : ndarray, shape (q, p, p)
        Of the correlations by the parameters; the items' scales are added here.
    gamma : ndarray, shape (p*, p*)
        From :func:`casewise_gamma` or :func:`incomplete_gamma`.
    df : int
        Degrees of freedom.

    References
    ----------
    Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in
    covariance structure analysis. In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis
    (pp. 399-419).
    """
    if df <= 0:
        return float("nan")
    p = len(implied)
    precision = packed(np.asarray(np.linalg.inv(implied), dtype=float))
    weight = 0.5 * symmetrised(np.outer(precision, precision), p)
    scale = np.zeros((p, p, p))
    scale[np.arange(p), np.arange(p), :] = implied
    delta = packed(np.concatenate([derivatives, scale + np.swapaxes(scale, -1, -2)]))
    pulled = delta @ weight
    # Rotations move the parameters and nothing else, so the information has no inverse.
    inverse = np.linalg.pinv(pulled @ delta.T, rcond=1e-10, hermitian=True)
    trace = np.sum(weight * gamma) - np.sum(inverse * (pulled @ gamma @ pulled.T))
    return float(trace / df)
