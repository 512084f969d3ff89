"""The Schmid-Leiman solution with its labels, and the omegas of its sum score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.schmid_leiman import omega_hierarchical, omega_total, schmid_leiman


@dataclass(frozen=True)
class Hierarchy:
    """A general factor above group factors.

    Attributes
    ----------
    loadings : DataFrame, shape (p, 1 + m)
        On ``general`` and on what is left of each group factor; all uncorrelated.
    communalities : Series
    general_share : Series
        The general factor's share of each communality.
    second_order : Series
        Loadings of the first-order factors on the general one.
    omega_hierarchical, omega_total : float
        Of the sum of the items, each turned in the direction of the general factor; divided by the
        variance that the model implies.
    omega_hierarchical_observed, omega_total_observed : float
        Divided by the observed variance, as psych's ``omega`` does.
    explained_common_variance : float
        The general factor's share of all common variance.
    turned : tuple of str
        Items that load negatively on the general factor and are turned in the sum.
    problem : Reason
        Why it should be read with care; else empty.
    n_obs : int
    method : str
    """

    loadings: pd.DataFrame
    communalities: pd.Series
    general_share: pd.Series
    second_order: pd.Series
    omega_hierarchical: float
    omega_total: float
    omega_hierarchical_observed: float
    omega_total_observed: float
    explained_common_variance: float
    turned: tuple[str, ...]
    problem: Reason
    n_obs: int
    method: str

    def to_frame(self) -> pd.DataFrame:
        """Return loadings, communality and the general factor's share, one row an item."""
        frame = self.loadings.assign(
            communality=self.communalities, general_share=self.general_share
        )
        return frame.rename_axis("item").reset_index()

    def __str__(self) -> str:
        return (
            f"Schmid-Leiman ({self.method}), n = {self.n_obs}: omega hierarchical "
            f"{self.omega_hierarchical:.3f}, omega total {self.omega_total:.3f}, general factor "
            f"explains {self.explained_common_variance:.0%} of the common variance"
        )

    def _repr_html_(self) -> str:
        from html import escape

        note = f"<p>{escape(self.problem)}</p>" if self.problem else ""
        table = self.to_frame().to_html(index=False, float_format="{:.3f}".format)
        return f"<p>{escape(str(self))}</p>{note}{table}"


def hierarchy_of(
    loadings: pd.DataFrame,
    factor_correlations: pd.DataFrame,
    uniquenesses: pd.Series,
    correlation: FloatArray,
    n_obs: int,
    method: str,
) -> Hierarchy:
    """Split an oblique solution and compute the omegas of the items' sum."""
    items, factors = loadings.index, loadings.columns
    found = schmid_leiman(
        loadings.to_numpy(), factor_correlations.to_numpy(), uniquenesses.to_numpy()
    )
    sign = np.where(found.general < 0, -1.0, 1.0)
    parts = (found.general * sign, found.groups * sign[:, None], found.uniquenesses)
    observed = float(sign @ correlation @ sign)
    table = pd.DataFrame(
        np.column_stack([found.general, found.groups]), index=items, columns=["general", *factors]
    )
    return Hierarchy(
        table,
        pd.Series(found.communalities, index=items, name="communality"),
        pd.Series(found.general_share, index=items, name="general_share"),
        pd.Series(found.second_order, index=factors, name="general"),
        float(omega_hierarchical(*parts)),
        float(omega_total(*parts)),
        float(omega_hierarchical(*parts, observed)),
        float(omega_total(*parts, observed)),
        found.explained_common_variance,
        tuple(str(name) for name in items[sign < 0]),
        hierarchy_problem(found.improper, [str(name) for name in factors]),
        n_obs,
        method,
    )


def hierarchy_problem(improper: BoolArray, factors: list[str]) -> Reason:
    """Say what to be careful about."""
    if len(factors) == 2:
        return reason("second_order_undetermined")
    taken = [name for name, bad in zip(factors, improper, strict=True) if bad]
    return reason("heywood_case", items=", ".join(taken)) if taken else NO_REASON
