"""Which columns of a study's tables readers see, and how each cell is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from psychometrics.plots.labels import (
    Labels,
    Place,
    by_place,
    grouped,
    place_of,
    places,
    records,
)
from psychometrics.plots.numerals import (
    NOTHING,
    bounds,
    count,
    interval,
    is_missing,
    number,
    percent,
)
from psychometrics.report.claims import Claim
from psychometrics.report.short_intervals import mark_note, marked
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, label, say

Row = dict[str, Any]


def heads(*keys: str) -> dict[str, str]:
    """Return the labels of some columns, in order."""
    return {key: label(key) for key in keys}


def in_order(result: pd.DataFrame | list[Row], labels: Labels) -> list[tuple[Place, Row]]:
    """Return the rows of a result with their places, pooled ones first."""
    every = records(result)
    order = {place: at for at, place in enumerate(places(every, labels))}
    pairs = [(place_of(row["pooling"], row["group"]), row) for row in every]
    return sorted(pairs, key=lambda pair: order[pair[0]])


def place_name(source: Source, place: Place) -> str:
    """Return the name of a place."""
    return source.name(place.pooling, place.group)


def notes(source: Source, *sentences: str) -> tuple[str, ...]:
    """Return the notes of a table, with the one on simulated answers first."""
    return (*source.caption_note(), *(text for text in sentences if text))


def sample_table(source: Source) -> Table | None:
    """Return who answered, by site."""
    frame = source.frame("sample")
    if frame.empty:
        return None
    made = Rows()
    for place, row in in_order(frame, source.labels):
        gone = place.pooling == "site" and is_missing(row["n_rows"])
        cells = {
            "place": place_name(source, place),
            "n_rows": count(row["n_rows"]),
            "n_complete": count(row["n_complete"]),
            "n_partial": count(row["n_partial"]),
            "n_empty": count(row["n_empty"]),
            "missing_share": percent(row["missing_share"], 1),
            "structural_share": percent(row["structural_share"], 1),
        }
        if gone and row.get("reason") == say("withheld.small", minimum=source.protected.minimum):
            cells["n_rows"] = say("withheld.fewer", minimum=source.protected.minimum)
        made.add(cells, reason=row.get("reason"), strong=place.pooled)
    columns = heads("place", "n_rows", "n_complete", "n_partial", "n_empty")
    columns |= heads("missing_share", "structural_share")
    return made.table("tab-sample", CAPTIONS["sample"], columns, notes=notes(source))


def forms_table(source: Source) -> Table | None:
    """Return in which language and mode people answered, one column a place."""
    every = records(source.frame("sample_forms"))
    if not every:
        return None
    columns = {_column(place): place_name(source, place) for place in places(every, source.labels)}
    lines = []
    for variable, rows in grouped(every, "variable").items():
        for own in grouped(rows, "value").values():
            value = own[0]["value"]
            told = say("not_known") if is_missing(value) else str(value)
            lines.append((label(variable), told, {_column(_place(row)): row for row in own}))
    made = matrix(lines, columns, _part_of_place)
    heading = {"name": "", **columns}
    return made.table(
        "tab-sample-forms", CAPTIONS["sample_forms"], heading, group="group", notes=notes(source),
        explained=frozenset({"group"}),
    )  # fmt: skip


def _place(row: Row) -> Place:
    return place_of(row["pooling"], row["group"])


def _column(place: Place) -> str:
    return f"at:{place.pooling}:{place.group or ''}"


def _part_of_place(row: Row) -> str:
    return say("count_of", count=count(row["n_rows"]), share=percent(row["share"], 1))


def findings_table(source: Source) -> Table | None:
    """Return what was noticed in the data, without rows, cells or people."""
    frame = source.frame("findings")
    made = Rows()
    for row in records(frame):
        made.add(
            {
                "severity": label(row["severity"]),
                "where": str(row["where"]),
                "message": str(row["message"]),
                "count": "" if is_missing(row.get("count")) else count(row["count"]),
            }
        )
    columns = heads("severity", "where", "message", "count")
    left = frozenset({"where", "message"})
    return made.table("tab-findings", CAPTIONS["findings"], columns, left=left, notes=notes(source))


ITEM_COLUMNS = ("n_obs", "missing", "mean", "sd", "skew", "floor", "ceiling", "item_rest")

WITHOUT = ("alpha_if_deleted", "omega_if_deleted")


def items_table(source: Source) -> Table | None:
    """Return the statistics of each item over all answers."""
    frame = source.frame("items")
    if frame.empty:
        return None
    present = set(frame["pooling"])
    pooling = next((key for key in ("total", "within", "site") if key in present), "total")
    made = Rows()
    for row in records(frame[frame["pooling"] == pooling]):
        cells = {
            "group": source.labels.scale(row["scale"]),
            "item": str(row["item"]),
            "text": source.labels.item(row["item"]),
        }
        for key in (*ITEM_COLUMNS, *WITHOUT):
            cells[key] = _item_cell(key, row.get(key))
        made.add(cells, reason=row.get("reason"))
    columns = heads("item", "text", *ITEM_COLUMNS, *WITHOUT)
    caption = CAPTIONS["items"].format(place=source.name(pooling, None).lower())
    return made.table(
        "tab-items",
        caption,
        columns,
        group="group",
        left=frozenset({"text"}),
        notes=notes(source, say("note.items")),
    )


def _item_cell(key: str, value: object) -> str:
    """Write one statistic of an item."""
    if key == "n_obs":
        return count(value)
    if key in {"missing", "floor", "ceiling"}:
        return percent(value, 1 if key == "missing" else 0)
    return number(value)


def item_rest_table(source: Source) -> Table | None:
    """Return the item-rest correlation of each item, by site."""
    frame = source.part("items", pooling="site")
    if frame.empty or len(source.sites) < 2:
        return None
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in records(frame):
        line = (source.labels.scale(row["scale"]), str(row["item"]))
        found.setdefault(line, {})[str(row["group"])] = row
    made = matrix(
        [(group, name, values) for (group, name), values in found.items()],
        source.labels.sites,
        lambda row: number(row["item_rest"]),
    )
    columns = {"name": label("item"), **source.labels.sites}
    caption = CAPTIONS["item_rest"]
    return made.table("tab-item-rest", caption, columns, group="group", notes=notes(source))


def reliability_table(source: Source) -> Table | None:
    """Return alpha and omega of each scale, pooled and by site."""
    frame = source.frame("reliability")
    if frame.empty:
        return None
    every = records(frame)
    coefficients = list(grouped(every, "coefficient"))
    made = Rows()
    for scale, part in grouped(every, "scale").items():
        same = grouped(part, "coefficient")
        found = {key: by_place(same.get(key, [])) for key in coefficients}
        for place in places(part, source.labels):
            cells = {"group": source.labels.scale(scale), "place": place_name(source, place)}
            reason: object = None
            for key in coefficients:
                row = found[key].get(place, {})
                cells[key] = marked(row)
                cells[f"n_{key}"] = count(row.get("n_obs"))
                reason = row.get("reason") if is_missing(reason) else reason
            made.add(cells, reason=reason, strong=place.pooled)
    columns = heads("place")
    for key in coefficients:
        columns |= {key: label(key), f"n_{key}": label("n_obs")}
    told = methods_note(frame, "coefficient", label)
    return made.table(
        "tab-reliability",
        CAPTIONS["reliability"],
        columns,
        group="group",
        notes=notes(source, say("note.interval", level=source.level), mark_note(made.rows), *told),
    )


def heterogeneity_table(source: Source) -> Table | None:
    """Return how much the coefficients differ between sites."""
    frame = source.part("reliability", pooling="meta")
    if frame.empty or "i2" not in frame:
        return None
    made = Rows()
    for row in records(frame):
        cells = {
            "group": source.labels.scale(row["scale"]),
            "statistic": label(row["coefficient"]),
            "estimate": interval(row["estimate"], row["low"], row["high"]),
            "n_groups": count(row.get("n_groups")),
            "i2": percent(row["i2"]),
            "prediction": NOTHING,
        }
        if not is_missing(row["prediction_low"]):
            cells["prediction"] = bounds(row["prediction_low"], row["prediction_high"])
        made.add(cells, reason=row["reason"])
    columns = heads("statistic", "estimate", "n_groups", "i2", "prediction")
    told = notes(source, say("note.heterogeneity", level=source.level))
    return made.table(
        "tab-heterogeneity",
        CAPTIONS["heterogeneity"],
        columns,
        group="group",
        notes=told,
        explained=frozenset({"statistic"}),
    )


def settings_table(source: Source) -> Table | None:
    """Return seed, versions, hashes and treatments."""
    made = Rows()
    for row in records(source.frame("settings")):
        made.add({"name": str(row["name"]), "value": str(row["value"])})
    left = frozenset({"value"})
    columns = {"name": label("name"), "value": label("setting")}
    return made.table("tab-settings", CAPTIONS["settings"], columns, left=left, notes=notes(source))


def claims_table(source: Source, claims: Iterable[Claim]) -> Table:
    """Return every claim with what it rests on."""
    made = Rows()
    for claim in claims:
        sites = claim.sites
        counts = NOTHING
        if sites is not None:
            parts = (
                sites.supported,
                sites.not_supported,
                sites.undecided,
                sites.unavailable,
            )
            counts = " / ".join(str(part) for part in parts)
        made.add(
            {
                "group": label(claim.property),
                "subject": claim.subject,
                "statistic": claim.statistic,
                "verdict": label(claim.verdict),
                "value": claim.value,
                "n_obs": claim.n_obs or NOTHING,
                "pooling": source.name(claim.pooling, None),
                "criterion": claim.criterion,
                "sites": counts,
            },
            reason=claim.reason,
        )
    columns = heads("subject", "statistic", "value", "n_obs", "pooling", "verdict", "sites")
    columns |= heads("criterion")
    left = frozenset({"statistic", "verdict", "pooling", "criterion"})
    told = notes(source, say("note.interval", level=source.level), mark_note(made.rows))
    return made.table(
        "tab-claims",
        CAPTIONS["claims"],
        columns,
        group="group",
        left=left,
        notes=told,
        explained=frozenset({"group", "statistic", "pooling"}),
    )
