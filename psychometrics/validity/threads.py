"""One thread for linear algebra: small matrices gain nothing from more, and digits stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread while this runs.

    Sums split over threads differ in their last bits with the number of threads, and threads
    that wait for each other cost more than they save on matrices of this size, several times as
    much on a busy machine. ``threadpoolctl`` comes with scikit-learn, which factor_analyzer
    needs; where it is missing, BLAS does as it likes.
    """
    try:
        limits = import_module("threadpoolctl").threadpool_limits
    except ModuleNotFoundError:
        yield
        return
    with limits(limits=1, user_api="blas"):
        yield
