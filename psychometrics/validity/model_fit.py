"""How well the measurement model fits, in every unit: the table ``fit`` of a study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.inference import summarize_fit
from psychometrics.validity.cfa_tables import FIT_NAMES
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.formative import higher_order_factors
from psychometrics.validity.units import UnitFits, fit_units, tidy

FIT_COLUMNS = (
    "model", "group", "pooling", *FIT_NAMES, "converged", "method", "reason",
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
    index = {item: i for i, item in enumerate(models.chosen.keyed.items)}
    lacking = [name for name in table.observed if name not in index]
    if lacking:
        why = reason("model_lacks_items", items=", ".join(lacking))
        return UnitFits(units, None, (-1,) * len(units), (why,) * len(units))
    columns = np.array([index[name] for name in table.observed], dtype=int)
    return fit_units(table, models.chosen.units(columns), table.observed)


def fit_rows(model: str, fitted: UnitFits) -> list[dict[str, Any]]:
    """Return the fit indices of one model in every unit."""
    rows: list[dict[str, Any]] = []
    for unit in range(len(fitted.units)):
        row: dict[str, Any] = {
            "model": model,
            "group": fitted.units.group[unit],
            "pooling": fitted.units.pooling[unit],
            "n_obs": int(fitted.units.n[unit]),
            "method": "ML, complete rows",
            "converged": False,
            "reason": fitted.reasons[unit],
        }
        if fitted.fits is not None and fitted.replicate[unit] >= 0:
            at = fitted.replicate[unit]
            row["converged"] = bool(fitted.fits.optimum.converged[at])
        if not row["reason"] and fitted.fits is not None:
            fits = fitted.fits
            found = summarize_fit(
                fits.table,
                fits.layout,
                fits.optimum.z[at],
                fits.optimum.fmin[at],
                fits.moments.take(slice(at, at + 1)),
            )
            row |= {name: getattr(found, name) for name in FIT_NAMES if name != "n_obs"}
        rows.append(row)
    return rows
