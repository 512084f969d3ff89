"""Where an interval is known to hold the true value less often than it says, as data.

``coverage.yaml`` beside this module holds what simulations with known truth found; rows of an
analysis ask :func:`short_words` and put the answer into their ``method``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, StrictInt, model_validator

from psychometrics.instrument.document import load_document
from psychometrics.instrument.parts import Frozen, Key, Number, Part, Text

WHAT = "known coverage of intervals"


class Held(Part):
    """How often an interval held the true value in samples of one size."""

    n: StrictInt = Field(description="People of a sample.", gt=0)
    percent: Number = Field(description="Of the samples with an interval.", ge=0, le=100)


class Record(Part):
    """What is known of one kind of interval."""

    statistics: tuple[Key, ...] = Field(description="Statistics that it is about.", min_length=1)
    interval: Key = Field(description="Kind of interval, such as feldt.")
    held: tuple[Held, ...] = Field(description="By size, the smallest first.", min_length=1)
    design: Text = Field(description="What was drawn how often.")
    script: Text = Field(description="What found it.")
    words: Text = Field(description="What a row says where it is too little.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse sizes that don't rise."""
        sizes = [one.n for one in self.held]
        if sizes != sorted(set(sizes)):
            raise ValueError("the sizes rise, each once")
        return self

    def percent(self, n: float) -> float:
        """Return the percentage of samples of n people; the nearest size's beyond those tried."""
        sizes = np.log([one.n for one in self.held])
        return float(np.interp(np.log(max(n, 1.0)), sizes, [one.percent for one in self.held]))


class Coverage(Frozen):
    """All that is known of coverage."""

    edition: Text = Field(description="Which collection this is.")
    enough: Number = Field(description="Percentage under which a row says so.")
    level: Number = Field(description="Coverage that the intervals were meant to have.")
    records: tuple[Record, ...] = Field(description="One a statistic and kind of interval.")

    @model_validator(mode="after")
    def _once(self) -> Self:
        """Refuse two records of one interval."""
        keys = [(name, one.interval) for one in self.records for name in one.statistics]
        if len(keys) != len(set(keys)):
            raise ValueError("each statistic and interval stands once")
        return self


@cache
def coverage() -> Coverage:
    """Return what is known, as it comes along."""
    path = files("psychometrics.validity") / "coverage.yaml"
    return load_document(Path(str(path)), Coverage, WHAT)


@cache
def _by_interval() -> dict[tuple[str, str], Record]:
    return {(name, one.interval): one for one in coverage().records for name in one.statistics}


def short_words(statistic: str, interval: str, n: float) -> str:
    """Say that an interval of n people is known to be short; empty if it isn't.

    Examples
    --------
    >>> short_words("alpha", "bootstrap", 30)
    'too narrow for skewed answers of so few people'
    >>> short_words("alpha", "feldt", 30), short_words("alpha", "bootstrap", 93)
    ('', '')
    """
    record = _by_interval().get((statistic, interval))
    if record is None or record.percent(n) >= coverage().enough:
        return ""
    return record.words


@cache
def all_words() -> tuple[str, ...]:
    """Return everything that rows say of short intervals."""
    return tuple(dict.fromkeys(one.words for one in coverage().records))


def told_short(method: object) -> bool:
    """Tell whether a row's ``method`` says that its interval is known to be short."""
    return any(words in str(method) for words in all_words())
