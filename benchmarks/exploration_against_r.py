"""Exploratory factor analysis and parallel analysis beside psych, in the same run.

Each side analyses the same rows and keeps its best time; starting R, Python and reading the file
don't count. By default psych's parallel analysis draws normal and resampled items on two cores and
ours normal ones on one; the two kinds are timed like for like as well. Without Rscript and psych
only our own times are printed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from psychometrics import efa, number_of_factors, parallel_analysis

DATA = Path(__file__).parent.parent / "tests" / "reference" / "data" / "bfi.csv"
ITEMS = [f"{scale}{number}" for scale in "ACENO" for number in range(1, 6)]
REPEATS = 7
BUDGETS = {"efa_ml": 3.0, "efa_minres": 3.0, "parallel": 10.0, "parallel_normal": 10.0}

R_SCRIPT = """
suppressMessages({library(psych); library(jsonlite)})
x <- read.csv(commandArgs(trailingOnly = TRUE)[[1]])
best <- function(job, times) {
  min(vapply(seq_len(times), function(i) {
    gc(FALSE)
    system.time(suppressMessages(suppressWarnings(capture.output(job()))))[["elapsed"]]
  }, 0))
}
r <- cor(x)
times <- list(
  version = as.character(packageVersion("psych")),
  efa_ml = best(function() fa(x, 5, fm = "ml", rotate = "oblimin"), 7),
  efa_minres = best(function() fa(x, 5, fm = "minres", rotate = "oblimin"), 7),
  efa_matrix = best(function() fa(r, 5, n.obs = nrow(x), fm = "ml", rotate = "oblimin"), 7),
  parallel = best(function() fa.parallel(x, n.iter = 20, plot = FALSE), 5),
  parallel_normal = best(function() fa.parallel(r, n.obs = nrow(x), n.iter = 20, plot = FALSE), 5)
)
cat(toJSON(times, auto_unbox = TRUE, digits = 6))
"""


def best(job: Callable[[], Any], times: int = REPEATS) -> float:
    """Return the shortest of some times."""
    found = []
    for _ in range(times):
        start = perf_counter()
        job()
        found.append(perf_counter() - start)
    return min(found)


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
            [program, str(script), str(rows)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"R could not run it: {done.stderr.strip()[-200:]}")
        return None
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def own_times(frame: pd.DataFrame) -> dict[str, float]:
    """Return our own times."""
    moments_free = {"rotation": "oblimin", "n_starts": 1}

    def both_references() -> None:
        for reference in ("normal", "permuted"):
            parallel_analysis(frame, n_replicates=20, reference=reference)  # type: ignore[arg-type]

    efa(frame, 5)
    both_references()
    return {
        "efa_ml": best(lambda: efa(frame, 5, **moments_free)),  # type: ignore[arg-type]
        "efa_minres": best(lambda: efa(frame, 5, method="minres", **moments_free)),  # type: ignore[arg-type]
        "efa_30": best(lambda: efa(frame, 5)),
        "efa_geomin_30": best(lambda: efa(frame, 5, rotation="geomin")),
        "efa_errors": best(lambda: efa(frame, 5).parameters),
        "parallel": best(lambda: parallel_analysis(frame, n_replicates=20)),
        "parallel_normal": best(lambda: parallel_analysis(frame, n_replicates=20)),
        "parallel_both": best(both_references),
        "parallel_1000": best(lambda: parallel_analysis(frame), 3),
        "number": best(lambda: number_of_factors(frame, rng=1), 1),
    }


def main() -> int:
    """Measure; return 1 if we are not as much faster as promised."""
    frame = pd.read_csv(DATA)[ITEMS].dropna()
    ours = own_times(frame)
    psych = times_of_psych(frame)
    if psych is not None:
        psych["parallel_both"] = psych["parallel"]
    print(f"{len(frame)} people, {len(ITEMS)} items; best times in milliseconds")
    named = {
        "efa_ml": "efa, ML, oblimin from one start",
        "efa_minres": "efa, minres, oblimin from one start",
        "parallel": "parallel analysis, 20 replicates, both by default",
        "parallel_normal": "parallel analysis, 20 normal replicates",
        "parallel_both": "parallel analysis, 20 normal and 20 shuffled",
    }
    for key, name in named.items():
        line = f"{name:<50}{1000 * ours[key]:9.1f}"
        if psych is not None:
            line += f"   psych {1000 * psych[key]:9.1f}   ratio {psych[key] / ours[key]:7.1f}"
        print(line)
    for key, name in (
        ("efa_30", "efa, ML, oblimin from 30 starts"),
        ("efa_geomin_30", "efa, ML, geomin from 30 starts"),
        ("efa_errors", "efa, ML, oblimin from 30 starts, with errors"),
        ("parallel_1000", "parallel analysis, 1,000 normal replicates"),
        ("number", "number_of_factors, all criteria"),
    ):
        print(f"{name:<50}{1000 * ours[key]:9.1f}")
    if psych is None:
        return 0
    print(f"psych {psych['version']}")
    return int(any(psych[key] / ours[key] < budget for key, budget in BUDGETS.items()))


if __name__ == "__main__":
    sys.exit(main())
