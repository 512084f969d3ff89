"""How often the score tests of a search in ordered items reject equal parameters.

Two groups of 200 people, four items of five skewed categories, nothing differs. Printed for each
level: the share of single tests below .05, with and without their scaling, and the share of samples
in which a search would have set something free (Holm). Under a second a sample on an idle core.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import defaultdict

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from invariance_populations import Cell
from scipy import stats

from psychometrics import invariance
from psychometrics.errors import DegenerateDataWarning
from psychometrics.stats.cfa.release_scores import release_scores, scale_factors
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.invariance_candidates import ORDERED_STAGES, releasable

SEED, SAMPLES, N = 20_265, 200, 200
ITEMS = list("abcd")


def tested(fit: CFAResult, op: str) -> tuple[FloatArray, FloatArray]:
    """Return the score statistics of a level, scaled and as they come."""
    layout, z, data = fit.fits.layout, fit.fits.optimum.z, fit.fits.data
    candidates, rows = releasable(fit.fits.table, op, frozenset(), 2)
    slots, groups = layout.row_slots[rows], np.array([one[3] for one in candidates])
    raw = release_scores(layout, z, data, slots, groups).statistic[0]
    moments = fit.fitted.sample.ordinal
    scale = scale_factors(layout, z[0], data, moments.groups, slots, groups)  # type: ignore[arg-type, union-attr]
    return raw / scale, raw


def main() -> None:
    """Draw the samples and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    found: dict[str, list[tuple[FloatArray, FloatArray]]] = defaultdict(list)
    for _ in range(options.samples):
        rows = np.concatenate(Cell("categories", 2, N, "equal").draw(rng))
        frame = pd.DataFrame(rows, columns=ITEMS).assign(group=np.repeat(["p", "q"], N))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DegenerateDataWarning)
            ladder = invariance(
                {"f": ITEMS}, frame, "group", ordered=True, levels=tuple(ORDERED_STAGES)
            )
        for level, (op, _) in ORDERED_STAGES.items():
            if level in ladder.fits:
                found[level].append(tested(ladder.fits[level], op))
    print("| level | samples | p < .05 % | unscaled % | something set free % |")
    print("|---|---|---|---|---|")
    for level, parts in found.items():
        scaled, raw = (stats.chi2.sf([part[k] for part in parts], 1) for k in (0, 1))
        free = (scaled.min(axis=1) * scaled.shape[1] < 0.05).mean()
        print(
            f"| {level} | {len(parts)} | {100 * (scaled < 0.05).mean():.1f} "
            f"| {100 * (raw < 0.05).mean():.1f} | {100 * free:.1f} |"
        )


if __name__ == "__main__":
    main()
