"""Progress of work that is done in stages."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


def stage(progress: Progress | None, first: int, count: int, total: int) -> Progress | None:
    """Return what tells the progress of a stage as that of the whole.

    Parameters
    ----------
    progress : callable, optional
        Called with what is done and all of it.
    first : int
        What was done before the stage.
    count : int
        What the stage adds.
    total : int
        All of it.
    """
    if progress is None:
        return None
    tell = progress
    return lambda done, whole: tell(first + count * done // max(whole, 1), total)


def tally(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    """Return what counts portions together and tells of them."""
    if progress is None:
        return None
    tell, done = progress, 0

    def add(count: int) -> None:
        nonlocal done
        done += count
        tell(done, total)

    return add
