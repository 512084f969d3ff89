"""The plan as a section: its hash, what was done otherwise, and every part of it."""

from __future__ import annotations

import pandas as pd

from psychometrics.plots.labels import records
from psychometrics.plots.numerals import NOTHING, interval, p_value
from psychometrics.report.blocks import Section, details, downloads, section, table, words
from psychometrics.report.section_tables import heads, notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table
from psychometrics.report.wording import CAPTIONS, bdi, label, say, say_html
from psychometrics.validity.deviations import deviations


def plan_section(source: Source) -> Section:
    """Return the section on the plan; without blocks where there was none."""
    frame = source.frame("plan")
    plan = getattr(source.study, "frozen", None)
    if plan is None or frame.empty:
        return section("plan", [])
    otherwise = deviations(frame)
    lead = say_html(
        "lead.plan",
        date=plan.date.isoformat(),
        by=bdi(plan.by),
        hash=plan.hash,
        count=len(otherwise),
    )
    return section(
        "plan",
        [
            words(lead),
            table(_table(otherwise, "tab-deviations", CAPTIONS["deviations"])),
            details(say("table.all"), [table(_table(frame, "tab-plan", CAPTIONS["plan"]))]),
            words(say("note.plan")),
            table(_contrasts(source)),
            table(_effects(source)),
            downloads(source, "plan", *_held(source)),
        ],
    )


def _held(source: Source) -> list[str]:
    return [name for name in ("contrasts", "exclusions") if not source.frame(name).empty]


def _contrasts(source: Source) -> Table | None:
    """Return the comparisons of sites that were planned."""
    frame = source.frame("contrasts")
    if frame.empty:
        return None
    made = Rows()
    for row in records(frame):
        sites = (source.name("site", row[side]) for side in ("group_a", "group_b"))
        made.add(
            {
                "group": " \N{EN DASH} ".join(sites),
                "scale": source.labels.scale(str(row["scale"])),
                "difference": interval(row["difference"], row["low"], row["high"]),
                "p_value": p_value(row["p_value"]),
                "p_adjusted": p_value(row["p_adjusted"]),
            },
            reason=row["reason"],
        )
    columns = heads("scale", "difference", "p_value", "p_adjusted")
    told = notes(source, say("note.contrasts", coefficient=label(frame["coefficient"].iloc[0])))
    return made.table(
        "tab-contrasts", CAPTIONS["contrasts"], columns, group="group", notes=told,
        left=frozenset({"scale"}),
    )  # fmt: skip


def _effects(source: Source) -> Table | None:
    """Return what exclusions did to the claims; every other number is in the download."""
    frame = source.frame("exclusions")
    if frame.empty:
        return None
    made = Rows()
    for row in records(frame[frame["table"] == "claims"]):
        name, _, subject = str(row["subject"]).partition("|")
        made.add(
            {
                "group": label(name),
                "subject": subject.replace("|", " \N{EN DASH} "),
                "statistic": label(row["statistic"]),
                "with_all": interval(row["estimate_all"], row["low_all"], row["high_all"]),
                "verdict_all": label(row["verdict_all"]) if row["verdict_all"] else NOTHING,
                "without": interval(row["estimate"], row["low"], row["high"]),
                "verdict": label(row["verdict"]) if row["verdict"] else NOTHING,
            }
        )
    columns = heads("subject", "statistic", "with_all", "verdict_all", "without", "verdict")
    told = notes(source, say("note.exclusions"))
    return made.table(
        "tab-exclusions", CAPTIONS["exclusions"], columns, group="group", notes=told,
        left=frozenset({"subject", "statistic"}),
    )  # fmt: skip


def _table(frame: pd.DataFrame, id: str, caption: str) -> Table:
    """Return parts of the plan beside what was done."""
    made = Rows()
    for row in records(frame):
        made.add(
            {
                "part": label(row["part"]),
                "planned": row["planned"] or NOTHING,
                "done": row["done"] or NOTHING,
                "status": label(f"plan.{row['status']}"),
            }
        )
        if str(row["note"]):
            made.reasons[len(made.rows) - 1, "status"] = str(row["note"])
    left = frozenset({"planned", "done", "status"})
    return made.table(id, caption, heads("part", "planned", "done", "status"), left=left)
