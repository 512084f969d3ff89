"""What models do with missing answers, and what complete rows alone would give, on the page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from psychometrics.plots.labels import grouped, records
from psychometrics.plots.numerals import NOTHING, count, is_missing, number, p_value, percent
from psychometrics.report.section_tables import heads, in_order, notes, place_name
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table
from psychometrics.report.wording import CAPTIONS, label, say, say_html

Row = dict[str, Any]

ALL = "correlated_factors"
TREATED = {
    "fiml": "missing.fiml",
    "listwise": "missing.listwise",
    "nothing_missing": "missing.nothing_missing",
}


def missing_words(source: Source) -> list[Markup]:
    """Say who the models use, and how many people complete rows would have lost."""
    frame = source.frame("missing")
    rows = [row for row in records(frame) if row["model"] == ALL and row["pooling"] == "total"]
    if not rows or is_missing(rows[0]["lost"]) or is_missing(rows[0]["n_obs"]):
        return []
    row = rows[0]
    told = [
        say_html(
            TREATED[str(row["treatment"])],
            n=count(row["n_obs"]),
            complete=count(row["n_complete"]),
            lost=percent(row["lost"]),
        )
    ]
    if not is_missing(row["width_listwise"]) and row["treatment"] == "fiml":
        wider = float(row["width_listwise"]) / float(row["width"])
        told.append(say_html("missing.width", ratio=number(wider, 2)))
    if float(row["n_empty"]) > 0:
        told.append(say_html("missing.empty", n=count(row["n_empty"])))
    return told


def missing_table(source: Source) -> Table | None:
    """Return who each model uses, by place, beside what complete rows would give."""
    frame = source.frame("missing")
    if frame.empty:
        return None
    made = Rows()
    for model, rows in grouped(frame, "model").items():
        name = label(model) if model == ALL else source.labels.scale(model)
        for place, row in in_order(rows, source.labels):
            cells = {
                "group": say("table.missing_model", model=name, statistic=label(row["statistic"])),
                "place": place_name(source, place),
                "n_obs": count(row["n_obs"]),
                "n_complete": count(row["n_complete"]),
                "lost": NOTHING if is_missing(row["lost"]) else percent(row["lost"]),
                "estimate": number(row["estimate"]),
                "width": number(row["width"]),
                "estimate_listwise": number(row["estimate_listwise"]),
                "width_listwise": number(row["width_listwise"]),
                "little_p": p_value(row["little_p"]),
            }
            made.add(cells, reason=row.get("reason"), strong=place.pooled)
    columns = heads(
        "place", "n_obs", "n_complete", "lost", "estimate", "width", "estimate_listwise",
        "width_listwise", "little_p",
    )  # fmt: skip
    told = notes(source, say("note.missing_models", level=source.level))
    return made.table("tab-missing", CAPTIONS["missing"], columns, group="group", notes=told)
