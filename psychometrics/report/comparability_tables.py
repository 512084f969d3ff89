"""Tables on whether groups may be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychometrics.plots.labels import grouped, records, unique
from psychometrics.plots.numerals import (
    NOTHING,
    count,
    interval,
    is_missing,
    number,
    p_value,
    percent,
)
from psychometrics.report.section_tables import heads, notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, label, say
from psychometrics.validity.alignment import LEAST_CORRELATION, MOST_DIFFERENT

Row = dict[str, Any]
DOWNLOADS = (
    "comparability", "invariance", "invariance_parameters", "invariance_effects", "latent_means",
    "alignment", "congruence",
)  # fmt: skip
CONGRUENT = 0.95
"""From here on factors count as equal; Lorenzo-Seva and ten Berge (2006)."""


def rows_of(source: Source, name: str, grouping: str) -> list[Row]:
    """Return the rows of a table about one grouping."""
    return records(source.part(name, grouping=grouping))


def group_columns(source: Source, rows: list[Row]) -> dict[str, str]:
    """Return the groups of some rows with their names, sites in the order of the definition."""
    present = unique(row["group"] for row in rows if not is_missing(row["group"]))
    order = [key for key in source.labels.sites if key in present]
    return {key: source.labels.site(key) for key in dict.fromkeys([*order, *present])}


def model_name(source: Source, model: object) -> str:
    """Return the name of a model: all scales together, or one of them."""
    key, _, ordered = str(model).partition(", ")
    name = source.labels.scale(key) if key in source.scales else label("all_scales")
    return say("model.ordered", model=name) if ordered else name


def verdict_table(source: Source, grouping: str) -> Table | None:
    """Return what may be compared, scale by scale and group by group."""
    rows = [row for row in rows_of(source, "comparability", grouping)
            if not is_missing(row["group"])]  # fmt: skip
    columns = group_columns(source, rows)
    if not columns:
        return None
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(source.labels.scale(row["scale"]), {})[str(row["group"])] = row
    made = matrix(
        [("", name, values) for name, values in found.items()],
        columns,
        lambda row: NOTHING if row["may_compare"] == "unavailable"
        else label(f"may_compare.{row['may_compare']}"),
    )  # fmt: skip
    labels = {"name": label("scale"), **columns}
    return made.table(
        f"tab-comparability-{grouping}", CAPTIONS["comparability"], labels,
        left=frozenset(columns), notes=notes(source, say("note.comparability")),
    )  # fmt: skip


def ladder_table(source: Source, grouping: str) -> Table | None:
    """Return the fit of every level, and what it adds to misfit."""
    made = Rows()
    rows = rows_of(source, "invariance", grouping)
    tested = any(not is_missing(row["permutation_p"]) for row in rows)
    for row in rows:
        change = number(row["delta_cfi"], 3)
        if not is_missing(row["critical_cfi"]) and not is_missing(row["delta_cfi"]):
            change = say("compare.change", change=change, limit=number(row["critical_cfi"], 3))
        made.add(
            {
                "group": model_name(source, row["model"]),
                "level": label(f"level.{row['level']}"),
                "n_obs": count(row["n_obs"]),
                "chi2": _with_df(row["chi2"], row["df"]),
                "cfi": number(row["cfi"], 3),
                "rmsea": number(row["rmsea"], 3),
                "srmr": number(row["srmr"], 3),
                "delta_chi2": _with_df(row["delta_chi2"], row["delta_df"]),
                "delta_p": p_value(row["delta_p"]),
                "permutation_p": p_value(row["permutation_p"]),
                "delta_cfi": change,
                "verdict": label(f"found.{row['verdict']}"),
            },
            reason=row["reason"],
        )
    columns = heads("level", "n_obs", "chi2", "cfi", "rmsea", "srmr", "delta_chi2", "delta_p")
    columns |= heads(*(["permutation_p"] if tested else []), "delta_cfi", "verdict")
    told = notes(
        source,
        say("note.ladder_permuted" if tested else "note.ladder"),
        *methods_note(source.part("invariance", grouping=grouping).assign(about="invariance"),
                      "about", label),
    )  # fmt: skip
    return made.table(
        f"tab-invariance-{grouping}", CAPTIONS["invariance"], columns, group="group",
        left=frozenset({"verdict"}), notes=told,
    )  # fmt: skip


def _with_df(statistic: object, df: object) -> str:
    return NOTHING if is_missing(statistic) else f"{number(statistic)} ({count(df)})"


def item_table(source: Source, grouping: str) -> Table | None:
    """Return the items that work differently in a group, by their score tests and effects."""
    effects = {
        (str(row["item"]), str(row["group"])): row
        for row in rows_of(source, "invariance_effects", grouping)
        if not is_missing(row["item"])
    }
    made = Rows()
    for row in rows_of(source, "invariance_parameters", grouping):
        if is_missing(row["group"]) or not (row["flag"] is True or row["freed"] is True):
            continue
        effect = effects.get((str(row["item"]), str(row["group"])), {})
        made.add(
            {
                "group": source.labels.scale(row["scale"]),
                "item": str(row["item"]),
                "place": source.labels.site(row["group"]),
                "parameter": label(f"parameter.{row['parameter']}"),
                "change": number(row["epc"]),
                "p_adjusted": p_value(row["p_adjusted"]),
                "signed": number(effect.get("signed", float("nan"))),
                "bias": interval(*(effect.get(key, float("nan")) for key in
                                   ("bias", "low", "high"))),
                "freed": label("yes" if row["freed"] is True else "no"),
                "text": source.labels.item(row["item"]),
            }
        )  # fmt: skip
    if not made.rows:
        return None
    columns = heads("item", "place", "parameter", "change", "p_adjusted", "freed", "signed", "bias",
                    "text")  # fmt: skip
    return made.table(
        f"tab-invariance-items-{grouping}", CAPTIONS["invariance_items"], columns, group="group",
        left=frozenset({"place", "parameter", "text"}), notes=notes(source, say("note.epc")),
    )  # fmt: skip


def mean_table(source: Source, grouping: str) -> Table | None:
    """Return factor means by the partial scalar model and by alignment."""
    rows = rows_of(source, "latent_means", grouping)
    columns = group_columns(source, rows)
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        line = (source.labels.scale(row["scale"]), label(f"means.{row['statistic']}"))
        found.setdefault(line, {})[str(row["group"])] = row
    made = matrix(
        [(scale, how, values) for (scale, how), values in found.items()],
        columns,
        lambda row: interval(row["estimate"], row["low"], row["high"]),
    )
    frame = source.part("latent_means", grouping=grouping)
    told = notes(
        source,
        say("note.latent_means"),
        *methods_note(frame.assign(about="means." + frame["statistic"].astype(str)), "about",
                      label),
    )  # fmt: skip
    return made.table(
        f"tab-latent-means-{grouping}", CAPTIONS["latent_means"],
        {"name": label("statistic"), **columns}, group="group", notes=told,
    )  # fmt: skip


def alignment_table(source: Source, grouping: str) -> Table | None:
    """Return how well alignment did, scale by scale."""
    rows = [row for row in rows_of(source, "alignment", grouping)
            if row["pooling"] == "total" and not is_missing(row["scale"])]  # fmt: skip
    made = Rows()
    for scale, own in grouped(rows, "scale").items():
        values = {str(row["statistic"]): row for row in own}
        recovery = values.get("recovery", {})
        made.add(
            {
                "scale": source.labels.scale(scale),
                **{key: number(values.get(key, {}).get("estimate", float("nan")))
                   for key in ("r2_loadings", "r2_intercepts")},
                "share_different": _marked(values.get("share_different", {}), 2,
                                           lambda value: value <= MOST_DIFFERENT),
                "recovery": _marked(recovery, 3, lambda value: value >= LEAST_CORRELATION),
            }
        )  # fmt: skip
    if not made.rows:
        return None
    columns = heads("scale", "r2_loadings", "r2_intercepts", "share_different", "recovery")
    told = say("note.alignment", most=percent(MOST_DIFFERENT), least=number(LEAST_CORRELATION))
    return made.table(
        f"tab-alignment-{grouping}", CAPTIONS["alignment"], columns,
        notes=notes(source, told),
    )  # fmt: skip


def _marked(row: Row, digits: int, meets: Callable[[float], bool]) -> str:
    """Write a value with the mark of its rule of thumb."""
    if is_missing(row.get("estimate")):
        return NOTHING
    value = float(row["estimate"])
    return f"{number(value, digits)} {'✓' if meets(value) else '✗'}"


def congruence_table(source: Source, grouping: str) -> Table | None:
    """Return how alike each group's loadings are to those of all groups."""
    rows = [dict(row) | {"group": row["group_a"]}
            for row in rows_of(source, "congruence", grouping)
            if row["group_b"] == "within"]  # fmt: skip
    columns = group_columns(source, rows)
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(source.labels.scale(row["scale"]), {})[str(row["group"])] = row
    if not found:
        return None
    made = matrix(
        [("", name, values) for name, values in found.items()],
        columns,
        lambda row: interval(row["estimate"], row["low"], row["high"]),
    )
    told = notes(source, say("note.congruence", cutoff=number(CONGRUENT)))
    return made.table(
        f"tab-congruence-{grouping}", CAPTIONS["congruence"],
        {"name": label("scale"), **columns}, notes=told,
    )  # fmt: skip
