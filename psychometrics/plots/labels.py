"""Names that readers see instead of keys, and the order in which rows are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from psychometrics.plots.numerals import is_missing

POOLINGS = {
    "within": "Within sites",
    "total": "All together",
    "meta": "Sites synthesised",
}
"""Names of the pooled rows, in the order in which they are shown; within is the headline."""

WORDS = {
    "alpha": "alpha",
    "omega_total": "omega total",
    "n": "n = {n}",
    "reversed": "reversed in scoring",
    "simulated": "Simulated answers",
    "no_value": "not available",
    "no_answers": "no answers",
    "share": "Share of answers (%)",
    "loading": "Standardised loading",
    "coefficient": "Coefficient",
    "upper_below": "whole interval below {cutoff}",
    "straddles": "interval includes {cutoff}",
    "above": "whole interval at or above {cutoff}",
    "no_interval": "no interval",
}
"""Short words that plots draw."""


@dataclass(frozen=True)
class Labels:
    """Names of sites, items and scales; a key without a name is shown as it is.

    Attributes
    ----------
    sites, items, scales : Mapping
        From key to name; the order of `sites` is the order in which they are drawn.

    Examples
    --------
    >>> labels = Labels(sites={"ulm": "Ulm"})
    >>> labels.site("ulm"), labels.site("pune"), labels.place("within", None)
    ('Ulm', 'pune', 'Within sites')
    """

    sites: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)

    def site(self, key: object) -> str:
        """Return the name of a site."""
        return self.sites.get(str(key), str(key))

    def item(self, key: object) -> str:
        """Return the text of an item."""
        return self.items.get(str(key), str(key))

    def scale(self, key: object) -> str:
        """Return the title of a scale."""
        return self.scales.get(str(key), str(key))

    def place(self, pooling: object, group: object) -> str:
        """Return the name of a row: how it is pooled, or the site it is about."""
        if str(pooling) == "site" or str(pooling) not in POOLINGS:
            return self.site(group)
        return POOLINGS[str(pooling)]


NO_LABELS = Labels()


@dataclass(frozen=True)
class Place:
    """What one row is about: a site, or one way of pooling."""

    pooling: str
    group: str | None

    @property
    def pooled(self) -> bool:
        """Whether the row is about several sites together."""
        return self.pooling != "site"


def place_of(pooling: object, group: object) -> Place:
    """Return the place of a row; a group that is missing is None."""
    return Place(str(pooling), None if is_missing(group) else str(group))


def places(frame: pd.DataFrame, labels: Labels = NO_LABELS) -> list[Place]:
    """Return the places of a frame: pooled ones first, then sites in the order of `labels`.

    Examples
    --------
    >>> frame = pd.DataFrame({"pooling": ["site", "site", "total"], "group": ["b", "a", None]})
    >>> [place.group or place.pooling for place in places(frame, Labels(sites={"a": "A"}))]
    ['total', 'a', 'b']
    """
    pairs = zip(frame["pooling"], frame["group"], strict=True)
    found = list(dict.fromkeys(place_of(pooling, group) for pooling, group in pairs))
    pooled_order, site_order = list(POOLINGS), list(labels.sites)
    return sorted(
        found,
        key=lambda place: (
            not place.pooled,
            _rank(place.pooling, pooled_order),
            _rank(place.group or "", site_order),
        ),
    )


def _rank(key: str, order: list[str]) -> int:
    """Return the position of `key`, or one after the last where it isn't listed."""
    return order.index(key) if key in order else len(order)


def by_place(frame: pd.DataFrame) -> dict[Place, dict[str, Any]]:
    """Return the rows of a frame by their place; the first one counts."""
    found: dict[Place, dict[str, Any]] = {}
    for row in records(frame):
        found.setdefault(place_of(row["pooling"], row["group"]), row)
    return found


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].tolist() for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def unique(values: Iterable[object]) -> list[str]:
    """Return the distinct values as text, in the order in which they come."""
    return list(dict.fromkeys(str(value) for value in values if not is_missing(value)))
