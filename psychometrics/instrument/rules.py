"""What only the whole of a definition can tell: whether its parts fit together.

Each rule is a generator over a :class:`Draft` that yields every :class:`Problem` of its kind. A
draft lacks the parts that were faulty themselves, so that one fault doesn't hide the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from psychometrics.errors import Severity
from psychometrics.messages import english

if TYPE_CHECKING:
    from psychometrics.instrument.definition import Instrument
    from psychometrics.instrument.parts import (
        Comparator,
        DistinctPair,
        HigherOrder,
        Hypothesis,
        Item,
        KnownGroups,
        ResponseSet,
        Scale,
        Site,
    )

Path = tuple[str | int, ...]

COLUMN_ROLES = (
    "site",
    "language",
    "form_version",
    "mode",
    "respondent",
    "cluster",
    "wave",
    "role",
    "weight",
    "duration",
    "started",
    "ended",
)
"""What a column of a data file can be besides an item or a comparator."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: its code, the path to it in the definition, and what its sentence needs."""

    code: str
    path: Path
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "error"

    @property
    def message(self) -> str:
        """The English sentence."""
        return english(self.code, self.params)

    @property
    def place(self) -> str:
        """The path as text, such as scales.training.items."""
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The sound parts of a definition, and every key it declares, sound or not.

    The lists of a definition are mappings by position here, since a faulty part leaves a gap.
    """

    source_locale: str | None
    response_sets: Mapping[str, ResponseSet]
    items: Mapping[str, Item]
    scales: Mapping[str, Scale]
    higher_order: Mapping[str, HigherOrder]
    comparators: Mapping[str, Comparator]
    sites: Mapping[str, Site]
    distinct_pairs: Mapping[int, DistinctPair]
    hypotheses: Mapping[int, Hypothesis]
    known_groups: Mapping[int, KnownGroups]
    columns: Mapping[str, str]
    retired_keys: tuple[str, ...]
    declared: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, instrument: Instrument) -> Draft:
        """Return the draft of a whole instrument."""
        sections = ("response_sets", "items", "scales", "higher_order", "comparators", "sites")
        return cls(
            source_locale=instrument.source_locale,
            **{name: getattr(instrument, name) for name in sections},
            distinct_pairs=dict(enumerate(instrument.distinct_pairs)),
            hypotheses=dict(enumerate(instrument.hypotheses)),
            known_groups=dict(enumerate(instrument.known_groups)),
            columns=instrument.columns,
            retired_keys=instrument.retired_keys,
            declared={name: tuple(getattr(instrument, name)) for name in sections},
        )


Rule = Callable[[Draft], Iterator[Problem]]


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return a sentence that offers the closest known word, or lists the known ones if few.

    Examples
    --------
    >>> did_you_mean("trainning_1", ["training_1", "culture_1"])
    ' Did you mean training_1?'
    """
    words = list(known)
    lowered = {each.lower(): each for each in words}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=cutoff)
    if close:
        return f" Did you mean {lowered[close[0]]}?"
    if words and len(words) <= 12:
        return f" There are: {', '.join(words)}."
    return ""


def problems(draft: Draft) -> Iterator[Problem]:
    """Yield every fault in how the parts of a definition fit together."""
    from psychometrics.instrument import rules_expectations, rules_parts

    for rule in (*rules_parts.RULES, *rules_expectations.RULES):
        yield from rule(draft)
