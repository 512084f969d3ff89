"""T-size fit: how bad the misfit may still be, for tests that misfit is small enough.

An ordinary test asks whether there is any difference; an equivalence test asks whether it is shown
that the difference is smaller than something. T-size RMSEA is the largest, T-size CFI the smallest
that the statistic doesn't contradict.
"""

from __future__ import annotations

import math

from psychometrics.stats.cfa.fit_indices import noncentrality_limit

# RMSEA of which the adjusted cut-offs are the counterparts, from excellent to poor fit.
CONVENTIONAL = (0.01, 0.05, 0.08, 0.10)
CONVENTIONAL_CFI = (0.99, 0.95, 0.92, 0.90)
GRADES = ("excellent", "close", "fair", "mediocre", "poor")


def t_size_rmsea(
    chi2: float, df: float, n: float, n_groups: int = 1, significance: float = 0.05
) -> float:
    """Return the largest RMSEA that a statistic doesn't contradict; NaN without df.

    Parameters
    ----------
    chi2, df : float
        A model's chi-square, or a chi-square difference.
    n : float
        People of all groups.
    n_groups : int
    significance : float
        The chance of calling a misfit smaller than it is.

    References
    ----------
    Yuan, K.-H., & Chan, W. (2016). Measurement invariance via multigroup SEM: Issues and solutions
    with chi-square-difference tests. Psychological Methods, 21, 405-426. doi:10.1037/met0000080
    Yuan, K.-H., Chan, W., Marcoulides, G. A., & Bentler, P. M. (2016). Assessing structural
    equation models by equivalence testing with adjusted fit indexes. Structural Equation Modeling,
    23, 319-330. doi:10.1080/10705511.2015.1065414

    Examples
    --------
    >>> round(t_size_rmsea(85.306, 24, 301), 4)
    0.1139
    """
    if not df > 0 or not math.isfinite(chi2):
        return float("nan")
    limit = noncentrality_limit(chi2, df, significance)
    return math.sqrt(n_groups * limit / (df * (n - n_groups)))


def t_size_cfi(
    chi2: float,
    df: float,
    chi2_baseline: float,
    df_baseline: float,
    significance: float = 0.05,
) -> float:
    """Return the smallest CFI that the statistics don't contradict.

    The model's noncentrality is taken as large, the baseline's as small as they may be, each at
    half the significance.

    References
    ----------
    Yuan, Chan, Marcoulides & Bentler (2016), as in :func:`t_size_rmsea`.

    Examples
    --------
    >>> round(t_size_cfi(85.306, 24, 918.852, 36), 3)
    0.87
    """
    half = significance / 2
    own = noncentrality_limit(chi2, df, half)
    base = noncentrality_limit(chi2_baseline, df_baseline, 1 - half)
    return 1 - max(own, 0.0) / max(own, base, 1e-300)


def adjusted_rmsea_cutoffs(
    df: float, n: float, n_groups: int = 1, significance: float = 0.05
) -> tuple[float, ...]:
    """Return the T-size counterparts of RMSEA .01, .05, .08 and .10 at this df and n.

    T-size RMSEA is larger than RMSEA, so its cut-offs are too: each is the T-size RMSEA of a
    statistic whose RMSEA is the conventional value. Yuan and Chan (2016) print regressions that
    reproduce these values to within 4 % for up to five groups; here they are computed.

    References
    ----------
    Yuan & Chan (2016), as in :func:`t_size_rmsea`.

    Examples
    --------
    >>> [round(cut, 3) for cut in adjusted_rmsea_cutoffs(24, 200)]
    [0.059, 0.082, 0.108, 0.127]
    """
    scale = df * (n - n_groups) / n_groups
    return tuple(
        t_size_rmsea(df + scale * cut**2, df, n, n_groups, significance) for cut in CONVENTIONAL
    )


def adjusted_cfi_cutoffs(
    df: float, chi2_baseline: float, df_baseline: float, significance: float = 0.05
) -> tuple[float, ...]:
    """Return the T-size counterparts of CFI .99, .95, .92 and .90 at these baseline statistics.

    Each is the T-size CFI of a statistic whose CFI is the conventional value.

    Examples
    --------
    >>> [round(cut, 2) for cut in adjusted_cfi_cutoffs(24, 918.852, 36)]
    [0.96, 0.9, 0.86, 0.83]
    """
    base = max(chi2_baseline - df_baseline, 0.0)
    return tuple(
        t_size_cfi(df + (1 - cut) * base, df, chi2_baseline, df_baseline, significance)
        for cut in CONVENTIONAL_CFI
    )


def grade(value: float, cutoffs: tuple[float, ...], *, high_is_good: bool = False) -> str:
    """Name the class that a T-size index falls into; empty where there is no value.

    Examples
    --------
    >>> grade(0.06, (0.05, 0.08, 0.10, 0.12)), grade(0.2, (0.05, 0.08, 0.10, 0.12))
    ('close', 'poor')
    """
    if not math.isfinite(value):
        return ""
    for name, cut in zip(GRADES, cutoffs, strict=False):
        if value >= cut if high_is_good else value <= cut:
            return name
    return GRADES[-1]
