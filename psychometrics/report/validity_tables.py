"""Tables of structure, convergent and discriminant validity, hypotheses and known groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from psychometrics.plots.labels import Place, by_place, grouped, place_of, places, records, unique
from psychometrics.plots.numerals import (
    NOTHING,
    bounds,
    count,
    interval,
    is_missing,
    number,
    p_value,
)
from psychometrics.plots.text import clean
from psychometrics.report.criteria import fit_cutoffs, fit_numbers, passes
from psychometrics.report.section_tables import heads, in_order, notes, place_name
from psychometrics.report.short_intervals import mark_note, with_mark
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, SENTENCES, label, say
from psychometrics.validity.model_fit import judged_indices

Row = dict[str, Any]

RETEST_MODELS = (
    ("icc", "ICC(2,1)"),
    ("standard_error_of_measurement", "agreement"),
    ("smallest_detectable_change", "agreement, individual"),
)
"""Statistics of repeated scores that the page shows, with the model of each."""

LIMITS = ("mean_difference", "lower_limit", "upper_limit")
"""What is shown of two waves; of three or more every pair has its own, in the download."""


def fit_table(source: Source) -> Table | None:
    """Return the fit of each model, each index beside its own cut-off."""
    frame = judged_indices(source.frame("fit"))
    if frame.empty:
        return None
    made = Rows()
    for model, part in grouped(frame, "model").items():
        for place, row in in_order(part, source.labels):
            cells = {
                "group": label(model),
                "place": place_name(source, place),
                "n_obs": count(row["n_obs"]),
                "chi2": _with_df(row["chi2"], row["df"]),
                "p_value": p_value(row["p_value"]),
            }
            for index, criterion in fit_cutoffs(source.criteria).items():
                cells[index] = _marked(row, index, passes(criterion, row[index]))
            made.add(cells, reason=row["reason"], strong=place.pooled)
    columns = heads("place", "n_obs", "chi2", "p_value", "cfi", "tli", "rmsea", "srmr")
    told = notes(
        source,
        say("note.fit", **fit_numbers(source.criteria)),
        *methods_note(frame, "model", label),
    )
    explained = frozenset({"group"})
    return made.table(
        "tab-fit", CAPTIONS["fit"], columns, group="group", notes=told, explained=explained
    )


def _with_df(statistic: object, df: object) -> str:
    """Write a chi-square with its degrees of freedom."""
    if is_missing(statistic):
        return NOTHING
    return f"{number(statistic)} ({count(df)})"


def _marked(row: Row, index: str, passes: bool | None) -> str:
    """Write a fit index with the mark of its cut-off."""
    if passes is None:
        return NOTHING
    limits = ""
    if index == "rmsea" and not is_missing(row.get("rmsea_low")):
        limits = f" {bounds(row['rmsea_low'], row['rmsea_high'], 3)}"
    return f"{number(row[index], 3)}{limits} {'✓' if passes else '✗'}"


def unidimensionality_table(source: Source) -> Table | None:
    """Return how well one factor accounts for each scale."""
    frame = source.frame("unidimensionality")
    if frame.empty:
        return None
    made = Rows()
    for scale, part in grouped(frame, "scale").items():
        for place, row in in_order(part, source.labels):
            cells = {
                "group": source.labels.scale(scale),
                "place": place_name(source, place),
                "n_obs": count(row["n_obs"]),
                "alpha": number(row["alpha"]),
                "ecv": number(row["ecv"]),
                "chi2": _with_df(row["chi2"], row["df"]),
            }
            fitted = not is_missing(row["df"]) and float(row["df"]) > 0
            for index, criterion in fit_cutoffs().items():
                # Three items are fitted exactly, whatever they measure: that is no merit.
                met = passes(criterion, row[index]) if fitted else None
                cells[index] = _marked(row, index, met)
            made.add(cells, reason=row["reason"], strong=place.pooled)
    columns = heads("place", "n_obs", "alpha", "ecv", "chi2", "cfi", "tli", "rmsea", "srmr")
    told = notes(source, say("note.fit", **fit_numbers()))
    caption = CAPTIONS["unidimensionality"]
    return made.table("tab-unidimensionality", caption, columns, group="group", notes=told)


def retest_table(source: Source) -> Table | None:
    """Return how far people who answered again got the same scores."""
    frame = source.frame("retest")
    if frame.empty:
        return None
    made = Rows()
    for scale, part in grouped(frame, "scale").items():
        for place in places(part, source.labels):
            here = [row for row in part if place_of(row["pooling"], row["group"]) == place]
            cells = {"group": source.labels.scale(scale), "place": place_name(source, place)}
            cells["n_targets"] = count(here[0].get("n_targets"))
            pairs = {(row["rater_a"], row["rater_b"]) for row in here if _said(row["rater_a"])}
            for row in here:
                one = (str(row["statistic"]), str(row["model"]))
                shown = one in RETEST_MODELS or (one[0] in LIMITS and len(pairs) == 1)
                if shown:
                    key = one[1] if one[0] == "icc" else one[0]
                    cells[key] = interval(row["estimate"], row["low"], row["high"])
            why = next((row["reason"] for row in here if not is_missing(row["reason"])), None)
            made.add(cells, reason=why, strong=place.pooled)
    columns = {**heads("place", "n_targets"), "ICC(2,1)": label("icc_agreement")}
    columns |= heads(*(name for name, _ in RETEST_MODELS if name != "icc"), *LIMITS)
    told = notes(source, say("note.interval", level=source.level), say("note.retest"))
    return made.table("tab-retest", CAPTIONS["retest"], columns, group="group", notes=told)


def _said(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def group_means_table(source: Source) -> Table | None:
    """Return ICC(1), ICC(2) and agreement of each scale."""
    frame = source.frame("group_means")
    if frame.empty:
        return None
    made = Rows()
    for scale, part in grouped(frame, "scale").items():
        found = {key: by_place(rows) for key, rows in grouped(part, "statistic").items()}
        for place in places(part, source.labels):
            here = {key: rows.get(place, {}) for key, rows in found.items()}
            first = next(iter(here.values()))
            cells = {
                "group": source.labels.scale(scale),
                "place": place_name(source, place),
                "n_obs": count(first.get("n_obs")),
                "n_clusters": count(first.get("n_clusters")),
                "mean_size": number(first.get("mean_size"), 1),
            }
            for key, row in here.items():
                cells[key] = interval(row.get("estimate"), row.get("low"), row.get("high"))
            reasons = [row.get("reason") for row in here.values()]
            why = next((one for one in reasons if not is_missing(one)), None)
            made.add(cells, reason=why, strong=place.pooled)
    columns = heads("place", "n_obs", "n_clusters", "mean_size", "icc1", "icc2", "r_wg")
    told = notes(
        source,
        say("note.interval", level=source.level),
        *methods_note(frame, "statistic", label),
    )
    return made.table(
        "tab-group-means", CAPTIONS["group_means"], columns, group="group", notes=told
    )


def factorability_table(source: Source) -> Table | None:
    """Return sampling adequacy and Bartlett's test."""
    frame = source.frame("factorability")
    made = Rows()
    for place, row in in_order(frame, source.labels) if not frame.empty else []:
        made.add(
            {
                "place": place_name(source, place),
                "n_obs": count(row["n_obs"]),
                "kmo": number(row["kmo"]),
                "bartlett": _with_df(row["bartlett_chi2"], row["bartlett_df"]),
                "p_value": p_value(row["bartlett_p"]),
            },
            reason=row["reason"],
            strong=place.pooled,
        )
    columns = heads("place", "n_obs", "kmo", "bartlett", "p_value")
    return made.table("tab-factorability", CAPTIONS["factorability"], columns, notes=notes(source))


def by_column(rows: Iterable[Row]) -> dict[str, Row]:
    """Return rows by place, as a key that may name a column of a table."""
    return {_column(place_of(row["pooling"], row["group"])): row for row in rows}


def _column(place: Place) -> str:
    return f"at:{place.pooling}:{place.group or ''}"


def place_columns(source: Source, every: list[Row]) -> dict[str, str]:
    """Return one column for each place of some rows."""
    return {_column(place): place_name(source, place) for place in places(every, source.labels)}


def _interval_cell(row: Row) -> str:
    return interval(row["estimate"], row["low"], row["high"])


def loadings_table(source: Source) -> Table | None:
    """Return the loading of each item, one column a place."""
    frame = source.part("convergent", statistic="loading")
    if frame.empty:
        return None
    every = records(frame)
    lines = [
        (source.labels.scale(part[0]["scale"]), str(part[0]["item"]), by_column(part))
        for part in grouped(every, "scale", "item").values()
    ]
    columns = place_columns(source, every)
    made = matrix(lines, columns, _interval_cell)
    told = notes(
        source,
        say("note.interval", level=source.level),
        *methods_note(frame, "statistic", label),
    )
    heading = {"name": label("item"), **columns}
    return made.table("tab-loadings", CAPTIONS["loadings"], heading, group="group", notes=told)


def convergent_table(source: Source, *, sites: bool) -> Table | None:
    """Return variance extracted and composite reliability of each scale, pooled or by site."""
    frame = source.frame("convergent")
    if frame.empty:
        return None
    shown = ("ave", "composite_reliability")
    frame = frame[frame["statistic"].isin(shown)]
    made = Rows()
    for scale, part in grouped(frame, "scale").items():
        same = grouped(part, "statistic")
        found = {key: by_place(same.get(key, [])) for key in shown}
        for place in places(part, source.labels):
            if place.pooled == sites:
                continue
            cells = {"group": source.labels.scale(scale), "place": place_name(source, place)}
            rows = [found[key].get(place, {}) for key in shown]
            cells["n_obs"] = count(rows[0].get("n_obs"))
            for key, row in zip(shown, rows, strict=True):
                cells[key] = interval(row.get("estimate"), row.get("low"), row.get("high"))
            made.add(cells, reason=rows[0].get("reason"), strong=place.pooling == "within")
    told = notes(
        source,
        say("note.interval", level=source.level),
        *methods_note(frame, "statistic", label),
    )
    id = "tab-convergent-sites" if sites else "tab-convergent"
    columns = heads("place", "n_obs", *shown)
    return made.table(id, CAPTIONS["convergent"], columns, group="group", notes=told)


def correlations_table(source: Source) -> Table | None:
    """Return the correlation of each scale with each comparator, pooled."""
    frame = source.part("convergent", statistic="correlation")
    if frame.empty:
        return None
    frame = frame[frame["pooling"] != "site"]
    made = Rows()
    for part in grouped(frame, "comparator", "scale").values():
        found = {str(row["pooling"]): row for row in part}
        first = found.get("within") or part[0]
        cells = {
            "group": str(first["comparator"]),
            "name": source.labels.scale(first["scale"]),
            "n_obs": count(first["n_obs"]),
        }
        for key in ("within", "total", "meta"):
            row = found.get(key, {})
            cells[key] = interval(row.get("estimate"), row.get("low"), row.get("high"))
        made.add(cells, reason=first["reason"])
    columns = {"name": label("scale"), "n_obs": label("n_obs")}
    columns |= {key: source.name(key, None) for key in ("within", "total", "meta")}
    told = notes(
        source,
        say("note.interval", level=source.level),
        *comparator_notes(source, frame),
        *methods_note(frame, "statistic", lambda _: label("score_correlation")),
    )
    return made.table(
        "tab-correlations", CAPTIONS["correlations"], columns, group="group", notes=told
    )


def discriminant_table(
    source: Source, poolings: Iterable[str], id: str, *, tests: bool
) -> Table | None:
    """Return the indices of each pair of scales for some ways of pooling, with tests or without."""
    frame = source.frame("discriminant")
    if frame.empty:
        return None
    made = Rows()
    ratios = {_ratio_key(row, row["variant"]): row for row in records(source.frame("htmt"))}
    for pooling in poolings:
        for row in records(frame[frame["pooling"] == pooling]):
            cells = {"group": source.name(pooling, None), "subject": pair_name(source, row)}
            cells["n_obs"] = count(row["n_obs"])
            latent = interval(row["correlation"], row["low"], row["high"])
            cells["correlation"] = with_mark(row, latent)
            cells["class_"] = label(row["class_"])
            for key in ("htmt", "htmt2"):
                ratio = interval(row[key], row[f"{key}_low"], row[f"{key}_high"])
                cells[key] = with_mark(ratios.get(_ratio_key(row, key)), ratio)
            cells["chi2_difference"] = _with_df(row["chi2_difference"], row["df_difference"])
            cells["p_value"] = p_value(row["p_value"])
            cells["fornell_larcker"] = _yes_no(row["fornell_larcker"])
            made.add(cells, reason=row["reason"])
    columns = heads("subject", "n_obs", "correlation", "class_", "htmt", "htmt2")
    if tests:
        columns |= heads("chi2_difference", "p_value", "fornell_larcker")
    cutoffs = frame["cutoff"].dropna()
    cutoff = number(cutoffs.iloc[0] if len(cutoffs) else None)
    told = notes(
        source,
        say("note.interval", level=source.level),
        mark_note(made.rows),
        say("note.discriminant", cutoff=cutoff),
        *_discriminant_methods(source, frame[frame["pooling"].isin(poolings)]),
    )
    left = frozenset({"class_", "fornell_larcker"})
    return made.table(
        id, CAPTIONS["discriminant"], columns, group="group", left=left, notes=told,
        explained=frozenset({"group"}),
    )  # fmt: skip


def _ratio_key(row: Row, variant: object) -> tuple[str, ...]:
    """Return what the HTMT of a pair is about."""
    keys = ("scale_a", "scale_b", "pooling", "group")
    return (str(variant), *("" if is_missing(row[key]) else str(row[key]) for key in keys))


def _discriminant_methods(source: Source, frame: pd.DataFrame) -> tuple[str, ...]:
    """Say how correlations and ratios were made, and where their intervals are known to be off."""
    ratios = source.frame("htmt")
    ratios = ratios[ratios["pooling"].isin(frame["pooling"])]
    return (
        *methods_note(frame.assign(about="correlation"), "about", label),
        *methods_note(ratios, "variant", label),
    )


def _yes_no(value: object) -> str:
    return NOTHING if is_missing(value) else label("yes" if value else "no")


def pair_name(source: Source, row: Mapping[str, Any]) -> str:
    """Return the names of a pair of scales."""
    return say("pair", a=source.labels.scale(row["scale_a"]), b=source.labels.scale(row["scale_b"]))


def _latent_cell(row: Row) -> str:
    return with_mark(row, interval(row["correlation"], row["low"], row["high"]))


def discriminant_sites_table(source: Source) -> Table | None:
    """Return the latent correlation of each pair, one column a site."""
    frame = source.part("discriminant", pooling="site")
    if frame.empty:
        return None
    every = records(frame)
    lines = [
        ("", pair_name(source, part[0]), by_column(part))
        for part in grouped(every, "scale_a", "scale_b").values()
    ]
    columns = place_columns(source, every)
    made = matrix(lines, columns, _latent_cell)
    heading = {"name": label("subject"), **columns}
    told = notes(
        source,
        say("note.interval", level=source.level),
        mark_note(made.rows),
        *_discriminant_methods(source, frame),
    )
    return made.table("tab-discriminant-sites", CAPTIONS["discriminant_sites"], heading, notes=told)


def hypotheses_table(source: Source, *, sites: bool) -> Table | None:
    """Return what was expected of comparators and what was found, pooled or at each site."""
    frame = source.frame("hypotheses")
    if frame.empty:
        return None
    made = Rows()
    for part in grouped(frame, "hypothesis").values():
        for place, row in in_order(part, source.labels):
            if place.pooled == sites:
                continue
            made.add(
                {
                    "group": _expectation(source, row),
                    "place": place_name(source, place),
                    "n_obs": count(row["n_obs"]),
                    "estimate": interval(row["estimate"], row["low"], row["high"]),
                    "verdict": label(row["verdict"]),
                },
                reason=row["reason"],
                strong=place.pooling == "within",
            )
    columns = heads("place", "n_obs", "estimate", "verdict")
    told = notes(
        source,
        say("note.interval", level=source.level),
        *comparator_notes(source, frame),
        *methods_note(frame.assign(about="score_correlation"), "about", label),
    )
    id = "tab-hypotheses-sites" if sites else "tab-hypotheses"
    left = frozenset({"verdict"})
    return made.table(id, CAPTIONS["hypotheses"], columns, group="group", left=left, notes=told)


def _expectation(source: Source, row: Row) -> str:
    """Say what was expected: the scale, the comparator, the direction and the size."""
    about = say(
        "hypothesis", scale=source.labels.scale(row["scale"]), comparator=str(row["comparator"])
    )
    code = f"expected.{row['kind']}.{row['direction']}"
    if code not in SENTENCES:
        return about
    return say(code, about=about, minimum=number(row["minimum"]), maximum=number(row["maximum"]))


def comparator_notes(source: Source, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return one sentence for each comparator that says what its key stands for."""
    known = getattr(source.instrument, "comparators", {}) or {}
    return tuple(
        _comparator_note(key, clean(known[key].text), source.answer_texts(key))
        for key in unique(frame["comparator"])
        if key in known
    )


def _comparator_note(key: str, text: str, answers: Mapping[str, str]) -> str:
    """Say what a comparator stands for, and what its codes do: they give it its direction."""
    if not answers:
        return say("note.comparator", key=key, text=text)
    codes = ", ".join(f"{code} {clean(answer)}" for code, answer in answers.items())
    return say("note.comparator_codes", key=key, text=text, codes=codes)


def _group_name(source: Source, row: Row, side: str) -> str:
    """Return the name of a group: the text of its code where it has one."""
    return clean(source.answer_texts(str(row["variable"])).get(str(row[side]), row[side]))


def known_groups_table(source: Source, *, sites: bool) -> Table | None:
    """Return how far known groups are apart, pooled or at each site."""
    frame = source.frame("known_groups")
    if frame.empty:
        return None
    made = Rows()
    for part in grouped(frame, "comparison", "scale").values():
        scale = part[0]["scale"]
        for place, row in in_order(part, source.labels):
            if place.pooled == sites:
                continue
            expected = say(
                "expected.known_groups",
                about=say(
                    "known_groups", scale=source.labels.scale(scale), variable=row["variable"]
                ),
                higher=_group_name(source, row, "higher"),
                lower=_group_name(source, row, "lower"),
                minimum=number(row["minimum_d"]),
            )
            made.add(
                {
                    "group": expected,
                    "place": place_name(source, place),
                    "n_higher": count(row["n_higher"]),
                    "n_lower": count(row["n_lower"]),
                    "g": interval(row["estimate"], row["low"], row["high"]),
                    "verdict": label(row["verdict"]),
                },
                reason=row["reason"],
                strong=place.pooling == "within",
            )
    columns = heads("place", "n_higher", "n_lower", "g", "verdict")
    told = notes(
        source,
        say("note.interval", level=source.level),
        *methods_note(frame.assign(about="g"), "about", label),
    )
    id = "tab-known-groups-sites" if sites else "tab-known-groups"
    left = frozenset({"verdict"})
    return made.table(id, CAPTIONS["known_groups"], columns, group="group", left=left, notes=told)
