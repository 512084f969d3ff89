"""Alpha of five scales, plain and bootstrapped, beside psych::alpha in the same run.

Each side analyses the same rows and keeps its best time; starting R, Python and reading the file
don't count. psych::alpha gives item statistics too, which here are item_analysis(). Without Rscript
and psych only our own times are printed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

from psychometrics import item_analysis, reliability

DATA = Path(__file__).parent.parent / "tests" / "reference" / "data" / "bfi.csv"
SCALES = {scale: [f"{scale}{number}" for number in range(1, 6)] for scale in "ACENO"}
REPEATS, SAMPLES = 9, 200
BUDGETS = {"alpha": 10.0, "bootstrap": 10.0}

R_SCRIPT = """
suppressMessages({library(psych); library(jsonlite)})
x <- read.csv(commandArgs(trailingOnly = TRUE)[[1]])
samples <- as.integer(commandArgs(trailingOnly = TRUE)[[2]])
scales <- lapply(c("A", "C", "E", "N", "O"), function(scale) x[paste0(scale, 1:5)])
best <- function(job, times) {
  min(vapply(seq_len(times), function(i) {
    gc(FALSE)
    # psych bootstraps in child processes; what they take counts too.
    sum(system.time(suppressMessages(suppressWarnings(job())))[-3])
  }, 0))
}
run <- function(...) lapply(scales, alpha, check.keys = FALSE, warnings = FALSE, ...)
times <- list(
  version = as.character(packageVersion("psych")),
  alpha = best(function() run(), 7),
  bootstrap = best(function() run(n.iter = samples), 1)
)
cat(toJSON(times, auto_unbox = TRUE, digits = 6))
"""


def best(job: Callable[[], Any], times: int = REPEATS) -> float:
    """Return the shortest of some times, in CPU seconds of this process."""
    found = []
    for _ in range(times):
        start = process_time()
        job()
        found.append(process_time() - start)
    return min(found)


def our_times(frame: pd.DataFrame) -> dict[str, float]:
    """Return what the work takes here."""
    alpha = ["alpha"]
    return {
        "alpha": best(lambda: reliability(frame, SCALES, coefficients=alpha)),
        "bootstrap": best(
            lambda: reliability(
                frame, SCALES, coefficients=alpha, interval="bootstrap", n_boot=SAMPLES
            ),
            3,
        ),
        "items": best(lambda: item_analysis(frame, SCALES)),
    }


def times_of_psych(frame: pd.DataFrame) -> dict[str, Any] | None:
    """Return what the same work takes in R; None where there is no R with psych."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows, script = Path(folder) / "rows.csv", Path(folder) / "time.R"
        frame.to_csv(rows, index=False)
        script.write_text(R_SCRIPT)
        done = subprocess.run(
            [program, str(script), str(rows), str(SAMPLES)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(f"R could not run it: {done.stderr.strip()[-200:]}")
        return None
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def main() -> int:
    """Print the table; fail where a goal is missed."""
    frame = pd.read_csv(DATA)
    ours, theirs = our_times(frame), times_of_psych(frame)
    print("| five scales of five items, 2,800 people | here ms | psych ms | ratio | goal |")
    print("|---|---|---|---|---|")
    missed = False
    for job, seconds in ours.items():
        if theirs is None or job not in BUDGETS:
            print(f"| {job} | {1000 * seconds:.1f} | | | |")
            continue
        ratio = theirs[job] / seconds
        missed |= ratio < BUDGETS[job]
        told = f"{1000 * seconds:.1f} | {1000 * theirs[job]:.0f} | {ratio:.0f} | {BUDGETS[job]:.0f}"
        print(f"| {job} | {told} |")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
