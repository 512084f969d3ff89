"""May the sites be compared? What may be, for whom, in words; then tables and plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from psychometrics.plots.labels import grouped, unique
from psychometrics.plots.numerals import count, is_missing, number
from psychometrics.report import comparability_tables as told
from psychometrics.report.blocks import (
    Block,
    Section,
    details,
    downloads,
    figures,
    section,
    table,
    words,
)
from psychometrics.report.comparability_figures import (
    effect_figure,
    ladder_figure,
    mean_figure,
    parameter_figures,
)
from psychometrics.report.comparability_items import TABLES as ITEM_TABLES
from psychometrics.report.comparability_items import (
    attribution_table,
    dif_figures,
    dif_table,
    item_answers,
    same_words_table,
)
from psychometrics.report.source import Source
from psychometrics.report.wording import bdi, label, listed, say, say_html

Row = dict[str, Any]

SENTENCES = {
    "means": "compare.means",
    "means_partial": "compare.means_partial",
    "undecided": "compare.undecided",
    "correlations": "compare.correlations",
    "nothing": "compare.nothing",
}
"""What is said of a scale at the sites of one verdict, from what allows most to what least."""


def comparability_section(source: Source) -> Section:
    """Return the section; empty where the study compared nothing."""
    frame = source.frame("comparability")
    if frame.empty:
        return section("comparability", [])
    blocks: list[Block | None] = [words(say("lead.comparability"))]
    for grouping in unique(frame["grouping"]):
        blocks += _grouping(source, grouping)
    blocks += [
        words(*item_answers(source)),
        table(attribution_table(source)),
        details(
            say("items.details"),
            [
                table(dif_table(source)),
                figures(list(dif_figures(source))),
                table(same_words_table(source)),
            ],
        ),
        downloads(source, *told.DOWNLOADS, *ITEM_TABLES),
    ]
    return section("comparability", blocks)


def _grouping(source: Source, grouping: str) -> list[Block | None]:
    """Return what is said of one grouping."""
    name = [] if grouping == "site" else [say_html("compare.grouping", grouping=label(grouping))]
    return [
        words(*name, *answers(source, grouping)),
        table(told.verdict_table(source, grouping)),
        words(*basis(source, grouping)),
        figures([*mean_figure(source, grouping), *effect_figure(source, grouping)]),
        table(told.item_table(source, grouping)),
        details(
            say("compare.tests"),
            [
                table(told.ladder_table(source, grouping)),
                figures(list(ladder_figure(source, grouping))),
                table(told.mean_table(source, grouping)),
                table(told.alignment_table(source, grouping)),
                table(told.congruence_table(source, grouping)),
            ],
        ),
        details(say("compare.parameters"), [figures(list(parameter_figures(source, grouping)))]),
    ]


def answers(source: Source, grouping: str = "site") -> list[Markup]:
    """Say what may be compared: what all scales share first, then scale by scale."""
    rows = [row for row in told.rows_of(source, "comparability", grouping)]
    groups = [row for row in rows if not is_missing(row["group"])]
    by_scale = grouped(groups, "scale")
    if not by_scale:
        why = next((str(row["reason"]) for row in rows if not is_missing(row["reason"])), "")
        return [say_html("compare.not_done", reason=bdi(why))]
    found: list[Markup] = []
    clean = [
        scale
        for scale, own in by_scale.items()
        if {row["may_compare"] for row in own} <= {"means", "unavailable"}
        and any(row["may_compare"] == "means" for row in own)
    ]
    for sites, scales in _by_sites(source, {scale: by_scale[scale] for scale in clean}).items():
        found.append(say_html("compare.means_of", scales=_scales(source, scales), sites=sites))
    for scale, own in by_scale.items():
        if scale not in clean:
            found += _scale_answers(source, scale, own)
    if any(row["may_compare"] == "means" for own in by_scale.values() for row in own):
        found.append(say_html("compare.no_proof"))
    return [*found, *_not_known(source, groups)]


def _by_sites(source: Source, by_scale: dict[str, list[Row]]) -> dict[Markup, list[str]]:
    """Gather the scales whose means the same sites may compare."""
    found: dict[Markup, list[str]] = {}
    for scale, own in by_scale.items():
        sites = _names(source, [row for row in own if row["may_compare"] == "means"])
        found.setdefault(sites, []).append(scale)
    return found


def _scale_answers(source: Source, scale: str, own: Sequence[Row]) -> Iterator[Markup]:
    """Yield one sentence a verdict."""
    name = bdi(source.labels.scale(scale))
    for verdict, code in SENTENCES.items():
        here = [row for row in own if row["may_compare"] == verdict]
        if not here or (verdict == "means" and len(here) == 1):
            continue
        items = unique(item for row in here for item in str(row["items"]).split(", ") if item)
        yield say_html(
            code, scale=name, sites=_names(source, here), items=Markup(listed(_bdi(items))),
            bias=_bias(source, here),
        )  # fmt: skip


def _bias(source: Source, rows: Sequence[Row]) -> Markup:
    """Say by how much mean scores are off, in points of an answer."""
    known = [row for row in rows if not is_missing(row["bias"]) and float(row["bias"]) != 0.0]
    told_ = [
        say("compare.points", site=source.labels.site(row["group"]), points=_signed(row["bias"]),
            low=_signed(row["low"]), high=_signed(row["high"]))
        for row in known
    ]  # fmt: skip
    return Markup(listed(_bdi(told_))) if told_ else Markup(say("compare.no_points"))


def _signed(value: object) -> str:
    """Write a number with its sign."""
    text = number(value)
    return text if text.startswith(("−", "-")) else f"+{text}"


def _not_known(source: Source, groups: Sequence[Row]) -> Iterator[Markup]:
    """Say who could not be compared, and why; once where it is so for all scales."""
    reasons: dict[str, dict[str, list[Row]]] = {}
    for row in groups:
        if row["may_compare"] == "unavailable" and not is_missing(row["reason"]):
            reasons.setdefault(str(row["reason"]), {}).setdefault(str(row["scale"]), []).append(row)
    every = len({str(row["scale"]) for row in groups})
    for why, by_scale in reasons.items():
        sites = _names(source, [row for own in by_scale.values() for row in own])
        if len(by_scale) == every:
            yield say_html("compare.unavailable", sites=sites, reason=bdi(why))
        else:
            scales = _scales(source, list(by_scale))
            yield say_html("compare.unavailable_of", scales=scales, sites=sites, reason=bdi(why))


def basis(source: Source, grouping: str) -> Iterator[Markup]:
    """Say what the answers rest on: models, people, tests, and what they can't show."""
    ladder = told.rows_of(source, "invariance", grouping)
    fitted = [row for row in ladder if not is_missing(row["chi2"])]
    for row in ladder:
        if is_missing(row["chi2"]) and fitted and not is_missing(row["reason"]):
            yield say_html("compare.refused", model=told.model_name(source, row["model"]),
                           reason=bdi(str(row["reason"])))  # fmt: skip
    if not fitted:
        return
    first = fitted[0]
    shuffled = [row for row in fitted if not is_missing(row["permutation_p"])]
    if shuffled:
        yield say_html("compare.by_permutation", n=count(shuffled[0]["n_samples"]))
    else:
        yield say_html("compare.by_tests")
    if not is_missing(first["n_obs"]):
        left_out = max(float(row["n_left_out"]) for row in fitted)
        if left_out > 0:
            yield say_html("compare.complete", n=count(first["n_obs"]), left_out=count(left_out))
    weak = [row for row in fitted if row["verdict"] == "no_difference_found"
            and row["equivalence"] not in ("", "excellent", "close")]  # fmt: skip
    if weak:
        levels = unique(label(f"level.{row['level']}").lower() for row in weak)
        yield say_html("compare.not_equal", levels=listed(levels))
    elif any(row["verdict"] == "no_difference_found" for row in fitted):
        yield say_html("compare.no_proof")
    if grouping == "site":
        yield say_html("compare.design")


def _names(source: Source, rows: Sequence[Row]) -> Markup:
    """Return the names of the groups of some rows."""
    return Markup(listed(_bdi(source.labels.site(key) for key in unique(r["group"] for r in rows))))


def _scales(source: Source, scales: Sequence[str]) -> Markup:
    return Markup(listed(_bdi(source.labels.scale(scale) for scale in scales)))


def _bdi(names: Any) -> list[str]:
    return [str(bdi(name)) for name in names]


def brief(source: Source) -> list[str]:
    """Return the answers as plain text, for the summary and a notebook."""
    if source.frame("comparability").empty:
        return []
    return [line.striptags() for line in answers(source)]
