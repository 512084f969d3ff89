"""Bias and interval coverage with answers missing at random: imputed, and complete rows alone.

Two scales of four items with five skewed categories, two sites of different level. Three items of
the first scale go missing where the second scale is high. Results are kept in results/ and are
shown again by: imputation_coverage.py --show
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy import special

from psychometrics.stats.imputation import chained_matching
from psychometrics.stats.latent_imputation import chained_latent_normal
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import bonett_variance, cronbach_alpha
from psychometrics.stats.resampling import stream
from psychometrics.stats.rubin import pool

FILE = Path(__file__).parent / "results" / "imputation.json"
SEED, REPLICATIONS, SETS, ITERATIONS, DONORS = 20_261, 500, 10, 10, 5
SIZES = (50, 120, 300)
CUTS = np.array([0.3, 1.0, 1.6, 2.2])
# Intervals after imputing by latent normal variables must cover at least so often, or hardly less
# than without a missing answer: intervals of alpha miss too often for skewed answers anyway.
LOWEST, ALLOWANCE = 0.92, 0.02

Estimate = tuple[FloatArray, FloatArray]


def people(n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Draw answers to eight items, and the site of each person."""
    site = (np.arange(n) % 2).astype(float)
    factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    latent = 0.8 * factors.repeat(4, axis=1) + 0.6 * rng.normal(size=(n, 8))
    return np.searchsorted(CUTS, latent + 0.4 * (site[:, None] - 0.5)).astype(float), site


def blank(answers: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Take away answers to the first three items where the second scale is high."""
    high = answers[:, 4:].sum(axis=1) >= 4
    gone = rng.random((len(answers), 3)) < np.where(high, 0.45, 0.08)[:, None]
    made = answers.copy()
    made[:, :3][gone] = np.nan
    return made


def mean_of_item(x: FloatArray) -> Estimate:
    """Return the first item's mean and its variance, of many sets."""
    return x[..., 0].mean(axis=-1), x[..., 0].var(axis=-1, ddof=1) / x.shape[-2]


def alpha_of_scale(x: FloatArray) -> Estimate:
    """Return log(1 - alpha) of the first scale and its variance."""
    about = x[..., :4] - x[..., :4].mean(axis=-2, keepdims=True)
    covariance = np.swapaxes(about, -1, -2) @ about / (x.shape[-2] - 1)
    there = np.log1p(-cronbach_alpha(covariance))
    return there, np.broadcast_to(bonett_variance(4, np.array(x.shape[-2] - 1.0)), there.shape)


def correlation_of_scales(x: FloatArray) -> Estimate:
    """Return Fisher's z of the two scale scores and its variance."""
    a, b = x[..., :4].sum(axis=-1), x[..., 4:].sum(axis=-1)
    a, b = (v - v.mean(axis=-1, keepdims=True) for v in (a, b))
    r = (a * b).sum(axis=-1) / np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return np.arctanh(r), np.full(r.shape, 1 / (x.shape[-2] - 3))


STATISTICS: dict[str, Callable[[FloatArray], Estimate]] = {
    "item mean": mean_of_item,
    "log(1 - alpha)": alpha_of_scale,
    "Fisher z of scores": correlation_of_scales,
}


def imputed(x: FloatArray, site: FloatArray, method: str, rng: np.random.Generator) -> FloatArray:
    """Return completed sets."""
    design = np.column_stack([np.ones(len(x)), site])
    if method == "matching":
        return chained_matching(
            x, design, np.isnan(x), n_sets=SETS, n_iterations=ITERATIONS, n_donors=DONORS, rng=rng
        ).values
    return chained_latent_normal(
        x, design, np.isnan(x), n_sets=SETS, n_iterations=ITERATIONS, rng=rng
    ).values


def measure(n: int) -> list[dict[str, Any]]:
    """Draw, blank and impute; return bias and coverage by method and statistic."""
    truth = {}
    whole = people(1_000_000, stream(SEED, "truth"))[0]
    for name, statistic in STATISTICS.items():
        truth[name] = float(statistic(whole)[0])
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    gone = rows = 0.0
    for replication in range(REPLICATIONS):
        rng = stream(SEED, str(n), str(replication))
        full, site = people(n, rng)
        x = blank(full, rng)
        complete = x[~np.isnan(x).any(axis=1)]
        gone += np.isnan(x[:, 0]).mean() / REPLICATIONS
        rows += len(complete) / n / REPLICATIONS
        single = {"nothing missing": full, "complete rows": complete}
        sets = {name: imputed(x, site, name, rng) for name in ("latent_normal", "matching")}
        for name, statistic in STATISTICS.items():
            for method, own in single.items():
                value, variance = (float(part) for part in statistic(own))
                z = float(special.stdtrit(len(own) - 1, 0.975))
                half = z * variance**0.5
                found.setdefault((name, method), []).append((value, value - half, value + half))
            for method, own in sets.items():
                pooled = pool(*statistic(own), n)
                low, high = pooled.limits()
                found.setdefault((name, method), []).append(
                    (float(pooled.estimate), float(low), float(high))
                )
    return [
        {
            "n": n, "statistic": name, "method": method, "truth": truth[name],
            "bias": float(np.nanmean(got[:, 0]) - truth[name]),
            "sd": float(np.nanstd(got[:, 0])),
            "coverage": float(np.mean((got[:, 1] <= truth[name]) & (got[:, 2] >= truth[name]))),
            "width": float(np.nanmean(got[:, 2] - got[:, 1])),
            "missing": gone, "complete": rows,
        }
        for (name, method), values in found.items()
        for got in [np.array(values)]
    ]  # fmt: skip


def show(rows: list[dict[str, Any]]) -> bool:
    """Print the table; say whether the promise is kept."""
    kept = True
    whole = {
        (row["n"], row["statistic"]): row["coverage"]
        for row in rows
        if row["method"] == "nothing missing"
    }
    print(
        f"{'n':>4} {'statistic':<20} {'method':<16} {'bias':>7} {'sd':>6} {'cover':>6} {'width':>6}"
    )
    for row in rows:
        print(
            f"{row['n']:>4} {row['statistic']:<20} {row['method']:<16} {row['bias']:>7.3f} "
            f"{row['sd']:>6.3f} {row['coverage']:>6.3f} {row['width']:>6.3f}"
        )
        if row["method"] == "latent_normal":
            without = whole[row["n"], row["statistic"]]
            kept &= row["coverage"] >= min(LOWEST, without - ALLOWANCE)
    first = rows[0]
    print(
        f"the first item is missing in {first['missing']:.0%} of rows; {first['complete']:.0%} are "
        "complete"
    )
    return kept


def main() -> int:
    """Measure, or show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="show the kept results")
    if parser.parse_args().show:
        rows = json.loads(FILE.read_text(encoding="utf-8"))
    else:
        begin = perf_counter()
        rows = [row for n in SIZES for row in measure(n)]
        FILE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        print(f"{REPLICATIONS} replications of {len(SIZES)} sizes: {perf_counter() - begin:.0f} s")
    return 0 if show(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
