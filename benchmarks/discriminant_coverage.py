"""Coverage of latent correlations and HTMT at small n, and the verdicts reached, truth known.

Two scales of four items, standardised loadings .8 .7 .6 .7, cut into five categories of which the
lowest is the most frequent (45, 25, 15, 10, 5 %). Each sample is analysed as
`discriminant_validity` and `htmt` do it: answers taken as continuous, Wald interval by maximum
likelihood with standard and with robust errors, percentile interval of 500 bootstrap samples.
Intervals are held against what the same formulas give in the population of these coarse answers,
verdicts against the correlation of the traits themselves. What was found is kept in results/ after
every chunk, so that a run that was stopped goes on where it ended. To see the tables again:
discriminant_coverage.py --show
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from model_coverage import LEVEL, LOADINGS, SEED
from ordinal_coverage import SHARES
from scipy import special, stats

from psychometrics import discriminant_validity
from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.resampling import bootstrap_sums, percentile_interval, stream
from psychometrics.validity.criteria import CRITERIA, size_limits, verdict
from psychometrics.validity.discriminant import classify
from psychometrics.validity.htmt_samples import UNGROUPED, unit_scatter
from psychometrics.validity.units import ENOUGH_STEPS

FOLDER = Path(__file__).parent / "results"
REPLICATIONS, CHUNK, N_BOOT = 2000, 250, 500
SIZES = (30, 60, 100, 300)
TRUTHS = (0.5, 0.7, 0.85, 0.95)
SCALES = {name: [f"{name}{i + 1}" for i in range(len(LOADINGS))] for name in "fg"}
ITEMS = tuple(item for items in SCALES.values() for item in items)
MEMBERSHIP = np.kron(np.eye(2), np.ones((len(LOADINGS), 1)))
CUTS = special.ndtri(np.cumsum(SHARES)[:-1])
VARIANTS = ("htmt", "htmt2")
# The same estimates with either standard errors.
LATENT = {"latent": "standard", "latent_robust": "robust"}
# The first is the correlation's usual cut-off, the second one that is often used for HTMT.
LIMITS = {"0.9": CRITERIA["htmt_090"], "0.85": CRITERIA["htmt_085"]}
TABLE = complete(SCALES, std_lv=True)
LAYOUT = lay_out(TABLE)
CHECKED = 5
ENOUGH = 0.92

Record = dict[str, Any]


def answers(n: int, truth: float, samples: int, rng: np.random.Generator) -> FloatArray:
    """Draw answers 0 to 4, (samples, n, items)."""
    shared = np.linalg.cholesky(np.array([[1.0, truth], [truth, 1.0]]))
    factors = rng.standard_normal((samples, n, 2)) @ shared.T
    loadings = np.tile(LOADINGS, 2)
    noise = rng.standard_normal((samples, n, len(ITEMS))) * np.sqrt(1 - loadings**2)
    return np.digitize(factors @ MEMBERSHIP.T * loadings + noise, CUTS).astype(float)


def population(truth: float) -> FloatArray:
    """Return the covariance of the coarse answers of everybody.

    An answer is the number of cuts below the normal variable behind it.
    """
    loadings = np.tile(LOADINGS, 2)
    same = MEMBERSHIP @ MEMBERSHIP.T > 0
    behind = np.outer(loadings, loadings) * np.where(same, 1.0, truth)
    np.fill_diagonal(behind, 1.0)
    above = distribution(
        -CUTS[:, None], -CUTS[None, :], behind[:, :, None, None]
    ).sum(axis=(-2, -1))  # fmt: skip
    np.fill_diagonal(above, (np.minimum.outer(special.ndtr(-CUTS), special.ndtr(-CUTS))).sum())
    return np.asarray(above - special.ndtr(-CUTS).sum() ** 2)


@cache
def targets(truth: float) -> dict[str, float]:
    """Return what the three formulas give in the population."""
    covariance = population(truth)
    fits = fit_moments(TABLE, covariance[None], np.array([1e6]))
    sd = np.sqrt(np.diagonal(covariance))
    found = dict.fromkeys(LATENT, float(fits.optimum.z[0, correlation_place(fits)]))
    for variant in VARIANTS:
        ratio = heterotrait_monotrait(
            covariance / np.outer(sd, sd), MEMBERSHIP, geometric=variant == "htmt2"
        )
        found[variant] = float(ratio[0, 1])
    return found


def correlation_place(fits: Fits) -> int:
    """Return which free parameter is the correlation of the factors."""
    return int(np.flatnonzero(fits.layout.selection[0, fits.slot("f", "~~", "g")])[0])


@dataclass
class Tally:
    """Counts of one statistic in one population.

    Attributes
    ----------
    truth : float
        What intervals are held against.
    counts : Counter
        Intervals, misses, verdicts, classes, and why there was no interval.
    sums : ndarray
        Of the gap to the truth, its square, and the interval's width.
    """

    truth: float
    counts: Counter[str]
    sums: FloatArray

    def add(self, estimate: float, low: float, high: float) -> None:
        """Count one interval."""
        self.counts["intervals"] += 1
        self.counts["below"] += self.truth < low
        self.counts["above"] += self.truth > high
        for name, criterion in LIMITS.items():
            self.counts[f"{name} {verdict(*size_limits(low, high), criterion)}"] += 1
        gap = estimate - self.truth
        self.sums += np.array([gap, gap**2, high - low])

    def record(self) -> Record:
        """Return it as it is stored."""
        return {"counts": dict(self.counts), "sums": self.sums.tolist()}


def latent(samples: FloatArray, tallies: dict[str, Tally]) -> None:
    """Fit the model to every sample and count the intervals of the correlation."""
    n = samples.shape[1]
    centred = samples - samples.mean(axis=1, keepdims=True)
    covariance = np.swapaxes(centred, 1, 2) @ centred / (n - 1)
    reasons = [sample_problem(own, n, ITEMS, LAYOUT.n_free) for own in covariance]
    able = [i for i, why in enumerate(reasons) if not why]
    fits = fit_moments(
        TABLE, covariance[able], np.full(len(able), float(n)), max_iterations=ENOUGH_STEPS
    )
    place = correlation_place(fits)
    for at, i in enumerate(able):
        reasons[i] = fits.problem(at)
        if reasons[i]:
            continue
        found = robust_inference(
            fits.layout, fits.optimum.z[at], fits.moments.take(np.array([at])), [Rows(samples[i])]
        )
        estimate = float(fits.optimum.z[at, place])
        variances = {"standard": fits.covariance[at], "robust": found.sandwich}
        for name, se in LATENT.items():
            width = float(stats.norm.isf((1 - LEVEL) / 2) * np.sqrt(variances[se][place, place]))
            if not np.isfinite(width):
                tallies[name].counts["no model: no robust errors"] += 1
                continue
            tallies[name].add(estimate, estimate - width, estimate + width)
            tallies[name].counts[classify(estimate - width, estimate + width)] += 1
            if i < CHECKED:
                check(samples[i], estimate, width, se)
    for tally in tallies.values():
        tally.counts.update(f"no model: {why.code}" for why in reasons if why)


def check(sample: FloatArray, estimate: float, width: float, se: str) -> None:
    """Refuse to go on if the public function says something else."""
    frame = pd.DataFrame(sample, columns=list(ITEMS))
    row = discriminant_validity(frame, SCALES, n_boot=0, se=se).iloc[0]  # type: ignore[arg-type]
    there = np.array([row["correlation"], row["low"], row["high"]])
    if np.abs(there - [estimate, estimate - width, estimate + width]).max() > 1e-4:
        raise RuntimeError(f"discriminant_validity gives {there}, not {estimate} +- {width}")


def ratios(sample: FloatArray, seed: int, tallies: dict[str, Tally]) -> None:
    """Bootstrap HTMT and HTMT2 of one sample and count their intervals."""
    strata = np.zeros(len(sample), dtype=np.int64)
    drawn = bootstrap_sums(sample, strata, (UNGROUPED,), N_BOOT, seed, "htmt")
    scatter = np.concatenate([unit_scatter(sums, 0)[:, 0] for sums in drawn])
    centred = sample - sample.mean(axis=0)
    whole = correlation_of((centred.T @ centred)[None])
    correlation = np.concatenate([whole, correlation_of(scatter)])
    apart = whole[0][~np.eye(len(ITEMS), dtype=bool)]
    for variant, tally in tallies.items():
        tally.counts["mixed signs"] += bool((apart <= 0).any())
        ratio = heterotrait_monotrait(correlation, MEMBERSHIP, geometric=variant == "htmt2")
        low, high = percentile_interval(ratio[1:, 0, 1], LEVEL)
        if np.isnan(ratio[0, 0, 1]) or np.isnan(low):
            tally.counts["no interval"] += 1
        else:
            tally.add(float(ratio[0, 0, 1]), float(low), float(high))


def run_chunk(n: int, chunk: int) -> Record:
    """Draw, analyse and count one chunk of samples of every population."""
    made: Record = {"replications": CHUNK}
    for truth in TRUTHS:
        rng = stream(SEED, "discriminant_coverage", str(n), str(truth), str(chunk))
        samples = answers(n, truth, CHUNK, rng)
        tallies = {
            name: Tally(value, Counter(), np.zeros(3)) for name, value in targets(truth).items()
        }
        latent(samples, {name: tallies[name] for name in LATENT})
        for sample in samples:
            seed = int(rng.integers(2**32))
            ratios(sample, seed, {variant: tallies[variant] for variant in VARIANTS})
        made[str(truth)] = {name: tally.record() for name, tally in tallies.items()}
    return made


def stored(n: int) -> list[Record]:
    """Return the chunks that are kept."""
    path = FOLDER / f"discriminant_{n}.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def run(n: int, replications: int) -> None:
    """Run the chunks that are missing."""
    chunks = stored(n)
    while len(chunks) * CHUNK < replications:
        start = perf_counter()
        chunks.append(run_chunk(n, len(chunks)))
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"discriminant_{n}.json").write_text(json.dumps(chunks), encoding="utf-8")
        done = len(chunks) * CHUNK
        print(f"n = {n}: {done} of {replications}, {perf_counter() - start:.0f} s", flush=True)


def gathered(n: int, truth: float, name: str) -> tuple[int, Counter[str], FloatArray]:
    """Return replications, counts and sums of one statistic over all chunks."""
    counts: Counter[str] = Counter()
    sums, total = np.zeros(3), 0
    for chunk in stored(n):
        own = chunk[str(truth)][name]
        counts.update(own["counts"])
        sums += np.array(own["sums"])
        total += chunk["replications"]
    return total, counts, sums


def percent(count: int, total: int) -> str:
    """Return a share with its Monte Carlo error."""
    share = count / total
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / total):.1f}"


NAMES = {
    "latent": "latent correlation",
    "latent_robust": "the same, robust",
    "htmt": "HTMT",
    "htmt2": "HTMT2",
}


def coverage_line(n: int, truth: float, name: str) -> str:
    """Return a row of the table of coverage."""
    total, counts, sums = gathered(n, truth, name)
    k = counts["intervals"]
    bias, width = sums[0] / k, sums[2] / k
    error = np.sqrt((sums[1] / k - bias**2) / k)
    inside = k - counts["below"] - counts["above"]
    star = " *" if inside / k < ENOUGH else ""
    return (
        f"| {n} | {truth} | {NAMES[name]} | {targets(truth)[name]:.3f} "
        f"| {percent(total - k, total)} | {percent(inside, k)}{star} "
        f"| {percent(counts['above'], k)} | {percent(counts['below'], k)} "
        f"| {bias:+.3f} ± {error:.3f} | {width:.2f} |"
    )


def verdict_line(n: int, truth: float, name: str) -> str:
    """Return a row of the table of verdicts."""
    _, counts, _ = gathered(n, truth, name)
    k = counts["intervals"]
    cells = [
        f"{100 * counts[f'{limit} {what}'] / k:.0f}"
        for limit in LIMITS
        for what in ("supported", "undecided", "not_supported")
    ]
    return f"| {n} | {truth} | {NAMES[name]} | {' | '.join(cells)} |"


def class_line(n: int, truth: float, name: str) -> str:
    """Return a row of the table of classes, and of what failed."""
    total, counts, _ = gathered(n, truth, name)
    ratio = gathered(n, truth, "htmt2")[1]
    k = counts["intervals"]
    cells = [f"{100 * counts[c] / k:.0f}" for c in ("none", "marginal", "moderate", "severe")]
    failed = ", ".join(
        f"{why.removeprefix('no model: ')} {100 * count / total:.1f}"
        for why, count in sorted(counts.items())
        if why.startswith("no model") and count
    )
    signs = 100 * ratio["mixed signs"] / total
    return (
        f"| {n} | {truth} | {NAMES[name]} | {' | '.join(cells)} | {failed or '-'} | {signs:.0f} |"
    )


def show() -> None:
    """Print the tables."""
    cells = [(n, truth) for n in SIZES if stored(n) for truth in TRUTHS]
    print(
        "\n| n | true r | statistic | in the population | no interval % | coverage % "
        "| truth above it % | truth below it % | bias | mean width |\n" + "|---" * 10 + "|"
    )
    for name in NAMES:
        print("\n".join(coverage_line(n, truth, name) for n, truth in cells))
    print(
        "\n| n | true r | by | distinct (.90) % | undecided % | not distinct % "
        "| distinct (.85) % | undecided % | not distinct % |\n" + "|---" * 9 + "|"
    )
    for name in NAMES:
        print("\n".join(verdict_line(n, truth, name) for n, truth in cells))
    print(
        "\n| n | true r | by | none % | marginal % | moderate % | severe % "
        "| no model, of all samples % | samples with a correlation of 0 or less % |\n"
        + "|---" * 9
        + "|"
    )
    for name in LATENT:
        print("\n".join(class_line(n, truth, name) for n, truth in cells))


def main() -> int:
    """Run what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--show", action="store_true", help="print what is stored")
    options = parser.parse_args()
    if not options.show:
        for n in SIZES:
            run(n, options.replications)
    show()
    return 0


if __name__ == "__main__":
    sys.exit(main())
