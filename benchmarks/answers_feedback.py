"""What answers bring to translators where the truth is known: planted faults, and nothing planted.

Simulated answers to the home instrument (24 items, six sites, seven versions) are looked at as
`psychometrics translations feedback` does it. Counted are the data sets in which the planted item
is told, with which verdict, and those in which any other item is. What was found is kept in
results/ after every data set, so that a run that was stopped goes on where it ended. To see the
table again: answers_feedback.py --show
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Before numpy is loaded: matrices of this size are slower on two threads than on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from psychometrics import load_instrument, simulate_responses
from psychometrics.responses.simulation_plan import NonInvariance
from psychometrics.validity.item_feedback import answers_feedback

FILE = Path(__file__).parent / "results" / "answers_feedback.jsonl"
FIRST_SEED = 1000
SHIFT = -0.8
REVERSED = NonInvariance(None, "culture_2", locale="he_IL", reversed=True)
STRONGER = NonInvariance(None, "training_1", shift=SHIFT, locale="sw_TZ")
PLANTS: dict[str, tuple[NonInvariance, ...]] = {
    "nothing": (),
    "reversed and stronger": (REVERSED, STRONGER),
    "text, one site": (STRONGER,),
    "place, same effect": (NonInvariance("dar_es_salaam", "training_1", shift=SHIFT),),
    "one of two sites": (NonInvariance("ulm", "training_1", shift=SHIFT),),
    "one of two languages": (NonInvariance(None, "training_1", shift=SHIFT, locale="hi_IN"),),
    "language of two sites": (NonInvariance(None, "training_1", shift=SHIFT, locale="de_DE"),),
}
SIZES = (60, 200)
N_SETS = {"nothing": 30}
USUAL_SETS = 20


def main() -> int:
    """Run what is left to run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="only print what is there")
    parser.add_argument("--sets", type=int, help="data sets of each row")
    told = parser.parse_args()
    done = list(_stored())
    if not told.show:
        there = {(row["plant"], row["n"], row["seed"]) for row in done}
        for row in _rows(told.sets, there):
            done.append(row)
            FILE.parent.mkdir(exist_ok=True)
            with FILE.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    _show(done)
    return 0


def _stored() -> Iterator[dict[str, Any]]:
    if FILE.is_file():
        yield from map(json.loads, FILE.read_text(encoding="utf-8").splitlines())


def _rows(sets: int | None, there: set[tuple[str, int, int]]) -> Iterator[dict[str, Any]]:
    """Yield what is found in each data set that was not looked at before."""
    instrument = load_instrument("peer_support_implementation")
    for name, plants in PLANTS.items():
        for n in SIZES:
            for seed in range(FIRST_SEED, FIRST_SEED + (sets or N_SETS.get(name, USUAL_SETS))):
                if (name, n, seed) in there:
                    continue
                answers = simulate_responses(instrument, n, rng=seed, noninvariance=plants)
                found = answers_feedback(answers).findings
                items = {one.item for one in plants}
                told = [[f.params["item"], f.locale, f.params["verdict"]] for f in found]
                yield {
                    "plant": name, "n": n, "seed": seed,
                    "planted": [each for each in told if each[0] in items],
                    "others": [each for each in told if each[0] not in items],
                }  # fmt: skip


def _show(rows: list[dict[str, Any]]) -> None:
    for name in PLANTS:
        for n in SIZES:
            own = [row for row in rows if (row["plant"], row["n"]) == (name, n)]
            if not own:
                continue
            hits = Counter(tuple(each) for row in own for each in row["planted"])
            false = sum(bool(row["others"]) for row in own)
            share = false / len(own)
            error = (share * (1 - share) / len(own)) ** 0.5
            print(f"{name}, {n} a site, {len(own)} data sets:")
            for (item, locale, verdict), count in sorted(hits.items()):
                print(f"  {item} {locale} {verdict}: {count}")
            print(f"  anything else in {false} ({share:.0%}, Monte Carlo error {error:.0%})")


if __name__ == "__main__":
    sys.exit(main())
