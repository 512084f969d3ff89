"""Bias, interval coverage and the test's level of WLSMV where the truth is known.

Three factors by four items (the population of model_coverage.py), cut into five skewed categories.
Each sample is drawn, fitted and counted: as it comes, and where some answer was never given, with
sparse categories joined. What was found is kept in results/ after every chunk, so that a run that
was stopped goes on where it ended. To see the tables again: ordinal_coverage.py --show
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from model_coverage import CORRELATIONS, FACTORS, LEVEL, LOADINGS, SEED
from scipy import special, stats

from psychometrics.errors import PsychometricsError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.inference import infer
from psychometrics.stats.cfa.layout import COVARIANCE
from psychometrics.stats.cfa.ordinal_assess import assess_ordinal
from psychometrics.stats.cfa.ordinal_sample import ordinal_sample
from psychometrics.stats.cfa.solve import solve
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_codes import clean_codes
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.resampling import stream

FOLDER = Path(__file__).parent / "results"
REPLICATIONS, CHUNK = 2000, 250
# Shares of the answers: skewness 1.0, excess kurtosis -.1; every other item is turned.
SHARES = (0.45, 0.25, 0.15, 0.10, 0.05)
SIZES = (300, 100, 50)
ITEMS = [f"{name}{i + 1}" for name in FACTORS for i in range(len(LOADINGS))]
MODEL = {name: [f"{name}{i + 1}" for i in range(len(LOADINGS))] for name in FACTORS}
LOWEST_MEAN, HIGHEST_MEAN, LOWEST = 0.93, 0.97, 0.91
COUNTED = ("categories_missing", "refused", "not_converged", "improper", "rejected", "usable")

Record = dict[str, Any]


def answers(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw answers 0 to 4."""
    factors = rng.standard_normal((n, len(FACTORS))) @ np.linalg.cholesky(CORRELATIONS).T
    loadings = np.tile(LOADINGS, len(FACTORS))
    noise = rng.standard_normal((n, len(ITEMS))) * np.sqrt(1 - loadings**2)
    latent = np.repeat(factors, len(LOADINGS), axis=1) * loadings + noise
    cuts = special.ndtri(np.cumsum(SHARES)[:-1])
    codes = np.empty(latent.shape)
    codes[:, ::2] = np.digitize(latent[:, ::2], cuts)
    codes[:, 1::2] = np.digitize(latent[:, 1::2], -cuts[::-1])
    return codes


def truth_of(lhs: str, op: str, rhs: str) -> float:
    """Return the standardised value of a parameter."""
    if op == "=~":
        return LOADINGS[int(rhs[1:]) - 1]
    if op == "~~":
        return float(CORRELATIONS[FACTORS.index(lhs), FACTORS.index(rhs)])
    cuts = special.ndtri(np.cumsum(SHARES)[:-1])
    turned = ITEMS.index(lhs) % 2 == 1
    return float((-cuts[::-1] if turned else cuts)[int(rhs[1:]) - 1])


def fit_one(codes: FloatArray) -> tuple[str, Record]:
    """Fit one sample; return what became of it, with estimates and standard errors by name."""
    clean = clean_codes(codes)
    counts = [len(categories) for categories in clean.categories]
    lost = min(counts) < len(SHARES)
    try:
        moments = ordinal_moments(clean.codes)
        if moments.correlations.boundary.any():
            return "refused", {"lost": lost}
        table = complete(MODEL, ordered=dict(zip(ITEMS, counts, strict=True)), std_lv=True)
        solved = solve(table, ordinal_sample(moments, "WLSMV"), "WLSMV")
    except PsychometricsError:
        return "refused", {"lost": lost}
    if not solved.optimum.converged[0]:
        return "not_converged", {"lost": lost}
    found = infer(table, solved.layout, solved.z, solved.covariance)
    slots, implied = complete_slots(solved.layout, solved.z[None, :])
    own = (solved.layout.kind == COVARIANCE) & (solved.layout.row == solved.layout.column)
    factors = implied.full[0, 0, -len(FACTORS) :, -len(FACTORS) :]
    improper = bool((slots[0, 0, own] < 0).any() or np.linalg.eigvalsh(factors)[0] < 0)
    data = ordinal_sample(moments, "WLSMV").data
    fit = assess_ordinal(solved, data, "WLSMV", len(codes)).robust  # type: ignore[arg-type]
    estimates = {
        row.name: (float(found.estimate[i]), float(found.se[i]))
        for i, row in enumerate(table.rows)
        if row.free and not (lost and row.op == "|")
    }
    return ("improper" if improper else "usable"), {
        "lost": lost,
        "p": float("nan") if fit is None else fit.p_scaled,
        "estimates": estimates,
    }


def run_chunk(n: int, chunk: int) -> Record:
    """Draw, fit and count one chunk of samples."""
    rng = stream(SEED, "ordinal_coverage", str(n), str(chunk))
    counts = dict.fromkeys(COUNTED, 0)
    sums: dict[str, list[float]] = {}
    z = stats.norm.ppf((1 + LEVEL) / 2)
    for _ in range(CHUNK):
        what, found = fit_one(answers(n, rng))
        counts["categories_missing"] += found["lost"]
        counts[what] += 1
        if what not in ("usable", "improper"):
            continue
        counts["rejected"] += found["p"] < 0.05
        for name, (estimate, se) in found["estimates"].items():
            lhs, op, rhs = split(name)
            gap = estimate - truth_of(lhs, op, rhs)
            own = sums.setdefault(name, [0.0] * 5)
            for at, value in enumerate((1, gap, gap**2, se, abs(gap) <= z * se)):
                own[at] += float(value)
    return {"replications": CHUNK, "counts": counts, "sums": sums}


def split(name: str) -> tuple[str, str, str]:
    """Take a parameter's name apart."""
    for op in ("=~", "~~", "|"):
        if op in name:
            lhs, rhs = name.split(op)
            return lhs, op, rhs
    raise ValueError(name)


def stored(n: int) -> list[Record]:
    """Return the chunks that are kept."""
    path = FOLDER / f"wlsmv_{n}.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def run(n: int, replications: int) -> None:
    """Run the chunks that are missing."""
    chunks = stored(n)
    while len(chunks) * CHUNK < replications:
        start = perf_counter()
        chunks.append(run_chunk(n, len(chunks)))
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"wlsmv_{n}.json").write_text(json.dumps(chunks), encoding="utf-8")
        done = len(chunks) * CHUNK
        print(f"n = {n}: {done} of {replications}, {perf_counter() - start:.0f} s", flush=True)


KINDS = {"=~": "loadings", "~~": "factor correlations", "|": "thresholds"}


def coverage_lines(n: int, chunks: list[Record]) -> tuple[list[str], FloatArray]:
    """Return a row of the table for each kind of parameters, and all rates."""
    total: dict[str, FloatArray] = {}
    for chunk in chunks:
        for name, own in chunk["sums"].items():
            total[name] = total.get(name, np.zeros(5)) + np.array(own)
    lines, rates = [], []
    for op, kind in KINDS.items():
        names = [name for name in total if split(name)[1] == op]
        table = np.array([total[name] for name in names])
        count, bias = table[:, 0], table[:, 1] / table[:, 0]
        sd = np.sqrt(table[:, 2] / count - bias**2)
        rate = table[:, 4] / count
        least, most = int(rate.argmin()), int(np.abs(bias / sd).argmax())
        error = np.sqrt(rate[least] * (1 - rate[least]) / count[least])
        lines.append(
            f"| {n} | {kind} ({len(names)}) | {100 * rate.mean():.1f} "
            f"| {100 * rate[least]:.1f} ± {100 * error:.1f} ({names[least]}) "
            f"| {bias[most]:+.4f} ± {sd[most] / np.sqrt(count[most]):.4f} "
            f"({names[most]}, {abs(bias[most]) / sd[most]:.2f} SD) "
            f"| {(table[:, 3] / count / sd).mean():.3f} |"
        )
        rates.append(rate)
    return lines, np.concatenate(rates)


def show() -> bool:
    """Print the tables; return whether the goal at the largest n is met."""
    done = {n: chunks for n in SIZES if (chunks := stored(n))}
    print("\n| n | parameters | coverage % | lowest | largest bias | mean SE / SD |")
    print("|---|---|---|---|---|---|")
    met = True
    for n, chunks in done.items():
        lines, rates = coverage_lines(n, chunks)
        print("\n".join(lines))
        if n == SIZES[0]:
            met = bool(LOWEST_MEAN <= rates.mean() <= HIGHEST_MEAN and rates.min() >= LOWEST)
    print(
        "\n| n | samples | some answer never given % | refused % | not converged % | improper % "
        "| test rejects at 5 % |\n|---|---|---|---|---|---|---|"
    )
    for n, chunks in done.items():
        total = sum(chunk["replications"] for chunk in chunks)
        found = {key: sum(chunk["counts"][key] for chunk in chunks) for key in COUNTED}
        fitted = found["usable"] + found["improper"]
        cells = [found[key] / total for key in COUNTED[:4]] + [found["rejected"] / fitted]
        errors = [np.sqrt(cell * (1 - cell) / total) for cell in cells]
        shown = " | ".join(
            f"{100 * cell:.1f} ± {100 * error:.1f}"
            for cell, error in zip(cells, errors, strict=True)
        )
        print(f"| {n} | {total:,} | {shown} |")
    return met


def main() -> int:
    """Run what is missing, print the tables; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--show", action="store_true", help="print what is stored")
    options = parser.parse_args()
    if not options.show:
        for n in SIZES:
            run(n, options.replications)
    return int(not show())


if __name__ == "__main__":
    sys.exit(main())
