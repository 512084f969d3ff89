"""Bias, interval coverage and convergence of the factor models where the truth is known.

Samples are drawn from a known model, and each is fitted. What was found is kept in results/ after
every chunk, so that a run that was stopped goes on where it ended; each chunk has a seed of its
own. To see the tables again without drawing anything: model_coverage.py --show
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy import stats

from psychometrics.errors import PsychometricsError
from psychometrics.stats.cfa.batch import draw_moments, fit_many
from psychometrics.stats.cfa.bounds import parameter_bounds
from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.estimate import Bounds, maximize_likelihood
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import imply, sample_moments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.solve import complete_sample, incomplete_sample, solve
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.resampling import stream

FOLDER = Path(__file__).parent / "results"
SEED = 20_260
REPLICATIONS = 2000
CHUNK = 250
LEVEL = 0.95

FACTORS = ("f", "g", "h")
LOADINGS = (0.8, 0.7, 0.6, 0.7)
CORRELATIONS = np.array([[1.0, 0.3, 0.4], [0.3, 1.0, 0.5], [0.4, 0.5, 1.0]])
# Coverage that normal answers must reach: on average between the first two, nowhere under the last.
LOWEST_MEAN, HIGHEST_MEAN, LOWEST = 0.93, 0.97, 0.91

Record = dict[str, Any]


class Population(NamedTuple):
    """The model, and what is true of it."""

    table: ParameterTable
    layout: Layout
    truth: FloatArray
    covariance: FloatArray


def population(*, means: bool = False) -> Population:
    """Return three factors by four items, scaled by the first loading as ``cfa`` does by default.

    Items have mean 0 and variance 1.
    """
    items = {name: [f"{name}{i + 1}" for i in range(len(LOADINGS))] for name in FACTORS}
    table = complete(items, mean_structure=means)
    layout = lay_out(table)
    truth = np.array([true_value(table.rows[row]) for row in layout.free_rows])
    implied = imply(layout, truth[None, :]).covariance[0, 0]
    return Population(table, layout, truth, implied)


def true_value(row: Parameter) -> float:
    """Return the value of a parameter in the population."""
    if row.op == "~1":
        return 0.0
    if row.op == "=~":
        return LOADINGS[int(row.rhs[1:]) - 1] / LOADINGS[0]
    if row.lhs in FACTORS:
        place = FACTORS.index(row.lhs), FACTORS.index(row.rhs)
        return float(CORRELATIONS[place] * LOADINGS[0] ** 2)
    return 1 - LOADINGS[int(row.lhs[1:]) - 1] ** 2


def kind_of(row: Parameter) -> str:
    """Say what kind of parameter a row is."""
    if row.op == "~1":
        return "intercepts"
    if row.op == "=~":
        return "loadings"
    return "factor (co)variances" if row.lhs in FACTORS else "residual variances"


def by_kind(model: Population) -> dict[str, IntArray]:
    """Return the places of all parameters, and of each kind of them."""
    kinds = [kind_of(model.table.rows[at]) for at in model.layout.free_rows]
    places = {"all": np.arange(len(kinds))}
    for kind in dict.fromkeys(kinds):
        places[kind] = np.flatnonzero([own == kind for own in kinds])
    return places


# ---- drawing answers


def skewed_rows(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw answers of exponential factors and residuals: skewness 2, excess kurtosis 6 each."""
    factors = rng.exponential(size=(n, len(FACTORS))) - 1
    unique = rng.exponential(size=(n, len(FACTORS) * len(LOADINGS))) - 1
    return assembled(factors, unique)


def heavy_rows(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw answers of multivariate t with 8 degrees of freedom: excess kurtosis 1.5.

    Factors and residuals share the scale and depend on each other by it.
    """
    scale = np.sqrt(6 / rng.chisquare(8, size=(n, 1)))
    return scale * normal_rows(n, rng)


def normal_rows(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw normal answers."""
    factors = rng.standard_normal((n, len(FACTORS)))
    return assembled(factors, rng.standard_normal((n, len(FACTORS) * len(LOADINGS))))


def assembled(factors: FloatArray, unique: FloatArray) -> FloatArray:
    """Make answers of uncorrelated standardised factors and residuals."""
    common = np.repeat(factors @ np.linalg.cholesky(CORRELATIONS).T, len(LOADINGS), axis=1)
    loading = np.tile(LOADINGS, len(FACTORS))
    return np.asarray(common * loading + unique * np.sqrt(1 - loading**2))


def blank(rows: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Blank a fifth of the answers at random given the first item of the scale.

    First items stay. The others are blank three times as often where it is above average.
    """
    per = len(LOADINGS)
    marker = np.repeat(rows[:, ::per], per, axis=1)
    chance = np.where(marker > 0, 1.5, 0.5) * 0.2 * per / (per - 1)
    chance[:, ::per] = 0.0
    return np.where(rng.random(rows.shape) < chance, np.nan, rows)


# ---- what one chunk found


@dataclass(frozen=True)
class Tally:
    """Sums over the usable replicates of a chunk.

    Attributes
    ----------
    model : Population
    z, se : ndarray, shape (replicate, q)
        Estimates and their standard errors.
    """

    model: Population
    z: FloatArray
    se: FloatArray

    def record(self) -> Record:
        """Return what has to be kept: sums, so that chunks can be added."""
        error = self.z - self.model.truth
        covered = np.abs(error) <= stats.norm.isf((1 - LEVEL) / 2) * self.se
        shares = [covered[:, at].mean(axis=1) for at in by_kind(self.model).values()]
        return {
            "usable": len(error),
            "error": rounded(error.sum(axis=0)),
            "squared_error": rounded((error**2).sum(axis=0)),
            "se": rounded(self.se.sum(axis=0)),
            "covered": covered.sum(axis=0).tolist(),
            "share": [rounded(np.array([share.sum(), (share**2).sum()])) for share in shares],
        }


def rounded(values: FloatArray) -> list[float]:
    """Shorten numbers for the file."""
    return [float(f"{value:.8g}") for value in values]


def errors_of(covariance: FloatArray) -> FloatArray:
    """Return standard errors; NaN where there are none."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1)))


def normal_chunk(n: int, count: int, rng: np.random.Generator) -> Record:
    """Fit many normal samples at once by ML."""
    model = population()
    zero = np.zeros((1, len(model.covariance)))
    data = draw_moments(model.covariance[None], zero, np.array([n]), count, rng)
    expected = sample_moments(model.covariance[None, None], zero[None], np.array([[n]]))
    start = start_values(model.table, model.layout, expected)[0]
    found = fit_many(model.table, model.layout, data, start)
    se = errors_of(parameter_covariance(data.slopes(model.layout, found.z, observed=False)[1]))
    good = found.converged & np.isfinite(se).all(axis=1)
    return {"replications": count, "ML": Tally(model, found.z[good], se[good]).record()}


def robust_chunk(
    draw: Callable[[int, np.random.Generator], FloatArray],
    n: int,
    count: int,
    rng: np.random.Generator,
) -> Record:
    """Fit samples one by one, with ML's and with Huber-White standard errors."""
    model = population()
    kept: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for _ in range(count):
        sample = complete_sample([Rows(draw(n, rng))])
        found = solve(model.table, sample, "MLR")
        information = sample.likelihood.slopes(model.layout, found.optimum.z, observed=False)[1]
        straight = errors_of(parameter_covariance(information)[0])
        robust = errors_of(found.covariance)
        if found.optimum.converged[0] and np.isfinite(straight + robust).all():
            kept.append((found.z, straight, robust))
    z, ml, mlr = (np.array(part) for part in zip(*kept, strict=True))
    return {
        "replications": count,
        "ML": Tally(model, z, ml).record(),
        "MLR": Tally(model, z, mlr).record(),
    }


def missing_chunk(n: int, count: int, rng: np.random.Generator) -> Record:
    """Fit incomplete samples one by one by FIML, standard errors from the observed information."""
    model = population(means=True)
    kept: list[tuple[FloatArray, FloatArray]] = []
    blanks = 0.0
    for _ in range(count):
        rows = blank(normal_rows(n, rng), rng)
        blanks += float(np.isnan(rows).mean())
        try:
            found = solve(model.table, incomplete_sample([Rows(rows)]), "ML", "observed")
        except PsychometricsError:
            continue  # counted: it is missing among the usable ones
        se = errors_of(found.covariance)
        if found.optimum.converged[0] and np.isfinite(se).all():
            kept.append((found.z, se))
    z, se = (np.array(part) for part in zip(*kept, strict=True))
    return {
        "replications": count,
        "blank": round(blanks / count, 6),
        "FIML": Tally(model, z, se).record(),
    }


def small_chunk(n: int, count: int, rng: np.random.Generator) -> Record:
    """Count in small samples what converges and what is improper, without and with bounds."""
    model = population()
    zero = np.zeros((1, len(model.covariance)))
    data = draw_moments(model.covariance[None], zero, np.array([n]), count, rng)
    counts = {name: dict.fromkeys(COUNTED, 0) for name in ("no bounds", "standard bounds")}
    for i in range(count):
        mine = data.take(slice(i, i + 1))
        start = start_values(model.table, model.layout, mine)
        limits = parameter_bounds(model.layout, mine, "standard")
        for name, bounds in (("no bounds", None), ("standard bounds", limits)):
            found = maximize_likelihood(model.layout, mine, start, bounds=bounds)
            if found.converged[0]:
                tell(counts[name], model, found.z, bounds)
    return {"replications": count, "counts": counts}


COUNTED = ("converged", "negative_variance", "improper", "at_bound")


def tell(counts: dict[str, int], model: Population, z: FloatArray, bounds: Bounds | None) -> None:
    """Count what a converged solution is."""
    own = [i for i, at in enumerate(model.layout.free_rows) if is_variance(model.table.rows[at])]
    first = model.layout.n_observed
    factors = imply(model.layout, z).full[0, 0, first:, first:]
    negative = bool((z[0, own] < 0).any())
    impossible = bool(np.linalg.eigvalsh(factors)[0] < -1e-9)
    counts["converged"] += 1
    counts["negative_variance"] += negative
    counts["improper"] += negative or impossible
    if bounds is not None:
        counts["at_bound"] += bool(((z[0] <= bounds.low) | (z[0] >= bounds.high)).any())


def is_variance(row: Parameter) -> bool:
    """Tell whether a parameter is a variance."""
    return row.op == "~~" and row.lhs == row.rhs


# ---- running


class Condition(NamedTuple):
    """One cell of the simulation."""

    text: str
    chunk: Callable[[int, np.random.Generator], Record]


CONDITIONS = {
    "ml_normal_200": Condition("normal, n = 200", lambda count, rng: normal_chunk(200, count, rng)),
    "mlr_skewed_200": Condition(
        "skewed, n = 200", lambda count, rng: robust_chunk(skewed_rows, 200, count, rng)
    ),
    "mlr_skewed_400": Condition(
        "skewed, n = 400", lambda count, rng: robust_chunk(skewed_rows, 400, count, rng)
    ),
    "mlr_skewed_1000": Condition(
        "skewed, n = 1,000", lambda count, rng: robust_chunk(skewed_rows, 1000, count, rng)
    ),
    "mlr_heavy_400": Condition(
        "heavy-tailed, n = 400", lambda count, rng: robust_chunk(heavy_rows, 400, count, rng)
    ),
    "fiml_mar_300": Condition(
        "normal, 20 % missing at random, n = 300",
        lambda count, rng: missing_chunk(300, count, rng),
    ),
    "small_30": Condition("normal, n = 30", lambda count, rng: small_chunk(30, count, rng)),
    "small_50": Condition("normal, n = 50", lambda count, rng: small_chunk(50, count, rng)),
}


def stored(name: str) -> list[Record]:
    """Return the chunks that were done before."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def store(name: str, chunks: Sequence[Record]) -> None:
    """Keep the chunks; a run that is stopped here leaves the file before."""
    FOLDER.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(chunk) for chunk in chunks)
    draft = FOLDER / f"{name}.part"
    draft.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    draft.replace(FOLDER / f"{name}.json")


def run(name: str, replications: int) -> None:
    """Draw what is still missing of a condition."""
    chunks = stored(name)
    while (done := sum(chunk["replications"] for chunk in chunks)) < replications:
        begun = perf_counter()
        rng = stream(SEED, name, str(len(chunks)))
        chunks.append(CONDITIONS[name].chunk(min(CHUNK, replications - done), rng))
        store(name, chunks)
        print(f"{name}: chunk {len(chunks)}, {perf_counter() - begun:.1f} s", flush=True)


# ---- telling


@dataclass(frozen=True)
class Coverage:
    """A condition's sums over all chunks, by parameter.

    ``share``, shape (kind, 2), holds sum and sum of squares, over the replicates, of the share of a
    replicate's intervals that hold the truth.
    """

    usable: int
    error: FloatArray
    squared_error: FloatArray
    se: FloatArray
    covered: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, chunks: Sequence[Record], method: str) -> Coverage:
        """Add the chunks up."""
        parts = [chunk[method] for chunk in chunks]
        fields = ("error", "squared_error", "se", "covered", "share")
        sums = [np.sum([part[field] for part in parts], axis=0) for field in fields]
        return cls(sum(part["usable"] for part in parts), *sums)

    @property
    def rate(self) -> FloatArray:
        """Share of the intervals that hold the truth."""
        return self.covered / self.usable

    @property
    def sd(self) -> FloatArray:
        """Standard deviation of the estimates."""
        bias = self.error / self.usable
        return np.asarray(np.sqrt(self.squared_error / self.usable - bias**2))

    @property
    def mean_errors(self) -> FloatArray:
        """Monte Carlo errors of the mean rates by kind: the parameters of a sample go together."""
        mean, square = self.share.T / self.usable
        return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0) / self.usable))


def coverage_lines(name: str, chunks: Sequence[Record]) -> list[str]:
    """Return a row of the table for each method, all parameters and each kind of them."""
    model = population(means=name.startswith("fiml"))
    rows = [model.table.rows[at] for at in model.layout.free_rows]
    total = sum(chunk["replications"] for chunk in chunks)
    lines = []
    for method in [key for key in chunks[0] if key in ("ML", "MLR", "FIML")]:
        found = Coverage.of(chunks, method)
        bias = found.error / found.usable
        for (kind, at), spread in zip(by_kind(model).items(), found.mean_errors, strict=True):
            least = at[found.rate[at].argmin()]
            error = np.sqrt(found.rate[least] * (1 - found.rate[least]) / found.usable)
            most = at[np.abs(bias[at] / found.sd[at]).argmax()]
            lines.append(
                f"| {CONDITIONS[name].text} | {method} | {kind} ({len(at)}) "
                f"| {found.usable:,} of {total:,} "
                f"| {100 * found.rate[at].mean():.1f} ± {100 * spread:.1f} "
                f"| {100 * found.rate[least]:.1f} ± {100 * error:.1f} ({rows[least].name}) "
                f"| {bias[most]:+.4f} ± {found.sd[most] / np.sqrt(found.usable):.4f} "
                f"({rows[most].name}, {abs(bias[most]) / found.sd[most]:.2f} SD) "
                f"| {(found.se / found.usable / found.sd)[at].mean():.3f} |"
            )
    return lines


def count_lines(name: str, chunks: Sequence[Record]) -> list[str]:
    """Return a row of the table for fits without and with bounds."""
    total = sum(chunk["replications"] for chunk in chunks)
    lines = []
    for method in chunks[0]["counts"]:
        cells = []
        for field in COUNTED:
            rate = sum(chunk["counts"][method][field] for chunk in chunks) / total
            cells.append(f"{100 * rate:.1f} ± {100 * np.sqrt(rate * (1 - rate) / total):.1f}")
        if method == "no bounds":
            cells[-1] = "-"
        lines.append(f"| {CONDITIONS[name].text} | {method} | {total:,} | {' | '.join(cells)} |")
    return lines


def show() -> bool:
    """Print the tables of what is stored; return whether the goal for normal answers is met."""
    done = {name: chunks for name in CONDITIONS if (chunks := stored(name))}
    print(
        "\n| answers | method | parameters | usable | coverage % | lowest | "
        "largest bias (in SD of the estimates) | mean SE / SD |\n|---|---|---|---|---|---|---|---|"
    )
    for name, chunks in done.items():
        if "counts" not in chunks[0]:
            print("\n".join(coverage_lines(name, chunks)))
    print(
        "\n| answers | fitted with | replications | converged % | negative variance % | "
        "improper % | at a bound % |\n|---|---|---|---|---|---|---|"
    )
    for name, chunks in done.items():
        if "counts" in chunks[0]:
            print("\n".join(count_lines(name, chunks)))
    if "ml_normal_200" not in done:
        return True
    rate = Coverage.of(done["ml_normal_200"], "ML").rate
    return bool(LOWEST_MEAN <= rate.mean() <= HIGHEST_MEAN and rate.min() >= LOWEST)


def main() -> int:
    """Run what is missing, print the tables; return 1 if normal answers miss the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("conditions", nargs="*", help=f"some of: {' '.join(CONDITIONS)}")
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--show", action="store_true", help="print what is stored")
    options = parser.parse_args()
    unknown = set(options.conditions) - set(CONDITIONS)
    if unknown:
        parser.error(f"no such condition: {', '.join(sorted(unknown))}")
    if not options.show:
        for name in options.conditions or CONDITIONS:
            run(name, options.replications)
    return int(not show())


if __name__ == "__main__":
    sys.exit(main())
