"""What answers of a few people a site can tell, where the truth is known.

The home measure is simulated at its six sites, with 5 to 93 people each, 2 % of the answers left
out and 1 % not applicable, and validated as a whole. Claims are true of the population (alpha .76,
latent correlations up to .64, the structure, the hypotheses) but for two: the AVE is .45, and two
scales are all but the same (latent correlation .95). Counted are what could be estimated, why
models failed, and which verdicts were reached. What was found is kept in results/ after every
portion, so that a run that was stopped goes on where it ended; each portion has a seed of its own.
To see the tables again without simulating anything: small_n.py --show
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from psychometrics import load_instrument, simulate_responses
from psychometrics.responses.simulation_plan import factor_correlations
from psychometrics.stats.ordinal_sampling import ItemShape, population_covariance
from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.validity.cosmin_versions import by_version
from psychometrics.validity.study import run_study

FILE = Path(__file__).parent / "results" / "small_n.json"
INSTRUMENT = "peer_support_implementation"
SIZES = (5, 12, 30, 47, 93)
SEED, REPLICATIONS, PORTION = 20_261, 60, 10
LOADING, CORRELATION, HIGHER_ORDER = 0.7, 0.4, 0.8
SAME, SAME_CORRELATION = ("training", "role_clarity"), 0.95
N_BOOT = 200

CLAIMS = {
    "alpha_070": "alpha at least .70",
    "omega_070": "omega at least .70",
    "ave_050": "AVE at least .50",
    "latent_correlation_090": "latent correlation below .90",
    "htmt_085": "HTMT below .85",
    "htmt_090": "HTMT below .90",
    "cfi_095": "structure",
    "hypotheses_075": "75 % of hypotheses",
}
VERDICTS = ("supported", "undecided", "not_supported", "unavailable")

Record = dict[str, Any]


def correlations() -> pd.DataFrame:
    """Return the factor correlations, with one pair that is all but the same."""
    made = factor_correlations(load_instrument(INSTRUMENT), CORRELATION, HIGHER_ORDER)
    a, b = SAME
    made.loc[a, b] = made.loc[b, a] = SAME_CORRELATION
    return made


def true_values() -> dict[str, float]:
    """Return what the claims are about, in the population of one site."""
    shape = ItemShape((-1.5, -0.5, 0.5, 1.5), (1.0, 2.0, 3.0, 4.0, 5.0))
    covariance = population_covariance((shape,) * 4, np.full((4, 4), LOADING**2))
    sd = np.sqrt(np.diagonal(covariance))
    ave = covariance[0, 1] / (sd[0] * sd[1])
    return {"alpha": float(cronbach_alpha(covariance)), "ave": float(ave)}


def replicate(n: int, seed: int) -> Record:
    """Simulate one study and count what it says."""
    answers = simulate_responses(
        INSTRUMENT, n, rng=seed, loading=LOADING, factor_correlation=correlations()
    )
    study = run_study(answers.instrument, answers, n_boot=N_BOOT, rng=seed)
    found: Counter[str] = Counter()
    for row in study.tables["claims"].to_dict("records"):
        about = row["criterion"]
        if row["property"] == "structure":
            about = f"cfi_095 {row['subject']}"
        if set(str(row["subject"]).split("|")) == set(SAME):
            about = f"same {about}"
        found[f"within {about} {row['verdict']}"] += 1
        for verdict in VERDICTS:
            found[f"site {about} {verdict}"] += int(row[f"sites_{verdict}"])
    for row in study.tables["fit"].to_dict("records"):
        where = "site" if row["pooling"] == "site" else row["pooling"]
        found[f"fit {where} {row['model']} {row['reason'].code or 'fitted'}"] += 1
    units = study.tables["cosmin"]
    versions = by_version(units, answers.instrument, study.ratings.cosmin)
    for where, frame in (("within", units[units["pooling"] == "within"]),
                         ("site", units[units["pooling"] == "site"]),
                         ("version", versions[versions["group"] != "*"])):  # fmt: skip
        for name in ("structural_validity", "internal_consistency"):
            mine = frame[(frame["property"] == name) & (frame["subject"] != "higher_order")]
            for rating in mine["rating"]:
                found[f"cosmin {where} {name} {rating}"] += 1
    return dict(found)


def seeds(n: int, portion: int) -> Iterator[int]:
    """Yield a seed for each replication of a portion."""
    root = np.random.SeedSequence([SEED, n, portion])
    yield from (int(seed) for seed in root.generate_state(PORTION))


def run(minutes: float) -> Record:
    """Simulate until everything is there or the time is over; keep every portion."""
    found: Record = json.loads(FILE.read_text()) if FILE.exists() else {}
    ends = perf_counter() + 60 * minutes
    for portion in range(REPLICATIONS // PORTION):
        for n in SIZES:
            key = f"{n} {portion}"
            if key in found:
                continue
            if perf_counter() > ends:
                return found
            counts: Counter[str] = Counter()
            for seed in seeds(n, portion):
                counts.update(replicate(n, seed))
            found[key] = dict(sorted(counts.items()))
            FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
            print(f"{n} a site, portion {portion + 1} of {REPLICATIONS // PORTION}", flush=True)
    return found


def totals(found: Record) -> dict[int, tuple[Counter[str], int]]:
    """Return the counts of every size, and the number of its replications."""
    made: dict[int, tuple[Counter[str], int]] = {}
    for n in SIZES:
        parts = [counts for key, counts in found.items() if key.split()[0] == str(n)]
        whole: Counter[str] = Counter()
        for counts in parts:
            whole.update(counts)
        made[n] = whole, PORTION * len(parts)
    return made


def cells(each: list[int]) -> str:
    """Write counts as percentages of their sum, side by side."""
    whole = sum(each)
    return " / ".join(f"{100 * one / whole:.0f}" for one in each) if whole else "-"


def largest_error(made: dict[int, tuple[Counter[str], int]]) -> float:
    """Return the largest Monte Carlo standard error that a percentage here can have.

    Verdicts of one replication go together, so a replication counts as one answer: an upper
    bound where a percentage is over several scales, pairs or sites.
    """
    return 100 * math.sqrt(0.25 / max(min(clusters for _, clusters in made.values()), 1))


def head(first: str, made: dict[int, tuple[Counter[str], int]]) -> Iterator[str]:
    """Yield the head of a table with a column for each size."""
    yield f"| {first} | " + " | ".join(map(str, made)) + " |"
    yield "|---|" + "---|" * len(made)


def verdict_table(made: dict[int, tuple[Counter[str], int]], where: str) -> Iterator[str]:
    """Yield the verdicts on each claim: supported / undecided / not supported / no result, in %."""
    yield from head("claim", made)
    for prefix, note in (("", ""), ("same ", ", of the two that are all but one (false)")):
        for key, text in CLAIMS.items():
            name = f"{prefix}{key}" if key != "cfi_095" else f"{prefix}cfi_095 correlated_factors"
            rows = [
                cells([counts[f"{where} {name} {verdict}"] for verdict in VERDICTS])
                for counts, _ in made.values()
            ]
            if set(rows) != {"-"}:
                yield f"| {text}{note} | " + " | ".join(rows) + " |"


def failure_table(made: dict[int, tuple[Counter[str], int]]) -> Iterator[str]:
    """Yield how many fits of each model ended how, in %."""
    keys = {key for counts, _ in made.values() for key in counts if key.startswith("fit ")}
    codes = sorted({key.split()[-1] for key in keys}, key=lambda code: (code != "fitted", code))
    yield from head("model, where: end", made)
    for model in ("correlated_factors", "higher_order"):
        for where in ("site", "within"):
            for code in codes:
                rows = []
                for counts, _ in made.values():
                    whole = sum(counts[f"fit {where} {model} {one}"] for one in codes)
                    rows.append(100 * counts[f"fit {where} {model} {code}"] / max(whole, 1))
                if any(rows):
                    told = " | ".join(f"{one:.0f}" for one in rows)
                    yield f"| {model}, {where}: `{code}` | {told} |"


def cosmin_table(made: dict[int, tuple[Counter[str], int]]) -> Iterator[str]:
    """Yield COSMIN ratings: + / - / ± / ?, in %."""
    yield from head("property, where", made)
    for name in ("structural_validity", "internal_consistency"):
        for where in ("site", "version", "within"):
            rows = [
                cells([counts[f"cosmin {where} {name} {rating}"] for rating in "+-±?"])
                for counts, _ in made.values()
            ]
            yield f"| {name}, {where} | " + " | ".join(rows) + " |"


def main() -> int:
    """Run, or show, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what was found so far")
    parser.add_argument("--minutes", type=float, default=10.0, help="time to simulate in")
    given = parser.parse_args()
    FILE.parent.mkdir(exist_ok=True)
    found = json.loads(FILE.read_text()) if given.show else run(given.minutes)
    made = totals(found)
    print("replications:", {n: clusters for n, (_, clusters) in made.items()})
    print("population:", {name: round(value, 3) for name, value in true_values().items()})
    print(f"Monte Carlo standard error of a percentage: {largest_error(made):.1f} at most")
    for title, lines in (
        ("Verdicts at single sites: supported / undecided / not supported / none",
         verdict_table(made, "site")),
        ("Verdicts within sites", verdict_table(made, "within")),
        ("Models", failure_table(made)),
        ("COSMIN ratings: + / - / ± / ?", cosmin_table(made)),
    ):  # fmt: skip
        print(f"\n### {title}\n", *lines, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
