"""Which groups are held against which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from psychometrics.errors import DataError, check_option
from psychometrics.stats.moments import BoolArray

Sides = tuple[Sequence[str], Sequence[str]]
Contrasts = Literal["others", "pairs", "omnibus"] | Mapping[str, Sides]

OTHERS = "others"
OMNIBUS = "omnibus"
ANY = "any"


@dataclass(frozen=True)
class Contrast:
    """Some groups held against others.

    Attributes
    ----------
    name : str
    side_a, side_b : tuple of str
        Groups; a positive estimate says that those of the first side answer higher.
    label_a, label_b : str
        How the sides are called.
    """

    name: str
    side_a: tuple[str, ...]
    side_b: tuple[str, ...]
    label_a: str
    label_b: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups of both sides."""
        return self.side_a + self.side_b

    @property
    def omnibus(self) -> bool:
        """Whether all groups are compared at once."""
        return self.label_a == ANY

    def within(self, kept: Sequence[str]) -> Contrast:
        """Return the contrast without groups that can't take part."""
        own = tuple(
            tuple(name for name in side if name in kept) for side in (self.side_a, self.side_b)
        )
        return Contrast(self.name, own[0], own[1], self.label_a, self.label_b)


def make_contrasts(given: Contrasts, groups: Sequence[str]) -> tuple[Contrast, ...]:
    """Return the contrasts of a call.

    With two groups, each against the others is the same contrast twice, and comes once.

    Raises
    ------
    DataError
        Fewer than two groups, groups that nobody is in, a group on both sides.

    Examples
    --------
    >>> [c.name for c in make_contrasts("others", ["ulm", "pune", "kampala"])]
    ['ulm', 'pune', 'kampala']
    >>> [c.name for c in make_contrasts("pairs", ["ulm", "pune", "kampala"])]
    ['ulm - pune', 'ulm - kampala', 'pune - kampala']
    """
    if len(groups) < 2:
        raise DataError(f"Groups are held against each other; there are {len(groups)} of them.")
    if isinstance(given, Mapping):
        return tuple(named(str(name), sides, groups) for name, sides in given.items())
    check_option("contrasts", given, ("others", "pairs", OMNIBUS))
    if given == OMNIBUS:
        return (Contrast(OMNIBUS, (groups[0],), tuple(groups[1:]), ANY, ANY),)
    if given == "pairs" or len(groups) == 2:
        return tuple(Contrast(f"{a} - {b}", (a,), (b,), a, b) for a, b in combinations(groups, 2))
    return tuple(
        Contrast(name, (name,), tuple(g for g in groups if g != name), name, OTHERS)
        for name in groups
    )


def named(name: str, sides: Any, groups: Sequence[str]) -> Contrast:
    """Return a contrast that the caller has made."""
    try:
        first, second = sides
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The contrast {name!r} needs two sides, as (['ulm', 'hamburg'], ['pune'])."
        ) from error
    own = [(side,) if isinstance(side, str) else tuple(map(str, side)) for side in (first, second)]
    unknown = sorted({g for side in own for g in side} - set(groups))
    if unknown:
        raise DataError(
            f"The contrast {name!r} names {', '.join(unknown)}; the groups are {', '.join(groups)}."
        )
    both = sorted(set(own[0]) & set(own[1]))
    if both or not all(own):
        problem = f"has {', '.join(both)} on both sides" if both else "has an empty side"
        raise DataError(f"The contrast {name!r} {problem}.")
    return Contrast(name, own[0], own[1], "+".join(own[0]), "+".join(own[1]))


def together(contrasts: Sequence[Contrast]) -> list[list[int]]:
    """Return which contrasts are searched in one model: each group against all others.

    Any other contrast has a model of the groups it names, and of nobody else.
    """
    jointly = [at for at, one in enumerate(contrasts) if one.label_b == OTHERS]
    alone = [[at] for at, one in enumerate(contrasts) if one.label_b != OTHERS]
    return ([jointly] if jointly else []) + alone


def members_of(contrasts: Sequence[Contrast], groups: Sequence[str]) -> BoolArray:
    """Return which groups are on the first side of each contrast, (contrast, group)."""
    return np.array([[name in one.side_a for name in groups] for one in contrasts], dtype=bool)
