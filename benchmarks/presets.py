"""The presets of `validate` at the size they are promised for: six sites, 24 items, 1,400 people.

Also whether the tables are the same bytes with one thread of linear algebra and with two.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import warnings
from time import perf_counter

from psychometrics import Responses, simulate_responses, validate

INSTRUMENT = "peer_support_implementation"
SIZES = {"ulm": 234, "hamburg": 234, "pune": 233, "beer_sheva": 233, "dar_es_salaam": 233,
         "kampala": 233}  # fmt: skip
PROMISED = {"quick": 3.0, "standard": 60.0, "full": None}
REPEATS = 3
ONE, TWO = "1", "2"


def answers() -> Responses:
    """Return 1,400 simulated answers."""
    return simulate_responses(INSTRUMENT, SIZES, rng=1)


def digest() -> str:
    """Return the hash of every table of a quick validation, as CSV."""
    made = answers()
    tables = validate(made.instrument, made, preset="quick", rng=1).tables
    return hashlib.sha256("".join(t.to_csv() for t in tables.values()).encode()).hexdigest()


def main() -> int:
    """Measure; return 1 if a preset takes longer than promised, or threads change a byte."""
    warnings.simplefilter("ignore")
    made = answers()
    validate(made.instrument, made, preset="quick", n_boot=10)  # loads what loads when first used
    late = False
    for preset, promised in PROMISED.items():
        times = []
        for _ in range(REPEATS):
            start = perf_counter()
            validate(made.instrument, made, preset=preset, rng=1)  # type: ignore[arg-type]
            times.append(perf_counter() - start)
        told = f"(promised: under {promised:g} s)" if promised else ""
        print(f"{preset:<10} {min(times):6.2f} s {told}")
        late |= promised is not None and min(times) >= promised
    hashes = {
        subprocess.run(
            [sys.executable, __file__, "--digest"], check=True, capture_output=True, text=True,
            env=os.environ | {"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n},
        ).stdout
        for n in (ONE, TWO)
    }  # fmt: skip
    print("tables are the same with one thread and with two:", len(hashes) == 1)
    return int(late or len(hashes) > 1)


if __name__ == "__main__":
    if "--digest" in sys.argv:
        print(digest())
    else:
        sys.exit(main())
