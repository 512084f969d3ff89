"""Error rates and power of tests of differential item functioning, and the verdicts they lead to.

Four items of one scale, five skewed categories, two groups: each method of `dif` is asked of the
same answers, where nothing differs and where one item is answered half a standard deviation higher
in one group. Then the peer support instrument is answered at its six sites with nothing planted,
with a mistranslation and with a cultural shift of the same size, and the verdicts on the item are
counted. Results are kept after every portion in the folder given by --out, and the portions missing
are run next time. With --out, --show prints the tables of what is there and --record writes the
sums to results/; without --out those are shown.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy import special

from psychometrics import dif, load_instrument, simulate_responses
from psychometrics.errors import PsychometricsError
from psychometrics.responses.simulation_plan import NonInvariance
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.attribution import attribute
from psychometrics.validity.version_groups import VERSION, version_groups

RESULTS = Path(__file__).parent / "results" / "dif_error_rates.json"
SEED, PORTION = 20_264, 20
DATA_SETS, STUDIES = 400, 200
METHODS = ("mimic", "ordinal_logistic", "mantel")
LOADINGS = {"alike": (0.7, 0.7, 0.7, 0.7), "unlike": (0.4, 0.6, 0.8, 0.9)}
APART = {"equal": 0.0, "unequal": 1.0}
# Of the latent answer, in its standard deviations; the item with the second loading.
SHIFT, PLANTED = 0.5, 1
SHARES = (0.45, 0.25, 0.15, 0.10, 0.05)
ITEMS = ("i1", "i2", "i3", "i4")
INSTRUMENT, SCALE, ITEM = "peer_support_implementation", "training", "training_1"
PLANTS = {
    "nothing": (),
    "mistranslation": (NonInvariance(None, ITEM, shift=-SHIFT, locale="sw_TZ"),),
    "cultural shift": (NonInvariance("dar_es_salaam", ITEM, shift=-SHIFT),),
}
WHERE = "dar_es_salaam, sw_TZ"

Record = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One condition of the two groups.

    Attributes
    ----------
    n : int
        People a group.
    loadings : {"alike", "unlike"}
        Of the items, in both groups.
    means : {"equal", "unequal"}
        Of the trait: a standard deviation apart.
    shifted : bool
        Whether an item differs.
    """

    n: int
    loadings: str
    means: str
    shifted: bool

    @property
    def name(self) -> str:
        """A name for files."""
        shift = "shifted" if self.shifted else "same"
        return f"two_{self.n}_{self.loadings}_{self.means}_{shift}"

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """Draw the answers of both groups."""
        loading = np.array(LOADINGS[self.loadings])
        group = np.repeat(["a", "b"], self.n)
        trait = rng.standard_normal(2 * self.n) + APART[self.means] * ((group == "b") - 0.5)
        noise = rng.standard_normal((2 * self.n, len(ITEMS))) * np.sqrt(1 - loading**2)
        latent = trait[:, None] * loading + noise
        if self.shifted:
            latent[group == "b", PLANTED] += SHIFT
        return pd.DataFrame(categories(latent), columns=list(ITEMS)).assign(group=group)


def categories(latent: FloatArray) -> FloatArray:
    """Return answers 1 to 5, those of every other item turned."""
    cuts = special.ndtri(np.cumsum(SHARES)[:-1])
    codes = np.empty(latent.shape)
    codes[:, ::2] = np.digitize(latent[:, ::2], cuts) + 1
    codes[:, 1::2] = np.digitize(latent[:, 1::2], -cuts[::-1]) + 1
    return codes


def cells() -> Iterator[Cell]:
    """Yield the conditions."""
    for shifted, n, means, loadings in product((False, True), (50, 200), APART, LOADINGS):
        yield Cell(n, loadings, means, shifted)


def run_cell(cell: Cell, portion: int) -> Record:
    """Count what each method says of the same data sets."""
    rng = np.random.default_rng([SEED, portion, *cell.name.encode()])
    found: dict[str, Counter[str]] = {method: Counter() for method in METHODS}
    for _ in range(PORTION):
        answers = cell.draw(rng)
        for method in METHODS:
            try:
                rows = dif(answers, {"s": list(ITEMS)}, "group", method=method, contrasts="pairs")
            except PsychometricsError:
                found[method]["refused"] += 1
                continue
            found[method].update(counted(rows, cell))
    return {"data_sets": PORTION, **{method: dict(one) for method, one in found.items()}}


def counted(rows: pd.DataFrame, cell: Cell) -> Counter[str]:
    """Count the decisions about items that are the same and about the one that differs."""
    column = "p_uniform" if "p_uniform" in rows else "p_value"
    own = rows[rows["kind"] == "uniform"] if "kind" in rows else rows
    p_value = own.groupby("item")[column].min()
    flag = rows.groupby("item")["flag"].any()
    made: Counter[str] = Counter(fitted=1)
    for at, item in enumerate(ITEMS):
        kind = "planted" if cell.shifted and at == PLANTED else "same"
        if not np.isfinite(p_value[item]):
            made[f"{kind} untested"] += 1
            continue
        made[f"{kind} tested"] += 1
        made[f"{kind} rejected"] += int(p_value[item] < 0.05)
        made[f"{kind} flagged"] += int(flag[item])
    same = [item for at, item in enumerate(ITEMS) if not (cell.shifted and at == PLANTED)]
    made["any same flagged"] += int(flag[same].any())
    return made


def run_studies(n: int, plant: str, portion: int) -> Record:
    """Count the verdicts on the item, and on all items of its scale that are the same."""
    instrument = load_instrument(INSTRUMENT)
    scale = {SCALE: instrument.keyed_items[SCALE]}
    seeds = np.random.SeedSequence([SEED, portion, n, *plant.encode()]).generate_state(PORTION)
    found: Counter[str] = Counter()
    for seed in seeds:
        answers = simulate_responses(instrument, n, rng=int(seed), noninvariance=PLANTS[plant])
        versions = version_groups(answers)
        evidence = dif(versions.frame, scale, VERSION, contrasts="others")
        told = attribute(evidence, versions.groups)
        told = told[told["kind"] == "uniform"]
        here = (told["item"] == ITEM) & (told["group_a"] == WHERE)
        found.update(f"item {verdict}" for verdict in told.loc[here, "verdict"])
        found.update(f"rest {verdict}" for verdict in told.loc[told["item"] != ITEM, "verdict"])
    return {"data_sets": PORTION, "verdicts": dict(found)}


def run(folder: Path, minutes: float) -> None:
    """Run the portions that are missing, the same number of each condition at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    ends = perf_counter() + 60 * minutes
    for portion in range(max(DATA_SETS, STUDIES) // PORTION):
        jobs: list[tuple[str, Any]] = []
        if portion * PORTION < DATA_SETS:
            jobs += [(cell.name, cell) for cell in cells()]
        if portion * PORTION < STUDIES:
            jobs += [(study_name(*pair), pair) for pair in product((50, 200), PLANTS)]
        for name, job in jobs:
            file = folder / f"{name}.json"
            stored = json.loads(file.read_text()) if file.exists() else []
            if len(stored) > portion:
                continue
            if perf_counter() > ends:
                return
            start = perf_counter()
            made = run_cell(job, portion) if isinstance(job, Cell) else run_studies(*job, portion)
            stored.append(made)
            file.write_text(json.dumps(stored), encoding="utf-8")
            print(f"{portion + 1} {name}: {perf_counter() - start:.1f} s", flush=True)


def study_name(n: int, plant: str) -> str:
    """Name the studies of a size and plant."""
    return f"study_{n}_{plant.replace(' ', '_')}"


def collect(folder: Path) -> Record:
    """Add up what was found."""
    found: Record = {}
    for file in sorted(folder.glob("*.json")):
        total: Record = {}
        for part in json.loads(file.read_text()):
            for key, value in part.items():
                if isinstance(value, int):
                    total[key] = total.get(key, 0) + value
                else:
                    own = Counter(total.get(key, {}))
                    own.update(value)
                    total[key] = dict(sorted(own.items()))
        found[file.stem] = total
    return found


def rate(count: int, of: int) -> str:
    """Return a rate in percent with its Monte Carlo error."""
    if not of:
        return "-"
    share = count / of
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / of):.1f}"


def error_lines(found: Record) -> list[str]:
    """Return the table of the two groups."""
    lines = [
        "| answers | n a group | loadings | means | method | one item, p < .05 % "
        "| any item flagged % | planted item flagged % | data sets | no test |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for cell in cells():
        if cell.name not in found:
            continue
        for method in METHODS:
            one = found[cell.name][method]
            n = one.get("fitted", 0)
            lines.append(
                f"| {'one item shifted' if cell.shifted else 'the same'} | {cell.n} "
                f"| {cell.loadings} | {cell.means} | `{method}` "
                f"| {rate(one.get('same rejected', 0), one.get('same tested', 0))} "
                f"| {rate(one.get('any same flagged', 0), n)} "
                f"| {rate(one.get('planted flagged', 0), one.get('planted tested', 0))} "
                f"| {n} | {one.get('refused', 0)} |"
            )
    return lines


VERDICTS = (
    "version_difference", "same_words_site_difference", "within_site_language_difference",
    "equivalent", "undecided",
)  # fmt: skip


def verdict_lines(found: Record) -> list[str]:
    """Return the table of verdicts."""
    named = " | ".join(f"`{verdict}`" for verdict in VERDICTS)
    lines = [f"| planted | n a site | about | {named} |", "|---|---|---|" + "---|" * len(VERDICTS)]
    for n, plant in product((50, 200), PLANTS):
        one = found.get(study_name(n, plant))
        if one is None:
            continue
        for about, words in (("item", "the item there"), ("rest", "other items, all versions")):
            counts = [one["verdicts"].get(f"{about} {verdict}", 0) for verdict in VERDICTS]
            shares = " | ".join(rate(count, sum(counts)) for count in counts)
            lines.append(f"| {plant} | {n} | {words} | {shares} |")
    return lines


def main() -> None:
    """Run what is missing, or show or record what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of the portions")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--show", action="store_true", help="print the tables")
    parser.add_argument("--record", action="store_true", help="write the sums to results/")
    options = parser.parse_args()
    if options.out is not None and not options.show and not options.record:
        run(options.out, options.minutes)
    path = options.out
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if path is None else collect(path)
    print("\n".join([*error_lines(found), "", *verdict_lines(found)]))
    if path is not None and options.record:
        text = json.dumps(found, indent=1, sort_keys=True) + "\n"
        RESULTS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
