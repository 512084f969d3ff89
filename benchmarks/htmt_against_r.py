"""The bootstrap of HTMT here and by looping semTools::htmt, in one run; both give the same ratios.

1,400 people, 24 items, five scales. semTools runs over 20 bootstrap samples and its time is
multiplied; the values it finds there are held against those found here for the same samples.
Times are CPU seconds of one thread.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

# Before numpy is loaded: one thread here as in R.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd

from psychometrics import htmt
from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import FloatArray, IntArray

DATA = Path(__file__).parent.parent / "tests" / "reference" / "data" / "bfi.csv"
N_PEOPLE, REPLICATES, LOOPS, REPEATS = 1400, 1000, 20, 7
GOAL, SAME = 200, 1e-6
SIZES = {"A": 5, "C": 5, "E": 5, "N": 5, "O": 4}
SCALES = {name: [f"{name}{i + 1}" for i in range(size)] for name, size in SIZES.items()}
ITEMS = [item for items in SCALES.values() for item in items]
TURNED = ["A1", "C4", "C5", "E1", "E2", "O2"]
VARIANTS = ("htmt", "htmt2")

IN_R = """
suppressMessages({library(semTools); library(jsonlite)})
paths <- commandArgs(TRUE)
x <- read.csv(paths[[1]])
drawn <- as.matrix(read.csv(paths[[2]], header = FALSE)) + 1
model <- paths[[3]]
loop <- function(geometric) {
  lapply(seq_len(nrow(drawn)), function(i) htmt(model, x[drawn[i, ], ], htmt2 = geometric))
}
out <- list(version = paste0("semTools ", packageVersion("semTools"), ", R ", getRversion()))
for (variant in c("htmt", "htmt2")) {
  geometric <- variant == "htmt2"
  found <- NULL
  times <- replicate(3, sum(system.time(found <<- loop(geometric))[c("user.self", "sys.self")]))
  plain <- function(m) unname(matrix(as.numeric(m), nrow(m)))
  out[[variant]] <- list(
    time = min(times),
    whole = plain(htmt(model, x, htmt2 = geometric)),
    samples = lapply(found, plain)
  )
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
"""


def answers() -> pd.DataFrame:
    """Return the first complete rows, all items keyed alike."""
    frame = pd.read_csv(DATA)[ITEMS].dropna().head(N_PEOPLE).reset_index(drop=True)
    frame[TURNED] = 7 - frame[TURNED]
    return frame


def seconds(frame: pd.DataFrame, variant: str) -> float:
    """Return the shortest CPU time of estimates and bootstrap intervals of all pairs."""
    times = []
    for _ in range(REPEATS):
        start = process_time()
        htmt(frame, SCALES, variant=variant, n_boot=REPLICATES, rng=1)
        times.append(process_time() - start)
    return min(times)


def ratios(frame: pd.DataFrame, drawn: IntArray, variant: str) -> FloatArray:
    """Return the ratios in all rows and in each bootstrap sample, (1 + samples, scales, scales)."""
    rows = frame.to_numpy(dtype=float)
    correlations = np.stack(
        [np.corrcoef(rows, rowvar=False), *(np.corrcoef(rows[i], rowvar=False) for i in drawn)]
    )
    names = [name for name, items in SCALES.items() for _ in items]
    membership = np.array([[float(name == own) for own in SCALES] for name in names])
    return heterotrait_monotrait(correlations, membership, geometric=variant == "htmt2")


def in_r(frame: pd.DataFrame, drawn: IntArray) -> dict[str, object]:
    """Let semTools do the same."""
    model = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in SCALES.items())
    with tempfile.TemporaryDirectory() as folder:
        people, samples = Path(folder) / "people.csv", Path(folder) / "drawn.csv"
        frame.to_csv(people, index=False)
        pd.DataFrame(drawn).to_csv(samples, index=False, header=False)
        done = subprocess.run(
            ["Rscript", "-e", IN_R, str(people), str(samples), model],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return dict(json.loads(done.stdout))


def main() -> int:
    """Measure and compare; return 1 if a goal is missed."""
    frame = answers()
    drawn = np.random.default_rng(1).integers(0, len(frame), size=(LOOPS, len(frame)))
    here = {variant: seconds(frame, variant) for variant in VARIANTS}
    if shutil.which("Rscript") is None:
        for variant, own in here.items():
            print(f"{variant}: {REPLICATES:,} replicates in {own * 1000:.0f} ms")
        print("R is not installed, so there is nothing to compare with.")
        return 0
    there = in_r(frame, drawn)
    met = True
    print(f"{there['version']}; {len(frame):,} people, {len(ITEMS)} items, {REPLICATES:,} samples")
    for variant, own in here.items():
        found: dict[str, object] = there[variant]  # type: ignore[assignment]
        looped = float(found["time"]) * REPLICATES / LOOPS  # type: ignore[arg-type]
        theirs = np.array([found["whole"], *found["samples"]])  # type: ignore[misc]
        apart = float(np.abs(ratios(frame, drawn, variant) - theirs).max())
        table = htmt(frame, SCALES, variant=variant)["estimate"].to_numpy()
        upper = theirs[0][np.triu_indices(len(SCALES), 1)]
        apart = max(apart, float(np.abs(table - upper).max()))
        good = looped / own >= GOAL and apart <= SAME
        met &= good
        print(
            f"{variant:<6} here {own * 1000:6.0f} ms, semTools {looped:6.1f} s "
            f"({LOOPS} timed), {looped / own:5.0f}x (goal {GOAL}x); "
            f"largest difference {apart:.1e}{'' if good else '  MISSED'}"
        )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
