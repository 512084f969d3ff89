"""Which columns of a study's tables readers see, and how each cell is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from psychometrics.plots.labels import (
    Labels,
    Place,
    by_place,
    place_of,
    places,
    records,
    unique,
)
from psychometrics.plots.numerals import (
    NOTHING,
    bounds,
    count,
    interval,
    is_missing,
    number,
    p_value,
    percent,
)
from psychometrics.plots.text import clean
from psychometrics.report.claims import Claim
from psychometrics.report.criteria import fit_cutoffs, fit_numbers, passes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, SENTENCES, label, say

Row = dict[str, Any]


def heads(*keys: str) -> dict[str, str]:
    """Return the labels of some columns, in order."""
    return {key: label(key) for key in keys}


def in_order(frame: pd.DataFrame, labels: Labels) -> list[tuple[Place, Row]]:
    """Return the rows of a frame with their places, pooled ones first."""
    order = {place: at for at, place in enumerate(places(frame, labels))}
    pairs = [(place_of(row["pooling"], row["group"]), row) for row in records(frame)]
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
        for key in (*ITEM_COLUMNS, "alpha_if_deleted"):
            cells[key] = _item_cell(key, row.get(key))
        made.add(cells, reason=row.get("reason"))
    columns = heads("item", "text", *ITEM_COLUMNS, "alpha_if_deleted")
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
    if key in {"n_obs", "missing"}:
        return count(value)
    return percent(value) if key in {"floor", "ceiling"} else number(value)


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
    coefficients = unique(frame["coefficient"])
    made = Rows()
    predictions = []
    for scale in unique(frame["scale"]):
        part = frame[frame["scale"] == scale]
        found = {key: by_place(part[part["coefficient"] == key]) for key in coefficients}
        for place in places(part, source.labels):
            cells = {"group": source.labels.scale(scale), "place": place_name(source, place)}
            reason: object = None
            for key in coefficients:
                row = found[key].get(place, {})
                cells[key] = interval(row.get("estimate"), row.get("low"), row.get("high"))
                cells[f"n_{key}"] = count(row.get("n_obs"))
                reason = row.get("reason") if is_missing(reason) else reason
                if place.pooling == "meta" and not is_missing(row.get("prediction_low")):
                    predictions.append(_prediction(source, row, scale, key))
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
        notes=notes(source, say("note.interval", level=source.level), *told, *predictions),
    )


def _prediction(source: Source, row: Row, scale: str, key: str) -> str:
    """Say how much sites differ, and what a further site may show."""
    return say(
        "note.prediction",
        name=say("hypothesis", scale=source.labels.scale(scale), comparator=label(key).lower()),
        i2=percent(row["i2"]),
        prediction=bounds(row["prediction_low"], row["prediction_high"]),
    )


def fit_table(source: Source) -> Table | None:
    """Return the fit of each model, each index beside its own cut-off."""
    frame = source.frame("fit")
    if frame.empty:
        return None
    made = Rows()
    for model in unique(frame["model"]):
        for place, row in in_order(frame[frame["model"] == model], source.labels):
            cells = {
                "group": label(model),
                "place": place_name(source, place),
                "n_obs": count(row["n_obs"]),
                "chi2": _with_df(row["chi2"], row["df"]),
                "p_value": p_value(row["p_value"]),
            }
            for index, criterion in fit_cutoffs().items():
                cells[index] = _marked(row, index, passes(criterion, row[index]))
            made.add(cells, reason=row["reason"], strong=place.pooled)
    columns = heads("place", "n_obs", "chi2", "p_value", "cfi", "tli", "rmsea", "srmr")
    told = notes(source, say("note.fit", **fit_numbers()), *methods_note(frame, "model", label))
    return made.table("tab-fit", CAPTIONS["fit"], columns, group="group", notes=told)


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


def _by_column(rows: Iterable[Row]) -> dict[str, Row]:
    """Return rows by place, as a key that may name a column of a table."""
    return {_column(place_of(row["pooling"], row["group"])): row for row in rows}


def _column(place: Place) -> str:
    return f"at:{place.pooling}:{place.group or ''}"


def _place_columns(source: Source, frame: pd.DataFrame) -> dict[str, str]:
    """Return one column for each place of a frame."""
    return {_column(place): place_name(source, place) for place in places(frame, source.labels)}


def _interval_cell(row: Row) -> str:
    return interval(row["estimate"], row["low"], row["high"])


def loadings_table(source: Source) -> Table | None:
    """Return the loading of each item, one column a place."""
    frame = source.part("convergent", statistic="loading")
    if frame.empty:
        return None
    lines = [
        (source.labels.scale(scale), str(item), _by_column(records(part)))
        for (scale, item), part in frame.groupby(["scale", "item"], sort=False)
    ]
    columns = _place_columns(source, frame)
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
    for scale in unique(frame["scale"]):
        part = frame[frame["scale"] == scale]
        found = {key: by_place(part[part["statistic"] == key]) for key in shown}
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
    for (comparator, scale), part in frame.groupby(["comparator", "scale"], sort=False):
        found = {str(row["pooling"]): row for row in records(part)}
        first = found.get("within") or next(iter(found.values()))
        cells = {
            "group": str(comparator),
            "name": source.labels.scale(scale),
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
        *methods_note(frame, "statistic", label),
    )
    return made.table(
        "tab-correlations", CAPTIONS["correlations"], columns, group="group", notes=told
    )


def discriminant_table(source: Source, poolings: Iterable[str], id: str) -> Table | None:
    """Return all indices of each pair of scales, for some ways of pooling."""
    frame = source.frame("discriminant")
    if frame.empty:
        return None
    made = Rows()
    for pooling in poolings:
        for row in records(frame[frame["pooling"] == pooling]):
            cells = {"group": source.name(pooling, None), "subject": pair_name(source, row)}
            cells["n_obs"] = count(row["n_obs"])
            cells["correlation"] = interval(row["correlation"], row["low"], row["high"])
            cells["class_"] = label(row["class_"])
            for key in ("htmt", "htmt2"):
                cells[key] = interval(row[key], row[f"{key}_low"], row[f"{key}_high"])
            cells["chi2_difference"] = _with_df(row["chi2_difference"], row["df_difference"])
            cells["p_value"] = p_value(row["p_value"])
            cells["fornell_larcker"] = _yes_no(row["fornell_larcker"])
            made.add(cells, reason=row["reason"])
    columns = heads("subject", "n_obs", "correlation", "class_", "htmt", "htmt2")
    columns |= heads("chi2_difference", "p_value", "fornell_larcker")
    cutoffs = frame["cutoff"].dropna()
    cutoff = number(cutoffs.iloc[0] if len(cutoffs) else None)
    told = notes(
        source,
        say("note.interval", level=source.level),
        say("note.discriminant", cutoff=cutoff),
    )
    left = frozenset({"class_", "fornell_larcker"})
    return made.table(id, CAPTIONS["discriminant"], columns, group="group", left=left, notes=told)


def _yes_no(value: object) -> str:
    return NOTHING if is_missing(value) else label("yes" if value else "no")


def pair_name(source: Source, row: Mapping[str, Any]) -> str:
    """Return the names of a pair of scales."""
    return say("pair", a=source.labels.scale(row["scale_a"]), b=source.labels.scale(row["scale_b"]))


def discriminant_sites_table(source: Source) -> Table | None:
    """Return the latent correlation of each pair, one column a site."""
    frame = source.part("discriminant", pooling="site")
    if frame.empty:
        return None
    lines = [
        ("", pair_name(source, records(part)[0]), _by_column(records(part)))
        for _, part in frame.groupby(["scale_a", "scale_b"], sort=False)
    ]
    columns = _place_columns(source, frame)
    made = matrix(lines, columns, lambda row: interval(row["correlation"], row["low"], row["high"]))
    heading = {"name": label("subject"), **columns}
    told = notes(source, say("note.interval", level=source.level))
    return made.table("tab-discriminant-sites", CAPTIONS["discriminant_sites"], heading, notes=told)


def hypotheses_table(source: Source, *, sites: bool) -> Table | None:
    """Return what was expected of comparators and what was found, pooled or at each site."""
    frame = source.frame("hypotheses")
    if frame.empty:
        return None
    made = Rows()
    for key in unique(frame["hypothesis"]):
        for place, row in in_order(frame[frame["hypothesis"] == key], source.labels):
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
        *methods_note(frame.assign(about="hypotheses"), "about", label),
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
        say("note.comparator", key=key, text=clean(known[key].text))
        for key in unique(frame["comparator"])
        if key in known
    )


def known_groups_table(source: Source, *, sites: bool) -> Table | None:
    """Return how far known groups are apart, pooled or at each site."""
    frame = source.frame("known_groups")
    if frame.empty:
        return None
    made = Rows()
    for (_, scale), part in frame.groupby(["comparison", "scale"], sort=False):
        for place, row in in_order(part, source.labels):
            if place.pooled == sites:
                continue
            expected = say(
                "expected.known_groups",
                about=say(
                    "known_groups", scale=source.labels.scale(scale), variable=row["variable"]
                ),
                higher=row["higher"],
                lower=row["lower"],
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
    told = notes(source, say("note.interval", level=source.level))
    id = "tab-known-groups-sites" if sites else "tab-known-groups"
    left = frozenset({"verdict"})
    return made.table(id, CAPTIONS["known_groups"], columns, group="group", left=left, notes=told)


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
    told = notes(source, say("note.interval", level=source.level))
    return made.table(
        "tab-claims", CAPTIONS["claims"], columns, group="group", left=left, notes=told
    )
