"""The Schmid-Leiman solution and the omegas that it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.efa import extract
from psychometrics.stats.moments import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class SchmidLeiman:
    """A general factor and what is left of the group factors, all uncorrelated.

    Attributes
    ----------
    general : ndarray, shape (p,)
        Loadings on the general factor.
    groups : ndarray, shape (p, m)
        Loadings on the group factors.
    uniquenesses : ndarray, shape (p,)
    second_order : ndarray, shape (m,)
        Loadings of the first-order factors on the general one.
    improper : ndarray of bool, shape (m,)
        First-order factors that the general factor takes up wholly (a Heywood case).
    """

    general: FloatArray
    groups: FloatArray
    uniquenesses: FloatArray
    second_order: FloatArray
    improper: BoolArray

    @property
    def communalities(self) -> FloatArray:
        """Return what the oblique solution explains of each item, (p,): psych's h2.

        The squared loadings add up to it as far as one factor reproduces the factor correlations:
        wholly for two or three factors, nearly for more.
        """
        return np.asarray(1 - self.uniquenesses)

    @property
    def general_share(self) -> FloatArray:
        """Return the general factor's share of each item's communality, (p,): psych's p2."""
        common = self.communalities
        return np.asarray(self.general**2 / np.where(common > 0, common, np.nan))

    @property
    def explained_common_variance(self) -> float:
        """Return the general factor's share of all common variance (ECV).

        References
        ----------
        Reise, S. P. (2012). The rediscovery of bifactor measurement models. Multivariate Behavioral
        Research, 47, 667-696. doi:10.1080/00273171.2012.715555
        """
        general = float((self.general**2).sum())
        return general / (general + float((self.groups**2).sum()))


def schmid_leiman(
    loadings: FloatArray, factor_correlations: FloatArray, uniquenesses: FloatArray
) -> SchmidLeiman:
    """Split an oblique solution into a general factor and group factors.

    The factor correlations are given one factor by minres. With two factors that has no unique
    solution: their loadings on it are set equal, the root of their correlation, as psych does.

    Parameters
    ----------
    loadings : ndarray, shape (p, m)
        Pattern of an oblique rotation.
    factor_correlations : ndarray, shape (m, m)
    uniquenesses : ndarray, shape (p,)

    References
    ----------
    Schmid, J., & Leiman, J. M. (1957). The development of hierarchical factor solutions.
    Psychometrika, 22, 53-61. doi:10.1007/BF02289209

    Examples
    --------
    >>> pattern = np.kron(np.eye(2), np.full((3, 1), 0.7))
    >>> phi = np.array([[1.0, 0.36], [0.36, 1.0]])
    >>> found = schmid_leiman(pattern, phi, np.full(6, 0.51))
    >>> found.general.round(2).tolist(), found.groups[0].round(2).tolist()
    ([0.42, 0.42, 0.42, 0.42, 0.42, 0.42], [0.56, 0.0])
    """
    second, improper = second_order_loadings(factor_correlations)
    general = loadings @ second
    if general.sum() < 0:
        general, second = -general, -second
    groups = loadings * np.sqrt(1 - second**2)
    return SchmidLeiman(general, groups, np.array(uniquenesses), second, improper)


def second_order_loadings(factor_correlations: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the first-order factors' loadings on one factor, and which are improper."""
    m = len(factor_correlations)
    if m == 1:
        return np.ones(1), np.zeros(1, dtype=bool)
    if m == 2:
        r = float(factor_correlations[0, 1])
        size = np.sqrt(abs(r))
        return np.array([size, -size if r < 0 else size]), np.zeros(2, dtype=bool)
    found = extract(factor_correlations[None], 1, "minres")
    return np.clip(found.loadings[0, :, 0], -1.0, 1.0), found.improper[0]


def omega_hierarchical(
    general: FloatArray,
    groups: FloatArray,
    uniquenesses: FloatArray,
    total_variance: FloatArray | float | None = None,
) -> FloatArray:
    """Share of a sum score's variance that is due to the general factor.

    Parameters
    ----------
    general : ndarray, shape (..., p)
        Standardised loadings on the general factor, items keyed in one direction.
    groups : ndarray, shape (..., p, m)
        Loadings on the group factors, uncorrelated.
    uniquenesses : ndarray, shape (..., p)
    total_variance : ndarray, shape (...), or float, optional
        Observed variance of the sum of the standardised items: the sum of their correlations, as
        psych takes it. By default what the model implies.

    References
    ----------
    McDonald, R. P. (1999). Test theory: A unified treatment.
    Zinbarg, R. E., Revelle, W., Yovel, I., & Li, W. (2005). Cronbach's alpha, Revelle's beta, and
    McDonald's omega_h. Psychometrika, 70, 123-133. doi:10.1007/s11336-003-0974-7
    """
    whole = general.sum(axis=-1) ** 2
    if total_variance is None:
        total_variance = implied_total(general, groups, uniquenesses)
    return np.asarray(whole / total_variance)


def omega_total(
    general: FloatArray,
    groups: FloatArray,
    uniquenesses: FloatArray,
    total_variance: FloatArray | float | None = None,
) -> FloatArray:
    """Share of a sum score's variance that is due to all common factors.

    Parameters and references as for :func:`omega_hierarchical`. With an observed total variance
    it is ``1 - sum of uniquenesses / total variance``, as psych has it.
    """
    if total_variance is None:
        total_variance = implied_total(general, groups, uniquenesses)
    return np.asarray(1 - uniquenesses.sum(axis=-1) / total_variance)


def implied_total(general: FloatArray, groups: FloatArray, uniquenesses: FloatArray) -> FloatArray:
    """Return the variance of the sum score that the model implies."""
    common = general.sum(axis=-1) ** 2 + (groups.sum(axis=-2) ** 2).sum(axis=-1)
    return np.asarray(common + uniquenesses.sum(axis=-1))
