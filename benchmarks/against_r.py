"""The factor models of 1,401 people and 25 items, here and in lavaan, in the same run.

Where Rscript or lavaan is absent, our times are printed alone. lavaan's bootstrap and permutations
would take an hour: for these there is a goal in seconds instead, by the clock of an idle machine,
as batches run in threads. Other times are CPU seconds of one thread.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

# Before numpy is loaded: one thread here as in R; matrices of this size gain nothing by two.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd

from psychometrics import CFAResult, cfa, invariance
from psychometrics.errors import PsychometricsError
from psychometrics.stats.cfa.batch import fit_many
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.estimate import Optimum, maximize_likelihood
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.kernel import SampleMoments, sample_moments
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.moments import (
    FloatArray,
    IntArray,
    covariance_of,
    integer_centres,
    pack_products,
    sum_rows,
    unpack_sums,
)
from psychometrics.stats.patterns import find_patterns
from psychometrics.stats.resampling import as_single, bootstrap_sums

HERE = Path(__file__).parent
DATA = HERE.parent / "tests" / "reference" / "data" / "bfi.csv"
SCALES = {scale: [f"{scale}{i}" for i in range(1, 6)] for scale in "ACENO"}
ITEMS = [item for items in SCALES.values() for item in items]
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
MODEL = "\n".join(f"{scale} =~ {' + '.join(items)}" for scale, items in SCALES.items())
N_PEOPLE, N_GROUPS = 1401, 6
# Share of the answers that are blanked: gives some 650 patterns.
BLANK = 0.078
LEVELS = ("loadings", "intercepts", "residuals")
REPLICATES = 1000
CHECKED = 50
# A refit is at the optimum where its chi-square is this close to that of a fit of its own.
SAME_CHI2 = 1e-4


@dataclass(frozen=True)
class Job:
    """Something to be timed.

    Attributes
    ----------
    name : str
    run : callable
        Its result is kept, to be looked at afterwards.
    repeats : int
        How often; the shortest time counts.
    in_r : str or None
        What lavaan's time of the same job is called; None where lavaan doesn't do it.
    times : int or None
        How many times as fast as lavaan it has to be.
    seconds : float or None
        What it has to take at most.
    """

    name: str
    run: Callable[[], Any]
    repeats: int
    in_r: str | None = None
    times: int | None = None
    seconds: float | None = None

    def met(self, here: float, there: float | None) -> bool:
        """Say whether the goal is met, as far as there is one."""
        if self.seconds is not None and here > self.seconds:
            return False
        return self.times is None or there is None or there / here >= self.times

    def line(self, here: float, there: float | None) -> str:
        """Return the row of the printed table."""
        other = "-" if there is None else f"{there:.2f}"
        ratio = "-" if there is None else f"{there / here:.0f}"
        goal = f">= {self.times}x" if self.times else ""
        goal = goal if self.seconds is None else f"<= {self.seconds:g} s"
        verdict = "" if self.met(here, there) else "MISSED"
        return f"{self.name:<46} {here:>8.4f} {other:>9} {ratio:>6}  {goal:<9} {verdict}".rstrip()


def read_people() -> pd.DataFrame:
    """Return the first complete rows, all items keyed alike, with six groups by row number."""
    people = pd.read_csv(DATA)[ITEMS].dropna().head(N_PEOPLE).reset_index(drop=True).astype(int)
    people[REVERSED] = 7 - people[REVERSED]
    people["site6"] = (people.index + 1) % N_GROUPS
    return people


def blanked(people: pd.DataFrame) -> pd.DataFrame:
    """Return the answers with some of them blanked at random, always the same ones."""
    holes = np.random.default_rng(20_260).random((len(people), len(ITEMS))) < BLANK
    return people[ITEMS].astype(float).mask(holes)


def timed(job: Job) -> tuple[float, Any]:
    """Return the shortest time, and what came out last.

    CPU seconds where lavaan does the same job; by the clock where the goal is in seconds, since
    batches run in threads.
    """
    clock = process_time if job.seconds is None else perf_counter
    times = []
    for _ in range(job.repeats):
        start = clock()
        result = job.run()
        times.append(clock() - start)
    return min(times), result


def profiled(job: Job, count: int = 5) -> str:
    """Say in which modules and libraries a job spends its time."""
    profile = cProfile.Profile()
    profile.runcall(job.run)
    own: Counter[str] = Counter()
    for (path, _, _), (_, _, time, *_) in vars(pstats.Stats(profile))["stats"].items():
        own[owner(path)] += time
    total = sum(own.values())
    return ", ".join(f"{name} {time / total:.0%}" for name, time in own.most_common(count))


def owner(path: str) -> str:
    """Name the module of ours, or the library, that a file belongs to."""
    parts = Path(path).parts
    if "psychometrics" in parts:
        return "/".join(parts[parts.index("psychometrics") + 1 :])
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return "Python and C"


# ---- jobs


def ladder(people: pd.DataFrame) -> list[CFAResult]:
    """Fit the four levels of invariance, with all output."""
    return [
        cfa(MODEL, people, group="site6", group_equal=LEVELS[:level])
        for level in range(len(LEVELS) + 1)
    ]


def ladder_fits(rows: FloatArray, group: IntArray) -> list[Fits]:
    """Fit the four levels of invariance without any output."""
    n, mean, covariance = covariance_of(sum_rows(rows, group, N_GROUPS))
    table = complete(MODEL, mean_structure=True, n_groups=N_GROUPS)
    return [
        fit_moments(constrain_groups(table, LEVELS[:level]), covariance[None], n[None], mean[None])
        for level in range(len(LEVELS) + 1)
    ]


@dataclass(frozen=True)
class Refits:
    """Many samples with the fits of one model."""

    data: SampleMoments
    found: Optimum

    @property
    def failed(self) -> int:
        """Fits that did not converge."""
        return int((~self.found.converged).sum())


def bootstrap(rows: FloatArray) -> Refits:
    """Draw bootstrap samples and refit the one-group model to each."""
    table = complete(MODEL)
    layout = lay_out(table)
    whole = np.cov(rows, rowvar=False)
    start = fit_moments(table, whole[None], np.array([len(rows)])).optimum.z[0]
    strata = np.zeros(len(rows), dtype=np.intp)
    sums = bootstrap_sums(rows, strata, ("all",), REPLICATES, 1, "benchmark")
    parts = [covariance_of(part) for part in sums]
    n, mean, covariance = (np.concatenate(part) for part in zip(*parts, strict=True))
    data = sample_moments(covariance, mean, n)
    return Refits(data, fit_many(table, layout, data, start))


def share_at_optimum(refits: Refits) -> tuple[float, float]:
    """Fit some samples by themselves; return the share that agrees and the largest gap."""
    table = complete(MODEL)
    layout = lay_out(table)
    index = np.linspace(0, REPLICATES - 1, CHECKED).astype(int)
    gaps = []
    for i in index:
        mine = refits.data.take(slice(i, i + 1))
        alone = maximize_likelihood(layout, mine, start_values(table, layout, mine))
        gap = mine.n[0] * (refits.found.fmin[i] - alone.fmin[0])
        gaps.append(float(gap.sum()) if alone.converged[0] else np.nan)
    found = np.abs(np.array(gaps))
    same = (found <= SAME_CHI2) & refits.found.converged[index]
    return float(same.mean()), float(np.nanmax(found))


def permuted_moments(rows: FloatArray, group: IntArray, rng: np.random.Generator) -> SampleMoments:
    """Return the moments of the groups after permutations of who belongs to which."""
    centre = integer_centres(rows)
    products = as_single(pack_products(rows, centre))
    packed = np.empty((REPLICATES, N_GROUPS, products.shape[1]))
    for i in range(REPLICATES):
        member = rng.permutation(group) == np.arange(N_GROUPS)[:, None]
        packed[i] = member.astype(products.dtype) @ products
    n, mean, covariance = covariance_of(unpack_sums(packed, centre))
    return sample_moments(covariance, mean, n)


def permutations(rows: FloatArray, group: IntArray) -> dict[str, Refits]:
    """Fit the metric and the scalar model to permuted groups, from the fit of all people.

    Free intercepts and factor means of zero reproduce the groups' means whatever they are, so the
    metric model has the same chi-square without them.
    """
    data = permuted_moments(rows, group, np.random.default_rng(1))
    n, mean, covariance = covariance_of(sum_rows(rows, np.zeros_like(group), 1))
    alike = [np.repeat(part, N_GROUPS, axis=0)[None] for part in (covariance, n, mean)]
    found = {}
    for name, level in (("metric", 1), ("scalar", 2)):
        table = complete(MODEL, mean_structure=level > 1, n_groups=N_GROUPS)
        equal = constrain_groups(table, LEVELS[:level])
        pooled = fit_moments(equal, *alike)
        found[name] = Refits(
            data, fit_many(equal, pooled.layout, data, np.asarray(pooled.optimum.z[0]))
        )
    return found


def tested(people: pd.DataFrame) -> object:
    """Test configural, metric and scalar invariance and every parameter, 24 items."""
    scales = {name: [item for item in items if item != "O5"] for name, items in SCALES.items()}
    return invariance(
        scales,
        people,
        "site6",
        levels=("configural", "metric", "scalar"),
        permutations=REPLICATES,
        rng=1,
    )


# ---- lavaan


def times_in_r(people: pd.DataFrame, incomplete: pd.DataFrame) -> dict[str, float]:
    """Run the same jobs in lavaan; empty where it is not there, which is said."""
    program = shutil.which("Rscript")
    if program is None:
        print("Rscript is not on the path: lavaan is skipped")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "complete.csv", Path(folder) / "missing.csv"]
        for frame, path in zip((people, incomplete), paths, strict=True):
            frame.to_csv(path, index=False, na_rep="NA")
        command = [program, str(HERE / "against_r.R"), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"lavaan is skipped; R said: {done.stderr.strip()}")
        return {}
    title, *lines = done.stdout.splitlines()
    print(title)
    return {job: float(time) for job, time in (line.split("\t") for line in lines)}


def jobs_of(people: pd.DataFrame, incomplete: pd.DataFrame, patterns: int) -> list[Job]:
    """Return everything that is timed; the last two are looked at more closely."""
    rows, group = people[ITEMS].to_numpy(dtype=float), people["site6"].to_numpy(dtype=np.intp)
    full, levels = "all output", "six groups, four levels"
    return [
        Job(f"ML, {full}", lambda: cfa(MODEL, people), 20, "ml", 10),
        Job(f"MLR, {full}", lambda: cfa(MODEL, people, estimator="MLR"), 10, "mlr", 20),
        Job(
            f"FIML, {patterns} patterns, {full}",
            lambda: cfa(MODEL, incomplete, missing="fiml"),
            4,
            "fiml",
            50,
        ),
        Job(f"{levels}, {full}", lambda: ladder(people), 4, "ladder", 100),
        Job(f"{levels}, fits alone", lambda: ladder_fits(rows, group), 6, "ladder fits"),
        Job(
            f"invariance(), {REPLICATES:,} permutations, three levels",
            lambda: tested(people),
            1,
            seconds=20.0,
        ),
        Job(f"{REPLICATES:,} bootstrap refits", lambda: bootstrap(rows), 3, seconds=1.5),
        Job(
            f"{REPLICATES:,} permutations, metric and scalar",
            lambda: permutations(rows, group),
            1,
            seconds=15.0,
        ),
    ]


def main() -> int:
    """Measure everything; return 1 if a goal is missed."""
    people = read_people()
    incomplete = blanked(people)
    patterns = len(find_patterns(incomplete.to_numpy()).n)
    print(f"{len(people):,} people, {len(ITEMS)} items, {patterns} patterns")
    print("CPU seconds; goals in seconds by the clock")
    there = times_in_r(people, incomplete)
    print(f"\n{'job':<46} {'here s':>8} {'lavaan s':>9} {'ratio':>6}  goal")
    missed, results = [], []
    for job in jobs_of(people, incomplete, patterns):
        here, result = timed(job)
        other = there.get(job.in_r or "")
        print(job.line(here, other), flush=True)
        results.append(result)
        if not job.met(here, other):
            missed.append(job)
    good = right_places(*results[-2:])
    for job in missed:
        print(f"missed: {job.name}: {profiled(job)}", flush=True)
    return int(not good or bool(missed))


def right_places(refits: Refits, permuted: dict[str, Refits]) -> bool:
    """Say whether the many fits ended where they should; return whether enough of them did."""
    share, gap = share_at_optimum(refits)
    print(
        f"bootstrap: {refits.failed} of {REPLICATES:,} not converged; {share:.0%} of {CHECKED} at "
        f"the optimum of a fit of their own (largest difference in chi-square {gap:.1g})"
    )
    for name, found in permuted.items():
        print(f"permutations, {name}: {found.failed} of {REPLICATES:,} not converged")
    return share >= 0.99 and refits.failed <= REPLICATES // 100


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PsychometricsError as error:
        sys.exit(f"error: {error}")
