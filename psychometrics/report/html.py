"""The page: one HTML file that needs no network and runs nothing but its own few lines."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from psychometrics.errors import DataError
from psychometrics.plots.labels import records
from psychometrics.plots.numerals import count, is_missing
from psychometrics.report import section_tables as told
from psychometrics.report.blocks import details, table
from psychometrics.report.claims import Claim, group_claims, headline, read_claims
from psychometrics.report.criteria import Criteria
from psychometrics.report.glossary import asked_for, linked, linked_phrases, source_of
from psychometrics.report.overview import overviews
from psychometrics.report.sections import all_sections
from psychometrics.report.short_intervals import MARK, mark_note, short_claims
from psychometrics.report.source import Source
from psychometrics.report.wording import bdi, say, say_html

if TYPE_CHECKING:
    from jinja2 import Template

LOCALES = ("en",)
GLOSSARY_HERE = "<!-- glossary -->"
SHOWN_FIRST = 6
"""Claims of one property that are shown at once; the others are opened on demand."""


def check_locale(locale: str) -> None:
    """Refuse a locale in which there is no report.

    Raises
    ------
    DataError
        If `locale` is none of `LOCALES`.
    """
    if locale not in LOCALES:
        raise DataError(say("locale_unknown", locale=locale, allowed=", ".join(LOCALES)))


def read_headline(source: Source, criteria: Criteria) -> list[Claim]:
    """Return the claims of the first screen."""
    frame = source.frame("claims")
    if frame.empty:
        return []
    claims = read_claims(frame, source.labels, criteria.told)
    short = short_claims(source)
    return [
        replace(one, value=f"{one.value} {MARK}") if one.key in short else one for one in claims
    ]


def render(source: Source, *, locale: str = "en") -> str:
    """Return the page as text.

    Parameters
    ----------
    source : Source
        What it is told from; small groups are withheld already.
    locale : str
        Language of the page.
    """
    check_locale(locale)
    criteria = Criteria.of(source)
    claims = read_headline(source, criteria)
    everything = table(told.claims_table(source, claims)) if claims else None
    style, script = _asset("report.css"), _asset("report.js")
    page = _template("report.html.j2").render(
        glossary=Markup(GLOSSARY_HERE),
        linked=linked,
        short_note=Markup(linked_phrases(mark_note([{"value": one.value} for one in claims]))),
        lang=locale,
        policy=_policy(script),
        style=Markup(style),
        script=Markup(script),
        say=say_html,
        title=say_html("title", title=bdi(source.instrument.title)),
        plain_title=say("title", title=source.instrument.title),
        subtitle=_subtitle(source),
        construct=bdi(source.instrument.construct),
        version=say("version", id=source.instrument.id, version=source.instrument.version),
        simulated=source.simulated,
        headline=headline(claims),
        overviews=overviews(claims),
        groups=group_claims(claims),
        shown_first=SHOWN_FIRST,
        level=source.level,
        has_sites=any(claim.sites for claim in claims),
        sites_withheld=any(one.pooling == "site" for one in source.protected.withheld),
        claims_table=details(say("claims.all"), [everything]),
        poolings=_poolings(source),
        pooling_name=lambda key: source.name(key, None),
        sections=all_sections(source, claims, criteria),
    )
    return page.replace(GLOSSARY_HERE, _glossary(page))


def _glossary(page: str) -> str:
    """Return the entries that a page leads to, as its last section."""
    entries = asked_for(page)
    return _template("glossary.html.j2").render(
        say=say_html,
        entries=entries,
        names={entry.id: entry.name for entry in entries},
        source_of=source_of,
    )


def _subtitle(source: Source) -> Markup:
    """Say how many people answered how many items at how many sites."""
    rows = records(source.part("sample", pooling="total"))
    total = rows[0]["n_rows"] if rows else None
    size: dict[str, Any] = {
        "items": len(source.instrument.items),
        "scales": len(source.instrument.scales),
    }
    if is_missing(total):
        return say_html("subtitle.none", **size)
    sites = sum(
        is_missing(row["n_rows"]) or row["n_rows"] > 0
        for row in records(source.part("sample", pooling="site"))
    )
    if sites < 2:
        return say_html("subtitle.one", n=count(total), **size)
    return say_html("subtitle", n=count(total), sites=sites, **size)


def _poolings(source: Source) -> list[tuple[str, str]]:
    """Return name and explanation of each way of pooling that occurs."""
    present: set[str] = set()
    for frame in source.protected.tables.values():
        if "pooling" in frame:
            present.update(map(str, frame["pooling"]))
    return [
        (source.name(key, None), say(f"pooling.{key}"))
        for key in ("within", "total", "meta")
        if key in present
    ]


def _policy(script: str) -> str:
    """Return a content security policy that lets the page's own script run and nothing else."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _asset(name: str) -> str:
    """Return a file of the templates folder."""
    return (files("psychometrics.report") / "templates" / name).read_text(encoding="utf-8").strip()


@cache
def _template(name: str) -> Template:
    """Return a template; whatever is filled in is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset(name))
