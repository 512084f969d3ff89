"""Polychoric correlations of 24 and 25 items here, by lavaan's lavCor and by psych, in one run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from psychometrics import polychoric
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.polychoric import polychoric_correlations
from psychometrics.validity.threads import one_blas_thread

DATA = Path(__file__).parent.parent / "tests" / "reference" / "data" / "bfi.csv"
REPEATS = 9
# Seconds, on two cores: the matrix of 24 items; six groups of 25 items with Gamma's diagonal.
BUDGETS = {"24 items, kernel": 0.036, "25 items x 6 groups, moments and diagonal of Gamma": 0.15}

IN_R = """
suppressMessages({library(lavaan); library(psych); library(jsonlite)})
bfi <- read.csv(commandArgs(TRUE)[[1]])
best <- function(run, times) {
  min(sapply(seq_len(times), function(i) system.time(run())[["elapsed"]]))
}
rows <- function(k) { x <- bfi[seq_len(k)]; x[complete.cases(x), ] }
out <- list()
for (k in c(24, 25)) {
  x <- rows(k)
  out[[paste(k, "items")]] <- list(
    lavCor = best(function() lavCor(x, ordered = names(x)), 5),
    psych = best(function() suppressMessages(polychoric(x, correct = 0, global = FALSE)), 2),
    correlations = unname(unclass(lavCor(x, ordered = names(x))))
  )
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
"""


def best(run: Callable[[], object]) -> float:
    """Return the shortest time in seconds, after one run that fills the caches."""
    times = []
    for _ in range(REPEATS + 1):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times[1:])


def items(frame: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the complete answers to the first items."""
    return frame.iloc[:, :k].dropna()


def here(frame: pd.DataFrame) -> dict[str, float]:
    """Measure the kernels and the labelled function."""
    times = {}
    for k in (24, 25):
        chosen = items(frame, k)
        codes = chosen.to_numpy(dtype=float) - 1
        with one_blas_thread():
            times[f"{k} items, kernel"] = best(lambda codes=codes: polychoric_correlations(codes))
            times[f"{k} items, kernel with Gamma's diagonal"] = best(
                lambda codes=codes: ordinal_moments(codes).diagonal()
            )
        times[f"{k} items, polychoric() with standard errors and frames"] = best(
            lambda chosen=chosen: polychoric(chosen)
        )
    codes = items(frame, 25).to_numpy(dtype=float) - 1
    groups = np.arange(len(codes)) % 6
    with one_blas_thread():
        times["25 items x 6 groups, moments and diagonal of Gamma"] = best(
            lambda: ordinal_moments(codes, groups=groups).diagonal()
        )
    return times


def in_r() -> dict[str, dict[str, object]] | None:
    """Measure R, or return None where it isn't installed."""
    if shutil.which("Rscript") is None:
        return None
    done = subprocess.run(
        ["Rscript", "-e", IN_R, str(DATA)], capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, object]] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measure everything; return 1 if something takes longer than promised."""
    frame = pd.read_csv(DATA)
    times = here(frame)
    for name, seconds in times.items():
        promise = f" (promised: under {BUDGETS[name] * 1000:.0f} ms)" if name in BUDGETS else ""
        print(f"{name:<60} {seconds * 1000:8.1f} ms{promise}")
    peers = in_r()
    if peers is None:
        print("R is not installed, so there is nothing to compare with.")
    for name, found in (peers or {}).items():
        k = int(name.split()[0])
        own = polychoric_correlations(items(frame, k).to_numpy(dtype=float) - 1).correlation
        apart = np.abs(own - np.array(found["correlations"])).max()
        for peer in ("lavCor", "psych"):
            seconds = float(str(found[peer]))
            ratio = seconds / times[f"{name}, kernel"]
            print(f"{name}, {peer:<50} {seconds * 1000:8.1f} ms, {ratio:.0f} times the kernel")
        print(f"{name}, furthest from lavCor {apart:.1e}")
    return int(any(times[name] >= budget for name, budget in BUDGETS.items()))


if __name__ == "__main__":
    sys.exit(main())
