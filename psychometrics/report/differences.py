"""Differences of reliability between sites: all at once, and two by two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychometrics.plots.labels import grouped, records
from psychometrics.plots.numerals import (
    NOTHING,
    count,
    interval,
    is_missing,
    number,
    p_value,
)
from psychometrics.report.section_tables import heads, notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, label, listed, say

Row = dict[str, Any]

SIGNIFICANCE = 0.05
"""Test size at which a difference is marked; the p-values themselves are in the tables."""


def differ(row: Row, p: str = "p_value") -> bool:
    """Tell whether a test says that sites differ."""
    return not is_missing(row[p]) and float(row[p]) < SIGNIFICANCE


def differences_table(source: Source) -> Table | None:
    """Return the test that all sites share one value, for each scale and coefficient."""
    frame = source.part("reliability_differences", comparison="all")
    made = Rows()
    for row in records(frame):
        made.add(
            {
                "group": source.labels.scale(row["scale"]),
                "statistic": label(row["coefficient"]),
                "n_groups": count(row["n_groups"]),
                "n_obs": count(row["n_obs"]),
                "test_statistic": _with_df(row),
                "p_value": p_value(row["p_value"]),
            },
            reason=row["reason"],
        )
    columns = heads("statistic", "n_groups", "n_obs", "test_statistic", "p_value")
    told = methods_note(frame, "coefficient", label)
    caption = CAPTIONS["differences"]
    return made.table(
        "tab-differences",
        caption,
        columns,
        group="group",
        notes=notes(source, *told),
        explained=frozenset({"statistic"}),
    )


def _with_df(row: Row) -> str:
    """Write a test statistic with its degrees of freedom."""
    if is_missing(row["statistic"]):
        return NOTHING
    return f"{number(row['statistic'])} ({count(row['df'])})"


def pairs_table(source: Source) -> Table | None:
    """Return the differences of pairs of sites, one column a scale."""
    frame = source.part("reliability_differences", comparison="pair")
    every = records(frame)
    scales = {
        str(key): source.labels.scale(key) for key in dict.fromkeys(r["scale"] for r in every)
    }
    lines = [
        (label(part[0]["coefficient"]), _pair(source, part[0]), {str(r["scale"]): r for r in part})
        for part in grouped(every, "coefficient", "group_a", "group_b").values()
    ]
    made = matrix(lines, scales, _difference)
    told = notes(
        source,
        say("note.differences", level=source.level, significance=number(SIGNIFICANCE)),
        *methods_note(frame, "coefficient", label),
    )
    columns = {"name": label("pair_of_sites"), **scales}
    caption = CAPTIONS["difference_pairs"]
    return made.table(
        "tab-difference-pairs", caption, columns, group="group", notes=told,
        explained=frozenset({"group"}),
    )  # fmt: skip


def _pair(source: Source, row: Row) -> str:
    """Name two sites, the one that is taken from the other first."""
    names = (source.labels.site(row[side]) for side in ("group_a", "group_b"))
    return say("site_less_site", **dict(zip(("a", "b"), names, strict=True)))


def _difference(row: Row) -> str:
    """Write a difference with its interval, marked where it is one by the adjusted test."""
    told = interval(row["difference"], row["low"], row["high"])
    return f"{told} *" if differ(row, "p_adjusted") else told


def differences_told(source: Source) -> Iterator[str]:
    """Say of which scales sites differ in reliability; nothing where they weren't compared."""
    rows = records(source.part("reliability_differences", comparison="all"))
    tested = [row for row in rows if not is_missing(row["p_value"])]
    if not tested:
        return
    found = [
        say(
            "differences.one",
            scale=source.labels.scale(row["scale"]),
            coefficient=label(row["coefficient"]).lower(),
            p=_equals(p_value(row["p_value"])),
        )
        for row in tested
        if differ(row)
    ]
    if found:
        yield say("differences.some", scales=listed(found), tests=len(tested))
    else:
        yield say("differences.none", significance=number(SIGNIFICANCE), tests=len(tested))


def _equals(p: str) -> str:
    """Return a p-value as a sentence holds it: with its sign of comparison."""
    return p if p.startswith("<") else f"= {p}"
