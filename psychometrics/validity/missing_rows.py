"""What a study does with missing answers, and what leaving rows out would cost."""

from __future__ import annotations

import numpy as np

from psychometrics.errors import Finding, finding
from psychometrics.validity.selection import ModelMissing, Selection


def missing_findings(chosen: Selection, missing: ModelMissing) -> tuple[Finding, ...]:
    """Say that models with case weights leave rows out, where there are some to leave out."""
    if missing != "fiml" or chosen.weights is None:
        return ()
    columns = np.arange(len(chosen.keyed.items))
    lost = int((chosen.some(columns) & ~chosen.complete(columns)).sum())
    if not lost:
        return ()
    return (finding("rows_left_out_for_weights", "warning", "weight", count=lost),)
