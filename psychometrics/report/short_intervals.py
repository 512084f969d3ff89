"""The mark beside intervals that are known to hold the true value less often than they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psychometrics.plots.labels import records
from psychometrics.plots.numerals import interval, is_missing, number
from psychometrics.report.source import Source
from psychometrics.report.wording import label, say
from psychometrics.validity.coverage import coverage, told_short

Row = Mapping[str, Any]

MARK = label("flag.short_interval")
# Tables whose rows claims rest on: the columns of their subject, and that of their statistic.
CLAIMED: dict[str, tuple[tuple[str, ...], str | None]] = {
    "reliability": (("scale",), "coefficient"),
    "discriminant": (("scale_a", "scale_b"), None),
    "htmt": (("scale_a", "scale_b"), "variant"),
}
LATENT = "correlation"

Key = tuple[str, str, str]


def with_mark(row: Row | None, text: str) -> str:
    """Return the text of an interval, marked where the row says that it is known to be short."""
    if row is None or is_missing(row.get("low")) or not told_short(row.get("method")):
        return text
    return f"{text} {MARK}"


def marked(row: Row) -> str:
    """Write the estimate of a row with its interval and, where it is short, the mark."""
    return with_mark(row, interval(row.get("estimate"), row.get("low"), row.get("high")))


def mark_note(cells: Iterable[Mapping[str, str]]) -> str:
    """Say what the mark means, for a table that holds one; else nothing."""
    if not any(text.endswith(MARK) for row in cells for text in row.values()):
        return ""
    return say("note.short_interval", enough=number(coverage().enough, 0))


def short_claims(source: Source) -> set[Key]:
    """Return subject, statistic and pooling of the numbers whose intervals are short."""
    found = set()
    for name, (about, statistic) in CLAIMED.items():
        for row in records(source.frame(name)):
            if not is_missing(row["low"]) and told_short(row["method"]):
                subject = "|".join(str(row[key]) for key in about)
                named = LATENT if statistic is None else str(row[statistic])
                found.add((subject, named, str(row["pooling"])))
    return found
