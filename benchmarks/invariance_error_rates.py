"""Error rates and power of tests of measurement invariance where the truth is known.

Groups of people are drawn (invariance_populations.py) and a one-factor ladder is fitted to each
data set. Counted is how often each level is rejected by fixed cut-offs, by the difference test and
by tests that resample. Those reject at 5 % if fewer than 10 of 199 samples (5 of 99) are as bad as
the data; sampling stops when the tenth has come, which changes no decision. A sample without a
maximum counts as one that is as bad. Results are kept after every portion in the folder given by
--out, and the portions missing are run next time. With --out, --show prints the tables of what is
there and --record writes the sums to results/; without --out those are shown.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from invariance_error_tables import (
    bent_lines,
    choice,
    collect,
    condition_lines,
    error_lines,
    failure_lines,
    power_lines,
    size_lines,
    worst_rates,
)
from invariance_populations import Cell, bent_cells, invariant_cells, shifted_cells
from one_factor_ladder import LEVELS, Level, check, fit_level
from scipy import stats

from psychometrics.stats.cfa.batch import (
    BatchIndices,
    batch_indices,
    bollen_stine_rows,
    draw_moments,
    fit_many,
)
from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.kernel import SampleMoments, imply, sample_moments
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.permutation import permuted_moments, without_group_means
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.resampling import bootstrap_counts
from psychometrics.validity.invariance_criteria import cutoffs_of, exceeded, nearest_source

RESULTS = Path(__file__).parent / "results" / "invariance_error_rates.json"
SEED, PORTION = 20_263, 50
DATA_SETS = {"invariant": 1000, "bent": 100, "shifted": 200}
# In which order portions are run: the third of these before the first of shifts.
PACE = {"invariant": 1, "shifted": 3, "bent": 5}
# Conditions that say little new are run at half the pace.
REPEATED = {
    ("skewed", "means"), ("skewed", "variances"), ("skewed", "n"), ("categories", "n"),
}  # fmt: skip
# By the number of samples, the stages in which they are drawn; a test ends when a twentieth of them
# are as bad as the data.
STAGES = {99: (12, 12, 25, 50), 199: (19, 20, 40, 60, 60)}
RESAMPLING = ("permutation", "parametric", "bollen_stine")
FIXED = ("chi2", "chi2_robust", "cfi_010", "rmsea_015", "nearest")
RULES = (*RESAMPLING, *FIXED)
N_ITEMS = 4

Record = dict[str, Any]


@dataclass(frozen=True)
class DataSets:
    """Data sets of one condition, fitted at each level.

    Attributes
    ----------
    rows : list of list of ndarray
        Answers of each data set and group.
    moments : SampleMoments
        Leading axes (data set, group).
    chi2, indices, covariance, mean
        By level: chi-square, fit indices, and what the model implies.
    point : dict of str to ndarray
        By level: estimates, as :class:`Level` has them.
    trace : dict of str to ndarray
        By level: df times the scaling factor of MLR.
    """

    rows: list[list[FloatArray]]
    moments: SampleMoments
    chi2: dict[str, FloatArray]
    indices: dict[str, BatchIndices]
    covariance: dict[str, FloatArray]
    mean: dict[str, FloatArray]
    point: dict[str, FloatArray]
    trace: dict[str, FloatArray]


def fit_data(cell: Cell, levels: dict[str, Level], rng: np.random.Generator) -> DataSets:
    """Draw and fit a portion of data sets."""
    rows = [cell.draw(rng) for _ in range(PORTION)]
    moments = moments_of(rows)
    found: tuple[dict[str, Any], ...] = ({}, {}, {}, {}, {}, {})
    chi2, indices, covariance, mean, point, trace = found
    for name, level in levels.items():
        table = level.with_means
        layout = lay_out(table)
        near = fit_many(table, layout, pooled(moments), np.zeros(layout.n_free)).z[0]
        fits = fit_many(table, layout, moments, near)
        implied = imply(layout, fits.z)
        indices[name] = batch_indices(table, layout, fits, moments)
        chi2[name] = indices[name].chi2
        covariance[name], mean[name] = implied.covariance, implied.mean
        point[name] = point_of(level, layout, fits.z)
        trace[name] = np.array(
            [
                robust_trace(layout, z, moments.take([i]), rows[i]) if ok else np.nan
                for i, (z, ok) in enumerate(zip(fits.z, fits.converged, strict=True))
            ]
        )
    return DataSets(rows, moments, chi2, indices, covariance, mean, point, trace)


def moments_of(rows: list[list[FloatArray]]) -> SampleMoments:
    """Return the moments of data sets."""
    return sample_moments(
        np.array([[np.cov(x.T) for x in one] for one in rows]),
        np.array([[x.mean(axis=0) for x in one] for one in rows]),
        np.array([[float(len(x)) for x in one] for one in rows]),
    )


def pooled(moments: SampleMoments) -> SampleMoments:
    """Return one sample whose groups are all alike: the mean of all."""
    n_groups = moments.n.shape[1]
    covariance = moments.covariance.mean(axis=(0, 1))
    mean = moments.mean.mean(axis=(0, 1))
    return sample_moments(
        np.repeat(covariance[None], n_groups, axis=0)[None],
        np.repeat(mean[None], n_groups, axis=0)[None],
        moments.n[:1],
        unbiased=False,
    )


def robust_trace(layout: Any, z: FloatArray, data: SampleMoments, rows: list[FloatArray]) -> float:
    """Return df times the scaling factor of MLR."""
    return robust_inference(layout, z, data, [Rows(x) for x in rows]).yuan_bentler


def point_of(level: Level, layout: Any, z: FloatArray) -> FloatArray:
    """Return estimates of the whole model as points of a level."""
    at = [layout.free_rows.index(row) for row in rows_kept(level, layout)]
    return level.from_kernel(z[:, at])


def rows_kept(level: Level, layout: Any) -> list[int]:
    """Return the rows of the whole model that are the free parameters of the lean one."""
    whole = {row: i for i, row in enumerate(level.with_means.rows)}
    return [whole[level.table.rows[at]] for at in level.layout.free_rows]


def fixed_rules(cell: Cell, data: DataSets, name: str, levels: dict[str, Level]) -> Record:
    """Return the decisions of the difference tests and cut-offs, NaN where there is none."""
    before = LEVELS[LEVELS.index(name) - 1]
    df = levels[name].df - levels[before].df
    gap = data.chi2[name] - data.chi2[before]
    scale = (data.trace[name] - data.trace[before]) / df
    with np.errstate(all="ignore"):
        scaled = np.where(scale > 0, gap / scale, np.nan)
    one, other = data.indices[name], data.indices[before]
    change = {i: getattr(one, i) - getattr(other, i) for i in ("cfi", "rmsea", "srmr")}
    nearest = nearest_source(cell.sizes(), ordered=False)
    (source,) = (c for c in cutoffs_of(name) if c.id == nearest)
    beyond = [
        exceeded(source, *(float(change[i][k]) for i in ("cfi", "rmsea", "srmr")))
        for k in range(PORTION)
    ]
    known = np.isfinite(gap)
    return {
        "chi2": np.where(known, stats.chi2.sf(gap, df) < 0.05, np.nan),
        "chi2_robust": np.where(np.isfinite(scaled), stats.chi2.sf(scaled, df) < 0.05, np.nan),
        "cfi_010": np.where(known, change["cfi"] < -0.010, np.nan),
        "rmsea_015": np.where(known, change["rmsea"] > 0.015, np.nan),
        "nearest": np.where(known, beyond, np.nan),
    }


Sampler = Callable[[int, int], SampleMoments]


def by_model(cell: Cell, data: DataSets, name: str, kind: str, rng: np.random.Generator) -> Sampler:
    """Return what draws samples in which a level holds for one data set."""
    n_groups = cell.n_groups

    def parametric(i: int, count: int) -> SampleMoments:
        return draw_moments(
            data.covariance[name][i], data.mean[name][i], data.moments.n[i], count, rng
        )

    def bollen_stine(i: int, count: int) -> SampleMoments:
        covariance, mean = data.covariance[name][i], data.mean[name][i]
        parts = []
        for g in range(n_groups):
            turned = bollen_stine_rows(data.rows[i][g], covariance[g], mean[g])
            parts.append(weighted(turned, bootstrap_counts(len(turned), count, rng)))
        return stacked(parts, data.moments.n[i], count)

    return {"parametric": parametric, "bollen_stine": bollen_stine}[kind]


def weighted(rows: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance (denominator n) of samples of rows."""
    n, p = rows.shape
    products = (rows[:, :, None] * rows[:, None, :]).reshape(n, -1)
    mean = counts @ rows / n
    second = (counts @ products / n).reshape(-1, p, p)
    return mean, second - mean[:, :, None] * mean[:, None, :]


def stacked(parts: list[tuple[FloatArray, FloatArray]], n: FloatArray, count: int) -> SampleMoments:
    """Return the moments of groups side by side."""
    return sample_moments(
        np.stack([part[1] for part in parts], axis=1),
        np.stack([part[0] for part in parts], axis=1),
        np.repeat(n[None], count, axis=0),
        unbiased=False,
    )


def shuffler(cell: Cell, data: DataSets, rng: np.random.Generator) -> Sampler:
    """Return what shuffles the people of one data set over its groups."""
    label = np.repeat(np.arange(cell.n_groups), cell.sizes())

    def draw(i: int, count: int) -> SampleMoments:
        rows = without_group_means(np.concatenate(data.rows[i]), label, cell.n_groups)
        return permuted_moments(rows, label, cell.n_groups, count, rng)

    return draw


def together(parts: list[SampleMoments]) -> SampleMoments:
    """Join samples of several data sets."""
    return SampleMoments(
        np.concatenate([p.covariance for p in parts]), np.concatenate([p.mean for p in parts]),
        np.concatenate([p.n for p in parts]), np.concatenate([p.log_determinant for p in parts]),
    )  # fmt: skip


def resampled(
    data: DataSets,
    names: tuple[str, ...],
    levels: dict[str, Level],
    draw: Sampler,
    start: Callable[[int, Level], FloatArray],
    stages: tuple[int, ...],
) -> dict[str, Record]:
    """Test levels against the same samples, stage by stage."""
    enough = (sum(stages) + 1) // 20
    gap = {n: data.chi2[n] - data.chi2[LEVELS[LEVELS.index(n) - 1]] for n in names}
    worse = {name: np.zeros(PORTION, dtype=int) for name in names}
    counts = {name: {"samples": 0, "failed": 0} for name in names}
    for size in stages:
        open_ = {n: np.isfinite(gap[n]) & (worse[n] < enough) for n in names}
        wanted = np.flatnonzero(np.any(list(open_.values()), axis=0))
        if not len(wanted):
            break
        sample = together([draw(int(i), size) for i in wanted])
        chi2 = {}
        for at, level in enumerate(LEVELS):
            after = LEVELS[at + 1] if at + 1 < len(LEVELS) else ""
            need = [n for n in names if n in (level, after)]
            if need:
                begin = np.concatenate(
                    [np.repeat(start(int(i), levels[level])[None], size, 0) for i in wanted]
                )
                chi2[level] = fit_level(levels[level], sample, begin).chi2.reshape(-1, size)
        for name in names:
            made = chi2[name] - chi2[LEVELS[LEVELS.index(name) - 1]]
            mine: BoolArray = open_[name][wanted]
            bad = np.isnan(made) | (made >= gap[name][wanted, None] - 1e-6)
            worse[name][wanted[mine]] += bad.sum(axis=1)[mine]
            counts[name]["samples"] += int(mine.sum()) * size
            counts[name]["failed"] += int(np.isnan(made[mine]).sum())
    return {
        n: {"reject": np.where(np.isfinite(gap[n]), worse[n] < enough, np.nan)} | counts[n]
        for n in names
    }


def run_portion(
    cell: Cell, portion: int, samples: int, kinds: tuple[str, ...] = RESAMPLING
) -> Record:
    """Simulate a portion of data sets; return the counts."""
    rng = np.random.default_rng([SEED, portion, *cell.name.encode()])
    levels, stages = {n: Level(n, N_ITEMS, cell.n_groups) for n in LEVELS}, STAGES[samples]
    data = fit_data(cell, levels, rng)

    def alike(i: int, level: Level) -> FloatArray:
        point = np.zeros((1, cell.n_groups, 3 * N_ITEMS + 2))
        point[..., : 2 * N_ITEMS + 1] = data.point["strict"][i][:, : 2 * N_ITEMS + 1]
        point[..., 2 * N_ITEMS] = 1.0
        point[..., :N_ITEMS] = data.point["strict"][i][0, :N_ITEMS]
        return level.from_level(levels["strict"], point)[0]

    found: Record = {
        "data_sets": PORTION,
        "samples": samples,
        "levels": {name: {} for name in cell.levels},
    }
    shuffled = resampled(data, cell.levels, levels, shuffler(cell, data, rng), alike, stages)
    for name in cell.levels:
        made = {"permutation": shuffled[name]}
        for kind in kinds[1:]:
            own = data.point[name]

            def near(i: int, level: Level, own: FloatArray = own, name: str = name) -> FloatArray:
                return level.from_level(levels[name], own[i][None])[0]

            draw = by_model(cell, data, name, kind, rng)
            made[kind] = resampled(data, (name,), levels, draw, near, stages)[name]
        made |= {k: {"reject": v} for k, v in fixed_rules(cell, data, name, levels).items()}
        for rule, one in made.items():
            decided = np.isfinite(one["reject"])
            found["levels"][name][rule] = {
                "rejected": int(np.nansum(one["reject"])), "decided": int(decided.sum()),
                "samples": one.get("samples", 0), "failed": one.get("failed", 0),
            }  # fmt: skip
    return found


def run(
    cells: list[tuple[str, Cell]],
    folder: Path,
    share: float,
    minutes: float,
    samples: int,
    bootstrapped: int,
) -> None:
    """Run the portions that are missing, the same number of each condition at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    ends = perf_counter() + 60 * minutes
    wanted = [
        ((portion + 1) * pace_of(kind, cell), cell.name, portion, cell)
        for kind, cell in cells
        for portion in range(int(share * DATA_SETS[kind]) // PORTION)
    ]
    for _, name, portion, cell in sorted(wanted, key=lambda one: one[0]):
        file = folder / f"{name}.json"
        stored = json.loads(file.read_text()) if file.exists() else []
        if any(part["samples"] != samples for part in stored):
            raise SystemExit(f"{file.name} holds tests of other samples; use another folder")
        if len(stored) > portion:
            continue
        if perf_counter() > ends:
            return
        start = perf_counter()
        kinds = RESAMPLING if portion * PORTION < bootstrapped else RESAMPLING[:1]
        stored.append(run_portion(cell, portion, samples, kinds))
        file.write_text(json.dumps(stored), encoding="utf-8")
        print(f"{portion + 1} {name}: {perf_counter() - start:.1f} s", flush=True)


def pace_of(kind: str, cell: Cell) -> int:
    """Return after how many portions of others one of a condition is run."""
    slow = (cell.answers, cell.condition) in REPEATED or (cell.shift and cell.answers != "normal")
    return PACE[kind] * (2 if slow else 1)


def all_cells() -> list[tuple[str, Cell]]:
    """Return every condition with its kind."""
    return [
        *(("invariant", cell) for cell in invariant_cells()),
        *(("shifted", cell) for cell in shifted_cells()),
        *(("bent", cell) for cell in bent_cells()),
    ]


def check_solver() -> None:
    """Print how far the chi-squares of the quick solver are from the kernel's."""
    for n_groups in (2, 6):
        cell = Cell("normal", n_groups, 50, "all")
        moments = moments_of([cell.draw(np.random.default_rng(i)) for i in range(200)])
        for name in LEVELS:
            level = Level(name, N_ITEMS, n_groups)
            found = fit_many(level.table, level.layout, moments, start_of(level, moments))
            start = level.from_kernel(np.repeat(start_of(level, moments)[None], 200, axis=0))
            gap = check(level, moments, start)
            print(f"{n_groups} groups, {name}: {gap:.4f}; {(~found.converged).sum()} lost")


def start_of(level: Level, moments: SampleMoments) -> FloatArray:
    """Return the fit to groups that are all alike."""
    nothing = np.zeros(level.layout.n_free)
    return np.asarray(fit_many(level.table, level.layout, pooled(moments), nothing).z[0])


def show(found: Record) -> None:
    """Print the tables."""
    cells = all_cells()
    null = [cell for kind, cell in cells if kind == "invariant"]
    shifted = [cell for kind, cell in cells if kind == "shifted"]
    bent = [cell for kind, cell in cells if kind == "bent"]
    parts = [condition_lines(found, null), size_lines(found, null), error_lines(found, null)]
    parts += [power_lines(found, shifted), bent_lines(found, bent), failure_lines(found)]
    print("\n\n".join("\n".join(lines) for lines in parts))
    sizes = sorted({found[cell.name]["data_sets"] for cell in null if cell.name in found})
    worst = worst_rates(found, null)
    print(f"\ndata sets a condition: {sizes}\nworst, over groups and people:")
    for rule, (value, error, where) in worst.items():
        print(f"{rule}: {value:.1f} ± {error:.1f} % ({where})")
    print(f"nearest to 5 % where it is worst, of the tests that resample: {choice(worst)}")


def main() -> None:
    """Run what is missing, or show or record what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of the portions")
    parser.add_argument("--share", type=float, default=1.0, help="of the data sets")
    parser.add_argument("--samples", type=int, choices=sorted(STAGES), default=199, help="a test")
    parser.add_argument(
        "--bootstrapped", type=int, default=1000, help="data sets that are bootstrapped too"
    )
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--show", action="store_true", help="print the tables")
    parser.add_argument("--record", action="store_true", help="write the sums to results/")
    parser.add_argument("--check", action="store_true", help="hold the solver against the kernel")
    options = parser.parse_args()
    if options.check:
        check_solver()
        return
    if options.out is None:
        show(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    if not options.show and not options.record:
        run(
            all_cells(), options.out, options.share, options.minutes, options.samples,
            options.bootstrapped,
        )  # fmt: skip
    found = collect(options.out, [cell for _, cell in all_cells()])
    show(found)
    if options.record:
        text = json.dumps(found, indent=1, sort_keys=True) + "\n"
        RESULTS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
