"""Values of defined parameters, such as ``indirect := a * b``, at given parameter values."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.table import ParameterTable


def defined_values(table: ParameterTable, layout: Layout, z: Any) -> Any:
    """Evaluate the defined parameters at z, shape (replicate, q) -> (replicate, definitions).

    A label stands for its free parameter, or for the value its parameter is fixed to.
    """
    slots = slot_values(layout, z)
    values: dict[str, Any] = {}
    for row, slot in zip(table.rows, layout.row_slots, strict=True):
        if row.label is not None and row.label not in values:
            values[row.label] = slots[:, row.group, slot]
    found = []
    with np.errstate(all="ignore"):  # 1 / 0 is infinite and log(-1) undefined, not an error
        for name, node in table.definitions:
            values[name] = node(values) + np.zeros(len(z), dtype=slots.dtype)
            found.append(values[name])
    return np.stack(found, axis=1) if found else np.empty((len(z), 0))
