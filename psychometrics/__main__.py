"""Run the command line as ``python -m psychometrics``."""

from __future__ import annotations

from psychometrics.cli import main

if __name__ == "__main__":
    main()
