"""How well the measurement model fits, in every unit: the table ``fit`` of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import Fits
from psychometrics.stats.cfa.free_means import FreeMeans
from psychometrics.stats.cfa.free_means_fit import incomplete_fit
from psychometrics.stats.cfa.inference import summarize_fit
from psychometrics.validity.cfa_tables import FIT_NAMES
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.formative import higher_order_factors
from psychometrics.validity.units import UnitFits, tidy

CORRECTED = ("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_low_robust", "rmsea_high_robust")
FIT_COLUMNS = (
    "model", "group", "pooling", *FIT_NAMES, *CORRECTED, "converged", "method", "reason",
)  # fmt: skip


def fit_table(instrument: Instrument, models: FactorModels) -> pd.DataFrame:
    """Return the fit of the factor models in every unit."""
    rows = fit_rows("correlated_factors", models.together)
    above = higher_order_factors(instrument)
    if above:
        short = next((why for _, why in above.values() if why), NO_REASON)
        rows += fit_rows("higher_order", fit_higher_order(instrument, models, short))
    return tidy(rows, FIT_COLUMNS)


def fit_higher_order(instrument: Instrument, models: FactorModels, short: Reason) -> UnitFits:
    """Fit the model with the higher-order factors, or say why it can't be (`short`, if given)."""
    units = models.together.units
    if short:
        return UnitFits(units, None, (-1,) * len(units), (short,) * len(units))
    table = complete(instrument.model(higher_order=True), std_lv=True)
    lacking = [name for name in table.observed if name not in models.chosen.keyed.items]
    if lacking:
        why = reason("model_lacks_items", items=", ".join(lacking))
        return UnitFits(units, None, (-1,) * len(units), (why,) * len(units))
    return models.fit_table(table)


def fit_rows(model: str, fitted: UnitFits) -> list[dict[str, Any]]:
    """Return the fit indices of one model in every unit."""
    rows: list[dict[str, Any]] = []
    for unit in range(len(fitted.units)):
        row: dict[str, Any] = {
            "model": model,
            "group": fitted.units.group[unit],
            "pooling": fitted.units.pooling[unit],
            "n_obs": int(fitted.units.n[unit]),
            "method": told(fitted, unit),
            "converged": False,
            "reason": fitted.reasons[unit],
        }
        if fitted.fits is not None and fitted.replicate[unit] >= 0:
            at = fitted.replicate[unit]
            row["converged"] = bool(fitted.fits.optimum.converged[at])
        if not row["reason"] and fitted.fits is not None:
            row |= indices_of(fitted.fits, at, fitted.incomplete.get(unit))
        rows.append(row)
    return rows


def told(fitted: UnitFits, unit: int) -> str:
    """Say how a unit's model was fitted."""
    return "FIML, all answers" if unit in fitted.incomplete else "ML, complete rows"


def indices_of(fits: Fits, at: int, data: FreeMeans | None) -> dict[str, Any]:
    """Return the fit indices of one replicate."""
    z, fmin, moments = fits.optimum.z[at], fits.optimum.fmin[at], fits.moments
    own = moments.take(slice(at, at + 1))
    extra: dict[str, Any] = {}
    if data is None:
        found = summarize_fit(fits.table, fits.layout, z, fmin, own)
    else:
        made = incomplete_fit(fits.table, fits.layout, z, float(fmin[0]), data, own)
        found = made.indices
        if made.corrected is not None:
            extra = {
                **{name: float(getattr(made.corrected, name)) for name in CORRECTED[:3]},
                "rmsea_low_robust": made.rmsea_low,
                "rmsea_high_robust": made.rmsea_high,
            }
    return {name: getattr(found, name) for name in FIT_NAMES if name != "n_obs"} | extra


def judged_value(row: Mapping[str, Any], name: str) -> Any:
    """Return the index that is to be judged: the corrected one where there is one."""
    corrected = row.get(f"{name}_robust", np.nan)
    return row.get(name, np.nan) if np.isnan(corrected) else corrected


def judged_indices(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the indices that are to be judged in the place of the usual ones.

    Where answers are missing, CFI, TLI and RMSEA of the likelihood ratio drift with the share
    missing; the corrected ones estimate what complete rows would show.
    """
    made = table.copy()
    for name in CORRECTED:
        usual = name.removesuffix("_robust")
        if name in made:
            made[usual] = made[name].where(made[name].notna(), made[usual])
    return made
