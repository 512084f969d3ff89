"""Progress over stages: told as that of the whole, never backwards."""

from __future__ import annotations

from psychometrics.validity.progress import stage, tally


def test_stages_follow_each_other() -> None:
    told: list[tuple[int, int]] = []
    first = stage(lambda done, total: told.append((done, total)), 0, 50, 100)
    second = stage(lambda done, total: told.append((done, total)), 50, 50, 100)
    assert first is not None
    assert second is not None
    for count in (0, 7, 14):
        first(count, 14)
    second(3, 3)
    assert told == [(0, 100), (25, 100), (50, 100), (100, 100)]


def test_portions_are_added_up() -> None:
    told: list[tuple[int, int]] = []
    add = tally(lambda done, total: told.append((done, total)), 30)
    assert add is not None
    add(10)
    add(20)
    assert told == [(10, 30), (30, 30)]


def test_nobody_who_listens() -> None:
    assert stage(None, 0, 1, 1) is None
    assert tally(None, 1) is None
