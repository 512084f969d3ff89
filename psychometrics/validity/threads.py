"""One thread for linear algebra: small matrices gain nothing from more, and digits stay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread while this runs.

    Sums split over threads differ in their last bits with the number of threads, and threads
    that wait for each other cost more than they save on matrices of this size, several times as
    much on a busy machine. ``threadpoolctl`` comes with scikit-learn, which factor_analyzer
    needs; where it is missing, BLAS does as it likes.
    """
    # A module that is loaded later may bring a BLAS of its own: then all are looked for again.
    controller = blas_controller(len(sys.modules))
    if controller is None:
        yield
        return
    with controller.limit(limits=1, user_api="blas"):
        yield


@lru_cache(maxsize=1)
def blas_controller(n_modules: int) -> Any:
    """Return what sets the threads of the libraries that are loaded; None without threadpoolctl."""
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ModuleNotFoundError:
        return None
