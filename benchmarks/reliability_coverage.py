"""Coverage of the intervals of alpha and omega with few people and skewed answers.

Samples of five items with five skewed categories are drawn from one factor; every interval of
alpha, omega total and categorical omega is held against the true value. What was found is kept in
results/ after every chunk, so that a run that was stopped goes on where it ended; each chunk has a
seed of its own. --main leaves out what is slow (categorical omega, the jackknife and what rests on
it), which then has fewer samples than the rest. To see the table again without drawing anything:
reliability_coverage.py --show
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import Reason
from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.categorical_omega import categorical_omega
from psychometrics.stats.efa import extract
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.reliability import cronbach_alpha, omega_from_loadings
from psychometrics.stats.resampling import stream
from psychometrics.validity.coefficients import COEFFICIENTS
from psychometrics.validity.reliability_call import ScaleCall, prepare
from psychometrics.validity.reliability_rows import limits_of

RESULTS = Path(__file__).parent / "results"
SEED = 20_261
REPLICATIONS, CHUNK, N_BOOT, LEVEL = 600, 50, 500, 0.95
SIZES = (30, 60, 100)

LOADINGS = np.array([0.8, 0.7, 0.6, 0.7, 0.5])
# Nearly half of the people give the lowest of five answers, one in twenty the highest.
SHARES = np.array([0.45, 0.25, 0.16, 0.09, 0.05])
THRESHOLDS = special.ndtri(np.cumsum(SHARES)[:-1])
ITEMS = [f"i{i + 1}" for i in range(len(LOADINGS))]

RESAMPLED = ("bootstrap", "bca", "normal_bootstrap", "jackknife")
INTERVALS = {
    "alpha": ("feldt", "bonett", "adf", *RESAMPLED),
    "omega_total": ("delta", *RESAMPLED),
    "omega_categorical": RESAMPLED[:3],
}

MAIN = {
    "alpha": ("feldt", "bonett", "adf", "bootstrap", "normal_bootstrap"),
    "omega_total": ("delta", "bootstrap", "normal_bootstrap"),
}

Counts = dict[str, dict[str, float]]


def truth() -> dict[str, float]:
    """Return the values in the population: of the answers, not of what lies behind them."""
    limits = np.tile(THRESHOLDS, (len(LOADINGS), 1))
    covariance = answer_covariance()
    factor = extract(correlation_of(covariance)[None], 1, "ml")
    sd = np.sqrt(np.diagonal(covariance))
    omega = omega_from_loadings(factor.loadings[0, :, 0] * sd, factor.uniquenesses[0] * sd**2)
    return {
        "alpha": float(cronbach_alpha(covariance)),
        "omega_total": float(omega),
        "omega_categorical": float(categorical_omega(LOADINGS, limits)),
    }


def answer_covariance() -> FloatArray:
    """Return the covariances of the answers, coded 0 to 4."""
    r = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(r, 1.0)
    one, other = THRESHOLDS[:, None], THRESHOLDS[None, :]
    together = distribution(one, other, r[:, :, None, None])
    return np.asarray((together - special.ndtr(one) * special.ndtr(other)).sum(axis=(-2, -1)))


def draw(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the answers of n people."""
    latent = rng.normal(size=(n, 1)) * LOADINGS
    latent += rng.normal(size=(n, len(LOADINGS))) * np.sqrt(1 - LOADINGS**2)
    return pd.DataFrame(np.searchsorted(THRESHOLDS, latent) + 1.0, columns=ITEMS)


def chunk(
    n: int, number: int, true: dict[str, float], wanted: dict[str, tuple[str, ...]]
) -> Counts:
    """Hold the intervals of some samples against the truth."""
    found: Counts = {
        f"{name} {interval}": {"tried": 0, "failed": 0, "covered": 0, "below": 0, "width": 0.0}
        for name, intervals in wanted.items()
        for interval in intervals
    }
    rng = stream(SEED, "reliability", str(n), str(number))
    for _ in range(CHUNK):
        call = prepare(
            draw(n, rng), {"S": ITEMS}, list(wanted), group=None, level=LEVEL,
            interval="auto", missing="listwise", weights=None, cluster=None, n_boot=N_BOOT,
            rng=rng,
        )  # fmt: skip
        scale = ScaleCall(call, "S")
        for name, intervals in wanted.items():
            about = COEFFICIENTS[name]
            source = scale.source(about.kind)
            why = source.problem(name, 0)
            for interval in intervals:
                counts = found[f"{name} {interval}"]
                counts["tried"] += 1
                limits = why or limits_of(source, about, 0, interval, call.settings)
                if isinstance(limits, Reason):
                    counts["failed"] += 1
                    continue
                counts["covered"] += limits.low <= true[name] <= limits.high
                counts["below"] += true[name] > limits.high
                counts["width"] += limits.high - limits.low
    return found


def run(n: int, replications: int, wanted: dict[str, tuple[str, ...]]) -> None:
    """Go on with the chunks of one sample size, and keep what was found after each."""
    place = RESULTS / f"reliability_{n}.json"
    record: dict[str, Any] = {"n": n, "n_boot": N_BOOT, "chunks": 0, "seconds": 0.0, "counts": {}}
    if place.exists():
        record = json.loads(place.read_text(encoding="utf-8"))
    true = truth()
    while record["chunks"] * CHUNK < replications:
        begin = perf_counter()
        for key, counts in chunk(n, record["chunks"], true, wanted).items():
            kept = record["counts"].setdefault(key, dict.fromkeys(counts, 0))
            for name, value in counts.items():
                kept[name] += float(value)
        record["chunks"] += 1
        record["seconds"] += perf_counter() - begin
        place.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"n = {n}: {record['chunks'] * CHUNK} of {replications}, {record['seconds']:.0f} s")


def show() -> None:
    """Print the table of what was found."""
    true = truth()
    print("True values:", ", ".join(f"{name} {value:.4f}" for name, value in true.items()))
    print("\n| coefficient | interval |", " | ".join(f"n = {n}" for n in SIZES), "|")
    print("|---|---|" + "---|" * len(SIZES))
    records = {n: json.loads((RESULTS / f"reliability_{n}.json").read_text()) for n in SIZES}
    for name, intervals in INTERVALS.items():
        for interval in intervals:
            cells = [cell(records[n]["counts"][f"{name} {interval}"]) for n in SIZES]
            print(f"| {name} | {interval} |", " | ".join(cells), "|")


def cell(counts: dict[str, float]) -> str:
    """Tell coverage with its Monte Carlo error, mean width, and failures."""
    used = counts["tried"] - counts["failed"]
    if not used:
        return "none"
    share = counts["covered"] / used
    error = np.sqrt(share * (1 - share) / used)
    failed = f", {counts['failed']:.0f} failed" if counts["failed"] else ""
    of = f", {counts['tried']:.0f} samples"
    return f"{100 * share:.1f} ± {100 * error:.1f} ({counts['width'] / used:.2f}{failed}{of})"


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, choices=SIZES, action="append", help="sample size")
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--main", action="store_true", help="the intervals of MAIN alone")
    parser.add_argument("--show", action="store_true", help="print the table alone")
    given = parser.parse_args()
    if not given.show:
        for n in given.n or SIZES:
            run(n, given.replications, MAIN if given.main else INTERVALS)
    if all((RESULTS / f"reliability_{n}.json").exists() for n in SIZES):
        show()


if __name__ == "__main__":
    main()
