"""How long it takes until the package is imported and until the help is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
REPEATS = 7
BUDGETS = {
    "python -c pass": (("-c", "pass"), None),
    "import psychometrics": (("-c", "import psychometrics"), 0.3),
    "psychometrics --help": (("-m", "psychometrics", "--help"), 0.5),
    "psychometrics validate --help": (("-m", "psychometrics", "validate", "--help"), 0.5),
}


def best_time(arguments: tuple[str, ...]) -> float:
    """Return the shortest time in seconds, after one run that fills the caches."""
    times = []
    for _ in range(REPEATS + 1):
        start = perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
        times.append(perf_counter() - start)
    return min(times[1:])


def main() -> int:
    """Measure everything; return 1 if something takes longer than promised."""
    late = False
    for name, (arguments, budget) in BUDGETS.items():
        seconds = best_time(arguments)
        promise = "" if budget is None else f" (promised: under {budget} s)"
        print(f"{name:<30} {seconds:.3f} s{promise}")
        late |= budget is not None and seconds >= budget
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
