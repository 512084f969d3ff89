"""Whether pairs are distinct, not distinct, or undecided: the decisions on the page."""

from __future__ import annotations

from collections import Counter
from typing import Any

from psychometrics.plots.labels import grouped, records
from psychometrics.plots.numerals import NOTHING, count, is_missing, number
from psychometrics.report.section_tables import notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.validity_tables import by_column, pair_name, place_columns
from psychometrics.report.wording import CAPTIONS, label, say

Row = dict[str, Any]

LEADING = ("correlation", 0.90)
"""Statistic and threshold that are told in the sentence, and at each site."""


def distinctness_table(source: Source, pooling: str) -> Table | None:
    """Return the decision on each pair, by each statistic and threshold."""
    frame = source.part("distinctness", pooling=pooling)
    every = records(frame)
    kinds = dict.fromkeys((str(row["statistic"]), float(row["threshold"])) for row in every)
    columns = {"subject": label("subject"), "n_obs": label("n_obs")}
    terms = {_kind(*kind): label(kind[0]) for kind in kinds}
    for statistic, limit in kinds:
        below = say("statistic_below", statistic=label(statistic), threshold=number(limit))
        columns[_kind(statistic, limit)] = below
    made = Rows()
    for rows in grouped(every, "scale_a", "scale_b").values():
        cells = {"subject": pair_name(source, rows[0]), "n_obs": count(rows[0]["n_obs"])}
        reasons = {}
        for row in rows:
            key = _kind(str(row["statistic"]), float(row["threshold"]))
            cells[key] = decision_word(row)
            if cells[key] == NOTHING and not is_missing(row["reason"]):
                reasons[len(made.rows), key] = str(row["reason"])
        made.add(cells)
        made.reasons |= reasons
    left = frozenset(_kind(*kind) for kind in kinds)
    told = notes(source, say("note.distinctness"), *methods_note(frame, "statistic", label))
    caption = CAPTIONS["distinctness"].format(place=source.name(pooling, None).lower())
    return made.table("tab-distinctness", caption, columns, left=left, notes=told, terms=terms)


def _kind(statistic: str, limit: float) -> str:
    return f"{statistic}:{limit:.2f}"


def decision_word(row: Row) -> str:
    """Return a decision as readers see it; a dash where there is none."""
    decision = str(row["decision"])
    return NOTHING if decision == "unavailable" else label(f"decision.{decision}")


def distinctness_sites_table(source: Source) -> Table | None:
    """Return the leading decision on each pair, one column a site."""
    every = [row for row in records(source.part("distinctness", pooling="site")) if _leads(row)]
    if not every:
        return None
    lines = [
        ("", pair_name(source, part[0]), by_column(part))
        for part in grouped(every, "scale_a", "scale_b").values()
    ]
    columns = place_columns(source, every)
    made = matrix(lines, columns, decision_word)
    heading = {"name": label("subject"), **columns}
    caption = CAPTIONS["distinctness_sites"].format(threshold=number(LEADING[1]))
    return made.table(
        "tab-distinctness-sites", caption, heading, left=frozenset(columns), notes=notes(source)
    )


def _leads(row: Row) -> bool:
    return (str(row["statistic"]), float(row["threshold"])) == LEADING


def distinctness_told(source: Source, pooling: str) -> str:
    """Count the decisions by the leading statistic; empty where there are none."""
    rows = [row for row in records(source.part("distinctness", pooling=pooling)) if _leads(row)]
    if not rows:
        return ""
    sizes = Counter(str(row["decision"]) for row in rows)
    named = ("distinct", "not_distinct", "undecided", "unavailable")
    return say(
        "distinctness.counted",
        pairs=len(rows),
        threshold=number(LEADING[1]),
        **{name: sizes[name] for name in named},
    )
